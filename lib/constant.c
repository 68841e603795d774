/* SPDX-License-Identifier: MIT */
/* Symbolic constants of rules, with the values of the architecture. */
#include <arpa/inet.h>
#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "syscall.h"
#include "util.h"

struct constant {
	const char *name;
	uint64_t value;
};

/* Ascending by name. Values are spelt out where the C library's header says
 * something else than the kernel means, or can't be included beside others. */
static const struct constant constants[] = {
	{ "AF_INET", AF_INET },
	{ "AF_INET6", AF_INET6 },
	{ "AF_UNIX", AF_UNIX },
	{ "ARCH_GET_FS", ARCH_GET_FS },
	{ "ARCH_GET_GS", ARCH_GET_GS },
	{ "ARCH_SET_FS", ARCH_SET_FS },
	{ "ARCH_SET_GS", ARCH_SET_GS },
	{ "AT_EMPTY_PATH", AT_EMPTY_PATH },
	{ "AT_REMOVEDIR", AT_REMOVEDIR },
	{ "CLONE_CHILD_CLEARTID", CLONE_CHILD_CLEARTID },
	{ "CLONE_CHILD_SETTID", CLONE_CHILD_SETTID },
	{ "CLONE_DETACHED", 0x00400000 },
	{ "CLONE_FILES", CLONE_FILES },
	{ "CLONE_FS", CLONE_FS },
	{ "CLONE_PARENT_SETTID", CLONE_PARENT_SETTID },
	{ "CLONE_SETTLS", CLONE_SETTLS },
	{ "CLONE_SIGHAND", CLONE_SIGHAND },
	{ "CLONE_SYSVSEM", CLONE_SYSVSEM },
	{ "CLONE_THREAD", CLONE_THREAD },
	{ "CLONE_VFORK", CLONE_VFORK },
	{ "CLONE_VM", CLONE_VM },
	{ "CSIGNAL", CSIGNAL },
	{ "FD_CLOEXEC", FD_CLOEXEC },
	{ "FIOCLEX", FIOCLEX },
	{ "FIONBIO", FIONBIO },
	{ "FIONCLEX", FIONCLEX },
	{ "FIONREAD", FIONREAD },
	{ "F_ADD_SEALS", F_ADD_SEALS },
	{ "F_DUPFD", F_DUPFD },
	{ "F_DUPFD_CLOEXEC", F_DUPFD_CLOEXEC },
	{ "F_GETFD", F_GETFD },
	{ "F_GETFL", F_GETFL },
	{ "F_GETLK", F_GETLK },
	{ "F_GETPIPE_SZ", F_GETPIPE_SZ },
	{ "F_GET_SEALS", F_GET_SEALS },
	{ "F_OFD_GETLK", F_OFD_GETLK },
	{ "F_OFD_SETLK", F_OFD_SETLK },
	{ "F_OFD_SETLKW", F_OFD_SETLKW },
	{ "F_SETFD", F_SETFD },
	{ "F_SETFL", F_SETFL },
	{ "F_SETLK", F_SETLK },
	{ "F_SETLKW", F_SETLKW },
	{ "F_SETPIPE_SZ", F_SETPIPE_SZ },
	{ "IPPROTO_IP", IPPROTO_IP },
	{ "IPPROTO_IPV6", IPPROTO_IPV6 },
	{ "IPPROTO_TCP", IPPROTO_TCP },
	{ "IPPROTO_UDP", IPPROTO_UDP },
	{ "IPV6_JOIN_GROUP", IPV6_JOIN_GROUP },
	{ "IPV6_LEAVE_GROUP", IPV6_LEAVE_GROUP },
	{ "IPV6_MTU_DISCOVER", IPV6_MTU_DISCOVER },
	{ "IPV6_MULTICAST_HOPS", IPV6_MULTICAST_HOPS },
	{ "IPV6_MULTICAST_IF", IPV6_MULTICAST_IF },
	{ "IPV6_MULTICAST_LOOP", IPV6_MULTICAST_LOOP },
	{ "IPV6_RECVERR", IPV6_RECVERR },
	{ "IPV6_RECVHOPLIMIT", IPV6_RECVHOPLIMIT },
	{ "IPV6_RECVPKTINFO", IPV6_RECVPKTINFO },
	{ "IPV6_RECVTCLASS", IPV6_RECVTCLASS },
	{ "IPV6_TCLASS", IPV6_TCLASS },
	{ "IPV6_UNICAST_HOPS", IPV6_UNICAST_HOPS },
	{ "IPV6_V6ONLY", IPV6_V6ONLY },
	{ "IP_ADD_MEMBERSHIP", IP_ADD_MEMBERSHIP },
	{ "IP_BIND_ADDRESS_NO_PORT", IP_BIND_ADDRESS_NO_PORT },
	{ "IP_DROP_MEMBERSHIP", IP_DROP_MEMBERSHIP },
	{ "IP_MTU_DISCOVER", IP_MTU_DISCOVER },
	{ "IP_MULTICAST_IF", IP_MULTICAST_IF },
	{ "IP_MULTICAST_LOOP", IP_MULTICAST_LOOP },
	{ "IP_MULTICAST_TTL", IP_MULTICAST_TTL },
	{ "IP_PKTINFO", IP_PKTINFO },
	{ "IP_RECVERR", IP_RECVERR },
	{ "IP_RECVTOS", IP_RECVTOS },
	{ "IP_RECVTTL", IP_RECVTTL },
	{ "IP_TOS", IP_TOS },
	{ "IP_TTL", IP_TTL },
	{ "MAP_ANONYMOUS", MAP_ANONYMOUS },
	{ "MAP_PRIVATE", MAP_PRIVATE },
	{ "MAP_SHARED", MAP_SHARED },
	{ "MAP_SHARED_VALIDATE", MAP_SHARED_VALIDATE },
	{ "MAP_TYPE", MAP_TYPE },
	{ "MSG_FASTOPEN", MSG_FASTOPEN },
	{ "NULL", 0 },
	{ "O_ACCMODE", O_ACCMODE },
	{ "O_APPEND", O_APPEND },
	{ "O_CLOEXEC", O_CLOEXEC },
	{ "O_CREAT", O_CREAT },
	{ "O_DIRECTORY", O_DIRECTORY },
	{ "O_DSYNC", O_DSYNC },
	{ "O_EXCL", O_EXCL },
	{ "O_LARGEFILE", 0100000 },
	{ "O_NOATIME", O_NOATIME },
	{ "O_NOCTTY", O_NOCTTY },
	{ "O_NOFOLLOW", O_NOFOLLOW },
	{ "O_NONBLOCK", O_NONBLOCK },
	{ "O_PATH", O_PATH },
	{ "O_RDONLY", O_RDONLY },
	{ "O_SYNC_BIT", 04000000 },
	{ "O_TRUNC", O_TRUNC },
	{ "PROT_EXEC", PROT_EXEC },
	{ "PR_GET_NAME", PR_GET_NAME },
	{ "PR_SET_NAME", PR_SET_NAME },
	{ "SOCK_CLOEXEC", SOCK_CLOEXEC },
	{ "SOCK_DGRAM", SOCK_DGRAM },
	{ "SOCK_NONBLOCK", SOCK_NONBLOCK },
	{ "SOCK_SEQPACKET", SOCK_SEQPACKET },
	{ "SOCK_STREAM", SOCK_STREAM },
	{ "SOL_SOCKET", SOL_SOCKET },
	{ "SO_BROADCAST", SO_BROADCAST },
	{ "SO_BUSY_POLL", SO_BUSY_POLL },
	{ "SO_KEEPALIVE", SO_KEEPALIVE },
	{ "SO_LINGER", SO_LINGER },
	{ "SO_OOBINLINE", SO_OOBINLINE },
	{ "SO_PASSCRED", SO_PASSCRED },
	{ "SO_PRIORITY", SO_PRIORITY },
	{ "SO_RCVBUF", SO_RCVBUF },
	{ "SO_RCVLOWAT", SO_RCVLOWAT },
	{ "SO_RCVTIMEO", SO_RCVTIMEO },
	{ "SO_RCVTIMEO_NEW", 66 },
	{ "SO_REUSEADDR", SO_REUSEADDR },
	{ "SO_REUSEPORT", SO_REUSEPORT },
	{ "SO_SNDBUF", SO_SNDBUF },
	{ "SO_SNDTIMEO", SO_SNDTIMEO },
	{ "SO_SNDTIMEO_NEW", 67 },
	{ "SO_TIMESTAMP", SO_TIMESTAMP },
	{ "SO_TIMESTAMPNS", SO_TIMESTAMPNS },
	{ "TCGETS", TCGETS },
	{ "TCGETS2", 0x802c542a },
	{ "TCP_CONGESTION", TCP_CONGESTION },
	{ "TCP_CORK", TCP_CORK },
	{ "TCP_DEFER_ACCEPT", TCP_DEFER_ACCEPT },
	{ "TCP_KEEPCNT", TCP_KEEPCNT },
	{ "TCP_KEEPIDLE", TCP_KEEPIDLE },
	{ "TCP_KEEPINTVL", TCP_KEEPINTVL },
	{ "TCP_LINGER2", TCP_LINGER2 },
	{ "TCP_MAXSEG", TCP_MAXSEG },
	{ "TCP_NODELAY", TCP_NODELAY },
	{ "TCP_NOTSENT_LOWAT", TCP_NOTSENT_LOWAT },
	{ "TCP_QUICKACK", TCP_QUICKACK },
	{ "TCP_SYNCNT", TCP_SYNCNT },
	{ "TCP_USER_TIMEOUT", TCP_USER_TIMEOUT },
	{ "TCP_WINDOW_CLAMP", TCP_WINDOW_CLAMP },
	{ "TIOCGWINSZ", TIOCGWINSZ },
	{ "TIOCLINUX", TIOCLINUX },
	{ "TIOCSTI", TIOCSTI },
};

bool es_constant_find(const char *name, size_t len, uint64_t *value)
{
	size_t lo = 0, hi = ES_COUNT(constants);

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		const int order = es_name_compare(constants[mid].name, name,
						  len);

		if (!order) {
			*value = constants[mid].value;
			return true;
		}
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

enum { MAX_ERRNO_NAMED = 256 };

int es_errno_find(const char *name)
{
	static const struct constant aliases[] = {
		{ "EDEADLOCK", EDEADLOCK },
		{ "ENOTSUP", ENOTSUP },
		{ "EWOULDBLOCK", EWOULDBLOCK },
	};

	for (size_t i = 0; i < ES_COUNT(aliases); i++)
		if (!strcmp(name, aliases[i].name))
			return (int)aliases[i].value;
	for (int i = 1; i < MAX_ERRNO_NAMED; i++) {
		const char *own = strerrorname_np(i);

		if (own && !strcmp(own, name))
			return i;
	}
	return 0;
}
