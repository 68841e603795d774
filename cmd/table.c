/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd.h"

enum {
	GAP = 2,           /* between the columns */
	MIN_WIDTH = 40,    /* narrower ones are taken for this */
	USUAL_WIDTH = 80,  /* of a terminal that doesn't tell */
	MAX_WIDTH = 10000, /* more is no width */
};

void table_add(struct table *table, const char *left, const char *right, ...)
{
	struct table_row *rows = reallocarray(table->rows, table->n + 1,
					      sizeof(*rows));
	struct table_row row = { .left = strdup(left) };
	va_list arguments;

	va_start(arguments, right);
	if (vasprintf(&row.right, right, arguments) < 0)
		row.right = NULL;
	va_end(arguments);
	if (rows)
		table->rows = rows;
	if (rows && row.left && row.right) {
		table->rows[table->n++] = row;
		return;
	}
	table->failed = true;
	free(row.left);
	free(row.right);
}

/* In cells, or 0: lines are as long as they are. */
static size_t find_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	long width = columns ? strtol(columns, NULL, 10) : 0;

	if (width <= 0 || width > MAX_WIDTH) {
		if (!isatty(STDOUT_FILENO))
			return 0;
		width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
			size.ws_col ? size.ws_col : USUAL_WIDTH;
	}
	return width < MIN_WIDTH ? MIN_WIDTH : (size_t)width;
}

/* How many cells LEN bytes of UTF-8 take, wide glyphs as one. */
static size_t cells(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

static void end_line(size_t indent)
{
	printf("\n%*s", (int)indent, "");
}

/* Prints TEXT, broken between words and behind `|`, from column INDENT on. */
static void print_text(const char *text, size_t indent, size_t width)
{
	size_t column = indent;

	while (*text) {
		const bool spaced = *text == ' ';
		const char *word = text + strspn(text, " ");
		size_t len = strcspn(word, " |");

		len += word[len] == '|';

		const size_t needs = cells(word, len);

		if (column > indent && width &&
		    column + spaced + needs > width) {
			end_line(indent);
			column = indent;
		} else if (column > indent && spaced) {
			putchar(' ');
			column++;
		}
		printf("%.*s", (int)len, word);
		column += needs;
		text = word + len;
	}
	putchar('\n');
}

static void print_row(const struct table_row *row, size_t indent, size_t width)
{
	const size_t len = cells(row->left, strlen(row->left));

	fputs(row->left, stdout);
	if (*row->right && len + GAP > indent && width)
		end_line(indent);
	else if (*row->right)
		printf("%*s", len + GAP > indent ? GAP : (int)(indent - len),
		       "");
	print_text(row->right, indent, width);
}

int table_end(struct table *table, int status)
{
	const size_t width = find_width();
	const size_t most = width ? width * 2 / 5 : MIN_WIDTH;
	size_t indent = 0;

	/* A long name has a line of its own, and moves nobody's text. */
	for (size_t i = 0; i < table->n; i++) {
		const char *left = table->rows[i].left;
		const size_t needs = cells(left, strlen(left)) + GAP;

		if (needs > indent && needs <= most)
			indent = needs;
	}
	for (size_t i = 0; i < table->n; i++) {
		if (!table->failed)
			print_row(&table->rows[i], indent, width);
		free(table->rows[i].left);
		free(table->rows[i].right);
	}
	free(table->rows);
	if (table->failed) {
		cmd_error("out of memory");
		status = CMD_FAILED;
	}
	*table = (struct table){ 0 };
	return cmd_finish_stdout(status);
}
