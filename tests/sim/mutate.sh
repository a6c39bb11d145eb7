#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# mutate.sh SED-SCRIPT INPUT OUTPUT - put one bug into a copy of a source file
#
# Fails if the script changes nothing or more than one line: then the source
# has moved on, and the mutant must follow it.
set -eu
sed "$1" "$2" >"$3"
if [ "$(diff "$2" "$3" | grep -c '^>')" != 1 ]; then
	echo "mutant does not fit $2 any more: $1" >&2
	exit 1
fi
