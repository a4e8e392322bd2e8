"""Records, queries and progress in consoles and notebooks."""

import io
import json
import sys
from types import SimpleNamespace

import pytest
from tests.integrations.support import workspace

from attio_async import Attio, F, Record, asc
from attio_async._records.models import decode_one
from attio_async.bulk._write.options import Progress, show_progress

pytestmark = pytest.mark.anyio
PROGRESS = Progress(done=5, failed=0, total=10, seconds=1.0, rate=5.0, waited=0.0)


async def test_a_record_shows_its_title_its_id_and_a_few_values() -> None:
    async with workspace() as (_, person, _):
        shown = repr(person)
        assert shown.startswith(
            f"<Record people {person.id} 'Ada Lovelace': email_addresses=['ada@example.com']"
        )
        assert "job_title='Engineer'" in shown
        page = person._repr_html_()
        assert "<b>Ada Lovelace</b>" in page
        assert f'<a href="{person.web_url}">' in page
        assert "<th>job_title</th><td>Engineer</td>" in page


def record(**values: str) -> Record:
    raw = {slug: [{"attribute_type": "text", "value": value}] for slug, value in values.items()}
    return decode_one(json.dumps({"data": {"id": {"record_id": "r"}, "values": raw}}).encode(), Record)


def test_no_text_of_a_workspace_becomes_markup() -> None:
    page = record(
        name="<script>x</script>", a="https://example.com/?\"onclick='x'", b="javascript:x"
    )._repr_html_()
    assert "<script>" not in page
    assert 'href="javascript' not in page
    assert page.count('"') == 2 * page.count("<a href=")


def test_long_records_are_cut() -> None:
    many = record(**{f"text_{number}": "x" * 500 for number in range(30)})
    assert len(repr(many)) < 300
    assert "and 10 more attributes" in many._repr_html_()
    assert repr(record()) == "<Record r>"


async def test_a_query_shows_its_filter() -> None:
    async with Attio("t") as attio:
        query = attio.people.query(F.job_title == "Engineer", sorts=asc("name"), limit=5)
        assert (
            repr(query)
            == "<Paginator of people where F.job_title == 'Engineer' sorted by asc('name'), limit=5>"
        )
        assert repr(attio.people.query()) == "<Paginator of people>"
        assert repr(attio.people.query({"name": "Ada"})) == "<Paginator of people where {'name': 'Ada'}>"
        assert repr(attio.people.scan(F.name == "Ada")) == "<Scan of people where F.name == 'Ada'>"
        assert repr(attio.tasks.list()) == "<Paginator of list_tasks>"


class Kernel:
    """A module as IPython is while a notebook runs."""

    @staticmethod
    def get_ipython() -> object:
        return SimpleNamespace(kernel=object())


def test_progress_is_shown_in_notebooks_only(monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.StringIO()
    monkeypatch.setattr(sys, "stderr", output)
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    show_progress(PROGRESS)
    assert output.getvalue() == ""
    monkeypatch.setitem(sys.modules, "IPython", Kernel)  # type: ignore[arg-type]
    show_progress(PROGRESS)
    assert output.getvalue().startswith("\r5 of 10 rows")
    assert "\x1b" not in output.getvalue()


def test_progress_is_shown_on_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.StringIO()
    monkeypatch.setattr(output, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", output)
    show_progress(PROGRESS)
    assert output.getvalue().startswith("\r\x1b[K5 of 10 rows")
