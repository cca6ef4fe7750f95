/* SPDX-License-Identifier: MIT */
/*
 * io.h - what the calls that read share
 */
#ifndef CIO_IO_IO_H
#define CIO_IO_IO_H

#include <cio/stream.h>

/* Become the one reader: 0 or -EBUSY. What an earlier view showed is gone. */
int cio__stream_enter_read(cio_stream *s);

/* The reader gets more into the buffer, as cio_stream_fill. */
ssize_t cio__stream_more(cio_stream *s);

/* No longer the reader: `result`, or -ECANCELED if the stream was closed
 * meanwhile; it may be freed now. */
ssize_t cio__stream_leave_read(cio_stream *s, ssize_t result);

#endif
