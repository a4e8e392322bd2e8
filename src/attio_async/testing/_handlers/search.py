"""Search for records by what they are called, and by SQL."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._errors import invalid, invalid_body, value_not_found
from .._query.sql import job_of, select
from .._schema import FakeAttribute, FakeRecord, ObjectType
from .._validation import BodyField
from .._workspace.find import find_member, find_object
from .._workspace.views import row_view
from .._workspace.workspace import Workspace
from .call import Later, OperationCall, Reply, data, operation

_MAX_LIMIT = 25

_MEMBER = BodyField("string", options=("workspace-member",))
_MEMBER_KEYS = ("workspace_member_id", "email_address")
_ASKERS = (
    BodyField("object", fields={"type": BodyField("string", options=("workspace",))}),
    BodyField("object", fields={"type": _MEMBER, "workspace_member_id": BodyField("string", form="uuid")}),
    BodyField("object", fields={"type": _MEMBER, "email_address": BodyField("string", form="email")}),
)
_SEARCH = {
    "query": BodyField("string", longest=256),
    "objects": BodyField("array", items=BodyField("string"), shortest=1),
    "request_as": BodyField("object", any_of=_ASKERS),
    "limit": BodyField("number", required=False),
}
_QUERY = {"sql": BodyField("string", shortest=1)}
_EXTRA_ATTRIBUTES = {"people": ("email_addresses", "phone_numbers"), "companies": ("domains",)}
"""Attributes that the results of some objects show as well."""

_SEARCHED = {
    "people": "angellist facebook instagram linkedin twitter",
    "companies": "angellist facebook instagram linkedin twitter",
}
"""Attributes that are searched besides the label."""

_LABELS = {
    "people": "name email_addresses phone_numbers",
    "companies": "name domains",
    "users": "primary_email_address user_id",
    "workspaces": "name workspace_id",
}
"""Attributes that can be the label of a record: the first one with a value is."""

_IMAGES = {"people": "avatar_url", "companies": "logo_url", "workspaces": "avatar_url"}
_TEXTS = {
    "text": "value",
    "personal-name": "full_name",
    "domain": "domain",
    "email-address": "email_address",
    "phone-number": "phone_number",
}
"""The property that contains the text, for the types that have one."""


@operation
def search_records(call: OperationCall) -> object:
    body = call.request.fields(_SEARCH)
    limit = body.get("limit", _MAX_LIMIT)
    if limit != int(limit) or not 1 <= limit <= _MAX_LIMIT:
        raise invalid_body(invalid(["limit"], f"Expected a whole number from 1 to {_MAX_LIMIT}"))
    for key in _MEMBER_KEYS:
        if key in body["request_as"]:
            find_member(call.workspace, body["request_as"][key], value_not_found)
    names = dict.fromkeys(body["objects"])
    kinds = [find_object(call.workspace, name, value_not_found) for name in names]
    found = [
        _result(call, kind, record)
        for kind, record in _search(kinds, call.workspace, body["query"])
        if not call.workspace.is_merging(record.id, call.stamp.now)
    ]
    return data(found[: int(limit)])


@operation
def run_sql(call: OperationCall) -> object:
    query = call.request.fields(_QUERY)["sql"]
    job = job_of(call.workspace, query, call.stamp.now)
    return Reply(200, Later(lambda: data({"rows": select(job)})))


def _result(call: OperationCall, kind: ObjectType, record: FakeRecord) -> dict[str, Any]:
    result: dict[str, Any] = {
        "id": row_view(call.workspace, kind, record)["id"],
        "record_text": _label(kind, record),
        "record_image": _image(kind, record),
        "object_slug": kind.slug,
    }
    for slug in _EXTRA_ATTRIBUTES.get(kind.slug, ()):
        result[slug] = _texts(kind, record, slug)
    return result


def _search(
    kinds: Sequence[ObjectType], workspace: Workspace, query: str
) -> list[tuple[ObjectType, FakeRecord]]:
    """Return the records with every word of the query: the best matches first, equal ones oldest first.

    Equality ranks before a text that begins with the query, that before a word that does, and that before any other
    match. Case is ignored.
    """
    whole = " ".join(query.casefold().split())
    found: list[tuple[int, ObjectType, FakeRecord]] = []
    for kind in kinds:
        searched = _searched(kind)
        for record in workspace.records(kind):
            rank = _rank([text.casefold() for text in _every(searched, record)], whole)
            if rank is not None:
                found.append((rank, kind, record))
    found.sort(key=lambda one: one[0])
    return [(kind, record) for _, kind, record in found]


def _label(kind: ObjectType, record: FakeRecord) -> str:
    """Return the label of a record; empty if it has none."""
    return next(_every(_labels(kind), record), "")


def _image(kind: ObjectType, record: FakeRecord) -> str | None:
    """Return the URL of the picture of a record."""
    return next(iter(_texts(kind, record, _IMAGES.get(kind.slug, ""))), None)


def _texts(kind: ObjectType, record: FakeRecord, slug: str) -> list[str]:
    """Return the values of an attribute as text; none if the object has no such attribute."""
    return list(_every(_named(kind, slug), record))


def _searched(kind: ObjectType) -> Sequence[FakeAttribute]:
    others = _named(kind, _SEARCHED.get(kind.slug, ""))
    return list({attribute.slug: attribute for attribute in (*_labels(kind), *others)}.values())


def _labels(kind: ObjectType) -> Sequence[FakeAttribute]:
    """Return the attributes of the label. For a custom object it is the name, or the texts that were added to it."""
    named = _named(kind, _LABELS.get(kind.slug, "name"))
    return named or [one for one in kind.attributes.values() if one.type in _TEXTS and not one.is_system]


def _named(kind: ObjectType, slugs: str) -> Sequence[FakeAttribute]:
    found = (kind.attributes.get(slug) for slug in slugs.split())
    return [attribute for attribute in found if attribute is not None and attribute.type in _TEXTS]


def _every(attributes: Iterable[FakeAttribute], record: FakeRecord) -> Iterator[str]:
    for attribute in attributes:
        values: Sequence[Mapping[str, Any]] = record.values.get(attribute.slug, ())
        for value in values:
            text = value[_TEXTS[attribute.type]]
            if text:
                yield text


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
