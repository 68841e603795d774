#!/usr/bin/env bats
# What a policy holds back, tried live: as root and without privileges, static
# and dynamic, glibc and musl. Each denied attempt stands beside the words that
# allow it. The names of findings and rules are those of the containment rules.

load helpers
load tries

# serve NAME PYTHON: a server that goes on until the test ends; the code has
# the socket module and `ready(text)`, which lets the test go on with $said.
serve() {
	local fifo=$WORLD/fifo.$BATS_TEST_NUMBER
	[[ -p $fifo ]] || mkfifo "$fifo"
	python3 -c "
import os, socket, sys
def ready(text=''):
    with open(sys.argv[1], 'w') as f:
        f.write('%s\n' % text)
$1" "$fifo" >/dev/null 2>&1 3>&- &
	servers+=($!)
	read -r said <"$fifo"
}

# Is PROGRAM what process $1 has become?
is_running() {
	[[ $(readlink "/proc/$1/exe") == "$2" ]]
}


@test "contain: opening to read does not empty, lengthen or make files (1, D2, R5)" {
	local file=openat:$HERE:$W/out/file
	tries 'SystemIO: [stdout, open_readonly]' -- \
		"$file:0" ok \
		"$file:$O_TRUNC" EPERM "$file:$O_APPEND" EPERM \
		"$file:$O_WRONLY" EPERM "$file:$O_RDWR" EPERM \
		"$file:3" EPERM "$file:$O_CREAT" EPERM \
		"$file:$((HIGH | O_TRUNC))" EPERM \
		"openat:$HERE:$W/out:$((O_TMPFILE | O_RDWR)):384" EPERM \
		"open:$W/out/file:$O_TRUNC" EPERM \
		"creat:$W/out/file:420" EPERM \
		"openat2:$HERE:$W/out/file:BUF:24" ENOSYS \
		"truncate:$W/out/file:0" EPERM
	[[ $(cat "$W/out/file") == outer ]]
	tries 'SystemIO: [stdout, open: yes_really]' -- \
		"$file:$O_TRUNC" ok "$file:$O_APPEND" ok "$file:$O_RDWR" ok \
		"openat:$HERE:$W/out:$((O_TMPFILE | O_RDWR)):384" ok \
		"creat:$W/out/new:420" ok \
		"openat2:$HERE:$W/out/file:BUF:24" ENOSYS
	[[ ! -s $W/out/file ]]
}

@test "contain: what is read stays below its folder (R22)" {
	tries 'SystemIO: [stdout]' "SystemIO.read_path=$W/in" -- \
		"openat:$HERE:$W/in/file:0" ok \
		"openat:$HERE:$W/in/sub/file:0" ok \
		"openat:$HERE:$W/in:$O_DIRECTORY" ok \
		"openat:$HERE:$W/out/file:0" EACCES \
		"openat:$HERE:$W/in/../out/file:0" EACCES \
		"openat:$HERE:$W/in/link:0" EACCES \
		"openat:$HERE:$W/in/folder/file:0" EACCES \
		"openat:$HERE:$W:$O_DIRECTORY" EACCES \
		"openat:$HERE:/etc/passwd:0" EACCES \
		"openat:$HERE:/proc/self/root$W/out/file:0" EACCES \
		"openat:$HERE:$W/in/file:$O_WRONLY" EPERM \
		"openat:$HERE:$W/in/file:$O_TRUNC" EPERM \
		"creat:$W/in/new:420" EPERM
	[[ $(cat "$W/in/file") == inner && ! -e $W/in/new ]]
	tries 'SystemIO: [stdout]' "SystemIO.read_path=$W" -- \
		"openat:$HERE:$W/out/file:0" ok "openat:$HERE:$W/in/link:0" ok \
		"openat:$HERE:$W/in/../out/file:0" ok \
		"openat:$HERE:$W:$O_DIRECTORY" ok
}

@test "contain: a name that is opened without its content gives none of it" {
	tries 'SystemIO: [stdout]' "SystemIO.read_path=$W/in" -- \
		"openat:$HERE:$W/out:$O_PATH" ok "openat:LAST:file:0" EACCES
	tries 'SystemIO: [stdout]' "SystemIO.read_path=$W/in" -- \
		"openat:$HERE:$W/out/file:$O_PATH" ok "read:LAST:BUF:9" EBADF
}

@test "contain: what is written to exists already, below its folder" {
	tries 'SystemIO: [stdout]' "SystemIO.write_file=$W/in" -- \
		"openat:$HERE:$W/in/file:$((O_WRONLY | O_CREAT | O_TRUNC)):384" ok \
		"openat:$HERE:$W/in/new:$((O_WRONLY | O_CREAT)):384" EACCES \
		"creat:$W/in/new:420" EACCES \
		"openat:$HERE:$W/in:$((O_TMPFILE | O_WRONLY)):384" denied \
		"openat:$HERE:$W/in/sub/file:$O_RDWR" EACCES \
		"openat:$HERE:$W/out/file:$O_WRONLY" EACCES \
		"openat:$HERE:$W/in/link:$((O_WRONLY | O_TRUNC))" EACCES
	[[ ! -s $W/in/file && ! -e $W/in/new ]]
	[[ $(cat "$W/out/file") == outer ]]
	tries 'SystemIO: [stdout, open: yes_really]' -- \
		"openat:$HERE:$W/in/new:$((O_WRONLY | O_CREAT)):384" ok \
		"openat:$HERE:$W/out/file:$O_WRONLY" ok
}

@test "contain: a link or another name brings no file below a folder" {
	tries 'SystemIO: [stdout, link, rename]' "SystemIO.write_file=$W/in" -- \
		"link:$W/out/file:$W/in/hard" EXDEV \
		"rename:$W/out/file:$W/in/moved" EXDEV \
		"openat:$HERE:$W/out/file:$O_WRONLY" EACCES \
		"link:$W/in/file:$W/in/sub/hard" ok \
		"rename:$W/in/file:$W/in/sub/moved" ok
	[[ $(cat "$W/out/file") == outer ]]
}

@test "contain: other work on files has its own words (R7)" {
	local old=$W/out/file new=$W/out/new
	local attempts=(
		chmod "chmod:$old:420" chown "chown:$old:-1:-1"
		truncate "truncate:$old:0" unlink "unlink:$old"
		mknod "mknod:$new:4516:0" link "link:$old:$new"
		rename "rename:$old:$new" symlink "symlink:$old:$new"
		mkdir "mkdir:$new:493" rmdir "rmdir:$W/in/sub/none"
		utimes "utimensat:$HERE:$old:NULL:0" chdir "chdir:$W"
		umask umask:18
	)
	local i denied=()
	for ((i = 0; i < ${#attempts[@]}; i += 2)); do
		denied+=("${attempts[i + 1]}" EPERM)
	done
	tries 'SystemIO: [stdout]' "SystemIO.write_file=$W" \
		"SystemIO.read_path=$W" -- "${denied[@]}"
	runs=('as_root static' 'as_user dynamic')
	for ((i = 0; i < ${#attempts[@]}; i += 2)); do
		# As nobody, root's file can't be changed in its own attributes.
		tries "SystemIO: [stdio, ${attempts[i]}]" -- \
			"${attempts[i + 1]}" \
			"$([[ ${attempts[i]} == rmdir ]] && echo ENOENT ||
				{ [[ ${attempts[i]} == chmod ]] &&
					echo 'ok|EPERM'; } || echo ok)"
	done
}

@test "contain: a folder on a descriptor opens nothing that isn't granted (9, R25)" {
	for who in as_root as_user; do
		expect 0 "$who" "$EXTRASAFE" run -a 'SystemIO: [stdin, stdout]' \
			-a "SystemIO.read_path=$W/in" -- "$T" openat:0:file:0 \
			getdents64:0:BUF:4096 <"$W/out"
		[[ $output == $'openat:0:file:0: EACCES\ngetdents64:0:BUF:4096: EPERM' ]]
		expect 0 "$who" "$EXTRASAFE" run -a 'SystemIO: [stdin, stdout]' \
			-a "SystemIO.read_path=$W/out" -- "$T" openat:0:file:0 \
			<"$W/out"
		[[ $output == "openat:0:file:0: ok" ]]
	done
}

@test "contain: a loader's rights end at its own files and its one number" {
	local who loader=/lib64/ld-linux-x86-64.so.2
	for who in as_root as_user; do
		expect 0 "$who" "$EXTRASAFE" run --arm exec \
			-a SystemIO.stdout -- "$D" \
			"openat:$HERE:/etc/passwd:0" "openat:$HERE:$W/in/file:0" \
			"openat:$HERE:/proc/self/mem:0" "openat:$HERE:/:0" \
			"openat:$HERE:$loader:$O_WRONLY" \
			"openat:$HERE:$loader:$O_TRUNC" \
			"openat:$HERE:$loader:0" read:LAST:BUF:9 \
			"openat:$HERE:$loader:0:first" read:4:BUF:9 \
			mmap:NULL:4096:5:2:4 mmap:NULL:4096:5:2:3 \
			mmap:NULL:4096:3:1:3 mmap:NULL:4096:5:0x22:-1
		results EACCES EACCES EACCES EACCES EPERM EPERM ok ok ok EPERM \
			EPERM ok EPERM EPERM
		# A static program has no loader.
		expect 0 "$who" "$EXTRASAFE" run -a SystemIO.stdout -- "$T" \
			"openat:$HERE:$loader:0" mmap:NULL:4096:5:2:0
		[[ $output == *"0: EPERM"*"mmap"*": EPERM" ]]
	done
}

@test "contain: a closed stream stays the stream, and closing it is no error (2, 4, R3)" {
	local pair who kind
	for pair in "${runs[@]}"; do
		read -r who kind <<<"$pair"
		fresh
		expect 0 "$who" "$EXTRASAFE" run \
			-a 'SystemIO: [stdout, open: yes_really, close]' -- \
			"$WORLD/try-$kind" close:1 "close:$((HIGH + 1))" \
			"openat:$HERE:$W/out/file:$((O_WRONLY | O_TRUNC))" \
			write:1:theft:5 write:LAST:theft:5 close:0 close:2 \
			"openat:$HERE:$W/in/file:$O_WRONLY" write:0:theft:5
		contains "$output" "close:1: ok"
		contains "$output" "theftwrite:1:theft:5: ok"
		contains "$output" "write:0:theft:5: EPERM"
		[[ ! -s $W/out/file && $(cat "$W/in/file") == inner ]]
	done
	# Without the limit, it is what it is.
	expect 98 xs run -a 'SystemIO: [stdio, open: yes_really]' -- "$T" close:1
}

@test "contain: a limited number can't be given another file (R3, R4)" {
	local words='dup, fcntl, close'
	tries "SystemIO: [stdout, $words, {map_shared: {fds: opened}}]" -- \
		dup:1 EPERM dup2:1:5 EPERM dup2:2:1 EPERM dup3:1:5:0 EPERM \
		dup3:2:1:0 EPERM fcntl:1:0:5 EPERM fcntl:1:1030:5 EPERM \
		"dup2:2:$((HIGH + 1))" EPERM "dup2:$((HIGH + 1)):5" EPERM \
		"fcntl:$((HIGH + 1)):0:5" EPERM "fcntl:1:$HIGH:5" EPERM \
		mmap:NULL:4096:3:1:1 EPERM mmap:NULL:4096:3:3:1 EPERM \
		"mmap:NULL:4096:3:1:$((HIGH + 1))" EPERM \
		close_range:0:-1:0 ENOSYS close_range:1:1:0 ENOSYS \
		"close_range:0:$((HIGH + 1)):0" ENOSYS \
		close_range:0:0xffffffff:4 ENOSYS \
		dup2:77:7 EBADF dup:77 EBADF fcntl:77:0:9 EBADF \
		close_range:3:-1:0 ok
	tries "SystemIO: [stdio, $words, map_shared]" -- \
		dup2:1:5 ok dup2:5:0 ok fcntl:1:0:5 ok mmap:NULL:4096:3:1:99 EBADF \
		close_range:3:-1:0 ok
}

@test "contain: what moves data without write(2) needs its word (R2)" {
	tries 'SystemIO: [stdin, stdout]' -- \
		sendfile:1:0:NULL:1 EPERM splice:0:NULL:1:NULL:1 EPERM \
		copy_file_range:0:NULL:1:NULL:1 EPERM vmsplice:1:BUF:0 EPERM \
		pwrite64:1:x:1:0 EPERM ftruncate:1:0 EPERM \
		fallocate:1:0:0:1 EPERM write:0:x:1 EPERM write:2:x:1 EPERM \
		read:1:BUF:1 EPERM "write:$((HIGH + 2)):x:1" EPERM \
		process_vm_writev:PID:BUF:0:BUF:0 EPERM
	expect 125 xs run -a 'SystemIO: [stdout, copy]' -- "$T" getpid
	contains "$stderr" "SystemIO.stdout has no effect"
	expect 0 xs run -a 'SystemIO: [stdio, copy]' -- "$T" \
		sendfile:1:0:NULL:5 <"$W/in/file"
	[[ $output == inner* ]]
	local word
	for word in truncate allocate '{ioctl: yes_really}'; do
		expect 125 xs run -a SystemIO.stdout \
			-a "SystemIO: [$word]" -- "$T" getpid
		contains "$stderr" "SystemIO.stdout has no effect"
	done
	tries 'SystemIO: [stdout]' 'SystemIO: {copy: {fds: opened}}' \
		'SystemIO: {truncate: {fds: opened}}' -- \
		sendfile:1:0:NULL:1 EPERM splice:0:NULL:1:NULL:1 EPERM \
		sendfile:3:0:NULL:1 EPERM sendfile:63:62:NULL:1 EBADF \
		ftruncate:1:0 EPERM ftruncate:63:0 EBADF \
		"truncate:$W/in/file:0" EPERM
}

@test "contain: a copy of a descriptor has what it has, and no more" {
	# Nobody names 0: what opened files may be read as, its copy may not.
	tries 'SystemIO: [stdout, dup, {read_path: /usr/share}]' -- \
		dup:0 EPERM dup2:0:9 EPERM fcntl:0:0:9 EPERM "dup:$HIGH" EPERM \
		dup:77 EBADF
	tries 'SystemIO: [stdout, dup, {write: {fds: opened}}]' -- \
		dup:2 EPERM dup3:2:9:0 EPERM
	# What can be done with it itself can be done with a copy.
	tries 'SystemIO: [stdio, dup, {read_path: /usr/share}]' -- dup:0 ok
	# A socket of its own would hand the program a copy of anything.
	for makes in 'Pipes: pair' 'Networking: {start_unix_servers: yes_really}'; do
		expect 125 xs run -a 'SystemIO: [stdin, stderr]' -a "$makes" \
			-a 'Networking: [start_tcp_clients]' -- "$T" getpid
		contains "$stderr" "SystemIO.stdin has no effect: through a unix socket"
		expect 0 xs run -a 'SystemIO: [stdio]' -a "$makes" \
			-a 'Networking: [start_tcp_clients]' -- "$T" getpid
	done
	expect 0 xs run -a 'SystemIO: [stdin, stdout]' -a 'Pipes: pair' -- \
		"$T" getpid
	expect 0 xs run -a 'SystemIO: [stdin, stdout]' -a 'Pipes: create' \
		-a 'Networking: [start_tcp_clients]' -- "$T" getpid
}

@test "contain: what is opened to append to stays so" {
	cat >"$W/log.yaml" <<-END
		extrasafe: 1
		fds: {log: {open: $W/in/file, for: append}}
		allow: {SystemIO: [stdout, fcntl, {file_write: log}]}
	END
	for who in as_root as_user; do
		expect 0 "$who" "$EXTRASAFE" run -p "$W/log.yaml" -- "$D" \
			fcntl:3:4:0 "fcntl:$((HIGH + 3)):4:0" fcntl:3:4:0x400 \
			pwritev2:3:BUF:0:0:0:0x20 pwritev2:3:BUF:0:0:0:0
		contains "$output" "fcntl:3:4:0: EPERM"
		contains "$output" "fcntl:$((HIGH + 3)):4:0: EPERM"
		contains "$output" "fcntl:3:4:0x400: ok"
		contains "$output" "pwritev2:3:BUF:0:0:0:0x20: EPERM"
		contains "$output" "pwritev2:3:BUF:0:0:0:0: ok"
	done
	sed 's/append/write/' "$W/log.yaml" >"$W/written.yaml"
	expect 0 xs run -p "$W/written.yaml" -- "$T" fcntl:3:4:0
	contains "$output" "fcntl:3:4:0: ok"
}

@test "contain: a program whose file asks for memory to write and run" {
	gcc -static -z execstack -o "$W/stack" "$TOP/tests/prog/nop.c"
	for who in as_root as_user; do
		expect 125 "$who" "$EXTRASAFE" run -a SystemIO.stdout -- "$W/stack"
		contains "$stderr" "is written to and run"
		expect 0 "$who" "$EXTRASAFE" run -a SystemIO.stdout \
			-a 'Code: {jit: yes_really}' -- "$W/stack"
	done
	gcc -z execstack -o "$W/stack" "$TOP/tests/prog/nop.c"
	expect 125 xs run -a SystemIO.stdout -- "$W/stack"
	gcc -o "$W/stack" "$TOP/tests/prog/nop.c"
	expect 0 xs run -a SystemIO.stdout -- "$W/stack"
}

@test "contain: a log that is handed over to append to is not emptied" {
	cat >"$W/log.yaml" <<-END
		extrasafe: 1
		fds: {log: {open: $W/in/file, for: append}}
		allow: {SystemIO: [stdout, {file_write: log}]}
	END
	for who in as_root as_user; do
		expect 0 "$who" "$EXTRASAFE" run -p "$W/log.yaml" -- "$D" \
			ftruncate:3:0 pwrite64:3:more:4:0 lseek:3:0:0 \
			write:3:more:4 fcntl:3:4:0 close:3 dup2:3:4 read:3:BUF:1
		contains "$output" "ftruncate:3:0: EPERM"
		contains "$output" "fcntl:3:4:0: EPERM"
		contains "$output" "close:3: ok"
		contains "$output" "dup2:3:4: EPERM"
		contains "$output" "read:3:BUF:1: EPERM"
	done
	[[ $(cat "$W/in/file") == $'inner\nmoremoremoremore' ]]
	expect 125 xs run -p "$W/log.yaml" -a SystemIO.truncate -- "$T" \
		ftruncate:3:0
	contains "$stderr" "SystemIO.file_write has no effect"
	[[ -s $W/in/file ]]
	expect 0 xs run -p "$W/log.yaml" -a SystemIO.truncate \
		--widen SystemIO.stdout --widen SystemIO.file_write -- "$T" \
		ftruncate:3:0
	[[ ! -s $W/in/file ]]
}

@test "contain: inherited descriptors are closed, but those named (9, R25)" {
	local who
	for who in as_root as_user; do
		expect 0 "$who" "$EXTRASAFE" run -a SystemIO.stdout -- "$D" fds \
			3<"$W/out" 5<"$W/out/file" 63<"$W/out/file"
		[[ ${lines[0]} == "fds 0 1 2" ]]
		expect 0 "$who" "$EXTRASAFE" run -a SystemIO.stdout -- "$T" fds \
			<&- 5<"$W/out/file" 2>&-
		[[ ${lines[0]} == "fds 0 1 2" ]]
		cat >"$W/fds.yaml" <<-END
			extrasafe: 1
			fds: {data: {inherit: 5}}
			allow: {SystemIO: [stdout, {file_read: data}]}
		END
		expect 0 "$who" "$EXTRASAFE" run -p "$W/fds.yaml" -- "$D" fds \
			read:5:BUF:9 write:5:x:1 \
			3<"$W/out" 5<>"$W/out/file" 63<"$W/in/file"
		[[ ${lines[0]} == "fds 0 1 2 5" ]]
		contains "$output" "read:5:BUF:9: ok"
		contains "$output" "write:5:x:1: EPERM"
	done
}

@test "contain: exactly the kinds of sockets that are meant (5, R10)" {
	local other=(
		socket:16:3:0 EPERM socket:17:3:768 EPERM socket:38:5:0 EPERM
		socket:40:1:0 EPERM socket:2:3:1 EPERM socket:2:3:255 EPERM
		socket:2:10:768 EPERM socket:2:1:262 EPERM socket:2:1:132 EPERM
		socket:2:2:1 EPERM socket:2:5:0 EPERM socket:30:1:0 EPERM
		socket:15:3:2 EPERM "socket:2:1:$((HIGH + 262))" EPERM
		socket:3:1:0 EPERM socket:10:3:0 EPERM
		socket:2:0x80003:1 EPERM socket:2:33:0 EPERM
	)
	tries 'SystemIO: [stdout]' 'Networking: [start_tcp_clients]' -- \
		"${other[@]}" socket:2:2:0 EPERM socket:1:1:0 EPERM \
		socket:2:1:0 ok socket:2:0x80801:6 ok socket:2:1:6 ok \
		"socket:$((HIGH + 2)):$((HIGH + 1)):0" ok
	tries 'SystemIO: [stdout]' 'Networking: [start_udp_clients]' -- \
		"${other[@]}" socket:2:1:0 EPERM socket:2:2:17 ok \
		socket:2:2:136 EPERM
	tries 'SystemIO: [stdio]' \
		'Networking: {start_unix_servers: yes_really}' -- \
		"${other[@]}" socket:2:1:0 EPERM socket:1:1:0 ok \
		socket:1:3:0 EPERM
	tries 'SystemIO: [stdout]' 'Networking: [running_tcp_servers, running_udp_sockets]' -- \
		"${other[@]}" socket:2:1:0 EPERM socket:2:2:0 EPERM \
		socket:1:1:0 EPERM bind:0:BUF:16 EPERM connect:0:BUF:16 EPERM \
		connect:5:BUF:16 EPERM listen:5:1 EPERM
	tries 'SystemIO: [stdout]' 'Pipes: pair' -- socketpair:1:2:0:BUF EPERM \
		socketpair:2:1:0:BUF EPERM socketpair:1:1:0:BUF ok \
		socketpair:1:5:0:BUF ok
}

@test "contain: connecting, binding and listening, each by its word (6, 7, R11, R12)" {
	tries 'SystemIO: [stdout]' 'Networking: [start_tcp_clients]' -- \
		inet:connect:1 ECONNREFUSED inet:bind:0 EPERM inet:listen:0 EPERM \
		inet:fastopen:1 EPERM inet:fastopen-msg:1 EPERM \
		inet:sendto:1 EPERM accept:5:NULL:NULL EPERM \
		setsockopt:5:6:30:BUF:4 EPERM setsockopt:5:1:26:BUF:16 EPERM \
		setsockopt:5:1:25:lo:2 EPERM setsockopt:50:6:1:BUF:4 EBADF
	tries 'SystemIO: [stdout]' \
		'Networking: {start_tcp_servers: yes_really}' -- \
		inet:bind:0 ok inet:listen:0 ok inet:connect:1 EPERM \
		inet:fastopen:1 EPERM inet:fastopen-msg:1 EPERM
	# The filter can't tell these words' sockets apart; Landlock does.
	tries 'SystemIO: [stdout]' 'Networking: [start_udp_clients]' \
		'Networking: {start_tcp_servers: yes_really}' -- \
		inet:connect:1 EACCES inet:connect:1:2 ok inet:bind:0 ok
	tries 'SystemIO: [stdout]' 'Networking: [start_tcp_clients]' \
		'Networking: {start_udp_servers: yes_really}' -- \
		inet:bind:0 EACCES inet:bind:0:2 ok inet:sendto:1:2 ok \
		inet:connect:1 ECONNREFUSED
}

@test "contain: unix sockets outside are out of reach without their word" {
	local got=$WORLD/got
	serve "
s = [socket.socket(socket.AF_UNIX) for _ in range(2)]
s[0].bind('\0$WORLD'); s[1].bind('$WORLD/path')
d = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); d.bind('$WORLD/datagram')
os.chmod('$WORLD/path', 0o777); os.chmod('$WORLD/datagram', 0o777)
for each in s: each.listen(64)
ready(); d.recv(1); open('$got', 'w')"
	tries 'SystemIO: [stdio]' 'Pipes: pair' \
		'Networking: [start_tcp_clients, start_udp_clients]' -- \
		"unix:connect:@$WORLD" EPERM "unix:connect:$WORLD/path" EPERM \
		"unix:pair-sendmsg:$WORLD/datagram:2" EPERM \
		"unix:pair-connect:$WORLD/datagram:2" EPERM \
		"unix:pair-sendmsg:$WORLD/datagram:1" '.*error' \
		"unix:pair-connect:$WORLD/datagram:5" '.*error'
	# The scope holds even where the filter sees no difference.
	tries 'SystemIO: [stdio]' 'Networking: [start_tcp_clients]' \
		'Networking: {start_unix_servers: yes_really}' -- \
		"unix:connect:@$WORLD" EPERM
	[[ ! -e $got ]]
	tries 'SystemIO: [stdio]' \
		'Networking: {start_unix_clients: yes_really}' -- \
		"unix:connect:@$WORLD" ok "unix:connect:$WORLD/path" ok
	expect 0 xs run -a SystemIO.stdio \
		-a 'Networking: {start_unix_clients: yes_really}' -- "$T" \
		"unix:sendmsg:$WORLD/datagram:2"
	await test -e "$got"
}

@test "contain: a running client uses its socket, and makes no other" {
	serve "
s = socket.create_server(('127.0.0.1', 0)); ready(s.getsockname()[1])
kept = []
while True: kept.append(s.accept())"
	cat >"$W/client.yaml" <<-END
		extrasafe: 1
		fds: {peer: {inherit: 5}}
		allow:
		  SystemIO: [stdout]
		  Networking: [{running_tcp_clients: {fds: [peer]}}]
	END
	for who in as_root as_user; do
		exec 5<>"/dev/tcp/127.0.0.1/$said"
		expect 0 "$who" "$EXTRASAFE" run -p "$W/client.yaml" -- "$D" \
			sendto:5:x:1:0:NULL:0 sendto:5:x:1:0x20000000:NULL:0 \
			sendto:5:x:1:0:BUF:16 write:5:x:1 connect:5:BUF:16 \
			listen:5:1 socket:2:1:0 write:6:x:1 close:5 shutdown:5:1
		exec 5>&-
		results ok EPERM EPERM ok EPERM EPERM EPERM EPERM ok ok
	done
}

@test "contain: threads are threads and processes are processes (10, R14, R15)" {
	local kinds=(
		clone:0x10000011 EPERM clone:0x20011 EPERM clone:0x40000011 EPERM
		clone:0x04000011 EPERM clone:0x08000011 EPERM
		clone:0x02000011 EPERM clone:0x80000011 EPERM
		clone:0x8011 EPERM clone:0x800011 EPERM clone:0x2011 EPERM
		clone:0x10010f00 EPERM clone:0x40010f00 EPERM
		clone:0x10f11 EPERM clone:0x1011 EPERM clone3:BUF:88 ENOSYS unshare:0x10000000 EPERM
		setns:0:0 EPERM
	)
	tries 'SystemIO: [stdout]' 'Threads: create' -- "${kinds[@]}" \
		thread ok fork EPERM clone:0x4111 EPERM "clone:$((HIGH + 17))" EPERM
	tries 'SystemIO: [stdio]' 'ForkAndExec: all' -- "${kinds[@]}" \
		fork ok "clone:$((HIGH + 17))" ok thread 'EPERM|EAGAIN'
	tries 'SystemIO: [stdout]' -- "${kinds[@]}" thread 'EPERM|EAGAIN' \
		fork EPERM
}

@test "contain: the exec gate is shut behind the program (13, R16)" {
	tries 'SystemIO: [stdout]' -- \
		exec:/bin/true EPERM exec-guess:/bin/true EPERM \
		exec:/proc/self/exe EPERM execve:NULL:NULL:NULL EPERM \
		exec-at:/bin/true:0 EPERM exec-at:/bin/true:0x1000 EPERM \
		execve:/bin/true:NULL:NULL:-1:-1:-1 EPERM \
		execveat:0::NULL:NULL:0x1000 EPERM
	tries 'SystemIO: [stdio, everything]' 'ForkAndExec: all' -- \
		exec:/bin/true EPERM exec-at:/bin/true:0 EPERM
	for kind in static dynamic musl-dynamic; do
		for who in as_root as_user; do
			expect 0 "$who" "$EXTRASAFE" run -a SystemIO.stdio -a \
				'ForkAndExec: {exec: yes_really}' -- \
				"$WORLD/try-$kind" exec:/bin/echo
			[[ $output == executed ]]
		done
	done
}

@test "contain: exec_path starts what it names" {
	cp /bin/echo "$W/in/named"
	cp /bin/echo "$W/out/other"
	printf '#!%s\n' "$W/out/other" >"$W/in/script"
	chmod 755 "$W/in/script"
	local words=(-a SystemIO.stdio -a "ForkAndExec.exec_path=$W/in")
	for who in as_root as_user; do
		expect 0 "$who" "$EXTRASAFE" run "${words[@]}" -- "$T" \
			"exec:$W/out/other" "exec:$W/in/script" \
			"exec-at:$W/in/named:0" memfd_create:x:0 \
			"openat:$HERE:$W/out/file:0" "exec:$W/in/named"
		results EACCES EACCES EPERM EPERM EACCES executed
	done
}

@test "contain: a program that is replaced before it starts does not" {
	local how fragment='SystemIO: [stdout]'
	# It waits where all that can be known is known.
	local late=(strace -o /dev/null
		-e inject=landlock_restrict_self:delay_enter=2000000)
	for how in 'cp --remove-destination' 'cp'; do
		cp "$T" "$W/program"
		"${late[@]}" "$EXTRASAFE" run -a "$fragment" -- "$W/program" \
			getpid >"$W/said" 2>&1 3>&- &
		await eval 'grep -q "^446 " "/proc/$(pgrep -P $!)/syscall"'
		$how "$D" "$W/program"
		status=0
		wait $! || status=$?
		tell
		cat "$W/said"
		[[ $status -ne 0 ]]
		[[ $(<"$W/said") != *"getpid: ok"* ]]
	done
	"${late[@]}" "$EXTRASAFE" run -a "$fragment" -- "$T" getpid \
		>"$W/said" 2>&1 3>&-
	[[ $(<"$W/said") == "getpid: ok" ]]
}

@test "contain: a 32-bit program is not started, and ends where exec starts it (12)" {
	# main(){} for i386: mov $1,%eax; xor %ebx,%ebx; int $0x80
	local header='\0177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\3\0\1\0\0\0\124\200\4\10\64\0\0\0\0\0\0\0\0\0\0\0\64\0\40\0\1\0\0\0\0\0\0\0'
	local segment='\1\0\0\0\0\0\0\0\0\200\4\10\0\200\4\10\140\0\0\0\140\0\0\0\5\0\0\0\0\20\0\0'
	local code='\270\1\0\0\0\61\333\315\200'
	printf %b "$header$segment$code" >"$W/i386"
	chmod 755 "$W/i386"
	for who in as_root as_user; do
		expect 125 "$who" "$EXTRASAFE" run -a SystemIO.stdout -- "$W/i386"
		contains "$stderr" "is a 32-bit program"
		# A kernel may run none at all.
		"$W/i386" 2>/dev/null || continue
		expect 159 "$who" "$EXTRASAFE" run -a SystemIO.stdio \
			-a 'ForkAndExec: {exec: yes_really}' -- "$T" "exec:$W/i386"
	done
}

@test "contain: other architectures' calls end the program (12, R1)" {
	local end=SYS status=0
	# Where the kernel has no 32-bit calls, the instruction is none.
	"$T" int80 || status=$?
	[[ $status -ne 139 ]] || end=SEGV
	dies "$end" 'SystemIO: [stdout]' -- int80
	dies SYS 'SystemIO: [stdout]' -- x32
	dies "$end" 'SystemIO: [stdio, everything]' \
		'ForkAndExec: {all: yes_really}' -- int80
	deny=EACCES dies SYS 'SystemIO: [stdout]' -- x32
	tries 'SystemIO: [stdout]' -- nr:39 ok nr:1000 ENOSYS nr:511 ENOSYS \
		nr:512 ENOSYS nr:600 ENOSYS nr:0x3fffffff ENOSYS nr:400 ENOSYS \
		nr:-1 'EPERM|ENOSYS' "nr:$((HIGH + 39))" ok
}

@test "contain: signals reach oneself and one's family (R18)" {
	local stranger
	sleep 300 3>&- &
	stranger=$!
	servers+=("$stranger")
	tries 'SystemIO: [stdout]' -- kill:PID:0 ok raise:0 ok kill:PPID:0 EPERM \
		"kill:$stranger:9" EPERM kill:-1:0 EPERM kill:0:0 EPERM \
		"tkill:$stranger:9" EPERM "tgkill:$stranger:$stranger:9" EPERM \
		"tgkill:PID:$stranger:9" ESRCH "rt_sigqueueinfo:PID:9:BUF" EPERM \
		"kill:$((HIGH + stranger)):0" EPERM "pidfd_open:$stranger:0" EPERM
	tries 'SystemIO: [stdio]' 'ForkAndExec: all' -- \
		kill-child ok fork-abort ok fork-signal:PID:0 ok \
		"fork-signal:$stranger:9" EPERM "kill:$stranger:9" EPERM \
		"tkill:$stranger:9" EPERM "tgkill:$stranger:$stranger:9" EPERM \
		kill:1:0 EPERM
	tries 'SystemIO: [stdout]' 'Threads: create' -- \
		"tkill:$stranger:9" EPERM thread ok
	kill -0 "$stranger"
	dies ABRT 'SystemIO: [stdout]' -- abort
	dies TERM 'SystemIO: [stdout]' -- raise:15
}

@test "contain: signals to all reach the family alone" {
	# A signal that does no harm if it gets out.
	setsid bash -c 'trap "echo caught >\"$1\"; exit" WINCH
		echo >"$1.ready"; while :; do sleep 0.05; done' - "$W/signal" 3>&- &
	servers+=($!)
	await test -e "$W/signal.ready"
	expect 0 xs run -a SystemIO.stdio -a 'ForkAndExec: all' -- "$T" \
		kill:-1:28 kill:0:28
	sleep 0.2
	[[ ! -e $W/signal ]]
	kill -WINCH "${servers[-1]}"
	await test -e "$W/signal"
}

@test "contain: calls that ask about processes ask about one's own (11, R17)" {
	tries 'SystemIO: [stdout]' -- \
		sched_getaffinity:0:128:BUF ok sched_getaffinity:1:128:BUF EPERM \
		prlimit64:0:7:NULL:BUF ok prlimit64:1:7:NULL:BUF EPERM \
		prlimit64:0:7:BUF:NULL EPERM "prlimit64:0:7:$HIGH:NULL" EPERM \
		sched_setaffinity:0:8:BUF EPERM setpriority:0:0:5 EPERM \
		getpriority:0:0 EPERM
}

@test "contain: input can't be faked on a terminal, whatever is allowed (15, R8)" {
	local denied=(
		ioctl:0:0x5412:x EPERM "ioctl:0:$((HIGH + 0x5412)):x" EPERM
		"ioctl:0:0x8000000000005412:x" EPERM
		"ioctl:$((HIGH)):0x5412:x" EPERM
		ioctl:0:0x541c:BUF EPERM "ioctl:0:$((HIGH + 0x541c)):BUF" EPERM
	)
	tries 'SystemIO: [everything, {ioctl: yes_really}]' -- "${denied[@]}" \
		ioctl:0:0x5401:BUF 'ok|ENOTTY'
	tries 'SystemIO: [stdin, stdout]' -- "${denied[@]}" \
		ioctl:0:0x5401:BUF 'ok|ENOTTY' ioctl:0:0x5423:BUF EPERM \
		ioctl:0:0x40086602:BUF EPERM ioctl:0:0x8902:BUF EPERM
	expect 0 script -qec "$(printf '%q ' "$EXTRASAFE" run -a \
		'SystemIO: [everything, {ioctl: yes_really}]' -- "$T" \
		ioctl:0:0x5412:x ioctl:0:0x5413:BUF)" /dev/null
	contains "$output" "ioctl:0:0x5412:x: EPERM"
	contains "$output" "ioctl:0:0x5413:BUF: ok"
}

@test "contain: a denied call gets what the profile says" {
	# shellcheck disable=SC2034 # `dies` reads $deny
	local who deny M=$WORLD/try-musl-static # it needs no call at its start
	for who in as_root as_user; do
		expect 0 "$who" "$EXTRASAFE" run -a SystemIO.stdout --deny EACCES \
			-- "$M" getpriority:0:0 dup2:1:5 close:1 clone3:BUF:88 nr:1000
		results EACCES EACCES ok ENOSYS ENOSYS
		expect 159 "$who" "$EXTRASAFE" run -a SystemIO.stdout --deny kill \
			-- "$M" dup2:1:5 close:1 clone3:BUF:88 nr:1000 getpriority:0:0
		results EPERM ok ENOSYS ENOSYS
		expect 159 "$who" "$EXTRASAFE" run -a SystemIO.stdout --deny trap \
			-- "$M" getpriority:0:0
		expect 0 "$who" "$EXTRASAFE" run -a SystemIO.stdout --deny trap \
			-- "$M" handle-sigsys getpriority:0:0
		[[ ${lines[1]} == trapped ]]
		# One thread ends, and the other tells of it.
		expect 0 "$who" "$EXTRASAFE" run -a 'SystemIO: [stdout, readlink]' \
			-a Threads.create --deny kill_thread -- "$T" thread-call
		[[ $output == "thread-call: ok" ]]
		expect 159 "$who" "$EXTRASAFE" run -a 'SystemIO: [stdout, readlink]' \
			-a Threads.create --deny kill -- "$T" thread-call
	done
}

@test "contain: memory is not made executable (R20)" {
	tries 'SystemIO: [stdout]' -- mmap-rwx EPERM mprotect-x EPERM \
		pkey_mprotect:BUF:4096:5:-1 EPERM mprotect:BUF:4096:3 ok \
		"mmap:NULL:4096:$((HIGH + 7)):0x22:-1" EPERM \
		mmap:NULL:4096:7:0x22:0 EPERM personality:0x400000 EPERM \
		mmap:NULL:4096:3:0x22:0 ok
	tries 'SystemIO: [stdout]' 'Code: {jit: yes_really}' -- mmap-rwx ok \
		mprotect-x ok
}

@test "contain: what no word gives stays denied under all of them (R6, R19)" {
	local words=(
		'SystemIO: [everything, {ioctl: yes_really}, {memfd: yes_really}]'
		'ForkAndExec: {all: yes_really}' 'Threads: all' 'Time: all'
		'Events: all' 'Code: {all: yes_really}' 'Pipes: all'
		'Networking: {all: yes_really}'
	)
	tries "${words[@]}" -- \
		io_uring_setup:1:BUF ENOSYS io_setup:1:BUF EPERM ptrace:0 EPERM \
		process_vm_readv:PID:BUF:0 EPERM bpf:0:BUF:0 EPERM \
		unshare:0x10000000 EPERM setns:0:0 EPERM mount:a:b:c EPERM \
		chroot:/ EPERM pivot_root:a:b EPERM keyctl:0 EPERM \
		add_key:user:a:b:1 EPERM personality:-1 EPERM \
		seccomp:1:0:BUF EPERM userfaultfd:0 EPERM \
		perf_event_open:BUF EPERM modify_ldt:0:BUF:0 EPERM iopl:3 EPERM \
		ioperm:0:1:1 EPERM kcmp:PID:PID EPERM \
		open_by_handle_at:-100:BUF EPERM reboot:0 EPERM \
		pidfd_open:1:0 EPERM pidfd_getfd:0:0:0 EPERM setuid:0 EPERM \
		shmget:0:1:0 EPERM clock_settime:0:BUF EPERM vhangup EPERM \
		arch_prctl:0x1012:0 EPERM prctl:22:2:BUF EPERM prctl:38:0 EPERM \
		clone:0x10000011 EPERM clone3:BUF:88 ENOSYS
}

@test "contain: no privileges come back, and the kernel says what is in force (R21)" {
	install -m 4755 "$T" "$W/setuid"
	"$EXTRASAFE" run -a SystemIO.stdout -- "$T" pause 3>&- &
	servers+=($!)
	await is_running $! "$T"
	grep -qx $'NoNewPrivs:\t1' "/proc/$!/status"
	grep -qx $'Seccomp:\t2' "/proc/$!/status"
	[[ $EUID -eq 0 ]] || skip "only root makes a set-user-id file"
	# Not as_user, which would stay beside it as a shell.
	setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$EXTRASAFE" run -a SystemIO.stdout -- "$W/setuid" pause 3>&- &
	servers+=($!)
	await is_running $! "$W/setuid"
	grep -qx $'Uid:\t65534\t65534\t65534\t65534' "/proc/$!/status"
}

@test "contain: works as the first process of a pid namespace" {
	unshare -Upf --map-root-user true 2>/dev/null ||
		skip "no user namespaces here"
	expect 0 unshare -Upf --map-root-user "$EXTRASAFE" run --arm exec \
		-a SystemIO.stdout -- "$D" kill:PID:0 kill:1:0 kill:2:0 fork
	results ok ok EPERM EPERM
	# What arms has to see threads and filters.
	expect 125 unshare -Upf --map-root-user "$EXTRASAFE" run \
		-a SystemIO.stdout -- "$D" fork
	contains "$stderr" "/proc is not that of these processes"
	expect 0 unshare -Upf --mount-proc --map-root-user "$EXTRASAFE" run \
		-a SystemIO.stdout -- "$D" kill:PID:0 kill:1:0 kill:2:0 fork
	results ok ok EPERM EPERM
}

@test "contain: within another extrasafe it starts nothing" {
	local status=0
	run --separate-stderr xs run -a SystemIO.everything \
		-a 'ForkAndExec: {all: yes_really}' -- \
		"$EXTRASAFE" run -a SystemIO.stdout -- "$T" getpid
	tell
	[[ $status -ne 0 && -z $output ]]
	# A sanitizer gives up before.
	[[ $ES_BUILD != release ]] || {
		[[ $status -eq 125 ]]
		contains "$stderr" "seccomp"
	}
}
