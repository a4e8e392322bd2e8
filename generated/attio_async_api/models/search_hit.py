"""An answer of search_records."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.record_id import RecordId
from ..types import read_list, read_object


@frozen(kw_only=True)
class SearchHit:
    """An answer of search_records. What it holds beside these fields is in `additional_properties`."""

    id: RecordId
    record_text: str
    record_image: None | str
    object_slug: str
    email_addresses: list[str] | None
    phone_numbers: list[str] | None
    domains: list[str] | None
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", RecordId.from_dict),
            record_text=rest.pop("record_text", None),
            record_image=rest.pop("record_image", None),
            object_slug=rest.pop("object_slug", None),
            email_addresses=read_list(rest, "email_addresses"),
            phone_numbers=read_list(rest, "phone_numbers"),
            domains=read_list(rest, "domains"),
            additional_properties=rest,
        )
