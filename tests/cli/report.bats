#!/usr/bin/env bats
# `run --report` and `--permissive`: what is told of denied calls, and that a
# program that is watched comes to the same as one that is not.

load helpers
load programs

setup_file() {
	make_world
	build try-static gcc -static -pthread -std=gnu11 try.c
	build supervised gcc -pthread -std=gnu11 supervised.c
	build_go goroutines
	start_server
	mkdir "$WORLD/open"
	chmod 1777 "$WORLD/open"
}

teardown_file() {
	stop_server
	unmake_world
}

setup() {
	STARTED=()
	R=$WORLD/open/report.$BATS_TEST_NUMBER
	S=$WORLD/bin/supervised
	rm -f "$R"
}

teardown() {
	end_started
}

STDIO='SystemIO: [stdin, stdout, stderr]'
SHELL_BASE='{SystemIO: [stdio, metadata, read_path: /dev/null],
	ForkAndExec: [fork, wait]}'

# told PATTERN: a line of $stderr is like it.
told() {
	grep -qE -- "$1" <<<"$stderr" || {
		echo "not told: $1"
		return 1
	}
}

untold() {
	if grep -qE -- "$1" <<<"$stderr"; then
		echo "told: $1"
		return 1
	fi
}

is_no_process_of() {
	if pgrep -f -- "$1" >/dev/null; then
		return 1
	fi
}

@test "report: a denied call is told by name, with what would allow it" {
	local who
	for who in $(users); do
		expect 1 as "$who" "$XS" run --report -a "$STDIO" -- \
			cat "$SECRET"
		told "^extrasafe: denied: openat\(.*\"$SECRET\", O_RDONLY.*\) by cat\[[0-9]+\]"
		told "^extrasafe:   allow with: SystemIO: \[read_path: $SECRET\]\$"
		contains "$stderr" "cat: $SECRET: Operation not permitted"
		expect 0 as "$who" "$XS" run --report -a "$STDIO" \
			-a "SystemIO.read_path=$SECRET" -- cat "$SECRET"
		[[ $output == canary ]]
		untold "$SECRET"
	done
}

@test "report: says nothing when nothing is denied" {
	expect 0 xs run --report -a "$STDIO" -- "$S" exit 0
	[[ -z $output$stderr ]]
	expect 0 xs run --report="$R" -a "$STDIO" -- "$S" exit 0
	[[ -z $output$stderr && ! -s $R ]]
}

@test "report: statuses, outputs and errnos are those of a run without it" {
	local deny call who
	for who in $(users); do
		for deny in EPERM ENOSYS EACCES kill trap; do
			for call in call thread child handler exit; do
				# Its parent sees that somebody killed it.
				[[ $deny != kill || $call != child ]] || continue
				outcome plain as "$who" "$XS" run -a "$SHELL_BASE" \
					-a Threads.create --deny "$deny" -- "$S" "$call" 3
				outcome watched as "$who" "$XS" run \
					--report="$R" -a "$SHELL_BASE" \
					-a Threads.create --deny "$deny" -- "$S" "$call" 3
				cmp "$WORLD/plain.status" "$WORLD/watched.status" &&
					cmp "$WORLD/plain.out" "$WORLD/watched.out" || {
					echo "$who: $deny, $call"
					show_outcomes plain watched
					return 1
				}
			done
			rm -f "$R"
		done
	done
}

@test "report: who should die of a call does, threads with their process" {
	for who in $(users); do
		expect 0 as "$who" "$XS" run --report="$R" -a "$SHELL_BASE" \
			--deny kill -- "$S" child
		[[ $output == 9 ]]
		rm -f "$R"
		expect 159 bash -c "$(declare -f as run_as); EUID=$EUID as $who \
			'$XS' run --report='$R' -a '$SHELL_BASE' \
			-a Threads.create --deny kill_thread -- $S thread"
		rm -f "$R"
	done
	# The first thread's end is no end of the others': nobody waits for it.
	expect 159 bash -c "timeout 20 '$XS' run --report='$R' -a '$SHELL_BASE' \
		-a Threads.create --deny kill_thread -- $S call"
}

@test "report: other filters than ours are not gone past" {
	local words=(-a "$STDIO" -a 'SystemIO: [{read_path: /usr}]' \
		-a 'SelfConfinement: [seccomp, no_new_privs]')
	expect 0 xs run --report="$R" "${words[@]}" -- "$S" many 1
	grep -q "other seccomp filters are or may come" "$R"
	expect 125 xs run --permissive "${words[@]}" -- "$S" call
	contains "$stderr" "a permissive run can't be had"
	expect 125 xs run -a "$STDIO" -a 'SystemIO: [{read_path: /}]' \
		-a 'SelfConfinement: all' -a 'ForkAndExec: [fork, exec: yes_really]' \
		-a 'Pipes: all' -a 'Events: all' -a 'SystemIO: [dup, fcntl]' -- \
		"$XS" run --permissive -a "$STDIO" -- "$S" call
}

@test "report: a timer of who starts it reaches the program" {
	expect 142 bash -c "timeout 20 perl -e 'alarm 1; exec @ARGV' '$XS' run \
		--report='$R' -a '$STDIO' -- cat <> <(sleep 10)"
}

@test "report: a call that kills is told before it does" {
	expect 159 bash -c "'$XS' run --report --deny kill -a '$STDIO' -- $S call"
	told "denied: sysinfo\(.*\) by supervised\[[0-9]+\], which is killed for it"
	expect 0 xs run --report --deny kill -a "$STDIO" \
		-a SystemInfo.memory -- "$S" call
	untold "sysinfo"
}

@test "report: what comes again is counted" {
	expect 0 xs run --report -a "$STDIO" -- "$S" many 500
	[[ $(grep -c 'denied: sysinfo' <<<"$stderr") -eq 1 ]]
	told "^extrasafe: 500 calls were denied, 1 of them different"
	told "^extrasafe:   500 times: sysinfo\("
}

@test "report: more different calls than are kept are counted" {
	expect 0 xs run --report="$R" -a "$STDIO" -- "$S" different 3000
	[[ $(grep -c '^extrasafe: denied' "$R") -eq 1000 ]]
	grep -q '^extrasafe: 3000 calls were denied, 1000 of them different; 2000 more' "$R"
}

@test "report: threads and children are told of" {
	expect 0 xs run --report -a "$SHELL_BASE" -a Threads.create -- "$S" thread
	told "denied: sysinfo"
	expect 0 xs run --report -a "$SHELL_BASE" -- "$S" child
	told "denied: sysinfo"
}

@test "report: what a program calls itself or a file can't steer a terminal" {
	local name=$'\e]0;x\a\e[31m\n'
	expect 1 xs run --report -a "$STDIO" -- cat "/$name/../$SECRET" "$SECRET"
	[[ $stderr != *denied*$'\e'* ]]
	expect 0 xs run --report -a "$STDIO" -a Threads.create -- "$S" named
	[[ $stderr != *$'\e'* ]]
	contains "$stderr" 'by a\x1b[31m\x0ab['
}

@test "report: lines of JSON, and a fragment that can be given" {
	local fragment told words=("$STDIO")
	for told in "landlock EACCES" "filter EPERM"; do
		# With a path of another file, opening is what the filter allows.
		[[ $told == filter* ]] || words[1]=SystemIO.read_path=/dev/null
		rm -f "$R.json"
		expect 1 xs run --report="$R.json" "${words[@]/#/-a}" -- \
			cat "$SECRET"
		jq -e . "$R.json" >/dev/null
		[[ $(jq -r 'select(.event == "denied" and
			(.call | contains("secret")))
			| "\(.program) \(.name) \(.by) \(.answer)"' \
			"$R.json") == "cat openat $told" ]]
		unset "words[1]"
	done
	fragment=$(jq -r 'select(.event == "summary") | .allow' "$R.json")
	expect 0 xs run -a "$STDIO" -a "$fragment" -- cat "$SECRET"
	expect 1 xs run --report="$R" -a "$STDIO" -- cat "$SECRET"
	{
		printf 'allow:\n'
		sed -n '/^extrasafe: to allow/,/^extrasafe: or/{/^ /p}' "$R"
	} >"$R.yaml"
	sed -i '1i extrasafe: 1' "$R.yaml"
	expect 0 xs run -a "$STDIO" -p "$R.yaml" -- cat "$SECRET"
}

@test "report: a call that no permission gives is told with its reason" {
	expect 0 xs run --report -a "$STDIO" -- "$S" never
	told "denied: ptrace\("
	told "^extrasafe: no permission gives ptrace: "
}

@test "report: in a pid namespace whose /proc is an outer one, no other is named" {
	unshare -Upf --map-root-user true 2>/dev/null ||
		skip "no user namespaces here"
	expect 0 unshare -Upf --map-root-user "$XS" run --arm exec --report \
		-a "$STDIO" -- "$S" call
	told "^extrasafe: denied: sysinfo\(.*\) by \?\[2\]"
	[[ $output == 1 ]]
}

@test "report: a file that can't be written is 125, and nothing runs" {
	expect 125 xs run --report="$WORLD/none/report" -a "$STDIO" -- "$S" exit 0
	contains "$stderr" "can't write to '$WORLD/none/report'"
}

@test "report: streams that are closed are as without it" {
	expect 0 bash -c "'$XS' run --report='$R' -a '$STDIO' -- cat <&-"
	[[ -z $output ]]
	expect 1 bash -c "'$XS' run --report -a '$STDIO' -- cat '$SECRET' 2>&-"
	expect 1 bash -c "'$XS' run --report -a '$STDIO' -- cat '$SECRET' >&-"
}

@test "report: what outlives the program is answered and told of, too" {
	local start=$SECONDS
	"$XS" run --report="$R" -a "$SHELL_BASE" -- "$S" daemon \
		>"$WORLD/open/daemon" 3>&- || [[ $? -eq 4 ]]
	[[ $((SECONDS - start)) -lt 5 ]]
	within 20 test -s "$WORLD/open/daemon"
	[[ $(cat "$WORLD/open/daemon") == 1 ]]
	within 20 grep -q '^extrasafe: denied: sysinfo' "$R"
	within 20 is_no_process_of "$R"
}

@test "report: when the supervisor is killed, denied calls stay denied" {
	mkfifo "$R.fifo"
	"$XS" run --report="$R" -a "$STDIO" -- "$S" wait <>"$R.fifo" \
		>"$R.out" 3>&- &
	STARTED+=($!)
	within 20 grep -q '^1$' "$R.out"
	kill -KILL $!
	wait $! || [[ $? -eq 137 ]]
	echo go >"$R.fifo"
	within 20 grep -q '^38$' "$R.out"
}

@test "report: signals that are sent reach the program, and its end the caller" {
	local signal
	for signal in HUP INT QUIT USR1 TERM; do
		env --default-signal "$XS" run --report="$R" -a "$STDIO" -- \
			"$S" pause 3>&- >"$R.out" &
		STARTED+=($!)
		within 20 grep -qs ready "$R.out"
		kill "-$signal" $!
		ended $((128 + $(kill -l "$signal"))) $!
		rm "$R.out"
		"$XS" run --report="$R" -a "$STDIO" -- "$S" handle 3>&- \
			>"$R.out" &
		STARTED+=($!)
		within 20 grep -qs ready "$R.out"
		kill "-$signal" $!
		ended 9 $!
		rm "$R.out"
	done
}

@test "report: a program that is killed takes the launcher with it" {
	"$XS" run --report="$R" -a "$STDIO" -- "$S" pause 3>&- >"$R.out" &
	STARTED+=($!)
	within 20 grep -qs ready "$R.out"
	kill -KILL "$(pgrep -P $!)"
	ended 137 $!
}

@test "report: ^C, ^Z and fg are as without it" {
	cat >"$R.py" <<-'EOF'
		import os, pty, re, select, sys, time
		def expect(pattern):
		    global seen
		    end = time.time() + 10
		    while not re.search(pattern, seen, re.S):
		        if not select.select([fd], [], [], max(0, end - time.time()))[0]:
		            sys.exit('no %r in %r' % (pattern, seen))
		        seen += os.read(fd, 4096).decode(errors='replace')
		    seen = seen[re.search(pattern, seen, re.S).end():]
		def send(text):
		    os.write(fd, text.encode())
		seen = ''
		pid, fd = pty.fork()
		if not pid:
		    os.environ['PS1'] = '$ '
		    os.execvp('bash', ['bash', '--norc', '--noprofile', '-i'])
		expect(r'\$ ')
		send(' '.join(sys.argv[1:]) + ' pause\n')
		expect('ready')
		send('\x1a')
		expect('Stopped')
		send('fg\n')
		expect('supervised')
		time.sleep(0.2)
		send('\x03')
		expect(r'\$ ')
		send('echo status=$?\n')
		expect('status=130')
		send(' '.join(sys.argv[1:]) + ' handle\n')
		expect('ready')
		send('\x03')
		expect(r'\$ ')
		send('echo status=$?\n')
		expect('status=9')
	EOF
	expect 0 timeout 60 /usr/bin/python3 "$R.py" "$XS" run --report="$R" \
		-a "'$STDIO'" -- "$S"
	expect 0 timeout 60 /usr/bin/python3 "$R.py" "$XS" run \
		-a "'$STDIO'" -- "$S"
}

@test "permissive: what is lacking is let through, told of at the start" {
	local who
	for who in $(users); do
		expect 0 as "$who" "$XS" run -a "$STDIO" -- "$S" call
		[[ $output == 1 && -z $stderr ]]
		expect 0 as "$who" "$XS" run --permissive -a "$STDIO" -- "$S" call
		[[ $output == 0 ]]
		[[ ${stderr_lines[0]} == "extrasafe: permissive: "* ]]
		told "^extrasafe: lacking, let through: sysinfo\("
		told "^extrasafe:   allow with: SystemInfo: \[memory\]"
		told "^extrasafe: this run was permissive"
	done
}

@test "permissive: exec, guards and Landlock stay, and so do foreign calls" {
	local tries=$WORLD/bin/try-static
	expect 0 xs run --permissive -a "$STDIO" -- "$S" exec
	[[ $output == 1 ]]
	expect 0 xs run --permissive -a "$STDIO" -- "$S" sti
	[[ $output == 1 ]]
	expect 1 xs run --permissive -a "$STDIO" -- cat "$SECRET"
	contains "$stderr" "Permission denied"
	expect 159 bash -c "'$XS' run --permissive -a '$STDIO' -- $tries x32"
	expect 125 xs run --permissive --deny trap -a "$STDIO" -- "$S" call
}

# closes FRAGMENT COMMAND...: fails at first, and works after at most thirty
# times of giving the fragment that the summary says: python3 goes from file to
# file, and ends at the first that it can't read.
closes() {
	local words=(-a "$1") rounds=0 fragment widen
	shift
	for who in $(users); do
		until as "$who" "$XS" run --report="$R.json" "${words[@]}" -- "$@" \
			>"$R.out" 2>"$R.err"; do
			rounds=$((rounds + 1))
			fragment=$(jq -r 'select(.event == "summary") | .allow' "$R.json")
			echo "round $rounds: $fragment; $(head -n 3 "$R.err")"
			[[ $rounds -le 30 && -n $fragment ]] || return 1
			words+=(-a "$fragment")
			for widen in $(jq -r 'select(.event == "summary") | .widen[]' \
				"$R.json" | sort -u); do
				words+=(--widen "$widen")
			done
			rm -f "$R.json"
		done
		rm -f "$R.json"
	done
	[[ $rounds -gt 0 ]]
	as user "$XS" run "${words[@]}" -- "$@"
}

@test "loop: sort without threads" {
	seq 200000 >"$WORLD/open/numbers"
	closes "$STDIO" sort --parallel=2 -S 100M -o /dev/null "$WORLD/open/numbers"
}

@test "loop: python without its library folder" {
	closes "$STDIO" /usr/bin/python3 -S -c 'import json; json.dumps({})'
}

@test "loop: a server in Go without epoll" {
	[[ -x $WORLD/bin/goroutines ]] || skip "no Go compiler"
	closes "$STDIO" "$WORLD/bin/goroutines" sum
}

@test "loop: a shell that may not execute" {
	closes "$STDIO" dash -c "$(type -P true) && exec $(type -P echo) done"
}

@test "loop: curl without its words" {
	closes "$STDIO" curl -sS "http://127.0.0.1:$PORT/page"
}
