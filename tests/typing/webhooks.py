"""Types of the webhook receiver: the client is one that it can read from."""

from typing import assert_type

from attio_async import Attio
from attio_async.webhooks import Event, RecordUpdated, WebhookReceiver, WorkspaceReader


def receive(attio: Attio) -> WebhookReceiver:
    reader: WorkspaceReader = attio
    receiver = WebhookReceiver(secret="secret", attio=reader)

    @receiver.on(RecordUpdated, object="deals", attribute="stage")
    async def on_update(event: RecordUpdated) -> None:
        assert_type(event.attribute_id, str)

    @receiver.on("record.created")
    async def on_create(event: Event) -> None:
        assert_type(event.id, str)

    return receiver
