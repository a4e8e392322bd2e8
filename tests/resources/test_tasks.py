"""Tasks that are due on a day."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from attio_async.errors import ConfigurationError, NotFound
from tests.support import Scripted, data, error

pytestmark = pytest.mark.anyio


async def test_the_day_of_a_deadline_depends_on_the_time_zone() -> None:
    deadlines = ["2026-01-31T23:30:00Z", None, "2026-01-31T12:00:00Z", "2026-01-30T23:30:00Z", "nonsense"]
    deadlines += ["9999-12-31T23:30:00Z"]  # in Paris it is in no year that Python knows
    tasks = [{"id": {"task_id": str(n)}, "deadline_at": d} for n, d in enumerate(deadlines)]
    http = Scripted()
    http.router.get("/v2/tasks").mock(return_value=data(tasks))
    day = dt.date(2026, 1, 31)
    assert [t.id for t in await http.attio.tasks.due_on(day)] == ["2", "0"]
    paris = await http.attio.tasks.due_on(day, tz=ZoneInfo("Europe/Paris"), is_completed=None)
    assert [t.id for t in paris] == ["3", "2"]


async def test_a_datetime_is_not_a_day() -> None:
    with pytest.raises(ConfigurationError, match=r"day must be a date, .*; write day\.date\(\)"):
        await Scripted().attio.tasks.due_on(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


async def test_deleting_a_missing_task_is_an_error() -> None:
    http = Scripted()
    http.router.delete("/v2/tasks/t").mock(return_value=error(404, "invalid_request_error", "not_found"))
    with pytest.raises(NotFound):
        await http.attio.tasks.delete("t")
