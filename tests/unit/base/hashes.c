/* SPDX-License-Identifier: MIT */
/* drivers: none */
/*
 * hashes.c - MD5 and SHA-256: the vectors of their standards, every split, and
 * every length around a block against the values of another implementation's
 * chain
 */
#include <stdlib.h>
#include <string.h>

#include "base/md5.h"
#include "base/sha256.h"
#include "check.h"

static const char *hex(const unsigned char *p, size_t n)
{
	static char text[65];
	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", p[i]);
	return text;
}

static const char *md5_of(const char *text, size_t n, size_t piece)
{
	unsigned char out[MD5_BYTES];
	struct md5 h;
	cio__md5_init(&h);
	for (size_t at = 0; at < n; at += piece)
		cio__md5_add(&h, text + at, n - at < piece ? n - at : piece);
	cio__md5_end(&h, out);
	return hex(out, sizeof out);
}

static const char *sha256_of(const char *text, size_t n, size_t piece)
{
	unsigned char out[SHA256_BYTES];
	struct sha256 h;
	cio__sha256_init(&h);
	for (size_t at = 0; at < n; at += piece)
		cio__sha256_add(&h, text + at, n - at < piece ? n - at : piece);
	cio__sha256_end(&h, out);
	return hex(out, sizeof out);
}

struct vector {
	const char *text, *digest;
};

/* RFC 1321 A.5 */
static const struct vector md5s[] = {
	{"", "d41d8cd98f00b204e9800998ecf8427e"},
	{"a", "0cc175b9c0f1b6a831c399e269772661"},
	{"abc", "900150983cd24fb0d6963f7d28e17f72"},
	{"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
	{"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
	{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
		"d174ab98d277d9f5a5611c2c9f419d9f"},
	{"1234567890123456789012345678901234567890123456789012345678901234567"
	 "8901234567890",
		"57edf4a22be3c955ac49da2e2107b67a"},
};

/* FIPS 180-4 (RFC 6234 8.5) */
static const struct vector sha256s[] = {
	{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"abc",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015"
		"ad"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06"
		"c1"},
};

static void vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof md5s / sizeof *md5s; i++)
		for (size_t piece = 1; piece <= 80; piece++)
			assert_string_equal(md5_of(md5s[i].text,
				strlen(md5s[i].text), piece), md5s[i].digest);
	for (size_t i = 0; i < sizeof sha256s / sizeof *sha256s; i++)
		for (size_t piece = 1; piece <= 80; piece++)
			assert_string_equal(sha256_of(sha256s[i].text,
				strlen(sha256s[i].text), piece),
				sha256s[i].digest);
}

static void a_million(void **state)
{
	(void)state;
	char *many = malloc(1000000);
	assert_non_null(many);
	memset(many, 'a', 1000000);
	assert_string_equal(sha256_of(many, 1000000, 999),
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112"
		"cd0");
	assert_string_equal(md5_of(many, 1000000, 999),
		"7707d6ae4e027c70eea2a935c2296f21");
	free(many);
}

/* Where the padding takes another block: the digests of "", "a", "aa" ... of
 * 0 to 199 bytes, hashed together; the values are Python's hashlib's. */
static void every_length(void **state)
{
	(void)state;
	char text[200], all_md5[200 * 32 + 1], all_sha[200 * 64 + 1];
	memset(text, 'a', sizeof text);
	for (size_t n = 0; n < 200; n++) {
		strcpy(all_md5 + 32 * n, md5_of(text, n, 64));
		strcpy(all_sha + 64 * n, sha256_of(text, n, 64));
	}
	assert_string_equal(md5_of(all_md5, 200 * 32, 64),
		"49f6cc3eb4491fe05535571716f39a67");
	assert_string_equal(sha256_of(all_sha, 200 * 64, 64),
		"019f2b9f1af27a53a1f046da7e98af2c179f431e4b5bebb000e74040917a4123");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(a_million),
		cmocka_unit_test(every_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
