/* SPDX-License-Identifier: MIT */
/*
 * threads-web-and-database FOLDER: counts how often each path was asked for.
 * One thread speaks to the web, and can open no file; another keeps the counts
 * in an SQLite database in FOLDER, and can make no socket. Each confines
 * itself.
 *
 *	cc threads-web-and-database.c \
 *		$(pkg-config --cflags --libs extrasafe sqlite3)
 *
 * The port is of the kernel's choice, and printed. Asked for /quit, it ends.
 * Threads share their memory: who can make one of them run foreign code has the
 * other as well. processes-web-and-database.c does the same in two processes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <extrasafe.h>
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the two threads have in common: a question, and its answer. */
static char path[256];
static int hits;
static sem_t asked, answered;

static const char file[] = "hits.db"; /* the database */

/* What the web's thread must not do, and what the database's must not. */
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

/* Confines the calling thread, and forgets the context. */
static void confine_thread(struct es_context *context, struct es_diags *diags)
{
	enum es_status status;

	es_allow(context, "SystemIO", "stdout", diags);
	es_allow(context, "SystemIO", "stderr", diags);
	status = es_apply(context, diags);
	es_diags_print(diags, stderr, false);
	es_context_free(context);
	es_diags_free(diags);
	if (status != ES_OK)
		exit(1);
}

static void *keep_database(void *data)
{
	sqlite3 *database = (sqlite3 *)data;
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	sqlite3_stmt *count;

	/* It makes and removes its journal beside the database. */
	es_allow_path(context, "SystemIO", "work", ".", diags);
	es_allow(context, "SystemIO", "lock", diags);
	confine_thread(context, diags);
	try_both("database");
	sem_post(&answered); /* ready */

	sqlite3_prepare_v2(database,
			   "INSERT INTO hits VALUES (?, 1) ON CONFLICT (path) "
			   "DO UPDATE SET n = n + 1 RETURNING n",
			   -1, &count, NULL);
	while (!sem_wait(&asked)) {
		hits = -1;
		sqlite3_bind_text(count, 1, path, -1, SQLITE_STATIC);
		if (sqlite3_step(count) == SQLITE_ROW)
			hits = sqlite3_column_int(count, 0);
		else
			fprintf(stderr, "%s\n", sqlite3_errmsg(database));
		while (sqlite3_step(count) == SQLITE_ROW)
			;
		sqlite3_reset(count);
		sem_post(&answered);
	}
	return NULL;
}

static void serve_web(int listening)
{
	char text[1024];
	int client;

	while ((client = accept(listening, NULL, NULL)) >= 0) {
		ssize_t length = read(client, text, sizeof(text) - 1);

		text[length > 0 ? length : 0] = '\0';
		if (sscanf(text, "GET %255s", path) == 1) {
			sem_post(&asked);
			sem_wait(&answered);
			length = snprintf(text, sizeof(text),
					  "HTTP/1.0 200 OK\r\n\r\n%s: %d\n",
					  path, hits);
			if (write(client, text, (size_t)length) != length)
				perror("write");
		}
		close(client);
		if (strcmp(path, "/quit") == 0)
			return;
	}
}

static void *be_web(void *data)
{
	int listening = *(int *)data;
	char number[16];
	const char *fds[] = { number, NULL };
	struct es_allowing this_socket = { 0 };
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();

	snprintf(number, sizeof(number), "%d", listening);
	this_socket.fds = fds;
	es_allow_with(context, "Networking", "running_tcp_servers",
		      &this_socket, diags);
	confine_thread(context, diags);
	sem_wait(&answered); /* the database is ready */
	try_both("web");
	serve_web(listening);
	return NULL;
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
	int listening;
	sqlite3 *database;
	pthread_t web, keeper;

	if (argc != 2 || chdir(argv[1]))
		return 2;
	listening = listen_somewhere();
	if (listening < 0 || sqlite3_open(file, &database) != SQLITE_OK ||
	    sqlite3_exec(database,
			 "CREATE TABLE IF NOT EXISTS "
			 "hits (path TEXT PRIMARY KEY, n)",
			 NULL, NULL, NULL) != SQLITE_OK)
		return 2;
	sem_init(&asked, 0, 0);
	sem_init(&answered, 0, 0);
	try_both("before");

	if (pthread_create(&keeper, NULL, keep_database, database) ||
	    pthread_create(&web, NULL, be_web, &listening))
		return 2;
	pthread_join(web, NULL);
	try_both("rest");
	return 0;
}
