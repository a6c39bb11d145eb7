#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the sqlite file for Kamailio's acc module: mkdb.py FILE [wal]"""
import os, sqlite3, sys
d = "/usr/share/kamailio/db_sqlite/"
if os.path.exists(sys.argv[1]): os.unlink(sys.argv[1])
c = sqlite3.connect(sys.argv[1])
if "wal" in sys.argv: c.execute("pragma journal_mode=wal")
for f in ("standard-create.sql", "acc-create.sql"): c.executescript(open(d + f).read())
c.commit()
