"""Reading what is there, for many rows at once."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import anyio
import attrs
import msgspec

from ..._records.models import Entry, Record
from ..._workspace.records import RECORDS
from ..._workspace.rows import Rows
from ..._workspace.schema_cache import SchemaCache
from ...errors import (
    APIError,
    AttioError,
    DecodeError,
    QueryTooComplex,
)
from ...query import F
from .._journal.protocol import Claim
from .decisions import (
    Decision,
    End,
    Found,
    MatchKey,
    RowOperation,
)
from .diff import Comparer, Reference
from .payload import Payload
from .report import Row
from .retry import pause_after
from .targets import PARENT, Target

CHUNK = 125


"""Rows that are read for at once: 400 queries for 50,000 rows."""


_CACHED = 20_000


"""References whose record is remembered."""


class QuerySize:
    """How many keys one query may name, learned from what queries cost and which are refused for it."""

    def __init__(self, most: int = CHUNK) -> None:
        self._most = most
        self._cost = 1.0
        self._budget = float("inf")

    @property
    def keys(self) -> int:
        """How many the next one may name."""
        return int(max(1, min(self._most, self._budget / self._cost)))

    def accepted(self, keys: int, score: float | None) -> None:
        """A query with so many keys was answered, and had that score where the answer tells it."""
        if score and keys:
            cost = score / keys
            self._budget *= cost / self._cost
            self._cost = cost
        if keys >= self.keys:
            self._budget *= 1.1

    def refused(self, keys: int) -> None:
        """A query with so many keys costs more than a query may."""
        self._budget = keys * self._cost / 2


class Current:
    """What is there for the rows of a job, and what is known of the workspace to compare with it.

    Args:
        operation: What the job does.
        create_references: Whether records that rows refer to by a unique value are made where they are missing.
    """

    def __init__(self, operation: RowOperation, *, create_references: bool) -> None:
        self.creates_references = create_references
        self.clock = operation.target.session.pipeline.clock
        self._operation = operation
        self._target: Target = operation.target
        self._schemas: SchemaCache = operation.target.schemas
        self._size = QuerySize()
        self._known: dict[Reference, str] = {}
        self._making: dict[Reference, anyio.Lock] = {}

    async def comparer(self, payloads: Sequence[Payload] = ()) -> Comparer:
        """Compares these rows; what they name by title, e-mail address or unique value is looked up."""
        target = self._target
        schema = await self._schemas.for_reading(target.name, target=target.kind)
        if schema is None:
            return Comparer(None)
        slugs = dict.fromkeys(slug for payload in payloads for slug in payload.values)
        schema = await self._schemas.with_options(schema, slugs, target=target.kind)
        types = {schema.attributes[slug].type for slug in slugs if slug in schema.attributes}
        comparer = Comparer(schema)
        if "actor-reference" in types:
            comparer = attrs.evolve(comparer, members=await self._members())
        if "record-reference" in types:
            comparer = attrs.evolve(comparer, objects=await self._schemas.titles())
            wanted = {reference for payload in payloads for reference in comparer.named(payload.values)}
            comparer = attrs.evolve(comparer, references=await self._resolved(wanted))
        return comparer

    async def found(self, payloads: Sequence[Payload], comparer: Comparer) -> list[list[Found]]:
        """For each row what has one of its keys, each once."""
        keys = [self._operation.keys(payload, comparer) for payload in payloads]
        wanted: dict[str, dict[Hashable, None]] = {}
        for key in (key for each in keys for key in each):
            wanted.setdefault(key.slug, {})[key.form] = None
        by_key: dict[MatchKey, dict[str, Found]] = {}
        for slug, forms in wanted.items():
            for record in await self._find(slug, list(forms)):
                for form in self._forms(slug, record, comparer):
                    by_key.setdefault(MatchKey(slug, form), {})[record.id] = record
        return [
            list({id_: record for key in each for id_, record in by_key.get(key, {}).items()}.values())
            for each in keys
        ]

    async def ensure(self, payload: Payload, comparer: Comparer) -> None:
        """Make the records that a row refers to, where they are missing.

        Asserting by a unique value is the same however often, and by however many, it is done.

        Raises:
            AttioError: One could not be made.
        """
        for reference in comparer.named(payload.values):
            async with self._making.setdefault(reference, anyio.Lock()):
                if reference not in self._known:
                    made = await self._records(reference.object).upsert(
                        {reference.attribute: reference.value}, match=reference.attribute
                    )
                    self._remember(reference, made.id)
            self._making.pop(reference, None)

    async def _find(self, slug: str, forms: list[Hashable]) -> list[Found]:
        found: list[Found] = []
        while forms:
            size = self._size.keys
            try:
                found += await self._target.find(slug, forms[:size])
            except QueryTooComplex:
                if size == 1:
                    raise
                self._size.refused(size)
                continue
            scores = self._target.session.pipeline.limiter.queries.stats().scores
            self._size.accepted(len(forms[:size]), scores.get(self._target.name))
            forms = forms[size:]
        return found

    def _forms(self, slug: str, record: Found, comparer: Comparer) -> Sequence[Hashable]:
        if slug == self._target.id_slug:
            return [record.id]
        if slug == PARENT:
            return [record.parent_record_id] if isinstance(record, Entry) else []
        return comparer.keys_of(slug, record)

    async def _members(self) -> Mapping[str, Sequence[str]]:
        try:
            return await self._schemas.members()
        except (APIError, DecodeError):  # such as a token that may not read them
            return {}

    async def _resolved(self, wanted: set[Reference]) -> Mapping[Reference, str]:
        """The records that are referred to, as far as they are there and may be read."""
        missing: dict[tuple[str, str], list[Hashable]] = {}
        for reference in wanted - self._known.keys():
            missing.setdefault((reference.object, reference.attribute), []).append(reference.value)
        for (name, slug), values in missing.items():
            for start in range(0, len(values), CHUNK):
                await self._look_up(name, slug, values[start : start + CHUNK])
        return {reference: self._known[reference] for reference in wanted if reference in self._known}

    async def _look_up(self, name: str, slug: str, values: list[Hashable]) -> None:
        try:
            found = await self._records(name).query(F[slug].in_(*values))
            comparer = Comparer(await self._schemas.for_reading(name))
        except AttioError:
            return  # then what refers to them counts as changed
        for record in found:
            for form in comparer.keys_of(slug, record):
                self._remember(Reference(name, slug, form), record.id)

    def _remember(self, reference: Reference, id_: str) -> None:
        if len(self._known) >= _CACHED:
            self._known.pop(next(iter(self._known)))
        self._known[reference] = id_

    def _records(self, name: str) -> Rows[Record]:
        return Rows(self._target.session, self._schemas, name, RECORDS)


class Planned(msgspec.Struct):
    """What is planned for a row, as a journal keeps it."""

    action: str
    id: str | None = None
    changes: list[tuple[str, list[Any], list[Any]]] = []


@attrs.define(eq=False)
class Looked:
    """A row, and what is to be done with it."""

    claim: Claim
    payload: Payload
    decision: Decision
    comparer: Comparer

    @property
    def plan(self) -> bytes:
        """What is to be written, as a journal keeps it."""
        write = self.decision
        if isinstance(write, End):
            return b""
        changes = [(change.attribute, change.old, change.new) for change in write.changes]
        return msgspec.json.encode(Planned(write.action, write.id, changes))


async def look(
    operation: RowOperation, current: Current, claims: Sequence[Claim], *, always: bool
) -> list[Looked]:
    """The rows, in their order, each with what is to be done.

    Args:
        operation: What the job does.
        current: Reads what is there.
        claims: The rows.
        always: Whether to read what is there even where the operation can do without.
    """
    decoded = {claim.index: await _decoded(operation, claim) for claim in claims}
    fit = [claim for claim in claims if isinstance(decoded[claim.index], Payload)]
    wanted = [claim for claim in fit if always or operation.reads or claim.begun_at is not None]
    comparer, decisions = Comparer(None), dict[int, Decision]()
    if wanted or current.creates_references:
        payloads = {claim.index: decoded[claim.index] for claim in fit}
        comparer, decisions = await _decided(operation, current, wanted, payloads, always=always)
    looked: list[Looked] = []
    for claim in claims:
        payload = decoded[claim.index]
        if isinstance(payload, AttioError):
            end = End("failed", error=payload)
            looked.append(Looked(claim, Payload.decode(claim.payload), end, comparer))
        else:
            decision = decisions.get(claim.index) or operation.blind(payload)
            looked.append(Looked(claim, payload, decision, comparer))
    return looked


async def _decided(
    operation: RowOperation,
    current: Current,
    wanted: Sequence[Claim],
    payloads: Mapping[int, Payload | AttioError],
    *,
    always: bool,
) -> tuple[Comparer, dict[int, Decision]]:
    fit = {index: payload for index, payload in payloads.items() if isinstance(payload, Payload)}
    try:
        comparer, there = await _patiently(
            current, list(fit.values()), [fit[claim.index] for claim in wanted]
        )
    except AttioError as error:
        failed: Decision = End("failed", error=error)
        must = [c for c in wanted if always or operation.must_read or c.begun_at is not None]
        # The others are written without having looked.
        return Comparer(None), {claim.index: failed for claim in must}
    decisions: dict[int, Decision] = {}
    for claim, found in zip(wanted, there, strict=True):
        decisions[claim.index] = operation.decide(fit[claim.index], found, comparer, claim.begun_at)
    return comparer, decisions


async def _patiently(
    current: Current, payloads: Sequence[Payload], wanted: Sequence[Payload]
) -> tuple[Comparer, list[list[Found]]]:
    """What is there, tried again for as long as it is no fault of the rows."""
    tried = 0
    while True:
        try:
            comparer = await current.comparer(payloads)
            return comparer, await current.found(wanted, comparer)
        except AttioError as error:
            pause = pause_after(error, tried)
            if pause is None:
                raise
        tried += 1
        await current.clock.sleep(pause)


async def _decoded(operation: RowOperation, claim: Claim) -> Payload | AttioError:
    payload = Payload.decode(claim.payload)
    if not payload.raw:
        return payload
    try:  # it did not fit when it was read, and what was wrong may be right by now
        return await operation.payload(Row(payload.values, id=payload.id))
    except AttioError as error:
        return error
