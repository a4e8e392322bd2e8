"""The body of create_select_option."""

from typing import Any

from attrs import frozen

from ..types import fields


@frozen(kw_only=True)
class CreateSelectOption:
    """The body of create_select_option."""

    title: str

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "title": self.title,
            }
        )
