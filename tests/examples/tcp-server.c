/* SPDX-License-Identifier: MIT */
/*
 * tcp-server: answers each line with the same line, on a port of the kernel's
 * choice, which it prints.
 *
 *	cc tcp-server.c $(pkg-config --cflags --libs extrasafe)
 *
 * It makes its socket first. Confined, it can accept on that one, and can make
 * no other.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <extrasafe.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_somewhere(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address;
	socklen_t size = sizeof(address);

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) ||
	    listen(fd, 8) ||
	    getsockname(fd, (struct sockaddr *)&address, &size)) {
		perror("tcp-server");
		return -1;
	}
	printf("port %d\n", ntohs(address.sin_port));
	return fd;
}

static void try_another_socket(const char *when)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	printf("another socket %s: %s\n", when,
	       fd < 0 ? strerror(errno) : "works");
	if (fd >= 0)
		close(fd);
}

static enum es_status confine(int listening)
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	enum es_status status;
	char number[16];
	const char *fds[] = { number, NULL };
	struct es_allowing this_socket = { 0 };

	snprintf(number, sizeof(number), "%d", listening);
	this_socket.fds = fds;
	es_allow(context, "SystemIO", "stdout", diags);
	es_allow(context, "SystemIO", "stderr", diags);
	es_allow_with(context, "Networking", "running_tcp_servers",
		      &this_socket, diags);
	status = es_apply_to_all_threads(context, diags);
	es_diags_print(diags, stderr, false);
	es_context_free(context);
	es_diags_free(diags);
	return status;
}

static void answer(int client)
{
	char line[512];
	ssize_t length;

	while ((length = read(client, line, sizeof(line))) > 0)
		if (write(client, line, (size_t)length) != length)
			break;
	close(client);
}

int main(void)
{
	int listening = listen_somewhere();
	int client;

	if (listening < 0)
		return 1;
	try_another_socket("before");
	if (confine(listening) != ES_OK)
		return 1;
	try_another_socket("after");
	fflush(stdout);

	while ((client = accept(listening, NULL, NULL)) >= 0)
		answer(client);
	perror("accept");
	return 1;
}
