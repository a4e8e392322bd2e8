"""Which jobs the scopes of a token are enough for."""

from attio_async._cli.doctor.network import check_scopes, lacking
from attio_async_api.operations import ASSERT_RECORD, QUERY_RECORDS

READING = ("record_permission:read", "object_configuration:read")


def test_the_wider_scope_covers_the_narrower_and_not_the_reverse() -> None:
    assert lacking([QUERY_RECORDS], READING) == []
    assert lacking([QUERY_RECORDS], [f"{scope}-write" for scope in READING]) == []
    assert lacking([ASSERT_RECORD], READING) == ["record_permission:read-write"]


def test_what_is_missing_is_told_job_by_job() -> None:
    enough, *notes = check_scopes(READING)
    assert (enough.verdict, enough.found) == ("ok", "enough to look at records and export them")
    assert {note.verdict for note in notes} == {"note"}
    assert notes[0].found == "not enough to import records: without record_permission:read-write"
    assert notes[-1].found == "not enough to set up webhooks: without webhook:read, webhook:read-write"


def test_without_reading_nothing_works() -> None:
    first, *_ = check_scopes(["note:read"])
    assert first.verdict == "problem"
    assert first.found.endswith("without object_configuration:read, record_permission:read")
    assert first.advice
