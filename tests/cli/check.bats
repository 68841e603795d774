#!/usr/bin/env bats
# The command line of `extrasafe check`; its diagnostics are tested elsewhere.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	cat >good.yaml <<-'EOF'
		extrasafe: 1
		allow:
		  SystemIO: [stdout]
	EOF
	cat >bad.yaml <<-'EOF'
		extrasafe: 1
		allow:
		  NoSuchSet: [word]
	EOF
}

@test "check: -h tells every option, and nothing on standard error" {
	expect 0 xs check -h
	[[ -z $stderr ]]
	contains "$output" '[--json]'
	for option in -a --allow -p --profile --json -v --verbose -h --help; do
		contains "$output" " $option"
	done
	for line in "${lines[@]}"; do
		[[ ${#line} -le 80 ]]
	done
}

@test "check: without a profile is wrong usage" {
	expect 2 xs check
	contains "$stderr" "nothing to check: name a PROFILE, or give -a"
	contains "$stderr" "try 'extrasafe check -h'"
}

@test "check: -p is the same as a profile alone" {
	expect 0 xs check -p good.yaml
	expect 1 xs check -p good.yaml -p bad.yaml
	contains "$stderr" "bad.yaml:3:3: error: "
	expect 1 xs check -p good.yaml bad.yaml
	expect 125 xs check -p none.yaml good.yaml
}

@test "check: an unknown option is wrong usage" {
	expect 2 xs check -z good.yaml
	contains "$stderr" "unknown option '-z'"
}

@test "check: an option behind a profile is not taken for a profile" {
	expect 2 xs check good.yaml -v
	contains "$stderr" "options go before the first PROFILE: '-v'"
}

@test "check: a good profile is 0, and says nothing" {
	expect 0 xs check good.yaml
	[[ -z $output && -z $stderr ]]
	expect 0 xs check compute
	[[ -z $output && -z $stderr ]]
}

@test "check: -v tells more, on standard error" {
	expect 0 xs check -v good.yaml
	[[ -z $output && -n $stderr ]]
}

@test "check: a mistake is 1, with its place" {
	expect 1 xs check bad.yaml
	[[ -z $output ]]
	contains "$stderr" "bad.yaml:3:3: error: "
	contains "$stderr" "NoSuchSet"
}

@test "check: a profile that can't be read is 125, also beside a wrong one" {
	expect 125 xs check none.yaml
	contains "$stderr" "none.yaml"
	expect 125 xs check bad.yaml none.yaml
	contains "$stderr" "NoSuchSet"
	expect 125 xs check none.yaml bad.yaml
	contains "$stderr" "NoSuchSet"
}

@test "check: all profiles and fragments are read in one run" {
	cp bad.yaml worse.yaml
	expect 1 xs check -a OtherSet.word bad.yaml good.yaml worse.yaml
	contains "$stderr" "bad.yaml:3:3"
	contains "$stderr" "worse.yaml:3:3"
	contains "$stderr" "OtherSet"
}

@test "check: a fragment alone is a policy" {
	expect 0 xs check -a SystemIO.stdout
	expect 1 xs check -a SystemIO.no_such_word
}

@test "check: help that can't be written is 125" {
	expect 125 bash -c '"$EXTRASAFE" check -h >/dev/full'
	contains "$stderr" "can't write to standard output"
}

@test "check: works with standard error closed" {
	expect 0 bash -c '"$EXTRASAFE" check good.yaml 2>&-'
	expect 1 bash -c '"$EXTRASAFE" check bad.yaml 2>&-'
}

@test "check: a missing include is a mistake of the profile, and 1" {
	cat >includes.yaml <<-'EOF'
		extrasafe: 1
		include: [./none.yaml]
		allow:
		  SystemIO: [stdout]
	EOF
	expect 1 xs check includes.yaml
	contains "$stderr" "includes.yaml:2:11: error: can't read profile 'none.yaml'"
	cp good.yaml none.yaml
	expect 0 xs check includes.yaml
}

# --- warnings --------------------------------------------------------------

# warns TEXT ARG...: check with these arguments is well, and warns of TEXT.
warns() {
	local text=$1
	shift
	expect 0 xs check "$@"
	grep -qE "^([^ ]+:[0-9]+:[0-9]+|extrasafe): warning: .*$text" <<<"$stderr"
}

# silent TEXT ARG...: its twin, which is well and does not.
silent() {
	local text=$1
	shift
	expect 0 xs check "$@"
	! grep -qE "$text" <<<"$stderr"
}

profile() {
	{
		printf 'extrasafe: 1\n'
		cat
	} >"$1"
}

@test "check: warns of each permission that leaves more open, and of no other" {
	local name form open
	for set in $(xs list --json sets |
		jq -r '.sets[].name'); do
		xs list --json "$set" | jq -r '.permissions[] |
			[.name, (if .yes_really then
			"{\(.word): yes_really}" elif .path != "none" then
			"{\(.word): /etc}" elif .takes_fd then "{\(.word): 0}"
			else .word end), .open // "-"] | @tsv'
	done >permissions
	cut -f 3 permissions | sort -u | grep -vx -e - >texts
	[[ $(wc -l <permissions) -ge 70 && $(wc -l <texts) -ge 10 ]]
	while IFS=$'\t' read -r name form open; do
		expect 0 xs check -a "${name%.*}: [$form]"
		if [[ $open == - ]]; then
			! grep -qFf texts <<<"$stderr" || return
		else
			contains "$stderr" "warning: $name: $open"
		fi
	done <permissions
}

@test "check: each permission is warned of once, at its first place" {
	expect 0 xs check -a 'SystemIO: [open_readonly]' -a SystemIO.open_readonly
	[[ $(grep -c 'warning: .*can be opened' <<<"$stderr") -eq 1 ]]
	contains "$stderr" "-a:1:12: warning: SystemIO.open_readonly: "
}

@test "check: warns of a path permission without a path" {
	warns 'SystemIO.read_path: without a path it holds everywhere' \
		-a SystemIO.read_path
	silent 'holds everywhere' -a SystemIO.read_path=/etc
}

@test "check: warns of paths that are every file" {
	ln -s / slash
	local path
	for path in / // /etc/.. "$PWD/slash" /proc/self/root; do
		warns "'$path': this is every file" -a SystemIO.read_path="$path"
	done
	silent 'every file' -a SystemIO.read_path=/etc
	silent 'every file' -a SystemIO.read_path="$PWD"
}

@test "check: warns of what belongs to the one process that starts" {
	local path
	for path in /proc/self /proc/self/fd /proc/thread-self/comm /dev/fd; do
		warns "'$path': this is what it leads to at the start" \
			-a SystemIO.read_path="$path"
	done
	silent 'leads to at the start' -a SystemIO.read_path=/proc/cpuinfo
	silent 'leads to at the start' -a SystemIO.read_path=/proc
	touch /tmp/self.$$
	silent 'leads to at the start' -a SystemIO.read_path=/tmp/self.$$
	rm /tmp/self.$$
}

@test "check: warns of writing to the program's own memory" {
	local path
	for path in / /proc /proc/self /proc/self/mem /proc/thread-self; do
		warns "'$path': through /proc/self/mem" \
			-a SystemIO.write_file="$path"
	done
	warns 'SystemIO.open: through /proc/self/mem' \
		-a 'SystemIO: {open: yes_really}'
	silent '/proc/self/mem' -a SystemIO.read_path=/proc
	silent '/proc/self/mem' -a SystemIO.write_file=/proc/self/comm
	silent '/proc/self/mem' -a SystemIO.write_file=/tmp
}

@test "check: warns of programs that can be written to, and started" {
	mkdir -p programs/more other
	ln -s programs link
	local text='what is written there can be started'
	for path in programs programs/more link .; do
		warns "'.*': $text" -a SystemIO.write_file="$path" \
			-a ForkAndExec.exec_path=programs
		contains "$stderr" " (with ForkAndExec.exec_path, "
	done
	warns "$text" -a SystemIO.write_file=other \
		-a 'ForkAndExec: {exec: yes_really}'
	silent "$text" -a SystemIO.write_file=other \
		-a ForkAndExec.exec_path=programs
	silent "$text" -a SystemIO.read_path=programs \
		-a ForkAndExec.exec_path=programs
	silent "$text" -a SystemIO.write_file=programs
}

@test "check: warns of files that can be written to and mapped executable" {
	local text='what is written there can be mapped executable'
	warns "'/tmp': $text" -a SystemIO.write_file=/tmp -a Code.load
	contains "$stderr" " (with Code.load, "
	silent "$text" -a SystemIO.write_file=/tmp
	silent "$text" -a SystemIO.read_path=/tmp -a Code.load
	silent "$text" -a SystemIO.write_file=/dev/null -a Code.load
}

@test "check: warns of a folder that is handed over and can be listed" {
	local text="'data': a folder that is handed over can be listed"
	profile folder.yaml <<-'EOF'
		fds:
		  data: {open: /etc, for: read}
		allow:
		  SystemIO: [metadata]
	EOF
	warns "$text" folder.yaml
	contains "$stderr" " (with SystemIO.metadata, "
	sed 's/metadata/read/' folder.yaml >unlisted.yaml
	silent "$text" unlisted.yaml
	sed 's,/etc,/etc/passwd,' folder.yaml >file.yaml
	silent "$text" file.yaml
}

@test "check: warns of fork beside exec" {
	local text='beside fork, the program can leave'
	warns "ForkAndExec.exec: $text" -a 'ForkAndExec: [fork, exec: yes_really]'
	contains "$stderr" " (with ForkAndExec.fork, "
	warns "ForkAndExec.exec_path: $text" -a 'ForkAndExec: [fork, exec_path: /bin]'
	silent "$text" -a 'ForkAndExec: [fork]'
	silent "$text" -a 'ForkAndExec: [exec: yes_really]'
}

@test "check: warns of names that can be probed" {
	warns 'SystemIO.metadata: names can be probed' -a SystemIO.metadata
	warns 'SystemIO.read_path: names can be probed' -a SystemIO.read_path=/etc
	warns 'SystemIO.access: names can be probed' -a SystemIO.access
	silent 'names can be probed' -a 'SystemIO: [stdin, stdout, stderr]'
	expect 0 xs check -v -a 'SystemIO: [stdin, stdout, stderr]'
	contains "$stderr" "note: names of files can be probed"
	# An installed profile is known to do so, what is added is the caller's.
	for installed in reader filter tcp-client tcp-server; do
		expect 0 xs check "$installed"
		[[ -z $stderr ]]
	done
	expect 0 xs check -v reader
	contains "$stderr" "note: SystemIO.locale: names can be probed"
	warns 'SystemIO.read_path: names can be probed' \
		-a SystemIO.read_path=/etc reader
	contains "$stderr" "-a:1:10: warning"
	printf 'extrasafe: 1\ninclude: [reader]\n' >over.yaml
	silent 'names can be probed' over.yaml
	cat >>over.yaml <<<'allow: {SystemIO: {read_path: /etc}}'
	warns 'SystemIO.read_path: names can be probed' over.yaml
	contains "$stderr" "over.yaml:3:20: warning"
}

@test "check: warns of all that SystemIO's all does" {
	warns 'SystemIO.unlink: `SystemIO: all` removes, renames and changes' \
		-a 'SystemIO: all'
	silent '`SystemIO: all` removes' -a SystemIO.unlink -a 'Time: all'
}

@test "check: warns of a limit that opening again gets round" {
	local text='a pipe or memory file at a descriptor with a limit'
	warns "SystemIO.write_file: $text" -a SystemIO.write_file=/tmp \
		-a SystemIO.stdin
	silent "$text" -a SystemIO.write_file=/tmp -a SystemIO.stdout
	silent "$text" -a SystemIO.write_file=/tmp
	silent "$text" -a SystemIO.read_path=/tmp -a SystemIO.stdin
}

@test "check: warns of a call by hand that a starred permission gives" {
	warns 'syscalls.mprotect: whatever is written to memory can be run' \
		-a 'syscalls: [mprotect]'
	warns 'syscalls.setuid: ' -a 'syscalls: [setuid]'
	warns 'syscalls.connect: ' -a 'syscalls: [connect]'
	silent 'syscalls.getrusage' -a 'syscalls: [getrusage]'
	silent 'syscalls.read' -a 'syscalls: [readlink]'
}

@test "check: warns of copies that the program can send itself" {
	local text='through a unix socket the program can send itself copies'
	warns "Pipes.pair: $text" -a Pipes.pair -a Networking.start_tcp_clients
	silent "$text" -a Pipes.create -a Networking.start_tcp_clients
	silent "$text" -a Pipes.pair -a Networking.start_tcp_clients \
		-a SystemIO.stdio
	silent "$text" -a Pipes.pair
}

@test "check: warns of a server whose ports are not all that it can listen on" {
	local text='beside its ports, one of the kernel'
	warns "$text" -a \
		'Networking: {start_tcp_servers: {ports: 80, yes_really: true}}'
	silent "$text" -a 'Networking: {start_tcp_servers: yes_really}'
	silent "$text" -a 'Networking: {start_tcp_clients: {ports: 80}}'
}

@test "check: warns where there is to be no filter" {
	profile only.yaml <<-'END'
		landlock: {only: true}
		allow: {SystemIO: [read_path: /etc]}
	END
	warns 'there is no filter: but for files, TCP ports and the scopes' \
		./only.yaml
	silent 'there is no filter' -a SystemIO.read_path=/etc
}

# signals_others is tried in tests/unit/test-warn.c: it takes a policy that no
# profile of this version makes on a new kernel.
@test "check: every warning of the table is tried here" {
	local text n=0
	while read -r text; do
		grep -qF "$text" "$BATS_TEST_FILENAME" \
			"$TOP/tests/unit/test-warn.c" || {
			echo "nobody tries: $text"
			return 1
		}
		n=$((n + 1))
	done < <(awk '/\{ ES_WARNING, .*, NULL/ { next }
		/\{ ES_WARNING/ { getline; print substr($0, 5, 18) }' \
		"$TOP/lib/finding.c")
	[[ $n -ge 10 ]]
}

@test "check: -v tells what was skipped, and only -v" {
	profile optional.yaml <<-'EOF'
		allow:
		  SystemIO:
		    - read_path: {path: [/etc/passwd, /no/such/file], optional: true}
	EOF
	expect 0 xs check -v optional.yaml
	contains "$stderr" "optional.yaml:4:39: note: '/no/such/file': it does not exist, so it is skipped"
	[[ $(grep -c 'is skipped' <<<"$stderr") -eq 1 ]]
	silent 'is skipped' optional.yaml
	profile list.yaml <<-'EOF'
		allow:
		  SystemIO:
		    - read_path: {path: [/no/a, /etc/passwd, /no/b], optional: true}
		    - read_path: {path: /no/c, optional: true}
	EOF
	expect 0 xs check -v list.yaml
	contains "$stderr" "list.yaml:4:26: note: '/no/a': it does not exist, so it is skipped; so are /no/b"
	contains "$stderr" "list.yaml:5:25: note: '/no/c': it does not exist"
	[[ $(grep -c 'is skipped' <<<"$stderr") -eq 2 ]]
}

@test "check: -v tells that the files of the language can't be read" {
	expect 0 xs check -v good.yaml
	contains "$stderr" "note: no permission reads /usr/lib/locale"
	for path in /usr/lib /usr/lib/locale; do
		[[ -e $path ]] || continue
		expect 0 xs check -v -a SystemIO.read_path=$path
		[[ $stderr != *"no permission reads"* ]]
	done
}

@test "check: -v tells of descriptors that are inherited, and of sizes" {
	profile inherit.yaml <<-'EOF'
		fds:
		  data: {inherit: 5}
		allow:
		  SystemIO: [read]
	EOF
	expect 0 xs check -v inherit.yaml
	contains "$stderr" "note: 'data': what is handed over can't be told here"
	contains "$stderr" " instructions"
	[[ $stderr =~ note:\ ([0-9]+)\ system\ calls\ are\ allowed ]]
	[[ ${BASH_REMATCH[1]} -eq $(xs check --json inherit.yaml |
		jq .summary.calls) ]]
	sed 's,{inherit: 5},{open: /etc/passwd\, for: read},' inherit.yaml >open.yaml
	expect 0 xs check -v open.yaml
	[[ $stderr != *"can't be told here"* ]]
}

# --- JSON ------------------------------------------------------------------

@test "check: --json is one object on standard output, and nothing else" {
	expect 0 xs check --json -v good.yaml
	[[ -z $stderr ]]
	jq -e '.summary.status == 0 and .summary.errors == 0 and
		.summary.instructions > 10 and .summary.calls > 10 and
		.summary.landlock_abi >= 1 and .summary.landlock_rules == 0 and
		([.diagnostics[] | .severity] | unique) == ["note"] and
		all(.diagnostics[]; .file == null and .line == null)' \
		<<<"$output"
	expect 0 xs check --json good.yaml
	jq -e '.diagnostics == []' <<<"$output"
}

@test "check: --json tells mistakes with their places" {
	expect 1 xs check --json bad.yaml
	[[ -z $stderr ]]
	jq -e '.summary.status == 1 and .summary.errors == 1 and
		.summary.instructions == null and .summary.calls == null and
		.diagnostics[0].severity == "error" and
		.diagnostics[0].file == "bad.yaml" and
		.diagnostics[0].line == 3 and .diagnostics[0].column == 3 and
		(.diagnostics[0].text | contains("NoSuchSet"))' <<<"$output"
	expect 125 xs check --json none.yaml
	jq -e '.summary.status == 125 and .diagnostics[0].line == null' \
		<<<"$output"
}

@test "check: --json says what the text says" {
	expect 0 xs check -v reader
	local text
	text=$(sed -nE 's/^.*(error|warning|note): //p' <<<"$stderr" | sort)
	expect 0 xs check -v --json reader
	diff <(jq -r '.diagnostics[].text' <<<"$output" | sort) <(echo "$text")
}

@test "check: --json has the members that extrasafe(1) tells, and no others" {
	expect 0 xs check --json -a SystemIO.metadata
	diff <(jq -r '[paths | map(select(type == "string")) |
		select(length > 0) | last] | unique[]' <<<"$output") \
		<(awk '/^\.S[sh] / { inside = $0 == ".Ss extrasafe check --json" }
		       inside && /^\.(It )?Va / { sub(/^\.It /, "."); print $2 }' \
			"$TOP/man/extrasafe.1" | sort -u)
}

@test "check: --json is valid for bytes that are not" {
	printf 'extrasafe: 1\nallow:\n  "Na\xffme": [x]\n' >bytes.yaml
	cp bytes.yaml $'by\e[1mtes.yaml'
	expect 1 xs check --json bytes.yaml $'by\e[1mtes.yaml'
	jq -e '.summary.errors >= 2 and
		any(.diagnostics[]; .file == "by\\x1b[1mtes.yaml")' <<<"$output"
}
