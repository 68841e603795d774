/* SPDX-License-Identifier: MIT */
/*
 * Stands for CVE-2021-44228 (Log4Shell, December 2021): a library for logs
 * looked up what a logged text named, at an address that whoever sent the text
 * had chosen, and ran what it was given there.
 * Stopped by the profile filter
 *
 *	connect-out <LINES
 *
 * copies its input to standard output, and logs each line by a library
 * (connect-out-library.c). Where a line has ${jndi:ADDRESS:PORT} in it, the
 * library connects there by TCP, and sends a datagram, with a word that stands
 * for a secret. It runs nothing of what it might be given.
 *
 * The library has a constructor as well, which logs what $LOG_AT_START has: it
 * runs before the program's entry point, when only the first layer is there.
 * That has what the loader needs besides the profile, and no sockets.
 */
#include "connect-out.h"
#include "attack.h"

int main(void)
{
	char line[512];

	while (fgets(line, sizeof(line), stdin)) {
		fputs(line, stdout);
		fflush(stdout);
		log_line(line);
	}
	if (ferror(stdin) || ferror(stdout))
		return NO_WORK;
	return verdict(log_reached > 0);
}
