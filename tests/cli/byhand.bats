#!/usr/bin/env bats
# Rules by hand on the real kernel: each denied attempt stands beside its
# allowed twin, as root and as an ordinary user.

load helpers

setup_file() {
	WORLD=$(mktemp -d /tmp/extrasafe-byhand.XXXXXX)
	export WORLD
	chmod 755 "$WORLD"
	gcc -static -std=gnu11 -D_GNU_SOURCE -O1 -pthread -o "$WORLD/try" \
		"$TOP/tests/prog/try.c"
	cp "$EXTRASAFE" "$WORLD/xs"
}

teardown_file() {
	rm -rf "$WORLD"
}

setup() {
	cd "$WORLD" || return
}

as_root() {
	"$@"
}

# tries (ATTEMPT RESULT)...: under own.yaml, each attempt has its result.
tries() {
	local attempts=() wants=() who i got
	while [[ $# -gt 0 ]]; do
		attempts+=("$1")
		wants+=("$2")
		shift 2
	done
	chmod 644 ./*.yaml
	for who in as_root as_user; do
		expect 0 "$who" ./xs run -p ./own.yaml -- ./try "${attempts[@]}"
		mapfile -t got <<<"$output"
		for i in "${!attempts[@]}"; do
			[[ ${got[i]} == "${attempts[i]}: ${wants[i]}" ]] || {
				echo "$who: ${got[i]}, not ${wants[i]}"
				return 1
			}
		done
	done
}

@test "by hand: a rule's conditions hold in the kernel, and nothing beyond" {
	cat >own.yaml <<-'end'
		extrasafe: 1
		rulesets:
		  Own:
		    rules:
		      - "fcntl if cmd in {F_GETOWN, F_DUPFD} and fd > 0"
		      - getpriority if which == PRIO_PROCESS and who != 1
		      - dup2 if oldfd & 1 == 1 and newfd >= 10 and newfd < 12
		allow:
		  Own: all
		  SystemIO: stdio
		  syscalls: [getppid]
	end
	tries \
		fcntl:1:9:0 ok fcntl:1:1033:0 EPERM fcntl:0:9:0 EPERM \
		getpriority:0:0 ok getpriority:0:1 EPERM getpriority:1:0 EPERM \
		dup2:1:10 ok dup2:2:10 EPERM dup2:1:9 EPERM dup2:1:12 EPERM \
		dup2:4294967297:11 ok dup2:1:4294967306 ok \
		getppid ok getrusage:0:BUF EPERM
}

@test "by hand: int is ordered with its sign, 64 bits as what they are" {
	cat >own.yaml <<-'end'
		extrasafe: 1
		rulesets:
		  Own:
		    rules:
		      - getpriority if which == 0 and who < 0
		      - lseek if offset < -1 and whence == SEEK_CUR
		allow:
		  Own: all
		  SystemIO: stdout
	end
	tries \
		getpriority:0:-5 ESRCH getpriority:0:5 EPERM \
		getpriority:0:0 EPERM getpriority:0:4294967291 ESRCH \
		lseek:99:-2:1 EBADF lseek:99:-1:1 EPERM \
		lseek:99:4294967294:1 EPERM
}

@test "by hand: what is taken out is denied, its twin is not" {
	cat >own.yaml <<-'end'
		extrasafe: 1
		allow:
		  SystemIO: [stdio, umask]
		  SystemInfo: usage
		except:
		  - getrusage
		  - getppid
		  - madvise if advice == MADV_DONTNEED
	end
	tries \
		getrusage:0:BUF EPERM umask:18 ok getppid EPERM getpid ok \
		madvise:BUF:4096:4 EPERM madvise:BUF:4096:0 ok
}

@test "by hand: a set's paths are opened, others are not" {
	mkdir -p in out
	echo text >in/file
	echo text >out/file
	chmod -R a+rX in out
	cat >own.yaml <<-'end'
		extrasafe: 1
		rulesets:
		  Own:
		    syscalls: [getppid]
		    read_path: [in]
		allow:
		  Own: all
		  SystemIO: stdout
	end
	tries openat:-100:in/file:0 ok openat:-100:out/file:0 EACCES getppid ok
}

@test "by hand: check tells what has no effect, of includes -v only" {
	cat >own.yaml <<-'end'
		extrasafe: 1
		rulesets:
		  Unused: {syscalls: [flock]}
		allow:
		  syscalls: [waitpid, getrusage]
	end
	local unused="own.yaml:3:3: warning: rule set 'Unused' has no effect: no file allows it"
	expect 0 xs check own.yaml
	contains "$stderr" "$unused"
	[[ $stderr != *waitpid* ]]
	expect 0 xs check -v own.yaml
	contains "$stderr" "$unused"
	contains "$stderr" "own.yaml:5:14: note: 'waitpid' is skipped: this architecture has no such call"
	printf 'extrasafe: 1\ninclude: [own.yaml]\n' >above.yaml
	expect 0 xs check above.yaml
	[[ -z $stderr ]]
	expect 0 xs check -v above.yaml
	contains "$stderr" "${unused/warning/note}"
	expect 0 xs check -a 'Unused: all' own.yaml
	[[ -z $stderr ]]
}

@test "by hand: calls are given on the command line" {
	expect 0 xs run -a 'SystemIO.stdout' -a 'syscalls: [getrusage]' \
		-a syscalls.umask -- ./try getrusage:0:BUF umask:18 sysinfo:BUF
	[[ $output == $'getrusage:0:BUF: ok\numask:18: ok\nsysinfo:BUF: EPERM' ]]
}

@test "by hand: a limit of a rule is widened by its set and its call" {
	cat >own.yaml <<-'end'
		extrasafe: 1
		rulesets: {Own: {rules: [fcntl if cmd == F_GETOWN]}}
		allow: {Own: all, SystemIO: stdio, syscalls: fcntl}
	end
	expect 125 xs run -p ./own.yaml -- ./try fcntl:1:9:0
	contains "$stderr" "Own.fcntl has no effect: syscalls.fcntl allows more"
	expect 0 xs run --widen Own.fcntl -p ./own.yaml -- ./try fcntl:1:3:0
	[[ $output == 'fcntl:1:3:0: ok' ]]
}

# hostile NAME LINE...: a profile that is refused in a moment, and says NAME.
hostile() {
	local part=$1
	shift
	printf '%s\n' 'extrasafe: 1' "$@" >hostile.yaml
	expect 1 timeout 20 "$EXTRASAFE" check hostile.yaml
	contains "$stderr" "$part"
}

@test "by hand: what is too much is refused at a limit" {
	local rules exceptions
	rules=$(seq -f '{rules: [fcntl if cmd == %.0f]}' 513 | nl -s ': ' -w 1 |
		sed 's/^/  S/')
	hostile "more than 512 rules of 'fcntl'" rulesets: "$rules" allow: \
		"$(seq -f '  S%.0f: all' 513)"
	hostile 'more than 1024 rule sets' rulesets: \
		"$(seq -f '  S%.0f: {syscalls: flock}' 1025)" \
		'allow: {Time: sleep}'
	hostile 'more than 4096 permissions, paths and rules' \
		'rulesets: {S: {syscalls: [' "$(yes flock, | head -n 5000)" \
		']}}' 'allow: {S: all}'
	exceptions=$(seq -f '  - write if fd == %.0f' 513)
	hostile 'more than 512 exceptions' 'allow: {SystemIO: write}' except: \
		"$exceptions"
	hostile 'one rule falls apart into more than 64' \
		'allow: {SystemIO: write}' except: \
		"$(seq 9 | sed 's/.*/  - write if fd == & and count == &/')"
}
