"""The reads that a workspace and a fake are both asked: of everything that can be read, and some that are wrong."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

import attrs

from ..._schema import Attribute, standard_schema
from .disguise import Disguise
from .shapes import elements_of, fields_of

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_MOST_CUSTOM_OBJECTS = 3
_MOST_LISTS = 3

NO_ID = "00000000-0000-4000-8000-000000000000"
NO_SLUG = "conformance_unknown"


@attrs.frozen(kw_only=True)
class SeenKind:
    """An object or list of the workspace, with its attributes."""

    target: Literal["objects", "lists"]
    slug: str
    name: str
    parent: str = ""
    attributes: tuple[Attribute, ...] = ()

    @property
    def types(self) -> Mapping[str, str]:
        """The types of its attributes, by slug."""
        return {attribute.slug: attribute.type for attribute in self.attributes}


@attrs.frozen(kw_only=True)
class Probe:
    """A read, and what its answer is used for.

    Attributes:
        label: What a report calls it.
        path: The path; `{name}` stands for an id that an earlier answer had.
        params: The query parameters.
        json: The body, with `{name}` as in the path.
        keep: The name that the id of the first item is kept under.
        part: The part of the id that is kept, such as "record_id".
        kind: The object or list that it is about.
        value_type: The type of the attribute whose values it reads.
        second_of: The label of a probe, of whose items this one must start with the second.
        most: The largest number of items that it asks for.
        optional: True if workspaces can lack the feature: 403 says nothing then.
    """

    label: str
    path: str
    method: Literal["GET", "POST"] = "GET"
    params: Mapping[str, str] = attrs.field(factory=dict[str, str])
    json: Any = None
    keep: str = ""
    part: str = ""
    kind: SeenKind | None = None
    value_type: str | None = None
    second_of: str = ""
    most: int | None = None
    optional: bool = False

    @property
    def family(self) -> str:
        """The part of the address that is common to probes whose answers have items alike."""
        address = self.label.partition(" (")[0].partition(" ")[2]
        return re.sub(r"/(?:query|\{\w+\})$", "", address)

    @property
    def names(self) -> list[str]:
        """The names of the ids that it needs, in the order of the path."""
        return _PLACEHOLDER.findall(f"{self.path} {self.json} {dict(self.params)}")

    def filled(self, ids: Mapping[str, str]) -> "Probe | None":
        """Return it with ids in place of the names; None if one of them is not known."""
        if not ids.keys() >= set(self.names):
            return None
        return attrs.evolve(
            self,
            path=_put(self.path, ids),
            json=_put(self.json, ids),
            params=_put(dict(self.params), ids),
        )


def _put(template: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(template, str):
        return _PLACEHOLDER.sub(lambda found: ids[found[1]], template)
    if fields := fields_of(template):
        return {key: _put(part, ids) for key, part in fields.items()}
    if elements := elements_of(template):
        return [_put(part, ids) for part in elements]
    return template


def _get(path: str, note: str = "", **more: Any) -> Probe:
    return Probe(label=f"GET {path}{f' ({note})' if note else ''}", path=path, **more)


def probes_of(kinds: Sequence[SeenKind], disguise: Disguise) -> list[Probe]:
    """Return all probes of a workspace, each after those whose ids it needs."""
    objects = [kind for kind in kinds if kind.target == "objects"]
    standard = [kind for kind in objects if standard_schema(kind.slug) is not None]
    custom = [kind for kind in objects if kind not in standard][:_MOST_CUSTOM_OBJECTS]
    lists = [kind for kind in kinds if kind.target == "lists"][:_MOST_LISTS]
    probed = set[str]()
    found = [_get("/v2/self"), _get("/v2/objects"), _get("/v2/lists")]
    for kind in (*standard, *custom):
        found += [*_of_kind(kind, disguise), *_of_values(kind, disguise, probed)]
    probed.clear()
    for kind in lists:
        found += [*_of_kind(kind, disguise), *_of_values(kind, disguise, probed)]
    named = {kind.slug: f"record_{kind.name}" for kind in (*standard, *custom)}
    for slug, record in named.items():
        found += _of_record(slug, record)
    for slug in list(named)[:1]:
        found += _searches(slug, disguise)
    if "people" in named:
        params = {"linked_object": "people", "linked_record_ids": "{record_people}"}
        found.append(_get("/v2/emails", params=params, optional=True))
    return [*found, *_OTHERS, *_WRONG]


def _of_kind(kind: SeenKind, disguise: Disguise) -> Iterator[Probe]:
    label = disguise.add_kind("object" if kind.target == "objects" else "list", kind.slug)
    shown, path = f"/v2/{kind.target}/{label}", f"/v2/{kind.target}/{quote(kind.slug, safe='')}"
    noun, part = ("record", "record_id") if kind.target == "objects" else ("entry", "entry_id")
    rows = "records" if kind.target == "objects" else "entries"
    attribute = next((one.slug for one in kind.attributes), "created_at")
    base = f"POST {shown}/{rows}/query"

    def read(below: str, note: str = "", **more: Any) -> Probe:
        label = f"GET {shown}{below}{f' ({note})' if note else ''}"
        return Probe(label=label, path=f"{path}{below}", kind=kind, **more)

    def query(note: str, json: Any, **more: Any) -> Probe:
        label = f"{base} ({note})" if note else base
        return Probe(label=label, path=f"{path}/{rows}/query", method="POST", json=json, kind=kind, **more)

    yield read("")
    yield read("/attributes")
    yield read("/attributes", "with archived ones", params={"show_archived": "true"})
    yield Probe(
        label=f"GET {shown}/attributes/{{attribute}}",
        path=f"{path}/attributes/{quote(attribute, safe='')}",
        kind=kind,
    )
    yield read("/views")
    yield query("", {"limit": 20}, keep=f"{noun}_{kind.name}", part=part, most=20)
    yield query("one", {"limit": 1}, most=1)
    yield query("from the second on", {"limit": 20, "offset": 1}, second_of=base)
    newest = [{"attribute": "created_at", "field": "value", "direction": "desc"}]
    yield query("newest first", {"limit": 20, "sorts": newest})
    yield read(f"/{rows}/{{{noun}_{kind.name}}}")
    if kind.target == "objects":
        yield read(f"/records/{{record_{kind.name}}}/entries")
    yield read(f"/attributes/{NO_SLUG}", "unknown attribute")
    yield read(f"/{rows}/{NO_ID}", f"unknown {noun}")
    yield query("unknown attribute in the filter", {"filter": {NO_SLUG: "x"}})
    yield query("unknown operator in the filter", {"filter": {"created_at": {"$conformance": "x"}}})
    yield query("unknown attribute in the sorts", {"sorts": [{"attribute": NO_SLUG, "direction": "asc"}]})
    yield query("unknown direction in the sorts", {"sorts": [{"attribute": "created_at", "direction": "up"}]})
    yield query("limit is a text", {"limit": "many"})
    yield query("negative offset", {"offset": -1})


def _of_values(kind: SeenKind, disguise: Disguise, probed: set[str]) -> Iterator[Probe]:
    """Yield the reads of one attribute of each type that was not read before, and of its options."""
    noun, rows = ("record", "records") if kind.target == "objects" else ("entry", "entries")
    label = disguise.add_kind("object" if kind.target == "objects" else "list", kind.slug)
    shown, path = f"/v2/{kind.target}/{label}", f"/v2/{kind.target}/{quote(kind.slug, safe='')}"
    for attribute in kind.attributes:
        if attribute.is_archived or attribute.type in probed or attribute.slug in {"record_id", "entry_id"}:
            continue
        probed.add(attribute.type)
        name = disguise.add_attribute(kind.slug, attribute.slug, attribute.type)
        below = quote(attribute.slug, safe="")
        at = f"{rows}/{{{noun}_{kind.name}}}/attributes"
        reads: tuple[tuple[str, dict[str, str]], ...] = (("", {}), (" (historic)", {"show_historic": "true"}))
        for note, params in reads:
            yield Probe(
                label=f"GET {shown}/{at}/{name}/values{note}",
                path=f"{path}/{at}/{below}/values",
                params=params,
                kind=kind,
                value_type=attribute.type,
            )
        choices = {"select": ("options",), "status": ("statuses", "options"), "text": ("options", "statuses")}
        for what in choices.get(attribute.type, ()):
            yield Probe(
                label=f"GET {shown}/attributes/{name}/{what}",
                path=f"{path}/attributes/{below}/{what}",
                kind=kind,
            )


def _of_record(slug: str, record: str) -> Iterator[Probe]:
    """Yield the reads of what belongs to a record."""
    what = f"of {record.replace('_', ' ')}"
    at = {"object": slug, "record_id": f"{{{record}}}"}
    parent = {f"parent_{name}": part for name, part in at.items()}
    linked = {f"linked_{name}": part for name, part in at.items()}
    yield _get("/v2/notes", what, params=parent)
    yield _get("/v2/tasks", what, params=linked)
    yield _get("/v2/threads", what, params=at, keep=f"thread_of_{record}", part="thread_id")
    yield _get(f"/v2/threads/{{thread_of_{record}}}")
    yield _get("/v2/files", what, params=at, keep=f"file_of_{record}", part="file_id")
    yield _get(f"/v2/files/{{file_of_{record}}}")


def _searches(slug: str, disguise: Disguise) -> Iterator[Probe]:
    label = disguise.add_kind("object", slug)
    yield _search("", {"query": "a", "objects": [slug], "request_as": {"type": "workspace"}})
    yield _search(
        "limit 1", {"query": "a", "objects": [slug], "request_as": {"type": "workspace"}, "limit": 1}
    )
    yield _search("without request_as", {"query": "a", "objects": [slug]})
    yield _search("without objects", {"query": "a", "objects": [], "request_as": {"type": "workspace"}})
    long = {"query": "a" * 257, "objects": [slug], "request_as": {"type": "workspace"}}
    yield _search("too long a text", long)
    yield _get(f"/v2/objects/{label}/records/not-an-id", "malformed id")


def _search(note: str, json: Any) -> Probe:
    label = f"POST /v2/objects/records/search{f' ({note})' if note else ''}"
    return Probe(label=label, path="/v2/objects/records/search", method="POST", json=json, optional=True)


def _listed(path: str, keep: str, *, offset: bool, optional: bool = False, least: int = 1) -> Iterator[Probe]:
    """Yield the reads of a list, of its parts and of one item."""
    yield _get(path, keep=keep, part=f"{keep}_id", optional=optional)
    most = {"limit": str(least)}
    yield _get(path, f"limit {least}", params=most, most=least, optional=optional)
    if offset:
        yield _get(
            path, "from the second on", params={"offset": "1"}, second_of=f"GET {path}", optional=optional
        )
    yield _get(path, "unknown parameter", params={NO_SLUG: "1"}, optional=optional)
    yield _get(path, "limit is a text", params={"limit": "many"}, optional=optional)
    yield _get(path, "limit too large", params={"limit": "100000"}, optional=optional)
    yield _get(f"{path}/{{{keep}}}", optional=optional)
    yield _get(f"{path}/{NO_ID}", "unknown id", optional=optional)


def _joined(*groups: Iterable[Probe]) -> tuple[Probe, ...]:
    return tuple(probe for group in groups for probe in group)


_OTHERS = (
    _get("/v2/workspace_members", keep="workspace_member", part="workspace_member_id"),
    _get("/v2/workspace_members/{workspace_member}"),
    *_joined(
        _listed("/v2/notes", "note", offset=True),
        _listed("/v2/tasks", "task", offset=True),
        _listed("/v2/webhooks", "webhook", offset=True, optional=True, least=10),
        _listed("/v2/meetings", "meeting", offset=False, optional=True),
    ),
    _get("/v2/tasks", "newest first", params={"sort": "created_at:desc"}),
    _get("/v2/meetings/{meeting}/call_recordings", keep="recording", part="call_recording_id", optional=True),
    _get("/v2/meetings/{meeting}/call_recordings/{recording}", optional=True),
)

_WRONG = (
    _get("/v2/conformance", "unknown path"),
    _get(f"/v2/objects/{NO_SLUG}", "unknown object"),
    _get(f"/v2/objects/{NO_SLUG}/attributes", "unknown object"),
    Probe(
        label=f"POST /v2/objects/{NO_SLUG}/records/query (unknown object)",
        path=f"/v2/objects/{NO_SLUG}/records/query",
        method="POST",
        json={},
    ),
    _get(f"/v2/lists/{NO_SLUG}", "unknown list"),
    _get(f"/v2/lists/{NO_SLUG}/attributes", "unknown list"),
    _get(f"/v2/workspace_members/{NO_ID}", "unknown id"),
    _get(f"/v2/threads/{NO_ID}", "unknown id"),
    _get(f"/v2/comments/{NO_ID}", "unknown id"),
    _get(f"/v2/files/{NO_ID}", "unknown id"),
    _get("/v2/files", "without a record"),
    _get("/v2/threads", "without a record"),
    _get("/v2/tasks", "unknown order", params={"sort": NO_SLUG}),
    _get("/v2/tasks", "flag is a text", params={"is_completed": "maybe"}),
    _get("/v2/meetings", "invalid cursor", params={"cursor": NO_SLUG}, optional=True),
)
