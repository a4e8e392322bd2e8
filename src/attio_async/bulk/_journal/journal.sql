-- What a journal asks of its database. Words in braces are written differently in SQLite and PostgreSQL: see the files of
-- these names.

-- name: mine
job = :job AND place = :place AND worker = :worker

-- SQLite uses the index of these rows only where its condition is repeated.
-- name: in_work
job = :job AND state <> 'done'

-- name: unclaimed
worker = NULL, ticket = NULL, leased_until = NULL

-- The job stays, so that superseded workers remain so. It is begun anew when it is opened again.
-- name: discard
UPDATE attio_jobs SET info = :nothing, total = NULL WHERE job = :job

-- name: discard_rows
DELETE FROM attio_rows WHERE job = :job

-- name: release_all
UPDATE attio_rows SET state = 'pending', {unclaimed} WHERE {in_work} AND state IN ('claimed', 'begun')

-- name: release_claimed
UPDATE attio_rows SET state = 'pending', {unclaimed} WHERE {in_work} AND worker = :worker AND state = 'claimed'

-- name: info
SELECT info, total FROM attio_jobs WHERE job = :job

-- name: counts
SELECT state, status, count(*) FROM attio_rows WHERE job = :job GROUP BY state, status

-- name: digests
SELECT digest FROM attio_rows WHERE job = :job AND place >= :start ORDER BY place LIMIT :limit

-- name: add
INSERT INTO attio_rows (job, place, state, label, digest, payload)
VALUES (:job, :place, 'pending', :label, :digest, :payload)
ON CONFLICT DO NOTHING

-- name: add_closed
INSERT INTO attio_rows (job, place, state, label, digest, payload, status, id, kind, reason, attribute)
VALUES (:job, :place, :state, :label, :digest, :payload, :status, :id, :kind, :reason, :attribute)
ON CONFLICT DO NOTHING

-- name: finish
UPDATE attio_jobs SET total = :total WHERE job = :job

-- name: claim_expired
WITH free AS (
    SELECT place FROM attio_rows WHERE {in_work} AND state IN ('claimed', 'begun') AND leased_until < {now}
    ORDER BY place LIMIT :limit {lock}
)
UPDATE attio_rows SET state = 'claimed', worker = :worker, ticket = :ticket, leased_until = {lease_end}
WHERE job = :job AND place IN (SELECT place FROM free)

-- name: claim_pending
WITH free AS (SELECT place FROM attio_rows WHERE {in_work} AND state = 'pending' ORDER BY place LIMIT :limit {lock})
UPDATE attio_rows SET state = 'claimed', worker = :worker, ticket = :ticket, leased_until = {lease_end}
WHERE job = :job AND place IN (SELECT place FROM free)

-- name: claimed
SELECT place, label, payload, begun_at FROM attio_rows {by_state}
WHERE {in_work} AND state = 'claimed' AND ticket = :ticket ORDER BY place

-- name: begin
UPDATE attio_rows SET state = 'begun', begun_at = coalesce(begun_at, :at), leased_until = {lease_end}
WHERE {mine} AND state IN ('claimed', 'begun') AND {fenced}

-- The words of SQLite that are null cost it more than all others, so rows that did not fail have a statement of their own.
-- name: close
UPDATE attio_rows SET state = 'done', status = :status, id = :id, kind = NULL, reason = NULL, attribute = NULL, plan = NULL,
    begun_at = NULL, leased_until = NULL, payload = NULL
WHERE {mine} AND state IN ('claimed', 'begun', 'done') AND {fenced}

-- name: bury
UPDATE attio_rows SET state = 'dead', status = :status, id = :id, kind = :kind, reason = :reason, attribute = :attribute,
    plan = NULL, begun_at = NULL, leased_until = NULL
WHERE {mine} AND state IN ('claimed', 'begun', 'dead') AND {fenced}

-- name: hold
UPDATE attio_rows SET state = 'held', plan = :plan WHERE {mine} AND state = 'claimed'

-- name: release
UPDATE attio_rows SET state = 'pending', begun_at = :begun_at, {unclaimed} WHERE {mine} AND state IN ('claimed', 'begun')

-- name: renew
UPDATE attio_rows SET leased_until = {lease_end}
WHERE {in_work} AND worker = :worker AND state IN ('claimed', 'begun')

-- name: held
SELECT place, label, plan FROM attio_rows
WHERE {in_work} AND state = 'held' AND place > :after ORDER BY place LIMIT :limit

-- name: approve
UPDATE attio_rows SET state = 'pending', plan = NULL, {unclaimed} WHERE {in_work} AND state = 'held'

-- name: dead_letters
SELECT place, label, payload, kind, reason, attribute FROM attio_rows
WHERE {in_work} AND state = 'dead' AND place > :after ORDER BY place LIMIT :limit

-- name: revive
UPDATE attio_rows SET state = 'pending', status = NULL, id = NULL, kind = NULL, reason = NULL, attribute = NULL, {unclaimed}
WHERE {in_work} AND state = 'dead' AND kind <> :duplicate
