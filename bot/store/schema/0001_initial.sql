-- SPDX-License-Identifier: GPL-2.0-or-later
-- Every mail once, by the SHA-256 of its bytes. SQLite reads blobs of this size faster than a file each
-- (sqlite.org/fasterthanfs.html), and a mail and what refers to it are written in one transaction.
CREATE TABLE mail (
    digest TEXT PRIMARY KEY,
    raw BLOB NOT NULL                      -- zlib
) STRICT, WITHOUT ROWID;

-- What a source gave when it was last read; as_of is the archive's newest mail then, '' when it has no clock.
CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    read_at TEXT NOT NULL
) STRICT;

CREATE TABLE source_mail (
    source INTEGER NOT NULL REFERENCES source (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    digest TEXT NOT NULL REFERENCES mail (digest),
    archived TEXT,
    origin TEXT NOT NULL,
    PRIMARY KEY (source, position)
) STRICT, WITHOUT ROWID;

-- What was made of what: key is a hash of the stage, the program's version and everything the stage was given.
CREATE TABLE result (
    key TEXT PRIMARY KEY,
    stage TEXT NOT NULL,
    subject TEXT NOT NULL,
    document BLOB NOT NULL,                -- zlib of JSON
    made_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX result_by_subject ON result (subject, stage);
