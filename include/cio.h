/* SPDX-License-Identifier: MIT */
/*
 * cio.h - everything of libcio in one include: the runtime, streams, TCP
 *
 * Protocols have headers of their own: <cio/http_session.h>,
 * <cio/http_server.h>. Writers of primitives include <cio/impl.h>.
 */
#ifndef CIO_H
#define CIO_H

#include <cio/base.h>
#include <cio/buf.h>
#include <cio/dns.h>
#include <cio/event.h>
#include <cio/group.h>
#include <cio/map.h>
#include <cio/net.h>
#include <cio/pool.h>
#include <cio/run.h>
#include <cio/scope.h>
#include <cio/semaphore.h>
#include <cio/signal.h>
#include <cio/stream.h>
#include <cio/task.h>
#include <cio/thread.h>
#include <cio/time.h>

#endif
