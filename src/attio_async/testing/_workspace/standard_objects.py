"""The standard objects, and the attributes that every object and every list has."""

import functools
from importlib.resources import files

import msgspec


class AttributeFacts(msgspec.Struct, frozen=True):
    """A system attribute."""

    slug: str
    title: str
    type: str
    multiselect: bool = False
    unique: bool = False
    required: bool = False
    read_only: bool = False
    options: tuple[str, ...] = ()
    """Titles of the options of a select, or of the statuses of a status attribute."""
    inverse: tuple[str, str] | None = None
    """Object and attribute at the other end of a relationship."""
    default: str | None = None
    """The template of a dynamic default."""


class ObjectFacts(msgspec.Struct, frozen=True):
    """A standard object, with the attributes it has besides those of every object."""

    slug: str
    singular: str
    plural: str
    attributes: tuple[AttributeFacts, ...]


class SystemFacts(msgspec.Struct, frozen=True):
    """The system attributes and standard objects of every workspace, in the order of the API."""

    every_object: tuple[AttributeFacts, ...]
    every_list: tuple[AttributeFacts, ...]
    objects: tuple[ObjectFacts, ...]


@functools.cache
def system_facts() -> SystemFacts:
    """Read the data file, which the client reads in its own way."""
    document = (files("attio_async") / "_data" / "standard_objects.json").read_bytes()
    return msgspec.json.decode(document, type=SystemFacts)


def is_standard(slug: str) -> bool:
    """Return True for the slug of a standard object, which never changes."""
    return any(facts.slug == slug for facts in system_facts().objects)
