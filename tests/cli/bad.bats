#!/usr/bin/env bats
# What is wrong is told at its place, and nothing is started. What can be a file
# is a pair in tests/data/bad: a profile and exactly what is said of it.

load helpers

setup() {
	# A folder that every user can enter, unlike bats' own.
	dir=$(mktemp -d /tmp/extrasafe-bad.XXXXXX)
	chmod 755 "$dir"
	cd "$dir" || return
	canary=$dir/canary
	well='SystemIO: [stdout, stderr]'
	unset XDG_CONFIG_HOME
	export HOME=$dir/home
}

teardown() {
	rm -rf "$dir"
}

# profile NAME < allowed: writes NAME.yaml with these lines under `allow`.
profile() {
	{
		printf 'extrasafe: 1\nallow:\n'
		sed 's/^/  /'
	} >"$1.yaml"
}

# refused PART ARG...: `run` with these arguments is 125, says PART, and starts
# nothing.
refused() {
	local part=$1
	shift
	expect 125 timeout 60 "$EXTRASAFE" run "$@" -- touch "$canary"
	contains "$stderr" "$part"
	[[ -z $output && ! -e $canary ]]
}

# misused PART ARG...: the same for what is wrong usage, whatever the profiles.
misused() {
	local part=$1
	shift
	expect 2 timeout 60 "$EXTRASAFE" run "$@" -- touch "$canary"
	contains "$stderr" "$part"
	contains "$stderr" "try 'extrasafe run -h'"
	[[ -z $output && ! -e $canary ]]
}

# wrong PART FILE...: both `check` and `run` say PART.
wrong() {
	local part=$1 file
	shift
	expect 1 timeout 60 "$EXTRASAFE" check "$@"
	contains "$stderr" "$part"
	local files=()
	for file; do
		files+=(-p "$file")
	done
	refused "$part" "${files[@]}"
}

# fine FILE...: the twin of `wrong`.
fine() {
	expect 0 timeout 60 "$EXTRASAFE" check "$@"
	[[ $stderr != *error:* ]]
}

# as_other COMMAND...: as a user who is not root, with a copy of the command
# that this user can reach.
as_other() {
	[[ -e $dir/xs ]] || cp "$EXTRASAFE" "$dir/xs"
	as_user "$@"
}

needs_root() {
	[[ $EUID -eq 0 ]] || skip "needs root"
}

# What differs between two texts, for the one who looks why a test failed.
same() {
	[[ $1 == "$2" ]] || diff <(printf '%s\n' "$1") <(printf '%s\n' "$2")
}

# --- the pairs -------------------------------------------------------------

@test "bad: check says of each bad profile what stands beside it" {
	cd "$TOP"
	local file failed=0 count=0
	for file in tests/data/bad/*.yaml; do
		expect 1 timeout 60 "$EXTRASAFE" check "$file" || failed=1
		same "$stderr" "$(<"${file%.yaml}.err")" || failed=1
		[[ -z $output ]] || failed=1
		count=$((count + 1))
	done
	[[ $failed -eq 0 && $count -ge 100 ]]
}

@test "bad: run says the same, and starts nothing" {
	cd "$TOP"
	local file failed=0
	for file in tests/data/bad/*.yaml; do
		expect 125 timeout 60 "$EXTRASAFE" run -p "$file" -- \
			touch "$canary" 5</dev/null 6</dev/null || failed=1
		same "$stderr" "$(<"${file%.yaml}.err")" || failed=1
		[[ -z $output ]] || failed=1
	done
	[[ $failed -eq 0 && ! -e $canary ]]
	# That the canary can sing at all:
	expect 0 xs run -a SystemIO.everything -- touch "$canary"
	[[ -e $canary ]]
}

@test "bad: each good profile passes with nothing but warnings" {
	cd "$TOP"
	local file failed=0 count=0
	for file in tests/data/good/*.yaml; do
		expect 0 timeout 60 "$EXTRASAFE" check "$file" || failed=1
		[[ $stderr != *error:* && $stderr != *note:* ]] || failed=1
		[[ -z $output ]] || failed=1
		expect 0 timeout 60 "$EXTRASAFE" run --dry-run -p "$file" -- \
			true 5</dev/null 6</dev/null 8</dev/null || failed=1
		count=$((count + 1))
	done
	[[ $failed -eq 0 && $count -ge 40 ]]
}

# --- what is no profile's text ---------------------------------------------

@test "bad: a FIFO is refused at once" {
	mkfifo fifo.yaml
	wrong "profile 'fifo.yaml' is not a regular file" fifo.yaml
}

# fifo_profile NAME PURPOSE: a profile that hands over ./fifo as descriptor 3.
fifo_profile() {
	printf '%s\n' 'extrasafe: 1' "fds: {f: {open: fifo, for: $2}}" \
		'allow: {SystemIO: everything}' >"$1.yaml"
}

@test "bad: a FIFO that is handed over never keeps the start waiting" {
	mkfifo fifo
	fifo_profile reads read
	refused "reads.yaml:2:7: error: '$dir/fifo' is a FIFO, which ends" \
		-p reads.yaml
	fifo_profile writes write
	refused "writes.yaml:2:7: error: '$dir/fifo' can't be opened: it is a" \
		-p writes.yaml
	# With a reader, or one's own, it is handed over, and waits as it should.
	local flags='while read -r name value; do
		[ $name != flags: ] || echo $value; done <&4'
	cat fifo >said &
	expect 0 timeout 60 "$EXTRASAFE" run -p writes.yaml -- \
		dash -c "exec 4</proc/self/fdinfo/3; echo well >&3; $flags"
	[[ $output == 0100001 ]]
	wait $!
	[[ $(<said) == well ]]
	fifo_profile both read_write
	expect 0 timeout 60 "$EXTRASAFE" run -p both.yaml -- \
		dash -c "exec 4</proc/self/fdinfo/3; echo well >&3; $flags;
			read -r line <&3; echo \$line"
	[[ $output == $'0100002\nwell' ]]
}

@test "bad: a folder, a device and a socket are refused" {
	mkdir folder.yaml
	wrong "profile 'folder.yaml' is not a regular file" folder.yaml
	wrong "profile '/dev/null' is not a regular file" /dev/null
	wrong "profile '/dev/zero' is not a regular file" /dev/zero
}

@test "bad: a file that can't be read is 125, from check too" {
	needs_root
	profile closed <<<"$well"
	chmod 600 closed.yaml
	expect 125 as_other "$dir/xs" check closed.yaml
	contains "$stderr" "can't read profile 'closed.yaml': Permission denied"
	expect 125 as_other "$dir/xs" run -p closed.yaml -- touch "$canary"
	contains "$stderr" "can't read profile 'closed.yaml': Permission denied"
	chmod 644 closed.yaml
	expect 0 as_other "$dir/xs" check closed.yaml
}

@test "bad: an include that can't be read is a mistake of the one above" {
	printf 'extrasafe: 1\ninclude: [closed.yaml]\n' >above.yaml
	wrong "above.yaml:2:11: error: can't read profile 'closed.yaml': No such" \
		above.yaml
	profile closed <<<"$well"
	fine above.yaml
}

@test "bad: a file may have 1 MiB, and not a byte more" {
	profile big <<<"$well"
	local size
	size=$(stat -c %s big.yaml)
	{
		printf '#'
		head -c $((1048576 - size - 2)) /dev/zero | tr '\0' x
		printf '\n'
	} >>big.yaml
	[[ $(stat -c %s big.yaml) -eq 1048576 ]]
	fine big.yaml
	printf '\n' >>big.yaml
	wrong "profile 'big.yaml' has 1048577 bytes; the limit is 1048576" \
		big.yaml
}

@test "bad: a text may have 64 KiB, and not a byte more" {
	profile long <<<"$well"
	printf 'about: ' >>long.yaml
	head -c 65536 /dev/zero | tr '\0' x >>long.yaml
	fine long.yaml
	printf 'x\n' >>long.yaml
	wrong "long.yaml:4:8: error: text of 65537 bytes; the limit is 65536" \
		long.yaml
}

# nested DEPTH: a path as deep as DEPTH levels.
nested() {
	local i value=/usr
	for ((i = 4; i < $1; i++)); do
		value="{path: $value}"
	done
	profile deep <<<"SystemIO: [{read_path: $value}]"
}

@test "bad: nesting may be 16 levels deep, and not 17" {
	nested 16
	fine deep.yaml
	nested 17
	wrong "error: nested deeper than 16 levels" deep.yaml
}

# includes N: a profile with N includes.
includes() {
	local i
	printf 'extrasafe: 1\ninclude:\n' >many.yaml
	for ((i = 0; i < $1; i++)); do
		profile "one$i" <<<"$well"
		printf '  - one%d.yaml\n' "$i" >>many.yaml
	done
}

@test "bad: there may be 32 includes, and not 33" {
	includes 32
	fine many.yaml
	includes 40
	wrong "many.yaml:35:5: error: more than 32 includes" many.yaml
	[[ $(grep -c error: <<<"$stderr") -eq 1 ]]
}

@test "bad: bombs of brackets and of keys are refused fast" {
	head -c 100000 /dev/zero | tr '\0' '[' >brackets.yaml
	sed 's/\[/{a: /g' brackets.yaml >braces.yaml
	{
		echo 'extrasafe: 1'
		seq -f 'k%.0f: 1' 100000
	} | head -c 1048570 >keys.yaml
	printf 'extrasafe: 1\nallow: {SystemIO: [{read: {fds: [' >fds.yaml
	seq -s , 0 2 200000 >>fds.yaml
	echo ']}}]}' >>fds.yaml
	profile paths < <(
		echo SystemIO:
		seq -f '- read_path: /usr # %.0f' 20000
	)
	expect 1 timeout 30 "$EXTRASAFE" check keys.yaml
	[[ ${#stderr_lines[@]} -eq 301 ]]
	contains "$stderr" "99900 more errors are not shown"
	wrong "nested deeper than 16 levels" braces.yaml
	wrong "nested deeper than 16 levels" brackets.yaml
	wrong "more than 1024 descriptors" fds.yaml
	wrong "more than 4096 permissions" paths.yaml
}

@test "bad: a thousand paths are fine, and fast" {
	mkdir many
	(cd many && seq 1000 | xargs mkdir)
	profile paths < <(
		echo SystemIO:
		seq -f '- read_path: many/%.0f' 1000
	)
	expect 0 timeout 20 "$EXTRASAFE" check paths.yaml
	rmdir many/500
	wrong "paths.yaml:503:16: error: '$dir/many/500': No such file" paths.yaml
}

@test "bad: notes tell a loop of includes file by file" {
	printf 'extrasafe: 1\ninclude: [two.yaml]\n' >one.yaml
	printf 'extrasafe: 1\ninclude:\n  - three.yaml\n' >two.yaml
	printf 'extrasafe: 1\ninclude: one.yaml\n' >three.yaml
	wrong "three.yaml:2:10: error: a loop of includes, back to 'one.yaml'
two.yaml:3:5: note: 'three.yaml' is included here
one.yaml:2:11: note: 'two.yaml' is included here" one.yaml
	ln -s one.yaml alias.yaml
	printf 'extrasafe: 1\ninclude: alias.yaml\n' >three.yaml
	wrong "a loop of includes, back to 'alias.yaml'" one.yaml
	profile three <<<"$well"
	fine one.yaml
}

# --- fragments -------------------------------------------------------------

@test "bad: a fragment's mistakes have their places" {
	refused "-a:1:12: error: unknown permission 'stdot', did you mean" \
		-a 'SystemIO: [stdot]'
	refused "-a:1:10: error: unknown permission 'stdot', did you mean" \
		-a SystemIO.stdot
	refused "-a:1:1: error: unknown rule set 'Frob'" -a Frob.x
	refused "-a:1:20: error: '/no/such': No such file" \
		-a SystemIO.read_path=/no/such
	refused "-a:1:20: error: a path is expected here" -a SystemIO.read_path=
	refused "-a:1:20: error: a descriptor is from 0 to 2147483647, not" \
		-a SystemIO.file_read=4294967297
	refused "-a:1:1: error: empty document" -a ''
	refused "-a:1:1: error: a map of rule sets is expected here" -a stdout
	contains "$stderr" "'stdout' is a permission of SystemIO: SystemIO.stdout"
	refused "'create' is a permission of Pipes: Pipes.create" -a create=1
	contains "$stderr" "'create' is a permission of Threads: Threads.create"
	refused "-a:1:1: note: a blank is missing behind 'SystemIO:'" \
		-a SystemIO:stdout
	refused "-a:1:1: error: 'deny' is no rule set, but a key of a profile's" \
		-a 'deny: EPERM'
	refused "-a:1:11: error: anchor '&x' is not allowed" -a 'SystemIO: &x [a]'
	refused "-a:1:11: error: byte '\\xff' is not UTF-8" -a $'SystemIO: \xff'
	expect 0 xs run -a "$well" -- echo well
	[[ $output == well ]]
}

@test "bad: fragments are told apart" {
	refused "-a:1:10: error: unknown permission 'stdot'" \
		-a SystemIO.stdot -a Time.getime
	contains "$stderr" "-a#2:1:6: error: unknown permission 'getime'"
	refused "-a:1:10: error: SystemIO.stdout has no effect" \
		-a SystemIO.stdout -a Time.sleep -a SystemIO.write
	contains "$stderr" "-a#3:1:10: note: SystemIO.write is allowed here"
}

@test "bad: a fragment and a file are united, and told together" {
	profile only <<<"SystemIO: [stdout]"
	refused "only.yaml:3:14: error: SystemIO.stdout has no effect" \
		-p only.yaml -a SystemIO.write
	contains "$stderr" "-a:1:10: note: SystemIO.write is allowed here"
	contains "$stderr" "or give --widen SystemIO.stdout"
	expect 0 xs run -p only.yaml -a 'SystemIO: [write, close]' \
		--widen SystemIO.stdout -- echo well
	[[ $output == well ]]
}

@test "bad: a profile that is given twice is read once" {
	printf 'extrasafe: 1\nfds: {data: {inherit: 5}}\nallow:\n  %s\n' \
		"$well" >twice.yaml
	ln -s twice.yaml link.yaml
	expect 0 xs run -p twice.yaml -p "$dir/twice.yaml" -p link.yaml -- \
		echo well 5</dev/null
	[[ $output == well ]]
	cp twice.yaml copy.yaml
	wrong "copy.yaml:2:7: error: descriptor 'data' is given twice" \
		twice.yaml copy.yaml
}

# --- hostile bytes ---------------------------------------------------------

@test "bad: nothing that is quoted can steer a terminal" {
	local escape=$'\e[31m'
	profile "a${escape}b" <<<'SystemIO: [stdot]'
	wrong 'a\x1b[31mb.yaml:3:14: error: ' "a${escape}b.yaml"
	profile hostile <<<'"System\e[31m\u202eIO": [stdout]'
	wrong 'System\x1b[31m\xe2\x80\xaeIO' hostile.yaml
	profile hostile <<<'SystemIO: [{read_path: "/no\r\n\u009b2J"}]'
	wrong '/no\x0d\x0a\xc2\x9b2J' hostile.yaml
	refused '/no\x1b[31m' -a "SystemIO.read_path=/no$escape"
	expect 127 xs run -a "$well" -- "./no$escape"
	[[ $stderr != *$'\e'* ]]
	refused 'no profile is named' -p "no$escape"
	[[ $stderr != *$'\e'* && $stderr == *'no\x1b[31m'* ]]
	misused "'deny' is" --deny "$escape" -a "$well"
	[[ $stderr != *$'\e'* ]]
}

@test "bad: with standard error closed the status is all that is told" {
	profile wrong <<<'SystemIO: [stdot]'
	expect 1 bash -c '"$EXTRASAFE" check wrong.yaml 2>&-'
	expect 125 bash -c '"$EXTRASAFE" run -p wrong.yaml -- touch canary 2>&-'
	[[ -z $output && ! -e $canary ]]
	expect 1 bash -c '"$EXTRASAFE" check wrong.yaml 2>&- 1>&- 0<&-'
}

# --- the command line ------------------------------------------------------

@test "bad: --deny is an errno's name, kill, kill_thread or trap" {
	local bad
	for bad in 0 13 -1 4096 ENOTANERRNO eperm ''; do
		misused "error: 'deny' is an errno" --deny="$bad" -a "$well"
	done
	misused "that would tell the program that all went well" --deny 0 \
		-a "$well"
	misused "did you mean 'EPERM'" --deny EPREM -a "$well"
	expect 1 xs run --deny EACCES -a "$well" -- cat /etc/passwd
	contains "$stderr" "ermission denied"
}

@test "bad: --deny goes before what profiles say, but not before mistakes" {
	printf 'extrasafe: 1\ndeny: kill\nallow: {%s}\n' "$well" >kill.yaml
	printf 'extrasafe: 1\ndeny: trap\nallow: {%s}\n' "$well" >trap.yaml
	wrong "trap.yaml:2:7: error: 'deny: trap' contradicts 'deny: kill'" \
		kill.yaml trap.yaml
	expect 0 xs run --deny EPERM -p kill.yaml -p trap.yaml -- echo well
	[[ $output == well ]]
	printf 'extrasafe: 1\ndeny: 0\nallow: {%s}\n' "$well" >trap.yaml
	refused "trap.yaml:2:7: error: 'deny' is an errno" --deny EPERM \
		-p trap.yaml
}

@test "bad: --arm knows auto, entry and exec" {
	local moment
	misused "'arm' is 'auto', 'entry' or 'exec', not 'never'" --arm never \
		-a "$well"
	misused "not 'exce', did you mean 'exec'?" --arm exce -a "$well"
	for moment in auto entry exec; do
		expect 0 xs run --arm "$moment" -a "$well" -- true
	done
}

@test "bad: --widen takes back what is a limit" {
	misused "unknown rule set 'Frob'" --widen Frob.x -a "$well"
	misused "unknown permission 'stdot', did you mean 'stdout'?" \
		--widen SystemIO.stdot -a "$well"
	misused "'stdout' is no SET.WORD" --widen stdout -a "$well"
	refused "no profile has a limit SystemIO.stdin to take back" \
		--widen SystemIO.stdin -a "$well"
	refused "Time.gettime is no limit that could be taken back" \
		--widen Time.gettime -a Time.gettime
	expect 0 xs run --widen SystemIO.stdout -a "$well" -- true
}

@test "bad: an unknown option starts nothing" {
	local option
	for option in --frobnicate -z --reports --permissive=x; do
		expect 2 xs run "$option" -a "$well" -- touch "$canary"
		contains "$stderr" "option '"
	done
	[[ ! -e $canary ]]
}

# --- names and folders -----------------------------------------------------

# named FOLDER NAME: puts a profile there whose mistake tells where it is.
named() {
	mkdir -p "$1"
	printf 'extrasafe: 1\nfrobnicate: 1\n' >"$1/$2.yaml"
}

@test "bad: a name is looked up in the user's folder before the installed" {
	expect 0 xs check compute
	named home/.config/extrasafe/profiles compute
	expect 1 xs check compute
	contains "$stderr" "$HOME/.config/extrasafe/profiles/compute.yaml:2:1"
	expect 1 env -u XDG_CONFIG_HOME "$EXTRASAFE" check compute
	expect 0 env XDG_CONFIG_HOME="$dir/none" "$EXTRASAFE" check compute
	named xdg/extrasafe/profiles compute
	expect 1 env XDG_CONFIG_HOME="$dir/xdg" "$EXTRASAFE" check compute
	contains "$stderr" "$dir/xdg/extrasafe/profiles/compute.yaml:2:1"
	expect 1 env XDG_CONFIG_HOME=relative "$EXTRASAFE" check compute
	contains "$stderr" "$HOME/.config/extrasafe/profiles/compute.yaml:2:1"
	expect 0 env -u HOME "$EXTRASAFE" check compute
}

# reads FOLDER FILE [NAME]: puts a profile there that includes NAME, or one that
# gives all that this version has.
reads() {
	mkdir -p "$(dirname "$1/$2")"
	if [[ $# -gt 2 ]]; then
		printf 'extrasafe: 1\ninclude: [%s]\n' "$3"
	else
		printf 'extrasafe: 1\nallow: {SystemIO: all, Threads: all}\n'
	fi >"$1/$2"
}

# calls ARG...: how many system calls `check` finds allowed.
calls() {
	xs check --json "$@" | jq .summary.calls
}

@test "bad: nobody's own profiles become parts of installed ones" {
	local own=$HOME/.config/extrasafe/profiles installed lean plain wide name
	installed=$(xs list --json profiles |
		jq -r '.profiles[] | select(.name == "reader").folder')
	plain=$(calls reader)
	lean=$(calls "$installed/parts/stdio.yaml")
	for name in stdio locale; do
		reads "$own" "parts/$name.yaml"
	done
	wide=$(calls "$own/parts/stdio.yaml")
	[[ $wide -gt $lean ]]

	# By name, by path, by a link, and by a file that includes it.
	[[ $(calls reader) == "$plain" ]]
	[[ $(calls "$installed/reader.yaml") == "$plain" ]]
	ln -s "$installed/reader.yaml" link.yaml
	[[ $(calls link.yaml) == "$plain" ]]
	ln -s "$installed" folder
	[[ $(calls folder/reader.yaml) == "$plain" ]]
	reads . above.yaml "$installed/reader.yaml"
	[[ $(calls above.yaml) == "$plain" ]]
	reads . above.yaml reader
	[[ $(calls above.yaml) == "$plain" ]]

	# What is the user's own, or lies elsewhere, finds the own parts.
	reads "$own" mine.yaml parts/stdio
	[[ $(calls mine) == "$wide" ]]
	[[ $(calls "$own/mine.yaml") == "$wide" ]]
	reads . mine.yaml parts/stdio
	[[ $(calls mine.yaml) == "$wide" ]]
	rm -r "$own/parts"
	[[ $(calls mine) == "$lean" ]]
	[[ $(calls mine.yaml) == "$lean" ]]

	# And a name on the command line is the user's own first.
	[[ $(calls reader) == "$plain" ]]
	reads "$own" reader.yaml
	[[ $(calls reader) == "$wide" ]]
	[[ $(calls "$installed/reader.yaml") == "$plain" ]]
}

@test "bad: the machine's profiles have its parts, then installed ones" {
	local own=$HOME/.config/extrasafe/profiles etc=/etc/extrasafe/profiles
	local installed wide lean
	skip_without bwrap
	bwrap --dev-bind / / true || skip "bwrap can't make a namespace here"
	# What a profile of a folder includes by path is taken as that one.
	reads "$own" parts/stdio.yaml
	reads "$own" parts/own.yaml
	reads profiles web.yaml parts/stdio
	reads profiles path.yaml "$dir/deep.yaml"
	reads profiles other.yaml parts/own
	reads . deep.yaml parts/stdio
	installed=$(xs list --json profiles |
		jq -r '.profiles[] | select(.name == "reader").folder')
	wide=$(calls "$own/parts/stdio.yaml")
	lean=$(calls "$installed/parts/stdio.yaml")
	[[ $wide -gt $lean ]]
	xs() {
		bwrap --dev-bind / / --tmpfs /etc --dir /etc/extrasafe \
			--bind "$dir/profiles" /etc/extrasafe/profiles \
			"$EXTRASAFE" "$@"
	}
	[[ $(calls web) == "$lean" ]]
	[[ $(calls "$etc/web.yaml") == "$lean" ]]
	[[ $(calls path) == "$lean" ]]
	[[ $(calls "$etc/path.yaml") == "$lean" ]]
	[[ $(calls deep.yaml) == "$wide" ]]
	expect 1 xs check other
	contains "$stderr" "note: none in '$etc'"
	[[ $stderr != *"none in '$HOME"* ]]
	# Its own parts go before the installed ones.
	reads profiles parts/stdio.yaml
	[[ $(calls web) == "$wide" ]]
}

@test "bad: a name is no path, and a path no name" {
	named home/.config/extrasafe/profiles own
	profile own <<<"$well"
	expect 1 xs check own
	fine own.yaml
	fine ./own.yaml
	expect 125 xs check deep/own
	contains "$stderr" "no profile is named 'deep/own'"
	mkdir deep
	printf 'extrasafe: 1\nallow: {%s}\n' "$well" >deep/own
	expect 125 xs check deep/own
	contains "$stderr" "as ./deep/own"
	fine ./deep/own
	named home/.config/extrasafe/profiles/deep own
	expect 1 xs check deep/own
	contains "$stderr" "$HOME/.config/extrasafe/profiles/deep/own.yaml:2:1"
	refused "no profile is named 'no-such'" -p no-such
	contains "$stderr" "note: none in '$HOME/.config/extrasafe/profiles'"
	contains "$stderr" "note: none in '/etc/extrasafe/profiles'"
	contains "$stderr" "as ./no-such"
	refused "no profile is named ''" -p ''
	refused "can't read profile '../no-such.yaml': No such file" \
		-p ../no-such.yaml
}

@test "bad: how a profile is named is told where one is near" {
	refused "no profile is named 'readr', did you mean 'reader'?" -p readr
	refused "no profile is named 'parts/stido', did you mean 'parts/stdio'?" \
		-p parts/stido
	printf 'extrasafe: 1\ninclude: [part/stdio]\n' >near.yaml
	wrong "near.yaml:2:11: error: no profile is named 'part/stdio', did you mean 'parts/stdio'?" \
		near.yaml
	rm near.yaml
	refused "note: this is one path; for several, repeat -a" \
		-a SystemIO.read_path=/etc,/usr
	profile comma <<<"SystemIO: {read_path: '/etc,/usr'}"
	expect 1 xs check comma.yaml
	[[ $stderr != *"repeat -a"* ]]
	refused "no profile is named 'no-such'" -p no-such
	contains "$stderr" "a file is given with its folder or '.yaml', as ./no-s"
	profile no-such <<<"$well"
	refused "there is './no-such.yaml': give it with '.yaml'" -p no-such
	[[ $stderr != *"a file is given"* ]]
	refused "there is './no-such.yaml': give it with '.yaml'" -p ./no-such
	expect 0 xs run -p no-such.yaml -- echo well
	expect 0 xs run -p parts/stdio -- echo well
	refused "no profile is named 'parts/none'" -p parts/none
	refused "can't read profile 'reader.yaml': No such file" -p reader.yaml
	contains "$stderr" "is a path; there is '/"
	contains "$stderr" "/reader.yaml': give its name without '.yaml'"
	refused "can't read profile 'none.yaml': No such file" -p none.yaml
	[[ $stderr != *"note:"* ]]
}

@test "bad: a profile that can't be looked for is not passed over" {
	mkdir -p open/extrasafe/profiles shut/extrasafe/profiles \
		link/extrasafe/profiles
	chmod -R go+rX open shut link
	chmod 700 shut/extrasafe/profiles
	ln -s nowhere link/extrasafe/profiles/compute.yaml
	as_other true
	expect 0 env XDG_CONFIG_HOME="$PWD/open" "$EXTRASAFE" run -p compute \
		-- true
	expect 125 env XDG_CONFIG_HOME="$PWD/link" "$EXTRASAFE" run -p compute \
		-- true
	contains "$stderr" "compute.yaml': No such file"
	needs_root
	expect 125 as_other env XDG_CONFIG_HOME="$PWD/shut" "$dir/xs" run \
		-p compute -- true
	contains "$stderr" "shut/extrasafe/profiles/compute.yaml': Permission"
	contains "$stderr" "note: can't look into '$PWD/shut/extrasafe/profiles' a"
	contains "$stderr" "set XDG_CONFIG_HOME to the user's own, or unset it"
	mkdir shut/.config
	mv shut/extrasafe shut/.config
	expect 125 as_other env HOME="$PWD/shut" "$dir/xs" run -p compute \
		-- true
	contains "$stderr" "set HOME to the user's own, or unset it"
	expect 0 as_other env -u HOME "$dir/xs" run -p compute -- true
	# Nothing is told of files there that may not be.
	expect 125 as_other env HOME="$PWD/shut" "$dir/xs" run -p none.yaml \
		-- true
	[[ $stderr != *note:* ]]
	printf 'extrasafe: 1\nallow: {%s}\n' "$well" >own.yaml
	chmod 600 own.yaml
	expect 125 as_other env HOME="$PWD/shut" "$dir/xs" run -p own.yaml \
		-- true
	contains "$stderr" "can't read profile 'own.yaml': Permission denied"
	[[ $stderr != *note:* ]]
	# A file of one's own that may not be read is another mistake.
	mkdir -p open/.config/extrasafe/profiles
	mv own.yaml open/.config/extrasafe/profiles
	expect 125 as_other env HOME="$PWD/open" "$dir/xs" run -p own -- true
	[[ $stderr == *"own.yaml': Permission denied"* && $stderr != *note:* ]]
}

@test "bad: an include finds names, and files beside the one above" {
	mkdir -p home/.config/extrasafe/profiles/parts sub
	printf 'extrasafe: 1\nallow: {%s}\n' "$well" |
		tee home/.config/extrasafe/profiles/parts/own.yaml >sub/own.yaml
	printf 'extrasafe: 1\ninclude: [parts/own, own.yaml, ./own.yaml]\n' \
		>sub/above.yaml
	fine sub/above.yaml
	expect 0 xs run -p sub/above.yaml -- echo well
	printf 'extrasafe: 1\ninclude: [parts/none]\n' >sub/above.yaml
	wrong "sub/above.yaml:2:11: error: no profile is named 'parts/none'" \
		sub/above.yaml
	printf 'extrasafe: 1\ninclude: [own.yaml]\n' >sub/above.yaml
	cd sub
	fine above.yaml
	mv own.yaml elsewhere.yaml
	wrong "above.yaml:2:11: error: can't read profile 'own.yaml'" above.yaml
}

@test "bad: \${HOME} that is unset or everything is refused" {
	local bad
	profile home <<<'SystemIO: [{read_path: "${HOME}"}]'
	mkdir -p "$HOME"
	fine home.yaml
	expect 1 env -u HOME "$EXTRASAFE" check home.yaml
	contains "$stderr" "home.yaml:3:26: error: '\${HOME}' is not set"
	for bad in / // /. /usr/.. /proc/self/root; do
		expect 1 env HOME="$bad" "$EXTRASAFE" check home.yaml
		contains "$stderr" \
			"'\${HOME}' is '/' here, which would be every file"
	done
	expect 1 env HOME=home "$EXTRASAFE" check home.yaml
	contains "$stderr" "'\${HOME}' is no absolute path"
}

@test "bad: \${CWD}, \${TMPDIR} and \${XDG_RUNTIME_DIR}" {
	profile cwd <<<'SystemIO: [{read_path: "${CWD}/sub"}]'
	wrong "cwd.yaml:3:26: error: '$dir/sub': No such file" cwd.yaml
	mkdir sub
	fine cwd.yaml
	(cd / && expect 1 xs check "$dir/cwd.yaml" &&
		contains "$stderr" "'\${CWD}' is '/' here")
	profile tmp <<<'SystemIO: [{read_path: "${TMPDIR}"}]'
	expect 0 env -u TMPDIR "$EXTRASAFE" check tmp.yaml
	expect 0 env TMPDIR= "$EXTRASAFE" check tmp.yaml
	expect 0 env TMPDIR="$dir" "$EXTRASAFE" check tmp.yaml
	expect 1 env TMPDIR=/no/such "$EXTRASAFE" check tmp.yaml
	profile runtime <<<'SystemIO: [{read_path: "${XDG_RUNTIME_DIR}"}]'
	expect 1 env -u XDG_RUNTIME_DIR "$EXTRASAFE" check runtime.yaml
	contains "$stderr" "'\${XDG_RUNTIME_DIR}' is not set"
	expect 0 env XDG_RUNTIME_DIR="$dir" "$EXTRASAFE" check runtime.yaml
}

@test "bad: in a removed working directory, only what needs it is refused" {
	profile absolute <<<"$well"
	profile relative <<<'SystemIO: [{read_path: "${CWD}"}]'
	mkdir gone
	cd gone
	rmdir ../gone
	refused "-a:1:20: error: 'x' is relative, and the working directory" \
		-a SystemIO.read_path=x
	refused "'\${CWD}' is gone: the working directory was removed" \
		-p "$dir/relative.yaml"
	refused "can't read profile 'x.yaml': No such file" -p x.yaml
	expect 0 xs run -p "$dir/absolute.yaml" -a SystemIO.read_path=/usr -- \
		/bin/echo well
	[[ $output == well ]]
}

@test "bad: a descriptor that is to be inherited must be open" {
	printf 'extrasafe: 1\nfds: {data: {inherit: 9}}\nallow: {%s}\n' \
		"$well" >inherit.yaml
	fine inherit.yaml
	refused "inherit.yaml:2:7: error: descriptor 9 is to be inherited, but" \
		-p inherit.yaml
	expect 0 xs run -p inherit.yaml -- echo well 9</dev/null
	[[ $output == well ]]
}

@test "bad: a file of fds that can't be opened starts nothing" {
	printf 'extrasafe: 1\nfds: {data: {open: none, for: read}}\nallow: {%s}\n' \
		"$well" >open.yaml
	fine open.yaml
	refused "open.yaml:2:7: error: '$dir/none': No such file" -p open.yaml
	echo >none
	expect 0 xs run -p open.yaml -- echo well
	[[ $output == well ]]
}

# --- the surroundings ------------------------------------------------------

@test "bad: run set-user-id, everything is refused" {
	needs_root
	as_other true
	chmod 4755 "$dir/xs"
	! findmnt -nro OPTIONS -T "$dir" | grep -qw nosuid ||
		skip "$dir is mounted nosuid"
	echo 'secret: 1' >secret.yaml
	chmod 600 secret.yaml
	local part="not to be run set-user-id"
	expect 125 as_other "$dir/xs" run -a "$well" -- touch "$canary"
	contains "$stderr" "$part"
	expect 125 as_other "$dir/xs" run -p secret.yaml -- touch "$canary"
	contains "$stderr" "$part"
	[[ $stderr != *secret:* && ! -e $canary ]]
	expect 125 as_other "$dir/xs" check secret.yaml
	contains "$stderr" "$part"
	[[ $stderr != *secret:* ]]
	expect 125 as_other "$dir/xs" check -a SystemIO.read_path=/root/none
	[[ $stderr != *"/root/none"* ]]
	expect 125 as_other "$dir/xs" run --deny bad -p secret.yaml -- true
	[[ $stderr != *secret:* ]]
	chmod 755 "$dir/xs"
	expect 0 as_other "$dir/xs" run -a "$well" -- echo well
	[[ $output == well ]]
}

# on_kernel_without CALL... -- COMMAND...
on_kernel_without() {
	"$ES_PROG/without" "$@"
}

@test "bad: a kernel without seccomp or Landlock is told, and starts nothing" {
	local call
	for call in seccomp landlock_add_rule landlock_restrict_self prctl; do
		expect 125 on_kernel_without "$call" -- "$EXTRASAFE" run \
			-a "$well" -- touch "$canary"
		[[ ${#stderr_lines[@]} -eq 1 ]]
		contains "$stderr" "extrasafe: error: "
		[[ ! -e $canary ]]
	done
	expect 125 on_kernel_without seccomp -- "$EXTRASAFE" run -a "$well" -- true
	contains "$stderr" "seccomp filters can't be had here"
	expect 125 on_kernel_without landlock_create_ruleset -- "$EXTRASAFE" \
		check -a "$well" -a SystemIO.read_path=/etc
	contains "$stderr" "error: Landlock can't be had here"
	# Where nothing takes it, it is not missed (landlock.bats).
	expect 0 on_kernel_without landlock_create_ruleset -- "$EXTRASAFE" \
		check -a "$well"
	contains "$stderr" "warning: Landlock can't be had here"
	expect 0 on_kernel_without -- "$EXTRASAFE" run -a "$well" -- echo well
	[[ $output == well ]]
}

@test "bad: of Landlock's sixteen layers ours may be the last, not one more" {
	local moment last
	for moment in exec entry; do
		# From the entry point on it is two of them.
		[[ $moment == exec ]] && last=15 || last=14
		expect 125 "$ES_PROG/layers" $((last + 1)) "$EXTRASAFE" run \
			--arm "$moment" -a "$well" -- touch "$canary"
		contains "$stderr" "are in force already"
		[[ ! -e $canary ]]
		expect 0 "$ES_PROG/layers" "$last" "$EXTRASAFE" run \
			--arm "$moment" -a "$well" -- echo well
		[[ $output == well ]]
	done
}
