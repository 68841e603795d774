#!/usr/bin/env bats
# The profiles web-fetch, python-script, node-script, build and workspace with
# the programs that they are for, as root and as an ordinary user: their work
# comes out the same as without us; what they are not to read, write, connect to
# or start, they don't, though without us they do.

load helpers
load programs

setup_file() {
	make_world
	build again.so cc -shared -fPIC again.c
	[[ ! -x /usr/bin/python3 ]] || start_server
	LOG=$WORLD/server.log
	# Keys of a user, who may read them.
	mkdir -p "$WORLD/home/.ssh" "$WORLD/tmp"
	echo canary-key >"$WORLD/home/.ssh/id_rsa"
	cp /bin/echo "$WORLD/bin/own"
	chmod 1777 "$WORLD/tmp"
	export HOME=$WORLD/home TMPDIR=$WORLD/tmp LOG
	unset "${!GIT_@}" "${!NODE_@}" "${!PYTHON@}" CC CFLAGS MAKEFLAGS
	[[ $EUID -ne 0 ]] || start_web
}

teardown_file() {
	stop_server
	[[ -z ${WEB-} ]] || kill "$WEB" 2>/dev/null || true
	unmake_world
}

# Every test has a folder of its own, in which everybody may work.
setup() {
	PATH=/usr/bin:/bin:/usr/sbin:/sbin
	umask 000
	export INPUT=/dev/null
	mkdir "$WORLD/work/$BATS_TEST_NUMBER"
	cd "$WORLD/work/$BATS_TEST_NUMBER" || return
	NS=
}

# A server of web pages and names in a namespace, where its ports are free and
# every name leads to it.
start_web() {
	command -v unshare nsenter openssl python3 >/dev/null || return 0
	local dir=$WORLD/web
	mkdir "$dir"
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/ca.key" \
		-out "$dir/ca.pem" -subj "/CN=tests" -days 2 2>&1
	openssl req -newkey rsa:2048 -nodes -keyout "$dir/key.pem" \
		-out "$dir/request.pem" -subj "/CN=localhost" 2>&1
	echo subjectAltName=DNS:localhost,DNS:example.org,IP:127.0.0.1 \
		>"$dir/names"
	openssl x509 -req -in "$dir/request.pem" -CA "$dir/ca.pem" \
		-CAkey "$dir/ca.key" -CAcreateserial -out "$dir/cert.pem" \
		-days 2 -extfile "$dir/names" 2>&1
	echo "nameserver 127.0.0.1" >"$dir/resolv.conf"
	unshare --net --mount sh -c '
		mount --bind "$1/resolv.conf" /etc/resolv.conf &&
		exec /usr/bin/python3 "$0" "$1/cert.pem" "$1/key.pem"' \
		"$TOP/tests/prog/web.py" "$dir" >"$WORLD/web.log" 2>&1 \
		</dev/null 3>&- &
	WEB=$!
	export WEB
	within 20 grep -q '^ready' "$WORLD/web.log"
}

# Commands are run beside that server, and its log is counted.
in_web() {
	[[ $EUID -eq 0 ]] || skip "only root can have the ports 80 and 443"
	[[ -n ${WEB-} ]] || skip "no namespace, openssl or python3"
	NS=$WEB
	LOG=$WORLD/web.log
	cp "$WORLD/web/ca.pem" .
}

eval "outside_$(declare -f run_as)"
run_as() {
	outside_run_as "$1"
	[[ -z $NS ]] || run_as=(nsenter -t "$NS" --net --mount
		sh -c 'cd "$0" && exec "$@"' "$PWD" "${run_as[@]}")
}

# requests PATH: how many for it the server has answered.
requests() {
	grep -c -- "$1" "$LOG" || true
}

# unreached PATH [OPTION...] -- COMMAND...: COMMAND asks the server for PATH;
# with us it fails, and the server sees nothing of it, for every user.
unreached() {
	local path=$1 options command who before
	shift
	split_words "$@"
	for who in $(users); do
		before=$(requests "$path")
		outcome plain as "$who" "${command[@]}"
		[[ $(requests "$path") -eq $((before + 1)) ]] || {
			echo "not reached even without us, as $who:" \
				"${command[*]@Q}"
			show_outcomes plain
			return 1
		}
		outcome confined as "$who" "$XS" run "${options[@]}" -- \
			"${command[@]}"
		[[ $(requests "$path") -eq $((before + 1)) &&
			$(cat "$WORLD/confined.status") -ne 0 ]] || {
			echo "reached with us, as $who: ${command[*]@Q}"
			show_outcomes confined
			return 1
		}
	done
}

# undone TEXT [OPTION...] -- COMMAND...: as `refused`, of a program that tells so
# in its own way.
undone() {
	local text=$1 options command who
	shift
	split_words "$@"
	for who in $(users); do
		rm -rf "$MADE"
		outcome plain as "$who" "${command[@]}"
		is_done plain
		rm -rf "$MADE"
		outcome confined as "$who" "$XS" run "${options[@]}" -- \
			"${command[@]}"
		! is_done confined
		contains "$(cat "$WORLD/confined.err")" "$text"
	done
}

# makes FILE TEXT [OPTION...] -- COMMAND...: with us COMMAND makes FILE, and
# TEXT is in it, for every user.
makes() {
	local file=$1 text=$2 options command who
	shift 2
	split_words "$@"
	for who in $(users); do
		rm -f "$file"
		expect 0 as "$who" "$XS" run "${options[@]}" -- "${command[@]}"
		[[ $(cat "$file") == "$text" ]]
	done
}

@test "profiles: these are for a folder, not for everything" {
	cd /
	for profile in web-fetch python-script node-script build workspace; do
		expect 125 "$XS" run -p $profile -- true
		contains "$stderr" "would be every file"
	done
}

# --- web-fetch

@test "web-fetch: curl and wget fetch by HTTPS and HTTP" {
	skip_without curl
	skip_without wget
	in_web
	local url
	for url in https://example.org/1 https://localhost/2 \
		https://127.0.0.1/3 http://example.org/4; do
		works -p web-fetch -- curl -sS --cacert ca.pem "$url"
		works -p web-fetch -- wget -q -O - --ca-certificate=ca.pem "$url"
		contains "$(cat "$WORLD/confined.out")" "page /"
	done
	works -p web-fetch -- curl -sS -m 9 --data posted http://example.org/
	works -p web-fetch -- wget -q -O - -T 9 http://example.org/
	# Whose certificates are not the system's.
	same -p web-fetch -- curl -sS https://example.org/
	[[ $(cat "$WORLD/confined.status") == 60 ]]
	same -p web-fetch -- wget -q -O - https://example.org/
	[[ $(cat "$WORLD/confined.status") == 5 ]]
}

@test "web-fetch: curl and wget write to the working folder" {
	skip_without curl
	skip_without wget
	in_web
	makes got "page /a" -p web-fetch -- \
		curl -sS --cacert ca.pem -o got https://example.org/a
	makes b "page /b" -p web-fetch -- \
		curl -sS -O --cacert ca.pem https://example.org/b
	makes got "page /c" -p web-fetch -- \
		wget -q -O got --ca-certificate=ca.pem https://example.org/c
	makes d "page /d" -p web-fetch -- \
		wget -q --ca-certificate=ca.pem https://example.org/d
	[[ $stderr == "" ]]
}

@test "web-fetch: nothing else is read or written" {
	skip_without curl
	skip_without wget
	in_web
	ln -s "$SECRET" link
	refused -p web-fetch -- curl -sS "file://$SECRET"
	refused -p web-fetch -- curl -sS "file://$PWD/link"
	refused -p web-fetch -- curl -sS "file://$HOME/.ssh/id_rsa"
	refused -p web-fetch -- curl --no-progress-meter -o "$MADE" \
		http://example.org/
	undone "data file" -p web-fetch -- wget -nv -O - \
		--post-file="$SECRET" http://example.org/
	refused -p web-fetch -- wget -q -O "$MADE" http://example.org/
}

@test "web-fetch: other ports are not reached" {
	skip_without curl
	skip_without wget
	in_web
	unreached "8443 /curl" -p web-fetch -- \
		curl -sS --cacert ca.pem https://example.org:8443/curl
	unreached "8080 /curl" -p web-fetch -- \
		curl -sS http://127.0.0.1:8080/curl
	unreached "8443 /wget" -p web-fetch -- wget -q -O - -t 1 \
		--ca-certificate=ca.pem https://example.org:8443/wget
	unreached "8080 /wget" -p web-fetch -- \
		wget -q -O - -t 1 http://127.0.0.1:8080/wget
	# As its head tells to have them.
	works -p web-fetch \
		-a 'Networking: [start_tcp_clients: {ports: 8443}]' -- \
		curl -sS --cacert ca.pem https://example.org:8443/curl
}

@test "web-fetch: nothing is started, and no socket of a path connected" {
	skip_without curl
	skip_without wget
	in_web
	alone -p web-fetch -- curl -sS http://127.0.0.1/
	alone -p web-fetch -- wget -q -O - http://127.0.0.1/
	printf '#!/bin/sh\necho x >"$MADE"\necho word\n' >ask
	chmod 755 ask
	undone "Cannot create pipe" -p web-fetch -- wget -nv -O /dev/null \
		--use-askpass="$PWD/ask" http://example.org/
	unix_server
	undone "Couldn't connect" -p web-fetch -- curl -sS -m 9 \
		--unix-socket "$PWD/sock" http://localhost/
}

# A server of one page at ./sock, beside the commands if they are in a namespace.
unix_server() {
	skip_without socat
	cat >answer <<-'EOF'
		while read -r line && [ ${#line} -gt 1 ]; do :; done
		printf 'HTTP/1.0 200 OK\r\n\r\nunix\n'
	EOF
	socat UNIX-LISTEN:sock,fork,mode=777 SYSTEM:"sh answer" \
		>/dev/null 2>&1 </dev/null 3>&- &
	STARTED=("$!")
	within 20 test -S sock
}

teardown() {
	end_started
}

# --- python-script

python_script() {
	cat >script.py <<-'EOF'
		import asyncio, concurrent.futures, hashlib, json, os, pathlib
		import shutil, sqlite3, sys, tempfile, threading, time
		text = sys.stdin.read()
		print(len(text), sys.argv[1:], os.path.basename(os.getcwd()) != '')
		pathlib.Path('made/deep').mkdir(parents=True)
		pathlib.Path('made/file').write_text('one\n')
		with open('made/file', 'a') as f:
		    f.write('two\n')
		os.rename('made/file', 'made/deep/file')
		os.link('made/deep/file', 'made/hard')
		os.symlink('hard', 'made/soft')
		print(sorted(os.listdir('made')), open('made/soft').read())
		shutil.copyfile('made/hard', 'made/copy')
		shutil.rmtree('made')
		db = sqlite3.connect('base.db')
		db.execute('pragma journal_mode=wal')
		db.execute('create table t(a)')
		db.execute('insert into t values(42)')
		db.commit()
		print(db.execute('select a from t').fetchone())
		db.close()
		os.unlink('base.db')
		with tempfile.TemporaryDirectory() as d:
		    print(os.path.dirname(d) == os.environ['TMPDIR'])
		async def work():
		    await asyncio.sleep(0.01)
		    return await asyncio.to_thread(lambda: 6 * 7)
		print(asyncio.run(work()))
		with concurrent.futures.ThreadPoolExecutor() as pool:
		    print(list(pool.map(len, ['a', 'bc'])))
		print(json.dumps({'ä': hashlib.md5(b'x').hexdigest()}))
		time.sleep(0.01)
		sys.exit(7)
	EOF
}

@test "python-script: a script works in its folder" {
	[[ -x /usr/bin/python3 ]] || skip "no python3"
	python_script
	INPUT=script.py
	# Where it is to be found to be writable.
	TMPDIR=$PWD same -p python-script -- /usr/bin/python3 script.py arg
	[[ $(cat "$WORLD/confined.status") == 7 ]]
	works -p python-script -- /usr/bin/python3 -c 'print("ä".upper())'
	printf '#!/usr/bin/env python3\nprint(open(__file__).read())\n' >run-me
	chmod 755 run-me
	works -p python-script -- ./run-me
}

@test "python-script: temporary files are made in the folder if not in /tmp" {
	[[ -x /usr/bin/python3 ]] || skip "no python3"
	for who in $(users); do
		expect 0 as "$who" "$XS" run -p python-script -- \
			/usr/bin/python3 -c '
import os, tempfile
print(tempfile.mkstemp()[1])'
		[[ $output == "$PWD/"* ]]
	done
}

@test "python-script: nothing else is read, written or changed" {
	[[ -x /usr/bin/python3 ]] || skip "no python3"
	ln -s "$SECRET" link
	for code in \
		'print(open(os.environ["SECRET"]).read())' \
		'print(open("link").read())' \
		'print(open(os.environ["HOME"] + "/.ssh/id_rsa").read())' \
		'print(os.listdir(os.environ["HOME"]))' \
		'print(open("/etc/passwd").read())' \
		'print(open("/proc/self/status").read())' \
		'open(os.environ["MADE"], "w")' \
		'os.mkdir(os.environ["MADE"])' \
		'os.mkfifo(os.environ["MADE"])' \
		'os.symlink("/", os.environ["MADE"])' \
		'open("x", "w"); os.rename("x", os.environ["MADE"])' \
		'open("y", "w"); os.link("y", os.environ["MADE"])' \
		'open(n, "w"); os.chmod(n, 0o600); print("done")' \
		'open(n, "w"); os.utime(n); print("done")' \
		'os.mkfifo("fifo"); os.unlink("fifo"); print("done")'; do
		refused -p python-script -- /usr/bin/python3 -c \
			"import os; n = str(os.getuid()); $code"
		rm -f x y
	done
}

@test "python-script: no server is reached, and none started" {
	[[ -n ${PORT-} ]] || skip "no python3 to serve"
	printf '%s\n' 'import os, urllib.request' \
		'urllib.request.urlopen(f"http://127.0.0.1:{os.environ["PORT"]}/seen-by-python")' |
		sed "s/\[\"PORT\"\]/['PORT']/" >fetch.py
	unreached /seen-by-python -p python-script -- \
		/usr/bin/python3 fetch.py
	for code in \
		"socket.create_connection(('127.0.0.1', $PORT)); print('done')" \
		"socket.socket(2, 2).sendto(b'x', ('127.0.0.1', 9)); print('done')" \
		"s = socket.socket(); s.bind(('127.0.0.1', 0)); print('done')" \
		"s = socket.socket(socket.AF_UNIX, 2); print('done')"; do
		refused -p python-script -- /usr/bin/python3 -c \
			"import socket; $code"
	done
}

@test "python-script: nothing is started" {
	[[ -x /usr/bin/python3 ]] || skip "no python3"
	cp /bin/echo own
	for code in \
		'os.fork() or print("done", flush=True)' \
		'os.execv("/bin/echo", ["echo", "done"])' \
		'os.execv("./own", ["own", "done"])' \
		'os.posix_spawn("/bin/echo", ["echo", "done"], {})' \
		'os.system("echo done") and exit("denied")' \
		'import subprocess; subprocess.run(["/bin/echo", "done"])' \
		'os.memfd_create("x"); print("done")' \
		'os.kill(os.getppid(), 0); print("done")'; do
		refused -p python-script -- /usr/bin/python3 -c "import os; $code"
	done
	alone -p python-script -- /usr/bin/python3 -c 1
}

# --- node-script

@test "node-script: a script works in its folder" {
	skip_without node
	mkdir -p node_modules/own
	echo 'module.exports = "own module"' >node_modules/own/index.js
	cat >script.js <<-'EOF'
		const fs = require('fs'), zlib = require('zlib');
		const {Worker} = require('worker_threads');
		console.log(require('own'), process.argv.slice(2));
		console.log(fs.readFileSync(0, 'utf8').length);
		fs.mkdirSync('made/deep', {recursive: true});
		fs.writeFileSync('made/file', 'one\n');
		fs.appendFileSync('made/file', 'two\n');
		fs.renameSync('made/file', 'made/deep/file');
		fs.copyFileSync('made/deep/file', 'made/copy');
		fs.symlinkSync('copy', 'made/soft');
		console.log(fs.readdirSync('made'), fs.readFileSync('made/soft', 'utf8'));
		fs.rmSync('made', {recursive: true});
		console.log(zlib.gunzipSync(zlib.gzipSync('ä')).toString());
		let n = 0;
		for (let i = 0; i < 5e6; i++) n += i % 7;
		console.log(n, new WebAssembly.Module(
			Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)) !== null);
		setTimeout(async () => {
			await fs.promises.writeFile('late', 'x');
			fs.unlinkSync('late');
			new Worker('console.log("worker")', {eval: true})
				.on('exit', () => process.exit(7));
		}, 10);
	EOF
	INPUT=script.js
	same -p node-script -- node script.js arg
	[[ $(cat "$WORLD/confined.status") == 7 ]]
	# Standard streams that are pipes.
	works -p node-script -- node -p '6 * 7'
	for who in $(users); do
		[[ $(as "$who" "$XS" run -p node-script -- node -p '6 * 7' |
			cat) == 42 ]]
	done
}

@test "node-script: --jitless goes without code in memory, node does not" {
	skip_without node
	mkdir "$WORLD/config/jitless"
	cp -R "$WORLD/config/extrasafe/profiles/"* "$WORLD/config/jitless/"
	sed -i '/jit: yes_really/d' "$WORLD/config/jitless/parts/node.yaml"
	sed -i 's|parts/[a-z]*|./&.yaml|g' "$WORLD/config/jitless/node-script.yaml"
	works -p "$WORLD/config/jitless/node-script.yaml" -- \
		node --jitless -e 'console.log(1 + 1)'
	for who in $(users); do
		outcome confined as "$who" "$XS" run \
			-p "$WORLD/config/jitless/node-script.yaml" -- \
			node -p '1 + 1'
		[[ $(cat "$WORLD/confined.status") -ge 128 ]]
	done
}

@test "node-script: nothing else is read or written" {
	skip_without node
	ln -s "$SECRET" link
	for code in \
		'console.log(fs.readFileSync(process.env.SECRET, "utf8"))' \
		'console.log(fs.readFileSync("link", "utf8"))' \
		'console.log(fs.readFileSync(process.env.HOME + "/.ssh/id_rsa", "utf8"))' \
		'console.log(fs.readdirSync(process.env.HOME))' \
		'console.log(fs.readFileSync("/etc/passwd", "utf8"))' \
		'fs.writeFileSync(process.env.MADE, "x")' \
		'fs.mkdirSync(process.env.MADE)' \
		'fs.symlinkSync("/", process.env.MADE)' \
		'fs.writeFileSync("x", ""); fs.renameSync("x", process.env.MADE)' \
		'fs.writeFileSync("y", ""); fs.linkSync("y", process.env.MADE)' \
		'fs.writeFileSync("y", ""); fs.copyFileSync("y", process.env.MADE)' \
		'fs.writeFileSync(n, ""); fs.chmodSync(n, 0o600); console.log("done")'; do
		refused -p node-script -- node -e "n = '' + process.getuid(); $code"
		rm -f x y
	done
}

@test "node-script: no server is reached, and none started" {
	skip_without node
	[[ -n ${PORT-} ]] || skip "no python3 to serve"
	unreached /seen-by-node -p node-script -- node -e '
		http.get(`http://127.0.0.1:${process.env.PORT}/seen-by-node`)'
	for code in \
		'net.connect(process.env.PORT, "127.0.0.1", function() { console.log("done"); this.end() })' \
		'dgram.createSocket("udp4").send("x", 9, "127.0.0.1", function() { console.log("done"); this.close() })' \
		'net.createServer().listen(0, "127.0.0.1", function() { console.log("done"); this.close() })'; do
		refused -p node-script -- node -e "$code" -e '
			process.on("uncaughtException", e => {
				console.error(e.code == "EPERM" ? "not permitted" : e)
				process.exit(1)
			});'"$code"
	done
}

@test "node-script: nothing is started" {
	skip_without node
	cp /bin/echo own
	for program in /bin/echo ./own; do
		refused -p node-script -- node -e "
			const child = child_process.spawnSync('$program', ['done'])
			if (child.error?.code == 'EPERM') throw 'not permitted'
			process.stdout.write(child.stdout ?? '')"
	done
	refused -p node-script -- node -e '
		try { process.kill(process.ppid, 0); console.log("done") }
		catch (e) { throw e.code == "EPERM" ? "not permitted" : e }'
	alone -p node-script -- node -e 1
}

# --- build

project() {
	printf '#include <stdio.h>\n#include "value.h"\nint other(void);\n%s\n' \
		'int main(void) { printf("%d\n", other() * VALUE); return 0; }' \
		>main.c
	echo 'int other(void) { return 6; }' >other.c
	echo 'echo "#define VALUE 7"' >value.sh
	cat >Makefile <<-'EOF'
		.RECIPEPREFIX = >
		all: prog
		> ./prog
		> size=$$(wc -c <value.h) && test "$$size" -gt 1
		prog: main.o libother.a
		> $(CC) -o $@ main.o -L. -lother
		main.o: main.c value.h
		> $(CC) -g -O2 -Wall -MMD -c -o $@ $<
		libother.a: other.o
		> ar rcs $@ $^
		value.h: value.sh
		> sh value.sh >$@.tmp
		> mv -f $@.tmp $@
		lto: main.c other.c value.h
		> $(CC) -O2 -flto=2 -o lto main.c other.c
		> ./lto
		install: prog
		> install -d dest/bin
		> install -m 750 prog dest/bin
		> strip dest/bin/prog
		> cp -p value.h dest
		> ln -s prog dest/bin/link
		> touch -d @0 dest/value.h
		> find dest -printf '%M %P\n' | sort -o list
		> cat list
		> stat -c %Y dest/value.h
		temporary:
		> d=$$(mktemp -d) && echo x >$$d/file && rm -r $$d
		clean:
		> rm -rf dest list lto prog value.h *.[ado]
	EOF
}

@test "build: make and gcc build, install and clean up a project" {
	skip_without make
	skip_without gcc
	project
	for how in all lto install; do
		works -p build -- sh -c "make $how && make -s clean"
	done
	contains "$(cat "$WORLD/confined.out")" "-rwxr-x--- bin/prog"
	works -p build -- sh -c "make -s -j2 all && make -s clean"
	works -p build -- sh -c 'seq 300000 | sort -S 1M -r | tail -n 1'
	[[ $(ls -A "$TMPDIR") == "" ]]
}

@test "build: the system's make and gcc with all of their commands" {
	skip_without make
	skip_without gcc
	project
	works -p build -- sh -c 'make -s && nm prog | grep -c other &&
		objdump -d prog | grep -c "<main>:"; ls -l | wc -l; make -s clean'
	works -p build -- gcc -v
	works -p build -- gcc -E -x c value.sh
}

@test "build: a folder below its own can be the temporary one" {
	skip_without make
	project
	mkdir tmp
	TMPDIR=$PWD/tmp works -p build -- make temporary
	# Elsewhere no folder is made, and nothing listed.
	refused -p build -- mktemp -d
	touch "$TMPDIR/of-others"
	refused -p build -- ls "$TMPDIR"
	rm -rf "${TMPDIR:?}"/*
}

@test "build: nothing else is read" {
	skip_without make
	skip_without gcc
	printf 'all:\n\t@cat "$$SECRET"\n' >Makefile
	refused -p build -- make
	printf 'include $(SECRET)\nall:\n\t@echo "$(canary)"\n' >Makefile
	echo 'canary = done' >"$WORLD/secret.mk"
	SECRET=$WORLD/secret.mk refused -p build -- make
	refused -p build -- gcc -E -x c "$SECRET"
	printf '.incbin "%s"\n' "$SECRET" >secret.s
	undone "file not found" -p build -- sh -c \
		'as -o secret.o secret.s && strings secret.o | grep can'
	rm -f secret.o
	for file in "$HOME/.ssh/id_rsa" "/proc/$$/cmdline" /etc/hosts; do
		refused -p build -- cat "$file"
	done
	refused -p build -- ls -A "$HOME"
}

@test "build: nothing else is written" {
	skip_without make
	skip_without gcc
	echo 'int main(void) { return 0; }' >main.c
	printf 'all:\n\t@echo x >"$$MADE"\n' >Makefile
	refused -p build -- make
	refused -p build -- gcc -o "$MADE" main.c
	refused -p build -- gcc -c -o "$MADE" main.c
	refused -p build -- sh -c 'mv main.c "$MADE"; echo >>main.c'
	refused -p build -- ln -s / "$MADE"
	refused -p build -- mkdir "$MADE"
}

@test "build: no server is reached, and nothing from elsewhere is started" {
	skip_without make
	[[ -n ${PORT-} ]] || skip "no python3 to serve"
	cat >Makefile <<-'EOF'
		.RECIPEPREFIX = >
		SHELL = bash
		tcp:
		> exec 9<>/dev/tcp/127.0.0.1/$(PORT) && printf \
		> 	'GET /seen-by-make HTTP/1.0\r\n\r\n' >&9 && cat <&9
		udp:
		> exec 9<>/dev/udp/127.0.0.1/9 && echo done
		own:
		> "$(WORLD)/bin/own" done
		kill:
		> kill -0 $(SERVER) && echo done
	EOF
	unreached /seen-by-make -p build -- make -s tcp
	for what in udp own; do
		refused -p build -- make -s $what
	done
	if [[ $EUID -eq 0 ]]; then
		users() { echo root; }
		refused -p build -- make -s kill
	fi
}

# --- workspace

workspace_script() {
	cat >script <<-'EOF'
		set -e
		export GIT_CONFIG_GLOBAL=/dev/null
		rm -rf here
		mkdir here && cd here
		git init -q -b main
		git config user.name name
		git config user.email name@example.org
		echo one >file && git add file && git commit -q -m one
		git checkout -q -b other
		echo two >>file && git commit -q -a -m two
		git checkout -q main
		git merge -q other && git gc -q && git log --format=%s
		git clone -q . clone && ls clone
		git diff HEAD~1 | tail -n 1
		python3 -c 'import subprocess as s; print(s.run(["echo", "child"], capture_output=True).stdout)'
		! node -v >/dev/null 2>&1 ||
			node -e 'console.log(child_process.execSync("echo child")+"")' | cat
		echo 'int main(void) { return 3; }' >prog.c
		printf 'prog: prog.c\n\tgcc -o $@ $<\n' >Makefile
		make && ./prog || echo "status $?"
		grep -rl two . --include=file | sort
		find . -name 'f*' -newer /etc/passwd | sort | head -n 3
		sed -i s/one/ONE/ file && head -n 1 file
		gawk 'END { print NR }' file
		perl -MFile::Temp -e 'print -e File::Temp->new ? "made\n" : "not\n"'
		tar -czf a.tar.gz file && mkdir x
		tar --no-same-owner -xzf a.tar.gz -C x && cat x/file
		install -m 640 file mode && stat -c %a mode && cp -p mode copy
		touch -d @0 copy && stat -c %Y copy
		ln -s copy soft && mv soft moved && readlink moved
		sort -S 1M -o sorted <(seq 200000) && wc -l <sorted
		folder=$(mktemp -d) && echo x >"$folder/file" && rm -r "$folder"
		diff <(echo same) <(echo same) && echo same
		sleep 30 & kill $! && wait $! || echo "killed: $?"
		timeout 9 sleep 0.01 && date -u -d @0 +%F
		head -c 4 /dev/urandom | wc -c
		sqlite3 base 'create table t(a); insert into t values(42); select a from t'
		openssl rand -hex 2 | wc -c
		id -un && cd .. && rm -rf here
	EOF
}

@test "workspace: git, python3, node, gcc, make and others work in a script" {
	for program in git python3 gcc make gawk perl sqlite3 openssl; do
		skip_without $program
	done
	workspace_script
	works -p workspace -- bash script
	works -p workspace -- sh -c 'echo $((6 * 7)); ls -la; stat script'
	[[ $(ls -A "$TMPDIR") == "" ]]
}

@test "workspace: an interactive bash has job control" {
	skip_without script
	for who in $(users); do
		printf '%s\n' 'sleep 30 &' 'jobs; fg %1' | tr '\n' '\r' >keys
		outcome confined as "$who" script -qec \
			"'$XS' run -p workspace -- bash --norc --noprofile -ic '
				set -m; sleep 30 & jobs; kill %1; wait %1
				echo status \$?; stty -echo && stty echo && echo set'" \
			/dev/null
		contains "$(cat "$WORLD/confined.out")" "[1]+  Running"
		contains "$(cat "$WORLD/confined.out")" "status 143"
		contains "$(cat "$WORLD/confined.out")" "set"
		[[ $(cat "$WORLD/confined.out") != *"no job control"* ]]
	done
}

@test "workspace: keys and other users' files are not read" {
	refused -p workspace -- cat "/proc/$$/cmdline"
	for file in "$SECRET" "$HOME/.ssh/id_rsa"; do
		refused -p workspace -- cat "$file"
		refused -p workspace -- bash -c 'read -r x <"$0" && echo "$x"' \
			"$file"
		refused -p workspace -- cp "$file" /dev/stdout
		refused -p workspace -- python3 -c \
			'import sys; print(open(sys.argv[1]).read())' "$file"
		refused -p workspace -- sh -c 'ln -s "$0" link; cat link; rm link' \
			"$file"
		refused -p workspace -- sh -c \
			'tar -cPf - "$0" | grep -ao canary' "$file"
	done
	refused -p workspace -- ls "$HOME/.ssh"
	refused -p workspace -- git diff --no-index /dev/null "$SECRET"
	refused -p workspace -- ls /var/lib /opt
}

@test "workspace: root's files are not read by root either" {
	[[ $EUID -eq 0 ]] || skip "only root can read them"
	users() { echo root; }
	local file
	# Each that there is; of this one there is always.
	for file in /etc/shadow /etc/gshadow /etc/sudoers \
		/etc/ssh/ssh_host_*_key; do
		[[ -s $file ]] || continue
		refused -p workspace -- cat "$file"
	done
	refused -p workspace -- cat /etc/shadow
	for file in /etc/ssl/private /etc/sudoers.d /root; do
		[[ -d $file && -n $(ls -A "$file") ]] || continue
		refused -p workspace -- ls -A "$file"
	done
}

@test "workspace: nothing else is written" {
	echo x >own
	refused -p workspace -- bash -c 'echo x >"$MADE"'
	refused -p workspace -- cp own "$MADE"
	refused -p workspace -- sh -c 'echo x >new; mv new "$MADE"'
	refused -p workspace -- ln own "$MADE"
	refused -p workspace -- ln -s / "$MADE"
	refused -p workspace -- mkdir "$MADE"
	refused -p workspace -- mkfifo "$MADE"
	refused -p workspace -- git init -q "$MADE"
	refused -p workspace -- python3 -c \
		'import os; open(os.environ["MADE"], "w")'
	refused -p workspace -- gcc -x c -c -o "$MADE" /dev/null
	echo mine >"$WORLD/made/mine"
	for who in $(users); do
		for deed in "rm -f" "truncate -s 0" "sed -i s/mine/x/" \
			"tee -a" "shred"; do
			# shellcheck disable=SC2086 # words
			outcome confined as "$who" "$XS" run -p workspace -- \
				$deed "$WORLD/made/mine"
			[[ $(cat "$WORLD/confined.status") -ne 0 ]]
			[[ $(cat "$WORLD/made/mine") == mine ]]
		done
	done
	rm -f "$WORLD/made/mine"
}

@test "workspace: no server is reached" {
	skip_without curl
	[[ -n ${PORT-} ]] || skip "no python3 to serve"
	unreached /seen-by-curl -p workspace -- \
		curl -sS "http://127.0.0.1:$PORT/seen-by-curl"
	unreached /seen-by-bash -p workspace -- bash -c '
		exec 9<>/dev/tcp/127.0.0.1/$PORT || exit
		printf "GET /seen-by-bash HTTP/1.0\r\n\r\n" >&9; cat <&9'
	unreached /seen-by-python -p workspace -- python3 -c '
import os, urllib.request
urllib.request.urlopen("http://127.0.0.1:%s/seen-by-python" % os.environ["PORT"])'
	refused -p workspace -- bash -c \
		'exec 9<>/dev/udp/127.0.0.1/9 && echo done'
	unix_server
	refused -p workspace -- python3 -c '
import socket
socket.socket(socket.AF_UNIX).connect("sock")
print("done")'
}

@test "workspace: what lies elsewhere is not started, nor others signalled" {
	refused -p workspace -- bash -c '"$WORLD/bin/own" done'
	cp /bin/echo own
	works -p workspace -- ./own "done"
	sleep 60 3>&- &
	STARTED=("$!")
	if [[ $EUID -eq 0 ]]; then
		users() { echo root; }
	fi
	refused -p workspace -- bash -c "kill -0 ${STARTED[0]} && echo done"
	refused -p workspace -- python3 -c "
import os
print(open('/proc/${STARTED[0]}/environ').read(9))"
}

@test "workspace: without TMPDIR, temporary files are those of /tmp" {
	for who in $(users); do
		expect 0 as "$who" env -u TMPDIR "$XS" run -p workspace -- bash -c '
			file=$(mktemp) && echo x >"$file" && cat "$file" &&
				rm "$file" && echo "${file%/*}"'
		[[ $output == $'x\n/tmp' ]]
	done
}
