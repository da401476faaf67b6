/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What our guest tests say: a version line, one line a check, the plan at the end, so that a crash leaves it out. */
#ifndef LOREBOT_KTAP_H
#define LOREBOT_KTAP_H

#include <stdarg.h>
#include <stdio.h>

static int ktap_count, ktap_failed;
static char ktap_detail[256];

/* Keeps what varies from run to run out of the names: it is printed only should the next check fail. */
static inline void __attribute__((format(printf, 1, 2))) detail(const char *format, ...)
{
	va_list words;

	va_start(words, format);
	vsnprintf(ktap_detail, sizeof(ktap_detail), format, words);
	va_end(words);
}

static inline void ktap_begin(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("TAP version 13");
}

static inline int ktap_line(int good, const char *directive, const char *format, va_list words)
{
	if (!good && ktap_detail[0])
		printf("# %s\n", ktap_detail);
	ktap_detail[0] = 0;
	printf("%sok %d ", good ? "" : "not ", ++ktap_count);
	vprintf(format, words);
	puts(directive);
	ktap_failed += !good;
	return good;
}

static inline int __attribute__((format(printf, 2, 3))) check(int good, const char *format, ...)
{
	va_list words;

	va_start(words, format);
	ktap_line(good, "", format, words);
	va_end(words);
	return good;
}

static inline void __attribute__((format(printf, 1, 2))) skip(const char *format, ...)
{
	va_list words;

	va_start(words, format);
	ktap_line(1, " # SKIP not to be had here", format, words);
	va_end(words);
}

static inline int ktap_end(void)
{
	printf("1..%d\n", ktap_count);
	return ktap_failed ? 1 : 0;
}

#endif
