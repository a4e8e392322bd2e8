"""Reading survives anything, writing refuses cleanly, and what was read can be written back."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import example, given, strategies as st

from attio_async.errors import CoercionError
from attio_async.values import (
    Location,
    Member,
    Name,
    PersonName,
    Phone,
    RecordRef,
    Ref,
    coerce,
    coerce_values,
    read,
    read_value,
)

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
    "not-invented-yet",
)


@attrs.frozen
class Attribute:
    type: str
    slug: str = "a"
    title: str = "A"
    id: str = ""
    is_multiselect: bool = True
    is_writable: bool = True
    is_archived: bool = False
    option_titles: Sequence[str] | None = None
    target_objects: Sequence[str] | None = None


FIELDS = (
    "active_from",
    "active_until",
    "country_code",
    "created_by_actor",
    "currency_code",
    "currency_value",
    "domain",
    "email_address",
    "first_name",
    "full_name",
    "id",
    "interacted_at",
    "interaction_type",
    "latitude",
    "line_1",
    "longitude",
    "object_id",
    "option",
    "original_phone_number",
    "owner_actor",
    "phone_number",
    "record_id",
    "referenced_actor_id",
    "referenced_actor_type",
    "status",
    "target_object",
    "target_record_id",
    "title",
    "type",
    "value",
    "workspace_member_email_address",
)
TELLING_TEXTS = st.sampled_from(
    [
        "2023-11-24",
        "2023-11-24T15:17:48.123456789Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1e999999",
        "NaN",
        "-0",
        "true",
        "+442079460000",
        "ada@example.com",
        "https://example.com/x",
        "498f9009-e208-4386-90ce-f4c272b13a74",
        "workspace-member",
        "companies",
        "Lovelace, Ada",
        "FR",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals(allow_nan=True, allow_infinity=True)
    | st.text()
    | TELLING_TEXTS
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)
        | st.dictionaries(st.text(), inner, max_size=2)
    ),
    max_leaves=8,
)


@given(kind=st.sampled_from(TYPES) | JSON, fields=st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_reading_never_raises(kind: object, fields: dict[str, Any]) -> None:
    raw = {**fields, "attribute_type": kind}
    value = read_value(raw)
    assert repr(value.native) == repr(read(raw))
    carried = ("option_id", "status_id", "currency_code", "country_code", "root_domain", "original")
    assert all(isinstance(getattr(value, name), str | None) for name in carried)
    assert isinstance(value.nanoseconds, int | None)


@given(JSON)
def test_reading_any_json_never_raises(raw: Any) -> None:
    assert read_value(raw).raw is raw


PYTHON = (
    JSON
    | st.dates()
    | st.datetimes(timezones=st.none() | st.timezones())
    | st.uuids()
    | st.binary()
    | st.lists(SCALARS, max_size=3)
    | st.sets(st.text(), max_size=3)
    | st.builds(Name, SCALARS, SCALARS, SCALARS)
    | st.builds(PersonName, SCALARS, SCALARS, SCALARS)
    | st.builds(
        Location, locality=SCALARS, country_code=SCALARS, latitude=st.none() | st.text() | st.floats()
    )
    | st.builds(Phone, SCALARS, SCALARS)
    | st.builds(Member, SCALARS)
    | st.builds(RecordRef, SCALARS, SCALARS)
    | st.builds(Ref, SCALARS, domain=JSON)
    | st.builds(Ref, SCALARS, phone_numbers=JSON)
    | st.builds(Ref, SCALARS, number=JSON)
)


@given(kind=st.sampled_from(TYPES), value=PYTHON)
def test_writing_gives_json_or_a_clean_refusal(kind: str, value: object) -> None:
    spec = Attribute(kind)
    try:
        written = coerce(spec, value, members={"ada": ["498f9009-e208-4386-90ce-f4c272b13a74"]})
    except CoercionError as error:
        assert all(problem.reason for problem in error.problems)
        assert len(str(error)) < 2000 * len(error.problems)
        return
    assert json.loads(json.dumps(written, allow_nan=False).encode()) == written
    # What is sent can be given as it is.
    assert coerce(spec, written) == written


@given(values=st.dictionaries(st.text(), PYTHON, max_size=3))
def test_writing_without_a_schema_gives_json_or_a_clean_refusal(values: dict[str, object]) -> None:
    try:
        written = coerce_values(values, None)
    except CoercionError as error:
        assert error.problems
        return
    assert written.keys() == values.keys()
    json.dumps(written, allow_nan=False)


TEXT = st.text(st.characters(codec="utf-8"))
WORD = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=12)
UUIDS = st.uuids().map(str)
LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
DOMAINS = st.builds("{}.{}".format, LABELS, st.sampled_from(["com", "co.uk", "example"]))
EMAILS = st.builds(
    "{}@{}".format, st.from_regex(r"[a-z0-9_+'-]{1,20}(\.[a-z0-9]{1,5})?", fullmatch=True), DOMAINS
)
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**14), max_value=10**14)
MOMENTS = st.datetimes(timezones=st.just(UTC))
COORDINATES = st.none() | st.decimals(min_value=-90, max_value=90, places=6).map("{:f}".format)
PARTS = st.none() | WORD

ROUND_TRIPS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "text": st.fixed_dictionaries({"value": TEXT}),
    "number": st.fixed_dictionaries(
        {"value": st.integers(-(10**15), 10**15) | AMOUNTS.filter(lambda n: abs(n) < 10**10)}
    ),
    "checkbox": st.fixed_dictionaries({"value": st.booleans()}),
    "currency": st.fixed_dictionaries(
        {"currency_value": AMOUNTS | AMOUNTS.map(str), "currency_code": st.sampled_from(["USD", "ZZZ", None])}
    ),
    "date": st.fixed_dictionaries({"value": st.dates().map(date.isoformat)}),
    "timestamp": st.fixed_dictionaries({"value": MOMENTS.map(lambda moment: moment.isoformat())}),
    "rating": st.fixed_dictionaries({"value": st.integers(0, 5)}),
    "select": st.fixed_dictionaries({"option": st.fixed_dictionaries({"title": WORD})}),
    "status": st.fixed_dictionaries({"status": st.fixed_dictionaries({"title": WORD})}),
    "domain": st.fixed_dictionaries({"domain": DOMAINS}),
    "email-address": st.fixed_dictionaries({"email_address": EMAILS}),
    "phone-number": st.fixed_dictionaries(
        {"phone_number": st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)}
    ),
    "personal-name": st.fixed_dictionaries({"first_name": PARTS, "last_name": PARTS, "full_name": WORD}),
    "location": st.fixed_dictionaries(
        {
            "line_1": PARTS,
            "locality": WORD,
            "country_code": st.sampled_from(["FR", None]),
            "latitude": COORDINATES,
        }
    ),
    "record-reference": st.fixed_dictionaries({"target_object": WORD, "target_record_id": UUIDS}),
    "actor-reference": st.fixed_dictionaries(
        {"referenced_actor_type": st.just("workspace-member"), "referenced_actor_id": UUIDS}
    ),
}

# What the API answers once a value was written in its short form.
ANSWERS = {
    "currency": "currency_value",
    "domain": "domain",
    "email-address": "email_address",
    "phone-number": "phone_number",
    "select": "option",
    "status": "status",
}


@pytest.mark.parametrize("kind", ROUND_TRIPS)
def test_values_can_be_written_back_as_they_were_read(kind: str) -> None:
    spec = Attribute(kind, is_multiselect=False)

    @given(ROUND_TRIPS[kind])
    def round_trip(fields: dict[str, Any]) -> None:
        raw = {**fields, "attribute_type": kind, "active_from": None}
        native = read(raw)
        (written,) = coerce(spec, native)
        assert coerce(spec, read_value(raw)) == coerce(spec, raw) == [written]
        again = written if isinstance(written, dict) else {ANSWERS.get(kind, "value"): written}
        if kind == "personal-name":
            # Null parts are written as empty texts.
            assert isinstance(native, PersonName)
            filled = {part: fields[part] or "" for part in fields}
            if filled["first_name"] or filled["last_name"]:
                assert written == filled
            assert written["full_name"] == native.full_name
            return
        assert read({**again, "attribute_type": kind}) == native

    round_trip()


@given(AMOUNTS)
@example(Decimal("12345678901234567.8901"))
@example(Decimal("-0.0000"))
def test_no_digit_of_a_number_is_lost(number: Decimal) -> None:
    (written,) = coerce(Attribute("currency"), number)
    assert Decimal(str(written)) == number
    assert coerce(Attribute("currency"), format(number, "f")) == [written]


@given(st.integers())
@example(10**300)
def test_whole_numbers_are_exact(number: int) -> None:
    assert coerce(Attribute("number"), number) == [number]


@given(st.datetimes(timezones=st.timezones(), min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)))  # noqa: DTZ001
def test_a_moment_stays_the_same_moment(moment: datetime) -> None:
    (written,) = coerce(Attribute("timestamp"), moment)
    assert read({"attribute_type": "timestamp", "value": written}) == moment.astimezone(UTC)


@given(first=WORD, last=WORD)
def test_a_name_with_a_comma_is_taken_apart_exactly(first: str, last: str) -> None:
    assert coerce(Attribute("personal-name"), f"{last}, {first}") == [
        {"first_name": first, "last_name": last, "full_name": f"{first} {last}"}
    ]
