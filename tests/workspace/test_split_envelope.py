"""The chunks of a large response hold what the whole holds, or are not JSON."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import given, strategies as st

from attio_async._workspace.page_reader import split_envelope

scalars = (
    st.none() | st.integers() | st.text(max_size=8) | st.sampled_from(['},{"id":{', '"},{"id"', "]}", "é\\"])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "a"]), inner, max_size=2)
    ),
    max_leaves=12,
)
records = st.fixed_dictionaries(
    {"id": st.fixed_dictionaries({"workspace_id": values})}, optional={"values": values}
)


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def read(body: bytes) -> list[Any]:
    return json.loads(body)["data"]


def in_pieces(body: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})
    return [body[start:end] for start, end in pairwise(edges)]


@given(
    st.lists(records, max_size=12),
    st.integers(1, 60),
    st.lists(st.integers(0, 10**6), max_size=5),
    st.sampled_from([{}, {"pagination": {"next_cursor": "x"}}]),
)
def test_the_chunks_hold_what_the_envelope_holds(
    found: list[Any], size: int, cuts: list[int], more: dict[str, Any]
) -> None:
    body = compact({"data": found, **more})
    try:
        parts = [record for part in split_envelope(in_pieces(body, cuts), size) for record in read(part)]
    except ValueError:  # cut inside a nested object: detected by the caller
        return
    assert parts == found


def test_usual_records_are_cut() -> None:
    found = [
        {"id": {"workspace_id": "w", "record_id": str(n)}, "values": {"a": [{"id": {}}]}} for n in range(99)
    ]
    parts = list(split_envelope([compact({"data": found})], 500))
    assert len(parts) > 5
    assert max(map(len, parts)) < 700


def test_an_envelope_without_a_list_of_objects_stays_whole() -> None:
    for body in (b"", b"[]", b"null", b'{"data":[]}', b'{"data":[' + b"1," * 99, b"<html>" * 99):
        assert list(split_envelope([body], 10)) == [body]
