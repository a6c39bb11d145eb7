#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""twin_call.py - both ring, one answers, the other falls silent

    usage: twin_call.py BUILD-DIR
"""
import time

import rig

# What interfaces.md, section 4, promises of a log row; a loaded machine is
# given as much again.
LOG_ROW_S = 0.8
LEGS_APART_S = 0.3  # promised: 0.1


class TwinCall(rig.Story):
    transport, v6 = "udp", False

    def setUp(self):
        super().setUp()
        address = "::1" if self.v6 else "127.0.0.1"
        self.gateway(listen=[(self.transport, address, 0)])
        self.desk = self.sip_phone("201", "Alice Meyer")
        self.bob = self.sip_phone("202", "Bob Jones")
        self.mobile = self.handset("301", "Alice mobile part")
        self.gw.ctl("pair", "201", "301")

    def sip_phone(self, number, name):
        return self.phone(number, name, transport=self.transport, v6=self.v6)

    def ring_both(self):
        call = self.bob.call("201", display="Mallory")
        desk = self.desk.incoming()
        alerting = self.mobile.wait("alerting")
        apart = abs(desk.request_in.time - alerting["_time"])
        self.assertLess(apart, LEGS_APART_S)
        self.assertEqual((alerting["number"], alerting["name"],
                          alerting["waiting"]), ("202", "Bob Jones", False))
        self.assertRegex(desk.request_in["from"], r'^"?Bob Jones"? <sip:202@')
        desk.ring()
        call.wait_code(180)
        return call, desk

    def row(self, **want):
        """The one new row in Alice's log, within its time."""
        end = time.monotonic() + LOG_ROW_S
        rows = self.gw.log_of("201")
        while len(rows) == self.rows_before and time.monotonic() < end:
            rows = self.gw.log_of("201")
        self.assertEqual(len(rows), self.rows_before + 1, rows)
        self.rows_before += 1
        self.assertEqual({k: rows[0][k] for k in want}, want)
        self.assertEqual(self.gw.ctl("call", "active"), [])
        return rows[0]

    rows_before = 0

    def see_nothing_of_the_secondary(self, *phones):
        for phone in phones:
            for message in phone.heard:
                self.assertNotRegex(message.raw, rb"sip:301@|mobile part")

    def one_180_and_one_200(self, call):
        codes = call.codes()
        self.assertEqual((codes.count(180), codes.count(200)), (1, 1), codes)

    def test_the_desk_phone_answers(self):
        call, desk = self.ring_both()
        desk.answer()
        call.answered()
        self.mobile.wait("released", reason="answered_elsewhere")
        self.one_180_and_one_200(call)
        call.bye()
        desk.ended()
        self.row(kind="in", number="202", name="Bob Jones", device="201",
                 outcome="answered", extension="201")
        self.see_nothing_of_the_secondary(self.bob, self.desk)

    def test_the_handset_answers(self):
        call, desk = self.ring_both()
        self.mobile.do("answer")
        ok = call.answered()
        self.assertRegex(" ".join(ok.all("p-asserted-identity")),
                         r'Alice Meyer"? <sip:201@')
        self.mobile.wait("connected", number="202", name="Bob Jones")
        reasons = desk.cancelled().all("reason")
        text = ",".join(reasons)
        self.assertRegex(text, r'SIP\s*;\s*cause=200\s*;\s*'
                               r'text="Call completed elsewhere"')
        self.assertRegex(text, r"Q\.850\s*;\s*cause=26")
        self.one_180_and_one_200(call)
        self.mobile.do("hangup")
        call.ended()
        self.mobile.wait("released", reason="normal")
        self.row(kind="in", number="202", device="301", outcome="answered")
        self.see_nothing_of_the_secondary(self.bob)

    def test_the_caller_gives_up(self):
        call, desk = self.ring_both()
        call.cancel()
        call.wait_code(200, method="CANCEL")
        call.failed(487)
        text = ",".join(desk.cancelled().all("reason"))
        self.assertNotIn("cause=200", text)
        self.assertNotIn("cause=26", text)
        released = self.mobile.wait("released")
        self.assertNotEqual(released["reason"], "answered_elsewhere")
        row = self.row(kind="missed", outcome="missed", device=None,
                       duration_s=0)
        explained = self.gw.ctl("call", "explain", str(row["call"]))
        self.assertRegex(str(explained), "201")
        self.assertRegex(str(explained), "301")

    def test_the_handset_dials_as_its_primary(self):
        self.mobile.do("dial 202")
        bob = self.bob.incoming()
        bob.ring()
        self.mobile.wait("ringback")
        bob.answer()
        self.mobile.wait("connected")
        self.assertRegex(bob.request_in["from"],
                         r'^"?Alice Meyer"? <sip:201@')
        self.see_nothing_of_the_secondary(self.bob)
        self.mobile.do("hangup")
        bob.ended()
        self.row(kind="out", number="202", device="301", outcome="answered")

    def test_the_secondary_has_no_number_and_a_busy_user_no_second_call(self):
        gone = self.bob.call("301").failed(404)
        self.assertRegex(",".join(gone.all("reason")), r"Q\.850\s*;\s*cause=1")
        call, desk = self.ring_both()
        desk.answer()
        call.answered()
        carol = self.sip_phone("203", "Carol")
        carol.call("201").failed(486)
        call.bye()
        desk.ended()
        self.until(lambda: len(self.gw.log_of("201")) == 2)
        kinds = sorted((row["kind"], row["number"], row["outcome"])
                       for row in self.gw.log_of("201"))
        self.assertEqual(kinds, [("in", "202", "answered"),
                                 ("missed", "203", "busy")])

    def test_the_handset_rejects_and_the_desk_rings_on(self):
        call, desk = self.ring_both()
        self.mobile.do("reject")
        self.mobile.wait("released")
        desk.answer()
        call.answered()
        desk.request("BYE")
        call.ended()
        self.row(kind="in", device="201", outcome="answered")

    def test_unpairing_takes_the_handset_away_and_nobody_notices(self):
        call, desk = self.ring_both()
        self.gw.ctl("unpair", "201")
        self.mobile.wait("released")
        desk.answer()
        call.answered()
        self.one_180_and_one_200(call)
        call.bye()
        desk.ended()


class OverTcp(TwinCall):
    transport = "tcp"


class OverIpv6(TwinCall):
    v6 = True


class OverTcpAndIpv6(TwinCall):
    transport, v6 = "tcp", True


if __name__ == "__main__":
    rig.main()
