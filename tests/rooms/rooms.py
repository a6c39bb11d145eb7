#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""rooms.py - who may know whom, checked in the sources and in the objects

    usage: rooms.py SOURCE-DIR BUILD-DIR

Each row of RULES is a set of files and all that it may know: the rooms whose
headers it may include, the libraries, and the powers that it may call upon
(a clock, sockets, files, threads, chance).  The first row that fits counts;
a file that no row fits is a fault, so that a new room begins with a rule.

Headers are read in the sources.  Powers are read in the objects, for a
function may hide behind a macro: `nm` tells what a file really calls.
"""
import os
import re
import subprocess
import sys
from fnmatch import fnmatch

# files; rooms; libraries; powers
RULES = [
    ("daemon/span/*", "", "", ""),
    ("daemon/xml/*", "span", "osmocore", ""),
    ("daemon/sdp/*", "span", "osmocore", ""),
    ("daemon/log/*", "", "osmocore", ""),
    ("daemon/core/*", "span log", "osmocore", ""),
    ("daemon/sip/sip_socket.*", "span", "osmocore libevent", "socket"),
    ("daemon/sip/sip_sockaddr.*", "span", "osmocore", "socket"),
    ("daemon/sip/sip_stream.*", "span", "osmocore libevent", "socket file"),
    ("daemon/sip/sip_udp.*", "span", "osmocore libevent", "socket file"),
    ("daemon/sip/sip_msg*.c", "span sdp log", "osmocore re", ""),
    ("daemon/sip/sip_auth.c", "span log", "osmocore openssl", ""),
    ("daemon/sip/*", "span sdp log", "osmocore openssl", ""),
    ("daemon/media/media_socket.*", "span log", "osmocore libevent",
     "socket file"),
    ("daemon/media/*", "span sdp log", "osmocore spandsp speexdsp", ""),
    ("hal/sim/*socket*", "hal", "osmocore libevent", "socket file"),
    ("hal/*", "hal", "osmocore", ""),
    ("db/*", "", "osmocore sqlite", "file thread clock"),
    ("daemon/journal.*", "span core sip log", "osmocore", "file"),
    ("daemon/edge/announce*", "core span media sdp log", "osmocore", ""),
    ("daemon/edge/edge_sip*", "core span sip sdp media xml log", "osmocore",
     ""),
    ("daemon/edge/edge_hal*", "core span hal media log", "osmocore", ""),
    ("daemon/edge/edge_db*", "core span db log", "osmocore", ""),
    ("daemon/edge/*", "core span log", "osmocore", ""),
    ("daemon/admin/*", "core span db log", "osmocore libevent jansson",
     "socket file"),
    ("daemon/config.*", "core span", "osmocore osmovty", "file socket"),
    ("daemon/shell.*", "core span log", "osmocore osmovty", "socket"),
    ("daemon/identity.*", "", "osmocore openssl", ""),
    ("daemon/guest.*", "", "osmocore libevent", "clock file socket timer"),
    ("daemon/*", "core span sip hal media db admin edge log journal",
     "osmocore libevent", "clock socket file chance timer thread"),
]

# A room's headers: which folders they lie in.
ROOMS = {
    "span": ["daemon/span"], "sdp": ["daemon/sdp"], "xml": ["daemon/xml"], "log": ["daemon/log"],
    "core": ["daemon/core"], "sip": ["daemon/sip"], "hal": ["hal", "hal/dect", "hal/sim"],
    "media": ["daemon/media"], "db": ["db"], "edge": ["daemon/edge"],
    "admin": ["daemon/admin"],
}

LIBRARIES = {
    "osmocore": r"osmocom/core/.*|talloc\.h",
    "osmovty": r"osmocom/vty/.*",
    "libevent": r"event2/.*|event\.h",
    "sqlite": r"sqlite3\.h",
    "re": r"re/.*|re_.*\.h",
    "openssl": r"openssl/.*",
    "spandsp": r"spandsp.*",
    "speexdsp": r"speex/.*",
    "jansson": r"jansson\.h",
    "sodium": r"sodium.*",
    "srtp": r"srtp2/.*",
}

# What a file can do to the world, and the functions that do it.
POWERS = {
    "clock": r"clock_(gettime|nanosleep)|gettimeofday|time|times|u?sleep"
             r"|nanosleep|localtime(_r)?|timerfd_\w+|osmo_gettimeofday"
             r"|osmo_clock_gettime",
    "timer": r"osmo_timers?_\w+|setitimer|alarm|timer_create",
    "socket": r"socket(pair)?|bind|connect|listen|accept4?"
              r"|send(to|m?msg)?|recv(from|m?msg)?|[gs]etsockopt"
              r"|getaddrinfo|gethostby\w+|getifaddrs|osmo_sock\w*|osmo_fd_\w+",
    "file": r"f?open(64|at|at64)?|fdopen|fopencookie|creat|read|write"
            r"|p(read|write)v?(64)?|fread|fwrite|fgets|unlink(at)?|rename"
            r"|mkdir|rmdir|l?f?stat(64)?|mmap(64)?|ftruncate(64)?|fsync"
            r"|fdatasync|flock|close|ioctl|fcntl(64)?",
    "thread": r"pthread_create|thrd_create|fork|vfork|system|popen|exec[vl]\w*",
    "chance": r"s?rand(om)?(_r)?|getrandom|getentropy|arc4random\w*",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def rule_of(path):
    for rule in RULES:
        if fnmatch(path, rule[0]):
            return rule
    return None


def dirs_of(rule, path):
    """The folders in which a quoted header may be found."""
    dirs = [os.path.dirname(path)]
    for room in rule[1].split():
        dirs += ROOMS.get(room, ["daemon"])
    return dirs


def include_faults(source_dir, path, text):
    rule = rule_of(path)
    if not rule:
        return [f"{path}: no rule in tests/rooms/rooms.py says what it may know"]
    faults = []
    for kind, header in INCLUDE.findall(text):
        if kind == '"':
            places = [os.path.join(d, header) for d in dirs_of(rule, path)]
            if not any(os.path.exists(os.path.join(source_dir, p))
                       for p in places):
                faults.append(f'{path}: may not include "{header}"')
            continue
        for library, pattern in LIBRARIES.items():
            if re.fullmatch(pattern, header) and library not in rule[2].split():
                faults.append(f"{path}: may not use {library} (<{header}>)")
    return faults


def symbol_faults(path, symbols):
    rule = rule_of(path)
    if not rule:
        return []
    faults = []
    for symbol in symbols:
        name = re.fullmatch(r"(?:__)?(\w+?)(?:_chk)?", symbol).group(1)
        for power, pattern in POWERS.items():
            if re.fullmatch(pattern, name) and power not in rule[3].split():
                faults.append(f"{path}: may not call {name}() ({power})")
    return faults


def sources(source_dir):
    for top in ("daemon", "hal", "db"):
        for folder, _, names in os.walk(os.path.join(source_dir, top)):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(folder, name),
                                          source_dir)


def objects(build_dir):
    """Each object of the rooms, and the source that meson made it of."""
    for top in ("daemon", "hal", "db"):
        for folder, _, names in os.walk(os.path.join(build_dir, top)):
            for name in sorted(names):
                if name.endswith(".c.o"):
                    yield os.path.join(folder, name), os.path.relpath(
                        os.path.dirname(folder), build_dir), name[:-2]


def source_of(source_dir, folder, name):
    """meson writes folder/sim/air.c as folder/lib.a.p/sim_air.c.o."""
    guesses = [name] + [name[:i] + "/" + name[i + 1:]
                        for i, c in enumerate(name) if c == "_"]
    for guess in guesses:
        path = os.path.join(folder, guess)
        if os.path.exists(os.path.join(source_dir, path)):
            return path
    return None


def symbols_of(paths):
    """For each object: what it calls, and what it shows to the others."""
    calls = {path: [] for path in paths}
    shows = {path: [] for path in paths}
    if paths:
        out = subprocess.run(["nm", "-A", "-g", *paths], capture_output=True,
                             text=True, check=True).stdout
        for line in out.splitlines():
            path, rest = line.split(":", 1)
            *_, kind, name = rest.split()
            (calls if kind in "Uvw" else shows)[path].append(name.split("@")[0])
    return calls, shows


def clash_faults(names):
    """@names: (symbol, room) of all that one room shows to the others."""
    first = {}
    faults = []
    for name, room in names:
        if first.setdefault(name, room) != room:
            faults.append(f"{room}: {name} is a name of {first[name]}, too")
    return faults


def prove(source_dir):
    """A check that cannot fail is none."""
    bad = [
        include_faults(source_dir, "daemon/core/x.c", "#include <event2/event.h>\n"),
        include_faults(source_dir, "daemon/core/x.c", '#include "sip.h"\n'),
        include_faults(source_dir, "daemon/edge/edge_sip.c", '#include "hal.h"\n'),
        include_faults(source_dir, "hal/x.c", '#include "event.h"\n'),
        include_faults(source_dir, "attic/x.c", ""),
        symbol_faults("daemon/core/x.c", ["clock_gettime"]),
        symbol_faults("daemon/sip/sip_ua.c", ["sendto"]),
        symbol_faults("daemon/core/x.c", ["__read_chk"]),
        clash_faults([("queue_init", "db"), ("queue_init", "daemon/media")]),
    ]
    good = [
        include_faults(source_dir, "daemon/core/x.c", '#include "event.h"\n'),
        symbol_faults("daemon/core/x.c", ["memcpy", "talloc_free", "readable"]),
        clash_faults([("queue_init", "db"), ("queue_init", "db")]),
    ]
    return all(bad) and not any(good)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source_dir, build_dir = sys.argv[1:]
    if not prove(source_dir):
        sys.exit("rooms.py no longer notices what it should")
    faults = []
    names = []
    n_sources = n_objects = 0
    for path in sources(source_dir):
        with open(os.path.join(source_dir, path), encoding="utf-8") as f:
            faults += include_faults(source_dir, path, f.read())
        n_sources += 1
    found = [(path, folder, source) for path, folder, name in objects(build_dir)
             if (source := source_of(source_dir, folder, name))]
    calls, shows = symbols_of([path for path, *_ in found])
    for path, folder, source in found:
        faults += symbol_faults(source, calls[path])
        names += [(name, folder) for name in shows[path]
                  if not name.startswith("__")]
        n_objects += 1
    faults += clash_faults(names)
    print("\n".join(faults) if faults else
          f"{n_sources} sources and {n_objects} objects know what they may")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
