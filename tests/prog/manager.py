# A service manager of the tests: manager.py SOCKET COMMAND... tells, on standard
# error, what it is told, by the command's own process or not, how many filters
# that one had by then, and how many descriptors came with it.
import os
import socket
import struct
import subprocess
import sys

name = sys.argv[1]
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
manager.bind("\0" + name[1:] if name[0] == "@" else name)
if name[0] != "@":
    os.chmod(name, 0o777)
program = subprocess.Popen(sys.argv[2:], env=dict(os.environ, NOTIFY_SOCKET=name))
manager.settimeout(0.2)
while True:
    ended = program.poll() is not None
    try:
        text, control, _, _ = manager.recvmsg(4096, 256)
    except TimeoutError:
        if ended:
            break
        continue
    sent = {kind: data for _, kind, data in control}
    pid = struct.unpack("iii", sent[socket.SCM_CREDENTIALS])[0]
    files = len(sent.get(socket.SCM_RIGHTS, b"")) // 4
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            filters = [line.split()[1] for line in status
                       if line.startswith("Seccomp_filters")]
    except OSError:
        filters = ["?"]
    told = f"manager: {text.decode().split()} {pid == program.pid} {filters[0]}"
    told += f" with {files}" if files else ""
    sys.stderr.write(told + "\n")
sys.exit(program.returncode)
