-- What an engine asks of its database, beside what procrastinate asks.

-- name: tables
CREATE SCHEMA IF NOT EXISTS attio_engine;
CREATE TABLE IF NOT EXISTS attio_engine.format (
    one integer PRIMARY KEY CHECK (one = 1),
    version integer NOT NULL
);
CREATE SEQUENCE IF NOT EXISTS attio_engine.fences;
CREATE TABLE IF NOT EXISTS attio_engine.tenants (
    tenant text PRIMARY KEY,
    added_at timestamptz NOT NULL DEFAULT now(),
    paused_at timestamptz,
    paused_reason text,
    last_success_at timestamptz,
    concurrency integer NOT NULL DEFAULT 1,
    resumed integer NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS attio_engine.schedules (
    job text NOT NULL,
    tenant text NOT NULL,
    every double precision NOT NULL,
    next_at timestamptz NOT NULL,
    PRIMARY KEY (job, tenant)
);
CREATE INDEX IF NOT EXISTS schedules_next ON attio_engine.schedules (next_at);
CREATE TABLE IF NOT EXISTS attio_engine.runs (
    run bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    job text NOT NULL,
    tenant text NOT NULL,
    lane text NOT NULL,
    lock text NOT NULL DEFAULT '',
    is_backfill boolean NOT NULL DEFAULT false,
    priority integer NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'waiting',
    is_interrupted boolean NOT NULL DEFAULT false,
    epoch bigint NOT NULL DEFAULT 0,
    attempt integer NOT NULL DEFAULT 0,
    filed_at timestamptz NOT NULL DEFAULT now(),
    due_at timestamptz,
    started_at timestamptz,
    ended_at timestamptz,
    worker text,
    job_id bigint,
    counts jsonb NOT NULL DEFAULT '{{}}',
    error text,
    reason text
);
CREATE UNIQUE INDEX IF NOT EXISTS runs_ahead ON attio_engine.runs (job, tenant)
    WHERE state IN ('waiting', 'queued') AND NOT is_interrupted;
CREATE UNIQUE INDEX IF NOT EXISTS runs_lane ON attio_engine.runs (lane, lock) WHERE state IN ('queued', 'running');
CREATE INDEX IF NOT EXISTS runs_waiting ON attio_engine.runs (due_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS runs_waiting_in_lane ON attio_engine.runs (lane, priority DESC, due_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS runs_dead ON attio_engine.runs (ended_at) WHERE state = 'dead';
CREATE INDEX IF NOT EXISTS runs_ended ON attio_engine.runs (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS runs_of_tenant ON attio_engine.runs (tenant, run);
CREATE TABLE IF NOT EXISTS attio_engine.usage (
    tenant text NOT NULL,
    worker text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    reads double precision NOT NULL,
    writes double precision NOT NULL,
    allowed_reads double precision NOT NULL,
    allowed_writes double precision NOT NULL,
    limited_reads bigint NOT NULL,
    limited_writes bigint NOT NULL,
    PRIMARY KEY (tenant, worker)
);
CREATE TABLE IF NOT EXISTS attio_engine.workers (
    worker text PRIMARY KEY,
    jobs text[] NOT NULL DEFAULT '{{}}',
    seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS attio_engine.deliveries (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    tenant text NOT NULL,
    key text NOT NULL,
    body bytea,
    received_at timestamptz NOT NULL DEFAULT now(),
    done text NOT NULL DEFAULT '[]',
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz,
    handled_at timestamptz,
    run bigint,
    reason text,
    UNIQUE (tenant, key)
);
CREATE INDEX IF NOT EXISTS deliveries_pending ON attio_engine.deliveries (tenant, id) WHERE handled_at IS NULL;
CREATE INDEX IF NOT EXISTS deliveries_handled ON attio_engine.deliveries (handled_at) WHERE handled_at IS NOT NULL;
INSERT INTO attio_engine.format (one, version) VALUES (1, %(version)s) ON CONFLICT DO NOTHING

-- name: format_exists
SELECT to_regclass('attio_engine.format') IS NOT NULL, to_regclass('procrastinate_jobs') IS NOT NULL

-- name: format
SELECT version FROM attio_engine.format

-- name: exclusive
SELECT pg_advisory_xact_lock(1635020645, 1)

-- A lane is what runs one job at a time, or as many as its tenant may run. Only who holds the lock of a lane files its
-- next runs.
-- name: lock_lane
SELECT pg_advisory_xact_lock(1635020646, hashtext(%(lane)s))

-- name: try_lanes
SELECT lane FROM unnest(%(lanes)s::text[]) AS lane WHERE pg_try_advisory_xact_lock(1635020646, hashtext(lane))

-- Tenants

-- name: add_tenant
INSERT INTO attio_engine.tenants (tenant, concurrency) VALUES (%(tenant)s, coalesce(%(concurrency)s::integer, 1))
ON CONFLICT (tenant) DO UPDATE SET concurrency = coalesce(%(concurrency)s::integer, tenants.concurrency)

-- name: tenant
SELECT tenant, added_at, paused_at, paused_reason FROM attio_engine.tenants WHERE tenant = %(tenant)s

-- name: pause
UPDATE attio_engine.tenants SET paused_at = coalesce(paused_at, now()), paused_reason = %(reason)s WHERE tenant = %(tenant)s RETURNING tenant

-- name: resume
UPDATE attio_engine.tenants SET paused_at = NULL, paused_reason = NULL, resumed = resumed + 1 WHERE tenant = %(tenant)s RETURNING tenant

-- name: remove_tenant
DELETE FROM attio_engine.tenants WHERE tenant = %(tenant)s

-- name: remove_schedules
DELETE FROM attio_engine.schedules WHERE tenant = %(tenant)s

-- name: remove_usage
DELETE FROM attio_engine.usage WHERE tenant = %(tenant)s

-- name: remove_runs
DELETE FROM attio_engine.runs WHERE tenant = %(tenant)s RETURNING run, job

-- name: tenants
SELECT t.tenant, t.added_at, t.concurrency, t.paused_at, t.paused_reason, t.last_success_at,
    coalesce(r.queued, 0) AS queued, coalesce(r.running, 0) AS running, coalesce(r.waiting, 0) AS waiting,
    coalesce(r.dead, 0) AS dead
FROM attio_engine.tenants t LEFT JOIN (
    SELECT tenant, count(*) FILTER (WHERE state = 'queued' OR (state = 'waiting' AND due_at <= now())) AS queued,
        count(*) FILTER (WHERE state = 'running') AS running,
        count(*) FILTER (WHERE state = 'waiting' AND due_at > now()) AS waiting,
        count(*) FILTER (WHERE state = 'dead') AS dead
    FROM attio_engine.runs WHERE state IN ('queued', 'running', 'waiting', 'dead') GROUP BY tenant
) r USING (tenant)
ORDER BY t.paused_at IS NULL, coalesce(r.dead, 0) = 0, t.tenant LIMIT %(limit)s

-- name: tenant_counts
SELECT count(*) AS tenants, count(paused_at) AS paused FROM attio_engine.tenants

-- name: stopped_tenants
SELECT mine.tenant FROM unnest(%(tenants)s::text[]) AS mine (tenant) LEFT JOIN attio_engine.tenants t USING (tenant)
WHERE t.tenant IS NULL OR t.paused_at IS NOT NULL

-- Schedules

-- name: schedule
INSERT INTO attio_engine.schedules (job, tenant, every, next_at)
SELECT job, tenant, every, now() FROM attio_engine.tenants,
    unnest(%(jobs)s::text[], %(everys)s::double precision[]) AS wanted (job, every)
WHERE (%(tenant)s::text IS NULL OR tenant = %(tenant)s)
ON CONFLICT (job, tenant) DO UPDATE SET every = excluded.every,
    next_at = least(schedules.next_at, now() + excluded.every * interval '1 second')
WHERE schedules.every <> excluded.every

-- name: schedule_own
INSERT INTO attio_engine.schedules (job, tenant, every, next_at) VALUES (%(job)s, '', %(every)s, now())
ON CONFLICT (job, tenant) DO UPDATE SET every = excluded.every,
    next_at = least(schedules.next_at, now() + excluded.every * interval '1 second')
WHERE schedules.every <> excluded.every

-- A time further away than one interval was written before the clock was set back.
-- name: due_schedules
SELECT s.job, s.tenant FROM attio_engine.schedules s
LEFT JOIN attio_engine.tenants t ON t.tenant = s.tenant
WHERE (s.next_at <= now() OR s.next_at > now() + s.every * interval '1 second')
    AND s.job = ANY(%(jobs)s::text[]) AND t.paused_at IS NULL
ORDER BY s.next_at LIMIT %(limit)s FOR UPDATE OF s SKIP LOCKED

-- A schedule of a job that was removed from the code is not advanced any more.
-- name: is_in_code
(s.job = ANY(%(jobs)s::text[]) OR EXISTS (SELECT FROM attio_engine.workers w WHERE s.job = ANY(w.jobs)))

-- name: forget_schedules
DELETE FROM attio_engine.schedules s WHERE s.next_at < now() - %(keep)s * interval '1 second' AND NOT {is_in_code}

-- name: advance_schedule
UPDATE attio_engine.schedules SET next_at = CASE
    WHEN next_at > now() THEN now() + every * interval '1 second'
    ELSE next_at + every * interval '1 second' * (floor(extract(epoch FROM now() - next_at) / every) + 1) END
WHERE job = %(job)s AND tenant = %(tenant)s

-- Runs

-- A run that waits for its retry is what a schedule or a caller wants now: it is brought forward, and no second one is
-- filed.
-- name: add_run
INSERT INTO attio_engine.runs (job, tenant, lane, is_backfill, priority, due_at)
VALUES (%(job)s, %(tenant)s, %(lane)s, %(is_backfill)s, %(priority)s, now())
ON CONFLICT (job, tenant) WHERE state IN ('waiting', 'queued') AND NOT is_interrupted
    DO UPDATE SET due_at = least(runs.due_at, now()), priority = greatest(runs.priority, excluded.priority)
RETURNING run

-- name: due_lanes
SELECT r.lane FROM attio_engine.runs r LEFT JOIN attio_engine.tenants t ON t.tenant = r.tenant LEFT JOIN (
    SELECT lane, count(*) AS open FROM attio_engine.runs WHERE state IN ('queued', 'running') GROUP BY lane
) busy ON busy.lane = r.lane
WHERE state = 'waiting' AND (due_at <= now() OR due_at > now() + %(max_wait)s * interval '1 second')
    AND job = ANY(%(jobs)s::text[])
    AND t.paused_at IS NULL AND {is_alone} AND coalesce(busy.open, 0) < coalesce(t.concurrency, 1)
    AND NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.lock = {lock} AND j.status = 'doing')
GROUP BY r.lane ORDER BY min(is_backfill::int), min(due_at) LIMIT %(limit)s

-- Two runs of a job of a tenant never run at once.
-- name: is_alone
NOT EXISTS (SELECT FROM attio_engine.runs o WHERE o.lane = r.lane AND o.job = r.job AND o.state IN ('queued', 'running'))

-- The lock in procrastinate. No name of a job has a colon, and no tenant begins with a star.
-- name: lock
CASE WHEN coalesce(t.concurrency, 1) = 1 THEN r.lane ELSE '*' || r.job || ':' || r.lane END

-- A run that was interrupted goes on before the next one of its job: the rest of its journal is its alone.
-- name: queue_lanes
WITH due AS (
    SELECT DISTINCT ON (r.lane, r.job) r.run, r.lane, r.is_backfill, r.is_interrupted, r.priority, r.due_at,
        {lock} AS lock, coalesce(t.concurrency, 1) - (
            SELECT count(*) FROM attio_engine.runs o WHERE o.lane = r.lane AND o.state IN ('queued', 'running')
        ) AS free
    FROM attio_engine.runs r LEFT JOIN attio_engine.tenants t ON t.tenant = r.tenant
    WHERE r.lane = ANY(%(lanes)s::text[]) AND r.state = 'waiting'
        AND (r.due_at <= now() OR r.due_at > now() + %(max_wait)s * interval '1 second')
        AND r.job = ANY(%(jobs)s::text[]) AND t.paused_at IS NULL AND {is_alone}
    ORDER BY r.lane, r.job, r.is_backfill, r.is_interrupted DESC, r.priority DESC, r.due_at, r.run
), ordered AS (
    SELECT run, lock, free, row_number() OVER (
        PARTITION BY lane ORDER BY is_backfill, is_interrupted DESC, priority DESC, due_at, run
    ) AS place FROM due
)
UPDATE attio_engine.runs SET state = 'queued', lock = ordered.lock FROM ordered
WHERE runs.run = ordered.run AND ordered.place <= ordered.free
RETURNING runs.run, job, tenant, lane, runs.lock, is_backfill, due_at

-- name: note_job
UPDATE attio_engine.runs SET job_id = %(job_id)s WHERE run = %(run)s

-- The second form is that of a start whose answer was lost.
-- name: start
UPDATE attio_engine.runs SET state = 'running', epoch = epoch + 1, attempt = attempt + (state = 'queued')::int,
    started_at = now(), worker = %(worker)s, due_at = NULL, is_interrupted = false
WHERE run = %(run)s AND job_id = %(job_id)s AND (state = 'queued' OR (state = 'running' AND worker = %(worker)s))
RETURNING epoch, attempt, is_backfill, nextval('attio_engine.fences') AS fence,
    (SELECT paused_at IS NOT NULL FROM attio_engine.tenants t WHERE t.tenant = runs.tenant) AS is_paused,
    (SELECT resumed FROM attio_engine.tenants t WHERE t.tenant = runs.tenant) AS resumed

-- name: end
UPDATE attio_engine.runs SET state = %(state)s, ended_at = now(), counts = %(counts)s, error = %(error)s,
    reason = %(reason)s, due_at = NULL
WHERE run = %(run)s AND epoch = %(epoch)s AND state = 'running' RETURNING run

-- name: succeed_tenant
UPDATE attio_engine.tenants SET last_success_at = now() WHERE tenant = %(tenant)s

-- "Already enqueued": the run that is ahead does the work of one that failed. One that was interrupted goes on.
-- name: wait
UPDATE attio_engine.runs r SET is_interrupted = %(is_interrupted)s, counts = %(counts)s, error = %(error)s, reason = %(reason)s,
    state = CASE WHEN ahead.run IS NULL THEN 'waiting' ELSE 'superseded' END,
    due_at = CASE WHEN ahead.run IS NULL THEN now() + %(delay)s * interval '1 second' END,
    ended_at = CASE WHEN ahead.run IS NULL THEN NULL ELSE now() END,
    attempt = CASE WHEN %(is_attempt)s THEN attempt ELSE greatest(attempt - 1, 0) END
FROM (SELECT 1) one LEFT JOIN LATERAL (
    SELECT o.run FROM attio_engine.runs o JOIN attio_engine.runs me ON me.run = %(run)s
    WHERE o.job = me.job AND o.tenant = me.tenant AND o.state IN ('waiting', 'queued') AND o.run <> me.run
        AND NOT o.is_interrupted AND NOT %(is_interrupted)s
) ahead ON true
WHERE r.run = %(run)s AND r.epoch = %(epoch)s AND r.state IN ('queued', 'running') RETURNING r.state

-- name: run_of_job
SELECT run, epoch, attempt, state, job, tenant, lane FROM attio_engine.runs WHERE job_id = %(job_id)s AND run = %(run)s

-- name: fence
UPDATE attio_engine.runs SET epoch = epoch + 1 WHERE run = %(run)s AND epoch = %(epoch)s AND state IN ('queued', 'running')
RETURNING epoch

-- Runs whose job is gone, or was fetched by a worker that never learned of it.
-- name: orphans
SELECT r.run, r.job_id, r.epoch, r.attempt, r.job, r.tenant FROM attio_engine.runs r
LEFT JOIN procrastinate_jobs j ON j.id = r.job_id AND j.status IN ('todo', 'doing')
WHERE r.state IN ('queued', 'running') AND (j.id IS NULL OR (r.state = 'queued' AND j.status = 'doing' AND (
    SELECT max(at) FROM procrastinate_events e WHERE e.job_id = j.id AND e.type = 'started'
) < now() - %(lease)s * interval '1 second'))
LIMIT %(limit)s FOR UPDATE OF r SKIP LOCKED

-- name: superseded
SELECT mine.run FROM unnest(%(runs)s::bigint[], %(epochs)s::bigint[]) AS mine (run, epoch)
LEFT JOIN attio_engine.runs r ON r.run = mine.run AND r.epoch = mine.epoch AND r.state = 'running'
WHERE r.run IS NULL

-- name: fresh_work
SELECT DISTINCT r.lane FROM attio_engine.runs r
WHERE r.state = 'waiting' AND r.due_at <= now() AND NOT r.is_backfill AND r.lane = ANY(%(lanes)s::text[]) AND {is_alone}

-- name: starved
SELECT count(*) FROM attio_engine.runs r JOIN procrastinate_jobs j ON j.id = r.job_id AND j.status = 'todo'
WHERE r.state = 'queued' AND NOT r.is_backfill AND r.job = ANY(%(jobs)s::text[]) AND r.due_at < now() - interval '2 seconds'

-- name: open_runs
SELECT count(*) FROM attio_engine.runs r LEFT JOIN attio_engine.tenants t USING (tenant)
WHERE (state = 'queued' OR (state = 'waiting' AND due_at <= now())) AND job = ANY(%(jobs)s::text[]) AND paused_at IS NULL

-- name: revive
UPDATE attio_engine.runs SET state = 'waiting', due_at = now(), attempt = 0, ended_at = NULL
WHERE run = %(run)s AND state IN ('dead', 'failed') RETURNING run

-- name: ahead
SELECT o.run FROM attio_engine.runs o JOIN attio_engine.runs me ON me.run = %(run)s
WHERE o.job = me.job AND o.tenant = me.tenant AND o.state IN ('waiting', 'queued') AND NOT o.is_interrupted

-- name: expired
DELETE FROM attio_engine.runs WHERE run IN (
    SELECT run FROM attio_engine.runs WHERE ended_at < now() - %(keep)s * interval '1 second' AND state <> 'dead'
    ORDER BY ended_at LIMIT %(limit)s
) RETURNING run, job, tenant

-- Journals are named "engine/run/tenant/job": see `journal_name`.
-- name: has_journals
SELECT to_regclass('attio_jobs') IS NOT NULL

-- name: journals
SELECT job FROM attio_jobs WHERE job LIKE 'engine/%%' AND split_part(job, '/', 2) = ANY(%(runs)s::text[])

-- name: has_syncs
SELECT to_regclass('attio_syncs') IS NOT NULL

-- name: syncs
SELECT sync FROM attio_syncs WHERE starts_with(sync, %(prefix)s)

-- name: remove_journal_rows
DELETE FROM attio_rows WHERE job = ANY(%(names)s::text[])

-- name: remove_journals
DELETE FROM attio_jobs WHERE job = ANY(%(names)s::text[])

-- name: columns
run, job, tenant, CASE WHEN state = 'waiting' AND due_at <= now() THEN 'queued' ELSE state END AS state, attempt, epoch, filed_at, due_at, started_at, ended_at, worker, counts, error, reason

-- name: run
SELECT {columns} FROM attio_engine.runs WHERE run = %(run)s

-- name: latest_runs
SELECT {columns} FROM attio_engine.runs r ORDER BY r.state <> 'running', run DESC LIMIT %(limit)s

-- name: dead
SELECT {columns} FROM attio_engine.runs WHERE state = 'dead' ORDER BY ended_at DESC LIMIT %(limit)s

-- name: counts
SELECT state, count(*) FROM (
    SELECT CASE WHEN state = 'waiting' AND due_at <= now() THEN 'queued' ELSE state END AS state FROM attio_engine.runs
) AS runs GROUP BY state

-- name: next_runs
SELECT s.job, s.tenant, s.every, s.next_at FROM attio_engine.schedules s
LEFT JOIN attio_engine.tenants t ON t.tenant = s.tenant
WHERE t.paused_at IS NULL AND {is_in_code} ORDER BY s.next_at LIMIT %(limit)s

-- Workers

-- name: see_worker
INSERT INTO attio_engine.workers (worker, jobs) VALUES (%(worker)s, %(jobs)s::text[])
ON CONFLICT (worker) DO UPDATE SET seen_at = now() RETURNING xmax = 0 AS is_new

-- name: forget_worker
DELETE FROM attio_engine.workers WHERE worker = %(worker)s

-- name: forget_workers
DELETE FROM attio_engine.workers WHERE seen_at < now() - %(lease)s * interval '1 second'

-- name: workers
SELECT w.worker, w.seen_at, count(r.run) AS running FROM attio_engine.workers w
LEFT JOIN attio_engine.runs r ON r.worker = w.worker AND r.state = 'running' GROUP BY w.worker, w.seen_at ORDER BY w.worker

-- name: use_rates
INSERT INTO attio_engine.usage (tenant, worker, reads, writes, allowed_reads, allowed_writes, limited_reads, limited_writes)
VALUES (%(tenant)s, %(worker)s, %(reads)s, %(writes)s, %(allowed_reads)s, %(allowed_writes)s, %(limited_reads)s, %(limited_writes)s)
ON CONFLICT (tenant, worker) DO UPDATE SET at = now(), reads = excluded.reads, writes = excluded.writes,
    allowed_reads = excluded.allowed_reads, allowed_writes = excluded.allowed_writes,
    limited_reads = excluded.limited_reads, limited_writes = excluded.limited_writes

-- name: forget_usage
DELETE FROM attio_engine.usage WHERE at < now() - interval '60 seconds'

-- name: rates
SELECT tenant, sum(reads) AS reads, sum(writes) AS writes, max(allowed_reads) AS allowed_reads,
    max(allowed_writes) AS allowed_writes, sum(limited_reads)::bigint AS limited_reads,
    sum(limited_writes)::bigint AS limited_writes
FROM attio_engine.usage WHERE at > now() - interval '60 seconds' GROUP BY tenant
ORDER BY sum(writes) / greatest(max(allowed_writes), 1) DESC LIMIT %(limit)s

-- name: now
SELECT now()
