"""Find objects, lists, records and members by the names in requests, or refuse the names."""

from collections.abc import Callable

from .._errors import ApiProblem, not_found
from .._schema import ActivityType, FakeMember, FakeRecord, Kind, ListType, ObjectType
from .entities import RecordLink
from .workspace import Workspace

Absent = Callable[[str], ApiProblem]
"""Creates the response to an unknown name: `not_found` with 404, `value_not_found` with 400."""


def find_object(workspace: Workspace, name: str, absent: Absent = not_found) -> ObjectType:
    """Return the object with that slug or id."""
    kind = workspace.object_type(name)
    if kind is None:
        raise absent(f'object with slug/ID "{name}"')
    return kind


def find_list(workspace: Workspace, name: str, absent: Absent = not_found) -> ListType:
    """Return the list with that slug or id."""
    kind = workspace.list_type(name)
    if kind is None:
        raise absent(f'list with slug/ID "{name}"')
    return kind


def find_activity(workspace: Workspace, name: str, absent: Absent = not_found) -> ActivityType:
    """Return the activity with that slug or id."""
    kind = workspace.activity_type(name)
    if kind is None:
        raise absent(f'activity with slug/ID "{name}"')
    return kind


def find_row(workspace: Workspace, kind: Kind, row_id: str, absent: Absent = not_found) -> FakeRecord:
    """Return the record or list entry with that id."""
    row = workspace.record(kind, row_id)
    if row is None:
        raise absent(f'{kind.row_noun} with ID "{row_id}" of {kind.noun} "{kind.slug}"')
    return row


def find_record(
    workspace: Workspace, object_name: str, record_id: str, absent: Absent = not_found
) -> RecordLink:
    """Return a link to a record of an object."""
    kind = find_object(workspace, object_name, absent)
    return RecordLink(kind.id, find_row(workspace, kind, record_id, absent).id)


def find_member(workspace: Workspace, id_or_email: str, absent: Absent = not_found) -> FakeMember:
    """Return the workspace member with that id or e-mail address."""
    member = workspace.member(id_or_email)
    if member is None:
        raise absent(f'workspace member "{id_or_email}"')
    return member
