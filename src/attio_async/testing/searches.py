"""Finding records by what they are called: names, domains, addresses, numbers and handles."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .schema import Attribute, ObjectType, Record
from .state import Workspace

_SEARCHED = {
    "people": "name email_addresses phone_numbers angellist facebook instagram linkedin twitter",
    "companies": "name domains angellist facebook instagram linkedin twitter",
}
"""What is looked at besides the label, for the objects of which more is."""

_LABELS = {
    "people": "name email_addresses phone_numbers",
    "companies": "name domains",
    "users": "primary_email_address user_id",
    "workspaces": "name workspace_id",
}
"""Attributes that records are called by, the first that has a value."""

_IMAGES = {"people": "avatar_url", "companies": "logo_url", "workspaces": "avatar_url"}

_TEXTS = {
    "text": "value",
    "personal-name": "full_name",
    "domain": "domain",
    "email-address": "email_address",
    "phone-number": "phone_number",
}
"""The property that holds the text, of the types that have one."""


def search(kinds: Sequence[ObjectType], workspace: Workspace, query: str) -> list[tuple[ObjectType, Record]]:
    """The records that have every word of the query, the best matches first, then the oldest.

    A text that is the query comes before one that begins with it, that before one with a word that does, and that
    before any other; upper and lower case are the same.
    """
    whole = " ".join(query.casefold().split())
    found = [
        (rank, kind, record)
        for kind in kinds
        for record in workspace.records(kind)
        if (rank := _rank([text.casefold() for text in _texts(kind, record)], whole)) is not None
    ]
    found.sort(key=lambda one: one[0])
    return [(kind, record) for _, kind, record in found]


def label(kind: ObjectType, record: Record) -> str:
    """What a record is called; empty where nothing tells."""
    return next((text for attribute in _labels(kind) for text in _of(attribute, record)), "")


def image(kind: ObjectType, record: Record) -> str | None:
    """The address of its picture."""
    return next(iter(texts(kind, record, _IMAGES.get(kind.slug, ""))), None)


def texts(kind: ObjectType, record: Record, slug: str) -> list[str]:
    """The values of an attribute as text; none where the object has no such attribute."""
    attribute = kind.attribute(slug)
    return [] if attribute is None else list(_of(attribute, record))


def _texts(kind: ObjectType, record: Record) -> Iterator[str]:
    for slug in _SEARCHED.get(kind.slug, "").split():
        yield from texts(kind, record, slug)
    yield label(kind, record)


def _labels(kind: ObjectType) -> Iterable[Attribute]:
    """Of a custom object its name, if it has one, and else the first texts that somebody added."""
    slugs = _LABELS.get(kind.slug, "name").split()
    named = [kind.attributes[slug] for slug in slugs if slug in kind.attributes]
    return named or [one for one in kind.attributes.values() if one.type in _TEXTS and not one.is_system]


def _of(attribute: Attribute, record: Record) -> Iterator[str]:
    name = _TEXTS.get(attribute.type)
    if name is None:
        return
    values: Sequence[Mapping[str, Any]] = record.values.get(attribute.slug, ())
    for value in values:
        if value[name]:
            yield value[name]


def _rank(found: Sequence[str], query: str) -> int | None:
    words = query.split()
    if not all(any(word in text for text in found) for word in words):
        return None
    if query in found:
        return 0
    if any(text.startswith(query) for text in found):
        return 1
    if any(part.startswith(query) for text in found for part in text.split()):
        return 2
    return 3
