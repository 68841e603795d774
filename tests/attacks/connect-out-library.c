/* SPDX-License-Identifier: MIT */
/*
 * The library of connect-out.c: it logs lines, and looks up what they name.
 */
#include "connect-out.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "attack.h"

int log_reached;

static long reach(int type, const struct sockaddr_in *address)
{
	const int fd = socket(AF_INET, type, 0);
	ssize_t result;

	if (fd < 0)
		return -1;
	result = connect(fd, (const struct sockaddr *)address,
			 sizeof(*address));
	if (!result)
		result = write(fd, "secret\n", strlen("secret\n"));
	close(fd);
	return result;
}

/* ADDRESS:PORT}: it is asked by TCP, then by UDP. */
static void look_up(const char *what)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	const char *colon = strchr(what, ':');
	char text[INET_ADDRSTRLEN];
	size_t length;

	if (!colon || (length = (size_t)(colon - what)) >= sizeof(text))
		return;
	memcpy(text, what, length);
	text[length] = '\0';
	if (inet_pton(AF_INET, text, &address.sin_addr) != 1)
		return;
	address.sin_port = htons((in_port_t)strtoul(colon + 1, NULL, 10));
	log_reached += step("tcp", reach(SOCK_STREAM, &address));
	log_reached += step("udp", reach(SOCK_DGRAM, &address));
}

void log_line(const char *line)
{
	const char *name = strstr(line, "${jndi:");

	fprintf(stderr, "log: %.*s\n", (int)strcspn(line, "\n"), line);
	if (name)
		look_up(name + strlen("${jndi:"));
}

/* Before the program's entry point. */
__attribute__((constructor)) static void log_start(void)
{
	const char *line = getenv("LOG_AT_START");

	if (line)
		log_line(line);
}
