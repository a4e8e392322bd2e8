"""Requests about the workspace as a whole: search, SQL, members, e-mail sequences, and requests of any kind."""

import functools
import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec

from attio_async_api.api.records import search_records
from attio_async_api.api.sequences import unsubscribe_emails
from attio_async_api.api.sql import run_sql
from attio_async_api.api.workspace_members import get_workspace_member, list_workspace_members
from attio_async_api.models.run_sql import RunSql
from attio_async_api.models.search_hit import SearchHit
from attio_async_api.models.search_records import SearchRecords
from attio_async_api.models.sql_result import SqlResult
from attio_async_api.models.unsubscribe_emails import UnsubscribeEmails
from attio_async_api.models.unsubscribed_email import UnsubscribedEmail
from attio_async_api.models.workspace_member import WorkspaceMember
from attio_async_api.operations import (
    GET_SELF,
    OPERATIONS,
    SEARCH_RECORDS,
    Operation,
)
from attio_async_api.types import UNSET

from .._pagination.paginator import Paginator
from .._transport.messages import Request
from .._utils.checks import check_range
from .._utils.public import public
from .._utils.text import folded, show
from .._workspace.arguments import (
    as_list,
    check_length,
    check_text,
    find_member,
    find_member_id,
    member_id,
    slug_or_id,
)
from .._workspace.collection import Collection
from .._workspace.session import Session
from ..errors import ConfigurationError

if TYPE_CHECKING:
    from polars import DataFrame

# Search

_MAX_SEARCH_LENGTH = 256
"""https://docs.attio.com/rest-api/endpoint-reference/records/search-records"""


async def search(
    session: Session, query: str, *, objects: Iterable[object], limit: int | None, as_member: object
) -> list[SearchHit]:
    """See `Attio.search`."""
    check_length(query, _MAX_SEARCH_LENGTH, "query")
    body = SearchRecords(
        query=query,
        objects=[slug_or_id(each, "an object") for each in as_list(objects, "objects", min_items=1)],
        request_as=await _requester(session, as_member),
        limit=UNSET if limit is None else _check_search_limit(limit),
    )
    return await session.many(search_records, SearchHit.from_dict, body=body)


def _check_search_limit(limit: int) -> int:
    check_range(1, SEARCH_RECORDS.max_limit or limit, limit=limit)
    return limit


async def _requester(session: Session, as_member: object) -> dict[str, str]:
    if as_member is None:
        return {"type": "workspace"}
    found = await find_member(session, as_member, "as_member")
    if isinstance(found, str):
        return {"type": "workspace-member", "email_address": found}
    return {"type": "workspace-member", "workspace_member_id": found["referenced_actor_id"]}


# SQL


async def query_sql(session: Session, query: str) -> list[dict[str, Any]]:
    """See `Attio.sql`."""
    if not isinstance(query, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
        raise ConfigurationError(f"the SQL query must be a text, not {show(query)}")
    if not query.strip():
        raise ConfigurationError("the SQL query is empty; give a SELECT")
    return await session.one(run_sql, _parse_rows, body=RunSql(sql=query))


async def query_sql_frame(session: Session, query: str) -> "DataFrame":
    """See `Attio.sql_frame`."""
    try:
        from polars import DataFrame  # noqa: PLC0415 - an extra, and large
    except ImportError:
        raise ConfigurationError("sql_frame needs Polars; install attio-async[dataframe]") from None
    # Any row may be the first with a column, or the first with a fraction in it.
    return DataFrame(await query_sql(session, query), infer_schema_length=None, strict=False)


def _parse_rows(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = SqlResult.from_dict(raw).rows
    if not all(isinstance(row, dict) for row in found):
        raise TypeError("a row of it is not an object")
    return found


# E-mail sequences

_MAX_ADDRESSES = 1_000


@public
class Sequences:
    """The e-mail sequences of the workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def unsubscribe(self, email_addresses: Iterable[str]) -> list[UnsubscribedEmail]:
        """Unsubscribe addresses from all sequences, and return them. The API cannot undo it.

        Args:
            email_addresses: 1 to 1,000 addresses.

        Raises:
            ConfigurationError: There are none, or too many. Nothing was sent.
            BadRequest: An address is not valid. Nothing was written.

        Attio: POST /v2/sequences/unsubscribed_emails (beta), write, retried, sequence_unsubscribe:read-write
        """
        addresses = as_list(email_addresses, "email_addresses", min_items=1, max_items=_MAX_ADDRESSES)
        body = UnsubscribeEmails(email_addresses=addresses)
        return await self._session.many(unsubscribe_emails, UnsubscribedEmail.from_dict, body=body)


# Requests of any kind

_UUID = re.compile("[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


async def request(
    session: Session, method: str, path: str, *, json: Any = None, params: Mapping[str, Any] | None = None
) -> Any:
    """See `Attio.request`."""
    given: list[object] = [method, path, params or {}]  # callers may not be typed
    verb = method.upper() if isinstance(given[0], str) else ""
    if verb not in _METHODS:
        raise ConfigurationError(f"{show(method)} is not a valid method; use one of {', '.join(_METHODS)}")
    if not isinstance(given[1], str) or not path.startswith("/") or path.startswith("//"):
        raise ConfigurationError(
            f"{show(path)} is not a valid path; it must start with one slash, as '/v2/self' does"
        )
    if not isinstance(given[2], Mapping):
        raise ConfigurationError(f"params must be a dict, not {show(params)}")
    path, _, query = path.partition("?")
    in_path = parse_qsl(query, keep_blank_values=True)
    twice = sorted({name for name, _ in in_path} & set(params or {}))
    if twice:
        raise ConfigurationError(f"{', '.join(twice)} is given in the path and in params; give it once")
    all_params: dict[str, Any] = {}
    for name, text in in_path:
        all_params[name] = [*all_params[name], text] if name in all_params else [text]
    all_params = {name: texts[0] if len(texts) == 1 else texts for name, texts in all_params.items()}
    built = Request(method=verb, path=path, json=json, params={**all_params, **(params or {})})
    return await session.call(find_operation(verb, path), built, _decode)


def find_operation(method: str, path: str) -> Operation:
    """Return the operation of an address, or a cautious stand-in for one that is newer than this package."""
    for pattern, operation in _patterns(method, path.count("/")):
        if pattern.fullmatch(path):
            return operation
    return GET_SELF._replace(
        id=f"{method} {path}",
        method=method,
        path=_UUID.sub("{id}", path),
        access="read" if method == "GET" else "write",
        repeatable=method in {"GET", "PUT", "DELETE"},
    )


@functools.cache
def _patterns(method: str, slashes: int) -> list[tuple[re.Pattern[str], Operation]]:
    """Return path patterns, those with fewer placeholders first, since `/records/search` is not a record."""
    operations = [
        operation
        for operation in OPERATIONS.values()
        if operation.method == method and operation.path.count("/") == slashes
    ]
    operations.sort(key=lambda operation: operation.path.count("{"))
    return [(re.compile(re.sub(r"\\?\{\w+\\?\}", "[^/?]+", re.escape(o.path))), o) for o in operations]


def _decode(body: bytes) -> Any:
    return msgspec.json.decode(body) if body else None


@public
class WorkspaceMembers:
    """The members of the workspace.

    Give a member by id, e-mail address or full name, as the API returned it, or as the actor of a change.
    """

    def __init__(self, session: Session) -> None:
        self._members = Collection(
            session=session,
            parse=WorkspaceMember.from_dict,
            id_of=partial(member_id, argument="member"),
        )

    def list(self) -> Paginator[WorkspaceMember]:
        """List all members; the API returns them in one page.

        Attio: GET /v2/workspace_members, read, retried, user_management:read
        """
        return self._members.list(list_workspace_members)

    async def get(self, member: object) -> WorkspaceMember:
        """Return one member.

        Raises:
            NotFound: The member does not exist.

        Attio: GET /v2/workspace_members/{workspace_member_id}, read, retried, user_management:read
        """
        id_ = await find_member_id(self._members.session, member, "member")
        return await self._members.get(get_workspace_member, id_)

    async def by_email(self, email_address: str) -> WorkspaceMember | None:
        """Return the member with this e-mail address, ignoring case, or None.

        The API cannot filter members, so this reads all of them in one request.

        Attio: GET /v2/workspace_members, read, retried, user_management:read
        """
        # https://docs.attio.com/rest-api/endpoint-reference/workspace-members/list-workspace-members
        check_text(email_address, "email_address")
        wanted = folded(email_address)
        members = await self.list()
        return next((member for member in members if folded(str(member.email_address)) == wanted), None)
