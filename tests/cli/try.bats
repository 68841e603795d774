#!/usr/bin/env bats
# cmd/try, with a meson that only says what it is asked for: what it builds is
# built by tests/run as well.

load helpers

setup() {
	# A folder that every user can enter, unlike bats' own.
	dir=$(mktemp -d /tmp/extrasafe-try.XXXXXX)
	chmod 755 "$dir"
	mkdir -p "$dir/bin" "$dir/tree/cmd"
	cp "$TOP/cmd/try" "$dir/tree/cmd"
	local tool
	for tool in gcc ninja pkg-config; do
		ln -s /bin/true "$dir/bin/$tool"
	done
	cat >"$dir/bin/meson" <<-'END'
		#!/usr/bin/env bash
		echo "$1" >>"${0%/bin/*}/asked"
		case $1 in
		setup)
			[[ ! -e $2 ]] || exit 1
			mkdir -p "$2/meson-info" "$2/prefix/bin"
			printf '{"directories": {"source": "%s"}}\n' "$PWD" \
				>"$2/meson-info/meson-info.json"
			echo "$PWD" >"$2/build.ninja"
			;;
		install)
			[[ $(<"$3/build.ninja") == "$PWD" ]] || exit 1
			printf '#!/bin/sh\necho "ran $*"\n' \
				>"$3/prefix/bin/extrasafe"
			chmod 755 "$3/prefix/bin/extrasafe"
			;;
		esac
	END
	chmod 755 "$dir/bin/meson"
	export PATH=$dir/bin:$PATH
}

teardown() {
	rm -rf "$dir"
}

@test "try: builds once, and runs what it is given" {
	expect 0 "$dir/tree/cmd/try" -p compute -- true
	[[ $output == "ran run -p compute -- true" ]]
	expect 0 "$dir/tree/cmd/try" -p compute -- true
	[[ -z $stderr ]]
	[[ $(<"$dir/asked") == $'setup\ninstall\ninstall' ]]
}

@test "try: says where it leaves the command" {
	expect 0 "$dir/tree/cmd/try"
	contains "$output" "The command is in $dir/tree/build/release/prefix/bin."
}

@test "try: builds in a user's own tree in a folder that is not his" {
	[[ $EUID -ne 0 ]] || chown -R 65534:65534 "$dir/tree" "$dir/bin"
	[[ $EUID -ne 0 ]] || install -m 666 /dev/null "$dir/asked"
	[[ $EUID -eq 0 ]] || { : >"$dir/asked" && chmod a-w "$dir"; }
	expect 0 as_user "$dir/tree/cmd/try" -p compute -- true
	[[ $output == "ran run -p compute -- true" ]]
	expect 0 as_user "$dir/tree/cmd/try" -p compute -- true
	[[ $(<"$dir/asked") == $'setup\ninstall\ninstall' ]]
	chmod u+w "$dir"
}

@test "try: builds anew where the tree was moved" {
	expect 0 "$dir/tree/cmd/try" -p compute -- true
	mv "$dir/tree" "$dir/moved"
	expect 0 "$dir/moved/cmd/try" -p compute -- true
	[[ $output == "ran run -p compute -- true" ]]
	[[ $stderr == "cmd/try: building in $dir/moved/build/release; it may take a minute" ]]
	[[ $(<"$dir/asked") == $'setup\ninstall\nsetup\ninstall' ]]
}

@test "try: says so where the tree can't be written to" {
	[[ $EUID -eq 0 ]] || chmod -R a-w "$dir/tree"
	expect 1 as_user "$dir/tree/cmd/try" -p compute -- true
	[[ $stderr == "cmd/try: it builds in $dir/tree/build/release, where you can't write: run it in a copy of the tree that is yours" ]]
	[[ ! -e $dir/asked ]]
}

@test "try: runs what somebody else has built there" {
	expect 0 "$dir/tree/cmd/try" -p compute -- true
	[[ $EUID -eq 0 ]] || chmod -R a-w "$dir/tree"
	expect 0 as_user "$dir/tree/cmd/try" -p compute -- true
	[[ $output == "ran run -p compute -- true" && -z $stderr ]]
	[[ $(<"$dir/asked") == $'setup\ninstall' ]]
}
