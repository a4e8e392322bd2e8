-- name: place
INTEGER PRIMARY KEY AUTOINCREMENT

-- name: bytes
BLOB

-- name: keys
SELECT value FROM json_each(:keys)
