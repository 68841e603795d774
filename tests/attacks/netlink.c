/* SPDX-License-Identifier: MIT */
/*
 * Stands for CVE-2022-1015 and CVE-2022-32250 (nftables, 2022), and more that
 * are reached by messages over AF_NETLINK: a program that talks to servers has
 * no need to talk to the kernel about its firewall.
 * Stopped by the profile tcp-client
 *
 *	netlink ADDRESS PORT
 *
 * prints what the TCP server there says. Then it makes netlink sockets, of the
 * firewall (netfilter) and of interfaces (route), and sends an empty message to
 * each, which changes nothing. Whatever the kernel answers, it has taken the
 * message: that is where the exploits send theirs.
 *
 * The profile gives sockets, of two other families. Some attempts have bits in
 * their family that the kernel drops: a filter that denied netlink's number in
 * all 64 bits would let these pass.
 */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "attack.h"

static bool ask_server(const char *address, const char *port)
{
	struct sockaddr_in server = {
		.sin_family = AF_INET,
		.sin_port = htons((in_port_t)strtoul(port, NULL, 10)),
	};
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	return inet_pton(AF_INET, address, &server.sin_addr) == 1 && fd >= 0 &&
	       !connect(fd, (const struct sockaddr *)&server, sizeof(server)) &&
	       copy(fd) && !close(fd);
}

/* The kernel answers before send(2) returns. */
static long talk(int fd)
{
	const struct nlmsghdr message = {
		.nlmsg_len = sizeof(message),
		.nlmsg_type = NLMSG_NOOP,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
	};
	char answer[512];
	long result = send(fd, &message, sizeof(message), 0);

	if (result >= 0)
		result = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
	close(fd);
	return result;
}

static const struct {
	const char *name;
	long family, type, protocol;
} sockets[] = {
	{ "netfilter", AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER },
	{ "route", AF_NETLINK, SOCK_RAW, NETLINK_ROUTE },
	{ "route, datagrams", AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE },
	{ "route, close-on-exec", AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
	  NETLINK_ROUTE },
	{ "route, high bit", AF_NETLINK | 1L << 32, SOCK_RAW, NETLINK_ROUTE },
	{ "route, high AF_INET", AF_NETLINK | (long)AF_INET << 32, SOCK_RAW,
	  NETLINK_ROUTE },
};

int main(int argc, char *argv[])
{
	bool worked = false;

	if (argc != 3 || !ask_server(argv[1], argv[2])) {
		perror("netlink ADDRESS PORT");
		return NO_WORK;
	}
	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		const long fd = syscall(SYS_socket, sockets[i].family,
					sockets[i].type, sockets[i].protocol);

		if (step(sockets[i].name, fd))
			worked |= step("answer", talk((int)fd));
	}
	return verdict(worked);
}
