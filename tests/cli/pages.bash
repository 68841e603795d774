# shellcheck shell=bash disable=SC2154
# What the tests of README.md and of the manual pages share.
#
# A literal display that begins with `$ ` is a session: `$ ` begins a command,
# `> ` goes on with it, and what follows is what it prints on standard output and
# error; `...` stands for anything. One that begins with `# NAME.yaml` is a whole
# profile, one that begins with `/* NAME.c */` a whole program.

# shellcheck disable=SC2034 # for who loads this
{
	page_run=$TOP/man/extrasafe.1
	page_language=$TOP/man/extrasafe-profile.5
	page_sets=$TOP/man/extrasafe-rulesets.7
	page_library=$TOP/man/libextrasafe.3
}

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

# The text of a subsection or section of a manual page.
section() {
	awk -v name="$2" '/^\.S[sh] / { inside = substr($0, 5) == name }
			  inside' "$1"
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
