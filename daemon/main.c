/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * main.c - reads the configuration, builds the parts, joins them
 *
 *     options, configuration     wrong: exit before anything is opened
 *     state directory, store     in use, damaged, too new: exit
 *     parts, sockets             a port that is taken: exit
 *     what the store remembers   EV_LOAD, row by row
 *     ready                      loop_run()
 *     SIGTERM                    calls end, all is flushed, exit 0
 */
#include <arpa/inet.h>
#include <errno.h>
#include <osmocom/core/application.h>
#include <osmocom/core/logging.h>
#include <osmocom/core/utils.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

#include "admin.h"
#include "config.h"
#include "core.h"
#include "counter.h"
#include "db.h"
#include "edge_db.h"
#include "edge_hal.h"
#include "edge_sip.h"
#include "hal.h"
#include "identity.h"
#include "journal.h"
#include "log.h"
#include "loop.h"
#include "media.h"
#include "media_socket.h"
#include "notify.h"
#include "options.h"
#include "remember.h"
#include "shell.h"
#include "sim.h"
#include "sip.h"
#include "sip_socket.h"
#include "stamp.h"
#include "statedir.h"
#include "turn.h"

/* With what the store still has to write, well below the five seconds in
 * which a stop is promised. */
#define STOP_PATIENCE_MS 3000
#define FILES_WANTED 65536

struct base {
	hal_base_id id;
	const struct config_base *config;
	struct sim *sim;
};

struct daemon {
	struct options options;
	struct config config;
	struct turn *turn;
	struct loop *loop;
	struct parts parts;
	struct journal *journal;
	struct base bases[CONFIG_BASES_MAX];
	struct media_addr rtp; /* the address, no port */
	uint16_t http_port;
	int64_t start_ms;
};

/* ---- failing ---- */

static int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int fail(const char *format, ...)
{
	char text[DB_WHY_MAX + 64];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	LOGP(DMAIN, LOGL_FATAL, "%s\n", text);
	return -1;
}

/* ---- the configuration ---- */

static struct core_config core_config(const struct daemon *d)
{
	const struct config_dialplan *plan = &d->config.dialplan;
	struct core_config config = {
		.codes = plan->codes,
		.ring_limit_ms = plan->ring_limit_s * 1000,
		.dial_secondary_to_primary = plan->dial_secondary_to_primary,
		.primary_must_be_reachable = plan->primary_must_be_reachable,
		.no_answer_s = plan->no_answer_s,
		.second_call_in_use_only = plan->second_call_in_use_only,
	};

	OSMO_STRLCPY_ARRAY(config.voicemail, plan->voicemail);
	osmo_static_assert(sizeof(config.emergency) == sizeof(plan->emergency),
			   emergency_numbers_fit);
	memcpy(config.emergency, plan->emergency, sizeof(config.emergency));
	return config;
}

static void dialplan_changed(void *data)
{
	struct daemon *d = data;
	struct core_config config = core_config(d);

	core_set_config(d->parts.core, &config);
}

static void on_hangup(int sig, void *data)
{
	struct daemon *d = data;
	char why[CONFIG_WHY_MAX], parts[CONFIG_PARTS_MAX];
	struct config next;

	if (config_read(&next, d->options.config, why) < 0) {
		LOGP(DMAIN, LOGL_ERROR, "nothing changed: %s\n", why);
		return;
	}
	stamp_log();
	config_needs_restart(&d->config, &next, parts);
	d->config.dialplan = next.dialplan;
	dialplan_changed(d);
	if (*parts)
		LOGP(DMAIN, LOGL_NOTICE,
		     "configuration read again; what differs in %s waits for "
		     "a restart\n",
		     parts);
	else
		LOGP(DMAIN, LOGL_NOTICE, "configuration read again\n");
}

/* ---- the store ---- */

static int open_db(struct daemon *d)
{
	char why[DB_WHY_MAX];

	/* A record has to be there 400 ms after its call; what comes within a
	 * quarter of that shares a sync, and a slow disk has the rest. */
	const struct db_config config = { .gather_ms = 60 };

	if (db_open(d, d->options.state_dir, &config, &d->parts.db, why) < 0)
		return fail("%s", why);
	return 0;
}

static void on_page(void *data, const struct db_result *page)
{
	struct daemon *d = data;

	admin_page(d->parts.admin, page->token, page->rc, page->log, page->n);
}

static void on_load(const struct event *event, void *data)
{
	struct daemon *d = data;

	loop_happened(d->loop, event);
}

static int load(struct daemon *d)
{
	int rc = edge_db_load(d->parts.edge_db, on_load, d);

	return rc < 0 ? fail("cannot read the store: %s", strerror(-rc)) : 0;
}

/* What rang when a predecessor was killed falls silent at the first flush. */
static int open_journal(struct daemon *d)
{
	char *path =
		talloc_asprintf(d, "%s/" JOURNAL_FILE, d->options.state_dir);
	int rc = journal_open(d, path, &d->journal);
	size_t n;

	if (rc < 0)
		return fail("cannot use %s: %s", path, strerror(-rc));
	n = remember(d->journal, d->parts.sip);
	if (n)
		LOGP(DMAIN, LOGL_NOTICE,
		     "%zu legs were half made when the gateway was killed; "
		     "they are ended now\n",
		     n);
	return 0;
}

/* ---- sip ---- */

static uint64_t chance(void)
{
	uint64_t n;

	OSMO_ASSERT(getrandom(&n, sizeof(n), 0) == sizeof(n));
	return n;
}

static void add_mailbox(struct sip *sip, const char *address)
{
	struct sip_addr addr = {
		.family = strchr(address, ':') ? AF_INET6 : AF_INET,
	};

	OSMO_ASSERT(inet_pton(addr.family, address, addr.ip) == 1);
	OSMO_ASSERT(sip_add_teller(sip, &addr) == 0);
}

static void new_sip(struct daemon *d)
{
	const struct sip_config config = {
		.domain = d->config.domain,
		.realm = config_realm(&d->config),
		.user_agent = "twind/" TWIND_VERSION,
		.leg_tag = leg_id_of_edge(LEG_OF_SIP, 0),
		.seed = chance(),
		.md5_first = d->config.md5_first,
		.md5_only = d->config.md5_only,
	};
	const struct sip_socket_config sockets = {
		.base = turn_base(d->turn),
		.now_ms = loop_now_ms,
	};
	struct sip_socket_config joined = sockets;
	unsigned int i;

	d->parts.sip = sip_new(d, &config);
	for (i = 0; i < d->config.n_mailboxes; i++)
		add_mailbox(d->parts.sip, d->config.mailboxes[i]);
	joined.sip = d->parts.sip;
	d->parts.sip_socket = sip_socket_new(d, &joined);
}

static struct sip_addr sip_addr_of(const struct config_listener *l)
{
	struct sip_addr addr = {
		.transport = strcmp(l->transport, "tcp") ? SIP_UDP : SIP_TCP,
		.family = strchr(l->address, ':') ? AF_INET6 : AF_INET,
		.port = l->port,
	};

	OSMO_ASSERT(inet_pton(addr.family, l->address, addr.ip) == 1);
	return addr;
}

static int open_sip(struct daemon *d)
{
	char why[SIP_SOCKET_WHY];
	unsigned int i;

	for (i = 0; i < d->config.n_listen; i++) {
		const struct config_listener *l = &d->config.listen[i];
		struct sip_addr addr = sip_addr_of(l);
		int rc = sip_socket_listen(d->parts.sip_socket, &addr, why);

		/* A machine without IPv6 is no wrong configuration where
		 * "all addresses" were meant. */
		if (rc == -EAFNOSUPPORT && !strcmp(l->address, "::")) {
			LOGP(DMAIN, LOGL_NOTICE, "no IPv6 here\n");
			continue;
		}
		if (rc < 0)
			return fail("%s", why);
	}
	return 0;
}

/* ---- audio ---- */

/* The address by which this machine would speak to the world: a connected
 * datagram socket knows, and nothing is sent. */
static bool ask_kernel(struct media_addr *ret_addr)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(9) };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	sa.sin_addr.s_addr = htonl(0xc0000201); /* 192.0.2.1 (RFC 5737) */
	ok = fd >= 0 && connect(fd, (struct sockaddr *)&sa, len) == 0 &&
	     getsockname(fd, (struct sockaddr *)&sa, &len) == 0;
	if (fd >= 0)
		close(fd);
	if (ok) {
		ret_addr->family = AF_INET;
		memcpy(ret_addr->ip, &sa.sin_addr, 4);
	}
	return ok;
}

/* Where phones send audio to: as configured, else where the first listener
 * is reached. */
static struct media_addr rtp_address(const struct daemon *d)
{
	const char *text = d->config.rtp_address;
	struct media_addr addr = { 0 };

	if (!*text)
		text = d->config.listen[0].address;
	if ((!strcmp(text, "0.0.0.0") || !strcmp(text, "::"))) {
		if (ask_kernel(&addr))
			return addr;
		text = "127.0.0.1";
	}
	addr.family = strchr(text, ':') ? AF_INET6 : AF_INET;
	OSMO_ASSERT(inet_pton(addr.family, text, addr.ip) == 1);
	return addr;
}

static int64_t media_now_ms(void *unused)
{
	return loop_now_ms();
}

static void woken(void *unused)
{
	/* The loop settles after each turn of libevent. */
}

static int rtp_open(void *data, uint64_t leg, struct media_addr *ret_local)
{
	struct daemon *d = data;

	return media_socket_open(d->parts.media_socket, leg, &d->rtp,
				 ret_local);
}

static void rtp_close(void *data, uint64_t leg)
{
	struct daemon *d = data;

	media_socket_close(d->parts.media_socket, leg);
}

static void new_media(struct daemon *d)
{
	const struct media_config config = { .seed = chance() };
	const struct media_socket_config sockets = {
		.port_min = d->config.rtp_port_min,
		.port_max = d->config.rtp_port_max,
		.now_ms = media_now_ms,
		.woken = woken,
	};

	d->rtp = rtp_address(d);
	d->parts.media = media_new(d, &config);
	d->parts.media_socket = media_socket_new(d, turn_base(d->turn),
						 d->parts.media, &sockets);
}

/* ---- bases ---- */

static int open_base(struct daemon *d, const struct config_base *config)
{
	struct sim_config sim_config = { .seed = chance() };
	uint8_t seed[DB_SEED_BYTES];
	struct base *b = &d->bases[d->parts.n_sims];
	struct sim_socket **socket = &d->parts.sims[d->parts.n_sims];
	char *path = talloc_asprintf(d, "%s/base-%s.sock", d->options.state_dir,
				     config->name);
	int rc;

	if (db_seed(d->parts.db, seed) < 0)
		return fail("the database does not say who this gateway is");
	identity_rfpi(seed, sizeof(seed), config->name, sim_config.rfpi);
	b->config = config;
	b->sim = sim_new(d, &sim_config);
	rc = hal_base_open(d->parts.hal, loop_now_ms(), config->name,
			   &sim_driver, b->sim, &b->id);
	if (rc < 0)
		return fail("base %s: %s", config->name, hal_strerror(rc));
	rc = sim_socket_new(d, turn_base(d->turn), b->sim, path, loop_now_ms,
			    woken, NULL, socket);
	if (rc < 0)
		return fail("base %s: cannot listen at %s: %s", config->name,
			    path, strerror(-rc));
	edge_hal_add_base(d->parts.edge_hal, b->id);
	d->parts.n_sims++;
	return 0;
}

static int open_bases(struct daemon *d)
{
	unsigned int i;

	for (i = 0; i < d->config.n_bases; i++)
		if (open_base(d, &d->config.bases[i]) < 0)
			return -1;
	return 0;
}

/* ---- administrators ---- */

static void op_submit(void *data, const struct event *event)
{
	struct daemon *d = data;

	loop_happened(d->loop, event);
}

static int op_query(void *data, uint64_t token, const struct db_query *query)
{
	struct daemon *d = data;

	return db_query(d->parts.db, token, query);
}

static void op_ha1(void *data, const char *number, const char *password,
		   char ret_md5[HA1_HEX + 1], char ret_sha256[HA1_HEX + 1])
{
	const struct daemon *d = data;

	sip_ha1(number, config_realm(&d->config), password, ret_md5,
		ret_sha256);
}

static void op_chance(void *data, void *ret_bytes, size_t n)
{
	OSMO_ASSERT(getrandom(ret_bytes, n, 0) == (ssize_t)n);
}

static int64_t op_uptime_ms(void *data)
{
	const struct daemon *d = data;

	return loop_now_ms() - d->start_ms;
}

static void op_each_listener(void *data, admin_listener_cb *cb, void *cb_data)
{
	const struct daemon *d = data;
	char text[SIP_ADDR_TEXT], http[CONFIG_ADDRESS_MAX + 16];
	struct admin_listener l;
	struct sip_addr addr;
	size_t i;

	for (i = 0; sip_socket_listener(d->parts.sip_socket, i, &addr); i++) {
		l.transport = addr.transport == SIP_TCP ? "tcp" : "udp";
		l.address = strchr(sip_addr_print(&addr, text), ':') + 1;
		cb(&l, cb_data);
	}
	snprintf(http, sizeof(http),
		 strchr(d->config.http.address, ':') ? "[%s]:%u" : "%s:%u",
		 d->config.http.address, d->http_port);
	l.transport = "http";
	l.address = http;
	cb(&l, cb_data);
}

static void op_each_base(void *data, admin_base_cb *cb, void *cb_data)
{
	const struct daemon *d = data;
	struct hal_base_view view;
	size_t i;

	for (i = 0; i < d->parts.n_sims; i++) {
		if (hal_base_view(d->parts.hal, d->bases[i].id, &view) < 0)
			continue;
		cb(
			&(struct admin_base){
				.name = view.name,
				.driver = view.driver,
				.state = hal_base_state_name(view.state),
				.channels = view.caps.calls,
				.channels_used = view.calls,
			},
			cb_data);
	}
}

struct counter_visit {
	admin_counter_cb *cb;
	void *data;
};

static void tell_counter(const struct counter *counter, void *data)
{
	const struct counter_visit *visit = data;

	visit->cb(
		&(struct admin_counter){
			.name = counter->name,
			.help = counter->help,
			.kind = counter->gauge ? ADMIN_GAUGE : ADMIN_COUNTER,
			.value = counter->value,
		},
		visit->data);
}

static void op_each_counter(void *data, admin_counter_cb *cb, void *cb_data)
{
	const struct daemon *d = data;
	struct counter_visit visit = { cb, cb_data };

	counter_each(&d->parts, tell_counter, &visit);
}

static void new_admin(struct daemon *d)
{
	const struct admin_ops ops = {
		.data = d,
		.chance = op_chance,
		.submit = op_submit,
		.query = op_query,
		.ha1 = op_ha1,
		.uptime_ms = op_uptime_ms,
		.each_listener = op_each_listener,
		.each_base = op_each_base,
		.each_counter = op_each_counter,
	};

	d->parts.admin = admin_new(d, d->parts.core, &ops);
}

static int open_admin(struct daemon *d)
{
	char *path =
		talloc_asprintf(d, "%s/control.sock", d->options.state_dir);
	char why[ADMIN_WHY_MAX];

	if (admin_listen_control(d->parts.admin, turn_base(d->turn), path,
				 why) < 0 ||
	    admin_listen_http(d->parts.admin, turn_base(d->turn),
			      d->config.http.address, d->config.http.port,
			      &d->http_port, why) < 0)
		return fail("%s", why);
	return 0;
}

static int open_shell(struct daemon *d)
{
	char why[SHELL_WHY_MAX];
	bool optional;

	shell_init(d->parts.core, &d->parts);
	if (shell_open(d, &optional, why) == 0)
		return 0;
	if (!optional)
		return fail("%s", why);
	LOGP(DMAIN, LOGL_NOTICE, "%s; going on without\n", why);
	return 0;
}

/* ---- building and joining ---- */

static int new_core(struct daemon *d)
{
	struct core_config config = core_config(d);
	uint64_t last_call;
	int rc = db_max_call(d->parts.db, &last_call);

	if (rc < 0)
		return fail("cannot read the store: %s", strerror(-rc));
	config.first_call = last_call + 1;
	d->parts.core = core_new(d, &config);
	return 0;
}

static void join(struct daemon *d)
{
	const struct edge_ports ports = { d, rtp_open, rtp_close };
	struct parts *p = &d->parts;

	p->edge_sip = edge_sip_new(d, p->sip, p->core, p->media, &ports);
	p->edge_hal = edge_hal_new(d, p->hal, p->media, p->core, &ports);
	p->edge_db = edge_db_new(d, p->db, on_page, d);
}

static int build(struct daemon *d)
{
	if (open_db(d) < 0 || new_core(d) < 0)
		return -1;
	new_sip(d);
	new_media(d);
	d->parts.hal = hal_new(d, NULL);
	join(d);
	new_admin(d);
	if (open_sip(d) < 0 || open_bases(d) < 0)
		return -1;
	loop_join(d->loop, &d->parts);
	if (load(d) < 0 || open_journal(d) < 0)
		return -1;
	return open_admin(d) < 0 || open_shell(d) < 0 ? -1 : 0;
}

/* Phones over TCP, handsets with two ports each: take what we may have. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = OSMO_MIN(limit.rlim_max, (rlim_t)FILES_WANTED);
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* ---- running ---- */

static void on_terminate(int sig, void *data)
{
	struct daemon *d = data;

	notify("STOPPING=1");
	LOGP(DMAIN, LOGL_NOTICE, "stopping\n");
	loop_stop(d->loop, STOP_PATIENCE_MS);
}

static void say_ready(struct daemon *d)
{
	char text[SIP_ADDR_TEXT], all[512] = "";
	struct sip_addr addr;
	size_t i, n = 0;

	for (i = 0; sip_socket_listener(d->parts.sip_socket, i, &addr) &&
		    n < sizeof(all);
	     i++)
		n += snprintf(all + n, sizeof(all) - n, " %s",
			      sip_addr_print(&addr, text));
	LOGP(DMAIN, LOGL_NOTICE,
	     "ready after %lld ms: twind %s, SIP on%s, HTTP on %s:%u, state in "
	     "%s\n",
	     (long long)(loop_now_ms() - d->start_ms), TWIND_VERSION, all,
	     d->config.http.address, d->http_port, d->options.state_dir);
	notify("READY=1");
}

static void run(struct daemon *d)
{
	config_run(&d->config, dialplan_changed, d);
	turn_signal(d->turn, SIGTERM, on_terminate, d);
	turn_signal(d->turn, SIGINT, on_terminate, d);
	turn_signal(d->turn, SIGHUP, on_hangup, d);
	loop_settle(d->loop);
	say_ready(d);
	loop_run(d->loop);
}

/* In the order in which they need each other; the store last, which writes
 * what still waits. */
static void take_apart(struct daemon *d)
{
	size_t i;

	shell_close();
	admin_free(d->parts.admin);
	for (i = 0; i < d->parts.n_sims; i++)
		sim_socket_free(d->parts.sims[i]);
	hal_free(d->parts.hal);
	media_socket_free(d->parts.media_socket);
	sip_socket_free(d->parts.sip_socket);
	journal_close(d->journal);
	db_close(d->parts.db);
}

static int serve(struct daemon *d)
{
	char why[STATEDIR_WHY_MAX];

	if (statedir_take(d->options.state_dir, why) < 0)
		return fail("%s", why);
	raise_file_limit();
	d->turn = turn_new(d);
	d->loop = loop_new(d, d->turn);
	if (build(d) < 0)
		return -1;
	run(d);
	take_apart(d);
	LOGP(DMAIN, LOGL_NOTICE, "stopped\n");
	return 0;
}

int main(int argc, char **argv)
{
	struct daemon *d = talloc_zero(NULL, struct daemon);
	char why[CONFIG_WHY_MAX];
	int rc;

	OSMO_ASSERT(d);
	d->start_ms = loop_now_ms();
	rc = options_read(d, argc, argv, &d->options);
	if (rc >= 0) {
		talloc_free(d);
		return rc;
	}
	signal(SIGPIPE, SIG_IGN);
	log_start(d);
	config_init(d);
	if (config_read(&d->config, d->options.config, why) < 0) {
		fprintf(stderr, "twind: %s\n", why);
		return EXIT_FAILURE;
	}
	if (d->options.check_config) {
		printf("%s is good\n", d->options.config
					       ? d->options.config
					       : "the built-in configuration");
		return EXIT_SUCCESS;
	}
	stamp_log();
	rc = serve(d);
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
