/* SPDX-License-Identifier: MIT */
/*
 * https HOST PORT AUTHORITY OTHER: fetches https://HOST:PORT/ and prints the
 * first line of the answer. It trusts the certificates of the system and those
 * in the file AUTHORITY. The port OTHER is there to show that it can't be
 * reached.
 *
 *	cc https.c $(pkg-config --cflags --libs extrasafe openssl)
 */
#include <errno.h>
#include <extrasafe.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to(const char *host, const char *port)
{
	struct addrinfo wanted, *found = NULL;
	int fd = -1;
	int error;

	memset(&wanted, 0, sizeof(wanted));
	wanted.ai_socktype = SOCK_STREAM;
	error = getaddrinfo(host, port, &wanted, &found);
	if (error) {
		fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
		return -1;
	}
	for (struct addrinfo *at = found; at; at = at->ai_next) {
		fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0 && !connect(fd, at->ai_addr, at->ai_addrlen))
			break;
		error = errno;
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	errno = error;
	return fd;
}

static void fetch(const char *host, const char *port, const char *authority)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
	SSL *session = SSL_new(tls);
	int fd = connect_to(host, port);
	char text[256];
	int length;

	SSL_CTX_set_default_verify_paths(tls);
	SSL_CTX_load_verify_locations(tls, authority, NULL);
	SSL_set_verify(session, SSL_VERIFY_PEER, NULL);
	SSL_set1_host(session, host);
	SSL_set_tlsext_host_name(session, host);
	if (fd < 0 || !SSL_set_fd(session, fd) || SSL_connect(session) != 1) {
		ERR_print_errors_fp(stderr);
		exit(1);
	}
	length = snprintf(text, sizeof(text), "GET / HTTP/1.0\r\n\r\n");
	SSL_write(session, text, length);
	length = SSL_read(session, text, sizeof(text) - 1);
	text[length > 0 ? length : 0] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	printf("fetched: %s\n", text);
	SSL_free(session);
	SSL_CTX_free(tls);
	close(fd);
}

static void try_more(const char *when, const char *host, const char *other)
{
	int fd = connect_to(host, other);
	FILE *file;

	printf("other port %s: %s\n", when, fd < 0 ? strerror(errno) : "works");
	if (fd >= 0)
		close(fd);
	file = fopen("/etc/passwd", "r");
	printf("other file %s: %s\n", when, file ? "works" : strerror(errno));
	if (file)
		fclose(file);
}

int main(int argc, char *argv[])
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	struct es_allowing this_port = { 0 };
	unsigned short port;
	enum es_status status;

	if (argc != 5)
		return 2;
	try_more("before", argv[1], argv[4]);

	port = (unsigned short)strtoul(argv[2], NULL, 10);
	this_port.ports = &port;
	this_port.nports = 1;
	es_allow_with(context, "Networking", "start_tcp_clients", &this_port,
		      diags);
	es_allow(context, "SystemIO", "dns_files", diags);
	es_allow(context, "SystemIO", "ssl_files", diags);
	es_allow_path(context, "SystemIO", "read_path", argv[3], diags);
	es_allow(context, "SystemIO", "stdout", diags);
	es_allow(context, "SystemIO", "stderr", diags);
	status = es_apply_to_all_threads(context, diags);
	es_diags_print(diags, stderr, false);
	es_context_free(context);
	es_diags_free(diags);
	if (status != ES_OK)
		return 1;

	fetch(argv[1], argv[2], argv[3]);
	try_more("after", argv[1], argv[4]);
	return 0;
}
