"""Finding records of several objects by what they are called."""

import functools
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from attio_async_api.api.records import search_records
from attio_async_api.api.sequences import unsubscribe_emails
from attio_async_api.api.sql import run_sql
from attio_async_api.models.run_sql import RunSql
from attio_async_api.models.search_hit import SearchHit
from attio_async_api.models.search_records import SearchRecords
from attio_async_api.models.sql_result import SqlResult
from attio_async_api.models.unsubscribe_emails import UnsubscribeEmails
from attio_async_api.models.unsubscribed_email import UnsubscribedEmail
from attio_async_api.operations import (
    GET_SELF,
    OPERATIONS,
    RUN_SQL,
    SEARCH_RECORDS,
    UNSUBSCRIBE_EMAILS,
    Operation,
)
from attio_async_api.types import UNSET

from .._transport.messages import Request
from .._workspace.arguments import (
    as_list,
    check_length,
    member,
    slug_or_id,
)
from .._workspace.session import Session
from ..errors import ConfigurationError

if TYPE_CHECKING:
    from polars import DataFrame

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


async def request(
    session: Session, method: str, path: str, *, json: Any = None, params: Mapping[str, Any] | None = None
) -> Any:
    """The decoded answer; None when it has no body."""
    verb = method.upper()
    if verb not in _METHODS:
        raise ConfigurationError(f"{method!r} is no method of this API; there is {', '.join(_METHODS)}")
    if not path.startswith("/") or path.startswith("//"):
        raise ConfigurationError(f"the path starts with one slash, such as '/v2/self', not {path!r}")
    built = Request(method=verb, path=path, json=json, params=params or {})
    return await session.call(find_operation(verb, path), built, _decoded)


def find_operation(method: str, path: str) -> Operation:
    """The known operation at that address, or a cautious stand-in for one that is newer than this package."""
    for pattern, operation in _patterns(method):
        if pattern.fullmatch(path):
            return operation
    return GET_SELF._replace(
        id=f"{method} {path}",
        method=method,
        path=path,
        access="read" if method == "GET" else "write",
        repeatable=method in {"GET", "PUT", "DELETE"},
    )


@functools.cache
def _patterns(method: str) -> list[tuple[re.Pattern[str], Operation]]:
    """Path patterns of one method, those with fewer placeholders first: `/records/search` is no record."""
    operations = [operation for operation in OPERATIONS.values() if operation.method == method]
    operations.sort(key=lambda operation: operation.path.count("{"))
    return [(re.compile(re.sub(r"\\?\{\w+\\?\}", "[^/?]+", re.escape(o.path))), o) for o in operations]


def _decoded(body: bytes) -> Any:
    return msgspec.json.decode(body) if body else None


_MOST = 1_000


class Sequences:
    """The e-mail sequences of the workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def unsubscribe(self, email_addresses: Iterable[str]) -> list[UnsubscribedEmail]:
        """The addresses that no sequence will write to any more; the API offers no way back.

        Args:
            email_addresses: 1 to 1,000 addresses.

        Raises:
            ConfigurationError: There are none, or too many. Nothing was sent.
            BadRequest: One of them is no address. Nothing was written.

        Attio: POST /v2/sequences/unsubscribed_emails (beta), write, retried, sequence_unsubscribe:read-write
        """
        addresses = as_list(email_addresses, "email_addresses", least=1, most=_MOST)
        built = unsubscribe_emails.build_request(body=UnsubscribeEmails(email_addresses=addresses))
        return await self._session.many(UNSUBSCRIBE_EMAILS, built, UnsubscribedEmail.from_dict)


async def query_sql(session: Session, query: str) -> list[dict[str, Any]]:
    """See `Attio.sql`."""
    if not query.strip():
        raise ConfigurationError("the SQL query is empty")
    return await session.one(RUN_SQL, run_sql.build_request(body=RunSql(sql=query)), _rows)


async def query_sql_frame(session: Session, query: str) -> "DataFrame":
    """See `Attio.sql_frame`."""
    try:
        from polars import DataFrame  # noqa: PLC0415 - an extra, and large
    except ImportError:
        raise ConfigurationError("a table of rows needs Polars: install attio-async[dataframe]") from None
    # Any row may be the first to have a column, or a fraction where others are whole.
    return DataFrame(await query_sql(session, query), infer_schema_length=None, strict=False)


def _rows(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = SqlResult.from_dict(raw).rows
    if not all(isinstance(row, dict) for row in found):
        raise TypeError("a row of it is not an object")
    return found


_LONGEST = 256


async def search(
    session: Session, query: str, *, objects: Iterable[object], limit: int | None, as_member: object
) -> list[SearchHit]:
    """See `Attio.search`."""
    check_length(query, _LONGEST, "the query")
    body = SearchRecords(
        query=query,
        objects=[slug_or_id(each, "an object") for each in as_list(objects, "objects", least=1)],
        request_as=_asker(as_member),
        limit=UNSET if limit is None else _search_limit(limit),
    )
    return await session.many(SEARCH_RECORDS, search_records.build_request(body=body), SearchHit.from_dict)


def _search_limit(limit: int) -> int:
    most = SEARCH_RECORDS.max_limit or limit
    if not 1 <= limit <= most:
        raise ConfigurationError(f"limit must be from 1 to {most}, not {limit!r}")
    return limit


def _asker(as_member: object) -> dict[str, str]:
    if as_member is None:
        return {"type": "workspace"}
    found = member(as_member, "as_member")
    if isinstance(found, str):
        return {"type": "workspace-member", "email_address": found}
    return {"type": "workspace-member", "workspace_member_id": found["referenced_actor_id"]}
