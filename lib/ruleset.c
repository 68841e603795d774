/* SPDX-License-Identifier: MIT */
/* From a plan to the kernel's ruleset. */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compat.h"
#include "landlock.h"
#include "util.h"

enum { ABI_NET = 4, ABI_SCOPES = 6, ABI_LOG = 7 };

/* Adds one rule of TYPE to the kernel's RULESET; WHAT it is about is told. */
static enum es_status rule_on(int ruleset, int type, const void *attr,
			      const char *what, struct es_diags *diags)
{
	if (!syscall(SYS_landlock_add_rule, ruleset, type, attr, 0))
		return ES_OK;
	es_diag(diags, ES_ERROR, ES_NOWHERE,
		"Landlock takes no rule on '%s': %s", what,
		strerrordesc_np(errno));
	return ES_SYSTEM;
}

static enum es_status add_rules(const struct es_landlock_plan *plan,
				int ruleset, struct es_diags *diags)
{
	enum es_status status = ES_OK;

	for (size_t i = 0; i < plan->n && status == ES_OK; i++) {
		const struct landlock_path_beneath_attr beneath = {
			.allowed_access = plan->rules[i].rights,
			.parent_fd = plan->rules[i].fd,
		};

		if (beneath.allowed_access &&
		    es_landlock_counts(plan, &plan->rules[i]))
			status = rule_on(ruleset, LANDLOCK_RULE_PATH_BENEATH,
					 &beneath, plan->rules[i].path, diags);
	}
	for (size_t i = 0; i < plan->nports && status == ES_OK; i++) {
		const struct es_landlock_net_port port = {
			.allowed_access = plan->ports[i].rights &
					  plan->handled_net,
			.port = plan->ports[i].port,
		};

		/* What is allowed on every port is not handled. */
		if (port.allowed_access &&
		    !(plan->second && plan->ports[i].start))
			status = rule_on(ruleset, ES_LANDLOCK_RULE_NET_PORT,
					 &port, "a port", diags);
	}
	return status;
}

enum es_status es_landlock_ruleset(const struct es_landlock_plan *plan,
				   struct es_diags *diags, int *fd)
{
	const struct es_landlock_attr attr = {
		.handled_access_fs = plan->handled_fs,
		.handled_access_net = plan->handled_net,
		.scoped = plan->scoped,
	};
	/* Older kernels refuse a size that they don't know. */
	const size_t size = plan->abi >= ABI_SCOPES ? sizeof(attr) :
			    plan->abi >= ABI_NET ? 16 : 8;
	es_autoclose int ruleset = -1;
	enum es_status status;

	if (!plan->abi)
		return ES_OK;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	if (ruleset < 0) {
		es_diag(diags, ES_ERROR, ES_NOWHERE,
			"can't make Landlock's ruleset: %s",
			strerrordesc_np(errno));
		return ES_SYSTEM;
	}
	status = add_rules(plan, ruleset, diags);
	if (status == ES_OK)
		*fd = es_steal_fd(&ruleset);
	return status;
}

unsigned es_landlock_flags(const struct es_landlock_plan *plan)
{
	return plan->abi >= ABI_LOG ? LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON :
				      0;
}
