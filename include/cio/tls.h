/* SPDX-License-Identifier: MIT */
#ifndef CIO_TLS_H
#define CIO_TLS_H

#include <cio/stream.h>

CIO_BEGIN_DECLS

/*
 * TLS: streams that nobody on the way can read or change (TLS 1.2 and 1.3, by
 * OpenSSL).
 *
 *	cio_tls_config *config;
 *	err = cio_tls_config_open(&config, NULL);
 *	...
 *	err = cio_tcp_connect(&tcp, "example.org", 443, NULL);
 *	if (err == 0)
 *		err = cio_tls_connect(&s, tcp, config, "example.org", NULL);
 *	if (err < 0)
 *		cio_stream_close(tcp);
 *	...
 *	cio_stream_close(s);
 *	cio_tls_config_close(config);
 *
 * A TLS stream is used as any other; it may carry a TLS stream itself. The
 * peer's certificate is verified unless the options say `insecure`: its chain,
 * its dates, its purpose, and that it is for this name or address. An input
 * that ends without the peer's goodbye (close_notify) is -CIO_EEOF and never 0:
 * somebody may have cut it.
 *
 * In a build without OpenSSL the calls return -CIO_ETLS and say so.
 */

typedef enum cio_tls_version {
	CIO_TLS_DEFAULT, /* at least 1.2, at most what there is */
	CIO_TLS_1_2,
	CIO_TLS_1_3
} cio_tls_version;

typedef struct cio_tls_options {
	/* -- whom to trust -- */
	const char *ca_file; /* PEM; instead of the system's CAs */
	const char *ca_path; /* a folder of PEM files; likewise, or together */
	/* The peer's key must be one of these: base64 of the SHA-256 of its public
	 * key (SubjectPublicKeyInfo), with or without "sha256//" before it, as curl
	 * takes them. Ends with NULL. Checked as well as all else, and also under
	 * `insecure`. */
	const char *const *pin_sha256;
	/* Accept every certificate and name: whoever is on the way can read and
	 * change everything, unless there is a pin. */
	bool insecure;
	/* Servers: refuse clients without a certificate of ca_file or ca_path, which
	 * must be given. Clients' names are not checked. */
	bool verify_client;

	/* -- who we are: servers must say, clients may -- */
	const char *certificate_file; /* PEM: our own, then the intermediate ones */
	const char *key_file;         /* PEM, no password; NULL: in
	                                 certificate_file */

	/* -- how -- */
	const char *alpn; /* "h2,http/1.1", best first; NULL: none. A server chooses
	                     by its own order, and refuses clients that offer only
	                     others (RFC 7301) */
	cio_tls_version min_version, max_version;
	const char *ciphers;      /* of TLS 1.2, as `openssl ciphers` has them */
	const char *ciphersuites; /* of TLS 1.3 */
	bool no_resumption;       /* every handshake is a full one */
	uint32_t session_cache;   /* client sessions kept for resumption; 0: 256 */
	cio_duration handshake_timeout; /* 0: 10 s */
} cio_tls_options;

/*
 * Config: options, the certificates that they name, and the client's sessions
 * for resumption. It never changes and serves any number of connections of one
 * loop, both ends. Sessions are kept in it by name and port, and are never seen
 * by another config: what was accepted under one config's rules does not count
 * under another's.
 */
typedef struct cio_tls_config cio_tls_config;

/* Make a config; NULL options are all defaults. All that they point to is
 * copied. The files are read by the first connection that needs them, or by
 * cio_tls_config_load. -EINVAL (an option cannot be; cio_error_text says which),
 * -ENOMEM. Never yields. */
CIO_API int cio_tls_config_open(cio_tls_config **out,
	const cio_tls_options *options);

/* Read the files now, in a thread: to know at the start whether they are good.
 * 0, -CIO_ETLS (cio_error_text names the file and what is wrong), -ENOMEM, or a
 * refusal. Yields. */
CIO_API int cio_tls_config_load(cio_tls_config *c);

/* Let go; it is freed with its last connection. NULL is ignored. Never yields. */
CIO_API void cio_tls_config_close(cio_tls_config *c);

typedef struct cio_tls_connect_options {
	uint16_t port; /* tells sessions of one name apart; 0: not known */
} cio_tls_connect_options;

/*
 * `int cio_tls_connect(cio_stream **out, cio_stream *inner, cio_tls_config *,
 * const char *server_name, const cio_tls_connect_options *)`: the client's
 * handshake over `inner`, which belongs to the new stream from then on.
 * `server_name` is whom we mean: a host (A-labels; sent as SNI) or an address
 * literal (not sent); it may be NULL only under `insecure`. Options may be NULL.
 *
 * On a failure nothing is made and `inner` stays the caller's, good only to be
 * closed: -CIO_ETLS (cio_error_text says in words what is wrong and what to do),
 * -EINVAL (the name), -CIO_EEOF (closed in the middle), -ETIMEDOUT
 * (`handshake_timeout`), the inner stream's errors, -ENOMEM, or a refusal. Yields.
 */
#define cio_tls_connect(...) cio__tls_connect(CIO__SITE, __VA_ARGS__)

/* `int cio_tls_accept(cio_stream **out, cio_stream *inner, cio_tls_config *)`:
 * likewise the server's handshake. Its signature is made on the loop, about
 * 0.05 ms with an ECDSA P-256 key and 0.5 to 1 ms with RSA-2048. Yields. */
#define cio_tls_accept(...) cio__tls_accept(CIO__SITE, __VA_ARGS__)

/*
 * What is particular to a TLS stream:
 *
 * cio_stream_shutdown sends the goodbye and leaves the inner stream open; the
 * peer reads the end, and may go on sending. It may take up to a second if the
 * inner stream does not take the bytes.
 *
 * cio_stream_close says goodbye likewise and waits for no answer;
 * cio_stream_drop says it if the inner stream takes it at once. In a cancelled
 * scope, after a torn write, and by cio_stream_abort they do not: the peer sees a
 * cut connection.
 *
 * cio_stream_reusable and cio_stream_wait_idle see through what TLS itself sends
 * (session tickets, key updates): these are neither bytes nor an end.
 *
 * A write that was cut, by an error or a refusal, counts the bytes of the records
 * that went out whole (16 KiB each): the peer can read no others. It leaves the
 * stream torn even if that is none.
 */

/* What was agreed on. */
typedef struct cio_tls_info {
	const char *version; /* "TLSv1.3" */
	const char *cipher;  /* "TLS_AES_256_GCM_SHA384" */
	char alpn[32];       /* "h2"; "": none was agreed on */
	bool resumed;        /* from an earlier session, without certificates */
	bool verified;       /* the peer's certificate was checked, and good */
	char peer_subject[128];          /* "CN = example.org"; "": none */
	unsigned char peer_sha256[32];   /* its certificate's fingerprint, or 0 */
	cio_duration handshake_time;
} cio_tls_info;

/* Fill in what is known of a stream: 0, or -EINVAL if it is no TLS stream.
 * Never yields. */
CIO_API int cio_tls_get_info(const cio_stream *s, cio_tls_info *out);

/* Private: the functions behind the names above. */
CIO_API int cio__tls_connect(const char *site, cio_stream **out,
	cio_stream *inner, cio_tls_config *config, const char *server_name,
	const cio_tls_connect_options *options);
CIO_API int cio__tls_accept(const char *site, cio_stream **out,
	cio_stream *inner, cio_tls_config *config);

CIO_END_DECLS
#endif
