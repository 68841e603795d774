#!/usr/bin/env bats
# `extrasafe list`, for people and as JSON. Whether the rules that it tells are
# those of the policy is tests/unit/test-list.c's.

load helpers

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset COLUMNS XDG_CONFIG_HOME
	export HOME=$BATS_TEST_TMPDIR/home
	table=$TOP/lib/sets.c
}

# What the table of sets has: sets of a kind, permissions as SET.WORD.
# sets_of_table shown|hidden: their names.
sets_of_table() {
	sed -n '/^const struct es_set es_sets/,/^};/p' "$table" |
		awk -F'"' -v kind="$1" '
			function told() {
				if (name != "" && hidden == (kind == "hidden"))
					print name
			}
			/\.name = "/ { told(); name = $2; hidden = 0 }
			/\.hidden = true/ { hidden = 1 }
			END { told() }'
}

words_of_table() {
	tr '\n' ' ' <"$table" |
		grep -oE '\.set = "[A-Za-z]+",[[:space:]]+\.word = "[a-z_]+"' |
		awk -F'"' '{ print $2 "." $4 }'
}

# every_view COMMAND...: runs it with each operand that list knows.
every_view() {
	local view
	for view in sets profiles syscalls $(sets_of_table shown) $(sets_of_table hidden) \
		SystemIO.read_path SystemIO.everything BasicCapabilities.basic \
		Networking.start_tcp_servers Parts.files openat clone bpf; do
		"$@" "$view" || return
	done
}

# own_profile NAME < text: a profile in the user's own folder.
own_profile() {
	local file=$HOME/.config/extrasafe/profiles/$1.yaml
	mkdir -p "${file%/*}"
	cat >"$file"
}

@test "list: -h tells every option, and fits a screen" {
	expect 0 xs list -h
	[[ -z $stderr && ${#lines[@]} -le 24 ]]
	for option in --json -h --help; do
		contains "$output" " $option"
	done
	for line in "${lines[@]}"; do
		[[ ${#line} -le 80 ]]
	done
}

@test "list: every set is there with its line" {
	expect 0 xs list sets
	local sets=$output set n=0
	for set in $(sets_of_table shown); do
		grep -qE "^$set  +[^ ]" <<<"$sets"
		n=$((n + 1))
	done
	[[ $n -ge 16 && $n -eq ${#lines[@]} ]]
	expect 0 xs list
	[[ $output == "$sets" ]]
}

@test "list: a set that others share is no set of profiles" {
	[[ $(sets_of_table hidden | wc -l) -ge 2 ]]
	expect 0 xs list
	for set in $(sets_of_table hidden); do
		! grep -qE "^$set " <<<"$output" || return
	done
}

@test "list: every permission is in its set, and has a page" {
	local name n=0
	for name in $(words_of_table); do
		n=$((n + 1))
		"$EXTRASAFE" list "${name%.*}" |
			grep -qE "^${name#*.}(: (PATH|FD|yes_really))?  +[^ ]"
		expect 0 xs list "$name"
		[[ ${lines[0]} == "$name  "* ]]
	done
	[[ $n -ge 80 ]]
}

@test "list: permissions stand as they are written in a profile" {
	local form
	xs list SystemIO |
		sed -E 's/  .*//; s/PATH/\/etc/; s/FD/0/' >forms
	[[ $(wc -l <forms) -ge 40 ]]
	while read -r form; do
		expect 0 xs check -a "SystemIO: [{$form}]" 3>&-
	done < <(sed -nE 's/(yes_really|\/etc|0)$/&/p' forms | grep :)
	while read -r form; do
		expect 0 xs check -a "SystemIO: [$form]" 3>&-
	done < <(grep -v : forms)
}

@test "list: a page tells danger, what stays open, calls, conditions and rights" {
	expect 0 xs list SystemIO.open
	contains "$output" "open: yes_really"
	contains "$output" "can be emptied"
	contains "$output" "open openat creat"
	contains "$output" "truncate (ABI 3), everywhere"
	expect 0 xs list SystemIO.read_path
	contains "$output" "== O_RDONLY"
	contains "$output" "Parts.files"
	contains "$output" "read_file (ABI 1)"
	[[ $output != *"), everywhere"* ]]
	expect 0 xs list Networking.start_unix_clients
	contains "$output" "takes the scope abstract_unix_socket off (ABI 6)"
	expect 0 xs list SystemIO.stdout
	[[ $output != *danger* && $output != *Landlock* ]]
}

@test "list: a system call has its arguments, numbers and permissions" {
	expect 0 xs list openat
	contains "$output" "arg2"
	contains "$output" "flags, 32 bits"
	contains "$output" "pathname or filename, a pointer"
	grep -qE '^x86_64 +number 257$' <<<"$output"
	grep -qE '^aarch64 +number 56$' <<<"$output"
	grep -qE '^SystemIO.read_path +if flags & .* == O_RDONLY$' <<<"$output"
	grep -qE '^SystemIO.open +without a condition$' <<<"$output"
	expect 0 xs list fork
	grep -qE '^aarch64 +does not have it$' <<<"$output"
	expect 0 xs list bpf
	grep -qE '^never +no permission gives it: ' <<<"$output"
	expect 0 xs list clone3
	contains "$output" "by ENOSYS"
}

@test "list: syscalls has every call of the kernel's headers, with its number" {
	local header=/usr/include/x86_64-linux-gnu/asm/unistd_64.h
	[[ -r $header ]] || skip "no $header"
	sed -nE 's/^#define __NR_([a-z0-9_]+) ([0-9]+)$/\1 \2/p' "$header" |
		sort >want
	[[ $(wc -l <want) -ge 350 ]]
	xs list --json syscalls |
		jq -r '.syscalls[] | "\(.name) \(.x86_64)"' | sort >got
	[[ -z $(comm -23 want got) ]]
	xs list syscalls | awk '{ print $1 }' | sort >names
	diff names <(cut -d ' ' -f 1 got | sort)
}

@test "list: syscalls tells who gives a call, and what nobody gives" {
	expect 0 xs list syscalls
	grep -qE '^flock +SystemIO.everything, SystemIO.work, SystemIO.lock$' <<<"$output"
	grep -qE '^bpf +never: ' <<<"$output"
	grep -qE '^lseek .*SystemIO.read_path' <<<"$output"
	! grep -qE 'Parts\.files' <<<"$output" || return
}

@test "list: every profile is there, with its description and its folder" {
	local folder file name about n=0
	folder=$(realpath "$EXTRASAFE")
	folder=${folder%/bin/*}/share/extrasafe/profiles
	expect 0 xs list profiles
	for file in "$TOP"/profiles/*.yaml "$TOP"/profiles/parts/*.yaml; do
		name=${file#"$TOP/profiles/"}
		about=$(sed -n 's/^about: //p' "$file")
		grep -qF "$about (in $folder)" \
			<<<"$(grep -E "^${name%.yaml}  " <<<"$output")"
		n=$((n + 1))
	done
	[[ $n -ge 9 && $n -eq ${#lines[@]} ]]
}

@test "list: a profile of the user's goes before one of its name" {
	own_profile compute <<-'EOF'
		extrasafe: 1
		about: my own
	EOF
	expect 0 xs list profiles
	mapfile -t lines < <(grep '^compute ' <<<"$output")
	[[ ${#lines[@]} -eq 2 ]]
	contains "${lines[0]}" "my own (in $HOME/.config/extrasafe/profiles)"
	contains "${lines[1]}" "(hidden by the one above; in /"
	xs list --json profiles | jq -e '[.profiles[] | select(.name == "compute")
		| .shadowed] == [false, true]'
	[[ $(xs list --json profiles | jq '[.profiles[] | select(.shadowed)] |
		length') -eq 1 ]]
}

@test "list: profiles that are no good are told, and no other files" {
	own_profile a-good <<<'{extrasafe: 1, about: good}'
	own_profile a-silent <<<'{extrasafe: 1}'
	own_profile b-broken <<<'{'
	own_profile b-steering <<<'{extrasafe: 1, about: "a\e[31mb"}'
	mkfifo "$HOME/.config/extrasafe/profiles/b-zfifo.yaml"
	: >"$HOME/.config/extrasafe/profiles/b-other.txt"
	: >"$HOME/.config/extrasafe/profiles/.hidden.yaml"
	expect 0 timeout 20 "$EXTRASAFE" list profiles
	contains "${lines[0]}" "good (in "
	contains "${lines[1]}" "no description (in "
	contains "${lines[2]}" "can't be read (in "
	contains "${lines[3]}" 'a\x1b[31mb (in '
	contains "${lines[4]}" "can't be read (in "
	[[ ${lines[5]} == build* ]]
	xs list --json profiles | jq -e '[.profiles[] | .readable][0:5] ==
		[true, true, false, true, false]'
}

@test "list: a folder of profiles that can't be read is 125, and the rest is told" {
	local dir
	dir=$(mktemp -d /tmp/extrasafe-list.XXXXXX)
	mkdir -p "$dir/extrasafe/profiles"
	chmod 0 "$dir/extrasafe/profiles"
	chmod 755 "$dir"
	cp "$EXTRASAFE" "$dir/xs"
	chmod 755 "$dir/extrasafe" "$dir/xs"
	if [[ $EUID -ne 0 ]]; then
		chown "$EUID" "$dir"
	fi
	expect 125 env XDG_CONFIG_HOME="$dir" bash -c \
		"$(declare -f as_user); as_user '$dir/xs' list profiles"
	rm -rf "$dir"
	contains "$stderr" "can't look for profiles in '$dir/extrasafe/profiles"
	contains "$output" "compute  "
}

@test "list: what does not exist is 1, with what was probably meant" {
	expect 1 xs list SystemI
	contains "$stderr" "no rule set or system call is named 'SystemI', did you mean 'SystemIO'?"
	expect 1 xs list opnat
	contains "$stderr" "did you mean 'openat'?"
	expect 1 xs list profile
	contains "$stderr" "did you mean 'profiles'?"
	expect 1 xs list SystemIO.stdot
	contains "$stderr" "no permission is named 'SystemIO.stdot', did you mean 'SystemIO.stdout'?"
	expect 1 xs list SystmIO.stdout
	contains "$stderr" "no rule set is named 'SystmIO', did you mean 'SystemIO'?"
	expect 1 xs list stdout
	contains "$stderr" "'stdout' is a permission: 'SystemIO.stdout'"
	expect 1 xs list --json nothing-like-it
	[[ -z $output && $stderr != *"did you mean"* ]]
	expect 1 xs list ""
	expect 1 xs list .
	expect 1 xs list "$(printf 'A%.0s' {1..5000}).b"
}

@test "list: options behind the operand, two operands and unknown options are 2" {
	expect 2 xs list SystemIO --json
	contains "$stderr" "options go before the operand: '--json'"
	expect 2 xs list SystemIO Time
	contains "$stderr" "one operand at most: 'Time'"
	expect 2 xs list -z
	contains "$stderr" "unknown option '-z'"
}

@test "list: output that can't be written is 125" {
	expect 125 bash -c '"$EXTRASAFE" list >/dev/full'
	expect 125 bash -c '"$EXTRASAFE" list --json syscalls >/dev/full'
	contains "$stderr" "can't write to standard output"
}

# Words that are wider than the line can't be broken: only folders here.
fits() {
	local width=$1
	shift
	COLUMNS=$width "$@" | awk -v width="$width" 'length() > width &&
		!/^ *[^ ]+$/ { print "too wide: " $0; bad = 1 } END { exit bad }'
}

@test "list: fits COLUMNS" {
	every_view fits 80 xs list
	every_view fits 60 xs list
}

@test "list: fits the terminal" {
	skip_without script
	local longest
	for columns in 70 100; do
		longest=$(script -qec "stty cols $columns; '$EXTRASAFE' list SystemIO" \
			/dev/null </dev/null | tr -d '\r' | wc -L)
		[[ $longest -le $columns && $longest -ge $((columns - 20)) ]]
	done
}

@test "list: is plain, a row a line, where it is no terminal" {
	xs list syscalls >calls
	[[ $(wc -l <calls) -eq $(xs list --json syscalls | jq '.syscalls | length') ]]
	[[ $(wc -L <calls) -gt 100 ]]
	! grep -q '[^[:print:]]' calls || return
	! grep -qE '^ | $' calls || return
}

# Keys of all objects, as `PATH.KEY` without indices.
keys_of() {
	jq -r '[paths | map(select(type == "string")) | select(length > 0) |
		last] | unique[]'
}

@test "list: --json has the members that extrasafe(1) tells, and no others" {
	every_view json_keys | sort -u >got
	awk '/^\.Sh / { inside = $2 == "JSON" } inside && /^\.Va / { print $2 }
	     /^\.Ss/ { inside = 0 }' "$TOP/man/extrasafe.1" | sort -u >want
	[[ $(wc -l <want) -ge 25 ]]
	diff want got
}

json_keys() {
	xs list --json "$1" | keys_of
}

@test "list: --json is one object for every view" {
	every_view json_object
}

json_object() {
	xs list --json "$1" | jq -es 'length == 1 and (.[0] | type) == "object"' \
		>/dev/null
}

@test "list: --json tells of a permission what its page tells" {
	xs list --json SystemIO.open >open
	jq -e '.permission | .name == "SystemIO.open" and .yes_really and
		(.danger | length > 0) and .path == "none" and
		([.rules[].call] == ["open", "openat", "creat"]) and
		([.landlock[].right] | contains(["truncate"]))' open
	xs list --json SystemIO.read_path | jq -e '.permission |
		.path == "optional" and .fds == "opened" and .takes_fds and
		.includes == ["Parts.files"] and
		all(.landlock[]; .at_paths) and
		any(.rules[]; .from == "Parts.files" and .call == "lseek" and
			.condition == "fd in OPENED" and (.defines | not))'
	xs list --json SystemIO.ssl_files | jq -e '.permission |
		.path == "none" and (.own_paths | contains("/etc/ssl/certs")) and
		any(.landlock[]; .right == "read_file" and .at_paths)'
	xs list --json Networking.start_tcp_clients | jq -e '.permission |
		.takes_ports and .own_ports == null and
		all(.landlock[]; .at_ports)'
	xs list --json Networking.resolve | jq -e '.permission |
		.own_ports == "53" and (.takes_ports | not)'
	expect 1 xs list --json SystemIO.wrok
	[[ -z $output ]]
	xs list --json sets | jq -e 'any(.sets[]; .name == "SystemIO")'
	xs list --json openat | jq -e '.syscall | .x86_64 == 257 and
		.aarch64 == 56 and .never == null and
		.arguments[2] == {name: "flags", kernel: null, bits: 32, signed: false,
			pointer: false} and
		any(.permissions[]; .permission == "SystemIO.open" and
			.condition == null)'
}

@test "list: a profile's name is told as one" {
	expect 1 xs list compute
	contains "$stderr" "'compute' is a profile; \`extrasafe list profiles\` tells"
	expect 1 xs list parts/stdio
	contains "$stderr" "'parts/stdio' is a profile"
	expect 1 xs list comput
	[[ $stderr != *"is a profile"* ]]
}
