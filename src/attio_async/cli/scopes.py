"""Which jobs an access token may do."""

from collections.abc import Iterable, Mapping, Sequence

from attio_async_api import operations as api
from attio_async_api.operations import Operation

from .findings import Finding, note, ok, problem

__all__ = ["check_scopes", "lacking"]

_READING = "look at records and export them"
_JOBS: Mapping[str, Sequence[Operation]] = {
    _READING: (api.LIST_OBJECTS, api.QUERY_RECORDS, api.GET_RECORD),
    "import records": (api.ASSERT_RECORD,),
    "name members by e-mail address": (api.LIST_WORKSPACE_MEMBERS,),
    "work with lists": (api.LIST_LISTS, api.QUERY_ENTRIES, api.ASSERT_ENTRY),
    "work with notes": (api.LIST_NOTES, api.CREATE_NOTE),
    "work with tasks": (api.LIST_TASKS, api.CREATE_TASK),
    "set up webhooks": (api.LIST_WEBHOOKS, api.CREATE_WEBHOOK),
}
_ADVICE = "if that is wanted, add them to the token in Attio: workspace settings > Developers > Access tokens"


def check_scopes(granted: Iterable[str]) -> Sequence[Finding]:
    """What the token is enough for, and for each job that it is not enough for, what is missing."""
    scopes = frozenset(granted)
    missing = {job: lacking(operations, scopes) for job, operations in _JOBS.items()}
    findings = [
        (problem if job == _READING else note)(
            "scopes", f"not enough to {job}: without {', '.join(scopes)}", _ADVICE
        )
        for job, scopes in missing.items()
        if scopes
    ]
    able = [job for job, scopes in missing.items() if not scopes]
    return [ok("scopes", f"enough to {', '.join(able)}"), *findings] if able else findings


def lacking(operations: Iterable[Operation], granted: Iterable[str]) -> Sequence[str]:
    """The scopes that these operations need and the token does not have."""
    scopes = frozenset(granted)
    needed = dict.fromkeys(scope for operation in operations for scope in operation.scopes)
    return [scope for scope in needed if scope not in scopes and f"{scope}-write" not in scopes]
