-- SPDX-License-Identifier: GPL-2.0-or-later
-- The outbox. A letter is a mail that may go out; id is its Message-ID, and the same event never has two. Nothing here is
-- ever deleted or changed: what went out has to be known for as long as it could go out a second time.
CREATE TABLE letter (
    id TEXT PRIMARY KEY,
    made_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Its bytes and the document they were made of; an edit adds a version, the newest counts. digest is SHA-256 of the bytes.
CREATE TABLE letter_text (
    letter TEXT NOT NULL REFERENCES letter (id),
    version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    document BLOB NOT NULL,                -- zlib of JSON
    raw BLOB NOT NULL,                     -- zlib
    PRIMARY KEY (letter, version)
) STRICT, WITHOUT ROWID;

-- What happened to it, in the order of the numbers.
CREATE TABLE letter_event (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    letter TEXT NOT NULL REFERENCES letter (id),
    what TEXT NOT NULL,
    at TEXT NOT NULL,                      -- ISO 8601, UTC
    digest TEXT NOT NULL,
    actor TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT;

CREATE INDEX letter_event_by_letter ON letter_event (letter, number);

CREATE TRIGGER letter_stays BEFORE DELETE ON letter
BEGIN SELECT RAISE(ABORT, 'the outbox is never shortened'); END;

CREATE TRIGGER letter_is_final BEFORE UPDATE ON letter
BEGIN SELECT RAISE(ABORT, 'the outbox is never changed'); END;

CREATE TRIGGER letter_text_stays BEFORE DELETE ON letter_text
BEGIN SELECT RAISE(ABORT, 'the outbox is never shortened'); END;

CREATE TRIGGER letter_text_is_final BEFORE UPDATE ON letter_text
BEGIN SELECT RAISE(ABORT, 'the outbox is never changed'); END;

CREATE TRIGGER letter_event_stays BEFORE DELETE ON letter_event
BEGIN SELECT RAISE(ABORT, 'the outbox is never shortened'); END;

CREATE TRIGGER letter_event_is_final BEFORE UPDATE ON letter_event
BEGIN SELECT RAISE(ABORT, 'the outbox is never changed'); END;
