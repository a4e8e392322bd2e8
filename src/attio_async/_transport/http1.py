"""HTTP/1.1 as bytes: requests to write, and parsers of responses. No I/O.

h11 checks the heads of requests, and parses the heads and chunks of responses. With the extra `speed`, llhttp parses
them, which is written in C: of a small request, h11 takes a tenth of the CPU. `tests/_transport/test_http1.py` has a
table of the responses that one of them takes and the other refuses; none is read in two ways.

All else is the same for both, and done here: how a body ends, what nobody asked for, and the bounds.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Protocol

import attrs
import h11
import httpcore

_library: Any = None
with suppress(ImportError):  # the extra `speed` is not installed
    import httptools as _library

Headers = Sequence[tuple[bytes, bytes]]

_REQUEST_LINE = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [\x21-\x7e]+")

_MAX_HEAD_BYTES = 100 * 1024
_MAX_INFORMATIONAL = 20
"""Responses such as 103 Early Hints before the one that counts."""

_SWITCHING_PROTOCOLS = 101
_FIRST_FINAL_STATUS = 200
_WITHOUT_BODY = frozenset({204, 304})

_LAST_CHUNK = b"0\r\n\r\n"
_BLANK_LINE = re.compile(rb"\n\r?\n")


@attrs.frozen(repr=False)
class RequestHead:
    """The head of a request, checked and ready to write. Its repr leaves it out, since the access token is in it.

    Attributes:
        method: The method.
        fields: The headers, as they are written, with the blank line.
        data: The whole head.
        length: The length of the body; None for one that is sent in chunks.
    """

    method: bytes
    fields: bytes
    data: bytes
    length: int | None

    def with_target(self, method: bytes, target: bytes) -> "RequestHead":
        """Return a head of the same headers, which are not checked again.

        Raises:
            httpcore.LocalProtocolError: The method or the target is not valid HTTP.
        """
        line = b"%b %b" % (method, target)
        if _REQUEST_LINE.fullmatch(line) is None:
            raise httpcore.LocalProtocolError("the method or the target is not valid")
        return RequestHead(method, self.fields, b"%b HTTP/1.1\r\n%b" % (line, self.fields), self.length)


def head_of(method: bytes, target: bytes, headers: Headers) -> RequestHead:
    """Return the head of a request.

    Raises:
        httpcore.LocalProtocolError: It is not valid HTTP.
    """
    try:
        checked = h11.Request(method=method, target=target, headers=list(headers)).headers
    except h11.LocalProtocolError as error:
        raise httpcore.LocalProtocolError(error) from error
    known = dict(checked)
    length = None if b"transfer-encoding" in known else int(known.get(b"content-length", 0))
    host_first = sorted(checked.raw_items(), key=lambda item: item[0].lower() != b"host")
    fields = b"".join([b"%b: %b\r\n" % item for item in host_first]) + b"\r\n"
    return RequestHead(method, fields, b"", length).with_target(method, target)


class BodyWriter:
    """Frames the pieces of a body, and checks its length."""

    def __init__(self, head: RequestHead) -> None:
        self._left = head.length

    def piece(self, data: bytes) -> bytes:
        """Return what to write for a piece of the body."""
        if self._left is None:
            return b"%x\r\n%b\r\n" % (len(data), data) if data else b""
        self._left -= len(data)
        if self._left < 0:
            raise httpcore.LocalProtocolError("the body is longer than its Content-Length")
        return data

    def end(self) -> bytes:
        """Return what to write after the last piece."""
        if self._left is None:
            return _LAST_CHUNK
        if self._left:
            raise httpcore.LocalProtocolError("the body is shorter than its Content-Length")
        return b""


@attrs.frozen
class ResponseHead:
    """The head of a response; header names are as the server wrote them, or in lower case."""

    status: int
    reason: bytes
    http_version: bytes
    headers: Headers


@attrs.frozen
class Chunks:
    """The content of some chunks of a body.

    Attributes:
        pieces: The pieces of the body.
        is_last: Whether the body has ended.
        is_clean: False if something came after it.
    """

    pieces: list[bytes]
    is_last: bool
    is_clean: bool = True


class Syntax(Protocol):
    """Parses one head, and then the chunks after it."""

    def head(self, data: bytes) -> ResponseHead:
        """Parse a whole head.

        Raises:
            httpcore.RemoteProtocolError: It is not valid.
        """
        ...

    def chunks(self, data: bytes) -> Chunks:
        """Parse some bytes of a body in chunks.

        Raises:
            httpcore.RemoteProtocolError: They are not valid.
        """
        ...


class H11Syntax:
    """The syntax of HTTP by h11."""

    def __init__(self) -> None:
        self._http = h11.Connection(h11.CLIENT)
        # It parses nothing before it has sent a request. What that was makes no difference to the syntax.
        self._http.send(_ANY_REQUEST)
        self._http.send(_END)

    def head(self, data: bytes) -> ResponseHead:
        event = self._event(data)
        if not isinstance(event, h11.Response | h11.InformationalResponse):
            raise httpcore.RemoteProtocolError("the head of the response is not complete")
        return ResponseHead(event.status_code, event.reason, event.http_version, event.headers.raw_items())

    def chunks(self, data: bytes) -> Chunks:
        pieces: list[bytes] = []
        event = self._event(data)
        while isinstance(event, h11.Data):
            pieces.append(bytes(event.data))
            event = self._event(None)
        is_last = isinstance(event, h11.EndOfMessage)
        return Chunks(pieces, is_last, is_last and not self._http.trailing_data[0])

    def _event(self, data: bytes | None) -> object:
        try:
            if data is not None:
                self._http.receive_data(data)
            return self._http.next_event()
        except h11.RemoteProtocolError as error:
            raise httpcore.RemoteProtocolError(error) from error


_ANY_REQUEST = h11.Request(method="GET", target="/", headers=[("Host", "")])
_END = h11.EndOfMessage()


class LlhttpSyntax:
    """The syntax of HTTP by llhttp, which the package httptools contains and which calls the methods `on_...`."""

    def __init__(self) -> None:
        self._parser = _library.HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._pieces: list[bytes] = []
        self._reason = self._tail = b""
        self._has_head = self._is_last = False
        self._is_clean = True

    def head(self, data: bytes) -> ResponseHead:
        self._feed(data)
        if not self._has_head:
            raise httpcore.RemoteProtocolError("the head of the response is not complete")
        self._is_last, parser = False, self._parser
        headers, self._headers = (
            self._headers,
            [],
        )  # what follows are trailers, or of a response that nobody asked for
        version = parser.get_http_version().encode("ascii")
        return ResponseHead(parser.get_status_code(), self._reason, version, headers)

    def chunks(self, data: bytes) -> Chunks:
        self._pieces = []
        self._feed(data)
        # It skips blank lines between two responses without a word.
        self._tail = (self._tail + data)[-len(_LAST_CHUNK) :]
        return Chunks(self._pieces, self._is_last, self._is_clean and self._tail == _LAST_CHUNK)

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (_library.HttpParserError, _library.HttpParserUpgrade) as error:
            if not self._is_last:
                raise httpcore.RemoteProtocolError(str(error)) from error
            self._is_clean = False

    def on_status(self, reason: bytes) -> None:
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._has_head = True

    def on_body(self, data: bytes) -> None:
        if not self._is_last:
            self._pieces.append(data)

    def on_message_complete(self) -> None:
        self._is_last = True

    def on_message_begin(self) -> None:
        self._is_clean = not self._is_last


SYNTAXES: tuple[type[Syntax], ...] = (H11Syntax,) if _library is None else (LlhttpSyntax, H11Syntax)
"""The syntaxes that are installed; the first is used."""


class ResponseParser:
    """Parses the response to one request.

    Attributes:
        head: The head, once it has arrived.
        pieces: The pieces of the body that have arrived.
        size: Bytes of the body that have arrived.
        is_complete: True when the response has ended.
    """

    __slots__ = (
        "_has_chunks", "_informational", "_is_to_head", "_left", "_may_stay", "_rest", "_syntax", "_syntax_type",
        "head", "is_complete", "pieces", "size",
    )  # fmt: skip

    def __init__(self, method: bytes, syntax: type[Syntax] | None = None) -> None:
        self.head: ResponseHead | None = None
        self.pieces: list[bytes] = []
        self.size = self._informational = 0
        self.is_complete = self._has_chunks = self._may_stay = False
        self._is_to_head = method == b"HEAD"
        self._syntax_type = syntax or SYNTAXES[0]
        self._rest = b""
        """What has arrived of the head; after the response, what nobody asked for."""
        self._left: int | None = None
        """Bytes of the body that are missing; None if it ends in another way."""

    def feed(self, data: bytes) -> None:
        """Take what has arrived; no bytes mean that the server closed the connection.

        Raises:
            httpcore.RemoteProtocolError: It is not valid HTTP, or not complete.
        """
        if self.is_complete:
            self._rest += data
        elif not data:
            self._end()
        elif self.head is None:
            self._take_head(self._rest + data)
        elif self._has_chunks:
            chunks = self._syntax.chunks(data)
            self._take(*chunks.pieces)
            self.is_complete = chunks.is_last
            self._may_stay = self._may_stay and (chunks.is_clean or not chunks.is_last)
        elif self._left is None:
            self._take(data)
        else:
            self._take(data[: self._left])
            self._rest = data[self._left :]
            self._left -= len(data) - len(self._rest)
            self.is_complete = not self._left

    def is_reusable(self) -> bool:
        """Return True if another request may follow: the response allows it, and nothing came after it."""
        return self.is_complete and self._may_stay and not self._rest

    def _take(self, *pieces: bytes) -> None:
        self.pieces += pieces
        self.size += sum(map(len, pieces))

    def _take_head(self, data: bytes) -> None:
        while self.head is None:
            end = _BLANK_LINE.search(data)
            if (len(data) if end is None else end.end()) > _MAX_HEAD_BYTES:
                raise httpcore.RemoteProtocolError("the head of the response is too long")
            if end is None:
                self._rest = data
                return
            self._syntax = self._syntax_type()
            head = self._syntax.head(data[: end.end()])
            data = data[end.end() :]
            if head.status < _FIRST_FINAL_STATUS:
                self._pass_over(head)
            else:
                self.head = head
                self._frame(head)
        self._rest = b""
        if data:
            self.feed(data)

    def _pass_over(self, informational: ResponseHead) -> None:
        if informational.status == _SWITCHING_PROTOCOLS:
            raise httpcore.RemoteProtocolError("the server switches to another protocol unasked")
        self._informational += 1
        if self._informational >= _MAX_INFORMATIONAL:
            raise httpcore.RemoteProtocolError("the server sent one informational response after the other")

    def _frame(self, head: ResponseHead) -> None:
        """Find out how the body ends: https://www.rfc-editor.org/rfc/rfc9112#section-6.3."""
        known = {name.lower(): value for name, value in head.headers}
        encoding, length = known.get(b"transfer-encoding"), known.get(b"content-length")
        if self._is_to_head or head.status in _WITHOUT_BODY:
            self._left = 0
        elif encoding is not None:
            self._has_chunks = True
            if encoding.lower() != b"chunked":
                raise httpcore.RemoteProtocolError("the response has an unknown transfer encoding")
        elif length is not None:
            self._left = int(length)
        ends_by_itself = self._has_chunks or self._left is not None
        closes = b"close" in known.get(b"connection", b"").lower()
        self._may_stay = ends_by_itself and head.http_version == b"1.1" and not closes
        self.is_complete = self._left == 0

    def _end(self) -> None:
        if self.head is None or self._has_chunks or self._left is not None:
            raise httpcore.RemoteProtocolError("the server closed the connection within its response")
        self.is_complete = True
