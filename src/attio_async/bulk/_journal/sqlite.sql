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
-- SQLite uses such an index only for a query with the same condition, word for word.
CREATE INDEX attio_rows_pending ON attio_rows (job, place) WHERE state = 'pending';
CREATE INDEX attio_rows_claimed ON attio_rows (job, ticket) WHERE state IN ('claimed', 'begun');
CREATE INDEX attio_rows_held ON attio_rows (job, place) WHERE state = 'held';
CREATE INDEX attio_rows_dead ON attio_rows (job, place) WHERE state = 'dead';

-- One process has the file for itself: nothing is locked, and no lease ends.
-- name: lock
-- name: now
0
-- name: lease_end
NULL
