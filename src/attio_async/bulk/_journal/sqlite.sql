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

-- name: by_state
INDEXED BY attio_rows_in_work

-- One process has the file for itself: nothing is locked, and no lease ends.
-- name: lock
-- name: now
0
-- name: lease_end
NULL
