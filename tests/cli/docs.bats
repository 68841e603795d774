#!/usr/bin/env bats
# What README.md and the manual pages say is so. All blocks of README.md without
# a language are one session in an empty folder (see pages.bash); one that
# begins with `# NAME.yaml` is a profile, which is there before.
# man/extrasafe-rulesets.7 is made of the table of permissions.

load helpers
load pages

# Reads README.md: saves its profiles, then runs its commands.
save_profiles_of_readme() {
	awk '/^```/ { inside = !inside; file = ""; first = inside; next }
	     inside && first && /^# [a-z0-9-]+\.yaml$/ { file = $2 }
	     { first = 0 }
	     file { print >file }' "$TOP/README.md"
}

run_session_of_readme() {
	run_session <"$TOP/README.md"
}

# Options as `LETTER NAME ARGUMENT`, of a command's -h and of the manual page.
options_of_help() {
	"$EXTRASAFE" "$@" -h |
		sed -nE 's/^  (-([a-z]),|   ) --([a-z-]+)( ([A-Z._]+))?  +[a-z].*/\2 \3 \5/p' |
		sort
}

options_of_page() {
	section "$page_run" "$1" |
		sed -nE 's/^\.It (Fl ([a-z]) , )?Fl -([a-z-]+)( Ar (.+))?$/\2 \3 \5/p' |
		sort
}

permissions_of_page() {
	awk '/^\.Sh / { inside = $2 == "RULE" }
	     inside && /^\.Ss / { set = $2 }
	     inside && /^\.It Ic / {
		printf "%s %s:", set, $3
		for (i = 4; i <= NF; i++)
			if ($i !~ /^(:|,|Ar|Cm)$/)
				printf " %s", $i
		print ""
	     }' "$page_sets" | sort
}

@test "README.md: is short" {
	[[ $(wc -l <"$TOP/README.md") -le 150 ]]
}

@test "README.md: every command prints what is shown" {
	save_profiles_of_readme
	run_session_of_readme
	[[ $tried -ge 10 ]]
}

@test "README.md: every profile passes check" {
	save_profiles_of_readme
	run_session_of_readme
	[[ -f greet.yaml ]]
	for file in *.yaml; do
		expect 0 xs check "./$file"
	done
}

@test "extrasafe-profile(5): every profile passes check" {
	local files
	mapfile -t files < <(save_profiles_of "$page_language")
	[[ ${#files[@]} -ge 5 ]]
	for file in "${files[@]}"; do
		expect 0 xs check "./$file"
	done
	echo 'import json; print(json.dumps(open("script.py").read(6)))' \
		>script.py
	expect 0 xs run -p ./python.yaml -- /usr/bin/python3 script.py
	[[ $output == '"import"' ]]
}

@test "extrasafe-rulesets(7): is what the table of permissions makes of it" {
	diff "$page_sets" <("$ES_PROG/make-rulesets" "$TOP/man/rulesets.7.in")
}

@test "extrasafe-rulesets(7): every permission is there with what it takes, and no other" {
	[[ $(permissions_of_table | wc -l) -ge 90 ]]
	diff <(permissions_of_table) <(permissions_of_page)
}

@test "extrasafe-rulesets(7): every call that no permission gives is there" {
	local never
	never=$(awk '/es_nevers\[\] = / { inside = 1 } /^};/ { inside = 0 } inside' \
		"$TOP/lib/sets.c" | sed -nE 's/^\t\{ "([a-z0-9_]+)",.*/\1/p')
	[[ $(wc -l <<<"$never") -ge 90 ]]
	diff <(section "$page_sets" 'CALLS THAT NO PERMISSION GIVES' |
		sed -nE 's/^\.It Ic //p' | sed 's/ , /\n/g' | sort) \
		<(sort <<<"$never")
}

@test "extrasafe-profile(5): every rule set is there, and no other" {
	[[ $(sets 0 | wc -l) -ge 15 && $(sets 1 | wc -l) -eq 2 ]]
	diff <(sets 0) <(section "$page_language" 'RULE SETS' |
		sed -nE 's/^\.It Ic //p')
}

@test "extrasafe-profile(5): every top-level key is there, or told as a later one" {
	local keys later key reader n=0
	keys=$(section "$page_language" 'Top-level keys')
	later=$(section "$page_language" 'Not in this version')
	while read -r key reader; do
		n=$((n + 1))
		if [[ $reader == NULL ]]; then
			contains "$later" "$key"
		else
			contains "$keys" ".It Ic $key :"
		fi
	done < <(grep -oE '\{ "[a-z]+", (key_[a-z]+|NULL) \}' "$TOP/lib/profile.c" |
		tr -d '{},"')
	[[ $n -ge 10 ]]
}

@test "extrasafe(1): has every option that -h tells, and no other" {
	[[ $(options_of_help run | wc -l) -ge 8 ]]
	diff <(options_of_help run) <(options_of_page 'extrasafe run')
	diff <(options_of_help check) <(options_of_page 'extrasafe check')
	diff <(options_of_help list) <(options_of_page 'extrasafe list')
	diff <(options_of_help why) <(options_of_page 'extrasafe why')
	diff <(options_of_help) <(options_of_page extrasafe)
}

@test "extrasafe(1): every command that is shown with its output prints it" {
	run_session_of "$page_run"
	[[ $tried -ge 2 ]]
}

@test "every profile that is installed is in README.md and extrasafe-profile(5)" {
	local name
	for file in "$TOP"/profiles/*.yaml "$TOP"/profiles/parts/*.yaml; do
		name=${file#"$TOP/profiles/"}
		name=${name%.yaml}
		grep -qF "\`$name\`" "$TOP/README.md" || {
			echo "README.md lacks $name"
			return 1
		}
		grep -qE "^\.It (Pa|Ic|Cm) $name\$" "$page_language" || {
			echo "extrasafe-profile(5) lacks $name"
			return 1
		}
	done
}

@test "manual pages: all are installed" {
	diff <(cd "$TOP" && printf '%s\n' man/*.[1-8] | sort) \
		<(sed -nE "s/^\t'(man\/.*\.[1-8])',\$/\1/p" "$TOP/meson.build" | sort)
}

@test "manual pages: mandoc finds nothing" {
	skip_without mandoc
	expect 0 mandoc -T lint -W warning "$TOP"/man/*.[1357]
}
