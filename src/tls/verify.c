/* SPDX-License-Identifier: MIT */
/*
 * verify.c - is the peer who we mean?
 *
 * OpenSSL checks chain, dates, purpose and name; here is what it is told to
 * check, and in words what it found. What a certificate says about itself is
 * shown only after everything unprintable is gone from it.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include <cio/dns.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "base/option_name.h"
#include "tls/tls.h"

enum { MOST_NAME = 253, NAMES_ROOM = 112, DATE_ROOM = 16 };

/* ---- what certificates say ---- */

static void make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || (unsigned char)*text > '~')
			*text = '?';
}

void cio__tls_subject(X509 *certificate, char *out, size_t room)
{
	BIO *b = BIO_new(BIO_s_mem());
	int n = 0;
	if (b != NULL && certificate != NULL &&
		X509_NAME_print_ex(b, X509_get_subject_name(certificate), 0,
			XN_FLAG_ONELINE) >= 0)
		n = BIO_read(b, out, (int)room - 1);
	out[n > 0 ? n : 0] = '\0';
	make_printable(out);
	BIO_free(b);
}

static const char *address_text(const ASN1_OCTET_STRING *ip, char *text,
	size_t room)
{
	const unsigned char *p = ASN1_STRING_get0_data(ip);
	text[0] = '\0';
	cio_address a = {.len = 1};
	char whole[CIO_ADDRESS_TEXT];
	if (ASN1_STRING_length(ip) == 4) {
		struct sockaddr_in in = {.sin_family = AF_INET};
		memcpy(&in.sin_addr, p, 4);
		memcpy(&a.storage, &in, sizeof in);
	} else if (ASN1_STRING_length(ip) == 16) {
		struct sockaddr_in6 in = {.sin6_family = AF_INET6};
		memcpy(&in.sin6_addr, p, 16);
		memcpy(&a.storage, &in, sizeof in);
	} else {
		return text;
	}
	cio_address_text(&a, whole);
	snprintf(text, room, "%.*s", (int)(strlen(whole) - 2), whole);
	return text;
}

/* Whom it is for: "a.example, *.b.example, 10.0.0.1", as far as there is room. */
static void names_of(X509 *certificate, char *out, size_t room)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(certificate, NID_subject_alt_name,
		NULL, NULL);
	size_t n = 0;
	out[0] = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(all) && n < room; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(all, i);
		char ip[CIO_ADDRESS_TEXT];
		const char *sep = n > 0 ? ", " : "";
		int more = 0;
		if (g->type == GEN_DNS)
			more = snprintf(out + n, room - n, "%s%.*s", sep,
				ASN1_STRING_length(g->d.dNSName),
				ASN1_STRING_get0_data(g->d.dNSName));
		else if (g->type == GEN_IPADD)
			more = snprintf(out + n, room - n, "%s%s", sep,
				address_text(g->d.iPAddress, ip, sizeof ip));
		n += more > 0 ? (size_t)more : 0;
	}
	GENERAL_NAMES_free(all);
	if (out[0] == '\0')
		snprintf(out, room, "nobody (no subjectAltName)");
	make_printable(out);
}

static const char *date_text(const ASN1_TIME *t, char text[DATE_ROOM])
{
	struct tm tm;
	text[0] = '\0';
	if (t == NULL || !ASN1_TIME_to_tm(t, &tm) ||
		strftime(text, DATE_ROOM, "%Y-%m-%d", &tm) == 0)
		snprintf(text, DATE_ROOM, "(no date)");
	return text;
}

/* ---- what OpenSSL found ---- */

static void say_dates(struct tls *t, int error, X509 *x, const char *whose)
{
	char date[DATE_ROOM];
	if (error == X509_V_ERR_CERT_HAS_EXPIRED)
		snprintf(t->why, WHY_BYTES, "%s expired on %s", whose,
			date_text(X509_get0_notAfter(x), date));
	else
		snprintf(t->why, WHY_BYTES, "%s is not valid before %s: is the "
			"clock here right?", whose,
			date_text(X509_get0_notBefore(x), date));
}

static void say_issuer(struct tls *t, X509 *x, const char *whose)
{
	char issuer[80] = "";
	X509_NAME_get_text_by_NID(X509_get_issuer_name(x), NID_commonName,
		issuer, sizeof issuer);
	make_printable(issuer);
	snprintf(t->why, WHY_BYTES, "%s is by a CA that is not known here (%s): "
		"give that CA's certificate as %s, or have the peer send "
		"the intermediate ones", whose,
		issuer[0] != '\0' ? issuer : "without a name",
		cio__option_name("ca_file"));
}

static void say(struct tls *t, X509_STORE_CTX *ctx)
{
	int error = X509_STORE_CTX_get_error(ctx);
	int depth = X509_STORE_CTX_get_error_depth(ctx);
	X509 *x = X509_STORE_CTX_get_current_cert(ctx);
	char names[NAMES_ROOM];
	const char *whose = depth == 0 ? "its certificate" :
		"a certificate of its chain";
	if (x == NULL)
		error = -1;
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		say_dates(t, error, x, whose);
		return;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		names_of(x, names, sizeof names);
		snprintf(t->why, WHY_BYTES, "its certificate is for %s", names);
		return;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		snprintf(t->why, WHY_BYTES, "its certificate is self-signed: "
			"give it as %s if it is to be trusted",
			cio__option_name("ca_file"));
		return;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		say_issuer(t, x, whose);
		return;
	case X509_V_ERR_INVALID_PURPOSE:
		snprintf(t->why, WHY_BYTES, "%s has the wrong purpose: it is "
			"not for a %s", whose, t->server ? "client" : "server");
		return;
	default:
		snprintf(t->why, WHY_BYTES, "%s: %s", whose,
			X509_verify_cert_error_string(
				X509_STORE_CTX_get_error(ctx)));
	}
}

static int found(int ok, X509_STORE_CTX *ctx)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(ctx,
		SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls *t = SSL_get_app_data(ssl);
	if (!ok && t->why != NULL)
		say(t, ctx);
	return ok;
}

/* ---- what it is to check ---- */

static bool is_host(const char *name, size_t n)
{
	/* OpenSSL takes a leading dot for "any host of" */
	if (n == 0 || n > MOST_NAME || name[0] == '.')
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] <= ' ' || (unsigned char)name[i] > '~')
			return false;
	return true;
}

static int expect_address(X509_VERIFY_PARAM *p, const cio_address *a)
{
	const void *in = &a->storage;
	if (a->storage.ss_family == AF_INET)
		return X509_VERIFY_PARAM_set1_ip(p, (const unsigned char *)
			&((const struct sockaddr_in *)in)->sin_addr, 4);
	return X509_VERIFY_PARAM_set1_ip(p, (const unsigned char *)
		&((const struct sockaddr_in6 *)in)->sin6_addr, 16);
}

static int expect_host(struct tls *t, X509_VERIFY_PARAM *p, const char *name)
{
	char host[MOST_NAME + 1];
	size_t n = strlen(name);
	if (n > 1 && name[n - 1] == '.') /* "example.org." is the same host */
		n--;
	if (!is_host(name, n))
		return cio_fail(-EINVAL, "the server's name must be a host of 1 "
			"to %d letters (A-labels), or an address", MOST_NAME);
	memcpy(host, name, n);
	host[n] = '\0';
	X509_VERIFY_PARAM_set_hostflags(p, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
		X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	return SSL_set_tlsext_host_name(t->ssl, host) == 1 &&
		X509_VERIFY_PARAM_set1_host(p, host, n) == 1;
}

int cio__tls_expect_server(struct tls *t, const char *name)
{
	bool insecure = t->config->o.insecure;
	cio_address literal;
	SSL_set_verify(t->ssl, insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
		found);
	if (name == NULL)
		return insecure ? 0 : cio_fail(-EINVAL, "a server's name is "
			"needed: whose certificate is to be accepted?");
	X509_VERIFY_PARAM *p = SSL_get0_param(t->ssl);
	int ok = cio_address_parse(name, 0, &literal) == 0 ?
		expect_address(p, &literal) : expect_host(t, p, name);
	return ok < 0 ? ok : ok == 1 ? 0 : -ENOMEM;
}

void cio__tls_expect_client(struct tls *t)
{
	SSL_set_verify(t->ssl, t->config->o.verify_client ?
		SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT :
		SSL_VERIFY_NONE, found);
}

/* ---- pins ---- */

int cio__tls_pin_parse(const char *text, unsigned char pin[PIN_BYTES])
{
	static const char prefix[] = "sha256//";
	enum { TEXT = 44, DECODED = 33 };
	unsigned char bytes[DECODED];
	if (strncmp(text, prefix, sizeof prefix - 1) == 0)
		text += sizeof prefix - 1;
	if (strlen(text) != TEXT || text[TEXT - 1] != '=' ||
		text[TEXT - 2] == '=' ||
		EVP_DecodeBlock(bytes, (const unsigned char *)text, TEXT) !=
			DECODED)
		return -EINVAL;
	memcpy(pin, bytes, PIN_BYTES);
	return 0;
}

/* SHA-256 of the SubjectPublicKeyInfo, RFC 7469 2.4. */
static bool hash_key(X509 *x, unsigned char hash[PIN_BYTES])
{
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	bool ok = n > 0 && EVP_Digest(der, (size_t)n, hash, NULL, EVP_sha256(),
		NULL) == 1;
	OPENSSL_free(der);
	return ok;
}

int cio__tls_check_pins(struct tls *t)
{
	const cio_tls_config *c = t->config;
	X509 *x = SSL_get0_peer_certificate(t->ssl);
	unsigned char hash[PIN_BYTES];
	if (c->pin_count == 0 || (t->server && !c->o.verify_client))
		return 0;
	if (x == NULL || !hash_key(x, hash))
		return cio_fail(-CIO_ETLS, "TLS with %s: it showed no key to "
			"compare with %s", t->name,
			cio__option_name("pin_sha256"));
	for (size_t i = 0; i < c->pin_count; i++)
		if (memcmp(hash, c->pins[i], PIN_BYTES) == 0)
			return 0;
	char text[2 * PIN_BYTES];
	(void)EVP_EncodeBlock((unsigned char *)text, hash, PIN_BYTES);
	return cio_fail(-CIO_ETLS, "TLS with %s: its key is none of %s: "
		"it is sha256//%s", t->name, cio__option_name("pin_sha256"),
		text);
}
