"""A request as a handler sees it: the checks of its query and body, pages of long results, and forms."""

import base64
import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote

import attrs
import msgspec

from . import _timestamps
from ._errors import invalid, invalid_body, invalid_option, invalid_parameters, missing, wrong_type
from ._json_types import is_object
from ._validation import BodyField, issues_of

_BOUNDARY = re.compile(r'multipart/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)
_DISPOSITION = re.compile(rb"^content-disposition:\s*form-data\s*;(.*)$", re.IGNORECASE | re.MULTILINE)
_TYPE = re.compile(rb"^content-type:\s*(.*?)\s*$", re.IGNORECASE | re.MULTILINE)
_PARAMETER = re.compile(r';?\s*([\w*]+)=(?:"([^"]*)"|([^\s;]*))')

T = TypeVar("T")
_WHOLE_NUMBER = re.compile("[0-9]{1,18}")
_CURSOR = re.compile(rb"after:(\d{1,18})")
_UNESCAPED_PLUS = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:?\d\d)$")
"""In a query, a plus sign that is not escaped means a space."""


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
    """Read the form in the body of a request.

    Raises:
        ApiProblem: The body is not a valid form.
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
            files[name] = Upload(file_name, found[1].decode("latin-1") if found else None, content)
    return MultipartForm(fields, files)


def _parameters(head: bytes) -> dict[str, str]:
    """Return the parameters of a part's Content-Disposition.

    The name of a file may be percent-encoded, or written in the form of RFC 5987.
    """
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


@functools.lru_cache(maxsize=256)
def _parsed(query: str) -> Mapping[str, str]:
    return {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}


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
        return dict(_parsed(self.target.partition("?")[2]))

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
        """Return the body, a JSON object; an empty one without a body.

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
