"""The tasks that the scopes of a token are sufficient for."""

from attio_async._cli.doctor.network import check_scopes, missing_scopes
from attio_async_api.operations import ASSERT_RECORD, QUERY_RECORDS

READ = ("record_permission:read", "object_configuration:read")


def test_a_write_scope_includes_its_read_scope() -> None:
    assert missing_scopes([QUERY_RECORDS], READ) == []
    assert missing_scopes([QUERY_RECORDS], [f"{scope}-write" for scope in READ]) == []
    assert missing_scopes([ASSERT_RECORD], READ) == ["record_permission:read-write"]


def test_missing_scopes_are_listed_by_task() -> None:
    enough, *notes = check_scopes(READ)
    assert (enough.verdict, enough.found) == ("ok", "sufficient to read and export records")
    assert {note.verdict for note in notes} == {"note"}
    assert notes[0].found == "not sufficient to import records: missing record_permission:read-write"
    assert notes[-1].found == "not sufficient to manage webhooks: missing webhook:read, webhook:read-write"


def test_a_token_that_cannot_read_is_a_problem() -> None:
    first, *_ = check_scopes(["note:read"])
    assert first.verdict == "problem"
    assert first.found.endswith("missing object_configuration:read, record_permission:read")
    assert first.advice
