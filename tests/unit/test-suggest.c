/* SPDX-License-Identifier: MIT */
/* What is suggested for a call allows it, is the narrowest that does, and can
 * be pasted. Each rule of each permission is tried. */
#include <linux/audit.h>
#include <linux/landlock.h>
#include <sys/socket.h>

#include "measure.h"
#include "policies.h"
#include "random.h"
#include "reduce.h"
#include "util.h"

static struct es_landlock_plan plan;
static struct built nothing;
static struct es_force force;

/* Is WORD what can be suggested, and allows the call with no or any value? */
static bool gives(const struct es_word *word, const struct es_call *call)
{
	static const char *const fds[] = { NULL, "opened", "0", "1", "2" };

	if (!is_given(word) || (word->flags & ES_WORD_COMPOSITE))
		return false;
	for (size_t i = 0; i < ES_COUNT(fds); i++) {
		const struct es_piece piece = {
			.word = word, .fds = fds[i],
			.fd = i > 1 ? i - 2 : 0,
		};
		struct es_measure own;

		if (i && !(word->flags & (ES_WORD_FD | ES_WORD_FDS)))
			continue;
		es_measure(&force, &piece, call, &own);
		if (own.gives)
			return true;
	}
	return false;
}

/* A value that COND takes, of those that are named the first. */
static void satisfy(const struct es_cond *cond, struct es_call *call)
{
	call->args[cond->arg] = (call->args[cond->arg] & ~cond->mask) |
				cond->values.at[0].lo;
}

/* Reads the rule's condition under what is in force, FDS being what is opened
 * unless WORD says otherwise. */
static bool make_call(const struct es_word *word,
		      const struct es_rule_info *rule, struct es_call *call)
{
	static struct es_range streams[] = { { 0, 0 }, { 1, 1 }, { 2, 2 } };
	const struct es_policy *policy = force.policy;
	const struct es_syscall *row = es_syscall_find(rule->call,
						       strlen(rule->call));
	struct es_range self = policy->self, loader = { 3, 3 };
	struct es_ranges fds = policy->opened;
	struct es_conds conds = { 0 };

	if (word->fds && *word->fds >= '0' && *word->fds <= '9')
		fds = (struct es_ranges){ &streams[*word->fds - '0'], 1 };
	else if (word->flags & ES_WORD_FD)
		fds = (struct es_ranges){ &streams[0], 1 };
	*call = (struct es_call){ .arch = ES_AUDIT_ARCH,
				  .nr = (uint32_t)es_syscall_number(row) };
	if (es_syscall_number(row) < 0 ||
	    (rule->condition &&
	     es_conds_parse(force.arena, row, rule->condition,
			    (const struct es_named_set[]){
				    { "FDS", fds },
				    { "OPENED", policy->opened },
				    { "LOADER", { &loader, 1 } },
				    { "SELF", { &self, 1 } },
				    { "FAMILY", { &self, 1 } },
				    { NULL, { NULL, 0 } },
			    }, &conds)))
		return false;
	for (size_t i = 0; i < conds.n; i++)
		satisfy(&conds.at[i], call);
	return es_conds_hold(&conds, call->args);
}

/* How a word gives a call that no other gives. */
struct walk {
	const struct es_word *word;
	unsigned calls, alone, wrong;
};

static bool is_pasted(const char *text, const struct es_call *call)
{
	struct built built = begin();
	struct es_surroundings around = usual;
	bool fine = false;

	around.self = (uint32_t)force.policy->self.lo;
	if (!es_add_fragment(built.context, text, built.diags))
		build(&built, &around);
	fine = built.status == ES_OK && built.context->profile.grants &&
	       es_judge(&built.policy, call).ret == ALLOW;
	if (!fine)
		es_diags_print(built.diags, stdout, false);
	finish(&built);
	return fine;
}

static void complain(struct walk *walk, const struct es_rule_info *rule,
		     const char *text, const char *what)
{
	if (++walk->wrong < 5)
		printf("# %s if %s: %s: %s\n", rule->call,
		       rule->condition ? rule->condition : "-", what,
		       text ? text : "nothing");
}

static const struct es_word *only(const struct es_call *call)
{
	const struct es_word *found = NULL;

	for (size_t i = 0; i < es_nwords; i++) {
		if (!gives(&es_words[i], call))
			continue;
		if (found)
			return NULL;
		found = &es_words[i];
	}
	return found;
}

static bool try_rule(const struct es_rule_info *rule, void *data)
{
	struct walk *walk = data;
	struct es_asked asked = { .paths = { "/etc/passwd", "/etc/group" } };
	struct es_answer answer;
	struct es_advice advice;
	struct es_pieces pieces = { 0 };
	char *text = NULL;

	if (!make_call(walk->word, rule, &asked.call))
		return true;
	es_answer(&force, &asked, &answer);
	if (answer.verdict.ret == ALLOW)
		return true; /* a program without a profile has it */
	walk->calls++;
	es_advise(&force, &asked, &answer, &advice);
	for (size_t i = 0; i < advice.n; i++)
		es_pieces_add(&pieces, &advice.pieces[i]);
	text = es_pieces_flow(&pieces);
	if (advice.kind != ES_ADVICE_GIVE || !is_pasted(text, &asked.call))
		complain(walk, rule, text, "does not allow it");
	if (only(&asked.call)) {
		walk->alone++;
		if (advice.pieces[0].word != only(&asked.call))
			complain(walk, rule, text, "is not the only one");
	}
	free(text);
	es_pieces_finish(&pieces);
	return true;
}

static void try_words(void)
{
	unsigned alone = 0;

	for (size_t i = 0; i < es_nwords; i++) {
		struct walk walk = { .word = &es_words[i] };

		if (!is_given(&es_words[i]))
			continue;
		es_permission_rules(i, try_rule, &walk);
		tap_int(walk.wrong, 0, "%s.%s: %u rules", es_words[i].set,
			es_words[i].word, walk.calls);
		alone += walk.alone > 0;
	}
	tap_ok(alone >= 55, "%u words give something that no other gives",
	       alone);
}

static unsigned port; /* that calls name from now on */

static void try_one(const char *call, const char *path,
		    const uint64_t args[6], unsigned family, const char *want)
{
	struct es_asked asked = { .call = { ES_AUDIT_ARCH, number_of(call),
					    { 0 } },
				  .paths = { path }, .family = family,
				  .port = port, .has_port = port };
	struct es_answer answer;
	struct es_advice advice;
	struct es_pieces pieces = { 0 };
	char *text = NULL;

	memcpy(asked.call.args, args, sizeof(asked.call.args));
	es_answer(&force, &asked, &answer);
	es_advise(&force, &asked, &answer, &advice);
	for (size_t i = 0; i < advice.n; i++)
		es_pieces_add(&pieces, &advice.pieces[i]);
	text = es_pieces_flow(&pieces);
	tap_str(pieces.n ? text : advice.reason, want, "%s %s", call,
		path ? path : "");
	free(text);
	es_pieces_finish(&pieces);
}

#define ONE(call, path, want, ...) \
	try_one(call, path, (const uint64_t[6]){ __VA_ARGS__ }, 0, want)
#define CWD (uint64_t)-100

static void try_narrowest(void)
{
	ONE("openat", "/etc/passwd", "SystemIO: [read_path: /etc/passwd]", CWD,
	    1, 0);
	ONE("openat", "/etc", "SystemIO: [list_dir: /etc]", CWD, 1, 0);
	ONE("openat", "/etc/no such", "SystemIO: [list_dir: /etc]", CWD, 1, 0);
	ONE("openat", "/etc/passwd", "SystemIO: [read_path: /etc/passwd, "
	    "write_file: /etc/passwd]", CWD, 1, 2);
	ONE("openat", "/etc/passwd", "SystemIO: [write_file: /etc/passwd]",
	    CWD, 1, 01101);
	ONE("openat", "/tmp/no such", "SystemIO: [create_in_dir: /tmp]", CWD, 1,
	    0102);
	ONE("mkdir", "/tmp/no such", "SystemIO: [create_dir: /tmp]", 1);
	ONE("rmdir", "/tmp/no such", "SystemIO: [remove_dir: /tmp]", 1);
	ONE("unlink", "/tmp/no such", "SystemIO: [remove_file: /tmp]", 1);
	ONE("symlink", "/tmp/no such", "SystemIO: [symlink: /tmp]", 1, 1);
	ONE("mknod", "/tmp/no such", "SystemIO: [mknod: /tmp]", 1, 010600);
	ONE("truncate", "/etc/passwd", "SystemIO: [truncate: /etc/passwd]", 1);
	ONE("rename", NULL, "SystemIO: [rename]", 1, 1);
	ONE("ftruncate", NULL, "SystemIO: [truncate: {fds: 1}]", 1);
	ONE("openat", NULL, "SystemIO: [open_readonly]", CWD, 1, 0);
	ONE("execve", "/etc/passwd", "ForkAndExec: [exec_path: /etc/passwd]",
	    1);
	ONE("read", NULL, "SystemIO: [stdin]", 0);
	ONE("write", NULL, "SystemIO: [stdout]", 1);
	ONE("write", NULL, "SystemIO: [stderr]", 2);
	ONE("read", NULL, "SystemIO: [read: {fds: opened}]", 7);
	ONE("lseek", NULL, "SystemIO: [read: {fds: opened}]", 7);
	ONE("lseek", NULL, "SystemIO: [stderr]", 2);
	ONE("mmap", NULL, "SystemIO: [read: {fds: opened}]", 0, 9, 1, 2, 3);
	ONE("mmap", NULL, "Code: [load]", 0, 9, 5, 2, 3);
	ONE("socket", NULL, "Networking: [start_tcp_clients]", 2, 1);
	ONE("socket", NULL, "no permission gives it with these arguments; a "
	    "rule of one's own would, under `rulesets`: \"socket if domain == "
	    "AF_NETLINK and type == SOCK_RAW and protocol == 0\"", 16, 3);
	ONE("getpeername", NULL, "Networking: [running_tcp_clients: {fds: 1}]",
	    1);
	ONE("kill", NULL, "Signals: [any: yes_really]", 1, 9);
	ONE("mount", NULL, es_never_find("mount")->reason, 1);
	ONE("ioctl", NULL, "typing for the user is denied whatever a profile "
	    "allows", 0, 0x5412);
	try_one("connect", NULL, (const uint64_t[6]){ 3, 1, 16 }, AF_UNIX,
		"Networking: [connect: yes_really]");
	try_one("connect", NULL, (const uint64_t[6]){ 3, 1, 16 }, AF_INET,
		"Networking: [start_udp_clients]");
	port = 443;
	try_one("connect", NULL, (const uint64_t[6]){ 3, 1, 16 }, AF_INET,
		"Networking: [start_tcp_clients: {ports: 443}]");
	try_one("bind", NULL, (const uint64_t[6]){ 3, 1, 16 }, AF_INET,
		"Networking: [start_tcp_servers: {ports: 443, yes_really: "
		"true}]");
	port = 0;
}

/* Does RULE, a profile's own, allow the call? */
static bool is_ruled(const char *rule, const struct es_call *call)
{
	struct es_arena *arena = force.arena;
	const char *cond = strstr(rule, " if ");
	const struct es_syscall *row = es_syscall_of(call->nr);
	struct es_conds conds = { 0 };
	size_t where = 0;
	const char *wrong = cond ?
		es_conds_read(arena, row, es_arena_copy(arena, cond + 4,
							strlen(cond + 4) - 1),
			      false, &conds, &where) : "no condition";

	return !wrong && es_conds_hold(&conds, call->args);
}

/* What no permission gives with these arguments is told as a rule that does. */
static void try_by_hand(void)
{
	static const char *const calls[] = { "prctl", "setsockopt", "socket",
					     "socketpair" };
	unsigned wrong = 0, hands = 0;
	uint64_t seed = 3;

	for (unsigned i = 0; i < 400; i++) {
		struct es_asked asked = {
			.call = { ES_AUDIT_ARCH,
				  number_of(calls[i % ES_COUNT(calls)]),
				  { 0 } },
		};
		struct es_answer answer;
		struct es_advice advice;
		const char *rule = NULL;

		for (unsigned a = 0; a < 6; a++)
			asked.call.args[a] = random_below(&seed, 2) ?
					     random_below(&seed, 8) :
					     (uint32_t)random_bits(&seed);
		es_answer(&force, &asked, &answer);
		es_advise(&force, &asked, &answer, &advice);
		if (advice.n)
			continue;
		hands++;
		rule = strchr(advice.reason, '"');
		if (!rule || !is_ruled(rule + 1, &asked.call)) {
			wrong++;
			printf("# %s\n", advice.reason);
		}
	}
	tap_int(wrong, 0, "rules of one's own allow what they are told for");
	tap_ok(hands > 100, "%u were", hands);
}

/* Pieces are sorted, merged, and quoted where YAML would take them for
 * something else. */
static void try_pieces(void)
{
	static const char *const paths[] = { "/b", "/a b", "/a: #", "/\xc3\xa4",
					     "/\x1b[0m", "/a" };
	struct es_pieces pieces = { 0 };
	char *text = NULL;

	for (size_t i = 0; i < 2 * ES_COUNT(paths); i++)
		es_pieces_add(&pieces, &(struct es_piece){
			.word = es_word_find("SystemIO", "read_path"),
			.path = paths[i % ES_COUNT(paths)] });
	es_pieces_add(&pieces, &(struct es_piece){
		.word = es_word_find("Time", "sleep") });
	es_pieces_add(&pieces, &(struct es_piece){
		.word = es_word_find("SystemIO", "ioctl"), .fds = "0" });
	es_pieces_add(&pieces, &(struct es_piece){
		.word = es_word_find("SystemIO", "ioctl"), .fds = "opened" });
	text = es_pieces_flow(&pieces);
	tap_str(text, "{SystemIO: [ioctl: {fds: [0, opened], yes_really: "
		"true}, read_path: [\"/\\U0000001b[0m\", /a, \"/a b\", "
		"\"/a: #\", /b, \"/\\U000000e4\"]], Time: [sleep]}",
		"in flow style");
	tap_ok(is_pasted(text, &(struct es_call){
				       ES_AUDIT_ARCH,
				       number_of("nanosleep"), { 0 } }),
	       "it can be pasted");
	free(text);
	text = es_pieces_block(&pieces, 2);
	tap_str(text, "  SystemIO:\n    - ioctl: {fds: [0, opened], "
		"yes_really: true}\n    - read_path: [\"/\\U0000001b[0m\", "
		"/a, \"/a b\", \"/a: #\", /b, \"/\\U000000e4\"]\n  Time:\n"
		"    - sleep\n", "in block style");
	free(text);
	es_pieces_finish(&pieces);
	tap_ok(!es_path_is_writable("/\xff"), "what is no UTF-8");
	tap_ok(!es_path_is_writable("/${HOME}"), "what would be a variable");
}

/* A word that names descriptors gives nothing by path. */
static void try_values(void)
{
	const struct es_call call = { ES_AUDIT_ARCH, number_of("stat"), { 1 } };
	struct es_piece piece = { .word = es_word_find("SystemIO",
						       "metadata") };
	struct es_measure own;

	es_measure(&force, &piece, &call, &own);
	tap_ok(own.gives, "metadata gives stat");
	piece.fds = "opened";
	es_measure(&force, &piece, &call, &own);
	tap_ok(!own.gives, "but not where it names descriptors");
}

static void try_paths(void)
{
	struct es_landlock_rule rules[] = {
		{ .path = "/a", .rights = LANDLOCK_ACCESS_FS_READ_FILE },
		{ .path = "/a/b", .rights = LANDLOCK_ACCESS_FS_WRITE_FILE },
	};
	const struct es_landlock_plan own = {
		.handled_fs = LANDLOCK_ACCESS_FS_READ_FILE |
			      LANDLOCK_ACCESS_FS_WRITE_FILE,
		.rules = rules, .n = ES_COUNT(rules),
	};
	const uint64_t both = own.handled_fs;

	tap_int((long long)es_landlock_lacks(&own, "/a/b/c", both), 0,
		"rights of two rules");
	tap_int((long long)es_landlock_lacks(&own, "/a/bc", both),
		LANDLOCK_ACCESS_FS_WRITE_FILE, "a name that begins alike");
	tap_int((long long)es_landlock_lacks(&own, "/", both),
		(long long)both, "above");
	tap_int((long long)es_landlock_lacks(&own, "/",
					     LANDLOCK_ACCESS_FS_MAKE_DIR), 0,
		"a right that is not handled");
}

int main(void)
{
	nothing = build_from("BasicCapabilities: all", &usual);
	plan.abi = es_landlock_abi();
	if (nothing.status != ES_OK ||
	    es_landlock_paths(&nothing.context->arena,
			      &nothing.context->profile, nothing.diags,
			      &plan) != ES_OK)
		return 1;
	force = (struct es_force){ &nothing.context->arena,
				   &nothing.context->profile, &nothing.policy,
				   &plan, ES_NAME_ANY };
	es_landlock_resolve(force.arena, &plan);
	try_words();
	try_narrowest();
	try_by_hand();
	try_pieces();
	try_values();
	try_paths();
	es_landlock_finish(&plan);
	finish(&nothing);
	return tap_done();
}
