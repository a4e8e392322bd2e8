"""The ways of imports: upsert, create, update, entries with their parents, and what `export` wrote."""

import json
from pathlib import Path
from typing import Any

import pytest

from attio_async import Attio, ConfigurationError, InputChanged, MatchOn, Plan
from attio_async.bulk import (
    ColumnMapping,
    ImportPlan,
    ImportReader,
    SQLiteJournal,
    ValueFormats,
    export_dead_letters,
    read_dead_letters,
)
from attio_async.testing import FakeAttio

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Return the one backend that is enough here: jobs are tested on both elsewhere."""
    return "asyncio"


def write(folder: Path, text: str, name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


async def filled(attio: Attio, fake: FakeAttio) -> None:
    """Fill a workspace with values of every kind that can be written."""
    fake.seed.add_member("owner@example.com", "Olga", "Owner")
    fake.seed.add_list("sales", "Sales", "companies")
    fake.seed.add_attribute("sales", "tier", "select")
    fake.seed.add_attribute("sales", "value", "number")
    fake.seed.add_option("sales", "tier", "A; B")
    for slug, kind in (
        ("score", "number"),
        ("born", "date"),
        ("met", "timestamp"),
        ("vip", "checkbox"),
        ("stars", "rating"),
    ):
        fake.seed.add_attribute("people", slug, kind)
    acme = await attio.companies.create(
        {"name": "=Acme", "domains": ["acme.example.com", "acme.example.org"]}
    )
    zoe = await attio.companies.create(
        {"name": "Zoë", "domains": "zoe.example.com", "categories": ["SaaS", "B2B"]}
    )
    ada = await attio.people.create(
        {
            "name": "Ada King of Lovelace, PhD",
            "email_addresses": ["ada@example.com", "countess@example.com"],
            "phone_numbers": ["+442079460000"],
            "primary_location": {
                "locality": "London",
                "country_code": "GB",
                "latitude": "51.5",
                "longitude": "-0.1",
            },
            "company": acme,
            "description": "two\nlines; and 'more'",
            "score": "1.234",
            "born": "1815-12-10",
            "met": "2024-02-29T12:30:00.123456Z",
            "vip": True,
            "stars": 4,
        }
    )
    await attio.people.create({"name": "Wulandari", "email_addresses": "w@example.com"})
    deal = {"stage": "Lead", "owner": "owner@example.com", "value": "1.2345", "associated_people": [ada]}
    await attio.deals.create({"name": "Boots", "associated_company": acme, **deal})
    await attio.deals.create({"name": "Hats", "stage": "In Progress", "owner": "owner@example.com"})
    await attio.entries("sales").create(acme, {"tier": "A; B", "value": 1.5})
    await attio.entries("sales").create(zoe, {"value": 3})


ENDINGS = ["csv", "jsonl", pytest.param("parquet", marks=pytest.mark.full)]


class TestExports:
    @pytest.mark.parametrize("ending", ENDINGS)
    async def test_records_change_nothing_when_they_are_imported_again(
        self, tmp_path: Path, ending: str
    ) -> None:
        fake = FakeAttio()
        async with fake.client() as attio:
            await filled(attio, fake)
            for name, options in (
                ("companies", {}),
                ("people", {}),
                ("people", {"way": "update", "match": "record_id"}),
                ("deals", {"way": "update", "match": "record_id"}),
            ):
                path = tmp_path / f"{name}.{ending}"
                await attio.records(name).export(path)
                async with await attio.records(name).import_from(path, **options).plan() as plan:  # type: ignore[arg-type]
                    assert (plan.problems, plan.unchanged) == ((), plan.rows), await plan.table()
                path.unlink()

    @pytest.mark.parametrize("ending", ENDINGS)
    async def test_entries_are_found_by_their_parents_or_by_id(self, tmp_path: Path, ending: str) -> None:
        fake = FakeAttio()
        async with fake.client() as attio:
            await filled(attio, fake)
            path = tmp_path / f"sales.{ending}"
            await attio.entries("sales").export(path)
            entries = [entry async for entry in attio.entries("sales").query()]
            await attio.entries("sales").update(entries[0].id, {"value": 99})
            await attio.entries("sales").delete(entries[1].id)
            report = await attio.entries("sales").import_from(path)
            assert (report.created, report.updated, report.failed) == (1, 1, 0)
            values = [str(entry["value"]) async for entry in attio.entries("sales").query()]
            assert sorted(values) == ["1.5", "3"]
            report = await attio.entries("sales").import_from(path, way="update", match="entry_id")
            assert (report.unchanged, report.failed) == (1, 1)  # the other has a new id by now

    async def test_deals_go_to_another_workspace(self, tmp_path: Path) -> None:
        fake, other, path = FakeAttio(), FakeAttio(), tmp_path / "deals.csv"
        async with fake.client() as attio, other.client() as elsewhere:
            await filled(attio, fake)
            await attio.deals.export(path, select=["name", "stage", "value"])
            other.seed.add_member("olga@example.org")
            owner = ColumnMapping(constants={"owner": "olga@example.org"})
            report = await elsewhere.deals.import_from(path, way="create", mapping=owner)
            assert (report.created, report.failed) == (2, 0)
            found = {
                deal["name"]: (str(deal["stage"]), str(deal["value"]))
                async for deal in elsewhere.deals.query()
            }
            assert found == {"Boots": ("Lead", "1.2345"), "Hats": ("In Progress", "None")}


class TestWays:
    async def test_nothing_that_finds_deals_is_guessed(self, tmp_path: Path) -> None:
        path = write(tmp_path, "record_id,name\n,x\n")
        async with FakeAttio().client() as attio:
            with pytest.raises(
                ConfigurationError, match=r"give --update --match record_id, --match SLUG .* or --create"
            ):
                await attio.deals.import_from(path)

    async def test_updates_create_nothing(self, tmp_path: Path) -> None:
        path = write(tmp_path, "domains,name\na.example.com,A\nb.example.com,B\n")
        fake = FakeAttio()
        async with fake.client() as attio:
            await attio.companies.create({"domains": "a.example.com"})
            importing = attio.companies.import_from(path, way="update", match="domains")
            async with await importing.plan() as plan:
                assert (plan.create, plan.update, plan.invalid) == (0, 1, 1)
                assert "matches nothing in companies" in await plan.table()
                report = await plan.apply()
            assert (report.created, report.updated, report.failed) == (0, 1, 1)
            assert [each["name"] async for each in attio.companies.query()] == ["A"]

    async def test_an_attribute_that_is_not_unique_is_matched_by_reading(self, tmp_path: Path) -> None:
        path = write(tmp_path, "name,description\nAcme,new\nZoe,new\n")
        async with FakeAttio().client() as attio:
            for name in ("Acme", "Acme"):
                await attio.companies.create({"name": name})
            async with await attio.companies.import_from(path, match=MatchOn("name")).plan() as plan:
                assert (plan.create, plan.invalid) == (1, 1)
                assert "try --on-ambiguous first or --on-ambiguous skip" in await plan.table()
            report = await attio.companies.import_from(path, match=MatchOn("name", "first"))
            assert (report.created, report.updated) == (1, 1)

    async def test_a_blank_cell_clears_only_if_it_is_meant_to(self, tmp_path: Path) -> None:
        path = write(tmp_path, "domains,name,description\na.example.com,n/a,\n")
        async with FakeAttio().client() as attio:
            await attio.companies.create({"domains": "a.example.com", "name": "A", "description": "old"})
            formats = ValueFormats(null="n/a")
            report = await attio.companies.import_from(path, formats=formats)
            assert report.unchanged == 1
            report = await attio.companies.import_from(path, formats=formats, nulls="clear")
            assert report.updated == 1
            (found,) = [each async for each in attio.companies.query()]
            assert (found["name"], found["description"]) == (None, None)

    async def test_a_number_of_an_export_that_was_saved_with_commas_is_unclear(self, tmp_path: Path) -> None:
        fake = FakeAttio()
        fake.seed.add_attribute("companies", "score", "number")
        async with fake.client() as attio:
            id_ = (await attio.companies.create({"score": 1.234})).id
            for text, unchanged in (("1.234", 1), ('"1,234"', 0)):
                path = write(tmp_path, f"record_id,score\n{id_},{text}\n")
                report = await attio.companies.import_from(path, way="update", match="record_id")
                assert (report.unchanged, report.failed) == (unchanged, 1 - unchanged)
            assert "may be 1234 or 1.234" in str(report.failures[0].error)

    async def test_several_files_are_one_import(self, tmp_path: Path) -> None:
        first = write(tmp_path, "Domains,Name\na.example.com,A\nbad domain,B\n", "first.csv")
        second = write(tmp_path, "name;domains\nC;c.example.com\nD;also bad\n", "second.csv")
        async with (
            FakeAttio().client() as attio,
            await attio.companies.import_from([first, second]).plan() as plan,
        ):
            assert (plan.rows, plan.create, plan.invalid) == (4, 2, 2)
            assert f"2 rows like 'bad domain' (line {first}:3)" in await plan.table()

    async def test_a_mapping_may_be_a_dict_and_other_odd_choices_are_refused(self, tmp_path: Path) -> None:
        path = write(tmp_path, "Site,Firm\na.example.com,A\n")
        async with FakeAttio().client() as attio:
            mapping: Any = {"Site": "domains", "Firm": "name"}
            assert (await attio.companies.import_from(path, mapping=mapping)).created == 1
            for name in ("mapping", "formats", "reader"):
                odd: Any = {name: "csv"}
                with pytest.raises(ConfigurationError, match=f"{name} must be"):
                    attio.companies.import_from(path, **odd)
            sources: list[Any] = [None, 5, b"rows.csv", [path, 5]]
            for source in sources:
                with pytest.raises(ConfigurationError, match="a file must be given by its path"):
                    await attio.companies.import_from(source)
            readers: list[Any] = [
                {"format": "xml"},
                {"delimiter": 5},
                {"encoding": 5},
                {"skip_lines": "x"},
                {"skip_lines": 1.5},
            ]
            for odd in readers:
                with pytest.raises(ConfigurationError):
                    ImportReader(**odd)


class TestParents:
    ROWS = "Website,Company,Tier\nwww.acme.example.com,Acme,A\nnew.example.com,New,A\nNEW.example.com,New,B\n"
    MAPPING = ColumnMapping(columns={"Website": "parent.domains", "Company": "parent.name"})

    @staticmethod
    async def filled(attio: Attio, fake: FakeAttio) -> None:
        fake.seed.add_list("sales", "Sales", "companies")
        fake.seed.add_attribute("sales", "tier", "text")
        await attio.companies.create({"name": "Acme Inc", "domains": "acme.example.com"})

    async def test_parents_are_found(self, tmp_path: Path) -> None:
        fake, path = FakeAttio(), write(tmp_path, self.ROWS)
        async with fake.client() as attio:
            await self.filled(attio, fake)
            report = await attio.entries("sales").import_from(path, mapping=self.MAPPING)
            assert (report.created, report.failed) == (1, 2)
            assert len(fake.records("companies")) == 1

    async def test_parents_are_created_if_that_is_wanted(self, tmp_path: Path) -> None:
        fake, path = FakeAttio(), write(tmp_path, self.ROWS)
        async with fake.client() as attio:
            await self.filled(attio, fake)
            options: dict[str, Any] = {"mapping": self.MAPPING, "create_parents": True, "duplicates": "last"}
            async with await attio.entries("sales").import_from(path, **options).plan() as plan:
                assert (plan.new_parents, len(fake.records("companies"))) == (1, 1)
                assert "1 records would be created to be put in sales" in await plan.table()
                report = await plan.apply()
            assert (report.created, report.duplicate, report.failed) == (2, 1, 0)
            names = [each["name"] async for each in attio.companies.query()]
            assert sorted(names) == ["Acme Inc", "New"]  # what exists is left alone
            assert sorted([entry["tier"] async for entry in attio.entries("sales").query()]) == ["A", "B"]

    async def test_a_new_parent_has_the_first_value_of_all_its_rows(self, tmp_path: Path) -> None:
        mapping = ColumnMapping(
            columns={
                **self.MAPPING.columns,
                "Text": "parent.description",
                "Raised": "parent.funding_raised_usd",
            }
        )
        rows = "a.example.com,,,1,A\na.example.com,Bad,,much,B\na.example.com,,Some,,C\na.example.com,Later,,,D\n"
        fake, path = FakeAttio(), write(tmp_path, f"Website,Company,Text,Raised,Tier\n{rows}")
        async with fake.client() as attio:
            await self.filled(attio, fake)
            entries = attio.entries("sales")
            options: dict[str, Any] = {"mapping": mapping, "create_parents": True, "duplicates": "last"}
            async with await entries.import_from(path, **options).plan() as plan:
                assert (plan.create, plan.new_parents, plan.invalid) == (3, 1, 1)
                report = await plan.apply()
            assert (report.created, report.duplicate, report.failed) == (1, 2, 1)
            assert "'much' is not a number" in str(report.failures[0].error)
            (created,) = [each async for each in attio.companies.query() if each["name"] != "Acme Inc"]
            assert (created["name"], created["description"]) == ("Later", "Some")
            assert created["funding_raised_usd"] == 1

    async def test_a_plan_with_new_parents_is_applied_once(self, tmp_path: Path) -> None:
        fake, path = FakeAttio(), write(tmp_path, "Website,Tier\nnew.example.com,A\n")
        async with fake.client() as attio:
            await self.filled(attio, fake)
            entries = attio.entries("sales")
            options: dict[str, Any] = {"way": "create", "create_parents": True}
            mapping = ColumnMapping(columns={"Website": "parent.domains"})
            async with await entries.import_from(path, mapping=mapping, **options).plan() as plan:
                assert (await plan.apply()).created == 1
                with pytest.raises(ConfigurationError, match="the plan was applied already"):
                    await plan.apply()
            async with await entries.import_from(path, mapping=mapping, **options).plan() as plan:
                pass
            with pytest.raises(ConfigurationError, match="the plan is closed"):
                await plan.apply()
            assert await entries.query().count() == 1

    async def test_parents_are_created_for_every_row_of_a_large_file(self, tmp_path: Path) -> None:
        rows = "".join(f"c{n}.example.com,C{n} {'x' * 100},T{n}\n" for n in range(150))
        fake, path = FakeAttio(), write(tmp_path, f"Website,Company,Tier\n{rows}")
        async with fake.client() as attio:
            await self.filled(attio, fake)
            entries = attio.entries("sales")
            report = await entries.import_from(path, mapping=self.MAPPING, create_parents=True)
            assert (report.created, report.failed) == (150, 0)
            names = {each["domains"][0]: each["name"] async for each in attio.companies.query()}
            assert [names[f"c{n}.example.com"].split()[0] for n in range(150)] == [
                f"C{n}" for n in range(150)
            ]

    async def test_a_row_that_fails_keeps_its_parent(self, tmp_path: Path) -> None:
        rows = "acme.example.com,much\nnew.example.com,2\n"
        fake, path = FakeAttio(), write(tmp_path, f"Website,Score\n{rows}")
        async with fake.client() as attio, SQLiteJournal(None) as journal:
            await self.filled(attio, fake)
            fake.seed.add_attribute("sales", "score", "number")
            entries = attio.entries("sales")
            mapping = ColumnMapping(columns={"Website": "parent.domains"})
            report = await entries.import_from(path, mapping=mapping, journal=journal)
            assert report.failed == 2
            letters = tmp_path / "failed.jsonl"
            assert await export_dead_letters(journal, letters) == 2
            write(tmp_path, letters.read_text("utf-8").replace("much", "1"), letters.name)
            await attio.companies.create({"domains": "new.example.com"})
            report = await entries.upsert_many(read_dead_letters(letters))
            assert (report.created, report.failed) == (2, 0)
            assert sorted([each["score"] async for each in entries.query()]) == [1, 2]

    async def test_ids_may_be_in_upper_case(self, tmp_path: Path) -> None:
        fake = FakeAttio()
        async with fake.client() as attio:
            await self.filled(attio, fake)
            (acme,) = [each.id async for each in attio.companies.query()]
            path = write(tmp_path, f"parent_record,Tier\ncompanies/{acme.upper()},A\n")
            assert (await attio.entries("sales").import_from(path)).created == 1
            assert (await attio.entries("sales").import_from(path)).unchanged == 1

    async def test_an_import_resumes_whatever_parents_exist_by_then(self, tmp_path: Path) -> None:
        rows = "new.example.com,A\nacme.example.com,B\n"
        fake, path = FakeAttio(), write(tmp_path, f"Website,Tier\n{rows}")
        async with fake.client() as attio:
            await self.filled(attio, fake)
            mapping = ColumnMapping(columns={"Website": "parent.domains"})
            options: dict[str, Any] = {"mapping": mapping, "journal": tmp_path / "import.db"}
            report = await attio.entries("sales").import_from(path, on_error="stop", **options)
            assert (report.created, report.failed, report.pending) == (0, 1, 1)
            await attio.companies.create({"domains": "new.example.com"})
            report = await attio.entries("sales").import_from(path, **options)
            assert (report.created, report.failed, report.resumed) == (1, 1, 1)
            write(tmp_path, f"Website,Tier\n{rows.replace('new', 'other')}")
            with pytest.raises(
                InputChanged, match="row 2 of the input, or an option by which it is read, has"
            ):
                await attio.entries("sales").import_from(path, **options)

    async def test_a_parent_that_cannot_be_created_fails_its_rows(self, tmp_path: Path) -> None:
        fake, path = FakeAttio(), write(tmp_path, "Website,Tier\nno domain,A\nok.example.com,B\n")
        async with fake.client() as attio:
            await self.filled(attio, fake)
            options: dict[str, Any] = {"mapping": ColumnMapping(columns={"Website": "parent.domains"})}
            report = await attio.entries("sales").import_from(path, create_parents=True, **options)
            assert (report.created, report.failed) == (1, 1)
            assert "is not a valid domain" in str(report.failures[0].error)


class TestPlans:
    async def test_a_plan_of_an_import_is_a_plan(self, tmp_path: Path) -> None:
        path = write(tmp_path, "email,name,plan\na@example.com,Chris Van Hollen,Gold\n")
        fake = FakeAttio()
        fake.seed.add_attribute("people", "plan", "select")
        async with fake.client() as attio:
            async with await attio.people.import_from(path, create_options=True).plan() as plan:
                assert isinstance(plan, Plan)
                assert isinstance(plan, ImportPlan)
                data = plan.to_dict(mode="json")
                assert data == vars(plan) == json.loads(plan.to_json())
                assert data["new_options"] == {"plan": ["Gold"]}
                assert data["first_guess"] == {
                    "line": 2,
                    "text": "Chris Van Hollen",
                    "first_name": "Chris",
                    "last_name": "Van Hollen",
                }
                assert not [call for call in fake.calls if call.method in {"PUT", "PATCH"}]
                assert [row.action async for row in plan.planned_rows()] == ["create"]
                assert "row 2: create" in await plan.table(details=True)
                assert "row 2" not in await plan.table()
                report = await plan.apply()
            assert (report.created, report.failed) == (1, 0)
            await plan.aclose()

    async def test_references_that_do_not_exist_are_a_problem_or_would_be_created(
        self, tmp_path: Path
    ) -> None:
        rows = "".join(f"p{n}@example.com,{'a' if n % 2 else 'b'}.example.com\n" for n in range(6))
        path = write(tmp_path, f"email,company\n{rows}")
        fake = FakeAttio()
        async with fake.client() as attio:
            await attio.companies.create({"domains": "a.example.com"})
            async with await attio.people.import_from(path).plan() as plan:
                (problem,) = plan.problems
                assert str(problem) == (
                    "companies.domains: 3 rows like 'b.example.com': their companies do not exist; try --create-references"
                )
                assert (plan.create, plan.invalid) == (3, 3)
            async with await attio.people.import_from(path, create_references=True).plan() as plan:
                assert plan.problems == ()
                assert "1 records would be created that rows refer to" in await plan.table()
                assert len(fake.records("companies")) == 1
                report = await plan.apply()
            assert (report.created, report.failed) == (6, 0)

    async def test_a_mapping_is_saved_and_read(self, tmp_path: Path) -> None:
        mapping = ColumnMapping(
            columns={"First name": "name.first_name", 'Odd "one"': "description"},
            constants={"job_title": "Lead"},
            skip=["Shoe size"],
            skip_unknown=True,
        )
        formats = ValueFormats(
            region="gb", dayfirst=False, null=["n/a", "-"], timezone="Europe/London", separator="\n"
        )
        path = tmp_path / "crm.toml"
        mapping.save(path, formats)
        assert ColumnMapping.from_file(path) == mapping
        assert ValueFormats.from_file(path) == formats
        for text, reason in {
            "columns = 3": "columns must be a table",
            "[column]\na = 'b'": "unknown key 'column'",
            "[columns]\na = 3": "must be a text",
            "[formats]\nregion = 'XX'": "unknown region 'XX'",
            "[formats]\nx = 1": "unknown format 'x'",
            "[formats]\nnull = 5": "null must be a text, or several, not 5",
            "[formats]\nseparator = 5": "separator must be text without quotes, not 5",
            "[formats]\nregion = 5": "unknown region 5",
            "[formats]\ntimezone = 'Europe'": "unknown time zone 'Europe'",
            "[formats]\ndayfirst = 'no'": "dayfirst must be true or false, not 'no'",
            "[formats]\nignore_currency = 'no'": "ignore_currency must be true or false, not 'no'",
            "skip = [1]": "skip must be a text, or several, not 1",
            "skip_unknown = 'no'": "skip_unknown must be true or false, not 'no'",
            "=": "is not valid TOML",
        }.items():
            path.write_text(text)
            with pytest.raises(ConfigurationError, match=reason):
                ColumnMapping.from_file(path)
                ValueFormats.from_file(path)

    def test_formats_that_cannot_be_are_refused(self) -> None:
        for options, reason in (
            ({"decimal": ";"}, "decimal must be"),
            ({"region": "England"}, "unknown region 'ENGLAND'"),
            ({"timezone": "Mars/Base"}, "unknown time zone 'Mars/Base'"),
            ({"true": "yes", "false": "Yes"}, "given as both true and false"),
            ({"separator": '"'}, "separator must be"),
            ({"percent": "half"}, "percent must be"),
            ({"date_format": "DD/MM"}, "date_format 'DD/MM' is not valid: it has no year"),
            ({"date_format": "%Q%Y"}, "is not valid: 'Q' is a bad directive"),
        ):
            with pytest.raises(ConfigurationError, match=reason):
                ValueFormats(**options)  # type: ignore[arg-type]
