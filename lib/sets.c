/* SPDX-License-Identifier: MIT */
/*
 * The builtin rule sets: THE table. One entry is one permission; somebody who
 * adds one touches this table and makes extrasafe-rulesets(7) anew.
 */
#include "sets.h"

#include <linux/landlock.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "util.h"

const struct es_set es_sets[] = {
	{ .name = "BasicCapabilities",
	  .about = "memory, signals, own ids, exit; always on",
	  .more = "What every program has, whether its profile names it or "
		  "not." },
	{ .name = "Code",
	  .about = "load code into memory" },
	{ .name = "Events",
	  .about = "wait for and send events" },
	{ .name = "ForkAndExec",
	  .about = "start processes and programs",
	  .more = "The program that is started is confined by the same "
		  "profile." },
	{ .name = "Loader",
	  .about = "what a dynamic loader needs",
	  .hidden = true },
	{ .name = "Networking",
	  .about = "sockets",
	  .more = "Reading and writing come with all of these, and so does "
		  "setting the options that ordinary servers and clients set. "
		  "TCP and UDP are those of IPv4 and IPv6; raw sockets and "
		  "other families can't be had. A client that looks names up "
		  "by DNS needs `start_udp_clients`, and `read_path` of "
		  "/etc/resolv.conf, /etc/hosts and /etc/nsswitch.conf." },
	{ .name = "Parts",
	  .about = "what several permissions share",
	  .hidden = true },
	{ .name = "Pipes",
	  .about = "pipes and socket pairs" },
	{ .name = "Scheduling",
	  .about = "priorities, processors, places of memory",
	  .more = "The program's own threads can't be told from other "
		  "processes, so that all words but `any` are about the "
		  "calling thread, by the number 0. The functions of threads, "
		  "such as pthread_setaffinity_np(3), give a number even for "
		  "the calling thread, and need `any`." },
	{ .name = "SelfConfinement",
	  .about = "programs that confine themselves",
	  .more = "What holds a program is added to and never taken away. For "
		  "extrasafe(1) in a profile of its own, `no_new_privs`, "
		  "`seccomp` and `landlock` go with `stdio`, `dup` and "
		  "`close` of SystemIO, `read_path` of the inner profile, and "
		  "`exec_path` of the program." },
	{ .name = "SharedMemory",
	  .about = "System V memory, semaphores, message queues",
	  .more = "POSIX shared memory is files in /dev/shm, which words of "
		  "SystemIO are about, `map_shared` among them. Memory that a "
		  "program shares with its children needs no permission." },
	{ .name = "Signals",
	  .about = "signals to others",
	  .more = "Signals to oneself need none of these, and those to own "
		  "children come with `fork`. These go further: Landlock's "
		  "scope, which holds signals to the program and what it "
		  "started, is off." },
	{ .name = "SystemIO",
	  .about = "files and descriptors",
	  .more = "Words without a path hold for all files that the user may "
		  "use." },
	{ .name = "SystemInfo",
	  .about = "memory of the machine, own use of it" },
	{ .name = "Terminal",
	  .about = "terminal settings and job control",
	  .more = "Typing for the user, by TIOCSTI and TIOCLINUX, is denied "
		  "whatever a profile allows. A terminal that is opened by "
		  "name takes words of SystemIO as well." },
	{ .name = "Threads",
	  .about = "threads" },
	{ .name = "Time",
	  .about = "clocks, sleeping, timers" },
	{ .name = "Users",
	  .about = "user and group ids",
	  .more = "Only a program that has the privilege can use these. To "
		  "drop capabilities is a word of SelfConfinement." },
};
const size_t es_nsets = ES_COUNT(es_sets);

/* A row is a braced pair, so that a forgotten comma can't glue two rules. */
#define ROWS(...) ((const struct es_row[]){ __VA_ARGS__, { ES_END, NULL } })
#define D(rule) { ES_DEFINES, rule }
#define B(rule) { ES_BRINGS, rule }
#define W(rule) { ES_WHOLE, rule }

/* Open flags that neither write nor create: an allow-list of bits, since a
 * deny-list forgets O_TRUNC one day. 0100000 is the kernel's O_LARGEFILE, which
 * 64-bit headers define as 0. */
#define READ_ONLY \
	"flags & ~(O_CLOEXEC|O_DIRECTORY|O_NOFOLLOW|O_NONBLOCK|O_NOCTTY|" \
	"O_LARGEFILE|O_NOATIME|O_PATH) == O_RDONLY"
#define WRITABLE \
	"flags & ~(O_ACCMODE|O_CREAT|O_EXCL|O_TRUNC|O_APPEND|O_CLOEXEC|" \
	"O_NOFOLLOW|O_NONBLOCK|O_NOCTTY|O_LARGEFILE|O_NOATIME|O_DSYNC|" \
	"O_SYNC_BIT) in {O_RDONLY}"

#define READ_CALLS "read readv pread64 preadv preadv2"
/* RWF_NOAPPEND (Linux 6.9) writes anywhere in what is open to append to. */
#define WRITES(fds) \
	"write writev pwrite64 pwritev if fd in " fds
#define WRITES_FLAGGED(fds) \
	"pwritev2 if fd in " fds " and flags & RWF_NOAPPEND == 0"
/* Mapping a file is reading it. */
#define READ_MAP \
	"prot & PROT_EXEC == 0 and " \
	"flags & (MAP_TYPE|MAP_ANONYMOUS) == MAP_PRIVATE"
/* glibc's fstat is newfstatat with an empty path; the path itself can't be
 * looked at, so names can be probed through it. */
#define EMPTY_PATH "flag == AT_EMPTY_PATH"
/* Is it a terminal, how large, and (cat -n) how much can be read from it? */
#define STREAM_ASKS "cmd in {TCGETS, TCGETS2, TIOCGWINSZ, FIONREAD}"

/* What a standard stream needs in real programs, besides moving data. (Only
 * where the limit was widened is there no guard that answers close.) */
#define STREAM \
	B("lseek fstat fadvise64 close if fd in FDS"), \
	B("newfstatat if dfd in FDS and " EMPTY_PATH), \
	B("ioctl if fd in FDS and " STREAM_ASKS)

/* Socket options of ordinary servers and clients. Not SO_ATTACH_*,
 * SO_BINDTODEVICE, TCP_FASTOPEN_CONNECT (connects without connect), TCP_REPAIR
 * or TCP_ULP. */
#define OPTIONS_SOCKET \
	"level == SOL_SOCKET and optname in {SO_REUSEADDR, SO_REUSEPORT, " \
	"SO_KEEPALIVE, SO_LINGER, SO_RCVBUF, SO_SNDBUF, SO_RCVTIMEO, " \
	"SO_SNDTIMEO, SO_RCVTIMEO_NEW, SO_SNDTIMEO_NEW, SO_RCVLOWAT, " \
	"SO_OOBINLINE, SO_BROADCAST, SO_PRIORITY, SO_TIMESTAMP, " \
	"SO_TIMESTAMPNS, SO_PASSCRED, SO_BUSY_POLL}"
#define OPTIONS_TCP \
	"level == IPPROTO_TCP and optname in {TCP_NODELAY, TCP_CORK, " \
	"TCP_MAXSEG, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT, " \
	"TCP_LINGER2, TCP_DEFER_ACCEPT, TCP_WINDOW_CLAMP, TCP_QUICKACK, " \
	"TCP_CONGESTION, TCP_USER_TIMEOUT, TCP_NOTSENT_LOWAT}"
#define OPTIONS_IP \
	"level == IPPROTO_IP and optname in {IP_TOS, IP_TTL, IP_PKTINFO, " \
	"IP_RECVERR, IP_RECVTOS, IP_RECVTTL, IP_MTU_DISCOVER, " \
	"IP_BIND_ADDRESS_NO_PORT, IP_MULTICAST_TTL, IP_MULTICAST_LOOP, " \
	"IP_MULTICAST_IF, IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP}"
#define OPTIONS_IPV6 \
	"level == IPPROTO_IPV6 and optname in {IPV6_V6ONLY, " \
	"IPV6_UNICAST_HOPS, IPV6_TCLASS, IPV6_RECVERR, IPV6_RECVPKTINFO, " \
	"IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS, IPV6_MTU_DISCOVER, " \
	"IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP, IPV6_MULTICAST_IF, " \
	"IPV6_JOIN_GROUP, IPV6_LEAVE_GROUP}"

/* Using connected sockets: what comes by accept, socket or inheritance. Sending
 * to an address or with MSG_FASTOPEN would connect without connect(). */
#define SOCKET_READS(fds) \
	D("read readv recvfrom recvmsg recvmmsg if fd in " fds)
#define SOCKET_WRITES(fds) \
	D("write writev if fd in " fds), \
	D("sendto if fd in " fds " and addr == NULL and " \
	  "flags & MSG_FASTOPEN == 0"), \
	D("sendmsg sendmmsg if fd in " fds " and flags & MSG_FASTOPEN == 0")
#define SOCKET_CONTROL(fds) \
	B("getsockname getpeername getsockopt shutdown close fstat " \
	  "if fd in " fds), \
	B("newfstatat if dfd in " fds " and " EMPTY_PATH), \
	B("setsockopt if fd in " fds " and " OPTIONS_SOCKET), \
	B("fcntl if fd in " fds " and cmd in {F_GETFD, F_SETFD, F_GETFL, " \
	  "F_SETFL}"), \
	B("ioctl if fd in " fds " and cmd in {FIONBIO, FIONREAD, FIOCLEX, " \
	  "FIONCLEX, TCGETS}")
#define INET_CONTROL(fds) \
	B("setsockopt if fd in " fds " and " OPTIONS_TCP), \
	B("setsockopt if fd in " fds " and " OPTIONS_IP), \
	B("setsockopt if fd in " fds " and " OPTIONS_IPV6)

/* Exact kinds: bit tests would let AF_ALG, AF_PACKET and SOCK_RAW through. The
 * mask takes SOCK_CLOEXEC and SOCK_NONBLOCK out, and nothing else. */
#define INET "family in {AF_INET, AF_INET6} and "
#define KIND "type & ~(SOCK_CLOEXEC|SOCK_NONBLOCK) "

/* A thread has exactly a thread's flags (no CLONE_NEW*, no exit signal). */
#define THREAD_FLAGS \
	"clone_flags & ~(CLONE_SYSVSEM|CLONE_SETTLS|CLONE_PARENT_SETTID|" \
	"CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|CLONE_DETACHED) == " \
	"(CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)"
/* A process has none of CLONE_THREAD, CLONE_PARENT, CLONE_UNTRACED,
 * CLONE_PTRACE, CLONE_NEW*. CSIGNAL is the signal at its end. */
#define PROCESS_FLAGS \
	"clone_flags & ~(CSIGNAL|CLONE_VM|CLONE_VFORK|CLONE_SETTLS|" \
	"CLONE_PARENT_SETTID|CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID) == 0"

/* Mapping files executable or writable, and never both: what is written to
 * memory can't be run. */
#define LOAD_CODE(fds) \
	"mmap if fd in " fds " and " \
	"prot & (PROT_WRITE|PROT_EXEC) == PROT_EXEC and " \
	"flags & (MAP_TYPE|MAP_ANONYMOUS) == MAP_PRIVATE"
#define LOAD_DATA(fds) "mmap if fd in " fds " and " READ_MAP

/* What a dynamic loader does, on the descriptors FDS. */
#define LOADING(fds) \
	D("open openat if " READ_ONLY), \
	D("read pread64 if fd in " fds), \
	D(LOAD_CODE(fds)), \
	D(LOAD_DATA(fds)), \
	B("fstat close if fd in " fds), \
	B("newfstatat if dfd in " fds " and " EMPTY_PATH), \
	B("fcntl if fd in " fds " and cmd == F_SETFD"), \
	B("access readlink")

#define FS(right) LANDLOCK_ACCESS_FS_##right
/* What can be moved and linked; not devices, or that would make them. */
#define MAKE_ANY \
	(FS(MAKE_DIR) | FS(MAKE_REG) | FS(MAKE_SOCK) | FS(MAKE_FIFO) | \
	 FS(MAKE_SYM))
#define STARRED ES_WORD_STARRED
#define LIMIT ES_WORD_LIMIT
#define FDS ES_WORD_FDS
#define PATH ES_WORD_PATH
#define FD ES_WORD_FD
#define COMPOSITE ES_WORD_COMPOSITE
#define IN_ALL ES_WORD_IN_ALL
#define FOLDER ES_WORD_FOLDER
#define STARTS ES_WORD_STARTS
#define NEEDS_PATH ES_WORD_NEEDS_PATH
#define PORTS ES_WORD_PORTS
#define PAST_PORTS ES_WORD_PAST_PORTS
#define REQUESTS ES_WORD_REQUESTS

const struct es_word es_words[] = {
{ .set = "BasicCapabilities", .word = "basic",
  .about = "memory, signals, own ids, exit",
  .rows = ROWS(
	D("brk munmap mremap membarrier mincore mseal"),
	/* Not MADV_HWPOISON and MADV_SOFT_OFFLINE, by which root takes memory
	 * from the machine. */
	D("madvise if advice < MADV_HWPOISON"),
	D("map_shadow_stack"),
	D("mlock mlock2 munlock mlockall munlockall"),
	D("mmap if prot & PROT_EXEC == 0 and flags & MAP_ANONYMOUS == "
	  "MAP_ANONYMOUS"),
	D("mprotect if prot & PROT_EXEC == 0"),
	D("rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack"),
	D("rt_sigpending rt_sigsuspend rt_sigtimedwait pause restart_syscall"),
	D("futex futex_waitv futex_wake futex_wait futex_requeue"),
	D("set_robust_list rseq set_tid_address"),
	D("get_robust_list if pid == 0"),
	D("getpid gettid getppid getuid geteuid getgid getegid"),
	D("getresuid getresgid getgroups getpgrp"),
	D("getpgid getsid if pid == 0"),
	D("poll ppoll"),
	/* python3, Rust and Go look at their standard streams at start. */
	D("fcntl if fd in {0, 1, 2} and cmd in {F_GETFD, F_GETFL}"),
	/* At their end coreutils close what they never wrote to as well, and
	 * fail if they can't. Nobody may use what is opened there then. */
	D("close if fd in {0, 1, 2}"),
	D("exit exit_group"),
	D("kill if pid in SELF"),
	D("tgkill if tgid in SELF"),
	D("tkill if pid in SELF"),
	D("getrandom uname sched_yield rseq_slice_yield getcpu"),
	D("arch_prctl if option in {ARCH_SET_FS, ARCH_GET_FS, ARCH_SET_GS, "
	  "ARCH_GET_GS}"),
	D("prlimit64 if pid == 0 and new_rlim == NULL"),
	D("getrlimit"),
	D("sched_getaffinity sched_getattr sched_getparam sched_getscheduler "
	  "sched_rr_get_interval if pid == 0"),
	D("sched_get_priority_max sched_get_priority_min")) },

{ .set = "Code", .word = "load", .flags = FDS, .fds = "opened",
  .about = "map files executable: shared libraries, modules of python or NSS",
  .more = "Opening and reading them needs `read_path` or another word.",
  .rows = ROWS(
	D(LOAD_CODE("FDS")),
	B(LOAD_DATA("FDS"))) },
{ .set = "Code", .word = "jit", .flags = STARRED,
  .about = "make memory executable",
  .danger = "whatever is written to memory can be run; `load` maps files only",
  .open = "memory can be made executable, so injected code runs",
  .rows = ROWS(
	D("mmap if flags & MAP_ANONYMOUS == MAP_ANONYMOUS"),
	D("mprotect pkey_mprotect"),
	B("pkey_alloc pkey_free")) },

{ .set = "Events", .word = "poll",
  .about = "wait for descriptors by poll and select",
  .rows = ROWS(D("poll ppoll select pselect6")) },
{ .set = "Events", .word = "epoll",
  .about = "wait for descriptors by epoll",
  .includes = "Parts.close",
  .rows = ROWS(
	D("epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait "
	  "epoll_pwait2")) },
{ .set = "Events", .word = "eventfd",
  .about = "event counters between threads",
  .includes = "Parts.close",
  .rows = ROWS(
	D("eventfd eventfd2"),
	B("read write if fd in OPENED")) },
{ .set = "Events", .word = "timerfd",
  .about = "timers that are read from a descriptor",
  .includes = "Parts.close",
  .rows = ROWS(
	D("timerfd_create timerfd_settime timerfd_gettime"),
	B("read if fd in OPENED")) },
{ .set = "Events", .word = "signalfd",
  .about = "own signals, read from a descriptor",
  .includes = "Parts.close",
  .rows = ROWS(
	D("signalfd signalfd4"),
	B("read if fd in OPENED")) },
{ .set = "Events", .word = "inotify",
  .about = "watch files and folders for changes",
  .includes = "Parts.close",
  .open = "changes of any file whose folder can be searched are told",
  .rows = ROWS(
	D("inotify_init inotify_init1 inotify_add_watch inotify_rm_watch"),
	B("read if fd in OPENED")) },

{ .set = "ForkAndExec", .word = "fork", .flags = STARTS,
  .about = "make processes of the same program",
  .more = "Sessions and process groups come with it. Signals reach every "
	  "process of the program's family if the kernel has Landlock's "
	  "signal scope (Linux 6.12), and only the first process otherwise. "
	  "Namespaces can't be made.",
  .rows = ROWS(
	D("fork vfork"),
	D("clone if " PROCESS_FLAGS),
	/* Pids of the family can't be told apart; Landlock's scope holds
	 * signals to it. */
	B("kill if pid in FAMILY"),
	B("tgkill if tgid in FAMILY"),
	B("tkill if pid in FAMILY"),
	B("setsid setpgid getpgid getsid")) },
{ .set = "ForkAndExec", .word = "exec", .flags = STARRED | STARTS,
  .about = "start any program that can be read",
  .danger = "any program can be started, and any file be read; `exec_path` "
	    "names the programs",
  .open = "every file that the user may read can be read: starting a program "
	  "needs the right to read it",
  .fs = FS(EXECUTE) | FS(READ_FILE),
  .rows = ROWS(
	D("execve execveat"),
	LOADING("OPENED")) },
{ .set = "ForkAndExec", .word = "exec_path",
  .flags = PATH | NEEDS_PATH | STARTS,
  .about = "start the programs at these paths or below them",
  .more = "The dynamic loaders of glibc and musl and their libraries are "
	  "added. A script needs its interpreter named as well.",
  .open = "it names programs, not code: a named interpreter or dynamic loader "
	  "runs any file that can be read",
  .path_right = FS(EXECUTE),
  .fs = FS(EXECUTE) | FS(READ_FILE),
  .rows = ROWS(
	D("execve"),
	LOADING("OPENED")) },
{ .set = "ForkAndExec", .word = "wait",
  .about = "wait for child processes",
  .rows = ROWS(D("wait4 waitid")) },

{ .set = "Loader", .word = "start",
  .about = "what a dynamic loader needs between exec and main",
  .rows = ROWS(LOADING("LOADER")) },

{ .set = "Networking", .word = "start_tcp_servers",
  .flags = STARRED | FDS | PORTS, .fds = "opened",
  .about = "listen on TCP ports and serve",
  .danger = "any port can be listened on, and with `ports` one of the kernel's "
	    "choice; let `fds` hand over a listening socket and give "
	    "`running_tcp_servers`",
  .net = LANDLOCK_ACCESS_NET_BIND_TCP,
  .includes = "Networking.running_tcp_servers",
  .rows = ROWS(
	D("socket if " INET KIND "== SOCK_STREAM and protocol in "
	  "{0, IPPROTO_TCP}"),
	D("bind listen if fd in FDS")) },
{ .set = "Networking", .word = "start_udp_servers",
  .flags = STARRED | FDS | PAST_PORTS, .fds = "opened",
  .about = "bind UDP ports, receive and send",
  .danger = "any port can be bound and any address be sent to; hand over a "
	    "bound socket and give `running_udp_sockets`",
  .includes = "Networking.running_udp_sockets",
  .rows = ROWS(
	D("socket if " INET KIND "== SOCK_DGRAM and protocol in "
	  "{0, IPPROTO_UDP}"),
	D("bind if fd in FDS")) },
{ .set = "Networking", .word = "start_unix_servers",
  .flags = STARRED | FDS, .fds = "opened",
  .about = "listen on unix sockets and serve",
  .danger = "a socket can be made at any path that can be written to; hand "
	    "over a listening socket and give `running_unix_servers`",
  .open = "a filter sees no kinds of sockets: beside any word that connects, "
	  "every unix socket that the user may reach can be connected to, and "
	  "beside `start_tcp_clients`, a TCP port of the kernel's choice be "
	  "listened on",
  .fs = FS(MAKE_SOCK),
  .includes = "Networking.running_unix_servers",
  .rows = ROWS(
	D("socket if family == AF_UNIX and " KIND "in {SOCK_STREAM, "
	  "SOCK_DGRAM, SOCK_SEQPACKET} and protocol == 0"),
	D("bind listen if fd in FDS")) },
{ .set = "Networking", .word = "start_tcp_clients",
  .flags = FDS | PORTS, .fds = "opened",
  .about = "connect to TCP servers",
  .net = LANDLOCK_ACCESS_NET_CONNECT_TCP,
  .includes = "Networking.running_tcp_clients",
  .rows = ROWS(
	D("socket if " INET KIND "== SOCK_STREAM and protocol in "
	  "{0, IPPROTO_TCP}"),
	D("connect if fd in FDS")) },
{ .set = "Networking", .word = "start_udp_clients",
  .flags = FDS | PAST_PORTS, .fds = "opened",
  .about = "send to UDP servers and receive their answers",
  .open = "UDP datagrams can be sent to any address and port",
  .includes = "Networking.running_udp_sockets",
  .rows = ROWS(
	D("socket if " INET KIND "== SOCK_DGRAM and protocol in "
	  "{0, IPPROTO_UDP}"),
	D("connect if fd in FDS")) },
{ .set = "Networking", .word = "start_unix_clients",
  .flags = STARRED | FDS, .fds = "opened",
  .about = "connect to unix sockets",
  .danger = "every unix socket that the user may reach can be connected to "
	    "(docker.sock, the session bus); hand over a connected socket and "
	    "give `running_unix_clients`",
  .open = "every unix socket that the user may reach can be connected to",
  .scopes = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET,
  .includes = "Networking.running_unix_clients",
  .rows = ROWS(
	D("socket if family == AF_UNIX and " KIND "in {SOCK_STREAM, "
	  "SOCK_DGRAM, SOCK_SEQPACKET} and protocol == 0"),
	D("connect if fd in FDS")) },
{ .set = "Networking", .word = "running_tcp_servers",
  .flags = FDS, .fds = "opened",
  .about = "accept on listening TCP sockets and serve",
  .more = "`fds` names the listening sockets; what they accept is `opened`, "
	  "and always covered. No sockets can be made, bound or connected.",
  .rows = ROWS(
	D("accept accept4 if fd in FDS"),
	SOCKET_READS("OPENED"),
	SOCKET_WRITES("OPENED"),
	SOCKET_CONTROL("FDS"),
	SOCKET_CONTROL("OPENED"),
	INET_CONTROL("FDS"),
	INET_CONTROL("OPENED")) },
{ .set = "Networking", .word = "running_udp_sockets",
  .flags = FDS | PAST_PORTS, .fds = "opened",
  .about = "receive and send on UDP sockets",
  .open = "UDP datagrams can be sent to any address and port",
  .rows = ROWS(
	SOCKET_READS("FDS"),
	D("write writev if fd in FDS"),
	D("sendto sendmsg sendmmsg if fd in FDS and flags & MSG_FASTOPEN == 0"),
	SOCKET_CONTROL("FDS"),
	INET_CONTROL("FDS")) },
{ .set = "Networking", .word = "running_tcp_clients",
  .flags = FDS, .fds = "opened",
  .about = "use connected TCP sockets",
  .more = "Neither sending to an address nor TCP Fast Open is possible, which "
	  "would connect.",
  .rows = ROWS(
	SOCKET_READS("FDS"),
	SOCKET_WRITES("FDS"),
	SOCKET_CONTROL("FDS"),
	INET_CONTROL("FDS")) },
{ .set = "Networking", .word = "running_unix_servers",
  .flags = FDS, .fds = "opened",
  .about = "accept on listening unix sockets and serve",
  .more = "`fds` names the listening sockets, as with `running_tcp_servers`.",
  .open = "a datagram socket can send to every unix socket that the user may "
	  "reach",
  .rows = ROWS(
	D("accept accept4 if fd in FDS"),
	SOCKET_READS("OPENED"),
	SOCKET_WRITES("OPENED"),
	SOCKET_CONTROL("FDS"),
	SOCKET_CONTROL("OPENED")) },
{ .set = "Networking", .word = "running_unix_clients",
  .flags = FDS, .fds = "opened",
  .about = "use connected unix sockets",
  .open = "a datagram socket can send to every unix socket that the user may "
	  "reach",
  .rows = ROWS(
	SOCKET_READS("FDS"),
	SOCKET_WRITES("FDS"),
	SOCKET_CONTROL("FDS")) },
{ .set = "Networking", .word = "connect", .flags = STARRED | FDS,
  .fds = "opened",
  .about = "connect any socket",
  .danger = "sockets of every kind can be connected; `start_tcp_clients` "
	    "names the kind",
  .net = LANDLOCK_ACCESS_NET_CONNECT_TCP,
  .scopes = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET,
  .rows = ROWS(D("connect if fd in FDS")) },
{ .set = "Networking", .word = "resolve", .flags = COMPOSITE,
  .fds = "opened",
  .about = "look up names by DNS: its files, UDP, and TCP to port 53",
  .more = "Name services that are shared libraries, such as nss-resolve and "
	  "mDNS, need `Code.load` and `read_path` of them besides, or "
	  "`parts/libraries`.",
  .open = "UDP datagrams can be sent to any address and port",
  .ports = "53",
  .includes = "SystemIO.dns_files Networking.start_udp_clients "
	      "Networking.start_tcp_clients" },
{ .set = "Networking", .word = "https_client", .flags = COMPOSITE,
  .fds = "opened",
  .about = "fetch by HTTPS: names, certificates, and TCP to port 443",
  .open = "UDP datagrams can be sent to any address and port",
  .ports = "53 443",
  .includes = "Networking.resolve SystemIO.ssl_files" },
{ .set = "Networking", .word = "notify",
  .about = "tell the service manager, by datagrams to $NOTIFY_SOCKET",
  .open = "datagrams can be sent to any unix socket that the user may reach",
  .includes = "Parts.close",
  .rows = ROWS(
	D("socket if domain == AF_UNIX and " KIND "== SOCK_DGRAM and "
	  "protocol == 0"),
	D("sendto sendmsg if fd in OPENED and flags & MSG_FASTOPEN == 0"),
	B("getsockopt if fd in OPENED"),
	B("setsockopt if fd in OPENED and level == SOL_SOCKET and "
	  "optname == SO_SNDBUF")) },

/* Descriptors that were made, not opened by name, are closed and looked at. */
{ .set = "Parts", .word = "close",
  .about = "close and look at opened descriptors",
  .rows = ROWS(
	B("close fstat if fd in OPENED"),
	B("newfstatat if dfd in OPENED and " EMPTY_PATH),
	B("fcntl if fd in OPENED and cmd in {F_GETFD, F_SETFD, F_GETFL, "
	  "F_SETFL}"),
	B("ioctl if fd in OPENED and cmd in {FIONBIO, FIOCLEX, FIONCLEX}")) },
/* What looking at files by name takes beside opening them. */
{ .set = "Parts", .word = "files",
  .about = "look at, seek in and close opened files",
  .rows = ROWS(
	B("lseek fstat fadvise64 getdents getdents64 close readahead "
	  "if fd in OPENED"),
	B("stat lstat newfstatat statx access faccessat faccessat2"),
	B("readlink readlinkat getcwd"),
	B("fcntl if fd in OPENED and cmd in {F_GETFD, F_SETFD, F_GETFL}"),
	B("ioctl if fd in OPENED and cmd in {TCGETS, TCGETS2, TIOCGWINSZ, "
	  "FIONREAD, FIOCLEX, FIONCLEX}")) },

/* Listing /proc/self/fd, which Landlock holds the opening to. */
{ .set = "Parts", .word = "listing",
  .about = "list /proc/self/fd, where a descriptor from 3 up has a limit",
  .rows = ROWS(
	B("open openat if " READ_ONLY),
	B("getdents getdents64 close fstat if fd in OPENED"),
	B("newfstatat if dfd in OPENED and " EMPTY_PATH)) },

{ .set = "Pipes", .word = "create",
  .about = "make pipes, and use them",
  .includes = "Parts.close",
  .rows = ROWS(
	D("pipe pipe2"),
	B("read readv write writev if fd in OPENED")) },
{ .set = "Pipes", .word = "pair",
  .about = "make pairs of connected sockets, and use them",
  .more = "Pairs are streams and sequenced packets, no datagrams. Beside a "
	  "word of Networking, a program could send itself copies of its "
	  "descriptors through one: where descriptors have limits, that is "
	  "an error.",
  .includes = "Parts.close",
  .rows = ROWS(
	/* Not SOCK_DGRAM: with a word of Networking, its sendmsg and connect
	 * would reach every unix datagram socket. */
	D("socketpair if family == AF_UNIX and " KIND "in {SOCK_STREAM, "
	  "SOCK_SEQPACKET} and protocol == 0"),
	B("read readv write writev if fd in OPENED"),
	B("recvfrom if fd in OPENED"),
	B("sendto if fd in OPENED and addr == NULL and "
	  "flags & MSG_FASTOPEN == 0"),
	B("getsockopt shutdown if fd in OPENED")) },

/* Others' threads and processes can't be told from own ones: 0 is oneself. */
{ .set = "Scheduling", .word = "priority",
  .about = "change own priority",
  .rows = ROWS(
	D("getpriority setpriority if which == PRIO_PROCESS and who == 0")) },
{ .set = "Scheduling", .word = "io_priority",
  .about = "change own priority of reading and writing disks",
  .rows = ROWS(
	D("ioprio_get ioprio_set if which == IOPRIO_WHO_PROCESS and "
	  "who == 0")) },
{ .set = "Scheduling", .word = "affinity",
  .about = "choose the processors to run on",
  .rows = ROWS(D("sched_setaffinity if pid == 0")) },
{ .set = "Scheduling", .word = "policy",
  .about = "change own scheduling policy, real time ones too",
  .open = "with the privilege for it, the program can keep processors for "
	  "itself",
  .rows = ROWS(
	D("sched_setattr sched_setparam sched_setscheduler if pid == 0")) },
{ .set = "Scheduling", .word = "numa",
  .about = "choose the nodes of the machine that hold own memory",
  .rows = ROWS(
	D("get_mempolicy set_mempolicy set_mempolicy_home_node"),
	/* Not what moves pages that others share. */
	D("mbind if flags & MPOL_MF_MOVE_ALL == 0"),
	D("move_pages if pid == 0 and flags & MPOL_MF_MOVE_ALL == 0"),
	D("migrate_pages if pid == 0")) },
{ .set = "Scheduling", .word = "any", .flags = STARRED,
  .about = "change priority, processors and policy of any process or thread",
  .danger = "every process of the user can be slowed down; the other words "
	    "reach the calling thread",
  .open = "every process of the user can be slowed down",
  .rows = ROWS(
	D("getpriority setpriority ioprio_get ioprio_set"),
	D("sched_setaffinity sched_setattr sched_setparam sched_setscheduler"),
	B("sched_getaffinity sched_getattr sched_getparam sched_getscheduler "
	  "sched_rr_get_interval")) },

/* What only ever takes something away. */
{ .set = "SelfConfinement", .word = "no_new_privs",
  .about = "give up gaining privileges by starting programs",
  .rows = ROWS(
	D("prctl if option in {PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS}")) },
{ .set = "SelfConfinement", .word = "seccomp",
  .about = "add system call filters, none that others are asked by",
  .rows = ROWS(
	D("seccomp if op in {SECCOMP_SET_MODE_STRICT, SECCOMP_SET_MODE_FILTER, "
	  "SECCOMP_GET_ACTION_AVAIL, SECCOMP_GET_NOTIF_SIZES} and "
	  "flags & SECCOMP_FILTER_FLAG_NEW_LISTENER == 0"),
	D("prctl if option in {PR_SET_SECCOMP, PR_GET_SECCOMP}")) },
{ .set = "SelfConfinement", .word = "landlock",
  .about = "add Landlock rules; paths for them are opened, not read",
  .includes = "Parts.close",
  .rows = ROWS(
	D("landlock_create_ruleset landlock_add_rule landlock_restrict_self"),
	/* es_apply_to_all_threads sends for the other threads by it. */
	B("rt_tgsigqueueinfo if tgid in SELF and sig >= 34"),
	B("open openat if flags & ~(O_CLOEXEC|O_DIRECTORY|O_NOFOLLOW) == "
	  "O_PATH")) },
{ .set = "SelfConfinement", .word = "capabilities",
  .about = "look at and drop capabilities",
  .open = "capabilities that are permitted can be put to use as well",
  .rows = ROWS(
	D("capget capset"),
	D("prctl if option in {PR_CAPBSET_READ, PR_CAPBSET_DROP, "
	  "PR_CAP_AMBIENT, PR_GET_SECUREBITS, PR_SET_SECUREBITS, "
	  "PR_GET_KEEPCAPS, PR_SET_KEEPCAPS}")) },
{ .set = "SelfConfinement", .word = "limits",
  .about = "set own resource limits",
  .open = "with the privilege for it, limits can be raised as well",
  .rows = ROWS(
	D("prlimit64 if pid == 0"),
	D("setrlimit")) },
{ .set = "SelfConfinement", .word = "undumpable",
  .about = "forbid core files and that others look into its memory",
  .rows = ROWS(
	D("prctl if option == PR_SET_DUMPABLE and arg2 == 0"),
	B("prctl if option == PR_GET_DUMPABLE")) },
{ .set = "SelfConfinement", .word = "modules",
  .about = "ask which security modules there are, and what they say of it",
  .rows = ROWS(D("lsm_list_modules lsm_get_self_attr")) },

/* Objects have numbers of the whole machine: no condition can hold a program to
 * its own, and Landlock has no right for them. */
{ .set = "SharedMemory", .word = "memory", .flags = STARRED,
  .about = "share memory by System V segments",
  .danger = "every segment on the machine that the user may use can be read "
	    "and changed; memory that a program shares with its children "
	    "needs no permission",
  .open = "every System V segment that the user may use can be read and "
	  "changed",
  .rows = ROWS(
	D("shmget shmctl shmdt"),
	D("shmat if shmflg & SHM_EXEC == 0")) },
{ .set = "SharedMemory", .word = "semaphores", .flags = STARRED,
  .about = "wait for each other by System V semaphores",
  .danger = "every semaphore on the machine that the user may use can be "
	    "changed; futexes in shared memory need no permission",
  .open = "every System V semaphore that the user may use can be changed",
  .rows = ROWS(D("semget semop semtimedop semctl")) },
{ .set = "SharedMemory", .word = "messages", .flags = STARRED,
  .about = "send and receive messages by System V queues",
  .danger = "every queue on the machine that the user may use can be read and "
	    "written to; `Pipes.create` makes channels of the program's own",
  .open = "every System V queue that the user may use can be read and written "
	  "to",
  .rows = ROWS(D("msgget msgsnd msgrcv msgctl")) },
/* But these are files to Landlock, below where they are mounted. */
{ .set = "SharedMemory", .word = "queues", .flags = FDS, .fds = "opened",
  .about = "make, use and remove POSIX queues of messages",
  .open = "queues can be made and removed by any name; to open one takes "
	  "`read_path` and `write_file` of its place, such as /dev/mqueue",
  .includes = "Parts.close",
  .rows = ROWS(
	W("mq_open mq_unlink"),
	D("mq_timedsend mq_timedreceive mq_notify mq_getsetattr "
	  "if mqdes in FDS")) },

/* What goes past the program and its children takes the scope off. */
{ .set = "Signals", .word = "group",
  .about = "signal the own process group",
  .more = "Without the scope, only the program's first process passes where a "
	  "number is given: children of `fork` can't be signalled by their "
	  "numbers, nor threads by musl's pthread_kill(3).",
  .open = "the caller's processes are of this group too, such as the other "
	  "commands of a pipe; beside `fork` or `job_control` the program "
	  "chooses its group, and so reaches every one of the session",
  .scopes = LANDLOCK_SCOPE_SIGNAL,
  .rows = ROWS(D("kill if pid == 0")) },
{ .set = "Signals", .word = "any", .flags = STARRED,
  .about = "signal any process",
  .danger = "every process of the user can be ended; `fork` brings signals to "
	    "the program's children",
  .open = "every process of the user can be ended",
  .scopes = LANDLOCK_SCOPE_SIGNAL,
  .includes = "Parts.close",
  .rows = ROWS(
	D("kill tgkill tkill rt_sigqueueinfo rt_tgsigqueueinfo"),
	D("pidfd_open pidfd_send_signal")) },

{ .set = "SystemIO", .word = "everything", .flags = COMPOSITE,
  .about = "all work on files, opening included; no ioctl",
  .open = "all files that the user may use can be read, changed and removed",
  .includes = "SystemIO.read SystemIO.write SystemIO.open SystemIO.metadata "
	      "SystemIO.unlink SystemIO.close SystemIO.rename SystemIO.link "
	      "SystemIO.symlink SystemIO.readlink SystemIO.mkdir "
	      "SystemIO.rmdir SystemIO.chmod SystemIO.chown SystemIO.utimes "
	      "SystemIO.truncate SystemIO.allocate SystemIO.mknod "
	      "SystemIO.access SystemIO.statfs SystemIO.xattr_read "
	      "SystemIO.xattr_write SystemIO.chdir SystemIO.umask "
	      "SystemIO.dup SystemIO.fcntl SystemIO.lock SystemIO.sync "
	      "SystemIO.copy SystemIO.map_shared" },
{ .set = "SystemIO", .word = "stdio", .fds = "0-2", .flags = COMPOSITE,
  .about = "descriptors 0 to 2 as the caller gave them, to read and write; "
	   "for programs that start others",
  .more = "These numbers are not guarded.",
  .rows = ROWS(
	D(READ_CALLS " if fd in FDS"),
	D(WRITES("FDS")),
	D(WRITES_FLAGGED("FDS")),
	B("fcntl if fd in FDS and cmd in {F_GETFD, F_SETFD, F_GETFL, "
	  "F_SETFL}"),
	B("ioctl if fd in FDS and cmd == FIONBIO"),
	STREAM) },
{ .set = "SystemIO", .word = "read", .flags = FDS,
  .about = "read and map open descriptors",
  .rows = ROWS(
	D(READ_CALLS " if fd in FDS"),
	D("mmap if fd in FDS and " READ_MAP),
	B("lseek fstat fadvise64 readahead if fd in FDS"),
	B("newfstatat if dfd in FDS and " EMPTY_PATH)) },
{ .set = "SystemIO", .word = "write", .flags = FDS,
  .about = "write to open descriptors",
  .rows = ROWS(
	D(WRITES("FDS")),
	D(WRITES_FLAGGED("FDS")),
	B("lseek fstat fsync fdatasync if fd in FDS"),
	B("newfstatat if dfd in FDS and " EMPTY_PATH)) },
{ .set = "SystemIO", .word = "open", .flags = STARRED,
  .about = "open any file to read or write, create and empty files",
  .more = "Reading and writing need `read` and `write`.",
  .danger = "every file that the user may write can be emptied; `read_path` "
	    "and `write_file` name the files, `open_readonly` only reads",
  .open = "all files that the user may use can be read, changed and emptied",
  .fs = FS(READ_FILE) | FS(READ_DIR) | FS(WRITE_FILE) | FS(MAKE_REG) |
	FS(TRUNCATE),
  .rows = ROWS(D("open openat creat")) },
{ .set = "SystemIO", .word = "open_readonly", .flags = LIMIT,
  .about = "open any file or folder to read",
  .more = "What is opened needs `read` or `metadata`.",
  .open = "all files that the user may read can be opened; `read_path` names "
	  "the files",
  .fs = FS(READ_FILE) | FS(READ_DIR),
  .rows = ROWS(D("open openat if " READ_ONLY)) },
{ .set = "SystemIO", .word = "metadata", .flags = FDS,
  .about = "look at names, sizes, times and folders",
  .rows = ROWS(
	D("fstat getdents getdents64 cachestat if fd in FDS"),
	B("newfstatat if dfd in FDS and " EMPTY_PATH),
	W("stat lstat newfstatat statx getcwd file_getattr")) },
{ .set = "SystemIO", .word = "unlink",
  .about = "remove files",
  .fs = FS(REMOVE_FILE),
  .rows = ROWS(D("unlink"), D("unlinkat if flag == 0")) },
{ .set = "SystemIO", .word = "ioctl", .flags = STARRED | FDS | REQUESTS,
  .about = "every ioctl but TIOCSTI and TIOCLINUX",
  .more = "TIOCSTI and TIOCLINUX, which type into the terminal, are denied "
	  "whatever a profile allows.",
  .danger = "devices and file attributes can be changed; the sets bring the "
	    "requests that they need",
  .fs = FS(IOCTL_DEV),
  .rows = ROWS(D("ioctl if fd in FDS")) },
{ .set = "SystemIO", .word = "close", .flags = FDS,
  .about = "close descriptors",
  .rows = ROWS(D("close if fd in FDS"), W("close_range")) },
{ .set = "SystemIO", .word = "stdin", .flags = LIMIT, .fds = "0",
  .about = "read standard input, and nothing else of this number",
  .rows = ROWS(D("read readv if fd in FDS"), STREAM) },
{ .set = "SystemIO", .word = "stdout", .flags = LIMIT, .fds = "1",
  .about = "write to standard output, and nothing else of this number",
  .rows = ROWS(D("write writev if fd in FDS"), STREAM) },
{ .set = "SystemIO", .word = "stderr", .flags = LIMIT, .fds = "2",
  .about = "write to standard error, and nothing else of this number",
  .rows = ROWS(D("write writev if fd in FDS"), STREAM) },
{ .set = "SystemIO", .word = "file_read", .flags = LIMIT | FD,
  .about = "read one descriptor",
  .more = "Single ones, by number or name.",
  .rows = ROWS(
	D(READ_CALLS " if fd in FDS"),
	D("mmap if fd in FDS and " READ_MAP),
	B("lseek fstat fadvise64 readahead if fd in FDS")) },
{ .set = "SystemIO", .word = "file_write", .flags = LIMIT | FD,
  .about = "write to one descriptor",
  .more = "Single ones, by number or name. They can't be emptied, so that a "
	  "log may be handed over to append to.",
  .rows = ROWS(
	D(WRITES("FDS")),
	D(WRITES_FLAGGED("FDS")),
	/* Not ftruncate: a log that is handed over to append to is not to be
	 * emptied. */
	B("lseek fstat fsync fdatasync if fd in FDS")) },
{ .set = "SystemIO", .word = "read_path", .flags = PATH | FDS,
  .fds = "opened",
  .about = "open and read these files, and all below these folders",
  .path_right = FS(READ_FILE),
  .fs = FS(READ_FILE) | FS(READ_DIR) | FS(IOCTL_DEV),
  .includes = "Parts.files",
  .rows = ROWS(
	D("open openat if " READ_ONLY),
	B(READ_CALLS " if fd in FDS"),
	B("mmap if fd in FDS and " READ_MAP)) },
{ .set = "SystemIO", .word = "write_file",
  .flags = PATH | NEEDS_PATH | FDS, .fds = "opened",
  .about = "write to and empty these files, and all existing below these "
	   "folders",
  .more = "No new files are made: `create_in_dir` does that, or for a single "
	  "one a descriptor of `fds` with `create`.",
  .path_right = FS(WRITE_FILE),
  .fs = FS(WRITE_FILE) | FS(TRUNCATE) | FS(IOCTL_DEV),
  .includes = "Parts.files",
  .rows = ROWS(
	D("open openat if " WRITABLE),
	D("creat"),
	B(WRITES("FDS")),
	B(WRITES_FLAGGED("FDS")),
	B("fsync fdatasync ftruncate if fd in FDS")) },
{ .set = "SystemIO", .word = "list_dir", .flags = PATH | FOLDER,
  .about = "list these folders, and all below them",
  .more = "No files are opened.",
  .path_right = FS(READ_DIR),
  .fs = FS(READ_DIR),
  .includes = "Parts.files",
  .rows = ROWS(D("open openat if " READ_ONLY)) },
{ .set = "SystemIO", .word = "create_in_dir",
  .flags = PATH | NEEDS_PATH | FOLDER | FDS, .fds = "opened",
  .about = "make files below these folders, and read, write and empty those "
	   "that are there",
  .more = "Landlock tells new files from old ones by nothing. Neither folders "
	  "nor other kinds of files are made, and nothing is listed.",
  .path_right = FS(MAKE_REG),
  .fs = FS(MAKE_REG) | FS(READ_FILE) | FS(WRITE_FILE) | FS(TRUNCATE),
  .includes = "Parts.files",
  .rows = ROWS(
	D("open openat if " WRITABLE),
	D("creat"),
	B(READ_CALLS " if fd in FDS"),
	B("mmap if fd in FDS and " READ_MAP),
	B(WRITES("FDS")),
	B(WRITES_FLAGGED("FDS")),
	B("fsync fdatasync ftruncate if fd in FDS"),
	B("umask")) },
{ .set = "SystemIO", .word = "create_dir", .flags = PATH | NEEDS_PATH | FOLDER,
  .about = "make folders below these",
  .path_right = FS(MAKE_DIR),
  .fs = FS(MAKE_DIR),
  .rows = ROWS(D("mkdir mkdirat"), B("umask")) },
{ .set = "SystemIO", .word = "remove_file", .flags = PATH | NEEDS_PATH | FOLDER,
  .about = "remove files below these folders",
  .path_right = FS(REMOVE_FILE),
  .fs = FS(REMOVE_FILE),
  .rows = ROWS(D("unlink"), D("unlinkat if flag == 0")) },
{ .set = "SystemIO", .word = "remove_dir", .flags = PATH | NEEDS_PATH | FOLDER,
  .about = "remove empty folders below these",
  .path_right = FS(REMOVE_DIR),
  .fs = FS(REMOVE_DIR),
  .rows = ROWS(D("rmdir"), D("unlinkat if flag == AT_REMOVEDIR")) },
{ .set = "SystemIO", .word = "read_write",
  .flags = PATH | NEEDS_PATH | FDS | COMPOSITE, .fds = "opened",
  .about = "open, read and write these files, and all existing below these "
	   "folders",
  .includes = "SystemIO.read_path SystemIO.write_file" },
{ .set = "SystemIO", .word = "work",
  .flags = PATH | NEEDS_PATH | FOLDER | FDS | COMPOSITE, .fds = "opened",
  .about = "work in these folders: read, write, make, rename, link and remove "
	   "files and folders below them",
  .more = "Locks and shared maps of files come with it. Modes, owners and "
	  "times are what `chmod`, `chown` and `utimes` change, everywhere; "
	  "FIFOs and sockets take `mknod`, with whatever path.",
  .includes = "SystemIO.read_path SystemIO.write_file SystemIO.create_in_dir "
	      "SystemIO.create_dir SystemIO.remove_file SystemIO.remove_dir "
	      "SystemIO.rename SystemIO.link SystemIO.symlink SystemIO.lock "
	      "SystemIO.map_shared" },
{ .set = "SystemIO", .word = "ssl_files", .flags = COMPOSITE,
  .fds = "opened",
  .about = "read the system's certificates and the configuration of TLS "
	   "libraries",
  .more = "Private keys, as in /etc/ssl/private, are not among them.",
  .paths = "/etc/ssl/certs /etc/ssl/cert.pem /etc/ssl/openssl.cnf "
	   "/etc/pki/tls/certs /etc/pki/tls/cert.pem /etc/pki/tls/openssl.cnf "
	   "/etc/pki/ca-trust/extracted /etc/ca-certificates/extracted "
	   "/etc/crypto-policies/back-ends /etc/gnutls/config /usr/lib/ssl "
	   "/usr/share/ca-certificates /usr/local/share/ca-certificates "
	   "/var/lib/ca-certificates",
  .includes = "SystemIO.read_path" },
{ .set = "SystemIO", .word = "dns_files", .flags = COMPOSITE,
  .fds = "opened",
  .about = "read what looking up names goes by",
  .more = "Where a link such as /etc/resolv.conf leads is found out at the "
	  "start; a file that takes its place later can't be read.",
  .paths = "/etc/resolv.conf /etc/hosts /etc/host.conf /etc/nsswitch.conf "
	   "/etc/gai.conf /etc/services /etc/protocols /etc/networks",
  .includes = "SystemIO.read_path" },
{ .set = "SystemIO", .word = "locale", .flags = COMPOSITE,
  .fds = "opened",
  .about = "read the user's language, character sets and time zone",
  .more = "Without it programs take the C locale and UTC, most of them in "
	  "silence. Character sets that are shared libraries need "
	  "`Code.load` and `read_path` of them besides.",
  .paths = "/usr/lib/locale /usr/share/locale /etc/locale.alias "
	   "/usr/share/i18n /etc/localtime /usr/share/zoneinfo "
	   "/etc/timezone",
  .includes = "SystemIO.read_path" },
{ .set = "SystemIO", .word = "ioctl_device",
  .flags = PATH | NEEDS_PATH | FDS | REQUESTS,
  .fds = "opened",
  .about = "every request to these devices, and all below these folders",
  .more = "Opening them takes `read_write` or another word. Requests of the "
	  "types that files, file systems, sockets and namespaces mostly have "
	  "are not among them, nor are TIOCSTI and TIOCLINUX. Other devices that the "
	  "profile lets be opened take no request then, not even what asks for "
	  "the size of a terminal.",
  .path_right = FS(IOCTL_DEV),
  .fs = FS(IOCTL_DEV),
  .rows = ROWS(
	/* 0x72 and 0x76, and 0x89 and 0x8b, differ in a bit. */
	D("ioctl if fd in FDS and cmd & 0xff00 != 0x0000 and "
	  "cmd & 0xff00 != 0x5800 and cmd & 0xff00 != 0x6600 and "
	  "cmd & 0xfb00 != 0x7200 and cmd & 0xfd00 != 0x8900 and "
	  "cmd & 0xff00 != 0x9400 and cmd & 0xff00 != 0xb700")) },
{ .set = "SystemIO", .word = "rename", .flags = PATH | IN_ALL | FOLDER,
  .about = "rename and move files and folders, from and to below these folders",
  .more = "Device nodes stay where they are. What was there is replaced. "
	  "Beside words that make or remove something, that can be done below "
	  "its paths too.",
  .path_right = FS(REFER),
  .fs = FS(REFER) | FS(REMOVE_FILE) | FS(REMOVE_DIR) | MAKE_ANY,
  .rows = ROWS(
	D("rename renameat"),
	/* That leaves a device node behind. */
	D("renameat2 if flags & RENAME_WHITEOUT == 0")) },
{ .set = "SystemIO", .word = "link", .flags = PATH | IN_ALL | FOLDER,
  .about = "make hard links, from and to below these folders",
  .more = "Beside words that make something, that can be done below its paths "
	  "too.",
  .path_right = FS(REFER),
  .fs = FS(REFER) | MAKE_ANY,
  .rows = ROWS(D("link linkat")) },
{ .set = "SystemIO", .word = "symlink", .flags = PATH | IN_ALL | FOLDER,
  .about = "make symbolic links below these folders",
  .more = "What they lead to needs its own permission.",
  .path_right = FS(MAKE_SYM),
  .fs = FS(MAKE_SYM),
  .rows = ROWS(D("symlink symlinkat")) },
{ .set = "SystemIO", .word = "readlink",
  .about = "read symbolic links",
  .rows = ROWS(D("readlink readlinkat")) },
{ .set = "SystemIO", .word = "mkdir",
  .about = "make folders",
  .fs = FS(MAKE_DIR),
  .rows = ROWS(D("mkdir mkdirat")) },
{ .set = "SystemIO", .word = "rmdir",
  .about = "remove empty folders",
  .fs = FS(REMOVE_DIR),
  .rows = ROWS(D("rmdir"), D("unlinkat if flag == AT_REMOVEDIR")) },
{ .set = "SystemIO", .word = "chmod", .flags = FDS,
  .about = "change permissions of files",
  .rows = ROWS(
	D("fchmod if fd in FDS"),
	W("chmod fchmodat fchmodat2")) },
{ .set = "SystemIO", .word = "chown", .flags = FDS,
  .about = "change owners of files",
  .rows = ROWS(
	D("fchown if fd in FDS"),
	W("chown lchown fchownat")) },
{ .set = "SystemIO", .word = "utimes", .flags = FDS,
  .about = "change times of files",
  .rows = ROWS(
	D("utimensat if dfd in FDS and filename == NULL"),
	W("utime utimes utimensat futimesat")) },
{ .set = "SystemIO", .word = "truncate", .flags = PATH | IN_ALL | FDS,
  .about = "cut these files off or lengthen them, and all below these folders",
  .path_right = FS(TRUNCATE),
  .fs = FS(TRUNCATE),
  .rows = ROWS(
	D("ftruncate if fd in FDS"),
	W("truncate")) },
{ .set = "SystemIO", .word = "allocate", .flags = FDS,
  .about = "allocate and free the space of files",
  .rows = ROWS(D("fallocate if fd in FDS")) },
/* A device of one's own making is every disk of the machine. */
{ .set = "SystemIO", .word = "mknod", .flags = PATH | IN_ALL | FOLDER,
  .about = "make FIFOs, sockets and empty files below these folders",
  .more = "Beside words that make files or sockets, that can be done below its "
	  "paths too.",
  .path_right = FS(MAKE_FIFO),
  .fs = FS(MAKE_REG) | FS(MAKE_FIFO) | FS(MAKE_SOCK),
  .rows = ROWS(
	D("mknod mknodat if mode & S_IFMT in {0, S_IFREG, S_IFIFO, "
	  "S_IFSOCK}")) },
{ .set = "SystemIO", .word = "mknod_devices",
  .flags = STARRED | PATH | IN_ALL | FOLDER,
  .about = "make device nodes below these folders",
  .path_right = FS(MAKE_CHAR) | FS(MAKE_BLOCK),
  .danger = "with the privilege for it, every disk can be used by a node that "
	    "the program makes; `mknod` makes what is no device",
  .open = "with the privilege for it, every disk can be used by a node that "
	  "the program makes where it may open it",
  .fs = FS(MAKE_CHAR) | FS(MAKE_BLOCK),
  .rows = ROWS(D("mknod mknodat if mode & S_IFMT in {S_IFCHR, S_IFBLK}")) },
{ .set = "SystemIO", .word = "access",
  .about = "ask whether files may be used",
  .rows = ROWS(D("access faccessat faccessat2")) },
{ .set = "SystemIO", .word = "statfs", .flags = FDS,
  .about = "look at file systems",
  .rows = ROWS(
	D("fstatfs if fd in FDS"),
	W("statfs")) },
{ .set = "SystemIO", .word = "xattr_read", .flags = FDS,
  .about = "read extended attributes",
  .rows = ROWS(
	D("fgetxattr flistxattr if fd in FDS"),
	W("getxattr lgetxattr getxattrat listxattr llistxattr listxattrat")) },
{ .set = "SystemIO", .word = "xattr_write", .flags = FDS,
  .about = "change extended attributes",
  .rows = ROWS(
	D("fsetxattr fremovexattr if fd in FDS"),
	W("setxattr lsetxattr setxattrat"),
	W("removexattr lremovexattr removexattrat")) },
{ .set = "SystemIO", .word = "chdir", .flags = FDS,
  .about = "change the working directory",
  .rows = ROWS(
	D("fchdir if fd in FDS"),
	W("chdir")) },
{ .set = "SystemIO", .word = "umask",
  .about = "set the file mode mask",
  .rows = ROWS(D("umask")) },
{ .set = "SystemIO", .word = "dup", .flags = FDS,
  .about = "duplicate descriptors",
  .rows = ROWS(
	D("dup if fildes in FDS"),
	D("dup2 dup3 if oldfd in FDS"),
	D("fcntl if fd in FDS and cmd in {F_DUPFD, F_DUPFD_CLOEXEC}")) },
{ .set = "SystemIO", .word = "fcntl", .flags = FDS,
  .about = "harmless fcntl commands: flags of descriptors, pipe sizes",
  .rows = ROWS(
	D("fcntl if fd in FDS and cmd in {F_GETFD, F_SETFD, F_GETFL, F_SETFL, "
	  "F_GETPIPE_SZ, F_SETPIPE_SZ, F_GET_SEALS, F_ADD_SEALS}")) },
{ .set = "SystemIO", .word = "lock", .flags = FDS,
  .about = "file locks",
  .rows = ROWS(
	D("flock if fd in FDS"),
	D("fcntl if fd in FDS and cmd in {F_GETLK, F_SETLK, F_SETLKW, "
	  "F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW}")) },
{ .set = "SystemIO", .word = "sync", .flags = FDS,
  .about = "write files out to the disk",
  .rows = ROWS(
	D("fsync fdatasync syncfs sync_file_range if fd in FDS"),
	D("msync"),
	W("sync")) },
{ .set = "SystemIO", .word = "copy", .flags = FDS,
  .about = "copy between descriptors inside the kernel",
  .rows = ROWS(
	D("sendfile if out_fd in FDS and in_fd in FDS"),
	D("splice copy_file_range if fd_in in FDS and fd_out in FDS"),
	D("tee if fdin in FDS and fdout in FDS"),
	D("vmsplice if fd in FDS")) },
{ .set = "SystemIO", .word = "map_shared", .flags = FDS,
  .about = "map files so that writing to memory writes to them",
  .more = "Not of a descriptor that has a limit.",
  .rows = ROWS(
	D("mmap if fd in FDS and prot & PROT_EXEC == 0 and flags & "
	  "(MAP_TYPE|MAP_ANONYMOUS) in {MAP_SHARED, MAP_SHARED_VALIDATE}")) },
{ .set = "SystemIO", .word = "memfd", .flags = STARRED,
  .about = "make files in memory",
  .danger = "with `exec`, a file in memory is a program that no path rule sees",
  .rows = ROWS(D("memfd_create")) },

{ .set = "SystemInfo", .word = "memory",
  .about = "size and use of the machine's memory; sort goes by it",
  .rows = ROWS(D("sysinfo")) },
{ .set = "SystemInfo", .word = "usage",
  .about = "own use of time and memory",
  .rows = ROWS(D("getrusage times")) },
{ .set = "SystemInfo", .word = "mounts",
  .about = "what is mounted where",
  .rows = ROWS(D("statmount listmount")) },

/* TIOCSTI and TIOCLINUX, which type for the user, are denied whatever stands
 * here; TIOCSETD and TIOCCONS change what a terminal is. */
{ .set = "Terminal", .word = "settings", .flags = FDS,
  .about = "look at and change terminals: echo, line mode, speed, size",
  .open = "what it changes stays changed when the program ends",
  .fs = FS(IOCTL_DEV),
  .rows = ROWS(
	D("ioctl if fd in FDS and cmd in {TCGETS, TCSETS, TCSETSW, TCSETSF, "
	  "TCGETS2, TCSETS2, TCSETSW2, TCSETSF2, TIOCGWINSZ, TIOCSWINSZ}"),
	D("ioctl if fd in FDS and cmd in {TCSBRK, TCSBRKP, TCXONC, TCFLSH, "
	  "TIOCOUTQ, FIONREAD}")) },
{ .set = "Terminal", .word = "job_control", .flags = FDS,
  .about = "make process groups, and give them the terminal",
  .fs = FS(IOCTL_DEV),
  .rows = ROWS(
	D("ioctl if fd in FDS and cmd in {TIOCGPGRP, TIOCSPGRP, TIOCGSID}"),
	D("setpgid"),
	B("getpgid getsid")) },
{ .set = "Terminal", .word = "pty", .flags = FDS, .fds = "opened",
  .about = "make pseudo terminals, and a session in one",
  .fs = FS(IOCTL_DEV),
  .includes = "Parts.close",
  .rows = ROWS(
	D("ioctl if fd in FDS and cmd in {TIOCGPTN, TIOCSPTLCK, TIOCGPTLCK, "
	  "TIOCGPTPEER, TIOCSWINSZ, TIOCNOTTY}"),
	/* 1 instead of 0 takes a terminal from another session. */
	D("ioctl if fd in FDS and cmd == TIOCSCTTY and arg == 0"),
	D("setsid")) },

{ .set = "Threads", .word = "create",
  .about = "make threads, name them, look at their scheduling",
  .more = "Other threads are signalled by number if the kernel has Landlock's "
	  "signal scope (Linux 6.12).",
  .rows = ROWS(
	D("clone if " THREAD_FLAGS),
	B("prctl if option in {PR_SET_NAME, PR_GET_NAME}"),
	B("sched_getaffinity sched_getattr sched_getparam sched_getscheduler "
	  "sched_rr_get_interval"),
	B("tkill if pid in FAMILY")) },
{ .set = "Threads", .word = "sleep",
  .about = "sleep; waiting with a time limit works without it as well",
  .includes = "Time.sleep" },

{ .set = "Time", .word = "gettime",
  .about = "read clocks by system call; the vDSO reads them anyway",
  .rows = ROWS(
	D("clock_gettime clock_getres gettimeofday time times")) },
{ .set = "Time", .word = "sleep",
  .about = "sleep; waiting with a time limit works without it as well",
  .rows = ROWS(D("nanosleep clock_nanosleep")) },
{ .set = "Time", .word = "timers",
  .about = "timers and alarms that signal oneself",
  .rows = ROWS(
	D("timer_create timer_settime timer_gettime timer_getoverrun "
	  "timer_delete"),
	D("setitimer getitimer alarm")) },

{ .set = "Users", .word = "set_ids", .flags = STARRED,
  .about = "become another user or group",
  .danger = "with the privilege for it, the program becomes any user; start "
	    "it as the one that it is meant to be",
  .open = "with the privilege for it, the program becomes any user",
  .rows = ROWS(
	D("setuid setreuid setresuid setfsuid"),
	D("setgid setregid setresgid setfsgid"),
	B("prctl if option in {PR_GET_KEEPCAPS, PR_SET_KEEPCAPS}")) },
{ .set = "Users", .word = "groups", .flags = STARRED,
  .about = "set the supplementary groups",
  .danger = "with the privilege for it, the program joins any group; start it "
	    "in those that it is meant to be in",
  .open = "with the privilege for it, the program joins any group",
  .rows = ROWS(D("setgroups")) },
};
const size_t es_nwords = ES_COUNT(es_words);

const struct es_mover es_movers[] = {
	{ "copy_file_range", "fd_in", ES_READS, NULL, NULL },
	{ "copy_file_range", "fd_out", ES_WRITES, NULL, NULL },
	{ "fallocate", "fd", ES_CHANGES, NULL, NULL },
	{ "ftruncate", "fd", ES_CHANGES, NULL, NULL },
	{ "ioctl", "fd", ES_CHANGES, "cmd", NULL }, /* FICLONE and others */
	{ "mmap", "fd", ES_READS, NULL, "flags & MAP_ANONYMOUS == 0" },
	{ "mmap", "fd", ES_WRITES, NULL,
	  "prot & PROT_WRITE == PROT_WRITE and "
	  "flags & (MAP_TYPE|MAP_ANONYMOUS) in "
	  "{MAP_SHARED, MAP_SHARED_VALIDATE}" },
	{ "pread64", "fd", ES_READS, NULL, NULL },
	{ "preadv", "fd", ES_READS, NULL, NULL },
	{ "preadv2", "fd", ES_READS, NULL, NULL },
	{ "pwrite64", "fd", ES_WRITES, NULL, NULL },
	{ "pwritev", "fd", ES_WRITES, NULL, NULL },
	{ "pwritev2", "fd", ES_WRITES, NULL, NULL },
	{ "read", "fd", ES_READS, NULL, NULL },
	{ "readv", "fd", ES_READS, NULL, NULL },
	{ "recvfrom", "fd", ES_READS, NULL, NULL },
	{ "recvmmsg", "fd", ES_READS, NULL, NULL },
	{ "recvmsg", "fd", ES_READS, NULL, NULL },
	{ "sendfile", "in_fd", ES_READS, NULL, NULL },
	{ "sendfile", "out_fd", ES_WRITES, NULL, NULL },
	{ "sendmmsg", "fd", ES_WRITES, NULL, NULL },
	{ "sendmsg", "fd", ES_WRITES, NULL, NULL },
	{ "sendto", "fd", ES_WRITES, NULL, NULL },
	{ "splice", "fd_in", ES_READS, NULL, NULL },
	{ "splice", "fd_out", ES_WRITES, NULL, NULL },
	{ "tee", "fdin", ES_READS, NULL, NULL },
	{ "tee", "fdout", ES_WRITES, NULL, NULL },
	{ "vmsplice", "fd", ES_READS, NULL, NULL },
	{ "vmsplice", "fd", ES_WRITES, NULL, NULL },
	{ "write", "fd", ES_WRITES, NULL, NULL },
	{ "writev", "fd", ES_WRITES, NULL, NULL },
};
const size_t es_nmovers = ES_COUNT(es_movers);

/* What no permission gives: it reaches past what seccomp and Landlock hold a
 * program to, or is of no use to one that they hold. */
const struct es_never es_nevers[] = {
	{ "_sysctl", "the kernel no longer has it" },
	{ "acct", "logs what every process does" },
	{ "add_key",
	  "keys of the user and the kernel lie outside files and their "
	  "rights" },
	{ "adjtimex", "sets the clock of the whole machine" },
	{ "afs_syscall", "the kernel never had it" },
	{ "bpf", "loads code into the kernel" },
	{ "chroot", "changes what every path means, and is no jail for root" },
	{ "clock_adjtime", "sets the clock of the whole machine" },
	{ "clock_settime", "sets the clock of the whole machine" },
	{ "clone3",
	  "its flags lie behind a pointer, where no filter sees them; "
	  "callers know clone" },
	{ "create_module", "the kernel no longer has it" },
	{ "delete_module", "unloads code of the kernel" },
	{ "epoll_ctl_old", "the kernel no longer has it" },
	{ "epoll_wait_old", "the kernel no longer has it" },
	{ "fanotify_init", "sees what other programs do with all files" },
	{ "fanotify_mark", "sees what other programs do with all files" },
	{ "file_setattr",
	  "makes files immutable and the like, which Landlock has no "
	  "right for" },
	{ "finit_module", "loads code into the kernel" },
	{ "fsconfig", "changes what is mounted, and so what every path means" },
	{ "fsmount", "changes what is mounted, and so what every path means" },
	{ "fsopen", "changes what is mounted, and so what every path means" },
	{ "fspick", "changes what is mounted, and so what every path means" },
	{ "get_kernel_syms", "the kernel no longer has it" },
	{ "get_thread_area", "the kernel has it for 32-bit programs only" },
	{ "getpmsg", "the kernel never had it" },
	{ "init_module", "loads code into the kernel" },
	{ "io_cancel",
	  "of use only with io_submit, whose reads and writes pass no filter" },
	{ "io_destroy",
	  "of use only with io_submit, whose reads and writes pass no filter" },
	{ "io_getevents",
	  "of use only with io_submit, whose reads and writes pass no filter" },
	{ "io_pgetevents",
	  "of use only with io_submit, whose reads and writes pass no filter" },
	{ "io_setup",
	  "of use only with io_submit, whose reads and writes pass no filter" },
	{ "io_submit", "its reads and writes pass no filter" },
	{ "io_uring_enter",
	  "its operations pass no filter, opening and connecting among them" },
	{ "io_uring_register",
	  "its operations pass no filter, opening and connecting among them" },
	{ "io_uring_setup",
	  "its operations pass no filter, opening and connecting among them" },
	{ "ioperm", "reaches the machine's devices" },
	{ "iopl", "reaches the machine's devices" },
	{ "kcmp", "compares what other processes have open" },
	{ "kexec_file_load", "boots another kernel" },
	{ "kexec_load", "boots another kernel" },
	{ "keyctl",
	  "keys of the user and the kernel lie outside files and their "
	  "rights" },
	{ "listns", "tells the namespaces of other processes" },
	{ "lookup_dcookie",
	  "for profiling the kernel, which no longer has it" },
	{ "lsm_set_self_attr",
	  "changes what another security module holds the program to" },
	{ "memfd_secret", "hides memory from the kernel" },
	{ "modify_ldt",
	  "changes segments of memory, which attacks on the kernel need" },
	{ "mount", "changes what is mounted, and so what every path means" },
	{ "mount_setattr",
	  "changes what is mounted, and so what every path means" },
	{ "move_mount",
	  "changes what is mounted, and so what every path means" },
	{ "name_to_handle_at", "of use only with open_by_handle_at" },
	{ "nfsservctl", "the kernel no longer has it" },
	{ "open_by_handle_at", "opens files past their folders' rights" },
	{ "open_tree",
	  "changes what is mounted, and so what every path means" },
	{ "open_tree_attr",
	  "changes what is mounted, and so what every path means" },
	{ "openat2",
	  "its flags lie behind a pointer, where no filter sees them; "
	  "callers know openat" },
	{ "perf_event_open",
	  "tells addresses of the kernel and of other processes" },
	{ "personality",
	  "makes readable memory executable, and addresses less random" },
	{ "pidfd_getfd", "takes descriptors from other processes" },
	{ "pivot_root",
	  "changes what is mounted, and so what every path means" },
	{ "process_madvise", "changes how other processes use memory" },
	{ "process_mrelease", "changes how other processes use memory" },
	{ "process_vm_readv", "reads the memory of other processes" },
	{ "process_vm_writev", "changes the memory of other processes" },
	{ "ptrace", "reads and changes the memory of other processes" },
	{ "putpmsg", "the kernel never had it" },
	{ "query_module", "the kernel no longer has it" },
	{ "quotactl", "changes how much users may store" },
	{ "quotactl_fd", "changes how much users may store" },
	{ "reboot", "stops or restarts the machine" },
	{ "remap_file_pages",
	  "does what mmap does, past what a filter allows of it" },
	{ "request_key",
	  "keys of the user and the kernel lie outside files and their "
	  "rights" },
	{ "security", "the kernel never had it" },
	{ "set_thread_area", "the kernel has it for 32-bit programs only" },
	{ "setdomainname", "names the whole machine" },
	{ "sethostname", "names the whole machine" },
	{ "setns", "enters namespaces of other processes" },
	{ "settimeofday", "sets the clock of the whole machine" },
	{ "swapoff", "takes swap space from the whole machine" },
	{ "swapon", "gives swap space to the whole machine" },
	{ "sysfs", "tells the kernel's file systems, for old programs only" },
	{ "syslog", "reads and empties the kernel's log" },
	{ "tuxcall", "the kernel never had it" },
	{ "umount2", "changes what is mounted, and so what every path means" },
	{ "unshare",
	  "makes namespaces, in which the program has all privileges" },
	{ "uprobe",
	  "the kernel's own tracing alone calls it, past every filter" },
	{ "uretprobe",
	  "the kernel's own tracing alone calls it, past every filter" },
	{ "uselib", "loads code in a way that the kernel no longer has" },
	{ "userfaultfd",
	  "halts the kernel while it reads memory, which attacks on it need" },
	{ "ustat", "tells the kernel's file systems, for old programs only" },
	{ "vhangup", "hangs up a terminal for everybody who uses it" },
	{ "vserver", "the kernel never had it" },
};
const size_t es_nnevers = ES_COUNT(es_nevers);

const char *const es_fallbacks[] = { "clone3", "io_uring_setup", "openat2",
				     NULL };

const struct es_set *es_set_find(const char *name)
{
	for (size_t i = 0; i < es_nsets; i++)
		if (!strcmp(es_sets[i].name, name))
			return &es_sets[i];
	return NULL;
}

const struct es_word *es_word_find(const char *set, const char *word)
{
	for (size_t i = 0; i < es_nwords; i++)
		if (!strcmp(es_words[i].set, set) &&
		    !strcmp(es_words[i].word, word))
			return &es_words[i];
	return NULL;
}

const struct es_word *es_word_next(const char **at)
{
	const size_t len = strcspn(*at, " ");
	const char *name = *at;

	*at += len;
	*at += strspn(*at, " ");
	for (size_t i = 0; len && i < es_nwords; i++) {
		const size_t set_len = strlen(es_words[i].set);

		if (len == set_len + 1 + strlen(es_words[i].word) &&
		    !memcmp(name, es_words[i].set, set_len) &&
		    !memcmp(name + set_len + 1, es_words[i].word,
			    len - set_len - 1))
			return &es_words[i];
	}
	return NULL;
}

bool es_word_in_all(const struct es_word *word)
{
	return !(word->flags & ES_WORD_NOT_IN_ALL &
		 ~(word->flags & ES_WORD_IN_ALL ? ES_WORD_PATH : 0U));
}

static int by_call(const void *name, const void *never)
{
	return strcmp(name, ((const struct es_never *)never)->call);
}

const struct es_never *es_never_find(const char *name)
{
	return bsearch(name, es_nevers, es_nnevers, sizeof(*es_nevers),
		       by_call);
}
