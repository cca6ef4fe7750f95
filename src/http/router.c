/* SPDX-License-Identifier: MIT */
/*
 * router.c - which handler answers a path
 *
 * A tree with one level for each segment between slashes. A node has children
 * for fixed texts, sorted, and at most one for numbers and one for any text;
 * they are tried in this order, so the order of the routes does not matter.
 * Each node is looked at once for a path at most, since only one way leads to
 * it: the search is bounded by the number of routes.
 *
 * Escapes are undone segment by segment, after cutting at the slashes, so that
 * %2F is a byte of a value and never a separator.
 */
#include "http/server.h"

#include <assert.h>
#include <errno.h>

#include "base/mem.h"
#include "wire/chars.h"

struct param {
	cio_str name;
	uint8_t segment; /* counted from 0 */
	bool is_int;
};

/* The end of a route. */
struct leaf {
	const cio_route *route;
	size_t n;
	struct param params[ROUTE_PARAMS];
};

struct node {
	cio_str text; /* the fixed text that leads here */
	struct node **fixed;
	size_t n;
	struct node *number, *any;
	struct leaf *leaves[CIO_METHODS];
};

struct router {
	struct node root;
	unsigned allow; /* cio__router_allow */
};

/* ---- patterns ---- */

/* Cut the first segment off `rest`, which begins behind its slash. False if
 * there is none left. */
static bool next_segment(cio_str *rest, cio_str *segment)
{
	if (rest->p == NULL)
		return false;
	const char *slash = rest->n > 0 ? memchr(rest->p, '/', rest->n) : NULL;
	size_t n = slash != NULL ? (size_t)(slash - rest->p) : rest->n;
	*segment = (cio_str){rest->p, n};
	*rest = slash != NULL ? cio__after(*rest, n + 1) : (cio_str){0};
	return true;
}

static bool is_fixed(cio_str segment)
{
	for (size_t i = 0; i < segment.n; i++) {
		unsigned char c = (unsigned char)segment.p[i];
		if (c < ' ' || c == 0x7f || strchr("%?#{}", c) != NULL)
			return false;
	}
	return true;
}

/* "{name}" or "{name:int}" */
static bool is_param(cio_str segment, struct param *out)
{
	if (segment.n < 3 || segment.p[0] != '{' ||
		segment.p[segment.n - 1] != '}')
		return false;
	cio_str name = {segment.p + 1, segment.n - 2};
	out->is_int = name.n > 4 && memcmp(name.p + name.n - 4, ":int", 4) == 0;
	if (out->is_int)
		name.n -= 4;
	for (size_t i = 0; i < name.n; i++)
		if (!cio__char_is(name.p[i], CHAR_ALPHA | CHAR_DIGIT) &&
			name.p[i] != '_')
			return false;
	out->name = name;
	return true;
}

static bool has_param(const struct leaf *leaf, cio_str name)
{
	for (size_t i = 0; i < leaf->n; i++)
		if (cio_str_equal(leaf->params[i].name, name))
			return true;
	return false;
}

/* ---- building ---- */

static int compare(cio_str a, cio_str b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return a.n > 0 ? memcmp(a.p, b.p, a.n) : 0;
}

/* Where the child of that text is, or would be. */
static size_t place_of(const struct node *at, cio_str text)
{
	size_t low = 0, high = at->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare(at->fixed[middle]->text, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct node *find_fixed(const struct node *at, cio_str text)
{
	size_t i = place_of(at, text);
	if (i == at->n || compare(at->fixed[i]->text, text) != 0)
		return NULL;
	return at->fixed[i];
}

static struct node *add_fixed(struct node *at, cio_str text)
{
	struct node *old = find_fixed(at, text);
	if (old != NULL)
		return old;
	struct node **list = cio__realloc(at->fixed,
		(at->n + 1) * sizeof(struct node *));
	if (list == NULL)
		return NULL;
	at->fixed = list;
	struct node *new = cio__zalloc(sizeof *new);
	if (new == NULL)
		return NULL;
	new->text = text;
	size_t i = place_of(at, text);
	memmove(list + i + 1, list + i, (at->n - i) * sizeof(struct node *));
	list[i] = new;
	at->n++;
	return new;
}

static struct node *add_param(struct node *at, const struct param *p)
{
	struct node **child = p->is_int ? &at->number : &at->any;
	if (*child == NULL)
		*child = cio__zalloc(sizeof **child);
	return *child;
}

static int bad(const cio_route *route, const char *why)
{
	return cio_fail(-EINVAL, "route %s: %s", route->path, why);
}

/* Go, or make, one step of the pattern; notes a parameter in the leaf. */
static int step(struct node **at, struct leaf *leaf, cio_str segment, size_t i)
{
	struct param p = {.segment = (uint8_t)i};
	if (i == ROUTE_SEGMENTS)
		return bad(leaf->route, "too many segments");
	if (is_param(segment, &p)) {
		if (leaf->n == ROUTE_PARAMS)
			return bad(leaf->route, "too many parameters");
		if (has_param(leaf, p.name))
			return bad(leaf->route, "two parameters of one name");
		leaf->params[leaf->n++] = p;
		*at = add_param(*at, &p);
	} else if (is_fixed(segment)) {
		*at = add_fixed(*at, segment);
	} else {
		return bad(leaf->route, "a segment is plain text without "
			"escapes, {name} or {name:int}");
	}
	return *at != NULL ? 0 : -ENOMEM;
}

static int add_leaf(struct router *r, struct leaf *leaf)
{
	const cio_route *route = leaf->route;
	if ((unsigned)route->method >= CIO_METHODS)
		return bad(route, "no such method");
	if (route->path[0] != '/')
		return bad(route, "a path begins with /");

	struct node *at = &r->root;
	cio_str rest = cio_str_of(route->path + 1), segment;
	for (size_t i = 0; next_segment(&rest, &segment); i++) {
		int err = step(&at, leaf, segment, i);
		if (err < 0)
			return err;
	}
	struct leaf *old = at->leaves[route->method];
	if (old != NULL)
		return cio_fail(-EINVAL, "routes %s %s and %s %s are the same",
			cio_http_method_name(route->method), old->route->path,
			cio_http_method_name(route->method), route->path);
	at->leaves[route->method] = leaf;
	r->allow |= 1u << route->method;
	if (route->method == CIO_GET)
		r->allow |= 1u << CIO_HEAD;
	return 0;
}

static int add(struct router *r, const cio_route *route)
{
	if (route->path == NULL)
		return cio_fail(-EINVAL, "a route has no path");
	struct leaf *leaf = cio__zalloc(sizeof *leaf);
	if (leaf == NULL)
		return -ENOMEM;
	leaf->route = route;
	int err = add_leaf(r, leaf);
	if (err < 0)
		cio__free(leaf);
	return err;
}

int cio__router_open(struct router **out, const cio_route *routes)
{
	struct router *r = cio__zalloc(sizeof *r);
	int err = r != NULL ? 0 : -ENOMEM;
	for (; err == 0 && routes != NULL && routes->handler != NULL; routes++)
		err = add(r, routes);
	if (err < 0) {
		cio__router_close(r);
		return err;
	}
	*out = r;
	return 0;
}

unsigned cio__router_allow(const struct router *r)
{
	return r->allow | 1u << CIO_OPTIONS;
}

/* As deep as the longest pattern. */
static void finish(struct node *at)
{
	struct node *params[] = {at->number, at->any};
	for (size_t i = 0; i < at->n; i++) {
		finish(at->fixed[i]);
		cio__free(at->fixed[i]);
	}
	for (int i = 0; i < 2; i++) {
		if (params[i] != NULL)
			finish(params[i]);
		cio__free(params[i]);
	}
	for (int m = 0; m < CIO_METHODS; m++)
		cio__free(at->leaves[m]);
	cio__free(at->fixed);
}

void cio__router_close(struct router *r)
{
	if (r == NULL)
		return;
	finish(&r->root);
	cio__free(r);
}

/* ---- a path's segments ---- */

/* Undo the escapes; `to` has room. The length, or -EINVAL. */
static ssize_t decode(cio_str from, char *to)
{
	size_t n = 0;
	for (size_t i = 0; i < from.n; i++) {
		char c = from.p[i];
		if (c == '%') {
			if (from.n - i < 3 ||
				!cio__char_is(from.p[i + 1], CHAR_HEX) ||
				!cio__char_is(from.p[i + 2], CHAR_HEX))
				return -EINVAL;
			c = (char)(cio__hex(from.p[i + 1]) << 4 |
				cio__hex(from.p[i + 2]));
			if (c == '\0')
				return -EINVAL;
			i += 2;
		}
		to[n++] = c;
	}
	return (ssize_t)n;
}

/* Cut and decode the path: how many segments (the first ROUTE_SEGMENTS are in
 * `out`), or -EINVAL, -ENOMEM. */
static int split(cio_str path, cio_buf *decoded, cio_str out[ROUTE_SEGMENTS])
{
	cio_str rest = cio__after(path, 1), segment;
	bool escapes = memchr(path.p, '%', path.n) != NULL;
	if (escapes) {
		cio_buf_clear(decoded);
		int err = cio_buf_reserve(decoded, path.n); /* it never moves */
		if (err < 0)
			return err;
	}
	int i = 0;
	for (; next_segment(&rest, &segment); i++) {
		if (escapes) {
			char *to = decoded->p + decoded->n;
			ssize_t n = decode(segment, to);
			if (n < 0)
				return (int)n;
			decoded->n += (size_t)n;
			segment = (cio_str){to, (size_t)n};
		}
		if (i < ROUTE_SEGMENTS)
			out[i] = segment;
	}
	return i;
}

/* ---- searching ---- */

struct search {
	cio_str segments[ROUTE_SEGMENTS];
	size_t n;
	cio_http_method method;
	unsigned allow;
};

static bool to_int(cio_str s, int64_t *out)
{
	int64_t v = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (!cio__char_is(s.p[i], CHAR_DIGIT) ||
			__builtin_mul_overflow(v, 10, &v) ||
			__builtin_add_overflow(v, s.p[i] - '0', &v))
			return false;
	}
	*out = v;
	return s.n > 0;
}

static const struct leaf *leaf_for(const struct node *at, struct search *s)
{
	for (int m = 0; m < CIO_METHODS; m++)
		if (at->leaves[m] != NULL)
			s->allow |= 1u << m;
	if (at->leaves[CIO_GET] != NULL)
		s->allow |= 1u << CIO_HEAD;
	const struct leaf *leaf = at->leaves[s->method];
	if (leaf == NULL && s->method == CIO_HEAD)
		leaf = at->leaves[CIO_GET];
	return leaf;
}

static const struct leaf *descend(const struct node *at, struct search *s,
	size_t i)
{
	if (i == s->n)
		return leaf_for(at, s);

	cio_str segment = s->segments[i];
	const struct node *fixed = find_fixed(at, segment);
	const struct leaf *leaf = NULL;
	int64_t number;
	if (fixed != NULL)
		leaf = descend(fixed, s, i + 1);
	if (leaf == NULL && at->number != NULL && to_int(segment, &number))
		leaf = descend(at->number, s, i + 1);
	if (leaf == NULL && at->any != NULL && segment.n > 0)
		leaf = descend(at->any, s, i + 1);
	return leaf;
}

int cio__router_find(const struct router *r, cio_http_method m, cio_str path,
	cio_buf *decoded, struct route_match *out)
{
	struct search s;
	s.method = m;
	s.allow = 0;
	out->leaf = NULL;
	out->allow = 0;
	if (path.n == 0 || path.p[0] != '/')
		return -ENOENT; /* "*" */
	int n = split(path, decoded, s.segments);
	if (n < 0)
		return n;
	if (n > ROUTE_SEGMENTS)
		return -ENOENT;
	s.n = (size_t)n;

	const struct leaf *leaf = descend(&r->root, &s, 0);
	out->allow = s.allow;
	if (leaf == NULL)
		return s.allow != 0 ? -EOPNOTSUPP : -ENOENT;
	out->leaf = leaf;
	out->handler = leaf->route->handler;
	for (size_t i = 0; i < leaf->n; i++)
		out->values[i] = s.segments[leaf->params[i].segment];
	return 0;
}

/* ---- what was found ---- */

static const struct param *find_param(const struct route_match *m,
	const char *name, size_t *i)
{
	cio_str want = cio_str_of(name);
	for (*i = 0; m->leaf != NULL && *i < m->leaf->n; ++*i)
		if (cio_str_equal(m->leaf->params[*i].name, want))
			return &m->leaf->params[*i];
	return NULL;
}

cio_str cio__route_str(const struct route_match *m, const char *name)
{
	size_t i;
	return find_param(m, name, &i) != NULL ? m->values[i] : (cio_str){0};
}

int64_t cio__route_int(const struct route_match *m, const char *name)
{
	size_t i;
	int64_t v = 0;
	const struct param *p = find_param(m, name, &i);
	if (p == NULL || !p->is_int)
		return 0;
	return to_int(m->values[i], &v) ? v : 0;
}
