"""Loading into DuckDB with dlt: what is created, changed and deleted, and what a failed load leaves to the next one."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attio_async import blocking
from attio_async.dlt import FeedLoad
from attio_async.errors import ConfigurationError
from attio_async.testing import FakeAttio, SystemClock

pytestmark = pytest.mark.full  # dlt alone takes seconds to load


class Load:
    """A workspace, and a pipeline into a database."""

    def __init__(self, folder: Path) -> None:
        dlt = pytest.importorskip("dlt")
        self.folder = folder
        self.fake = FakeAttio(clock=SystemClock())
        self.fake.seed.add_list("sales", "Sales", "companies")
        self.fake.seed.add_attribute("sales", "tier", "text")
        self.attio = blocking.Attio.of_async(self.fake.client())
        self.pipeline = dlt.pipeline(
            "crm",
            destination=dlt.destinations.duckdb(str(folder / "crm.duckdb")),
            dataset_name="attio",
            pipelines_dir=str(folder / "pipelines"),
        )

    def open(self) -> FeedLoad:
        return FeedLoad(
            self.attio, self.folder / "feed.db", objects=["companies"], lists=["sales"], also=["notes"]
        )

    def run(self, *, confirm: bool = True) -> None:
        with self.open() as load:
            info = self.pipeline.run(load.source())
            if confirm:
                load.confirm(info)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.pipeline.sql_client() as client, client.execute_query(query) as cursor:
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def tables(self) -> set[str]:
        return {name for (name,) in self.rows("SELECT table_name FROM information_schema.tables")}


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    made = Load(tmp_path)
    with made.attio:
        yield made


def test_the_program_of_the_page_runs_as_printed(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[2] / "docs" / "recipes" / "dlt.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    load.attio.companies.create({"name": "Acme"})
    with load.fake.serve() as served:
        monkeypatch.setenv("ATTIO_BASE_URL", served.url)
        monkeypatch.setenv("ATTIO_API_KEY", "test-token")
        names: dict[str, Any] = {"__name__": "load_crm"}
        exec(code, names)
    with names["pipeline"].sql_client() as client, client.execute_query(COMPANIES) as cursor:
        assert cursor.fetchall() == [("Acme",)]


COMPANIES = "SELECT name FROM companies ORDER BY name"


def test_each_load_brings_what_changed(load: Load) -> None:
    companies = load.attio.companies
    acme = companies.create({"name": "Acme", "domains": ["acme.example.com", "acme.example.org"]})
    widgets = companies.create({"name": "Widgets"})
    entry = load.attio.entries("sales").create(acme, {"tier": "A"})
    note = load.attio.notes.create(acme, title="Hello", content="World")
    load.run()
    assert load.rows(COMPANIES) == [("Acme",), ("Widgets",)]
    assert load.rows("SELECT entry_id, tier FROM sales") == [(entry.id, "A")]
    assert load.rows("SELECT note_id, title FROM notes") == [(note.id.note_id, "Hello")]
    assert load.rows("SELECT count(*) FROM _changes WHERE change = 'created'") == [(4,)]
    companies.update(acme, {"name": "Acme Ltd"})
    companies.delete(widgets)
    load.attio.entries("sales").delete(entry)
    load.run()
    assert load.rows(COMPANIES) == [("Acme Ltd",)]
    assert load.rows("SELECT * FROM sales") == []
    changes = load.rows("SELECT change, object, record_id, before, after FROM _changes ORDER BY place")[4:]
    assert changes == [
        ("changed", "companies", acme.id, '"Acme"', '"Acme Ltd"'),
        ("deleted", "companies", widgets.id, None, None),
        ("deleted", "sales", entry.id, None, None),
    ]
    load.run()  # nothing is new
    assert load.rows("SELECT count(*) FROM _changes") == [(7,)]


def test_multiselect_values_are_replaced(load: Load) -> None:
    acme = load.attio.companies.create({"name": "Acme", "domains": ["a.example.com", "b.example.com"]})
    load.run()
    (table,) = [name for name in load.tables() if name.startswith("companies__domains")]
    assert load.rows(f"SELECT value FROM {table} ORDER BY 1") == [("a.example.com",), ("b.example.com",)]
    load.attio.companies.edit(acme, set={"domains": ["c.example.com"]})
    load.run()
    assert load.rows(f"SELECT value FROM {table}") == [("c.example.com",)]


def test_what_was_not_loaded_is_loaded_the_next_time(load: Load) -> None:
    load.attio.companies.create({"name": "Acme"})
    load.run(confirm=False)  # as if the process had died after the load
    load.run()
    assert load.rows(COMPANIES) == [("Acme",)]
    assert load.rows("SELECT count(*) FROM _changes") == [(1,)]
    load.attio.companies.create({"name": "Widgets"})
    with load.open() as broken:

        def fail(item: Any) -> Any:
            raise RuntimeError("the process dies")

        source = broken.source()
        source.resources["attio"].add_map(fail)
        with pytest.raises(Exception, match="the process dies"):
            load.pipeline.run(source)
    load.pipeline.abort_packages()
    load.run()
    assert load.rows(COMPANIES) == [("Acme",), ("Widgets",)]


def test_an_incomplete_load_is_not_confirmed(load: Load) -> None:
    load.attio.companies.create({"name": "Acme"})
    with load.open() as opened:
        info = load.pipeline.run(opened.source())
        package = info.load_packages[0]
        info.load_packages[0] = package._replace(state="normalized")
        with pytest.raises(ConfigurationError, match="the load is not complete; run the pipeline again"):
            opened.confirm(info)
    load.run()
    assert load.rows("SELECT count(*) FROM _changes") == [(1,)]


def test_a_client_of_async_code_is_rejected(load: Load) -> None:
    with pytest.raises(ConfigurationError, match=r"give a client of attio_async\.blocking"):
        FeedLoad(load.fake.client(), "feed.db", objects=["companies"])  # type: ignore[arg-type]


def test_a_column_of_numbers_takes_fractions_after_whole_ones(load: Load) -> None:
    load.fake.seed.add_attribute("companies", "size", "number")
    load.attio.companies.create({"name": "Acme", "size": 3})
    load.run()
    load.attio.companies.create({"name": "Widgets", "size": 3.5})
    load.run()
    assert load.rows("SELECT name, size FROM companies ORDER BY name") == [("Acme", 3.0), ("Widgets", 3.5)]


def test_an_object_and_a_list_do_not_share_a_table(load: Load) -> None:
    load.fake.seed.add_object("sales", "Sale")
    with pytest.raises(ConfigurationError, match="the object and the list 'sales' would be one table"):
        FeedLoad(load.attio, load.folder / "feed.db", objects=["sales"], lists=["sales"])
