/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sip_sockaddr.h"

#include <errno.h>

socklen_t sip_sockaddr_of(union sip_sockaddr *ret_sa,
			  const struct sip_addr *addr)
{
	memset(ret_sa, 0, sizeof(*ret_sa));
	if (addr->family == AF_INET) {
		ret_sa->v4.sin_family = AF_INET;
		ret_sa->v4.sin_port = htons(addr->port);
		memcpy(&ret_sa->v4.sin_addr, addr->ip, 4);
		return sizeof(ret_sa->v4);
	}
	ret_sa->v6.sin6_family = AF_INET6;
	ret_sa->v6.sin6_port = htons(addr->port);
	ret_sa->v6.sin6_scope_id = addr->scope;
	memcpy(&ret_sa->v6.sin6_addr, addr->ip, 16);
	return sizeof(ret_sa->v6);
}

int sip_sockaddr_to(struct sip_addr *ret_addr, enum sip_transport transport,
		    const union sip_sockaddr *sa)
{
	struct sip_addr addr = { .transport = transport };

	if (sa->any.sa_family == AF_INET) {
		addr.family = AF_INET;
		addr.port = ntohs(sa->v4.sin_port);
		memcpy(addr.ip, &sa->v4.sin_addr, 4);
	} else if (sa->any.sa_family == AF_INET6) {
		const struct in6_addr *ip = &sa->v6.sin6_addr;

		addr.port = ntohs(sa->v6.sin6_port);
		if (IN6_IS_ADDR_V4MAPPED(ip)) {
			addr.family = AF_INET;
			memcpy(addr.ip, ip->s6_addr + 12, 4);
		} else {
			addr.family = AF_INET6;
			addr.scope = sa->v6.sin6_scope_id;
			memcpy(addr.ip, ip, 16);
		}
	} else {
		return -EAFNOSUPPORT;
	}
	*ret_addr = addr;
	return 0;
}

bool sip_addr_is_wildcard(const struct sip_addr *addr)
{
	static const uint8_t none[16];

	return memcmp(addr->ip, none, addr->family == AF_INET ? 4 : 16) == 0;
}

bool sip_addr_same_host(const struct sip_addr *a, const struct sip_addr *b)
{
	return a->transport == b->transport && a->family == b->family &&
	       a->scope == b->scope && memcmp(a->ip, b->ip, 16) == 0;
}
