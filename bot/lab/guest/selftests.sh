#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs programs of the tree's own selftests one after the other: each argument is a program with its arguments, each
# one result, with what the program itself reports nested below it. PROGRAM.lost tells why a patch's program is not
# there, PROGRAM.unmade why the machine that builds could not make it.

pages=/proc/sys/vm/nr_hugepages
before=$(cat "$pages" 2>/dev/null)
[ -z "$before" ] || echo 16 >"$pages"

echo "KTAP version 1"
echo "1..$#"
number=0
for line in "$@"; do
	number=$((number + 1))
	program=${line%% *}
	if [ -e "$program.lost" ]; then
		while IFS= read -r why; do
			echo "# $why"
		done <"$program.lost"
		echo "not ok $number $line"
	elif [ -e "$program.unmade" ]; then
		IFS= read -r why <"$program.unmade"
		echo "ok $number $line # SKIP $why"
	elif [ ! -e "$program" ]; then
		echo "ok $number $line # SKIP the tree has no $program that compiles"
	else
		{
			# Split on purpose: these are words of ours.
			# shellcheck disable=SC2086
			timeout -s KILL 60 ./$line
			echo $? >/lorebot/run/selftest
		} 2>&1 | sed 's/^/  /'
		read -r status </lorebot/run/selftest
		case $status in
		0) echo "ok $number $line" ;;
		4) echo "ok $number $line # SKIP" ;;
		*) printf '# it ended with status %s\nnot ok %s %s\n' "$status" "$number" "$line" ;;
		esac
	fi
done
[ -z "$before" ] || echo "$before" >"$pages"
