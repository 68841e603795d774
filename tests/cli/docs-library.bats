#!/usr/bin/env bats
# What the library's manual pages say is so: of lib/extrasafe.h, of the Rust crate,
# and of what their programs do, built with the library as it is installed.

load helpers
load pages

# For programs that are compiled against the library as it is installed, which
# is one without sanitizers.
use_library() {
	local prefix
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

@test "pages: every public function has a page, with its prototype" {
	skip_without cc
	[[ $(prototypes_of_header | wc -l) -ge 40 ]]
	diff <(prototypes_of_header) <(prototypes_of_pages)
}

@test "pages: what a page is named for is what it has prototypes of" {
	for page in "$TOP"/man/es_*.3; do
		diff <(section "$page" NAME | sed -nE 's/^\.Nm ([a-z_]+).*/\1/p') \
			<(section "$page" SYNOPSIS | sed -nE 's/^\.Fo //p')
	done
}

@test "pages: structures are shown as they are" {
	skip_without cc
	local pattern='struct es_[a-z_]+ \{[^}]*\}'
	[[ $(header | grep -oE "$pattern" | wc -l) -ge 15 ]]
	diff <(header | grep -oE "$pattern" | sort) \
		<(cat "$TOP"/man/es_*.3 | tr -s '\n\t ' ' ' |
			grep -oE "$pattern" | sort)
}

@test "pages: they name nothing that is not there, and every constant" {
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

@test "pages: every program compiles, and prints what is shown" {
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
	diff <(items_of_crate) <(sed -nE 's/^\.It Ql //p' <<<"$table")
	# Permissions are SET.WORD.
	while read -r word; do
		grep -qxF "${word#*.}" <(permissions_of_table |
			sed -nE "s/^${word%.*} ([a-z_]+):.*/\1/p"; echo all) || {
			echo "no permission $word"
			return 1
		}
	done < <(grep -oE '\b[A-Z][A-Za-z]+\.[a-z_]+\b' <<<"$table" | sort -u)
}
