#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""nonsense.py - what strangers send disturbs no call

    usage: nonsense.py BUILD-DIR [seed=N]

A twin call is up, taken on the handset, while the other doors of the gateway
are shouted at.  Each time the shouting is counted, the gateway answers its
administrator, the call goes on and can be ended, and memory stays in bounds.
"""
import glob
import http.client
import json
import os
import random
import signal
import socket
import sys
import time

import rig

TORTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       "../fuzz/corpus/sip_msg")
GROWTH_KB = 8 * 1024
STOP_S = 5.0

SEED = next((int(a[5:]) for a in sys.argv if a.startswith("seed=")),
            int.from_bytes(os.urandom(4), "big"))
sys.argv = [a for a in sys.argv if not a.startswith("seed=")]


class Nonsense(rig.Story):
    def setUp(self):
        super().setUp()
        print(f"seed={SEED} ", end="", flush=True)
        self.dice = random.Random(SEED)
        self.gateway()
        self.desk = self.phone("201", "Alice")
        self.bob = self.phone("202", "Bob")
        self.mobile = self.handset("301")
        self.gw.ctl("pair", "201", "301")
        self.call = self.bob.call("201")
        desk = self.desk.incoming()
        desk.ring()
        self.mobile.wait("alerting")
        self.mobile.do("answer")
        self.call.answered()
        desk.cancelled()
        self.mobile.wait("connected")
        self.before = self.gw.counters()

    def undisturbed(self, **more):
        """The call is as it was, and these counters have moved by so much."""
        active = self.gw.ctl("call", "active")
        self.assertEqual([(c["from"], c["to"]) for c in active],
                         [("202", "201")])
        now = self.gw.counters()
        for name, least in more.items():
            moved = now["twind_" + name] - self.before["twind_" + name]
            self.assertGreaterEqual(moved, least, name)
        self.mobile.do("hangup")
        self.call.ended()
        self.mobile.wait("released", reason="normal")
        self.until(lambda: self.gw.log_of("201"))
        self.assertEqual(self.gw.log_of("201")[0]["outcome"], "answered")

    def noise(self, most=2000):
        return self.dice.randbytes(self.dice.randrange(1, most))

    def unix(self, name):
        s = socket.socket(socket.AF_UNIX)
        s.connect(os.path.join(self.gw.dir, name))
        s.settimeout(rig.PATIENCE_S)
        return s

    def crowd(self, name, size):
        """Come all at once, say nothing, and leave."""
        people = []
        for _ in range(size):
            s = socket.socket(socket.AF_UNIX)
            s.setblocking(False)
            try:
                s.connect(os.path.join(self.gw.dir, name))
            except BlockingIOError:
                pass  # a full queue is an answer, too
            people.append(s)
        for s in people:
            s.close()

    @staticmethod
    def shout(s, data):
        """Until it is said, or the other side hangs up."""
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            while s.recv(65536):
                pass
        except (ConnectionError, OSError):
            pass

    def test_on_the_air(self):
        for _ in range(60):
            with self.unix("base-sim.sock") as s:
                self.shout(s, self.noise())
        for _ in range(60):  # whole frames of nonsense messages
            with self.unix("base-sim.sock") as s:
                frames = b""
                for _ in range(20):
                    body = self.noise(60)
                    frames += (len(body) + 1).to_bytes(2, "big") + b"\3" + body
                self.shout(s, frames)
        self.crowd("base-sim.sock", 200)
        self.undisturbed(air_bad_frames_total=10, air_bad_messages_total=10)

    def test_on_the_control_socket(self):
        for _ in range(50):
            with self.unix("control.sock") as s:
                self.shout(s, self.noise() + b"\n")
        for line in (b"", b"{}", b"[]", b"null", b"{", b'{"noun": 7}',
                     b'{"noun": "extension", "verb": "add"}',
                     b'{"noun": "extension", "verb": "list", "x": 1}',
                     b"[" * 5000, b'"' + b"a" * 300000 + b'"'):
            with self.unix("control.sock") as s:
                self.shout(s, line + b"\n")
        self.crowd("control.sock", 300)
        self.until(lambda: self.gw.twinctl("status").returncode == 0)
        self.undisturbed(admin_wrong_total=10)

    def torture(self):
        paths = glob.glob(TORTURE + "/*")
        self.assertTrue(paths)
        for path in paths:
            with open(path, "rb") as f:
                yield f.read()

    def test_on_the_sip_port_by_udp(self):
        stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(stranger.close)
        address = self.gw.address("udp")
        for data in self.torture():
            stranger.sendto(data[:65000], address)
        for _ in range(500):
            stranger.sendto(self.noise(), address)
        stranger.sendto(b"INVITE " + b"x" * 65000, address)
        for _ in range(20):
            for method in ("INVITE", "REGISTER", "BYE", "FLY", "CANCEL"):
                text = self.bob.request(
                    method, "sip:201@example.test", "c", 1, "<sip:a@b>;tag=1",
                    "<sip:c@d>").encode()
                at = self.dice.randrange(len(text))
                stranger.sendto(text[:at] + self.noise(9) + text[at:],
                                address)
        self.desk.register()  # by now all of it was read
        self.undisturbed(sip_rx_bad_total=100)

    def test_on_the_sip_port_by_tcp(self):
        for data in [*self.torture(), b"\r\n" * 5000, b"A" * 200000,
                     b"INVITE sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n",
                     b"INVITE sip:a@b SIP/2.0\r\nContent-Length: 99999999999"
                     b"\r\n\r\n", b"INVITE sip:a@b SIP/2.0\r\n" +
                     b"X: y\r\n" * 30000,
                     *(self.noise() for _ in range(100))]:
            with socket.create_connection(self.gw.address("tcp"),
                                          rig.PATIENCE_S) as s:
                # What waits for the rest of a message would wait long.
                s.settimeout(0.02)
                self.shout(s, data)
        crowd = [socket.create_connection(self.gw.address("tcp"))
                 for _ in range(100)]
        for s in crowd:
            s.close()
        self.undisturbed(sip_tcp_accepted_total=200)

    def test_on_the_http_port(self):
        def ask(method, path, body=None, **headers):
            c = http.client.HTTPConnection("127.0.0.1", self.gw.http,
                                           timeout=rig.PATIENCE_S)
            try:
                c.request(method, path, body, headers)
                return c.getresponse().status
            finally:
                c.close()

        json_type = {"Content-Type": "application/json"}
        for want, args, more in (
                (404, ("GET", "/nothing"), {}),
                (400, ("GET", "/api/v1/../../etc/passwd"), {}),
                (404, ("GET", "/api/v1/extensions/999"), {}),
                (400, ("POST", "/api/v1/extensions", "{"), json_type),
                (400, ("POST", "/api/v1/extensions", "[" * 5000), json_type),
                (413, ("POST", "/api/v1/extensions", "x" * 100000),
                 json_type)):
            self.assertEqual(ask(*args, **more), want, args[:2])
        self.assertIn(ask("BREW", "/api/v1/extensions"), (400, 405, 501))
        for data in (self.noise(), b"GET " + b"a" * 100000,
                     b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 10000,
                     b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", self.gw.http),
                                          rig.PATIENCE_S) as s:
                self.shout(s, data)
        self.assertEqual(ask("GET", "/healthz"), 200)
        self.undisturbed()

    def test_a_thousand_wrong_passwords(self):
        thief = self.phone("202", register=False)
        self.assertEqual(thief.try_register(password="wrong").code, 403)
        was = self.gw.memory_kb()
        for n in range(999):
            got = thief.try_register(password=f"wrong{n}")
            self.assertIn(got.code, (401, 403), got)
        self.assertLess(self.gw.memory_kb() - was, GROWTH_KB)
        # Whom it was aimed at is where it was.
        self.assertEqual(
            [r["contact"] for r in self.gw.ctl("registration", "list")
             if r["number"] == "202"],
            [f"sip:202@127.0.0.1:{self.bob.port}"])
        self.assertEqual(self.bob.register().code, 200)
        self.undisturbed(sip_auth_failed_total=1000)

    def test_a_broken_configuration_at_run_time(self):
        with open(self.gw.config, "w", encoding="ascii") as f:
            f.write("sip\n nonsense\n")
        self.gw.child.send_signal(signal.SIGHUP)
        self.assertTrue(self.gw.said(r"nothing changed: .*line 2"))
        self.undisturbed()

    def test_the_end_comes_soon_and_tells_everybody(self):
        begin = time.monotonic()
        self.gw.child.terminate()
        self.call.ended()
        self.mobile.wait("released")
        self.assertEqual(self.gw.child.wait(STOP_S * 2), 0)
        self.assertLess(time.monotonic() - begin, STOP_S)
        self.gw.start()
        row = self.gw.log_of("201")[0]
        self.assertEqual((row["kind"], row["outcome"], row["device"]),
                         ("in", "answered", "301"))

    def test_the_end_comes_soon_though_nobody_answers(self):
        """The phone is gone: its BYE stays without an answer."""
        self.bob.close()
        self.assertLess(self.gw.stop(), STOP_S)
        self.gw.start()
        self.assertEqual(len(self.gw.log_of("201")), 1, json.dumps(
            self.gw.log_of("201")))


if __name__ == "__main__":
    rig.main()
