#!/usr/bin/env bats
# The ways of use: a prefix in a shell, a script that wraps a service, an
# interpreter line; and what the program finds when it begins, which is what it
# would find without us.

load helpers
load programs

setup_file() {
	make_world
	build service cc service.c
	ln -s "$XS" "$WORLD/bin/extrasafe"
	including reader parts/shell </dev/null >/dev/null
	# As /usr/local/bin/run-service might be.
	cat >"$WORLD/bin/wrapper" <<-'EOF'
		#!/bin/sh
		exec extrasafe run -p compute -- "$@"
	EOF
	chmod 755 "$WORLD/bin/wrapper"
}

teardown_file() {
	unmake_world
}

setup() {
	cd "$WORLD/work" || return
	PATH=$WORLD/bin:/usr/bin:/bin:/usr/sbin:/sbin
	INPUT=/dev/null
	STARTED=()
}

teardown() {
	end_started
}

# --- a prefix in a shell

@test "prefix: in a pipeline, a substitution and a list" {
	[[ $(printf 'b\na\n' | extrasafe run -p filter -- sort | head -n 1) == a ]]
	[[ $(extrasafe run -p compute -- echo "two words") == "two words" ]]
	extrasafe run -p compute -- true && extrasafe run -p compute -- true
	run -1 extrasafe run -p compute -- false
	extrasafe run -p filter -- sort <text >sorted
	sort text | cmp - sorted
}

@test "prefix: on both sides of a pipe, and one end that closes early" {
	run -0 bash -o pipefail -c '
		extrasafe run -p compute -- cat <text |
			extrasafe run -p compute -- tr "[:lower:]" "[:upper:]" |
			extrasafe run -p filter -- sort >sorted'
	tr '[:lower:]' '[:upper:]' <text | sort | cmp - sorted
	# The writer dies of SIGPIPE, as it does without us.
	run -0 bash -c '
		extrasafe run -p compute -- yes | head -n 1
		echo "${PIPESTATUS[0]}"'
	[[ $output == $'y\n141' ]]
}

@test "prefix: the exit status is the program's" {
	for status in 0 1 2 77 125 126 127 128 255; do
		expect "$status" extrasafe run -p filter -- dash -c "exit $status"
	done
}

@test "prefix: what is denied goes to standard error, in the program's words" {
	expect 1 extrasafe run -p compute -- cat "$SECRET"
	[[ -z $output ]]
	[[ $stderr == "cat: $SECRET: Operation not permitted" ]]
}

@test "prefix: a terminal is one to the program as well" {
	skip_without script
	run -0 script -qec \
		"extrasafe run -p filter -- dash -c 'test -t 0 -a -t 1 -a -t 2'" \
		/dev/null
}

# --- a script that wraps a service

# Starts a command in the background, and waits until it says that it is ready.
start() {
	: >said
	"$@" >said 2>complaints <"$INPUT" 3>&- &
	PID=$!
	STARTED+=("$PID")
	within 20 grep -qx ready said || {
		cat complaints
		return 1
	}
}

need_service() {
	[[ -x $WORLD/bin/service ]] || skip "no C compiler"
}

@test "wrapper: the process that was started is the program" {
	need_service
	start wrapper service
	[[ /proc/$PID/exe -ef $WORLD/bin/service ]]
	# Its parent is this shell, and nothing else was left behind.
	[[ $(ps -o ppid= -p "$PID") -eq $BASHPID ]]
	[[ -z $(ps -o pid= --ppid "$PID") ]]
	[[ -z $(pgrep -f "^$XS " || true) ]]
}

@test "wrapper: signals reach the program, and its status comes back" {
	need_service
	start wrapper service
	kill -USR1 "$PID"
	within 20 grep -qx USR1 said
	kill -TERM "$PID"
	ended 3 "$PID"
	[[ $(cat said) == *$'ready\nUSR1\nTERM' ]]
	[[ ! -s complaints ]]
}

@test "wrapper: INT ends a program by that signal" {
	need_service
	start wrapper service
	kill -INT "$PID"
	ended 130 "$PID"
	grep -qx INT said
}

@test "wrapper: the program dies of a signal as it does without us" {
	need_service
	for signal in KILL HUP SEGV ABRT ALRM; do
		start wrapper service
		kill -"$signal" "$PID"
		ended $((128 + $(kill -l "$signal"))) "$PID"
	done
	# Death by a signal, not an exit with 128 and something.
	expect 0 /usr/bin/python3 - <<-'EOF'
		import subprocess, signal
		p = subprocess.Popen(['wrapper', 'service'], stdout=subprocess.PIPE)
		while p.stdout.readline() != b'ready\n':
		    pass
		p.send_signal(signal.SIGQUIT)
		assert p.wait(timeout=20) == -signal.SIGQUIT, p.returncode
	EOF
}

@test "wrapper: each exit status, and each signal's death, is what it is" {
	# As wait(2) tells it, with whether a core was to be written.
	expect 0 timeout 120 /usr/bin/python3 - <<-'EOF'
		import os, signal
		SIGNALS = set(range(1, 65)) - {32, 33}
		STAY = {signal.SIGCHLD, signal.SIGCONT, signal.SIGURG,
		        signal.SIGWINCH, signal.SIGSTOP, signal.SIGTSTP,
		        signal.SIGTTIN, signal.SIGTTOU}
		def status(words, script):
		    pid = os.posix_spawnp(words[0], [*words, "dash", "-c", script],
		                          os.environ, setsigdef=SIGNALS - {9, 19})
		    return os.waitpid(pid, 0)[1]
		launcher = ["extrasafe", "run", "-p", "filter", "--"]
		scripts = [f"exit {i}" for i in (*range(0, 256, 17), 1, 125, 126, 127)]
		scripts += [f"kill -{i} $$" for i in sorted(SIGNALS - STAY)]
		for script in scripts:
		    plain, ours = status(["env"], script), status(launcher, script)
		    assert plain == ours, (script, plain, ours)
		    assert "exit" in script or os.WIFSIGNALED(ours), script
	EOF
}

@test "wrapper: stop and continue" {
	need_service
	start wrapper service
	kill -STOP "$PID"
	within 20 grep -q '^State:.T' "/proc/$PID/status"
	kill -CONT "$PID"
	kill -USR1 "$PID"
	within 20 grep -qx USR1 said
}

@test "wrapper: a bash service with traps" {
	cat >"$WORLD/bin/service.bash" <<-'EOF'
		trap 'echo USR1' USR1
		trap 'echo INT' INT
		trap 'echo TERM; exit 5' TERM
		echo ready
		while :; do sleep 0.02; done
	EOF
	start extrasafe run -p "$WORLD/config/reader-parts-shell.yaml" -- \
		bash -c "$(cat "$WORLD/bin/service.bash")"
	kill -USR1 "$PID"
	within 20 grep -qx USR1 said
	kill -TERM "$PID"
	ended 5 "$PID"
	[[ $(cat said) == $'ready\nUSR1\nTERM' ]]
}

@test "wrapper: a python3 service as root and as an ordinary user" {
	local profile who
	profile=$(including filter parts/python3 </dev/null)
	for who in $(users); do
		run_as "$who"
		start "${run_as[@]}" "$XS" run -p "$profile" -- /usr/bin/python3 -u -c '
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(6))
print("ready")
while True: signal.pause()'
		[[ $(stat -c %U "/proc/$PID") != root || $who == root ]]
		kill -TERM "$PID"
		ended 6 "$PID"
	done
}

@test "wrapper: every argument reaches the program byte for byte" {
	need_service
	local odd=("" " " $'a\nb' $'\xff\xfe' '$HOME' '*' -- -p "--" 'é"'\')
	start wrapper service "${odd[@]}"
	{
		printf '%s\n' service "${odd[@]}"
		echo ready
	} | cmp - said
	{
		printf '%s\0' service "${odd[@]}"
	} | cmp - "/proc/$PID/cmdline"
}

# --- an interpreter line

@test "interpreter line: the script runs with its arguments" {
	cat >script <<-EOF
		#!/usr/bin/env -S $XS run -p reader -- bash
		echo "\$0: \$#: \$1, \$2"
		read -r line; echo "\$line"
		echo made >"\$MADE"
		exit 4
	EOF
	chmod 755 script
	INPUT=$WORLD/work/text
	for who in $(users); do
		outcome script as "$who" ./script one 'two words'
		[[ $(cat "$WORLD/script.status") == 4 ]]
		[[ $(cat "$WORLD/script.out") == $'./script: 2: one, two words\npear ä' ]]
		grep -qE 'not permitted|denied' "$WORLD/script.err"
		[[ ! -e $MADE ]]
	done
}

@test "interpreter line: with parts/shell it starts programs, within its limits" {
	cat >script <<-EOF
		#!/usr/bin/env -S $XS run -p $WORLD/config/reader-parts-shell.yaml -- bash
		sort text | head -n 1
		cat "\$SECRET" || echo "refused \$?"
		touch "\$MADE" || echo "refused \$?"
	EOF
	chmod 755 script
	rm -f "$MADE"
	for who in $(users); do
		outcome script as "$who" ./script
		[[ $(cat "$WORLD/script.out") == $'\nrefused 1\nrefused 1' ]]
		[[ ! -e $MADE ]]
	done
}

@test "interpreter line: a wrapped script is a service as well" {
	cat >script <<-EOF
		#!/usr/bin/env -S $XS run -p reader -- bash
		trap 'echo TERM; exit 7' TERM
		echo ready
		while :; do :; done
	EOF
	chmod 755 script
	start ./script
	[[ $(cat "/proc/$PID/comm") == bash ]]
	kill -TERM "$PID"
	ended 7 "$PID"
	grep -qx TERM said
}

@test "interpreter line: python3 and awk" {
	local profile
	profile=$(including reader parts/python3 </dev/null)
	printf '#!/usr/bin/env -S %s run -p %s -- /usr/bin/python3\n%s\n' "$XS" \
		"$profile" 'import sys; print(sys.argv)' >script
	chmod 755 script
	expect 0 ./script 'a b'
	[[ $output == "['./script', 'a b']" ]]
	printf '#!/usr/bin/env -S %s run -p reader -- awk -f\n%s\n' "$XS" \
		'END { print NR }' >script
	expect 0 ./script text
	[[ $output == 5 ]]
}

# --- what the program finds

@test "streams: standard error closed is fine" {
	expect 0 bash -c 'extrasafe run -p compute -- echo out 2>&-'
	[[ $output == out ]]
	expect 1 bash -c 'extrasafe run -p compute -- cat "$SECRET" 2>&-'
}

@test "streams: what is closed becomes /dev/null" {
	need_service
	local null
	null=$(readlink -f /dev/null)
	for closed in '0 <&-' '1 >&-' '2 2>&-' '0 1 <&- >&-' '0 1 2 <&- >&- 2>&-'; do
		bash -c "exec ${closed##*[0-2] } 3>&-; exec extrasafe run -p compute -- \
			service" >/dev/full 2>/dev/full </dev/zero &
		PID=$!
		STARTED+=("$PID")
		within 20 test "/proc/$PID/exe" -ef "$WORLD/bin/service"
		for fd in 0 1 2; do
			case " ${closed%%[<>]*} " in
			*" $fd "*) [[ $(readlink "/proc/$PID/fd/$fd") == "$null" ]] ;;
			*) [[ $(readlink "/proc/$PID/fd/$fd") != "$null" ]] ;;
			esac
		done
		[[ $(ls "/proc/$PID/fd") == $'0\n1\n2' ]]
		end_started
	done
}

@test "streams: a reader whose input is closed finds its end" {
	expect 0 bash -c 'extrasafe run -p compute -- cat <&-'
	[[ -z $output ]]
	expect 0 bash -c 'extrasafe run -p compute -- echo lost >&-'
	[[ -z $output && -z $stderr ]]
}

# What a process has from its caller, as far as /proc tells.
heritage() {
	local pid=$1 stat
	stat=$(cat "/proc/$pid/stat")
	# pgrp, session, terminal; priority, nice
	echo "${stat##*) }" | cut -d ' ' -f 3-6,16,17
	grep -E '^(Umask|SigBlk|SigIgn|Uid|Gid|Groups|Cpus_allowed_list):' \
		"/proc/$pid/status"
	readlink "/proc/$pid/cwd"
	tr '\0' '\n' <"/proc/$pid/cmdline"
	tr '\0' '\n' <"/proc/$pid/environ" | grep -v '^_=' | sort
	cut -c 1-50 "/proc/$pid/limits" | sed 's/ *$//'
	cat "/proc/$pid/oom_score_adj"
}

# Starts, with an unusual heritage, the words given.
odd_start() {
	start bash -c '
		umask 027; cd d; ulimit -n 77; trap "" USR2 HUP
		exec env --block-signal=WINCH nice -n 7 "$@"' - "$@"
}

@test "heritage: the process group, umask, nice, signals, limits, environment" {
	need_service
	odd_start service one
	heritage "$PID" >"$WORLD/plain"
	grep -q '^Umask:.0027' "$WORLD/plain"
	odd_start extrasafe run -p compute -- service one
	heritage "$PID" >"$WORLD/confined"
	diff "$WORLD/plain" "$WORLD/confined"
}

@test "heritage: with job control the process group is the job's own" {
	need_service
	set -m
	start extrasafe run -p compute -- service
	set +m
	[[ $(ps -o pgid= -p "$PID") -eq $PID ]]
}

# What the kernel tells a program: all but where random bytes lie and what they
# are. Its vDSO, stack and text lie where they do without chance.
told_by_kernel() {
	cat "/proc/$1/comm"
	od -A n -t x8 -w16 -v "/proc/$1/auxv"
}

@test "heritage: name, arguments and what the kernel tells, armed and not" {
	local moment words
	need_service
	setarch -R true 2>/dev/null || skip "addresses can't be had as they are"
	words=(env -i XDG_CONFIG_HOME="$XDG_CONFIG_HOME" setarch -R)
	start "${words[@]}" "$WORLD/bin/service" one
	told_by_kernel "$PID" >"$WORLD/plain"
	grep -qx service "$WORLD/plain"
	for moment in auto entry exec; do
		start "${words[@]}" "$XS" run --arm "$moment" -p compute -- \
			"$WORLD/bin/service" one
		told_by_kernel "$PID" >"$WORLD/confined"
		diff "$WORLD/plain" "$WORLD/confined"
	done
}

@test "heritage: argv[0] is the word that was given" {
	need_service
	start extrasafe run -p compute -- ../bin/service
	[[ $(head -n 1 said) == ../bin/service ]]
	start bash -c 'exec -a other extrasafe run -p compute -- service'
	[[ $(head -n 1 said) == service ]]
}

@test "heritage: a signal that is ignored or blocked stays so" {
	need_service
	start bash -c 'trap "" HUP
		exec env --block-signal=ALRM extrasafe run -p compute -- service'
	kill -HUP "$PID"
	kill -ALRM "$PID"
	kill -USR1 "$PID"
	within 20 grep -qx USR1 said
	kill -TERM "$PID"
	ended 3 "$PID"
}

# --- descriptors

@test "descriptors: those from 3 up are closed unless the profile names them" {
	need_service
	start bash -c 'exec 3<text 4>other 9<text 77<text
		exec extrasafe run -p compute -- service'
	[[ $(ls "/proc/$PID/fd") == $'0\n1\n2' ]]
	local profile
	profile=$(including compute <<-'EOF'
		fds:
		  data: {inherit: 9}
		  last: {inherit: 77}
	EOF
	)
	start bash -c 'exec 3<text 4>other 9<d/other 77<text
		exec extrasafe run -p "$1" -- service' - "$profile"
	[[ $(ls -v "/proc/$PID/fd") == $'0\n1\n2\n9\n77' ]]
	[[ /proc/$PID/fd/9 -ef d/other && /proc/$PID/fd/77 -ef text ]]
}

@test "descriptors: what is inherited is read, and nothing else" {
	local profile
	profile=$(including filter <<-'EOF'
		fds:
		  data: {inherit: 5}
	EOF
	)
	for who in $(users); do
		expect 0 as "$who" "$XS" run -p "$profile" -- \
			bash -c 'read -r -u 5 x; echo "$x"' 5<d/other
		[[ $output == b ]]
		expect 0 as "$who" "$XS" run -p "$profile" -- \
			perl -e 'open F, "<&=", 5 or die; print <F>' 5<d/other
		[[ $output == $'b\nx\nc' ]]
		expect 0 as "$who" "$XS" run -p "$profile" -- \
			dash -c 'read -r x <&5; echo "$x"' 5<d/other
		[[ $output == b ]]
		expect 1 as "$who" "$XS" run -p "$profile" -- \
			bash -c 'read -r -u 6 x && echo "$x"' 5<d/other 6<text
		contains "$stderr" "6: invalid file descriptor"
	done
	expect 125 extrasafe run -p "$profile" -- true
	contains "$stderr" "descriptor 5 is to be inherited, but is not open"
}

@test "descriptors: file_read and file_write hold each to its direction" {
	local profile
	profile=$(including compute parts/python3 <<-'EOF'
		fds:
		  data: {inherit: 5}
		  log: {open: ../made/log, for: append, create: 0600, number: 6}
		allow:
		  SystemIO:
		    - file_read: data
		    - file_write: log
	EOF
	)
	sed -i "s|\.\./made|$WORLD/made|" "$profile"
	for who in $(users); do
		rm -f "$WORLD/made/log"
		as "$who" bash -c 'umask 077; echo first >"$1"' - "$WORLD/made/log"
		as "$who" cp text "$WORLD/made/data"
		expect 1 as "$who" "$XS" run -p "$profile" -- /usr/bin/python3 -c '
import os
print(os.read(5, 4))
os.write(6, b"second\n")
for deed in (lambda: os.write(5, b"x"), lambda: os.read(6, 1),
             lambda: os.dup2(6, 1), lambda: os.ftruncate(5, 0)):
    try:
        deed()
        print("done")
    except OSError as error:
        print(error.strerror)
open("/proc/self/fd/5", "r+")' 5<>"$WORLD/made/data"
		contains "$output" "b'pear'"
		[[ $(grep -c '^Operation not permitted$' <<<"$output") == 4 ]]
		contains "$stderr" "PermissionError"
		[[ $(cat "$WORLD/made/log") == $'first\nsecond' ]]
		[[ $(stat -c %a "$WORLD/made/log") == 600 ]]
		cmp text "$WORLD/made/data"
		rm -f "$WORLD/made/data"
	done
}

@test "descriptors: what open makes is the program's, at the lowest number" {
	local profile
	profile=$(including filter <<-EOF
		fds:
		  in: {open: $WORLD/work/text, for: read}
		  out: {open: $WORLD/made/out, for: write, create: 0640}
	EOF
	)
	for who in $(users); do
		rm -f "$WORLD/made/out"
		expect 0 as "$who" "$XS" run -p "$profile" -- \
			dash -c 'while read -r x; do echo "$x"; done <&3 >&4'
		cmp text "$WORLD/made/out"
		[[ $(stat -c %a "$WORLD/made/out") == 640 ]]
	done
	sed -i 's/text/missing/' "$profile"
	expect 125 extrasafe run -p "$profile" -- true
	contains "$stderr" "missing': No such file or directory"
}

@test "descriptors: openssl reads a password from one that is handed over" {
	skip_without openssl
	local profile
	profile=$(including filter <<-'EOF'
		fds:
		  password: {inherit: 7}
		allow:
		  SystemIO:
		    - read_path: {path: /etc/ssl/openssl.cnf, optional: true}
	EOF
	)
	echo sesame >password
	INPUT=$WORLD/work/text
	openssl enc -aes-256-cbc -pbkdf2 -pass file:password -in text -out coded
	expect 0 extrasafe run -p "$profile" -- \
		openssl enc -d -aes-256-cbc -pbkdf2 -pass fd:7 <coded 7<password
	[[ $output == "$(cat text)" ]]
}
