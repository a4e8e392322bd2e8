"""Attributes, options and statuses: a change is known to the schema."""

from typing import Any

import pytest

from attio_async.testing import FakeAttio, VirtualClock
from tests.support import Scripted, data

pytestmark = pytest.mark.anyio


async def test_every_change_makes_the_client_read_the_schema_again() -> None:
    changes: list[Any] = [
        lambda a: a.create("Mood", api_slug="mood", type="text"),
        lambda a: a.update("name", title="Full name"),
        lambda a: a.options("mood").create("Good"),
        lambda a: a.options("mood").update("good", title="Better"),
        lambda a: a.statuses("mood").create("Good"),
        lambda a: a.statuses("mood").update("good", title="Better"),
    ]
    http = Scripted()
    schema = http.router.get("/v2/objects/people/attributes").mock(return_value=data([]))
    http.router.route().mock(return_value=data({}))
    for number, change in enumerate(changes, start=1):
        await http.attio.schema("people")
        await http.attio.schema("people")
        assert schema.call_count == number
        await change(http.attio.attributes("people"))
    await http.attio.schema("people")
    assert schema.call_count == len(changes) + 1


async def test_a_new_attribute_is_in_the_schema() -> None:
    attio = FakeAttio(clock=VirtualClock()).client()
    before = await attio.schema("people")
    await attio.attributes("people").create("Shoe size", api_slug="shoe_size", type="number")
    assert set((await attio.schema("people")).attributes) - set(before.attributes) == {"shoe_size"}


def test_attributes_have_a_representation() -> None:
    attributes = Scripted().attio.attributes("sales", target="lists")
    assert repr(attributes) == "<Attributes of lists sales>"
