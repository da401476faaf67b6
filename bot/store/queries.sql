-- SPDX-License-Identifier: GPL-2.0-or-later
-- Every statement the store runs, by name.

-- name: has_mail
SELECT 1 FROM mail WHERE digest = :digest;

-- name: put_mail
INSERT OR IGNORE INTO mail (digest, raw) VALUES (:digest, :raw);

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

-- name: put_result
INSERT OR REPLACE INTO result (key, stage, subject, document, made_at)
VALUES (:key, :stage, :subject, :document, :made_at);

-- name: get_result
SELECT document FROM result WHERE key = :key;

-- name: create_facts
CREATE TABLE IF NOT EXISTS fact (
    kind TEXT NOT NULL, version TEXT NOT NULL, blob TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (kind, version, blob)
) STRICT, WITHOUT ROWID;

-- name: get_fact
SELECT data FROM fact WHERE kind = ? AND version = ? AND blob = ?;

-- name: put_fact
INSERT OR IGNORE INTO fact (kind, version, blob, data) VALUES (?, ?, ?, ?);
