#!/usr/bin/env bats
# Landlock: paths, ports, what older kernels lack of it, and what goes wrong.
load helpers
load tries

# with_abi N COMMAND...: on a kernel that seems to have this ABI, or with 0 none.
with_abi() {
	"$ES_PROG/abi" "$@"
}

# A port of 127.0.0.1 that somebody listens on.
listen() {
	local fifo=$BATS_TEST_TMPDIR/port
	rm -f "$fifo"
	mkfifo "$fifo"
	python3 -c '
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
sys.stdout.close()
while True:
    server.accept()[0].close()' >"$fifo" &
	servers+=($!)
	read -r PORT <"$fifo"
}

@test "landlock: create_in_dir makes, reads, writes and empties files there" {
	local new=openat:$HERE:$W/in/new:$((O_RDWR | O_CREAT)):384
	tries 'SystemIO: [stdout]' "SystemIO.create_in_dir=$W/in" -- \
		"$new" ok "creat:$W/in/other:384" ok \
		"openat:$HERE:$W/in/file:$((O_RDWR | O_TRUNC))" ok \
		"openat:$HERE:$W/in/sub/x:$((O_WRONLY | O_CREAT)):384" ok \
		"openat:$HERE:$W/out/new:$((O_RDWR | O_CREAT)):384" EACCES \
		"creat:$W/out/file:384" EACCES \
		"openat:$HERE:$W/in:$O_DIRECTORY" EPERM \
		"mkdir:$W/in/d:448" EPERM "unlink:$W/in/file" EPERM \
		"rename:$W/in/file:$W/in/g" EPERM
	[[ $(cat "$W/out/file") == outer && ! -e $W/out/new ]]
}

@test "landlock: folders are made and removed, files removed, where it is said" {
	tries 'SystemIO: [stdout]' "SystemIO.create_dir=$W/in" \
		"SystemIO.remove_dir=$W/in" "SystemIO.remove_file=$W/in" -- \
		"mkdir:$W/in/d:448" ok "rmdir:$W/in/d" ok "unlink:$W/in/file" ok \
		"mkdir:$W/out/d:448" EACCES "unlink:$W/out/file" EACCES \
		"rmdir:$W/out" EACCES \
		"creat:$W/in/x:384" EPERM
	[[ -e $W/out/file ]]
}

@test "landlock: rename, link and symlink stay below their folders" {
	tries 'SystemIO: [stdout]' "SystemIO.rename=$W/in" -- \
		"rename:$W/in/sub/file:$W/in/moved" ok \
		"rename:$W/in/file:$W/out/stolen" EXDEV\|EACCES \
		"rename:$W/out/file:$W/in/stolen" EXDEV\|EACCES \
		"link:$W/in/moved:$W/in/again" EPERM
	tries 'SystemIO: [stdout]' "SystemIO: {rename: [$W/in, $W/out]}" -- \
		"rename:$W/in/file:$W/out/moved" ok
	tries 'SystemIO: [stdout]' "SystemIO.link=$W/in" -- \
		"link:$W/in/file:$W/in/sub/again" ok \
		"link:$W/out/file:$W/in/stolen" EXDEV\|EACCES
	tries 'SystemIO: [stdout]' "SystemIO.symlink=$W/in" -- \
		"symlink:/etc:$W/in/l" ok "symlink:/etc:$W/out/l" EACCES
	[[ ! -e $W/out/l && -e $W/out/file ]]
}

@test "landlock: truncate and mknod stay where it is said" {
	tries 'SystemIO: [stdout]' "SystemIO.truncate=$W/in" -- \
		"truncate:$W/in/file:0" ok "truncate:$W/out/file:0" EACCES
	tries 'SystemIO: [stdout]' "SystemIO.mknod=$W/in" -- \
		"mknod:$W/in/fifo:$((0010600)):0" ok \
		"mknod:$W/in/sock:$((0140600)):0" ok \
		"mknod:$W/out/fifo:$((0010600)):0" EACCES \
		"mknod:$W/in/null:$((0020600)):259" EPERM
	[[ $(cat "$W/out/file") == outer && ! -e $W/out/fifo ]]
}

@test "landlock: device nodes are made where it is said, by who may" {
	[[ $EUID -eq 0 ]] || skip "only root makes devices"
	expect 0 xs run -a 'SystemIO: [stdout]' -a \
		"SystemIO: {mknod_devices: {path: $W/in, yes_really: true}}" -- \
		"$T" "mknod:$W/in/null:$((0020600)):259" \
		"mknod:$W/out/null:$((0020600)):259"
	contains "$output" "in/null:$((0020600)):259: ok"
	contains "$output" "out/null:$((0020600)):259: EACCES"
	[[ -c $W/in/null && ! -e $W/out/null ]]
	# Moving one would make one.
	expect 0 xs run -a 'SystemIO: [stdout]' -a "SystemIO.rename=$W" -- \
		"$T" "rename:$W/in/null:$W/out/null"
	contains "$output" ": EACCES"
}

@test "landlock: work is all that a working folder takes, and nothing outside" {
	tries 'SystemIO: [stdout]' "SystemIO.work=$W/in" -- \
		"openat:$HERE:$W/in:$O_DIRECTORY" ok \
		"openat:$HERE:$W/in/new:$((O_RDWR | O_CREAT)):384" ok \
		"mkdir:$W/in/d:448" ok "rename:$W/in/new:$W/in/d/new" ok \
		"unlink:$W/in/d/new" ok "rmdir:$W/in/d" ok \
		"symlink:../out/file:$W/in/l" ok \
		"openat:$HERE:$W/in/l:0" EACCES \
		"openat:$HERE:$W/out/file:0" EACCES \
		"mkdir:$W/out/d:448" EACCES "unlink:$W/out/file" EACCES \
		"rename:$W/in/file:$W/out/f" EXDEV\|EACCES \
		"chmod:$W/in/file:511" EPERM "chown:$W/in/file:0:0" EPERM \
		"mknod:$W/in/fifo:$((0010600)):0" EPERM
}

@test "landlock: read_write opens to both, and makes nothing" {
	tries 'SystemIO: [stdout]' "SystemIO.read_write=$W/in/file" -- \
		"openat:$HERE:$W/in/file:$O_RDWR" ok \
		"openat:$HERE:$W/in/file:$((O_WRONLY | O_TRUNC))" ok \
		"openat:$HERE:$W/in/sub/file:0" EACCES \
		"openat:$HERE:$W/in/x:$((O_RDWR | O_CREAT)):384" EACCES
}

@test "landlock: a working folder that is the home folder is not written to" {
	local word
	cd "$W/in"
	for word in work create_in_dir write_file read_write; do
		expect 125 env HOME="$W/in" "$EXTRASAFE" run \
			-a "SystemIO: {$word: '\${CWD}'}" -- "$T"
		contains "$stderr" "the working folder is the home folder, or above it"
		expect 125 env HOME="$W/in/sub/../sub" "$EXTRASAFE" run \
			-a "SystemIO: {$word: '\${CWD}'}" -- "$T"
		expect 0 env HOME="$W/out" "$EXTRASAFE" run \
			-a "SystemIO: {$word: '\${CWD}'}" -- "$T"
		# By its own name it is meant.
		expect 0 env HOME="$W/in" "$EXTRASAFE" run \
			-a "SystemIO: {$word: '$W/in'}" -- "$T"
	done
	expect 0 env HOME="$W/in" "$EXTRASAFE" run \
		-a 'SystemIO: {read_path: "${CWD}"}' -- "$T"
	cd sub
	expect 0 env HOME="$W/in" "$EXTRASAFE" run \
		-a 'SystemIO: {work: "${CWD}"}' -- "$T"
}

@test "landlock: a folder's right on a file is an error that says so" {
	local word
	for word in create_in_dir create_dir remove_file remove_dir list_dir \
		rename link symlink mknod work; do
		expect 125 xs run -a "SystemIO.$word=$W/in/file" -- "$T"
		contains "$stderr" "'$W/in/file' is not a folder; SystemIO.$word is about folders"
		expect 1 xs check -a "SystemIO.$word=$W/in/file"
		expect 0 xs check -a "SystemIO.$word=$W/in"
	done
}

@test "landlock: ioctl_device gives requests to its devices, and to no other" {
	# TCGETS of a null device: ENOTTY where it is asked.
	tries 'SystemIO: [stdout]' 'SystemIO.read_path=/dev/null' \
		'SystemIO.read_path=/dev/zero' \
		'SystemIO.ioctl_device=/dev/null' -- \
		"openat:$HERE:/dev/null:0" ok "ioctl:LAST:0x5401:BUF" ENOTTY \
		"openat:$HERE:/dev/zero:0" ok "ioctl:LAST:0x5401:BUF:1" EACCES
	tries 'SystemIO: [stdout]' 'SystemIO.read_path=/dev/null' -- \
		"openat:$HERE:/dev/null:0" ok "ioctl:LAST:0x5401:BUF" ENOTTY \
		"openat:$HERE:/dev/null:$((O_DIRECTORY))" ENOTDIR \
		"ioctl:3:0x1234:BUF" EPERM
	tries 'SystemIO: [stdout]' "SystemIO.read_write=$W/in/file" \
		'SystemIO.ioctl_device=/dev/null' -- \
		"openat:$HERE:$W/in/file:$O_RDWR" ok \
		"ioctl:LAST:0x40086602:BUF" EPERM "ioctl:LAST:0x40049409:0" EPERM
}

@test "landlock: a client reaches its port alone" {
	listen
	tries 'SystemIO: [stdout]' \
		"Networking: {start_tcp_clients: {ports: $PORT}}" -- \
		"inet:connect:$PORT" ok inet:connect:1 EACCES \
		"inet:bind:0" EPERM inet:listen:0 EPERM
	tries 'SystemIO: [stdout]' \
		"Networking: {start_tcp_clients: {ports: [1, 2]}}" -- \
		"inet:connect:$PORT" EACCES inet:connect:1 ECONNREFUSED
	# Without ports, all of them.
	tries 'SystemIO: [stdout]' 'Networking: [start_tcp_clients]' -- \
		"inet:connect:$PORT" ok inet:connect:1 ECONNREFUSED
}

@test "landlock: a server binds its port alone" {
	tries 'SystemIO: [stdout]' 'Networking: {start_tcp_servers:
		{ports: [23456], yes_really: true}}' -- \
		inet:bind:23456 ok inet:bind:23457 EACCES inet:bind:0 EACCES \
		inet:connect:23456 EPERM
	expect 0 xs check -a 'Networking: {start_tcp_servers: {ports: 23456,
		yes_really: true}}'
	contains "$stderr" "listen(2) without bind(2) asks no rule"
}

@test "landlock: ports hold against TCP Fast Open, MPTCP, raw sockets and UDP" {
	listen
	local ports="Networking: {start_tcp_clients: {ports: 1}}"
	local any='syscalls: [socket, sendto, sendmsg, setsockopt]'
	tries 'SystemIO: [stdout]' "$ports" -- \
		"inet:fastopen:$PORT" EPERM "inet:fastopen-msg:$PORT" EPERM \
		socket:2:1:262 EPERM socket:2:3:6 EPERM socket:2:2:0 EPERM \
		socket:43:1:0 EPERM setsockopt:5:6:30:BUF:4 EPERM \
		socket:2:1:0 ok socket:2:1:6 ok
	# Whatever stands beside.
	tries 'SystemIO: [stdio]' "$ports" "$any" -- \
		"inet:fastopen:$PORT" EPERM "inet:fastopen-msg:$PORT" EPERM \
		socket:2:1:262 EPERM socket:2:3:6 EPERM socket:17:3:0 EPERM \
		socket:43:1:0 EPERM setsockopt:50:6:30:BUF:4 EPERM \
		setsockopt:50:6:1:BUF:4 EBADF "inet:connect:$PORT" EACCES
	# And that Landlock lets these pass, where no port is named.
	tries 'SystemIO: [stdio]' 'Networking: [start_tcp_clients]' "$any" -- \
		"inet:fastopen:$PORT" 'ok|[0-9]+|EOPNOTSUPP|EINPROGRESS' \
		socket:2:1:262 'ok|ENOPROTOOPT'
}

@test "landlock: UDP beside ports says that it is meant" {
	expect 1 xs check -a 'Networking: [start_udp_clients,
		start_tcp_clients: {ports: 443}]'
	contains "$stderr" "Networking.start_udp_clients sends UDP datagrams to any address and port, whatever \`ports\` say"
	contains "$stderr" "write \`start_udp_clients: yes_really\`"
	expect 0 xs check -a 'Networking: [start_udp_clients: yes_really,
		start_tcp_clients: {ports: 443}]'
	expect 0 xs check -a 'Networking: [start_udp_clients]'
	expect 1 xs check -a 'Networking: [all,
		start_tcp_clients: {ports: 443}]'
}

@test "landlock: a limit to ports beside every port has no effect" {
	expect 1 xs check -a 'Networking: [start_tcp_clients: {ports: 443}]' \
		-a 'Networking: [start_tcp_clients]'
	contains "$stderr" "Networking.start_tcp_clients has no effect: Networking.start_tcp_clients allows every port"
	expect 1 xs check -a 'Networking: [start_tcp_clients: {ports: 443},
		connect: yes_really]'
	expect 0 xs check -a 'Networking: [start_tcp_clients: {ports: 443},
		https_client]'
}

@test "landlock: wrong ports are told where they stand" {
	local wrong
	for wrong in 0 65536 -1 x '"80"' 1-2 '[]' 080; do
		expect 1 xs check -a \
			"Networking: {start_tcp_clients: {ports: $wrong}}"
		[[ $stderr == -a:1:* ]]
	done
	expect 1 xs check -a 'Networking: {start_udp_clients: {ports: 53}}'
	contains "$stderr" "the kernel has rules for ports of TCP alone"
	expect 1 xs check -a 'Networking.start_tcp_clients=443'
	contains "$stderr" "ports are named as in \`start_tcp_clients: {ports: [443]}\`"
}

@test "landlock: every ABI starts what it can hold" {
	local abi
	for abi in 0 1 2 3 4 5 6 7; do
		run -0 --separate-stderr with_abi "$abi" "$EXTRASAFE" run \
			-p compute -- wc -w <<<'one two'
		[[ $output == 2 ]]
	done
}

# lacks ABI RIGHT NEEDED FRAGMENT: refused below ABI NEEDED, and so named.
lacks() {
	local abi=$1 right=$2 needed=$3 fragment=$4
	expect 125 with_abi "$abi" "$EXTRASAFE" run -a "$fragment" -- "$T"
	contains "$stderr" "error: this needs Landlock's right '$right' (ABI $needed), and the kernel (Linux $(uname -r)) has ABI $abi"
	[[ -z $output ]]
	expect 0 with_abi "$needed" "$EXTRASAFE" run -a "$fragment" -- "$T"
	expect 0 with_abi "$abi" "$EXTRASAFE" run --best-effort landlock \
		-a "$fragment" -- "$T"
	contains "$stderr" "warning: this needs Landlock's right '$right'"
}

@test "landlock: a right that an ABI lacks is named, with ABI and kernel" {
	lacks 1 refer 2 SystemIO.rename
	lacks 2 truncate 3 "SystemIO.read_path=$W/in"
	lacks 2 truncate 3 SystemIO.ssl_files
	lacks 3 connect_tcp 4 'Networking: {start_tcp_clients: {ports: 80}}'
	lacks 3 connect_tcp 4 'Networking: [https_client]'
	lacks 3 bind_tcp 4 'Networking: {start_tcp_servers: {ports: 80,
		yes_really: true}}'
	lacks 4 ioctl_dev 5 'SystemIO.ioctl_device=/dev/null'
}

@test "landlock: without it, only what needs none of it starts" {
	expect 0 with_abi 0 "$EXTRASAFE" run -a 'SystemIO: [stdout]' -- \
		"$T" "openat:$HERE:/etc/passwd:0"
	contains "$output" EPERM
	contains "$stderr" "warning: Landlock can't be had here (Linux $(uname -r))"
	expect 0 with_abi 0 "$EXTRASAFE" run -a 'SystemIO: [stdout]' -- \
		"$D" "openat:$HERE:/etc/passwd:0"
	contains "$output" EPERM
	expect 125 with_abi 0 "$EXTRASAFE" run --arm exec \
		-a 'SystemIO: [stdout]' -- "$D"
	contains "$stderr" "with \`arm: exec\`, what a dynamic loader needs would stay open for every file"
	expect 0 with_abi 0 "$EXTRASAFE" run --arm exec \
		-a 'SystemIO: [stdout]' -- "$T"
	expect 125 with_abi 0 "$EXTRASAFE" run -a 'SystemIO: [stdout]' \
		-a "SystemIO.read_path=$W/in" -- "$T"
	contains "$stderr" "SystemIO.read_path is held to its paths by it"
	expect 125 with_abi 0 "$EXTRASAFE" run -a \
		'Networking: {start_tcp_clients: {ports: 80}}' -- "$T"
	contains "$stderr" "is held to its ports by it"
}

# unheld ABI RIGHT FRAGMENT ATTEMPT: what Landlock alone holds to nothing, and
# this ABI lacks, is refused; where it has it, the attempt is.
unheld() {
	local abi=$1 right=$2 fragment=$3 attempt=$4
	expect 0 xs run -a SystemIO.stdio -a "$fragment" -- "$T" "$attempt"
	contains "$output" EACCES
	expect 125 with_abi "$abi" "$EXTRASAFE" run -a SystemIO.stdio \
		-a "$fragment" -- "$T" "$attempt"
	contains "$stderr" "Landlock's right '$right'"
	[[ -z $output ]]
	expect 0 with_abi "$abi" "$EXTRASAFE" run --best-effort landlock \
		-a SystemIO.stdio -a "$fragment" -- "$T" "$attempt"
	contains "$stderr" "it passes everywhere"
	[[ $output != *EACCES* ]]
}

@test "landlock: what it alone holds is not let go where it can't" {
	unheld 0 read_file 'syscalls: [openat]' "openat:$HERE:$W/out/file:0"
	unheld 0 make_dir 'syscalls: [mkdir]' "mkdir:$W/out/made:448"
	rmdir "$W/out/made"
	unheld 0 remove_file 'syscalls: [unlink]' "unlink:$W/out/file"
	unheld 2 truncate 'syscalls: [truncate]' "truncate:$W/in/file:1"
	unheld 3 connect_tcp 'Networking: [start_tcp_servers: yes_really,
		start_udp_clients]' inet:connect:1
	unheld 3 bind_tcp 'Networking: [start_tcp_clients,
		start_udp_servers: yes_really]' inet:bind:23459
	unheld 0 connect_tcp 'Networking: [start_tcp_servers: yes_really,
		start_udp_clients]' inet:connect:1
	# A socket of UDP alone connects to nothing of TCP.
	expect 0 with_abi 3 "$EXTRASAFE" run -a SystemIO.stdio \
		-a 'Networking: [start_udp_clients]' -- "$T" inet:connect:1:2
}

@test "landlock: without it, no folder is listed for the sake of a descriptor" {
	printf 'extrasafe: 1\nfds: {log: {open: %s, for: append, create: 0600}}\nallow: {SystemIO: [stdout, file_write: log], Pipes: create}\n' \
		"$BATS_TEST_TMPDIR/log" >"$BATS_TEST_TMPDIR/p.yaml"
	local kind
	for kind in "$T" "$D"; do
		expect 0 with_abi 0 "$EXTRASAFE" run \
			-p "$BATS_TEST_TMPDIR/p.yaml" -- "$kind" \
			"openat:$HERE:/etc/passwd:0" "openat:$HERE:/:$O_DIRECTORY"
		[[ $output == *EPERM*EPERM ]]
		expect 0 xs run -p "$BATS_TEST_TMPDIR/p.yaml" -- "$kind" \
			"openat:$HERE:/proc/self/fd:$O_DIRECTORY" \
			"openat:$HERE:/etc/passwd:0"
		[[ $output == *': ok'*EACCES ]]
	done
}

@test "landlock: a scope that the start takes off holds signals by the filter" {
	local stranger
	sleep 60 &
	stranger=$!
	servers+=("$stranger")
	cat >"$BATS_TEST_TMPDIR/p.yaml" <<-'END'
		extrasafe: 1
		startup: {until: {blocked_in: [pause]}, allow: {Signals: group}}
		allow: {SystemIO: stdio, ForkAndExec: fork}
	END
	"$EXTRASAFE" run -p "$BATS_TEST_TMPDIR/p.yaml" -- "$T" \
		"kill:$stranger:0" kill:PID:0 pause >"$BATS_TEST_TMPDIR/out" 3>&- &
	servers+=($!)
	for _ in $(seq 100); do
		[[ $(wc -l <"$BATS_TEST_TMPDIR/out") -ge 2 ]] && break
		sleep 0.1
	done
	grep -q "kill:$stranger:0: EPERM" "$BATS_TEST_TMPDIR/out"
	grep -q 'kill:PID:0: ok' "$BATS_TEST_TMPDIR/out"
}

@test "landlock: --best-effort landlock goes on, and says what is lost" {
	expect 0 with_abi 0 "$EXTRASAFE" run --best-effort landlock \
		-a 'SystemIO: [stdout]' -a "SystemIO.read_path=$W/in" -- \
		"$T" "openat:$HERE:$W/in/file:0" "openat:$HERE:$W/out/file:0" \
		"openat:$HERE:$W/out/file:$O_RDWR"
	[[ $output == *in/file:0:\ ok*out/file:0:\ ok*out/file:2:\ EPERM* ]]
	contains "$stderr" "it holds everywhere, as without a path"
	expect 0 xs run --best-effort landlock -a 'SystemIO: [stdout]' \
		-a "SystemIO.read_path=$W/in" -- "$T" "openat:$HERE:$W/out/file:0"
	contains "$output" EACCES
	[[ -z $stderr ]]
	expect 2 xs run --best-effort seccomp -a 'SystemIO: [stdout]' -- "$T"
	contains "$stderr" "'landlock', not 'seccomp'"
}

@test "landlock: require is an ABI that there has to be" {
	local profile=$BATS_TEST_TMPDIR/p.yaml
	printf 'extrasafe: 1\nlandlock: {require: 6}\nallow: {SystemIO: [stdout]}\n' \
		>"$profile"
	expect 125 with_abi 5 "$EXTRASAFE" run -p "$profile" -- "$T"
	contains "$stderr" "p.yaml:2:21: error: Landlock's ABI 6 is asked for, and the kernel has ABI 5"
	expect 0 with_abi 6 "$EXTRASAFE" run -p "$profile" -- "$T"
	expect 0 with_abi 5 "$EXTRASAFE" run --best-effort landlock \
		-p "$profile" -- "$T"
	expect 125 with_abi 0 "$EXTRASAFE" run -p "$profile" -- "$T"
	contains "$stderr" "it is asked for here"
}

# scoped YAML: a profile with this at `landlock`.
scoped() {
	printf 'extrasafe: 1\nlandlock: {scope: %s}\nallow: {SystemIO: [stdio], ForkAndExec: [fork], %s}\n' \
		"$1" "${2-Time: [gettime]}" >"$BATS_TEST_TMPDIR/p.yaml"
}

@test "landlock: scopes are on, and taken off by name" {
	local profile=$BATS_TEST_TMPDIR/p.yaml victim
	sleep 60 &
	victim=$!
	servers+=("$victim")
	expect 0 xs run -a SystemIO.stdio -a ForkAndExec.fork -- \
		"$T" "kill:$victim:0"
	contains "$output" EPERM
	# By the filter as well where the scope is off, but for a rule by hand.
	scoped '[]'
	expect 0 xs run -p "$profile" -- "$T" "kill:$victim:0"
	contains "$output" EPERM
	scoped '[]' 'syscalls: [kill]'
	expect 0 xs run -p "$profile" -- "$T" "kill:$victim:0"
	contains "$output" ': ok'
	scoped '[abstract_unix_socket]' 'syscalls: [kill]'
	expect 0 xs run -p "$profile" -- "$T" "kill:$victim:0"
	contains "$output" ': ok'
	scoped '[signal]' 'syscalls: [kill]'
	expect 0 xs run -p "$profile" -- "$T" "kill:$victim:0"
	contains "$output" EPERM
	scoped '[signal]' 'Signals: [group]'
	expect 1 xs check "$profile"
	contains "$stderr" "'scope' has no effect: Signals.group reaches past it"
	scoped '[sgnal]'
	expect 1 xs check "$profile"
	contains "$stderr" "did you mean 'signal'?"
	scoped '[signal]'
	expect 125 with_abi 5 "$EXTRASAFE" run -p "$profile" -- "$T"
	contains "$stderr" "right 'signal' (ABI 6)"
}

@test "landlock: only it, and no filter" {
	local profile=$BATS_TEST_TMPDIR/p.yaml
	printf 'extrasafe: 1\nlandlock: {only: true}\nallow: {SystemIO: [read_path: %s]}\n' \
		"$W/in" >"$profile"
	local kind
	for kind in "$T" "$D"; do
		expect 0 xs run -p "$profile" -- "$kind" \
			"openat:$HERE:$W/in/file:0" "openat:$HERE:$W/out/file:0" \
			getpid "openat2:$HERE:/:BUF:24" inet:connect:1
		contains "$output" 'in/file:0: ok'
		contains "$output" 'out/file:0: EACCES'
		contains "$output" 'getpid: ok'
		contains "$output" 'connect:1: EACCES'
		[[ $output != *EPERM* ]]
	done
	expect 0 xs run -p "$profile" -- "$T" exec:/bin/true
	contains "$output" EACCES
	expect 0 xs check "$profile"
	contains "$stderr" "there is no filter"
	expect 1 xs check -a SystemIO.stdout "$profile"
	contains "$stderr" "SystemIO.stdout has no right of Landlock, and there is to be no filter"
	expect 125 xs run --arm entry -p "$profile" -- "$T"
	contains "$stderr" "a second layer takes a filter"
	expect 125 xs run --report -p "$profile" -- "$T"
	contains "$stderr" "without a filter, nothing can be reported"
	# Where a filter would be needed, it is missed.
	local abi
	for abi in 1 2 3 4 5; do
		expect 125 with_abi "$abi" "$EXTRASAFE" run -p "$profile" -- "$T"
		contains "$stderr" "this needs Landlock's right"
	done
	expect 0 with_abi 6 "$EXTRASAFE" run -p "$profile" -- "$T"
	expect 125 with_abi 0 "$EXTRASAFE" run --best-effort landlock \
		-p "$profile" -- "$T"
	printf 'extrasafe: 1\nlandlock: {only: false, wrong: 1}\nallow: {SystemIO: [stdout]}\n' \
		>"$profile"
	expect 1 xs check "$profile"
	contains "$stderr" "'landlock' has no 'wrong'"
}

@test "landlock: the seventeenth layer is an error" {
	local nested=()
	local words='SystemIO: [stdio, dup, close, read_path]'
	# Sixteen times the thirteen words.
	while [[ ${#nested[@]} -lt 208 ]]; do
		nested+=("$EXTRASAFE" run --arm exec -a "$words" -a
			'SelfConfinement: all' -a
			'ForkAndExec: [exec: yes_really]' -a 'Code: [load]' --)
	done
	run --separate-stderr "${nested[@]}" "$EXTRASAFE" run --arm exec -a \
		SystemIO.stdio -- /bin/true
	tell nested
	[[ $status -eq 125 ]]
	contains "$stderr" "16 layers are in force already"
}

@test "landlock: what a rule is on is opened once, and not what takes its name" {
	echo secret >"$W/secret"
	ln -sfn "$W/in" "$W/now"
	expect 0 xs run -a 'SystemIO: [stdout]' -a "SystemIO.read_path=$W/now" \
		-a "SystemIO.symlink=$W" -a "SystemIO.remove_file=$W" -- \
		"$T" "openat:$HERE:$W/now/file:0" "unlink:$W/now" \
		"symlink:$W/out:$W/now" "openat:$HERE:$W/now/file:0"
	[[ $output == *'now/file:0: ok'*'now/file:0: EACCES' ]]
}

@test "landlock: a rule on a link is on what it leads to" {
	tries 'SystemIO: [stdout]' "SystemIO.read_path=$W/in/link" -- \
		"openat:$HERE:$W/in/link:0" ok "openat:$HERE:$W/out/file:0" ok \
		"openat:$HERE:$W/in/file:0" EACCES
	tries 'SystemIO: [stdout]' "SystemIO.read_path=$W/in/folder" -- \
		"openat:$HERE:$W/out/file:0" ok "openat:$HERE:$W/in/file:0" EACCES
}

@test "landlock: rules on FIFOs, devices, /proc and other mounts" {
	[[ -p $WORLD/fifo ]] || mkfifo -m 666 "$WORLD/fifo"
	tries 'SystemIO: [stdout]' "SystemIO.read_path=$WORLD/fifo" \
		SystemIO.read_path=/dev/null SystemIO.read_path=/proc/self/status \
		SystemIO.read_path=/dev/shm -- \
		"openat:$HERE:$WORLD/fifo:$((0x800))" ok \
		"openat:$HERE:/dev/null:0" ok "openat:$HERE:/dev/zero:0" EACCES \
		"openat:$HERE:/proc/self/status:0" ok \
		"openat:$HERE:/proc/self/maps:0" EACCES \
		"openat:$HERE:/dev/shm:$O_DIRECTORY" ok \
		"openat:$HERE:/dev:$O_DIRECTORY" EACCES
}

@test "landlock: a working folder outside the paths, and a folder that is kept, are told" {
	cd "$W/out"
	expect 0 xs run --dry-run -a "SystemIO.read_path=$W/in" -- "$T"
	contains "$output" "working folder: $W/out, outside the paths"
	expect 0 xs run -v -a 'SystemIO: [stdout]' \
		-a "SystemIO.read_path=$W/in" -- "$T" "openat:$HERE:file:0"
	contains "$stderr" "working folder: $W/out, outside the paths"
	contains "$output" EACCES
	cd "$W/in"
	expect 0 xs run --dry-run -a "SystemIO.read_path=$W/in" -- "$T"
	contains "$output" "working folder: $W/in
"
	printf 'extrasafe: 1\nfds: {kept: {inherit: 5}}\nallow: {SystemIO: [stdout, read_path: %s]}\n' \
		"$W/in" >"$BATS_TEST_TMPDIR/p.yaml"
	expect 0 xs run --dry-run -p "$BATS_TEST_TMPDIR/p.yaml" -- "$T" 5<"$W/out"
	contains "$output" "descriptor 5: kept, inherited, a folder: what is below it is held to the paths, its list is not"
	expect 0 xs run -p "$BATS_TEST_TMPDIR/p.yaml" -- "$T" openat:5:file:0 \
		5<"$W/out"
	contains "$output" EACCES
	expect 0 xs run -p "$BATS_TEST_TMPDIR/p.yaml" -- "$T" openat:5:file:0 \
		5<"$W/in"
	contains "$output" ok
}

@test "landlock: denials are to be logged, in what is started as well" {
	local abi
	for abi in 6 7; do
		expect 0 env ABI_TELL=1 "$ES_PROG/abi" "$abi" "$EXTRASAFE" run \
			-a 'SystemIO: [stdout]' -- "$D"
		# LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON, in both layers.
		[[ $stderr == "$(printf 'flags %d\nflags %d' \
			$((abi == 7 ? 2 : 0)) $((abi == 7 ? 2 : 0)))" ]]
	done
}

@test "landlock: what it leaves open is shut by the filter" {
	tries 'SystemIO: [stdout]' "SystemIO.work=$W" -- \
		"chmod:$W/in/file:511" EPERM "chown:$W/in/file:1:1" EPERM \
		"utimensat:$HERE:$W/in/file:NULL:0" EPERM socket:2:2:0 EPERM
	# Of whose they are; and anybody may write to them.
	tries 'SystemIO: [stdout, chmod, utimes]' "SystemIO.work=$W" -- \
		"utimensat:$HERE:$W/in/file:NULL:0" ok
	[[ $EUID -eq 0 ]] || return 0
	expect 0 xs run -a 'SystemIO: [stdout, chmod]' -a "SystemIO.work=$W" -- \
		"$T" "chmod:$W/in/file:511"
	contains "$output" ': ok'
}
