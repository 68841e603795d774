/* SPDX-License-Identifier: MIT */
/*
 * The process that reads YAML can do nothing else, whoever takes it over: it is
 * given other work here. What it answers is a document or nothing. (test-yaml
 * shows that what it reads is what we read.)
 */
#include "apart.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "context.h"
#include "deeds.h"
#include "random.h"
#include "tap.h"
#include "util.h"
#include "wire.h"

enum { MUTATIONS = 200000 };

static const char profile[] =
	"extrasafe: 1\n"
	"about: a profile\n"
	"allow:\n"
	"  SystemIO: [stdout, read_path: /usr/share]\n"
	"  Time: all\n"
	"deny: EACCES\n";
static const struct es_source source = { "p.yaml", profile,
					 sizeof(profile) - 1, "/" };

/* --- What it can't do */

static size_t deed;

/* It waits for a text, so that it is there when it does it. */
static void do_deed(int socket)
{
	char byte;

	if (read(socket, &byte, 1) == 1)
		_exit(deeds[deed].deed() ? 2 : 0);
}

static unsigned patience; /* seconds; 0: as usual */

/* What reading by SERVE came to, and what was told of it. */
static enum es_status read_with(es_apart_serve *serve, char told[200])
{
	struct es_apart apart = { .serve = serve, .patience = patience };
	struct es_arena arena = { 0 };
	struct es_diags *diags = es_diags_new();
	struct es_diag_info diag = { .text = "" };
	struct es_node *root = NULL;
	const enum es_status status = es_document_read(&apart, false, &arena,
						       &source, diags, &root);

	es_diags_get(diags, 0, &diag);
	snprintf(told, 200, "%s: %s", diag.file ? diag.file : "", diag.text);
	if (status != ES_OK && root)
		abort();
	es_diags_free(diags);
	es_apart_end(&apart);
	es_arena_finish(&arena);
	return status;
}

static unsigned cores; /* that were left behind */

/* The signal that it dies of; 0: none. */
static int death(void)
{
	struct es_apart apart = { .serve = do_deed };
	int ended = 0;

	if (es_apart_start(&apart, ES_ERROR, NULL) ||
	    send(apart.socket, "", 1, MSG_NOSIGNAL) != 1 ||
	    waitpid(apart.pid, &ended, __WALL) != apart.pid)
		abort();
	close(apart.socket);
	cores += WIFSIGNALED(ended) && WCOREDUMP(ended);
	return WIFSIGNALED(ended) ? WTERMSIG(ended) : 0;
}

/* Who dies of that leaves its memory behind elsewhere. */
static bool leaves_core(void)
{
	const pid_t pid = fork();
	int ended = 0;

	if (!pid)
		raise(SIGSYS);
	waitpid(pid, &ended, 0);
	return WCOREDUMP(ended);
}

static void test_deeds(void)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	char told[200];

	setrlimit(RLIMIT_CORE, &all);
	if (chdir(deeds_folder))
		abort();
	for (deed = 0; deed < ES_COUNT(deeds); deed++) {
		tap_ok(deeds_try(deed, NULL), "without us it can %s",
		       deeds[deed].name);
		deeds_undo();
		tap_int(death(), deeds[deed].deed == end_at_once ? 0 : SIGSYS,
			"confined it dies when it is to %s", deeds[deed].name);
		tap_ok(access(deeds_made, F_OK) != 0 && !access(deeds_file, F_OK),
		       "nothing was done: %s",
		       deeds[deed].name);
	}
	printf("# elsewhere there would%s be cores\n",
	       leaves_core() ? "" : " not");
	tap_ok(!cores, "no memory is left behind");
	deed = 0;
	tap_int(read_with(do_deed, told), ES_INTERNAL, "nothing is read then");
	tap_str(told, "p.yaml: the process that reads it died, or told "
		"something else than what it says", "that is told");
	tap_int(read_with(es_apart_yaml, told), ES_OK, "it can read");
}

/* --- What it answers */

/* Bytes before a text: a number, its length, and as many without use. */
enum { NUMBER = 8, HEADER = 16 };

static void answer_nothing(int socket)
{
	char bytes[HEADER + sizeof(profile)];

	(void)!read(socket, bytes, sizeof(bytes));
}

static void say(int socket, uint32_t len, const char *text, size_t size)
{
	char bytes[HEADER + sizeof(profile)];

	for (size_t got = 0; got < sizeof(bytes) - 1;)
		got += (size_t)read(socket, bytes + got,
				    sizeof(bytes) - 1 - got);
	memcpy(bytes + NUMBER, &len, sizeof(len));
	(void)!write(socket, bytes, HEADER);
	(void)!write(socket, text, size);
}

static void answer_too_much(int socket)
{
	say(socket, UINT32_MAX, "", 0);
}

static void answer_too_little(int socket)
{
	say(socket, 100, "abc", 3);
}

static void answer_nonsense(int socket)
{
	say(socket, 32, "0123456789abcdef0123456789abcdef", 32);
}

/* Fine, but for what is not asked for. */
static void answer_without_reason(int socket)
{
	const uint32_t words[2] = { ES_INVALID, 0 };

	say(socket, sizeof(words), (const char *)words, sizeof(words));
}

static void loop(int socket)
{
	answer_nonsense(socket);
	for (;;)
		;
}

/* What es_apart_yaml answers to the profile is known before. */
static struct es_bytes good;

static void answer_and_loop(int socket)
{
	say(socket, (uint32_t)good.n, good.at, good.n);
	for (;;)
		;
}

/* A byte now and then, of an answer that is long: each comes in time. */
static void trickle(int socket)
{
	say(socket, 1000000, "", 0);
	for (;;) {
		for (volatile unsigned i = 0; i < 20000000; i++)
			;
		if (write(socket, "", 1) != 1)
			return;
	}
}

static void test_looping(void)
{
	struct es_arena arena = { 0 };
	struct es_node *root = NULL;
	char told[200];

	es_yaml_read(&arena, &source, NULL, &root);
	es_wire_put(&good, ES_OK, NULL, root);
	tap_int(read_with(answer_and_loop, told), ES_OK,
		"it answers well, and goes on for ever: it is ended");
	free(good.at);
	es_arena_finish(&arena);
	/* It would go on until its processor time is over. */
	patience = 1;
	alarm(8);
	tap_int(read_with(trickle, told), ES_INTERNAL,
		"it answers for ever: nobody waits for that");
	alarm(0);
	patience = 0;
}

static void test_answers(void)
{
	static const struct {
		const char *name;
		es_apart_serve *serve;
	} answers[] = {
		{ "nothing", answer_nothing },
		{ "more than there can be", answer_too_much },
		{ "less than it says", answer_too_little },
		{ "nonsense", answer_nonsense },
		{ "that it is wrong, and not why", answer_without_reason },
		{ "nonsense, and goes on for ever", loop },
	};
	char told[200];

	for (size_t i = 0; i < ES_COUNT(answers); i++) {
		tap_int(read_with(answers[i].serve, told), ES_INTERNAL,
			"it answers %s", answers[i].name);
		tap_str(told, "p.yaml: the process that reads it died, or "
			"told something else than what it says", "told: %s",
			answers[i].name);
	}
}

/* What readers of trees rely on. */
static bool is_sound(const struct es_node *node, unsigned depth)
{
	if (node->place.source != &source || !node->place.line ||
	    !node->place.column || node->kind > ES_MAPPING ||
	    depth > ES_YAML_MAX_DEPTH + (node->kind == ES_SCALAR))
		return false;
	if (node->kind == ES_SCALAR)
		return node->text &&
		       strlen(node->text) <= ES_YAML_MAX_SCALAR && !node->n;
	if (!node->keys != (node->kind == ES_SEQUENCE))
		return false;
	for (size_t i = 0; i < node->n; i++) {
		if (!is_sound(node->items[i], depth + 1) ||
		    (node->keys && (node->keys[i]->kind != ES_SCALAR ||
				    !is_sound(node->keys[i], depth + 1))))
			return false;
		for (size_t j = 0; node->keys && j < i; j++)
			if (!strcmp(node->keys[i]->text, node->keys[j]->text))
				return false;
	}
	return true;
}

static void mutate(struct es_bytes *bytes, uint64_t *seed)
{
	static const uint32_t numbers[] = {
		0, 1, 2, 3, 7, 16, 17, 255, 65536, 65537, 0x7fffffff,
		0x80000000, 0xffffffff, 0x10000000,
	};
	const uint32_t number = numbers[random_below(seed, ES_COUNT(numbers))];
	const size_t at = random_below(seed, bytes->n - 3);

	switch (random_below(seed, 4)) {
	case 0:
		bytes->at[at] = (char)random_bits(seed);
		break;
	case 1:
		memcpy(bytes->at + at / 4 * 4, &number, sizeof(number));
		break;
	case 2: /* what stands elsewhere */
		memmove(bytes->at + at,
			bytes->at + random_below(seed, bytes->n - 3), 4);
		break;
	default:
		bytes->n = at + 3;
	}
}

/* Whatever comes, it is a sound tree, mistakes that are told, or refused; it
 * is read from memory that ends where the bytes do. */
static void test_mutations(void)
{
	struct es_arena first = { 0 };
	struct es_bytes whole = { 0 };
	struct es_node *tree = NULL;
	uint64_t seed = 1;
	size_t counts[ES_NOT_FOUND + 1] = { 0 }, unsound = 0;

	if (es_yaml_read(&first, &source, NULL, &tree))
		abort();
	es_wire_put(&whole, ES_OK, NULL, tree);
	for (int i = 0; i < MUTATIONS; i++) {
		struct es_bytes bytes = { malloc(whole.n), whole.n, whole.n,
					  false };
		struct es_diags *diags = es_diags_new();
		struct es_arena arena = { 0 };
		struct es_node *root = NULL;
		char *exact = NULL;
		enum es_status status;

		memcpy(bytes.at, whole.at, whole.n);
		for (uint64_t n = random_below(&seed, 4); bytes.n > 3; n--) {
			mutate(&bytes, &seed);
			if (!n)
				break;
		}
		exact = memcpy(malloc(bytes.n), bytes.at, bytes.n);
		status = es_wire_get(&arena, exact, bytes.n, &source, diags,
				     &root);
		counts[status]++;
		unsound += status == ES_OK ? !is_sound(root, 1) : root != NULL;
		unsound += status == ES_INVALID && !es_diags_errors(diags);
		free(exact);
		free(bytes.at);
		es_diags_free(diags);
		es_arena_finish(&arena);
	}
	tap_ok(!unsound, "no answer makes an unsound tree");
	tap_ok(counts[ES_OK] > MUTATIONS / 100 &&
	       counts[ES_INTERNAL] > MUTATIONS / 100 &&
	       counts[ES_OK] + counts[ES_INTERNAL] + counts[ES_INVALID] +
		       counts[ES_NOMEM] == MUTATIONS,
	       "some are taken (%zu), others refused (%zu)", counts[ES_OK],
	       counts[ES_INTERNAL]);
	free(whole.at);
	es_arena_finish(&first);
}

/* What es_yaml_read refuses comes back as it told it. */
static void test_depths(void)
{
	struct es_node nodes[ES_YAML_MAX_DEPTH + 2] = { { 0 } };
	struct es_node *items[ES_YAML_MAX_DEPTH + 2];

	for (size_t depth = ES_YAML_MAX_DEPTH - 1; depth <= ES_YAML_MAX_DEPTH;
	     depth++) {
		struct es_arena arena = { 0 };
		struct es_bytes bytes = { 0 };
		struct es_node *root = NULL;

		for (size_t i = 0; i <= depth; i++) {
			items[i] = &nodes[i + 1];
			nodes[i] = (struct es_node){
				.kind = ES_SEQUENCE, .place = { NULL, 1, 1 },
				.n = 1, .items = &items[i],
			};
		}
		nodes[depth + 1] = (struct es_node){ .text = "x",
						     .place = { NULL, 1, 1 } };
		es_wire_put(&bytes, ES_OK, NULL, nodes);
		tap_int(es_wire_get(&arena, bytes.at, bytes.n, &source, NULL,
				    &root),
			depth < ES_YAML_MAX_DEPTH ? ES_OK : ES_INTERNAL,
			"%zu levels", depth + 1);
		free(bytes.at);
		es_arena_finish(&arena);
	}
}

/* A map with these two keys. */
static enum es_status read_keys(const char *one, const char *other)
{
	struct es_node keys[2] = {
		{ .text = one, .plain = true, .place = { NULL, 1, 1 } },
		{ .text = other, .plain = true, .place = { NULL, 1, 1 } },
	};
	struct es_node *both[2] = { &keys[0], &keys[1] };
	const struct es_node map = { .kind = ES_MAPPING, .n = 2,
				     .items = both, .keys = both,
				     .place = { NULL, 1, 1 } };
	struct es_arena arena = { 0 };
	struct es_bytes bytes = { 0 };
	struct es_node *root = NULL;
	enum es_status status;

	es_wire_put(&bytes, ES_OK, NULL, &map);
	status = es_wire_get(&arena, bytes.at, bytes.n, &source, NULL, &root);
	free(bytes.at);
	es_arena_finish(&arena);
	return status;
}

static void test_keys(void)
{
	tap_int(read_keys("create", "for"), ES_OK, "two keys");
	tap_int(read_keys("create", "create"), ES_INTERNAL, "one key twice");
	tap_int(read_keys("create", "<<"), ES_INTERNAL, "a key that merges");
}

/* --- In a context */

/* A child that wait(2) sees with __WALL alone. */
static bool has_unseen_child(void)
{
	return waitpid(-1, NULL, __WALL | WNOHANG) == 0;
}

static bool has_child(void)
{
	return waitpid(-1, NULL, WNOHANG) == 0 || errno != ECHILD;
}

/* Of /proc/PID/status. */
static long status_of(pid_t pid, const char *what)
{
	char line[200], path[64], name[64];
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	snprintf(name, sizeof(name), "%s:", what);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			value = strtol(line + strlen(name), NULL, 10);
	if (file)
		fclose(file);
	return value;
}

/* Seconds of processor time that a process may take. */
static long work_of(pid_t pid)
{
	char line[200], path[64];
	long value = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/limits", pid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "Max cpu time %ld", &value);
	if (file)
		fclose(file);
	return value;
}

static void test_context(void)
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	struct es_summary one = { 0 }, other = { 0 };
	const struct es_apart *apart = NULL;

	tap_int(es_read_apart(NULL, true, diags), ES_NOMEM, "no context");
	tap_int(es_read_apart(context, false, diags), ES_OK,
		"what is not installed is read apart");
	tap_ok(!has_unseen_child(), "there is no process yet");
	tap_int(es_add_fragment(context, "Time: all", diags), ES_OK,
		"a fragment");
	tap_ok(!has_unseen_child(), "takes none");
	tap_int(es_add_text(context, "p.yaml", profile, diags), ES_OK,
		"a profile");
	tap_ok(!has_unseen_child(), "has one for itself");
	tap_int(es_add_text(context, "bad.yaml", "a: *b", diags), ES_INVALID,
		"a profile that is wrong");
	tap_int((long long)es_diags_errors(diags), 1, "is told");
	es_context_free(context);
	tap_ok(!has_unseen_child(), "all of them have ended");

	context = es_context_new();
	tap_int(es_read_apart(context, true, diags), ES_OK, "all");
	apart = &context->profile.apart;
	tap_ok(has_unseen_child() && !has_child(),
	       "there is a process at once, which wait(2) does not see");
	tap_int(status_of(apart->pid, "Seccomp"), 2, "it has a filter");
	tap_int(status_of(apart->pid, "NoNewPrivs"), 1, "and no_new_privs");
	tap_int(work_of(apart->pid), 10, "and 10 seconds to work");
	tap_int(status_of(getpid(), "Seccomp"), 0, "we have none");
	es_add_text(context, "p.yaml", profile, diags);
	tap_int(es_check(context, false, diags), ES_OK, "the policy is made");
	tap_ok(!has_unseen_child(), "the process has ended before");
	es_summarize(context, &one);
	tap_int(es_add_text(context, "q.yaml", profile, diags), ES_OK,
		"another profile");
	tap_ok(has_unseen_child(), "has another process");
	tap_int(es_check(context, false, diags), ES_OK, "once more");
	es_summarize(context, &other);
	tap_ok(one.calls && one.calls == other.calls, "the same policy");
	es_context_free(context);
	es_diags_free(diags);
}

/* Others have copies of what we have open. */
static void test_copies(void)
{
	static const char other[] = "extrasafe: 1\n"
				    "allow: {SystemIO: everything}\n";
	const struct {
		uint64_t number;
		uint32_t len, unused;
	} header = { 0, sizeof(other) - 1, 0 };
	struct es_context *one = es_context_new(), *two = es_context_new();
	struct es_diags *diags = es_diags_new();
	const int socket = (es_read_apart(one, true, diags),
			    one->profile.apart.socket);
	int done[2];
	char byte;
	pid_t pid = fork();

	if (!pid) {
		/* an answer that nobody asked for */
		_exit(write(socket, &header, sizeof(header)) < 0 ||
		      write(socket, other, sizeof(other) - 1) < 0);
	}
	waitpid(pid, NULL, 0);
	tap_int(es_add_text(one, "p.yaml", profile, diags), ES_INTERNAL,
		"an answer to somebody else's text is none");
	es_context_free(one);

	one = es_context_new();
	es_read_apart(one, true, diags);
	es_read_apart(two, true, diags);
	if (pipe(done))
		abort();
	pid = fork();
	if (!pid) {
		/* copies: the processes are not its own */
		es_context_free(one);
		es_context_free(two);
		(void)!write(done[1], "", 1);
		pause();
	}
	(void)!read(done[0], &byte, 1);
	es_context_free(one);
	tap_int(es_add_text(two, "p.yaml", profile, diags), ES_OK,
		"one ends, the other goes on");
	es_context_free(two);
	tap_ok(!waitpid(-1, NULL, WNOHANG | __WALL),
	       "both have ended, and not who had copies");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(done[0]);
	close(done[1]);
	es_diags_free(diags);
}

/* It does not outlive us, whatever it does. */
static void test_orphan(void)
{
	int ends[2];
	const pid_t pid = pipe(ends) ? -1 : fork();
	struct pollfd polled = { .events = POLLIN };

	if (!pid) {
		struct es_apart apart = { .serve = loop };

		es_apart_start(&apart, ES_ERROR, NULL);
		(void)!write(apart.socket, profile, sizeof(profile));
		raise(SIGKILL);
	}
	close(ends[1]);
	waitpid(pid, NULL, 0);
	/* Hangs up when nobody has the other end any more; long before its
	 * processor time is over. */
	polled.fd = ends[0];
	tap_int(poll(&polled, 1, 5000), 1, "it ends with who has forked it");
	close(ends[0]);
}

static void *wait_for_end(void *data)
{
	char byte;

	(void)!read(*(int *)data, &byte, 1);
	return NULL;
}

/* Last: what has had threads is never quite without. */
static void test_threads(void)
{
	struct es_diags *diags = es_diags_new();
	struct es_context *context = es_context_new();
	struct es_diag_info diag;
	int ends[2];
	pthread_t thread;

	if (pipe(ends) || pthread_create(&thread, NULL, wait_for_end, ends))
		abort();
	tap_int(es_read_apart(context, true, diags), ES_UNSUPPORTED,
		"among threads it is refused");
	tap_int((long long)es_diags_errors(diags), 1, "and told");
	tap_int(es_add_text(context, "p.yaml", profile, diags), ES_OK,
		"profiles are read as before");
	tap_ok(!has_unseen_child(), "by ourselves");
	es_context_free(context);
	context = es_context_new();
	tap_int(es_read_apart(context, false, diags), ES_OK,
		"what is not installed, among threads");
	tap_int(es_add_text(context, "p.yaml", profile, diags), ES_OK,
		"is read by ourselves, too");
	tap_int((long long)es_diags_errors(diags), 1, "that is no error");
	tap_ok(es_diags_get(diags, 1, &diag) && diag.severity == ES_WARNING,
	       "but a warning");
	close(ends[1]);
	pthread_join(thread, NULL);
	es_context_free(context);
	es_diags_free(diags);
}

int main(void)
{
	deeds_begin();
	test_deeds();
	test_answers();
	test_looping();
	test_mutations();
	test_depths();
	test_keys();
	test_context();
	test_copies();
	test_orphan();
	test_threads();
	deeds_end();
	return tap_done();
}
