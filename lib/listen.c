/* SPDX-License-Identifier: MIT */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "util.h"

enum { FIRST = 3, MAX_GIVEN = 64 };

union address {
	struct sockaddr any;
	struct sockaddr_in ip;
	struct sockaddr_in6 ip6;
	struct sockaddr_un path;
};

static bool parse_port(const char *text, in_port_t *port)
{
	char *end = NULL;
	const unsigned long n = strtoul(text, &end, 10);

	if (*text < '1' || *text > '9' || *end || n > 65535)
		return false;
	*port = htons((in_port_t)n);
	return true;
}

static bool parse_tcp(const char *text, union address *address, socklen_t *size)
{
	const char *colon = strrchr(text, ':');
	char host[INET_ADDRSTRLEN];

	if (!colon || (size_t)(colon - text) >= sizeof(host))
		return false;
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	address->ip.sin_family = AF_INET;
	*size = sizeof(address->ip);
	return inet_pton(AF_INET, host, &address->ip.sin_addr) == 1 &&
	       parse_port(colon + 1, &address->ip.sin_port);
}

static bool parse_tcp6(const char *text, union address *address,
		       socklen_t *size)
{
	const char *end = strchr(text, ']');
	char host[INET6_ADDRSTRLEN];

	if (*text != '[' || !end || end[1] != ':' ||
	    (size_t)(end - text) > sizeof(host))
		return false;
	memcpy(host, text + 1, (size_t)(end - text - 1));
	host[end - text - 1] = '\0';
	address->ip6.sin6_family = AF_INET6;
	*size = sizeof(address->ip6);
	return inet_pton(AF_INET6, host, &address->ip6.sin6_addr) == 1 &&
	       parse_port(end + 2, &address->ip6.sin6_port);
}

static bool parse_unix(const char *text, union address *address,
		       socklen_t *size)
{
	const size_t len = strlen(text);

	if (*text != '/' || len >= sizeof(address->path.sun_path))
		return false;
	address->path.sun_family = AF_UNIX;
	memcpy(address->path.sun_path, text, len + 1);
	*size = sizeof(address->path);
	return true;
}

static bool parse(const char *text, union address *address, socklen_t *size)
{
	static const struct {
		const char *scheme;
		bool (*parse)(const char *text, union address *address,
			      socklen_t *size);
	} kinds[] = {
		{ "tcp://", parse_tcp },
		{ "tcp6://", parse_tcp6 },
		{ "unix://", parse_unix },
	};

	*address = (union address){ 0 };
	for (size_t i = 0; i < ES_COUNT(kinds); i++) {
		const size_t len = strlen(kinds[i].scheme);

		if (!strncmp(text, kinds[i].scheme, len))
			return kinds[i].parse(text + len, address, size);
	}
	return false;
}

bool es_listen_valid(const char *text)
{
	union address address;
	socklen_t size;

	return parse(text, &address, &size);
}

enum es_status es_listen_open(const struct es_fd_entry *entry,
			      struct es_diags *diags, int *ret)
{
	const int on = 1;
	union address address;
	socklen_t size = 0;
	es_autoclose int fd = -1;
	const char *step = NULL;

	if (!parse(entry->listen, &address, &size))
		return ES_INTERNAL;
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		step = "can't make a socket";
	else if ((address.any.sa_family != AF_UNIX &&
		  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on))) ||
		 (address.any.sa_family == AF_INET6 &&
		  setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on))))
		step = "can't prepare a socket";
	else if (bind(fd, &address.any, size))
		step = "can't bind";
	else if (listen(fd, SOMAXCONN))
		step = "can't listen";
	if (step) {
		es_diag(diags, ES_ERROR, entry->place, "'%s': %s: %s",
			entry->listen, step, strerrordesc_np(errno));
		return ES_INVALID;
	}
	*ret = es_steal_fd(&fd);
	return ES_OK;
}

unsigned es_listen_given(void)
{
	const char *n = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
	const unsigned long count = n ? strtoul(n, NULL, 10) : 0;
	const long whose = pid ? strtol(pid, NULL, 10) : 0;

	/* A supervised program is the child of who was started. */
	if (whose != getpid() && whose != getppid())
		return 0;
	return count <= MAX_GIVEN ? (unsigned)count : 0;
}

static bool is_socket(const struct es_fd_entry *entry)
{
	return entry->listen || entry->activated;
}

bool es_listen_is(const struct es_profile *profile, uint64_t number)
{
	for (const struct es_fd_entry *e = profile->fds; e; e = e->next)
		if (is_socket(e) && (uint64_t)e->number == number)
			return true;
	return false;
}

static bool is_covered(const struct es_profile *profile,
		       const struct es_fd_entry *entry)
{
	for (const struct es_grant *g = profile->grants; g; g = g->next)
		if (!strcmp(g->word->set, "Networking") &&
		    es_ranges_has(&g->covers, (uint64_t)entry->number))
			return true;
	return false;
}

void es_listen_tell(const struct es_profile *profile, struct es_diags *diags)
{
	for (const struct es_fd_entry *e = profile->fds; e; e = e->next)
		if (is_socket(e) && !is_covered(profile, e))
			es_diag(diags, ES_WARNING, e->place,
				"nothing can be done with '%s': no permission "
				"of Networking covers it, as "
				"`running_%s_servers: {fds: [%s]}` would",
				e->name, e->listen &&
				!strncmp(e->listen, "unix", 4) ? "unix" : "tcp",
				e->name);
}

static bool is_ours(const char *variable)
{
	static const char *const own[] = { "LISTEN_FDS=", "LISTEN_FDNAMES=",
					   "LISTEN_PID=" };

	for (size_t i = 0; i < ES_COUNT(own); i++)
		if (!strncmp(variable, own[i], strlen(own[i])))
			return true;
	return false;
}

char *const *es_listen_environment(struct es_arena *arena,
				   const struct es_profile *profile,
				   char *const *envp)
{
	const char *names = NULL;
	char **all;
	size_t n = 0, sockets = 0;

	for (const struct es_fd_entry *e = profile->fds; e; e = e->next) {
		if (!is_socket(e))
			continue;
		sockets++;
		names = sockets > 1 ? es_arena_printf(arena, "%s:%s", names,
						      e->name) : e->name;
	}
	if (!sockets)
		return envp;
	while (envp[n])
		n++;
	all = es_arena_alloc(arena, (n + 4) * sizeof(*all));
	if (!all || !names)
		return NULL;
	n = 0;
	for (size_t i = 0; envp[i]; i++)
		if (!is_ours(envp[i]))
			all[n++] = envp[i];
	all[n++] = es_arena_printf(arena, "LISTEN_FDS=%zu", sockets);
	all[n++] = es_arena_printf(arena, "LISTEN_FDNAMES=%s", names);
	all[n++] = es_arena_printf(arena, "LISTEN_PID=%d", (int)getpid());
	all[n] = NULL;
	return arena->exhausted ? NULL : all;
}
