"""The state of the workspace that a job compares its rows with, read for many rows at once."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any

import anyio
import attrs

from ..._records.models import Entry, Record
from ..._workspace.records import RECORDS
from ..._workspace.rows import Rows
from ...errors import (
    BadRequest,
    DecodeError,
    FilterError,
    NotFound,
    PermissionDenied,
    QueryTooComplex,
    UnknownName,
)
from ...query import F
from .decisions import PARENT_SLUG, Found, MatchKey
from .diff import Comparer, Reference
from .operations import RowOperation
from .payload import Payload

_REFERENCES_PER_QUERY = 125
_MAX_CACHED_REFERENCES = 20_000
_MAX_MISSING = 10_000


class QuerySize:
    """The number of keys in one query, learned from the scores of queries and from those that were too complex."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._score_per_key = 1.0
        self._budget = float("inf")

    @property
    def keys(self) -> int:
        """The number of keys for the next query."""
        return int(max(1, min(self._limit, self._budget / self._score_per_key)))

    def accept(self, keys: int, score: float | None) -> None:
        """Learn from a query of that many keys that was answered, and its score where the response has it."""
        if score and keys:
            score_per_key = score / keys
            self._budget *= score_per_key / self._score_per_key
            self._score_per_key = score_per_key
        if keys >= self.keys:
            self._budget *= 1.1

    def reject(self, keys: int) -> None:
        """Learn from a query of that many keys that was too complex."""
        self._budget = keys * self._score_per_key / 2


class RemoteState:
    """Reads the records or entries that rows are about, and what is needed to compare them.

    Args:
        operation: The operation of the job.
        create_references: Whether records that rows refer to by a unique value are created where they are missing.
        expected: Objects whose records another job creates before this one runs.
    """

    def __init__(
        self, operation: RowOperation, *, create_references: bool, expected: Collection[str] = ()
    ) -> None:
        self.creates_references = create_references
        self.clock = operation.target.session.pipeline.clock
        self._operation = operation
        self._target = operation.target
        self._schemas = operation.target.schemas
        self._size = QuerySize(operation.chunk_size)
        self.missing: dict[Reference, int] = {}
        """Records that rows refer to and that do not exist, with the number of rows; the first 10,000."""
        creates_own = operation.may_create and operation.target.kind.target == "objects"
        self._expected = {*expected, *([operation.target.name] if creates_own else [])}
        self._unreadable: set[str] = set()
        self._references: dict[Reference, str] = {}
        self._creating: dict[Reference, anyio.Lock] = {}

    async def comparer(self, payloads: Sequence[Payload] = ()) -> Comparer:
        """Return what compares these rows, with the members and records that they refer to looked up."""
        kind = self._target.kind.target
        schema = await self._schemas.for_reading(self._target.name, target=kind)
        if schema is None:
            return Comparer(None)
        slugs = dict.fromkeys(slug for payload in payloads for slug in payload.values)
        schema = await self._schemas.with_options(schema, slugs, target=kind)
        types = {schema.attributes[slug].type for slug in slugs if slug in schema.attributes}
        comparer = Comparer(schema)
        if "actor-reference" in types:
            comparer = attrs.evolve(comparer, members=await self._members())
        if "record-reference" in types:
            comparer = attrs.evolve(comparer, objects=await self._schemas.titles())
            by_row = [set(comparer.references_of(payload.values)) for payload in payloads]
            references = await self._resolve(set[Reference]().union(*by_row))
            comparer = attrs.evolve(comparer, references=references)
            self._count_missing(by_row, references)
        return comparer

    def may_be_created(self, reference: Reference) -> bool:
        """Return True if a missing record may exist by the time that a row which refers to it is written."""
        return self.creates_references or reference.object in self._expected

    def lacking(self, payload: Payload, comparer: Comparer) -> list[Reference]:
        """Return the missing records for which a row would fail."""
        return [
            reference
            for reference in comparer.references_of(payload.values)
            if reference not in comparer.references
            and reference.object not in self._unreadable
            and not self.may_be_created(reference)
        ]

    async def find(self, payloads: Sequence[Payload], comparer: Comparer) -> list[list[Found]]:
        """Return for each row the records or entries with one of its keys, each once."""
        keys = [self._operation.keys(payload, comparer) for payload in payloads]
        wanted: dict[str, dict[Hashable, None]] = {}
        for key in (key for each in keys for key in each):
            wanted.setdefault(key.slug, {})[key.form] = None
        by_key: dict[MatchKey, dict[str, Found]] = {}
        for slug, forms in wanted.items():
            for found in await self.look_up(slug, list(forms), self._operation.condition(slug)):
                for form in self._forms(slug, found, comparer):
                    by_key.setdefault(MatchKey(slug, form), {})[found.id] = found
        return [
            list({id_: found for key in each for id_, found in by_key.get(key, {}).items()}.values())
            for each in keys
        ]

    async def create_references(self, payload: Payload, comparer: Comparer) -> None:
        """Create the records that a row refers to, where they are missing.

        Upserting by a unique value has the same result however many workers do it.

        Raises:
            AttioError: One could not be created.
        """
        for reference in comparer.references_of(payload.values):
            async with self._creating.setdefault(reference, anyio.Lock()):
                if reference not in self._references:
                    created = await self._records(reference.object).upsert(
                        {reference.attribute: reference.value}, match=reference.attribute
                    )
                    self._remember(reference, created.id)
            self._creating.pop(reference, None)

    async def look_up(
        self, slug: str, forms: list[Hashable], condition: Mapping[str, Any] | None
    ) -> list[Found]:
        """Return the records or entries that have one of these values and match the condition."""
        found: list[Found] = []
        while forms:
            size = self._size.keys
            try:
                found += await self._query(slug, forms[:size], condition)
            except QueryTooComplex:
                if size == 1:
                    raise
                self._size.reject(size)
                continue
            scores = self._target.session.pipeline.limits.queries.stats().scores
            self._size.accept(len(forms[:size]), scores.get(self._target.name))
            forms = forms[size:]
        return found

    async def _query(
        self, slug: str, forms: Sequence[Hashable], condition: Mapping[str, Any] | None
    ) -> list[Found]:
        filters = [F[slug].in_(*forms)]
        if slug == PARENT_SLUG:
            parents = await self._schemas.parents(self._target.name)
            filters = [F.parent.via(parent).record_id.in_(*forms) for parent in parents]
        found: list[Found] = []
        for filter in filters:
            if condition is None:
                found += await self._target.query(filter)
            else:
                wanted = (await self._target.conditions(filter))["filter"]
                found += await self._target.query({"$and": [condition, wanted]})
        return found

    def _forms(self, slug: str, found: Found, comparer: Comparer) -> Sequence[Hashable]:
        if slug == self._target.kind.id_slug:
            return [found.id]
        if slug == PARENT_SLUG:
            return [found.parent_record_id] if isinstance(found, Entry) else []
        return comparer.keys_of(slug, found)

    async def _members(self) -> Mapping[str, Sequence[str]]:
        try:
            return await self._schemas.members()
        except (PermissionDenied, DecodeError):  # such as a token without the scope
            return {}

    async def _resolve(self, wanted: set[Reference]) -> Mapping[Reference, str]:
        """Return the ids of the records that are referred to, as far as they exist and can be read."""
        missing: dict[tuple[str, str], list[Hashable]] = {}
        for reference in wanted - self._references.keys():
            missing.setdefault((reference.object, reference.attribute), []).append(reference.value)
        for (name, slug), values in missing.items():
            for start in range(0, len(values), _REFERENCES_PER_QUERY):
                await self._look_up(name, slug, values[start : start + _REFERENCES_PER_QUERY])
        return {ref: self._references[ref] for ref in wanted if ref in self._references}

    async def _look_up(self, name: str, slug: str, values: list[Hashable]) -> None:
        try:
            found = await self._records(name).query(F[slug].in_(*values))
            comparer = Comparer(await self._schemas.for_reading(name))
        except (BadRequest, DecodeError, NotFound, PermissionDenied, UnknownName, FilterError):
            self._unreadable.add(name)
            return  # values that refer to them count as changed
        for record in found:
            for form in comparer.keys_of(slug, record):
                self._remember(Reference(name, slug, form), record.id)

    def _count_missing(self, by_row: Sequence[set[Reference]], found: Mapping[Reference, str]) -> None:
        for references in by_row:
            for reference in references - found.keys():
                known = reference in self.missing or len(self.missing) < _MAX_MISSING
                if known and reference.object not in self._unreadable:
                    self.missing[reference] = self.missing.get(reference, 0) + 1

    def _remember(self, reference: Reference, id_: str) -> None:
        if len(self._references) >= _MAX_CACHED_REFERENCES:
            self._references.pop(next(iter(self._references)))
        self._references[reference] = id_

    def _records(self, name: str) -> Rows[Record]:
        return Rows(self._target.session, self._schemas, name, RECORDS)
