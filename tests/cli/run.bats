#!/usr/bin/env bats
# The command line of `extrasafe` and `extrasafe run`; what a policy does to
# programs is tested elsewhere.

load helpers

@test "extrasafe: without arguments is wrong usage" {
	expect 2 xs
	[[ -z $output ]]
	[[ ${stderr_lines[0]} == "usage: extrasafe COMMAND [ARG...]" ]]
	[[ ${stderr_lines[1]} == "extrasafe: try 'extrasafe -h'" ]]
}

@test "extrasafe: -h and --help list the commands on one screen" {
	expect 0 xs -h
	local short=$output
	[[ -z $stderr ]]
	contains "$output" "  run  "
	contains "$output" "  check  "
	[[ ${#lines[@]} -le 24 ]]
	expect 0 xs --help
	[[ $output == "$short" ]]
}

@test "extrasafe: --version names the libraries" {
	expect 0 xs --version
	[[ -z $stderr ]]
	contains "$output" "extrasafe 0.1.0"
	contains "$output" "libyaml 0.2."
	contains "$output" "json-c 0."
}

@test "extrasafe: an unknown command is wrong usage" {
	expect 2 xs frobnicate
	contains "$stderr" "extrasafe: error: unknown command 'frobnicate'"
}

@test "extrasafe: a #! line without env -S is told what it lacks" {
	local script=$BATS_TEST_TMPDIR/script
	printf '#!%s run -p compute -- cat\n' "$EXTRASAFE" >"$script"
	chmod +x "$script"
	expect 2 "$script"
	contains "$stderr" "error: unknown command 'run -p compute -- cat'"
	contains "$stderr" "#!/usr/bin/env -S extrasafe'"
}

@test "extrasafe: a command of a later version says so" {
	for command in diff doctor explain export import learn; do
		expect 2 xs "$command" -x
		[[ $stderr == "extrasafe: error: '$command' is not available in this version" ]]
	done
}

@test "extrasafe: an unknown option is wrong usage" {
	expect 2 xs -z
	contains "$stderr" "extrasafe: error: unknown option '-z'"
	expect 2 xs --frobnicate=x run
	contains "$stderr" "extrasafe: error: unknown option '--frobnicate'"
}

@test "extrasafe: what it quotes can't steer a terminal" {
	expect 2 xs $'a\e[31mb'
	contains "$stderr" "unknown command 'a\\x1b[31mb'"
}

@test "run: -h tells every option, and nothing on standard error" {
	expect 0 xs run -h
	[[ -z $stderr ]]
	for option in -p --profile -a --allow --widen --deny --arm --dry-run \
		-v --verbose -h --help; do
		contains "$output" " $option"
	done
	[[ ${#lines[@]} -le 24 ]]
	for line in "${lines[@]}"; do
		[[ ${#line} -le 80 ]]
	done
}

@test "run: without a policy is wrong usage" {
	expect 2 xs run -- true
	[[ ${stderr_lines[0]} == "extrasafe: error: no policy: give -p PROFILE or -a FRAGMENT" ]]
	[[ ${stderr_lines[1]} == "extrasafe: try 'extrasafe run -h'" ]]
}

@test "run: without a program is wrong usage" {
	expect 2 xs run -p compute
	contains "$stderr" "extrasafe: error: no program to run"
	expect 2 xs run -p compute --
	contains "$stderr" "extrasafe: error: no program to run"
}

@test "run: an unknown option is wrong usage" {
	expect 2 xs run -p compute -z -- true
	contains "$stderr" "unknown option '-z'"
	expect 2 xs run -p compute --frobnicate -- true
	contains "$stderr" "unknown option '--frobnicate'"
	contains "$stderr" "try 'extrasafe run -h'"
}

@test "run: an option without its argument is wrong usage" {
	expect 2 xs run -p
	contains "$stderr" "option '-p' needs an argument: PROFILE"
	expect 2 xs run --widen
	contains "$stderr" "option '--widen' needs an argument: SET.WORD"
}

@test "run: an argument for an option that takes none is wrong usage" {
	expect 2 xs run -p compute --dry-run=yes -- true
	contains "$stderr" "option '--dry-run' takes no argument"
}

@test "run: options are not abbreviated" {
	expect 2 xs run --prof compute -- true
	contains "$stderr" "unknown option '--prof', did you mean '--profile'?"
	expect 2 xs run --prof=compute -- true
	contains "$stderr" "unknown option '--prof', did you mean '--profile'?"
	expect 2 xs run -p compute --dry -- true
	contains "$stderr" "unknown option '--dry', did you mean '--dry-run'?"
	# The beginning of several.
	expect 2 xs run --p compute -- true
	[[ ${stderr_lines[0]} == "extrasafe: error: unknown option '--p'" ]]
	expect 2 xs run -p compute --=x -- true
	[[ ${stderr_lines[0]} == "extrasafe: error: unknown option '--'" ]]
	expect 2 xs --vers
	contains "$stderr" "unknown option '--vers', did you mean '--version'?"
	expect 2 xs check --verb compute
	contains "$stderr" "unknown option '--verb', did you mean '--verbose'?"
	# In full they do, whatever stands before them.
	expect 0 xs run -vp compute --allow=Time.gettime --profile compute -- true
	expect 0 xs run --profile compute -- echo --prof
	[[ $output == --prof ]]
}

@test "run: options end at the program, whose own they are not" {
	expect 0 xs run -p compute -- echo -z --version -h
	[[ $output == "-z --version -h" ]]
	expect 0 xs run -p compute echo -p
	[[ $output == "-p" ]]
}

@test "run: the program's exit status is its own" {
	expect 0 xs run -p compute -- true
	expect 1 xs run -p compute -- false
}

@test "run: says nothing when all is well" {
	expect 0 xs run -p compute -- echo well
	[[ $output == well && -z $stderr ]]
}

@test "run: a profile that can't be read is 125" {
	expect 125 xs run -p "$BATS_TEST_TMPDIR/none.yaml" -- true
	contains "$stderr" "none.yaml"
	expect 125 xs run -p no-such-profile -- true
	contains "$stderr" "no-such-profile"
}

@test "run: a profile or fragment that is wrong is 125" {
	echo 'allow: [' >"$BATS_TEST_TMPDIR/bad.yaml"
	expect 125 xs run -p "$BATS_TEST_TMPDIR/bad.yaml" -- true
	contains "$stderr" "bad.yaml:"
	expect 125 xs run -p compute -a NoSuchSet.word -- true
	contains "$stderr" "NoSuchSet"
}

@test "run: a word that --deny, --arm or --widen can't have is wrong usage" {
	expect 2 xs run -p compute --deny EFROB -- true
	contains "$stderr" "EFROB"
	contains "$stderr" "extrasafe: try 'extrasafe run -h'"
	expect 2 xs run -p compute --arm never -- true
	contains "$stderr" "never"
	expect 2 xs run -p compute --widen NoSuchSet.word -- true
	contains "$stderr" "NoSuchSet"
	# It could have this one, if a profile had the limit.
	expect 125 xs run -a Time.gettime --widen SystemIO.stdin -- true
}

@test "run: every mistake of the command line is told in one run" {
	expect 2 xs run -a NoSuchSet.word --deny EFROB -a OtherSet.word -- true
	contains "$stderr" "NoSuchSet"
	contains "$stderr" "EFROB"
	contains "$stderr" "OtherSet"
	expect 125 xs run -a NoSuchSet.word -p no-such-profile -- true
	contains "$stderr" "NoSuchSet"
	contains "$stderr" "no-such-profile"
	expect 125 xs run -a NoSuchSet.word -- no-such-program-anywhere
	contains "$stderr" "NoSuchSet"
}

@test "run: -p and -a are read in the order written" {
	expect 125 xs run -a Time.first -p second-profile -a Time.third \
		-a FourthSet.x -- true
	local rest=${stderr#*first}
	contains "$rest" second-profile
	contains "${rest#*second-profile}" third
	# Whether there is a set of that name is known when all is read.
	contains "${rest#*third}" FourthSet
}

@test "run: a program that isn't found is 127" {
	expect 127 xs run -p compute -- no-such-program-anywhere
	contains "$stderr" "no-such-program-anywhere"
	expect 127 xs run -p compute -- "$BATS_TEST_TMPDIR/none"
}

@test "run: a program that can't be executed is 126" {
	echo true >"$BATS_TEST_TMPDIR/plain"
	expect 126 xs run -p compute -- "$BATS_TEST_TMPDIR/plain"
	contains "$stderr" "plain"
	expect 126 xs run -p compute -- "$BATS_TEST_TMPDIR"
}

@test "run: --dry-run tells each of Landlock's rules once" {
	printf '#!/bin/sh\ntrue\n' >"$BATS_TEST_TMPDIR/script"
	chmod +x "$BATS_TEST_TMPDIR/script"
	expect 0 xs run --dry-run -p parts/shell -- "$BATS_TEST_TMPDIR/script"
	contains "$output" "/etc/ld.so.cache: read_file"
	[[ -z $(sort <<<"$output" | uniq -d) ]]
	cd "$BATS_TEST_TMPDIR"
	expect 0 xs run -p parts/shell -a SystemIO.read_path=script -- ./script
}

@test "run: --dry-run tells on standard output, and starts nothing" {
	expect 0 xs run --dry-run -p compute -- touch "$BATS_TEST_TMPDIR/made"
	[[ -n $output && -z $stderr ]]
	[[ ! -e $BATS_TEST_TMPDIR/made ]]
}

@test "run: -v tells on standard error, and starts the program" {
	expect 0 xs run -v -p compute -- echo started
	[[ $output == started && -n $stderr ]]
}

@test "run: a dry run or help that can't be written is 125" {
	expect 125 bash -c '"$EXTRASAFE" run --dry-run -p compute -- true >/dev/full'
	contains "$stderr" "can't write to standard output"
	expect 125 bash -c '"$EXTRASAFE" run -h >/dev/full'
	contains "$stderr" "can't write to standard output: No space left on device"
	expect 125 bash -c '"$EXTRASAFE" run -h >&-'
	contains "$stderr" "can't write to standard output"
	expect 125 bash -c '"$EXTRASAFE" --version >/dev/full'
}

@test "run: works with standard error closed" {
	expect 0 bash -c '"$EXTRASAFE" run -p compute -- echo well 2>&-'
	[[ $output == well ]]
	expect 2 bash -c '"$EXTRASAFE" run -z 2>&-'
	expect 125 bash -c '"$EXTRASAFE" run -p no-such-profile -- true 2>&-'
}

@test "run: colour only on a terminal, and never with NO_COLOR" {
	local terminal=(script -qec "'$EXTRASAFE' run -p no-such -- true" /dev/null)
	expect 125 env -u NO_COLOR "${terminal[@]}"
	contains "$output" $'\e['
	expect 125 env NO_COLOR=1 "${terminal[@]}"
	[[ $output != *$'\e['* ]]
	expect 125 xs run -p no-such -- true
	[[ $stderr != *$'\e['* ]]
}

@test "run: what stands behind the program is told to be the program's" {
	expect 2 "$EXTRASAFE" run cat -p compute -- /etc/passwd
	contains "$stderr" "no policy: '-p' behind the program 'cat' is the program's"
	expect 2 "$EXTRASAFE" run --report told -p compute -- cat
	contains "$stderr" "; a report's file is given as --report=FILE"
	expect 2 "$EXTRASAFE" run cat
	contains "$stderr" "no policy: give -p PROFILE or -a FRAGMENT"
}

@test "extrasafe: commands and options that are near are told" {
	expect 2 "$EXTRASAFE" chek
	contains "$stderr" "unknown command 'chek', did you mean 'check'?"
	expect 2 "$EXTRASAFE" cat
	contains "$stderr" "unknown command 'cat'; a program is run by 'extrasafe run'"
	expect 2 "$EXTRASAFE" -p compute cat
	contains "$stderr" "options of a command stand behind it"
}
