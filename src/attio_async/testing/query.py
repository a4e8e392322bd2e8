"""Which records a filter lets through, and in which order. Pure.

Modelled: equality in shorthand and in full, `$in`, `$and`, `$or`, `$not`, and sorting by attribute. What else the API can
do is refused as not modelled, so that a test never rests on a wrong answer.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs

from . import moments
from .normalise import read_number, same_key
from .problems import ApiProblem, filter_error, not_modelled
from .schema import Attribute, ObjectType, Record, Value
from .shapes import is_array, is_object
from .state import Workspace

Test = Callable[[Record], bool]
Path = tuple[str, ...]

_UNMODELLED_OPERATORS = frozenset(
    {"$not_empty", "$contains", "$starts_with", "$ends_with", "$lt", "$lte", "$gt", "$gte"}
)

_PROPERTIES: dict[str, tuple[str, ...]] = {
    "currency": ("currency_value",),
    "domain": ("domain", "root_domain"),
    "email-address": ("email_address", "email_domain", "email_root_domain", "email_local_specifier"),
    "phone-number": ("phone_number", "country_code"),
    "personal-name": ("full_name", "first_name", "last_name"),
    "location": ("line_1", "line_2", "line_3", "line_4", "locality", "region", "postcode", "country_code"),
    "select": ("option",),
    "status": ("status",),
    "record-reference": ("target_object", "target_record_id"),
    "actor-reference": ("referenced_actor_type", "referenced_actor_id"),
    "interaction": ("interaction_type", "interacted_at", "owner_member_id"),
}
"""What can be asked of a value; the first is what the shorthand means, except in `_WITHOUT_SHORTHAND`."""

_WITHOUT_SHORTHAND = frozenset({"location", "record-reference", "actor-reference", "interaction"})
_NUMBERS = frozenset({"number", "rating", "currency"})
_LOWER_CASE = frozenset({"domain", "email-address"})


def _names(attribute: Attribute) -> tuple[str, ...]:
    return _PROPERTIES.get(attribute.type, ("value",))


@attrs.frozen
class Query:
    """The records of an object that pass a filter, in order."""

    workspace: Workspace
    kind: ObjectType

    def run(
        self,
        filter: Mapping[str, Any] | None,
        sorts: Sequence[Any] | None,
    ) -> list[Record]:
        """Matching records; without sorts, oldest first.

        Raises:
            ApiProblem: The filter or a sort makes no sense, or is not modelled.
        """
        wanted = filter or {}
        passes = self._test(wanted, ())
        keys = [self._sort_key(sort, (str(place),)) for place, sort in enumerate(sorts or ())]
        found = [record for record in self._candidates(wanted) if passes(record)]
        for attribute_key, descending in reversed(keys):
            having = [record for record in found if attribute_key(record) is not None]
            having.sort(key=attribute_key, reverse=descending)
            found = having + [record for record in found if attribute_key(record) is None]
        return found

    def _candidates(self, wanted: Mapping[str, Any]) -> Iterable[Record]:
        """The holders of a unique value where the filter asks for one, else every record."""
        for name, condition in wanted.items():
            attribute = None if name.startswith("$") else self.kind.attribute(name)
            if attribute is None or not attribute.is_unique:
                continue
            main = _names(attribute)[0]
            asked = condition.get(main, condition) if is_object(condition) else condition
            equal = asked.get("$eq") if is_object(asked) else asked
            if isinstance(equal, str):
                fields = {main: _operand(attribute, main, equal, ())}
                return self.workspace.holders(self.kind.slug, attribute, same_key(attribute.type, fields))
        return self.workspace.records(self.kind.slug)

    def _test(self, wanted: Mapping[str, Any], path: Path) -> Test:
        if "path" in wanted and "constraints" in wanted:
            raise not_modelled("filters over a path")
        tests = [self._clause(name, condition, (*path, name)) for name, condition in wanted.items()]
        return lambda record: all(test(record) for test in tests)

    def _clause(self, name: str, condition: Any, path: Path) -> Test:
        if name in ("$and", "$or"):
            tests = [
                self._test(_filter(part, path), (*path, str(i)))
                for i, part in enumerate(_list(condition, path))
            ]
            every = all if name == "$and" else any
            return lambda record: every(test(record) for test in tests)
        if name == "$not":
            inner = self._test(_filter(condition, path), path)
            return lambda record: not inner(record)
        if name.startswith("$"):
            raise filter_error(f'Unknown operator "{name}".', path)
        attribute = self.kind.attribute(name)
        if attribute is None:
            raise ApiProblem(
                400,
                "unknown_filter_attribute_slug",
                f"Unknown attribute slug: {name}.",
                extra={"path": list(path)},
            )
        return _condition(attribute, condition, path)

    def _sort_key(self, sort: Any, path: Path) -> tuple[Callable[[Record], Any], bool]:
        if not is_object(sort) or sort.get("direction") not in ("asc", "desc"):
            raise filter_error('A sort needs a direction, "asc" or "desc".', path)
        if "path" in sort:
            raise not_modelled("sorts over a path")
        attribute = self.kind.attribute(str(sort.get("attribute")))
        if attribute is None:
            raise filter_error(f"Unknown attribute slug: {sort.get('attribute')}.", path)
        names = _names(attribute)
        field = sort.get("field")
        if field is None and attribute.type in _WITHOUT_SHORTHAND:
            raise not_modelled(f"sorts by {attribute.type} without a field")
        if field is not None and field not in names:
            raise filter_error(f'Unknown field "{field}": what exists is {", ".join(names)}.', path)
        return _sortable(attribute, field or names[0]), sort["direction"] == "desc"


def _condition(attribute: Attribute, condition: Any, path: Path) -> Test:
    """A test of one attribute: true where one of its values satisfies all that is asked."""
    names = _names(attribute)
    if not is_object(condition) or any(str(key).startswith("$") for key in condition):
        if attribute.type in _WITHOUT_SHORTHAND:
            raise filter_error(
                f"Attributes of type {attribute.type} are filtered by: {', '.join(names)}.", path
            )
        condition = {names[0]: condition}
    checks: list[Callable[[Value], bool]] = []
    for name, asked in condition.items():
        if name == "active_from":
            raise not_modelled("filters by active_from")
        if name not in names:
            raise filter_error(
                f'Unknown property "{name}": what exists is {", ".join(names)}.', (*path, name)
            )
        checks.append(_check(attribute, name, asked, (*path, name)))
    slug = attribute.slug
    return lambda record: any(all(check(v) for check in checks) for v in record.values.get(slug, ()))


def _check(attribute: Attribute, name: str, asked: Any, path: Path) -> Callable[[Value], bool]:
    operators = asked if is_object(asked) else {"$eq": asked}
    accepted: list[set[Any]] = []
    for operator, operand in operators.items():
        if operator in _UNMODELLED_OPERATORS:
            raise not_modelled(f"the filter operator {operator}")
        if operator not in ("$eq", "$in"):
            raise filter_error(f'Unknown operator "{operator}".', (*path, str(operator)))
        operands = _list(operand, (*path, operator)) if operator == "$in" else [operand]
        accepted.append({_operand(attribute, name, one, (*path, operator)) for one in operands})
    return lambda value: all(_property(value, name) in operands for operands in accepted)


def _property(value: Value, name: str) -> Any:
    if name == "owner_member_id":
        actor = value["owner_actor"]
        return actor.get("id") if actor.get("type") == "workspace-member" else None
    return value[name]


def _operand(attribute: Attribute, name: str, operand: Any, path: Path) -> Any:
    """What is compared with, in the form in which it is stored."""
    if operand is None or is_array(operand) or is_object(operand):
        raise filter_error("Expected a single value to compare with.", path)
    kind = "timestamp" if name == "interacted_at" else attribute.type
    if kind in _NUMBERS:
        return _number(operand, path, text_allowed=kind == "currency")
    if kind == "checkbox" and isinstance(operand, bool):
        return operand
    if kind == "checkbox" or not isinstance(operand, str):
        raise filter_error(f"Expected a {'boolean' if kind == 'checkbox' else 'string'}.", path)
    if kind in ("date", "timestamp"):
        return _moment(moments.read_date if kind == "date" else _exact, operand, path)
    if kind in ("select", "status"):
        return _choice_id(attribute, operand, path)
    return operand.lower() if kind in _LOWER_CASE else operand


def _choice_id(attribute: Attribute, title_or_id: str, path: Path) -> str:
    for choice in attribute.choices:
        if title_or_id in (choice.id, choice.title):
            return choice.id
    raise filter_error(
        f'Attribute with slug "{attribute.slug}" has no {attribute.type} "{title_or_id}".', path
    )


def _exact(text: str) -> str:
    return moments.read_timestamp(text, time_required=True)


def _moment(read: Callable[[str], str], text: str, path: Path) -> str:
    try:
        return read(text)
    except ValueError as error:
        raise filter_error(f"Expected a moment in ISO 8601 form: {error}.", path) from None


def _number(operand: Any, path: Path, *, text_allowed: bool) -> Any:
    if isinstance(operand, bool) or (isinstance(operand, str) and not text_allowed):
        raise filter_error("Expected a number.", path)
    try:
        return read_number(operand)
    except ValueError as error:
        raise filter_error(f"{error}.", path) from None


def _sortable(attribute: Attribute, name: str) -> Callable[[Record], Any]:
    """The sort key of a record: of its first value, text without regard to case; None without a value."""
    places = {choice.id: place for place, choice in enumerate(attribute.choices)}

    def key(record: Record) -> Any:
        values = record.values.get(attribute.slug)
        if not values:
            return None
        found = _property(values[0], name)
        if attribute.type in ("select", "status"):
            return places[found]
        return found.casefold() if isinstance(found, str) else found

    return key


def _filter(part: object, path: Path) -> Mapping[str, Any]:
    if not is_object(part):
        raise filter_error("Expected a filter object.", path)
    return part


def _list(operand: object, path: Path) -> list[Any]:
    if not is_array(operand):
        raise filter_error("Expected an array.", path)
    return operand
