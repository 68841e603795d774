# shellcheck shell=bash disable=SC2154
# What tests of single calls share: tests/prog/try.c, built in four ways, and
# run under fragments of profiles as root and as nobody.

# shellcheck disable=SC2034 # for who loads this
{
	O_WRONLY=1 O_RDWR=2 O_CREAT=0x40 O_TRUNC=0x200 O_APPEND=0x400
	O_DIRECTORY=0x10000 O_PATH=0x200000 O_TMPFILE=0x410000
	HERE=-100 # AT_FDCWD
	HIGH=0x100000000
}

setup_file() {
	WORLD=$(mktemp -d /tmp/extrasafe-contain.XXXXXX)
	export WORLD
	chmod 755 "$WORLD"
	build_try static gcc -static
	build_try dynamic gcc
	build_try musl-static musl-gcc -static
	build_try musl-dynamic musl-gcc
}

build_try() {
	local kind=$1
	shift
	"$@" -std=gnu11 -D_GNU_SOURCE -O1 -pthread -o "$WORLD/try-$kind" \
		"$TOP/tests/prog/try.c"
}

teardown_file() {
	rm -rf "$WORLD"
}

setup() {
	T=$WORLD/try-static
	D=$WORLD/try-dynamic
	W=$WORLD/work
	servers=()
	fresh
}

teardown() {
	local server
	for server in "${servers[@]}"; do
		kill "$server" 2>/dev/null || true
	done
}

# The same files before each attempt; anybody may write to them.
fresh() {
	rm -rf "$W"
	mkdir -p "$W/in/sub" "$W/out"
	echo inner >"$W/in/file"
	echo inner >"$W/in/sub/file"
	echo outer >"$W/out/file"
	ln -s ../out/file "$W/in/link"
	ln -s ../out "$W/in/folder"
	chmod -R a+rwX "$W"
}

as_root() {
	"$@"
}

runs=(
	'as_root static' 'as_root dynamic' 'as_root musl-dynamic'
	'as_user static' 'as_user dynamic' 'as_user musl-static'
)

# matches RESULT WANT: WANT is a result, several with '|' between, or "denied".
matches() {
	local want
	for want in ${2//|/ }; do
		[[ $want == denied ]] && want='E(PERM|ACCES)'
		[[ $1 =~ ^$want$ ]] && return
	done
	return 1
}

# tries FRAGMENT... -- (ATTEMPT RESULT)...: under the fragments, each attempt
# has its result, whoever makes it.
tries() {
	local parts=() attempts=() wants=() pair who kind i got
	while [[ $1 != -- ]]; do
		parts+=(-a "$1")
		shift
	done
	shift
	while [[ $# -gt 0 ]]; do
		attempts+=("$1")
		wants+=("$2")
		shift 2
	done
	for pair in "${runs[@]}"; do
		fresh
		read -r who kind <<<"$pair"
		expect 0 "$who" "$EXTRASAFE" run "${parts[@]}" -- \
			"$WORLD/try-$kind" "${attempts[@]}"
		for i in "${!attempts[@]}"; do
			got=$(grep -aF -- "${attempts[i]}: " <<<"$output")
			matches "${got##*: }" "${wants[i]}" || {
				echo "$pair: wanted ${wants[i]}, got $got"
				return 1
			}
		done
	done
}

# results RESULT...: those of the last command, in this order.
results() {
	diff <(printf '%s\n' "$@") <(printf '%s\n' "${lines[@]##*: }")
}

# dies SIGNAL FRAGMENT... -- ATTEMPT...: the program is killed by it.
dies() {
	local signal=$1 parts=() pair who kind
	shift
	while [[ $1 != -- ]]; do
		parts+=(-a "$1")
		shift
	done
	shift
	for pair in "${runs[@]}"; do
		read -r who kind <<<"$pair"
		expect $((128 + $(kill -l "$signal"))) "$who" "$EXTRASAFE" run \
			"${parts[@]}" ${deny:+--deny "$deny"} -- \
			"$WORLD/try-$kind" "$@"
	done
}

# await COMMAND...: until it succeeds, ten seconds at most.
await() {
	local i
	for ((i = 0; i < 500; i++)); do
		! "$@" || return 0
		sleep 0.02
	done
	echo "never came: ${*@Q}"
	return 1
}
