-- name: compact
WITHOUT ROWID

-- name: ids
SELECT value FROM json_each(:ids)
