"""Load a workspace into any database that dlt writes to, each time only what changed. Needs the extra `dlt`.

::

    import dlt
    from attio_async.blocking import Attio
    from attio_async.dlt import FeedLoad

    pipeline = dlt.pipeline("crm", destination="duckdb")
    with Attio() as attio, FeedLoad(attio, "crm.db", objects=["companies"], lists=["sales"]) as load:
        load.confirm(pipeline.run(load.source()))
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import lru_cache
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from attio_async_api.json_data import to_plain

from ._records.models import Entry, Record
from ._schema import ObjectSchema
from ._utils.public import public
from .blocking import Attio
from .errors import ConfigurationError

if TYPE_CHECKING:
    from dlt.common.pipeline import LoadInfo
    from dlt.extract import DltSource

    from .blocking import Change, Feed
    from .bulk import Also, Followed, Item

__all__ = ["FeedLoad"]

_CHANGES_PER_READ = 200
_CHANGES_TABLE = "_changes"
_ROW_COLUMNS: Mapping[str, Any] = {
    "_deleted": {"data_type": "bool", "hard_delete": True},
    "_place": {"data_type": "bigint", "dedup_sort": "desc"},
}
_OF_ANY_TYPE = ("before", "after", "values")
_CHANGE_COLUMNS: Mapping[str, Any] = {
    **{name: {"data_type": "text"} for name in _OF_ANY_TYPE},
    **{name: {"data_type": "timestamp"} for name in ("at", "noticed_at")},
}


def __dir__() -> list[str]:
    return __all__


@public
class FeedLoad:
    """The changes since the last load, as a source of dlt. Context manager.

    Each object and list is a table named by its slug, as are notes, tasks and comments: a row for each that exists, in
    the state that the feed saw last. Deleted and merged ones are removed. `_changes` has every change ever told, also
    those of deleted records. The first load has everything.

    A run that failed, or was not confirmed, is loaded again the next time: that changes no row, since rows are merged by
    their ids, and changes by their place.

    Args:
        attio: The blocking client.
        state: The state file of the feed; see `attio_async.Attio.feed`, as for the other arguments.
        objects: The objects to load.
        lists: The lists to load.
        also: Notes, tasks and comments, to load as well.
        history: The attributes of which `_changes` has every change.

    Raises:
        ConfigurationError: There is nothing to load, an object and a list have the same name, or the client is not a
            blocking one. Nothing was sent.
    """

    def __init__(
        self,
        attio: Attio,
        state: "str | PathLike[str]",
        *,
        objects: "Followed" = (),
        lists: "Followed" = (),
        also: "Iterable[Also]" = (),
        history: Iterable[str] = (),
    ) -> None:
        if not isinstance(attio, Attio):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
            raise ConfigurationError("dlt runs without async; give a client of attio_async.blocking")
        self._feed: Feed[Item] = attio.feed(state, objects=objects, lists=lists, also=also, history=history)
        followed = self._feed.subscriptions
        if shared := {each.object for each in followed} & {each.list for each in followed} - {None}:
            raise ConfigurationError(
                f"the object and the list {min(map(str, shared))!r} would be one table, so "
                "each needs a load of its own, with a state file and a dataset"
            )
        self._extracted: Change | None = None

    def __enter__(self) -> Self:
        """Open the state file.

        Raises:
            ConfigurationError: The file holds something else, or belongs to another process.
        """
        self._feed.__enter__()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._feed.__exit__(exc_type, exc, traceback)

    def source(self) -> "DltSource":
        """Return the source, for one ``pipeline.run``. Running it reads the workspace once: one sweep.

        Raises:
            ConfigurationError: dlt is not installed.
        """
        dlt = _dlt()

        def items() -> Iterator[Any]:  # dlt writes to the function, which a method does not allow
            yield from self._items()

        return cast("DltSource", dlt.source(lambda: dlt.resource(items, name="attio"), name="attio")())

    def confirm(self, info: "LoadInfo") -> None:
        """Confirm what was loaded: the next load begins after it.

        Args:
            info: What ``pipeline.run`` returned.

        Raises:
            ConfigurationError: A part of the load failed. It is loaded again the next time.
        """
        if info.has_failed_jobs or not all(package.state == "loaded" for package in info.load_packages):
            raise ConfigurationError("the load is not complete; run the pipeline again")
        if self._extracted is not None:
            self._feed.ack_through(self._extracted)
            self._extracted = None

    def _items(self) -> Iterator[Any]:
        """Yield the rows of what changed, and the changes."""
        known: set[str] = set()
        batch: list[Change] = []
        last: Change | None = None
        for change in self._feed:
            batch.append(change)
            last = change
            if len(batch) == _CHANGES_PER_READ:
                yield from self._rows(batch, known)
                batch.clear()
        yield from self._rows(batch, known)
        self._extracted = last  # everything has left for the pipeline

    def _rows(self, changes: Sequence["Change"], known: set[str]) -> Iterator[Any]:
        if not changes:
            return
        by_id = {(change.object, change.record_id): change for change in changes}
        latest = list(by_id.values())
        for change, now in zip(latest, self._feed.latest(*latest), strict=True):
            last = now if now is not None else getattr(change, "record", None)
            if last is None:
                continue  # its deletion is among the changes that follow
            key = _key_of(change.object, last)
            row = {key: change.record_id, "_place": change.place, "_deleted": now is None or None}
            if now is not None:
                row = {**_values(now), **row}
            yield _marked(row, change.object, key, known, _ROW_COLUMNS)
        for change in changes:
            yield _marked(_logged(change), _CHANGES_TABLE, "place", known, _CHANGE_COLUMNS)


def _logged(change: "Change") -> dict[str, Any]:
    """Return a change as a row; what may be of any type is JSON text."""
    told = {name: value for name, value in change.to_dict(mode="json").items() if value is not None}
    texts = {name: json.dumps(told[name], ensure_ascii=False) for name in _OF_ANY_TYPE if name in told}
    return {"place": change.place, **told, **texts}


def _marked(row: dict[str, Any], table: str, key: str, known: set[str], columns: Mapping[str, Any]) -> Any:
    """Return a row marked with its table, and with the key of the table the first time."""
    dlt = _dlt()
    if table in known:
        return dlt.mark.with_table_name(row, table)
    known.add(table)
    hints = dlt.mark.make_hints(
        table_name=table, write_disposition="merge", primary_key=key, columns=dict(columns)
    )
    return dlt.mark.with_hints(row, hints, create_table_variant=True)


def _key_of(name: str, found: object) -> str:
    """Return the name of the column with the id."""
    if isinstance(found, Record | Entry):
        return "record_id" if isinstance(found, Record) else "entry_id"
    return {"notes": "note_id", "tasks": "task_id", "comments": "comment_id"}.get(name, "record_id")


def _values(found: Any) -> dict[str, Any]:
    """Return the columns of a row that have a value: a column without one has no type."""
    if isinstance(found, Record | Entry):
        values = {"created_at": found.created_at, **found.to_dict(flat=True)}
        numbers = _numbers(found.schema)
        return {
            name: _column(value, is_number=name in numbers)
            for name, value in values.items()
            if value is not None
        }
    plain: dict[str, Any] = to_plain(found)
    return {name: value for name, value in plain.items() if name != "id" and value is not None}


@lru_cache
def _numbers(schema: ObjectSchema | None) -> frozenset[str]:
    """Return the slugs of the attributes that hold numbers."""
    attributes = () if schema is None else schema.attributes.values()
    return frozenset(each.slug for each in attributes if each.type == "number")


def _column(value: object, *, is_number: bool) -> Any:
    """Return a value in a form that dlt knows: numbers and times as they are, everything else as JSON.

    A whole number of an attribute that may have others is a float, unless that has fewer digits: the first value decides the
    type of its column.
    """
    if isinstance(value, list):
        return [_column(each, is_number=is_number) for each in cast("list[object]", value)]
    if is_number and isinstance(value, int):
        with suppress(OverflowError):
            return float(value) if float(value) == value else value
    return value if value is None or isinstance(value, int | float | Decimal | date) else to_plain(value)


def _dlt() -> Any:
    try:
        import dlt  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigurationError('loading with dlt needs an extra: pip install "attio-async[dlt]"') from None
    return dlt
