#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""baresip.py - somebody else's SIP client as desk phone and as caller

    usage: baresip.py BUILD-DIR

It registers by digest, rings, holds and resumes, and is told what to do
through its control port.  Skipped where it is not installed.
"""
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

import rig

MODULES = "/usr/lib/baresip/modules"
CONFIG = """sip_listen 127.0.0.1:0
module_path {modules}
module g711.so
module aubridge.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
audio_source aubridge,somewhere
audio_player aubridge,nowhere
audio_alert aubridge,nowhere
ctrl_tcp_listen 127.0.0.1:{port}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Baresip:
    """One baresip with one account: commands in, events out (netstrings)."""

    def __init__(self, story, number):
        self.story, self.events = story, []
        self.more = threading.Condition()
        home, port = story.scratch("baresip-" + number), free_port()
        os.mkdir(home)
        with open(home + "/config", "w", encoding="ascii") as f:
            f.write(CONFIG.format(modules=MODULES, port=port))
        address, sip = story.gw.address("udp")
        with open(home + "/accounts", "w", encoding="ascii") as f:
            f.write(f'<sip:{number}@example.test>;auth_pass=pw{number};'
                    f'outbound="sip:{address}:{sip}";regint=600\n')
        self.child = subprocess.Popen(
            ["baresip", "-4", "-n", "127.0.0.1", "-f", home],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        story.addCleanup(self.close)
        self.socket = self._connect(port)
        threading.Thread(target=self._listen, daemon=True).start()

    def _connect(self, port):
        end = time.monotonic() + rig.PATIENCE_S
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port))
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def _listen(self):
        stream = b""
        while True:
            try:
                got = self.socket.recv(65536)
            except OSError:
                return
            if not got:
                return
            stream += got
            while b":" in stream:
                n, _, rest = stream.partition(b":")
                if len(rest) < int(n) + 1:
                    break
                with self.more:
                    self.events.append(json.loads(rest[:int(n)]))
                    self.more.notify_all()
                stream = rest[int(n) + 1:]

    def do(self, command, params=""):
        text = json.dumps({"command": command, "params": params})
        self.socket.sendall(f"{len(text)}:{text},".encode())

    def wait(self, kind):
        """The next event of that type; what comes before is passed over."""
        end = time.monotonic() + rig.PATIENCE_S
        with self.more:
            while True:
                while self.events:
                    event = self.events.pop(0)
                    if event.get("type") == kind:
                        return event
                left = end - time.monotonic()
                if left <= 0:
                    self.story.fail(f"baresip never said {kind}\n" +
                                    self.story.gw.log.text())
                self.more.wait(left)

    def close(self):
        self.child.terminate()
        self.child.wait()
        self.socket.close()


class WithBaresip(rig.Story):
    def setUp(self):
        super().setUp()
        # It gives up when it sees a challenge by SHA-256 (libre 1.1).
        self.gateway(config="sip\n digest md5-only\n")
        for number, name in (("201", "Alice"), ("202", "Bob")):
            self.gw.add_phone(number, name)

    def baresip(self, number):
        client = Baresip(self, number)
        self.until(lambda: self.gw.ctl("extension", "show",
                                       number)["registered"])
        return client

    def test_it_is_a_desk_phone_whose_twin_answers_and_that_answers(self):
        desk, bob = self.baresip("201"), self.phone("202")
        handset = self.handset("301")
        self.gw.ctl("pair", "201", "301")
        call = bob.call("201")
        self.assertIn("202", desk.wait("CALL_INCOMING")["peeruri"])
        handset.wait("alerting")
        handset.do("answer")
        call.answered()
        desk.wait("CALL_CLOSED")
        call.bye()
        handset.wait("released")
        call = bob.call("201")
        desk.wait("CALL_INCOMING")
        handset.wait("alerting")
        desk.do("accept")
        call.answered()
        handset.wait("released", reason="answered_elsewhere")
        desk.do("hangup")
        call.ended()

    def test_it_calls_holds_and_resumes(self):
        caller, alice = self.baresip("202"), self.phone("201")
        caller.do("dial", "sip:201@example.test")
        call = alice.incoming()
        call.ring()
        caller.wait("CALL_RINGING")
        call.answer()
        caller.wait("CALL_ESTABLISHED")
        for command, direction in (("hold", "sendonly"),
                                   ("resume", "sendrecv")):
            caller.do(command)
            again = call.wait_request("INVITE")
            self.assertIn("a=" + direction, again.body)
            alice.reply(again, 200, "OK", alice.sdp(version=2))
            call.wait_request("ACK")
        call.bye()
        caller.wait("CALL_CLOSED")
        self.assertEqual(self.gw.ctl("call", "active"), [])


if __name__ == "__main__":
    if not shutil.which("baresip"):
        print("skipped: there is no baresip here")
        sys.exit(rig.SKIPPED)
    rig.main()
