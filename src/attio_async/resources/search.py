"""Finding records of several objects by what they are called."""

from collections.abc import Iterable

from attio_async_api.api.records import search_records
from attio_async_api.models.search_hit import SearchHit
from attio_async_api.models.search_records import SearchRecords
from attio_async_api.operations import SEARCH_RECORDS
from attio_async_api.types import UNSET

from ._arguments import at_most, member, several, slug_or_id
from ._base import Wire
from ._paged import page_size

__all__ = ["SearchHit", "search"]

_LONGEST = 256


async def search(
    wire: Wire, query: str, *, objects: Iterable[object], limit: int | None, as_member: object
) -> list[SearchHit]:
    """See `Attio.search`."""
    at_most(query, _LONGEST, "the query")
    body = SearchRecords(
        query=query,
        objects=[slug_or_id(each, "an object") for each in several(objects, "objects", least=1)],
        request_as=_asker(as_member),
        limit=UNSET if limit is None else page_size(SEARCH_RECORDS, limit) or limit,
    )
    return await wire.many(SEARCH_RECORDS, search_records.build_request(body=body), SearchHit.from_dict)


def _asker(as_member: object) -> dict[str, str]:
    if as_member is None:
        return {"type": "workspace"}
    found = member(as_member, "as_member")
    if isinstance(found, str):
        return {"type": "workspace-member", "email_address": found}
    return {"type": "workspace-member", "workspace_member_id": found["referenced_actor_id"]}
