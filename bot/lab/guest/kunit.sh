#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs every KUnit suite of the kernel through debugfs and tells their results as parts of one test.

top=/sys/kernel/debug/kunit
set -- "$top"/*/run
if [ ! -e "$1" ]; then
	echo "1..0 # SKIP no KUnit suite in this kernel (CONFIG_KUNIT, debugfs)"
	exit 4
fi
echo "KTAP version 1"
number=0
for run in "$@"; do
	number=$((number + 1))
	echo 1 >"$run"
	# The head and the number of each file are those of a test on its own.
	sed -e '1,2d' -e "s/^ok 1 /ok $number /" -e "s/^not ok 1 /not ok $number /" "${run%/run}/results"
done
echo "1..$number"
