# A shell with job control on a terminal of its own: terminal.py FILTERS WORD...
# starts there `WORD... cat` as a job, which is stopped, goes on behind and in
# the foreground, and is interrupted; and has to have so many filters.
import os
import pty
import re
import select
import shlex
import sys
import time

filters = sys.argv[1]
command = shlex.join(sys.argv[2:] + ["cat"])
seen = ""


def expect(pattern):
    global seen
    end = time.monotonic() + 15
    while not (found := re.search(pattern, seen, re.S)):
        if not select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit(f"no {pattern!r} in {seen!r}")
        seen += os.read(fd, 4096).decode(errors="replace")
    seen = seen[found.end():]
    return found


def send(text):
    os.write(fd, text.encode())


def ask(text, pattern):
    send(f"echo 'a'sked {text}\n")
    found = expect("asked " + pattern).group(1)
    expect(r"\$ ")
    return found


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return dict(line.rstrip("\n").split(":\t", 1) for line in status)


# It is the job's one process, its group's leader, and cat; and does not run.
def check(pid):
    lines = status_of(pid)
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        words = stat.read().rsplit(") ")[1].split()[1:4]
    found = lines["Name"], lines["Seccomp_filters"], *map(int, words)
    if found != ("cat", filters, shell, int(pid), shell):
        sys.exit(f"not as expected: {found}")
    # The shell may be told a moment before it does not.
    for _ in range(100):
        ask("$?", r"(\d+)\r")
        before, lines = lines, status_of(pid)
        if before == lines:
            return
    sys.exit("runs while it is stopped")


shell, fd = pty.fork()
if not shell:
    os.environ["PS1"] = "$ "
    os.execvp("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"])
expect(r"\$ ")
send(command + "\n")
expect("cat")
send("one\n")
expect("one\r\none\r\n")
send("\x1a")
expect(r"Stopped.*\$ ")
check(ask("$(jobs -p)", r"(\d+)\r"))
# In the background, reading stops it.
send("bg\n")
for _ in range(200):
    if "input" in ask("$(jobs -l)", r"([^\r]*)\r"):
        break
else:
    sys.exit("reads in the background")
send("fg\n")
expect("cat\r\n")
send("two\n")
expect("two\r\ntwo\r\n")
send("\x03")
expect(r"\$ ")
if ask("$?", r"(\d+)\r") != "130":
    sys.exit("not interrupted")
# What the shell calls its last one is the program.
send(command + " &\n")
pid = ask("$!", r"(\d+)\r")
for _ in range(200):
    if "input" in ask("$(jobs -l)", r"([^\r]*)\r"):
        break
else:
    sys.exit("reads in the background")
check(pid)
send("fg\n")
expect("cat\r\n")
send("three\n\x04")
expect("three\r\nthree\r\n")
expect(r"\$ ")
if ask("$?", r"(\d+)\r") != "0":
    sys.exit("not ended")
