/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sip_auth.h - digest authentication, the server's side (RFC 3261, 22)
 *
 *     request --> sip_auth_check() --> OK         go on
 *                                      CHALLENGE  401/407, sip_auth_challenge()
 *                                      STALE      the same, stale=true
 *                                      WRONG      403
 *
 * SHA-256 is offered first, MD5 after it, each in a header of its own
 * (RFC 8760, 2.4), with qop=auth.  Phones of before RFC 2617, that answer
 * without qop, are let in.
 *
 * Nothing is kept between requests: a nonce is its birth and a keyed hash of
 * it, so strangers cannot fill our memory, and an old one of ours can be told
 * from an invented one.  The key dies with the process; nonces of a former
 * life are unknown, and just challenged again.
 *
 * A user that does not exist is computed with credentials that nobody has,
 * and answered as a wrong password is: neither status nor time tell them
 * apart.  Digests are compared in constant time.
 */
#pragma once

#include "sip.h"
#include "sip_msg.h"
#include "sip_write.h"

struct sip_auth;

/* HA1s in lower-case hexadecimal; an empty one cannot be used. */
struct sip_secret {
	char md5[33];
	char sha256[65];
};

enum sip_auth_result {
	SIP_AUTH_CHALLENGE, /* none for our realm, or no nonce of ours */
	SIP_AUTH_STALE,	    /* right or not, the nonce is too old */
	SIP_AUTH_WRONG,	    /* a nonce of now, and not the password, the user
			     * or the request URI that it takes */
	SIP_AUTH_OK,
};

/* @seed is secret and random.  @nonce_life_s: 0 for 300. */
struct sip_auth *sip_auth_new(void *ctx, const char *realm, uint64_t seed,
			      uint32_t nonce_life_s);

/*
 * Looks at the Authorization of @msg (Proxy-Authorization if @proxy).  @user:
 * who it must be, the user of From, or of To in a REGISTER, unescaped.
 * @secret: that user's; NULL for a user that does not exist.
 */
enum sip_auth_result sip_auth_check(struct sip_auth *auth, int64_t now_ms,
				    const struct sip_msg *msg, bool proxy,
				    struct span user,
				    const struct sip_secret *secret);

/* MD5 before SHA-256, for phones that look at the first challenge alone. */
void sip_auth_set_md5_first(struct sip_auth *auth, bool md5_first);
/* No challenge but MD5, for phones that give up when they see another.  An
 * answer by SHA-256 is as good as ever. */
void sip_auth_set_md5_only(struct sip_auth *auth, bool md5_only);

/* Both challenge headers with a fresh nonce: WWW-Authenticate, or
 * Proxy-Authenticate if @proxy. */
void sip_auth_challenge(struct sip_auth *auth, int64_t now_ms,
			struct sip_writer *w, bool proxy, bool stale);
