#!/usr/bin/env bats
# Uses of everyday programs, each with a check of what it does and, mostly, with
# an attempt at a file outside of its folder. They lie beside the project, as
# does their runner; each has a profile, tests/corpus/CASE.yaml.

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

# The cases that can be run: this one is about becoming another user.
cases() {
	find "$ES_CORPUS/cases" -name '*.case' -exec basename {} .case \; |
		if [[ $EUID -eq 0 ]]; then cat; else grep -vx nginx-static; fi
}

@test "corpus: every case passes its check, and none leaks" {
	local cases denied packages missing
	mapfile -t cases < <(cases)
	packages=$(printf "$ES_CORPUS/cases/%s.case\n" "${cases[@]}" |
		xargs sed -nE "s/^PKGS='(.*)'/\1/p" | tr ' ' '\n' | sort -u)
	if command -v dpkg-query >/dev/null; then
		missing=$(comm -23 <(echo "$packages") \
			<(dpkg-query -W -f '${Package}\n' | sort))
		[[ -z $missing ]] || skip "not installed: ${missing//$'\n'/ }"
	fi
	denied=$(printf "$ES_CORPUS/cases/%s.case\n" "${cases[@]}" |
		xargs grep -l '^deny()' | wc -l)
	PORT_BASE=$(free_ports) expect 0 env EXTRASAFE="$EXTRASAFE" \
		"$ES_CORPUS/run_corpus.sh" --deny \
		profile "$TOP/tests/corpus" "${cases[@]}"
	contains "$output" "deny probes: $denied blocked, 0 leaked"
	contains "$output" "${#cases[@]} passed, 0 failed"
}
