"""Random values of all attribute types, as the API sends them and as it should not, and what they mean."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from attio_async._records.models import Record, decode_many
from attio_async._schema import Attribute, ObjectSchema
from attio_async.mirror._tables import REFERENCE, Table, table_of

OBJECTS = {"companies": "c" * 8, "people": "p" * 8}
TYPES = (
    "actor-reference",
    "checkbox",
    "currency",
    "date",
    "domain",
    "email-address",
    "interaction",
    "location",
    "number",
    "personal-name",
    "phone-number",
    "rating",
    "record-reference",
    "select",
    "status",
    "text",
    "timestamp",
)
MULTISELECT = ("actor-reference", "domain", "email-address", "phone-number", "record-reference", "select")
SCHEMA = ObjectSchema(
    "things",
    [
        *(Attribute(type.replace("-", "_"), type=type, id=f"a-{type}") for type in TYPES),
        *(Attribute(f"{type.replace('-', '_')}s", type=type, is_multiselect=True) for type in MULTISELECT),
        Attribute("newer", type="hologram"),
        Attribute("old", type="text", is_archived=True),
    ],
)
TABLE: Table = table_of(SCHEMA, "objects", "things", OBJECTS)

_texts = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["", " ", "é", "\u2028", "\0", "a\0b", "null", "😀", '"', "\\N", "\t\r\n"]),
)
_optional = st.one_of(st.none(), _texts)
_numbers = st.one_of(
    st.integers(-(10**36), 10**36),
    st.integers(-100, 100),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**20), max_value=10**20),
    st.decimals(allow_nan=False, allow_infinity=False, places=7, min_value=-1000, max_value=1000),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: Decimal(repr(number))),
    st.sampled_from(
        [
            Decimal("-0.0"),
            Decimal("1E+33"),
            Decimal("1E+34"),
            Decimal("9" * 34 + ".9999"),
            Decimal("1E-4"),
            Decimal("1E-5"),
        ]
    ),
)
_moments = st.one_of(
    st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='microseconds')}000Z"),
    st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='microseconds')}123Z"),
    st.sampled_from(
        [
            "2026-01-31T10:00:00+02:00",
            "0001-01-01T00:00:00+14:00",
            "2026-01-31T10:00:00",
            "2026-01-31T10:00:00.1234567Z",
        ]
    ),
)
_days = st.one_of(
    st.dates().map(date.isoformat),
    st.sampled_from(["2026-01-31T00:00:00.000000000Z", "2026-02-30"]),
    _moments,
)
_odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    _texts,
    st.just([]),
    st.just({}),
    st.just({"value": 1}),
    st.just({"title": "x"}),
)


def _of(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


_choices = st.one_of(
    st.fixed_dictionaries({"id": st.just({"option_id": "o"}), "title": _texts, "is_archived": st.booleans()}),
    _texts,
)
_PARTS = (
    "line_1",
    "line_2",
    "line_3",
    "line_4",
    "locality",
    "region",
    "postcode",
    "country_code",
    "latitude",
    "longitude",
)
FIELDS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "actor-reference": _of(referenced_actor_type=_texts, referenced_actor_id=_optional),
    "checkbox": _of(value=st.booleans()),
    "currency": _of(
        currency_value=st.one_of(_numbers, _numbers.map(lambda n: format(n, "f"))),
        currency_code=st.just("USD"),
    ),
    "date": _of(value=_days),
    "domain": _of(domain=_texts, root_domain=_texts),
    "email-address": _of(email_address=_texts, original_email_address=_texts),
    "interaction": _of(interaction_type=st.just("email"), interacted_at=_moments, owner_actor=st.none()),
    "location": _of(**dict.fromkeys(_PARTS, _optional)),
    "number": _of(value=_numbers),
    "personal-name": _of(first_name=_optional, last_name=_optional, full_name=_optional),
    "phone-number": _of(phone_number=_texts, original_phone_number=_texts, country_code=_optional),
    "rating": _of(value=st.one_of(st.integers(0, 5), st.integers(), _numbers)),
    "record-reference": _of(target_object=st.sampled_from([*OBJECTS, "planets"]), target_record_id=_texts),
    "select": _of(option=_choices),
    "status": _of(status=_choices),
    "text": _of(value=_texts),
    "timestamp": _of(value=_moments),
}


@st.composite
def values_of(draw: st.DrawFn, type: str) -> dict[str, Any]:
    """Return a value of a type; now and then with a field that is odd or missing, or of another type."""
    known = type if type in FIELDS else "text"
    value = draw(FIELDS[known])
    trouble = draw(st.integers(0, 9))
    name = draw(st.sampled_from(sorted(value)))
    if trouble == 0:
        value[name] = draw(_odd)
    elif trouble == 1:
        del value[name]
    said = draw(st.sampled_from(TYPES)) if trouble == 2 else type
    return {
        "active_from": "2026-01-01T00:00:00.000000000Z",
        "active_until": None,
        "attribute_type": said,
        **value,
    }


@st.composite
def raw_records(draw: st.DrawFn) -> list[dict[str, list[dict[str, Any]]]]:
    """Return the values of records by slug: those of one attribute, since there is a lot to draw of each."""
    slug = draw(st.sampled_from([*SCHEMA.attributes, "unheard_of"]))
    attribute = SCHEMA.attributes.get(slug, Attribute(slug))
    most = 3 if attribute.is_multiselect else draw(st.sampled_from([1, 1, 1, 2]))
    lists = st.lists(values_of(attribute.type), max_size=most)
    return [{slug: draw(lists)} for _ in range(draw(st.integers(1, 4)))]


def to_json(value: Any) -> str:
    """Return JSON, with decimals as numbers of all their digits."""
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(name)}:{to_json(part)}' for name, part in value.items())}}}"
    if isinstance(value, list):
        return f"[{','.join(map(to_json, value))}]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def records_of(raws: list[dict[str, list[dict[str, Any]]]]) -> list[Record]:
    """Return records as the client decodes them."""
    data = [{"id": {"record_id": f"r{number}"}, "values": values} for number, values in enumerate(raws)]
    return decode_many(to_json({"data": data}).encode(), Record, SCHEMA)


def meaning(attribute: Attribute, value: dict[str, Any]) -> Any:
    """Return what a valid value means, from its text alone; raise for one that is not valid."""
    about = ("active_from", "active_until", "attribute_type", "currency_code")
    fields = {name: part for name, part in value.items() if name not in about}
    match attribute.type:
        case "actor-reference" | "location" | "personal-name":
            numbers = {name: format(Decimal(part), "f") for name, part in fields.items() if type(part) is int}
            return {name: part for name, part in {**fields, **numbers}.items() if part is not None}
        case "record-reference":
            return dict(
                zip(REFERENCE, (OBJECTS[fields["target_object"]], fields["target_record_id"]), strict=True)
            )
        case "email-address" | "phone-number":
            return fields[attribute.type.replace("-", "_")]
    (single,) = [part for name, part in fields.items() if name != "root_domain"]
    return _MEANINGS.get(attribute.type, lambda text: text)(single)


def cell_meaning(cell: Any) -> Any:
    """Return what a cell means."""
    match cell:
        case bool():
            return cell
        case Decimal() | int():
            return Fraction(cell)
        case datetime():
            return _nanoseconds(cell.astimezone(UTC).isoformat())
        case date():
            return _nanoseconds(f"{cell.isoformat()}T00:00:00+00:00")
        case dict():
            return {name: part for name, part in cell.items() if part is not None}
        case _:
            return cell


def _nanoseconds(text: str) -> int:
    """Return a time in nanoseconds since the year 1, by another way than the mirror's."""
    year, month, day, hour, minute, second, fraction, zone = re.fullmatch(
        r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[-+]\d\d:\d\d)?", text
    ).groups()  # type: ignore[union-attr]
    days = date(int(year), int(month), int(day)).toordinal()
    seconds = days * 86_400 + int(hour) * 3_600 + int(minute) * 60 + int(second)
    if zone and zone != "Z":
        seconds -= (1 if zone[0] == "+" else -1) * (int(zone[1:3]) * 3_600 + int(zone[4:]) * 60)
    return seconds * 10**9 + int((fraction or "").ljust(9, "0"))


_MEANINGS: dict[str, Callable[[Any], Any]] = {
    "checkbox": lambda given: {True: True, False: False, "true": True, "false": False}[given],
    "currency": Fraction,
    "date": lambda text: _nanoseconds(f"{text}T00:00:00Z" if len(text) == len("2026-01-31") else text),
    "number": Fraction,
    "rating": Fraction,
    "select": lambda choice: choice if isinstance(choice, str) else choice["title"],
    "status": lambda choice: choice if isinstance(choice, str) else choice["title"],
    "timestamp": _nanoseconds,
}
