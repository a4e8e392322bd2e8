"""Decompression by each library: the bytes are those of zlib, however they are cut into pieces."""

import gzip
import zlib
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from attio_async._transport import gzip as gunzip
from attio_async._transport.gzip import DamagedBody, Gunzip

LIBRARIES = [zlib]
try:
    from isal import isal_zlib
except ImportError:
    pass
else:
    LIBRARIES.append(isal_zlib)


@pytest.fixture(params=LIBRARIES, ids=lambda library: library.__name__, autouse=True, scope="module")
def library(request: pytest.FixtureRequest):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gunzip, "_library", request.param)
        patch.setattr(gunzip, "_errors", (zlib.error, request.param.error))
        yield request.param


def read(data: bytes, cuts: list[int]) -> bytes:
    body, edges = Gunzip(), sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    found = [step for start, end in pairwise(edges) for step in body.feed(data[start:end])]
    body.finish()
    assert max(map(len, found), default=0) <= 64 * 1024
    return b"".join(found)


texts = st.binary(max_size=200) | st.builds(
    lambda piece, times: piece * times, st.binary(min_size=1, max_size=9), st.integers(1, 50000)
)
cuts = st.lists(st.integers(0, 10**6), max_size=8)


@given(st.lists(st.tuples(texts, st.integers(0, 9)), min_size=1, max_size=4), cuts)
def test_members_are_decompressed_in_any_pieces(members: list[tuple[bytes, int]], cuts: list[int]) -> None:
    data = b"".join(gzip.compress(text, level) for text, level in members)
    assert read(data, cuts) == b"".join(text for text, _ in members) == gzip.decompress(data)


@given(texts, st.integers(1, 10**6), cuts)
def test_a_body_cut_short_is_detected(text: bytes, missing: int, cuts: list[int]) -> None:
    data = gzip.compress(text)
    with pytest.raises(DamagedBody):
        read(data[: len(data) - 1 - missing % (len(data) - 1)], cuts)


@given(texts, st.integers(0, 10**6), st.integers(1, 255), cuts)
def test_a_damaged_body_gives_no_wrong_bytes(text: bytes, place: int, change: int, cuts: list[int]) -> None:
    data = bytearray(gzip.compress(text))
    data[place % len(data)] ^= change
    theirs = zlib.decompressobj(31)
    try:
        expected = theirs.decompress(bytes(data))
    except zlib.error:
        expected = None
    if expected is None or not theirs.eof:
        with suppress(DamagedBody):
            assert read(bytes(data), cuts) == text  # ISA-L ignores a flag that no format uses
    elif not theirs.unused_data:
        assert read(bytes(data), cuts) == expected == text


@given(texts, st.binary(max_size=40).filter(lambda rest: not rest.startswith(b"\x1f\x8b")), cuts)
def test_data_after_the_last_member_is_ignored(text: bytes, rest: bytes, cuts: list[int]) -> None:
    assert read(gzip.compress(text) + rest, cuts) == text


def test_a_body_that_just_fills_a_step_is_whole() -> None:
    for size in (64 * 1024, 128 * 1024, 64 * 1024 + 1, 64 * 1024 - 1):
        for cuts in ([], [1], [-1], [-9]):
            assert read(gzip.compress(b"x" * size), cuts) == b"x" * size


def test_no_data_is_an_empty_body() -> None:
    assert read(b"", []) == b""
