#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""audio.py - what one says the other hears, by each codec and both ways

    usage: audio.py BUILD-DIR

     a SIP phone --RTP, 700 Hz--> gateway --> handset, record FILE
                 <-RTP, 1100 Hz--         <-- handset, play FILE

A tone is found when most of the energy of what was heard is at its frequency.
"""
import array
import math
import os
import socket
import struct
import subprocess
import threading
import time
import wave

import rig

TALK_S = 1.2
FOUND = 0.7
LEVEL = 9000
DOWN_HZ, UP_HZ = 700, 1100
DTMF_PT = 101


def coder(what, codec, data):
    return subprocess.run(
        [os.path.join(rig.BUILD, "tests/system/coder"), what, codec],
        input=data, capture_output=True, check=True, timeout=30).stdout


def tone(hz, rate, seconds):
    return array.array("h", (
        int(LEVEL * math.sin(2 * math.pi * hz * n / rate))
        for n in range(int(rate * seconds)))).tobytes()


def share(pcm, rate, hz):
    """Of the energy in the middle second, how much is at @hz."""
    pcm = array.array("h", pcm[:len(pcm) // 2 * 2])
    middle = pcm[len(pcm) // 3:len(pcm) // 3 + rate // 2]
    if len(middle) < rate // 4:
        return 0.0
    turn = [2 * math.pi * hz * n / rate for n in range(len(middle))]
    a = sum(v * math.cos(t) for v, t in zip(middle, turn))
    b = sum(v * math.sin(t) for v, t in zip(middle, turn))
    return (a * a + b * b) * 2 / (len(middle) *
                                  (sum(v * v for v in middle) or 1))


class Rtp:
    """One side of a conversation: says @payload, 20 ms at a time."""

    def __init__(self, ip):
        self.socket = socket.socket(
            socket.AF_INET6 if ":" in ip else socket.AF_INET,
            socket.SOCK_DGRAM)
        self.socket.bind((ip, 0))
        self.port = self.socket.getsockname()[1]
        self.heard = {}  # sequence number -> (type, marker, time, payload)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                data = self.socket.recv(2048)
            except OSError:
                return
            if len(data) < 12:
                return
            _, kind, seq, ticks = struct.unpack("!BBHI", data[:8])
            self.heard[seq] = (kind & 0x7f, kind >> 7, ticks, data[12:])

    def say(self, to, payload_type, payload, frame):
        begin = time.monotonic()
        for n in range(len(payload) // frame):
            time.sleep(max(0, begin + n * 0.02 - time.monotonic()))
            header = struct.pack("!BBHII", 0x80, payload_type,
                                 (1000 + n) & 0xffff, n * 160, 4711)
            self.socket.sendto(header + payload[n * frame:(n + 1) * frame],
                               to)

    def payload(self, payload_type):
        heard = list(self.heard.items())
        return b"".join(data for seq, (kind, _, _, data) in sorted(heard)
                        if kind == payload_type)

    def keys(self):
        """The digits of RFC 4733 events, each once, in order."""
        last = {}
        for _, (kind, _, ticks, data) in sorted(self.heard.items()):
            if kind == DTMF_PT and data[1] & 0x80:
                last[ticks] = "0123456789*#ABCD"[data[0]]
        return "".join(key for _, key in sorted(last.items()))

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


class Audio(rig.Story):
    def converse(self, codec, payload_type, rate, frame, v6=False):
        self.gateway(listen=[("udp", "::1" if v6 else "127.0.0.1", 0)])
        self.phone("201", "Alice", v6=v6)
        bob = self.phone("202", "Bob", v6=v6)
        handset = self.handset("301")
        self.gw.ctl("pair", "201", "301")
        rtp = Rtp(bob.ip)
        self.addCleanup(rtp.close)
        bob.rtp_port = rtp.port
        with wave.open(self.scratch("say.wav"), "wb") as w:
            w.setparams((1, 2, rate, 0, "NONE", ""))
            w.writeframes(tone(UP_HZ, rate, TALK_S * 2))
        call = bob.call("201", bob.sdp(codecs=(
            (payload_type, codec + "/8000"),
            (DTMF_PT, "telephone-event/8000"))))
        handset.wait("alerting")
        handset.do("answer")
        address, port, chosen = call.answered().rtp()
        self.assertEqual(chosen, payload_type)
        handset.wait("connected")
        handset.do("record " + self.scratch("heard.wav"))
        handset.do("play " + self.scratch("say.wav"))
        rtp.say((address, port), payload_type,
                coder("encode", codec, tone(DOWN_HZ, rate, TALK_S)), frame)
        heard = coder("decode", codec, rtp.payload(payload_type))
        handset.do("keys 12#0")
        self.until(lambda: len(rtp.keys()) >= 4)
        self.assertEqual(rtp.keys(), "12#0")
        call.bye()
        handset.wait("released")
        with wave.open(self.scratch("heard.wav")) as w:
            down = share(w.readframes(w.getnframes()), w.getframerate(),
                         DOWN_HZ)
        up = share(heard, rate, UP_HZ)
        print(f"down {down:.2f} up {up:.2f} ", end="", flush=True)
        self.assertGreater(down, FOUND)
        self.assertGreater(up, FOUND)

    def test_g711_a_law(self):
        self.converse("PCMA", 8, 8000, 160)

    def test_g711_mu_law(self):
        self.converse("PCMU", 0, 8000, 160)

    def test_g722(self):
        self.converse("G722", 9, 16000, 160)

    def test_g726_32(self):
        self.converse("G726-32", 97, 8000, 80)

    def test_g722_over_ipv6(self):
        self.converse("G722", 9, 16000, 160, v6=True)


if __name__ == "__main__":
    rig.main()
