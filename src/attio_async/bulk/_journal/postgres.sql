-- name: tables
CREATE TABLE attio_jobs (
    job text PRIMARY KEY,
    info bytea NOT NULL,
    total bigint,
    epoch bigint NOT NULL
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
INSERT INTO attio_jobs (job, info, epoch) VALUES (:job, :info, :epoch) ON CONFLICT DO NOTHING

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

-- name: lease_end
now() + :lease * interval '1 second'
