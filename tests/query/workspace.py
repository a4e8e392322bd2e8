"""A workspace for the tests of queries: the standard objects, some attributes of its own, and a list."""

from collections.abc import Sequence

from attio_async._schema import (
    Attribute,
    ObjectSchema,
    Option,
    standard_schema,
)
from attio_async.query import SchemaInfo
from attio_async.values import AttributeSpec

OWN = {
    "people": [
        Attribute("somewhere", "Somewhere", type="record-reference"),
        Attribute("manager", "Manager", type="record-reference"),
        Attribute("favourites", "Favourites", type="record-reference", is_multiselect=True),
    ],
    "companies": [
        Attribute("a_custom_checkbox_attribute", "Is a customer", type="checkbox"),
        Attribute("amount_owed", "Amount owed", type="currency"),
        Attribute("performance", "Performance", type="rating"),
        Attribute("contains", "Contains", type="text"),
        Attribute("parent", "Parent company", type="record-reference"),
        Attribute("shape", "Shape", type="polygon"),
    ],
}

OPTIONS = {
    ("companies", "categories"): ("Aerospace & Defense", "Biotechnology", "3D Printing", "Architecture"),
    ("deals", "stage"): ("Lead", "In Progress", "Won 🎉", "Lost"),
}

TARGETS = {
    "company": ["companies"],
    "associated_company": ["companies"],
    "team": ["people"],
    "associated_people": ["people"],
    "manager": ["people"],
    "person": ["people"],
    "parent": ["companies"],
    "users": ["users"],
    "associated_deals": ["deals"],
    "favourites": ["companies", "people"],
}

CANDIDATES = ObjectSchema(
    "candidates",
    [
        Attribute("entry_id", "Entry ID", type="text"),
        Attribute("created_at", "Created at", type="timestamp"),
        Attribute("stage", "Stage", type="status", options=tuple(map(Option, ("One", "Two", "Three")))),
    ],
)

JANE, ALEX, SAM, OTHER_SAM = (f"{n}0000000-0000-4000-8000-000000000000" for n in "1234")
MEMBERS = {
    "jane@acme.com": [JANE],
    "jane doe": [JANE],
    "alex@acme.com": [ALEX],
    "sam smith": [SAM, OTHER_SAM],
}


def schema(name: str) -> ObjectSchema:
    """The attributes of an object or of the list of candidates."""
    if name == "candidates":
        return CANDIDATES
    standard = standard_schema(name)
    assert standard is not None, name
    return ObjectSchema(
        name, [*(_with_options(name, a) for a in standard.attributes.values()), *OWN.get(name, [])]
    )


def _with_options(name: str, attribute: Attribute) -> Attribute:
    titles = OPTIONS.get((name, attribute.slug))
    if titles is None:
        return attribute
    return Attribute(
        attribute.slug,
        attribute.title,
        type=attribute.type,
        is_multiselect=attribute.is_multiselect,
        options=tuple(map(Option, titles)),
    )


class Workspace:
    """All schemas, those of `missing` excepted."""

    def __init__(self, *missing: str) -> None:
        self.missing = missing
        self.asked: list[str] = []

    def schema_for(self, name: str, /) -> SchemaInfo | None:
        self.asked.append(name)
        return None if name in self.missing or standard_schema(name) is None else schema(name)

    def targets(self, attribute: AttributeSpec, /) -> Sequence[str]:
        return TARGETS.get(attribute.slug, [])

    def parents(self, name: str, /) -> Sequence[str]:
        return ["people"] if name == "candidates" else []
