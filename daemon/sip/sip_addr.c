/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_addr.c - addresses as text: "udp:192.0.2.7:5060"
 *
 * The text names where something is to be sent, so it has neither the id of
 * a connection nor a scope: both end with the process.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "sip.h"

static const char *const transports[] = {
	[SIP_UDP] = "udp",
	[SIP_TCP] = "tcp",
	[SIP_TLS] = "tls",
};

const char *sip_addr_print(const struct sip_addr *addr, char buf[SIP_ADDR_TEXT])
{
	bool six = addr->family == AF_INET6;
	char ip[INET6_ADDRSTRLEN] = "?";

	inet_ntop(addr->family, addr->ip, ip, sizeof(ip));
	snprintf(buf, SIP_ADDR_TEXT, "%s:%s%s%s:%u",
		 addr->transport <= SIP_TLS ? transports[addr->transport] : "?",
		 six ? "[" : "", ip, six ? "]" : "", addr->port);
	return buf;
}

static int parse_transport(const char *text, size_t n)
{
	for (int i = SIP_UDP; i <= SIP_TLS; i++)
		if (n == 3 && memcmp(text, transports[i], n) == 0)
			return i;
	return -EINVAL;
}

int sip_addr_parse(struct sip_addr *ret_addr, const char *text)
{
	struct sip_addr addr = { .family = AF_INET };
	const char *host = strchr(text, ':');
	const char *end = strrchr(text, ':');
	char ip[INET6_ADDRSTRLEN];
	unsigned long port;
	char *rest;
	int transport;

	if (!host || host == end)
		return -EINVAL;
	transport = parse_transport(text, host - text);
	if (transport < 0)
		return -EINVAL;
	host++;
	port = strtoul(end + 1, &rest, 10);
	if (end[1] < '0' || end[1] > '9' || *rest || port > UINT16_MAX)
		return -EINVAL;
	if (*host == '[' && end[-1] == ']' && end - host > 2) {
		addr.family = AF_INET6;
		host++;
		end--;
	}
	if ((size_t)(end - host) >= sizeof(ip))
		return -EINVAL;
	memcpy(ip, host, end - host);
	ip[end - host] = '\0';
	if (inet_pton(addr.family, ip, addr.ip) != 1)
		return -EINVAL;
	addr.transport = transport;
	addr.port = port;
	*ret_addr = addr;
	return 0;
}
