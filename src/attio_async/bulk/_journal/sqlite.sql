-- name: tables
CREATE TABLE attio_jobs (job TEXT PRIMARY KEY, info BLOB NOT NULL, total INTEGER) WITHOUT ROWID;
CREATE TABLE attio_rows (
    job TEXT NOT NULL,
    place INTEGER NOT NULL,
    state TEXT NOT NULL,
    label BLOB NOT NULL,
    digest BLOB NOT NULL,
    payload BLOB,
    plan BLOB,
    begun_at REAL,
    status TEXT,
    id TEXT,
    kind TEXT,
    reason TEXT,
    attribute TEXT,
    worker TEXT,
    ticket TEXT,
    leased_until REAL,
    PRIMARY KEY (job, place)
) WITHOUT ROWID;
CREATE INDEX attio_rows_in_work ON attio_rows (job, state, place) WHERE state <> 'done';

-- name: start
INSERT INTO attio_jobs (job, info) VALUES (:job, :info)
ON CONFLICT (job) DO UPDATE SET info = excluded.info WHERE length(attio_jobs.info) = 0

-- One process has the file for itself: nobody else has another epoch, nothing is locked, and no lease ends.
-- name: fenced
true

-- name: by_state
INDEXED BY attio_rows_in_work

-- name: lock
-- name: now
0
-- name: lease_end
NULL
