#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""wrong_start.py - wrong arguments, configurations and state directories

    usage: wrong_start.py BUILD-DIR

Each gets a message that names what is wrong, and the exit status that
interfaces.md promises; what was there stays as it was.
"""
import glob
import hashlib
import os
import socket
import sqlite3
import subprocess
import unittest

import rig

NOBODY = "65534"

# A configuration, the line that is wrong, and a word of the message.
CONFIGURATIONS = [
    ("sip\n lissen udp 127.0.0.1 5060\n", 2, "lissen"),
    ("nonsense\n", 1, "nonsense"),
    ("sip\n listen udp 127.0.0.1 65536\n", 2, "65536"),
    ("sip\n listen udp 127.0.0.1 port\n", 2, "port"),
    ("sip\n listen udp 127.0.0.300 5060\n", 2, "127.0.0.300"),
    ("sip\n listen carrier 127.0.0.1 5060\n", 2, "carrier"),
    ("sip\n listen udp ::1 0\n domain a b\n", 3, "domain"),
    ("sip\n domain a_b!\n", 2, "a_b!"),
    ("base sim\n driver hope\n", 2, "hope"),
    ("dialplan\n dial-secondary sometimes\n", 2, "sometimes"),
    ("http\n listen 127.0.0.1 8080 8081\n", 2, "8081"),
    ("sip\n listen udp 127.0.0.1 0\n\0nonsense\n", 3, "nonsense"),
]


class Refused(rig.Story):
    def run_it(self, *args, wrap=()):
        return subprocess.run([*wrap, *args], capture_output=True, text=True,
                              errors="replace", stdin=subprocess.DEVNULL,
                              timeout=30)

    def start(self, wrap=(), config=None, state=None):
        gw = rig.Gateway(self, state=state)
        gw.write_config()
        return self.run_it(rig.TWIND, "--config", config or gw.config,
                           "--state-dir", gw.dir, wrap=wrap)

    def refused(self, *words, **kw):
        done = self.start(**kw)
        self.assertEqual(done.returncode, 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertNotIn("ready", done.stderr)
        return done.stderr


class WrongStart(Refused):
    def test_wrong_arguments_are_2_and_help_is_0(self):
        for program in (rig.TWIND, rig.TWINCTL, rig.HANDSET):
            for option in ("--help", "--version"):
                done = self.run_it(program, option)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertTrue(done.stdout)
            for wrong in (["--nonsense"], ["nonsense"]):
                done = self.run_it(program, *wrong)
                self.assertEqual((done.returncode, done.stdout), (2, ""),
                                 done)
                self.assertTrue(done.stderr)
        for wrong in (["--base"], ["--base", "x", "y"], ["--json"]):
            self.assertEqual(self.run_it(rig.HANDSET, *wrong).returncode, 2)
        done = self.run_it(rig.HANDSET, "--base", self.scratch("none"))
        self.assertEqual(done.returncode, 1)
        self.assertIn(self.scratch("none"), done.stderr)

    def test_a_wrong_configuration_names_file_and_line(self):
        for text, line, word in CONFIGURATIONS:
            path = self.write("wrong.cfg", text)
            for more in ([], ["--check-config"]):
                done = self.run_it(rig.TWIND, "--config", path,
                                   "--state-dir", self.scratch("state"),
                                   *more)
                self.assertEqual(done.returncode, 1, (text, done))
                self.assertIn(f"{path}, line {line}", done.stderr, text)
                self.assertIn(word, done.stderr)
                # Nothing was opened yet.
                self.assertFalse(os.path.exists(self.scratch("state")))

    def test_a_configuration_that_is_not_there_is_named(self):
        self.refused(self.scratch("none.cfg"),
                     config=self.scratch("none.cfg"))
        self.refused(self.dir, config=self.dir)

    def test_a_port_in_use_is_named_and_nothing_is_left_behind(self):
        for kind, transport in ((socket.SOCK_DGRAM, "udp"),
                                (socket.SOCK_STREAM, "tcp")):
            with socket.socket(socket.AF_INET, kind) as taken:
                taken.bind(("127.0.0.1", 0))
                if transport == "tcp":
                    taken.listen()
                port = taken.getsockname()[1]
                gw = rig.Gateway(self,
                                 listen=[(transport, "127.0.0.1", port)])
                gw.launch()
                self.assertEqual(gw.child.wait(rig.PATIENCE_S), 1)
                self.assertTrue(gw.said(f"{transport}.*{port}"))
                self.assertEqual(glob.glob(gw.dir + "/*.sock"), [])

    def test_a_http_port_in_use_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            gw = rig.Gateway(self)
            gw.http = taken.getsockname()[1]
            gw.launch()
            self.assertEqual(gw.child.wait(rig.PATIENCE_S), 1)
            self.assertTrue(gw.said(str(gw.http)))

    @unittest.skipUnless(os.geteuid() == 0, "not root: cannot be nobody")
    def test_a_state_directory_that_cannot_be_written_to_is_named(self):
        os.chmod(self.dir, 0o755)
        state = self.scratch("mine")
        os.mkdir(state, 0o755)
        nobody = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY,
                  "--clear-groups", "--"]
        if self.run_it(*nobody, rig.TWIND, "--version").returncode:
            self.skipTest("nobody may not run what was built here")
        self.refused(state, wrap=nobody, state=state)
        self.refused(state + "/deeper", wrap=nobody, state=state + "/deeper")
        self.assertEqual(os.listdir(state), [])

    def test_a_state_directory_belongs_to_one_gateway(self):
        gw = self.gateway()
        gw.ctl("extension", "add", "201", "name=A", "kind=sip")
        self.refused("another gateway", gw.dir, state=gw.dir)
        self.assertEqual(len(gw.ctl("extension", "list")), 1)


class WrongStore(Refused):
    """Databases that are not what they should be."""

    def setUp(self):
        super().setUp()
        self.gateway()
        for n in range(200, 300):
            self.gw.ctl("extension", "add", str(n), "name=A", "kind=sip")
        self.gw.stop()
        self.path = os.path.join(self.gw.dir, "twind.db")

    def sum(self, path=None):
        with open(path or self.path, "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()

    def test_one_from_the_future_is_refused_and_left_untouched(self):
        with sqlite3.connect(self.path) as db:
            db.execute("PRAGMA journal_mode=DELETE")
            db.execute("PRAGMA user_version=4711")
        db.close()
        before = self.sum()
        self.refused("newer", "4711", self.path, state=self.gw.dir)
        self.assertEqual(self.sum(), before)

    def kept_aside(self):
        """Reported, kept as it was, and not silently started anew."""
        before = self.sum()
        self.refused("damaged", state=self.gw.dir)
        kept = [p for p in glob.glob(self.path + "*") if
                os.path.getsize(p) and self.sum(p) == before]
        self.assertTrue(kept, os.listdir(self.gw.dir))
        # And so at each further start, until a person has decided.
        self.refused("damaged", state=self.gw.dir)
        self.assertTrue(any(self.sum(p) == before for p in kept))

    def test_a_damaged_one_is_kept_aside(self):
        with open(self.path, "r+b") as f:
            f.seek(4096)
            f.write(os.urandom(3 * 4096))
        self.kept_aside()

    def test_what_is_no_database_is_kept_aside(self):
        for ending in ("-wal", "-shm"):
            if os.path.exists(self.path + ending):
                os.remove(self.path + ending)
        with open(self.path, "w", encoding="ascii") as f:
            f.write("Dear diary, today " * 1000)
        self.kept_aside()


if __name__ == "__main__":
    rig.main()
