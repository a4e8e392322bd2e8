"""Compare a workspace with a fake of the same schema: the same reads of both, and what is different in the answers."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Self, cast

import attrs

from ..._client import Attio
from ..._pipeline.retry import RetryPolicy
from ..._schema import Attribute, Option, standard_schema
from ..._transport.messages import Request, Response
from ...errors import AttioError, ConfigurationError
from .comparison import NO_JSON, Answer, Comparison, ConformanceReport
from .disguise import Disguise
from .probes import Probe, SeenKind, probes_of
from .shapes import VALUES, fields_of, items_of
from .twin import TOKEN, Twin

_MOST_ITEMS = 4
_READS_BY_POST = ("/query", "/search")
_WRONG_TOKEN = "0" * 64


class Reader:
    """Sends probes to one workspace, and nothing that could write."""

    def __init__(self, client: Callable[..., Attio], **options: Any) -> None:
        policy = RetryPolicy(attempts=2)
        self._attio = client(**options, middleware=[self._observe], retry=policy)
        self._seen = dict[str, Response]()
        self._ids = dict[str, list[str]]()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._attio.aclose()

    async def _observe(self, request: Request, send: Any) -> Response:
        is_query = request.method == "POST" and request.path.endswith(_READS_BY_POST)
        if request.method != "GET" and not is_query:
            raise ConfigurationError(f"{request.method} {request.path} is not a read; nothing was sent")
        response: Response = await send(request)
        self._seen[request.path] = response
        return response

    async def answer(self, probe: Probe, nth: int = 0) -> Answer | None:
        """Return the answer to a probe; None if it needs an id that no answer has had.

        Args:
            probe: The probe.
            nth: Which of the known ids is put in for the last name.

        Raises:
            AttioError: There was no answer.
        """
        ids = {name: known[0] for name, known in self._ids.items()}
        for name in probe.names[-1:] if nth else ():
            ids[name] = self._ids[name][nth]
        ready = probe.filled(ids)
        if ready is None:
            return None
        self._seen.clear()
        try:
            await self._attio.request(ready.method, ready.path, json=ready.json, params=ready.params)
        except AttioError:
            if ready.path not in self._seen:
                raise
        response = self._seen[ready.path]
        answer = Answer(response.status, response.headers, _decoded(response.body))
        if probe.keep and answer.is_success and not nth:
            self._keep(probe, items_of(answer.body))
        return answer

    async def other_answers(self, probe: Probe) -> list[Answer]:
        """Return the answers to a probe of one item with the ids of other items; none if it is of several."""
        known = max((len(self._ids.get(name, ())) for name in probe.names[-1:]), default=0)
        answers = [await self.answer(probe, nth) for nth in range(1, min(known, _MOST_ITEMS))]
        return [answer for answer in answers if answer is not None]

    def _keep(self, probe: Probe, items: Sequence[Mapping[str, Any]]) -> None:
        """Keep the ids of the items, those with the most values first."""
        best = sorted(items, key=_richness, reverse=True)
        ids = [fields_of(item.get("id")).get(probe.part) for item in best]
        if found := [one for one in ids if isinstance(one, str) and one]:
            self._ids[probe.keep] = found


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return NO_JSON


def _richness(item: Mapping[str, Any]) -> int:
    return sum(1 for name in VALUES for values in fields_of(item.get(name)).values() if values)


# Schema


async def read_kinds(reader: Reader) -> list[SeenKind]:
    """Return the objects and lists of a workspace as far as they can be read."""
    slugs = dict[str, str]()
    kinds = list[SeenKind]()
    targets: tuple[Literal["objects", "lists"], ...] = ("objects", "lists")
    for target in targets:
        for number, item in enumerate(await _items(reader, f"/v2/{target}"), 1):
            slug = item.get("api_slug")
            if not isinstance(slug, str) or not slug:
                continue
            slugs[_id_of(item, "object_id")] = slug
            is_standard = target == "objects" and standard_schema(slug) is not None
            parents = item.get("parent_object")
            parent = str(cast("list[object]", parents)[0]) if isinstance(parents, list) and parents else ""
            kinds.append(
                SeenKind(
                    target=target,
                    slug=slug,
                    name=slug if is_standard else f"{target.removesuffix('s')}{number}",
                    parent=slugs.get(parent, parent),
                )
            )
    return [attrs.evolve(kind, attributes=await _attributes(reader, kind, slugs)) for kind in kinds]


async def _attributes(reader: Reader, kind: SeenKind, slugs: Mapping[str, str]) -> tuple[Attribute, ...]:
    path = f"/v2/{kind.target}/{kind.slug}/attributes"
    found = list[Attribute]()
    for item in await _items(reader, path, show_archived="true"):
        attribute = Attribute.parse(item)
        targets = tuple(slugs[one] for one in attribute.target_objects if one in slugs)
        attribute = attrs.evolve(attribute, target_objects=targets)
        if attribute.has_options:
            what = "options" if attribute.type == "select" else "statuses"
            options = await _items(reader, f"{path}/{attribute.slug}/{what}")
            attribute = attrs.evolve(attribute, options=tuple(map(Option.parse, options)))
        found.append(attribute)
    return tuple(found)


async def _items(reader: Reader, path: str, **params: str) -> list[Mapping[str, Any]]:
    answer = await reader.answer(Probe(label=path, path=path, params=params))
    return items_of(answer.body) if answer is not None and answer.is_success else []


def _id_of(item: Mapping[str, Any], part: str) -> str:
    return str(fields_of(item.get("id")).get(part) or "")


# Comparison


async def compare(client: Callable[..., Attio], **options: Any) -> ConformanceReport:
    """Send reads to a workspace and to a fake with the same schema, and return the differences. Never writes.

    Args:
        client: Makes a client of these options.
        options: The options of clients of the workspace.

    Raises:
        AttioError: The workspace does not answer.
    """
    disguise = Disguise()
    async with Reader(client, **options) as workspace:
        kinds = await read_kinds(workspace)
        for kind in kinds:
            disguise.add_kind("object" if kind.target == "objects" else "list", kind.slug)
            for attribute in kind.attributes:
                disguise.add_attribute(kind.slug, attribute.slug, attribute.type)
        who = await workspace.answer(Probe(label="", path="/v2/self"))
        scopes = str(fields_of(who and who.body).get("scope") or "").split()
        fake = Twin(kinds, scopes).fill()
        comparison = Comparison(disguise)
        async with Reader(fake.client, token=TOKEN) as twin:
            for probe in probes_of(kinds, disguise):
                answer, expected = await workspace.answer(probe), await twin.answer(probe)
                comparison.add(probe, answer, expected, await twin.other_answers(probe))
    wrong = Probe(label="GET /v2/objects (wrong token)", path="/v2/objects")
    async with (
        Reader(client, **{**options, "token": _WRONG_TOKEN}) as workspace,
        Reader(fake.client, token=_WRONG_TOKEN) as twin,
    ):
        comparison.add(wrong, await workspace.answer(wrong), await twin.answer(wrong))
    return comparison.report()
