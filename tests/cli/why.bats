#!/usr/bin/env bats
# `extrasafe why`, and the loop that it is for: trace a program, paste what is
# suggested, run it confined.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	cat >part.yaml <<-'XEND'
		extrasafe: 1
		allow:
		  SystemIO:
		    - stdin
		    - read_path: /usr
	XEND
	export LC_ALL=C
}

teardown() {
	[[ -z ${server-} ]] || kill "$server"
}

@test "why: -h tells every option, and nothing on standard error" {
	expect 0 xs why -h
	[[ -z $stderr ]]
	for option in -p --profile -a --allow --json -v --verbose -h --help; do
		contains "$output" " $option"
	done
	for line in "${lines[@]}"; do
		[[ ${#line} -le 80 ]]
	done
}

@test "why: an allowed call is 0, with the line that allows it" {
	expect 0 xs why -p ./part.yaml 'read(0, "", 5) = 5'
	[[ $output == 'allowed: read(0, "", 5)'$'\n''  ./part.yaml:4:7: SystemIO.stdin' ]]
	expect 0 xs why 'getpid()'
	contains "$output" "BasicCapabilities.basic, always on"
}

@test "why: a denied call is 1, with what would allow it" {
	expect 1 xs why -p ./part.yaml 'sysinfo({uptime=5, ...}) = 0'
	contains "$output" "denied: sysinfo({uptime=5, ...}) = EPERM"
	contains "$output" "no permission gives it"
	contains "$output" "allow with: SystemInfo: [memory]"
	expect 0 xs why -p ./part.yaml -a 'SystemInfo: [memory]' 'sysinfo(0x1)'
}

@test "why: a path that Landlock's rules lack is told beside the filter" {
	expect 1 xs why -p ./part.yaml 'openat(AT_FDCWD, "/etc/passwd", O_RDONLY)'
	contains "$output" "= EACCES"
	contains "$output" "no read_file at /etc/passwd"
	contains "$output" "allow with: SystemIO: [read_path: /etc/passwd]"
	expect 0 xs why -p ./part.yaml 'openat(AT_FDCWD, "/usr/bin/env", O_RDONLY)'
	expect 1 xs why -p ./part.yaml 'openat(AT_FDCWD, "/usr/../etc/passwd", O_RDONLY)'
	ln -s /etc/passwd link
	expect 1 xs why -p ./part.yaml 'openat(AT_FDCWD, "link", O_RDONLY)'
	contains "$output" "read_path: /etc/passwd"
	# What is not there, the kernel does not find.
	expect 0 xs why -p ./part.yaml 'openat(AT_FDCWD, "/etc/no such", O_RDONLY)'
	expect 1 xs why -p ./part.yaml 'openat(3, "x", O_RDWR)'
	contains "$output" "the path is not known"
}

@test "why: what can't be given says why" {
	expect 1 xs why 'mount("a", "b", "c", 0, NULL)'
	contains "$output" "changes what is mounted"
	[[ $output != *"allow with"* ]]
	expect 1 xs why -p ./part.yaml 'dup2(0, 5)'
	contains "$output" "./part.yaml:4:7: SystemIO.stdin"
	contains "$output" "has a limit, by SystemIO.stdin"
	expect 1 xs why -a SystemIO.stdio 'ioctl(0, TIOCSTI, "x")'
	contains "$output" "typing for the user"
}

@test "why: ports, and what would go past them" {
	cat >ports.yaml <<-'END'
		extrasafe: 1
		allow:
		  Networking: [start_tcp_clients: {ports: [443]}]
	END
	expect 0 xs why -p ./ports.yaml 'connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("10.0.0.1")}, 16)'
	expect 1 xs why -p ./ports.yaml 'connect(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, 28)'
	contains "$output" "no connect_tcp at port 80"
	contains "$output" "allow with: Networking: [start_tcp_clients: {ports: 80}]"
	[[ $output == *' = EACCES'* ]]
	expect 1 xs why -p ./ports.yaml 'sendto(3, "x", 1, MSG_FASTOPEN, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("10.0.0.1")}, 16)'
	contains "$output" "it would go past the \`ports\` of a permission"
	# A trace tells which sockets are TCP's.
	cat >trace <<-'END'
		1 socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_UDP) = 3
		1 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("10.0.0.1")}, 16) = 0
		1 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 4
		1 connect(4, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("10.0.0.1")}, 16) = 0
	END
	expect 1 xs why <trace
	contains "$output" "- start_tcp_clients: {ports: 443}"
	contains "$output" "- start_udp_clients: yes_really"
	expect 0 xs why -a 'Networking: [start_tcp_clients: {ports: 443}, start_udp_clients: yes_really]' <trace
	expect 1 xs why --json -p ./ports.yaml 'bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.0.0.1")}, 16)'
	jq -e '.answers[0].verdict == "denied"' <<<"$output"
	# UDP beside ports has to be meant
	expect 1 "$EXTRASAFE" why \
		-a 'Networking: [start_tcp_clients: {ports: 80}]' \
		'socket(AF_INET, SOCK_DGRAM, 0)'
	contains "$output" \
		"allow with: Networking: [start_udp_clients: yes_really]"
	expect 0 "$EXTRASAFE" check \
		-a 'Networking: [start_tcp_clients: {ports: 80}]' \
		-a 'Networking: [start_udp_clients: yes_really]'
	expect 1 "$EXTRASAFE" why -a 'Networking: [start_tcp_clients]' \
		'socket(AF_INET, SOCK_DGRAM, 0)'
	contains "$output" "allow with: Networking: [start_udp_clients]"
}

@test "why: what is made and removed, by the narrowest word at its folder" {
	mkdir -p d
	expect 1 xs why "openat(AT_FDCWD, \"$PWD/d/new\", O_WRONLY|O_CREAT, 0600)"
	contains "$output" "allow with: SystemIO: [create_in_dir: $PWD/d]"
	expect 1 xs why "mkdir(\"$PWD/d/new\", 0700)"
	contains "$output" "allow with: SystemIO: [create_dir: $PWD/d]"
	touch d/a
	expect 1 xs why "unlink(\"$PWD/d/a\")"
	contains "$output" "allow with: SystemIO: [remove_file: $PWD/d]"
	expect 1 xs why "rename(\"$PWD/d/a\", \"$PWD/b\")"
	contains "$output" "allow with: SystemIO: [rename: [$PWD, $PWD/d]]"
	expect 0 xs why -a "SystemIO: [rename: [$PWD, $PWD/d]]" \
		"rename(\"$PWD/d/a\", \"$PWD/b\")"
	expect 1 xs why -a "SystemIO: [rename: $PWD/d]" \
		"rename(\"$PWD/d/a\", \"$PWD/b\")"
}

@test "why: deny and pretended answers" {
	printf 'extrasafe: 1\ndeny: kill\nallow: {SystemIO: [stdin]}\n' >kill.yaml
	expect 1 xs why -p ./kill.yaml 'sysinfo(NULL)'
	contains "$output" "= kill"
	expect 0 xs why -p ./kill.yaml 'close(0)'
	contains "$output" "pretended: close(0) = 0"
}

@test "why: what is no call is wrong usage" {
	expect 2 xs why 'nosuch(1)'
	contains "$stderr" "'nosuch' is no system call that is known"
	expect 2 xs why 'openat(AT_FDCWD, "x'
	contains "$stderr" "a string has no end"
	expect 2 xs why 'getpid()' 'getpid()'
	contains "$stderr" "one CALL at a time"
	expect 2 xs why 'getpid()' -v
	contains "$stderr" "options go before the CALL: '-v'"
}

@test "why: a profile that is wrong or can't be read is 125" {
	expect 125 xs why -p ./none.yaml 'getpid()'
	contains "$stderr" "none.yaml"
	expect 125 xs why -a NoSuch.word 'getpid()'
	contains "$stderr" "NoSuch"
}

@test "why: a trace is summed up, and lines that can't be read are told" {
	printf '%s\n' 'execve("/bin/true", ["true"], 0x7f /* 3 vars */) = 0' \
		'[pid 7] sysinfo({uptime=1}) = 0' '--- SIGCHLD {} ---' \
		'7 sysinfo({uptime=2}) = 0' \
		'[pid 7] read(0,  <unfinished ...>' \
		'[pid 7] <... read resumed>"", 5) = 0' \
		$'hello \e[0m' 'mount("a", "b", "c", 0, NULL) = 0' \
		'+++ exited with 0 +++' >trace
	expect 1 xs why -p ./part.yaml <trace
	contains "$output" "2: denied: sysinfo({uptime=1}) = EPERM (2 times)"
	contains "$output" '7: unreadable: hello \x1b[0m'
	contains "$output" "changes what is mounted"
	contains "$output" "calls: 4, allowed: 1, denied: 3, lines that can't be read: 1"
	contains "$output" "  -a 'SystemInfo: [memory]'"
	contains "$output" $'allow:\n  SystemInfo:\n    - memory'
	[[ $output != *"allowed: read"* ]]
	expect 1 xs why -v -p ./part.yaml - <trace
	contains "$output" "allowed: read(0"
}

@test "why: an empty trace is 0, one without any call 125" {
	expect 0 xs why </dev/null
	contains "$output" "calls: 0, allowed: 0, denied: 0"
	expect 125 xs why <<<'hello'
	contains "$output" "1: unreadable: hello"
}

@test "why: --json" {
	skip_without jq
	expect 1 xs why --json -p ./part.yaml 'openat(AT_FDCWD, "/etc/passwd", O_RDONLY)'
	jq -e '.answers[0] | .verdict == "denied" and .action == "EACCES" and
	       .layer == "landlock" and .path == "/etc/passwd" and
	       .right == "read_file" and .times == 1 and
	       .fragment == "SystemIO: [read_path: /etc/passwd]"' <<<"$output"
	jq -e '.summary | .status == 1 and .calls == 1 and .denied == 1 and
	       .conflict == null' <<<"$output"
	expect 0 xs why --json -p ./part.yaml 'read(0, "", 1)'
	jq -e '.answers[0] | .file == "./part.yaml" and .file_line == 4 and
	       .column == 7 and .permission == "SystemIO.stdin" and
	       .action == null' <<<"$output"
}

# closes COMMAND...: traces it, pastes what `why` suggests until it says that all
# is allowed, and requires that the program then prints and ends as it did: in
# five rounds, without anybody's choice.
closes() {
	local want got status_then=0 status_now=0 round pasted=() fragment
	skip_without strace
	want=$("$@" 2>/dev/null </dev/null) || status_then=$?
	strace -f -qq -o trace "$@" 2>/dev/null </dev/null | cat >/dev/null
	for round in 1 2 3 4 5; do
		fragment=$(xs why "${pasted[@]}" <trace | sed -n 's/^  -a //p')
		[[ -z $fragment ]] || eval "pasted+=(-a $fragment)"
		printf 'round %d: %s\n' "$round" "${pasted[*]}"
		expect 0 xs why "${pasted[@]}" <trace
		status_now=0
		got=$(xs run "${pasted[@]}" -- "$@" 2>errors </dev/null) ||
			status_now=$?
		[[ $got == "$want" && $status_now -eq $status_then ]] && return
		cat errors
		strace -f -qq -o trace "$EXTRASAFE" run "${pasted[@]}" -- "$@" \
			2>/dev/null </dev/null | cat >/dev/null
	done
	return 1
}

@test "why closes the loop: python3 without its library folder" {
	closes /usr/bin/python3 -c 'import json; print(json.dumps([1, 2]))'
}

@test "why closes the loop: sort with threads and temporary files" {
	seq 60000 | tac >numbers
	mkdir spill
	closes sort -n -S 1M --parallel=2 -T spill numbers
}

@test "why closes the loop: a shell that starts programs" {
	closes bash -c 'ls /usr/lib | wc -l; echo $(id -u)'
}

@test "why closes the loop: sed in place" {
	echo one >file
	closes sed -i s/one/one/ file
	[[ $(<file) == one ]]
}

@test "why closes the loop: find, grep, perl, tar" {
	closes find /etc/pam.d -name 'l*'
	closes grep -rc auth /etc/pam.d
	closes perl -e 'print join ",", sort map { $_ * 2 } 1 .. 5'
	closes tar cf - -C /etc pam.d --sort=name
}

@test "why closes the loop: curl and a local server" {
	skip_without curl
	echo hello >index.html
	/usr/bin/python3 -u -m http.server --bind 127.0.0.1 0 >port 2>/dev/null &
	server=$!
	for ((i = 0; i < 100; i++)); do
		[[ -s port ]] && break
		sleep 0.1
	done
	closes curl -sS "http://127.0.0.1:$(grep -oE 'port [0-9]+' port | cut -c 6-)/index.html"
}

@test "why: a trace is held to the layer that is in force" {
	local until
	cat >trace <<-'END'
		execve("/bin/true", ["true"], 0x1) = 0
		openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3
		set_tid_address(0x1) = 7
		openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3
	END
	expect 1 xs why --json -a SystemIO.stdout <trace
	[[ $(jq -c '[.answers[] | select(.verdict == "denied") | .line]' \
		<<<"$output") == '[4]' ]]
	# One call is of the program itself.
	expect 1 xs why -a SystemIO.stdout 'openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY)'
	cat >trace <<-'END'
		execve("/bin/true", ["true"], 0x1) = 0
		openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3
		socket(AF_INET, SOCK_STREAM, 0) = 4
		listen(4, 5) = 0
		sendto(4, "READY=1", 7, 0, NULL, 0) = 7
		openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3
	END
	for until in listening ready '{blocked_in: [sendto]}'; do
		cat >startup.yaml <<-END
			extrasafe: 1
			startup:
			  until: $until
			  allow:
			    Networking: [start_tcp_servers: yes_really]
			    SystemIO: [open_readonly]
			allow:
			  Networking: [running_tcp_clients]
			  SystemIO: [stdout]
		END
		expect 1 xs why --json -p ./startup.yaml <trace
		[[ $(jq -c '[.answers[] | select(.verdict == "denied") | .line]' \
			<<<"$output") == '[6]' ]]
		expect 1 xs why -p ./startup.yaml 'listen(3, 5)'
		contains "$output" "it is allowed until the program has started up"
	done
	expect 1 xs why -a SystemIO.stdout 'read(3, "", 1)'
	contains "$output" "it is allowed up to the entry point, for loaders"
}
