/* SPDX-License-Identifier: MIT */
/*
 * sessions.c - what a client may resume
 *
 * By name and port, inside one config. All else that a session was verified by
 * is the config's, which never changes, so no session is ever used under other
 * rules than those it was made under.
 */
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "tls/tls.h"

enum { FEW = 4 };

struct session {
	cio_link link;
	SSL_SESSION *session;
	uint16_t port;
	char name[];
};

static void forget(struct sessions *s, struct session *e)
{
	list_remove(&e->link);
	s->count--;
	SSL_SESSION_free(e->session);
	cio__free(e);
}

static bool is_for(const struct session *e, const char *name, uint16_t port)
{
	return e->port == port && strcmp(e->name, name) == 0;
}

/* Neither it nor the certificate that it rests on is too old. */
static bool still_good(SSL_SESSION *session)
{
	long end = SSL_SESSION_get_time(session) +
		SSL_SESSION_get_timeout(session);
	X509 *peer = SSL_SESSION_get0_peer(session);
	return SSL_SESSION_is_resumable(session) && (long)time(NULL) < end &&
		(peer == NULL ||
			X509_cmp_current_time(X509_get0_notAfter(peer)) > 0);
}

static struct session *oldest(struct sessions *s)
{
	return container_of(list_first(&s->list), struct session, link);
}

/* Of one name and port: as many as may be asked for at once, but not so many
 * that it crowds out the others. */
static uint32_t most_of_one(const struct sessions *s)
{
	return s->most / 4 > FEW ? s->most / 4 : FEW;
}

static void make_room(struct sessions *s, const char *name, uint16_t port)
{
	struct session *first = NULL;
	uint32_t n = 0;
	for (cio_link *l = s->list.next; l != &s->list; l = l->next) {
		struct session *e = container_of(l, struct session, link);
		if (!is_for(e, name, port))
			continue;
		if (n++ == 0)
			first = e;
	}
	if (n >= most_of_one(s))
		forget(s, first);
	else if (s->count >= s->most)
		forget(s, oldest(s));
}

bool cio__tls_sessions_put(struct sessions *s, const char *name, uint16_t port,
	SSL_SESSION *session)
{
	size_t n = strlen(name) + 1;
	struct session *e = cio__alloc(sizeof *e + n);
	if (e == NULL)
		return false;
	make_room(s, name, port);
	*e = (struct session){.session = session, .port = port};
	memcpy(e->name, name, n);
	list_push(&s->list, &e->link);
	s->count++;
	return true;
}

SSL_SESSION *cio__tls_sessions_take(struct sessions *s, const char *name,
	uint16_t port)
{
	cio_link *l = s->list.prev;
	while (l != &s->list) {
		struct session *e = container_of(l, struct session, link);
		l = l->prev;
		if (!is_for(e, name, port))
			continue;
		SSL_SESSION *found = NULL;
		if (still_good(e->session) && SSL_SESSION_up_ref(e->session))
			found = e->session;
		if (found == NULL || SSL_SESSION_get_protocol_version(found) >=
				TLS1_3_VERSION)
			forget(s, e);
		if (found != NULL)
			return found;
	}
	return NULL;
}

void cio__tls_sessions_clear(struct sessions *s)
{
	while (!list_empty(&s->list))
		forget(s, oldest(s));
}
