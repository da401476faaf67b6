#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs lorebot from a checkout. Makes .venv beside this file when it is missing or out of date; else it costs
# a few milliseconds.
#
#   ./bot.sh demo                                    the main job on bundled input
#   ./bot.sh check [--strict] [--long] [ARGS...]     every gate; ARGS go to pytest
#   ./bot.sh sizes | golden                          see CONTRIBUTING.md
#   ./bot.sh lock                                    write .ci/lock.txt anew from pyproject.toml
#   ./bot.sh lorebot check ...                       the static checks of a kernel tree: lorebot's own command
#   ./bot.sh ANYTHING ELSE                           python -m bot ANYTHING ELSE, in the directory you are in
#
# PYTHON names the interpreter to use; without it the newest Python >= 3.11 on the PATH is taken.
set -u

case $0 in
*/*) self=$0 ;;
*) self=./$0 ;;
esac
while [ -L "$self" ]; do
	target=$(readlink "$self")
	case $target in
	/*) self=$target ;;
	*) self=${self%/*}/$target ;;
	esac
done
here=$(CDPATH='' cd -- "${self%/*}" && pwd -P) || exit 3
venv=$here/.venv
lock=$here/.venv.lock
python=$venv/bin/python

say() { printf 'bot.sh: %s\n' "$*" >&2; }

# die STATUS WORDS: 2 is the user's mistake, 3 a failure of the surroundings, as in the tool itself.
die() {
	status=$1
	shift
	say "$*"
	exit "$status"
}

# --- is .venv what pyproject.toml and the lock ask for? ---------------------------------------------------------------

# The directory counts because a venv that was moved keeps its old paths.
wanted() { printf '%s\n' "$here" && cd "$here" && cksum pyproject.toml .ci/lock.txt; }

ready() {
	[ -x "$python" ] && [ -f "$venv/lorebot.stamp" ] || return 1
	[ "$(cat "$venv/lorebot.stamp")" = "$(wanted)" ] || return 1
	[ -z "${PYTHON:-}" ] || [ "$(cat "$venv/lorebot.python" 2>/dev/null)" = "$(command -v "$PYTHON")" ]
}

# --- find Python ------------------------------------------------------------------------------------------------------

# Prints the interpreter's own path, symlinks resolved: a later upgrade of `python3` must not change it under .venv.
probe() {
	"$1" -c 'import os, sys
if sys.version_info < (3, 11): sys.exit(1)
print(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))' 2>/dev/null
}

find_python() {
	if [ -n "${PYTHON:-}" ]; then
		probe "$PYTHON" || die 2 "PYTHON=$PYTHON is not a Python 3.11 or newer; unset PYTHON or name another"
		return
	fi
	for name in python3.14 python3.13 python3.12 python3.11 python3; do
		probe "$name" && return
	done
	die 3 "no Python 3.11 or newer on the PATH; $(install_line python)"
}

install_line() {
	family=$(
		ID='' ID_LIKE=''
		# shellcheck source=/dev/null
		[ -r /etc/os-release ] && . /etc/os-release
		printf '%s %s' "$ID" "$ID_LIKE"
	)
	case $1:$family in
	python:*debian* | python:*ubuntu*) echo 'install it: apt-get install python3 python3-venv' ;;
	venv:*debian* | venv:*ubuntu*) echo 'install it: apt-get install python3-venv' ;;
	*:*fedora* | *:*rhel*) echo 'install it: dnf install python3 python3-pip' ;;
	*) echo 'install it with your package manager' ;;
	esac
}

# --- one set-up at a time ---------------------------------------------------------------------------------------------

alive() { [ -n "$1" ] && { kill -0 "$1" 2>/dev/null || ps -p "$1" >/dev/null 2>&1; }; }

# A set-up is alive while its shell is, or the pip that a killed shell left behind.
held() { alive "$(cat "$lock/pid" 2>/dev/null)" || alive "$(cat "$lock/child" 2>/dev/null)"; }

# A lock left by a killed set-up is broken under a second lock, in which the owner is looked at again: two that both
# saw it dead would else both go in.
break_lock() {
	mkdir "$lock.break" 2>/dev/null || return 0
	held || rm -rf "$lock"
	rmdir "$lock.break"
}

take_lock() {
	waited=0
	until mkdir "$lock" 2>/dev/null; do
		[ -d "$lock" ] || [ -w "$here" ] || die 3 "cannot write in $here; make it writable"
		# Between a holder's mkdir and its pid there is a moment without an owner.
		if [ -e "$lock/pid" ] || [ "$waited" -ge 10 ]; then
			held || break_lock
		fi
		[ "$waited" -ne 2 ] || say "waiting for another set-up to finish"
		[ "$waited" -lt 900 ] || die 3 "another set-up still holds $lock; remove that directory if none is running"
		sleep 1
		waited=$((waited + 1))
	done
	trap 'drop_lock' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	echo $$ >"$lock/pid"
}

drop_lock() {
	trap - EXIT INT TERM HUP
	if [ -f "$lock/child" ]; then
		child=$(cat "$lock/child")
		kill "$child" 2>/dev/null
		wait "$child" 2>/dev/null
	fi
	rm -rf "$lock"
}

# Runs what changes .venv; its process id stands in the lock.
under_lock() {
	"$@" >&2 &
	echo $! >"$lock/child"
	wait $!
	status=$?
	rm -f "$lock/child"
	return $status
}

# --- make .venv -------------------------------------------------------------------------------------------------------

# A finished .venv has a stamp. One without was interrupted and is thrown away; one whose stamp is old is brought
# up to date.
make_venv() {
	base=$(find_python) || exit
	if [ -f "$venv/lorebot.stamp" ] && [ "$(probe "$python")" = "$base" ]; then
		say 'bringing .venv up to date'
		mv "$venv/lorebot.stamp" "$venv/lorebot.stamp.old"
	else
		say "making .venv with $base (once; it takes a minute or two)"
		"$base" -c 'import ensurepip, venv' 2>/dev/null || die 3 "$base has no venv module; $(install_line venv)"
		under_lock "$base" -m venv --clear "$venv" || die 3 "cannot make $venv; see the lines above"
	fi
	install 'the packages of .ci/lock.txt' -r "$here/.ci/lock.txt"
	install 'lorebot itself' --no-deps --no-build-isolation -e "$here"
	printf '%s\n' "${PYTHON:+$(command -v "$PYTHON")}" >"$venv/lorebot.python"
	wanted >"$venv/lorebot.stamp.new" && mv "$venv/lorebot.stamp.new" "$venv/lorebot.stamp"
	rm -f "$venv/lorebot.stamp.old"
}

# pip that refuses (no network, no such version) has changed nothing: the old .venv stays in use for the next try.
install() {
	what=$1
	shift
	under_lock "$python" -m pip --disable-pip-version-check --no-input -qq install "$@" && return
	[ ! -f "$venv/lorebot.stamp.old" ] || mv "$venv/lorebot.stamp.old" "$venv/lorebot.stamp"
	die 3 "cannot install $what; see pip's lines above, then run this again"
}

set_up() {
	ready && return
	take_lock
	ready || make_venv
	drop_lock
}

# --- check ------------------------------------------------------------------------------------------------------------

count=0
failed=''

# Nothing here may hang for ever; the limits are far above what a slow machine needs.
limited() {
	minutes=$1
	shift
	if timeout --foreground 1 true 2>/dev/null; then
		timeout --foreground -k 10 "${minutes}m" "$@"
	else
		"$@"
	fi
}

gate() {
	name=$1 minutes=$2
	shift 2
	count=$((count + 1))
	printf '\n== gate %s of 6: %s\n' "$count" "$name"
	limited "$minutes" "$@"
	status=$?
	[ "$status" -ne 124 ] || printf '%s took longer than %s minutes\n' "$name" "$minutes"
	[ "$status" -eq 0 ] || failed="$failed${failed:+, }$name"
}

check() {
	patience=20
	for word in "$@"; do
		shift
		case $word in
		--strict) word=--strict-tools ;; # pytest has a --strict of its own
		--long) patience=80 ;;
		-h | --help | --rev | --range | --series | --tree)
			die 2 "check runs the gates of this checkout: check [--strict] [--long] [ARGS of pytest]; the static checks of a kernel tree are ./bot.sh lorebot check"
			;;
		esac
		set -- "$@" "$word"
	done
	cd "$here" || exit 3
	trap 'exit 130' INT
	gate format 5 "$python" -m ruff format --check .
	gate lint 5 "$python" -m ruff check .
	gate types 10 "$python" -m mypy
	gate imports 5 "$venv/bin/lint-imports"
	gate sizes 2 "$python" -m tests.sizes
	gate tests "$patience" "$python" -m pytest "$@"
	if [ -n "$failed" ]; then
		printf '\nbot.sh check: failed: %s\n' "$failed"
		exit 1
	fi
	printf '\nbot.sh check: all %s gates passed\n' "$count"
}

# A fresh environment outside the checkout, so that nothing installed by hand slips into the lock.
write_lock() {
	base=$(find_python) || exit
	scratch=$(mktemp -d) || exit 3
	trap 'rm -rf "$scratch"' EXIT
	"$base" -m venv "$scratch" || die 3 "cannot make an environment; $(install_line venv)"
	"$base" -c 'import sys, tomllib
project = tomllib.load(open(sys.argv[1], "rb"))["project"]
print(*project["dependencies"], *project["optional-dependencies"]["dev"], sep="\n")' \
		"$here/pyproject.toml" >"$scratch/asked.txt" || exit 3
	"$scratch/bin/python" -m pip --disable-pip-version-check install --quiet -r "$scratch/asked.txt" ||
		die 3 "cannot resolve the dependencies; see pip's lines above"
	{
		echo '# SPDX-License-Identifier: GPL-2.0-or-later'
		echo '# What ./bot.sh installs: pyproject.toml and its dev extra, resolved. ./bot.sh lock writes it.'
		"$scratch/bin/python" -m pip --disable-pip-version-check freeze --exclude pip --exclude setuptools
	} >"$scratch/lock.txt" && mv "$scratch/lock.txt" "$here/.ci/lock.txt"
}

case ${1-} in
lock)
	write_lock
	exit
	;;
esac

set_up
case ${1-} in
check)
	shift
	check "$@"
	;;
lorebot)
	# The tool's own command of a name that bot.sh uses itself: ./bot.sh lorebot check --rev HEAD
	shift
	exec "$python" -P -m bot "$@"
	;;
sizes | quality | bench)
	module=$1
	shift
	[ -e "$here/tests/$module.py" ] || [ -d "$here/tests/$module" ] || die 2 "this version has no $module"
	cd "$here" && exec "$python" -m "tests.$module" "$@"
	;;
golden)
	shift
	cd "$here" && exec "$python" -m pytest --update-golden "$@"
	;;
*)
	# -P: a kernel tree that happens to hold a bot/ or a click.py must not be imported from.
	exec "$python" -P -m bot "$@"
	;;
esac
