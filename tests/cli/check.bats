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
	for option in -a --allow -v --verbose -h --help; do
		contains "$output" " $option"
	done
	for line in "${lines[@]}"; do
		[[ ${#line} -le 80 ]]
	done
}

@test "check: without a profile is wrong usage" {
	expect 2 xs check
	contains "$stderr" "nothing to check: name a PROFILE"
	contains "$stderr" "try 'extrasafe check -h'"
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
