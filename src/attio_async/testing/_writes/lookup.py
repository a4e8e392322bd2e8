"""Find the members and records that written values refer to."""

from collections.abc import Mapping

from .._errors import InvalidValue, invalid, value_not_found
from .._json_types import as_array, is_object
from .._schema import FakeAttribute, FakeRecord, ObjectType
from .._values.fields import Fields
from .._values.read import read_value, same_key
from .._workspace.find import find_object
from .._workspace.workspace import Workspace

_KEY_ATTRIBUTES = {
    "companies": "domains",
    "people": "email_addresses",
    "users": "user_id",
    "workspaces": "workspace_id",
}
"""The attribute that a bare string stands for in a reference to a standard object."""


class WorkspaceLookup:
    """Members and records of one workspace, for reading values."""

    __slots__ = ("_workspace",)

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def member_id(self, id_or_email: str) -> str | None:
        """Return the id of a workspace member; None if they are unknown."""
        member = self._workspace.member(id_or_email)
        return member.id if member else None

    def referenced(
        self, attribute: FakeAttribute, target_object: str | None, where: Mapping[str, object]
    ) -> Fields:
        """Return `target_object` and `target_record_id` of the record that `where` describes."""
        kind = self._target(attribute, target_object)
        name, value = next(iter(where.items()))
        if name == "target_record_id":
            record = self._workspace.record(kind, str(value))
        else:
            record = self._by_attribute(kind, name or _KEY_ATTRIBUTES.get(kind.slug, ""), value)
        if record is None:
            raise value_not_found(
                f'record "{_bare(value)}" of object "{kind.slug}" for attribute with slug "{attribute.slug}"'
            )
        return {"target_object": kind.slug, "target_record_id": record.id}

    def _target(self, attribute: FakeAttribute, target_object: str | None) -> ObjectType:
        allowed = attribute.allowed_objects
        if target_object is None:
            if allowed is None or len(allowed) != 1:
                raise InvalidValue(
                    invalid([], "Expected an object: the attribute may refer to several objects")
                )
            target_object = allowed[0]
        kind = find_object(self._workspace, target_object, value_not_found)
        if allowed is not None and kind.slug not in allowed:
            raise InvalidValue(invalid(["target_object"], f"Expected one of: {', '.join(allowed)}"))
        return kind

    def _by_attribute(self, kind: ObjectType, name: str, value: object) -> FakeRecord | None:
        matching = kind.attribute(name)
        if matching is None or not matching.is_unique:
            path = [name] if name else []  # a bare string has no name, and needs a standard object
            raise InvalidValue(
                invalid(path, f"Expected target_record_id or a unique attribute of {kind.slug}")
            )
        for item in as_array(value):
            key = same_key(matching.type, read_value(matching, item, self))
            found = self._workspace.holders(kind, matching, key)
            if found:
                return found[0]
        return None


def _bare(value: object) -> str:
    """Return a value for a message, without the brackets around it."""
    parts = [part for item in as_array(value) for part in (item.values() if is_object(item) else (item,))]
    return ", ".join(map(str, parts))
