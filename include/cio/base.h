/* SPDX-License-Identifier: MIT */
#ifndef CIO_BASE_H
#define CIO_BASE_H

/*
 * base: the words that every other header uses.
 *
 * Errors. A function returns `int` or `ssize_t`: >= 0 is good, a negative
 * errno is bad, as io_uring does it. What errno has no number for is one of
 * the CIO_E... below. `cio_strerror` names either kind; `cio_error_text` has
 * the detail of the calling task's last failure.
 *
 * Time. A duration is signed 64-bit nanoseconds, written CIO_MS(200); an
 * absolute time is nanoseconds of the loop's monotonic clock (`cio_now`).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#ifdef __cplusplus
#define CIO_BEGIN_DECLS extern "C" {
#define CIO_END_DECLS }
#else
#define CIO_BEGIN_DECLS
#define CIO_END_DECLS
#endif

#define CIO_API __attribute__((visibility("default")))
#define CIO_MUST_CHECK __attribute__((warn_unused_result))
#define CIO_PRINTF(text, first) __attribute__((format(printf, text, first)))

/* Private: "file.c:12" of the line it stands in. */
#define CIO__STR_(x) #x
#define CIO__STR(x) CIO__STR_(x)
#define CIO__SITE __FILE__ ":" CIO__STR(__LINE__)

CIO_BEGIN_DECLS

#define CIO_VERSION "0.1.0"

/* Nanoseconds. Durations may be negative (already over). */
typedef int64_t cio_duration;
/* Nanoseconds of the loop's monotonic clock. */
typedef int64_t cio_time;

#define CIO_NS(n) ((cio_duration)(n))
#define CIO_US(n) ((cio_duration)(n) * 1000)
#define CIO_MS(n) ((cio_duration)(n) * 1000000)
#define CIO_S(n) ((cio_duration)(n) * 1000000000)
#define CIO_NEVER INT64_MAX

/* Errors that errno has no number for; returned negative, as in -CIO_EDNS. */
enum {
	CIO_EDNS = 5001,      /* a name could not be resolved */
	CIO_EPROTOCOL = 5002, /* the peer broke its protocol */
	CIO_ETOOLARGE = 5003, /* more bytes than the limit allows */
	CIO_EURL = 5004,      /* not a URL, or one we cannot use */
	CIO_EEOF = 5005,      /* the peer ended the stream too early */
	CIO_ETLS = 5006,      /* TLS failed, or is not built in */
	CIO_ESTATUS = 5007,   /* an HTTP status that the caller refuses */
	CIO_EBROKEN = 5008    /* a barrier was aborted or reset */
};

/* A view of bytes that belong to somebody else; not terminated. */
typedef struct cio_str {
	const char *p;
	size_t n;
} cio_str;

/* View a terminated string; NULL gives an empty view. */
static inline cio_str cio_str_of(const char *s)
{
	cio_str v;
	v.p = s;
	v.n = s != NULL ? strlen(s) : 0;
	return v;
}

static inline bool cio_str_equal(cio_str a, cio_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* ASCII case is ignored; other bytes are compared as they are. */
CIO_API bool cio_str_equal_nocase(cio_str a, cio_str b);

/* A link of an intrusive circular list; an empty list's head has next NULL or
 * itself. Private to whoever embeds it. */
typedef struct cio_link {
	struct cio_link *next, *prev; /* private */
} cio_link;

/* The name of an error, errno's or ours, either sign: "timed out". Static
 * storage; never NULL. */
CIO_API const char *cio_strerror(int err);

/* The detail of the calling task's last failure, "" if it gave none. Valid
 * until the task's next failure. Never yields. */
CIO_API const char *cio_error_text(void);

/* Set the calling task's detail (cut at 255 bytes) and return `err`:
 * `return cio_fail(-EINVAL, "port %d: must be 1-65535", port);` */
CIO_API int cio_fail(int err, const char *format, ...) CIO_PRINTF(2, 3);

CIO_END_DECLS
#endif
