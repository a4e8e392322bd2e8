"""Random filters and sorts over random records, compared with the same query in plain Python."""

import functools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from hypothesis import given, settings, strategies as st
from tests.support import examples

from attio_async.testing import FakeAttio, Snapshot, VirtualClock

TAGS = ("Red", "Green", "Blue")
DOMAINS = ("a.com", "b.a.com", "b.co.uk", "A.org")
COMPANIES = ("Acme", "acme", "Bolt", "")
LETTERS = st.text("aAbBßéÉ ", max_size=4)
DAYS = st.dates(date(2024, 2, 27), date(2024, 3, 2))
MOMENTS = st.integers(0, 5).map(lambda n: datetime(2024, 2, 28, tzinfo=UTC) + timedelta(microseconds=n))
NUMBERS = st.integers(-3, 3) | st.sampled_from([0.5, -0.5, 1.25])

Row = dict[str, Any]
Predicate = Callable[[Row], bool]


class Asked(NamedTuple):
    """A filter, and the same condition in plain Python."""

    json: Any
    holds: Predicate


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


ROWS = st.fixed_dictionaries(
    {
        "text": st.none() | LETTERS,
        "number": st.none() | NUMBERS,
        "flag": st.none() | st.booleans(),
        "day": st.none() | DAYS,
        "moment": st.none() | MOMENTS,
        "tags": st.lists(st.sampled_from(TAGS), unique=True),
        "sites": st.lists(st.sampled_from(DOMAINS), unique_by=str.lower, max_size=2),
        "company": st.none() | st.integers(0, len(COMPANIES) - 1),
        "related": st.lists(st.integers(0, len(COMPANIES) - 1), unique=True),
    }
)

TEXT_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "$eq": lambda text, part: text == part,
    "$contains": lambda text, part: part.casefold() in text.casefold(),
    "$starts_with": lambda text, part: text.casefold()[: len(part.casefold())] == part.casefold(),
    "$ends_with": lambda text, part: not part or text.casefold()[-len(part.casefold()) :] == part.casefold(),
}
RANGE_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda value, bound: value == bound,
    "$lt": lambda value, bound: value < bound,
    "$lte": lambda value, bound: not value > bound,
    "$gt": lambda value, bound: value > bound,
    "$gte": lambda value, bound: not value < bound,
}


def texts(
    slug: str, written: st.SearchStrategy[str], values: Callable[[Row], list[str]]
) -> st.SearchStrategy[Asked]:
    """Draw one or two operators that one of the values has to satisfy together."""

    def asked(parts: dict[str, str]) -> Asked:
        def holds(row: Row) -> bool:
            return any(all(TEXT_OPERATORS[o](v, part) for o, part in parts.items()) for v in values(row))

        return Asked({slug: parts}, holds)

    return st.dictionaries(st.sampled_from(sorted(TEXT_OPERATORS)), written, min_size=1, max_size=2).map(
        asked
    )


def ranges(
    slug: str, bounds: st.SearchStrategy[Any], write: Callable[[Any], Any]
) -> st.SearchStrategy[Asked]:
    def asked(limits: dict[str, Any]) -> Asked:
        def holds(row: Row) -> bool:
            value = row[slug]
            return value is not None and all(RANGE_OPERATORS[o](value, b) for o, b in limits.items())

        return Asked({slug: {o: write(bound) for o, bound in limits.items()}}, holds)

    return st.dictionaries(st.sampled_from(sorted(RANGE_OPERATORS)), bounds, min_size=1, max_size=2).map(
        asked
    )


def given_text(row: Row) -> list[str]:
    return [] if row["text"] is None else [row["text"]]


def names_of(indexes: list[int]) -> list[str]:
    return [COMPANIES[index] for index in indexes]


def company_names(row: Row) -> list[str]:
    return [] if row["company"] is None else names_of([row["company"]])


def path(reference: str) -> Callable[[Asked], Asked]:
    """Return the question about a company, asked of what refers to it."""
    return lambda asked: Asked(
        {"path": [["things", reference], ["companies", "name"]], "constraints": asked.json["name"]},
        asked.holds,
    )


LEAVES = st.one_of(
    texts("text", LETTERS, given_text),
    LETTERS.map(lambda text: Asked({"text": text}, lambda row: row["text"] == text)),
    st.lists(LETTERS).map(lambda them: Asked({"text": {"$in": them}}, lambda row: row["text"] in them)),
    ranges("number", NUMBERS, lambda number: number),
    NUMBERS.map(lambda number: Asked({"number": number}, lambda row: row["number"] == number)),
    st.booleans().map(lambda flag: Asked({"flag": flag}, lambda row: row["flag"] is flag)),
    ranges("day", DAYS, date.isoformat),
    ranges("moment", MOMENTS, iso),
    st.sampled_from(TAGS).map(lambda tag: Asked({"tags": tag}, lambda row: tag in row["tags"])),
    texts(
        "sites",
        st.sampled_from((*DOMAINS, "co", "a")).map(str.lower),
        lambda row: [d.lower() for d in row["sites"]],
    ),
    st.just(Asked({"sites": {"$not_empty": True}}, lambda row: bool(row["sites"]))),
    texts("name", LETTERS, company_names).map(path("company")),
    texts("name", LETTERS, lambda row: names_of(row["related"])).map(path("related")),
)


def merged(parts: list[Asked]) -> Asked:
    """Return several conditions as one object, in which a later one replaces an earlier one of the same attribute."""
    flat = {slug: part for part in parts if "path" not in part.json for slug in part.json}
    kept = list({id(part): part for part in flat.values()}.values())
    return Asked(
        {slug: part.json[slug] for slug, part in flat.items()}, lambda row: all(p.holds(row) for p in kept)
    )


def nested(inner: st.SearchStrategy[Asked]) -> st.SearchStrategy[Asked]:
    some = st.lists(inner, max_size=3)
    return st.one_of(
        inner.map(lambda part: Asked({"$not": part.json}, lambda row: not part.holds(row))),
        some.map(
            lambda parts: Asked(
                {"$and": [p.json for p in parts]}, lambda row: all(p.holds(row) for p in parts)
            )
        ),
        some.map(
            lambda parts: Asked(
                {"$or": [p.json for p in parts]}, lambda row: any(p.holds(row) for p in parts)
            )
        ),
    )


FILTERS = st.recursive(LEAVES | st.lists(LEAVES, min_size=1, max_size=3).map(merged), nested, max_leaves=8)


@functools.cache
def empty() -> tuple[FakeAttio, Snapshot, list[str]]:
    """Return a workspace with companies and no things, its snapshot, and the ids of the companies."""
    fake = FakeAttio(clock=VirtualClock())
    companies = [fake.seed.add_record("companies", {"name": name})["id"]["record_id"] for name in COMPANIES]
    fake.seed.add_object("things")
    for slug, kind in (
        ("text", "text"),
        ("number", "number"),
        ("flag", "checkbox"),
        ("day", "date"),
        ("moment", "timestamp"),
    ):
        fake.seed.add_attribute("things", slug, kind)
    fake.seed.add_attribute("things", "tags", "select", multiselect=True, options=TAGS)
    fake.seed.add_attribute("things", "sites", "domain", multiselect=True)
    fake.seed.add_attribute("things", "company", "record-reference", allowed_objects=["companies"])
    fake.seed.add_attribute("things", "related", "record-reference", multiselect=True)
    return fake, fake.snapshot(), companies


def stored(rows: list[Row]) -> tuple[FakeAttio, dict[str, int]]:
    """Return a fake with the rows, and the number of each row by its record id."""
    fake, snapshot, companies = empty()
    fake.restore(snapshot)

    def reference(index: int) -> dict[str, str]:
        return {"target_object": "companies", "target_record_id": companies[index]}

    numbers = {}
    for number, row in enumerate(rows):
        values = {
            **row,
            "day": None if row["day"] is None else row["day"].isoformat(),
            "moment": None if row["moment"] is None else iso(row["moment"]),
            "company": None if row["company"] is None else reference(row["company"]),
            "related": [reference(index) for index in row["related"]],
        }
        numbers[fake.seed.add_record("things", values)["id"]["record_id"]] = number
    return fake, numbers


def ask(fake: FakeAttio, **body: Any) -> list[str]:
    headers = {"Authorization": f"Bearer {fake.token}"}
    target = "/v2/objects/things/records/query"
    answer = fake.handle("POST", target, headers, msgspec.json.encode(body))
    assert answer.status == 200, answer.body
    return [record["id"]["record_id"] for record in msgspec.json.decode(answer.body)["data"]]


@given(st.lists(ROWS, max_size=8), FILTERS)
@settings(max_examples=examples(200), deadline=None)
def test_filters(rows: list[Row], asked: Asked) -> None:
    fake, numbers = stored(rows)
    found = [numbers[id] for id in ask(fake, filter=asked.json)]
    assert found == [number for number, row in enumerate(rows) if asked.holds(row)]


SORTED: dict[str, Callable[[Row], Any]] = {
    "text": lambda row: None if row["text"] is None else row["text"].casefold(),
    "number": lambda row: row["number"],
    "flag": lambda row: row["flag"],
    "day": lambda row: row["day"],
    "moment": lambda row: row["moment"],
    "tags": lambda row: TAGS.index(row["tags"][0]) if row["tags"] else None,
    "company": lambda row: None if row["company"] is None else COMPANIES[row["company"]].casefold(),
}


@given(
    st.lists(ROWS, max_size=8),
    st.lists(st.tuples(st.sampled_from(sorted(SORTED)), st.booleans()), max_size=3),
)
@settings(max_examples=examples(100), deadline=None)
def test_sorts(rows: list[Row], keys: list[tuple[str, bool]]) -> None:
    fake, numbers = stored(rows)
    sorts = [
        {
            "direction": "desc" if descending else "asc",
            **(
                {"path": [["things", "company"], ["companies", "name"]]}
                if slug == "company"
                else {"attribute": slug}
            ),
        }
        for slug, descending in keys
    ]
    expected = list(range(len(rows)))
    for slug, descending in reversed(keys):
        key = SORTED[slug]
        having = [n for n in expected if key(rows[n]) is not None]
        having.sort(key=lambda n: key(rows[n]), reverse=descending)
        expected = having + [n for n in expected if key(rows[n]) is None]
    assert [numbers[id] for id in ask(fake, sorts=sorts)] == expected


@given(st.lists(ROWS, max_size=6), FILTERS)
@settings(max_examples=examples(50), deadline=None)
def test_a_filter_and_its_negation_divide_the_records(rows: list[Row], asked: Asked) -> None:
    fake, numbers = stored(rows)
    found, others = ask(fake, filter=asked.json), ask(fake, filter={"$not": asked.json})
    assert sorted(numbers[id] for id in (*found, *others)) == list(range(len(rows)))
