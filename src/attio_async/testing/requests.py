"""A request taken apart, and the checks of what every operation reads of it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import attrs
import msgspec

from .problems import Issue, invalid, invalid_body, invalid_parameters, missing, unrecognized, wrong_type
from .shapes import is_object


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

    def page(self, default_limit: int | None) -> tuple[int | None, int]:
        """Limit and offset from the query.

        Raises:
            ApiProblem: One of them is no whole number from 0 up.
        """
        given = self.query_values()
        limit, offset = given.get("limit"), given.get("offset")
        issues: list[Issue] = [
            invalid([name], "Expected a whole number from 0 up")
            for name, value in (("limit", limit), ("offset", offset))
            if value is not None and not value.isdecimal()
        ]
        if issues:
            raise invalid_parameters(*issues)
        return (default_limit if limit is None else int(limit)), int(offset or 0)

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

    def data(self, **fields: type) -> Mapping[str, Any]:
        """The object under `data`, with exactly these fields.

        Raises:
            ApiProblem: Something is missing, of the wrong type or too much.
        """
        body = self.json()
        if "data" not in body:
            raise invalid_body(missing(["data"], "object"))
        data = body["data"]
        if not is_object(data):
            raise invalid_body(wrong_type(["data"], "object", data))
        issues = [missing(["data", name], _NAMES[kind]) for name, kind in fields.items() if name not in data]
        issues += [
            wrong_type(["data", name], _NAMES[kind], data[name])
            for name, kind in fields.items()
            if name in data and not isinstance(data[name], kind)
        ]
        others = [name for name in data if name not in fields]
        if others:
            issues.append(unrecognized(["data"], others))
        if issues:
            raise invalid_body(*issues)
        return data


_NAMES = {dict: "object", list: "array", str: "string", bool: "boolean"}
