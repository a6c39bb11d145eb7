#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""demo.py - one twin call, from end to end, before your eyes

    usage: demo.py --build DIR [--listen ADDRESS] [--once]

Starts a gateway of its own in a scratch state directory, two desk phones
(SIPp) and one handset paired with the first, and lets the second desk phone
call the pair.  Called by tools/run, which builds first; with --once it ends
after the call, and its exit status says if all went as it should.

Everything it started it ends itself, by process id, also on Ctrl-C.
"""
import argparse
import json
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
PATIENCE_S = 15
PASSWORD = "desk"  # of both desk phones; they live for minutes


class Trouble(Exception):
    """Something did not go as it should; the text is for the reader."""


def free_port(kind, address, wish=0):
    """@wish if it is free, else any."""
    for port in (wish, 0):
        with socket.socket(socket.AF_INET, kind) as s:
            try:
                s.bind((address, port))
            except OSError as e:
                if port == 0:
                    raise Trouble(f"cannot use the address {address}: "
                                  f"{e.strerror}") from e
                continue
            return s.getsockname()[1]
    raise AssertionError


class Demo:
    def __init__(self, build, address):
        self.build = build
        self.address = address
        self.dir = tempfile.mkdtemp(prefix="twind-demo-")
        self.children = []
        self.start = time.monotonic()

    # ---- telling ----

    def say(self, text):
        print(text, flush=True)

    def event(self, text):
        print(f"  {time.monotonic() - self.start:6.2f} s  {text}", flush=True)

    # ---- processes ----

    def program(self, path):
        return os.path.join(self.build, path)

    def spawn(self, *args, **kw):
        # A group of its own: Ctrl-C is for us, we end them in order.
        child = subprocess.Popen(args, cwd=self.dir, process_group=0, **kw) \
            if sys.version_info >= (3, 11) else \
            subprocess.Popen(args, cwd=self.dir, start_new_session=True, **kw)
        self.children.append(child)
        return child

    def close(self):
        for child in reversed(self.children):
            if child.poll() is None:
                child.terminate()
            try:
                child.wait(6)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def wait(self, what, found):
        """Until found() gives something true."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            got = found()
            if got:
                return got
            if self.gateway.poll() is not None:
                raise Trouble("the gateway has ended:\n" + self.log())
            time.sleep(0.02)
        raise Trouble(f"waited {PATIENCE_S} s in vain: {what}\n" + self.log())

    def log(self):
        try:
            with open(os.path.join(self.dir, "twind.log"),
                      encoding="utf-8", errors="replace") as f:
                return "".join(f.readlines()[-12:])
        except OSError:
            return ""

    # ---- the gateway ----

    def start_gateway(self):
        self.sip = free_port(socket.SOCK_DGRAM, self.address, 5060)
        self.http = free_port(socket.SOCK_STREAM, "127.0.0.1", 8080)
        vty = free_port(socket.SOCK_STREAM, "127.0.0.1", 4289)
        config = os.path.join(self.dir, "twind.cfg")
        with open(config, "w", encoding="utf-8") as f:
            f.write("sip\n domain example.test\n realm example.test\n"
                    " digest md5-first\n"  # SIPp sees the first alone
                    f" listen udp {self.address} {self.sip}\n"
                    f" listen tcp {self.address} {self.sip}\n"
                    f"http\n listen 127.0.0.1 {self.http}\n"
                    "base sim\n driver sim\n"
                    f"line vty\n bind 127.0.0.1 {vty}\n")
        with open(os.path.join(self.dir, "twind.log"), "wb") as log:
            self.gateway = self.spawn(self.program("daemon/twind"),
                                      "--config", config,
                                      "--state-dir", self.dir,
                                      stdout=log, stderr=log)
        self.wait("the gateway to be ready",
                  lambda: re.search(r"\bready\b", self.log()))

    def ctl(self, *args):
        done = subprocess.run([self.program("tools/twinctl"), "--state-dir",
                               self.dir, "--json", *args],
                              capture_output=True, text=True, timeout=10)
        if done.returncode:
            raise Trouble(f"twinctl {' '.join(args)}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def add_extensions(self):
        self.ctl("extension", "add", "201", "name=Anna Desk", "kind=sip",
                 "password=" + PASSWORD)
        self.ctl("extension", "add", "202", "name=Bernd Desk", "kind=sip",
                 "password=" + PASSWORD)
        self.ctl("extension", "add", "301", "name=Anna Handset", "kind=dect")
        self.ctl("pair", "201", "301")

    # ---- the handset ----

    def start_handset(self):
        self.handset = self.spawn(
            self.program("tools/handset"), "--base",
            os.path.join(self.dir, "base-sim.sock"), "--json",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        ipui = self.handset_event("ready")["ipui"]
        self.ctl("handset", "open", "seconds=60", "pin=4711")
        self.handset_do("subscribe 4711")
        got = self.handset_event("subscribed")
        self.ctl("handset", "assign", ipui or got["ipui"], "301")
        self.wait("the handset to be attached", lambda: self.ctl(
            "extension", "show", "301")["registered"])

    def handset_do(self, command):
        self.handset.stdin.write(command + "\n")

    def handset_event(self, name):
        """The next event called @name; others are passed over."""
        with selectors.DefaultSelector() as s:
            s.register(self.handset.stdout, selectors.EVENT_READ)
            end = time.monotonic() + PATIENCE_S
            while s.select(max(0, end - time.monotonic())):
                line = self.handset.stdout.readline()
                if not line:
                    break
                event = json.loads(line)
                if event["event"] == name:
                    return event
        raise Trouble(f"the handset never said '{name}'\n" + self.log())

    # ---- the desk phones ----

    def sipp(self, scenario, number, port, *args):
        return [
            "sipp", f"{self.address}:{self.sip}", "-sf",
            os.path.join(HERE, scenario), "-s", number, "-i", self.address,
            "-p", str(port), "-nostdin", *args]

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def run_sipp(self, what, args):
        child = self.spawn(*args, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, text=True)
        _, err = child.communicate(timeout=40)
        if child.returncode:
            raise Trouble(f"{what} did not go as it should (sipp: "
                          f"{child.returncode}) {err.strip()[-300:]}\n" +
                          self.log())

    def register(self, number, port):
        credentials = self.write(f"{number}.csv", "SEQUENTIAL\n"
                                 f"[authentication username={number} "
                                 f"password={PASSWORD}]\n")
        self.run_sipp(f"the registration of {number}", self.sipp(
            "register.xml", number, port, "-m", "1", "-inf", credentials,
            "-timeout", "10s", "-timeout_error"))

    def start_phones(self):
        self.desk_port = free_port(socket.SOCK_DGRAM, self.address)
        self.caller_port = free_port(socket.SOCK_DGRAM, self.address)
        self.register("201", self.desk_port)
        self.register("202", self.caller_port)
        self.desk = self.spawn(*self.sipp("desk.xml", "201", self.desk_port,
                                          "-trace_logs", "-log_file", "desk"),
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)

    def desk_heard(self):
        try:
            with open(os.path.join(self.dir, "desk"), encoding="utf-8") as f:
                return f.read().splitlines()
        except OSError:
            return []

    # ---- the call ----

    def call(self):
        before = len(self.desk_heard())
        line = self.write(
            "caller.csv", "SEQUENTIAL\n202;201;[authentication username=202 "
            f"password={PASSWORD}]\n")
        self.start = time.monotonic()
        self.event("202 (Bernd) dials 201 (Anna), who has a desk phone and "
                   "a handset")
        caller = self.spawn(*self.sipp(
            "caller.xml", "202", self.caller_port, "-m", "1", "-inf", line,
            "-auth_uri", f"201@{self.address}:{self.sip}",
            "-timeout", "30s", "-timeout_error"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shown = self.handset_event("alerting")
        self.event(f"RING  the handset 301: {shown['number']} "
                   f"{shown.get('name') or ''}".rstrip())
        heard = self.wait("the desk phone to ring",
                          lambda: self.desk_heard()[before:])
        self.event(f"RING  the desk phone 201: {heard[0].split()[-1]}")
        for leg in self.ctl("call", "active")[0]["legs"]:
            self.event(f"      leg {leg['device']}: {leg['state']}")
        time.sleep(1)
        self.handset_do("answer")
        self.handset_event("connected")
        self.event("the handset answers, Bernd and Anna talk")
        heard = self.wait("the desk phone to fall silent",
                          lambda: self.desk_heard()[before + 1:])
        self.event("the desk phone falls silent:" +
                   heard[0].removeprefix("quiet"))
        self.handset_event("released")
        self.event("Bernd hangs up")
        if caller.wait(10):
            raise Trouble(f"the caller's phone was not content (sipp: "
                          f"{caller.returncode})\n" + self.log())
        return self.wait("the call's log row", lambda: self.ctl(
            "call", "list", "extension=201", "each=on", "limit=1"))[0]

    def show(self, row):
        self.say("\nAnna's call log has one row for it, whichever phone she "
                 "took it with:\n")
        for key in ("id", "time", "kind", "number", "name", "duration_s",
                    "ring_s", "device", "outcome"):
            self.say(f"  {key:<11}{row[key]}")

    def what_next(self):
        ctl = f"{self.program('tools/twinctl')} --state-dir {self.dir}"
        base = os.path.join(self.dir, "base-sim.sock")
        self.say(f"""
The gateway stays up: SIP on {self.address}:{self.sip} (UDP, TCP), domain \
example.test,
numbers 201 and 202 with password '{PASSWORD}'.  In another terminal, try:

  {ctl} call list extension=201
  {ctl} call explain CALL
  {ctl} extension list
  {self.program('tools/handset')} --base {base}
      a second handset, with a screen; first let it in by
  {ctl} handset open pin=1234
""")


def talk(demo, once):
    demo.say("Starting a gateway, two desk phones and a handset.")
    demo.start_gateway()
    demo.add_extensions()
    demo.start_handset()
    demo.start_phones()
    demo.say("201 and 301 are twins: one user, one number, two phones.\n")
    demo.show(demo.call())
    if once:
        return
    demo.what_next()
    if not sys.stdin.isatty():
        demo.say("Ctrl-C ends everything.")
        demo.gateway.wait()
        raise Trouble("the gateway has ended:\n" + demo.log())
    while True:
        input("Enter makes the call again, Ctrl-C ends everything. ")
        demo.show(demo.call())


def main():
    parser = argparse.ArgumentParser(prog="tools/run", usage="%(prog)s "
                                     "[--listen ADDRESS] [--once]")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--listen", default="127.0.0.1", metavar="ADDRESS",
                        help="IPv4 address for SIP; default: 127.0.0.1, so "
                             "that only this machine gets in")
    parser.add_argument("--once", action="store_true",
                        help="end after the call")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    demo = None
    try:
        demo = Demo(os.path.realpath(args.build), args.listen)
        talk(demo, args.once)
    except (KeyboardInterrupt, EOFError):
        print("\nEnding what was started.")
    except Trouble as e:
        sys.exit(f"\nIt did not work: {e}")
    finally:
        if demo:
            demo.close()


if __name__ == "__main__":
    main()
