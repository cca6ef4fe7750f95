/* SPDX-License-Identifier: MIT */
/*
 * replay.c - run a fuzzer over files instead of invented inputs
 *
 *	replay FILE-OR-FOLDER...
 *
 * Linked with a fuzzer in place of libFuzzer, so that every compiler and
 * sanitizer can check the corpus. A fuzzer that finds something aborts.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int files;

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (f == NULL) {
		perror(path);
		return 1;
	}
	size_t cap = 1 << 20;
	uint8_t *data = malloc(cap);
	size_t n = data != NULL ? fread(data, 1, cap, f) : 0;
	fclose(f);
	uint8_t *exact = malloc(n > 0 ? n : 1); /* to notice reads behind it */
	if (data == NULL || exact == NULL) {
		perror(path);
		abort();
	}
	memcpy(exact, data, n);
	free(data);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	files++;
	return 0;
}

static int replay_folder(const char *path)
{
	DIR *d = opendir(path);
	if (d == NULL) {
		perror(path);
		return 1;
	}
	int failed = 0;
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		char name[4096];
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s", path, e->d_name);
		failed |= replay_file(name);
	}
	closedir(d);
	return failed;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;
		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			failed |= replay_folder(argv[i]);
		else
			failed |= replay_file(argv[i]);
	}
	printf("%d files replayed\n", files);
	return failed;
}
