/* SPDX-License-Identifier: MIT */
/*
 * resolve.c - names, asked on threads
 *
 * A blocking call cannot be interrupted, and getaddrinfo may take half a minute
 * when a server is silent. So the task that asks does not wait for the call
 * itself but for a helper task that does: a caller who is cut short leaves at
 * once, and the question's record is freed by the helper.
 */
#include <cio/dns.h>

#include <assert.h>
#include <cio/impl.h>
#include <cio/thread.h>
#include <cio/time.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/list.h"
#include "base/mem.h"
#include "dns/dns.h"

enum { MOST_FOUND = 32, THREADS = 4, NAME_BYTES = 256 };

/* For so long the file of hosts is not looked at again. */
#define HOSTS_AGE CIO_S(1)

/* One a loop. */
struct resolver {
	cio_loop_value value;
	cio_executor *executor;
	struct hosts hosts;
	const char *hosts_path;
	cio_time hosts_checked;
};

/* The record is the asker's, or when that has left, the helper's. An asker that is
 * refused is out of `asker` at once, but learns of it only when it runs: the helper
 * may have ended by then. */
struct question {
	int (*ask)(void *); /* in a thread */
	cio_executor *executor;
	cio_link asker;
	bool answered, left;
	int result;
	const char *path; /* to read the hosts */
	struct hosts hosts;
	char host[NAME_BYTES]; /* to resolve */
	char text[256];
	cio_address found[MOST_FOUND];
};

/* ---- in a thread ---- */

static int ask_hosts(void *arg)
{
	struct question *q = arg;
	return cio__hosts_read(&q->hosts, q->path);
}

static int collect(struct question *q, const struct addrinfo *all)
{
	int n = 0;
	for (const struct addrinfo *a = all; a != NULL; a = a->ai_next) {
		bool known = a->ai_family == AF_INET || a->ai_family == AF_INET6;
		if (!known || n == MOST_FOUND)
			continue;
		q->found[n] = (cio_address){.len = a->ai_addrlen};
		memcpy(&q->found[n].storage, a->ai_addr, a->ai_addrlen);
		n++;
	}
	return n;
}

static int ask_system(void *arg)
{
	struct question *q = arg;
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
		.ai_family = AF_UNSPEC, .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *all = NULL;
	int err = getaddrinfo(q->host, NULL, &hints, &all);
	int saved = errno;
	if (err == EAI_MEMORY)
		return -ENOMEM;
	if (err != 0) {
		snprintf(q->text, sizeof q->text, "%s", err == EAI_SYSTEM ?
			cio_strerror(saved) : gai_strerror(err));
		return -CIO_EDNS;
	}
	int n = collect(q, all);
	freeaddrinfo(all);
	if (n == 0)
		snprintf(q->text, sizeof q->text, "it has no address");
	return n > 0 ? n : -CIO_EDNS;
}

/* ---- asking ---- */

static void question_free(struct question *q)
{
	cio__hosts_finish(&q->hosts);
	cio__free(q);
}

struct helper {
	struct question *question;
};

static int help(const struct helper *h)
{
	struct question *q = h->question;
	q->result = cio_executor_run(q->executor, q->ask, q);
	q->answered = true;
	cio_waiter *asker = cio_first_waiter(&q->asker);
	if (q->left)
		question_free(q);
	else if (asker != NULL)
		cio_unpark(asker);
	return 0;
}

/* The result of q->ask, or -errno, or a refusal: then *q is the helper's, or
 * freed, and set to NULL. */
static int ask(struct question **q)
{
	cio_task_options name = {.name = "dns"};
	cio_task *t = cio_spawn_with(&name, help, &(struct helper){*q});
	if (t == NULL)
		return -ENOMEM;
	cio_waiter w;
	int err = cio_park(&w, &(*q)->asker, "a host name");
	if (err < 0 && (*q)->answered) {
		question_free(*q);
		*q = NULL;
	} else if (err < 0) {
		(*q)->left = true;
		*q = NULL;
		cio_task_cancel(t, "nobody waits for the name any more");
	}
	cio_detach(t, NULL);
	return err < 0 ? err : (*q)->result;
}

/* ---- the loop's resolver ---- */

static const char resolver_key;

static void resolver_finish(cio_loop_value *v)
{
	struct resolver *r = container_of(v, struct resolver, value);
	cio_executor_close(r->executor);
	cio__hosts_finish(&r->hosts);
	cio__free(r);
}

static int resolver_get(struct resolver **out)
{
	cio_loop_value *v = cio_loop_value_get(&resolver_key);
	if (v != NULL) {
		*out = container_of(v, struct resolver, value);
		return 0;
	}
	struct resolver *r = cio__zalloc(sizeof *r);
	if (r == NULL)
		return -ENOMEM;
	cio_executor_options o = {.name = "dns", .threads = THREADS};
	int err = cio__executor_open(NULL, &r->executor, &o);
	if (err < 0) {
		cio__free(r);
		return err;
	}
	r->value.key = &resolver_key;
	r->value.finish = resolver_finish;
	cio_loop_value_set(&r->value);
	*out = r;
	return 0;
}

static struct question *question_new(struct resolver *r, int (*fn)(void *))
{
	struct question *q = cio__zalloc(sizeof *q);
	if (q != NULL) {
		q->ask = fn;
		q->executor = r->executor;
	}
	return q;
}

/* Have the text of the file at `path` in r->hosts, not older than HOSTS_AGE. */
static int refresh_hosts(struct resolver *r, const char *path)
{
	bool same = r->hosts_path != NULL && strcmp(r->hosts_path, path) == 0;
	if (same && cio_now() - r->hosts_checked < HOSTS_AGE)
		return 0;
	struct question *q = question_new(r, ask_hosts);
	if (q == NULL)
		return -ENOMEM;
	q->path = path;
	if (same) { /* all but the text: is it still that one? */
		q->hosts = r->hosts;
		q->hosts.text = NULL;
	}
	int changed = ask(&q);
	if (changed > 0) {
		cio__hosts_finish(&r->hosts);
		r->hosts = q->hosts;
		q->hosts = (struct hosts){0};
	}
	if (changed >= 0) {
		r->hosts_path = path;
		r->hosts_checked = cio_now();
	}
	if (q != NULL)
		question_free(q);
	return changed < 0 ? changed : 0;
}

static int resolve_by_system(struct resolver *r, const char *host, uint16_t port,
	cio_address *out, int max)
{
	struct question *q = question_new(r, ask_system);
	if (q == NULL)
		return -ENOMEM;
	memcpy(q->host, host, strlen(host) + 1);
	int n = ask(&q);
	if (n == -CIO_EDNS)
		cio_fail(n, "%s: %s", host, q->text);
	if (n > max)
		n = max;
	for (int i = 0; i < n; i++) {
		out[i] = q->found[i];
		cio_address_set_port(&out[i], port);
	}
	if (q != NULL)
		question_free(q);
	return n;
}

/* ---- resolve ---- */

static int resolve_localhost(uint16_t port, cio_address *out, int max)
{
	(void)cio_address_parse("127.0.0.1", port, &out[0]);
	if (max == 1)
		return 1;
	(void)cio_address_parse("::1", port, &out[1]);
	return 2;
}

static bool is_localhost(const char *host)
{
	cio_str h = cio_str_of(host);
	return cio_str_equal_nocase(h, cio_str_of("localhost")) ||
		cio_str_equal_nocase(h, cio_str_of("localhost."));
}

/* The text may come from anywhere and goes into logs. */
static int fail_name(const char *host, const char *why)
{
	char shown[65];
	size_t i;
	for (i = 0; i < sizeof shown - 1 && host[i] != '\0'; i++)
		shown[i] = host[i] >= ' ' && host[i] < 0x7f ? host[i] : '?';
	shown[i] = '\0';
	return cio_fail(-CIO_EDNS, "\"%s\" is no host name: %s", shown, why);
}

/* What is at hand; 0 and *r if it has to be asked for. */
static int resolve_local(const char *hosts_path, const char *host, uint16_t port,
	cio_address *out, int max, struct resolver **r)
{
	if (host == NULL || out == NULL || max <= 0)
		return cio_fail(-EINVAL, "cio_resolve: no host or no room");
	if (cio_address_parse(host, port, out) == 0)
		return 1;
	const char *fault = cio__name_fault(host);
	if (fault != NULL)
		return fail_name(host, fault);
	int err = cio_checkpoint();
	if (err < 0)
		return err;
	if (is_localhost(host))
		return resolve_localhost(port, out, max);
	err = resolver_get(r);
	if (err == 0)
		err = refresh_hosts(*r, hosts_path);
	if (err < 0)
		return err;
	return cio__hosts_find(&(*r)->hosts, host, port, out, max);
}

int cio__resolve_with(const char *hosts_path, const char *host, uint16_t port,
	cio_address *out, int max)
{
	struct resolver *r;
	int n = resolve_local(hosts_path, host, port, out, max, &r);
	return n != 0 ? n : resolve_by_system(r, host, port, out, max);
}

#define HOSTS "/etc/hosts"

int cio_resolve_local(const char *host, uint16_t port, cio_address *out,
	int max)
{
	struct resolver *r;
	return resolve_local(HOSTS, host, port, out, max, &r);
}

int cio_resolve(const char *host, uint16_t port, cio_address *out, int max)
{
	return cio__resolve_with(HOSTS, host, port, out, max);
}
