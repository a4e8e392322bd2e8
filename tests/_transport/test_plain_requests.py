"""Plain requests: their addresses are those that httpx would send them to."""

from typing import Any

import httpx
import pytest

from attio_async._transport.messages import Request
from attio_async._transport.plain_requests import RequestTargets

BASE_URL = "https://api.example.com/base"

PARAMS: list[dict[Any, Any]] = [
    {},
    {"matching_attribute": "domains"},
    {"a_b.c~d-1": "X", "empty": ""},
    {"query": "Ada Lovelace & Co. +1/2=?#%20"},
    {"name": "Zoë"},
    {"n&me": "x"},
    {"flag": True, "none": None, "limit": 5, "share": 0.5},
    {1: "x"},  # of a caller who is not typed
    {"ids": ["one", "two three"], "plain": "x"},
]


@pytest.mark.parametrize("params", PARAMS, ids=str)
@pytest.mark.parametrize("path", ["/v2/objects/companies/records", "/v2/objects/a b/records", "/v2/a%2Fb"])
def test_a_target_is_that_of_httpx(path: str, params: dict[Any, Any]) -> None:
    request = Request(method="GET", path=path, params=params)
    sent = httpx.Request("GET", BASE_URL + path, params=params or None)
    assert RequestTargets(BASE_URL).of(request) == sent.url.raw_path
