# shellcheck shell=bash
# What the tests with real programs share: `load helpers`, `load programs`, and
# make_world in setup_file.

# Makes $WORLD, a folder that every user may enter:
#
#	xs            the command under test
#	config/       the profiles of this tree, where the command looks first
#	bin/          what build makes
#	work/         the working folder of the tests, with some files
#	secret        a file outside of it that everybody may read
#	made/         a folder that everybody may write to
make_world() {
	WORLD=$(mktemp -d "${TMPDIR:-/tmp}/extrasafe.XXXXXX")
	chmod 755 "$WORLD"
	mkdir -p "$WORLD/bin" "$WORLD/config/extrasafe" "$WORLD/work/d"
	mkdir -m 1777 "$WORLD/made"
	cp "$EXTRASAFE" "$WORLD/xs"
	cp -R "$TOP/profiles" "$WORLD/config/extrasafe/"
	chmod -R go+rX "$WORLD/xs" "$WORLD/config"
	echo canary >"$WORLD/secret"
	cd "$WORLD/work" || return
	printf 'pear ä\napple b\n\nfig 10\nfig 9\n' >text
	printf '%s\n' b x c >d/other
	export WORLD XS=$WORLD/xs XDG_CONFIG_HOME=$WORLD/config
	export SECRET=$WORLD/secret MADE=$WORLD/made/file
	export LC_ALL=C.UTF-8 INPUT=/dev/null
	# Some tests preload a library into the program, not into the command.
	export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
	unset CDPATH ENV BASH_ENV POSIXLY_CORRECT TMPDIR TZ
}

unmake_world() {
	[[ -z ${WORLD-} ]] || rm -rf "$WORLD"
}

# Compiles: build NAME COMPILER [OPTION...] makes bin/NAME of the last words, the
# sources of tests/prog. What can't be compiled here is missing, and skips.
build() {
	local name=$1 words=()
	shift
	for word; do
		[[ $word != *.c ]] || word=$TOP/tests/prog/$word
		words+=("$word")
	done
	command -v "$1" >/dev/null || return 0
	"${words[@]}" -O -Wall -Wextra -D_GNU_SOURCE -o "$WORLD/bin/$name" >&2
}

build_go() {
	command -v go >/dev/null || return 0
	mkdir "$WORLD/go"
	HOME=$WORLD/go GOPATH=$WORLD/go GOCACHE=$WORLD/go GO111MODULE=off \
		GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0 \
		go build -o "$WORLD/bin/$1" "$TOP/tests/prog/$1.go" >&2
	rm -rf "$WORLD/go"
}

# Who runs programs: root and an ordinary user, or only the latter where the
# tests are not root's.
users() {
	[[ $EUID -ne 0 ]] || echo root
	echo user
}

# run_as WHO: leaves in $run_as the words that run a command as that user; they
# execute it, so that $! is its pid.
run_as() {
	run_as=(env)
	[[ $1 == root || $EUID -ne 0 ]] ||
		run_as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
}

# as WHO COMMAND...: runs it, for half a minute at most.
as() {
	local run_as
	run_as "$1"
	shift
	"${run_as[@]}" timeout -k 1 30 "$@"
}

# True once a child has ended, waited for or not.
is_gone() {
	! grep -qs '^State:.[^Z]' "/proc/$1/status"
}

# ended STATUS PID: a child ends, or has ended, with this status.
ended() {
	local status=0
	within 20 is_gone "$2"
	wait "$2" || status=$?
	[[ $status -eq $1 ]] || {
		echo "status of $2: $status, not $1"
		return 1
	}
}

# Ends the children whose pids are in $STARTED.
end_started() {
	local pid
	for pid in "${STARTED[@]}"; do
		kill -KILL "$pid" 2>/dev/null || continue
		wait "$pid" 2>/dev/null || true
	done
	STARTED=()
}

# outcome NAME COMMAND...: leaves in $WORLD/NAME.out, .err and .status what it
# made of $INPUT.
outcome() {
	local name=$WORLD/$1 status=0
	shift
	"$@" <"$INPUT" >"$name.out" 2>"$name.err" || status=$?
	echo "$status" >"$name.status"
}

show_outcomes() {
	local name
	for name; do
		echo "--- $name: status $(cat "$WORLD/$name.status")"
		echo "stdout: $(head -c 2000 "$WORLD/$name.out")"
		echo "stderr: $(head -c 2000 "$WORLD/$name.err")"
	done
}

# Splits `[OPTION...] -- COMMAND...` into $options and $command.
split_words() {
	options=()
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	command=("$@")
}

# same [OPTION...] -- COMMAND...: what COMMAND prints, its complaints and its
# status are the same without us and with us, for every user.
same() {
	local options command who part
	split_words "$@"
	for who in $(users); do
		outcome plain as "$who" "${command[@]}"
		outcome confined as "$who" "$XS" run "${options[@]}" -- \
			"${command[@]}"
		for part in out err status; do
			cmp -s "$WORLD/plain.$part" "$WORLD/confined.$part" ||
				{
					echo "differs as $who: ${command[*]@Q}"
					show_outcomes plain confined
					return 1
				}
		done
	done
}

# works [OPTION...] -- COMMAND...: the same, and that means success.
works() {
	same "$@"
	[[ $(cat "$WORLD/confined.status") == 0 ]] || {
		show_outcomes confined
		return 1
	}
}

# A deed is to print something, or to make the file $MADE.
is_done() {
	[[ -s $WORLD/$1.out || -e $MADE ]]
}

# refused [OPTION...] -- COMMAND...: COMMAND does a deed without us; with us it
# doesn't, and tells so, for every user.
refused() {
	local options command who
	split_words "$@"
	for who in $(users); do
		rm -rf "$MADE"
		outcome plain as "$who" "${command[@]}"
		is_done plain || {
			echo "does nothing even without us, as $who:" \
				"${command[*]@Q}"
			show_outcomes plain
			return 1
		}
		rm -rf "$MADE"
		outcome confined as "$who" "$XS" run "${options[@]}" -- \
			"${command[@]}"
		! is_done confined || {
			echo "is done with us, as $who: ${command[*]@Q}"
			show_outcomes confined
			return 1
		}
		grep -qiE "not permitted|denied|can't start|cannot fork|call failed|open file" \
			"$WORLD/confined.err" || {
			echo "tells nothing, as $who: ${command[*]@Q}"
			show_outcomes confined
			return 1
		}
	done
}

# alone [OPTION...] -- COMMAND...: from within COMMAND's own process nothing can
# be forked or executed, though without us it can.
alone() {
	local options command who name preload=
	split_words "$@"
	name=${command[0]##*/}
	[[ -x $WORLD/bin/again.so ]] || skip "no C compiler"
	# Its own programs have it built in.
	[[ ${command[0]} == "$WORLD/bin/"* ]] || preload=$WORLD/bin/again.so
	for who in $(users); do
		outcome plain as "$who" env AGAIN="$name" \
			${preload:+LD_PRELOAD="$preload"} "${command[@]}"
		outcome confined as "$who" env AGAIN="$name" \
			${preload:+LD_PRELOAD="$preload"} \
			"$XS" run "${options[@]}" -- "${command[@]}"
		[[ $(grep -c '^done: ' "$WORLD/plain.out") == 4 &&
			$(grep -c '^done: ' "$WORLD/confined.out") == 0 &&
			$(head -n 4 "$WORLD/confined.err") == "$ALONE" ]] || {
			echo "as $who: ${command[*]@Q}"
			show_outcomes plain confined
			return 1
		}
	done
}
ALONE="fork: Operation not permitted
vfork: Operation not permitted
spawn: Operation not permitted
exec: Operation not permitted"

# including NAME...: the path of a profile that includes these, and allows what
# standard input adds.
including() {
	local names="$*"
	local path=$WORLD/config/${names//[^a-z0-9]/-}.yaml
	{
		printf 'extrasafe: 1\ninclude: [%s]\n' "${names// /, }"
		cat
	} >"$path"
	echo "$path"
}

# within SECONDS COMMAND...: true as soon as COMMAND is.
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[[ $SECONDS -lt $end ]] || {
			echo "not in time: $*"
			return 1
		}
		sleep 0.02
	done
}

# Starts a web server for $WORLD/www, and tells its port as $PORT. Its log is
# $WORLD/server.log.
start_server() {
	mkdir "$WORLD/www"
	echo served >"$WORLD/www/page"
	/usr/bin/python3 -u -m http.server -d "$WORLD/www" -b 127.0.0.1 0 \
		>"$WORLD/server.log" 2>&1 </dev/null 3>&- &
	SERVER=$!
	within 20 grep -q 'port [0-9]' "$WORLD/server.log"
	PORT=$(sed -n 's/.*port \([0-9]*\).*/\1/p' "$WORLD/server.log")
	export SERVER PORT
}

stop_server() {
	[[ -z ${SERVER-} ]] || kill "$SERVER" 2>/dev/null || true
}

# Prints a TCP port that nobody uses.
free_port() {
	local port
	for ((port = 20000 + RANDOM % 5000; port < 32000; port++)); do
		if ! grep -qi ":$(printf %04X "$port") " /proc/net/tcp; then
			echo "$port"
			return
		fi
	done
	return 1
}
