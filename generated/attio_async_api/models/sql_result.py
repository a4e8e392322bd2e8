"""An answer of run_sql."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..types import read_list


@frozen(kw_only=True)
class SqlResult(JsonData):
    """An answer of run_sql. `raw` is all of it, as the API sent it."""

    rows: list[Any]
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            rows=read_list(source, "rows"),
            raw=source,
        )
