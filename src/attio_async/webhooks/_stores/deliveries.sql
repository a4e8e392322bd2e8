-- What a store of deliveries asks of its database. Words in braces are written differently in SQLite and PostgreSQL: see the
-- files of these names.

-- name: tables
CREATE TABLE attio_deliveries (
    place {place},
    store text NOT NULL,
    key text NOT NULL,
    state text NOT NULL,
    body {bytes} NOT NULL,
    received_at double precision NOT NULL,
    done text NOT NULL,
    attempts integer NOT NULL,
    reason text,
    ticket text,
    UNIQUE (store, key)
);
CREATE INDEX attio_deliveries_by_state ON attio_deliveries (store, state, received_at)

-- When the answer is lost and the statement is retried, the ticket tells that the row is its own.
-- name: add
INSERT INTO attio_deliveries (store, key, state, body, received_at, done, attempts, reason, ticket)
VALUES (:store, :key, :state, :body, :received_at, :done, :attempts, :reason, :ticket)
ON CONFLICT (store, key) DO UPDATE SET ticket = excluded.ticket WHERE attio_deliveries.ticket = excluded.ticket

-- name: save
UPDATE attio_deliveries
SET state = :state, body = :body, received_at = :received_at, done = :done, attempts = :attempts, reason = :reason
WHERE store = :store AND key = :key AND state = 'pending'

-- name: pending
SELECT key FROM attio_deliveries WHERE store = :store AND state = 'pending' ORDER BY place

-- name: columns
key, body, received_at, done, attempts, reason

-- name: load
SELECT {columns} FROM attio_deliveries WHERE store = :store AND key IN ({keys}) AND state = 'pending'

-- name: dead_letters
SELECT {columns} FROM attio_deliveries WHERE store = :store AND state = 'dead' ORDER BY place

-- name: finish
UPDATE attio_deliveries SET state = 'finished', body = :nothing, done = '[]', reason = NULL
WHERE store = :store AND key = :key

-- name: revive
UPDATE attio_deliveries SET state = 'pending', attempts = 0, reason = NULL
WHERE store = :store AND key = :key AND state = 'dead'

-- name: forget
DELETE FROM attio_deliveries WHERE store = :store AND state = 'finished' AND received_at < :before
