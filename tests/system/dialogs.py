#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""dialogs.py - two SIP phones through the gateway, from INVITE to BYE

    usage: dialogs.py BUILD-DIR

The session of one side reaches the other as it is: media flows directly.
"""
import rig


class Dialogs(rig.Story):
    def setUp(self):
        super().setUp()
        self.gateway()
        self.anna = self.phone("201", "Anna", rtp=4000)
        self.bert = self.phone("202", "Bert", rtp=5000)

    def phone(self, number, name=None, rtp=9, **kw):
        phone = super().phone(number, name, **kw)
        phone.rtp_port = rtp
        return phone

    def up(self):
        call = self.anna.call("202")
        bert = self.bert.incoming()
        bert.ring()
        call.wait_code(180)
        bert.answer()
        call.answered()
        return call, bert

    def end(self, first, second):
        first.bye()
        second.ended()
        self.assertEqual(self.gw.ctl("call", "active"), [])

    def pass_on(self, asker, other, method, body, answer):
        """A request with an offer reaches the other side, its answer comes
        back; returns what each saw."""
        asker.cseq += 1
        if method == "INVITE":
            asker.invite_again(body, ())
        else:
            asker.phone.send(asker.phone.request(
                method, asker.target, asker.id, asker.cseq, asker.local,
                asker.remote, (), body))
        asked = other.wait_request(method)
        other.phone.reply(asked, 200, "OK", answer, tag=other.tag)
        got = asker.wait_code(200, 699, method)
        self.assertEqual(got.code, 200, got)
        if method == "INVITE":
            asker.ack(got)
            other.wait_request("ACK")
        return asked, got

    def test_offer_and_answer_pass_through(self):
        call = self.anna.call("202", display="Mallory")
        bert = self.bert.incoming()
        self.assertEqual(bert.request_in.rtp()[:2], ("127.0.0.1", 4000))
        self.assertRegex(bert.request_in["from"], '^"?Anna"? <sip:201@')
        bert.answer()
        self.assertEqual(call.answered().rtp()[:2], ("127.0.0.1", 5000))
        self.end(call, bert)

    def test_a_late_offer_is_answered_in_the_ack(self):
        call = self.anna.call("202", "")
        bert = self.bert.incoming()
        self.assertEqual(bert.request_in.body, "")
        bert.reply(200, "OK", self.bert.sdp())
        got = call.wait_code(200)
        self.assertEqual(got.rtp()[1], 5000)
        call.ack(got, self.anna.sdp())
        self.assertEqual(bert.wait_request("ACK").rtp()[1], 4000)
        self.end(bert, call)

    def test_early_media_passes_and_is_followed_by_the_answer(self):
        call = self.anna.call("202")
        bert = self.bert.incoming()
        bert.reply(183, "Session Progress", self.bert.sdp())
        self.assertEqual(call.wait_code(183).rtp()[1], 5000)
        bert.answer()
        call.answered()
        self.end(call, bert)

    def test_hold_and_resume_by_either_side(self):
        call, bert = self.up()
        for asker, other, phone in ((call, bert, self.anna),
                                    (bert, call, self.bert)):
            for direction, reply in (("sendonly", "recvonly"),
                                     ("sendrecv", "sendrecv")):
                asked, got = self.pass_on(
                    asker, other, "INVITE",
                    phone.sdp(direction=direction, version=2),
                    other.phone.sdp(direction=reply, version=2))
                self.assertIn("a=" + direction, asked.body)
                self.assertIn("a=" + reply, got.body)
        self.end(call, bert)

    def test_an_update_passes(self):
        call, bert = self.up()
        asked, got = self.pass_on(call, bert, "UPDATE",
                                  self.anna.sdp(version=3),
                                  self.bert.sdp(version=3))
        self.assertEqual((asked.rtp()[1], got.rtp()[1]), (4000, 5000))
        self.end(bert, call)

    def test_a_phone_that_knows_no_update_is_asked_by_invite(self):
        self.bert.allow = "INVITE, ACK, CANCEL, BYE"
        call, bert = self.up()
        call.cseq += 1
        self.anna.send(self.anna.request(
            "UPDATE", call.target, call.id, call.cseq, call.local,
            call.remote, (), self.anna.sdp(version=3)))
        asked = bert.wait_request("INVITE")
        self.assertEqual(asked.rtp()[1], 4000)
        self.bert.reply(asked, 200, "OK", self.bert.sdp(version=3))
        self.assertEqual(call.wait_code(200, 699, "UPDATE").rtp()[1], 5000)
        bert.wait_request("ACK")
        self.end(call, bert)

    def test_the_caller_cancels(self):
        call = self.anna.call("202")
        bert = self.bert.incoming()
        bert.ring()
        call.wait_code(180)
        call.cancel()
        self.assertEqual(call.wait_code(200, method="CANCEL").code, 200)
        bert.cancelled()
        call.failed(487)

    def test_each_refusal_reaches_the_caller(self):
        for code, want in ((486, 486), (603, 603), (480, 480), (488, 488)):
            call = self.anna.call("202")
            self.bert.incoming().reply(code, "No")
            call.failed(want)

    def test_either_side_hangs_up(self):
        for last in (False, True):
            call, bert = self.up()
            self.end(*((bert, call) if last else (call, bert)))

    def test_who_is_not_there(self):
        self.gw.add_phone("203", "Gone")
        self.anna.call("203").failed(480)
        self.anna.call("999").failed(404)
        self.bert.try_register(expires=0)
        self.anna.call("202").failed(480)

    def test_what_the_gateway_is_asked_itself(self):
        options = self.anna.request(
            "OPTIONS", "sip:example.test", "o1", 1,
            "<sip:201@example.test>;tag=1", "<sip:example.test>")
        self.anna.send(options)
        got = self.anna.wait(lambda m: m.code and m["call-id"] == "o1", "200")
        self.assertEqual(got.code, 200)
        self.assertIn("INVITE", got["allow"])
        self.anna.send(options.replace("OPTIONS", "FLY").replace("o1", "o2"))
        got = self.anna.wait(lambda m: m.code and m["call-id"] == "o2", "4xx")
        self.assertIn(got.code, (405, 501))

    def test_registration_by_either_digest(self):
        for algorithm in ("MD5", "SHA-256"):
            self.anna.register(algorithm=algorithm)
        self.assertEqual(self.anna.try_register(password="no").code, 403)
        got = self.anna.register(expires=0)
        self.assertIsNone(got["contact"])

    def test_only_the_newest_contact_rings(self):
        old = self.bert
        new = self.phone("202")
        call = self.anna.call("202")
        bert = new.incoming()
        bert.answer()
        call.answered()
        self.assertEqual(old.seen(lambda m: m.method == "INVITE"), [])
        self.end(call, bert)


if __name__ == "__main__":
    rig.main()
