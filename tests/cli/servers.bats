#!/usr/bin/env bats
# Real servers: they start with what that takes, and from when they serve, all
# of their threads and processes are held to the rest.

load helpers
load programs

setup_file() {
	make_world
	build_go server
}

teardown_file() {
	unmake_world
}

setup() {
	STARTED=()
	PORT=$(free_port)
	cd "$MADE.d" 2>/dev/null || {
		mkdir -m 1777 "$MADE.d"
		cd "$MADE.d"
	}
}

teardown() {
	end_started
}

# starts COMMAND...: in the background, with its number in $server.
starts() {
	"$@" >"$WORLD/log" 2>&1 &
	server=$!
	STARTED+=("$server")
}

# until_answered COMMAND...: what it prints, in $answer.
until_answered() {
	for _ in {1..100}; do
		answer=$("$@" 2>/dev/null) && return
		kill -0 "$server" || break
		sleep 0.1
	done
	cat "$WORLD/log"
	return 1
}

# Every thread of the server's processes has both layers, and nobody traces it.
# Leaves in $threads how many there are.
is_armed() {
	local pid task
	threads=0
	for pid in "$server" $(pgrep -P "$server"); do
		for task in /proc/"$pid"/task/*; do
			grep -q '^Seccomp_filters:.2$' "$task/status"
			grep -q '^TracerPid:.0$' "$task/status"
			threads=$((threads + 1))
		done
	done
}

# A moment after the first answer, it may just be armed.
until_armed() {
	for _ in {1..100}; do
		(set -e && is_armed) && break
		sleep 0.05
	done
	is_armed
}

@test "servers: nginx, a master and workers of another user" {
	[[ $EUID -eq 0 ]] || skip "needs root, for another user"
	local log=$MADE.nginx.log
	printf '%s\n' "daemon off; worker_processes 3; pid $MADE.pid;" \
		"error_log $log; events {} http { access_log $MADE.access;" \
		"server { listen 127.0.0.1:$PORT; root /usr/share/nginx/html; } }" \
		>nginx.conf
	starts "$XS" run -p nginx -- nginx -c "$PWD/nginx.conf"
	until_answered curl -sf "http://127.0.0.1:$PORT/"
	[[ $answer == *"<html>"* ]]
	until_armed
	[[ $threads -eq 4 ]]
	[[ $(ps -o user= --ppid "$server" | sort -u) != root ]]
	# It serves on, to many at once.
	seq 50 | xargs -P 8 -I% curl -sf -o /dev/null "http://127.0.0.1:$PORT/?%"
	# What it would have to open to reload it can't.
	kill -HUP "$server"
	for _ in {1..100}; do
		grep -q 'failed (13: Permission denied)\|failed (1: ' "$log" && break
		sleep 0.1
	done
	grep -q 'failed (13: Permission denied)\|failed (1: ' "$log"
	until_answered curl -sf "http://127.0.0.1:$PORT/"
	kill -QUIT "$server"
	wait "$server"
}

@test "servers: redis, whose background save is refused and said so" {
	local who run_as
	for who in $(users); do
		run_as "$who"
		printf 'port %s\nbind 127.0.0.1\nsave ""\ndir %s\n' "$PORT" "$PWD" \
			>redis.conf
		starts "${run_as[@]}" "$XS" run -p redis -- redis-server \
			"$PWD/redis.conf"
		until_answered redis-cli -p "$PORT" set key value
		[[ $answer == OK ]]
		until_armed
		[[ $threads -ge 4 ]]
		[[ $(redis-cli -p "$PORT" get key) == value ]]
		[[ $(redis-cli -p "$PORT" bgsave) == ERR* ]]
		grep -q "Can't save in background: fork: Operation not permitted" \
			"$WORLD/log"
		[[ $(redis-cli -p "$PORT" save) == ERR* ]]
		[[ ! -e dump.rdb ]]
		[[ $(redis-cli -p "$PORT" get key) == value ]]
		kill -TERM "$server"
		wait "$server"
	done
}

@test "servers: python3's http.server" {
	local who run_as
	for who in $(users); do
		run_as "$who"
		mkdir -p www
		echo page >www/page
		cat >http.yaml <<-END
			extrasafe: 1
			include: [parts/python3, parts/stdio]
			startup:
			  until: {blocked_in: [poll, select]}
			  allow:
			    Networking: [start_tcp_servers: yes_really]
			    SystemIO: [metadata, open_readonly, readlink]
			allow:
			  Networking: [running_tcp_servers]
			  SystemIO: [metadata, {read_path: www}]
			  Threads: all
			  Time: all
		END
		starts "${run_as[@]}" "$XS" run -p ./http.yaml -- /usr/bin/python3 \
			-B -m http.server -b 127.0.0.1 -d www "$PORT"
		until_answered curl -sf "http://127.0.0.1:$PORT/page"
		[[ $answer == page ]]
		until_armed
		ln -sf "$SECRET" www/secret
		[[ $(curl -s -o /dev/null -w '%{http_code}' \
			"http://127.0.0.1:$PORT/secret") == 404 ]]
		until_answered curl -sf "http://127.0.0.1:$PORT/page"
		kill -TERM "$server"
		wait "$server" || [[ $? -eq 143 ]]
		PORT=$(free_port)
	done
}

# A server of the sockets that it is handed, a client each: what it has, and then
# what it is asked to try on them.
activated() {
	cat >activated.py <<-'END'
		import os, socket
		n = int(os.environ["LISTEN_FDS"])
		print(n, os.environ["LISTEN_FDNAMES"],
		      int(os.environ["LISTEN_PID"]) == os.getpid(), flush=True)
		for fd in range(3, 3 + n):
		    try:
		        server = socket.socket(fileno=fd)
		        client, _ = server.accept()
		        client.sendall(b"served")
		        client.close()
		        print(fd, server.family.name, "served", flush=True)
		    except OSError as error:
		        print(fd, os.strerror(error.errno), flush=True)
		try:
		    socket.socket()
		except OSError as error:
		    print("socket:", os.strerror(error.errno), flush=True)
	END
	cat >activated.yaml <<-END
		extrasafe: 1
		include: [parts/python3, parts/stdio]
		fds:
		$1
		allow:
		  Networking: [running_tcp_servers: {fds: [web, six]}]
		  SystemIO: [metadata, {read_path: .}]
	END
}

@test "servers: one in Go, with its threads" {
	local who run_as
	[[ -x $WORLD/bin/server ]] || skip "no Go compiler"
	for who in $(users); do
		run_as "$who"
		cat >go.yaml <<-END
			extrasafe: 1
			include: [parts/stdio]
			startup:
			  until: {blocked_in: [epoll_pwait]}
			  allow:
			    Networking: [start_tcp_servers: yes_really]
			    SystemIO: [open_readonly, metadata]
			allow:
			  Events: [epoll]
			  Networking: [running_tcp_servers]
			  Pipes: all
			  Threads: all
			  Time: all
		END
		starts "${run_as[@]}" "$XS" run -p ./go.yaml -- \
			"$WORLD/bin/server" "$PORT"
		until_answered socat -u "TCP4:127.0.0.1:$PORT" -
		until_armed
		[[ $threads -ge 2 ]]
		for _ in {1..10}; do
			[[ $(socat -u "TCP4:127.0.0.1:$PORT" -) == denied ]]
		done
		[[ $(<"$WORLD/log") == "before: opened" ]]
		kill -TERM "$server"
		wait "$server" || [[ $? -eq 143 || $? -eq 2 ]]
		PORT=$(free_port)
	done
}

@test "servers: sockets that the launcher opens, and what is accepted on them" {
	local who run_as
	for who in $(users); do
		run_as "$who"
		rm -f "$MADE.$who.sock"
		activated "  web: {listen: \"tcp://127.0.0.1:$PORT\"}
  six: {listen: \"tcp6://[::1]:$PORT\"}
  other: {listen: \"unix://$MADE.$who.sock\"}"
		starts "${run_as[@]}" "$XS" run -p ./activated.yaml -- \
			/usr/bin/python3 -B activated.py
		until_answered socat -u "TCP4:127.0.0.1:$PORT" -
		[[ $answer == served ]]
		until_answered socat -u "TCP6:[::1]:$PORT" -
		[[ $answer == served ]]
		wait "$server" || cat "$WORLD/log"
		diff "$WORLD/log" - <<-END
			3 web:six:other True
			3 AF_INET served
			4 AF_INET6 served
			5 Operation not permitted
			socket: Operation not permitted
		END
		PORT=$(free_port)
	done
}

@test "servers: a socket that no permission covers is warned of" {
	activated "  web: {listen: \"tcp://127.0.0.1:$PORT\"}
  six: {listen: \"tcp6://[::1]:$PORT\"}
  other: {listen: \"unix://$MADE.sock\"}"
	expect 0 xs check ./activated.yaml
	contains "$stderr" "nothing can be done with 'other'"
	contains "$stderr" "running_unix_servers: {fds: [other]}"
	[[ $stderr != *"'web'"* && $stderr != *"'six'"* ]]
	# They are no files that could be opened again, nor folders.
	expect 0 xs check -v ./activated.yaml
	[[ $stderr != *"at a descriptor with a limit can be"* ]]
	[[ $stderr != *"what is handed over can't be told here"* ]]
}

@test "servers: an address that is taken, or none at all, is an error" {
	activated "  web: {listen: \"tcp://127.0.0.1:$PORT\"}
  six: {listen: \"tcp://127.0.0.1:$PORT\"}"
	expect 125 xs run -p ./activated.yaml -- /usr/bin/python3 -B activated.py
	contains "$stderr" "can't bind: Address already in use"
	activated "  web: {listen: \"tcp://localhost:$PORT\"}
  six: {inherit: listen}"
	expect 125 xs run -p ./activated.yaml -- /usr/bin/python3 -B activated.py
	contains "$stderr" "an address is tcp://127.0.0.1:8080"
	activated "  web: {inherit: listen}
  six: {listen: \"tcp6://[::1]:$PORT\"}"
	expect 125 env -u LISTEN_FDS "$XS" run -p ./activated.yaml -- \
		/usr/bin/python3 -B activated.py
	contains "$stderr" "no sockets were handed over"
}

@test "servers: sockets of socket activation, as systemd hands them over" {
	local who run_as other
	command -v systemd-socket-activate >/dev/null || skip "no systemd"
	for who in $(users); do
		run_as "$who"
		other=$((PORT + 1))
		activated "  web: {inherit: listen}
  six: {open: /dev/null, for: read}"
		starts "${run_as[@]}" systemd-socket-activate -E XDG_CONFIG_HOME \
			-l "127.0.0.1:$PORT" -l "127.0.0.1:$other" \
			"$XS" run -p ./activated.yaml -- \
			/usr/bin/python3 -B activated.py
		until_answered socat -u "TCP4:127.0.0.1:$PORT" -
		[[ $answer == served ]]
		until_answered socat -u "TCP4:127.0.0.1:$other" -
		[[ $answer == served ]]
		wait "$server"
		grep -qx '2 web:web True' "$WORLD/log"
		grep -qx '3 AF_INET served' "$WORLD/log"
		grep -qx '4 AF_INET served' "$WORLD/log"
		grep -qx 'socket: Operation not permitted' "$WORLD/log"
		PORT=$(free_port)
	done
}

@test "servers: a report tells what is needed at the start, and what later" {
	cat >serve.py <<-'END'
		import os, socket, sys
		os.sysconf("SC_PHYS_PAGES")
		server = socket.socket()
		server.bind(("127.0.0.1", int(sys.argv[1])))
		server.listen()
		client, _ = server.accept()
		try:
		    open("/etc/passwd")
		except OSError as error:
		    client.sendall(os.strerror(error.errno).encode())
		client.close()
	END
	cat >serve.yaml <<-END
		extrasafe: 1
		include: [parts/libraries, parts/locale, parts/python3, parts/stdio]
		startup:
		  until: listening
		  allow:
		    Networking: [start_tcp_servers: yes_really]
		allow:
		  Networking: [running_tcp_servers]
		  SystemIO: [metadata, {read_path: .}, map_shared]
	END
	starts "$XS" run --report="$MADE.json" -p ./serve.yaml -- \
		/usr/bin/python3 -B serve.py "$PORT"
	until_answered socat -u "TCP4:127.0.0.1:$PORT" -
	wait "$server"
	[[ $(jq -r 'select(.event == "denied" and .name == "sysinfo") |
		.startup' "$MADE.json") == "SystemInfo: [memory]" ]]
	[[ $(jq -r 'select(.event == "denied" and
		(.call | contains("/etc/passwd"))) | .allow' "$MADE.json") == \
		"SystemIO: [read_path: /etc/passwd]" ]]
	[[ $(jq -r 'select(.event == "summary") | .startup' "$MADE.json") == \
		*"SystemInfo: [memory]"* ]]
	[[ $(jq -r 'select(.event == "summary") | .allow' "$MADE.json") == \
		"SystemIO: [read_path: /etc/passwd]" ]]
}

@test "servers: one with four hundred threads" {
	cat >crowd.py <<-'END'
		import socket, sys, threading
		def trial():
		    try:
		        open("/etc/passwd").close()
		        return "opened"
		    except OSError:
		        return "denied"
		go, told = threading.Event(), []
		def wait():
		    go.wait()
		    told.append(trial())
		crowd = [threading.Thread(target=wait) for _ in range(400)]
		for thread in crowd:
		    thread.start()
		before = trial()
		server = socket.socket()
		server.bind(("127.0.0.1", int(sys.argv[1])))
		server.listen()
		client, _ = server.accept()
		client.sendall(b"hello")
		client.close()
		client, _ = server.accept()
		go.set()
		for thread in crowd:
		    thread.join()
		client.sendall(f"{before} {sorted(set(told))} {len(told)}".encode())
		client.close()
	END
	cat >crowd.yaml <<-END
		extrasafe: 1
		include: [parts/python3, parts/stdio]
		startup:
		  until: {blocked_in: [accept4]}
		  allow:
		    Networking: [start_tcp_servers: yes_really]
		    SystemIO: [open_readonly]
		allow:
		  Networking: [running_tcp_servers]
		  SystemIO: [metadata, {read_path: .}]
		  Threads: all
	END
	starts "$XS" run -p ./crowd.yaml -- /usr/bin/python3 -B crowd.py "$PORT"
	until_answered socat -u "TCP4:127.0.0.1:$PORT" -
	until_armed
	[[ $threads -eq 401 ]]
	until_answered socat -u "TCP4:127.0.0.1:$PORT" -
	[[ $answer == "opened ['denied'] 400" ]]
	wait "$server"
}
