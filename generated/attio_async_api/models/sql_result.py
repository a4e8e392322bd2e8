"""An answer of run_sql."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..types import read_list


@frozen(kw_only=True)
class SqlResult:
    """An answer of run_sql. What it holds beside these fields is in `additional_properties`."""

    rows: list[Any]
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            rows=read_list(rest, "rows"),
            additional_properties=rest,
        )
