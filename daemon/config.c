/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <osmocom/core/utils.h>
#include <osmocom/vty/command.h>
#include <osmocom/vty/logging.h>
#include <osmocom/vty/misc.h>
#include <osmocom/vty/vty.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define DOMAIN "twind.home.arpa" /* a name for houses (RFC 8375) */
#define SIP_PORT 5060
#define HTTP_PORT 8080
#define NO_ANSWER_S 15
#define RING_LIMIT_S 180

enum config_node {
	SIP_NODE = _LAST_OSMOVTY_NODE + 1,
	HTTP_NODE,
	BASE_NODE,
	DIALPLAN_NODE,
	RTP_NODE,
};

/* What commands work on: the file being read, later what runs. */
static struct config *target;
static struct {
	config_changed_cb *cb;
	void *data;
} changed;
/* Why the last command of a file was refused. */
static char refusal[256];

/* ---- refusing and accepting ---- */

static int refuse(struct vty *vty, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(struct vty *vty, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(refusal, sizeof(refusal), format, ap);
	va_end(ap);
	if (vty->type != VTY_FILE)
		vty_out(vty, "%% %s%s", refusal, VTY_NEWLINE);
	return CMD_WARNING;
}

static int accept_for_restart(struct vty *vty)
{
	if (vty->type != VTY_FILE)
		vty_out(vty, "%% write it; it comes true at the next start%s",
			VTY_NEWLINE);
	return CMD_SUCCESS;
}

static int accept_at_once(void)
{
	if (changed.cb)
		changed.cb(changed.data);
	return CMD_SUCCESS;
}

/* ---- values ---- */

static bool is_address(const char *text)
{
	uint8_t ip[16];

	return strlen(text) <= CONFIG_ADDRESS_MAX &&
	       (inet_pton(AF_INET, text, ip) == 1 ||
		inet_pton(AF_INET6, text, ip) == 1);
}

/* A host name, or what may stand for one in a URI (RFC 3261, 25.1). */
static bool is_name(const char *text)
{
	const char *p;

	for (p = text; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr(".-_", *p))
			return false;
	return p > text && p - text <= CONFIG_NAME_MAX;
}

static bool is_same_listener(const struct config_listener *a,
			     const struct config_listener *b)
{
	return a->port == b->port && !strcmp(a->transport, b->transport) &&
	       !strcmp(a->address, b->address);
}

/* ---- sip ---- */

DEFUN(cfg_sip, cfg_sip_cmd, "sip", "SIP: phones and their registrations\n")
{
	vty->node = SIP_NODE;
	return CMD_SUCCESS;
}

DEFUN(cfg_sip_domain, cfg_sip_domain_cmd, "domain NAME",
      "The domain of all extensions: sip:NUMBER@NAME\nHost name\n")
{
	if (!is_name(argv[0]))
		return refuse(vty, "'%s' is not a host name", argv[0]);
	osmo_strlcpy(target->domain, argv[0], sizeof(target->domain));
	return accept_for_restart(vty);
}

DEFUN(cfg_sip_realm, cfg_sip_realm_cmd, "realm NAME",
      "The realm that passwords belong to; changing it voids them all\n"
      "Host name\n")
{
	if (!is_name(argv[0]))
		return refuse(vty, "'%s' is not a host name", argv[0]);
	osmo_strlcpy(target->realm, argv[0], sizeof(target->realm));
	return accept_for_restart(vty);
}

DEFUN(cfg_sip_digest, cfg_sip_digest_cmd, "digest (sha-256-first|md5-first|md5-only)",
      "In which order phones are offered the kinds of digest\n"
      "As it should be (RFC 8760)\n"
      "For phones that look at the first one alone and know only MD5\n"
      "For phones that give up when they see one that they do not know\n")
{
	target->md5_first = !strcmp(argv[0], "md5-first");
	target->md5_only = !strcmp(argv[0], "md5-only");
	return accept_for_restart(vty);
}

#define LISTEN_HELP                                                            \
	"IPv4 or IPv6 address, 0.0.0.0 and :: for all\n"                       \
	"Port; 0 takes a free one\n"

DEFUN(cfg_sip_listen, cfg_sip_listen_cmd, "listen (udp|tcp) ADDRESS <0-65535>",
      "Open a listener\nDatagrams\nConnections\n" LISTEN_HELP)
{
	struct config_listener l = { .port = atoi(argv[2]) };
	unsigned int i;

	if (!is_address(argv[1]))
		return refuse(vty, "'%s' is not an IP address", argv[1]);
	osmo_strlcpy(l.transport, argv[0], sizeof(l.transport));
	osmo_strlcpy(l.address, argv[1], sizeof(l.address));
	for (i = 0; i < target->n_listen; i++)
		if (l.port && is_same_listener(&target->listen[i], &l))
			return refuse(vty, "listens there already");
	if (target->n_listen == CONFIG_LISTENERS_MAX)
		return refuse(vty, "no more than %d listeners",
			      CONFIG_LISTENERS_MAX);
	target->listen[target->n_listen++] = l;
	return accept_for_restart(vty);
}

DEFUN(cfg_sip_no_listen, cfg_sip_no_listen_cmd,
      "no listen (udp|tcp) ADDRESS <0-65535>",
      NO_STR "Close a listener\nDatagrams\nConnections\n" LISTEN_HELP)
{
	struct config_listener l = { .port = atoi(argv[2]) };
	unsigned int i;

	osmo_strlcpy(l.transport, argv[0], sizeof(l.transport));
	osmo_strlcpy(l.address, argv[1], sizeof(l.address));
	for (i = 0; i < target->n_listen; i++) {
		if (!is_same_listener(&target->listen[i], &l))
			continue;
		target->n_listen--;
		memmove(&target->listen[i], &target->listen[i + 1],
			(target->n_listen - i) * sizeof(l));
		return accept_for_restart(vty);
	}
	return refuse(vty, "there is no such listener");
}

static int mailbox_find(const char *address)
{
	unsigned int i;

	for (i = 0; i < target->n_mailboxes; i++)
		if (!strcmp(target->mailboxes[i], address))
			return i;
	return -1;
}

#define MAILBOX_HELP                                                           \
	"A voicemail system that tells of waiting messages unasked\n"          \
	"IPv4 or IPv6 address that it sends from\n"

DEFUN(cfg_sip_mailbox, cfg_sip_mailbox_cmd, "mailbox ADDRESS", MAILBOX_HELP)
{
	if (!is_address(argv[0]))
		return refuse(vty, "'%s' is not an IP address", argv[0]);
	if (mailbox_find(argv[0]) >= 0)
		return refuse(vty, "it is known already");
	if (target->n_mailboxes == CONFIG_MAILBOXES_MAX)
		return refuse(vty, "no more than %d mailboxes",
			      CONFIG_MAILBOXES_MAX);
	osmo_strlcpy(target->mailboxes[target->n_mailboxes++], argv[0],
		     sizeof(target->mailboxes[0]));
	return accept_for_restart(vty);
}

DEFUN(cfg_sip_no_mailbox, cfg_sip_no_mailbox_cmd, "no mailbox ADDRESS",
      NO_STR MAILBOX_HELP)
{
	int at = mailbox_find(argv[0]);

	if (at < 0)
		return refuse(vty, "there is no such mailbox");
	target->n_mailboxes--;
	memmove(target->mailboxes[at], target->mailboxes[at + 1],
		(target->n_mailboxes - at) * sizeof(target->mailboxes[0]));
	memset(target->mailboxes[target->n_mailboxes], 0,
	       sizeof(target->mailboxes[0]));
	return accept_for_restart(vty);
}

static int write_sip(struct vty *vty)
{
	unsigned int i;

	vty_out(vty, "sip%s domain %s%s", VTY_NEWLINE, target->domain,
		VTY_NEWLINE);
	if (*target->realm)
		vty_out(vty, " realm %s%s", target->realm, VTY_NEWLINE);
	if (target->md5_first)
		vty_out(vty, " digest md5-first%s", VTY_NEWLINE);
	if (target->md5_only)
		vty_out(vty, " digest md5-only%s", VTY_NEWLINE);
	for (i = 0; i < target->n_listen; i++)
		vty_out(vty, " listen %s %s %u%s", target->listen[i].transport,
			target->listen[i].address, target->listen[i].port,
			VTY_NEWLINE);
	for (i = 0; i < target->n_mailboxes; i++)
		vty_out(vty, " mailbox %s%s", target->mailboxes[i],
			VTY_NEWLINE);
	return 1;
}

/* ---- http ---- */

DEFUN(cfg_http, cfg_http_cmd, "http", "HTTP: health and metrics\n")
{
	vty->node = HTTP_NODE;
	return CMD_SUCCESS;
}

DEFUN(cfg_http_listen, cfg_http_listen_cmd, "listen ADDRESS <0-65535>",
      "Open the listener\n" LISTEN_HELP)
{
	if (!is_address(argv[0]))
		return refuse(vty, "'%s' is not an IP address", argv[0]);
	osmo_strlcpy(target->http.address, argv[0],
		     sizeof(target->http.address));
	target->http.port = atoi(argv[1]);
	return accept_for_restart(vty);
}

static int write_http(struct vty *vty)
{
	vty_out(vty, "http%s listen %s %u%s", VTY_NEWLINE, target->http.address,
		target->http.port, VTY_NEWLINE);
	return 1;
}

/* ---- base NAME ---- */

DEFUN(cfg_base, cfg_base_cmd, "base NAME",
      "A DECT base\nIts name, as handsets and administrators see it\n")
{
	struct config_base *b;

	if (!is_name(argv[0]))
		return refuse(vty, "'%s' is not a name: letters, digits, . - _",
			      argv[0]);
	for (b = target->bases; b < target->bases + target->n_bases; b++)
		if (!strcmp(b->name, argv[0]))
			break;
	if (b == target->bases + CONFIG_BASES_MAX)
		return refuse(vty, "no more than %d bases", CONFIG_BASES_MAX);
	if (b == target->bases + target->n_bases) {
		*b = (struct config_base){ .driver = "sim" };
		osmo_strlcpy(b->name, argv[0], sizeof(b->name));
		target->n_bases++;
	}
	vty->node = BASE_NODE;
	vty->index = b;
	return accept_for_restart(vty);
}

DEFUN(cfg_no_base, cfg_no_base_cmd, "no base NAME",
      NO_STR "A DECT base\nIts name\n")
{
	unsigned int i;

	for (i = 0; i < target->n_bases; i++) {
		if (strcmp(target->bases[i].name, argv[0]))
			continue;
		target->n_bases--;
		memmove(&target->bases[i], &target->bases[i + 1],
			(target->n_bases - i) * sizeof(target->bases[i]));
		return accept_for_restart(vty);
	}
	return refuse(vty, "there is no base '%s'", argv[0]);
}

DEFUN(cfg_base_driver, cfg_base_driver_cmd, "driver NAME",
      "How to talk to it\n"
      "\"sim\": a base made of memory, for trying and testing\n")
{
	struct config_base *b = vty->index;

	if (strcmp(argv[0], "sim"))
		return refuse(vty, "there is no driver '%s', only: sim",
			      argv[0]);
	osmo_strlcpy(b->driver, argv[0], sizeof(b->driver));
	return accept_for_restart(vty);
}

static int write_base(struct vty *vty)
{
	unsigned int i;

	for (i = 0; i < target->n_bases; i++)
		vty_out(vty, "base %s%s driver %s%s", target->bases[i].name,
			VTY_NEWLINE, target->bases[i].driver, VTY_NEWLINE);
	return target->n_bases;
}

/* ---- dialplan ---- */

DEFUN(cfg_dialplan, cfg_dialplan_cmd, "dialplan", "Which number rings what\n")
{
	vty->node = DIALPLAN_NODE;
	return CMD_SUCCESS;
}

DEFUN(cfg_dial_secondary, cfg_dial_secondary_cmd,
      "dial-secondary (unallocated|to-primary)",
      "When somebody dials the own number of a paired secondary (T35)\n"
      "There is no such number\nRing its primary, and so both\n")
{
	target->dialplan.dial_secondary_to_primary =
		!strcmp(argv[0], "to-primary");
	return accept_at_once();
}

DEFUN(cfg_ring_secondary, cfg_ring_secondary_cmd,
      "ring-secondary-when-primary-unreachable (yes|no)",
      "When the primary of a pair cannot be reached (T19a)\n"
      "The secondary rings alone\nNobody rings\n")
{
	target->dialplan.primary_must_be_reachable = !strcmp(argv[0], "no");
	return accept_at_once();
}

DEFUN(cfg_ring_limit, cfg_ring_limit_cmd, "ring-limit <10-600>",
      "How long a call may ring\nSeconds\n")
{
	target->dialplan.ring_limit_s = atoi(argv[0]);
	return accept_at_once();
}

DEFUN(cfg_no_answer, cfg_no_answer_cmd, "no-answer-time <6-99999>",
      "When a call counts as not answered, if its user has no own time (T61)\n"
      "Seconds\n")
{
	target->dialplan.no_answer_s = atoi(argv[0]);
	return accept_at_once();
}

DEFUN(cfg_second_call, cfg_second_call_cmd,
      "second-call-targets (both|in-use-only)",
      "Where a second call rings while one twin is in use (T23)\n"
      "At both twins\nAt the twin in use\n")
{
	target->dialplan.second_call_in_use_only =
		!strcmp(argv[0], "in-use-only");
	return accept_at_once();
}

static bool is_number(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n >= 1 && n <= CONFIG_NUMBER_MAX && !text[n];
}

DEFUN(cfg_voicemail, cfg_voicemail_cmd, "voicemail NUMBER",
      "The mailboxes of all who have no other (T65)\nWhat is dialled\n")
{
	if (!is_number(argv[0]))
		return refuse(vty, "'%s' is not a number", argv[0]);
	osmo_strlcpy(target->dialplan.voicemail, argv[0],
		     sizeof(target->dialplan.voicemail));
	return accept_at_once();
}

DEFUN(cfg_no_voicemail, cfg_no_voicemail_cmd, "no voicemail",
      NO_STR "The mailboxes of all who have no other (T65)\n")
{
	*target->dialplan.voicemail = '\0';
	return accept_at_once();
}

DEFUN(cfg_emergency, cfg_emergency_cmd, "emergency .NUMBER",
      "Numbers that everyone may call from everywhere (T33)\n"
      "What is dialled; the list replaces the one before\n")
{
	struct config_dialplan *d = &target->dialplan;
	int i;

	if (argc > CONFIG_EMERGENCY_MAX)
		return refuse(vty, "more than %d emergency numbers",
			      CONFIG_EMERGENCY_MAX);
	for (i = 0; i < argc; i++)
		if (!is_number(argv[i]))
			return refuse(vty, "'%s' is not a number", argv[i]);
	memset(d->emergency, 0, sizeof(d->emergency));
	for (i = 0; i < argc; i++)
		osmo_strlcpy(d->emergency[i], argv[i],
			     sizeof(d->emergency[i]));
	return accept_at_once();
}

DEFUN(cfg_no_emergency, cfg_no_emergency_cmd, "no emergency",
      NO_STR "Numbers that everyone may call from everywhere (T33)\n")
{
	memset(target->dialplan.emergency, 0,
	       sizeof(target->dialplan.emergency));
	return accept_at_once();
}

/* The line of the file that is being read, 0 at the operator shell; and in
 * which line each code was given. */
static unsigned int line_now;
static unsigned int code_lines[_NUM_CODE];

DEFUN(cfg_code, cfg_code_cmd, "code NAME DIGITS",
      "What is dialled for a function of the gateway (T182)\n"
      "Its name: dnd-on, forward-number, ...\n"
      "* or #, then more of 0-9 * #, 7 at most; no code begins like another; "
      "\"off\": there is no such code\n")
{
	struct code_plan plan = target->dialplan.codes;
	enum code code, other;

	if (!code_find(span_of(argv[0]), &code))
		return refuse(vty, "there is no code '%s'", argv[0]);
	if (!code_plan_set(&plan, code, span_of(argv[1])))
		return refuse(vty,
			      "'%s' is no code: * or #, then 1 to %d of "
			      "0-9 * #; or off",
			      argv[1], CODE_DIGITS_MAX - 1);
	/* In a file the other may get another code further down. */
	if (code_plan_clashes(&plan, code, line_now > 0, &other))
		return refuse(vty, "'%s' of %s begins like '%s' of %s", argv[1],
			      argv[0], code_digits(&plan, other),
			      code_name(other));
	target->dialplan.codes = plan;
	code_lines[code] = line_now;
	return accept_at_once();
}

static void write_codes(struct vty *vty, const struct code_plan *plan)
{
	enum code code;

	for (code = 0; code < _NUM_CODE; code++)
		if (plan->off[code] || *plan->digits[code])
			vty_out(vty, " code %s %s%s", code_name(code),
				plan->off[code] ? "off" : plan->digits[code],
				VTY_NEWLINE);
}

static int write_dialplan(struct vty *vty)
{
	const struct config_dialplan *d = &target->dialplan;
	unsigned int i;

	vty_out(vty, "dialplan%s", VTY_NEWLINE);
	vty_out(vty, " dial-secondary %s%s",
		d->dial_secondary_to_primary ? "to-primary" : "unallocated",
		VTY_NEWLINE);
	vty_out(vty, " ring-secondary-when-primary-unreachable %s%s",
		d->primary_must_be_reachable ? "no" : "yes", VTY_NEWLINE);
	vty_out(vty, " ring-limit %u%s", d->ring_limit_s, VTY_NEWLINE);
	vty_out(vty, " no-answer-time %u%s", d->no_answer_s, VTY_NEWLINE);
	vty_out(vty, " second-call-targets %s%s",
		d->second_call_in_use_only ? "in-use-only" : "both",
		VTY_NEWLINE);
	if (*d->voicemail)
		vty_out(vty, " voicemail %s%s", d->voicemail, VTY_NEWLINE);
	if (*d->emergency[0])
		vty_out(vty, " emergency");
	for (i = 0; i < CONFIG_EMERGENCY_MAX && *d->emergency[i]; i++)
		vty_out(vty, " %s", d->emergency[i]);
	if (*d->emergency[0])
		vty_out(vty, "%s", VTY_NEWLINE);
	write_codes(vty, &d->codes);
	return 1;
}

/* ---- rtp ---- */

DEFUN(cfg_rtp, cfg_rtp_cmd, "rtp", "Audio of handsets\n")
{
	vty->node = RTP_NODE;
	return CMD_SUCCESS;
}

DEFUN(cfg_rtp_ports, cfg_rtp_ports_cmd, "port-range <1024-65534> <1025-65535>",
      "UDP ports; a handset in a call takes two\nFirst\nLast\n")
{
	int first = atoi(argv[0]), last = atoi(argv[1]);

	if (last <= first)
		return refuse(vty, "the last port must be above the first");
	target->rtp_port_min = first;
	target->rtp_port_max = last;
	return accept_for_restart(vty);
}

DEFUN(cfg_rtp_address, cfg_rtp_address_cmd, "address ADDRESS",
      "Where phones send the audio for handsets to\n"
      "IPv4 or IPv6 address of this machine\n")
{
	if (!is_address(argv[0]))
		return refuse(vty, "'%s' is not an IP address", argv[0]);
	osmo_strlcpy(target->rtp_address, argv[0], sizeof(target->rtp_address));
	return accept_for_restart(vty);
}

static int write_rtp(struct vty *vty)
{
	vty_out(vty, "rtp%s port-range %u %u%s", VTY_NEWLINE,
		target->rtp_port_min, target->rtp_port_max, VTY_NEWLINE);
	if (*target->rtp_address)
		vty_out(vty, " address %s%s", target->rtp_address, VTY_NEWLINE);
	return 1;
}

/* ---- the grammar ---- */

#define NODE(number, word)                                                     \
	{                                                                      \
		.node = (number), .prompt = "%s(config-" word ")# ",           \
		.vtysh = 1                                                     \
	}

/* libosmovty keeps and fills in the nodes. */
static struct {
	struct cmd_node node;
	int (*write)(struct vty *vty);
	struct cmd_element *enter;
	struct cmd_element *commands[12];
} grammar[] = {
	{ NODE(SIP_NODE, "sip"),
	  write_sip,
	  &cfg_sip_cmd,
	  { &cfg_sip_domain_cmd, &cfg_sip_realm_cmd, &cfg_sip_digest_cmd,
	    &cfg_sip_listen_cmd, &cfg_sip_no_listen_cmd, &cfg_sip_mailbox_cmd,
	    &cfg_sip_no_mailbox_cmd } },
	{ NODE(HTTP_NODE, "http"),
	  write_http,
	  &cfg_http_cmd,
	  { &cfg_http_listen_cmd } },
	{ NODE(BASE_NODE, "base"),
	  write_base,
	  &cfg_base_cmd,
	  { &cfg_base_driver_cmd } },
	{ NODE(DIALPLAN_NODE, "dialplan"),
	  write_dialplan,
	  &cfg_dialplan_cmd,
	  { &cfg_dial_secondary_cmd, &cfg_ring_secondary_cmd,
	    &cfg_ring_limit_cmd, &cfg_no_answer_cmd, &cfg_second_call_cmd,
	    &cfg_voicemail_cmd, &cfg_no_voicemail_cmd, &cfg_emergency_cmd,
	    &cfg_no_emergency_cmd, &cfg_code_cmd } },
	{ NODE(RTP_NODE, "rtp"),
	  write_rtp,
	  &cfg_rtp_cmd,
	  { &cfg_rtp_ports_cmd, &cfg_rtp_address_cmd } },
};

void config_init(void *ctx)
{
	static struct vty_app_info app = {
		.name = "twind",
		.version = TWIND_VERSION,
		.copyright = "License GPL-3.0-or-later\r\n",
	};
	unsigned int i, j;

	app.tall_ctx = ctx;
	vty_init(&app);
	logging_vty_add_cmds();
	for (i = 0; i < ARRAY_SIZE(grammar); i++) {
		install_element(CONFIG_NODE, grammar[i].enter);
		install_node(&grammar[i].node, grammar[i].write);
		for (j = 0; j < ARRAY_SIZE(grammar[i].commands); j++)
			if (grammar[i].commands[j])
				install_element(grammar[i].node.node,
						grammar[i].commands[j]);
	}
	install_element(CONFIG_NODE, &cfg_no_base_cmd);
}

/* ---- reading a file ---- */

/*
 * libosmovty does not tell in which line it stopped.  But it reads by
 * fgets(), so a stream that gives one line at a time knows.
 */
struct lines {
	FILE *file;
	unsigned int n;
	bool within; /* a line longer than what was asked for */
};

static ssize_t one_line(void *cookie, char *buf, size_t size)
{
	struct lines *lines = cookie;
	size_t n = 0;
	int c = 0;

	while (n < size && c != '\n' && (c = getc(lines->file)) != EOF)
		buf[n++] = c ? c : '?'; /* else the line would end here */
	if (n > 0 && !lines->within)
		lines->n++;
	lines->within = n > 0 && c != '\n';
	line_now = lines->n;
	return n;
}

static const char *complaint_of(int rc)
{
	switch (rc) {
	case CMD_ERR_NO_MATCH:
		return "there is no such command here, or no such value";
	case CMD_ERR_AMBIGUOUS:
		return "this may mean more than one command";
	case CMD_ERR_INCOMPLETE:
		return "something is missing at the end";
	case CMD_ERR_INVALID_INDENT:
		return "not indented like the lines before";
	default:
		return *refusal ? refusal : "not accepted";
	}
}

static int read_lines(FILE *file, const char *path,
		      char ret_why[CONFIG_WHY_MAX])
{
	struct lines lines = { .file = file };
	FILE *stream = fopencookie(&lines, "r",
				   (cookie_io_functions_t){ .read = one_line });
	struct vty *vty = vty_new();
	const char *text;
	int rc;

	OSMO_ASSERT(stream && vty);
	vty->type = VTY_FILE;
	vty->node = CONFIG_NODE;
	vty->fd = dup(STDERR_FILENO); /* what libosmovty itself may say */
	*refusal = '\0';
	rc = config_from_file(vty, stream);
	if (rc != CMD_SUCCESS) {
		text = vty->buf + strspn(vty->buf, " \t");
		snprintf(ret_why, CONFIG_WHY_MAX, "%s, line %u: %s: '%.*s'",
			 path, lines.n, complaint_of(rc),
			 (int)strcspn(text, "\r\n"), text);
	}
	vty_close(vty);
	fclose(stream);
	return rc == CMD_SUCCESS ? 0 : -EINVAL;
}

/* A code that was given is the one that another has as shipped. */
static int check_codes(const struct code_plan *plan, const char *path,
		       char ret_why[CONFIG_WHY_MAX])
{
	enum code code, other;

	for (code = 0; code < _NUM_CODE; code++) {
		if (!*plan->digits[code] ||
		    !code_plan_clashes(plan, code, false, &other))
			continue;
		snprintf(ret_why, CONFIG_WHY_MAX,
			 "%s, line %u: '%s' of %s begins like '%s' of %s", path,
			 code_lines[code], code_digits(plan, code),
			 code_name(code), code_digits(plan, other),
			 code_name(other));
		return -EINVAL;
	}
	return 0;
}

static void preset(struct config *config)
{
	*config = (struct config){
		.domain = DOMAIN,
		.http = { "tcp", "127.0.0.1", HTTP_PORT },
		.dialplan.ring_limit_s = RING_LIMIT_S,
		.dialplan.no_answer_s = NO_ANSWER_S,
		.rtp_port_min = 16384,
		.rtp_port_max = 32767,
	};
}

/* A list that nobody began. */
static void complete(struct config *config)
{
	static const struct config_listener everywhere[] = {
		{ "udp", "0.0.0.0", SIP_PORT },
		{ "udp", "::", SIP_PORT },
		{ "tcp", "0.0.0.0", SIP_PORT },
		{ "tcp", "::", SIP_PORT },
	};

	if (!config->n_listen) {
		memcpy(config->listen, everywhere, sizeof(everywhere));
		config->n_listen = ARRAY_SIZE(everywhere);
	}
	if (!config->n_bases) {
		config->bases[0] = (struct config_base){ "sim", "sim" };
		config->n_bases = 1;
	}
}

int config_read(struct config *ret_config, const char *path,
		char ret_why[CONFIG_WHY_MAX])
{
	struct config fresh, *was = target;
	FILE *file;
	int rc = 0;

	preset(&fresh);
	if (path) {
		file = fopen(path, "re");
		if (!file) {
			rc = -errno;
			snprintf(ret_why, CONFIG_WHY_MAX, "cannot read %s: %s",
				 path, strerror(errno));
			return rc;
		}
		target = &fresh;
		rc = read_lines(file, path, ret_why);
		line_now = 0;
		if (rc == 0)
			rc = check_codes(&fresh.dialplan.codes, path, ret_why);
		target = was;
		if (rc == 0 && ferror(file)) {
			rc = -EIO;
			snprintf(ret_why, CONFIG_WHY_MAX, "cannot read %s",
				 path);
		}
		fclose(file);
	}
	if (rc < 0)
		return rc;
	complete(&fresh);
	*ret_config = fresh;
	return 0;
}

/* ---- what runs ---- */

void config_run(struct config *config, config_changed_cb *cb, void *data)
{
	target = config;
	changed.cb = cb;
	changed.data = data;
}

void config_needs_restart(const struct config *now, const struct config *next,
			  char ret_parts[CONFIG_PARTS_MAX])
{
	const struct {
		const char *name;
		bool differs;
	} parts[] = {
		{ "sip", strcmp(now->domain, next->domain) ||
				 strcmp(now->realm, next->realm) ||
				 now->md5_first != next->md5_first ||
				 now->md5_only != next->md5_only ||
				 memcmp(now->listen, next->listen,
					sizeof(now->listen)) ||
				 memcmp(now->mailboxes, next->mailboxes,
					sizeof(now->mailboxes)) },
		{ "http", !is_same_listener(&now->http, &next->http) },
		{ "base", memcmp(now->bases, next->bases, sizeof(now->bases)) },
		{ "rtp", now->rtp_port_min != next->rtp_port_min ||
				 now->rtp_port_max != next->rtp_port_max ||
				 strcmp(now->rtp_address, next->rtp_address) },
	};
	size_t i, n = 0;

	*ret_parts = '\0';
	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i].differs)
			n += snprintf(ret_parts + n, CONFIG_PARTS_MAX - n,
				      "%s%s", n ? ", " : "", parts[i].name);
}

const char *config_realm(const struct config *config)
{
	return *config->realm ? config->realm : config->domain;
}
