#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn schema/NNNN-*.sql into C: embed.py OUTPUT FILE ...

The files must be numbered 1, 2, 3 ... without a gap, in the order given.
"""
import os
import sys

output, files = sys.argv[1], sys.argv[2:]

with open(output, "w", encoding="utf-8") as out:
    out.write('#include "db_schema.h"\n\nconst char *const db_schema[] = {\n')
    for want, path in enumerate(files, 1):
        name = os.path.basename(path)
        if int(name.split("-")[0]) != want:
            sys.exit(f"{name}: expected number {want:04}")
        out.write(f"\t/* {name} */\n")
        with open(path, encoding="utf-8") as sql:
            for line in sql.read().splitlines():
                text = line.replace("\\", "\\\\").replace('"', '\\"')
                text = text.replace("\t", "\\t")
                out.write(f'\t"{text}\\n"\n')
        out.write("\t,\n")
    out.write("};\n\nconst size_t db_schema_count = ")
    out.write("sizeof(db_schema) / sizeof(*db_schema);\n")
