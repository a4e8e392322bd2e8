"""Responses as bytes: how they end, what is refused, and that both parsers read them alike."""

import itertools

import httpcore
import pytest
from hypothesis import given, strategies as st

from attio_async._transport.http1 import SYNTAXES, BodyWriter, H11Syntax, ResponseParser, Syntax, head_of

Outcome = tuple[int, bytes, bool] | str

HOST = (b"Host", b"api.example.com")
REFUSED = "refused"
HINT = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BOTH = [
    # what the server sends, and whether it then closes the connection; how both parsers read it
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", False, (200, b"{}", True)),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", False, (200, b"", True)),
    (b"HTTP/1.1 204 No Content\r\n\r\n", False, (204, b"", True)),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", False, (304, b"", True)),
    (HINT + HINT + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", False, (200, b"{}", True)),
    (CHUNKED + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", False, (200, b"{}", True)),
    (CHUNKED + b"2;why=not\r\n{}\r\n0\r\n\r\n", False, (200, b"{}", True)),
    (b"HTTP/1.1 200 OK\r\ncontent-LENGTH:2  \r\n\r\n{}", False, (200, b"{}", True)),
    (b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n{}", False, (200, b"{}", True)),
    (b"HTTP/1.1 200 OK\r\n\r\n{}", True, (200, b"{}", False)),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", False, (200, b"{}", False)),
    (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", False, (200, b"{}", False)),
    (b"HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\n{}", False, (200, b"{}", False)),
    # bytes that nobody asked for
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}\r\n", False, (200, b"{}", False)),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n", False, (200, b"{}", False)),
    (CHUNKED + b"2\r\n{}\r\n0\r\n\r\n\r\n", False, (200, b"{}", False)),
    (CHUNKED + b"2\r\n{}\r\n0\r\n\r\n" + CHUNKED + b"2\r\n[]\r\n0\r\n\r\n", False, (200, b"{}", False)),
    (CHUNKED + b"2\r\n{}\r\n0\r\n\r\n\x00", False, (200, b"{}", False)),
    # not complete
    (b"", True, REFUSED),
    (b"HTTP/1.1 200 OK\r\n", True, REFUSED),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", True, REFUSED),
    (CHUNKED + b"2\r\n{}\r\n", True, REFUSED),
    (CHUNKED + b"2\r\n{", True, REFUSED),
    # not valid
    (b"What do you mean?\r\n\r\n", False, REFUSED),
    (b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\n{}", False, REFUSED),
    (b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}", False, REFUSED),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2_0\r\n\r\n{}", False, REFUSED),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", False, REFUSED),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", False, REFUSED),
    (b"HTTP/1.1 200 OK\r\nX\x00Y: 1\r\nContent-Length: 2\r\n\r\n{}", False, REFUSED),
    (b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\n{}", False, REFUSED),
    (b"HTTP/1.1 200 OK\r\nX : 1\r\nContent-Length: 2\r\n\r\n{}", False, REFUSED),
    (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", False, REFUSED),
    (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000, False, REFUSED),
    (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\nContent-Length: 2\r\n\r\n{}", False, REFUSED),
    (HINT * 1000, False, REFUSED),
    (CHUNKED + b"zz\r\n\r\n", False, REFUSED),
    (CHUNKED + b"2\r\n{}x\r\n0\r\n\r\n", False, REFUSED),
]
ONE_REFUSES = [
    # what h11 makes of it and what llhttp makes of it, and why that is right
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        (200, b"{}", True),
        REFUSED,
        "chunks override a length, or the response may be refused (RFC 9112, 6.3)",
    ),
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        (200, b"{}", True),
        REFUSED,
        "equal lengths may count as one, or be refused (RFC 9110, 8.6)",
    ),
    (
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
        (200, b"{}", True),
        REFUSED,
        "a line feed may end a line, or be refused (RFC 9112, 2.2)",
    ),
    (
        b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
        (200, b"{}", True),
        REFUSED,
        "folded lines are joined with the line before; they are obsolete (RFC 9112, 5.2)",
    ),
    (
        CHUNKED + b"2\r\n{}\r\n0\r\nX: 1\r\n\r\n",
        (200, b"{}", True),
        (200, b"{}", False),
        "after trailers the end of the response is not known to llhttp's user: the connection is closed",
    ),
    (
        b"\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        REFUSED,
        (200, b"{}", True),
        "blank lines before a response are none of HTTP's",
    ),
]


def outcome(
    syntax: type[Syntax],
    sent: bytes,
    *,
    closes: bool = False,
    method: bytes = b"GET",
    cuts: tuple[int, ...] = (),
) -> Outcome:
    """Return the status, the body and whether the connection can be reused, however the bytes arrive."""
    parser = ResponseParser(method, syntax)
    places = [0, *sorted({cut % len(sent) for cut in cuts if sent}), len(sent)]
    try:
        for start, end in itertools.pairwise(places):
            if start < end:
                parser.feed(sent[start:end])
        if closes:
            parser.feed(b"")
    except httpcore.RemoteProtocolError:
        return REFUSED
    if parser.head is None or not parser.is_complete:
        return "unfinished"
    assert parser.size == sum(map(len, parser.pieces))
    return parser.head.status, b"".join(parser.pieces), parser.is_reusable()


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_responses_are_read_as_http_defines_it(syntax: type[Syntax]) -> None:
    misfits = {
        sent[:200]: found
        for sent, closes, expected in BOTH
        if (found := outcome(syntax, sent, closes=closes)) != expected
    }
    assert not misfits


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_where_one_parser_refuses_a_response(syntax: type[Syntax]) -> None:
    column = 1 if syntax is H11Syntax else 2
    misfits = {case[0]: found for case in ONE_REFUSES if (found := outcome(syntax, case[0])) != case[column]}
    assert not misfits


@given(
    st.sampled_from([*[case[:2] for case in BOTH], *[(case[0], False) for case in ONE_REFUSES]]),
    st.lists(st.integers(0, 10_000), max_size=6).map(tuple),
)
def test_where_the_bytes_are_cut_makes_no_difference(case: tuple[bytes, bool], cuts: tuple[int, ...]) -> None:
    sent, closes = case
    for syntax in SYNTAXES:
        assert outcome(syntax, sent, closes=closes, cuts=cuts) == outcome(syntax, sent, closes=closes)


@given(st.data())
def test_no_damaged_response_is_read_in_two_ways(data: st.DataObject) -> None:
    sent, closes = data.draw(st.sampled_from([case[:2] for case in BOTH if len(case[0]) < 1000]))
    damaged = bytearray(sent)
    for _ in range(data.draw(st.integers(1, 3)) if damaged else 0):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place : place + data.draw(st.integers(0, 2))] = data.draw(
            st.sampled_from([b"", b"\r", b"\n", b"\r\n", b" ", b"\x00", b"0", b"2", b":", b",", b"\xff"])
        )
        if not damaged:
            break
    found = {
        result[:2] if isinstance(result, tuple) else None
        for syntax in SYNTAXES
        if (result := outcome(syntax, bytes(damaged), closes=closes)) not in (REFUSED, "unfinished")
    }
    assert len(found) <= 1


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize(
    "after",
    [
        b"0\r\nRetry-After: 60\r\n\r\n",
        b"0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nRetry-After: 60\r\nContent-Length: 2\r\n\r\n{}",
        b"0\r\n\r\n" + HINT,
    ],
    ids=["trailers", "another response", "a hint"],
)
def test_a_response_has_no_headers_of_what_comes_after_it(syntax: type[Syntax], after: bytes) -> None:
    sent = CHUNKED + b"2\r\n{}\r\n" + after
    for cut in range(len(CHUNKED), len(sent)):
        parser = ResponseParser(b"GET", syntax)
        parser.feed(sent[:cut])
        parser.feed(sent[cut:])
        assert parser.is_complete
        assert parser.head is not None
        assert [name.lower() for name, _ in parser.head.headers] == [b"transfer-encoding"]
        assert b"".join(parser.pieces) == b"{}"


def test_a_response_to_head_has_no_body() -> None:
    sent = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    assert {outcome(syntax, sent, method=b"HEAD") for syntax in SYNTAXES} == {(200, b"", True)}


def test_a_request_is_checked_and_written_host_first() -> None:
    head = head_of(b"POST", b"/v2/x", [(b"X-One", b"1"), HOST, (b"Content-Length", b"2")])
    assert (
        head.data == b"POST /v2/x HTTP/1.1\r\nHost: api.example.com\r\nX-One: 1\r\nContent-Length: 2\r\n\r\n"
    )
    assert head.with_target(b"PUT", b"/v2/y").data.startswith(
        b"PUT /v2/y HTTP/1.1\r\nHost: api.example.com\r\n"
    )
    assert "api.example.com" not in repr(head)
    for method, target in ((b"GET", b"/a b"), (b"GET", b"/a\r\nX: 1"), (b"GE T", b"/a"), (b"GET", b"")):
        with pytest.raises(httpcore.LocalProtocolError):
            head.with_target(method, target)
        with pytest.raises(httpcore.LocalProtocolError):
            head_of(method, target, [HOST])
    for name, value in ((b"X", b"a\r\nY: b"), (b"X Y", b"1"), (b"", b"1"), (b"X", b"\x00")):
        with pytest.raises(httpcore.LocalProtocolError):
            head_of(b"GET", b"/", [HOST, (name, value)])


def test_a_body_is_framed_by_its_length_or_in_chunks() -> None:
    chunks = BodyWriter(head_of(b"POST", b"/", [HOST, (b"Transfer-Encoding", b"chunked")]))
    assert (
        chunks.piece(b"x" * 20) + chunks.piece(b"") + chunks.end() == b"14\r\n" + b"x" * 20 + b"\r\n0\r\n\r\n"
    )
    length = BodyWriter(head_of(b"POST", b"/", [HOST, (b"Content-Length", b"3")]))
    assert length.piece(b"ab") == b"ab"
    with pytest.raises(httpcore.LocalProtocolError, match="shorter"):
        length.end()
    with pytest.raises(httpcore.LocalProtocolError, match="longer"):
        length.piece(b"cd")
    with pytest.raises(httpcore.LocalProtocolError, match="longer"):
        BodyWriter(head_of(b"GET", b"/", [HOST])).piece(b"x")
