"""An answer of search_records."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.record_id import RecordId
from ..types import read_list, read_object


@frozen(kw_only=True)
class SearchHit(JsonData):
    """An answer of search_records. `raw` is all of it, as the API sent it."""

    id: RecordId
    record_text: str
    record_image: None | str
    object_slug: str
    email_addresses: list[str] | None
    phone_numbers: list[str] | None
    domains: list[str] | None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", RecordId.from_dict),
            record_text=source.get("record_text"),
            record_image=source.get("record_image"),
            object_slug=source.get("object_slug"),
            email_addresses=read_list(source, "email_addresses"),
            phone_numbers=read_list(source, "phone_numbers"),
            domains=read_list(source, "domains"),
            raw=source,
        )
