#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""disk_full.py - a disk that fills up, and is emptied again

    usage: disk_full.py BUILD-DIR

The state directory is a small tmpfs in a mount namespace of our own; where
that is not permitted the test is skipped.
"""
import os
import shutil
import subprocess
import sys

INSIDE = "TWIND_TEST_IN_NAMESPACE"
if not os.environ.get(INSIDE):
    unshare = [shutil.which("unshare") or "unshare", "--mount", "--propagation",
               "private"]
    if os.geteuid() != 0 or subprocess.run(
            [*unshare, "mount", "-t", "tmpfs", "none", "/mnt"],
            capture_output=True, check=False).returncode:
        print("skipped: no mount namespace of our own is permitted here")
        sys.exit(77)
    os.environ[INSIDE] = "1"
    os.execv(unshare[0], [*unshare, sys.executable, *sys.argv])

import rig  # noqa: E402

SIZE = "16m"


class DiskFull(rig.Story):
    def setUp(self):
        super().setUp()
        state = self.scratch("state")
        os.mkdir(state)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + SIZE, "none",
                        state], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", state], check=False)
        self.state = state

    def fill(self):
        path = os.path.join(self.state, "filling")
        with open(path, "ab", buffering=0) as f:
            for size in (65536, 4096, 512, 1):
                try:
                    while True:
                        f.write(b"x" * size)
                except OSError:
                    pass
        return path

    def test_changes_are_refused_calls_go_on_and_nothing_is_lost(self):
        self.gateway(state=self.state)
        desk, bob = self.phone("201", "Alice"), self.phone("202", "Bob")
        call = bob.call("201")
        answerer = desk.incoming()
        answerer.answer()
        call.answered()
        filling = self.fill()
        added = refused = 0
        while not refused and added < 500:  # what the WAL has left goes first
            done = self.gw.twinctl("extension", "add", str(1000 + added),
                                   "name=A", "kind=sip")
            if done.returncode == 0:
                added += 1
            else:
                refused += 1
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, "(?i)disk|space")
        self.assertTrue(refused)
        numbers = [e["number"] for e in self.gw.ctl("extension", "list")]
        self.assertEqual(len(numbers), 2 + added)
        # The call knows nothing of it, nor does a registration's refresh.
        self.assertEqual(desk.register().code, 200)
        call.bye()
        answerer.ended()
        os.remove(filling)
        self.gw.ctl("extension", "add", "2999", "name=A", "kind=sip")
        self.gw.kill()
        self.gw.start()
        self.assertEqual([e["number"] for e in
                          self.gw.ctl("extension", "list")],
                         sorted([*numbers, "2999"]))

    def test_a_disk_that_is_full_at_the_start_is_named(self):
        self.fill()
        gw = rig.Gateway(self, state=self.state)
        gw.launch()
        self.assertEqual(gw.child.wait(rig.PATIENCE_S), 1)
        self.assertTrue(gw.said("(?i)disk|space"))


if __name__ == "__main__":
    rig.main()
