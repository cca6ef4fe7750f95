/* SPDX-License-Identifier: MIT */
/*
 * body.h - files, as bodies of requests read them
 */
#ifndef CIO_HTTP_BODY_PRIVATE_H
#define CIO_HTTP_BODY_PRIVATE_H

#include <cio/http_body.h>

/* In a thread each. Open a regular file: the descriptor, or -errno with
 * cio_error_text. Read at `off`: the count or -errno. Yield. */
int body_open_file(const char *path, int64_t *size);
ssize_t body_read_file(int fd, void *buf, size_t n, int64_t off);
void body_close_file(int fd);

#endif
