/* SPDX-License-Identifier: MIT */
/* What is to be allowed is collected, and checked. */
#include "context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>
#include <yaml.h>

#include "compile.h"
#include "util.h"
#include "warn.h"

struct es_context *es_context_new(void)
{
	struct es_context *context = calloc(1, sizeof(*context));

	if (context)
		es_profile_init(&context->profile, &context->arena);
	return context;
}

void es_context_free(struct es_context *context)
{
	if (!context)
		return;
	es_apart_end(&context->profile.apart);
	es_arena_finish(&context->arena);
	free(context);
}

enum es_status es_context_keep(struct es_context *context,
			       enum es_status status)
{
	if (context->status == ES_OK || status == ES_NOMEM)
		context->status = status;
	context->profile.complete = false;
	return status;
}

/* Run set-user-id, diagnostics would show files that the caller can't read. */
enum es_status es_refuse_privilege(struct es_diags *diags)
{
	if (!getauxval(AT_SECURE))
		return ES_OK;
	es_diag(diags, ES_ERROR, ES_NOWHERE,
		"extrasafe is not to be run set-user-id or with file "
		"capabilities: take them off its file");
	return ES_UNSUPPORTED;
}

/* Nothing is opened or looked for with more privilege than the caller has. */
static bool may_read(struct es_context *context, struct es_diags *diags)
{
	if (context->status != ES_UNSUPPORTED &&
	    es_refuse_privilege(diags) != ES_OK)
		context->status = ES_UNSUPPORTED;
	return context->status != ES_UNSUPPORTED;
}

/* What is pointed to is there, or an error. */
static bool is_given(struct es_context *context, const void *what,
		     struct es_diags *diags)
{
	if (what)
		return true;
	es_diag(diags, ES_ERROR, ES_NOWHERE, "a text is expected, not NULL");
	es_context_keep(context, ES_INVALID);
	return false;
}

enum es_status es_read_apart(struct es_context *context, bool all,
			     struct es_diags *diags)
{
	struct es_apart *apart = NULL;

	if (!context)
		return ES_NOMEM;
	apart = &context->profile.apart;
	apart->serve = es_apart_yaml;
	apart->all |= all;
	/* What it ends with is no fault of the policy. */
	return all && !apart->pid ? es_apart_start(apart, ES_ERROR, diags) :
				    ES_OK;
}

enum es_status es_add_profile(struct es_context *context, const char *name,
			      struct es_diags *diags)
{
	if (!context)
		return ES_NOMEM;
	if (!may_read(context, diags))
		return context->status;
	if (!is_given(context, name, diags))
		return ES_INVALID;
	return es_context_keep(context,
			es_profile_read(&context->profile, name, diags));
}

enum es_status es_add_text(struct es_context *context, const char *name,
			   const char *text, struct es_diags *diags)
{
	if (!context)
		return ES_NOMEM;
	if (!may_read(context, diags))
		return context->status;
	if (!is_given(context, name, diags) || !is_given(context, text, diags))
		return ES_INVALID;
	return es_context_keep(context, es_profile_text(&context->profile, name,
							text, diags));
}

enum es_status es_add_descriptor(struct es_context *context, const char *name,
				 int fd, struct es_diags *diags)
{
	if (!context)
		return ES_NOMEM;
	if (!may_read(context, diags))
		return context->status;
	if (!is_given(context, name, diags))
		return ES_INVALID;
	errno = EBADF;
	return es_context_keep(context,
			       es_profile_descriptor(&context->profile, name,
						     fd, diags));
}

enum es_status es_add_fragment(struct es_context *context, const char *text,
			       struct es_diags *diags)
{
	if (!context)
		return ES_NOMEM;
	if (!may_read(context, diags))
		return context->status;
	if (!is_given(context, text, diags))
		return ES_INVALID;
	return es_context_keep(context,
			es_profile_fragment(&context->profile, text, diags));
}

enum es_status es_set_deny(struct es_context *context, const char *action,
			   struct es_diags *diags)
{
	struct es_profile *profile = NULL;
	const char *kept = NULL;

	if (!context)
		return ES_NOMEM;
	if (!is_given(context, action, diags))
		return ES_INVALID;
	profile = &context->profile;
	kept = es_arena_copy(&context->arena, action, strlen(action));
	if (!kept)
		return es_context_keep(context, ES_NOMEM);
	profile->deny_overridden = true;
	profile->deny = (struct es_setting){ 0 };
	return es_context_keep(context,
			       es_profile_set(&profile->deny, "deny", kept,
					      ES_NOWHERE, diags));
}

enum es_status es_set_arm(struct es_context *context, const char *moment,
			  struct es_diags *diags)
{
	const char *kept = NULL;

	if (!context)
		return ES_NOMEM;
	if (!is_given(context, moment, diags))
		return ES_INVALID;
	kept = es_arena_copy(&context->arena, moment, strlen(moment));
	if (!kept)
		return es_context_keep(context, ES_NOMEM);
	return es_context_keep(context,
			       es_profile_set(&context->profile.arm, "arm",
					      kept, ES_NOWHERE, diags));
}

enum es_status es_best_effort(struct es_context *context, const char *layer,
			      struct es_diags *diags)
{
	if (!context)
		return ES_NOMEM;
	if (!is_given(context, layer, diags))
		return ES_INVALID;
	if (strcmp(layer, "landlock") != 0) {
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"there is one layer that can be done without, "
			"'landlock', not '%s'", layer);
		return es_context_keep(context, ES_INVALID);
	}
	context->best_effort = true;
	return ES_OK;
}

enum es_status es_widen(struct es_context *context, const char *permission,
			struct es_diags *diags)
{
	const char *kept = NULL;

	if (!context)
		return ES_NOMEM;
	if (!is_given(context, permission, diags))
		return ES_INVALID;
	kept = es_arena_copy(&context->arena, permission, strlen(permission));
	if (!kept)
		return es_context_keep(context, ES_NOMEM);
	return es_context_keep(context,
			       es_profile_widen(&context->profile, kept,
						ES_NOWHERE, diags));
}

enum es_status es_context_complete(struct es_context *context,
				   struct es_diags *diags)
{
	const enum es_status status = context ? context->status : ES_NOMEM;
	enum es_status complete = ES_OK;

	if (context)
		es_apart_end(&context->profile.apart);
	/* Beside a file that can't be read, mistakes of the others are told. */
	if (status == ES_OK || status == ES_INVALID || status == ES_UNREADABLE)
		complete = es_profile_complete(&context->profile, diags);
	return status == ES_OK || complete == ES_NOMEM ? complete : status;
}

static size_t count_calls(const struct es_rules *rules)
{
	size_t n = 0;

	for (size_t nr = 0; nr < ES_NR_LIMIT; nr++)
		n += rules->first[nr] < rules->first[nr + 1];
	return n;
}

enum es_status es_check(struct es_context *context, bool verbose,
			struct es_diags *diags)
{
	/* Nothing is started, so the key is no secret. */
	static const uint64_t key[3] = { 0x0123456789abcdef, 0xfedcba9876543210,
					 0x5555aaaa5555aaaa };
	es_autofree struct es_compiled *compiled =
		calloc(1, sizeof(*compiled)); /* too large for small stacks */
	enum es_status status = ES_NOMEM;

	if (!compiled)
		return status;
	if (context)
		status = es_compile(context, NULL, key, diags, compiled);
	if (status == ES_OK) {
		context->checked = true;
		context->summary = (struct es_summary){
			.instructions = es_compiled_filter(compiled)->n,
			.calls = count_calls(
				&es_compiled_policy(compiled)->allowed),
			.landlock_abi = compiled->plan.abi,
			.landlock_rules = compiled->plan.n,
		};
		status = es_warn(context, compiled, verbose, diags);
		if (status == ES_OK && es_diags_lost(diags))
			status = ES_NOMEM;
	}
	es_compiled_finish(compiled);
	return status;
}

bool es_summarize(const struct es_context *context, struct es_summary *summary)
{
	if (!context || !context->checked || !summary)
		return false;
	*summary = context->summary;
	return true;
}

void es_print_versions(FILE *stream)
{
	if (stream)
		fprintf(stream, "extrasafe %s\nlibyaml %s\n", ES_VERSION,
			yaml_get_version_string());
}
