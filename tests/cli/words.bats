#!/usr/bin/env bats
# Programs of Debian 12 start with nothing but words: each does a piece of its
# ordinary work below its folder with the same result as without us, as root
# and as an ordinary user, and is refused what its words don't reach.

load helpers
load programs

setup_file() {
	make_world
	[[ ! -x /usr/bin/python3 ]] || start_server
	W=$WORLD/w
	export W
}

teardown_file() {
	stop_server
	unmake_world
}

setup() {
	PATH=/usr/bin:/bin:/usr/sbin:/sbin
	export HOME=$W TMPDIR=$W/tmp TZ=UTC
	STARTED=()
	# What makes more files, tells what is in them where that is never the
	# same, asks a server, starts it, and more than a fragment has.
	PREPARE='' PROOF='' ASK='' BEFORE=() MORE=()
}

teardown() {
	end_started
}

# Makes the folder anew: the same files, old ones, and of that user.
fresh() {
	cd "$WORLD" || return
	rm -rf "$W"
	mkdir -p "$W/in/sub" "$W/out" "$W/tmp"
	cd "$W" || return
	printf 'pear ä\napple b\n\nfig 10\nfig 9\n' >text
	printf '%s\n' b x c >in/list
	echo '{"rows": [[1, "a"], [2, "b"]]}' >in/sub/rows.json
	ln -s list in/link
	[[ -z $PREPARE ]] || "$PREPARE"
	find . -exec touch -h -d @1000000000 {} +
	[[ $1 == root || $EUID -ne 0 ]] || chown -hR 65534:65534 .
}

# What is there, and what is in it, or what $PROOF says of it.
state() {
	find . ! -path ./tmp -printf '%P %y %m %n %l\n' | sort
	if [[ -n $PROOF ]]; then
		as "$1" bash -c "$PROOF" 2>&1 || true
	else
		find . -type f -exec sha256sum {} + | sort -k 2
	fi
}

# act WHO COMMAND...: a server is asked by $ASK until it answers, and then ended.
act() {
	local who=$1 server run_as i
	shift
	if [[ -z $ASK ]]; then
		as "$who" "$@"
		return
	fi
	run_as "$who"
	"${run_as[@]}" timeout -k 1 30 "$@" &
	server=$!
	STARTED+=("$server")
	for ((i = 0; i < 400; i++)); do
		! bash -c "$ASK" || break
		! is_gone "$server" || break
		sleep 0.05
	done 2>/dev/null
	kill "$server" 2>/dev/null || true
	wait "$server"
}

# attempt NAME WHO COMMAND...: its outcome in files of its own.
attempt() {
	local name=$1 who=$2
	shift 2
	fresh "$who"
	outcome "$name" act "$who" "$@"
}

# No rules by hand, no words for all files, no program at will.
is_named() {
	local pathless='unlink|mkdir|rmdir|open_readonly|everything'
	pathless+='|read_path|list_dir|rename|link|symlink|truncate|mknod'
	! grep -qE "rulesets|syscalls|SystemIO: all|[[[:space:]]($pathless)([],}]|$)" \
		<<<"$allow" && [[ ! $allow =~ (open|exec):\ yes_really ]]
}

# does COMMAND...: with $allow as without us, and that means success.
does() {
	local who part
	skip_without "$1"
	is_named || {
		echo "not only words with paths: $allow"
		return 1
	}
	for who in $(users); do
		attempt plain "$who" "${BEFORE[@]}" "$@"
		state "$who" >"$WORLD/plain.state"
		attempt confined "$who" "${BEFORE[@]}" \
			"$XS" run "${MORE[@]}" -a "$allow" -- "$@"
		state "$who" >"$WORLD/confined.state"
		for part in out err status state; do
			if [[ $(cat "$WORLD/plain.status") != 0 ]] ||
				! cmp "$WORLD"/{plain,confined}."$part"; then
				echo "$part, as $who: ${*@Q}"
				show_outcomes plain confined
				return 1
			fi
		done
	done
}

# Some end with 0 though they say that they were denied.
is_refused() {
	local plain confined
	plain=$(cat "$WORLD/plain.status")
	confined=$(cat "$WORLD/confined.status")
	[[ $plain == 0 && $confined != 125 ]] && {
		[[ $confined != 0 ]] || grep -q denied "$WORLD/confined.err"
	}
}

# fails ALLOW COMMAND...: it succeeds without us, not with that, which has to be
# right. Leaves in $did whether it always reads $SECRET or makes $MADE without us,
# which it may not do with us.
fails() {
	local less=$1 who
	shift
	did=true
	for who in $(users); do
		rm -rf "$MADE"*
		attempt plain "$who" "${BEFORE[@]}" "$@"
		is_done plain || did=false
		rm -rf "$MADE"*
		attempt confined "$who" "${BEFORE[@]}" \
			"$XS" run "${MORE[@]}" -a "$less" -- "$@"
		if ! is_refused || is_done confined; then
			echo "with $less, as $who: ${*@Q}"
			show_outcomes plain confined
			return 1
		fi
	done
}

# It makes $MADE, or prints what is in $SECRET.
is_done() {
	[[ -e $MADE ]] || grep -q canary "$WORLD/$1.out"
}

# Each row has in $allow what the program gets; a word that `lacks` takes out has
# another one behind it.

# denied COMMAND...: it reads $SECRET or makes $MADE, but not with $allow.
denied() {
	fails "$allow" "$@"
	$did
}

# lacks WORD COMMAND...: without WORD in $allow, the command fails.
lacks() {
	local less=${allow/"$1, "/}
	shift
	[[ $less != "$allow" ]]
	fails "$less" "$@"
}

@test "cat: files of two kinds" {
	allow='SystemIO: [stdout, stderr, read_path: [text, in]]'
	does cat -n text in/list
	denied cat "$SECRET"
}

@test "cp: a folder, with all that it has" {
	allow='SystemIO: [stderr, create_dir: out, symlink: out, read_path: in,
		create_in_dir: out, chmod, chown, utimes, xattr_read, xattr_write]'
	does cp -a in out
	denied cp in/list "$MADE"
	lacks 'create_dir: out' cp -a in out
	lacks 'symlink: out' cp -a in out
}

@test "mv: a file and a folder into another one" {
	allow='SystemIO: [stderr, rename: [in, out], list_dir: .]'
	does mv in/sub in/list out
	denied mv in/list "$MADE"
	lacks 'rename: [in, out]' mv in/list out
}

@test "ln: both kinds of links" {
	allow='SystemIO: [stderr, symlink: out, link: [in, out], list_dir: .]'
	does ln in/list out/hard
	does ln -s ../in/list out/soft
	denied ln -s "$SECRET" "$MADE"
	lacks 'symlink: out' ln -s ../in/list out/soft
	lacks 'link: [in, out]' ln in/list out/hard
}

@test "rm: a folder" {
	allow='SystemIO: [stderr, dup, remove_dir: ., remove_file: ., list_dir: .]'
	does rm -r in
	lacks 'remove_dir: .' rm -r in
	lacks 'remove_file: .' rm -r in
}

@test "sort: what is larger than its memory, into a file" {
	PREPARE=numbers
	allow='{SystemIO: [stdio, dup, create_in_dir: ., remove_file: tmp,
		truncate: {path: ., fds: any}], Threads: create, SystemInfo: memory}'
	does sort -n -S 1M --parallel=2 -o sorted numbers
	denied sort -o "$MADE" numbers
	lacks 'create_in_dir: .' sort -n -S 1M -o sorted numbers
}

numbers() {
	seq 100000 | rev >numbers
}

@test "sed: edits in place" {
	allow='SystemIO: [stdout, stderr, work: ., chmod, chown, umask, xattr_read,
		xattr_write, locale]'
	does sed -i.bak 's/fig/FIG/' text
	denied sed "w $MADE" text
	lacks 'work: .' sed -i 's/fig/FIG/' text
}

@test "find: lists and removes" {
	allow='SystemIO: [stdout, stderr, dup, chdir, remove_file: in, list_dir: .]'
	does find . -type l -delete -o -printf '%p %s\n'
	denied find . -fprint "$MADE"
	lacks 'remove_file: in' find . -type l -delete
}

@test "grep: a folder" {
	allow='SystemIO: [stdout, stderr, dup, chdir, read_path: ., locale]'
	does grep -rn b .
	denied grep -r can "$SECRET"
	lacks 'read_path: .' grep -rn b .
}

@test "gawk: into a file for each word" {
	allow='SystemIO: [stdout, stderr, create_in_dir: out, read_path: text,
		locale]'
	does gawk '{ print $2 > ("out/" length($1)) } END { print NR }' text
	denied gawk '{ print }' "$SECRET"
	lacks 'create_in_dir: out' gawk '{ print > ("out/" length($1)) }' text
}

@test "jq: a file" {
	allow='SystemIO: [stdout, stderr, read_path: in]'
	does jq -S '.rows | map({(.[1]): .[0]}) | add' in/sub/rows.json
	denied jq -R . "$SECRET"
}

@test "gzip: packs a file and takes its place" {
	allow='SystemIO: [stderr, create_in_dir: ., remove_file: ., chmod, chown,
		utimes]'
	does gzip text
	denied gzip -dcf "$SECRET"
	lacks 'create_in_dir: .' gzip text
}

@test "xz: the same, with threads" {
	allow='{SystemIO: [stderr, create_in_dir: ., remove_file: ., chmod, chown,
		utimes, fcntl], Threads: create, Pipes: create, SystemInfo: memory}'
	does xz -T 2 text
	denied xz -dcf "$SECRET"
	lacks 'remove_file: .' xz text
}

@test "tar: packs and unpacks, with gzip" {
	allow='{SystemIO: [stdio, dup, work: ., chdir, chmod, chown, umask, utimes,
		read_path: [/etc/passwd, /etc/group, /etc/nsswitch.conf]],
		ForkAndExec: [fork, wait, exec_path: /usr/bin], Pipes: create}'
	does tar --sort=name -czf out/in.tgz in
	PREPARE=archive
	does tar -xzf in.tgz -C out
	denied tar -czf "$MADE" in
	lacks 'work: .' tar -xzf in.tgz -C out
}

archive() {
	tar --sort=name --mtime=@0 -czf in.tgz in
}

@test "perl: edits in place, and moves files" {
	allow='SystemIO: [stdin, stdout, stderr, work: ., chmod, locale,
		read_write: /dev/null]'
	does perl -i.bak -pe 's/fig/FIG/;
		END { rename "in/list", "out/list"; mkdir "out/d" or die }' text
	denied perl -pe 1 "$SECRET"
	lacks 'work: .' perl -e 'mkdir "out/d" or die'
}

@test "lua: reads, writes and removes" {
	allow='SystemIO: [stdin, stdout, stderr, remove_file: in, read_path: text,
		create_in_dir: out]'
	does lua5.4 -e 'local f = assert(io.open("out/words", "w"))
		for line in io.lines("text") do f:write(line:upper(), "\n") end
		print(f:seek()) f:close() assert(os.remove("in/list"))'
	denied lua5.4 -e 'print(assert(io.open(os.getenv("SECRET"))):read())'
	lacks 'remove_file: in' lua5.4 -e 'assert(os.remove("in/list"))'
}

@test "bash: a script that starts programs" {
	allow='{SystemIO: [stdio, dup, work: ., chdir, umask, locale,
		read_write: /dev/null], Pipes: create, Time: gettime,
		ForkAndExec: [fork, wait, exec_path: /usr/bin]}'
	does bash -euc 'mkdir out/d
		umask 077
		for word in $(sed -n "s/ .*//p" text); do
			echo "$word" >>out/d/"${#word}"
		done
		cat out/d/* | sort -u | tee out/words
		cd in
		mv list ../out/moved
		rm link
		mapfile -t lines < <(cat ../text)
		trap "echo bye ${#lines[@]}" EXIT
		echo gone >/dev/null'
	denied bash -c 'cat "$SECRET"'
	denied bash -c 'echo x >"$MADE"'
	lacks 'work: .' bash -c 'echo x >out/x'
}

@test "busybox: a script of its applets" {
	allow='{SystemIO: [stdio, dup, work: ., chdir, chmod, umask], Pipes: create,
		ForkAndExec: [fork, wait, exec_path: /usr/bin/busybox]}'
	does busybox sh -c 'cp -r in out/in && cd out && rm -r in/sub &&
		echo a b | sed s/a/x/ >f && gzip -c f | zcat'
	denied busybox cp text "$MADE"
	lacks 'work: .' busybox cp text out
}

@test "python3: sqlite3, json and files for a moment" {
	allow='{SystemIO: [stdio, dup, work: ., chdir, sync,
		read_path: [/usr/lib, /etc/python3.11]], Code: load}'
	does /usr/bin/python3 -c '
import json, os, sqlite3, tempfile
rows = json.load(open("in/sub/rows.json"))["rows"]
base = sqlite3.connect("out/base")
base.execute("create table t (i int, s text)")
base.executemany("insert into t values (?, ?)", rows)
base.commit()
print(base.execute("select sum(i), group_concat(s) from t").fetchone())
os.makedirs("out/a/b")
os.replace("in/list", "out/a/b/list")
with tempfile.TemporaryDirectory() as folder:
    open(os.path.join(folder, "x"), "w").write("y")
print(sorted(os.listdir("in")))'
	denied /usr/bin/python3 -c \
		'import os; print(open(os.environ["SECRET"]).read())'
	lacks 'work: .' /usr/bin/python3 -c 'open("x", "w")'
}

@test "node: promises of files" {
	allow='{SystemIO: [stdio, dup, work: ., ssl_files], Threads: create,
		Events: [epoll, eventfd], Pipes: create, Code: [jit: yes_really]}'
	does node -e '
		const fs = require("fs");
		const {rows} = JSON.parse(fs.readFileSync("in/sub/rows.json"));
		(async () => {
			await fs.promises.mkdir("out/d");
			await fs.promises.writeFile("out/d/n", rows.length + "\n");
			await fs.promises.rename("out/d/n", "out/n");
			console.log((await fs.promises.readdir("in")).sort());
		})()'
	denied node -e \
		'console.log(require("fs").readFileSync(process.env.SECRET, "utf8"))'
	lacks 'work: .' node -e 'require("fs").writeFileSync("x", "y")'
}

@test "sqlite3: with a journal, and with a log" {
	local table='create table t (a); insert into t values (1)'
	allow='SystemIO: [stdin, stdout, stderr, work: ., sync]'
	does sqlite3 base "$table; update t set a = 2; select * from t"
	does sqlite3 base "pragma journal_mode = wal; $table; select * from t"
	denied sqlite3 "$MADE" "$table"
	lacks 'work: .' sqlite3 base "$table"
}

@test "gcc: compiles and links" {
	PREPARE=hello
	allow='{SystemIO: [stdio, dup, work: ., chmod, umask,
		read_path: [/usr/include, /usr/lib, /dev/null]],
		ForkAndExec: [fork, wait, exec_path: [/usr/bin, /usr/lib/gcc]],
		Pipes: create, SystemInfo: usage, SelfConfinement: limits}'
	does gcc -O -Wall -o hello hello.c
	denied gcc -E -x c "$SECRET"
	lacks 'work: .' gcc -o hello hello.c
}

hello() {
	printf '%s\n' '#include <stdio.h>' 'int main(void) { return puts("hello") < 0; }' \
		>hello.c
}

@test "git: commits" {
	PREPARE=repository
	PROOF='git log --format=%H%s; git status -s; git show --stat --format='
	export GIT_CONFIG_NOSYSTEM=1
	export GIT_AUTHOR_DATE='@1 +0000' GIT_COMMITTER_DATE='@1 +0000'
	allow='{SystemIO: [stdio, dup, work: ., chdir, chmod, umask,
		read_path: [/etc/passwd, /etc/nsswitch.conf, /dev/urandom],
		read_write: /dev/null], Pipes: create,
		ForkAndExec: [fork, wait, exec_path: [/usr/bin/git, /usr/lib/git-core]]}'
	does git commit -qam second
	denied git log --output="$MADE"
	lacks 'work: .' git commit -qam second
}

repository() {
	git init -q . && git config user.name me && git config user.email me@x
	git add in text && git commit -qm first && echo more >>text
	git config --global safe.directory '*'
}

@test "gpg: encrypts to a key" {
	local gpg=(gpg --homedir tmp --no-options --batch -q
		--no-permission-warning)
	PREPARE=public_key
	PROOF='gpg --homedir tmp --list-packets text.gpg | grep -o "keyid .*"'
	allow='{SystemIO: [stdin, stdout, stderr, work: ., umask,
		read_write: /dev/null], SelfConfinement: limits}'
	does "${gpg[@]}" --trust-model always -f key -e text
	denied "${gpg[@]}" -o "$MADE" --enarmor text
	lacks 'work: .' "${gpg[@]}" --enarmor text
}

public_key() {
	cat >key <<-'END'
		-----BEGIN PGP PUBLIC KEY BLOCK-----

		mDMEXgvhABYJKwYBBAHaRw8BAQdAhJXuU4EhyOxKP6g3c+Ry9pfLhLzUfglR9644
		Wh6dk+G0Am1liJAEExYIADgWIQRAdyqbvMp4r0UUpIkgNlrrPO7cjQUCXgvhAAIb
		AwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRAgNlrrPO7cjflmAQDHlVKE+J6s
		mjiyJJQZUSGx6n1ZsUMQWHT91XWIrTMU9wD+PAw14CK4K54hU+1MjEWaeCniquU7
		OzRU0MiPSueLsA+4OAReC+EAEgorBgEEAZdVAQUBAQdAKPg0/i43WWf6Lh7szmY6
		n0godBNcJ+42WSFzGKjTc1kDAQgHiHgEGBYIACAWIQRAdyqbvMp4r0UUpIkgNlrr
		PO7cjQUCXgvhAAIbDAAKCRAgNlrrPO7cjXPkAP0VnN5gcMW9pyuRlmTPooLhHstt
		vUIKJJiDPTJ3zVOkhQD7BDnsV0bfVElmJniMVOSCn3/5XkY22E7B7yweKlWMlg8=
		=qfxK
		-----END PGP PUBLIC KEY BLOCK-----
	END
}

@test "ssh-keygen: makes a key" {
	PROOF='ssh-keygen -yf key | cmp - key.pub && cut -c 1-30 key.pub'
	allow='SystemIO: [stdin, stdout, stderr, work: ., chmod, umask,
		read_path: [/etc/passwd, /etc/nsswitch.conf], read_write: /dev/null]'
	does ssh-keygen -q -t ed25519 -N '' -C me -f key
	denied ssh-keygen -q -t ed25519 -N '' -f "$MADE"
	lacks 'work: .' ssh-keygen -q -t ed25519 -N '' -f key
}

@test "openssl: makes a key and a certificate" {
	local req=(openssl req -x509 -newkey ed25519 -nodes -subj /CN=me
		-keyout key -out cert)
	PROOF='openssl verify -CAfile cert cert; openssl pkey -in key -pubout |
		cmp - <(openssl x509 -in cert -noout -pubkey)'
	allow='SystemIO: [stdin, stdout, stderr, create_in_dir: ., ssl_files, umask]'
	does "${req[@]}"
	denied openssl enc -base64 -in text -out "$MADE"
	lacks 'create_in_dir: .' "${req[@]}"
	lacks 'ssl_files' "${req[@]}"
}

@test "curl: fetches a file by a name, from its port" {
	skip_without /usr/bin/python3
	local url=http://localhost:$PORT/page
	allow="{SystemIO: [stdout, stderr, create_in_dir: out, dup],
		Networking: [start_tcp_clients: {ports: $PORT}, resolve],
		Events: [poll, eventfd], Pipes: create, Threads: create}"
	does curl -sS -f -o out/page -w '%{http_code}\n' "$url"
	denied curl -sS "file://$SECRET"
	denied curl -sS -o "$MADE" "$url"
	lacks 'create_in_dir: out' curl -sS -o out/page "$url"
	lacks "start_tcp_clients: {ports: $PORT}" curl -sS "$url"
}

@test "nginx: serves files" {
	PREPARE=nginx_conf PORT=$(free_port)
	ASK="curl -sf --max-time 9 http://127.0.0.1:$PORT/list"
	PROOF='cut -d " " -f 7,9 access'
	allow="{SystemIO: [stdio, dup, work: ., copy, chown, ssl_files,
		read_path: [/etc/passwd, /etc/group, /etc/nsswitch.conf]],
		Networking: [start_tcp_servers: {ports: $PORT, yes_really: true}],
		Events: [epoll, eventfd], Code: load}"
	does nginx -p "$W" -e error -c "$W/conf"
	ASK=
	denied nginx -t -p "$W" -e "$MADE" -c "$W/conf"
	lacks 'work: .' nginx -t -p "$W" -e error -c "$W/conf"
}

# Without workers, for which there are no words.
nginx_conf() {
	cat >conf <<-END
		daemon off; master_process off; pid tmp/pid; events { }
		http {
			access_log access; client_body_temp_path tmp/a;
			proxy_temp_path tmp/b; fastcgi_temp_path tmp/c;
			uwsgi_temp_path tmp/d; scgi_temp_path tmp/e;
			server { listen 127.0.0.1:$PORT; root in; }
		}
	END
}

@test "systemd-socket-activate: a server on the socket that it is given" {
	local server=(perl -e '$SIG{TERM} = "IGNORE"; open S, "+<&=", 3; accept C, S;
		open F, $ARGV[0] or die "denied"; print C scalar <C>, <F>')
	PORT=$(free_port)
	ASK="exec 9<>/dev/tcp/127.0.0.1/$PORT && echo hi >&9 && cat <&9"
	BEFORE=(env SYSTEMD_LOG_LEVEL=err
		systemd-socket-activate -l "127.0.0.1:$PORT")
	MORE=(-p "$(including parts/stdio <<<'fds: {web: {inherit: listen}}')")
	allow='{SystemIO: [read_path: in],
		Networking: [running_tcp_servers: {fds: [web]}]}'
	does "${server[@]}" in/list
	denied "${server[@]}" "$SECRET"
}
