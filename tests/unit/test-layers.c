/* SPDX-License-Identifier: MIT */
/* The two layers of a program that is armed after exec: what each means. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "policies.h"
#include "shelves.h"
#include "util.h"

static const uint64_t key[3] = { 1, 2, 3 };

struct layers {
	struct es_context *context;
	struct es_diags *diags;
	struct es_compiled compiled;
};

static bool compile(struct layers *layers, const char *profile)
{
	enum es_status status;

	*layers = (struct layers){ .context = es_context_new(),
				   .diags = es_diags_new() };
	status = es_add_profile(layers->context, profile, layers->diags);
	if (status == ES_OK)
		status = es_compile(layers->context, NULL, key, layers->diags,
				    &layers->compiled);
	if (status != ES_OK)
		es_diags_print(layers->diags, stdout, false);
	return tap_int(status, ES_OK, "%s", profile);
}

static void finish_layers(struct layers *layers)
{
	es_compiled_finish(&layers->compiled);
	es_context_free(layers->context);
	es_diags_free(layers->diags);
}

static uint32_t judge(const struct es_policy *policy, const char *name,
		      const uint64_t args[6])
{
	struct es_call call = { .arch = ES_AUDIT_ARCH, .nr = number_of(name) };

	memcpy(call.args, args, sizeof(call.args));
	return es_judge(policy, &call).ret;
}

#define BOTH(name, first, second, ...) \
	do { \
		const uint64_t args[6] = { __VA_ARGS__ }; \
\
		tap_int(judge(&layers.compiled.policy, name, args), \
			first, "%s, at the start", name); \
		tap_int(judge(&layers.compiled.exact, name, args), \
			second, "%s, then", name); \
	} while (0)

/* tests/data/good/startup.yaml */
static void try_startup(void)
{
	const uint32_t denied = ERRNO(EPERM);
	struct layers layers;

	if (!compile(&layers, "tests/data/good/startup.yaml"))
		return;
	BOTH("socket", ALLOW, denied, AF_INET, SOCK_STREAM, 0);
	BOTH("fork", ALLOW, denied, 0);
	BOTH("bind", ALLOW, denied, 5);
	BOTH("write", ALLOW, denied, 5);
	BOTH("write", ALLOW, ALLOW, 1);
	BOTH("write", ALLOW, ALLOW, 3);
	/* Its limit on 1 is a matter of the second alone, but for what would
	 * outlast the start. */
	BOTH("close", ALLOW, ERRNO(0), 1);
	BOTH("dup2", ALLOW, denied, 5, 1);
	BOTH("mmap", denied, denied, 0, 4096, PROT_WRITE, MAP_SHARED, 1, 0);
	/* That on a log holds from the start on. */
	BOTH("close", ERRNO(0), ERRNO(0), 3);
	BOTH("dup2", denied, denied, 4, 3);
	BOTH("dup2", denied, denied, 3, 4);
	BOTH("fcntl", denied, denied, 3, F_SETFL, 0);
	BOTH("fcntl", ALLOW, denied, 4, F_SETFL, 0);
	BOTH("mmap", denied, denied, 0, 4096, PROT_WRITE, MAP_SHARED, 3, 0);
	/* No thread gets away, and no terminal is typed into. */
	BOTH("clone", denied, denied, 0x00800000 | 17);
	BOTH("ioctl", denied, denied, 0, 0x5412);
	finish_layers(&layers);
}

/* Without `startup`, it is the loader's rights that go. */
static void try_entry(void)
{
	const uint32_t denied = ERRNO(EPERM);
	struct layers layers;

	if (!compile(&layers, "tests/data/good/arm-entry.yaml"))
		return;
	BOTH("openat", ALLOW, denied, 0, 1, O_RDONLY);
	BOTH("read", ALLOW, denied, 3);
	BOTH("close", ERRNO(0), ERRNO(0), 1);
	BOTH("write", ALLOW, ALLOW, 1);
	BOTH("execve", denied, denied, 0);
	finish_layers(&layers);
}

/* The second layer honours the key for what it is handed out by alone. */
static void try_gates(void)
{
	static const struct {
		const char *name;
		bool first, second;
	} calls[] = {
		{ "execve", true, false },
		{ "write", true, false },
		{ "sendmsg", true, true }, /* READY=1 */
		{ "socket", true, false },
		{ "recvmsg", true, false },
		{ "seccomp", true, false },
		{ "landlock_restrict_self", true, false },
		{ "close", true, false },
		{ "openat", false, false },
	};
	const uint64_t args[6] = { 9, 9, 9, key[0], key[1], key[2] };
	struct layers layers;

	if (!compile(&layers, "tests/data/good/startup-ready.yaml"))
		return;
	for (size_t i = 0; i < ES_COUNT(calls); i++) {
		const uint32_t nr = number_of(calls[i].name);

		tap_int(es_gate_opens(&layers.compiled.policy, nr, args),
			calls[i].first, "the key, at the start: %s",
			calls[i].name);
		tap_int(es_gate_opens(&layers.compiled.exact, nr, args),
			calls[i].second, "the key, then: %s", calls[i].name);
	}
	finish_layers(&layers);
}

int main(void)
{
	put_on_shelf();
	try_startup();
	try_entry();
	try_gates();
	clear_shelf();
	return tap_done();
}
