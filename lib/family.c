/* SPDX-License-Identifier: MIT */
/* Which constants an argument is made of: one place for it. */
#include "family.h"

#include <string.h>

#include "util.h"

#define ENUM(names) { names, UINT64_MAX, "" }
#define BITS(names) { "", 0, names }

/* clang-format off */
const struct es_family es_socket_families = ENUM(
	"AF_UNSPEC AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET "
	"AF_ALG AF_VSOCK AF_BLUETOOTH AF_CAN AF_KEY AF_TIPC AF_XDP AF_RDS "
	"AF_APPLETALK AF_IPX AF_X25 AF_AX25 AF_PPPOX AF_LLC AF_KCM AF_QIPCRTR "
	"AF_SMC AF_NFC AF_MCTP");

static const struct es_family
open_flags = { "O_RDONLY O_WRONLY O_RDWR", 3,
	"O_SYNC O_TMPFILE O_CREAT O_EXCL O_NOCTTY O_TRUNC O_APPEND O_NONBLOCK "
	"O_DSYNC O_ASYNC O_DIRECT O_LARGEFILE O_DIRECTORY O_NOFOLLOW O_NOATIME "
	"O_CLOEXEC O_PATH" },
access_mode = { "F_OK", 0, "R_OK W_OK X_OK" },
prot = { "PROT_NONE", 0,
	"PROT_READ PROT_WRITE PROT_EXEC PROT_SEM PROT_GROWSDOWN "
	"PROT_GROWSUP" },
map = { "MAP_SHARED MAP_PRIVATE MAP_SHARED_VALIDATE MAP_DROPPABLE", 15,
	"MAP_FIXED MAP_ANONYMOUS MAP_32BIT MAP_GROWSDOWN MAP_DENYWRITE "
	"MAP_EXECUTABLE MAP_LOCKED MAP_NORESERVE MAP_POPULATE MAP_NONBLOCK "
	"MAP_STACK MAP_HUGETLB MAP_SYNC MAP_FIXED_NOREPLACE" },
socket_type = { "SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET "
	"SOCK_DCCP SOCK_PACKET", 15, "SOCK_CLOEXEC SOCK_NONBLOCK" },
protocol = ENUM("IPPROTO_ICMP IPPROTO_TCP IPPROTO_UDP IPPROTO_ICMPV6 "
	"IPPROTO_SCTP IPPROTO_UDPLITE IPPROTO_MPTCP IPPROTO_RAW"),
level = ENUM("SOL_SOCKET IPPROTO_IP IPPROTO_TCP IPPROTO_UDP IPPROTO_IPV6 "
	"IPPROTO_ICMPV6 IPPROTO_SCTP"),
optname_socket = ENUM("SO_DEBUG SO_REUSEADDR SO_TYPE SO_ERROR SO_DONTROUTE "
	"SO_BROADCAST SO_SNDBUF SO_RCVBUF SO_KEEPALIVE SO_OOBINLINE "
	"SO_NO_CHECK SO_PRIORITY SO_LINGER SO_BSDCOMPAT SO_REUSEPORT "
	"SO_PASSCRED SO_PEERCRED SO_RCVLOWAT SO_SNDLOWAT SO_RCVTIMEO "
	"SO_SNDTIMEO SO_BINDTODEVICE SO_ATTACH_FILTER SO_DETACH_FILTER "
	"SO_TIMESTAMP SO_ACCEPTCONN SO_PEERSEC SO_SNDBUFFORCE SO_RCVBUFFORCE "
	"SO_PASSSEC SO_TIMESTAMPNS SO_MARK SO_PROTOCOL SO_DOMAIN SO_BUSY_POLL "
	"SO_ATTACH_BPF SO_ZEROCOPY"),
optname_tcp = ENUM("TCP_NODELAY TCP_MAXSEG TCP_CORK TCP_KEEPIDLE TCP_KEEPINTVL "
	"TCP_KEEPCNT TCP_SYNCNT TCP_LINGER2 TCP_DEFER_ACCEPT TCP_WINDOW_CLAMP "
	"TCP_INFO TCP_QUICKACK TCP_CONGESTION TCP_MD5SIG TCP_USER_TIMEOUT "
	"TCP_REPAIR TCP_FASTOPEN TCP_NOTSENT_LOWAT TCP_FASTOPEN_CONNECT "
	"TCP_ULP"),
optname_ip = ENUM("IP_TOS IP_TTL IP_HDRINCL IP_OPTIONS IP_PKTINFO "
	"IP_MTU_DISCOVER IP_RECVERR IP_RECVTTL IP_RECVTOS IP_MTU IP_FREEBIND "
	"IP_TRANSPARENT IP_BIND_ADDRESS_NO_PORT IP_MULTICAST_IF "
	"IP_MULTICAST_TTL IP_MULTICAST_LOOP IP_ADD_MEMBERSHIP "
	"IP_DROP_MEMBERSHIP"),
optname_ipv6 = ENUM("IPV6_UNICAST_HOPS IPV6_MULTICAST_IF IPV6_MULTICAST_HOPS "
	"IPV6_MULTICAST_LOOP IPV6_JOIN_GROUP IPV6_LEAVE_GROUP "
	"IPV6_MTU_DISCOVER IPV6_MTU IPV6_RECVERR IPV6_V6ONLY "
	"IPV6_RECVPKTINFO IPV6_RECVHOPLIMIT IPV6_RECVTCLASS IPV6_TCLASS"),
message = BITS("MSG_OOB MSG_PEEK MSG_DONTROUTE MSG_CTRUNC MSG_TRUNC "
	"MSG_DONTWAIT MSG_EOR MSG_WAITALL MSG_CONFIRM MSG_ERRQUEUE "
	"MSG_NOSIGNAL MSG_MORE MSG_WAITFORONE MSG_ZEROCOPY MSG_FASTOPEN "
	"MSG_CMSG_CLOEXEC"),
how_shut = ENUM("SHUT_RD SHUT_WR SHUT_RDWR"),
remove_flags = BITS("AT_REMOVEDIR"),
access_flags = BITS("AT_EACCESS AT_SYMLINK_NOFOLLOW AT_EMPTY_PATH"),
at_flags = BITS("AT_SYMLINK_NOFOLLOW AT_SYMLINK_FOLLOW AT_NO_AUTOMOUNT "
	"AT_EMPTY_PATH AT_STATX_FORCE_SYNC AT_STATX_DONT_SYNC AT_RECURSIVE"),
fcntl_cmd = ENUM("F_DUPFD F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_SETLK "
	"F_SETLKW F_SETOWN F_GETOWN F_SETSIG F_GETSIG F_SETOWN_EX F_GETOWN_EX "
	"F_OFD_GETLK F_OFD_SETLK F_OFD_SETLKW F_SETLEASE F_GETLEASE F_NOTIFY "
	"F_DUPFD_CLOEXEC F_SETPIPE_SZ F_GETPIPE_SZ F_ADD_SEALS F_GET_SEALS"),
fd_flags = BITS("FD_CLOEXEC"),
request = ENUM("TCGETS TCSETS TCSETSW TCSETSF TCSBRK TCXONC TCFLSH TIOCEXCL "
	"TIOCNXCL TIOCSCTTY TIOCGPGRP TIOCSPGRP TIOCOUTQ TIOCSTI TIOCGWINSZ "
	"TIOCSWINSZ FIONREAD TIOCLINUX TIOCCONS FIONBIO TIOCNOTTY TIOCSETD "
	"TIOCGETD TCSBRKP TIOCGSID TCGETS2 TCSETS2 TCSETSW2 TCSETSF2 TIOCGPTN "
	"TIOCSPTLCK TIOCGPTLCK TIOCGPTPEER FIOCLEX FIONCLEX FIOASYNC FIOQSIZE "
	"FICLONE FICLONERANGE FIDEDUPERANGE FS_IOC_GETFLAGS FS_IOC_SETFLAGS "
	"FS_IOC_FIEMAP SIOCGIFCONF SIOCGIFFLAGS SIOCGIFADDR SIOCGIFNAME "
	"SIOCGIFINDEX SIOCGIFMTU SIOCATMARK BLKGETSIZE64 BLKSSZGET"),
prctl_option = ENUM("PR_SET_PDEATHSIG PR_GET_PDEATHSIG PR_GET_DUMPABLE "
	"PR_SET_DUMPABLE PR_GET_KEEPCAPS PR_SET_KEEPCAPS PR_SET_TIMING "
	"PR_SET_NAME PR_GET_NAME PR_GET_SECCOMP PR_SET_SECCOMP PR_CAPBSET_READ "
	"PR_CAPBSET_DROP PR_GET_TSC PR_SET_TSC PR_GET_SECUREBITS "
	"PR_SET_SECUREBITS PR_SET_TIMERSLACK PR_GET_TIMERSLACK PR_SET_MM "
	"PR_SET_CHILD_SUBREAPER PR_GET_CHILD_SUBREAPER PR_SET_NO_NEW_PRIVS "
	"PR_GET_NO_NEW_PRIVS PR_GET_TID_ADDRESS PR_SET_THP_DISABLE "
	"PR_GET_THP_DISABLE PR_CAP_AMBIENT PR_GET_SPECULATION_CTRL "
	"PR_SET_SPECULATION_CTRL PR_SET_IO_FLUSHER PR_GET_IO_FLUSHER "
	"PR_SCHED_CORE PR_SET_MDWE PR_GET_MDWE PR_SET_VMA PR_SET_PTRACER "
	"PR_GET_AUXV"),
arch_code = ENUM("ARCH_SET_GS ARCH_SET_FS ARCH_GET_FS ARCH_GET_GS "
	"ARCH_GET_CPUID ARCH_SET_CPUID ARCH_CET_STATUS"),
signals = ENUM("SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE "
	"SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGSTKFLT "
	"SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU "
	"SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPWR SIGSYS"),
clone_flags = { "SIGCHLD SIGTERM SIGUSR1 SIGUSR2 SIGKILL", 255,
	"CLONE_VM CLONE_FS CLONE_FILES CLONE_SIGHAND CLONE_PIDFD CLONE_PTRACE "
	"CLONE_VFORK CLONE_PARENT CLONE_THREAD CLONE_NEWNS CLONE_SYSVSEM "
	"CLONE_SETTLS CLONE_PARENT_SETTID CLONE_CHILD_CLEARTID CLONE_DETACHED "
	"CLONE_UNTRACED CLONE_CHILD_SETTID CLONE_NEWCGROUP CLONE_NEWUTS "
	"CLONE_NEWIPC CLONE_NEWUSER CLONE_NEWPID CLONE_NEWNET CLONE_IO" },
unshare_flags = BITS("CLONE_VM CLONE_FS CLONE_FILES CLONE_SIGHAND "
	"CLONE_THREAD CLONE_NEWNS CLONE_SYSVSEM CLONE_NEWCGROUP CLONE_NEWUTS "
	"CLONE_NEWIPC CLONE_NEWUSER CLONE_NEWPID CLONE_NEWNET CLONE_NEWTIME"),
advice = ENUM("MADV_NORMAL MADV_RANDOM MADV_SEQUENTIAL MADV_WILLNEED "
	"MADV_DONTNEED MADV_FREE MADV_REMOVE MADV_DONTFORK MADV_DOFORK "
	"MADV_MERGEABLE MADV_UNMERGEABLE MADV_HUGEPAGE MADV_NOHUGEPAGE "
	"MADV_DONTDUMP MADV_DODUMP MADV_WIPEONFORK MADV_KEEPONFORK MADV_COLD "
	"MADV_PAGEOUT MADV_POPULATE_READ MADV_POPULATE_WRITE MADV_HWPOISON"),
file_advice = ENUM("POSIX_FADV_NORMAL POSIX_FADV_RANDOM POSIX_FADV_SEQUENTIAL "
	"POSIX_FADV_WILLNEED POSIX_FADV_DONTNEED POSIX_FADV_NOREUSE"),
remap = BITS("MREMAP_MAYMOVE MREMAP_FIXED MREMAP_DONTUNMAP"),
futex = { "FUTEX_WAIT FUTEX_WAKE FUTEX_FD FUTEX_REQUEUE FUTEX_CMP_REQUEUE "
	"FUTEX_WAKE_OP FUTEX_LOCK_PI FUTEX_UNLOCK_PI FUTEX_TRYLOCK_PI "
	"FUTEX_WAIT_BITSET FUTEX_WAKE_BITSET FUTEX_WAIT_REQUEUE_PI "
	"FUTEX_CMP_REQUEUE_PI FUTEX_LOCK_PI2", 127,
	"FUTEX_PRIVATE_FLAG FUTEX_CLOCK_REALTIME" },
whence = ENUM("SEEK_SET SEEK_CUR SEEK_END SEEK_DATA SEEK_HOLE"),
clocks = ENUM("CLOCK_REALTIME CLOCK_MONOTONIC CLOCK_PROCESS_CPUTIME_ID "
	"CLOCK_THREAD_CPUTIME_ID CLOCK_MONOTONIC_RAW CLOCK_REALTIME_COARSE "
	"CLOCK_MONOTONIC_COARSE CLOCK_BOOTTIME CLOCK_REALTIME_ALARM "
	"CLOCK_BOOTTIME_ALARM CLOCK_TAI"),
clock_flags = BITS("TIMER_ABSTIME"),
limits = ENUM("RLIMIT_CPU RLIMIT_FSIZE RLIMIT_DATA RLIMIT_STACK RLIMIT_CORE "
	"RLIMIT_RSS RLIMIT_NPROC RLIMIT_NOFILE RLIMIT_MEMLOCK RLIMIT_AS "
	"RLIMIT_LOCKS RLIMIT_SIGPENDING RLIMIT_MSGQUEUE RLIMIT_NICE "
	"RLIMIT_RTPRIO RLIMIT_RTTIME"),
epoll_op = ENUM("EPOLL_CTL_ADD EPOLL_CTL_DEL EPOLL_CTL_MOD"),
epoll_flags = BITS("EPOLL_CLOEXEC"),
event_flags = BITS("EFD_SEMAPHORE EFD_NONBLOCK EFD_CLOEXEC"),
timer_flags = BITS("TFD_NONBLOCK TFD_CLOEXEC"),
signal_flags = BITS("SFD_NONBLOCK SFD_CLOEXEC"),
inotify_flags = BITS("IN_NONBLOCK IN_CLOEXEC"),
memory_file = BITS("MFD_CLOEXEC MFD_ALLOW_SEALING MFD_HUGETLB MFD_NOEXEC_SEAL "
	"MFD_EXEC"),
lock_op = { "LOCK_SH LOCK_EX LOCK_UN", 11, "LOCK_NB" },
rename_flags = BITS("RENAME_NOREPLACE RENAME_EXCHANGE RENAME_WHITEOUT"),
random_flags = BITS("GRND_NONBLOCK GRND_RANDOM GRND_INSECURE"),
wait_options = BITS("WNOHANG WUNTRACED WEXITED WCONTINUED WNOWAIT __WALL "
	"__WCLONE __WNOTHREAD"),
wait_which = ENUM("P_ALL P_PID P_PGID P_PIDFD"),
priority = ENUM("PRIO_PROCESS PRIO_PGRP PRIO_USER"),
usage = ENUM("RUSAGE_SELF RUSAGE_THREAD"),
timers = ENUM("ITIMER_REAL ITIMER_VIRTUAL ITIMER_PROF"),
policies = ENUM("SCHED_OTHER SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_IDLE "
	"SCHED_DEADLINE"),
confine_op = ENUM("SECCOMP_SET_MODE_STRICT SECCOMP_SET_MODE_FILTER "
	"SECCOMP_GET_ACTION_AVAIL SECCOMP_GET_NOTIF_SIZES"),
confine_flags = BITS("SECCOMP_FILTER_FLAG_TSYNC SECCOMP_FILTER_FLAG_LOG "
	"SECCOMP_FILTER_FLAG_SPEC_ALLOW SECCOMP_FILTER_FLAG_NEW_LISTENER "
	"SECCOMP_FILTER_FLAG_TSYNC_ESRCH"),
trace_op = ENUM("PTRACE_TRACEME PTRACE_PEEKTEXT PTRACE_PEEKDATA "
	"PTRACE_POKEDATA PTRACE_CONT PTRACE_KILL PTRACE_GETREGS "
	"PTRACE_SETREGS PTRACE_ATTACH PTRACE_DETACH PTRACE_SYSCALL "
	"PTRACE_SETOPTIONS PTRACE_GETREGSET PTRACE_SEIZE PTRACE_INTERRUPT"),
key_op = ENUM("KEYCTL_GET_KEYRING_ID KEYCTL_JOIN_SESSION_KEYRING "
	"KEYCTL_SEARCH KEYCTL_READ");

/* Which argument of which call is of which family: ascending by call. */
static const struct {
	const char *call;
	unsigned index;
	const struct es_family *family;
} arguments[] = {
	{ "accept4", 3, &socket_type },
	{ "access", 1, &access_mode },
	{ "arch_prctl", 0, &arch_code },
	{ "clock_getres", 0, &clocks },
	{ "clock_gettime", 0, &clocks },
	{ "clock_nanosleep", 0, &clocks },
	{ "clock_nanosleep", 1, &clock_flags },
	{ "clock_settime", 0, &clocks },
	{ "clone", 0, &clone_flags },
	{ "dup3", 2, &open_flags },
	{ "epoll_create1", 0, &epoll_flags },
	{ "epoll_ctl", 1, &epoll_op },
	{ "eventfd2", 1, &event_flags },
	{ "execveat", 4, &at_flags },
	{ "faccessat", 2, &access_mode },
	{ "faccessat2", 2, &access_mode },
	{ "faccessat2", 3, &access_flags },
	{ "fadvise64", 3, &file_advice },
	{ "fchmodat2", 3, &at_flags },
	{ "fchownat", 4, &at_flags },
	{ "fcntl", 1, &fcntl_cmd },
	{ "flock", 1, &lock_op },
	{ "futex", 1, &futex },
	{ "getitimer", 0, &timers },
	{ "getpriority", 0, &priority },
	{ "getrandom", 2, &random_flags },
	{ "getrlimit", 0, &limits },
	{ "getrusage", 0, &usage },
	{ "getsockopt", 1, &level },
	{ "inotify_init1", 0, &inotify_flags },
	{ "ioctl", 1, &request },
	{ "keyctl", 0, &key_op },
	{ "kill", 1, &signals },
	{ "linkat", 4, &at_flags },
	{ "lseek", 2, &whence },
	{ "madvise", 2, &advice },
	{ "memfd_create", 1, &memory_file },
	{ "mmap", 2, &prot },
	{ "mmap", 3, &map },
	{ "mprotect", 2, &prot },
	{ "mremap", 3, &remap },
	{ "newfstatat", 3, &at_flags },
	{ "open", 1, &open_flags },
	{ "openat", 2, &open_flags },
	{ "pipe2", 1, &open_flags },
	{ "pkey_mprotect", 2, &prot },
	{ "prctl", 0, &prctl_option },
	{ "prlimit64", 1, &limits },
	{ "ptrace", 0, &trace_op },
	{ "recvfrom", 3, &message },
	{ "recvmmsg", 3, &message },
	{ "recvmsg", 2, &message },
	{ "renameat2", 4, &rename_flags },
	{ "rt_sigaction", 0, &signals },
	{ "rt_sigqueueinfo", 1, &signals },
	{ "sched_setscheduler", 1, &policies },
	{ "seccomp", 0, &confine_op },
	{ "seccomp", 1, &confine_flags },
	{ "sendmmsg", 3, &message },
	{ "sendmsg", 2, &message },
	{ "sendto", 3, &message },
	{ "setitimer", 0, &timers },
	{ "setpriority", 0, &priority },
	{ "setrlimit", 0, &limits },
	{ "setsockopt", 1, &level },
	{ "shutdown", 1, &how_shut },
	{ "signalfd4", 3, &signal_flags },
	{ "socket", 0, &es_socket_families },
	{ "socket", 1, &socket_type },
	{ "socket", 2, &protocol },
	{ "socketpair", 0, &es_socket_families },
	{ "socketpair", 1, &socket_type },
	{ "statx", 2, &at_flags },
	{ "tgkill", 2, &signals },
	{ "timer_create", 0, &clocks },
	{ "timerfd_create", 0, &clocks },
	{ "timerfd_create", 1, &timer_flags },
	{ "tkill", 1, &signals },
	{ "unlinkat", 2, &remove_flags },
	{ "unshare", 0, &unshare_flags },
	{ "utimensat", 3, &at_flags },
	{ "wait4", 2, &wait_options },
	{ "waitid", 0, &wait_which },
	{ "waitid", 3, &wait_options },
};

/* What is of a family only where the argument before has a certain value. */
static const struct {
	const char *call;
	unsigned index;
	const char *when;
	const struct es_family *family;
} dependents[] = {
	{ "fcntl", 2, "F_SETFD", &fd_flags },
	{ "fcntl", 2, "F_SETFL", &open_flags },
	{ "getsockopt", 2, "IPPROTO_IP", &optname_ip },
	{ "getsockopt", 2, "IPPROTO_IPV6", &optname_ipv6 },
	{ "getsockopt", 2, "IPPROTO_TCP", &optname_tcp },
	{ "getsockopt", 2, "SOL_SOCKET", &optname_socket },
	{ "setsockopt", 2, "IPPROTO_IP", &optname_ip },
	{ "setsockopt", 2, "IPPROTO_IPV6", &optname_ipv6 },
	{ "setsockopt", 2, "IPPROTO_TCP", &optname_tcp },
	{ "setsockopt", 2, "SOL_SOCKET", &optname_socket },
};
/* clang-format on */

const struct es_family *es_family_of(const struct es_syscall *row,
				     unsigned index, const uint64_t *args)
{
	for (size_t i = 0; i < ES_COUNT(arguments); i++)
		if (arguments[i].index == index &&
		    !strcmp(arguments[i].call, row->name))
			return arguments[i].family;
	for (size_t i = 0; args && i < ES_COUNT(dependents); i++) {
		uint64_t when = 0;

		if (dependents[i].index == index &&
		    !strcmp(dependents[i].call, row->name) &&
		    es_constant_find(dependents[i].when,
				     strlen(dependents[i].when), &when) &&
		    (uint32_t)args[index - 1] == (uint32_t)when)
			return dependents[i].family;
	}
	return NULL;
}
