#!/usr/bin/env bats
# Real programs under profiles that fit them: what they print is the same as
# without us, as root and as an ordinary user; what their profile forbids does
# not happen, and they say so; and none forks or executes again.

load helpers
load programs

setup_file() {
	make_world
	build again.so cc -shared -fPIC again.c
	build sample cc sample.c again.c -pthread
	build sample-static cc -static sample.c again.c -pthread
	build sample-static-pie cc -static-pie sample.c again.c -pthread
	build sample-musl musl-gcc sample.c again.c
	build sample-musl-static musl-gcc -static sample.c again.c
	build_go goroutines
	[[ ! -x /usr/bin/python3 ]] || start_server
	PYTHON=$(including compute parts/python3 </dev/null)
	export PYTHON
}

teardown_file() {
	stop_server
	unmake_world
}

setup() {
	cd "$WORLD/work" || return
	PATH=/usr/bin:/bin:/usr/sbin:/sbin
	INPUT=$WORLD/work/text
	STARTED=()
}

teardown() {
	end_started
}

# The folder of what was built may lack what can't be built here.
skip_without_built() {
	[[ -x $WORLD/bin/$1 ]] || skip "$1 can't be compiled here"
}

# --- the profiles themselves

@test "profiles: each is right, tells with what it was tried and what it is for" {
	local profile
	while read -r profile; do
		expect 0 "$XS" check "$profile"
		[[ $stderr != *error* ]]
		[[ $(head -c 2 "$profile") == "# " ]]
		grep -q '^# Tried with ' "$profile"
		grep -q '^about: ' "$profile"
	done < <(find "$TOP/profiles" -name '*.yaml')
}

@test "profiles: reader is for a folder, not for everything" {
	cd /
	expect 125 "$XS" run -p reader -- true
	contains "$stderr" "would be every file"
}

@test "profiles: those with streams of the caller's go together" {
	works -p reader -p filter -p tcp-client -p tcp-server -- sort text -
	expect 125 "$XS" run -p compute -p reader -- cat text
	contains "$stderr" "SystemIO.stdout has no effect"
}

# --- coreutils

@test "coreutils: compute does for standard streams" {
	local LC_ALL=C
	works -p compute -- cat
	works -p compute -- cat -n - -
	works -p compute -- wc
	works -p compute -- sort -r
	works -p compute -- tee
	works -p compute -- head -n 2
	works -p compute -- head -c -3
	works -p compute -- sha256sum
}

@test "coreutils: filter does as well, in the user's language" {
	works -p filter -- cat
	works -p filter -- wc -m -w -L
	works -p filter -- sort -k2n
	works -p filter -- tee /dev/null
	works -p filter -- head -n 1
	works -p filter -- sha256sum -b
	TZ=America/New_York works -p filter -- date -d @0
}

@test "coreutils: filter reads files that are its standard input, threads too" {
	seq 200000 | tac >"$WORLD/numbers"
	INPUT=$WORLD/numbers
	works -p filter -- cat
	works -p filter -- sort -n --parallel=2
	works -p filter -- wc -l
}

@test "coreutils: reader does for files of the working folder" {
	works -p reader -- cat text - d/other
	works -p reader -- wc -m text d/other
	works -p reader -- sort -m text d/other
	works -p reader -- head -n 1 text d/other
	works -p reader -- sha256sum text d/other
	works -p reader -- ls -lanR
	same -p reader -- cat missing
	same -p reader -- wc text missing
}

@test "coreutils: a file elsewhere is not read" {
	for profile in compute filter reader; do
		refused -p $profile -- cat "$SECRET"
		refused -p $profile -- wc "$SECRET"
		refused -p $profile -- sort "$SECRET"
		refused -p $profile -- head "$SECRET"
		refused -p $profile -- sha256sum "$SECRET"
	done
	INPUT=/dev/null
	refused -p reader -- tee "$MADE"
}

@test "coreutils: no file is written" {
	INPUT=/dev/null
	for profile in compute filter reader; do
		refused -p $profile -- tee "$MADE"
		refused -p $profile -- sort -o "$MADE"
		refused -p $profile -- cp /dev/null "$MADE"
		refused -p $profile -- mkdir "$MADE"
		refused -p $profile -- ln -s / "$MADE"
		refused -p $profile -- mkfifo "$MADE"
		refused -p $profile -- dd of="$MADE" status=none
	done
}

@test "coreutils: no file is removed or changed" {
	for who in $(users); do
		as "$who" cp text "$WORLD/made/victim"
		chmod 640 "$WORLD/made/victim"
		for deed in "rm -f" "truncate -s 0" "chmod 777" "touch -d @0" \
			"shred -u"; do
			read -ra words <<<"$deed"
			outcome confined as "$who" "$XS" run -p reader -- \
				"${words[@]}" "$WORLD/made/victim"
			[[ $(cat "$WORLD/confined.status") == 1 ]]
			grep -qE 'not permitted|denied' "$WORLD/confined.err"
		done
		cmp text "$WORLD/made/victim"
		[[ $(stat -c %a "$WORLD/made/victim") == 640 ]]
		[[ $(stat -c %Y "$WORLD/made/victim") -gt 0 ]]
		rm -f "$WORLD/made/victim"
	done
}

@test "coreutils: nothing is forked or executed" {
	for program in cat wc sort tee head sha256sum; do
		alone -p compute -- $program
		alone -p filter -- $program
	done
	refused -p filter -- env echo "done"
	refused -p filter -- nice -n 0 echo "done"
	refused -p filter -- timeout 9 echo "done"
}

@test "busybox: its applets do what they do without us" {
	skip_without busybox
	local LC_ALL=C
	for applet in cat wc "sort -r" tee "head -n 2" sha256sum "grep -n e" \
		"sed s/e/E/" "awk {print\$1}"; do
		read -ra words <<<"$applet"
		works -p compute -- busybox "${words[@]}"
		works -p filter -- busybox "${words[@]}"
	done
	works -p reader -- busybox cat text d/other
	works -p reader -- busybox grep -r e .
	works -p reader -- busybox find .
	works -p reader -- busybox ls -lnR
}

@test "busybox: what its profile forbids is refused" {
	skip_without busybox
	INPUT=/dev/null
	for profile in compute filter reader; do
		for applet in cat wc sort head sha256sum "grep a"; do
			read -ra words <<<"$applet"
			refused -p $profile -- busybox "${words[@]}" "$SECRET"
		done
		refused -p $profile -- busybox tee "$MADE"
		refused -p $profile -- busybox mkdir "$MADE"
		refused -p $profile -- busybox env echo "done"
		refused -p $profile -- busybox sh -c '(echo done); true'
		refused -p $profile -- busybox sh -c 'exec busybox echo done'
		refused -p $profile -- busybox sh -c 'echo done >"$MADE"'
		refused -p $profile -- busybox sh -c '/bin/echo done'
	done
}

# --- shells

shells="dash bash /bin/sh"

@test "shells: builtin commands do" {
	cat >script <<-'EOF'
		total=0
		while read -r word rest; do
			case $word in
			fig) total=$((total + rest)) ;;
			*) printf '%s:%s\n' "$word" "${rest#?}" ;;
			esac
		done
		trap 'echo bye $total' EXIT
		trap 'echo usr1' USR1
		kill -USR1 $$
		cd d && echo "${PWD##*/}"
		[ -r other ] && read -r first <other && echo "$first"
		exec 3>&1 1>&2; echo to stderr; exec 1>&3
		exit 7
	EOF
	for shell in $shells; do
		same -p reader -- "$shell" script
		[[ $(cat "$WORLD/confined.status") == 7 ]]
		same -p filter -- "$shell" -c 'read -r a b; echo "$b $a"; false'
	done
}

@test "shells: files elsewhere are neither read nor written" {
	for shell in $shells; do
		for profile in filter reader; do
			refused -p $profile -- "$shell" -c 'read -r x <"$SECRET" && echo "$x"'
			refused -p $profile -- "$shell" -c 'echo x >"$MADE"'
			refused -p $profile -- "$shell" -c ': >>"$MADE"'
		done
	done
}

@test "shells: nothing is forked or executed" {
	for shell in $shells; do
		for profile in filter reader; do
			refused -p $profile -- "$shell" -c '(echo done)'
			refused -p $profile -- "$shell" -c 'x=$(echo done); printf %s "$x"'
			refused -p $profile -- "$shell" -c 'echo done | cat; true'
			refused -p $profile -- "$shell" -c 'exec echo done'
			refused -p $profile -- "$shell" -c '/bin/echo done'
		done
		alone -p filter -- "$shell" -c :
	done
}

@test "bash: opens no connections" {
	skip_without bash
	[[ -n ${PORT-} ]] || skip "no python3 to serve"
	refused -p reader -- bash -c \
		'exec 9<>/dev/tcp/127.0.0.1/$PORT && echo connected'
	works -p tcp-client -- bash -c \
		'exec 9<>/dev/tcp/127.0.0.1/$PORT && echo connected'
}

@test "shells: with parts/shell a script starts the system's programs" {
	local shell profile
	profile=$(including reader parts/shell </dev/null)
	cat >script <<-'EOF'
		set -e
		cat text | tr a-z A-Z | sort
		for word in $(sed -n 's/ .*//p' text); do echo "got $word"; done
		grep -c fig text; awk '{ n += $2 } END { print n }' text
		find . -type f | sort | xargs wc -c
		(exit 3) || echo "status $?"
		sleep 0.01 & wait $!; echo waited
		sh -c 'kill -TERM $$' || echo "died: $?"
		cat <<END
		here $(basename /a/b) $((6 * 7))
		END
		gzip -c text | gunzip -c | cmp - text && echo same
		timeout 9 true && date -d @0 -u +%F
		echo gone >/dev/null
		perl -MTime::Local -e 'print timegm(0, 0, 0, 1, 0, 100), "\n"'
		exit 5
	EOF
	for shell in $shells; do
		same -p "$profile" -- "$shell" script
		[[ $(cat "$WORLD/confined.status") == 5 ]]
	done
}

@test "bash: with parts/shell process substitution, jobs and read -t do" {
	skip_without bash
	local profile
	profile=$(including reader parts/shell </dev/null)
	cat >script <<-'EOF'
		diff <(echo 1) <(echo 1) && echo same
		mapfile -t lines < <(sort text); echo "${#lines[@]}"
		sleep 30 & kill $!; wait $!; echo "killed: $?"
		read -r -t 0.05 x < <(sleep 1) || echo "timeout"
		TIMEFORMAT=%0R; time true
		umask 027; umask
		trap 'echo usr1; exit 4' USR1; kill -USR1 $$
	EOF
	same -p "$profile" -- bash script
	[[ $(cat "$WORLD/confined.status") == 4 ]]
}

@test "shells: what parts/shell starts is held as well" {
	local profile
	profile=$(including reader parts/shell </dev/null)
	for shell in $shells; do
		refused -p "$profile" -- "$shell" -c 'cat "$SECRET"; true'
		refused -p "$profile" -- "$shell" -c 'touch "$MADE"; true'
		refused -p "$profile" -- "$shell" -c 'cat <"$SECRET" | cat'
		refused -p "$profile" -- "$shell" -c \
			'sed 1q "$SECRET" 2>&1 >/dev/stdout | cat >&2;
			sed 1q "$SECRET"'
		cp /bin/echo "$WORLD/bin/own"
		refused -p "$profile" -- "$shell" -c '"$WORLD/bin/own" done'
	done
}

# --- grep, awk, perl, python3

@test "grep: finds the same" {
	works -p filter -- grep -n fig
	works -p filter -- grep -o 'pear .$'
	works -p filter -- grep -P '^\w+ \d+$'
	works -p reader -- grep -rc . .
	works -p reader -- grep -f d/other text
	same -p filter -- grep -q nothing
	same -p reader -- grep x missing
}

@test "grep: finds nothing elsewhere, and starts nothing" {
	for profile in compute filter reader; do
		refused -p $profile -- grep can "$SECRET"
		refused -p $profile -- grep -r can "$SECRET"
	done
	alone -p filter -- grep .
}

@test "awk: gawk and mawk print the same" {
	for awk in gawk mawk; do
		skip_without $awk
		works -p filter -- $awk '{ n[$1] += $2 } END { print n["fig"] }'
		works -p filter -- $awk '{ print length($2), toupper($0) }'
		works -p filter -- $awk 'BEGIN { srand(1); print ENVIRON["WORLD"] }'
		works -p reader -- $awk '{ print FILENAME, $1 }' text d/other
		same -p filter -- $awk 'BEGIN { exit 3 }'
	done
}

@test "awk: what its profile forbids is refused" {
	INPUT=/dev/null
	for awk in gawk mawk; do
		skip_without $awk
		for profile in compute filter reader; do
			refused -p $profile -- $awk '{ print }' "$SECRET"
			refused -p $profile -- $awk 'BEGIN { print > ENVIRON["MADE"] }'
			refused -p $profile -- $awk \
				'BEGIN { if (system("echo done")) print "denied" > "/dev/stderr" }'
			refused -p $profile -- $awk \
				'BEGIN { "echo done" | getline x; printf "%s", x
				if (!x) print "denied" > "/dev/stderr" }'
		done
		alone -p filter -- $awk 'BEGIN { exit }'
	done
}

@test "perl: prints the same" {
	works -p filter -- perl -ne 'print if /\d/'
	works -p filter -- perl -CS -e 'print join(",", sort map { uc } qw(b ä)), "\n"'
	works -p reader -- perl -pe 's/fig/FIG/' text d/other
	same -p filter -- perl -e 'print "x"; exit 9'
	same -p filter -- perl -e 'die "gone\n"'
	same -p filter -- perl -e 'kill "TERM", $$'
	[[ $(cat "$WORLD/confined.status") == 143 ]]
}

@test "perl: what its profile forbids is refused" {
	INPUT=/dev/null
	for profile in filter reader; do
		refused -p $profile -- perl -e \
			'open F, "<", $ENV{SECRET} or die "$!\n"; print <F>'
		refused -p $profile -- perl -e \
			'open F, ">", $ENV{MADE} or die "$!\n"'
		refused -p $profile -- perl -e \
			'defined($p = fork) or die "$!\n"; $p ? wait : print "done\n"'
		refused -p $profile -- perl -e 'exec "/bin/echo", "done"; die "$!\n"'
		refused -p $profile -- perl -e \
			'system("/bin/echo", "done") == 0 or die "$!\n"'
		refused -p $profile -- perl -e \
			'print `echo done` // die "$!\n"; die "denied\n" if $?'
	done
	alone -p filter -- perl -e 1
}

@test "python3: runs with parts/python3, the modules of C too" {
	cat >script.py <<-'EOF'
		import asyncio, collections, ctypes, datetime, decimal, hashlib
		import json, mimetypes, os, random, re, socket, sqlite3, ssl
		import struct, subprocess, sys, threading, time, unicodedata, zlib
		text = sys.stdin.read()
		print(hashlib.sha256(text.encode()).hexdigest(), len(text))
		print(json.dumps(sorted(text.split())), unicodedata.name('ä'))
		print(zlib.decompress(zlib.compress(text.encode())) == text.encode())
		print(mimetypes.guess_type('x.html'), os.getcwd(), sys.argv)
		print(sqlite3.connect(':memory:').execute('select 6 * 7').fetchone())
		sys.exit(6)
	EOF
	for who in $(users); do
		as "$who" test -r /usr/bin/python3 || skip "no python3"
	done
	works -p "$PYTHON" -- /usr/bin/python3 -c 'print("ä")'
	works -p "$PYTHON" -- /usr/bin/python3 -I -c \
		'import sys; print(sys.stdin.read().upper())'
	same -p "$PYTHON" -a 'SystemIO.read_path=${CWD}' -- \
		/usr/bin/python3 script.py arg
	[[ $(cat "$WORLD/confined.status") == 6 ]]
	same -p "$PYTHON" -- /usr/bin/python3 -c 'raise SystemExit("gone")'
}

@test "python3: threads and clocks" {
	local profile
	profile=$(including filter parts/python3 </dev/null)
	works -p "$profile" -a Time.sleep -- /usr/bin/python3 -c '
import threading, time
results = []
threads = [threading.Thread(target=lambda i=i: results.append(i * i))
           for i in range(8)]
for t in threads: t.start()
for t in threads: t.join()
time.sleep(0.001)
print(sorted(results), time.process_time() < 9)'
	# Threads are not in compute.
	refused -p "$PYTHON" -- /usr/bin/python3 -c '
import threading
threading.Thread(target=lambda: print("done")).start()'
}

@test "python3: what its profile forbids is refused" {
	INPUT=/dev/null
	for code in \
		'import os; print(open(os.environ["SECRET"]).read())' \
		'import os; open(os.environ["MADE"], "w")' \
		'import os; os.mkdir(os.environ["MADE"])' \
		'import os; os.fork() or print("done", flush=True)' \
		'import os; os.execv("/bin/echo", ["echo", "done"])' \
		'import os; os.posix_spawn("/bin/echo", ["echo", "done"], {})' \
		'import os; os.system("echo done") and exit("denied")' \
		'import subprocess; subprocess.run(["/bin/echo", "done"])' \
		'import multiprocessing as m; m.Process(target=print, args=("done",)).start()' \
		'import os; os.memfd_create("x"); print("done")' \
		'import os; os.kill(os.getppid(), 0); print("done")' \
		'import socket; socket.socket(); print("done")' \
		'import socket; socket.socket(socket.AF_UNIX); print("done")' \
		'import socket; socket.socketpair(); print("done")' \
		'import os; os.pipe(); print("done")' \
		'import os; os.setpriority(os.PRIO_PROCESS, 0, 19); print("done")' \
		'import os; os.dup(1); print("done")'; do
		refused -p "$PYTHON" -- /usr/bin/python3 -c "$code"
	done
	alone -p "$PYTHON" -- /usr/bin/python3 -c 1
}

# --- the network

@test "curl: fetches and posts the same" {
	skip_without curl
	[[ -n ${PORT-} ]] || skip "no python3 to serve"
	local url=http://127.0.0.1:$PORT
	works -p tcp-client -- curl -sS "$url/page"
	works -p tcp-client -- curl -sS -I -o /dev/null -w '%{http_code}\n' "$url/page"
	works -p tcp-client -- curl -sS "http://localhost:$PORT/page"
	same -p tcp-client -- curl -sS -f "$url/missing"
	[[ $(cat "$WORLD/confined.status") == 22 ]]
	same -p tcp-client -- curl -sS -X POST --data-binary @- -o /dev/null \
		-w '%{http_code} %{size_upload}\n' "$url/page"
	contains "$(cat "$WORLD/confined.out")" "501 $(wc -c <text)"
}

@test "curl: reads and writes no files, and without the words doesn't connect" {
	skip_without curl
	[[ -n ${PORT-} ]] || skip "no python3 to serve"
	local url=http://127.0.0.1:$PORT who
	INPUT=/dev/null
	refused -p tcp-client -- curl -sS "file://$SECRET"
	refused -p tcp-client -- curl --no-progress-meter -o "$MADE" "$url/page"
	refused -p tcp-client -- bash -c \
		'exec 9<>/dev/udp/127.0.0.1/9 && echo done'
	for who in $(users); do
		expect 7 as "$who" "$XS" run -p filter -- \
			curl -sS "$url/refused-$who"
	done
	run -1 grep refused "$WORLD/server.log"
	alone -p tcp-client -- curl -sS "$url/page"
}

@test "socat: is a client, and no server" {
	skip_without socat
	[[ -n ${PORT-} ]] || skip "no python3 to serve"
	printf 'GET /page HTTP/0.9\r\n\r\n' >request
	INPUT=$WORLD/work/request
	works -p tcp-client -- socat -t 9 - "TCP:127.0.0.1:$PORT"
	works -p tcp-client -- socat -t 9 - "TCP:localhost:$PORT"
	contains "$(cat "$WORLD/confined.out")" served
	INPUT=/dev/null
	refused -p filter -- socat -t 9 -u "SYSTEM:echo done" -
	refused -p tcp-client -- socat -t 9 -u "EXEC:echo done" -
	refused -p tcp-client -- socat -t 9 -u "OPEN:$SECRET" -
	refused -p tcp-client -- socat -t 9 -u /dev/null "CREATE:$MADE"
	refused -p tcp-client -- perl -MSocket -e '
		socket(S, AF_UNIX, SOCK_STREAM, 0) and
			bind(S, pack_sockaddr_un($ENV{MADE})) or die "$!\n"'
	alone -p tcp-client -- socat -u /dev/null -
}

@test "tcp-client: nothing listens" {
	skip_without socat
	for who in $(users); do
		expect 1 as "$who" "$XS" run -p tcp-client -- \
			socat -T 1 -d -d TCP-LISTEN:0,bind=127.0.0.1 -
		contains "$stderr" "Operation not permitted"
		[[ $stderr != *"listening on"* ]]
	done
}

# listen WHO OPTION... -- COMMAND...: starts it under a profile, and tells the port that it prints.
listen() {
	run_as "$1"
	shift
	: >"$WORLD/listen"
	"${run_as[@]}" "$XS" run "$@" >"$WORLD/listen" 2>&1 <"$INPUT" 3>&- &
	LISTENER=$!
	STARTED+=("$LISTENER")
	within 20 grep -qE 'port [0-9]|127.0.0.1 [0-9]|^[0-9]' "$WORLD/listen"
	PORT=$(sed -nE 's/.*(port |127.0.0.1 |^)([0-9]+).*/\2/p' "$WORLD/listen" |
		head -n 1)
}

@test "tcp-server: nc serves, and connects to nobody" {
	skip_without nc
	skip_without socat
	local server=${PORT-}
	for who in $(users); do
		listen "$who" -p tcp-server -- nc -n -v -N -l 127.0.0.1 0
		socat -t 9 -u "TCP:127.0.0.1:$PORT" - >got
		ended 0 "$LISTENER"
		cmp got text
		[[ -n $server ]] || continue
		refused -p tcp-server -- bash -c \
			"exec 9<>/dev/tcp/127.0.0.1/$server && echo connected"
		refused -p tcp-server -- bash -c \
			"exec 9<>/dev/udp/127.0.0.1/9 && echo connected"
	done
}

@test "tcp-server: python3 -m http.server serves with reader" {
	skip_without curl
	local profile
	profile=$(including tcp-server reader parts/python3 </dev/null)
	for who in $(users); do
		listen "$who" -p "$profile" -- \
			/usr/bin/python3 -u -m http.server -b 127.0.0.1 0
		expect 0 curl -sS -f --max-time 20 "http://127.0.0.1:$PORT/text"
		[[ $output == "$(cat text)" ]]
		# A link that leads out of the folder.
		ln -sf "$SECRET" out
		expect 22 curl -sS -f --max-time 20 "http://127.0.0.1:$PORT/out"
		kill "$LISTENER"
		ended 143 "$LISTENER"
	done
}

# --- programs in C and Go, linked in all ways

need_samples() {
	samples=("$WORLD"/bin/sample{,-static,-static-pie,-musl,-musl-static})
	for sample in "${samples[@]}"; do
		skip_without_built "${sample##*/}"
	done
}

@test "C: glibc and musl, dynamic and static, do the same" {
	need_samples
	for sample in "${samples[@]}"; do
		for profile in compute filter; do
			works -p $profile -- "$sample" upper
		done
		works -p reader -- "$sample" read text
		same -p compute -- "$sample" frobnicate
		[[ $(cat "$WORLD/confined.status") == 64 ]]
	done
}

@test "C: glibc and musl, dynamic and static, are refused the same" {
	need_samples
	for sample in "${samples[@]}"; do
		for profile in compute filter reader; do
			refused -p $profile -- "$sample" read "$SECRET"
			refused -p $profile -- "$sample" write "$MADE"
			alone -p $profile -- "$sample" upper
		done
	done
}

@test "C: threads do where the profile has them, and are held as well" {
	need_samples
	for sample in "${samples[@]}"; do
		works -p compute -a Threads.create -- "$sample" threads
		works -p reader -a Threads.create -- "$sample" threads text
		refused -p compute -a Threads.create -- "$sample" threads "$SECRET"
		alone -p compute -a Threads.create -- "$sample" threads
		# musl tells every failure as EAGAIN.
		expect 2 "$XS" run -p compute -- "$sample" threads
		[[ -z $output && $stderr == "thread: "* ]]
	done
}

@test "Go: goroutines do, and nothing is read or started" {
	skip_without_built goroutines
	local go=(-p compute -a 'Threads: all' -a 'Events: all' -a 'Pipes: all')
	works "${go[@]}" -- "$WORLD/bin/goroutines" sum
	works -p reader "${go[@]:2}" -- "$WORLD/bin/goroutines" read text
	refused "${go[@]}" -- "$WORLD/bin/goroutines" read "$SECRET"
	refused "${go[@]}" -- "$WORLD/bin/goroutines" start /bin/echo
	refused "${go[@]}" -- "$WORLD/bin/goroutines" exec /bin/echo
	refused -p tcp-server -- "$WORLD/bin/goroutines" exec /bin/echo
}

@test "Go: serves with tcp-server" {
	skip_without_built goroutines
	skip_without socat
	for who in $(users); do
		listen "$who" -p tcp-server -- "$WORLD/bin/goroutines" serve
		socat -t 9 -u "TCP:127.0.0.1:$PORT" - >got
		ended 0 "$LISTENER"
		[[ $(cat got) == served ]]
	done
}

# --- scripts

@test "env scripts: their interpreter gets the same arguments" {
	cat >by-env <<-'EOF'
		#!/usr/bin/env python3
		import os, sys
		print(sys.argv, os.path.basename(sys.executable))
		print(sys.stdin.read())
	EOF
	sed 's/env python3/env -S python3 -I -u/' by-env >by-env-s
	sed 's/.usr.bin.env python3/\/usr\/bin\/python3 -E/' by-env >by-path
	chmod 755 by-env by-env-s by-path
	for script in ./by-env ./by-env-s ./by-path "$PWD/by-env"; do
		works -p "$PYTHON" -- "$script" one 'two words'
	done
	PATH=$PWD:$PATH
	works -p "$PYTHON" -- by-env-s ''
}

@test "env scripts: what they may not do is refused" {
	cat >by-env <<-'EOF'
		#!/usr/bin/env -S python3 -I
		import os, sys
		if sys.argv[1] == 'read':
		    print(open(os.environ['SECRET']).read())
		elif sys.argv[1] == 'exec':
		    os.execv('/bin/echo', ['echo', 'done'])
		else:
		    os.fork() or print('done', flush=True)
	EOF
	chmod 755 by-env
	for deed in read exec fork; do
		refused -p "$PYTHON" -- ./by-env $deed
	done
}

@test "sh scripts: with and without a #! line" {
	printf '#!/bin/sh\nread -r x; echo "$0 $1 $x"\n' >script
	tail -n 1 script >bare
	chmod 755 script bare
	works -p filter -- ./script arg
	works -p filter -- ./bare arg
	printf '#!/bin/sh\nexec echo done\n' >script
	refused -p filter -- ./script
}
