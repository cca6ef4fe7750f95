/* SPDX-License-Identifier: MIT */
/*
 * public.c - which addresses are of the public Internet (RFC 6890 and the IANA
 * special-purpose address registries)
 */
#include <cio/dns.h>

#include <netinet/in.h>

struct net4 {
	uint8_t bytes[4];
	int bits;
};

static const struct net4 special4[] = {
	{{0}, 8},               /* this network */
	{{10}, 8},              /* private */
	{{100, 64}, 10},        /* shared by carriers */
	{{127}, 8},             /* loopback */
	{{169, 254}, 16},       /* link-local, metadata services */
	{{172, 16}, 12},        /* private */
	{{192, 0, 0}, 24},      /* protocol assignments */
	{{192, 0, 2}, 24},      /* documentation */
	{{192, 88, 99}, 24},    /* 6to4 relays */
	{{192, 168}, 16},       /* private */
	{{198, 18}, 15},        /* benchmarks */
	{{198, 51, 100}, 24},   /* documentation */
	{{203, 0, 113}, 24},    /* documentation */
	{{224}, 3},             /* multicast, reserved, broadcast */
};

struct net6 {
	uint8_t bytes[16];
	int bits;
};

/* All that was ever given out is 2000::/3; of that these are not. */
static const struct net6 global6 = {{0x20}, 3};
static const struct net6 special6[] = {
	{{0x20, 0x01, 0x00}, 23},       /* protocol assignments, Teredo */
	{{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
	{{0x3f, 0xff, 0x00}, 20},       /* documentation */
};

static bool is_in(const uint8_t *a, const uint8_t *net, int bits)
{
	int whole = bits / 8, rest = bits % 8;
	if (memcmp(a, net, (size_t)whole) != 0)
		return false;
	return rest == 0 || (a[whole] ^ net[whole]) >> (8 - rest) == 0;
}

static bool is_public4(const uint8_t *a)
{
	for (size_t i = 0; i < sizeof special4 / sizeof *special4; i++)
		if (is_in(a, special4[i].bytes, special4[i].bits))
			return false;
	return true;
}

/* The IPv4 address inside, NULL if it is none of the forms that carry one. */
static const uint8_t *inside(const uint8_t *a)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b};
	if (memcmp(a, mapped, 12) == 0 || memcmp(a, nat64, 12) == 0)
		return a + 12;
	return a[0] == 0x20 && a[1] == 0x02 ? a + 2 : NULL; /* 6to4 */
}

static bool is_public6(const uint8_t *a)
{
	const uint8_t *four = inside(a);
	if (four != NULL)
		return is_public4(four);
	if (!is_in(a, global6.bytes, global6.bits))
		return false;
	for (size_t i = 0; i < sizeof special6 / sizeof *special6; i++)
		if (is_in(a, special6[i].bytes, special6[i].bits))
			return false;
	return true;
}

bool cio_address_is_public(const cio_address *a)
{
	const struct sockaddr *s = (const struct sockaddr *)&a->storage;
	const uint8_t *bytes = (const uint8_t *)&a->storage;
	if (s->sa_family == AF_INET)
		return is_public4(bytes + offsetof(struct sockaddr_in, sin_addr));
	if (s->sa_family == AF_INET6)
		return is_public6(bytes +
			offsetof(struct sockaddr_in6, sin6_addr));
	return false;
}
