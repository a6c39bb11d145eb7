# SPDX-License-Identifier: GPL-3.0-or-later
"""phone.py - a SIP phone that does what it is told, and remembers all it saw

    Phone     one socket (UDP, or a TCP connection), one Call-ID space
    Dialog    one call: of an INVITE that it sent, or that it was sent
    Message   what came; message["from"], message.all("reason")

The transaction layer is the least that RFC 3261 allows: a request that comes
again gets the last answer again, a 2xx that comes again gets its ACK again,
and neither is shown twice.  Requests of the phone itself are not repeated:
on the loopback device nothing is lost.
"""
import hashlib
import itertools
import os
import re
import socket
import threading
import time

PATIENCE_S = 10

_serial = itertools.count(1)


def token():
    return f"{next(_serial)}x{os.urandom(5).hex()}"


def sdp(address="127.0.0.1", port=9, codecs=((8, "PCMA/8000"),
                                             (0, "PCMU/8000"),
                                             (101, "telephone-event/8000")),
        direction="sendrecv", session="a-phone", version=1):
    family = "IP6" if ":" in address else "IP4"
    types = " ".join(str(n) for n, _ in codecs)
    return "\r\n".join([
        "v=0", f"o=- 7 {version} IN {family} {address}", f"s={session}",
        f"c=IN {family} {address}", "t=0 0",
        f"m=audio {port} RTP/AVP {types}",
        *(f"a=rtpmap:{n} {name}" for n, name in codecs),
        f"a={direction}", ""])


class Message:
    def __init__(self, raw):
        self.time = time.monotonic()
        self.raw = raw
        head, _, self.body = raw.decode("utf-8", "replace").partition(
            "\r\n\r\n")
        start, *lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
        self.start = start
        self.headers = []
        for line in lines:
            name, _, value = line.partition(":")
            self.headers.append((name.strip().lower(), value.strip()))
        words = start.split(" ", 2)
        if words[0] == "SIP/2.0":
            self.code, self.reason = int(words[1]), words[2]
            self.method = self["cseq"].split()[1]
        else:
            self.code, self.method, self.uri = None, words[0], words[1]

    def __getitem__(self, name):
        return next((v for n, v in self.headers if n == name), None)

    def all(self, name):
        return [v for n, v in self.headers if n == name]

    @property
    def cseq(self):
        return int(self["cseq"].split()[0])

    @property
    def branch(self):
        return re.search(r"branch=([^;,\s]+)", self["via"]).group(1)

    @property
    def contact(self):
        return re.search(r"<([^>]+)>", self["contact"]).group(1)

    def rtp(self):
        """(address, port, first payload type) of its SDP."""
        address = re.search(r"^c=IN IP[46] (\S+)", self.body, re.M).group(1)
        port, first = re.search(r"^m=audio (\d+) \S+ (\d+)", self.body,
                                re.M).groups()
        return address, int(port), int(first)

    def __repr__(self):
        return f"{self.start} ({self['cseq']})"


class Phone:
    def __init__(self, story, gateway, number, password="", transport="udp",
                 v6=False, domain="example.test"):
        self.story, self.number, self.password = story, number, password
        self.transport, self.domain = transport, domain
        self.server = gateway.address(transport, v6)
        self.ip = "::1" if v6 else "127.0.0.1"
        self.heard = []      # all messages, in order
        self.inbox = []      # those that nobody waited for yet
        self.more = threading.Condition()
        self.answers = {}    # (branch, method) -> our last answer
        self.acks = {}       # (Call-ID, CSeq) -> our ACK of a 2xx
        self.again = 0       # messages that came again
        self.register_id = token()
        self.register_cseq = 0
        self.rtp_port = 9
        self.allow = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO"
        self._open()

    # ---- the wire ----

    @property
    def host(self):
        return f"[{self.ip}]" if ":" in self.ip else self.ip

    @property
    def contact(self):
        more = ";transport=tcp" if self.transport == "tcp" else ""
        return f"<sip:{self.number}@{self.host}:{self.port}{more}>"

    def _open(self):
        self.socket = socket.socket(
            socket.AF_INET6 if ":" in self.ip else socket.AF_INET,
            socket.SOCK_STREAM if self.transport == "tcp"
            else socket.SOCK_DGRAM)
        self.socket.bind((self.ip, 0))
        self.socket.connect(self.server)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._listen, args=[self.socket],
                         daemon=True).start()

    def reconnect(self):
        self.close()
        self._open()

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes)
                            else text.encode())

    def _listen(self, sock):
        stream = b""
        while True:
            try:
                got = sock.recv(65536)
            except ConnectionError:
                continue  # an ICMP error: nobody was there
            except OSError:
                return
            if self.transport == "udp":
                if got:
                    self._take(got)
                elif sock.fileno() < 0:
                    return
                continue
            if not got:
                return
            stream += got
            while True:
                stream = stream.lstrip(b"\r\n")
                head, end, rest = stream.partition(b"\r\n\r\n")
                n = re.search(rb"(?im)^content-length\s*:\s*(\d+)", head)
                n = int(n.group(1)) if n else 0
                if not end or len(rest) < n:
                    break
                self._take(head + end + rest[:n])
                stream = rest[n:]

    def _take(self, raw):
        if not raw.strip():
            return
        message = Message(raw)
        with self.more:
            again = self._is_again(message)
            if again is None:
                self.heard.append(message)
                self.inbox.append(message)
                self.more.notify_all()
        if again:
            self.send(again)

    def _is_again(self, message):
        """None: it is new; else what is to be said again, if anything."""
        if message.code:
            ack = self.acks.get((message["call-id"], message.cseq))
            new = not (ack and message.code >= 200 and
                       message.method == "INVITE")
        else:
            key = (message.branch, message.method)
            new = message.method == "ACK" or key not in self.answers
            ack = self.answers.setdefault(key, "")
        if new:
            return None
        self.again += 1
        return ack

    def wait(self, match, what, timeout=PATIENCE_S):
        end = time.monotonic() + timeout
        with self.more:
            while True:
                for message in self.inbox:
                    if match(message):
                        self.inbox.remove(message)
                        return message
                left = end - time.monotonic()
                if left <= 0:
                    self.story.fail(f"{self.number} waited in vain for {what};"
                                    f" it heard {self.heard}\n" +
                                    self.story.gw.log.text())
                self.more.wait(left)

    def seen(self, match):
        with self.more:
            return [m for m in self.heard if match(m)]

    # ---- messages ----

    def request(self, method, uri, call_id, cseq, local, remote, headers=(),
                body="", branch=None, contact=None):
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/{self.transport.upper()} {self.host}:{self.port};"
            f"branch={branch or 'z9hG4bK' + token()};rport",
            "Max-Forwards: 70", f"From: {local}", f"To: {remote}",
            f"Call-ID: {call_id}", f"CSeq: {cseq} {method}",
            f"Contact: {contact or self.contact}", f"Allow: {self.allow}",
            *headers]
        if body and not any(h.startswith("Content-Type") for h in headers):
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body.encode())}")
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def reply(self, request, code, reason="Because", body="", headers=(),
              tag=None):
        to = request["to"]
        if code > 100 and "tag=" not in to:
            to += f";tag={tag or token()}"
        lines = [f"SIP/2.0 {code} {reason}",
                 *(f"Via: {v}" for v in request.all("via")),
                 *(f"Record-Route: {v}" for v in request.all("record-route")),
                 f"From: {request['from']}", f"To: {to}",
                 f"Call-ID: {request['call-id']}", f"CSeq: {request['cseq']}",
                 f"Contact: {self.contact}", f"Allow: {self.allow}", *headers]
        if body:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body.encode())}")
        text = "\r\n".join(lines) + "\r\n\r\n" + body
        self.answers[request.branch, request.method] = text
        self.send(text)

    def credentials(self, response, method, uri, algorithm="MD5",
                    password=None):
        """The header that answers a challenge."""
        for name in ("www-authenticate", "proxy-authenticate"):
            for challenge in response.all(name):
                p = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
                if p.get("algorithm", "MD5").upper() != algorithm:
                    continue
                header = ("Authorization" if name[0] == "w"
                          else "Proxy-Authorization")
                return header + ": " + self._digest(p, algorithm, method, uri,
                                                    password)
        self.story.fail(f"no {algorithm} challenge in {response.raw}")

    def _digest(self, p, algorithm, method, uri, password):
        kind = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[algorithm]

        def h(*parts):
            return kind(":".join(parts).encode()).hexdigest()

        a1 = h(self.number, p["realm"], password or self.password)
        nonce, cnonce = p["nonce"], token()
        response = h(a1, nonce, "00000001", cnonce, "auth", h(method, uri))
        more = f', opaque="{p["opaque"]}"' if "opaque" in p else ""
        return (f'Digest username="{self.number}", realm="{p["realm"]}", '
                f'nonce="{nonce}", uri="{uri}", algorithm={algorithm}, '
                f'qop=auth, nc=00000001, cnonce="{cnonce}", '
                f'response="{response}"' + more)

    # ---- registration ----

    def try_register(self, expires=600, algorithm="MD5", password=None,
                     headers=(), contact=None):
        """The final response."""
        uri, me = f"sip:{self.domain}", f"<sip:{self.number}@{self.domain}>"
        more = [f"Expires: {expires}", *headers]
        for _ in range(2):
            self.register_cseq += 1
            cseq = self.register_cseq
            self.send(self.request(
                "REGISTER", uri, self.register_id, cseq,
                f"{me};tag={token()}", me, more, contact=contact))
            got = self.wait(lambda m, n=cseq: m.code and m.code >= 200 and
                            m["call-id"] == self.register_id and m.cseq == n,
                            "an answer to REGISTER")
            if got.code != 401:
                break
            more = [f"Expires: {expires}", *headers, self.credentials(
                got, "REGISTER", uri, algorithm, password)]
        return got

    def register(self, **kw):
        got = self.try_register(**kw)
        self.story.assertEqual(got.code, 200, got)
        return got

    # ---- calls ----

    def sdp(self, **kw):
        kw.setdefault("port", self.rtp_port)
        return sdp(self.ip, **kw)

    def call(self, target, body=None, headers=(), algorithm="MD5",
             display=None):
        """INVITE, through authentication; a Dialog to wait on."""
        dialog = Dialog(self)
        uri = f"sip:{target}@{self.domain}"
        shown = f'"{display}" ' if display else ""
        dialog.local = f"{shown}<sip:{self.number}@{self.domain}>;tag=" + \
            token()
        dialog.remote, dialog.target, dialog.id = f"<{uri}>", uri, token()
        body = self.sdp() if body is None else body
        dialog.invite(body, headers)
        got = dialog.wait_code(100, 699)
        if got.code in (401, 407):
            dialog.ack(got)
            dialog.invite(body, [*headers, self.credentials(
                got, "INVITE", uri, algorithm)])
        else:
            with self.more:
                self.inbox.insert(0, got)
        return dialog

    def incoming(self, timeout=PATIENCE_S):
        """The Dialog of the next INVITE from outside a dialog."""
        invite = self.wait(lambda m: m.method == "INVITE" and not m.code and
                           "tag=" not in m["to"], "a call", timeout)
        dialog = Dialog(self)
        dialog.request_in = invite
        dialog.tag, dialog.id = token(), invite["call-id"]
        dialog.local = f"{invite['to']};tag={dialog.tag}"
        dialog.remote, dialog.target = invite["from"], invite.contact
        return dialog


class Dialog:
    """One call as the phone has it."""

    def __init__(self, phone):
        self.phone = phone
        self.cseq = 0
        self.tag = None         # ours, when we were called
        self.request_in = None  # the INVITE that we were sent
        self.branch = None      # of the INVITE that we sent
        self.to_ack = None      # CSeq of it

    # ---- as caller ----

    def invite(self, body, headers=()):
        self.cseq += 1
        self.branch, self.to_ack = "z9hG4bK" + token(), self.cseq
        self.phone.send(self.phone.request(
            "INVITE", self.target, self.id, self.cseq, self.local,
            self.remote, headers, body, self.branch))

    def wait_code(self, low, high=None, method="INVITE", timeout=PATIENCE_S):
        high = high or low
        return self.phone.wait(
            lambda m: m.code and m["call-id"] == self.id and
            m.method == method and low <= m.code <= high and
            m.cseq >= self.cseq, f"{low} to {method}", timeout)

    def ack(self, response, body=""):
        """Of a final answer to the last INVITE."""
        ok = response.code < 300
        if ok:
            self.remote, self.target = response["to"], response.contact
        text = self.phone.request(
            "ACK", self.target, self.id, self.to_ack, self.local,
            response["to"], (), body, None if ok else self.branch)
        if ok:
            self.phone.acks[self.id, self.to_ack] = text
        self.phone.send(text)

    def answered(self, timeout=PATIENCE_S):
        """Wait for the 200 and ACK it."""
        got = self.wait_code(200, 699, timeout=timeout)
        self.ack(got)
        self.phone.story.assertEqual(got.code, 200, got)
        return got

    def failed(self, code, timeout=PATIENCE_S):
        got = self.wait_code(200, 699, timeout=timeout)
        self.ack(got)
        self.phone.story.assertEqual(got.code, code, got)
        return got

    def codes(self):
        """Of all answers to INVITE; not the challenge."""
        return [m.code for m in self.phone.seen(
            lambda m: m.code and m["call-id"] == self.id and
            m.method == "INVITE" and m.code not in (401, 407))]

    def cancel(self):
        self.phone.send(self.phone.request(
            "CANCEL", self.target, self.id, self.to_ack, self.local,
            self.remote, branch=self.branch))

    # ---- as called ----

    def reply(self, code, reason="Because", body="", headers=()):
        self.phone.reply(self.request_in, code, reason, body, headers,
                         self.tag)

    def ring(self):
        self.reply(180, "Ringing")

    def answer(self, body=None):
        self.reply(200, "OK", self.phone.sdp() if body is None else body)
        return self.wait_request("ACK")

    def wait_request(self, method, timeout=PATIENCE_S):
        return self.phone.wait(
            lambda m: not m.code and m.method == method and
            m["call-id"] == self.id, method, timeout)

    def cancelled(self, timeout=PATIENCE_S):
        """Wait for the CANCEL, and end the INVITE as RFC 3261, 9.2 has it."""
        got = self.wait_request("CANCEL", timeout)
        self.phone.reply(got, 200, "OK", tag=self.tag)
        self.reply(487, "Request Terminated")
        self.wait_request("ACK")
        return got

    # ---- both ----

    def request(self, method, body="", headers=()):
        """A request in the dialog; its final response."""
        self.cseq += 1
        if method == "INVITE":
            self.invite_again(body, headers)
        else:
            self.phone.send(self.phone.request(
                method, self.target, self.id, self.cseq, self.local,
                self.remote, headers, body))
        got = self.wait_code(200, 699, method)
        if method == "INVITE":
            self.ack(got)
        return got

    def invite_again(self, body, headers):
        self.cseq -= 1
        self.invite(body, headers)

    def bye(self):
        got = self.request("BYE")
        self.phone.story.assertEqual(got.code, 200, got)

    def ended(self, timeout=PATIENCE_S):
        """Wait for the other side's BYE."""
        got = self.wait_request("BYE", timeout)
        self.phone.reply(got, 200, "OK")
        return got
