#!/usr/bin/env bats
# The profiles for one kind of work with the programs that they are for: the work
# is done as without us, as root and as an ordinary user, and what it is not to do
# (files elsewhere, the network, other programs) the programs are made to try.
# Without us each of these happens.

load helpers
load programs

setup_file() {
	make_world
	build again.so cc -shared -fPIC again.c
	build dial.so cc -shared -fPIC dial.c
	start_server
	mkdir "$WORLD/home"
	export HOME=$WORLD/home
	# Everybody works in the same folder.
	chmod 777 "$WORLD/work"
}

teardown_file() {
	stop_server
	unmake_world
}

setup() {
	PATH=/usr/bin:/bin
	INPUT=/dev/null
	find "$WORLD/work" -mindepth 1 -delete
	cd "$WORLD/work" || return
	umask 000
}

# makes FILE [OPTION...] -- COMMAND...: it succeeds, and makes the same FILE without
# us and with us, for every user. Neither FILE nor a database is there before.
makes() {
	local file=$1 options command who
	shift
	split_words "$@"
	for who in $(users); do
		rm -f "$file" ./*.db* "$WORLD/plain.file"
		outcome plain as "$who" "${command[@]}"
		mv "$file" "$WORLD/plain.file"
		rm -f ./*.db*
		outcome confined as "$who" "$XS" run "${options[@]}" -- \
			"${command[@]}"
		is_same "$file" || {
			echo "makes no such file as $who: ${command[*]@Q}"
			show_outcomes plain confined
			return 1
		}
	done
}

is_same() {
	[[ $(cat "$WORLD/confined.status") == 0 ]] &&
		cmp "$WORLD/plain.file" "$1"
}

# stopped WORDS [OPTION...] -- COMMAND...: without us COMMAND prints WORDS (a
# pattern), makes the file $MADE or reaches the server; with us it does none of
# these, though it is started, for every user.
stopped() {
	local pattern=$1 options command who
	shift
	split_words "$@"
	for who in $(users); do
		undo
		outcome plain as "$who" "${command[@]}"
		within 20 has_happened plain "$pattern" || {
			echo "does nothing even without us, as $who:" \
				"${command[*]@Q}"
			show_outcomes plain
			return 1
		}
		undo
		outcome confined as "$who" "$XS" run "${options[@]}" -- \
			"${command[@]}"
		has_not_happened confined "$pattern" || {
			echo "is done with us, as $who: ${command[*]@Q}"
			show_outcomes confined
			return 1
		}
	done
}

# make_deed FILE: a program that makes the file $MADE.
make_deed() {
	printf '#!/bin/sh\necho done >"%s"\n' "$MADE" >"$1"
	chmod 755 "$1"
}

undo() {
	rm -rf "$MADE"
	LOGGED=$(stat -c %s "$WORLD/server.log")
}

has_happened() {
	[[ -e $MADE ]] || grep -qaE -e "$2" "$WORLD/$1.out" ||
		[[ $(stat -c %s "$WORLD/server.log") -gt $LOGGED ]]
}

# The program was started and not killed, and the server's log had its time.
has_not_happened() {
	sleep 0.1
	! has_happened "$@" && [[ $(cat "$WORLD/$1.status") != 12[4-7] ]]
}

is_undialled() {
	has_not_happened confined '^connected$' &&
		grep -q 'Operation not permitted' "$WORLD/confined.err"
}

# undialled [OPTION...] -- COMMAND...: within COMMAND's own process, when it ends,
# nothing can be connected to, though without us it can; nor does it fork or
# execute, see alone.
undialled() {
	local options command who name
	split_words "$@"
	[[ -x $WORLD/bin/dial.so ]] || skip "no C compiler"
	name=${command[0]##*/}
	for who in $(users); do
		undo
		outcome plain as "$who" env DIAL="$name" DIAL_PORT="$PORT" \
			LD_PRELOAD="$WORLD/bin/dial.so" "${command[@]}"
		within 20 has_happened plain '^connected$'
		undo
		outcome confined as "$who" env DIAL="$name" DIAL_PORT="$PORT" \
			LD_PRELOAD="$WORLD/bin/dial.so" \
			"$XS" run "${options[@]}" -- "${command[@]}"
		is_undialled || {
			echo "as $who: ${command[*]@Q}"
			show_outcomes plain confined
			return 1
		}
	done
}

# --- convert

make_images() {
	skip_without convert
	export MAGICK_TMPDIR=.
	convert -size 60x40 gradient:red-blue a.png
	convert -size 60x40 gradient:green-white b.jpg
	chmod a+rw ./*
}

@test "convert: images of the working folder are changed and looked at" {
	make_images
	makes c.jpg -p convert -- convert a.png c.jpg
	makes c.webp -p convert -- convert b.jpg -resize 50% c.webp
	makes c.bmp -p convert -- convert a.png -blur 0x3 -rotate 90 c.bmp
	makes c.gif -p convert -- convert a.png b.jpg c.gif
	makes c.ppm -p convert -- convert -font DejaVu-Sans label:hello c.ppm
	makes c.ppm -p convert -- montage a.png b.jpg c.ppm
	works -p convert -- convert a.png -negate ppm:-
	works -p convert -- identify -format '%m %w %h\n' a.png b.jpg
	export INPUT=a.png
	works -p convert -- convert - -flip ppm:-
}

@test "convert: mogrify writes over what it read" {
	local who
	make_images
	convert a.png -resize 10x10 d.ppm
	for who in $(users); do
		convert a.png c.ppm
		chmod 666 c.ppm
		as "$who" "$XS" run -p convert -- mogrify -resize 10x10 c.ppm
		cmp c.ppm d.ppm
		[[ ! -e c.ppm~ ]]
	done
}

@test "convert: large images are held in the folder that it is given" {
	make_images
	makes c.ppm -p convert -- convert -limit memory 1MB \
		-limit map 1MB -size 900x900 gradient:red-blue c.ppm
	expect 0 find . -name 'magick-*'
	[[ -z $output ]]
}

@test "convert: reads and writes nothing elsewhere" {
	make_images
	convert -size 9x9 gradient:red-blue "$WORLD/secret.png"
	chmod 644 "$WORLD/secret.png"
	stopped canary -p convert -- convert -depth 8 -size 6x1 \
		"gray:$SECRET" gray:-
	stopped P6 -p convert -- convert "$WORLD/secret.png" ppm:-
	stopped PNG -p convert -- identify "$WORLD/secret.png"
	# An image that names another one.
	printf 'image over 0,0 9,9 "%s"\n' "$WORLD/secret.png" >evil.mvg
	ln -s "$WORLD/secret.png" link.png
	stopped 'red$' -p convert -- convert -size 9x9 mvg:evil.mvg txt:-
	stopped P6 -p convert -- convert link.png ppm:-
	stopped nothing -p convert -- convert a.png "ppm:$MADE"
	stopped nothing -p convert -- convert a.png -write "ppm:$MADE" null:
	ln -s "$WORLD/made" out
	stopped nothing -p convert -- convert a.png ppm:out/file
}

@test "convert: starts no delegate, and connects to nobody" {
	make_images
	mkdir cfg
	cat >cfg/delegates.xml <<-'END'
		<delegatemap><delegate decode="xyz"
		command="./deed"/></delegatemap>
	END
	echo hello >a.xyz
	make_deed deed
	chmod -R a+rX cfg a.xyz
	MAGICK_CONFIGURE_PATH=$PWD/cfg \
		stopped nothing -p convert -- convert xyz:a.xyz ppm:-
	undialled -p convert -- identify -format '%m\n' a.png
	alone -p convert -- identify -format '%m\n' a.png
}

# --- transcode

make_films() {
	skip_without ffmpeg
	ffmpeg -v error -nostdin -f lavfi -i testsrc=d=1:s=64x48:r=10 \
		-f lavfi -i sine=d=1 -shortest -fflags +bitexact \
		-flags +bitexact a.mkv
	chmod a+rw a.mkv
}

@test "transcode: sound and video of the working folder" {
	local ffmpeg=(ffmpeg -v error -y -i a.mkv -fflags +bitexact
		-flags +bitexact -threads 1)
	make_films
	makes b.mp4 -p transcode -- "${ffmpeg[@]}" -c:v libx264 -c:a aac b.mp4
	makes b.mkv -p transcode -- "${ffmpeg[@]}" -c copy b.mkv
	makes b.wav -p transcode -- "${ffmpeg[@]}" -vn b.wav
	makes b.mp3 -p transcode -- "${ffmpeg[@]}" -vn b.mp3
	makes f2.png -p transcode -- "${ffmpeg[@]}" \
		-vf drawtext=text=hello -frames:v 2 f%d.png
	makes b.m3u8 -p transcode -- "${ffmpeg[@]}" -f hls -hls_time 1 b.m3u8
	printf 'file a.mkv\nfile a.mkv\n' >list
	makes c.mkv -p transcode -- ffmpeg -v error -y -f concat -i list \
		-fflags +bitexact -c copy c.mkv
	works -p transcode -- ffprobe -v error -show_streams -show_format a.mkv
	works -p transcode -- "${ffmpeg[@]}" -vn -f wav -
	export INPUT=a.mkv
	works -p transcode -- ffmpeg -v error -i - -vn -f wav -
}

@test "transcode: an encoder that waits for the clock of the process" {
	make_films
	makes b.webm -p transcode -- ffmpeg -v error -y -i a.mkv -an \
		-c:v libvpx-vp9 -fflags +bitexact -flags +bitexact b.webm
}

@test "transcode: an encoder that counts the machine's memory nodes" {
	local who
	make_films
	[[ -d /sys/devices/system/node ]] || skip "no nodes here"
	for who in $(users); do
		rm -f b.mp4
		expect 0 as "$who" "$XS" run -p transcode -- ffmpeg -v error \
			-y -i a.mkv -an -c:v libx265 b.mp4
		contains "$stderr" "Thread pool created"
	done
}

@test "transcode: reads and writes nothing elsewhere" {
	local ffmpeg=(ffmpeg -v error -y)
	make_films
	cp a.mkv "$WORLD/secret.mkv"
	chmod 644 "$WORLD/secret.mkv"
	stopped RIFF -p transcode -- "${ffmpeg[@]}" -i "$WORLD/secret.mkv" \
		-f wav -
	stopped duration -p transcode -- ffprobe -v error -show_format \
		"$WORLD/secret.mkv"
	stopped canary -p transcode -- "${ffmpeg[@]}" -f u8 -ar 8000 -ac 1 \
		-i "$SECRET" -f u8 -
	stopped canary -p transcode -- "${ffmpeg[@]}" -f data -i "$SECRET" \
		-map 0 -c copy -f data -
	# Playlists that lead elsewhere.
	printf "file '%s'\n" "$WORLD/secret.mkv" >list
	stopped RIFF -p transcode -- "${ffmpeg[@]}" -f concat -safe 0 -i list \
		-f wav -
	stopped RIFF -p transcode -- "${ffmpeg[@]}" \
		-i "subfile,,start,0,end,0,,:$WORLD/secret.mkv" -f wav -
	stopped nothing -p transcode -- "${ffmpeg[@]}" -i a.mkv -f wav "$MADE"
	ln -s "$WORLD/made" out
	stopped nothing -p transcode -- "${ffmpeg[@]}" -i a.mkv -f wav out/file
}

@test "transcode: connects to nobody, and starts nothing" {
	local ffmpeg=(ffmpeg -v error -y)
	make_films
	stopped nothing -p transcode -- "${ffmpeg[@]}" \
		-i "http://127.0.0.1:$PORT/film" -f wav -
	stopped nothing -p transcode -- "${ffmpeg[@]}" -i a.mkv -f mpegts \
		"http://127.0.0.1:$PORT/film"
	printf '%s\n' '#EXTM3U' '#EXT-X-TARGETDURATION:1' '#EXTINF:1,' \
		"http://127.0.0.1:$PORT/film.ts" '#EXT-X-ENDLIST' >list.m3u8
	stopped nothing -p transcode -- "${ffmpeg[@]}" \
		-protocol_whitelist file,http,tcp -i list.m3u8 -f wav -
	undialled -p transcode -- ffprobe -v error -show_format a.mkv
	alone -p transcode -- ffprobe -v error -show_format a.mkv
}

# --- document

# make_pdf FILE: one page that says "Hello extrasafe".
make_pdf() {
	/usr/bin/python3 - "$1" <<-'END'
		import sys
		text = b'BT /F1 24 Tf 72 700 Td (Hello extrasafe) Tj ET'
		objects = [
		    b'<< /Type /Catalog /Pages 2 0 R >>',
		    b'<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
		    b'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] '
		    b'/Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
		    b'<< /Length %d >>\nstream\n%s\nendstream' % (len(text), text),
		    b'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
		]
		out = b'%PDF-1.4\n'
		table = b'0000000000 65535 f \n'
		for i, body in enumerate(objects, 1):
		    table += b'%010d 00000 n \n' % len(out)
		    out += b'%d 0 obj\n%s\nendobj\n' % (i, body)
		out += (b'xref\n0 6\n%strailer\n<< /Size 6 /Root 1 0 R >>\n'
		        b'startxref\n%d\n%%%%EOF\n' % (table, len(out)))
		open(sys.argv[1], 'wb').write(out)
	END
	chmod 644 "$1"
}

@test "document: text and properties of what is in the working folder" {
	skip_without pdftotext
	skip_without file
	make_pdf a.pdf
	echo hello | gzip >a.gz
	echo 'grün' >text
	works -p document -- pdftotext a.pdf -
	contains "$(cat "$WORLD/confined.out")" "Hello extrasafe"
	works -p document -- pdftotext -layout -enc UTF-8 a.pdf -
	works -p document -- pdfinfo a.pdf
	works -p document -- file a.pdf a.gz text .
	contains "$(cat "$WORLD/confined.out")" "PDF document"
	works -p document -- file -i a.pdf a.gz text
	works -p document -- file -z a.gz
	same -p document -- pdftotext missing.pdf -
	export INPUT=a.pdf
	works -p document -- file -
	works -p document -- pdfinfo -
}

@test "document: reads nothing elsewhere, and writes no file" {
	skip_without pdftotext
	skip_without file
	make_pdf a.pdf
	make_pdf "$WORLD/secret.pdf"
	ln -s "$WORLD/secret.pdf" link.pdf
	stopped Hello -p document -- pdftotext "$WORLD/secret.pdf" -
	stopped Hello -p document -- pdftotext link.pdf -
	stopped Pages: -p document -- pdfinfo "$WORLD/secret.pdf"
	stopped 'PDF document' -p document -- file "$WORLD/secret.pdf"
	echo "$WORLD/secret.pdf" >names
	stopped 'PDF document' -p document -- file -f names
	printf '0 string canary found it\n' >magic
	stopped 'found it' -p document -- file -m magic "$SECRET"
	stopped nothing -p document -- pdftotext a.pdf "$MADE"
	# Not in the working folder either, without a word more.
	local MADE=$PWD/a.txt
	stopped nothing -p document -- pdftotext a.pdf
	makes a.txt -p document -a SystemIO.create_in_dir=. -- pdftotext a.pdf
}

@test "document: starts nothing, and connects to nobody" {
	local program
	skip_without pdftotext
	skip_without file
	make_pdf a.pdf
	for program in pdfinfo file; do
		alone -p document -- $program a.pdf
		undialled -p document -- $program a.pdf
	done
	# What file can't look into by itself it starts a program for.
	echo hello | gzip >a.gz
	printf '\x04\x22\x4d\x18\x64\x40\xa7' >a.lz4
	mkdir "$WORLD/home/bin"
	make_deed "$WORLD/home/bin/lz4"
	chmod 755 "$WORLD/home/bin"
	PATH=$WORLD/home/bin:$PATH stopped nothing -p document -- \
		file -S -z a.lz4
}

# --- sqlite

@test "sqlite: databases of the working folder, in every journal mode" {
	local mode
	skip_without sqlite3
	for mode in delete truncate persist memory wal off; do
		makes a.dump -p sqlite -- sqlite3 a.db \
			"pragma journal_mode=$mode; create table t(a, b);" \
			"insert into t values(1, 'one'), (2, 'ä');" \
			"begin; delete from t; rollback;" \
			"create index i on t(a); vacuum;" \
			".output a.dump" .dump
	done
	works -p sqlite -- sqlite3 :memory: 'select 6 * 7;'
	TZ=America/New_York works -p sqlite -- sqlite3 :memory: \
		"select datetime(0, 'unixepoch', 'localtime');"
	makes c.dump -p sqlite -- sqlite3 :memory: 'create table t(a);' \
		'.backup b.db' '.open b.db' "attach 'c.db' as c;" \
		'create table c.x(a);' \
		'.output c.dump' '.schema'
	same -p sqlite -- sqlite3 :memory: 'select wrong;'
}

@test "sqlite: two processes share a database, and wait for each other" {
	local who
	skip_without sqlite3
	for who in $(users); do
		rm -f a.db*
		as "$who" "$XS" run -p sqlite -- sqlite3 a.db \
			'pragma journal_mode=wal; create table t(a);'
		mkfifo fifo
		sqlite3 a.db <fifo 3>&- &
		exec 9>fifo
		echo 'begin immediate; insert into t values(1); select "begun";' >&9
		within 20 test -e a.db-wal
		sleep 0.2
		expect 5 as "$who" "$XS" run -p sqlite -- sqlite3 a.db \
			'insert into t values(2);'
		contains "$stderr" locked
		(sleep 0.5 && echo 'commit;' >&9) 3>&- &
		expect 0 as "$who" "$XS" run -p sqlite -- sqlite3 a.db \
			'.timeout 10000' 'insert into t values(2);' \
			'select sum(a) from t;'
		[[ $output == 3 ]]
		exec 9>&-
		wait
		rm fifo
	done
}

@test "sqlite: reads and writes nothing elsewhere" {
	skip_without sqlite3
	sqlite3 "$WORLD/secret.db" "create table s(a); insert into s values('canary');"
	chmod 644 "$WORLD/secret.db"
	sqlite3 a.db 'create table t(a);'
	chmod 666 a.db
	stopped canary -p sqlite -- sqlite3 "$WORLD/secret.db" 'select * from s;'
	stopped canary -p sqlite -- sqlite3 a.db \
		"attach '$WORLD/secret.db' as s;" 'select * from s.s;'
	stopped canary -p sqlite -- sqlite3 a.db "select readfile('$SECRET');"
	stopped canary -p sqlite -- sqlite3 a.db ".import $SECRET t" \
		'select * from t;'
	echo "select 'canary';" >"$WORLD/secret.sql"
	chmod 644 "$WORLD/secret.sql"
	stopped canary -p sqlite -- sqlite3 a.db ".read $WORLD/secret.sql"
	ln -s "$WORLD/secret.db" link.db
	stopped canary -p sqlite -- sqlite3 link.db 'select * from s;'
	stopped nothing -p sqlite -- sqlite3 a.db "select writefile('$MADE', 'x');"
	stopped nothing -p sqlite -- sqlite3 a.db "attach '$MADE' as m;" \
		'create table m.t(a);'
	stopped nothing -p sqlite -- sqlite3 a.db ".output $MADE" 'select 1;'
	stopped nothing -p sqlite -- sqlite3 a.db ".backup $MADE"
	stopped nothing -p sqlite -- sqlite3 a.db "vacuum into '$MADE';"
}

@test "sqlite: starts nothing, loads nothing, and connects to nobody" {
	skip_without sqlite3
	stopped '^done$' -p sqlite -- sqlite3 :memory: '.shell echo done'
	stopped '^done$' -p sqlite -- sqlite3 :memory: '.system echo done'
	stopped nothing -p sqlite -- sqlite3 :memory: \
		'.output |cat >"$MADE"' 'select 1;'
	stopped '^done$' -p sqlite -- sqlite3 :memory: 'create table t(a);' \
		'.import "|echo done" t' 'select * from t;'
	alone -p sqlite -- sqlite3 :memory: 'select 1;'
	undialled -p sqlite -- sqlite3 :memory: 'select 1;'
}

# --- git-local

git_ready() {
	skip_without git
	export GIT_AUTHOR_DATE=2001-01-01T00:00:00Z
	export GIT_COMMITTER_DATE=2001-01-01T00:00:00Z
	cat >"$HOME/.gitconfig" <<-'END'
		[user]
			name = A
			email = a@example.org
		[safe]
			directory = *
	END
	chmod 644 "$HOME/.gitconfig"
	GIT=()
	umask 022
}

# repository WHO: an empty folder of this user, to work in.
repository() {
	cd "$WORLD/work" || return
	rm -rf repo
	mkdir -m 755 repo
	[[ $EUID -ne 0 || $1 == root ]] || chown 65534:65534 repo
	cd repo || return
}

# git_as WHO ARGUMENT...: confined where $GIT says so.
git_as() {
	local who=$1
	shift
	as "$who" "${GIT[@]}" git "$@"
}

# commit WHO: a repository with one commit.
commit() {
	local GIT=()
	repository "$1"
	echo one >file
	chmod 666 file
	git_as "$1" init -q -b main .
	git_as "$1" add file
	git_as "$1" commit -q -m one
}

# day WHO: a day's work; all that git says, on standard output.
day() (
	set -e
	repository "$1"
	mkdir -m 777 d
	echo one >file
	echo run >d/run
	ln -s file link
	chmod 666 file
	chmod 777 d/run
	git_as "$1" init -b main .
	git_as "$1" status --short
	git_as "$1" add .
	git_as "$1" commit -m first
	git_as "$1" config core.filemode
	git_as "$1" branch side
	echo two >>file
	git_as "$1" diff
	git_as "$1" commit -a -m second
	git_as "$1" checkout side
	echo three >d/other
	git_as "$1" add d
	git_as "$1" commit -m third
	git_as "$1" merge -m merged main
	git_as "$1" tag -m tagged v1
	git_as "$1" checkout -b conflict main
	echo four >file
	git_as "$1" commit -a -m fourth
	git_as "$1" rebase side
	git_as "$1" stash list
	echo five >file
	git_as "$1" stash
	git_as "$1" stash pop
	git_as "$1" checkout file
	git_as "$1" grep -E 'r[u]n'
	git_as "$1" rm d/run
	git_as "$1" reset --hard
	git_as "$1" gc
	git_as "$1" fsck --full
	git_as "$1" log --stat --graph --all
	git_as "$1" blame file
	git_as "$1" show --format=raw HEAD
	find .git/objects -type f | sort
	find . -path ./.git -prune -o -printf '%p %M %l\n' | sort
)

@test "git-local: a day's work in a repository" {
	local who
	git_ready
	for who in $(users); do
		GIT=()
		outcome plain day "$who"
		GIT=("$XS" run -p git-local --)
		outcome confined day "$who"
		cmp "$WORLD/plain.out" "$WORLD/confined.out" || {
			diff "$WORLD/plain.out" "$WORLD/confined.out" || true
			show_outcomes plain confined
			return 1
		}
		[[ $(cat "$WORLD/confined.status") == 0 ]]
		contains "$(cat "$WORLD/confined.out")" "Merge"
	done
}

# git_stopped WORDS ARGUMENT...: as stopped, in a repository of each user. Before
# each try git_before is called, with the user.
git_stopped() {
	local pattern=$1 who
	shift
	for who in $(users); do
		commit "$who"
		git_before "$who"
		undo
		outcome plain as "$who" git "$@"
		within 20 has_happened plain "$pattern" || {
			show_outcomes plain
			return 1
		}
		commit "$who"
		git_before "$who"
		undo
		outcome confined as "$who" "$XS" run -p git-local -- git "$@"
		has_not_happened confined "$pattern" || {
			echo "is done with us, as $who: git ${*@Q}"
			show_outcomes confined
			return 1
		}
	done
}

git_before() {
	:
}

@test "git-local: reads and writes nothing elsewhere, and no keys" {
	git_ready
	mkdir -p "$HOME/.ssh" "$HOME/.config/git"
	echo canary | tee "$HOME/.ssh/id" "$HOME/.git-credentials" \
		>"$HOME/.config/git/credentials"
	chmod -R a+rX "$HOME"
	git_stopped canary diff --no-index "$SECRET" file
	git_stopped canary diff --no-index "$HOME/.ssh/id" file
	git_stopped canary diff --no-index "$HOME/.git-credentials" file
	git_stopped canary diff --no-index "$HOME/.config/git/credentials" file
	git_stopped '^[0-9a-f]{40}$' hash-object "$SECRET"
	git_stopped nothing config -f "$MADE" a.b c
	git_stopped nothing archive -o "$MADE" HEAD
	git_stopped nothing format-patch -1 --root -o "$MADE" HEAD
	git_stopped nothing init -q "$MADE"
	git_stopped nothing worktree add "$MADE"
}

@test "git-local: starts no hook and no other program" {
	local hook
	git_ready
	git_before() {
		make_deed ../deed
		for hook in pre-commit post-commit post-checkout; do
			cp "$WORLD/work/deed" .git/hooks/$hook
			chmod 755 .git/hooks/$hook
		done
		echo two >>file
	}
	git_stopped nothing commit -a -m two
	git_stopped nothing checkout -b side
	git_before() {
		make_deed ../deed
		echo 'file filter=x diff=x' >.git/info/attributes
		echo two >>file
	}
	git_stopped nothing -c alias.x='!../deed' x
	git_stopped nothing -c alias.x='!echo done >"$MADE"' x
	git_stopped nothing -c core.fsmonitor=../deed status
	git_stopped nothing -c core.editor=../deed commit -a
	git_stopped nothing -c filter.x.clean=../deed add file
	git_stopped nothing -c diff.x.command=../deed diff
	git_stopped nothing -c diff.x.textconv=../deed diff
	git_stopped nothing -c core.sshCommand=../deed fetch ssh://host/x
	git_stopped nothing -c protocol.ext.allow=always fetch 'ext::../deed x'
	git_stopped nothing -c gpg.program=../deed commit -a -S -m two
	printf 'protocol=http\nhost=host\n' >"$WORLD/asked"
	INPUT=$WORLD/asked git_stopped nothing \
		-c credential.helper='!../deed' credential fill
}

@test "git-local: connects to nobody, and clones from nowhere" {
	git_ready
	git_stopped nothing fetch "http://127.0.0.1:$PORT/x"
	git_stopped nothing push "http://127.0.0.1:$PORT/x" main
	GIT_SSH_COMMAND="curl -s http://127.0.0.1:$PORT/ssh #" \
		git_stopped nothing fetch ssh://host/x
	repository root
	git init -q "$WORLD/other"
	GIT_DIR=$WORLD/other/.git git commit -q --allow-empty -m canary
	chmod -R a+rX "$WORLD/other"
	git_stopped nothing clone -q . "$MADE"
	local who
	for who in $(users); do
		commit "$who"
		expect 0 git_as "$who" fetch "$WORLD/other"
		commit "$who"
		expect 128 as "$who" "$XS" run -p git-local -- git \
			fetch "$WORLD/other"
		contains "$stderr" "denied"
	done
	cd "$WORLD/work/repo"
	undialled -p git-local -- git version
}
