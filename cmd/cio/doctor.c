/* SPDX-License-Identifier: MIT */
/*
 * doctor.c - `cio doctor`: what this machine and this build can do
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cio.h>
#include <cio/http_session.h>
#include <cio/tls.h>

#include "cmd.h"
#include "fetch_sqlite.h"

static int problems;

static void good(const char *what, const char *text)
{
	(void)printf("  ok   %-12s %s\n", what, text);
}

static void bad(const char *what, const char *text, const char *cure)
{
	problems++;
	(void)printf("  --   %-12s %s\n%20s%s\n", what, text, "", cure);
}

/* ---- drivers ---- */

static int name_driver(void *arg)
{
	*(const char **)arg = cio_driver_name();
	return 0;
}

static int try_driver(const char *driver, const char **name)
{
	return cio_run_with(&(cio_run_options){.driver = driver, .quiet = true},
		name_driver, name);
}

static void drivers(void)
{
	const char *name = NULL, *chosen = getenv("CIO_DRIVER");
	char text[300];
	int err = try_driver(NULL, &name);
	if (err < 0) {
		bad("driver", cio_error_text()[0] != '\0' ? cio_error_text() :
							    cio_strerror(err),
			"without a driver nothing runs; CIO_DRIVER chooses one");
		return;
	}
	(void)snprintf(text, sizeof text, "%s, %s", name,
		chosen != NULL && chosen[0] != '\0' ? "by CIO_DRIVER" :
						      "the best that works here");
	good("driver", text);
	err = try_driver("uring", &name);
	if (err == 0) {
		good("io_uring", "works");
	} else {
		(void)snprintf(text, sizeof text, "%s", cio_error_text()[0] != '\0' ?
			cio_error_text() : cio_strerror(err));
		bad("io_uring", text, "Linux 6.1 or later, allowed by "
			"kernel.io_uring_disabled=0 and the container's seccomp "
			"profile; epoll is used meanwhile");
	}
}

/* ---- the machine ---- */

static void limits(void)
{
	struct rlimit r;
	char text[200];
	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return;
	(void)snprintf(text, sizeof text, "%llu now, up to %llu",
		(unsigned long long)r.rlim_cur, (unsigned long long)r.rlim_max);
	if (r.rlim_max < 4096)
		bad("descriptors", text, "each connection needs one: raise "
			"`ulimit -Hn`, or LimitNOFILE of the service");
	else
		good("descriptors", text);
	if (getrlimit(RLIMIT_MEMLOCK, &r) == 0 && r.rlim_cur != RLIM_INFINITY) {
		(void)snprintf(text, sizeof text, "%llu KiB of locked memory",
			(unsigned long long)r.rlim_cur / 1024);
		good("memlock", text);
	}
}

static long setting(const char *path)
{
	long n = -1;
	FILE *f = fopen(path, "re");
	if (f != NULL && fscanf(f, "%ld", &n) != 1)
		n = -1;
	if (f != NULL)
		(void)fclose(f);
	return n;
}

static void machine(void)
{
	struct utsname u;
	char text[300];
	if (uname(&u) == 0) {
		(void)snprintf(text, sizeof text, "%s %s, %s, %ld processors",
			u.sysname, u.release, u.machine,
			sysconf(_SC_NPROCESSORS_ONLN));
		good("kernel", text);
	}
	limits();
	long maps = setting("/proc/sys/vm/max_map_count");
	if (maps > 0) {
		(void)snprintf(text, sizeof text, "vm.max_map_count %ld", maps);
		good("mappings", text);
	}
	long backlog = setting("/proc/sys/net/core/somaxconn");
	if (backlog > 0 && backlog < 1024) {
		(void)snprintf(text, sizeof text, "net.core.somaxconn %ld", backlog);
		bad("backlog", text, "servers drop connections in bursts: "
			"sysctl net.core.somaxconn=4096");
	}
}

/* ---- the build ---- */

static int try_tls(void *arg)
{
	bool *began = arg;
	cio_tls_config *c;
	*began = true;
	int err = cio_tls_config_open(&c, NULL);
	if (err < 0)
		return err;
	err = cio_tls_config_load(c);
	cio_tls_config_close(c);
	return err;
}

static void build(void)
{
	bool began = false;
	int err = cio_run_with(&(cio_run_options){.quiet = true}, try_tls, &began);
	if (!began)
		bad("TLS", "not tried", "it needs a driver");
	else if (err == 0)
		good("TLS", "built in, and the system's CAs can be read");
	else
		bad("TLS", cio_error_text()[0] != '\0' ? cio_error_text() :
							 cio_strerror(err),
			"install ca-certificates; for a build without TLS: "
			"libssl-dev, and build again");
	const char *sqlite = fetch_sqlite_version();
	if (sqlite != NULL)
		good("SQLite", sqlite);
	else
		bad("SQLite", "not built in: no -o FILE.db",
			"install libsqlite3-dev and build again");
}

int cmd_doctor(int argc, char **argv)
{
	if (argc > 1) {
		(void)fprintf(stderr, "cio doctor: takes nothing, not %s\n", argv[1]);
		return EXIT_USAGE;
	}
	problems = 0;
	(void)printf("cio %s\n", CIO_VERSION);
	drivers();
	machine();
	build();
	(void)printf(problems == 0 ? "nothing is missing\n" :
				     "%d to look at, marked with --\n", problems);
	return problems == 0 ? EXIT_OK : EXIT_SOME_FAILED;
}
