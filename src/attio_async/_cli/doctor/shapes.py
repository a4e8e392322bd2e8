"""The shape of JSON answers: keys, types, null and forms of texts, and how one shape differs from another. Pure.

A shape holds no value. The values of records are described by the types of their attributes, not by their slugs.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import attrs

_FORMS = (
    ("id", re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
    ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("timestamp", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?(?:Z|[+-]\d\d:?\d\d)")),
)
_OPAQUE = frozenset({"filter", "template"})
"""Parts whose keys a person chose."""

VALUES = frozenset({"values", "entry_values"})
_LAST_PAGE = "pagination.next_cursor"
"""Is null on the last page, which any page can be."""

HISTORIC = "historic-"
"""Stands before the type of an attribute whose former values are read, too."""

_UNKNOWN_TYPE = "unknown"


@attrs.define
class Shape:
    """The keys and types of an answer.

    Attributes:
        kinds: The kinds of value that each path has.
        objects: The keys of each object at a path.
        slugs: The attributes that records or entries have values for, with or without any.
    """

    kinds: dict[str, set[str]] = attrs.field(factory=lambda: defaultdict[str, set[str]](set))
    objects: dict[str, list[frozenset[str]]] = attrs.field(
        factory=lambda: defaultdict[str, list[frozenset[str]]](list)
    )
    slugs: set[str] = attrs.field(factory=set[str])

    @classmethod
    def of(
        cls,
        body: object,
        types: Mapping[str, str],
        value_type: str | None = None,
        *,
        historic: bool = False,
    ) -> "Shape":
        """Return the shape of an answer.

        Args:
            body: The decoded body.
            types: The types of attributes by their slug, for the values of records and entries.
            value_type: The type of the attribute whose values are at the top, if there are any.
            historic: True if the values at the top can be former ones.
        """
        shape = cls()
        if value_type is not None and isinstance(body, dict):
            fields = cast("dict[str, object]", body)
            shape.objects[""].append(frozenset(fields))
            path = f"data.<{HISTORIC if historic else ''}{value_type}>"
            shape._add(path, fields.get("data"), types, value_type)
        else:
            shape._add("", body, types, None)
        return shape

    def _add(self, path: str, value: object, types: Mapping[str, str], value_type: str | None) -> None:
        self.kinds[path].add(kind_of(value))
        if isinstance(value, list):
            for item in cast("list[object]", value):
                self._add(f"{path}[]", item, types, value_type)
        elif isinstance(value, dict):
            fields = cast("dict[str, object]", value)
            self.objects[path].append(frozenset(fields))
            for key, part in fields.items():
                self._add_field(f"{path}.{key}".lstrip("."), key, part, types, value_type)

    def _add_field(
        self, path: str, key: str, part: object, types: Mapping[str, str], value_type: str | None
    ) -> None:
        if key in VALUES and isinstance(part, dict):
            self.kinds[path].add("object")
            for slug, values in cast("dict[str, object]", part).items():
                self.slugs.add(slug)
                of_type = types.get(slug, _UNKNOWN_TYPE)
                self._add(f"{path}.<{of_type}>", values, types, of_type)
        elif key in _OPAQUE:
            self.kinds[path].add(kind_of(part))
        elif key == "attribute_type" and value_type is not None:
            own = part == value_type
            self.kinds[path].add("the attribute's type" if own else "another type than the attribute's")
        else:
            self._add(path, part, types, value_type)


def kind_of(value: object) -> str:
    """Return the kind of a JSON value; the kind of a text is its form."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return _form(value)
        case list():
            return "array"
        case _:
            return "object"


def _form(text: str) -> str:
    for name, pattern in _FORMS:
        if found := pattern.fullmatch(text):
            digits = found[1] if pattern.groups else None
            return f"{name} with {len(digits)} decimals" if digits else name
    return "text"


class ShapePool:
    """The shapes of several answers of the fake, since one answer alone does not show everything that can be null.

    The values of all attributes of a type count together, and so do a list and its single items.
    """

    def __init__(self) -> None:
        self._kinds = defaultdict[tuple[str, str], set[str]](set)
        self._objects = defaultdict[tuple[str, str], list[frozenset[str]]](list)

    def add(self, label: str, family: str, shape: Shape) -> None:
        """Add the shape of an answer.

        Args:
            label: The probe.
            family: The part of the address it shares with probes whose items are alike.
            shape: The shape of the answer.
        """
        for path, kinds in shape.kinds.items():
            self._kinds[_place(label, family, path)] |= kinds
        for path, keys in shape.objects.items():
            self._objects[_place(label, family, path)] += keys

    def differences(self, label: str, family: str, workspace: Shape) -> Iterator[tuple[str, str, str]]:
        """Yield what the workspace has and the fake cannot have, or the other way round: path, key and description.

        Where the fake shows nothing, or only null, nothing is known of it.
        """
        for path, seen in workspace.objects.items():
            shown = self._objects.get(_place(label, family, path))
            if not shown:
                continue
            known, always = frozenset[str]().union(*shown), shown[0].intersection(*shown)
            for key in sorted(frozenset[str]().union(*seen) - known):
                yield path, key, "only in the workspace"
            for key in sorted(always):
                lacking = sum(key not in keys for keys in seen)
                if lacking:
                    how = "always" if lacking == len(seen) else "sometimes"
                    yield path, key, f"{how} missing in the workspace"
        for path, kinds in workspace.kinds.items():
            known_kinds = self._kinds.get(_place(label, family, path), set[str]())
            if not known_kinds or (known_kinds == {"null"} and not _is_null(path)):
                continue
            if path == _LAST_PAGE:
                known_kinds = known_kinds | {"null"}
            other = {kind for kind in kinds - known_kinds if not ("text" in known_kinds and _is_text(kind))}
            if other:
                found, expected = " or ".join(sorted(other)), " or ".join(sorted(known_kinds))
                yield path, "", f"{found} in the workspace, {expected} in the fake"


def _place(label: str, family: str, path: str) -> tuple[str, str]:
    _, bracket, below = path.partition("<")
    if bracket:
        return "values", below
    inner = path.removeprefix("data[]").removeprefix("data")
    return (family, inner) if inner.startswith(".") else (label, path)


def _is_null(path: str) -> bool:
    """Return True for what is null in all answers: the end of a value that is still valid."""
    return path.endswith(".active_until") and f"<{HISTORIC}" not in path


def _is_text(kind: str) -> bool:
    return kind.startswith(("id", "date", "timestamp"))


def fields_of(value: object) -> Mapping[str, Any]:
    """Return a JSON object; an empty one in place of anything else."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def elements_of(value: object) -> list[object]:
    """Return a JSON array; an empty one in place of anything else."""
    return cast("list[object]", value) if isinstance(value, list) else []


def items_of(body: object) -> list[Mapping[str, Any]]:
    """Return the items of an answer with several; none if it is of another kind."""
    every = map(fields_of, elements_of(fields_of(body).get("data")))
    return [item for item in every if item]


_FEWEST_TO_ORDER = 3


def order_of(items: Sequence[Mapping[str, Any]]) -> str | None:
    """Return how items are ordered by the time when they were created; None if they do not tell."""
    times = [str(item.get("created_at")) for item in items]
    if len(set(times)) < _FEWEST_TO_ORDER:
        return None
    if times == sorted(times):
        return "oldest first"
    return "newest first" if times == sorted(times, reverse=True) else "not ordered by time of creation"
