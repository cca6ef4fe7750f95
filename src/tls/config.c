/* SPDX-License-Identifier: MIT */
/*
 * config.c - the options of TLS connections, and what is made of them
 *
 * The files are read when the first connection needs them, once: others that
 * come meanwhile wait at a lock. A failure is not remembered, so that a file
 * that is mended is found.
 */
#include <cio/tls.h>

#include <errno.h>

#include <cio/impl.h>
#include <cio/thread.h>

#include "base/mem.h"
#include "base/option_name.h"
#include "tls/tls.h"

enum { DEFAULT_SESSIONS = 256, MOST_ALPN = 255 };

/* ---- copies ---- */

static int copy_texts(cio_tls_config *c)
{
	cio_tls_options *o = &c->o;
	const char **texts[] = {&o->ca_file, &o->ca_path, &o->certificate_file,
		&o->key_file, &o->ciphers, &o->ciphersuites};
	enum { COUNT = sizeof texts / sizeof *texts };
	size_t total = 0;
	for (size_t i = 0; i < COUNT; i++)
		total += *texts[i] != NULL ? strlen(*texts[i]) + 1 : 0;
	char *at = c->texts = cio__alloc(total);
	if (at == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < COUNT; i++) {
		if (*texts[i] == NULL)
			continue;
		size_t n = strlen(*texts[i]) + 1;
		*texts[i] = memcpy(at, *texts[i], n);
		at += n;
	}
	return 0;
}

static int copy_pins(cio_tls_config *c)
{
	const char *const *pins = c->o.pin_sha256;
	c->o.pin_sha256 = NULL;
	size_t n = 0;
	while (pins != NULL && pins[n] != NULL)
		n++;
	if (pins == NULL)
		return 0;
	if (n == 0)
		return cio_fail(-EINVAL, "%s: the list is empty, so "
			"nobody could be accepted", cio__option_name("pin_sha256"));
	c->pins = cio__alloc(n * sizeof *c->pins);
	if (c->pins == NULL)
		return -ENOMEM;
	for (; c->pin_count < n; c->pin_count++) {
		const char *pin = pins[c->pin_count];
		if (cio__tls_pin_parse(pin, c->pins[c->pin_count]) < 0)
			return cio_fail(-EINVAL, "%s \"%s\": must be "
				"the base64 of 32 bytes",
				cio__option_name("pin_sha256"), pin);
	}
	return 0;
}

/* "h2,http/1.1" to lengths and bytes. */
static int copy_alpn(cio_tls_config *c)
{
	const char *at = c->o.alpn;
	c->o.alpn = NULL;
	if (at == NULL)
		return 0;
	c->alpn = cio__alloc(strlen(at) + 1);
	if (c->alpn == NULL)
		return -ENOMEM;
	for (;;) {
		size_t n = strcspn(at, ",");
		if (n == 0 || n > MOST_ALPN)
			return cio_fail(-EINVAL, "alpn: protocols of 1 to 255 "
				"bytes with commas between, as \"h2,http/1.1\"");
		c->alpn[c->alpn_n++] = (unsigned char)n;
		memcpy(c->alpn + c->alpn_n, at, n);
		c->alpn_n += n;
		if (at[n] == '\0')
			return 0;
		at += n + 1;
	}
}

static int check(const cio_tls_options *o)
{
	if (o->verify_client && o->ca_file == NULL && o->ca_path == NULL)
		return cio_fail(-EINVAL, "verify_client: say by ca_file or "
			"ca_path whose clients are welcome");
	if (o->key_file != NULL && o->certificate_file == NULL)
		return cio_fail(-EINVAL, "key_file needs a certificate_file");
	if ((unsigned)o->min_version > CIO_TLS_1_3 ||
		(unsigned)o->max_version > CIO_TLS_1_3 ||
		(o->max_version != CIO_TLS_DEFAULT &&
			o->min_version > o->max_version))
		return cio_fail(-EINVAL, "min_version and max_version leave "
			"no version");
	return 0;
}

/* ---- open, close ---- */

static void let_go(cio_tls_config *c)
{
	if (--c->holders > 0)
		return;
	cio__tls_sessions_clear(&c->sessions);
	SSL_CTX_free(c->context);
	BIO_meth_free(c->method);
	cio__free(c->texts);
	cio__free(c->alpn);
	cio__free(c->pins);
	cio__free(c);
}

int cio_tls_config_open(cio_tls_config **out, const cio_tls_options *options)
{
	static const cio_tls_options defaults;
	if (options == NULL)
		options = &defaults;
	int err = check(options);
	if (err < 0)
		return err;
	cio_tls_config *c = cio__zalloc(sizeof *c);
	if (c == NULL)
		return -ENOMEM;
	c->o = *options;
	c->holders = 1;
	list_init(&c->sessions.list);
	c->sessions.most = options->session_cache > 0 ?
		options->session_cache : DEFAULT_SESSIONS;
	if (c->o.handshake_timeout <= 0)
		c->o.handshake_timeout = CIO_S(10);
	if (c->o.key_file == NULL)
		c->o.key_file = c->o.certificate_file;
	err = copy_texts(c);
	err = err < 0 ? err : copy_pins(c);
	err = err < 0 ? err : copy_alpn(c);
	if (err < 0) {
		let_go(c);
		return err;
	}
	*out = c;
	return 0;
}

void cio__tls_config_hold(cio_tls_config *c)
{
	c->holders++;
}

void cio_tls_config_close(cio_tls_config *c)
{
	if (c != NULL)
		let_go(c);
}

/* ---- the files ---- */

static int load(cio_tls_config *c, bool trust)
{
	struct load job = {.config = c,
		.want_context = c->context == NULL,
		.want_trust = trust && !c->trusts};
	if (!job.want_context && !job.want_trust)
		return 0;
	if (c->method == NULL)
		c->method = cio__tls_bio_method();
	if (c->method == NULL)
		return -ENOMEM;
	int err = cio_to_thread(cio__tls_load, &job);
	if (err < 0 && job.why[0] != '\0')
		return cio_fail(err, "%s", job.why);
	if (err < 0)
		return err;
	if (job.context != NULL)
		c->context = job.context;
	if (job.trust != NULL) {
		SSL_CTX_set_cert_store(c->context, job.trust);
		c->trusts = true;
	}
	return 0;
}

int cio__tls_config_ready(cio_tls_config *c, bool trust)
{
	if (c->context != NULL && (c->trusts || !trust))
		return cio_refused();
	/* whoever opened it may close it while we wait */
	cio__tls_config_hold(c);
	int err;
	CIO_LOCKED(&c->loading, &err)
		err = load(c, trust);
	let_go(c);
	return err;
}

/* A server needs to trust nobody; its options say if it does. */
static bool wants_trust(const cio_tls_options *o)
{
	if (o->verify_client)
		return true;
	return !o->insecure && (o->certificate_file == NULL ||
		o->ca_file != NULL || o->ca_path != NULL);
}

int cio_tls_config_load(cio_tls_config *c)
{
	return cio__tls_config_ready(c, wants_trust(&c->o));
}
