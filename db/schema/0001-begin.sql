-- SPDX-License-Identifier: GPL-3.0-or-later
-- What a twinning gateway must not forget.

PRAGMA application_id = 0x7477696e; -- "twin"

CREATE TABLE extension (
	id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 999999),
	number TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	kind INTEGER NOT NULL,
	ha1_md5 TEXT NOT NULL,
	ha1_sha256 TEXT NOT NULL
) STRICT;

CREATE TABLE setting (
	extension INTEGER NOT NULL REFERENCES extension ON DELETE CASCADE,
	key TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (extension, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact (
	extension INTEGER PRIMARY KEY REFERENCES extension ON DELETE CASCADE,
	uri TEXT NOT NULL,
	source TEXT NOT NULL,
	user_agent TEXT NOT NULL,
	interval_s INTEGER NOT NULL
) STRICT;

CREATE TABLE handset (
	ipui INTEGER PRIMARY KEY,
	base TEXT NOT NULL,
	uak BLOB NOT NULL CHECK (length(uak) = 16),
	extension INTEGER UNIQUE REFERENCES extension ON DELETE SET NULL
) STRICT;

CREATE TABLE pairing (
	primary_extension INTEGER PRIMARY KEY,
	secondary_extension INTEGER NOT NULL,
	max_calls INTEGER NOT NULL CHECK (max_calls IN (1, 2)),
	twin_bridge INTEGER NOT NULL,
	twin_coverage INTEGER NOT NULL,
	twin_line INTEGER NOT NULL,
	dnd_primary_only INTEGER NOT NULL
) STRICT;

-- T1, T5: whoever is in a pairing, in whichever role, has a row here, and
-- one row is all that the key allows.  Unique columns in the table above
-- could not refuse a primary that is somebody's secondary.  An extension
-- with a row here cannot be deleted.
CREATE TABLE pairing_member (
	extension INTEGER PRIMARY KEY REFERENCES extension,
	pairing INTEGER NOT NULL REFERENCES pairing ON DELETE CASCADE
) STRICT;

CREATE TRIGGER pairing_made AFTER INSERT ON pairing
BEGIN
	INSERT INTO pairing_member (extension, pairing) VALUES
		(NEW.primary_extension, NEW.primary_extension),
		(NEW.secondary_extension, NEW.primary_extension);
END;

CREATE TRIGGER pairing_changed
AFTER UPDATE OF primary_extension, secondary_extension ON pairing
BEGIN
	DELETE FROM pairing_member WHERE pairing = OLD.primary_extension;
	INSERT INTO pairing_member (extension, pairing) VALUES
		(NEW.primary_extension, NEW.primary_extension),
		(NEW.secondary_extension, NEW.primary_extension);
END;

-- The id is call * 1000000 + owner, so that one key, the table's own, says
-- all: one record a call and user, records of a call side by side, newest
-- first without sorting.  The only index is for a user's own pages.
CREATE TABLE log (
	id INTEGER PRIMARY KEY CHECK (id > 1000000),
	owner INTEGER AS (id % 1000000) VIRTUAL
		REFERENCES extension ON DELETE CASCADE,
	time_ms INTEGER NOT NULL,
	kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 7),
	number TEXT NOT NULL,
	name TEXT NOT NULL,
	talk_ms INTEGER NOT NULL,
	ring_ms INTEGER NOT NULL,
	device TEXT NOT NULL,
	cause TEXT NOT NULL,
	outcome TEXT NOT NULL,
	seen INTEGER NOT NULL
) STRICT;

CREATE INDEX log_owner ON log (owner);

-- Ids of calls are never given twice, even if the newest record was deleted.
CREATE TABLE past (
	only INTEGER PRIMARY KEY CHECK (only = 1),
	call INTEGER NOT NULL
) STRICT;

CREATE TRIGGER log_newest_deleted AFTER DELETE ON log
WHEN NOT EXISTS (SELECT 1 FROM log WHERE id > OLD.id)
BEGIN
	INSERT INTO past (only, call) VALUES (1, OLD.id / 1000000)
	ON CONFLICT (only) DO UPDATE SET call = max(call, excluded.call);
END;
