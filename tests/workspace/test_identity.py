"""The identity of a token, and a token that is no longer active."""

import httpx
import pytest

from attio_async.errors import DecodeError, TokenInactive
from tests.support import Scripted

pytestmark = pytest.mark.anyio


async def test_a_token_has_a_workspace_and_scopes() -> None:
    http = Scripted()
    response = {
        "active": True,
        "scope": "note:read record_permission:read-write",
        "workspace_id": "w",
        "workspace_name": "Acme",
        "workspace_slug": "acme",
        "new": 1,
    }
    http.router.get("/v2/self").mock(return_value=httpx.Response(200, json=response))
    identity = await http.attio.identify()
    assert (identity.workspace_name, identity.workspace_slug, identity.active) == ("Acme", "acme", True)
    assert identity.scopes == ("note:read", "record_permission:read-write")
    assert identity.raw["new"] == 1


async def test_unknown_scopes_are_empty() -> None:
    http = Scripted()
    http.router.get("/v2/self").mock(return_value=httpx.Response(200, json={"active": True, "scope": None}))
    assert (await http.attio.identify()).scopes == ()


async def test_a_revoked_token_is_an_error_although_its_status_is_200() -> None:
    http = Scripted()
    http.router.get("/v2/self").mock(return_value=httpx.Response(200, json={"active": False}))
    with pytest.raises(TokenInactive):
        await http.attio.identify()


async def test_a_response_that_is_not_an_object_is_a_decode_error() -> None:
    http = Scripted()
    http.router.get("/v2/self").mock(return_value=httpx.Response(200, json=[]))
    with pytest.raises(DecodeError):
        await http.attio.identify()
