"""Large pages stay packed until they are read; one that turns out to be damaged is asked for once more."""

import gzip
import hashlib
import json

import httpx
import pytest

from attio_async import Attio, ConnectionFailed

pytestmark = pytest.mark.anyio


def digits(number: int) -> str:
    """A text that does not get much smaller."""
    return hashlib.shake_256(str(number).encode()).hexdigest(200)


RECORDS = [
    {
        "id": {"record_id": f"{number:08x}"},
        "values": {"name": [{"value": digits(number), "attribute_type": "text"}]},
    }
    for number in range(500)
]
PAGE = gzip.compress(json.dumps({"data": RECORDS}, separators=(",", ":")).encode())
DAMAGED = PAGE[:-8] + bytes(8)


class Server:
    """Answers queries with these bodies, and says that there are no attributes."""

    def __init__(self, *bodies: bytes) -> None:
        self.bodies = list(bodies)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/query"):
            return httpx.Response(200, json={"data": []})
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        body = self.bodies.pop(0)

        async def pieces():
            for start in range(0, len(body), 16_000):
                yield body[start : start + 16_000]

        return httpx.Response(200, headers=headers, content=pieces())


@pytest.mark.parametrize("bodies", [[PAGE], [DAMAGED, PAGE]], ids=["whole", "damaged once"])
async def test_all_of_it_is_read(bodies: list[bytes]) -> None:
    assert len(PAGE) > 40_000
    server = Server(*bodies)
    async with Attio("x", transport=httpx.MockTransport(server.answer)) as attio:
        page = await attio.people.query(page_size=500).page()
    assert [record.id for record in page.items] == [record["id"]["record_id"] for record in RECORDS]
    assert page.items[7].first("name") == RECORDS[7]["values"]["name"][0]["value"]
    assert server.bodies == []


async def test_damaged_twice_is_no_answer() -> None:
    server = Server(DAMAGED, DAMAGED, PAGE)
    async with Attio("x", transport=httpx.MockTransport(server.answer)) as attio:
        with pytest.raises(
            ConnectionFailed, match=r"POST /v2/objects/people/records/query: .*damaged"
        ) as caught:
            await attio.people.query(page_size=500)
    assert caught.value.sent
    assert server.bodies == [PAGE]
