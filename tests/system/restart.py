#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""restart.py - kill -9 while phones ring, and what is there afterwards

    usage: restart.py BUILD-DIR
"""
import time

import rig

SILENT_S = 1.0  # nothing rings longer than that after the restart


class House(rig.Story):
    transport = "udp"

    def setUp(self):
        super().setUp()
        self.gateway(listen=[(self.transport, "127.0.0.1", 0)])
        self.desk = self.phone("201", "Alice", transport=self.transport)
        self.bob = self.phone("202", "Bob", transport=self.transport)
        self.mobile = self.handset("301")
        self.gw.ctl("pair", "201", "301")

    def all_that_lasts(self):
        return {" ".join(words): self.gw.ctl(*words) for words in (
            ("extension", "list"), ("pairing", "list"), ("handset", "list"),
            ("call", "list", "each=on"))}

    def contacts(self):
        return {(r["number"], r["contact"])
                for r in self.gw.ctl("registration", "list")}

    def one_call(self):
        call = self.bob.call("201")
        desk = self.desk.incoming()
        self.mobile.wait("alerting")
        desk.answer()
        call.answered()
        self.mobile.wait("released", reason="answered_elsewhere")
        call.bye()
        desk.ended()

    def restart(self):
        self.gw.kill()
        self.gw.start()
        # The handset looks for its base again by itself.
        self.until(lambda: self.gw.ctl("extension", "show",
                                       "301")["registered"])


class Restart(House):
    def test_whoever_rings_falls_silent_and_the_caller_is_told(self):
        call = self.bob.call("201")
        desk = self.desk.incoming()
        desk.ring()
        call.wait_code(180)
        self.mobile.wait("alerting")
        self.gw.kill()
        self.gw.start()
        ready = time.monotonic()
        cancel = desk.wait_request("CANCEL")
        self.assertEqual(cancel.branch, desk.request_in.branch)
        self.desk.reply(cancel, 200, "OK", tag=desk.tag)
        desk.reply(487, "Request Terminated")
        desk.wait_request("ACK")
        final = call.wait_code(300, 699)
        call.ack(final)
        self.assertGreaterEqual(final.code, 480)
        silent = self.mobile.wait("released")
        for what in (cancel.time, final.time, silent["_time"]):
            self.assertLess(what - ready, SILENT_S)
        self.assertEqual(self.gw.ctl("call", "active"), [])

    def test_all_that_was_confirmed_is_there_as_before(self):
        self.one_call()
        self.until(lambda: len(self.gw.log_of("201")) == 1)
        before, contacts = self.all_that_lasts(), self.contacts()
        self.assertEqual(len(contacts), 2)
        self.restart()
        self.assertEqual(self.all_that_lasts(), before)
        self.assertEqual(self.contacts(), contacts)

    def test_phones_can_be_called_without_registering_again(self):
        self.restart()
        self.one_call()
        call = self.bob.call("201")
        self.desk.incoming()
        self.mobile.wait("alerting")
        self.mobile.do("answer")
        call.answered()
        call.bye()

    def test_a_call_that_was_up_leaves_nothing_behind(self):
        call = self.bob.call("201")
        desk = self.desk.incoming()
        desk.answer()
        call.answered()
        self.restart()
        self.assertEqual(self.gw.ctl("call", "active"), [])
        self.assertEqual(call.request("BYE").code, 481)
        self.one_call()

    def test_numbers_of_calls_and_records_are_never_used_twice(self):
        ids = []
        for _ in range(3):
            self.one_call()
            self.until(lambda n=len(ids): len(self.gw.log_of("201")) == n + 1)
            ids.append(self.gw.log_of("201")[0])
            self.restart()
        self.assertEqual(len({row["call"] for row in ids}), 3)
        self.assertEqual(len({row["id"] for row in ids}), 3)


class OverTcp(House):
    """Connections go with the gateway: a phone opens its own again."""

    transport = "tcp"

    def test_the_handset_falls_silent_and_phones_come_back(self):
        self.bob.call("201")
        self.desk.incoming().ring()
        self.mobile.wait("alerting")
        self.restart()
        self.mobile.wait("released")
        self.assertEqual(self.gw.ctl("call", "active"), [])
        for phone in (self.desk, self.bob):
            phone.reconnect()
            phone.register()
        self.one_call()


if __name__ == "__main__":
    rig.main()
