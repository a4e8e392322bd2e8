"""Named statements of `.sql` files."""

import re

from attio_async._storage.database import load_statements


def test_statements_are_completed_by_those_of_their_dialect() -> None:
    module = "attio_async.bulk._journal.sql"
    for dialect in ("sqlite.sql", "postgres.sql"):
        statements = load_statements(module, "journal.sql", dialect)
        assert {"tables", "add", "claim_pending", "close"} <= statements.keys()
        assert not any(re.search(r"[{}]|--", statement) for statement in statements.values())
    shared = load_statements(module, "journal.sql", "postgres.sql")["claim_pending"]
    assert "FOR UPDATE SKIP LOCKED" in shared
    assert "interval '1 second'" in shared
