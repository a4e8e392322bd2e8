"""A request as a handler sees it, and the checks of its query and body."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

import attrs
import msgspec

from .. import _timestamps
from .._errors import invalid, invalid_body, invalid_option, invalid_parameters, missing, wrong_type
from .._json_types import is_object
from .form import MultipartForm, read_form
from .page import CursorPage, OffsetPage
from .validation import BodyField, issues_of

_UNESCAPED_PLUS = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:?\d\d)$")
"""In a query, a plus sign that is not escaped means a space."""


@attrs.frozen
class FakeRequest:
    """A request as a handler sees it.

    Args:
        parameters: The decoded path parameters.
        target: Path and query as they were sent.
        body: The body as it was sent.
        headers: The headers, with names in lower case.
    """

    parameters: Mapping[str, str]
    target: str
    body: bytes
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)

    def query(self) -> dict[str, str]:
        """Return the query parameters; of repeated ones the last. Unknown ones are ignored, as by the API."""
        given = parse_qs(self.target.partition("?")[2], keep_blank_values=True)
        return {name: values[-1] for name, values in given.items()}

    def page(self, default: int | None, *, most: int | None = None) -> OffsetPage:
        """Return the page that limit and offset ask for.

        Args:
            default: The limit of a query without one; None for no limit.
            most: The greatest limit that is allowed.

        Raises:
            ApiProblem: Limit or offset is not a whole number from 0 up, or the limit is above `most`.
        """
        return OffsetPage.read(self.query(), default, most)

    def cursor_page(self, default: int, *, most: int) -> CursorPage:
        """Return the page that limit and cursor ask for.

        Args:
            default: The limit of a query without one.
            most: The greatest limit that is allowed.

        Raises:
            ApiProblem: The limit is not a whole number from 1 to `most`, or the cursor is invalid.
        """
        return CursorPage.read(self.query(), default, most)

    def flag(self, name: str) -> bool | None:
        """Return a query parameter that is `true` or `false`; None if it is not given.

        Raises:
            ApiProblem: It is something else.
        """
        value = self.query().get(name)
        if value not in (None, "true", "false"):
            raise invalid_parameters(invalid([name], "Expected true or false"))
        return None if value is None else value == "true"

    def word(self, name: str, options: Sequence[str]) -> str | None:
        """Return a query parameter that is one of some words; None if it is not given.

        Raises:
            ApiProblem: It is something else.
        """
        value = self.query().get(name)
        if value is not None and value not in options:
            raise invalid_parameters(invalid_option([name], options, value))
        return value

    def timestamp(self, name: str) -> str | None:
        """Return a query parameter that is a timestamp, in UTC with nanoseconds; None if it is not given.

        Raises:
            ApiProblem: It is not an ISO 8601 timestamp.
        """
        value = self.query().get(name)
        if value in (None, "", "null"):
            return None
        try:
            return _timestamps.read_timestamp(_UNESCAPED_PLUS.sub(r"\1+\2", value))
        except ValueError:
            raise invalid_parameters(invalid([name], "Invalid timestamp")) from None

    def json(self) -> Mapping[str, Any]:
        """Return the body, a JSON object; an empty one if there is no body.

        Raises:
            ApiProblem: The body is not valid JSON, or not an object.
        """
        if not self.body:
            return {}
        try:
            decoded: object = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise invalid_body(invalid([], "The body is not valid JSON")) from None
        if not is_object(decoded):
            raise invalid_body(wrong_type([], "object", decoded))
        return decoded

    def form(self) -> MultipartForm:
        """Return the body, a form.

        Raises:
            ApiProblem: The body is not a valid form.
        """
        return read_form(self.headers.get("content-type", ""), self.body)

    def data(self, fields: Mapping[str, BodyField]) -> Mapping[str, Any]:
        """Return the object under `data` of the body, with these fields and no others.

        Raises:
            ApiProblem: A field is missing, invalid or unknown.
        """
        body = self.json()
        if "data" not in body:
            raise invalid_body(missing(["data"], "object"))
        data: Mapping[str, Any] = body["data"]
        issues = issues_of(data, fields, ["data"])
        if issues:
            raise invalid_body(*issues)
        return data

    def fields(self, fields: Mapping[str, BodyField]) -> Mapping[str, Any]:
        """Return the body itself, with these fields and no others: for operations without `data`.

        Raises:
            ApiProblem: A field is missing, invalid or unknown.
        """
        body = self.json()
        issues = issues_of(body, fields, [])
        if issues:
            raise invalid_body(*issues)
        return body
