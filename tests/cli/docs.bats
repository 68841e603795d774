#!/usr/bin/env bats
# What README.md and the manual pages say is so.
#
# README.md: in a block without a language, `$ ` begins a command, `> ` goes on
# with it, and what follows is what it prints on standard output and error;
# `...` stands for anything. All blocks are one session in an empty folder. A
# block that begins with `# NAME.yaml` is a profile, which is there before.
# man/extrasafe-rulesets.7 is made of the table of permissions.
# Manual pages: a display that begins with `# NAME.yaml` is a whole profile, one
# that begins with `/* NAME.c */` a whole program.

load helpers

page_run=$TOP/man/extrasafe.1
page_language=$TOP/man/extrasafe-profile.5
page_sets=$TOP/man/extrasafe-rulesets.7
page_library=$TOP/man/libextrasafe.3

setup() {
	mkdir "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/work"
	ln -s "$EXTRASAFE" "$BATS_TEST_TMPDIR/bin/extrasafe"
	cd "$BATS_TEST_TMPDIR/work" || return
	export PATH=$BATS_TEST_TMPDIR/bin:$PATH LC_ALL=C HOME=$BATS_TEST_TMPDIR
	unset XDG_CONFIG_HOME
}

# TEXT as a pattern in which `...` matches anything.
as_pattern() {
	sed -E 's/[^[:alnum:][:space:]]/\\&/g; s/(\\\.){3}/*/g' <<<"$1"
}

# Runs $command, if there is one, and compares what it prints with $want.
try_command() {
	local got pattern
	[[ -n $command ]] || return 0
	got=$(bash -c "$command" 2>&1 </dev/null) || true
	pattern=$(as_pattern "${want%$'\n'}")
	# shellcheck disable=SC2053 # a pattern
	if [[ $got != $pattern ]]; then
		printf '$ %s\nwanted:\n%s\ngot:\n%s\n' "$command" "$want" "$got"
		return 1
	fi
	tried=$((tried + 1))
	command='' want=''
}

# Reads README.md: saves its profiles, then runs its commands.
save_profiles_of_readme() {
	awk '/^```/ { inside = !inside; file = ""; first = inside; next }
	     inside && first && /^# [a-z0-9-]+\.yaml$/ { file = $2 }
	     { first = 0 }
	     file { print >file }' "$TOP/README.md"
}

run_session_of_readme() {
	run_session <"$TOP/README.md"
}

# Literal displays of a manual page that begin with `$ `, as such blocks.
run_session_of() {
	awk '/^\.Ed/ && inside { print "```"; inside = 0 }
	     first && /^\$ / { print "```"; inside = 1 }
	     { first = /^\.Bd -literal/ }
	     inside { gsub(/\\&/, ""); gsub(/\\e/, "\\"); print }' "$1" >session
	run_session <session
}

run_session() {
	local line inside=false command='' want=''
	tried=0
	while IFS= read -r line; do
		if [[ $line == '```'* ]]; then
			try_command || return
			$inside && inside=false || inside=true
		elif ! $inside; then
			continue
		elif [[ $line == '$ '* ]]; then
			try_command || return
			command=${line#'$ '}
		elif [[ -n $command && -z $want && $line == '> '* ]]; then
			command+=$'\n'${line#'> '}
		elif [[ -n $command ]]; then
			want+=$line$'\n'
		fi
	done
}

# Saves the profiles of a manual page, and prints their names.
save_profiles_of() {
	awk '/^\.Ed/ { file = "" }
	     first && /^# [a-z0-9-]+\.yaml$/ { file = $2; print file }
	     { first = /^\.Bd -literal/ }
	     file { gsub(/\\&/, ""); gsub(/\\e/, "\\"); print >file }' "$1"
}

# Saves the programs of a manual page, and prints their names.
save_programs_of() {
	awk '/^\.Ed/ { file = "" }
	     first && /^\/\* [a-z-]+\.c \*\/$/ { file = $2; print file }
	     { first = /^\.Bd -literal/ }
	     file { gsub(/\\&/, ""); gsub(/\\e/, "\\"); print >file }' "$1"
}

# For programs that are compiled against the library as it is installed.
use_library() {
	local prefix
	[[ $ES_BUILD == release ]] || skip "takes the library without sanitizers"
	skip_without cc
	skip_without pkg-config
	prefix=$(dirname "$(dirname "$(realpath "$EXTRASAFE")")")
	PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name extrasafe.pc)")
	export PKG_CONFIG_PATH
	LD_LIBRARY_PATH=$(pkg-config --variable=libdir extrasafe)
	export LD_LIBRARY_PATH
}

# Compiles NAME.c as strictly as it gets.
compile() {
	# shellcheck disable=SC2046 # words
	cc -std=gnu11 -Wall -Wextra -Werror -o "$1" "$1.c" \
		$(pkg-config --cflags --libs extrasafe)
}

# lib/extrasafe.h without comments, on one line.
header() {
	cc -fpreprocessed -E -P "$TOP/lib/extrasafe.h" | grep -v '^#' |
		tr -s '\n\t ' ' '
}

# Prototypes, one a line.
prototypes_of_header() {
	header | grep -oE 'ES_PUBLIC [^;]+;' | sed 's/^ES_PUBLIC //' | sort
}

prototypes_of_pages() {
	awk '{ gsub(/"/, "") }
	     sub(/^\.Ft /, "") { type = $0 ~ /\*$/ ? $0 : $0 " " }
	     sub(/^\.Fo /, "") { text = type $0 "("; comma = "" }
	     sub(/^\.Fa /, "") && text { text = text comma $0; comma = ", " }
	     /^\.Fc/ { print text ");"; text = "" }' "$TOP"/man/*.3 | sort
}

# The text of a subsection or section of a manual page.
section() {
	awk -v name="$2" '/^\.S[sh] / { inside = substr($0, 5) == name }
			  inside' "$1"
}

# Options as `LETTER NAME ARGUMENT`, of a command's -h and of the manual page.
options_of_help() {
	"$EXTRASAFE" "$@" -h |
		sed -nE 's/^  (-([a-z]),|   ) --([a-z-]+)( ([A-Z._]+))?  +[a-z].*/\2 \3 \5/p' |
		sort
}

options_of_page() {
	section "$page_run" "$1" |
		sed -nE 's/^\.It (Fl ([a-z]) , )?Fl -([a-z-]+)( Ar (.+))?$/\2 \3 \5/p' |
		sort
}

# The names of the sets, hidden ones or others.
sets() {
	tr '\n' ' ' <"$TOP/lib/sets.c" | sed -E 's/\{ \.name = /\n&/g' |
		sed -nE 's/^\{ \.name = "([A-Za-z]+)"(.*)/\1\2/p' |
		awk -v hidden="$1" '{
			is = $0 ~ /^[A-Za-z]+"?[^}]*\.hidden = true \}/
			sub(/[^A-Za-z].*/, "")
		} is == hidden'
}

# The rows of the table of rule sets, one a line.
table() {
	local hidden
	hidden=$(sets 1 | paste -sd '|')
	[[ -n $hidden ]] || return
	tr '\n' ' ' <"$TOP/lib/sets.c" | sed -E 's/\{ *\.set = /\n&/g' |
		grep -E '^\{ *\.set = ' | grep -vE "^\{ *\.set = \"($hidden)\""
}

# Permissions as `SET WORD: what it takes`, of the table and of the page.
permissions_of_table() {
	table | awk '{
		flags = ""
		if (match($0, /\.flags = [^,}]*/))
			flags = " " substr($0, RSTART + 9, RLENGTH - 9) " "
		split($0, words, "\"")
		printf "%s %s:", words[2], words[4]
		if (flags ~ / PATH /) printf " path"
		if (flags ~ / FD /) printf " fd"
		if (flags ~ / STARRED /) printf " yes_really"
		if (flags ~ / FDS /) printf " fds"
		if (flags ~ / PORTS /) printf " ports"
		print ""
	}' | sort
}

permissions_of_page() {
	awk '/^\.Sh / { inside = $2 == "RULE" }
	     inside && /^\.Ss / { set = $2 }
	     inside && /^\.It Ic / {
		printf "%s %s:", set, $3
		for (i = 4; i <= NF; i++)
			if ($i !~ /^(:|,|Ar|Cm)$/)
				printf " %s", $i
		print ""
	     }' "$page_sets" | sort
}

@test "README.md: is short" {
	[[ $(wc -l <"$TOP/README.md") -le 150 ]]
}

@test "README.md: every command prints what is shown" {
	save_profiles_of_readme
	run_session_of_readme
	[[ $tried -ge 10 ]]
}

@test "README.md: every profile passes check" {
	save_profiles_of_readme
	run_session_of_readme
	[[ -f greet.yaml ]]
	for file in *.yaml; do
		expect 0 xs check "./$file"
	done
}

@test "extrasafe-profile(5): every profile passes check" {
	local files
	mapfile -t files < <(save_profiles_of "$page_language")
	[[ ${#files[@]} -ge 5 ]]
	for file in "${files[@]}"; do
		expect 0 xs check "./$file"
	done
	echo 'import json; print(json.dumps(open("script.py").read(6)))' \
		>script.py
	expect 0 xs run -p ./python.yaml -- /usr/bin/python3 script.py
	[[ $output == '"import"' ]]
}

@test "extrasafe-rulesets(7): is what the table of permissions makes of it" {
	diff "$page_sets" <("$ES_PROG/make-rulesets" "$TOP/man/rulesets.7.in")
}

@test "extrasafe-rulesets(7): every permission is there with what it takes, and no other" {
	[[ $(permissions_of_table | wc -l) -ge 90 ]]
	diff <(permissions_of_table) <(permissions_of_page)
}

@test "extrasafe-rulesets(7): every call that no permission gives is there" {
	local never
	never=$(awk '/es_nevers\[\] = / { inside = 1 } /^};/ { inside = 0 } inside' \
		"$TOP/lib/sets.c" | sed -nE 's/^\t\{ "([a-z0-9_]+)",.*/\1/p')
	[[ $(wc -l <<<"$never") -ge 90 ]]
	diff <(section "$page_sets" 'CALLS THAT NO PERMISSION GIVES' |
		sed -nE 's/^\.It Ic //p' | sed 's/ , /\n/g' | sort) \
		<(sort <<<"$never")
}

@test "extrasafe-profile(5): every rule set is there, and no other" {
	[[ $(sets 0 | wc -l) -ge 15 && $(sets 1 | wc -l) -eq 2 ]]
	diff <(sets 0) <(section "$page_language" 'RULE SETS' |
		sed -nE 's/^\.It Ic //p')
}

@test "extrasafe-profile(5): every top-level key is there, or told as a later one" {
	local keys later key reader n=0
	keys=$(section "$page_language" 'Top-level keys')
	later=$(section "$page_language" 'Not in this version')
	while read -r key reader; do
		n=$((n + 1))
		if [[ $reader == NULL ]]; then
			contains "$later" "$key"
		else
			contains "$keys" ".It Ic $key :"
		fi
	done < <(grep -oE '\{ "[a-z]+", (key_[a-z]+|NULL) \}' "$TOP/lib/profile.c" |
		tr -d '{},"')
	[[ $n -ge 10 ]]
}

@test "extrasafe(1): has every option that -h tells, and no other" {
	[[ $(options_of_help run | wc -l) -ge 8 ]]
	diff <(options_of_help run) <(options_of_page 'extrasafe run')
	diff <(options_of_help check) <(options_of_page 'extrasafe check')
	diff <(options_of_help list) <(options_of_page 'extrasafe list')
	diff <(options_of_help why) <(options_of_page 'extrasafe why')
	diff <(options_of_help) <(options_of_page extrasafe)
}

@test "extrasafe(1): every command that is shown with its output prints it" {
	run_session_of "$page_run"
	[[ $tried -ge 2 ]]
}

@test "every profile that is installed is in README.md and extrasafe-profile(5)" {
	local name
	for file in "$TOP"/profiles/*.yaml "$TOP"/profiles/parts/*.yaml; do
		name=${file#"$TOP/profiles/"}
		name=${name%.yaml}
		grep -qF "\`$name\`" "$TOP/README.md" || {
			echo "README.md lacks $name"
			return 1
		}
		grep -qE "^\.It (Pa|Ic|Cm) $name\$" "$page_language" || {
			echo "extrasafe-profile(5) lacks $name"
			return 1
		}
	done
}

@test "library: every public function has a page, with its prototype" {
	skip_without cc
	[[ $(prototypes_of_header | wc -l) -ge 40 ]]
	diff <(prototypes_of_header) <(prototypes_of_pages)
}

@test "library: what a page is named for is what it has prototypes of" {
	for page in "$TOP"/man/es_*.3; do
		diff <(section "$page" NAME | sed -nE 's/^\.Nm ([a-z_]+).*/\1/p') \
			<(section "$page" SYNOPSIS | sed -nE 's/^\.Fo //p')
	done
}

@test "library: structures are shown as they are" {
	skip_without cc
	local pattern='struct es_[a-z_]+ \{[^}]*\}'
	[[ $(header | grep -oE "$pattern" | wc -l) -ge 15 ]]
	diff <(header | grep -oE "$pattern" | sort) \
		<(cat "$TOP"/man/es_*.3 | tr -s '\n\t ' ' ' |
			grep -oE "$pattern" | sort)
}

@test "library: pages name nothing that is not there, and every constant" {
	skip_without cc
	local page names words='\b(es|ES)_[A-Za-z0-9_]+'
	names=$(header | grep -oE "$words" | grep -vx ES_PUBLIC | sort -u)
	while read -r page; do
		[[ -f $TOP/man/$page ]] || {
			echo "no page $page"
			return 1
		}
	done < <(sed -nE 's/^\.Xr (es_[a-z_]+|.*extrasafe[a-z-]*) ([1-8]).*/\1.\2/p' \
		"$TOP"/man/*.[1-8] | sort -u)
	diff /dev/null <(grep -hvE '^\.(Xr|Dt) ' "$TOP"/man/*.3 |
		grep -oE "$words" | sort -u | comm -23 - <(echo "$names"))
	diff /dev/null <(grep -E '^ES_' <<<"$names" |
		comm -23 - <(grep -hoE "$words" "$TOP"/man/*.3 | sort -u))
}

@test "library: every program of its pages compiles, and prints what is shown" {
	use_library
	local page program n=0 sessions=0
	for page in "$TOP"/man/*.3; do
		for program in $(save_programs_of "$page"); do
			compile "${program%.c}"
			n=$((n + 1))
		done
		run_session_of "$page"
		sessions=$((sessions + tried))
	done
	[[ $n -ge 7 && $sessions -ge 10 ]]
}

@test "libextrasafe(3): the server is the same but for one call, and answers" {
	use_library
	skip_without python3
	local port=$((20000 + RANDOM % 10000)) name pid
	save_programs_of "$page_library"
	run -1 diff <(tail -n +2 server-before.c) <(tail -n +2 server.c)
	run -1 grep '^<' <<<"$output"
	for name in server-before server; do
		compile "$name"
		port=$((port + 1))
		"./$name" "$port" 3>&- &
		pid=$!
		run -0 python3 - "$port" <<-'EOF'
			import socket, sys, time
			for _ in range(100):
			    try:
			        s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
			        break
			    except ConnectionRefusedError:
			        time.sleep(0.05)
			s.sendall(b"hello")
			print(s.recv(100).decode())
		EOF
		[[ $output == HELLO ]]
		run -0 awk '/^Seccomp:/ { print $2 }' "/proc/$pid/status"
		[[ $name == server && $output == 2 ||
			$name == server-before && $output == 0 ]]
		kill "$pid"
	done
}

# The crate's items, as its documentation has them; isolates are left out.
items_of_crate() {
	cat <<-'EOF'
		SafetyContext
		SafetyContext::new()
		with_errno(u32)
		enable(RuleSet)
		landlock_only()
		apply_to_current_thread()
		apply_to_all_threads()
		apply with no rule
		BasicCapabilities always on
		order of the layers
		no Landlock rules
		duplicate rules
		several conditional rules
		RuleSet
		RuleSet for Sysno
		SeccompRule::new(Sysno)
		and_condition(SeccompArgumentFilter)
		SeccompArgumentFilter::new
		new64
		new32
		SeccompilerComparator
		seccomp_arg_filter!
		re-exports of seccompiler and syscalls
		YesReally
		cargo features landlock
		isolate
		arch
		BasicCapabilities
		SystemIO::nothing()
		SystemIO::everything()
		allow_read()
		allow_write()
		allow_unlink()
		allow_open()
		allow_open_readonly()
		allow_metadata()
		allow_ioctl()
		allow_close()
		allow_stdin()
		allow_stdout()
		allow_stderr()
		allow_file_read(&File)
		allow_file_write(&File)
		allow_read_path(p)
		allow_write_file(p)
		allow_create_in_dir(p)
		allow_list_dir(p)
		allow_create_dir(p)
		allow_remove_file(p)
		allow_remove_dir(p)
		allow_ssl_files()
		allow_dns_files()
		Networking::nothing()
		allow_running_tcp_servers()
		allow_running_udp_sockets()
		allow_running_tcp_clients()
		allow_running_unix_servers()
		allow_running_unix_clients()
		allow_start_tcp_servers()
		allow_start_udp_servers()
		allow_start_unix_servers()
		allow_start_tcp_clients()
		allow_connect()
		Time::nothing()
		allow_gettime()
		Pipes
		Threads::nothing()
		allow_create()
		allow_sleep()
		ForkAndExec
		LandlockRule::new(path, flags)
		access::read_path()
		access::write_file()
		access::list_dir()
		access::create_file()
		access::create_dir()
		access::delete_file()
		access::delete_dir()
		access::execute()
		re-exports of landlock
		handled rights
		CompatLevel
		missing path
		result of restrict_self
		same path twice
		ConditionalNoEffectError
		SeccompError
		NoRulesEnabled
		DuplicatePath
		PathDoesNotExist
		LandlockSeccompConflict
		LandlockNoThreadSync
		LandlockError
	EOF
}

@test "libextrasafe(3): every item of the Rust crate has its row, in words that are known" {
	local table word
	table=$(section "$page_library" 'FOR USERS OF THE RUST CRATE'
		for part in 'Contexts and rules' 'Rule sets' Landlock \
			'Errors of the crate'; do
			section "$page_library" "$part"
		done)
	diff <(items_of_crate) <(sed -nE 's/^\.It Ql //p' <<<"$table" |
		sed 's/ , Ql /\n/g')
	# Permissions are SET.WORD.
	while read -r word; do
		grep -qxF "${word#*.}" <(permissions_of_table |
			sed -nE "s/^${word%.*} ([a-z_]+):.*/\1/p"; echo all) || {
			echo "no permission $word"
			return 1
		}
	done < <(grep -oE '\b[A-Z][A-Za-z]+\.[a-z_]+\b' <<<"$table" | sort -u)
}

@test "manual pages: all are installed" {
	diff <(cd "$TOP" && printf '%s\n' man/*.[1-8] | sort) \
		<(sed -nE "s/^\t'(man\/.*\.[1-8])',\$/\1/p" "$TOP/meson.build" | sort)
}

@test "manual pages: mandoc finds nothing" {
	skip_without mandoc
	expect 0 mandoc -T lint -W warning "$TOP"/man/*.[1357]
}
