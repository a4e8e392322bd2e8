"""The history of an attribute: reading it, and replacing it without losing the old one."""

import json
from typing import Any

import pytest

from attio_async import HistoricValue
from attio_async.errors import BadRequest, CoercionError, ConfigurationError, UnknownName
from tests.support import Scripted, data, error, trio_when_full

from .support import KEEP, Companies, value

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full


async def test_a_history_has_every_value_with_its_times() -> None:
    http = Companies()
    old = value("text", value="Akme", active_until="2026-02-01T00:00:00Z")
    http.values.mock(return_value=data([old, value("text", value="Acme")]))
    history = await http.companies.history(KEEP, "name")
    assert [each.native for each in history] == ["Akme", "Acme"]
    assert history[0].active_until is not None
    assert history[1].active_until is None


async def test_replacing_a_history_returns_the_old_one_which_restores_it() -> None:
    http = Companies()
    http.values.mock(return_value=data([value("text", value="Akme"), value("text", value="Acme")]))
    new = HistoricValue("Acme Inc", "2025-01-01T00:00:00Z")
    old = await http.companies.replace_history(KEEP, "name", [new], confirm=True)
    assert [each.native for each in old] == ["Akme", "Acme"]
    assert [call.request.method for call in http.values.calls] == ["GET", "PUT"]
    sent = json.loads(http.values.calls.last.request.content)["data"]
    assert sent == {
        "values": [
            {"value": "Acme Inc", "active_from": "2025-01-01T00:00:00.000000000Z", "active_until": None}
        ],
        "replace_history": True,
    }
    await http.companies.replace_history(KEEP, "name", old, confirm=True)
    sent = json.loads(http.values.calls.last.request.content)["data"]
    assert [each["value"] for each in sent["values"]] == ["Akme", "Acme"]
    assert sent["values"][0]["active_from"] == "2026-01-01T00:00:00.123456789Z"


async def test_a_history_that_cannot_be_read_is_not_replaced() -> None:
    http = Companies()
    http.values.mock(return_value=error(400, "invalid_request_error", "validation_type"))
    with pytest.raises(BadRequest):
        await http.companies.replace_history(KEEP, "name", [HistoricValue("x", "2026-01-01")], confirm=True)
    assert [call.request.method for call in http.values.calls] == ["GET"]


async def test_an_invalid_history_is_rejected_before_anything_is_lost() -> None:
    one = HistoricValue("x", "2026-01-01")
    cases: list[tuple[str, list[Any], Any, type[Exception]]] = [
        ("name", ["x"], True, ConfigurationError),
        ("name", [one], False, ConfigurationError),
        ("name", [one], 1, ConfigurationError),
        ("name", [], True, ConfigurationError),
        ("name", [one] * 401, True, ConfigurationError),
        ("name", [HistoricValue(["x", "y"], "2026-01-01")], True, CoercionError),
        ("name", [HistoricValue(None, "2026-01-01")], True, CoercionError),
        ("name", [HistoricValue("x", "then")], True, CoercionError),
        ("name", [HistoricValue("x", "2026-01-01", "then")], True, CoercionError),
        ("logo", [one], True, CoercionError),
        ("nmae", [one], True, UnknownName),
    ]
    http = Companies()
    for slug, values, confirm, problem in cases:
        with pytest.raises(problem):
            await http.companies.replace_history(KEEP, slug, values, confirm=confirm)
    assert http.values.call_count == 0


async def test_a_history_can_be_replaced_without_the_schema() -> None:
    http = Scripted()
    http.router.get("/v2/objects/bills/attributes").mock(
        return_value=error(403, "auth_error", "unauthorized")
    )
    route = http.router.route(path=f"/v2/objects/bills/records/{KEEP}/attributes/total/values")
    route.mock(return_value=data([]))
    new = HistoricValue(5, "2026-01-01", "2026-01-02")
    assert await http.attio.records("bills").replace_history(KEEP, "total", [new], confirm=True) == []
    assert json.loads(route.calls.last.request.content)["data"]["values"][0]["value"] == 5
