/* SPDX-License-Identifier: MIT */
/*
 * cio.h - everything of libcio in one include: the runtime, streams, TCP
 *
 * Protocols have headers of their own: <cio/http_session.h>,
 * <cio/http_server.h>. Writers of primitives include <cio/impl.h>.
 */
#ifndef CIO_H
#define CIO_H

#include <cio/barrier.h>
#include <cio/base.h>
#include <cio/broadcast.h>
#include <cio/buf.h>
#include <cio/call.h>
#include <cio/channel.h>
#include <cio/condition.h>
#include <cio/context.h>
#include <cio/dns.h>
#include <cio/event.h>
#include <cio/every.h>
#include <cio/group.h>
#include <cio/limiter.h>
#include <cio/lock.h>
#include <cio/map.h>
#include <cio/net.h>
#include <cio/pool.h>
#include <cio/queue.h>
#include <cio/rate_limiter.h>
#include <cio/run.h>
#include <cio/rwlock.h>
#include <cio/scope.h>
#include <cio/select.h>
#include <cio/semaphore.h>
#include <cio/signal.h>
#include <cio/stream.h>
#include <cio/stream_server.h>
#include <cio/task.h>
#include <cio/thread.h>
#include <cio/threadsafe.h>
#include <cio/time.h>
#include <cio/wait.h>

#endif
