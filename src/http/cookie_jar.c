/* SPDX-License-Identifier: MIT */
/*
 * cookie_jar.c - what servers asked to be told again, and whom it is told
 *
 * A cookie is found by the site of its domain, which is that of every host that
 * may set or get it. The lists are kept in the order of sending, so that a
 * request only walks along one. Whatever is refused leaves the jar as it was.
 */
#include "http/cookie.h"

#include <errno.h>
#include <time.h>

#include "base/list.h"
#include "base/mem.h"
#include "wire/chars.h"

enum { LONGEST = 400 * 24 * 3600 }; /* seconds that a cookie may live */

/* ---- who asks ---- */

/* A URL as the rules see it. */
struct origin {
	char host[URL_HOST_BYTES + 1]; /* without a dot at the end */
	cio_str path;
	bool address; /* not a name */
	bool secure;
};

static bool is_loopback(const struct origin *o)
{
	cio_str host = cio_str_of(o->host);
	if (!o->address)
		return cio__cookie_domain_matches(host, cio_str_of("localhost"));
	return strncmp(o->host, "127.", 4) == 0 || strcmp(o->host, "::1") == 0;
}

static struct origin origin_of(const cio_cookie_jar *jar, const struct url *u)
{
	struct origin o = {.path = u->path,
		.address = u->host_kind != AUTHORITY_NAME};
	size_t n = strlen(u->host);
	if (n > 1 && u->host[n - 1] == '.')
		n--;
	memcpy(o.host, u->host, n);
	o.secure = u->tls || (jar->o.secure_loopback && is_loopback(&o));
	return o;
}

static cio_link *list_of(cio_cookie_jar *jar, cio_str site)
{
	uint32_t h = 2166136261;
	for (size_t i = 0; i < site.n; i++)
		h = (h ^ (unsigned char)site.p[i]) * 16777619;
	return &jar->sites[h % COOKIE_SITES];
}

static cio_str site_of(const char *domain, bool address)
{
	return cio_str_of(address ? domain : cookie_site(domain));
}

/* ---- entries ---- */

static struct cookie_entry *entry_at(cio_link *link)
{
	return container_of(link, struct cookie_entry, link);
}

static cio_str copy(char **to, cio_str from)
{
	cio_str s = {*to, from.n};
	if (from.n > 0)
		memcpy(*to, from.p, from.n);
	(*to)[from.n] = '\0';
	*to += from.n + 1;
	return s;
}

bool cookie_is_address(cio_str domain)
{
	struct authority a;
	const char *why;
	if (memchr(domain.p, ':', domain.n) != NULL)
		return true;
	return cio__authority_parse(&a, domain, &why) == 0 &&
		a.kind != AUTHORITY_NAME;
}

struct cookie_entry *cookie_entry_new(const struct cookie *c, int64_t now)
{
	struct cookie_entry *e = cio__alloc(sizeof *e + c->name.n + c->value.n +
		c->domain.n + c->path.n + 4);
	if (e == NULL)
		return NULL;
	*e = (struct cookie_entry){.c = *c};
	char *to = e->text;
	e->c.domain = copy(&to, c->domain);
	for (char *p = e->text; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p | 0x20);
	e->c.name = copy(&to, c->name);
	e->c.value = copy(&to, c->value);
	e->c.path = copy(&to, c->path);
	e->site = site_of(e->text, cookie_is_address(e->c.domain));
	if (e->c.has_expires && e->c.expires > now + LONGEST)
		e->c.expires = now + LONGEST;
	return e;
}

bool cookie_lives(const struct cookie *c, int64_t now)
{
	return !c->has_expires || c->expires > now;
}

static void drop(cio_cookie_jar *jar, struct cookie_entry *e)
{
	list_remove(&e->link);
	jar->count--;
	cio__free(e);
}

/* Each entry of a list; it may be dropped on the way. */
#define EACH(e, next, head) \
	for (cio_link *at_ = list_empty(head) ? (head) : (head)->next, *next; \
		at_ != (head) && (next = at_->next, e = entry_at(at_), true); \
		at_ = next)

static void expire(cio_cookie_jar *jar, cio_link *list, int64_t now)
{
	struct cookie_entry *e;
	EACH (e, next, list)
		if (!cookie_lives(&e->c, now))
			drop(jar, e);
}

void cookies_expire(cio_cookie_jar *jar, int64_t now)
{
	for (size_t i = 0; i < COOKIE_SITES; i++)
		expire(jar, &jar->sites[i], now);
}

/* ---- room ---- */

/* Is a less worth than b? What any http page could have set, then what was
 * longest of no use. */
static bool is_less(const struct cookie_entry *a, const struct cookie_entry *b)
{
	if (b == NULL || a->c.secure != b->c.secure)
		return b == NULL || !a->c.secure;
	return a->used < b->used;
}

static size_t count_site(cio_link *list, cio_str site,
	struct cookie_entry **least)
{
	struct cookie_entry *e;
	size_t n = 0;
	*least = NULL;
	EACH (e, next, list) {
		if (!cio_str_equal(e->site, site))
			continue;
		n++;
		if (is_less(e, *least))
			*least = e;
	}
	return n;
}

static void make_room(cio_cookie_jar *jar, cio_str site, int64_t now)
{
	struct cookie_entry *least, *e;
	cio_link *list = list_of(jar, site);
	expire(jar, list, now);
	if (count_site(list, site, &least) >= jar->o.limit_per_site)
		drop(jar, least);
	if (jar->count < jar->o.limit)
		return;
	cookies_expire(jar, now);
	if (jar->count < jar->o.limit)
		return;
	least = NULL;
	for (size_t i = 0; i < COOKIE_SITES; i++)
		EACH (e, next, &jar->sites[i])
			if (least == NULL || e->used < least->used)
				least = e;
	drop(jar, least);
}

/* ---- in ---- */

static bool is_same(const struct cookie *a, const struct cookie *b)
{
	return cio_str_equal(a->name, b->name) &&
		cio_str_equal_nocase(a->domain, b->domain) &&
		a->host_only == b->host_only && cio_str_equal(a->path, b->path);
}

static struct cookie_entry *find_same(cio_link *list, const struct cookie *c)
{
	struct cookie_entry *e;
	EACH (e, next, list)
		if (is_same(&e->c, c))
			return e;
	return NULL;
}

/* Is a to be sent after b? */
static bool goes_after(const struct cookie_entry *a,
	const struct cookie_entry *b)
{
	return a->c.path.n != b->c.path.n ? a->c.path.n < b->c.path.n :
					    a->born > b->born;
}

void cookies_put(cio_cookie_jar *jar, struct cookie_entry *e, int64_t now)
{
	cio_link *list = list_of(jar, e->site);
	struct cookie_entry *old = find_same(list, &e->c);
	e->born = e->used = ++jar->counter;
	if (old != NULL) {
		e->born = old->born;
		drop(jar, old);
	}
	make_room(jar, e->site, now);
	if (list->next == NULL)
		list_init(list);
	cio_link *before = list->next;
	while (before != list && goes_after(e, entry_at(before)))
		before = before->next;
	list_push(before, &e->link);
	jar->count++;
}

const char *cookie_refused(const struct cookie *c)
{
	if (cio__cookie_is_secure_prefixed(c->name) && !c->secure)
		return "its name begins with __Secure-, and it is not Secure";
	if (cio__cookie_is_host_prefixed(c->name) &&
		(!c->secure || !c->host_only ||
			!cio_str_equal(c->path, cio_str_of("/"))))
		return "its name begins with __Host-, which asks for Secure, "
		       "Path=/ and no Domain";
	return NULL;
}

/* Set the domain that it is for. */
static const char *check_domain(struct cookie *c, const struct origin *o)
{
	cio_str host = cio_str_of(o->host), domain = c->domain;
	c->domain = host;
	c->host_only = true;
	if (domain.n == 0)
		return NULL;
	if (o->address ? !cio_str_equal_nocase(host, domain) :
			 !cio__cookie_domain_matches(host, domain))
		return "its Domain is not one that the host lies in";
	/* the same in lower case, and terminated */
	domain = cio__after(host, host.n - domain.n);
	if (o->address || cookie_is_public_suffix(domain.p))
		return domain.n == host.n ? NULL :
					    "its Domain is a public suffix";
	c->domain = domain;
	c->host_only = false;
	return NULL;
}

/* May a cookie of http hide a Secure one? Then who can write in http could. */
static bool hides_secure(cio_link *list, const struct cookie *c)
{
	struct cookie_entry *e;
	EACH (e, next, list)
		if (e->c.secure && cio_str_equal(e->c.name, c->name) &&
			(cio__cookie_domain_matches(e->c.domain, c->domain) ||
				cio__cookie_domain_matches(c->domain,
					e->c.domain)) &&
			cio__cookie_path_matches(c->path, e->c.path))
			return true;
	return false;
}

static const char *check(struct cookie *c, const struct origin *o)
{
	const char *why = check_domain(c, o);
	if (why != NULL)
		return why;
	if (c->secure && !o->secure)
		return "it is Secure, and came over http";
	why = cookie_refused(c); /* an explicit path */
	if (c->path.n == 0)
		c->path = cio__cookie_default_path(o->path);
	return why;
}

/* Max-Age counts more than Expires. */
static void set_end(struct cookie *c, int64_t now)
{
	if (!c->has_max_age)
		return;
	c->has_expires = true;
	c->expires = now + c->max_age;
}

int cookies_set(cio_cookie_jar *jar, const struct url *u, cio_str set_cookie,
	int64_t now, const char **why)
{
	struct origin o = origin_of(jar, u);
	struct cookie c;
	if (cio__cookie_parse(&c, set_cookie, why) < 0)
		return -EINVAL;
	*why = check(&c, &o);
	if (*why != NULL)
		return -EINVAL;
	set_end(&c, now);
	cio_link *list = list_of(jar, site_of(o.host, o.address));
	if (!o.secure && hides_secure(list, &c)) {
		*why = "it came over http and would hide a Secure one";
		return -EINVAL;
	}
	if (!cookie_lives(&c, now)) {
		struct cookie_entry *old = find_same(list, &c);
		if (old != NULL)
			drop(jar, old);
		return 0;
	}
	struct cookie_entry *e = cookie_entry_new(&c, now);
	if (e == NULL)
		return -ENOMEM;
	cookies_put(jar, e, now);
	return 0;
}

/* ---- out ---- */

static bool is_for(const struct cookie *c, const struct origin *o)
{
	cio_str host = cio_str_of(o->host);
	bool here = c->host_only || o->address ?
		cio_str_equal(c->domain, host) :
		cio__cookie_domain_matches(host, c->domain);
	return here && (o->secure || !c->secure) &&
		cio__cookie_path_matches(o->path, c->path);
}

/* Does the value of a Cookie header have a cookie of that name? */
static bool says(cio_str header, cio_str name)
{
	while (header.n > 0) {
		const char *end = memchr(header.p, ';', header.n);
		size_t n = end != NULL ? (size_t)(end - header.p) : header.n;
		const char *equals = memchr(header.p, '=', n);
		if (equals != NULL && cio_str_equal(name,
			cio__trim((cio_str){header.p,
				(size_t)(equals - header.p)})))
			return true;
		header = cio__after(header, end != NULL ? n + 1 : n);
	}
	return false;
}

static int write_cookie(cio_buf *out, const struct cookie *c, bool first)
{
	int err = cio_buf_reserve(out, c->name.n + c->value.n + 3);
	err = err < 0 || first ? err : cio_buf_puts(out, "; ");
	err = err < 0 ? err : cio_buf_append(out, c->name.p, c->name.n);
	err = err < 0 ? err : cio_buf_puts(out, "=");
	return err < 0 ? err : cio_buf_append(out, c->value.p, c->value.n);
}

int cookies_get(cio_cookie_jar *jar, const struct url *u, cio_str own,
	int64_t now, cio_buf *out)
{
	struct origin o = origin_of(jar, u);
	cio_link *list = list_of(jar, site_of(o.host, o.address));
	size_t start = out->n, left = COOKIE_LINE - strlen("Cookie: ");
	struct cookie_entry *e;
	int err = 0, sent = 0;
	left -= own.n < left ? own.n : left;
	EACH (e, next, list) {
		if (!cookie_lives(&e->c, now)) {
			drop(jar, e);
			continue;
		}
		if (!is_for(&e->c, &o) || says(own, e->c.name))
			continue;
		bool first = own.n == 0 && out->n == start;
		size_t n = e->c.name.n + e->c.value.n + (first ? 1 : 3);
		if (sent == COOKIES_SENT || n > left)
			break;
		err = write_cookie(out, &e->c, first);
		if (err < 0)
			break;
		e->used = ++jar->counter;
		left -= n;
		sent++;
	}
	if (err < 0 && out->p != NULL) {
		out->n = start;
		out->p[start] = '\0';
	}
	return err;
}

/* ---- the public side ---- */

int cio_cookie_jar_open(cio_cookie_jar **out,
	const cio_cookie_jar_options *options)
{
	cio_cookie_jar *jar = cio__zalloc(sizeof *jar);
	if (jar == NULL)
		return -ENOMEM;
	if (options != NULL)
		jar->o = *options;
	if (jar->o.limit == 0)
		jar->o.limit = 3000;
	if (jar->o.limit_per_site == 0)
		jar->o.limit_per_site = 180;
	*out = jar;
	return 0;
}

void cio_cookie_jar_clear(cio_cookie_jar *jar, const char *domain)
{
	cio_str name = cio_str_of(domain);
	struct cookie_entry *e;
	if (name.n > 0 && name.p[0] == '.')
		name = cio__after(name, 1);
	for (size_t i = 0; i < COOKIE_SITES; i++)
		EACH (e, next, &jar->sites[i])
			if (domain == NULL || cio__cookie_domain_matches(
						      e->c.domain, name))
				drop(jar, e);
}

void cio_cookie_jar_close(cio_cookie_jar *jar)
{
	if (jar == NULL)
		return;
	cio_cookie_jar_clear(jar, NULL);
	cio__free(jar);
}

static int parse_url(struct url *u, const char *url)
{
	const char *why;
	if (cio__url_parse(u, cio_str_of(url), &why) < 0)
		return cio_fail(-CIO_EURL, "cookie jar: %s", why);
	return 0;
}

int cio_cookie_jar_set(cio_cookie_jar *jar, const char *url,
	const char *set_cookie)
{
	struct url u;
	const char *why;
	int err = parse_url(&u, url);
	if (err < 0)
		return err;
	err = cookies_set(jar, &u, cio_str_of(set_cookie), time(NULL), &why);
	return err == -EINVAL ? cio_fail(err, "cookie refused: %s", why) : err;
}

int cio_cookie_jar_get(cio_cookie_jar *jar, const char *url, cio_buf *out)
{
	struct url u;
	int err = parse_url(&u, url);
	return err < 0 ? err :
			 cookies_get(jar, &u, (cio_str){0}, time(NULL), out);
}

size_t cio_cookie_jar_count(cio_cookie_jar *jar)
{
	cookies_expire(jar, time(NULL));
	return jar->count;
}
