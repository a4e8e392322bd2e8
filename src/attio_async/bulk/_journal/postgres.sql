-- name: tables
CREATE TABLE IF NOT EXISTS attio_jobs (job text PRIMARY KEY, info bytea NOT NULL, total bigint);
CREATE TABLE IF NOT EXISTS attio_rows (
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
CREATE INDEX IF NOT EXISTS attio_rows_in_work ON attio_rows (job, state, place) WHERE state <> 'done';

-- name: by_state

-- name: lock
FOR UPDATE SKIP LOCKED

-- name: now
now()

-- name: lease_end
now() + :lease * interval '1 second'
