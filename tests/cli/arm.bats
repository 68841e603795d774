#!/usr/bin/env bats
# `arm`: from its entry point on, a program has what its profile names and
# nothing else; it is who was started, and nobody stays beside it.

load helpers
load programs

setup_file() {
	make_world
	build arm gcc -pthread arm.c
	build arm-nopie gcc -pthread -no-pie arm.c
	build arm-static gcc -pthread -static arm.c
	build arm-static-pie gcc -pthread -static-pie arm.c
	build arm-musl musl-gcc arm.c
	build arm-musl-static musl-gcc -static arm.c
	build libconstructor.so gcc -pthread -shared -fPIC constructor.c
	build arm-library gcc -pthread arm.c -L"$WORLD/bin" \
		-Wl,--no-as-needed -lconstructor -Wl,-rpath,"$WORLD/bin"
	build_go goroutines
	if command -v rustc >/dev/null; then
		rustc -O -o "$WORLD/bin/arm-rust" "$TOP/tests/prog/arm.rs" >&2
	fi
}

teardown_file() {
	unmake_world
}

setup() {
	STARTED=()
	A=$WORLD/bin/arm
	L=$WORLD/bin/arm-library
}

teardown() {
	end_started
}

KINDS=(arm arm-nopie arm-static arm-static-pie arm-musl arm-musl-static)
# What a program with threads and children needs to tell of them.
OTHERS='{SystemIO: [stdio, read: {fds: opened}, write: {fds: opened}],
	Pipes: create, Threads: create, ForkAndExec: [fork, wait],
	Events: [epoll], Time: sleep}'
STATE='{SystemIO: [stdio, {read_path: /proc/self}, close, metadata],
	ForkAndExec: wait}'

# what_is_denied: the lines of `arm all` that are not ok.
what_is_denied() {
	sed -n 's/: E.*//p' <<<"$output" | tr '\n' ' '
}

@test "arm: from the entry point on, every kind of program is held to its profile" {
	local who kind moment
	for who in $(users); do
		for kind in "${KINDS[@]}"; do
			[[ -x $WORLD/bin/$kind ]] || continue
			for moment in auto entry; do
				expect 0 as "$who" "$XS" run --arm "$moment" \
					-a SystemIO.stdout -- "$WORLD/bin/$kind" all
				[[ $(what_is_denied) == "open read map execute exec fork socket seccomp " ]]
				contains "$output" "write: ok"
			done
		done
		# Its loader's rights are for good without: the twin of each of
		# these is denied above.
		expect 0 as "$who" "$XS" run --arm exec -a SystemIO.stdout -- \
			"$A" all
		[[ $(what_is_denied) == "read execute exec fork socket seccomp " ]] ||
			[[ $(what_is_denied) == "execute exec fork socket seccomp " ]]
	done
}

@test "arm: the second layer is there, and nobody stays" {
	local who layers
	for who in $(users); do
		for layers in exec:1 entry:2 auto:2; do
			expect 0 as "$who" "$XS" run --arm "${layers%:*}" \
				-a "$STATE" -- "$A" state
			contains "$output" "Seccomp_filters:	${layers#*:}"
			contains "$output" "TracerPid:	0"
			contains "$output" "NoNewPrivs:	1"
			contains "$output" "children: ECHILD"
			contains "$output" "Name:	arm"
			[[ $output != *"descriptor "* ]]
		done
	done
	expect 0 xs run -a "$STATE" -- "$WORLD/bin/arm-static" state
	contains "$output" "Seccomp_filters:	1"
}

@test "arm: the program's text is its own again" {
	local kind
	for kind in "${KINDS[@]}"; do
		[[ -x $WORLD/bin/$kind ]] || continue
		expect 0 xs run --arm entry -a SystemIO.stdout -- \
			"$WORLD/bin/$kind" text
		[[ $output == "text: ok" ]]
	done
}

@test "arm: SIGTRAP stays ignored, and blocked" {
	expect 0 bash -c "trap '' TRAP; exec \"\$@\"" - \
		"$XS" run -a "$STATE" -- "$A" state
	contains "$output" "SigIgn:	0000000000000010"
	contains "$output" "SigBlk:	0000000000000000"
	expect 0 perl -e 'use POSIX; sigprocmask(SIG_BLOCK,
		POSIX::SigSet->new(SIGTRAP)) or die; exec @ARGV' \
		"$XS" run -a "$STATE" -- "$A" state
	contains "$output" "SigIgn:	0000000000000000"
	contains "$output" "SigBlk:	0000000000000010"
	expect 0 xs run -a "$STATE" -- "$A" state
	contains "$output" "SigIgn:	0000000000000000"
	contains "$output" "SigBlk:	0000000000000000"
}

@test "arm: SIGCHLD that is ignored stays so, and nobody is waited for" {
	expect 0 bash -c "trap '' CHLD; exec \"\$@\"" - \
		"$XS" run -a "$STATE" -- "$A" state
	contains "$output" "SigIgn:	0000000000010000"
	contains "$output" "children: ECHILD"
	contains "$output" "Seccomp_filters:	2"
}

@test "arm: as process 1, and as who gets the orphans, no child is seen" {
	[[ $EUID -eq 0 ]] || skip "needs root"
	expect 0 unshare --pid --fork --mount-proc \
		"$XS" run -a "$STATE" -- "$A" state
	contains "$output" "children: ECHILD"
	contains "$output" "Seccomp_filters:	2"
	expect 0 python3 -c 'import ctypes, os, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])' "$XS" run -a "$STATE" -- "$A" state
	contains "$output" "children: ECHILD"
	contains "$output" "Seccomp_filters:	2"
}

@test "arm: the launcher is the program: number, status, signals" {
	local who run_as
	for who in $(users); do
		run_as "$who"
		"${run_as[@]}" "$XS" run -a SystemIO.stdout -- "$A" wait &
		STARTED+=($!)
		until [[ $(tr '\0' ' ' <"/proc/$!/cmdline") == "$A wait " &&
			$(awk '/TracerPid/ { print $2 }' "/proc/$!/status") == 0 ]]; do
			kill -0 "$!"
		done
		[[ $(awk '/^State/ { print $2 }' "/proc/$!/status") == [SR] ]]
		kill -TERM "$!"
		wait "$!" || [[ $? -eq 143 ]]
		expect 2 as "$who" "$XS" run -a SystemIO.stdout -- "$A" unknown
	done
}

# others WAY: runs the library's way; what it tells but "text: ok", sorted, with
# how often.
others() {
	expect 0 env CONSTRUCTOR="$1" timeout 60 "$XS" run -a "$OTHERS" \
		"${words[@]}" -- "$L" text
	[[ $output == *"text: ok"* ]]
	OTHER=$(grep -v '^text: ok' <<<"$output" | LC_ALL=C sort | uniq -c |
		awk '{ $1 = $1 } 1')
}

@test "arm: threads and children of constructors are armed as well" {
	local words=()
	others threads
	[[ $OTHER == "4 thread: EPERM" ]]
	others child
	[[ $OTHER == "1 child: EPERM" ]]
	others leaderless
	[[ $OTHER == "1 leaderless: EPERM" ]]
	others many
	[[ $OTHER == "400 thread: EPERM" ]]
	# And are free without.
	words=(--arm exec)
	others threads
	[[ $OTHER == "4 thread: ok" ]]
	others child
	[[ $OTHER == "1 child: ok" ]]
}

@test "arm: a child that is stopped stays so, and is armed" {
	local words=()
	others stopped
	[[ $OTHER == "1 child: EPERM" ]]
}

@test "arm: a child in a pid namespace of its own is armed" {
	local who words=(-a 'syscalls: [unshare: yes_really]')
	unshare -Up true 2>/dev/null || skip "no user namespaces here"
	for who in $(users); do
		expect 0 as "$who" env CONSTRUCTOR=namespace "$XS" run \
			-a "$OTHERS" "${words[@]}" -- "$L" text
		[[ $output == $'text: ok\nchild: EPERM' ]]
		expect 0 as "$who" env CONSTRUCTOR=namespace "$XS" run \
			--arm exec -a "$OTHERS" "${words[@]}" -- "$L" text
		[[ $output == $'text: ok\nchild: ok' ]]
	done
}

@test "arm: a thread that waits in vfork is armed when it can be" {
	local words=()
	others vfork
	[[ $OTHER == "1 vfork: EPERM" ]]
}

@test "arm: a thread that nothing can stop ends the program" {
	# It is in vfork for longer than is waited for; who can't be made to
	# exit is killed, and may take the others along.
	run --separate-stderr env CONSTRUCTOR=long-vfork timeout 60 "$XS" \
		run -a "$OTHERS" -- "$L" text
	tell
	[[ $status -eq 125 || $status -eq 137 ]]
	contains "$stderr" "a thread of it does not stop"
	[[ -z $output ]]
}

@test "arm: threads and children that come and go meanwhile" {
	local words=()
	others storm
	[[ $OTHER == "2 storm: EPERM" ]]
}

@test "arm: programs that it starts meanwhile" {
	local words=(-a "ForkAndExec: [exec_path: /bin/true]" -a 'SystemIO: dup')
	others programs
	[[ $OTHER == "2 started: 150" ]]
}

@test "arm: thousands of arguments, and a large environment" {
	local many i
	mapfile -t many < <(seq 20000)
	expect 0 env "LARGE=$(printf '%0100000d' 0)" "$XS" run \
		-a SystemIO.stdout -- "$A" text "${many[@]}"
	[[ $output == "text: ok" ]]
}

@test "arm: a set-user-id program runs without its privilege, armed" {
	[[ $EUID -eq 0 ]] || skip "needs root, to make one"
	install -m 4755 "$A" "$WORLD/bin/arm-setuid"
	expect 0 as user "$XS" run -a "$STATE" -- "$WORLD/bin/arm-setuid" state
	contains "$output" "Seccomp_filters:	2"
	contains "$output" "Uid:	65534	65534	65534"
}

@test "arm: within another extrasafe it is refused, and exec does without" {
	local words=(-a 'SelfConfinement: [no_new_privs, seccomp, landlock]'
		-a 'SystemIO: [stdio, dup, close, {read_path: [/usr, /lib, /etc]}]'
		-a "ForkAndExec: [exec_path: $A]" -a 'Code: load')
	# A sanitized one needs more.
	[[ $ES_BUILD != asan ]] || return 0
	expect 125 xs run "${words[@]}" -- "$XS" run -a SystemIO.stdout -- \
		"$A" text
	contains "$stderr" "can't arm the program: "
	expect 0 xs run "${words[@]}" -- "$XS" run --arm exec \
		-a SystemIO.stdout -- "$A" text
	[[ $output == "text: ok" ]]
}

@test "arm: a filter of its own before it is armed ends the program" {
	local own='SelfConfinement: [no_new_privs, seccomp]' words
	# It could say of a call that it was made.
	expect 125 env CONSTRUCTOR=filter "$XS" run -a "$OTHERS" -a "$own" \
		-- "$L" text
	contains "$stderr" "it has a seccomp filter of its own already"
	[[ $output == "own filter: ok" ]]
	words=(--arm exec -a "$own")
	others filter
	[[ $OTHER == $'1 filtered: ok\n1 own filter: ok\n1 thread: ok' ]]
	# Afterwards it may.
	expect 0 xs run -a SystemIO.stdout -a "$own" -- "$A" confine
	[[ $output == "confine: ok" ]]
}

@test "arm: a thread with descriptors of its own ends the program" {
	expect 125 env CONSTRUCTOR=unshare "$XS" run -a "$OTHERS" \
		-a SystemIO.close -- "$L" text
	contains "$stderr" "descriptors of its own"
	expect 0 env CONSTRUCTOR=unshare "$XS" run --arm exec -a "$OTHERS" \
		-a SystemIO.close -- "$L" text
}

@test "arm: nobody gets away from the tracer" {
	local words=(-a 'syscalls: [clone]')
	others untraced
	[[ $OTHER == "1 untraced: EPERM" ]]
	expect 125 xs run -a SystemIO.stdio -a 'syscalls: [clone3: yes_really]' \
		-- "$A" text
	contains "$stderr" "clone3 can't be given to a program that is armed"
	expect 0 xs run --arm exec -a SystemIO.stdio \
		-a 'syscalls: [clone3: yes_really]' -- "$A" text
}

@test "arm: the key is never in the program's registers" {
	local who
	# All calls that are made in its name are turned aside by rseq(2).
	for who in $(users); do
		expect 0 as "$who" env CONSTRUCTOR=rseq "$XS" run -a "$OTHERS" \
			-- "$L" text
		contains "$output" "text: ok"
		contains "$output" "turned aside, and the key: not seen"
		contains "$output" "rseq: EPERM"
	done
}

# What is waited at, and how it is seen that it is. A file that may be read is
# not the one that is tried.
WAITS='{Networking: [start_unix_servers: yes_really],
	SharedMemory: [semaphores: yes_really], Pipes: pair, Events: all,
	SystemIO: {read_path: /proc/self},
	syscalls: [io_setup: yes_really, io_getevents: yes_really, setsockopt]}'

@test "arm: calls that are waiting go on, and none is interrupted" {
	local words=(-a "$WAITS")
	others waits
	diff - <(echo "$OTHER") <<-'END'
		1 accept: EAGAIN
		1 epoll_pwait: ok
		2 epoll_wait: ok
		1 events: EACCES
		1 futex: ETIMEDOUT
		1 io_getevents: ok
		1 nanosleep: ok
		1 poll: ok
		1 read: EAGAIN
		1 recv: EAGAIN
		1 select: ok
		1 semtimedop: EAGAIN
		1 sigtimedwait: EAGAIN
	END
}

@test "arm: signals that come meanwhile are handled, each of them" {
	local words=()
	others signals
	[[ $OTHER == $'1 handled: all\n1 signals: EPERM' ]]
	words=(--arm exec)
	others signals
	[[ $OTHER == $'1 handled: all\n1 signals: ok' ]]
}

# is_no_process WORDS: nobody was started so.
is_no_process() {
	! pgrep -f -- "^$1" >/dev/null
}

# is_gone_soon PID: it ends, or has, whoever is to wait for it.
is_gone_soon() {
	for _ in {1..100}; do
		[[ $(awk '/^State/ { print $2 }' "/proc/$1/status" \
			2>/dev/null) == [!Z]* ]] || return 0
		sleep 0.1
	done
	return 1
}

# The program stopped in a constructor: leaves its number in $program, and its
# helper's in $helper.
start_stopped() {
	CONSTRUCTOR=stop "$@" -a "$OTHERS" -- "$L" text >"$WORLD/out" \
		2>"$WORLD/err" &
	program=$!
	STARTED+=("$program")
	until [[ $(tr '\0' ' ' <"/proc/$program/cmdline") == "$L text " ]] &&
		grep -q '^State:.[tT]' "/proc/$program/status"; do
		kill -0 "$program"
	done
	helper=$(awk '/TracerPid/ { print $2 }' "/proc/$program/status")
}

@test "arm: stopped before its entry point, it goes on and is armed" {
	start_stopped "$XS" run
	[[ $helper -gt 0 ]]
	kill -CONT "$program"
	wait "$program"
	[[ $(<"$WORLD/out") == "text: ok" ]]
	is_gone_soon "$helper"
}

@test "arm: stopped and continued all the time, it is armed" {
	local i n
	for i in {1..4}; do
		CONSTRUCTOR=many timeout 60 "$XS" run -a "$OTHERS" -- "$L" \
			text >"$WORLD/out" 2>"$WORLD/err" &
		STARTED+=($!)
		until program=$(pgrep -P $!); do
			kill -0 "$!"
		done
		for ((n = 0; n < 5000; n++)); do
			kill -STOP "$program" && kill -CONT "$program" || break
		done 2>/dev/null
		ended 0 "$!"
		[[ $(grep -c '^thread: EPERM' "$WORLD/out") -eq 400 ]]
	done
}

@test "arm: whoever kills the helper before, kills the program" {
	local status=0
	start_stopped "$XS" run
	kill -KILL "$helper"
	wait "$program" || status=$?
	[[ $status -eq 137 && ! -s $WORLD/out ]]
}

@test "arm: whenever the helper or the program is killed, nothing runs unarmed" {
	local victim i
	for i in {1..40}; do
		CONSTRUCTOR=many "$XS" run -a "$OTHERS" -- "$L" text \
			>"$WORLD/out" 2>"$WORLD/err" &
		program=$!
		STARTED+=("$program")
		helper=0
		until [[ $helper -gt 0 ]]; do
			helper=$(awk '/TracerPid/ { print $2 }' \
				"/proc/$program/status" 2>/dev/null) || break
		done
		sleep "0.0$((i * 2 % 10))$((RANDOM % 10))"
		victim=$helper
		[[ $((i % 4)) -ne 0 ]] || victim=$program
		[[ $victim -le 0 ]] || kill -KILL "$victim" 2>/dev/null || true
		wait "$program" || true
		[[ $helper -le 0 ]] || is_gone_soon "$helper"
		if grep -q 'thread: ok' "$WORLD/out"; then
			cat "$WORLD/out"
			return 1
		fi
	done
}

@test "arm: the helper ends with a program that is killed" {
	start_stopped "$XS" run
	kill -KILL "$program"
	wait "$program" || [[ $? -eq 137 ]]
	is_gone_soon "$helper"
}

@test "arm: where ptrace is refused, nothing is started, and exec does without" {
	# What looks for leaks traces as well.
	local -x ASAN_OPTIONS=detect_leaks=0
	expect 125 strace -f -o /dev/null "$XS" run -a SystemIO.stdout -- \
		"$A" text
	contains "$stderr" "can't arm the program: "
	contains "$stderr" "arm: exec"
	[[ -z $output ]]
	expect 0 strace -f -o /dev/null "$XS" run --arm exec \
		-a SystemIO.stdout -- "$A" text
	expect 0 strace -f -o /dev/null "$XS" run -a SystemIO.stdout -- \
		"$WORLD/bin/arm-static" text
}

@test "arm: what arming takes may be refused: nothing runs unarmed" {
	local call
	# What looks for leaks takes some of these as well.
	local -x ASAN_OPTIONS=detect_leaks=0
	for call in ptrace pidfd_getfd pidfd_open process_vm_readv \
		process_vm_writev recvmsg sendmsg socket socketpair; do
		expect 125 "$ES_PROG/without" "$call" -- "$XS" run \
			-a SystemIO.stdout -- "$A" open
		contains "$stderr" "can't arm the program"
		contains "$stderr" "arm: exec"
		[[ -z $output ]]
		expect 0 "$ES_PROG/without" "$call" -- "$XS" run --arm exec \
			-a SystemIO.stdout -- "$A" open
		[[ $output == "open: ok" ]]
	done
	expect 125 env CONSTRUCTOR=threads "$ES_PROG/without" kcmp -- "$XS" \
		run -a "$OTHERS" -- "$L" open
	[[ -z $output ]]
	expect 0 "$ES_PROG/without" -- "$XS" run -a SystemIO.stdout -- \
		"$A" open
	[[ $output == "open: EPERM" ]]
}

@test "arm: without memory for it, nothing runs unarmed" {
	local kb status=0 seen=
	# A sanitizer needs more than there is.
	[[ $ES_BUILD != asan ]] || return 0
	for kb in {2400..4800..100}; do
		run --separate-stderr bash -c 'ulimit -v "$0"; exec "$@"' \
			"$kb" "$XS" run -a SystemIO.stdout -- "$A" open
		tell "$kb"
		[[ "$status $output" == "0 open: EPERM" ||
			($status -ne 0 && -z $output) ]]
		[[ $seen == *"$status"* ]] || seen+=" $status"
	done
	[[ $seen == *" 125"*" 0" ]]
	# The helper's own, when it is about to arm.
	start_stopped "$XS" run
	prlimit --pid "$helper" --as=4096
	kill -CONT "$program"
	wait "$program" || status=$?
	[[ $status -eq 125 && ! -s $WORLD/out ]]
	grep -q 'there is no memory' "$WORLD/err"
}

@test "arm: without room in the kernel for the second filter, nothing runs" {
	local room moments=
	for room in {200..1200..100}; do
		run --separate-stderr "$ES_PROG/filters" "$room" "$XS" run \
			-a SystemIO.stdout -- "$A" open
		tell "$room"
		if [[ $status -eq 0 ]]; then
			[[ $output == "open: EPERM" ]]
			moments+=" armed"
			continue
		fi
		[[ $status -eq 125 && -z $output ]]
		contains "$stderr" "Cannot allocate memory"
		[[ $stderr == *"can't load the seccomp filter"* ]] ||
			moments+=" entry"
	done
	[[ $moments == " entry"*" armed" ]]
}

@test "arm: a program that exec refuses leaves no helper" {
	cp "$A" busy
	exec 7>>busy
	expect 126 "$XS" run -a SystemIO.stdout -- ./busy open
	contains "$stderr" "Text file busy"
	exec 7>&-
	within 20 is_no_process "$XS run"
	expect 0 "$XS" run -a SystemIO.stdout -- ./busy open
	[[ $output == "open: EPERM" ]]
}

@test "arm: descriptors that are all closed, and few that there may be" {
	local n words=(-a SystemIO.close -a SelfConfinement.limits)
	expect 0 env CONSTRUCTOR=closefrom "$XS" run -a "$OTHERS" \
		"${words[@]}" -- "$L" open
	[[ $output == "open: EPERM" ]]
	# It takes two, for a moment.
	for n in 4 3; do
		expect 125 env CONSTRUCTOR=files FILES=$n "$XS" run \
			-a "$OTHERS" "${words[@]}" -- "$L" open
		contains "$stderr" "Too many open files"
		[[ -z $output ]]
	done
	expect 0 env CONSTRUCTOR=files FILES=5 "$XS" run -a "$OTHERS" \
		"${words[@]}" -- "$L" open
	[[ $output == "open: EPERM" ]]
}

@test "arm: a program whose memory can't be had is ended" {
	expect 125 as user env CONSTRUCTOR=dumpable "$XS" run -a "$OTHERS" \
		-a 'syscalls: [prctl]' -- "$L" text
	contains "$stderr" "can't arm the program at its entry point"
	[[ -z $output ]]
	expect 0 as user env CONSTRUCTOR=dumpable "$XS" run --arm exec \
		-a "$OTHERS" -a 'syscalls: [prctl]' -- "$L" text
	# Root's helper may have it.
	[[ $EUID -ne 0 ]] || {
		expect 0 env CONSTRUCTOR=dumpable "$XS" run -a "$OTHERS" \
			-a 'syscalls: [prctl]' -- "$L" open
		[[ $output == "open: EPERM" ]]
	}
}

@test "arm: ^Z, bg, fg and ^C are as without it, armed or not so far" {
	local who driver=(/usr/bin/python3 -B "$TOP/tests/prog/terminal.py")
	printf '%s\n' 'extrasafe: 1' \
		'startup: {until: listening, deadline: 50s}' \
		'allow: {SystemIO: [stdio]}' >never.yaml
	for who in $(users); do
		expect 0 as "$who" "${driver[@]}" 0
		expect 0 as "$who" "${driver[@]}" 1 "$XS" run --arm exec \
			-a SystemIO.stdio --
		expect 0 as "$who" "${driver[@]}" 2 "$XS" run \
			-a SystemIO.stdio --
		expect 0 as "$who" "${driver[@]}" 1 "$XS" run \
			-p ./never.yaml --
	done
}

@test "arm: a small stack, and standard streams that are closed" {
	# Its environment lies there as well; a sanitized launcher takes more.
	[[ $ES_BUILD == asan ]] ||
		expect 0 bash -c 'ulimit -s 64; exec env -i "$@"' - "$XS" run \
			-a SystemIO.stdout -- "$A" text
	expect 0 bash -c 'exec "$@" <&- 2>&-' - "$XS" run \
		-a SystemIO.stdout -- "$A" text
	[[ $output == "text: ok" ]]
}

@test "arm: a script's interpreter reads the script, and no other file" {
	printf '#!/bin/dash\necho read\nread -r line <%s\necho "$line"\n' \
		"$SECRET" >script
	chmod +x script
	expect 0 xs run -p filter -- ./script
	[[ $output == read ]]
	contains "$stderr" "Permission denied"
	expect 0 xs run -p filter -a "SystemIO.read_path=$SECRET" -- ./script
	[[ $output == $'read\ncanary' ]]
}

@test "arm: interpreters and Go start with what they need" {
	expect 0 xs run -p parts/python3 -p parts/stdio -- /usr/bin/python3 -c 'print(1)'
	expect 0 xs run -p filter -- perl -e 'print 1'
	[[ -x $WORLD/bin/goroutines ]] || skip "no Go compiler"
	expect 0 xs run --arm entry -a 'SystemIO: stdio' -a 'Threads: all' \
		-a 'Events: all' -a 'Pipes: all' -a 'Time: all' -- \
		"$WORLD/bin/goroutines" sum
}

@test "arm: a program in Rust" {
	local who words=(-a '{SystemIO: stdio, Threads: create}')
	# Its compiler is large, and not asked for: it is tried where there is one.
	[[ -x $WORLD/bin/arm-rust ]] || return 0
	for who in $(users); do
		expect 0 as "$who" "$XS" run "${words[@]}" -- \
			"$WORLD/bin/arm-rust"
		[[ $output == $'main: Some(1)\nthread: Some(1)' ]]
	done
	expect 0 xs run --arm exec "${words[@]}" -- "$WORLD/bin/arm-rust"
	[[ $output == $'main: ok\nthread: ok' ]]
}

@test "arm: a report tells of both layers, each call once" {
	expect 0 xs run --report -a SystemIO.stdout -- "$A" all
	[[ $(grep -c '^extrasafe: denied: ' <<<"$stderr") -eq 8 ]]
	contains "$stderr" "denied: openat("
	contains "$stderr" "denied: seccomp("
	expect 125 env CONSTRUCTOR=child "$XS" run --report -a "$OTHERS" -- \
		"$L" text
	contains "$stderr" "several processes"
	expect 0 env CONSTRUCTOR=threads "$XS" run --report -a "$OTHERS" -- \
		"$L" text
	[[ $(grep -c 'denied: open' <<<"$stderr") -eq 1 ]]
}

@test "arm: check -v and a dry run say what is open until when" {
	expect 0 xs check -v -a SystemIO.stdout
	contains "$stderr" "up to its entry point"
	printf 'extrasafe: 1\narm: exec\nallow:\n  SystemIO: [stdout]\n' \
		>exec.yaml
	expect 0 xs check -v exec.yaml
	contains "$stderr" "armed at exec"
	expect 0 xs run --dry-run -a SystemIO.stdout -- "$A"
	contains "$output" " instructions up to its entry point, then "
	expect 0 xs run --dry-run --arm exec -a SystemIO.stdout -- "$A"
	[[ $output != *"entry point"* && $output == *"filter: "* ]]
}

# startup UNTIL WORD...: a profile for server.py, as startup.yaml.
startup() {
	local until=$1
	shift
	cat >"$WORLD/startup.yaml" <<-END
		extrasafe: 1
		include: [parts/python3, parts/stdio]
		startup:
		  until: $until
		  deadline: 20s
		  allow:
		    Networking: [start_tcp_servers: yes_really${*:+$(printf ', %s' "$@")}]
		    SystemIO: [metadata, {read_path: [/etc, $TOP/tests/prog]}]
		allow:
		  Networking: [running_tcp_servers]
		  SystemIO: [metadata]
		  Time: all
	END
	chmod a+r "$WORLD/startup.yaml"
}

S=(/usr/bin/python3 -B)
STARTS='{ForkAndExec: [fork, wait, exec_path: [/bin/true, /usr/bin/python3]],
	SystemIO: [read_path: [/lib, /usr/lib, /lib64]]}'

# What startup.yaml lacks for several processes.
FAMILY='{ForkAndExec: [fork, wait], Pipes: create, SystemIO: close}'

# is_armed WORDS: who was started so is, and nobody traces it.
is_armed() {
	local pid
	pid=$(pgrep -f -- "^$1") &&
		grep -qs '^Seccomp_filters:.2' "/proc/$pid/status" &&
		grep -qs '^TracerPid:.0' "/proc/$pid/status"
}

# ask HOW: what `server.py HOW PORT` tells its client, in $output. It is not asked
# before it is armed, which it is a moment after it could answer.
ask() {
	within 20 is_armed "${S[*]} $TOP/tests/prog/server.py $1 $PORT"
	output=$(exec 3<>"/dev/tcp/127.0.0.1/$PORT" && timeout 10 cat <&3)
}

# What a server of $who under startup.yaml tells its client.
ask_server() {
	local run_as
	PORT=$(free_port)
	run_as "$who"
	"${run_as[@]}" "$XS" run -p "$WORLD/startup.yaml" -- \
		"${S[@]}" "$TOP/tests/prog/server.py" serve "$PORT" \
		>"$WORLD/out" 2>"$WORLD/err" 3>&- &
	STARTED+=($!)
	ask serve
	ended 0 "$!"
}

@test "startup: until it listens, it may open; then it serves and can't" {
	local who
	for who in $(users); do
		startup listening
		ask_server
		[[ $output == $'open: Permission denied\nsocket: Operation not permitted' ]]
		[[ $(<"$WORLD/out") == $'before: open: ok\nsocket: ok' ]]
	done
}

@test "startup: until it waits in a call" {
	local who
	for who in $(users); do
		startup '{blocked_in: [accept4, accept]}'
		ask_server
		[[ $output == $'open: Permission denied\nsocket: Operation not permitted' ]]
		[[ $(<"$WORLD/out") == $'before: open: ok\nsocket: ok' ]]
	done
}

@test "startup: who is not there in time is ended" {
	startup listening
	sed -i 's/20s/300ms/' "$WORLD/startup.yaml"
	expect 125 xs run -p "$WORLD/startup.yaml" -- "${S[@]}" \
		"$TOP/tests/prog/server.py" sleep
	contains "$stderr" "nothing of it listens by the deadline"
}

@test "startup: ready reaches the manager from the program itself, once it is armed" {
	local who how name
	for who in $(users); do
		for how in sendto sendmsg write writev return path; do
			for name in "$MADE.$who.$how" "@extrasafe-test-$$-$who-$how"; do
				startup ready 'start_unix_clients: yes_really' notify
				expect 0 as "$who" python3 "$TOP/tests/prog/manager.py" \
					"$name" "$XS" run -p "$WORLD/startup.yaml" -- \
					"${S[@]}" "$TOP/tests/prog/server.py" notify "$how"
				contains "$stderr" "manager: ['STATUS=NOTREADY=1'] True"
				contains "$stderr" "manager: ['STATUS=up', 'READY=1'] True 2"
				contains "$output" $'before: open: ok\nsocket: ok'
				grep -qx True <<<"$output"
				contains "$output" $'open: Permission denied\nsocket: Operation not permitted\nwatchdog: Operation not permitted'
			done
		done
	done
	sed -i 's/^  Networking: \[/&notify, /' "$WORLD/startup.yaml"
	expect 0 python3 "$TOP/tests/prog/manager.py" "$MADE.notify" "$XS" run \
		-p "$WORLD/startup.yaml" -- "${S[@]}" \
		"$TOP/tests/prog/server.py" notify sendto
	contains "$stderr" "manager: ['WATCHDOG=1'] True 2"
	contains "$output" "watchdog: ok"
}

@test "startup: descriptors that go to the manager reach it" {
	local who
	for who in $(users); do
		startup ready 'start_unix_clients: yes_really' notify
		sed -i 's/^  Networking: \[/&notify, /' "$WORLD/startup.yaml"
		expect 0 as "$who" python3 "$TOP/tests/prog/manager.py" \
			"$MADE.$who.files" "$XS" run -p "$WORLD/startup.yaml" -- \
			"${S[@]}" "$TOP/tests/prog/server.py" notify files
		contains "$stderr" "manager: ['FDSTORE=1', 'FDNAME=a'] True 1 with 1"
		contains "$stderr" "manager: ['STATUS=up', 'READY=1'] True 2 with 1"
		contains "$stderr" "manager: ['BARRIER=1'] True 2 with 1"
	done
}

@test "startup: ready may come from a child, and all of it is armed" {
	local who denied
	denied=$'open: Permission denied\nsocket: Operation not permitted'
	for who in $(users); do
		startup ready 'start_unix_clients: yes_really' notify
		expect 0 as "$who" python3 "$TOP/tests/prog/manager.py" \
			"$MADE.$who.child" "$XS" run -p "$WORLD/startup.yaml" \
			-a "$FAMILY" -- "${S[@]}" \
			"$TOP/tests/prog/server.py" notify child
		contains "$stderr" "manager: ['STATUS=NOTREADY=1'] False 1"
		contains "$stderr" "manager: ['STATUS=up', 'READY=1'] False 2"
		contains "$output" $'before: open: ok\nsocket: ok'
		[[ $(grep -c '^open: Permission denied' <<<"$output") -eq 2 ]]
		[[ $output == *"$denied" ]]
	done
}

@test "startup: a manager that is not there is told of, and it is armed" {
	local who
	for who in $(users); do
		startup ready 'start_unix_clients: yes_really' notify
		expect 0 as "$who" env NOTIFY_SOCKET="$WORLD/nobody" "$XS" run \
			-p "$WORLD/startup.yaml" -- "${S[@]}" \
			"$TOP/tests/prog/server.py" notify absent
		contains "$output" $'ready: No such file or directory\nopen: Permission denied\nsocket: Operation not permitted'
	done
}

@test "startup: a daemon, of which the first process ends before" {
	local who run_as
	for who in $(users); do
		run_as "$who"
		startup listening
		PORT=$(free_port)
		"${run_as[@]}" "$XS" run -p "$WORLD/startup.yaml" \
			-a "$FAMILY" -- "${S[@]}" \
			"$TOP/tests/prog/server.py" daemon "$PORT" \
			>"$WORLD/out" 2>&1 3>&- &
		STARTED+=($!)
		ended 0 "$!"
		ask daemon
		[[ $output == $'open: Permission denied\nsocket: Operation not permitted' ]]
		[[ $(<"$WORLD/out") == $'before: open: ok\nsocket: ok' ]]
		within 20 is_no_process "${S[*]} $TOP/tests/prog/server.py daemon $PORT"
	done
}

# Starts what gets the orphans, and what is process 1.
reaps() {
	exec python3 -c 'import ctypes, os, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])' "$@"
}

first() {
	exec unshare -Upf --map-root-user --mount-proc "$@"
}

@test "startup: as process 1, and as who gets the orphans, no child is seen" {
	local way
	unshare -Upf --map-root-user --mount-proc true 2>/dev/null ||
		skip "no user namespaces here"
	startup listening
	for way in reaps first; do
		PORT=$(free_port)
		"$way" "$XS" run -p "$WORLD/startup.yaml" -a "$FAMILY" -- \
			"${S[@]}" "$TOP/tests/prog/server.py" alone "$PORT" \
			>"$WORLD/out" 2>&1 3>&- &
		STARTED+=($!)
		ask alone
		[[ $output == $'open: Permission denied\nsocket: Operation not permitted' ]]
		ended 0 "$!"
		[[ $(<"$WORLD/out") == $'children: none\nbefore: open: ok\nsocket: ok\nchildren: none' ]]
	done
}

@test "startup: a process that is stopped is armed, and stays so" {
	local who run_as program
	for who in $(users); do
		run_as "$who"
		PORT=$(free_port)
		startup listening
		rm -f "$MADE.fifo" "$WORLD/out"
		mkfifo -m 666 "$MADE.fifo"
		"${run_as[@]}" "$XS" run -p "$WORLD/startup.yaml" \
			-a "$FAMILY" -- "${S[@]}" \
			"$TOP/tests/prog/server.py" family "$PORT" \
			<>"$MADE.fifo" >"$WORLD/out" 2>&1 3>&- &
		program=$!
		STARTED+=("$program")
		within 20 grep -qsx ready "$WORLD/out"
		kill -STOP "$program"
		within 20 grep -q '^State:.[tT]' "/proc/$program/status"
		grep -q '^Seccomp_filters:.1' "/proc/$program/status"
		echo >"$MADE.fifo"
		within 20 grep -q '^TracerPid:.0' "/proc/$program/status"
		grep -q '^Seccomp_filters:.2' "/proc/$program/status"
		grep -q '^State:.T' "/proc/$program/status"
		[[ $(<"$WORLD/out") == ready ]]
		kill -CONT "$program"
		ended 0 "$program"
		[[ $(<"$WORLD/out") == $'ready\nopen: Permission denied\nsocket: Operation not permitted' ]]
		echo >"$MADE.fifo"
		within 20 is_no_process "${S[*]} $TOP/tests/prog/server.py family $PORT"
	done
}

@test "startup: a shell that vforks all the while goes on, armed" {
	local who run_as loop
	# It is in vfork for each of these programs, of which there is no end
	# before it is armed; and the helper never lacks an event.
	loop='i=0; while [ $i -lt 100000 ] && /bin/true && ! [ -e "$0" ]; do
		i=$((i + 1)); done
		[ $i -lt 100000 ] && ! read -r line </etc/passwd && echo denied'
	for who in $(users); do
		run_as "$who"
		startup listening
		PORT=$(free_port)
		"${run_as[@]}" "$XS" run -p "$WORLD/startup.yaml" \
			-a "$STARTS" -- dash -c "($loop) & ($loop) & ($loop) &
			${S[*]} $TOP/tests/prog/server.py serve $PORT; wait" \
			"$WORLD/enough" >"$WORLD/out" 2>"$WORLD/err" 3>&- &
		STARTED+=($!)
		ask serve
		touch "$WORLD/enough"
		ended 0 "$!"
		rm "$WORLD/enough"
		[[ $(grep -cx denied "$WORLD/out") -eq 3 ]]
	done
}

@test "startup: what is misplaced is told with what can be done" {
	startup listening
	expect 125 env ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null "$XS" \
		run -p "$WORLD/startup.yaml" -- "${S[@]}" \
		"$TOP/tests/prog/server.py" sleep
	contains "$stderr" "give the trace to \`extrasafe why\`"
	expect 125 xs run --arm exec -p "$WORLD/startup.yaml" -- true
	contains "$stderr" "\`arm: exec\`, which the command line says"
	printf 'fds: {web: {listen: "tcp://127.0.0.1:9"}}\n' \
		>>"$WORLD/startup.yaml"
	expect 125 xs run -p "$WORLD/startup.yaml" -- true
	contains "$stderr" "since 'web' listens already"
}

@test "startup: ready without a manager is an error" {
	startup ready
	expect 125 env -u NOTIFY_SOCKET "$XS" run -p "$WORLD/startup.yaml" -- \
		"${S[@]}" "$TOP/tests/prog/server.py" sleep
	contains "$stderr" "NOTIFY_SOCKET is not set"
}

@test "startup: whoever kills the helper meanwhile, kills the program" {
	local helper status=0
	startup listening
	"$XS" run -p "$WORLD/startup.yaml" -- "${S[@]}" \
		"$TOP/tests/prog/server.py" sleep &
	STARTED+=($!)
	until helper=$(awk '/TracerPid/ { print $2 }' "/proc/$!/status") &&
		[[ $helper -gt 0 ]]; do
		kill -0 "$!"
	done
	kill -KILL "$helper"
	wait "$!" || status=$?
	[[ $status -eq 137 ]]
}
