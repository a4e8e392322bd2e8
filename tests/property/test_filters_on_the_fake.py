"""Random expressions, answered by the fake, against the same predicate in plain Python over the same data."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given, settings, strategies as st
from tests.support import examples

from attio_async import F, Filter
from attio_async._schema import Attribute, ObjectSchema, Option
from attio_async.query import compile_filter
from attio_async.testing import FakeAttio
from attio_async.values import coerce_values

Thing = Mapping[str, Any]
Predicate = Callable[[Thing], bool]
TOKEN = {"authorization": "Bearer test-token"}
OPTIONS = ("Red", "Green", "Blue")

ATTRIBUTES = {
    "label": Attribute("label", type="text"),
    "size": Attribute("size", type="number"),
    "price": Attribute("price", type="currency"),
    "stars": Attribute("stars", type="rating"),
    "active": Attribute("active", type="checkbox"),
    "born": Attribute("born", type="date"),
    "seen": Attribute("seen", type="timestamp"),
    "colour": Attribute("colour", type="select", options=tuple(map(Option, OPTIONS))),
    "colours": Attribute("colours", type="select", is_multiselect=True, options=tuple(map(Option, OPTIONS))),
    "sites": Attribute("sites", type="domain", is_multiselect=True),
    "mails": Attribute("mails", type="email-address", is_multiselect=True),
}
SCHEMA = ObjectSchema("things", ATTRIBUTES.values())


def empty_fake() -> FakeAttio:
    fake = FakeAttio()
    fake.seed.add_object("things", "Thing", "Things")
    for attribute in ATTRIBUTES.values():
        more = {"options": list(OPTIONS)} if attribute.has_options else {}
        fake.seed.add_attribute(
            "things", attribute.slug, attribute.type, multiselect=attribute.is_multiselect, **more
        )
    return fake


FAKE = empty_fake()
EMPTY = FAKE.snapshot()

labels = st.text("abAB ", min_size=1, max_size=3).filter(lambda text: text.strip() == text)
numbers = st.integers(-3, 3)
prices = st.sampled_from([Decimal("-1.5"), Decimal(0), Decimal("0.25"), Decimal(7)])
days = st.dates(dt.date(2020, 1, 1), dt.date(2020, 1, 5))
naive = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 3))  # noqa: DTZ001 - as hypothesis asks for them
moments = naive.map(lambda moment: moment.replace(tzinfo=dt.UTC))
sites = st.sampled_from(["acme.com", "shop.acme.com", "acme.org", "b.acme.com"])
mails = st.sampled_from(["ada@acme.com", "bob@acme.com", "ada@b.org"])
colours = st.sampled_from(OPTIONS)

things = st.fixed_dictionaries(
    {},
    optional={
        "label": labels,
        "size": numbers,
        "price": prices,
        "stars": st.integers(0, 5),
        "active": st.booleans(),
        "born": days,
        "seen": moments,
        "colour": colours,
        "colours": st.lists(colours, max_size=3, unique=True),
        "sites": st.lists(sites, max_size=3, unique=True),
        "mails": st.lists(mails, max_size=3, unique=True),
    },
)


def values_of(thing: Thing, slug: str) -> list[Any]:
    found = thing.get(slug, [])
    return found if isinstance(found, list) else [found]


def some(slug: str, test: Callable[[Any], bool]) -> Predicate:
    return lambda thing: any(test(value) for value in values_of(thing, slug))


def ordered(slug: str, operands: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Filter, Predicate]]:
    field = F[slug]
    return st.one_of(
        operands.map(lambda x: (field == x, some(slug, lambda v: v == x))),
        operands.map(lambda x: (field > x, some(slug, lambda v: v > x))),
        operands.map(lambda x: (field >= x, some(slug, lambda v: v >= x))),
        operands.map(lambda x: (field < x, some(slug, lambda v: v < x))),
        operands.map(lambda x: (field <= x, some(slug, lambda v: v <= x))),
        st.tuples(operands, operands).map(
            lambda two: (field.between(*two), some(slug, lambda v: two[0] <= v < two[1]))
        ),
    )


def searched(
    field: Any, slug: str, operands: st.SearchStrategy[str], part: Callable[[Any], str] = str
) -> st.SearchStrategy[tuple[Filter, Predicate]]:
    return st.one_of(
        operands.map(lambda x: (field.contains(x), some(slug, lambda v: x.lower() in part(v).lower()))),
        operands.map(
            lambda x: (field.starts_with(x), some(slug, lambda v: part(v).lower().startswith(x.lower())))
        ),
        operands.map(
            lambda x: (field.ends_with(x), some(slug, lambda v: part(v).lower().endswith(x.lower())))
        ),
    )


def equal(slug: str, operands: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Filter, Predicate]]:
    return st.one_of(
        operands.map(lambda x: (F[slug] == x, some(slug, lambda v: v == x))),
        operands.map(lambda x: (F[slug] != x, lambda thing: x not in values_of(thing, slug))),
        st.lists(operands, min_size=1, max_size=3).map(
            lambda many: (F[slug].in_(*many), some(slug, lambda v: v in many))
        ),
    )


conditions = st.one_of(
    equal("label", labels),
    searched(F.label, "label", labels),
    ordered("size", numbers),
    ordered("price", prices),
    ordered("stars", st.integers(0, 5)),
    st.booleans().map(lambda x: (F.active == x, some("active", lambda v: v == x))),
    ordered("born", days),
    ordered("seen", moments),
    equal("colour", colours),
    equal("colours", colours),
    equal("sites", sites),
    searched(F.sites, "sites", st.sampled_from(["acme", "www.", ".com", "ORG"])),
    st.just((F.sites.not_empty(), lambda thing: bool(values_of(thing, "sites")))),
    st.just((F.sites.is_empty(), lambda thing: not values_of(thing, "sites"))),
    equal("mails", mails),
    searched(
        F.mails.email_domain, "mails", st.sampled_from(["acme", "b.", ".org"]), lambda v: v.split("@")[1]
    ),
)

expressions = st.recursive(
    conditions,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: (two[0][0] & two[1][0], both(two[0][1], two[1][1]))),
        st.tuples(inner, inner).map(lambda two: (two[0][0] | two[1][0], either(two[0][1], two[1][1]))),
        inner.map(lambda one: (~one[0], negated(one[1]))),
    ),
    max_leaves=6,
)


def both(one: Predicate, other: Predicate) -> Predicate:
    return lambda thing: one(thing) and other(thing)


def either(one: Predicate, other: Predicate) -> Predicate:
    return lambda thing: one(thing) or other(thing)


def negated(one: Predicate) -> Predicate:
    return lambda thing: not one(thing)


def send(method: str, path: str, body: Any) -> Any:
    answer = FAKE.handle(method, path, TOKEN, msgspec.json.encode(body))
    assert answer.status == 200, answer.body
    return msgspec.json.decode(answer.body)["data"]


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(things, min_size=1, max_size=6), st.lists(expressions, min_size=1, max_size=4))
def test_the_fake_finds_what_the_expression_means(
    rows: list[Thing], filters: list[tuple[Filter, Predicate]]
) -> None:
    FAKE.restore(EMPTY)
    numbered = {}
    for row in rows:
        values = coerce_values(row, SCHEMA.attributes)
        record = send("POST", "/v2/objects/things/records", {"data": {"values": values}})
        numbered[record["id"]["record_id"]] = row
    for filter, predicate in filters:
        found = send("POST", "/v2/objects/things/records/query", {"filter": compile_filter(filter, SCHEMA)})
        expected = {identity for identity, row in numbered.items() if predicate(row)}
        assert {record["id"]["record_id"] for record in found} == expected, repr(filter)
