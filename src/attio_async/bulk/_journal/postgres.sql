-- name: tables
CREATE TABLE attio_jobs (
    job text PRIMARY KEY,
    info bytea NOT NULL,
    total bigint,
    epoch bigint NOT NULL,
    used_at timestamptz NOT NULL
);
CREATE TABLE attio_rows (
    job text NOT NULL,
    place bigint NOT NULL,
    state text NOT NULL,
    label bytea NOT NULL,
    digest bytea NOT NULL,
    payload bytea,
    plan bytea,
    begun_at double precision,
    status text,
    id text,
    kind text,
    reason text,
    attribute text,
    worker text,
    ticket text,
    leased_until timestamptz,
    PRIMARY KEY (job, place)
);
CREATE INDEX attio_rows_in_work ON attio_rows (job, state, place) WHERE state <> 'done';

-- name: start
INSERT INTO attio_jobs (job, info, epoch, used_at) VALUES (:job, :info, :epoch, now())
ON CONFLICT (job) DO UPDATE SET used_at = greatest(attio_jobs.used_at, excluded.used_at),
    info = CASE WHEN length(attio_jobs.info) = 0 THEN excluded.info ELSE attio_jobs.info END

-- name: touch
UPDATE attio_jobs SET used_at = now() WHERE job = :job AND used_at < now() - interval '1 hour'

-- name: delete_unused_rows
DELETE FROM attio_rows WHERE job IN (
    SELECT job FROM attio_jobs WHERE starts_with(job, :prefix) AND used_at < now() - :seconds * interval '1 second'
)

-- name: delete_unused
DELETE FROM attio_jobs WHERE starts_with(job, :prefix) AND used_at < now() - :seconds * interval '1 second'

-- name: supersede
UPDATE attio_jobs SET epoch = :epoch WHERE job = :job AND epoch < :epoch

-- Rows that were begun, or are locked to be begun, stay leased: their requests may still be in flight.
-- name: release_superseded
UPDATE attio_rows SET state = 'pending', {unclaimed}
WHERE job = :job AND place IN (SELECT place FROM attio_rows WHERE {in_work} AND state = 'claimed' {lock})

-- The lock keeps the epoch as it is until the transaction ends.
-- name: epoch
SELECT epoch FROM attio_jobs WHERE job = :job FOR SHARE

-- name: fenced
EXISTS (SELECT FROM attio_jobs WHERE job = :job AND epoch = :epoch)

-- name: by_state

-- name: lock
FOR UPDATE SKIP LOCKED

-- name: now
now()

-- Without a lease a row belongs to one process, and this is how long its request may be in flight.
-- name: lease_end
now() + coalesce(:lease, 60) * interval '1 second'
