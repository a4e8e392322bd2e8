"""Webhooks: subscriptions, and the secret that is shown once."""

import pytest

from attio_async.errors import UnknownName
from tests.support import Scripted, data

pytestmark = pytest.mark.anyio


async def test_returned_subscriptions_can_be_given_back() -> None:
    subscription = {"event_type": "record.created", "filter": {"$and": []}}
    webhook = {
        "id": {"webhook_id": "h"},
        "target_url": "https://example.com",
        "subscriptions": [subscription],
    }
    http = Scripted()
    http.router.get("/v2/webhooks").mock(return_value=data([webhook]))
    route = http.router.patch("/v2/webhooks/h").mock(return_value=data(webhook))
    found = await http.attio.webhooks.list().one()
    await http.attio.webhooks.update(found, subscriptions=found.subscriptions)
    assert route.calls.last.request.read() == (
        b'{"data":{"subscriptions":[{"event_type":"record.created","filter":{"$and":[]}}]}}'
    )


async def test_the_secret_of_a_new_webhook_is_not_in_its_representation() -> None:
    http = Scripted()
    http.router.post("/v2/webhooks").mock(return_value=data({"id": {"webhook_id": "h"}, "secret": "s3cret"}))
    created = await http.attio.webhooks.create("https://example.com", ["record.created"])
    assert created.secret == "s3cret"
    assert "s3cret" not in repr(created)


async def test_an_unknown_event_type_suggests_near_ones() -> None:
    with pytest.raises(UnknownName, match=r"record\.created"):
        await Scripted().attio.webhooks.create("https://example.com", ["record.create"])
