#!/usr/bin/env bats
# Uses of everyday programs, each with a check of what it does and, mostly, with
# an attempt at a file outside of its folder. They lie beside the project, as
# does their runner; their profiles are tests/corpus/CASE.yaml.

load helpers

: "${ES_CORPUS:=$TOP/../shared/corpus}"

setup_file() {
	[[ -d $ES_CORPUS ]] || return 0
	XC_BASE=$(mktemp -d /tmp/extrasafe.XXXXXX)
	export XC_BASE
}

teardown_file() {
	[[ -z ${XC_BASE-} ]] || rm -rf "$XC_BASE"
}

setup() {
	[[ -d $ES_CORPUS || -n ${CI-} ]] || skip "no folder $ES_CORPUS"
}

# Two ports for each case, of which none is listened on.
free_ports() {
	local wanted base port
	wanted=$(($(find "$ES_CORPUS/cases" -name '*.case' | wc -l) * 2))
	for ((base = 20000 + RANDOM % 5000; base < 32000; base += wanted)); do
		for ((port = base; port < base + wanted; port++)); do
			! grep -qi ":$(printf %04X $port) " /proc/net/tcp ||
				continue 2
		done
		echo "$base"
		return
	done
	echo "no free ports"
	return 1
}

@test "corpus: every case passes its check, and none leaks" {
	local profiles cases packages missing
	packages=$(find "$TOP/tests/corpus" -name '*.yaml' -exec basename {} .yaml \; |
		sed "s|.*|$ES_CORPUS/cases/&.case|" |
		xargs sed -nE "s/^PKGS='(.*)'/\1/p" | tr ' ' '\n' | sort -u)
	if command -v dpkg-query >/dev/null; then
		missing=$(comm -23 <(echo "$packages") \
			<(dpkg-query -W -f '${Package}\n' | sort))
		[[ -z $missing ]] || skip "not installed: ${missing//$'\n'/ }"
	fi
	profiles=$(find "$TOP/tests/corpus" -name '*.yaml' | wc -l)
	cases=$(grep -l '^deny()' "$ES_CORPUS"/cases/*.case |
		sed "s|.*/\(.*\)\.case|$TOP/tests/corpus/\1.yaml|" |
		xargs ls 2>/dev/null | wc -l)
	PORT_BASE=$(free_ports) expect 0 env EXTRASAFE="$EXTRASAFE" \
		"$ES_CORPUS/run_corpus.sh" --deny --skip-missing \
		profile "$TOP/tests/corpus"
	contains "$output" "deny probes: $cases blocked, 0 leaked"
	contains "$output" "$profiles passed, 0 failed"
}
