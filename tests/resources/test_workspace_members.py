"""Workspace members, found by e-mail address or as the actor of a change."""

import pytest

from attio_async.testing import FakeAttio, VirtualClock
from attio_async_api.models.actor import Actor
from tests.support import Scripted, data

pytestmark = pytest.mark.anyio


async def test_a_member_is_found_by_e_mail_address_in_any_case() -> None:
    http = Scripted()
    members = [{"email_address": None}, {"email_address": "Ada@Example.com", "first_name": "Ada"}]
    http.router.get("/v2/workspace_members").mock(return_value=data(members))
    ada = await http.attio.workspace_members.by_email(" ada@example.COM")
    assert ada is not None
    assert ada.first_name == "Ada"
    assert await http.attio.workspace_members.by_email("bob@example.com") is None


async def test_a_member_is_found_as_an_actor() -> None:
    attio = FakeAttio(clock=VirtualClock()).client()
    first = (await attio.workspace_members.list())[0]
    actor = Actor.from_dict({"type": "workspace-member", "id": str(first.id)})
    assert await attio.workspace_members.get(actor) == first
