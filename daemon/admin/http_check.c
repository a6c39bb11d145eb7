/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http_check.h"

#include <string.h>
#include <strings.h>

#include <arpa/inet.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>

static unsigned int count(const struct evkeyvalq *headers, const char *name)
{
	const struct evkeyval *header;
	unsigned int n = 0;

	for (header = headers->tqh_first; header;
	     header = header->next.tqe_next)
		n += strcasecmp(header->key, name) == 0;
	return n;
}

static int refuse(int status, const char *why, const char **ret_why)
{
	*ret_why = why;
	return status;
}

int http_check_request(const char *target, const struct evkeyvalq *headers,
		       const char **ret_why)
{
	const char *host = evhttp_find_header(headers, "Host");
	const char *length = evhttp_find_header(headers, "Content-Length");

	if (!target || *target != '/')
		return refuse(400, "the target must begin with a slash",
			      ret_why);
	if (count(headers, "Host") != 1 || !*host ||
	    strlen(host) > HTTP_HOST_MAX || strpbrk(host, " \t,/@"))
		return refuse(400, "there must be exactly one Host", ret_why);
	if (count(headers, "Content-Length") > 1 ||
	    (length && (!*length || length[strspn(length, "0123456789")])))
		return refuse(400, "there must be one Content-Length at most",
			      ret_why);
	if (length && count(headers, "Transfer-Encoding"))
		return refuse(400, "a body has one length", ret_why);
	if (count(headers, "Trailer") || count(headers, "Upgrade"))
		return refuse(400, "no trailer and no upgrade here", ret_why);
	return 0;
}

bool http_is_loopback(const char *host)
{
	char name[HTTP_HOST_MAX + 1];
	struct in_addr v4;
	struct in6_addr v6;

	if (*host == '[') {
		if (sscanf(host, "[%255[^]]]", name) != 1)
			return false;
		return inet_pton(AF_INET6, name, &v6) == 1 &&
		       IN6_IS_ADDR_LOOPBACK(&v6);
	}
	if (sscanf(host, "%255[^:]", name) != 1)
		return false;
	if (strcasecmp(name, "localhost") == 0)
		return true;
	return inet_pton(AF_INET, name, &v4) == 1 &&
	       ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
}

static bool is_json(const char *type)
{
	static const char json[] = "application/json";
	size_t n = sizeof(json) - 1;

	return type && strncasecmp(type, json, n) == 0 &&
	       (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

int http_check_api(const struct evkeyvalq *headers, bool has_body,
		   const char **ret_why)
{
	static const char scheme[] = "http://";
	const char *host = evhttp_find_header(headers, "Host");
	const char *origin = evhttp_find_header(headers, "Origin");

	if (!http_is_loopback(host))
		return refuse(403,
			      "the host of the request is not this "
			      "machine's loopback",
			      ret_why);
	if (origin && (strncasecmp(origin, scheme, strlen(scheme)) != 0 ||
		       strcasecmp(origin + strlen(scheme), host) != 0))
		return refuse(403, "the request comes from another site",
			      ret_why);
	if (has_body && !is_json(evhttp_find_header(headers, "Content-Type")))
		return refuse(415, "the body must be application/json",
			      ret_why);
	return 0;
}
