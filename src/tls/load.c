/* SPDX-License-Identifier: MIT */
/*
 * load.c - files to OpenSSL's objects; in a thread, for it blocks
 *
 * Folders of CAs are read whole: OpenSSL would look into them in the middle of
 * a handshake, on the loop.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/err.h>

#include "base/option_name.h"
#include "tls/tls.h"

static int refuse(struct load *l, const char *option, const char *value)
{
	cio__tls_explain_load(l->why, sizeof l->why, cio__option_name(option),
		value);
	return -CIO_ETLS;
}

/* ---- whom to trust ---- */

/* Where systems keep their CAs in one file. */
static const char *system_file(void)
{
	static const char *const places[] = {
		"/etc/ssl/certs/ca-certificates.crt", /* Debian, Arch, Alpine */
		"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
		"/etc/ssl/ca-bundle.pem",             /* SUSE */
		"/etc/ssl/cert.pem",                  /* OpenBSD, others */
	};
	const char *said = getenv(X509_get_default_cert_file_env());
	if (said != NULL)
		return said;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return X509_get_default_cert_file();
}

static int trust_system(struct load *l, X509_STORE *store)
{
	const char *file = system_file();
	if (getenv(X509_get_default_cert_dir_env()) != NULL)
		return X509_STORE_set_default_paths(store) ? 0 : -ENOMEM;
	if (X509_STORE_load_file(store, file) != 1) {
		char what[OPTION_HINT + 20], hint[OPTION_HINT];
		(void)snprintf(what, sizeof what, "the system's CAs%s",
			cio__option_hint(hint, "ca_file"));
		cio__tls_explain_load(l->why, sizeof l->why, what, file);
		return -CIO_ETLS;
	}
	return 0;
}

/* Its certificate files, however they are called; others are passed over. */
static int trust_folder(struct load *l, X509_STORE *store, const char *path)
{
	int found = 0;
	DIR *dir = opendir(path);
	if (dir == NULL) {
		snprintf(l->why, sizeof l->why, "ca_path %s: %s", path,
			cio_strerror(errno));
		return -CIO_ETLS;
	}
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		char file[4096];
		if (e->d_name[0] == '.' || e->d_type == DT_DIR ||
			(size_t)snprintf(file, sizeof file, "%s/%s", path,
				e->d_name) >= sizeof file)
			continue;
		found += X509_STORE_load_file(store, file) == 1;
		ERR_clear_error();
	}
	closedir(dir);
	if (found > 0)
		return 0;
	snprintf(l->why, sizeof l->why, "ca_path %s: no certificate in it", path);
	return -CIO_ETLS;
}

static int load_trust(struct load *l)
{
	const cio_tls_options *o = &l->config->o;
	X509_STORE *store = X509_STORE_new();
	if (store == NULL)
		return -ENOMEM;
	int err = 0;
	if (o->ca_file != NULL && X509_STORE_load_file(store, o->ca_file) != 1)
		err = refuse(l, "ca_file", o->ca_file);
	if (err == 0 && o->ca_path != NULL)
		err = trust_folder(l, store, o->ca_path);
	if (o->ca_file == NULL && o->ca_path == NULL)
		err = trust_system(l, store);
	if (err < 0)
		X509_STORE_free(store);
	else
		l->trust = store;
	return err;
}

/* ---- who we are ---- */

/* OpenSSL would ask at the terminal. */
static int no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

/* A key that nobody named was to be in the certificate's file. */
static int refuse_key(struct load *l)
{
	const cio_tls_options *o = &l->config->o;
	bool together = strcmp(o->key_file, o->certificate_file) == 0;
	int lib = ERR_GET_LIB(ERR_peek_error());
	if (!together || (lib != ERR_LIB_PEM && lib != ERR_LIB_OSSL_DECODER))
		return refuse(l, together ? "certificate_file" : "key_file",
			o->key_file);
	(void)snprintf(l->why, sizeof l->why, "%s %s: no key in it: give %s",
		cio__option_name("certificate_file"), o->certificate_file,
		cio__option_name("key_file"));
	return -CIO_ETLS;
}

static int load_certificate(struct load *l, SSL_CTX *x)
{
	const cio_tls_options *o = &l->config->o;
	if (o->certificate_file == NULL)
		return 0;
	SSL_CTX_set_default_passwd_cb(x, no_password);
	if (SSL_CTX_use_certificate_chain_file(x, o->certificate_file) != 1)
		return refuse(l, "certificate_file", o->certificate_file);
	if (SSL_CTX_use_PrivateKey_file(x, o->key_file, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_check_private_key(x) != 1)
		return refuse_key(l);
	return 0;
}

/* Clients choose their certificate by these names. */
static int name_welcome(struct load *l, SSL_CTX *x)
{
	if (!l->config->o.verify_client)
		return 0;
	STACK_OF(X509) *all = X509_STORE_get1_all_certs(l->trust);
	for (int i = 0; i < sk_X509_num(all); i++)
		(void)SSL_CTX_add_client_CA(x, sk_X509_value(all, i));
	sk_X509_pop_free(all, X509_free);
	return 0;
}

/* ---- how ---- */

static int version_of(cio_tls_version v)
{
	return v == CIO_TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

static int set_ciphers(struct load *l, SSL_CTX *x)
{
	const cio_tls_options *o = &l->config->o;
	if (o->ciphers != NULL && SSL_CTX_set_cipher_list(x, o->ciphers) != 1)
		return refuse(l, "ciphers", o->ciphers);
	if (o->ciphersuites != NULL &&
		SSL_CTX_set_ciphersuites(x, o->ciphersuites) != 1)
		return refuse(l, "ciphersuites", o->ciphersuites);
	return 0;
}

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *n,
	const unsigned char *offered, unsigned int offered_n, void *arg)
{
	const cio_tls_config *c = arg;
	unsigned char *chosen;
	(void)ssl;
	if (SSL_select_next_proto(&chosen, n, c->alpn, (unsigned)c->alpn_n,
		offered, offered_n) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static int set_alpn(const cio_tls_config *c, SSL_CTX *x)
{
	if (c->alpn == NULL)
		return 0;
	SSL_CTX_set_alpn_select_cb(x, choose_alpn, (void *)(uintptr_t)c);
	return SSL_CTX_set_alpn_protos(x, c->alpn, (unsigned)c->alpn_n) == 0 ?
		0 : -ENOMEM;
}

/* OpenSSL gives a client its session: 1 keeps it. */
static int new_session(SSL *ssl, SSL_SESSION *session)
{
	struct tls *t = SSL_get_app_data(ssl);
	return t->keeps && cio__tls_sessions_put(&t->config->sessions, t->name,
		t->port, session);
}

/* Clients' sessions are kept by us, servers' by the clients, in tickets. */
static void set_resumption(const cio_tls_config *c, SSL_CTX *x)
{
	static const unsigned char id[] = "cio";
	if (c->o.no_resumption) {
		SSL_CTX_set_session_cache_mode(x, SSL_SESS_CACHE_OFF);
		SSL_CTX_set_options(x, SSL_OP_NO_TICKET);
		(void)SSL_CTX_set_num_tickets(x, 0);
		return;
	}
	SSL_CTX_set_session_cache_mode(x,
		SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(x, new_session);
	/* without it no session of a verified client is resumed */
	(void)SSL_CTX_set_session_id_context(x, id, sizeof id - 1);
}

static int configure(struct load *l, SSL_CTX *x)
{
	const cio_tls_options *o = &l->config->o;
	SSL_CTX_set_options(x, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
		SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(x, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	(void)SSL_CTX_set_min_proto_version(x, version_of(o->min_version));
	if (o->max_version != CIO_TLS_DEFAULT)
		(void)SSL_CTX_set_max_proto_version(x,
			version_of(o->max_version));
	set_resumption(l->config, x);
	int err = set_ciphers(l, x);
	err = err < 0 ? err : set_alpn(l->config, x);
	err = err < 0 ? err : load_certificate(l, x);
	return err < 0 ? err : name_welcome(l, x);
}

static int load_context(struct load *l)
{
	SSL_CTX *x = SSL_CTX_new(TLS_method());
	if (x == NULL)
		return -ENOMEM;
	int err = configure(l, x);
	if (err < 0)
		SSL_CTX_free(x);
	else
		l->context = x;
	return err;
}

int cio__tls_load(void *load)
{
	struct load *l = load;
	ERR_clear_error();
	int err = l->want_trust ? load_trust(l) : 0;
	if (err == 0 && l->want_context)
		err = load_context(l);
	if (err < 0) {
		X509_STORE_free(l->trust);
		l->trust = NULL;
	}
	ERR_clear_error();
	return err;
}
