/* SPDX-License-Identifier: MIT */
/*
 * processes-web-and-database FOLDER: counts how often each path was asked for.
 * One process speaks to the web, and can open no file; another keeps the counts
 * in an SQLite database in FOLDER, and can make no socket. They speak to each
 * other by unix datagrams, and each confines itself.
 *
 *	cc processes-web-and-database.c \
 *		$(pkg-config --cflags --libs extrasafe sqlite3)
 *
 * The port is of the kernel's choice, and printed. Asked for /quit, both end.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <extrasafe.h>
#include <netinet/in.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char file[] = "hits.db"; /* the database */

/* What the web's process must not do, and what the database's must not. */
static void try_both(const char *who)
{
	FILE *database = fopen(file, "r");
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	printf("%s: open the database: %s\n", who,
	       database ? "works" : "refused");
	printf("%s: make a socket: %s\n", who, fd < 0 ? "refused" : "works");
	fflush(stdout);
	if (database)
		fclose(database);
	if (fd >= 0)
		close(fd);
}

/* Allows WORD of Networking for descriptor FD. */
static void allow_socket(struct es_context *context, const char *word, int fd,
			 struct es_diags *diags)
{
	char number[16];
	const char *fds[] = { number, NULL };
	struct es_allowing this_socket = { 0 };

	snprintf(number, sizeof(number), "%d", fd);
	this_socket.fds = fds;
	es_allow_with(context, "Networking", word, &this_socket, diags);
}

/* Confines the calling process, and forgets the context. */
static void confine(struct es_context *context, struct es_diags *diags)
{
	enum es_status status;

	es_allow(context, "SystemIO", "stdout", diags);
	es_allow(context, "SystemIO", "stderr", diags);
	status = es_apply_to_all_threads(context, diags);
	es_diags_print(diags, stderr, false);
	es_context_free(context);
	es_diags_free(diags);
	if (status != ES_OK)
		exit(1);
}

static int keep_database(int web)
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	sqlite3 *database;
	sqlite3_stmt *count;
	char path[256] = "";
	ssize_t length;

	/* It makes and removes its journal beside the database. */
	es_allow_path(context, "SystemIO", "work", ".", diags);
	es_allow(context, "SystemIO", "lock", diags);
	allow_socket(context, "running_unix_clients", web, diags);
	confine(context, diags);
	try_both("database");

	if (sqlite3_open(file, &database) != SQLITE_OK ||
	    sqlite3_exec(database,
			 "CREATE TABLE IF NOT EXISTS "
			 "hits (path TEXT PRIMARY KEY, n)",
			 NULL, NULL, NULL) != SQLITE_OK) {
		fprintf(stderr, "%s\n", sqlite3_errmsg(database));
		return 1;
	}
	sqlite3_prepare_v2(database,
			   "INSERT INTO hits VALUES (?, 1) ON CONFLICT (path) "
			   "DO UPDATE SET n = n + 1 RETURNING n",
			   -1, &count, NULL);
	while (strcmp(path, "/quit") != 0 &&
	       (length = recv(web, path, sizeof(path) - 1, 0)) > 0) {
		int hits = -1;

		path[length] = '\0';
		sqlite3_bind_text(count, 1, path, -1, SQLITE_STATIC);
		if (sqlite3_step(count) == SQLITE_ROW)
			hits = sqlite3_column_int(count, 0);
		while (sqlite3_step(count) == SQLITE_ROW)
			;
		sqlite3_reset(count);
		if (send(web, &hits, sizeof(hits), 0) < 0)
			return 1;
	}
	return 0;
}

static int serve_web(int listening, int database)
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	char text[1024], path[256] = "";
	int client;

	allow_socket(context, "running_tcp_servers", listening, diags);
	allow_socket(context, "running_unix_clients", database, diags);
	confine(context, diags);
	try_both("web");

	while (strcmp(path, "/quit") != 0 &&
	       (client = accept(listening, NULL, NULL)) >= 0) {
		ssize_t length = read(client, text, sizeof(text) - 1);
		int hits = -1;

		text[length > 0 ? length : 0] = '\0';
		if (sscanf(text, "GET %255s", path) == 1 &&
		    send(database, path, strlen(path), 0) > 0 &&
		    recv(database, &hits, sizeof(hits), 0) > 0) {
			length = snprintf(text, sizeof(text),
					  "HTTP/1.0 200 OK\r\n\r\n%s: %d\n",
					  path, hits);
			if (write(client, text, (size_t)length) != length)
				perror("write");
		}
		close(client);
	}
	return 0;
}

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
	    getsockname(fd, (struct sockaddr *)&address, &size))
		return -1;
	printf("port %d\n", ntohs(address.sin_port));
	return fd;
}

int main(int argc, char *argv[])
{
	int listening, pair[2], ended;
	FILE *database;
	pid_t keeper;

	if (argc != 2 || chdir(argv[1]))
		return 2;
	database = fopen(file, "a");
	if (!database || fclose(database))
		return 2;
	listening = listen_somewhere();
	if (listening < 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		return 2;
	try_both("before");

	keeper = fork();
	if (keeper == 0) {
		close(listening);
		close(pair[0]);
		return keep_database(pair[1]);
	}
	close(pair[1]);
	if (keeper < 0)
		return 2;
	if (fork() == 0)
		return serve_web(listening, pair[0]);
	close(listening);
	close(pair[0]);
	while (wait(&ended) > 0)
		if (!WIFEXITED(ended) || WEXITSTATUS(ended))
			return 1;
	try_both("rest");
	return 0;
}
