"""The body of create_object."""

from typing import Any

from attrs import frozen

from ..types import fields


@frozen(kw_only=True)
class CreateObject:
    """The body of create_object."""

    api_slug: str
    singular_noun: str
    plural_noun: str

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "api_slug": self.api_slug,
                "singular_noun": self.singular_noun,
                "plural_noun": self.plural_noun,
            }
        )
