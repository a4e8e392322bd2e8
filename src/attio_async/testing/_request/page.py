"""Parts of long results: by limit and offset, or by limit and cursor."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

import attrs

from .._errors import invalid, invalid_parameters

T = TypeVar("T")

_WHOLE_NUMBER = re.compile("[0-9]{1,18}")
_CURSOR = re.compile(rb"after:(\d{1,18})")


@attrs.frozen
class OffsetPage:
    """The items from an offset on; without a limit, all of them."""

    limit: int | None
    offset: int

    @classmethod
    def read(cls, query: Mapping[str, str], default: int | None, most: int | None) -> "OffsetPage":
        """Read the query parameters `limit` and `offset`."""
        limit, offset = query.get("limit"), query.get("offset")
        issues = [
            invalid([name], "Expected a whole number from 0 up")
            for name, value in (("limit", limit), ("offset", offset))
            if value is not None and not _WHOLE_NUMBER.fullmatch(value)
        ]
        if not issues and limit is not None and most is not None and int(limit) > most:
            issues.append(invalid(["limit"], f"Expected at most {most}"))
        if issues:
            raise invalid_parameters(*issues)
        return cls(default if limit is None else int(limit), int(offset or 0))

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """Return this part of the items."""
        return items[self.offset : None if self.limit is None else self.offset + self.limit]


@attrs.frozen
class CursorPage:
    """Some items after a position."""

    limit: int
    position: int

    @classmethod
    def read(cls, query: Mapping[str, str], default: int, most: int) -> "CursorPage":
        """Read the query parameters `limit` and `cursor`."""
        limit = query.get("limit", str(default))
        if not _WHOLE_NUMBER.fullmatch(limit) or not 1 <= int(limit) <= most:
            raise invalid_parameters(invalid(["limit"], f"Expected a whole number from 1 to {most}"))
        return cls(int(limit), _position(query.get("cursor")))

    def of(self, items: Sequence[T]) -> tuple[Sequence[T], str | None]:
        """Return this part of the items, and the cursor of the next part; None at the end."""
        end = self.position + self.limit
        return items[self.position : end], _cursor(end) if end < len(items) else None


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(b"after:%d" % position).decode().rstrip("=")


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        decoded = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError:
        decoded = b""
    match = _CURSOR.fullmatch(decoded)
    if match is None:
        raise invalid_parameters(invalid(["cursor"], "Invalid cursor"))
    return int(match[1])
