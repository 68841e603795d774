# A server for the tests of `startup`: server.py WHAT PORT.
#
#	serve    listens, takes one connection, and tells there what it can open
#	alone    the same, and says before and after whether it has children
#	daemon   the same, as a daemon that closes all and whose first process
#	         ends at once
#	family   listens in a child, once that may: tells what this process, which
#	         may be stopped until then, can open
#	sleep    never gets so far
#	notify   tells its manager, by sendto, sendmsg, write or writev; by
#	         another path to it; with a carriage return between; by a child;
#	         or one that is not there
import os
import socket
import struct
import sys
import time


def trial(what, call):
    try:
        call()
        return what + ": ok\n"
    except OSError as error:
        return what + ": " + os.strerror(error.errno) + "\n"


def trials():
    return (trial("open", lambda: open("/etc/passwd")) +
            trial("socket", lambda: socket.socket()))


def serve(port):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", int(port)))
    print("before: " + trials(), end="", flush=True)
    server.listen(5)
    client, _ = server.accept()
    client.sendall(trials().encode())
    client.close()


def children():
    try:
        return f"children: {os.waitpid(-1, os.WNOHANG)}\n"
    except ChildProcessError:
        return "children: none\n"


def alone(port):
    print(children(), end="", flush=True)
    serve(port)
    print(children(), end="", flush=True)


def daemon(port):
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    os.closerange(3, 1024)
    serve(port)


def family(port):
    line = sys.stdin.readline
    go, come = os.pipe()
    if not os.fork():
        print("ready", flush=True)
        line()
        server = socket.socket()
        server.bind(("127.0.0.1", int(port)))
        server.listen()
        os.write(come, b"x")
        line()
        os._exit(0)
    os.read(go, 1)
    print(trials(), end="", flush=True)


def notify(how):
    name = os.environ["NOTIFY_SOCKET"]
    name = "\0" + name[1:] if name[0] == "@" else name
    text = b"STATUS=up\rREADY=1" if how == "return" else b"STATUS=up\nREADY=1\n"
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    if how == "absent":
        print(trial("ready", lambda: manager.sendto(text, name)) + trials())
        return
    if how == "child" and os.fork():
        os.wait()
        print(trials(), end="")
        return
    manager.sendto(b"STATUS=NOTREADY=1", name)
    print("before: " + trials(), end="", flush=True)
    if how in ("sendto", "return", "child"):
        sent = manager.sendto(text, name)
    elif how == "path":
        sent = manager.sendto(text, "/" + name if name[0] == "/" else name)
    elif how == "writev":
        manager.connect(name)
        sent = os.writev(manager.fileno(), [text[:3], text[3:]])
    elif how == "files":
        files = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", 0))]
        manager.sendmsg([b"FDSTORE=1\nFDNAME=a"], files, 0, name)
        time.sleep(0.3)  # as below: before READY=1 makes another of it
        sent = manager.sendmsg([text], files, 0, name)
        manager.sendmsg([b"BARRIER=1"], files, 0, name)
    elif how == "sendmsg":
        sent = manager.sendmsg([text[:12], text[12:]], [], 0, name)
    else:
        manager.connect(name)
        sent = os.write(manager.fileno(), text)
    print(sent == len(text), flush=True)
    time.sleep(0.3)  # the manager looks at what holds this process
    print(trials() +
          trial("watchdog", lambda: manager.sendto(b"WATCHDOG=1", name)), end="")


if sys.argv[1] in ("serve", "alone", "daemon", "family"):
    globals()[sys.argv[1]](sys.argv[2])
elif sys.argv[1] == "notify":
    notify(sys.argv[2])
else:
    time.sleep(20)
