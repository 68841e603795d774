#!/usr/bin/env bats
# The command is held by its own library while it reads profiles. What it can do
# then, test-confine and test-apart try; here is that it is so. Sanitized
# commands are not confined.

load helpers
load programs

setup() {
	PROFILES=$(realpath "${EXTRASAFE%/*}/../share/extrasafe/profiles")
	export XDG_CONFIG_HOME=/nonexistent
	cd "$BATS_TEST_TMPDIR" || return
	cat >own.yaml <<-'END'
		extrasafe: 1
		allow: {SystemIO: [stdio]}
	END
	printf 'extrasafe: 1\ninclude: [own.yaml]\n' >above.yaml
}

# Which of the calls that confine are made, by the command itself and by what it
# starts: `self seccomp`, `child seccomp`.
confining() {
	local pid
	strace -f -qq -o trace \
		-e trace=execve,seccomp,landlock_restrict_self \
		"$EXTRASAFE" "$@" >told
	pid=$(awk '/execve/ { print $1; exit }' trace)
	awk -v pid="$pid" '!/execve|GET_ACTION_AVAIL/ && / = 0$/ {
		sub(/\(.*/, "", $2)
		print ($1 == pid ? "self" : "child"), $2
	}' trace | sort -u
}

@test "itself: check and why confine themselves, and who reads YAML for them" {
	skip_without strace
	local args want
	want=$'child seccomp\nself landlock_restrict_self\nself seccomp'
	for args in 'check own.yaml' 'check above.yaml' 'check compute' \
		'why -p own.yaml brk(NULL)' 'why -p compute brk(NULL)'; do
		# shellcheck disable=SC2086 # words
		run -0 confining $args
		[[ $output == "$want" ]]
	done
}

@test "itself: list confines itself" {
	skip_without strace
	local what
	for what in profiles sets syscalls Time; do
		run -0 confining list "$what"
		[[ $output == $'self landlock_restrict_self\nself seccomp' ]]
	done
}

@test "itself: run has who reads YAML confined, and nobody for installed profiles" {
	skip_without strace
	local program
	program=$'self landlock_restrict_self\nself seccomp'
	run -0 confining run --arm exec -p own.yaml -- /bin/true
	[[ $output == $'child seccomp\n'"$program" ]]
	run -0 confining run --arm exec -p "$PROFILES/compute.yaml" -- /bin/true
	[[ $output == $'child seccomp\n'"$program" ]]
	run -0 confining run --arm exec -p compute -a Time.all -- /bin/true
	[[ $output == "$program" ]]
}

@test "itself: a filter and no_new_privs are in force while why waits" {
	local pid
	mkfifo trace
	"$EXTRASAFE" why -p own.yaml <trace >told 3>&- &
	pid=$!
	exec 9>trace
	within 20 grep -q '^Seccomp:.*2' "/proc/$pid/status"
	grep -q '^NoNewPrivs:.*1' "/proc/$pid/status"
	echo 'getpid() = 1' >&9
	exec 9>&-
	wait "$pid"
	grep -q 'allowed: 1' told
}

@test "itself: where it can't be had, a warning says so, and the answer is the same" {
	local args
	for args in 'check own.yaml' 'why -p own.yaml brk(NULL)' 'list Time'; do
		# shellcheck disable=SC2086
		expect 0 "$EXTRASAFE" $args
		[[ -z $stderr ]]
		wanted=$output
		# shellcheck disable=SC2086
		expect 0 "$EXTRASAFE" run -a SystemIO.everything \
			-a 'ForkAndExec: {all: yes_really}' -- "$EXTRASAFE" $args
		[[ $output == "$wanted" ]]
		contains "$stderr" \
			"warning: the command goes on without confinement"
	done
	# Within one that lets filters be added, but no process be forked.
	expect 0 "$EXTRASAFE" run -a SystemIO.everything \
		-a 'SelfConfinement: [no_new_privs, seccomp, landlock]' \
		-a "ForkAndExec: {exec_path: [$(type -P echo)]}" -- \
		"$EXTRASAFE" run --arm exec -p own.yaml -- echo hello
	[[ $output == hello ]]
	contains "$stderr" "warning: profiles are read without confinement"
}

@test "itself: kernels without Landlock have the filter" {
	local abi
	for abi in 0 1 3; do
		expect 0 "$ES_PROG/abi" "$abi" "$EXTRASAFE" check own.yaml
		[[ $stderr != *"without confinement"* ]]
		expect 0 "$ES_PROG/abi" "$abi" "$EXTRASAFE" list Time
		[[ -z $stderr ]]
	done
}

@test "itself: who reads YAML is confined in a pid namespace of its own as well" {
	skip_without strace
	[[ $EUID -eq 0 ]] || skip "needs root, to make one"
	strace -f -qq -o trace -e trace=seccomp \
		unshare -p "$EXTRASAFE" run --arm exec -p own.yaml -- /bin/true
	[[ $(grep -c 'SET_MODE_FILTER.* = 0$' trace) -eq 2 ]]
}

@test "itself: a limit of processor time that is lower already does no harm" {
	local lower=(bash -c 'ulimit -t 5; exec "$@"' -)
	# Root could raise it.
	[[ $EUID -ne 0 ]] ||
		lower=(setpriv --bounding-set=-sys_resource "${lower[@]}")
	expect 0 "${lower[@]}" "$EXTRASAFE" run --arm exec -p own.yaml -- \
		/bin/true
	[[ -z $stderr ]]
	expect 0 "${lower[@]}" "$EXTRASAFE" check own.yaml
	[[ -z $stderr ]]
}

@test "itself: standard input that is closed is no empty trace" {
	expect 125 bash -c '"$EXTRASAFE" why -p own.yaml <&-'
	contains "$stderr" "can't read standard input"
}
