/* SPDX-License-Identifier: MIT */
#include "decode.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "diag.h"
#include "family.h"
#include "util.h"

enum {
	MAX_STRING = 4096, /* with its NUL: the longest path */
	CHUNK = 256,       /* never across a page that may not be there */
};

/* Arguments that are told in a way of their own, by the manual's name. */
enum form { NUMBER, POINTER, STRING, FOLDER, OCTAL, ADDRESS };
static const struct {
	const char *name;
	enum form form;
} forms[] = {
	{ "addr", ADDRESS },     { "description", STRING },
	{ "dest_addr", ADDRESS },
	{ "dfd", FOLDER },       { "dirfd", FOLDER },
	{ "filename", STRING },  { "linkpath", STRING },
	{ "mode", OCTAL },       { "name", STRING },
	{ "newdirfd", FOLDER },  { "newpath", STRING },
	{ "olddirfd", FOLDER },  { "oldpath", STRING },
	{ "path", STRING },      { "pathname", STRING },
	{ "target", STRING },    { "umask", OCTAL },
};

static bool is_name(const char *name, const char *text, size_t len)
{
	return !es_name_compare(name, text, len);
}

/* The next name of *AT, which moves behind it, and its value; NULL: no more. */
static const char *next_name(const char **at, size_t *len, uint64_t *value)
{
	for (;;) {
		const char *name = *at + strspn(*at, " ");

		*len = strcspn(name, " ");
		*at = name + *len;
		if (!*len)
			return NULL;
		if (es_constant_find(name, *len, value))
			return name;
	}
}

/* VALUE by the names of FAMILY, what has none as a number. */
static void print_names(FILE *stream, const struct es_family *family,
			uint64_t value)
{
	const char *at = family->fields, *name = NULL, *joint = "";
	uint64_t own = 0, left = value;
	size_t len = 0;

	while ((name = next_name(&at, &len, &own))) {
		const uint64_t mask = family->mask ? family->mask : UINT64_MAX;

		if ((value & mask) != own)
			continue;
		fprintf(stream, "%.*s", (int)len, name);
		joint = "|";
		left &= family->mask ? ~family->mask : 0;
		break;
	}
	at = family->bits;
	while ((name = next_name(&at, &len, &own))) {
		if (!own || (left & own) != own)
			continue;
		fprintf(stream, "%s%.*s", joint, (int)len, name);
		joint = "|";
		left &= ~own;
	}
	if (left || !*joint)
		fprintf(stream, left ? "%s%#" PRIx64 : "%s%" PRIx64, joint,
			left);
}

static bool has_bytes(const struct es_memory *memory, uint64_t address,
		      void *into, size_t len)
{
	return memory && memory->read && address &&
	       memory->read(memory->state, address, into, len) == len;
}

const char *es_read_string(struct es_arena *arena,
			   const struct es_memory *memory, uint64_t address,
			   size_t limit)
{
	char *text = memory && memory->read && address ?
		     es_arena_alloc(arena, limit + 1) : NULL;
	size_t n = 0;

	while (text && n < limit) {
		size_t want = CHUNK - (address + n) % CHUNK;
		size_t got = 0;

		if (want > limit - n)
			want = limit - n;
		got = memory->read(memory->state, address + n, text + n, want);
		if (memchr(text + n, '\0', got))
			return text;
		if (got < want)
			return NULL;
		n += got;
	}
	return NULL;
}

static void print_string(FILE *stream, const char *text)
{
	static const char special[] = "\"\\\n\t\r";
	static const char letters[] = "\"\\ntr";

	fputc('"', stream);
	for (const char *c = text; *c; c++) {
		const char *found = strchr(special, *c);

		if (found)
			fprintf(stream, "\\%c", letters[found - special]);
		else if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
			fprintf(stream, "\\x%02x", (unsigned char)*c);
		else
			fputc(*c, stream);
	}
	fputc('"', stream);
}

/* A socket address as much of it as is there. */
union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

/* The argument of CALL that points to an address it is given; -1: none. */
static int address_argument(const struct es_syscall *row)
{
	static const struct {
		const char *call;
		int index;
	} calls[] = { { "bind", 1 }, { "connect", 1 }, { "sendto", 4 } };

	for (size_t i = 0; i < ES_COUNT(calls); i++)
		if (!strcmp(calls[i].call, row->name))
			return calls[i].index;
	return -1;
}

static bool read_address(const struct es_call *call, int index,
			 const struct es_memory *memory, union address *address,
			 size_t *len)
{
	memset(address, 0, sizeof(*address));
	*len = (uint32_t)call->args[index + 1];
	if (*len > sizeof(*address))
		*len = sizeof(*address);
	return *len >= sizeof(sa_family_t) &&
	       has_bytes(memory, call->args[index], address, *len);
}

static void print_address(FILE *stream, const union address *address,
			  size_t len)
{
	char text[INET6_ADDRSTRLEN] = "";
	char path[sizeof(address->un.sun_path) + 1];

	switch (address->any.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &address->in.sin_addr, text, sizeof(text));
		fprintf(stream, "{sa_family=AF_INET, sin_port=htons(%u), "
			"sin_addr=inet_addr(\"%s\")}",
			ntohs(address->in.sin_port), text);
		return;
	case AF_INET6:
		inet_ntop(AF_INET6, &address->in6.sin6_addr, text,
			  sizeof(text));
		fprintf(stream, "{sa_family=AF_INET6, sin6_port=htons(%u), "
			"inet_pton(AF_INET6, \"%s\", &sin6_addr)}",
			ntohs(address->in6.sin6_port), text);
		return;
	case AF_UNIX:
		memset(path, 0, sizeof(path));
		len -= offsetof(struct sockaddr_un, sun_path);
		if (len > sizeof(path) - 1)
			len = 0;
		memcpy(path, address->un.sun_path, len);
		fputs("{sa_family=AF_UNIX, sun_path=", stream);
		if (len && !*path)
			fputc('@', stream);
		print_string(stream, len && !*path ? path + 1 : path);
		fputc('}', stream);
		return;
	default:
		fputs("{sa_family=", stream);
		print_names(stream, &es_socket_families,
			    address->any.sa_family);
		fputs(", ...}", stream);
	}
}

bool es_read_family(const struct es_call *call, const struct es_memory *memory,
		    unsigned *family, unsigned *port)
{
	const struct es_syscall *row = es_syscall_of(call->nr);
	const int index = row ? address_argument(row) : -1;
	union address address;
	size_t len = 0;

	if (index < 0 || call->arch != ES_AUDIT_ARCH ||
	    !read_address(call, index, memory, &address, &len))
		return false;
	*family = address.any.sa_family;
	*port = *family == AF_INET ? ntohs(address.in.sin_port) :
		*family == AF_INET6 ? ntohs(address.in6.sin6_port) : 0;
	return true;
}

static enum form form_of(const struct es_syscall *row, unsigned index,
			 const struct es_arg *arg)
{
	size_t len = 0;
	const char *name = es_syscall_arg_name(row, index, &len);

	if (address_argument(row) == (int)index)
		return ADDRESS;
	for (size_t i = 0; i < ES_COUNT(forms); i++)
		if (is_name(forms[i].name, name, len) &&
		    (forms[i].form == STRING) == arg->pointer &&
		    forms[i].form != ADDRESS)
			return forms[i].form;
	return arg->pointer ? POINTER : NUMBER;
}

static void print_number(FILE *stream, uint64_t value, const struct es_arg *arg)
{
	if (arg->mask == UINT32_MAX)
		fprintf(stream, "%" PRId32, (int32_t)(uint32_t)value);
	else if (arg->negative)
		fprintf(stream, "%" PRId64, (int64_t)value);
	else if (value > INT32_MAX)
		fprintf(stream, "%#" PRIx64, value);
	else
		fprintf(stream, "%" PRIu64, value);
}

/* What is decoded at the moment. */
struct decoding {
	struct es_arena *arena;
	const struct es_syscall *row;
	const struct es_call *call;
	const struct es_memory *memory;
	FILE *stream;
};

static void print_pointer(const struct decoding *decoding, enum form form,
			  unsigned index)
{
	const uint64_t value = decoding->call->args[index];
	const char *text = NULL;
	union address address;
	size_t len = 0;

	if (form == STRING)
		text = es_read_string(decoding->arena, decoding->memory, value,
				      MAX_STRING);
	if (text)
		print_string(decoding->stream, text);
	else if (form == ADDRESS &&
		 read_address(decoding->call, (int)index, decoding->memory,
			      &address, &len))
		print_address(decoding->stream, &address, len);
	else if (!value)
		fputs("NULL", decoding->stream);
	else
		fprintf(decoding->stream, "%#" PRIx64, value);
}

static void print_argument(const struct decoding *decoding, unsigned index,
			   const struct es_arg *arg)
{
	const uint64_t value = decoding->call->args[index] & arg->mask;
	const struct es_family *family = es_family_of(decoding->row, index,
						decoding->call->args);
	const enum form form = form_of(decoding->row, index, arg);
	const uint32_t at_fdcwd = (uint32_t)-100;

	if (family)
		print_names(decoding->stream, family, value);
	else if (arg->pointer)
		print_pointer(decoding, form, index);
	else if (form == FOLDER && value == at_fdcwd)
		fputs("AT_FDCWD", decoding->stream);
	else if (form == OCTAL)
		fprintf(decoding->stream, "%#" PRIo64, value);
	else
		print_number(decoding->stream, value, arg);
}

static void print_call(const struct decoding *decoding)
{
	const struct es_call *call = decoding->call;
	FILE *stream = decoding->stream;

	if (!decoding->row) {
		if (call->arch != ES_AUDIT_ARCH)
			fprintf(stream, "[arch %#x] ", call->arch);
		fprintf(stream, "syscall_%#x(", call->nr);
		for (unsigned i = 0; i < 6; i++)
			fprintf(stream, "%s%#" PRIx64, i ? ", " : "",
				call->args[i]);
		fputc(')', stream);
		return;
	}
	fprintf(stream, "%s(", decoding->row->name);
	for (unsigned i = 0; i < 6; i++) {
		struct es_arg arg = { 0 };
		size_t len = 0;
		const char *name = es_syscall_arg_name(decoding->row, i, &len);

		if (!es_syscall_arg(decoding->row, name, len, &arg))
			break;
		fputs(i ? ", " : "", stream);
		print_argument(decoding, i, &arg);
	}
	fputc(')', stream);
}

/* What was written to *TEXT, as the arena's. */
static const char *keep(struct es_arena *arena, FILE *stream, char **text,
			const size_t *len)
{
	const bool fine = stream && !fclose(stream);

	if (!fine)
		arena->exhausted = true;
	return fine ? es_arena_copy(arena, *text, *len) : NULL;
}

const char *es_decode(struct es_arena *arena, const struct es_call *call,
		      const struct es_memory *memory)
{
	es_autofree char *text = NULL;
	size_t len = 0;
	struct decoding decoding = {
		.arena = arena, .call = call, .memory = memory,
		.row = call->arch == ES_AUDIT_ARCH ? es_syscall_of(call->nr) :
						     NULL,
		.stream = open_memstream(&text, &len),
	};

	if (decoding.stream)
		print_call(&decoding);
	return keep(arena, decoding.stream, &text, &len);
}

const char *es_decode_value(struct es_arena *arena,
			    const struct es_syscall *call, unsigned index,
			    uint64_t value)
{
	const struct es_family *family = es_family_of(call, index, NULL);
	es_autofree char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	if (stream && family)
		print_names(stream, family, value);
	else if (stream)
		fprintf(stream, value > INT32_MAX ? "%#" PRIx64 : "%" PRIu64,
			value);
	return keep(arena, stream, &text, &len);
}

bool es_decode_names(const struct es_syscall *call, unsigned index)
{
	return es_family_of(call, index, NULL);
}
