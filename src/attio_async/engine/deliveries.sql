-- The deliveries of webhooks that wait for their handlers. A body is deleted once it is handled; the key stays, to
-- recognise a repeated delivery.

-- A run that is about to start handles it: as long as the run is locked, it cannot begin to look for deliveries.
-- name: deliver
WITH known AS (
    SELECT tenant FROM attio_engine.tenants WHERE tenant = %(tenant)s
), stored AS (
    INSERT INTO attio_engine.deliveries (tenant, key, body) SELECT tenant, %(key)s, %(body)s FROM known
    ON CONFLICT (tenant, key) DO NOTHING RETURNING id
), ahead AS (
    SELECT run FROM attio_engine.runs
    WHERE job = %(job)s AND tenant = %(tenant)s AND state IN ('waiting', 'queued') AND NOT is_interrupted AND due_at <= now()
    FOR SHARE
)
SELECT EXISTS (SELECT FROM known) AS is_known, EXISTS (SELECT FROM stored) AS is_new, EXISTS (SELECT FROM ahead) AS is_ahead

-- name: remove_deliveries
DELETE FROM attio_engine.deliveries WHERE tenant = %(tenant)s

-- name: is_waiting
tenant = %(tenant)s AND handled_at IS NULL AND run IS NULL

-- A worker that was superseded gets nothing.
-- name: is_ours
EXISTS (SELECT FROM attio_engine.runs r WHERE r.run = %(job_run)s AND r.epoch = %(epoch)s AND r.state = 'running')

-- name: due_deliveries
SELECT key FROM (
    SELECT id, key, sum(octet_length(body)) OVER (ORDER BY id) AS bytes, row_number() OVER (ORDER BY id) AS number
    FROM (
        SELECT id, key, body FROM attio_engine.deliveries
        WHERE {is_waiting} AND (due_at IS NULL OR due_at <= now()) AND {is_ours} ORDER BY id LIMIT %(limit)s
    ) AS oldest
) AS due WHERE number = 1 OR bytes <= %(max_bytes)s ORDER BY id

-- name: held_deliveries
SELECT key, body, extract(epoch FROM due_at - now())::float8 AS delay FROM attio_engine.deliveries
WHERE {is_waiting} AND due_at > now() ORDER BY id LIMIT %(limit)s

-- name: load_deliveries
SELECT key, body, extract(epoch FROM received_at)::float8 AS received_at, done, attempts, reason FROM attio_engine.deliveries
WHERE {is_waiting} AND key = ANY(%(keys)s::text[]) AND {is_ours} ORDER BY id

-- name: save_delivery
UPDATE attio_engine.deliveries SET done = %(done)s WHERE {is_waiting} AND key = %(key)s

-- name: finish_deliveries
UPDATE attio_engine.deliveries SET handled_at = now(), body = NULL, done = '[]', reason = NULL, due_at = NULL
WHERE {is_waiting} AND key = ANY(%(keys)s::text[])

-- name: hold_deliveries
UPDATE attio_engine.deliveries SET due_at = now() + %(delay)s * interval '1 second'
WHERE {is_waiting} AND key = ANY(%(keys)s::text[])

-- name: fail_delivery
UPDATE attio_engine.deliveries SET done = %(done)s, reason = %(reason)s, attempts = %(attempts)s,
    due_at = now() + %(delay)s * interval '1 second'
WHERE {is_waiting} AND key = %(key)s

-- A dead letter is a run that is dead, so that it is seen, and retried, with all others.
-- name: bury_delivery
WITH dead AS (
    INSERT INTO attio_engine.runs (job, tenant, lane, state, attempt, ended_at, error, reason)
    SELECT %(job)s, %(tenant)s, %(tenant)s, 'dead', %(attempts)s, now(), %(error)s, %(why)s
    WHERE EXISTS (SELECT FROM attio_engine.deliveries WHERE {is_waiting} AND key = %(key)s)
    RETURNING run
)
UPDATE attio_engine.deliveries SET run = (SELECT run FROM dead), done = %(done)s, reason = %(reason)s,
    attempts = %(attempts)s, due_at = NULL
WHERE {is_waiting} AND key = %(key)s

-- name: revive_deliveries
UPDATE attio_engine.deliveries SET run = NULL, attempts = 0, due_at = NULL
WHERE tenant = %(tenant)s AND handled_at IS NULL AND run = %(job_run)s

-- The run that is ahead handles them.
-- name: release_deliveries
UPDATE attio_engine.deliveries SET run = NULL, attempts = 0, due_at = NULL WHERE handled_at IS NULL AND run = %(run)s

-- name: hand_over
UPDATE attio_engine.runs SET state = 'superseded', ended_at = now() WHERE run = %(run)s AND state = 'dead' RETURNING run

-- name: next_delivery
SELECT extract(epoch FROM min(coalesce(due_at, now())) - now())::float8 AS delay FROM attio_engine.deliveries WHERE {is_waiting}

-- name: forget_deliveries
DELETE FROM attio_engine.deliveries WHERE id IN (
    SELECT id FROM attio_engine.deliveries WHERE handled_at < now() - %(keep)s * interval '1 second'
    ORDER BY handled_at LIMIT %(limit)s
)
