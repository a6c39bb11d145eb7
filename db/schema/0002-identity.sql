-- SPDX-License-Identifier: GPL-3.0-or-later
-- Who this gateway is, drawn once: a handset looks for the base it subscribed
-- to, so what a base broadcasts has to be the same after every start.

CREATE TABLE identity (
	seed BLOB NOT NULL CHECK (length(seed) = 16)
) STRICT;

INSERT INTO identity VALUES (randomblob(16));
