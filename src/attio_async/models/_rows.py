"""Records and entries through models: every read returns the model, every write is checked by its attributes."""
# ruff: noqa: PLC0415 - bulk work is loaded when it is used

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar, Unpack, cast

import attrs

from .._resources.entries import parent_place
from .._resources.rows import RecordsAndEntries
from .._utils.concurrency import iterate
from .._utils.public import public
from .._utils.text import show
from .._workspace.arguments import as_list, check_several
from .._workspace.encode import attribute_slug
from .._workspace.entries import ENTRIES, ENTRY_HISTORY
from .._workspace.history import History
from .._workspace.records import RECORD_HISTORY, RECORDS
from .._workspace.rows import Multiselect, RowKind, Rows
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session
from ..errors import ConfigurationError
from ..query._fields import FieldPath, steps_of
from ..values import Value
from ._models import EntryModel, Model, RecordModel

if TYPE_CHECKING:
    from ..bulk._write.job import BulkJob
    from ..bulk._write.operations import RowOperation
    from ..bulk._write.options import BulkOptions, MatchOn
    from ..bulk._write.report import Row

M = TypeVar("M", bound=RecordModel | EntryModel)
RM = TypeVar("RM", bound=RecordModel)
EM = TypeVar("EM", bound=EntryModel)
V = TypeVar("V", bound=Mapping[str, object])
R_co = TypeVar("R_co", covariant=True)


@public
@attrs.frozen
class Binding:
    """A client, as models need it; ``attio.of(Deal)`` makes one."""

    rows: Callable[[str, Any, Mapping[str, str]], Any] = attrs.field(repr=False)


@public
class Bindable(Protocol[R_co]):
    """A generated model: it says which class reads and writes its records."""

    def __bind__(self, binding: Binding, /) -> R_co: ...


class ModelRows(RecordsAndEntries[M], Generic[M, V]):
    """The part that the records and the entries of a model share."""

    def __init__(self, model: type[M], binding: Binding, kind: RowKind[Any], history: History) -> None:
        info = model.model_info()
        held = {slug: attribute.name for slug, attribute in info.by_slug.items()}
        typed = cast("RowKind[M]", attrs.evolve(kind, type=model))
        super().__init__(binding.rows(info.name, typed, held), history)

    async def history(self, id: object, attribute: object) -> list[Value]:
        """Return every value an attribute had and has, as ``history(deal, Deal.stage)``; see `Records.history`."""
        name = steps_of(attribute)[0] if isinstance(attribute, FieldPath) else attribute
        if isinstance(name, str):
            name = attribute_slug(await self.schema(), self._held_name(name))
        return await super().history(id, name)

    async def update(  # type: ignore[override]
        self, id: object, values: V, *, multiselect: Multiselect = "append", validate: bool = True
    ) -> M:
        """Set these values, and return the result. Attributes that are not named keep theirs; see `Records.update`."""
        return await (await self._located()).update(id, values, multiselect=multiselect, validate=validate)

    async def edit(  # type: ignore[override]
        self,
        id: object,
        *,
        set: V | None = None,
        add: V | None = None,
        remove: V | None = None,
        clear: Iterable[str] = (),
        merge: bool = False,
    ) -> M:
        """Set, add, remove and clear values in one write, and return the result; see `Records.edit`."""
        return await (await self._located()).edit(
            id,
            set=self._held(set),
            add=self._held(add),
            remove=self._held(remove),
            clear=[self._held_name(slug) for slug in as_list(clear, "clear")],
            merge=merge,
        )

    def update_many(
        self,
        rows: "Iterable[tuple[object, V] | Row] | AsyncIterable[tuple[object, V] | Row] | None",
        *,
        multiselect: Multiselect = "append",
        compare: bool = True,
        **options: "Unpack[BulkOptions]",
    ) -> "BulkJob":
        """Make a job that updates what exists, as ``update_many([(deal, {"value": 900})])``; see `Records.update_many`."""
        given = _paired(rows, "id")
        return super().update_many(given, multiselect=multiselect, compare=compare, **options)

    def _held(self, values: Mapping[str, object] | None) -> dict[str, object] | None:
        return None if values is None else {self._held_name(slug): value for slug, value in values.items()}

    def _held_name(self, slug: str) -> str:
        return self._rows.held_names.get(slug, slug)


@public
class ModelRecords(ModelRows[RM, V]):
    """The records of a model: what `Records` is, with values that a type checker knows.

    `Records` has what is not about values: merging, exports and the lists that a record is in.
    """

    def __init__(self, model: type[RM], binding: Binding) -> None:
        super().__init__(model, binding, RECORDS, RECORD_HISTORY)

    def create_many(
        self, rows: "Iterable[V | Row] | AsyncIterable[V | Row] | None", **options: "Unpack[BulkOptions]"
    ) -> "BulkJob":
        """Make a job that creates a record from every row; ``await`` runs it. See `Records.create_many`."""
        return super().create_many(rows, **options)

    async def upsert(self, values: V, *, match: str, validate: bool = True) -> RM:
        """Update the record that has this value of `match`, or create one; return it. See `Records.upsert`."""
        return await (await self._located()).upsert(values, match=self._held_name(match), validate=validate)

    def upsert_many(
        self,
        rows: "Iterable[V | Row] | AsyncIterable[V | Row] | None",
        *,
        match: "str | MatchOn",
        compare: bool = True,
        **options: "Unpack[BulkOptions]",
    ) -> "BulkJob":
        """Make a job that upserts every row; ``await`` runs it. See `Records.upsert_many`."""
        from ..bulk._write.job import job, record_upsert

        async def make() -> "RowOperation":
            on = match
            if isinstance(on, str):
                on = attribute_slug(await self.schema(), self._held_name(on))
            return await record_upsert(await self._located(), on, compare=compare)

        return job(f"upsert {self._rows.name}", make, rows, options)

    async def _create(
        self, values: Mapping[str, object] | None, more: Mapping[str, object], *, validate: bool
    ) -> RM:
        return await (await self._located()).create(_joined(values, more), validate=validate)


@public
class ModelEntries(ModelRows[EM, V]):
    """The entries of a model: what `Entries` is, with values that a type checker knows."""

    def __init__(self, model: type[EM], binding: Binding) -> None:
        super().__init__(model, binding, ENTRIES, ENTRY_HISTORY)

    async def upsert(self, parent: object, values: V | None = None, *, validate: bool = True) -> EM:
        """Update the entry of this record, or add the record to the list; return the entry. See `Entries.upsert`."""
        return await (await self._located()).upsert(
            values or {}, place=await parent_place(self._rows.session, parent), validate=validate
        )

    def create_many(
        self,
        rows: "Iterable[tuple[object, V] | Row] | AsyncIterable[tuple[object, V] | Row] | None",
        **options: "Unpack[BulkOptions]",
    ) -> "BulkJob":
        """Make a job that adds records to the list, as ``create_many([(deal, {"stage": "New"})])``."""
        return super().create_many(_paired(rows, "parent"), **options)

    def upsert_many(
        self,
        rows: "Iterable[tuple[object, V] | Row] | AsyncIterable[tuple[object, V] | Row] | None",
        *,
        compare: bool = True,
        **options: "Unpack[BulkOptions]",
    ) -> "BulkJob":
        """Make a job that updates the entry of each record or adds it, as ``upsert_many([(deal, {"stage": "New"})])``."""
        from ..bulk._write.job import entry_upsert

        return self._job("upsert", partial(entry_upsert, compare=compare), _paired(rows, "parent"), options)

    async def _create(
        self,
        parent: object,
        values: Mapping[str, object] | None,
        more: Mapping[str, object],
        *,
        validate: bool,
    ) -> EM:
        return await (await self._located()).create(
            _joined(values, more), place=await parent_place(self._rows.session, parent), validate=validate
        )


@attrs.frozen
class _Paired:
    """Rows of which each may be a pair: what its values are about, and the values."""

    rows: Iterable[object] | AsyncIterable[object]
    place: Literal["id", "parent"]

    async def __aiter__(self) -> AsyncIterator[object]:
        from ..bulk._write.report import Row

        async with aclosing(iterate(self.rows)) as rows:
            async for row in rows:
                if not isinstance(row, tuple):
                    yield row
                    continue
                about, values = cast("tuple[object, Mapping[str, object]]", row)
                yield Row(values, id=about) if self.place == "id" else Row(values, parent=about)


def _paired(
    rows: Iterable[object] | AsyncIterable[object] | None, place: Literal["id", "parent"]
) -> _Paired | None:
    if rows is None:
        return None
    check_several(rows, "rows")
    return _Paired(rows, place)


def _joined(values: Mapping[str, object] | None, more: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a mapping and of keywords.

    Raises:
        ConfigurationError: One is given in both. Nothing was sent.
    """
    if values and (twice := values.keys() & more.keys()):
        raise ConfigurationError(
            f"{', '.join(sorted(twice))} is given twice: in the mapping and as a keyword"
        )
    return {**(values or {}), **more}


def bind(model: object, session: Session, schemas: SchemaCache) -> Any:
    """Return the records or entries of a model, for one client.

    Raises:
        ConfigurationError: It is not a generated model.
    """
    given: Any = model
    if isinstance(model, type) and issubclass(model, Model) and hasattr(model, "__bind__"):
        return cast("Bindable[Any]", model).__bind__(Binding(partial(Rows, session, schemas)))
    raise ConfigurationError(
        f"{show(given)} is not a model; give a class of attio_async.models, or one that `attio-async models pull` made"
    )
