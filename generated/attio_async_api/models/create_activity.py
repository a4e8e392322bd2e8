"""The body of create_activity."""

from typing import Any

from attrs import frozen

from ..models.create_activity_extends import CreateActivityExtends
from ..types import fields


@frozen(kw_only=True)
class CreateActivity:
    """The body of create_activity."""

    api_slug: str
    singular_noun: str
    plural_noun: str
    extends: CreateActivityExtends

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "api_slug": self.api_slug,
                "singular_noun": self.singular_noun,
                "plural_noun": self.plural_noun,
                "extends": self.extends,
            }
        )
