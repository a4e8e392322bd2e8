"""The body of update_activity."""

from typing import Any

from attrs import frozen

from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class UpdateActivity:
    """The body of update_activity."""

    api_slug: str | Unset = UNSET
    singular_noun: str | Unset = UNSET
    plural_noun: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "api_slug": self.api_slug,
                "singular_noun": self.singular_noun,
                "plural_noun": self.plural_noun,
            }
        )
