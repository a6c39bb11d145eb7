#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill_gateway.py - what was confirmed is there after kill -9, whenever

    usage: kill_gateway.py BUILD-DIR [seed=N]

     two administrators: extensions, pairings ---+
     two phones that register elsewhere each time +--> gateway <-- kill -9
     two phones that call each other -------------+        |
                                                        restart
     what each was told before the kill  ==?==  what is there

Of what was asked for and not answered, either outcome is right.
"""
import json
import os
import random
import socket
import sqlite3
import sys
import threading
import time

import rig
from phone import Phone

ROUNDS = 20
LIVES_S = (0.05, 1.2)
LOG_ROW_S = 0.8  # promised: 0.4 (interfaces.md, section 4)

SEED = next((int(a[5:]) for a in sys.argv if a.startswith("seed=")),
            int.from_bytes(os.urandom(4), "big"))
sys.argv = [a for a in sys.argv if not a.startswith("seed=")]


class GivesUp(Phone):
    """A phone that does not wait for a gateway that is dead."""

    def wait(self, match, what, timeout=1.0):
        for _ in range(9):
            try:
                return super().wait(match, what, 0.1)
            except AssertionError:
                if self.story.gw.child.poll() is not None:
                    raise
        return super().wait(match, what, 0.1)


class Belief:
    """What is so, as far as its owner was told."""

    def __init__(self):
        self.is_so = {}      # key -> value, None: it is not there
        self.maybe = {}      # key -> a value that was asked for

    def asked(self, key, value):
        self.maybe[key] = value

    def told(self, key, value):
        self.is_so[key] = value
        self.maybe.pop(key, None)

    def refused(self, key):
        self.maybe.pop(key, None)

    def meet(self, story, seen, what):
        """@seen must be what was told, or what was asked for."""
        for key, value in self.is_so.items():
            right = [value]
            if key in self.maybe:
                right.append(self.maybe[key])
            story.assertIn(seen.get(key), right, f"{what} {key}")
        self.is_so.update({key: seen.get(key) for key in self.maybe})
        self.maybe.clear()


class Administrator:
    """The control socket itself: twinctl would be slower to start."""

    def __init__(self, gw):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(1.0)
        self.socket.connect(os.path.join(gw.dir, "control.sock"))
        self.lines = self.socket.makefile("r", encoding="utf-8")

    def ask(self, noun, verb, *args, **keys):
        """True: done, False: refused.  OSError: who knows."""
        self.socket.sendall(json.dumps({
            "noun": noun, "verb": verb, "args": args,
            "set": keys}).encode() + b"\n")
        line = self.lines.readline()
        if not line:
            raise ConnectionError("the gateway has hung up")
        return json.loads(line)["rc"] == 0


class KillGateway(rig.Story):
    def setUp(self):
        super().setUp()
        print(f"seed={SEED} ", end="", flush=True)
        self.dice = random.Random(SEED)
        self.gateway()
        self.extensions, self.pairings, self.contacts = \
            Belief(), Belief(), Belief()
        for n in range(1, 11):
            self.gw.ctl("extension", "add", f"70{n:02}", "name=A", "kind=sip")
        self.movers = [self.give_up_phone(n) for n in ("201", "202")]
        self.caller = self.give_up_phone("203")
        self.called = self.give_up_phone("204")
        self.caller.register()
        self.called.register()
        self.calls_begun = 0
        self.calls_ended = []  # when

    def give_up_phone(self, number):
        self.gw.add_phone(number, "P")
        phone = GivesUp(self, self.gw, number, "pw" + number)
        self.addCleanup(phone.close)
        return phone

    # ---- the load, a thread each ----

    def change_extensions(self, dice, admin):
        number = str(dice.randrange(5000, 5050))
        there = self.extensions.is_so.get(number)
        self.extensions.asked(number, None if there else "new")
        if there:
            done = admin.ask("extension", "remove", number)
        else:
            done = admin.ask("extension", "add", number, name="new",
                             kind="sip")
        self.assertTrue(done)
        self.extensions.told(number, None if there else "new")

    def change_pairings(self, dice, admin):
        primary = f"70{dice.randrange(1, 6):02}"
        other = self.pairings.is_so.get(primary)
        wish = None if other else f"70{dice.randrange(6, 11):02}"
        self.pairings.asked(primary, wish)
        if other:
            done = admin.ask("pairing", "remove", primary)
        else:
            done = admin.ask("pairing", "add", primary, wish)
        if done:
            self.pairings.told(primary, wish)
        else:
            self.pairings.refused(primary)

    def move(self, dice, phone):
        contact = f"sip:{phone.number}@127.0.0.1:{dice.randrange(2000, 60000)}"
        self.contacts.asked(phone.number, contact)
        got = phone.try_register(contact=f"<{contact}>")
        if got.code == 200:
            self.contacts.told(phone.number, contact)

    def make_call(self, _dice, _):
        self.calls_begun += 1
        call = self.caller.call("204")
        answerer = self.called.incoming()
        answerer.answer()
        call.answered()
        call.bye()
        self.calls_ended.append(time.monotonic())
        answerer.ended()

    def load(self, act, seed, thing):
        dice = random.Random(seed)
        try:
            while True:
                act(dice, thing)
        except (AssertionError, OSError, ValueError):
            return  # the gateway is dead; what it owed is "maybe"

    def live(self, seconds):
        admins = [Administrator(self.gw) for _ in range(2)]
        work = [(self.change_extensions, admins[0]),
                (self.change_pairings, admins[1]),
                *((self.move, phone) for phone in self.movers),
                (self.make_call, None)]
        threads = [threading.Thread(target=self.load, args=(
            act, self.dice.random(), thing)) for act, thing in work]
        for thread in threads:
            thread.start()
        time.sleep(seconds)  # this is the experiment, not a wait
        killed = time.monotonic()
        self.gw.kill()
        for thread in threads:
            thread.join()
        for admin in admins:
            admin.lines.close()
            admin.socket.close()
        return killed

    # ---- the comparison ----

    def count_rows(self, number):
        """All pages of its log."""
        page = self.gw.log_of(number, "limit=1000")
        n = len(page)
        while page:
            page = self.gw.log_of(number, "limit=1000",
                                  f"before={page[-1]['id']}")
            n += len(page)
        return n

    def compare(self, killed):
        self.extensions.meet(self, {
            e["number"]: e["name"] for e in self.gw.ctl("extension", "list")
            if e["number"].startswith("50")}, "extension")
        self.pairings.meet(self, {
            p["primary"]: p["secondary"]
            for p in self.gw.ctl("pairing", "list")}, "pairing")
        self.contacts.meet(self, {
            r["number"]: r["contact"]
            for r in self.gw.ctl("registration", "list")}, "registration")
        rows = self.count_rows("204")
        due = sum(at < killed - LOG_ROW_S for at in self.calls_ended)
        self.assertGreaterEqual(rows, due)
        self.assertLessEqual(rows, self.calls_begun)
        # What was lost between is lost: from here on all are due.
        self.calls_ended = [0.0] * rows
        self.calls_begun = rows
        db = sqlite3.connect(f"file:{self.gw.dir}/twind.db?mode=ro", uri=True)
        self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(),
                         [("ok",)])
        db.close()

    def test_what_was_confirmed_is_there(self):
        for _ in range(ROUNDS):
            killed = self.live(self.dice.uniform(*LIVES_S))
            self.gw.start()
            self.compare(killed)
        print(f"{len(self.calls_ended)} calls, "
              f"{len(self.extensions.is_so)} extensions ", end="")
        self.assertGreater(len(self.calls_ended), ROUNDS)


if __name__ == "__main__":
    rig.main()
