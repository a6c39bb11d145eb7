#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""move.py - a call goes to the other twin, and how long nobody speaks (T76)

    usage: move.py BUILD-DIR

     bob <== RTP ==> desk        bob hears a packet each 20 ms; the longest
        \\                        pause around the move is the gap
         \\== RTP ==> handset, by the gateway's own endpoint; or another phone
"""
import re
import socket
import threading
import time

import rig

GAP_S = 0.3
FRAME = bytes([0xd5]) * 160


class Voice:
    """Speaks from when it is told whereto, until it is told to stop."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.heard = []
        self.over = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                data, source = self.socket.recvfrom(2048)
            except OSError:
                return
            if len(data) > 12 and data[1] & 0x7f == 8:
                self.heard.append((time.monotonic(), source[1]))

    def speak(self, to):
        threading.Thread(target=self._speak, args=(to,), daemon=True).start()

    def _speak(self, to):
        n = 0
        while not self.over.wait(0.02):
            n += 1
            self.socket.sendto(
                b"\x80\x08" + n.to_bytes(2, "big") +
                (n * 160).to_bytes(4, "big") + b"desk" + FRAME, to)

    def close(self):
        self.over.set()
        self.socket.close()


class Move(rig.Story):
    def voice(self, phone):
        voice = Voice()
        self.addCleanup(voice.close)
        phone.rtp_port = voice.port
        return voice

    def up(self):
        self.gateway(listen=[("udp", "127.0.0.1", 0)])
        self.desk = self.phone("201", "Alice")
        self.bob = self.phone("202", "Bob")
        self.voices = {p: self.voice(p) for p in (self.desk, self.bob)}

    def talk(self):
        call = self.bob.call("201")
        desk = self.desk.incoming()
        desk.answer()
        call.answered()
        self.voices[self.desk].speak(
            ("127.0.0.1", self.voices[self.bob].port))
        return call, desk

    def ears(self):
        return self.voices[self.bob].heard

    def agree(self, call, heard_as):
        """Bob takes the re-INVITE: the only thing that he sees."""
        offer = call.wait_request("INVITE")
        self.assertRegex(offer["p-asserted-identity"], heard_as)
        self.bob.reply(offer, 200, "OK", self.bob.sdp(), tag=call.tag)
        call.wait_request("ACK")
        return offer

    def gap(self, begin):
        """The longest pause until another than the desk is heard a while."""
        desk = self.voices[self.desk].port
        self.until(lambda: sum(p != desk for _, p in self.ears()) > 20,
                   what="RTP of who took the call")
        times = [t for t, _ in self.ears() if t > begin]
        gap = max(b - a for a, b in zip(times, times[1:]))
        print(f"gap {1000 * gap:.0f} ms ", end="", flush=True)
        self.assertLess(gap, GAP_S)

    def one_row(self, call):
        call.bye()
        self.until(lambda: len(self.gw.log_of("201")) == 1)
        row = self.gw.log_of("201")[0]
        self.assertEqual((row["number"], row["outcome"]), ("202", "answered"))

    def test_from_the_desk_to_the_handset(self):
        self.up()
        handset = self.handset("301")
        self.gw.ctl("pair", "201", "301")
        call, desk = self.talk()
        self.until(lambda: len(self.ears()) > 10)
        begin = time.monotonic()
        got = desk.request("REFER", headers=(
            f"Refer-To: <sip:201@{self.bob.host}>",))
        self.assertEqual(got.code, 202, got)
        while handset.wait("alerting", number="202")["_time"] < begin:
            pass  # when the desk was called
        handset.do("answer")
        offer = self.agree(call, r"Alice.*<sip:201@")
        self.assertNotIn(b"sip:301@", offer.raw)
        desk.ended()
        self.voices[self.desk].over.set()
        self.gap(begin)
        self.one_row(call)

    def test_from_the_desk_to_a_phone_that_takes_it(self):
        self.up()
        other = self.phone("301", "Pocket")
        self.voices[other] = self.voice(other)
        self.gw.ctl("pair", "201", "301")
        call, desk = self.talk()
        rings = other.incoming()
        rings.ring()
        rings.cancelled()
        self.until(lambda: len(self.ears()) > 10)
        begin = time.monotonic()
        pull = other.call("201", headers=(
            "Require: replaces",
            f"Replaces: {desk.id};to-tag={tag_of(desk.remote)};"
            f"from-tag={desk.tag}"))
        self.agree(call, r"Alice.*<sip:201@")
        got = pull.answered()
        self.assertRegex(got["p-asserted-identity"], r"Bob.*<sip:202@")
        self.voices[other].speak(("127.0.0.1", got.rtp()[1]))
        desk.ended()
        self.voices[self.desk].over.set()
        self.gap(begin)
        self.one_row(call)

    def test_a_handset_shows_to_whom_it_was_transferred(self):
        self.up()
        handset = self.handset("301")
        self.gw.ctl("pair", "201", "301")
        xena = self.phone("203", "Xena")
        xena.rtp_port = 9
        call = self.bob.call("201")
        desk = self.desk.incoming()
        desk.ring()
        handset.wait("alerting")
        handset.do("answer")
        call.answered()
        desk.cancelled()
        handset.wait("connected")
        got = call.request("REFER", headers=(
            f"Refer-To: <sip:203@{self.bob.host}>",))
        self.assertEqual(got.code, 202, got)
        rings = xena.incoming()
        self.assertRegex(rings.request_in["p-asserted-identity"],
                         r"Alice.*<sip:201@")
        rings.answer()
        handset.wait("party", number="203", name="Xena")
        call.ended()
        for message in xena.heard:
            self.assertNotIn(b"sip:301@", message.raw)
        handset.do("hangup")
        rings.ended()


def tag_of(header):
    return re.search(r"tag=([^;>\s]+)", header).group(1)


if __name__ == "__main__":
    rig.main()
