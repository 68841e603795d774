/* SPDX-License-Identifier: MIT */
/*
 * tcp-client PORT OTHER: says hello to this machine's port PORT. The port OTHER
 * is there to show that it can't be reached.
 *
 *	cc tcp-client.c $(pkg-config --cflags --libs extrasafe)
 */
#include <arpa/inet.h>
#include <errno.h>
#include <extrasafe.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to(unsigned short port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address;

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_port = htons(port);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return -1;
	return fd;
}

static void say_hello(const char *what, unsigned short port)
{
	char answer[16] = "";
	int fd = connect_to(port);

	if (fd < 0)
		printf("%s: %s\n", what, strerror(errno));
	else if (write(fd, "hello", 5) == 5 && read(fd, answer, 5) == 5)
		printf("%s: %s\n", what, answer);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char *argv[])
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	struct es_allowing this_port = { 0 };
	unsigned short port, other;
	enum es_status status;

	if (argc != 3)
		return 2;
	port = (unsigned short)strtoul(argv[1], NULL, 10);
	other = (unsigned short)strtoul(argv[2], NULL, 10);
	say_hello("port before", port);
	say_hello("other before", other);

	this_port.ports = &port;
	this_port.nports = 1;
	es_allow(context, "SystemIO", "stdout", diags);
	es_allow_with(context, "Networking", "start_tcp_clients", &this_port,
		      diags);
	status = es_apply_to_all_threads(context, diags);
	es_diags_print(diags, stderr, false);
	es_context_free(context);
	es_diags_free(diags);
	if (status != ES_OK)
		return 1;

	say_hello("port after", port);
	say_hello("other after", other);
	return 0;
}
