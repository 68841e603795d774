/* SPDX-License-Identifier: MIT */
/*
 * A service: it prints its arguments, one a line, and "ready", then the signals
 * that it gets. TERM ends it with status 3, INT by that signal, as is the custom.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t got[65];

static void note(int number)
{
	got[number] = 1;
}

int main(int argc, char **argv)
{
	static const struct {
		int number;
		const char *name;
	} signals[] = {
		{ SIGUSR1, "USR1" }, { SIGINT, "INT" }, { SIGTERM, "TERM" },
	};
	struct sigaction action = { .sa_handler = note };
	sigset_t before, now;

	sigemptyset(&now);
	for (int i = 0; i < 3; i++) {
		sigaddset(&now, signals[i].number);
		sigaction(signals[i].number, &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &now, &before);
	for (int i = 0; i < argc; i++)
		printf("%s\n", argv[i]);
	printf("ready\n");
	for (;;) {
		fflush(stdout);
		/* Only here, so that none is lost. */
		sigsuspend(&before);
		for (int i = 0; i < 3; i++) {
			if (!got[signals[i].number])
				continue;
			got[signals[i].number] = 0;
			printf("%s\n", signals[i].name);
			fflush(stdout);
			if (signals[i].number == SIGTERM)
				return 3;
			if (signals[i].number != SIGINT)
				continue;
			signal(SIGINT, SIG_DFL);
			sigprocmask(SIG_UNBLOCK, &now, NULL);
			raise(SIGINT);
		}
	}
}
