#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""start_stop.py - how the daemon starts, refuses to, and ends

    usage: start_stop.py TWIND SAMPLE-CONFIG
"""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

TWIND, SAMPLE = sys.argv[1:3]


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class StartStop(unittest.TestCase):
    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory(prefix="twind-test-")
        self.addCleanup(self.tmp.cleanup)
        self.sip = free_port(socket.SOCK_DGRAM)
        self.http, self.vty = free_port(), free_port()
        self.config = self.write(
            f"sip\n listen udp 127.0.0.1 {self.sip}\n"
            f"http\n listen 127.0.0.1 {self.http}\n"
            f"line vty\n bind 127.0.0.1 {self.vty}\n")

    def write(self, text, name="twind.cfg"):
        path = os.path.join(self.tmp.name, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def args(self, state="state", config=None):
        return [TWIND, "--config", config or self.config, "--state-dir",
                os.path.join(self.tmp.name, state)]

    def refused(self, *args, **kw):
        done = subprocess.run(self.args(*args, **kw), capture_output=True,
                              text=True, timeout=20)
        self.assertEqual(done.returncode, 1, done.stderr)
        return done.stderr

    def start(self, state="state", env=None):
        child = subprocess.Popen(self.args(state), stderr=subprocess.PIPE,
                                 text=True, env=env)
        self.addCleanup(child.stderr.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        self.until(child, r"\bready\b")
        return child

    def until(self, child, pattern):
        for line in child.stderr:
            if re.search(pattern, line):
                return
        self.fail(f"{pattern} was never logged")

    def test_a_wrong_configuration_is_refused_before_anything_is_opened(self):
        wrong = self.write("sip\n domain a.test\n lissen udp :: 5060\n", "x")
        said = self.refused(config=wrong)
        self.assertIn(f"{wrong}, line 3", said)
        self.assertIn("lissen", said)
        self.assertFalse(os.path.exists(os.path.join(self.tmp.name, "state")))

    def test_the_sample_configuration_is_good(self):
        done = subprocess.run([TWIND, "--config", SAMPLE, "--check-config"],
                              capture_output=True, text=True, timeout=20)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_wrong_usage_is_2(self):
        for args in (["--nonsense"], ["nonsense"], ["--config"]):
            done = subprocess.run([TWIND, *args], capture_output=True,
                                  timeout=20)
            self.assertEqual(done.returncode, 2)

    def test_term_ends_it_with_0_and_soon(self):
        child = self.start()
        begin = time.monotonic()
        child.terminate()
        self.assertEqual(child.wait(5), 0)
        self.assertLess(time.monotonic() - begin, 5)

    def test_a_port_in_use_is_named(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", self.sip))
            self.assertIn(f"udp:127.0.0.1:{self.sip}", self.refused())

    def test_one_gateway_has_a_state_directory(self):
        self.start()
        self.assertIn("another gateway", self.refused())

    def test_a_state_directory_that_cannot_be_is_named(self):
        self.write("", "file")
        self.assertIn("file/state", self.refused(state="file/state"))

    def test_an_operator_shell_for_everyone_is_refused(self):
        open_shell = self.write(f"line vty\n bind 0.0.0.0 {self.vty}\n"
                                f"sip\n listen udp 127.0.0.1 {self.sip}\n"
                                f"http\n listen 127.0.0.1 {self.http}\n", "x")
        self.assertIn("loopback only", self.refused(config=open_shell))

    def test_it_ends_as_well_without_the_operator_shell(self):
        self.write(f"sip\n listen udp 127.0.0.1 {self.sip}\n"
                   f"http\n listen 127.0.0.1 {self.http}\n")
        with socket.socket() as taken:  # by us, or by another test
            try:
                taken.bind(("127.0.0.1", 4289))
                taken.listen()
            except OSError:
                pass
            child = self.start()
            child.terminate()
            self.assertEqual(child.wait(5), 0)

    def test_hup_reads_again_and_tells_what_waits(self):
        child = self.start()
        self.write(f"sip\n listen udp 127.0.0.1 {self.sip}\n"
                   f"http\n listen 127.0.0.1 {self.http}\n"
                   f"line vty\n bind 127.0.0.1 {self.vty}\n"
                   "rtp\n port-range 3000 4000\n")
        child.send_signal(signal.SIGHUP)
        self.until(child, "what differs in rtp waits for a restart")
        self.write("nonsense\n")
        child.send_signal(signal.SIGHUP)
        self.until(child, "nothing changed: .*line 1")
        child.terminate()
        self.assertEqual(child.wait(5), 0)

    def test_the_service_manager_is_told(self):
        path = os.path.join(self.tmp.name, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.bind(path)
            s.settimeout(10)
            child = self.start(env={**os.environ, "NOTIFY_SOCKET": path})
            self.assertEqual(s.recv(100), b"READY=1")
            child.terminate()
            self.assertEqual(s.recv(100), b"STOPPING=1")

    def test_the_operator_shell_answers(self):
        self.start()
        with socket.create_connection(("127.0.0.1", self.vty), 10) as s:
            s.sendall(b"show calls\r\nshow counters\r\n")
            got = b""
            while b"db_queued" not in got:
                more = s.recv(65536)
                self.assertTrue(more)
                got += more
        self.assertIn(b"0 active", got)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
