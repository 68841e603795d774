# shellcheck shell=bash
# What every .bats file loads: `load helpers`.
#
#	EXTRASAFE   the command under test
#	ES_BUILD    "release" or "asan": which build it is
#	ES_PROG     the folder of the programs of tests/prog
#	TOP         the top of the source tree

bats_require_minimum_version 1.5.0

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${EXTRASAFE:=$TOP/build/release/prefix/bin/extrasafe}"
: "${ES_BUILD:=release}"
: "${ES_PROG:=$TOP/build/$ES_BUILD/tests}"
export TOP EXTRASAFE ES_BUILD ES_PROG

xs() {
	"$EXTRASAFE" "$@"
}

# Runs a command without any privilege; who has none already runs it as is.
as_user() {
	if [[ $EUID -ne 0 ]]; then
		"$@"
	else
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	fi
}

# expect STATUS COMMAND...: runs a command and requires its exit status. Leaves
# $status, $output (standard output) and $stderr. What it prints is shown by
# bats only where the test fails, then or later.
expect() {
	local want=$1 wrong=0
	shift
	run "-$want" --separate-stderr "$@" || wrong=1
	tell "$@"
	[[ $wrong -eq 0 ]] || {
		echo "expected status: $want"
		return 1
	}
}

tell() {
	printf '$ %s\nstatus: %s\n' "${*@Q}" "${status-}"
	printf 'stdout: %s\n' "${output-}"
	printf 'stderr: %s\n' "${stderr-}"
}

# contains TEXT PART: TEXT has PART in it, literally.
contains() {
	[[ $1 == *"$2"* ]] || {
		printf 'no %s in: %s\n' "${2@Q}" "$1"
		return 1
	}
}

# What a kernel or a machine lacks skips a test, but not in CI.
skip_without() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}
