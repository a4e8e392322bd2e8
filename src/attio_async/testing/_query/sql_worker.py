"""The process that runs one SELECT: reads tables and the query from its input, writes the rows to its output.

It is started as a script and imports nothing of this package, so that it is up within a fraction of a second.
"""

import contextlib
import json
import math
import re
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, cast

import duckdb

_MAX_MEMORY = "512MB"
_MAX_ADDRESS_SPACE_BYTES = 3 * 1024**3
_MAX_ANSWER_BYTES = 50_000_000
_MAX_SECONDS = 45
"""More than anybody waits for an answer."""

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": _MAX_MEMORY,
    "temp_directory": "",
    "threads": "1",
}
_CLOCK = {
    "TIMESTAMPTZ": ("now", "current_timestamp", "get_current_timestamp", "transaction_timestamp"),
    "TIMESTAMP": ("current_localtimestamp",),
    "DATE": ("today", "current_date"),
    "TIME": ("current_time", "get_current_time"),
}
"""The functions that tell the time, by type: they follow the clock of the fake."""

_SELECTS = frozenset({"select", "with", "from", "values"})
_WITH_ZONE = "TIMESTAMP WITH TIME ZONE"


def main() -> None:
    """Read a job from standard input, and write its answer to standard output."""
    _limit_resources()
    json.dump(answer(json.load(sys.stdin)), sys.stdout)


def answer(job: dict[str, Any]) -> dict[str, Any]:
    """Return the `rows` of a query, or an `error`, or what is `not_modelled`."""
    query: str = job["query"]
    with duckdb.connect(":memory:", config=_CONFIG) as database:
        try:
            if not _is_select(database, query):
                return {"error": "The query has to be one SELECT."}
        except duckdb.Error as error:
            return _refusal(error)
        _create(database, job["tables"], job["now"])
        try:
            return _run(database, query, job["max_rows"])
        except duckdb.Error as error:
            return _refusal(error)


def _refusal(error: duckdb.Error) -> dict[str, Any]:
    if isinstance(error, duckdb.OutOfMemoryException):
        return {"error": "The query needs too much memory."}
    reason = str(error).partition("\n\n")[0]
    return {"error": f"The query cannot be run: {reason}. FakeAttio reads SQL as DuckDB does."}


def quoted(name: str) -> str:
    """Quote a name for SQL."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _limit_resources() -> None:
    """Limit the time, as nobody may be waiting any more, and the memory that DuckDB does not count, such as long texts.

    Systems without such limits have none.
    """
    with contextlib.suppress(AttributeError):
        signal.alarm(_MAX_SECONDS)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on all systems

        resource.setrlimit(resource.RLIMIT_AS, (_MAX_ADDRESS_SPACE_BYTES, _MAX_ADDRESS_SPACE_BYTES))


def _create(database: duckdb.DuckDBPyConnection, tables: Sequence[dict[str, Any]], now: str) -> None:
    """Create the two schemas with their tables and functions, then lock the configuration and all tables."""
    database.execute(
        "SET TimeZone = 'UTC'; CREATE SCHEMA objects; CREATE SCHEMA lists; SET schema = 'objects'"
    )
    for type, names in _CLOCK.items():
        for name in names:
            value = now[11:26] if type == "TIME" else now[:26]
            database.execute(f"CREATE MACRO objects.{quoted(name)}() AS CAST('{value}' AS {type})")
    for table in tables:
        place = f"{table['schema']}.{quoted(table['name'])}"
        # The first parameter is a list of rows, the second the list of their types.
        database.execute(
            f"CREATE TABLE {place} AS SELECT row.* FROM (SELECT unnest(from_json(?::JSON, ?)) AS row)",  # noqa: S608 - names are quoted
            [json.dumps(table["rows"]), json.dumps([table["types"]])],
        )
    # A SELECT can contain other statements: `WITH gone AS (DELETE ...) SELECT ...`.
    database.execute("SET lock_configuration = true; BEGIN TRANSACTION READ ONLY")


def _run(database: duckdb.DuckDBPyConnection, query: str, max_rows: int) -> dict[str, Any]:
    found = database.sql(query)
    names = found.columns
    if len(set(names)) < len(names):
        return {"not_modelled": "results with two columns of the same name"}
    if _WITH_ZONE in map(str, found.types):  # so that no library for time zones is needed
        shown = (
            f"CAST({quoted(name)} AS TIMESTAMP) AS {quoted(name)}"
            if str(type) == _WITH_ZONE
            else quoted(name)
            for name, type in zip(names, found.types, strict=True)
        )
        found = found.project(", ".join(shown))
    rows = found.limit(max_rows + 1).fetchall()
    if len(rows) > max_rows:
        return {"error": f"The query finds more than {max_rows} rows."}
    shown_rows = [dict(zip(names, map(_plain, row), strict=True)) for row in rows]
    if len(json.dumps(shown_rows)) > _MAX_ANSWER_BYTES:
        return {"error": "The query finds too much."}
    return {"rows": shown_rows}


def _is_select(database: duckdb.DuckDBPyConnection, query: str) -> bool:
    """Return True if a query is one SELECT. DuckDB counts DESCRIBE, SHOW and SUMMARIZE as SELECT, too.

    Raises:
        duckdb.Error: It is not valid SQL.
    """
    types = [statement.type for statement in database.extract_statements(query)]
    return types == [duckdb.StatementType.SELECT] and _first_word(query) in _SELECTS


def _first_word(query: str) -> str:
    tokens = duckdb.tokenize(query)
    start = next((place for place, type in tokens if type is duckdb.token_type.keyword), 0)
    word = re.match(r"\w*", query.encode()[start:].decode(errors="replace"))
    return "" if word is None else word[0].lower()


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one line per type
    """Return a value in JSON: whole numbers without a point, times in UTC as the API writes them."""
    match value:
        case dict():
            return {str(name): _plain(part) for name, part in cast("Mapping[str, Any]", value).items()}
        case list() | tuple():
            return [_plain(part) for part in cast("Iterable[Any]", value)]
        case float() | Decimal():
            return _plain_number(value)
        case datetime():
            moment = value if value.tzinfo is None else value.astimezone(UTC)
            return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}000Z"
        case date() | time():
            return value.isoformat()
        case bytes():
            return f"\\x{value.hex()}"
        case _:
            return value if value is None or isinstance(value, bool | int | str) else str(value)


def _plain_number(value: float | Decimal) -> float | None:
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) else float(value)


if __name__ == "__main__":
    main()
