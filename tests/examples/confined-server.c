/* SPDX-License-Identifier: MIT */
/*
 * confined-server FOLDER: a web server of a few threads that gives out the
 * files of one folder, on a port of the kernel's choice, which it prints.
 *
 *	cc confined-server.c $(pkg-config --cflags --libs extrasafe)
 *
 * It starts as any server does, with its socket and its threads. Then one call
 * confines all of them to a profile that stands in the program.
 */
#include <arpa/inet.h>
#include <extrasafe.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define THREADS 4

static const char profile[] =
	"extrasafe: 1\n"
	"about: Give out the files of the working folder\n"
	"allow:\n"
	"  SystemIO: [stdout, stderr, read_path: '${CWD}']\n"
	"  Networking: running_tcp_servers\n";

static int listening;

static int listen_somewhere(void)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listening < 0 ||
	    bind(listening, (struct sockaddr *)&address, size) ||
	    listen(listening, 8) ||
	    getsockname(listening, (struct sockaddr *)&address, &size))
		return -1;
	printf("port %d\n", ntohs(address.sin_port));
	return 0;
}

static void send_text(int client, const char *text)
{
	if (write(client, text, strlen(text)) < 0)
		perror("write");
}

/* PATH as it was asked for: this server trusts in being confined, and does not
 * look for "..". */
static void send_file(int client, const char *path)
{
	char part[4096];
	ssize_t length;
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0) {
		send_text(client, "HTTP/1.0 404 Not Found\r\n\r\n");
		return;
	}
	send_text(client, "HTTP/1.0 200 OK\r\n\r\n");
	while ((length = read(file, part, sizeof(part))) > 0)
		if (write(client, part, (size_t)length) != length)
			break;
	close(file);
}

static void *serve(void *unused)
{
	char request[1024];
	char path[256];
	int client;

	while ((client = accept(listening, NULL, NULL)) >= 0) {
		ssize_t length = read(client, request, sizeof(request) - 1);

		request[length > 0 ? length : 0] = '\0';
		if (sscanf(request, "GET /%255s", path) == 1)
			send_file(client, path);
		close(client);
	}
	return unused;
}

int main(int argc, char *argv[])
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	pthread_t threads[THREADS];
	enum es_status status;

	if (argc != 2 || chdir(argv[1]) || listen_somewhere())
		return 2;
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, serve, NULL))
			return 2;
	/* Until it gets a line, one can see what it gives out unconfined. */
	printf("started\n");
	fflush(stdout);
	if (getchar() != '\n')
		return 2;

	es_add_text(context, "confined-server", profile, diags);
	status = es_apply_to_all_threads(context, diags);
	es_diags_print(diags, stderr, false);
	es_context_free(context);
	es_diags_free(diags);
	if (status != ES_OK)
		return 1;

	printf("confined\n");
	fflush(stdout);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 1;
}
