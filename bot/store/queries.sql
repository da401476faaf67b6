-- SPDX-License-Identifier: GPL-2.0-or-later
-- Every statement the store runs, by name.

-- name: has_mail
SELECT 1 FROM mail WHERE digest = :digest;

-- name: put_mail
INSERT OR IGNORE INTO mail (digest, raw) VALUES (:digest, :raw);

-- name: put_command
INSERT OR IGNORE INTO command (id, at, actor, verb, text, message_id, line)
VALUES (:id, :at, :actor, :verb, :text, :message_id, :line);

-- name: put_command_aim
INSERT INTO command_aim (command, position, qhash, message_id, seen_in, first, last, name, role, effect, because)
VALUES (:command, :position, :qhash, :message_id, :seen_in, :first, :last, :name, :role, :effect, :because);

-- name: get_commands
SELECT * FROM command WHERE id IN (
    SELECT command FROM command_aim WHERE message_id IN (SELECT value FROM json_each(:mails))
    UNION SELECT command FROM command_aim WHERE seen_in IN (SELECT value FROM json_each(:mails))
) ORDER BY at, id;

-- name: get_command_aims
SELECT * FROM command_aim WHERE command = :command ORDER BY position;

-- name: put_source
INSERT INTO source (key, read_at) VALUES (:key, :read_at)
ON CONFLICT (key) DO UPDATE SET read_at = excluded.read_at
RETURNING id;

-- name: clear_source
DELETE FROM source_mail WHERE source = :source;

-- name: put_source_mail
INSERT INTO source_mail (source, position, digest, archived, origin)
VALUES (:source, :position, :digest, :archived, :origin);

-- name: get_source
SELECT read_at FROM source WHERE key = :key;

-- name: get_source_mail
SELECT mail.raw, source_mail.archived, source_mail.origin
FROM source JOIN source_mail ON source_mail.source = source.id JOIN mail USING (digest)
WHERE source.key = :key ORDER BY source_mail.position;

-- name: get_sources
SELECT key, read_at FROM source ORDER BY key;

-- name: drop_source
DELETE FROM source WHERE key = :key;

-- name: drop_loose_mails
DELETE FROM mail WHERE digest NOT IN (SELECT digest FROM source_mail);

-- name: put_result
INSERT OR REPLACE INTO result (key, stage, subject, document, made_at)
VALUES (:key, :stage, :subject, :document, :made_at);

-- name: get_result
SELECT document FROM result WHERE key = :key;

-- name: get_results_of
SELECT document, made_at FROM result WHERE subject = :subject AND stage = :stage ORDER BY made_at DESC, key;

-- name: create_facts
DROP TABLE IF EXISTS fact;
CREATE TABLE IF NOT EXISTS known (
    kind TEXT NOT NULL, version TEXT NOT NULL, blob TEXT NOT NULL, data BLOB NOT NULL, used INTEGER NOT NULL,
    PRIMARY KEY (kind, version, blob)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS known_used ON known (used);

-- name: newest_use
SELECT max(used) FROM known;

-- name: get_fact
SELECT data, used FROM known WHERE kind = ? AND version = ? AND blob = ?;

-- name: put_fact
INSERT OR IGNORE INTO known (kind, version, blob, data, used) VALUES (?, ?, ?, ?, ?);

-- name: use_fact
UPDATE known SET used = ? WHERE kind = ? AND version = ? AND blob = ?;

-- name: facts_by_use
SELECT used, sum(length(data) + length(kind) + length(version) + length(blob)) FROM known GROUP BY used ORDER BY used;

-- name: drop_facts
DELETE FROM known WHERE used <= ?;

-- name: put_letter
INSERT OR IGNORE INTO letter (id, made_at) VALUES (:id, :made_at);

-- name: put_letter_text
INSERT INTO letter_text (letter, version, digest, document, raw)
VALUES (:letter, (SELECT count(*) + 1 FROM letter_text WHERE letter = :letter), :digest, :document, :raw);

-- name: put_letter_event
INSERT INTO letter_event (letter, what, at, digest, actor, note)
SELECT :letter, :what, :at, :digest, :actor, :note
WHERE :after = (SELECT coalesce(max(number), 0) FROM letter_event WHERE letter = :letter);

-- name: get_letters
SELECT letter.id, text.digest, text.document, text.raw FROM letter JOIN letter_text AS text ON text.letter = letter.id
WHERE text.version = (SELECT max(version) FROM letter_text WHERE letter = letter.id)
ORDER BY (SELECT min(number) FROM letter_event WHERE letter_event.letter = letter.id);

-- name: get_letter_events
SELECT * FROM letter_event WHERE letter = :letter ORDER BY number;
