"""A workspace for the tests of queries: the standard objects, some attributes of its own, and a list."""

import attrs
import pytest

from attio_async._schema import (
    Attribute,
    ObjectSchema,
    Option,
    standard_schema,
)
from attio_async.errors import FilterError
from attio_async.query import (
    NeedMembers,
    NeedOptions,
    NeedParents,
    NeedSchema,
    NeedSlugs,
    Requirement,
    compile_filter,
)

OWN = {
    "people": [
        Attribute("somewhere", "Somewhere", type="record-reference"),
        Attribute("manager", "Manager", type="record-reference", target_objects=("people",)),
        Attribute(
            "favourites",
            "Favourites",
            type="record-reference",
            is_multiselect=True,
            target_objects=("companies", "people"),
        ),
    ],
    "companies": [
        Attribute("a_custom_checkbox_attribute", "Is a customer", type="checkbox"),
        Attribute("amount_owed", "Amount owed", type="currency"),
        Attribute("performance", "Performance", type="rating"),
        Attribute("contains", "Contains", type="text"),
        Attribute("parent", "Parent company", type="record-reference", target_objects=("companies",)),
        Attribute("shape", "Shape", type="polygon"),
    ],
}

OPTIONS = {
    ("companies", "categories"): ("Aerospace & Defense", "Biotechnology", "3D Printing", "Architecture"),
    ("deals", "stage"): ("Lead", "In Progress", "Won 🎉", "Lost"),
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
    """Return the attributes of an object or of the list of candidates."""
    if name == "candidates":
        return CANDIDATES
    standard = standard_schema(name)
    assert standard is not None, name
    attributes = [*standard.attributes.values(), *OWN.get(name, [])]
    return ObjectSchema(
        name,
        [
            attrs.evolve(each, options=tuple(map(Option, OPTIONS[name, each.slug])))
            if (name, each.slug) in OPTIONS
            else each
            for each in attributes
        ],
    )


class Workspace:
    """Answers what a compilation asks for, and notes what that is; the schemas of `missing` are unknown."""

    def __init__(self, *missing: str, queried: str = "people", members: object = MEMBERS) -> None:
        self.missing = missing
        self.queried = queried
        self.members = members
        self.asked: list[Requirement] = []

    def __call__(self, requirement: Requirement) -> object:
        self.asked.append(requirement)
        match requirement:
            case NeedSchema(object):
                name = object or self.queried
                is_known = name not in self.missing and (name == "candidates" or standard_schema(name))
                return schema(name) if is_known else None
            case NeedSlugs(objects):
                return [object.lower() for object in objects]
            case NeedParents():
                return ["people"] if self.queried == "candidates" else []
            case NeedOptions(object, slug):
                return OPTIONS.get((object or self.queried, slug))
            case NeedMembers():
                return self.members


def compiled(filter, queried="companies", workspace=None, **options):
    """Return the JSON of a filter in that workspace."""
    workspace = workspace or Workspace(queried=queried)
    return compile_filter(filter, schema(queried), answer=workspace, **options)


def refused(filter, queried="companies", **options):
    """Return the message with which a filter is refused; it begins with the code of a condition."""
    with pytest.raises(FilterError) as caught:
        compiled(filter, queried, **options)
    return str(caught.value)


def unsaid(cases):
    """Return the refusals that lack their filter's code in front, or a part that they should have.

    Each case is a filter, the object that is queried, and the parts.
    """
    found = [(filter, refused(filter, queried), parts) for filter, queried, *parts in cases]
    return [
        (message, parts)
        for filter, message, parts in found
        if not message.startswith(repr(filter)) or not all(part in message for part in parts)
    ]
