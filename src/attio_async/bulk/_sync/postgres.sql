-- name: compact

-- name: ids
SELECT json_array_elements_text(CAST(:ids AS json))

-- The journal of the runs holds the epoch, and is not deleted with those that nobody uses.
-- name: start_sync
INSERT INTO attio_jobs (job, info, epoch, used_at) VALUES (:job, :nothing, 0, 'infinity') ON CONFLICT DO NOTHING

-- name: lock_epoch
SELECT epoch FROM attio_jobs WHERE job = :job FOR UPDATE

-- name: set_epoch
UPDATE attio_jobs SET epoch = :epoch WHERE job = :job

-- name: try_lock
SELECT pg_try_advisory_lock(:lock_key)

-- name: seconds_in_flight
SELECT CAST(extract(epoch FROM max(leased_until) - clock_timestamp()) AS double precision)
FROM attio_rows WHERE job = :job AND state = 'begun'

-- name: forget_rows
DELETE FROM attio_rows WHERE job = :job

-- name: forget_job
DELETE FROM attio_jobs WHERE job = :job
