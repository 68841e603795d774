/* SPDX-License-Identifier: MIT */
/*
 * Memory runs out at each single allocation of everything that the library
 * does, for a moment and for good. Then the status says so, or is a failure of
 * another kind that was told as far as it could be; nothing untrue is told,
 * nothing leaks, and what succeeded all the same is what it would have been.
 */
#include "failing.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "compile.h"
#include "judge.h"
#include "resolve.h"
#include "proof.h"

enum {
	MAX_POINTS = 200000, /* a guard against a loop without end */
	MAX_TOLD = 64 * 1024,
};

static const struct es_surroundings around = {
	.self = 4242,
	.key = { 0x1122334455667788, 0x99aabbccddeeff00, 0x123456789abcdef0 },
};

static struct trial {
	struct es_context *context;
	struct es_diags *diags;
	struct es_policy policy;
	struct es_filter filter;
	struct es_landlock_plan plan;
	struct es_program program;
	char printed[MAX_TOLD]; /* by what prints */
	uint64_t digest;        /* of what was made */
} trial;

static void mix(const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		trial.digest = (trial.digest ^ ((const uint8_t *)bytes)[i]) *
			       0x100000001b3;
}

static void mix_text(const char *text)
{
	if (text)
		mix(text, strlen(text) + 1);
}

static void mix_profile(const struct es_profile *profile)
{
	for (const struct es_grant *g = profile->grants; g; g = g->next) {
		mix_text(g->word ? g->word->set : g->set);
		mix_text(g->word ? g->word->word : NULL);
		mix_text(g->path);
		mix(&g->optional, sizeof(g->optional));
		for (const struct es_fd_item *i = g->fds; i; i = i->next) {
			mix(&i->numbers, sizeof(i->numbers));
			mix_text(i->name);
		}
	}
	for (const struct es_fd_entry *e = profile->fds; e; e = e->next) {
		mix_text(e->name);
		mix_text(e->path);
	}
	for (const struct es_widening *w = profile->widenings; w; w = w->next)
		mix_text(w->word->word);
	mix_text(profile->deny.text);
	mix_text(profile->arm.text);
}

static void mix_rules(const struct es_rules *rules)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct es_rule *rule = &rules->at[i];

		mix(&rule->nr, sizeof(rule->nr));
		mix(&rule->ret, sizeof(rule->ret));
		for (size_t c = 0; c < rule->conds.n; c++) {
			const struct es_cond *cond = &rule->conds.at[c];

			mix(&cond->arg, sizeof(cond->arg));
			mix(&cond->mask, sizeof(cond->mask));
			mix(cond->values.at,
			    cond->values.n * sizeof(*cond->values.at));
		}
	}
}

static void mix_needed(const struct es_needed *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mix_text(list[i].path);
}

/* A stream to print to that needs no memory any more. */
static FILE *stream_to(char *buffer, size_t size)
{
	static char stdio_buffer[BUFSIZ];
	FILE *stream = fmemopen(buffer, size, "w");

	if (!stream || setvbuf(stream, stdio_buffer, _IOFBF,
			       sizeof(stdio_buffer)))
		abort();
	return stream;
}

static void switch_on(void)
{
	failing.on = true;
}

/* Each of these switches the allocator on and does one thing. What a text
 * needs before is done without failures. */

static enum es_status read_profile(const char *path)
{
	switch_on();
	trial.context = es_context_new();
	if (!trial.context)
		return ES_NOMEM;

	const enum es_status status = es_add_profile(trial.context, path,
						     trial.diags);

	mix_profile(&trial.context->profile);
	return status;
}

static enum es_status read_fragment(const char *text)
{
	trial.context = es_context_new();
	switch_on();

	const enum es_status status = es_add_fragment(trial.context, text,
						      trial.diags);

	mix_profile(&trial.context->profile);
	return status;
}

static enum es_status set_and_widen(const char *path)
{
	enum es_status status = ES_OK;

	trial.context = es_context_new();
	status = es_add_profile(trial.context, path, trial.diags);
	switch_on();
	if (status == ES_OK)
		status = es_set_deny(trial.context, "EACCES", trial.diags);
	if (status == ES_OK)
		status = es_set_arm(trial.context, "exec", trial.diags);
	if (status == ES_OK)
		status = es_widen(trial.context, "SystemIO.stdout",
				  trial.diags);
	mix_profile(&trial.context->profile);
	return status;
}

static enum es_status set_wrongly(const char *word)
{
	trial.context = es_context_new();
	switch_on();
	es_set_deny(trial.context, word, trial.diags);
	es_set_arm(trial.context, word, trial.diags);
	es_widen(trial.context, word, trial.diags);
	return trial.context->status;
}

static enum es_status policy_of(const char *path)
{
	trial.context = es_context_new();
	es_add_profile(trial.context, path, trial.diags);
	return es_policy_build(&trial.context->arena, &trial.context->profile,
			       &around, trial.diags, &trial.policy);
}

static enum es_status build_policy(const char *path)
{
	trial.context = es_context_new();
	es_add_profile(trial.context, path, trial.diags);
	switch_on();

	const enum es_status status =
		es_policy_build(&trial.context->arena, &trial.context->profile,
				&around, trial.diags, &trial.policy);

	mix_rules(&trial.policy.guards);
	mix_rules(&trial.policy.allowed);
	return status;
}

static enum es_status make_filter(const char *path)
{
	enum es_status status = policy_of(path);

	switch_on();
	if (status == ES_OK)
		status = es_filter_make(&trial.context->arena, &trial.policy,
					trial.diags, &trial.filter);
	if (trial.filter.n)
		mix(trial.filter.insns,
		    trial.filter.n * sizeof(*trial.filter.insns));
	return status;
}

static enum es_status prove_filter(const char *path)
{
	enum es_status status = policy_of(path);

	if (status == ES_OK)
		status = es_filter_make(&trial.context->arena, &trial.policy,
					trial.diags, &trial.filter);
	switch_on();
	return status == ES_OK ? es_prove(&trial.policy, &trial.filter,
					   trial.diags) : status;
}

static enum es_status plan_paths(const char *path)
{
	enum { NEW_ABI = 6 };

	trial.context = es_context_new();
	es_add_profile(trial.context, path, trial.diags);
	trial.plan.abi = NEW_ABI;
	switch_on();

	const enum es_status status = es_landlock_paths(
		&trial.context->arena, &trial.context->profile, trial.diags,
		&trial.plan);

	for (size_t i = 0; i < trial.plan.n; i++) {
		mix_text(trial.plan.rules[i].path);
		mix(&trial.plan.rules[i].rights,
		    sizeof(trial.plan.rules[i].rights));
	}
	return status;
}

static enum es_status resolve_program(const char *path)
{
	char *const argv[] = { (char *)path, (char *)"argument", NULL };

	trial.context = es_context_new();
	switch_on();

	const enum es_status status = es_program_resolve(
		&trial.context->arena, argv, trial.diags, &trial.program);

	mix_needed(trial.program.executed, trial.program.nexecuted);
	mix_needed(trial.program.loaded, trial.program.nloaded);
	return status;
}

static enum es_status check(const char *path)
{
	trial.context = es_context_new();
	es_add_profile(trial.context, path, trial.diags);
	switch_on();
	return es_check(trial.context, true, trial.diags);
}

static enum es_status dry_run(const char *path)
{
	char *const argv[] = { (char *)"./script", NULL };
	struct es_launch_options options = {
		.dry_run = stream_to(trial.printed, sizeof(trial.printed)),
	};

	trial.context = es_context_new();
	es_add_profile(trial.context, path, trial.diags);
	switch_on();

	const enum es_status status = es_launch(trial.context, argv, &options,
						trial.diags);

	failing.on = false;
	fclose(options.dry_run);
	mix_text(trial.printed);
	return status;
}

/* Everything, with diagnostics that may be missing from the beginning. */
static enum es_status from_nothing(const char *path)
{
	es_diags_free(trial.diags);
	switch_on();
	trial.diags = es_diags_new();
	trial.context = es_context_new();
	if (!trial.context)
		return ES_NOMEM;
	es_add_profile(trial.context, path, trial.diags);
	return es_check(trial.context, true, trial.diags);
}

/* Its failures would be counted by nobody. */
static void read_without_failures(int socket)
{
	failing.on = false;
	es_apart_yaml(socket);
}

static enum es_status read_apart(const char *path)
{
	enum es_status status;

	trial.context = es_context_new();
	switch_on();
	status = es_read_apart(trial.context, false, trial.diags);
	trial.context->profile.apart.serve = read_without_failures;
	if (status == ES_OK)
		status = es_add_profile(trial.context, path, trial.diags);
	mix_profile(&trial.context->profile);
	return status;
}

/* Each way to say something. */
static void say_all(struct es_context *context, struct es_diags *diags)
{
	static const char *const paths[] = { "/usr/share", "rel", NULL };
	static const char *const fds[] = { "0", "5-9", "opened", NULL };
	static const unsigned short ports[] = { 80, 443 };
	static const char *const calls[] = { "getpid", "gettid", NULL };
	static const char *const rules[] = {
		"fcntl if cmd in {F_SETLK, F_GETLK}", NULL,
	};

	es_allow(context, "SystemIO", "stdout", diags);
	es_allow(context, "syscalls", "sched_yield", diags);
	es_allow_with(context, "SystemIO", "read",
		      &(struct es_allowing){ .fds = fds }, diags);
	es_allow_with(context, "SystemIO", "read_path",
		      &(struct es_allowing){ .paths = paths, .optional = true },
		      diags);
	es_allow_with(context, "Networking", "start_tcp_clients",
		      &(struct es_allowing){ .ports = ports, .nports = 2 },
		      diags);
	es_allow_path(context, "SystemIO", "list_dir", "/usr/share", diags);
	es_allow_really(context, "Code", "jit", diags);
	es_add_ruleset(context, &(struct es_own_ruleset){ "Own", "of one's own",
							  calls, rules },
		       diags);
	es_allow(context, "Own", "all", diags);
	es_add_text(context, "text", "extrasafe: 1\nallow: {Time: all}\n",
		    diags);
}

/* A process is forked for each allocation that fails. */
static void say_little(struct es_context *context, struct es_diags *diags)
{
	es_allow(context, "SystemIO", "stdout", diags);
	es_allow_path(context, "SystemIO", "read_path", "/usr/share", diags);
}

static enum es_status export_calls(const char *about)
{
	void *bytes = NULL;
	size_t size = 0;
	enum es_status status;

	(void)about;
	switch_on();
	trial.context = es_context_new();
	say_all(trial.context, trial.diags);
	status = es_export(trial.context, &bytes, &size, trial.diags);
	mix(bytes, size);
	free(bytes);
	return status;
}

/* What cannot be taken back is done in a child; it tells by shared memory. */
static struct applied {
	enum es_status status;
	size_t n, failed;
	bool half; /* it failed, and something is in force */
} *applied;

static enum es_status apply_by(enum es_status (*apply)(struct es_context *,
						       struct es_diags *))
{
	pid_t pid;

	trial.context = es_context_new();
	say_little(trial.context, trial.diags);
	pid = fork();
	if (!pid) {
		switch_on();
		applied->status = apply(trial.context, trial.diags);
		applied->n = failing.n;
		applied->failed = failing.failed;
		applied->half = applied->status != ES_OK &&
				(prctl(PR_GET_SECCOMP) ||
				 prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	failing.n = applied->n;
	failing.failed = applied->failed;
	return applied->half ? ES_INTERNAL : applied->status;
}

static enum es_status apply(const char *about)
{
	(void)about;
	return apply_by(es_apply);
}

static enum es_status apply_to_all(const char *about)
{
	(void)about;
	return apply_by(es_apply_to_all_threads);
}

static int answer(void *data)
{
	return *(int *)data;
}

static enum es_status run_process(const char *about)
{
	int number = 42, ended = 0;
	enum es_status status;

	(void)about;
	trial.context = es_context_new();
	say_little(trial.context, trial.diags);
	switch_on();
	status = es_run_process(trial.context, answer, &number, &ended,
				trial.diags);
	mix(&ended, sizeof(ended));
	return status;
}

static void forget(void)
{
	es_program_finish(&trial.program);
	es_landlock_finish(&trial.plan);
	es_filter_finish(&trial.filter);
	es_policy_finish(&trial.policy);
	es_context_free(trial.context);
	es_diags_free(trial.diags);
}

/* What one trial came to. */
struct outcome {
	enum es_status status;
	uint64_t digest;
	size_t points, failed;
	long leaked;
	bool to_nobody;            /* there were no diagnostics to be had */
	char told[MAX_TOLD];       /* diagnostics, with memory to spare, */
	char told_short[MAX_TOLD]; /* and without any */
};

static void print_diags(char *told)
{
	FILE *stream = stream_to(told, MAX_TOLD);
	const bool short_of_memory = failing.failed > 0;

	failing.on = failing.for_good = short_of_memory;
	failing.at = 1;
	es_diags_print(trial.diags, stream, false);
	fflush(stream);
	failing.on = false;
	fclose(stream);
}

static void try(enum es_status (*what)(const char *), const char *about,
		size_t at, bool for_good, struct outcome *outcome)
{
	const long live = failing.live;

	memset(&trial, 0, sizeof(trial));
	memset(outcome, 0, sizeof(*outcome));
	trial.diags = es_diags_new();
	failing.at = at;
	failing.for_good = for_good;
	failing.n = failing.failed = 0;
	outcome->status = what(about);
	failing.on = false;
	outcome->points = failing.n;
	outcome->failed = failing.failed;
	outcome->digest = trial.digest;
	outcome->to_nobody = !trial.diags;
	print_diags(outcome->told_short);
	failing.failed = 0;
	print_diags(outcome->told);
	forget();
	outcome->leaked = failing.live - live;
}

static const char no_memory[] = "extrasafe: error: out of memory\n";

/* Is every line of TOLD one of ALL, or that there is no memory? */
static bool nothing_else(const char *told, const char *all)
{
	while (*told) {
		char line[8192] = "\n";
		const size_t len = strcspn(told, "\n") + 1;

		memcpy(line + 1, told, len);
		if (!strstr(all, line) && strncmp(all, line + 1, len) != 0 &&
		    strcmp(line + 1, no_memory) != 0)
			return false;
		told += len;
	}
	return true;
}

/* What is wrong with OUTCOME, or NULL. WHOLE is what comes without failures. */
static const char *complaint(const struct outcome *outcome,
			     const struct outcome *whole)
{
	const bool alike = outcome->status == whole->status &&
			   outcome->digest == whole->digest &&
			   (outcome->to_nobody ||
			    !strcmp(outcome->told, whole->told));

	if (outcome->leaked)
		return "memory is not freed";
	if (strcmp(outcome->told, outcome->told_short) != 0)
		return "diagnostics need memory to be printed";
	if (!nothing_else(outcome->told, whole->told))
		return "something untrue is told";
	if (outcome->status == ES_NOMEM || alike)
		return NULL;
	if (outcome->status == ES_OK)
		return "it succeeds, and something is lost";
	if (outcome->status != whole->status)
		return "the status is wrong";
	return strstr(outcome->told, no_memory) ?
		       NULL : "something is lost, and nobody is told";
}

static void test(const char *name, enum es_status (*what)(const char *),
		 const char *about, enum es_status want)
{
	static struct outcome whole, outcome;
	unsigned found = 0;
	size_t points = 0;

	try(what, about, 0, false, &whole); /* caches fill up */
	try(what, about, 0, false, &whole);
	tap_int(whole.status, want, "%s: %s: with memory", name, about);
	tap_int(whole.leaked, 0, "%s: %s: nothing leaks", name, about);
	for (int for_good = 0; for_good < 2; for_good++) {
		for (size_t at = 1; at < MAX_POINTS; at++) {
			const char *wrong = NULL;

			try(what, about, at, for_good, &outcome);
			if (!outcome.failed)
				break;
			points++;
			wrong = complaint(&outcome, &whole);
			if (!wrong || found++ > 3)
				continue;
			printf("# %s, when allocation %zu of %zu fails%s: "
			       "status %d\n", wrong, at, whole.points,
			       for_good ? " and all behind it" : "",
			       outcome.status);
			tap_value("told:", outcome.told);
		}
	}
	tap_int(found, 0, "%s: %s: each of %zu failing allocations is told",
		name, about, points / 2);
	tap_ok(points >= 2 * whole.points && points > 0,
	       "%s: %s: all allocations have failed once", name, about);
}

/* All that the process itself asks for fails. */
static void read_with_failures(int socket)
{
	failing.on = failing.for_good = true;
	failing.at = 1;
	es_apart_yaml(socket);
}

static void test_apart(void)
{
	struct es_context *context = es_context_new();

	es_read_apart(context, false, NULL);
	context->profile.apart.serve = read_with_failures;
	tap_int(es_add_text(context, "a", "extrasafe: 1", NULL), ES_NOMEM,
		"the process that reads has no memory");
	es_context_free(context);
}

/* Everything that takes a profile, with profiles that say much. */
static const struct {
	const char *name;
	enum es_status (*what)(const char *path);
	const char *file;
	enum es_status status;
} with_files[] = {
	{ "reading", read_profile, "good/fds.yaml", ES_OK },
	{ "reading", read_profile, "good/fd-forms.yaml", ES_OK },
	{ "reading", read_profile, "good/include-diamond.yaml", ES_OK },
	{ "reading", read_profile, "good/paths.yaml", ES_OK },
	{ "reading", read_profile, "good/path-variables.yaml", ES_OK },
	{ "reading", read_profile, "good/set-forms.yaml", ES_OK },
	{ "reading", read_profile, "good/widen.yaml", ES_OK },
	{ "reading", read_profile, "good/yaml-quoted.yaml", ES_OK },
	{ "reading", read_profile, "good/rulesets.yaml", ES_OK },
	{ "reading", read_profile, "good/rule-forms.yaml", ES_OK },
	{ "reading", read_profile, "good/except.yaml", ES_OK },
	{ "reading", read_profile, "good/variables-quoted.yaml", ES_OK },
	{ "reading", read_profile, "bad/rule-values.yaml", ES_INVALID },
	{ "reading", read_profile, "bad/rule-syntax.yaml", ES_INVALID },
	{ "reading", read_profile, "bad/rulesets-names.yaml", ES_INVALID },
	{ "reading", read_profile, "bad/all-in-one-run.yaml", ES_INVALID },
	{ "reading", read_profile, "bad/deny-typo.yaml", ES_INVALID },
	{ "reading", read_profile, "no such file.yaml", ES_UNREADABLE },
	{ "read apart", read_apart, "good/fds.yaml", ES_OK },
	{ "read apart", read_apart, "bad/all-in-one-run.yaml", ES_INVALID },
	{ "settings", set_and_widen, "good/limit-stdout-write.yaml", ES_OK },
	{ "policy", build_policy, "good/all-systemio.yaml", ES_OK },
	{ "policy", build_policy, "good/fds.yaml", ES_OK },
	{ "policy", build_policy, "good/widen.yaml", ES_OK },
	{ "policy", build_policy, "good/rulesets.yaml", ES_OK },
	{ "policy", build_policy, "good/except.yaml", ES_OK },
	{ "policy", build_policy, "good/widen-rule.yaml", ES_OK },
	{ "policy", build_policy, "bad/except-vain.yaml", ES_INVALID },
	{ "policy", build_policy, "bad/limit-rule-syscall.yaml", ES_INVALID },
	{ "policy", build_policy, "bad/all-of-policy.yaml", ES_INVALID },
	{ "filter", make_filter, "good/all-systemio.yaml", ES_OK },
	{ "filter", make_filter, "good/fds.yaml", ES_OK },
	{ "filter", make_filter, "good/rule-forms.yaml", ES_OK },
	{ "proof", prove_filter, "good/fds.yaml", ES_OK },
	{ "proof", prove_filter, "good/rule-forms.yaml", ES_OK },
	{ "proof", prove_filter, "good/except.yaml", ES_OK },
	{ "Landlock", plan_paths, "good/all-systemio.yaml", ES_OK },
	{ "Landlock", plan_paths, "good/paths.yaml", ES_OK },
	{ "Landlock", plan_paths, "bad/all-of-policy.yaml", ES_INVALID },
	{ "check", check, "good/fds.yaml", ES_OK },
	{ "check", check, "good/paths.yaml", ES_OK },
	{ "check", check, "good/rulesets.yaml", ES_OK },
	{ "check", check, "good/except.yaml", ES_OK },
	{ "check", check, "bad/all-of-policy.yaml", ES_INVALID },
	{ "all of it", from_nothing, "good/paths.yaml", ES_OK },
	{ "dry run", dry_run, "good/all.yaml", ES_OK },
};

/* The same with a text of its own. */
static const struct {
	const char *name;
	enum es_status (*what)(const char *text);
	const char *text;
	enum es_status status;
} with_texts[] = {
	{ "fragment", read_fragment, "SystemIO.stdout", ES_OK },
	{ "fragment", read_fragment, "SystemIO.read_path=rel", ES_OK },
	{ "fragment", read_fragment, "SystemIO: {read_path: ['${CWD}/x', y]}",
	  ES_OK },
	{ "fragment", read_fragment, "SystemIO: [stdoutt", ES_INVALID },
	{ "wrong settings", set_wrongly, "EPRM", ES_INVALID },
	{ "calls", export_calls, "exported", ES_OK },
	{ "calls", apply, "applied", ES_OK },
	{ "calls", apply_to_all, "applied to all threads", ES_OK },
	{ "calls", run_process, "run in a process", ES_OK },
	{ "program", resolve_program, "./script", ES_OK },
	{ "program", resolve_program, "true", ES_OK },
	{ "program", resolve_program, "./nothing", ES_NOT_FOUND },
	{ "program", resolve_program, "nothing-of-that-name", ES_NOT_FOUND },
};

int main(void)
{
	es_autofree char *root = getcwd(NULL, 0);
	char path[PATH_MAX];

	applied = mmap(NULL, sizeof(*applied), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (applied == MAP_FAILED)
		abort();
	enter_tmp();
	write_file("script", "#!/usr/bin/env sh\n", 0755);
	for (size_t i = 0; i < ES_COUNT(with_files); i++) {
		snprintf(path, sizeof(path), "%s/tests/data/%s", root,
			 with_files[i].file);
		test(with_files[i].name, with_files[i].what, path,
		     with_files[i].status);
	}
	for (size_t i = 0; i < ES_COUNT(with_texts); i++)
		test(with_texts[i].name, with_texts[i].what,
		     with_texts[i].text, with_texts[i].status);
	test_apart();
	leave_tmp();
	return tap_done();
}
