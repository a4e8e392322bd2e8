-- What the state of a sync asks of its database, beside the journal of the current run. Words in braces are written
-- differently in SQLite and PostgreSQL: see the files of these names.

-- name: tables
CREATE TABLE attio_syncs (sync text PRIMARY KEY, subject text NOT NULL, phase text NOT NULL) {compact};
CREATE TABLE attio_sync_known (
    sync text NOT NULL,
    key text NOT NULL,
    owner text NOT NULL,
    is_present integer NOT NULL,
    PRIMARY KEY (sync, key)
) {compact};
CREATE TABLE attio_sync_created (sync text NOT NULL, id text NOT NULL, PRIMARY KEY (sync, id)) {compact};
CREATE TABLE attio_sync_source (
    sync text NOT NULL,
    key text NOT NULL,
    place bigint NOT NULL,
    owner text NOT NULL,
    PRIMARY KEY (sync, key, place)
) {compact};
CREATE TABLE attio_sync_missing (
    sync text NOT NULL,
    key text NOT NULL,
    place bigint,
    id text,
    PRIMARY KEY (sync, key)
) {compact}

-- name: sync
SELECT subject, phase FROM attio_syncs WHERE sync = :sync

-- name: begin
INSERT INTO attio_syncs (sync, subject, phase) VALUES (:sync, :subject, 'planning')
ON CONFLICT (sync) DO UPDATE SET subject = excluded.subject, phase = excluded.phase

-- name: set_phase
UPDATE attio_syncs SET phase = :phase WHERE sync = :sync

-- name: forget_source
DELETE FROM attio_sync_source WHERE sync = :sync

-- name: forget_missing
DELETE FROM attio_sync_missing WHERE sync = :sync

-- name: forget_known
DELETE FROM attio_sync_known WHERE sync = :sync

-- name: forget_created
DELETE FROM attio_sync_created WHERE sync = :sync

-- name: forget_sync
DELETE FROM attio_syncs WHERE sync = :sync

-- name: add_source
INSERT INTO attio_sync_source (sync, key, place, owner) VALUES (:sync, :key, :place, :owner) ON CONFLICT DO NOTHING

-- name: add_missing
INSERT INTO attio_sync_missing (sync, key, place, id) VALUES (:sync, :key, :place, :id)
ON CONFLICT (sync, key) DO UPDATE SET place = excluded.place, id = excluded.id

-- name: key_counts
SELECT count(*), coalesce(sum(1 - is_found), 0) FROM (
    SELECT max(CASE WHEN EXISTS (
        SELECT 1 FROM attio_sync_source s WHERE s.sync = k.sync AND s.key = k.key
    ) THEN 1 ELSE 0 END) AS is_found
    FROM attio_sync_known k WHERE k.sync = :sync GROUP BY k.owner HAVING max(k.is_present) = 1
) AS owners

-- name: keys_not_in_source
SELECT key, is_present FROM attio_sync_known k WHERE sync = :sync AND key > :after
AND NOT EXISTS (SELECT 1 FROM attio_sync_source s WHERE s.sync = k.sync AND s.key = k.key) ORDER BY key LIMIT :limit

-- name: created_among
SELECT id FROM attio_sync_created WHERE sync = :sync AND id IN ({ids})

-- The key of a row whose outcome is unknown counts as present. The record that it may have created does not count as
-- created by the sync, since nothing tells it from one that others created.
-- name: fold_known
INSERT INTO attio_sync_known (sync, key, owner, is_present)
SELECT sync, key, owner, 1 FROM (
    SELECT s.sync, s.key, s.owner, row_number() OVER (PARTITION BY s.key ORDER BY s.place DESC) AS turn
    FROM attio_sync_source s JOIN attio_rows r ON r.job = :job AND r.place = s.place
    WHERE s.sync = :sync AND (
        r.status IN ('created', 'updated', 'unchanged', 'duplicate')
        OR (r.begun_at IS NOT NULL AND r.state IN ('pending', 'claimed', 'begun'))
        OR (r.state = 'dead' AND r.kind IN ('OutcomeUnknown', 'DecodeError', 'ServerError', 'ConnectionFailed',
                                            'RequestTimeout', 'RateLimited', 'TransportError'))
    )
) AS written WHERE turn = 1
ON CONFLICT (sync, key) DO UPDATE SET owner = excluded.owner, is_present = 1

-- name: fold_created
INSERT INTO attio_sync_created (sync, id)
SELECT :sync, id FROM attio_rows WHERE job = :job AND status = 'created' AND id IS NOT NULL
ON CONFLICT DO NOTHING

-- name: fold_deleted_keys
DELETE FROM attio_sync_known WHERE sync = :sync AND key IN (
    SELECT m.key FROM attio_sync_missing m JOIN attio_rows r ON r.job = :job AND r.place = m.place
    WHERE m.sync = :sync AND r.status = 'deleted'
)

-- name: fold_deleted_ids
DELETE FROM attio_sync_created WHERE sync = :sync AND id IN (
    SELECT m.id FROM attio_sync_missing m JOIN attio_rows r ON r.job = :job AND r.place = m.place
    WHERE m.sync = :sync AND r.status = 'deleted'
)

-- name: forget_gone
DELETE FROM attio_sync_known WHERE sync = :sync AND key IN (
    SELECT key FROM attio_sync_missing WHERE sync = :sync AND id IS NULL
)

-- name: note_present
UPDATE attio_sync_known SET is_present = CASE WHEN EXISTS (
    SELECT 1 FROM attio_sync_source s WHERE s.sync = attio_sync_known.sync AND s.key = attio_sync_known.key
) THEN 1 ELSE 0 END WHERE sync = :sync
