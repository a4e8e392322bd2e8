"""Schemas as TOML: written so that people can read and edit them, read with every mistake named."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import attrs

from .._schema import near
from .._utils.toml import toml_key, toml_lines, toml_value
from ..errors import ConfigurationError
from ._schema import SchemaAttribute, SchemaContent, SchemaList, SchemaObject, SchemaOption

_HEAD = """\
# The schema of an Attio workspace. `attio-async schema plan FILE` shows what `attio-async schema apply FILE` would
# change in it. What is left out here is left alone there. The ids hold in this one workspace.
"""
_FLAGS = {
    "required": "is_required",
    "unique": "is_unique",
    "multiselect": "is_multiselect",
    "archived": "is_archived",
    "system": "is_system",
}
_NO_OPTION = SchemaOption(title="")
_NO_ATTRIBUTE = SchemaAttribute(slug="")


def to_toml(schema: SchemaContent) -> str:
    """Return the schema as a TOML document."""
    return "".join(_document(schema))


def _document(schema: SchemaContent) -> Iterator[str]:
    yield _HEAD
    if schema.workspace_id:
        yield "\n[workspace]\n"
        yield from toml_lines({"id": schema.workspace_id, "name": schema.workspace_name})
        yield "" if schema.is_whole else "whole = false\n"
    for one in schema.objects:
        yield f"\n[objects.{toml_key(one.slug)}]\n"
        yield from toml_lines({"id": one.id, "singular": one.singular, "plural": one.plural})
        yield from _attributes(f"objects.{toml_key(one.slug)}", one.attributes)
    for each in schema.lists:
        yield f"\n[lists.{toml_key(each.slug)}]\n"
        access = each.access or "none"
        yield from toml_lines(
            {"id": each.id, "name": each.name, "parents": list(each.parents), "access": access}
        )
        yield from toml_lines({"member_access": dict(each.member_access)})
        yield from _attributes(f"lists.{toml_key(each.slug)}", each.attributes)


def _attributes(place: str, attributes: Sequence[SchemaAttribute]) -> Iterator[str]:
    for one in attributes:
        yield f"\n[{place}.attributes.{toml_key(one.slug)}]\n"
        yield from toml_lines({"id": one.id, "title": one.title, "type": one.type})
        yield from toml_lines({"description": one.description})
        yield from toml_lines({name: True for name, field in _FLAGS.items() if getattr(one, field)})
        if one.currency is not None:
            yield from toml_lines({"currency": one.currency[0], "display": one.currency[1]})
        yield from toml_lines({"objects": list(one.objects)})
        if one.relationship is not None:
            yield from toml_lines({"relationship": list(one.relationship)})
        yield from toml_lines({"default": one.default})
        if one.options:
            yield "options = [\n"
            for option in one.options:
                yield f"    {toml_value(_option(option))},\n"
            yield "]\n"


def _option(option: SchemaOption) -> dict[str, Any]:
    found: dict[str, Any] = {"title": option.title}
    if option.id:
        found["id"] = option.id
    if option.is_archived:
        found["archived"] = True
    if option.celebration:
        found["celebration"] = True
    if option.target_time:
        found["target_time"] = option.target_time
    return found


def from_toml(text: str, name: str) -> SchemaContent:
    """Return the schema in a TOML document.

    Args:
        text: The document.
        name: Its file, for messages.

    Raises:
        ConfigurationError: It is not TOML, or a part of it is unknown or not as it should be.
    """
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{name} is not valid TOML: {error}") from None
    table = _Table(document, name, "")
    workspace = table.table("workspace")
    workspace_id = workspace.text("id")
    schema = SchemaContent(
        objects=tuple(_object(slug, each) for slug, each in table.tables("objects")),
        lists=tuple(_list(slug, each) for slug, each in table.tables("lists")),
        workspace_id=workspace_id,
        workspace_name=workspace.text("name"),
        is_whole=workspace.flag("whole", default=bool(workspace_id)),
    )
    workspace.end()
    table.end()
    return schema


def _object(slug: str, table: "_Table") -> SchemaObject:
    stated = table.stated()
    found = SchemaObject(
        stated=stated,
        slug=slug,
        id=table.text("id"),
        singular=table.text("singular"),
        plural=table.text("plural"),
        attributes=tuple(_attribute(name, each) for name, each in table.tables("attributes")),
    )
    table.end()
    return found


def _list(slug: str, table: "_Table") -> SchemaList:
    stated = table.stated()
    access = table.text("access") or "full-access"
    members = table.table("member_access")
    found = SchemaList(
        stated=stated,
        slug=slug,
        id=table.text("id"),
        name=table.text("name"),
        parents=tuple(table.texts("parents")),
        access=None if access == "none" else access,
        member_access={member: members.text(member) for member in list(members.values)},
        attributes=tuple(_attribute(name, each) for name, each in table.tables("attributes")),
    )
    table.end()
    return found


def _attribute(slug: str, table: "_Table") -> SchemaAttribute:
    stated = table.stated()
    type_ = table.text("type")
    if not type_:
        raise table.error("type", "is missing")
    currency, display = table.text("currency"), table.text("display")
    if display and not currency:
        raise table.error("display", "is of no use without currency")
    relationship = table.texts("relationship")
    if len(relationship) not in {0, 2}:
        raise table.error("relationship", "is not a list of two texts: an object and an attribute of it")
    options = tuple(map(_read_option, table.items("options")))
    if options and type_ not in {"select", "status"}:
        raise table.error("options", f"is of no use for type {type_!r}, only for select and status")
    found = attrs.evolve(
        _NO_ATTRIBUTE,
        stated=stated,
        slug=slug,
        id=table.text("id"),
        title=table.text("title") or slug,
        type=type_,
        description=table.text("description"),
        currency=(currency, display or "symbol") if currency else None,
        objects=tuple(table.texts("objects")),
        relationship=(relationship[0], relationship[1]) if relationship else None,
        default=_default(table, type_),
        options=options if type_ in {"select", "status"} else None,
        **{field: table.flag(name) for name, field in _FLAGS.items()},
    )
    table.end()
    return found


def _default(table: "_Table", type_: str) -> Mapping[str, Any] | None:
    is_given = "default" in table.values
    inner = table.table("default")
    if not is_given:
        return None
    template: object = inner.values.get("template")
    if type_ == "location" and not (
        isinstance(template, list) and _are_tables(cast("list[object]", template))
    ):
        raise inner.error("template", "is not a list of tables, each with parts of a location")
    return inner.values


def _are_tables(items: list[object]) -> bool:
    return all(isinstance(each, dict) for each in items)


def _read_option(table: "_Table") -> SchemaOption:
    found = attrs.evolve(
        _NO_OPTION,
        title=table.text("title"),
        id=table.text("id"),
        is_archived=table.flag("archived"),
        celebration=table.flag("celebration") or None,
        target_time=table.text("target_time") or None,
    )
    if not found.title:
        raise table.error("title", "is missing")
    table.end()
    return found


class _Table:
    """A table of the document, of which every part has to be taken once."""

    def __init__(self, values: object, file: str, path: str) -> None:
        self._file = file
        self._path = path
        self._keys: list[str] = []
        if not isinstance(values, dict):
            raise self.error("", "is not a table")
        self.values = dict(cast("dict[str, Any]", values))

    def text(self, name: str) -> str:
        return str(self._take(name, str, "a text", ""))

    def flag(self, name: str, *, default: bool = False) -> bool:
        return bool(self._take(name, bool, "true or false", default))

    def texts(self, name: str) -> list[str]:
        found: list[Any] = self._take(name, list, "a list of texts", [])
        if not all(isinstance(each, str) for each in found):
            raise self.error(name, "is not a list of texts")
        return found

    def stated(self) -> frozenset[str] | None:
        """Return the fields that are given, and None for a part with an id: it was pulled, and whole then."""
        if self.values.get("id"):
            return None
        return frozenset({"slug", "is_archived", *(_FLAGS.get(name, name) for name in self.values)})

    def items(self, name: str) -> Iterator["_Table"]:
        for place, each in enumerate(cast("list[Any]", self._take(name, list, "a list of tables", []))):
            yield _Table(each, self._file, f"{self._path}{name}[{place}].")

    def table(self, name: str) -> "_Table":
        return _Table(self._pop(name, {}), self._file, f"{self._path}{name}.")

    def tables(self, name: str) -> Iterator[tuple[str, "_Table"]]:
        inner = self.table(name)
        for key, each in inner.values.items():
            yield key, _Table(each, self._file, f"{self._path}{name}.{key}.")

    def end(self) -> None:
        """Check that nothing is left.

        Raises:
            ConfigurationError: A name is unknown, such as one that is mistyped.
        """
        for name in self.values:
            found = near(name, self._keys)
            advice = f'did you mean "{found[0]}"?' if found else f"the keys here are {', '.join(self._keys)}"
            raise self.error(name, f"is unknown; {advice}")

    def error(self, name: str, reason: str) -> ConfigurationError:
        """Return the error for a part of the table."""
        return ConfigurationError(f"{self._file}: {f'{self._path}{name}'.strip('.')} {reason}")

    def _take(self, name: str, type_: type[Any], what: str, default: Any) -> Any:
        found = self._pop(name, default)
        if not isinstance(found, type_):
            raise self.error(name, f"is not {what}")
        return found

    def _pop(self, name: str, default: object) -> Any:
        self._keys.append(name)
        return self.values.pop(name, default)
