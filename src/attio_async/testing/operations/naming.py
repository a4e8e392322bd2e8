"""What bodies and queries name: records, entries, members."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from ..bodies import is_uuid
from ..problems import ApiProblem, invalid, invalid_parameters, missing, not_found, value_not_found
from ..schema import ListType, ObjectType, Record
from ..things import RecordLink, Thing
from .call import Call

T = TypeVar("T", bound=Thing)

Absent = Callable[[str], ApiProblem]
"""How an operation refuses what does not exist: `not_found` for 404, `no_value` for 400."""


def no_value(what: str) -> ApiProblem:
    """400: something that the body names does not exist."""
    return value_not_found(f"Cannot find {what}.")


def object_named(call: Call, name: str, absent: Absent) -> ObjectType:
    """The object with that slug or id."""
    kind = call.workspace.object_type(name)
    if kind is None:
        raise absent(f'object with slug/ID "{name}"')
    return kind


def record_named(call: Call, object_name: str, record_id: str, absent: Absent) -> RecordLink:
    """The record of that object, to link to."""
    kind = object_named(call, object_name, absent)
    if call.workspace.record(kind, record_id) is None:
        raise absent(f'record with ID "{record_id}" of object "{kind.slug}"')
    return RecordLink(kind.id, record_id)


def entry_named(call: Call, list_name: str, entry_id: str, absent: Absent) -> tuple[ListType, Record]:
    """The list with that slug or id, and its entry."""
    kind = call.workspace.list_type(list_name)
    if kind is None:
        raise absent(f'list with slug/ID "{list_name}"')
    entry = call.workspace.record(kind, entry_id)
    if entry is None:
        raise absent(f'entry with ID "{entry_id}" of list "{kind.slug}"')
    return kind, entry


def queried_record(
    call: Call, object_parameter: str, id_parameter: str, *, is_needed: bool = False
) -> RecordLink | None:
    """The record that two query parameters name together; None where neither is there.

    Raises:
        ApiProblem: One is there without the other, the id is no UUID, or there is no such record.
    """
    given = call.request.query_values()
    names = (object_parameter, id_parameter)
    if not is_needed and not any(name in given for name in names):
        return None
    issues = [missing([name], "string") for name in names if not given.get(name)]
    if not issues and not is_uuid(given[id_parameter]):
        issues.append(invalid([id_parameter], "Invalid uuid"))
    if issues:
        raise invalid_parameters(*issues)
    return record_named(call, given[object_parameter], given[id_parameter], not_found)


def the(things: Mapping[str, T], call: Call, parameter: str) -> T:
    """The thing that the path names by id."""
    identifier = call.request.parameters[parameter]
    found = things.get(identifier)
    if found is None:
        noun = parameter.removesuffix("_id").replace("_", " ")
        raise not_found(f'{noun} with ID "{identifier}"')
    return found
