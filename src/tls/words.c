/* SPDX-License-Identifier: MIT */
/*
 * words.c - OpenSSL's errors for people
 *
 * Its queue belongs to the thread, and other tasks use it: it is read right
 * after the call that failed, and is empty after.
 */
#include <errno.h>
#include <stdio.h>

#include <openssl/err.h>

#include "base/option_name.h"
#include "tls/tls.h"

/* An alert of the peer, RFC 8446 6.2. */
static const char *alert_text(int alert)
{
	switch (alert) {
	case SSL_AD_HANDSHAKE_FAILURE:
		return "it refuses the handshake: nothing that we offer suits "
		       "it (ciphers, curves, or a missing client certificate)";
	case SSL_AD_PROTOCOL_VERSION:
		return "it speaks none of our versions of TLS";
	case SSL_AD_CERTIFICATE_REQUIRED:
		return "it wants a certificate of ours";
	case SSL_AD_NO_APPLICATION_PROTOCOL:
		return "it speaks none of our protocols";
	case SSL_AD_UNRECOGNIZED_NAME: return "it does not know this name";
	case SSL_AD_UNKNOWN_CA:
		return "it does not know the CA of our certificate";
	case SSL_AD_BAD_CERTIFICATE:
	case SSL_AD_UNSUPPORTED_CERTIFICATE:
	case SSL_AD_CERTIFICATE_REVOKED:
	case SSL_AD_CERTIFICATE_EXPIRED:
	case SSL_AD_CERTIFICATE_UNKNOWN:
		return "it does not accept our certificate";
	default: return "it broke off";
	}
}

/* The option that could help. */
static const char *alert_hint(int alert, char room[OPTION_HINT])
{
	switch (alert) {
	case SSL_AD_PROTOCOL_VERSION:
		return cio__option_hint(room, "min_version, max_version");
	case SSL_AD_CERTIFICATE_REQUIRED:
		return cio__option_hint(room, "certificate_file");
	case SSL_AD_NO_APPLICATION_PROTOCOL:
		return cio__option_hint(room, "alpn");
	default: return "";
	}
}

static int explain_alert(struct tls *t, int alert)
{
	char hint[OPTION_HINT];
	return cio_fail(-CIO_ETLS, "TLS with %s: %s%s [alert %d, %s]", t->name,
		alert_text(alert), alert_hint(alert, hint), alert,
		SSL_alert_desc_string_long(alert));
}

/* What TLS begins with: a record's type, RFC 8446 5.1. */
static bool began_as_tls(const struct tls *t)
{
	return !t->begun || (t->first >= 20 && t->first <= 23);
}

static const char *reason_text(int reason)
{
	switch (reason) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_VERSION_TOO_LOW:
	case SSL_R_WRONG_SSL_VERSION:
		return "no version of TLS that both speak";
	case SSL_R_NO_SHARED_CIPHER: return "no cipher that both have";
	case SSL_R_NO_APPLICATION_PROTOCOL:
		return "no protocol that both speak";
	case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
		return "it showed no certificate, and verify_client wants one";
	case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
		return "what came is not what was sent: it was changed or "
		       "damaged on the way";
	default: return NULL;
	}
}

int cio__tls_explain(struct tls *t)
{
	unsigned long e = ERR_peek_last_error();
	if (ERR_GET_LIB(e) != ERR_LIB_SSL) /* below it: the first says most */
		e = ERR_peek_error();
	int reason = ERR_GET_REASON(e);
	bool shaking = t->why != NULL;
	ERR_clear_error();
	if (ERR_GET_LIB(e) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET)
		return explain_alert(t, reason - SSL_AD_REASON_OFFSET);
	if (shaking && !began_as_tls(t))
		return cio_fail(-CIO_ETLS, "TLS with %s: the peer does not "
			"speak TLS on this port", t->name);
	if (shaking && t->why[0] != '\0' &&
		reason == SSL_R_CERTIFICATE_VERIFY_FAILED)
		return cio_fail(-CIO_ETLS, "TLS with %s: %s", t->name, t->why);
	if (reason == ERR_R_MALLOC_FAILURE)
		return -ENOMEM;
	const char *text = reason_text(reason);
	const char *theirs = ERR_reason_error_string(e);
	if (text == NULL)
		text = theirs != NULL ? theirs : "it failed";
	return cio_fail(-CIO_ETLS, "TLS with %s: %s", t->name, text);
}

/* ---- files ---- */

static const char *load_text(unsigned long e)
{
	int reason = ERR_GET_REASON(e);
	if (ERR_SYSTEM_ERROR(e))
		return cio_strerror(reason);
	if ((ERR_GET_LIB(e) == ERR_LIB_PEM && reason == PEM_R_NO_START_LINE) ||
		(ERR_GET_LIB(e) == ERR_LIB_X509 &&
			reason == X509_R_NO_CERTIFICATE_OR_CRL_FOUND) ||
		(ERR_GET_LIB(e) == ERR_LIB_OSSL_DECODER &&
			reason == ERR_R_UNSUPPORTED))
		return "no PEM in it, or not of this kind";
	if (reason == ERR_R_INTERRUPTED_OR_CANCELLED) /* by no_password */
		return "it has a password: give a key without one";
	/* of the same kind as the certificate's, or of another */
	if ((ERR_GET_LIB(e) == ERR_LIB_X509 &&
		    reason == X509_R_KEY_VALUES_MISMATCH) ||
		(ERR_GET_LIB(e) == ERR_LIB_SSL &&
			reason == SSL_R_NO_CERTIFICATE_ASSIGNED))
		return "the key is not that of the certificate";
	const char *text = ERR_reason_error_string(e);
	return text != NULL ? text : "it cannot be used";
}

void cio__tls_explain_load(char *out, size_t room, const char *option,
	const char *path)
{
	unsigned long e = ERR_peek_error();
	snprintf(out, room, "%s %s: %s", option, path, load_text(e));
	ERR_clear_error();
}
