#!/usr/bin/env bats
# The attacks of tests/attacks: each works without extrasafe, and the profile
# that the head of its file names stops it, in both layers (`auto`) and in the
# first alone (`exec`), as root and as an ordinary user. The program's honest
# work is done all the same. Where that profile is given what it left out, the
# attack works: nothing else stopped it.

load helpers
load programs

setup_file() {
	make_world
	echo 'honest work' >"$WORLD/work/file"
	start_server
	printf '${jndi:127.0.0.1:%s}\n' "$PORT" >"$WORLD/work/hostile"
}

teardown_file() {
	[[ -z ${SERVER-} ]] || kill "$SERVER"
	unmake_world
}

setup() {
	cd "$WORLD/work" || return
	INPUT=$WORLD/work/file
	: >"$WORLD/reached"
}

# Greets who connects by TCP, and notes in reached who came and how.
start_server() {
	python3 - "$WORLD" <<-'end' 3>&- &
		import os, select, socket, sys
		os.chdir(sys.argv[1])
		while True:
		    try:
		        tcp = socket.create_server(('127.0.0.1', 0))
		        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		        udp.bind(tcp.getsockname())
		        break
		    except OSError:
		        tcp.close(), udp.close()
		with open('port.new', 'w') as f:
		    f.write('%d\n' % tcp.getsockname()[1])
		os.rename('port.new', 'port')
		while True:
		    for s in select.select([tcp, udp], [], [])[0]:
		        with open('reached', 'a') as f:
		            f.write('tcp\n' if s is tcp else 'udp\n')
		        if s is udp:
		            udp.recv(512)
		            continue
		        try:
		            with tcp.accept()[0] as client:
		                client.sendall(b'honest work\n')
		        except OSError:
		            pass
	end
	SERVER=$!
	within 20 test -e "$WORLD/port"
	PORT=$(<"$WORLD/port")
	export SERVER PORT
}

# profile_of ATTACK: the profile that the head of its file names.
profile_of() {
	sed -n 's/^ \* Stopped by the profile //p' "$TOP/tests/attacks/$1.c"
}

# works ATTACK [ARG...]: for everybody, without extrasafe, each of its steps.
works() {
	local who
	for who in $(users); do
		expect 0 as "$who" "$ES_PROG/attack-$1" "${@:2}" <"$INPUT"
		[[ ${lines[0]} == 'honest work' ]]
		[[ ${lines[-1]} == 'attack worked' ]]
		# A kernel may have no nftables.
		[[ ${output/netfilter: EPROTONOSUPPORT/} != *': E'* ]]
	done
}

# refused ATTACK [ARG...] -- RESULT...: for everybody, by its profile; beside
# the honest work, it prints these results of its steps.
refused() {
	local who arm words=("$ES_PROG/attack-$1") profile
	profile=$(profile_of "$1")
	shift
	while [[ $1 != -- ]]; do
		words+=("$1")
		shift
	done
	for who in $(users); do
		for arm in auto exec; do
			expect 1 as "$who" "$XS" run --arm "$arm" -p "$profile" \
				-- "${words[@]}" <"$INPUT"
			diff <(printf '%s\n' 'honest work' "${@:2}" \
				'attack refused') <(echo "$output")
		done
	done
}

# given ATTACK OPTION... -- [ARG...]: it works where its profile has more.
given() {
	local options=() attack=$1 who
	shift
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	for who in $(users); do
		expect 0 as "$who" "$XS" run -p "$(profile_of "$attack")" \
			"${options[@]}" -- "$ES_PROG/attack-$attack" \
			"${@:2}" <"$INPUT"
		[[ ${lines[0]} == 'honest work' ]]
		[[ ${lines[-1]} == 'attack worked' ]]
	done
}

# came WAY...: they have reached the server since the test began, or since they
# were last asked for.
came() {
	within 20 has_come "$@"
	: >"$WORLD/reached"
}

# The same for each user, one after the other.
all_came() {
	local who ways=()
	for who in $(users); do
		ways+=("$@")
	done
	came "${ways[@]}"
}

has_come() {
	cmp -s <(printf '%s\n' "$@") "$WORLD/reached"
}

# Nobody has come since then; the server would have told.
nobody_came() {
	: <"/dev/tcp/127.0.0.1/$PORT"
	came tcp
}

@test "attacks: each names a profile that comes with extrasafe, and is tried" {
	local file profile
	expect 0 xs list profiles
	for file in "$TOP"/tests/attacks/*.c; do
		file=${file##*/}
		[[ $file != *-library.c ]] || continue
		profile=$(profile_of "${file%.c}")
		grep -qE "^ *$profile( |\$)" <<<"$output"
		[[ -f $TOP/profiles/$profile.yaml ]]
		grep -q "^	refused ${file%.c} " "$BATS_TEST_FILENAME"
	done
}

@test "attacks: a user namespace for more privileges (unshare)" {
	local who
	for who in $(users); do
		as "$who" unshare -U true || skip "no user namespaces here"
	done
	works unshare file
	refused unshare file -- 'clone: EPERM' 'clone3: ENOSYS' 'unshare: EPERM'
	given unshare -a 'syscalls: [unshare: yes_really, fsopen: yes_really]' \
		-- file
}

@test "attacks: a library that connects out (connect-out)" {
	local line
	line=$(<hostile)
	cat file hostile >lines
	INPUT=$WORLD/work/lines
	works connect-out
	[[ ${lines[1]} == "$line" ]]
	all_came tcp udp
	refused connect-out -- "$line" 'tcp: EPERM' 'udp: EPERM'
	nobody_came
	given connect-out -a 'Networking: [start_tcp_clients]' --
	contains "$output" $'\nudp: EPERM\n'
	all_came tcp
	given connect-out -a 'Networking: [start_udp_clients]' --
	contains "$output" $'\ntcp: EPERM\n'
	all_came udp
}

@test "attacks: a library that connects out from its constructor (connect-out)" {
	local who arm
	export LOG_AT_START
	LOG_AT_START=$(<hostile)
	for who in $(users); do
		expect 0 as "$who" "$ES_PROG/attack-connect-out" <file
		[[ $output == $'tcp: ok\nudp: ok\nhonest work\nattack worked' ]]
		came tcp udp
		for arm in auto exec; do
			expect 1 as "$who" "$XS" run --arm "$arm" \
				-p "$(profile_of connect-out)" -- \
				"$ES_PROG/attack-connect-out" <file
			[[ $output == $'tcp: EPERM\nudp: EPERM\nhonest work\nattack refused' ]]
			nobody_came
		done
	done
}

@test "attacks: a set-user-id program is started (setuid)" {
	local helper=$WORLD/bin/helper words
	[[ $EUID -eq 0 ]] || skip "only root makes a set-user-id file"
	install -m 4755 "$ES_PROG/attack-setuid" "$helper"
	# It is no attack of root's.
	users() {
		echo user
	}
	expect 0 as user "$helper" || skip "set-user-id does nothing here"
	[[ $output == "helper: uid 65534, euid 0" ]]
	works setuid "$helper"
	contains "$output" $'\nhelper: uid 65534, euid 0\nfork: ok\n'
	refused setuid "$helper" -- 'fork: EPERM' 'exec: EPERM'

	# With fork alone, what can be started is the same program.
	words=(-a 'SystemIO: stdio' -a 'ForkAndExec: [fork, wait]')
	expect 1 as user "$XS" run "${words[@]}" -- \
		"$ES_PROG/attack-setuid" "$helper" <file
	[[ ${lines[*]:1} == 'exec in a child: EPERM fork: ok exec: EPERM attack refused' ]]
	# With both, no_new_privs keeps the user.
	words=(-a 'SystemIO: stdio' -a 'ForkAndExec: [fork, wait, exec: yes_really]')
	expect 1 as user "$XS" run "${words[@]}" -- \
		"$ES_PROG/attack-setuid" "$helper" <file
	[[ ${lines[*]:1} == 'helper: uid 65534, euid 65534 fork: ok helper: uid 65534, euid 65534' ]]
	words=(-a 'SystemIO: stdio' -a "ForkAndExec: [fork, wait, exec_path: $helper]")
	expect 1 as user "$XS" run "${words[@]}" -- \
		"$ES_PROG/attack-setuid" "$helper" <file
	[[ ${lines[*]:1} == 'helper: uid 65534, euid 65534 fork: ok helper: uid 65534, euid 65534' ]]
}

@test "attacks: messages to the kernel's firewall (netlink)" {
	works netlink 127.0.0.1 "$PORT"
	refused netlink 127.0.0.1 "$PORT" -- 'netfilter: EPERM' 'route: EPERM' \
		'route, datagrams: EPERM' 'route, close-on-exec: EPERM' \
		'route, high bit: EPERM' 'route, high AF_INET: EPERM'
	cat >firewall.yaml <<-'end'
		extrasafe: 1
		rulesets:
		  Firewall:
		    rules:
		      - socket if family == AF_NETLINK
		allow:
		  Firewall: all
	end
	given netlink -p ./firewall.yaml -- 127.0.0.1 "$PORT"
	[[ $output != *EPERM* ]]
}

@test "attacks: a timer and its copies widen a window (mm-race)" {
	local all=(SystemIO.dup Events.timerfd Events.epoll Threads.create)
	local words i
	works mm-race
	refused mm-race -- 'timerfd: EPERM' 'dup: EPERM' 'dup2: EPERM' \
		'dup3: EPERM' 'F_DUPFD: EPERM' 'epoll: EPERM' 'thread: EPERM'
	given mm-race "${all[@]/#/-a}" --
	# Without one of them it does not.
	for i in "${!all[@]}"; do
		words=("${all[@]/#/-a}")
		unset "words[$i]"
		expect 1 xs run -p compute "${words[@]}" -- \
			"$ES_PROG/attack-mm-race" <file
		[[ ${lines[-1]} == 'attack refused' ]]
	done
}
