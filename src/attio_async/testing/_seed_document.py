"""Fill a workspace from one document, such as a YAML file, as `FakeAttio.fill` takes it."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, cast

import attrs
import msgspec

from ._errors import ApiProblem, InvalidValue
from ._handlers import HANDLERS
from ._handlers.call import OperationCall
from ._request import FakeRequest
from ._schema import FakeAttribute, Kind
from ._seed import Seed
from ._workspace.find import find_list, find_object
from ._workspace.state import WorkspaceState
from ._writes.lookup import WorkspaceLookup
from ._writes.writer import Author

_PARENT = FakeAttribute(id="", slug="record", title="Record", type="record-reference", created_at="")
"""Entries name their records as values of this attribute do."""


class _Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A part of the document, in which no other keys are allowed."""


class SeedAttribute(_Strict):
    """An attribute. One that is already there only gets more options."""

    type: str = "text"
    title: str | None = None
    multiselect: bool = False
    unique: bool = False
    required: bool = False
    options: tuple[str, ...] = ()
    currency_code: str = "USD"
    allowed_objects: tuple[str, ...] | None = None
    default: dict[str, Any] | None = None


class SeedObject(_Strict):
    """An object. One that is already there only gets more attributes."""

    singular: str | None = None
    plural: str | None = None
    attributes: dict[str, SeedAttribute] = {}


class SeedList(_Strict):
    """A list. One that is already there only gets more attributes."""

    name: str | None = None
    parent: str = "people"
    attributes: dict[str, SeedAttribute] = {}


class SeedMember(_Strict):
    """A workspace member."""

    email_address: str
    first_name: str = ""
    last_name: str = ""


class SeedEntry(_Strict):
    """An entry: a unique attribute of its record, such as `domains: acme.example.com`, and its own values."""

    record: dict[str, Any]
    values: dict[str, Any] = {}


class SeedWebhook(_Strict):
    """A webhook. A subscription is the name of an event, or has a filter as well."""

    target_url: str
    subscriptions: tuple[str | dict[str, Any], ...]
    secret: str | None = None


class SeedDocument(_Strict):
    """All that a document can contain, in the order in which it is created."""

    members: tuple[SeedMember, ...] = ()
    objects: dict[str, SeedObject] = {}
    lists: dict[str, SeedList] = {}
    records: dict[str, tuple[dict[str, Any], ...]] = {}
    entries: dict[str, tuple[SeedEntry, ...]] = {}
    webhooks: tuple[SeedWebhook, ...] = ()


def fill(seed: Seed, state: WorkspaceState, document: object) -> None:
    """Create everything in a document.

    Raises:
        ValueError: Something in it is invalid; the message says where. What stands before it has been created.
    """
    try:
        found = msgspec.convert(_as_json(document), SeedDocument)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
    for number, member in enumerate(found.members):
        with _at("members", number):
            seed.add_member(member.email_address, member.first_name, member.last_name)
    _fill_schema(seed, state, found)
    for slug, records in found.records.items():
        for number, values in enumerate(records):
            with _at("records", slug, number):
                seed.add_record(slug, values)
    for slug, entries in found.entries.items():
        for number, entry in enumerate(entries):
            with _at("entries", slug, number):
                seed.add_entry(slug, _record_id(state, slug, entry), entry.values)
    for number, webhook in enumerate(found.webhooks):
        with _at("webhooks", number):
            _add_webhook(state, webhook)


def _as_json(value: object) -> object:
    """Return a value with its dates and times as text: those of YAML need no quotes."""
    match value:
        case dict():
            return {name: _as_json(part) for name, part in cast("Mapping[object, object]", value).items()}
        case list() | tuple():
            return [_as_json(part) for part in cast("Sequence[object]", value)]
        case date():
            return value.isoformat()
        case _:
            return value


def _fill_schema(seed: Seed, state: WorkspaceState, found: SeedDocument) -> None:
    """Create objects and lists before their attributes, which may refer to any of them."""
    workspace = state.workspace
    for slug, object in found.objects.items():
        if workspace.object_type(slug) is None:
            with _at("objects", slug):
                seed.add_object(slug, object.singular, object.plural)
    for slug, list in found.lists.items():
        if workspace.list_type(slug) is None:
            with _at("lists", slug):
                seed.add_list(slug, list.name, list.parent)
    for slug, object in found.objects.items():
        _fill_attributes(seed, find_object(workspace, slug), object.attributes, "objects")
    for slug, list in found.lists.items():
        _fill_attributes(seed, find_list(workspace, slug), list.attributes, "lists")


def _fill_attributes(seed: Seed, kind: Kind, attributes: Mapping[str, SeedAttribute], area: str) -> None:
    for slug, attribute in attributes.items():
        with _at(area, kind.slug, "attributes", slug):
            if kind.attribute(slug) is None:
                seed.add_attribute(kind.id, slug, **msgspec.structs.asdict(attribute))
                continue
            for option in attribute.options:
                seed.add_option(kind.id, slug, option)


def _record_id(state: WorkspaceState, slug: str, entry: SeedEntry) -> str:
    if len(entry.record) != 1:
        raise ValueError("record: expected one unique attribute with its value")
    parent = find_list(state.workspace, slug).parent_object
    fields = WorkspaceLookup(state.workspace).referenced(_PARENT, parent, entry.record)
    record_id: str = fields["target_record_id"]
    return record_id


def _add_webhook(state: WorkspaceState, webhook: SeedWebhook) -> None:
    subscriptions = [
        {"event_type": one, "filter": None} if isinstance(one, str) else {"filter": None, **one}
        for one in webhook.subscriptions
    ]
    body = msgspec.json.encode({"data": {"target_url": webhook.target_url, "subscriptions": subscriptions}})
    call = OperationCall(state.workspace, FakeRequest({}, "/v2/webhooks", body), Author(state.stamp()))
    HANDLERS["create_webhook"](call)
    if webhook.secret is not None:
        webhooks = state.workspace.data.entities.webhooks
        last = next(reversed(webhooks))
        webhooks[last] = attrs.evolve(webhooks[last], secret=webhook.secret)


@contextmanager
def _at(*path: str | int) -> Generator[None]:
    """Say where in the document an error is."""
    try:
        yield
    except (ApiProblem, InvalidValue, ValueError) as error:
        place = ".".join(map(str, path))
        raise ValueError(f"{place}: {error}{_details(error)}") from error


def _details(error: Exception) -> str:
    """Return the issues of an error of the API, which its message leaves out."""
    issues: Sequence[Mapping[str, Any]] = (
        error.body.get("validation_errors", ()) if isinstance(error, ApiProblem) else ()
    )
    shown = [f"{'.'.join(map(str, issue['path'])) or 'value'}: {issue['message']}" for issue in issues]
    return f" ({'; '.join(shown)})" if shown else ""
