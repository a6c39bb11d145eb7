/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sip_auth.c - digest: the RFCs' examples, and who gets in */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>

#include "sip_auth.h"
#include "sip_digest.h"

/* ---- the RFCs' worked examples ---- */

static void expect_response(enum sip_algorithm a, const char *user,
			    const char *realm, const char *password,
			    struct sip_credentials c, const char *expected)
{
	struct sip_secret secret;
	char hex[SIP_DIGEST_MAX];

	sip_ha1(user, realm, password, secret.md5, secret.sha256);
	sip_digest_response(a, &c,
			    span_of(a == SIP_MD5 ? secret.md5 : secret.sha256),
			    span_of("GET"), hex);
	ck_assert_mem_eq(hex, expected, sip_algorithm_digits(a));
}

START_TEST(the_example_of_rfc_2617_comes_out)
{
	struct sip_credentials c = {
		.nonce = span_of("dcd98b7102dd2f0e8b11d0f600bfb0c093"),
		.uri = span_of("/dir/index.html"),
		.qop = span_of("auth"),
		.nc = span_of("00000001"),
		.cnonce = span_of("0a4f113b"),
	};

	expect_response(SIP_MD5, "Mufasa", "testrealm@host.com",
			"Circle Of Life", c,
			"6629fae49393a05397450978507c4ef1");
}
END_TEST

START_TEST(the_examples_of_rfc_7616_come_out)
{
	struct sip_credentials c = {
		.nonce =
			span_of("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"),
		.uri = span_of("/dir/index.html"),
		.qop = span_of("auth"),
		.nc = span_of("00000001"),
		.cnonce =
			span_of("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"),
	};

	expect_response(SIP_MD5, "Mufasa", "http-auth@example.org",
			"Circle of Life", c,
			"8ca523f5e9506fed4657c9700eebdbec");
	expect_response(SIP_SHA256, "Mufasa", "http-auth@example.org",
			"Circle of Life", c,
			"753927fa0e85d155564e2e272a28d180"
			"2ca10daf4496794697cf8db5856cb6c1");
}
END_TEST

START_TEST(the_example_of_rfc_2069_with_its_erratum_comes_out)
{
	struct sip_credentials c = {
		.nonce = span_of("dcd98b7102dd2f0e8b11d0f600bfb0c093"),
		.uri = span_of("/dir/index.html"),
	};

	expect_response(SIP_MD5, "Mufasa", "testrealm@host.com", "CircleOfLife",
			c, "1949323746fe6a43ef61f9606e7febea");
}
END_TEST

/* ---- a phone at the door ---- */

struct phone {
	const char *user;
	const char *username; /* what it claims; NULL: @user */
	const char *password;
	const char *uri;
	const char *nonce; /* NULL: that of the challenge */
	enum sip_algorithm algorithm;
	bool old; /* without qop and algorithm */
	bool proxy;
	bool capitals;
};

static const struct phone desk = {
	.user = "100",
	.password = "secret",
	.uri = "sip:example.test",
	.algorithm = SIP_MD5,
};

static struct sip_auth *auth;
static struct sip_secret secret;

static void setup(void)
{
	auth = sip_auth_new(NULL, "example.test", 4711, 300);
	sip_ha1("100", "example.test", "secret", secret.md5, secret.sha256);
}

static void teardown(void)
{
	talloc_free(auth);
}

/* The text of a challenge made at @now_ms. */
static const char *challenge(int64_t now_ms, bool proxy, bool stale)
{
	static char buf[2000];
	struct sip_writer w;

	sip_write_begin(&w, buf, sizeof(buf) - 1);
	sip_auth_challenge(auth, now_ms, &w, proxy, stale);
	ck_assert(!w.spoiled);
	buf[w.n] = '\0';
	return buf;
}

static const char *nonce_made(int64_t now_ms)
{
	static char nonce[49];
	const char *at = strstr(challenge(now_ms, false, false), "nonce=\"");

	ck_assert_ptr_nonnull(at);
	memcpy(nonce, at + 7, 48);
	return nonce;
}

static enum sip_auth_result knock(const struct phone *phone, int64_t born_ms,
				  int64_t now_ms,
				  const struct sip_secret *known)
{
	static char text[2000];
	static struct sip_msg msg;
	const char *nonce = phone->nonce ? phone->nonce : nonce_made(born_ms);
	const char *username = phone->username ? phone->username : phone->user;
	struct sip_credentials c = {
		.nonce = span_of(nonce),
		.uri = span_of(phone->uri),
		.qop = span_of(phone->old ? NULL : "auth"),
		.nc = span_of("00000001"),
		.cnonce = span_of("0a4f113b"),
	};
	enum sip_algorithm a = phone->algorithm;
	char hex[SIP_DIGEST_MAX + 1] = "";
	struct sip_secret own;
	struct sip_fault fault;

	sip_ha1(username, "example.test", phone->password, own.md5, own.sha256);
	sip_digest_response(a, &c, span_of(a == SIP_MD5 ? own.md5 : own.sha256),
			    span_of("REGISTER"), hex);
	for (char *p = hex; phone->capitals && *p; p++)
		*p = *p >= 'a' ? *p - 32 : *p;
	snprintf(text, sizeof(text),
		 "REGISTER sip:example.test SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKx\r\n"
		 "From: <sip:%s@example.test>;tag=1\r\n"
		 "To: <sip:%s@example.test>\r\n"
		 "Call-ID: x\r\n"
		 "CSeq: 1 REGISTER\r\n"
		 "%s: Digest username=\"%s\", realm=\"example.test\",\r\n"
		 " nonce=\"%s\", uri=\"%s\", response=\"%s\"%s%s%s\r\n\r\n",
		 phone->user, phone->user,
		 phone->proxy ? "Proxy-Authorization" : "Authorization",
		 username, nonce, phone->uri, hex,
		 phone->old ? ""
			    : ", qop=auth, nc=00000001, "
			      "cnonce=\"0a4f113b\", algorithm=",
		 phone->old ? "" : sip_algorithm_name(a), "");
	ck_assert_int_eq(
		sip_msg_parse(&msg, (uint8_t *)text, strlen(text), &fault), 0);
	return sip_auth_check(auth, now_ms, &msg, phone->proxy,
			      span_of(phone->user), known);
}

START_TEST(the_right_password_gets_in)
{
	struct phone phone = desk;

	ck_assert_int_eq(knock(&phone, 1000, 1000, &secret), SIP_AUTH_OK);
	phone.algorithm = SIP_SHA256;
	ck_assert_int_eq(knock(&phone, 1000, 301000, &secret), SIP_AUTH_OK);
	phone.proxy = true;
	ck_assert_int_eq(knock(&phone, 1000, 1000, &secret), SIP_AUTH_OK);
	phone.capitals = true;
	ck_assert_int_eq(knock(&phone, 1000, 1000, &secret), SIP_AUTH_OK);
}
END_TEST

START_TEST(an_old_phone_without_qop_gets_in)
{
	struct phone phone = desk;

	phone.old = true;
	ck_assert_int_eq(knock(&phone, 1000, 1000, &secret), SIP_AUTH_OK);
	phone.password = "guess";
	ck_assert_int_eq(knock(&phone, 1000, 1000, &secret), SIP_AUTH_WRONG);
}
END_TEST

START_TEST(a_wrong_password_and_an_unknown_user_look_the_same)
{
	struct phone phone = desk;

	phone.password = "guess";
	ck_assert_int_eq(knock(&phone, 1000, 1000, &secret), SIP_AUTH_WRONG);
	ck_assert_int_eq(knock(&phone, 1000, 1000, NULL), SIP_AUTH_WRONG);
	phone.password = "secret";
	ck_assert_int_eq(knock(&phone, 1000, 1000, NULL), SIP_AUTH_WRONG);
}
END_TEST

START_TEST(a_user_without_that_kind_of_secret_stays_out)
{
	struct sip_secret none = { "", "" };

	ck_assert_int_eq(knock(&desk, 1000, 1000, &none), SIP_AUTH_WRONG);
}
END_TEST

START_TEST(somebody_else_s_right_password_stays_out)
{
	struct phone phone = desk;
	struct sip_secret other;

	phone.username = "200";
	phone.password = "other";
	sip_ha1("200", "example.test", "other", other.md5, other.sha256);
	ck_assert_int_eq(knock(&phone, 1000, 1000, &other), SIP_AUTH_WRONG);
}
END_TEST

START_TEST(a_signature_for_another_uri_stays_out)
{
	struct phone phone = desk;

	phone.uri = "sip:200@example.test";
	ck_assert_int_eq(knock(&phone, 1000, 1000, &secret), SIP_AUTH_WRONG);
	phone.uri = "sip:example.test:5060;transport=udp";
	ck_assert_int_eq(knock(&phone, 1000, 1000, &secret), SIP_AUTH_OK);
	phone.uri = "not a uri";
	ck_assert_int_eq(knock(&phone, 1000, 1000, &secret), SIP_AUTH_WRONG);
}
END_TEST

START_TEST(an_old_nonce_is_stale_and_one_of_tomorrow_too)
{
	ck_assert_int_eq(knock(&desk, 1000, 301001, &secret), SIP_AUTH_STALE);
	ck_assert_int_eq(knock(&desk, 2000, 1000, &secret), SIP_AUTH_STALE);
}
END_TEST

START_TEST(an_invented_nonce_is_challenged)
{
	struct phone phone = desk;
	char forged[49];

	phone.nonce = "invented";
	ck_assert_int_eq(knock(&phone, 1000, 1000, &secret),
			 SIP_AUTH_CHALLENGE);
	/* A born nonce made younger by one digit. */
	memcpy(forged, nonce_made(1000), sizeof(forged));
	forged[15]++;
	phone.nonce = forged;
	ck_assert_int_eq(knock(&phone, 1000, 1002, &secret),
			 SIP_AUTH_CHALLENGE);
}
END_TEST

START_TEST(another_process_s_nonce_is_challenged)
{
	struct phone phone = desk;
	struct sip_auth *other = sip_auth_new(NULL, "example.test", 4712, 300);
	struct sip_auth *ours = auth;
	char nonce[49];

	auth = other;
	memcpy(nonce, nonce_made(1000), sizeof(nonce));
	auth = ours;
	phone.nonce = nonce;
	ck_assert_int_eq(knock(&phone, 1000, 1000, &secret),
			 SIP_AUTH_CHALLENGE);
	talloc_free(other);
}
END_TEST

START_TEST(sha_256_is_offered_before_md5)
{
	const char *text = challenge(1000, false, false);
	const char *sha = strstr(text, "algorithm=SHA-256\r\n");
	const char *md5 = strstr(text, "algorithm=MD5\r\n");

	ck_assert_ptr_nonnull(sha);
	ck_assert_ptr_nonnull(md5);
	ck_assert(sha < md5);
	ck_assert_int_eq(strncmp(text,
				 "WWW-Authenticate: Digest realm="
				 "\"example.test\", nonce=\"",
				 54),
			 0);
	ck_assert_ptr_null(strstr(text, "stale"));
	ck_assert_ptr_nonnull(
		strstr(challenge(1000, false, true), "stale=true\r\n"));
	ck_assert_ptr_nonnull(strstr(challenge(1000, true, false),
				     "Proxy-Authenticate: Digest"));
}
END_TEST

START_TEST(phones_that_see_the_first_challenge_alone_get_md5_first)
{
	const char *text;

	sip_auth_set_md5_first(auth, true);
	text = challenge(1000, false, false);
	ck_assert(strstr(text, "algorithm=MD5\r\n") <
		  strstr(text, "algorithm=SHA-256\r\n"));
}
END_TEST

/* ---- credentials ---- */

static bool readable(const char *text)
{
	struct sip_credentials c;

	return sip_credentials_parse(&c, span_of(text));
}

START_TEST(what_is_said_twice_or_badly_is_not_read)
{
	ck_assert(readable("username=\"a\", realm=\"b\""));
	ck_assert(readable("username=\"a,\\\"b\" ,\r\n unknown=token"));
	ck_assert(!readable(""));
	ck_assert(!readable("username"));
	ck_assert(!readable("username="));
	ck_assert(!readable("username=\"a"));
	ck_assert(!readable("username=\"a\" realm=\"b\""));
	ck_assert(!readable("username=\"a\", username=\"b\""));
	ck_assert(!readable("username=\"a\","));
	ck_assert(!readable("realm=\"\", realm=\"b\""));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sip_auth");
	TCase *examples = tcase_create("examples");
	TCase *door = tcase_create("door");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(examples, the_example_of_rfc_2617_comes_out);
	tcase_add_test(examples, the_examples_of_rfc_7616_come_out);
	tcase_add_test(examples,
		       the_example_of_rfc_2069_with_its_erratum_comes_out);
	tcase_add_test(examples, what_is_said_twice_or_badly_is_not_read);
	suite_add_tcase(suite, examples);

	tcase_add_checked_fixture(door, setup, teardown);
	tcase_add_test(door, the_right_password_gets_in);
	tcase_add_test(door, an_old_phone_without_qop_gets_in);
	tcase_add_test(door,
		       a_wrong_password_and_an_unknown_user_look_the_same);
	tcase_add_test(door, a_user_without_that_kind_of_secret_stays_out);
	tcase_add_test(door, somebody_else_s_right_password_stays_out);
	tcase_add_test(door, a_signature_for_another_uri_stays_out);
	tcase_add_test(door, an_old_nonce_is_stale_and_one_of_tomorrow_too);
	tcase_add_test(door, an_invented_nonce_is_challenged);
	tcase_add_test(door, another_process_s_nonce_is_challenged);
	tcase_add_test(door, sha_256_is_offered_before_md5);
	tcase_add_test(door,
		       phones_that_see_the_first_challenge_alone_get_md5_first);
	suite_add_tcase(suite, door);

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
