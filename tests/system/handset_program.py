#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""handset_program.py - handset for scripts, and its screen for people

    usage: handset_program.py BUILD-DIR
"""
import os
import shlex
import shutil
import subprocess
import unittest

import rig


class HandsetProgram(rig.Story):
    def setUp(self):
        super().setUp()
        self.gateway()
        self.bob = self.phone("202", "Bob Jones")

    def test_a_wrong_code_is_refused_and_the_right_one_is_not(self):
        handset = rig.Handset(self, self.gw)
        handset.do("subscribe 4711")
        handset.wait("subscribe_rejected")
        self.gw.ctl("handset", "open", "pin=4711")
        handset.do("subscribe 4712")
        handset.wait("subscribe_rejected")
        handset.do("subscribe 4711")
        handset.wait("subscribed", extension=None)
        handset.wait("attached")
        self.assertEqual(self.gw.ctl("handset", "list")[0]["ipui"],
                         handset.ipui)

    def test_its_memory_is_kept_over_restarts(self):
        store = self.scratch("memory")
        handset = self.handset("301", store=store)
        handset.do("quit")
        self.assertEqual(handset.child.wait(rig.PATIENCE_S), 0)
        self.until(lambda: self.gw.ctl("handset", "show",
                                       handset.ipui)["state"] == "detached")
        again = rig.Handset(self, self.gw, "--store", store)
        self.assertEqual(again.ipui, handset.ipui)
        again.wait("attached")
        call = self.bob.call("301")
        again.wait("alerting")
        again.do("answer")
        call.answered()
        call.bye()
        # Without a memory it is another handset.
        self.assertNotEqual(rig.Handset(self, self.gw).ipui, handset.ipui)

    def test_a_memory_that_is_none_is_left_alone(self):
        path = self.write("memory", "Dear diary\n")
        done = subprocess.run(
            [rig.HANDSET, "--base", self.gw.dir + "/base-sim.sock", "--json",
             "--store", path], capture_output=True, text=True, timeout=20,
            stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 1)
        self.assertIn(path, done.stderr)
        with open(path, encoding="utf-8") as f:
            self.assertEqual(f.read(), "Dear diary\n")

    def test_the_keys_of_a_call_that_comes(self):
        handset = self.handset("301")
        call = self.bob.call("301")
        got = handset.wait("alerting", number="202", name="Bob Jones")
        handset.do("answer")
        call.answered()
        self.assertEqual(handset.wait("connected")["call"], got["call"])
        handset.do("hold")
        held = call.wait_request("INVITE")
        self.assertRegex(held.body, "a=(sendonly|inactive)")
        self.bob.reply(held, 200, "OK", self.bob.sdp(direction="recvonly"))
        handset.wait("held")
        handset.do("retrieve")
        back = call.wait_request("INVITE")
        self.assertNotRegex(back.body, "a=(sendonly|inactive)")
        self.bob.reply(back, 200, "OK", self.bob.sdp())
        handset.wait("retrieved")
        handset.do("hangup")
        call.ended()
        handset.wait("released", reason="normal")

    def test_what_may_become_of_a_call_that_goes_out(self):
        handset = self.handset("301", "Alice")
        for code, reason in ((486, "busy"), (603, "rejected"),
                             (480, "no_answer")):
            handset.do("dial 202")
            self.bob.incoming().reply(code, "No")
            got = handset.wait("released")
            if code != 480:
                self.assertEqual(got["reason"], reason)
        handset.do("dial 999")
        handset.wait("released", reason="unallocated")

    def test_walking_away_and_switching_off(self):
        handset = self.handset("301")
        handset.do("power off")
        handset.wait("detached")
        self.bob.call("301").failed(480)
        handset.do("power on")
        handset.wait("attached")
        handset.do("range out")
        handset.wait("detached")
        handset.do("range in")
        handset.wait("attached")
        call = self.bob.call("301")
        handset.wait("alerting")
        handset.do("reject")
        handset.wait("released")
        call.ack(call.wait_code(400, 699))

    def test_wrong_commands_are_errors_and_change_nothing(self):
        handset = self.handset("301")
        for line, word in (("fly", "fly"), ("dial", "dial"),
                           ("dial abc", "dial"), ("answer", "answer"),
                           ("hangup", "hangup"), ("power maybe", "power"),
                           ("play /none", "/none"), ("x" * 5000, "line")):
            handset.do(line)
            self.assertIn(word, handset.wait("error")["text"])
        handset.do("state")
        self.assertEqual(handset.wait("state")["state"], "attached")
        for event in handset.events():
            self.assertIn("event", event)


@unittest.skipUnless(shutil.which("tmux"), "no tmux here")
class Screen(rig.Story):
    def setUp(self):
        super().setUp()
        self.gateway()
        self.bob = self.phone("202", "Bob Jones")
        self.gw.ctl("extension", "add", "301", "name=Alice", "kind=dect")
        self.gw.ctl("handset", "open", "pin=4711")
        # A server of our own, that ends with its only window.
        self.socket = self.scratch("tmux")
        command = shlex.join([rig.HANDSET, "--base", os.path.join(
            self.gw.dir, "base-sim.sock"), "--name", "My handset"])
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y",
                  "30", command)
        self.addCleanup(subprocess.run, ["tmux", "-S", self.socket,
                                         "kill-server"],
                        capture_output=True, check=False)

    def tmux(self, *args):
        return subprocess.run(["tmux", "-S", self.socket, *args], check=True,
                              capture_output=True, text=True,
                              timeout=20).stdout

    def shows(self, *words):
        def found():
            text = self.tmux("capture-pane", "-p")
            return all(word in text for word in words) and text

        return self.until(found, what=f"{words} are not shown:\n" +
                          self.tmux("capture-pane", "-p"))

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def test_idle_ringing_and_talking(self):
        self.shows("My handset")
        self.press(":", "s", "u", "b", "s", "c", "r", "i", "b", "e", "Space",
                   "4", "7", "1", "1", "Enter")
        ipui = self.until(lambda: self.gw.ctl("handset", "list"))[0]["ipui"]
        self.gw.ctl("handset", "assign", ipui, "301")
        self.shows("301", "Alice")
        call = self.bob.call("301")
        self.shows("202", "Bob Jones")
        self.press("Enter")
        call.answered()
        self.shows("Bob Jones", "0:0")
        call.bye()
        self.until(lambda: "0:0" not in self.tmux("capture-pane", "-p"))
        self.shows("Alice")


if __name__ == "__main__":
    rig.main()
