/* SPDX-License-Identifier: MIT */
/*
 * whole_file.h - small files, read and replaced as a whole, by a thread
 */
#ifndef CIO_HTTP_WHOLE_FILE_H
#define CIO_HTTP_WHOLE_FILE_H

#include <cio/buf.h>

enum { WHOLE_FILE_MOST = 16 * 1024 * 1024 };

/* Append the bytes of a regular file. 0 or -errno (-EFBIG: more than the most);
 * cio_error_text names the file. Yields. */
CIO_MUST_CHECK int whole_file_read(const char *path, cio_buf *out);

/* Make or replace a file that its owner alone may read: either all of it is
 * there afterwards, or what was before. 0 or -errno, likewise. Yields. */
CIO_MUST_CHECK int whole_file_write(const char *path, cio_str text);

#endif
