# SPDX-License-Identifier: GPL-3.0-or-later
"""rig.py - a gateway, its administrator and its handsets, as an outsider has them

    script BUILD-DIR  -->  Story (a unittest.TestCase)
                             |-- gateway()   twind, in a scratch directory
                             |-- handset()   handset --json at its base
                             |-- phone()     a SIP phone (phone.py)
                             +-- ctl(...)    twinctl --json

Nothing here waits for a time to pass: what is waited for is an event, a line
or a message, and PATIENCE_S is when hope is given up.  What a story started
is ended by process id when the story is over, and a gateway that is still up
must then end by SIGTERM with status 0.
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from phone import PATIENCE_S, Phone

if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
    sys.exit(f"usage: {os.path.basename(sys.argv[0])} BUILD-DIR "
             "[unittest arguments]")
BUILD = os.path.abspath(sys.argv.pop(1))
TWIND = os.path.join(BUILD, "daemon/twind")
TWINCTL = os.path.join(BUILD, "tools/twinctl")
HANDSET = os.path.join(BUILD, "tools/handset")

SKIPPED = 77  # meson's exit status for a test that could not be run


class Lines:
    """What a program writes, line by line, with the time of each."""

    def __init__(self, stream):
        self.stream = stream
        self.lines = []
        self.more = threading.Condition()
        self.over = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.stream:
            with self.more:
                self.lines.append((time.monotonic(), line))
                self.more.notify_all()
        with self.more:
            self.over = True
            self.more.notify_all()

    def find(self, match, start=0, timeout=PATIENCE_S):
        """Index of the first line from @start that match(line) is true of;
        None if there is none in time."""
        end = time.monotonic() + timeout
        with self.more:
            while True:
                for start in range(start, len(self.lines)):
                    if match(self.lines[start][1]):
                        return start
                start = len(self.lines)
                left = end - time.monotonic()
                if self.over or left <= 0:
                    return None
                self.more.wait(left)

    def text(self):
        with self.more:
            return "".join(line for _, line in self.lines)


class Gateway:
    """twind on ports of its own choice, which it keeps over restarts."""

    def __init__(self, story, state=None, config="", listen=None, wrap=()):
        self.story = story
        self.dir = state or story.scratch("state")
        self.config = story.scratch("twind.cfg")
        self.more_config = config
        self.listen = listen or [("udp", "127.0.0.1", 0),
                                 ("tcp", "127.0.0.1", 0)]
        self.http = 0
        self.wrap = list(wrap)
        self.child = self.log = None

    def write_config(self):
        with open(self.config, "w", encoding="utf-8") as f:
            f.write("sip\n domain example.test\n realm example.test\n")
            for listener in self.listen:
                f.write(" listen %s %s %d\n" % listener)
            f.write(f"http\n listen 127.0.0.1 {self.http}\n"
                    f"base sim\n driver sim\n{self.more_config}")

    def launch(self):
        self.write_config()
        # Without an operator shell: its port would be everybody's.
        self.child = subprocess.Popen(
            [*self.wrap, TWIND, "--config", self.config, "--state-dir",
             self.dir],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, errors="replace")
        self.log = Lines(self.child.stderr)
        self.story.addCleanup(self._bury, self.child)

    def start(self):
        self.launch()
        if not self.said(r"\bready\b"):
            self.story.fail("the gateway is not ready:\n" + self.log.text())
        self._learn_ports()
        return self

    def _learn_ports(self):
        ports = []
        for listener in self.ctl("status")["listeners"]:
            address, _, port = listener["address"].rpartition(":")
            if listener["transport"] == "http":
                self.http = int(port)
            else:
                ports.append((listener["transport"], address.strip("[]"),
                              int(port)))
        self.listen = ports

    def said(self, pattern, timeout=PATIENCE_S):
        return self.log.find(lambda line: re.search(pattern, line), 0,
                             timeout) is not None

    def address(self, transport="udp", v6=False):
        """(address, port) of a listener."""
        for t, address, port in self.listen:
            if t == transport and (":" in address) == v6:
                return address, port
        raise LookupError(transport)

    def twinctl(self, *args):
        return subprocess.run([TWINCTL, "--state-dir", self.dir, *args],
                              capture_output=True, text=True, timeout=30)

    def ctl(self, *args):
        done = self.twinctl("--json", *args)
        if done.returncode:
            self.story.fail(f"twinctl {' '.join(args)}: {done.returncode} "
                            f"{done.stderr}\n{self.log.text()}")
        return json.loads(done.stdout)

    def refused(self, *args, status=1):
        """The sentence with which a command is refused."""
        done = self.twinctl("--json", *args)
        self.story.assertEqual((done.returncode, done.stdout), (status, ""),
                               args)
        self.story.assertRegex(done.stderr, r"\A[^\n]+\n\Z", args)
        return done.stderr

    def log_of(self, number, *keys):
        return self.ctl("call", "list", "extension=" + number, "each=on",
                        *keys)

    def add_phone(self, number, name, password=None):
        self.ctl("extension", "add", number, "name=" + name, "kind=sip",
                 "password=" + (password or "pw" + number))

    def kill(self):
        self.child.kill()
        self.child.wait()

    def stop(self):
        """SIGTERM; the seconds that it took."""
        begin = time.monotonic()
        self.child.terminate()
        try:
            status = self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.story.fail("SIGTERM does not end the gateway\n" +
                            self.log.text())
        self.story.assertEqual(status, 0, self.log.text())
        return time.monotonic() - begin

    def _bury(self, child):
        try:
            if child is self.child and child.poll() is None:
                self.stop()
            elif child.poll() not in (0, 1, -signal.SIGKILL):
                self.story.fail(f"the gateway ended with {child.poll()}:\n" +
                                self.log.text())
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
            child.stderr.close()

    def memory_kb(self):
        with open(f"/proc/{self.child.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))

    def counters(self):
        """/metrics as a dict."""
        import urllib.request
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/metrics",
                                    timeout=PATIENCE_S) as page:
            text = page.read().decode()
        return {name: float(value) for name, value in
                re.findall(r"^(\w\S*) (\S+)$", text, re.M)}


class Handset:
    """handset --json: commands in, events out."""

    def __init__(self, story, gateway, *args):
        self.story = story
        self.child = subprocess.Popen(
            [HANDSET, "--base", os.path.join(gateway.dir, "base-sim.sock"),
             "--json", *args],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, bufsize=1)
        story.addCleanup(self.close)
        self.out = Lines(self.child.stdout)
        self.next = 0  # events before it were waited for already
        self.ipui = self.wait("ready")["ipui"]

    def do(self, command):
        self.child.stdin.write(command + "\n")

    def wait(self, event, timeout=PATIENCE_S, **keys):
        """The next such event; what comes before it is passed over."""
        def match(line):
            got = json.loads(line)
            return got["event"] == event and \
                all(got.get(k) == v for k, v in keys.items())

        i = self.out.find(match, self.next, timeout)
        if i is None:
            self.story.fail(f"the handset never said {event} {keys}:\n" +
                            self.out.text())
        self.next = i + 1
        when, line = self.out.lines[i]
        return {**json.loads(line), "_time": when}

    def events(self):
        return [json.loads(line) for _, line in self.out.lines]

    def close(self):
        if self.child.poll() is None:
            self.child.terminate()
            self.child.wait()
        for stream in (self.child.stdin, self.child.stdout, self.child.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                pass


class Story(unittest.TestCase):
    """A test with a scratch directory and helpers to fill it."""

    def setUp(self):
        tmp = tempfile.TemporaryDirectory(prefix="twind-test-")
        self.addCleanup(tmp.cleanup)
        self.dir = tmp.name

    def scratch(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        path = self.scratch(name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def gateway(self, **kw):
        self.gw = Gateway(self, **kw).start()
        return self.gw

    def phone(self, number, name=None, register=True, **kw):
        """A SIP phone; with @name its extension is added, too."""
        if name:
            self.gw.add_phone(number, name)
        kw.setdefault("password", "pw" + number)
        phone = Phone(self, self.gw, number, **kw)
        self.addCleanup(phone.close)
        if register:
            phone.register()
        return phone

    def handset(self, number, name="Handset", store=None):
        """A handset that is subscribed, assigned and attached."""
        self.gw.ctl("extension", "add", number, "name=" + name, "kind=dect")
        handset = Handset(self, self.gw,
                          *(["--store", store] if store else []))
        self.gw.ctl("handset", "open", "seconds=60", "pin=4711")
        handset.do("subscribe 4711")
        handset.wait("subscribed")
        self.gw.ctl("handset", "assign", handset.ipui, number)
        self.until(lambda: self.gw.ctl("extension", "show",
                                       number)["registered"])
        return handset

    def until(self, true, timeout=PATIENCE_S, what=""):
        """For what can only be asked, not waited for."""
        end = time.monotonic() + timeout
        while True:
            got = true()
            if got:
                return got
            if time.monotonic() > end:
                self.fail(what or "waited in vain\n" + self.gw.log.text())
            time.sleep(0.01)


def main():
    unittest.main(module="__main__", verbosity=2)
