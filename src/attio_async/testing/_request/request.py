"""A request taken apart, and the checks of what every operation reads of it."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote

import attrs
import msgspec

from .. import _timestamps
from .._errors import (
    Issue,
    invalid,
    invalid_body,
    invalid_option,
    invalid_parameters,
    missing,
    wrong_type,
)
from .._json_types import is_object
from .validation import BodyField, issues_of

_BOUNDARY = re.compile(r'multipart/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)


_DISPOSITION = re.compile(rb"^content-disposition:\s*form-data\s*;(.*)$", re.IGNORECASE | re.MULTILINE)


_TYPE = re.compile(rb"^content-type:\s*(.*?)\s*$", re.IGNORECASE | re.MULTILINE)


_PARAMETER = re.compile(r';?\s*([\w*]+)=(?:"([^"]*)"|([^\s;]*))')


@attrs.frozen
class Upload:
    """A file in a form."""

    name: str
    content_type: str | None
    content: bytes = attrs.field(repr=False)


@attrs.frozen
class MultipartForm:
    """The plain fields of a form, and its files by the name of their field."""

    fields: Mapping[str, str]
    files: Mapping[str, Upload]


def read_form(content_type: str, body: bytes) -> MultipartForm:
    """The form in a request's body.

    Raises:
        ApiProblem: It is no form, or a broken one.
    """
    match = _BOUNDARY.match(content_type)
    if match is None:
        raise invalid_body(invalid([], "Expected multipart/form-data"))
    boundary = b"\r\n--" + (match[1] or match[2]).encode()
    first, *parts = (b"\r\n" + body).split(boundary)
    if first.strip() or not parts or not parts[-1].startswith(b"--"):
        raise invalid_body(invalid([], "The form is broken"))
    fields: dict[str, str] = {}
    files: dict[str, Upload] = {}
    for part in parts[:-1]:
        head, separator, content = part.partition(b"\r\n\r\n")
        parameters = _parameters(head)
        name = parameters.get("name")
        if not separator or name is None:
            raise invalid_body(invalid([], "The form is broken"))
        file_name = parameters.get("filename")
        if file_name is None:
            fields[name] = content.decode(errors="replace")
        else:
            found = _TYPE.search(head)
            kind = found[1].decode("latin-1") if found else None
            files[name] = Upload(file_name, kind, content)
    return MultipartForm(fields, files)


def _parameters(head: bytes) -> dict[str, str]:
    """Of a part's Content-Disposition; a file's name may come percent-encoded, or in the form of RFC 5987."""
    found = _DISPOSITION.search(head)
    if found is None:
        return {}
    text = found[1].decode(errors="replace").strip()
    parameters: dict[str, str] = {}
    for name, quoted, bare in _PARAMETER.findall(text):
        value = quoted or bare
        if name.endswith("*"):
            parameters[name[:-1]] = unquote(value.rpartition("'")[2])
        else:
            parameters.setdefault(name.lower(), value.replace("%22", '"'))
    return parameters


T = TypeVar("T")


_WHOLE = re.compile("[0-9]{1,18}")


_UNESCAPED_PLUS = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:?\d\d)$")


"""In a query, a plus that is not escaped means a space."""


_CURSOR = re.compile(rb"after:(\d{1,18})")


@attrs.frozen
class FakeRequest:
    """What a handler sees of a request.

    Args:
        parameters: The decoded path parameters.
        target: Path and query as they were sent.
        body: As it was sent.
        headers: With names in lower case.
    """

    parameters: Mapping[str, str]
    target: str
    body: bytes
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)

    def query_values(self) -> dict[str, str]:
        """The query parameters; of repeated ones the last. Unknown ones are ignored, as the API does."""
        return {
            name: values[-1]
            for name, values in parse_qs(self.target.partition("?")[2], keep_blank_values=True).items()
        }

    def page(self, default_limit: int | None, *, most: int | None = None) -> "PageRequest":
        """Limit and offset from the query.

        Raises:
            ApiProblem: One of them is no whole number from 0 up, or the limit is above `most`.
        """
        given = self.query_values()
        limit, offset = given.get("limit"), given.get("offset")
        issues: list[Issue] = [
            invalid([name], "Expected a whole number from 0 up")
            for name, value in (("limit", limit), ("offset", offset))
            if value is not None and not _WHOLE.fullmatch(value)
        ]
        if not issues and limit is not None and most is not None and int(limit) > most:
            issues.append(invalid(["limit"], f"Expected at most {most}"))
        if issues:
            raise invalid_parameters(*issues)
        return PageRequest(default_limit if limit is None else int(limit), int(offset or 0))

    def cursor_page(self, default_limit: int, most: int) -> "CursorPage":
        """Limit and cursor from the query.

        Raises:
            ApiProblem: The limit is no whole number from 1 to `most`, or the cursor is none.
        """
        given = self.query_values()
        limit = given.get("limit", str(default_limit))
        if not _WHOLE.fullmatch(limit) or not 1 <= int(limit) <= most:
            raise invalid_parameters(invalid(["limit"], f"Expected a whole number from 1 to {most}"))
        return CursorPage(int(limit), _position(given.get("cursor")))

    def flag(self, name: str) -> bool | None:
        """A query parameter that is `true` or `false`; None where it is not there.

        Raises:
            ApiProblem: It is something else.
        """
        value = self.query_values().get(name)
        if value not in (None, "true", "false"):
            raise invalid_parameters(invalid([name], "Expected true or false"))
        return None if value is None else value == "true"

    def word(self, name: str, options: Sequence[str]) -> str | None:
        """A query parameter that is one of some words; None where it is not there.

        Raises:
            ApiProblem: It is something else.
        """
        value = self.query_values().get(name)
        if value is not None and value not in options:
            raise invalid_parameters(invalid_option([name], options, value))
        return value

    def moment(self, name: str) -> str | None:
        """A query parameter that is a moment, in UTC with nanoseconds; None where it is not there.

        Raises:
            ApiProblem: It is no ISO 8601 moment.
        """
        value = self.query_values().get(name)
        if value in (None, "", "null"):
            return None
        try:
            return _timestamps.read_timestamp(_UNESCAPED_PLUS.sub(r"\1+\2", value))
        except ValueError:
            raise invalid_parameters(invalid([name], "Invalid timestamp")) from None

    def json(self) -> Mapping[str, Any]:
        """The body, an object; empty when there is none.

        Raises:
            ApiProblem: It is no JSON, or no object.
        """
        if not self.body:
            return {}
        try:
            decoded: object = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise invalid_body(invalid([], "The body is no valid JSON")) from None
        if not is_object(decoded):
            raise invalid_body(wrong_type([], "object", decoded))
        return decoded

    def data(self, fields: Mapping[str, BodyField]) -> Mapping[str, Any]:
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

    def fields(self, fields: Mapping[str, BodyField]) -> Mapping[str, Any]:
        """The body itself, with these fields and no others: for the operations that want no `data`.

        Raises:
            ApiProblem: Something is missing, of the wrong type or too much.
        """
        body = self.json()
        issues = issues_of(body, fields, [])
        if issues:
            raise invalid_body(*issues)
        return body


@attrs.frozen
class PageRequest:
    """Which part of many things is asked for; without a limit all from the offset on."""

    limit: int | None
    offset: int

    def of(self, things: Sequence[T]) -> Sequence[T]:
        """That part of them."""
        return things[self.offset : None if self.limit is None else self.offset + self.limit]


@attrs.frozen
class CursorPage:
    """Which part of many things is asked for: so many after some position."""

    limit: int
    position: int

    def of(self, things: Sequence[T]) -> tuple[Sequence[T], str | None]:
        """That part of them, and the cursor of what follows; None at the end."""
        end = self.position + self.limit
        return things[self.position : end], _cursor(end) if end < len(things) else None


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
