"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen


@frozen(kw_only=True)
class EmailParticipant:
    """A part of an answer. What it holds beside these fields is in `additional_properties`."""

    role: str
    email_address: str
    email_domain: str
    name: None | str
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            role=rest.pop("role", None),
            email_address=rest.pop("email_address", None),
            email_domain=rest.pop("email_domain", None),
            name=rest.pop("name", None),
            additional_properties=rest,
        )
