-- name: place
bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY

-- name: bytes
bytea

-- name: keys
SELECT json_array_elements_text(CAST(:keys AS json))
