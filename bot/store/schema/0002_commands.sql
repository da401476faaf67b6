-- SPDX-License-Identifier: GPL-2.0-or-later
-- The log of commands about questions. Entries are added, never changed or deleted: an undo is an entry of its own.
-- message_id and line are the place in the mail a command came by, '' and 0 for the command line; a mail that is read
-- again gives the same ids and adds nothing.
CREATE TABLE command (
    id TEXT PRIMARY KEY,
    at TEXT NOT NULL,                      -- ISO 8601, UTC
    actor TEXT NOT NULL,
    verb TEXT NOT NULL,
    text TEXT NOT NULL,
    message_id TEXT NOT NULL,
    line INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a command is about: a question by hash and place, lines of a mail, or a posting (no hash, lines 0 to 0).
-- seen_in is the mail that shows the lines; found by either mail, a command outlives fetching and new revisions.
CREATE TABLE command_aim (
    command TEXT NOT NULL REFERENCES command (id),
    position INTEGER NOT NULL,
    qhash TEXT NOT NULL,
    message_id TEXT NOT NULL,
    seen_in TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    effect TEXT NOT NULL,
    because TEXT NOT NULL,
    PRIMARY KEY (command, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX command_aim_by_message ON command_aim (message_id);
CREATE INDEX command_aim_by_sight ON command_aim (seen_in);

CREATE TRIGGER command_stays BEFORE DELETE ON command
BEGIN SELECT RAISE(ABORT, 'the log of commands is never shortened'); END;

CREATE TRIGGER command_is_final BEFORE UPDATE ON command
BEGIN SELECT RAISE(ABORT, 'the log of commands is never changed'); END;

CREATE TRIGGER command_aim_stays BEFORE DELETE ON command_aim
BEGIN SELECT RAISE(ABORT, 'the log of commands is never shortened'); END;

CREATE TRIGGER command_aim_is_final BEFORE UPDATE ON command_aim
BEGIN SELECT RAISE(ABORT, 'the log of commands is never changed'); END;
