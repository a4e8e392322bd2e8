"""Objects and lists that were renamed after their model was pulled, and workspaces in which the slugs count."""

from pathlib import Path
from typing import Any

import pytest

from attio_async import Attio
from attio_async.models._generate import generate
from attio_async.models._module import read_module
from attio_async.testing import FakeAttio

from .test_generate import loaded

pytestmark = pytest.mark.anyio


def workspace(seed: int) -> FakeAttio:
    fake = FakeAttio(seed=seed)
    fake.seed.add_object("projects", "Project", "Projects")
    fake.seed.add_attribute("projects", "name", "text")
    fake.seed.add_attribute("projects", "budget", "number")
    fake.seed.add_attribute("projects", "code", "text", unique=True)
    fake.seed.add_attribute("deals", "project", "record-reference", allowed_objects=["projects"])
    fake.seed.add_list("sales", "Sales", parent="projects")
    fake.seed.add_attribute("sales", "amount", "number")
    fake.seed.add_member("jane@example.com", "Jane", "Doe")
    return fake


async def module_of(attio: Attio, folder: Path) -> tuple[Any, str]:
    source = generate(await attio.workspace_schema.pull(), version="1.0")
    path = folder / "crm_renames.py"
    path.write_text(source, encoding="utf-8")
    return loaded(path), source


async def used(attio: Attio, crm: Any) -> None:
    """Do everything once that a model can do."""
    projects, entries = attio.of(crm.Project), attio.of(crm.SalesEntry)
    made = await projects.create(name="Roof", budget=5, code="r")
    assert made.budget == 5
    made = await projects.update(made, {"budget": 6})
    made = await projects.edit(made, set={"budget": 7})
    assert made.budget == 7
    (found,) = await projects.query(crm.Project.budget > 6)
    assert (await projects.get(found)).name == "Roof"
    assert [each.id async for each in projects.scan()] == [made.id]
    assert len(await projects.get_many([made])) == 1
    assert "budget" in await projects.explain(crm.Project.budget > 6)
    assert (await projects.schema()).attributes["budget"].type == "number"
    assert len(await projects.history(made, crm.Project.budget)) == 3
    assert (await projects.create_many([{"name": "Wall", "budget": 1}])).created == 1
    deals = attio.of(crm.Deal)
    await deals.create(name="Big", stage=crm.Deal.Stage.LEAD, owner="jane@example.com", project=made)
    (deal,) = await deals.query(crm.Deal.project.budget == 7)
    assert deal.project.record_id == made.id
    entry = await entries.upsert(made, {"amount": 1})
    (entry,) = await entries.query((crm.SalesEntry.amount == 1) & (crm.SalesEntry.parent_record.budget == 7))
    assert (await entries.update(entry, {"amount": 2})).amount == 2
    assert (await entries.upsert_many([(made, {"amount": 3})])).updated == 1
    assert (await projects.update_many([(made, {"budget": 8})])).updated == 1
    assert (await projects.upsert_many([{"code": "r", "budget": 9}], match="code")).updated == 1
    await entries.delete(entry)
    await projects.delete(made)


async def test_a_renamed_object_or_list_is_found_by_its_id(tmp_path: Path) -> None:
    fake = workspace(1)
    async with fake.client() as attio:
        crm, source = await module_of(attio, tmp_path)
        await attio.objects.update("projects", api_slug="works")
        await attio.lists.update("sales", api_slug="pipeline")
    async with fake.client() as attio:
        await used(attio, crm)
        found = await attio.workspace_schema.check(read_module(source, "crm.py"))
        assert [str(each) for each in found] == [
            "projects: was renamed to 'works'",
            "sales: was renamed to 'pipeline'",
        ]


async def test_another_object_with_the_old_slug_is_not_taken_for_it(tmp_path: Path) -> None:
    fake = workspace(1)
    async with fake.client() as attio:
        crm, _ = await module_of(attio, tmp_path)
        await attio.objects.update("projects", api_slug="works")
        await attio.objects.create("projects", singular_noun="Other", plural_noun="Others")
    async with fake.client() as attio:
        made = await attio.of(crm.Project).create(name="Roof", budget=5)
        assert [each.id for each in await attio.records("works").query()] == [made.id]
        assert not await attio.records("projects").query()


async def test_in_another_workspace_the_slug_counts(tmp_path: Path) -> None:
    async with workspace(1).client() as attio:
        crm, _ = await module_of(attio, tmp_path)
    async with workspace(2).client() as attio:
        await used(attio, crm)


async def test_looking_up_an_id_costs_one_request(tmp_path: Path) -> None:
    fake = workspace(1)
    async with fake.client() as attio:
        crm, _ = await module_of(attio, tmp_path)
    before = len(fake.calls)
    async with fake.client() as attio:
        for _ in range(3):
            await attio.of(crm.Project).query()
            await attio.of(crm.Project).first()
    assert [call.path for call in fake.calls[before:]].count("/v2/objects") == 1
