"""Earlier states of a workspace."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Self

import attrs
import msgspec

from .._schema import FakeRecord, Value
from .workspace import Workspace, WorkspaceData

_UNCHANGING: Final = frozenset({str, int, float, bool, type(None), tuple})


Copier = Callable[[Any, Any], Any]


"""From a thing, and what stands in its place in an earlier copy or None, to its copy."""


def copied(data: WorkspaceData, spare: WorkspaceData | None = None) -> WorkspaceData:
    """The same workspace once more; what is done to one of them does not show in the other.

    Args:
        data: The workspace.
        spare: Another state of it that nobody will change any more, except together with the copy. Records and
            objects that are equal there are taken from it, as comparing them is quicker than making them.
    """
    new: WorkspaceData = _copy(data, spare)
    return new


def _copy(thing: object, spare: Any) -> Any:
    kind = type(thing)
    if kind in _UNCHANGING:
        return thing
    copier = _COPIERS.get(kind)
    if copier is None:
        copier = _COPIERS[kind] = _copier_of(kind)
    return copier(thing, spare)


def _copier_of(kind: type[Any]) -> Copier:
    """How things of a class are copied: those of frozen ones, which attrs makes hashable, not at all."""
    if kind.__hash__ is not None:
        return lambda thing, _: thing
    names = [field.name for field in attrs.fields(kind)]
    put = object.__setattr__  # what is copied has been checked

    def copy(thing: Any, spare: Any) -> Any:
        if thing == spare:
            return spare
        new = object.__new__(kind)
        for name in names:
            value = getattr(thing, name)
            if type(value) not in _UNCHANGING:
                value = _copy(value, getattr(spare, name, None))
            put(new, name, value)
        return new

    return copy


def _copy_dict(things: dict[Any, Any], spare: Any) -> dict[Any, Any]:
    spares: Mapping[Any, Any] = {} if spare is None else spare
    return {
        name: thing if type(thing) in _UNCHANGING else _copy(thing, spares.get(name))
        for name, thing in things.items()
    }


def _copy_list(things: list[Any], _: Any) -> list[Any]:
    return [thing if type(thing) in _UNCHANGING else _copy(thing, None) for thing in things]


def _copy_record(record: FakeRecord, spare: FakeRecord | None) -> FakeRecord:
    if spare is not None and record == spare:
        return spare
    return FakeRecord(
        record.id,
        record.kind,
        record.created_at,
        record.parent,
        _copy_values(record.values),
        _copy_values(record.history),
    )


def _copy_values(values: dict[str, list[Value]]) -> dict[str, list[Value]]:
    """What is inside of a value, such as its actor, is never changed."""
    return {slug: [value.copy() for value in several] for slug, several in values.items()}


def _copy_workspace(data: WorkspaceData, spare: Any) -> WorkspaceData:
    return WorkspaceData(
        **{
            field.name: _copy(getattr(data, field.name), getattr(spare, field.name, None))
            for field in attrs.fields(WorkspaceData)
        }
    )


_COPIERS: Final[dict[type, Copier]] = {
    dict: _copy_dict,
    list: _copy_list,
    FakeRecord: _copy_record,
    WorkspaceData: _copy_workspace,
}


_FORMAT = 1


class _Header(msgspec.Struct):
    format: int


class _Document(msgspec.Struct):
    format: int
    workspace: WorkspaceData


def to_json(workspace: Workspace) -> bytes:
    """All of the workspace as JSON; history included."""
    return msgspec.json.encode(_Document(_FORMAT, workspace.data))


def from_json(document: bytes) -> Workspace:
    """The workspace that `to_json` wrote.

    Raises:
        ValueError: It is not such a document, or one of a newer version.
    """
    try:
        found = msgspec.json.decode(document, type=_Header).format
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"this is no saved workspace: {error}") from None
    if found != _FORMAT:
        raise ValueError(f"this workspace was saved in format {found}; this version reads format {_FORMAT}")
    try:
        return Workspace(msgspec.json.decode(document, type=_Document).workspace)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"this saved workspace is damaged: {error}") from None


@attrs.frozen(eq=False)
class Snapshot:
    """A state to come back to with `FakeAttio.restore`, as often as one likes."""

    data: WorkspaceData = attrs.field(repr=False)
    """To be read only."""

    @classmethod
    def of(cls, workspace: Workspace, last: "Snapshot | None" = None) -> Self:
        """The state of a workspace as it is now; what has not changed since the last snapshot is shared with it."""
        return cls(copied(workspace.data, None if last is None else last.data))

    @property
    def document(self) -> bytes:
        """The state as JSON."""
        return to_json(Workspace(self.data))

    def workspace(self, spare: Workspace) -> Workspace:
        """A workspace in that state, to which nobody listens yet.

        Args:
            spare: A workspace that is given up for it; of its parts those that have not changed are used again.
        """
        return Workspace(copied(self.data, spare.data))
