#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""administrator.py - every verb of twinctl, and its exit statuses

    usage: administrator.py BUILD-DIR
"""
import json
import subprocess

import rig

# What scripts may rely on (interfaces.md, section 1): more keys may be there.
EXTENSION = {"number", "name", "kind", "registered", "state", "dnd",
             "logged_in", "twin"}
PAIRING = {"primary", "secondary", "max_calls", "twin_bridge",
           "twin_coverage", "twin_line", "dnd_scope"}
HANDSET = {"ipui", "base", "state", "extension"}
RECORD = {"id", "call", "time", "kind", "number", "name", "duration_s",
          "ring_s", "device", "outcome", "count", "seen", "extension"}
ACTIVE = {"id", "from", "to", "state", "since", "legs"}
STATUS = {"version", "uptime", "listeners", "bases", "extensions",
          "registrations", "handsets", "pairings", "active_calls"}

# Wrong usage, and a word that the sentence has.
USAGE = [
    ((), "noun"), (("nonsense",), "extension"), (("extension",), "list"),
    (("extension", "paint"), "list"), (("extension", "add"), "NUMBER"),
    (("extension", "show"), "NUMBER"),
    (("extension", "show", "201", "202"), "NUMBER"),
    (("pair", "201"), "SECONDARY"), (("handset", "assign", "1"), "NUMBER"),
    (("call", "explain"), "CALL"), (("--colour", "status"), "--colour"),
    (("--socket",), "--socket"),
]

# Refused by the gateway, and who or what stands in the way.
REFUSED = [
    (("extension", "add", "201", "name=A", "kind=sip"), "201"),
    (("extension", "add", "20x", "name=A", "kind=sip"), "digits"),
    (("extension", "add", "299", "name=A", "kind=fax"), "sip or dect"),
    (("extension", "add", "299", "kind=sip"), "name"),
    (("extension", "set", "201", "colour=red"), "name, password"),
    (("extension", "show", "999"), "999"),
    (("extension", "remove", "999"), "999"),
    (("extension", "remove", "201"), "301"),
    (("pair", "202", "301"), "201"), (("pair", "203", "201"), "301"),
    (("pair", "301", "203"), "201"), (("pair", "203", "203"), "203"),
    (("pair", "203", "999"), "999"), (("unpair", "203"), "203"),
    (("pairing", "show", "203"), "203"),
    (("pairing", "set", "201", "max_calls=3"), "max_calls"),
    (("pairing", "set", "201", "colour=red"), "max_calls"),
    (("handset", "show", "zz"), "zz"), (("handset", "remove", "12"), "12"),
    (("handset", "open", "seconds=x"), "seconds"),
    (("handset", "open", "pin=12ab"), "pin"),
    (("base", "show", "nix"), "nix"),
    (("registration", "remove", "203"), "203"),
    (("call", "show", "77"), "77"), (("call", "explain", "77"), "77"),
    (("call", "seen", "77"), "77"), (("call", "remove", "77"), "77"),
    (("call", "list", "kind=lost"), "missed"),
    (("call", "list", "limit=1001"), "1000"),
    (("call", "list", "extension=999"), "999"),
]


class Administrator(rig.Story):
    def setUp(self):
        super().setUp()
        self.gateway()

    def ctl(self, *args):
        return self.gw.ctl(*args)

    def has_keys(self, want, got):
        self.assertLessEqual(want, set(got))
        self.assertEqual([k for k in got if k != k.lower()], [])

    def test_extensions(self):
        made = self.ctl("extension", "add", "201", "name=Zoë Müller",
                        "kind=sip", "password=geheim")
        self.has_keys(EXTENSION, made)
        self.assertEqual((made["number"], made["name"], made["kind"],
                          made["registered"], made["twin"]),
                         ("201", "Zoë Müller", "sip", False, None))
        self.assertNotIn("geheim", json.dumps(made))
        self.assertEqual(self.ctl("extension", "show", "201"), made)
        self.assertEqual(self.ctl("extension", "list"), [made])
        new = self.ctl("extension", "set", "201", "name=Zoë")
        self.assertEqual(new["name"], "Zoë")
        self.phone("201", password="geheim")
        self.assertTrue(self.ctl("extension", "show", "201")["registered"])
        self.ctl("extension", "set", "201", "password=neu")
        self.assertEqual(self.phone("201", password="geheim", register=False)
                         .try_register().code, 403)
        self.phone("201", password="neu")
        self.ctl("extension", "remove", "201")
        self.assertEqual(self.ctl("extension", "list"), [])
        self.assertNotIn("geheim", self.gw.log.text())

    def test_pairings_and_their_short_forms(self):
        for number in ("201", "202", "203"):
            self.ctl("extension", "add", number, "name=A", "kind=sip")
        self.ctl("extension", "add", "301", "name=H", "kind=dect")
        made = self.ctl("pairing", "add", "201", "301")
        self.assertEqual(made, self.ctl("pairing", "show", "201"))
        self.has_keys(PAIRING, made)
        self.assertEqual((made["primary"], made["secondary"],
                          made["max_calls"], made["dnd_scope"]),
                         ("201", "301", 1, "both"))
        new = self.ctl("pairing", "set", "201", "max_calls=2",
                       "twin_line=on", "dnd_scope=primary")
        self.assertEqual((new["max_calls"], new["twin_line"],
                          new["dnd_scope"]), (2, True, "primary"))
        self.assertEqual(self.ctl("pairing", "list"), [new])
        self.assertEqual(self.ctl("extension", "show", "301")["twin"],
                         {"role": "secondary", "other": "201"})
        self.assertEqual(self.ctl("extension", "show", "201")["twin"],
                         {"role": "primary", "other": "301"})
        self.assertEqual(self.ctl("pairing", "remove", "201"), new)
        # A secondary may be a SIP phone (a WiFi handset).
        self.assertEqual(self.ctl("pair", "202", "203")["secondary"], "203")
        self.assertEqual(self.ctl("unpair", "202")["primary"], "202")
        self.assertEqual(self.ctl("pairing", "list"), [])

    def test_handsets_and_bases(self):
        self.ctl("extension", "add", "302", "name=Other", "kind=dect")
        window = self.ctl("handset", "open")
        self.assertRegex(window["pin"], r"\A\d{4}\Z")
        self.assertTrue(window["open"])
        self.assertFalse(self.ctl("handset", "close")["open"])
        handset = self.handset("301")
        shown = self.ctl("handset", "show", handset.ipui)
        self.has_keys(HANDSET, shown)
        self.assertEqual((shown["ipui"], shown["base"], shown["state"],
                          shown["extension"]),
                         (handset.ipui, "sim", "attached", "301"))
        self.assertEqual(self.ctl("handset", "list"), [shown])
        moved = self.ctl("handset", "assign", handset.ipui, "302")
        self.assertEqual(moved["extension"], "302")
        handset.wait("assigned", extension="302", name="Other")
        self.has_keys(HANDSET, self.ctl("handset", "locate", handset.ipui))
        handset.wait("paged", on=True)
        bases = self.ctl("base", "list")
        self.assertEqual([b["name"] for b in bases], ["sim"])
        self.assertEqual(self.ctl("base", "show", "sim")["driver"], "sim")
        gone = self.ctl("handset", "remove", handset.ipui)
        self.assertEqual(gone["ipui"], handset.ipui)
        self.assertEqual(self.ctl("handset", "list"), [])
        handset.wait("detached")

    def test_registrations(self):
        self.phone("201", "A")
        rows = self.ctl("registration", "list")
        self.assertEqual([r["number"] for r in rows], ["201"])
        self.assertEqual(self.ctl("status")["registrations"], 1)
        self.ctl("registration", "remove", "201")
        self.assertEqual(self.ctl("registration", "list"), [])
        self.assertEqual(self.ctl("extension", "show", "201")["state"],
                         "unreachable")

    def call(self, caller, called, number):
        call = caller.call(number)
        answerer = called.incoming()
        answerer.answer()
        call.answered()
        return call, answerer

    def test_calls_and_their_log(self):
        anna, bert = self.phone("201", "Anna"), self.phone("202", "Bert")
        for n in range(3):
            call, answerer = self.call(anna, bert, "202")
            if n == 0:
                active = self.ctl("call", "active")
                self.assertEqual(len(active), 1)
                self.has_keys(ACTIVE, active[0])
                self.assertEqual((active[0]["from"], active[0]["to"]),
                                 ("201", "202"))
                for leg in active[0]["legs"]:
                    self.has_keys({"device", "state"}, leg)
                self.assertEqual(self.ctl("extension", "show",
                                          "202")["state"], "in_use")
            call.bye()
            answerer.ended()
        rows = self.until(lambda: [r for r in [self.gw.log_of("202")]
                                   if len(r) == 3])[0]
        for row in rows:
            self.has_keys(RECORD, row)
            self.assertRegex(row["time"],
                             r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
            self.assertEqual((row["kind"], row["outcome"], row["count"]),
                             ("in", "answered", 1))
        ids = [row["id"] for row in rows]
        self.assertEqual(ids, sorted(ids, reverse=True))
        together = self.ctl("call", "list", "extension=202")
        self.assertEqual([(r["id"], r["count"]) for r in together],
                         [(ids[0], 3)])
        page = self.gw.log_of("202", f"before={ids[0]}", "limit=1")
        self.assertEqual([r["id"] for r in page], [ids[1]])
        self.assertEqual(self.gw.log_of("202", "kind=missed"), [])
        self.assertEqual(len(self.gw.log_of("201", "kind=out")), 3)
        number = str(rows[0]["call"])
        self.assertTrue(self.ctl("call", "show", number))
        self.assertIn("202", json.dumps(self.ctl("call", "explain", number)))
        self.assertTrue(self.ctl("call", "seen", str(ids[1]))["seen"])
        # With it go the older ones that a list counts into it (T81).
        self.ctl("call", "remove", str(ids[1]))
        self.assertEqual([r["id"] for r in self.gw.log_of("202")], ids[:1])

    def test_the_status(self):
        status = self.ctl("status")
        self.has_keys(STATUS, status)
        self.assertEqual({l["transport"] for l in status["listeners"]},
                         {"udp", "tcp", "http"})

    def test_wrong_usage_is_2_and_says_what_is_right(self):
        for args, word in USAGE:
            self.assertIn(word, self.gw.refused(*args, status=2), args)

    def test_a_refusal_is_1_names_what_stands_in_the_way_and_changes_nothing(
            self):
        for number in ("201", "202", "203"):
            self.ctl("extension", "add", number, "name=A", "kind=sip")
        self.ctl("extension", "add", "301", "name=H", "kind=dect")
        self.ctl("pair", "201", "301")
        before = self.ctl("extension", "list"), self.ctl("pairing", "list")
        for args, word in REFUSED:
            self.assertIn(word, self.gw.refused(*args), args)
        self.assertEqual((self.ctl("extension", "list"),
                          self.ctl("pairing", "list")), before)

    def test_a_gateway_that_is_not_there_is_3(self):
        self.gw.stop()
        self.assertIn("control.sock", self.gw.refused("status", status=3))

    def test_of_two_administrators_at_once_exactly_one_succeeds(self):
        for number in ("205", "206", "305"):
            self.ctl("extension", "add", number, "name=A", "kind=sip")
        for _ in range(20):
            both = [subprocess.Popen(
                [rig.TWINCTL, "--state-dir", self.gw.dir, "--json", "pair",
                 primary, "305"], stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True)
                for primary in ("205", "206")]
            said = [child.communicate() for child in both]
            self.assertEqual(sorted(child.returncode for child in both),
                             [0, 1])
            won = json.loads(next(out for out, _ in said if out))
            sentence = next(err for _, err in said if err)
            self.assertIn(won["primary"], sentence)
            self.assertEqual(self.ctl("pairing", "list"), [won])
            self.ctl("unpair", won["primary"])


if __name__ == "__main__":
    rig.main()
