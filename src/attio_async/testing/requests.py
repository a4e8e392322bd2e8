"""A request taken apart, and the checks of what every operation reads of it."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qs

import attrs
import msgspec

from .bodies import Field, issues_of
from .problems import Issue, invalid, invalid_body, invalid_parameters, missing, wrong_type
from .shapes import is_object

T = TypeVar("T")


@attrs.frozen
class Request:
    """What a handler sees of a request.

    Args:
        parameters: The decoded path parameters.
        target: Path and query as they were sent.
        body: As it was sent.
    """

    parameters: Mapping[str, str]
    target: str
    body: bytes

    def query_values(self) -> dict[str, str]:
        """The query parameters; of repeated ones the last. Unknown ones are ignored, as the API does."""
        return {
            name: values[-1]
            for name, values in parse_qs(self.target.partition("?")[2], keep_blank_values=True).items()
        }

    def page(self, default_limit: int | None, *, most: int | None = None) -> "Page":
        """Limit and offset from the query.

        Raises:
            ApiProblem: One of them is no whole number from 0 up, or the limit is above `most`.
        """
        given = self.query_values()
        limit, offset = given.get("limit"), given.get("offset")
        issues: list[Issue] = [
            invalid([name], "Expected a whole number from 0 up")
            for name, value in (("limit", limit), ("offset", offset))
            if value is not None and not value.isdecimal()
        ]
        if limit is not None and limit.isdecimal() and most is not None and int(limit) > most:
            issues.append(invalid(["limit"], f"Expected at most {most}"))
        if issues:
            raise invalid_parameters(*issues)
        return Page(default_limit if limit is None else int(limit), int(offset or 0))

    def json(self) -> Mapping[str, Any]:
        """The body, an object; empty when there is none.

        Raises:
            ApiProblem: It is no JSON, or no object.
        """
        if not self.body:
            return {}
        try:
            decoded: object = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise invalid_body(invalid([], "The body is no valid JSON")) from None
        if not is_object(decoded):
            raise invalid_body(wrong_type([], "object", decoded))
        return decoded

    def data(self, fields: Mapping[str, Field]) -> Mapping[str, Any]:
        """The object under `data`, with these fields and no others.

        Raises:
            ApiProblem: Something is missing, of the wrong type or too much.
        """
        body = self.json()
        if "data" not in body:
            raise invalid_body(missing(["data"], "object"))
        data: Mapping[str, Any] = body["data"]
        issues = issues_of(data, fields, ["data"])
        if issues:
            raise invalid_body(*issues)
        return data


@attrs.frozen
class Page:
    """Which part of many things is asked for; without a limit all from the offset on."""

    limit: int | None
    offset: int

    def of(self, things: Sequence[T]) -> Sequence[T]:
        """That part of them."""
        return things[self.offset : None if self.limit is None else self.offset + self.limit]
