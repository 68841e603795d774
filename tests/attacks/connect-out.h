/* SPDX-License-Identifier: MIT */
#ifndef CONNECT_OUT_H
#define CONNECT_OUT_H

/* How many strangers the library has reached. */
extern int log_reached;

/* Logs a line on standard error. */
void log_line(const char *line);

#endif
