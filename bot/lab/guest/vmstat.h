/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pins outstanding and memory free, as the kernel counts them. */
#ifndef LOREBOT_VMSTAT_H
#define LOREBOT_VMSTAT_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Returns the value of a "name value" line, -1 where there is none. */
static inline long counter(const char *path, const char *name)
{
	char line[256], word[128];
	long value, found = -1;
	FILE *file = fopen(path, "r");

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%127[^ :]%*[ :]%ld", word, &value) == 2 && !strcmp(word, name))
			found = value;
	fclose(file);
	return found;
}

static inline void poke(const char *path, const char *word)
{
	int file = open(path, O_WRONLY);

	if (file < 0)
		return;
	if (write(file, word, strlen(word)) < 0)
		perror(path);
	close(file);
}

/* Pins held now: taken less given back. Each CPU counts for itself until stat_refresh has it hand in its share. */
static inline long pins(void)
{
	poke("/proc/sys/vm/stat_refresh", "1");
	return counter("/proc/vmstat", "nr_foll_pin_acquired") - counter("/proc/vmstat", "nr_foll_pin_released");
}

static inline long free_kib(void)
{
	poke("/proc/sys/vm/drop_caches", "3");
	return counter("/proc/meminfo", "MemFree");
}

#endif
