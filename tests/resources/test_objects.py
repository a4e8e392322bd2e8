"""Objects that the API describes incompletely."""

import pytest

from tests.support import Scripted, data

pytestmark = pytest.mark.anyio


async def test_a_missing_slug_is_an_empty_text() -> None:
    http = Scripted()
    http.router.get("/v2/objects").mock(return_value=data([{"api_slug": None}, {}]))
    assert [found.api_slug for found in await http.attio.objects.list()] == ["", ""]
