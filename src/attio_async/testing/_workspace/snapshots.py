"""Earlier states of a workspace, and states saved as JSON."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Final, Self

import attrs
import msgspec

from ..._utils.public import public
from .._schema import FakeRecord, Value
from .workspace import Workspace, WorkspaceData

_FORMAT = 1
_IMMUTABLE: Final = frozenset({str, int, float, bool, type(None), tuple})

Copier = Callable[[Any, Any], Any]
"""Takes a part of a state, and the same part of an earlier copy or None; returns a copy."""


@public
class Snapshot(ABC):
    """A state to go back to with `FakeAttio.restore`, any number of times."""

    __slots__ = ()

    @property
    @abstractmethod
    def document(self) -> bytes:
        """The state as JSON."""


@attrs.frozen(eq=False)
class WorkspaceSnapshot(Snapshot):
    """A copy of the data of a workspace."""

    data: WorkspaceData = attrs.field(repr=False)
    """The state. To be read only."""

    @classmethod
    def of(cls, workspace: Workspace, last: "WorkspaceSnapshot | None" = None) -> Self:
        """Return the state of a workspace. What has not changed since the last snapshot is shared with it."""
        return cls(copied(workspace.data, None if last is None else last.data))

    @property
    def document(self) -> bytes:
        """See `Snapshot`."""
        return to_json(Workspace(self.data))

    def workspace(self, spare: Workspace) -> Workspace:
        """Return a workspace in this state, without subscribers.

        Args:
            spare: A workspace that it replaces; parts that have not changed are used again.
        """
        return Workspace(copied(self.data, spare.data))


class _Header(msgspec.Struct):
    format: int


class _Document(msgspec.Struct):
    format: int
    workspace: WorkspaceData


def to_json(workspace: Workspace) -> bytes:
    """Return a workspace with its history as JSON."""
    return msgspec.json.encode(_Document(_FORMAT, workspace.data))


def from_json(document: bytes) -> Workspace:
    """Return the workspace that `to_json` saved.

    Raises:
        ValueError: The document is not a saved workspace, or one of a newer version.
    """
    try:
        found = msgspec.json.decode(document, type=_Header).format
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"this is not a saved workspace: {error}") from None
    if found != _FORMAT:
        raise ValueError(f"this workspace was saved in format {found}; this version reads format {_FORMAT}")
    try:
        return Workspace(msgspec.json.decode(document, type=_Document).workspace)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"this saved workspace is damaged: {error}") from None


def copied(data: WorkspaceData, spare: WorkspaceData | None = None) -> WorkspaceData:
    """Return a copy of a workspace. Changes of one do not show in the other.

    Args:
        data: The workspace.
        spare: Another state of it that only changes together with the copy, if at all. Equal records and objects are
            taken from it, as comparing them is faster than copying.
    """
    copy: WorkspaceData = _copy(data, spare)
    return copy


def _copy(part: object, spare: Any) -> Any:
    kind = type(part)
    if kind in _IMMUTABLE:
        return part
    copier = _COPIERS.get(kind)
    if copier is None:
        copier = _COPIERS[kind] = _copier_of(kind)
    return copier(part, spare)


def _copier_of(kind: type[Any]) -> Copier:
    """Return the copier of an attrs class. Instances of frozen classes, which attrs makes hashable, are shared."""
    if kind.__hash__ is not None:
        return lambda part, _: part
    names = [field.name for field in attrs.fields(kind)]
    put = object.__setattr__  # without validation: the original is valid

    def copy(part: Any, spare: Any) -> Any:
        if part == spare:
            return spare
        new = object.__new__(kind)
        for name in names:
            value = getattr(part, name)
            if type(value) not in _IMMUTABLE:
                value = _copy(value, getattr(spare, name, None))
            put(new, name, value)
        return new

    return copy


def _copy_dict(parts: dict[Any, Any], spare: Any) -> dict[Any, Any]:
    spares: Mapping[Any, Any] = {} if spare is None else spare
    return {
        name: part if type(part) in _IMMUTABLE else _copy(part, spares.get(name))
        for name, part in parts.items()
    }


def _copy_list(parts: list[Any], _: Any) -> list[Any]:
    return [part if type(part) in _IMMUTABLE else _copy(part, None) for part in parts]


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
    """Copy values. What is inside of a value, such as its actor, is never changed."""
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
