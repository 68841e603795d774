#!/usr/bin/env bats
# The permissions that are about no files and sockets, each tried with what it
# is for: it works with the permission and does not without. As root and without
# privileges, since some need any and some are dangerous with them alone.

load helpers
load tries

IDS=(privileged unprivileged)

# command_under WHO FRAGMENT... -- COMMAND...: $made is what runs the command as
# this user under the fragments, with standard streams, and `dup` and `close` for
# tools that look at these at their end.
command_under() {
	made=("$EXTRASAFE" run -a 'SystemIO: [stdio, dup, close]')
	[[ $1 == privileged || $EUID -ne 0 ]] ||
		made=(setpriv --reuid=65534 --regid=65534 --clear-groups
			"${made[@]}")
	shift
	while [[ $1 != -- ]]; do
		made+=(-a "$1")
		shift
	done
	made+=("$@")
}

under() {
	local made
	command_under "$@"
	"${made[@]}"
}

needs_root() {
	[[ $EUID -eq 0 ]] || skip "needs root"
}

# The last command printed this.
says() {
	contains "$stderr$output" "$1"
}

# may_exec PATH...: the fragment that lets these programs be started.
may_exec() {
	local IFS=,
	printf 'ForkAndExec: {exec_path: [%s]}' "$*"
}

# A process that nobody's program may signal, slow down or look into.
stranger() {
	sleep 300 3>&- &
	servers+=($!)
	stranger=$!
}

@test "Scheduling.priority: nice" {
	local who nice
	nice=$(type -P nice)
	for who in "${IDS[@]}"; do
		expect 0 under "$who" "$(may_exec "$nice")" Scheduling.priority \
			-- nice -n 5 nice
		[[ $output == 5 ]]
		expect 125 under "$who" "$(may_exec "$nice")" -- nice -n 5 nice
		says "Operation not permitted"
	done
}

@test "Scheduling.io_priority: ionice" {
	local who ionice
	ionice=$(type -P ionice)
	for who in "${IDS[@]}"; do
		expect 0 under "$who" "$(may_exec "$ionice")" \
			Scheduling.io_priority -- ionice -c 3 ionice
		[[ $output == idle ]]
		expect 1 under "$who" "$(may_exec "$ionice")" -- \
			ionice -c 3 ionice
		says "ioprio_set failed: Operation not permitted"
	done
}

@test "Scheduling.affinity: taskset" {
	local who nproc
	nproc=$(type -P nproc)
	for who in "${IDS[@]}"; do
		expect 0 under "$who" "$(may_exec "$nproc")" Scheduling.affinity \
			-- taskset -c 0 nproc
		[[ $output == 1 ]]
		expect 1 under "$who" "$(may_exec "$nproc")" -- \
			taskset -c 0 nproc
		says "affinity: Operation not permitted"
	done
}

is_batch() {
	[[ $(chrt -p "$1") == *SCHED_BATCH* ]]
}

@test "Scheduling.policy: chrt" {
	local who made
	for who in "${IDS[@]}"; do
		command_under "$who" "$(may_exec "$T")" Scheduling.policy -- \
			chrt -b 0 "$T" pause
		"${made[@]}" 3>&- &
		servers+=($!)
		await is_batch $!
		expect 1 under "$who" "$(may_exec "$T")" -- \
			chrt -b 0 "$T" kill:PID:0
		says "policy: Operation not permitted"
	done
}

@test "Scheduling: oneself is meant, others with \`any\` (R17)" {
	local stranger own=(priority io_priority affinity policy numa)
	stranger
	tries 'SystemIO: [stdout]' "Scheduling: [${own[*]/%/,}]" -- \
		getpriority:0:0 ok setpriority:0:0:5 ok ioprio_get:1:0 ok \
		ioprio_set:1:0:0x4004 ok sched_setscheduler:0:3:BUF ok \
		sched_getattr:0:BUF:48:0 ok sched_setaffinity:0:0:BUF EINVAL \
		"setpriority:0:$stranger:5" EPERM getpriority:1:0 EPERM \
		"ioprio_set:1:$stranger:0x4004" EPERM ioprio_set:2:0:0 EPERM \
		"sched_setscheduler:$stranger:3:BUF" EPERM \
		"sched_setattr:$stranger:BUF" EPERM \
		"sched_setparam:$stranger:BUF" EPERM \
		"sched_setaffinity:$stranger:0:BUF" EPERM \
		"sched_setaffinity:$HIGH:0:BUF" EINVAL \
		get_mempolicy:NULL:NULL:0:0:0 'ok|ENOSYS' \
		mbind:BUF:4096:0:NULL:0:4 EPERM move_pages:1:0 EPERM \
		migrate_pages:1:0 EPERM move_pages:0:0:0:0:0:4 EPERM
	tries 'SystemIO: [stdout]' 'Scheduling: {any: yes_really}' -- \
		"getpriority:0:$stranger" ok \
		"sched_setaffinity:$stranger:0:BUF" 'EINVAL|EPERM' \
		"sched_getattr:$stranger:BUF:48:0" ok
	# With the privilege for it, or as the same user.
	expect 0 xs run -a SystemIO.stdout -a 'Scheduling: {any: yes_really}' \
		-- "$T" "setpriority:0:$stranger:5"
	contains "$output" ": ok"
	[[ $(ps -o ni= -p "$stranger") -eq 5 ]]
}

@test "Scheduling.numa: memory's own places" {
	tries 'SystemIO: [stdout]' Scheduling.numa -- \
		get_mempolicy:NULL:NULL:0:0:0 'ok|ENOSYS' \
		set_mempolicy:0:NULL:0 'ok|ENOSYS' \
		mbind:BUF:4096:0:NULL:0:0 'ok|ENOSYS' \
		move_pages:0:0:NULL:NULL:NULL:0 'ok|ENOSYS'
	tries 'SystemIO: [stdout]' -- get_mempolicy:NULL:NULL:0:0:0 EPERM \
		set_mempolicy:0:NULL:0 EPERM mbind:BUF:4096:0:NULL:0:0 EPERM \
		move_pages:0:0:NULL:NULL:NULL:0 EPERM
}

@test "Users: a service drops its privileges" {
	needs_root
	local id really='Users: {all: yes_really}'
	id=$(type -P id)
	expect 0 under privileged "$(may_exec "$id")" "$really" \
		SelfConfinement.capabilities -- setpriv --reuid=65534 \
		--regid=65534 --clear-groups id
	[[ $output == "uid=65534"*" gid=65534"*" groups=65534"* ]]
	expect 127 under privileged "$(may_exec "$id")" \
		'Users: {set_ids: yes_really}' SelfConfinement.capabilities -- \
		setpriv --reuid=65534 --regid=65534 --clear-groups id
	says "setgroups failed: Operation not permitted"
	expect 1 under privileged "$(may_exec "$id")" -- \
		setpriv --reuid=65534 --regid=65534 --clear-groups id
	says "Operation not permitted"
	expect 0 xs run -a 'SystemIO: [stdout]' -a "$really" -- "$T" \
		setgroups:0:NULL setgid:65534 setuid:65534 setuid:0
	results ok ok ok EPERM
	expect 0 xs run -a 'SystemIO: [stdout]' -- "$T" \
		setgroups:0:NULL setgid:65534 setuid:65534
	results EPERM EPERM EPERM
}

@test "SelfConfinement.capabilities and no_new_privs: setpriv" {
	needs_root
	local proc='SystemIO: {read_path: /proc}' T2
	T2=$WORLD/try-musl-static
	expect 0 under privileged "$(may_exec "$T2")" "$proc" \
		'SelfConfinement: [capabilities, no_new_privs]' -- \
		setpriv --bounding-set=-all --inh-caps=-all --no-new-privs \
		"$T2" prctl:23:0
	says "prctl:23:0: ok" # PR_CAPBSET_READ
	expect 1 under privileged "$(may_exec "$T2")" "$proc" \
		SelfConfinement.no_new_privs -- \
		setpriv --bounding-set=-all "$T2" prctl:23:0
	says "Operation not permitted"
	expect 1 under privileged "$(may_exec "$T2")" "$proc" \
		SelfConfinement.capabilities -- \
		setpriv --no-new-privs "$T2" prctl:23:0
	says "Operation not permitted"
}

@test "SelfConfinement: what it gives, and what it does not" {
	tries 'SystemIO: [stdout]' 'SelfConfinement: all' -- \
		prctl:38:1:0:0:0 ok prctl:39:0:0:0:0 ok prctl:4:0 ok prctl:4:1 EPERM \
		seccomp:1:0:NULL EFAULT seccomp:1:8:NULL EPERM \
		"seccomp:1:$((HIGH + 8)):NULL" EPERM seccomp:4:0:NULL EPERM \
		seccomp:2:0:BUF ok landlock_create_ruleset:NULL:0:1 ok \
		prlimit64:0:7:NULL:BUF ok prlimit64:0:7:BUF:NULL ok \
		prlimit64:1:7:NULL:BUF EPERM prctl:35:0 EPERM \
		prctl:0x59616d61:-1 EPERM \
		"openat:$HERE:$W/in:$O_PATH" ok "openat:$HERE:$W/in/file:0" denied
	tries 'SystemIO: [stdout]' -- \
		prctl:38:1:0:0:0 EPERM prctl:4:0 EPERM seccomp:1:0:NULL EPERM \
		seccomp:2:0:BUF EPERM landlock_create_ruleset:NULL:0:1 EPERM \
		prlimit64:0:7:BUF:NULL EPERM
}

@test "SelfConfinement.limits: ulimit of a shell" {
	local who
	cd /
	for who in "${IDS[@]}"; do
		expect 0 under "$who" SelfConfinement.limits -- \
			bash -c 'ulimit -n 77; ulimit -n'
		[[ $output == 77 ]]
		expect 0 under "$who" -- bash -c 'ulimit -n 77; ulimit -n'
		[[ $output != 77 ]]
		says "cannot modify limit: Operation not permitted"
	done
}

# nested WHO FRAGMENT... -- COMMAND...: extrasafe in extrasafe; the inner one
# gives standard streams alone.
nested() {
	local who=$1 words=()
	shift
	while [[ $1 != -- ]]; do
		words+=("$1")
		shift
	done
	shift
	under "$who" "SystemIO: [read_path: $W/inner.yaml]" \
		"$(may_exec "$(type -P cat)" "$(type -P touch)")" \
		"${words[@]}" -- "$WORLD/extrasafe" run --arm exec \
		-p "$W/inner.yaml" -- \
		"$@"
}

@test "SelfConfinement: extrasafe in extrasafe" {
	local who missing
	# A sanitized one sets limits, which is no part of this.
	[[ $ES_BUILD != asan ]] || return 0
	cp "$EXTRASAFE" "$WORLD/extrasafe"
	printf 'extrasafe: 1\nallow:\n  SystemIO: [stdout, stderr]\n' \
		>"$W/inner.yaml"
	chmod a+r "$W/inner.yaml"
	for who in "${IDS[@]}"; do
		for missing in none no_new_privs seccomp landlock; do
			local words=(no_new_privs seccomp landlock)
			words=("${words[@]/#$missing/modules}")
			set -- "$who" "SelfConfinement: [${words[*]/%/,}]" -- \
				cat "$W/inner.yaml"
			if [[ $missing != none ]]; then
				expect 125 nested "$@"
				says "Operation not permitted"
				continue
			fi
			# The outer one lets it be read, the inner one does not.
			expect 1 nested "$@"
			says "cat: $W/inner.yaml: Permission denied"
			expect 1 nested "$who" "$2" -- touch "$W/in/new"
			[[ ! -e $W/in/new ]]
			expect 0 nested "$who" "$2" -- cat --version
			says "coreutils"
		done
	done
}

# Removes what `ipcmk` has made, by its number.
remove() {
	ipcrm "$1" "${output##* }"
}

@test "SharedMemory: ipcmk, each kind with its word alone" {
	local who
	for who in "${IDS[@]}"; do
		expect 0 under "$who" 'SharedMemory: {memory: yes_really}' -- \
			ipcmk -M 1024
		remove -m
		expect 0 under "$who" 'SharedMemory: {semaphores: yes_really}' \
			-- ipcmk -S 3
		remove -s
		expect 0 under "$who" 'SharedMemory: {messages: yes_really}' -- \
			ipcmk -Q
		remove -q
		expect 1 under "$who" 'SharedMemory: {memory: yes_really}' -- \
			ipcmk -Q
		says "Operation not permitted"
		expect 1 under "$who" 'SharedMemory: {messages: yes_really}' -- \
			ipcmk -S 3
		says "Operation not permitted"
		expect 1 under "$who" 'SharedMemory: {semaphores: yes_really}' \
			-- ipcmk -M 1024
		says "Operation not permitted"
	done
}

@test "SharedMemory.memory: segments are not run" {
	tries 'SystemIO: [stdout]' 'SharedMemory: {memory: yes_really}' -- \
		shmget:0:4096:0x380 ok shmat:LAST:NULL:0x8000 EPERM \
		shmat:-1:NULL:0 EINVAL
	tries 'SystemIO: [stdout]' -- shmget:0:4096:0x380 EPERM shmdt:BUF EPERM
	# None is kept: those of nobody and root that nobody attaches to.
	ipcs -m | awk '$6 == 0 && $5 == 4096 && $4 == 600 { print $2 }' |
		xargs -rn 1 ipcrm -m
}

@test "SharedMemory.queues: a POSIX queue is made, used and removed" {
	local queue=extrasafe-$$
	tries 'SystemIO: [stdout]' -- "mq_open:$queue:0x42:0600:NULL" EPERM \
		mq_timedsend:3:text:4:1:NULL EPERM "mq_unlink:$queue" EPERM
	tries 'SystemIO: [stdout]' 'SharedMemory: {queues: {fds: opened}}' -- \
		"mq_open:$queue:0x42:0600:NULL" EPERM \
		mq_timedsend:60:text:4:1:NULL EBADF \
		mq_timedsend:0:text:4:1:NULL EPERM
	# Landlock holds the opening to where queues are mounted.
	tries 'SystemIO: [stdout, read_path, {write_file: /}]' \
		SharedMemory.queues -- \
		"mq_open:$queue:0x42:0600:NULL" EACCES "mq_unlink:$queue" ok
	needs_root
	mkdir "$W/mqueue"
	expect 0 unshare -m bash -c 'mount -t mqueue none "$1" && exec "${@:2}"' \
		- "$W/mqueue" "$EXTRASAFE" run -a SystemIO.stdout \
		-a "SystemIO.read_path=$W/mqueue" \
		-a "SystemIO.write_file=$W/mqueue" -a SharedMemory.queues -- \
		"$T" "mq_open:$queue:0x42:0600:NULL" \
		mq_timedsend:LAST:text:4:1:NULL "mq_unlink:$queue"
	results ok ok ok
}

# A process that tells when a signal got through to it; one that does no harm.
listener() {
	"${@}" bash -c 'trap "echo caught >\"$1\"" WINCH
		echo >"$1.ready"; while :; do sleep 0.05; done' - "$W/signal" 3>&- &
	servers+=($!)
	listener=$!
	await test -e "$W/signal.ready"
}

@test "Signals.any: another process is signalled" {
	local listener kill
	kill=$(type -P kill)
	listener setsid
	expect 1 under privileged -- "$kill" -WINCH "$listener"
	expect 1 under privileged Signals.group -- "$kill" -WINCH "$listener"
	expect 1 under privileged 'ForkAndExec: all' -- \
		"$kill" -WINCH "$listener"
	sleep 0.2
	[[ ! -e $W/signal ]]
	expect 0 under privileged 'Signals: {any: yes_really}' -- \
		"$kill" -WINCH "$listener"
	await test -e "$W/signal"
	# The kernel lets nobody signal what is not theirs.
	tries 'SystemIO: [stdout]' 'Signals: {any: yes_really}' -- \
		"kill:$listener:0" 'ok|EPERM' pidfd_open:PID:0 ok \
		pidfd_send_signal:LAST:0:NULL:0 ok "tkill:$listener:0" 'ok|EPERM'
	tries 'SystemIO: [stdout]' -- pidfd_open:PID:0 EPERM \
		pidfd_send_signal:3:0:NULL:0 EPERM
}

@test "Signals.group: the caller's processes are reached by the group" {
	# A group of its own, so that the tests are not of it.
	cat >"$W/group" <<'END'
trap "echo caught >$1" WINCH
shift
"$@"
sleep 0.1
END
	chmod a+r "$W/group"
	expect 0 setsid -w bash "$W/group" "$W/signal" "$EXTRASAFE" run \
		-a SystemIO.stdout -- "$T" kill:0:28
	says "kill:0:28: EPERM"
	[[ ! -e $W/signal ]]
	# Its family alone, which is of this group too.
	expect 0 setsid -w bash "$W/group" "$W/signal" "$EXTRASAFE" run \
		-a SystemIO.stdio -a 'ForkAndExec: all' -- "$T" kill:0:28
	says "kill:0:28: ok"
	[[ ! -e $W/signal ]]
	expect 0 setsid -w bash "$W/group" "$W/signal" "$EXTRASAFE" run \
		-a SystemIO.stdout -a Signals.group -- "$T" kill:0:28
	says "kill:0:28: ok"
	[[ -e $W/signal ]]
	tries 'SystemIO: [stdout]' Signals.group -- kill:-1:0 EPERM \
		kill:PPID:0 EPERM kill:PID:0 ok kill:0:0 ok
	# Without the scope, no pid but the first process's own passes.
	local stranger
	stranger
	tries 'SystemIO: [stdio]' Signals.group 'ForkAndExec: all' -- \
		"kill:$stranger:0" EPERM kill:0:0 ok kill-child EPERM
}

@test "SystemInfo.usage: times of a shell" {
	local who
	cd /
	for who in "${IDS[@]}"; do
		expect 0 under "$who" SystemInfo.usage -- bash -c times
		[[ $output =~ ^0m[0-9.]+s\ 0m[0-9.]+s$'\n'0m0.000s\ 0m0.000s$ ]]
	done
	tries 'SystemIO: [stdout]' SystemInfo.usage -- getrusage:0:BUF ok \
		times:BUF ok sysinfo:BUF EPERM nr:458:NULL:NULL:0:0 EPERM
	tries 'SystemIO: [stdout]' -- getrusage:0:BUF EPERM times:BUF EPERM
	tries 'SystemIO: [stdout]' SystemInfo.memory -- sysinfo:BUF ok
	# statmount and listmount
	tries 'SystemIO: [stdout]' SystemInfo.mounts -- \
		nr:457:NULL:NULL:0:0 'EFAULT|EINVAL|ENOSYS' \
		nr:458:NULL:NULL:0:0 'EFAULT|EINVAL|ENOSYS'
}

# on_terminal COMMAND...: runs it on a terminal of its own.
on_terminal() {
	script -qec "$(printf '%q ' "$@")" /dev/null </dev/null
}

@test "Terminal.settings: stty" {
	local who run=()
	for who in "${IDS[@]}"; do
		run=("$EXTRASAFE" run -a 'SystemIO: [stdin, stdout, stderr]')
		[[ $who == privileged ]] ||
			run=(setpriv --reuid=65534 --regid=65534 --clear-groups
				"${run[@]}")
		[[ $EUID -eq 0 || $who == privileged ]] || continue
		expect 0 on_terminal "${run[@]}" -a Terminal.settings -- \
			stty -echo rows 7 cols 9
		expect 1 on_terminal "${run[@]}" -- stty -echo
		says "Operation not permitted"
		expect 1 on_terminal "${run[@]}" -- stty rows 7
		says "Operation not permitted"
		expect 0 on_terminal "${run[@]}" -- stty size
	done
	# Nothing else is to be had of a terminal: another line discipline, the
	# console's messages, other people's input.
	expect 0 on_terminal "$EXTRASAFE" run -a SystemIO.stdout \
		-a 'Terminal: all' -- "$T" ioctl:0:0x5423:BUF ioctl:0:0x541d:NULL \
		ioctl:0:0x5412:x ioctl:0:0x541c:BUF ioctl:0:0x5401:BUF \
		ioctl:0:0x540e:1
	results $'EPERM\r' $'EPERM\r' $'EPERM\r' $'EPERM\r' $'ok\r' $'EPERM\r'
}

@test "Terminal.job_control: an interactive shell" {
	local sleep words=(-a 'SystemIO: [stdio, dup]' -a Terminal.settings)
	sleep=$(type -P sleep)
	words+=(-a "ForkAndExec: [fork, wait, {exec_path: $sleep}]")
	words+=(-a Pipes.create -a 'Time: [gettime, sleep]')
	cd /
	expect 0 on_terminal "$EXTRASAFE" run "${words[@]}" \
		-a Terminal.job_control -- \
		bash --norc -ic "$sleep 0.7 & jobs; fg; echo back"
	says "Running"
	says "back"
	[[ $output != *"no job control"* ]]
	expect 0 on_terminal "$EXTRASAFE" run "${words[@]}" -- \
		bash --norc -ic "$sleep 0.1 & jobs; fg; echo back"
	says "no job control"
}

@test "Terminal.pty: a program on a pseudo terminal of its own" {
	local words=(-a 'SystemIO: [stdio, dup, read, write, close, fcntl]'
		-a 'SystemIO: {open: yes_really}' -a SystemIO.metadata
		-a Code.load)
	local code="import os, fcntl, termios
main, side = os.openpty()
os.setsid()
fcntl.ioctl(side, termios.TIOCSCTTY, 0)
os.write(main, b'text\n')
print(os.read(side, 10))"
	[[ -x /usr/bin/python3 ]] || skip "no python3"
	expect 0 xs run "${words[@]}" -a Terminal.pty -- \
		/usr/bin/python3 -Sc "$code"
	says "b'text\\n'"
	expect 1 xs run "${words[@]}" -- /usr/bin/python3 -Sc "$code"
	says "PermissionError"
}

# needs WORDS COMMAND...: it works with these words of SystemIO beside standard
# streams and its files, and not without each of them.
needs() {
	local words left_out streams='stdin, stdout, stderr'
	# shellcheck disable=SC2206 # a word each
	words=($1)
	shift
	for ((left_out = -1; left_out < ${#words[@]}; left_out++)); do
		local some=("${words[@]}")
		[[ $left_out -lt 0 ]] || unset "some[left_out]"
		local list=${some[*]/%/,}
		list=${list//:_/: }
		run --separate-stderr "$EXTRASAFE" run \
			-a "SystemIO: [$streams, {read_path: $W}, $list]" -- "$@"
		tell "$@" "with ${some[*]}"
		if [[ $left_out -lt 0 ]]; then
			[[ $status -eq 0 && -z $stderr ]] || return
		else
			[[ $status -ne 0 || -n $stderr ]] || return
		fi
	done
}

@test "what programs need, as extrasafe-profile(5) tells" {
	export LC_ALL=C TZ=UTC0
	cd "$W/in"
	needs '' cat "$W/in/file"
	needs '' sort "$W/in/file"
	needs '' diff "$W/in/file" "$W/in/sub/file"
	needs dup grep -r inner "$W/in"
	needs dup du "$W/in"
	needs 'dup chdir' find "$W/in"
	needs xattr_read ls -ln "$W/in"
	needs statfs stat -f "$W/in/file"
	needs 'statfs read_path:_/proc/self/mountinfo' df "$W/in"
	expect 1 xs run -a 'SystemIO: [stdout, stderr]' -- sleep 0.01
	expect 0 xs run -a 'SystemIO: [stdout, stderr]' -a Time.sleep -- \
		sleep 0.01
	expect 47 xs run -a 'SystemIO: [stdout, stderr]' -- ps
	expect 0 xs run -a 'SystemIO: [stdout, stderr, {read_path: /proc}]' \
		-- ps
	# It goes on until it is ended, or fails.
	local words=(-a 'SystemIO: [stdout, stderr]' -a SystemIO.read_path="$W")
	expect 124 timeout 2 "$EXTRASAFE" run "${words[@]}" \
		-a SystemIO.statfs -a Events.inotify -- tail -f "$W/in/file"
	[[ $output == inner && -z $stderr ]]
	expect 1 timeout 30 "$EXTRASAFE" run "${words[@]}" -- \
		tail -f "$W/in/file"
}

@test "SystemIO.mknod_devices: nodes of devices" {
	# A node like /dev/null.
	tries 'SystemIO: [stdout, mknod]' -- "mknod:$W/in/new:020600:259" EPERM \
		"mknod:$W/in/new:060600:65024" EPERM \
		"mknod:$W/in/new:010600:0" ok "mknod:$W/in/more:0600:0" ok
	needs_root
	expect 0 xs run -a 'SystemIO: [stdout, {mknod_devices: yes_really}]' -- \
		"$T" "mknod:$W/in/null:020600:259" "mknod:$W/in/new:010600:0"
	results ok EPERM
	[[ -c $W/in/null ]]
}

@test "no word gives what is in the list of those" {
	local set words=('SystemIO: [everything, {ioctl: yes_really}]')
	for set in Code ForkAndExec Networking Scheduling SharedMemory Signals \
		Users; do
		words+=("$set: {all: yes_really}")
	done
	for set in Events Pipes SelfConfinement SystemInfo Terminal Threads \
		Time; do
		words+=("$set: all")
	done
	tries "${words[@]}" -- \
		io_uring_setup:1:BUF ENOSYS io_setup:1:BUF EPERM ptrace:0 EPERM \
		process_vm_readv:PID:BUF:0 EPERM bpf:0:BUF:0 EPERM \
		unshare:0x10000000 EPERM setns:0:0 EPERM mount:a:b:c EPERM \
		chroot:/ EPERM pivot_root:a:b EPERM keyctl:0 EPERM \
		add_key:user:a:b:1 EPERM personality:-1 EPERM \
		userfaultfd:0 EPERM perf_event_open:BUF EPERM \
		modify_ldt:0:BUF:0 EPERM iopl:3 EPERM ioperm:0:1:1 EPERM \
		kcmp:PID:PID EPERM open_by_handle_at:-100:BUF EPERM \
		reboot:0 EPERM pidfd_getfd:0:0:0 EPERM \
		clock_settime:0:BUF EPERM vhangup EPERM \
		arch_prctl:0x1012:0 EPERM clone:0x10000011 EPERM \
		clone3:BUF:88 ENOSYS "nr:437:$HERE:$W/in/file:BUF:24" ENOSYS \
		nr:447:0 EPERM "nr:303:$HERE:BUF" EPERM "nr:469:$HERE:BUF" EPERM \
		nr:460:0:BUF EPERM nr:216:0:0:0:0 EPERM
}
