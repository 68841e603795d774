#!/usr/bin/env bats
# The library as others have it: installed, found by pkg-config, and built into
# programs that confine themselves. What is denied was allowed before.

load helpers

setup_file() {
	WORLD=$(mktemp -d /tmp/extrasafe-library.XXXXXX)
	PREFIX=$(realpath "${EXTRASAFE%/*}/..")
	PKG_CONFIG_PATH=$(echo "$PREFIX"/lib/*/pkgconfig)
	export WORLD PREFIX PKG_CONFIG_PATH
	export LD_LIBRARY_PATH=${PKG_CONFIG_PATH%/*}
	# What is left over at the end is not looked for where ptrace is denied.
	export ASAN_OPTIONS=detect_leaks=0
	chmod 755 "$WORLD"
}

teardown_file() {
	rm -rf "$WORLD"
}

setup() {
	cd "$WORLD" || return
	servers=()
}

teardown() {
	[[ ${#servers[@]} -eq 0 ]] || kill "${servers[@]}" 2>/dev/null || true
}

# The flags of packages, and of a sanitized library.
flags_of() {
	pkg-config --cflags --libs "$@"
	[[ $ES_BUILD != asan ]] || echo -fsanitize=address,undefined
}

needs() {
	case $1 in
	https) echo extrasafe openssl ;;
	*-web-and-database) echo extrasafe sqlite3 ;;
	*) echo extrasafe ;;
	esac
}

sources() {
	echo "$TOP/tests/examples/$1.c"
	[[ $1 != shipped-ruleset ]] ||
		echo "$TOP/tests/examples/shipped-ruleset-library.c"
}

warnings=(-Wall -Wextra -Werror -O1 -D_GNU_SOURCE)

# Builds an example as C, as C++ and statically: NAME, NAME.c++, NAME.static.
# A sanitized library makes no static programs.
build() {
	# shellcheck disable=SC2046 # a word each
	expect 0 gcc -std=c11 -pedantic "${warnings[@]}" -o "$1" \
		$(sources "$1") $(flags_of $(needs "$1"))
	# shellcheck disable=SC2046
	expect 0 g++ -std=c++17 "${warnings[@]}" \
		-Wno-missing-field-initializers -o "$1.c++" -x c++ \
		$(sources "$1") -x none $(flags_of $(needs "$1"))
	builds=("./$1" "./$1.c++")
	[[ $ES_BUILD != asan ]] || return 0
	# shellcheck disable=SC2046
	expect 0 gcc -std=c11 "${warnings[@]}" -static -o "$1.static" \
		$(sources "$1") $(pkg-config --static --cflags --libs \
			$(needs "$1"))
	builds+=("./$1.static")
}

# Builds one of tests/prog: program NAME.c [FLAG...].
program() {
	local name=${1%.c}
	shift
	# shellcheck disable=SC2046
	expect 0 gcc -std=gnu11 -O1 -Wall -Wextra -Werror -o "$name" \
		"$TOP/tests/prog/$name.c" $(flags_of extrasafe) "$@"
}

# serve OUTPUT COMMAND...: starts a server, and waits for its `port N`, which
# is left in $port.
serve() {
	local told=$1 i
	shift
	rm -f "$told"
	"$@" >"$told" 2>&1 3>&- &
	servers+=($!)
	for ((i = 0; i < 200; i++)); do
		port=$(sed -n 's/^port //p' "$told" 2>/dev/null || true)
		[[ -z $port ]] || return 0
		sleep 0.05
	done
	cat "$told"
	return 1
}

# said FILE LINE: waits for a line.
said() {
	local i
	for ((i = 0; i < 200; i++)); do
		! grep -qFx "$2" "$1" || return 0
		sleep 0.05
	done
	echo "no '$2' in $1"
	cat "$1"
	return 1
}

get() {
	curl --silent --show-error --max-time 10 --path-as-is --noproxy '*' \
		"http://127.0.0.1:$port$1"
}

@test "library: the header is C11 and C++17" {
	echo '#include <extrasafe.h>' >header.c
	echo 'int main(void) { return ES_OK; }' >>header.c
	# shellcheck disable=SC2046
	expect 0 gcc -std=c11 -Wall -Wextra -Werror -pedantic -o header \
		header.c $(flags_of extrasafe)
	# shellcheck disable=SC2046
	expect 0 g++ -x c++ -std=c++17 -Wall -Wextra -Werror -pedantic \
		-o header header.c -x none $(flags_of extrasafe)
	expect 0 ./header
}

@test "library: its symbols are those of the list" {
	[[ $ES_BUILD != asan ]] || return 0
	nm -D --defined-only "$LD_LIBRARY_PATH/libextrasafe.so" |
		awk '{print $3}' | LC_ALL=C sort >symbols
	expect 0 diff "$TOP/tests/data/symbols.txt" symbols
	# what the header has, and nothing else
	grep -oE '\bes_[a-z_]+\(' "$TOP/lib/extrasafe.h" | tr -d '(' |
		LC_ALL=C sort -u | grep -vFx -f <(
			# only spoken of
			echo es_profile_visit
			echo es_rule_visit
		) >named
	expect 0 diff named symbols
}

@test "library: it can be installed elsewhere first, and be built against" {
	expect 0 meson install -C "$TOP/build/$ES_BUILD" --quiet \
		--no-rebuild --destdir "$WORLD/staged"
	[[ -f staged$PREFIX/include/extrasafe.h ]]
	# shellcheck disable=SC2046
	expect 0 env PKG_CONFIG_SYSROOT_DIR="$WORLD/staged" \
		PKG_CONFIG_PATH="staged$PKG_CONFIG_PATH" \
		bash -c 'gcc -o staged-stdout "$1" $(pkg-config --cflags \
			--libs extrasafe) "${@:2}"' - \
		"$TOP/tests/examples/stdout.c" \
		$([[ $ES_BUILD != asan ]] || echo -fsanitize=address,undefined)
	expect 0 env LD_LIBRARY_PATH="staged$LD_LIBRARY_PATH" ./staged-stdout
	contains "$output" "open after: Operation not permitted"
	contains "$(LD_LIBRARY_PATH=staged$LD_LIBRARY_PATH ldd staged-stdout)" \
		"staged$LD_LIBRARY_PATH/libextrasafe.so.0"
}

@test "example: each of them is tried here" {
	local file name
	for file in "$TOP"/tests/examples/*.c; do
		name=$(basename "$file" .c)
		[[ $name == *-library ]] ||
			grep -qE "(build|check_web_and_database) $name$" \
				"$BATS_TEST_FILENAME"
	done
}

@test "example: stdout" {
	build stdout
	for program in "${builds[@]}"; do
		expect 0 as_user "$program"
		[[ $output == "open before: works
open after: Operation not permitted
printing still works" ]]
	done
}

@test "example: time" {
	build time
	for program in "${builds[@]}"; do
		expect 0 "$program"
		[[ $output == "clock before: works
sleep before: works
clock after: works
sleep after: Operation not permitted" ]]
	done
}

@test "example: tcp-server and tcp-client" {
	build tcp-server
	local server=("${builds[@]}") i first
	build tcp-client
	for i in "${!builds[@]}"; do
		serve "server.$i" "${server[i]}"
		first=$port
		contains "$(cat "server.$i")" "another socket before: works
another socket after: Operation not permitted"
		serve "other.$i" "${server[i]}"
		expect 0 "${builds[i]}" "$first" "$port"
		[[ $output == "port before: hello
other before: hello
port after: hello
other after: Permission denied" ]]
	done
}

# What both examples of a web server with a database tell.
check_web_and_database() {
	local program
	build "$1"
	for program in "${builds[@]}"; do
		rm -rf folder
		mkdir folder
		serve told "$program" folder
		said told "web: make a socket: refused"
		said told "database: make a socket: refused"
		[[ $(get /a) == "/a: 1" && $(get /b) == "/b: 1" ]]
		[[ $(get /a) == "/a: 2" && $(get /quit) == "/quit: 1" ]]
		wait "${servers[-1]}"
		expect 0 sqlite3 folder/hits.db \
			'SELECT n FROM hits ORDER BY path'
		[[ $output == "2
1
1" ]]
		expect 0 bash -c 'grep -v ^port told | LC_ALL=C sort'
		[[ $output == "before: make a socket: works
before: open the database: works
database: make a socket: refused
database: open the database: works
rest: make a socket: works
rest: open the database: works
web: make a socket: refused
web: open the database: refused" ]]
	done
}

@test "example: threads-web-and-database" {
	check_web_and_database threads-web-and-database
}

@test "example: processes-web-and-database" {
	check_web_and_database processes-web-and-database
}

@test "example: https" {
	local program i secure
	build https
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem \
		-out cert.pem -days 2 -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost 2>/dev/null
	build tcp-server
	serve other ./tcp-server
	openssl s_server -accept 127.0.0.1:0 -key key.pem -cert cert.pem -www \
		>secure 2>&1 </dev/null 3>&- &
	servers+=($!)
	for ((i = 0; i < 200; i++)); do
		secure=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' secure)
		[[ -z $secure ]] || break
		sleep 0.05
	done
	build https
	for program in "${builds[@]}"; do
		expect 0 "$program" localhost "$secure" cert.pem "$port"
		[[ $output == "other port before: works
other file before: works
fetched: HTTP/1.0 200 ok
other port after: Permission denied
other file after: Permission denied" ]]
	done
	# without the file, the server is not who it says
	expect 1 ./https localhost "$secure" /dev/null "$port"
	contains "$stderr" "certificate verify failed"
}

@test "example: own-ruleset" {
	build own-ruleset
	for program in "${builds[@]}"; do
		expect 0 "$program"
		[[ $output == "own priority before: works
other's priority before: works
times before: works
own priority after: works
other's priority after: Operation not permitted
times after: works" ]]
	done
}

@test "example: shipped-ruleset" {
	build shipped-ruleset
	for program in "${builds[@]}"; do
		rm -f journal
		expect 0 "$program" journal
		[[ $output == "append before: works
shared lock before: works
append after: works
shared lock after: Operation not permitted" ]]
		[[ $(cat journal) == "a line
a line" ]]
	done
}

@test "example: landlock" {
	mkdir -p sources results
	touch text sources/text results/text
	build landlock
	for program in "${builds[@]}"; do
		expect 0 "$program" sources results
		[[ $output == "read sources/text before: works
write sources/text before: works
read results/text before: works
write results/text before: works
read ./text before: works
read sources/text after: works
write sources/text after: Permission denied
read results/text after: works
write results/text after: works
read ./text after: Permission denied" ]]
	done
}

@test "example: worker" {
	echo "1 -2 40 x 7" >numbers
	build worker
	for program in "${builds[@]}"; do
		expect 0 "$program" numbers
		[[ $output == "sum: 39
open in the worker: Operation not permitted
open in the rest: works" ]]
	done
}

@test "example: confined-server" {
	local program i
	mkdir -p web
	echo page >web/index
	echo secret >secret
	build confined-server
	for program in "${builds[@]}"; do
		rm -f go
		mkfifo go
		exec 8<>go
		serve told bash -c 'exec "$0" web <go' "$program"
		said told started
		[[ $(get /index) == page && $(get /../secret) == secret ]]
		echo >&8
		said told confined
		# each of its threads
		for ((i = 0; i < 8; i++)); do
			[[ $(get /index) == page && -z $(get /../secret) ]]
		done
		exec 8>&-
	done
}

@test "library: NULL and garbage are errors, and crash nothing" {
	program nulls.c
	expect 0 ./nulls
	[[ $output == *" calls" && ${#lines[@]} -eq 1 ]]
	[[ ${output% calls} -gt 400 ]]
}

# What tests/prog/apply.c tells of a thread that is free, and of one that
# may call times.
free="open allowed, priority allowed, times allowed, as it was"
held="open denied, priority denied, times allowed, no_new_privs"

@test "library: one thread or all of them" {
	program apply.c -lseccomp
	expect 0 ./apply once
	[[ $output == "before: $free
status 0
after: $held" ]]
	expect 0 ./apply one-thread
	[[ $output == "status 0
main: $held
thread: $free" ]]
	expect 0 ./apply threads
	[[ ${lines[0]} == "before: $free" ]]
	[[ $(grep -cx "thread: $held" \
		<<<"$output") -eq 8 ]]
}

@test "library: a second policy stacks, or is an error beside the first" {
	program apply.c -lseccomp
	expect 0 ./apply twice
	[[ $output == "status 0
once: $held
status 0
twice: open denied, priority denied, times denied, no_new_privs
getppid allowed" ]]
	expect 0 ./apply twice-threads
	[[ ${lines[0]} == "status 0" && ${lines[1]} == "status 0" ]]
	[[ $(grep -c '^thread: open denied, priority denied, times denied' \
		<<<"$output") -eq 4 ]]
	expect 0 ./apply twice-refused
	[[ ${lines[0]} == "status 0" && ${lines[3]} == "status 4" ]]
	contains "${lines[2]}" "seccomp filters can't be had here"
	[[ ${lines[4]} == "twice: $held" ]]
	contains "$output" "once: $held"
}

@test "library: another library's filter stays beside ours" {
	program apply.c -lseccomp
	expect 0 ./apply foreign
	[[ $output == "getppid denied
status 0
after: $held
getppid denied" ]]
	# one that refuses ours
	expect 0 ./apply foreign-refuses
	contains "${lines[0]}" "seccomp filters can't be had here"
	[[ ${lines[1]} == "status 4" ]]
	contains "${lines[2]}" "open allowed, priority allowed, times allowed"
}

@test "library: a thread that can't be confined is told before any is" {
	program apply.c -lseccomp
	local left="status 4
main: $free
thread: $free
the others go on"
	expect 0 ./apply blocked
	[[ ${output#*$'\n'} == "$left" ]]
	contains "${lines[0]}" "nothing is in force: a thread of this process"
	contains "${lines[0]}" "it blocks every real-time signal"
	expect 0 ./apply filtered
	[[ ${output#*$'\n'} == "$left" ]]
	contains "${lines[0]}" "has a seccomp filter of its own"
}

@test "library: a child of a threaded program can be confined" {
	local how
	program apply.c -lseccomp
	for how in forked forked-all; do
		expect 0 ./apply "$how"
		[[ $output == "status 0
child: $held
ended 0
parent: $free" ]]
	done
	expect 0 ./apply process
	[[ $output == "process: $held
status 0, returned 7
parent: $free" ]]
}

@test "library: threads build contexts at once" {
	[[ $ES_BUILD != asan ]] || return 0
	mkdir -p objects
	printf '%s\n' "$TOP"/lib/*.c "$TOP/tests/prog/contexts.c" |
		xargs -P "$(nproc)" -n 1 sh -c '
			gcc -std=gnu11 -D_GNU_SOURCE -O1 -fsanitize=thread \
				-DES_PROFILE_DIR=\"/nowhere\" \
				-DES_VERSION=\"0\" -I "$1" -c \
				-o "objects/$(basename "$2").o" "$2"
		' - "$TOP/lib"
	gcc -fsanitize=thread -o contexts objects/*.o -lyaml
	# it wants its shadow where some kernels put programs
	expect 0 env TSAN_OPTIONS=halt_on_error=1 setarch -R ./contexts
	[[ $output == "32 the same, 32 wrong, 0 others" && -z $stderr ]]
}

@test "parity: command and library make the same filter of a profile" {
	local file name how tried=0
	[[ $EUID -eq 0 ]] || skip "filters are read back by root only"
	program parity.c -lyaml
	# of no library that a profile would have to let it read
	expect 0 gcc -O1 -o waits "$TOP/tests/prog/waits.c"
	for file in "$PREFIX"/share/extrasafe/profiles/*.yaml; do
		# these are armed when they say so
		! grep -q 'until: ready' "$file" || continue
		name=${file##*/}
		expect 0 ./parity "$EXTRASAFE" "${name%.yaml}" profile ./waits
		contains "$output" "the same"
		for how in descriptor calls; do
			expect 0 ./parity "$EXTRASAFE" "$file" "$how" ./waits
			contains "$output" "the same"
		done
		tried=$((tried + 1))
	done
	[[ $tried -ge 17 ]]
	# the measure finds a difference
	cat >longer <<-'END'
		#!/bin/bash
		shift
		exec "$EXTRASAFE" run -a Time.sleep "$@"
	END
	chmod +x longer
	expect 1 ./parity ./longer filter profile ./waits
	contains "$output" "differ at"
}
