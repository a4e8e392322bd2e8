"""Schema as code: files, plans, and applying them, on the fake."""

import random
from pathlib import Path
from typing import Any

import attrs
import pytest
from tests.support import some

from attio_async import Attio, ConfigurationError, RetryPolicy
from attio_async.errors import AttioError
from attio_async.models import Schema, SchemaAttribute, SchemaList, SchemaObject, SchemaOption
from attio_async.testing import ConnectionReset, FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio

TYPES = (
    "text", "number", "checkbox", "currency", "date", "timestamp", "rating", "status", "select", "record-reference",
    "actor-reference", "location", "domain", "email-address", "phone-number",
)  # fmt: skip
MANY = {"select", "record-reference", "actor-reference", "email-address", "phone-number", "domain"}
TITLES = ("Gold", "Silver", "Größe", '"quoted"', "back\\slash", "🚀", "a\tb", "x" * 40)
STANDARD = ("people", "companies")


def made_up(seed: int) -> Schema:
    """Make a schema that follows from the seed; two seeds share some slugs, with the same types or not."""
    r = random.Random(seed)
    slugs = r.sample(["invoices", "projects", "tickets"], r.randint(1, 3))
    objects = []
    for slug in slugs:
        objects.append(
            SchemaObject(
                slug=slug,
                singular=r.choice(TITLES),
                plural=r.choice(TITLES),
                attributes=tuple(attribute(r, f"a{number}", slugs) for number in range(r.randint(0, 5))),
            )
        )
    if len(slugs) > 1 and r.random() < 0.7:
        objects[0], objects[1] = related(objects[0], objects[1], many=r.random() < 0.5)
    lists = tuple(
        SchemaList(
            slug=f"list_{number}",
            name=r.choice(TITLES),
            parents=("people",),
            access=r.choice(["full-access"]),
            attributes=tuple(attribute(r, f"b{place}", slugs) for place in range(r.randint(0, 3))),
        )
        for number in range(r.randint(0, 2))
    )
    return Schema(objects=tuple(objects), lists=lists)


def related(one: SchemaObject, other: SchemaObject, *, many: bool) -> tuple[SchemaObject, SchemaObject]:
    first = SchemaAttribute(
        slug="link",
        title="Link",
        type="record-reference",
        objects=(other.slug,),
        relationship=(other.slug, "back"),
        is_multiselect=many,
    )
    back = SchemaAttribute(
        slug="back",
        title="Back",
        type="record-reference",
        objects=(one.slug,),
        relationship=(one.slug, "link"),
    )
    return (
        attrs.evolve(one, attributes=(*one.attributes, first)),
        attrs.evolve(other, attributes=(*other.attributes, back)),
    )


def attribute(r: random.Random, slug: str, slugs: list[str]) -> SchemaAttribute:
    type_ = r.choice(TYPES)
    options = None
    default: dict[str, Any] | None = None
    if type_ in {"select", "status"}:
        titles = r.sample(TITLES, r.randint(0, 4))
        options = tuple(
            SchemaOption(
                title=title,
                celebration=(r.random() < 0.5) if type_ == "status" else None,
                target_time="P7D" if type_ == "status" and r.random() < 0.3 else None,
            )
            for title in titles
        )
        if titles and r.random() < 0.3:
            default = {"type": "static", "template": [titles[0]]}
    elif type_ == "number" and r.random() < 0.5:
        default = {"type": "static", "template": [r.randint(1, 9)]}
    elif type_ == "date" and r.random() < 0.5:
        default = {"type": "dynamic", "template": "P1M"}
    return SchemaAttribute(
        slug=slug,
        title=r.choice(TITLES),
        type=type_,
        description=r.choice(["", "Said\nin two lines"]),
        is_required=r.random() < 0.2,
        is_unique=type_ == "text" and r.random() < 0.3,
        is_multiselect=type_ in MANY and default is None and r.random() < 0.4,
        is_archived=r.random() < 0.1,
        currency=(r.choice(["EUR", "USD"]), "symbol") if type_ == "currency" else None,
        objects=tuple(r.sample([*slugs, *STANDARD], r.randint(0, 2))) if type_ == "record-reference" else (),
        default=default,
        options=options,
    )


def test_files_keep_everything(tmp_path: Path) -> None:
    path = tmp_path / "attio.toml"
    for seed in range(30):
        schema = made_up(seed)
        path.write_text(schema.to_toml(), encoding="utf-8")
        back = Schema.from_file(path)
        assert back.diff(schema) == [], seed
        assert schema.diff(back) == [], seed
        assert back.to_toml() == schema.to_toml(), seed


async def applied(attio: Attio, schema: Schema) -> None:
    await (await attio.workspace_schema.plan(schema)).apply()


@pytest.mark.parametrize("seed", range(12))
async def test_a_plan_that_was_applied_is_empty_then(seed: int) -> None:
    fake = FakeAttio(seed=seed, clock=VirtualClock())
    async with fake.client() as attio:
        for schema in (made_up(seed), made_up(seed + 1000)):
            plan = await attio.workspace_schema.plan(schema)
            await plan.apply()
            assert plan.done == list(plan.changes)
            again = await attio.workspace_schema.plan(schema)
            assert not again, str(again)
            assert [str(each) for each in again.impossible] == [str(each) for each in plan.impossible]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_fault_at_each_request_changes_nothing_in_the_end(seed: int, when: str) -> None:
    schema = made_up(seed)
    clean = FakeAttio(seed=7)
    async with clean.client() as attio:
        await applied(attio, schema)
        calls = list(clean.calls)
        wanted = await attio.workspace_schema.pull()
    assert {call.method for call in calls} >= {"GET", "POST"}
    for number, call in some(enumerate(calls)):
        fake = FakeAttio(seed=7, clock=VirtualClock())
        nth = sum(each.method == call.method for each in calls[: number + 1])
        async with fake.client(retry=RetryPolicy(attempts=1)) as attio:
            fault = fake.fault(ConnectionReset(when=when), path="/v2/*", method=call.method, nth=nth)
            try:
                await applied(attio, schema)
            except AttioError:
                await applied(attio, schema)
            assert fault.hits == 1, (number, call)
            assert wanted.diff(await attio.workspace_schema.pull()) == [], (number, call)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("when", ["before", "after"])
async def test_faults_at_many_requests_change_nothing_in_the_end(seed: int, when: str) -> None:
    schema = made_up(seed + 20)
    clean, fake = FakeAttio(seed=7), FakeAttio(seed=7, clock=VirtualClock())
    async with clean.client() as attio:
        await applied(attio, schema)
        wanted = await attio.workspace_schema.pull()
    async with fake.client(retry=RetryPolicy(attempts=1)) as attio:
        fault = fake.fault(ConnectionReset(when=when), path="/v2/*", probability=0.1)
        for _ in range(500):
            try:
                await applied(attio, schema)
            except AttioError:
                continue
            break
        fault.remove()
        assert wanted.diff(await attio.workspace_schema.pull()) == []


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_the_plan_says_what_it_does() -> None:
    fake = FakeAttio()
    async with fake.client() as attio:
        fake.seed.add_attribute("companies", "tier", "text")
        await applied(
            attio, Schema(objects=(SchemaObject(slug="invoices", singular="Invoice", plural="Invoices"),))
        )
        have = await attio.workspace_schema.pull(objects=["deals", "companies"])
        deals = have.objects[0]
        stage = next(one for one in deals.attributes if one.slug == "stage")
        legal = attrs.evolve(stage, options=(*(stage.options or ()), SchemaOption(title="Legal")))
        wanted = attrs.evolve(
            have,
            objects=(
                SchemaObject(
                    slug="deals",
                    attributes=(
                        legal,
                        SchemaAttribute(slug="renewal_date", title="Renewal date", type="date"),
                    ),
                ),
                SchemaObject(
                    slug="companies", attributes=(SchemaAttribute(slug="tier", title="Tier", type="select"),)
                ),
            ),
        )
        plan = await attio.workspace_schema.plan(wanted)
        assert str(plan).splitlines() == [
            "+ deals.renewal_date (date)",
            '+ deals.stage: + "Legal"',
            "! companies.tier: text -> select is not possible",
            "2 of 2 changes cannot be undone: what is created can only be archived",
        ]
        assert plan.changes[0].permanence == "can be archived later, but not deleted"
        assert plan.to_dict()["changes"][0]["path"] == "deals.renewal_date"
        await plan.apply()
        assert [str(each) for each in plan.done] == [str(each) for each in plan.changes]
        assert not await attio.workspace_schema.plan(wanted)
        titles = [status.title for status in await attio.attributes("deals").statuses("stage").list()]
        assert titles[-1] == "Legal"
        assert len(titles) == 5


async def test_ids_rename_in_their_own_workspace_alone() -> None:
    fake, other = FakeAttio(seed=1), FakeAttio(seed=2)
    for each in (fake, other):
        each.seed.add_attribute("deals", "score", "select", options=["Low", "High"])
    async with fake.client() as attio:
        have = await attio.workspace_schema.pull(objects=["deals"])
        score = next(one for one in have.objects[0].attributes if one.slug == "score")
        options = tuple(attrs.evolve(one, title=f"{one.title}!") for one in score.options or ())
        renamed = attrs.evolve(score, slug="points", options=options)
        wanted = attrs.evolve(have, objects=(attrs.evolve(have.objects[0], attributes=(renamed,)),))
        plan = await attio.workspace_schema.plan(wanted)
        assert [str(each) for each in plan.changes] == [
            "~ deals.score: slug score -> points",
            '~ deals.score: "Low" title Low -> Low!',
            '~ deals.score: "High" title High -> High!',
        ]
        await plan.apply()
        assert not await attio.workspace_schema.plan(wanted)
        assert (await attio.attributes("deals").get("points")).id == score.id
    async with other.client() as attio:
        plan = await attio.workspace_schema.plan(wanted)
        assert [str(each) for each in plan.changes] == [
            "+ deals.points (select)",
            '+ deals.points: + "Low!"',
            '+ deals.points: + "High!"',
        ]


async def test_what_a_file_leaves_out_is_left_alone(tmp_path: Path) -> None:
    fake = FakeAttio()
    fake.seed.add_attribute(
        "deals", "tier", "select", title="Tier", options=["Gold", "Silver"], required=True
    )
    fake.seed.add_list("sales", "Sales", parent="deals")
    file = tmp_path / "attio.toml"
    file.write_text(
        """
[objects.deals.attributes.tier]
type = "select"

[objects.deals.attributes.stage]
type = "status"
options = [{ title = "Lead" }]

[objects.companies.attributes.name]
type = "text"

[lists.sales]
""",
        encoding="utf-8",
    )
    wanted = Schema.from_file(file)
    async with fake.client() as attio:
        assert str(await attio.workspace_schema.plan(wanted)) == ""
        assert await attio.workspace_schema.check(wanted) == []
        file.write_text(
            file.read_text("utf-8").replace('"select"', '"select"\nrequired = false\ntitle = "T"')
        )
        plan = await attio.workspace_schema.plan(Schema.from_file(file))
        assert [str(each) for each in plan.changes] == [
            "~ deals.tier: title Tier -> T",
            "~ deals.tier: not required",
        ]
        await attio.attributes("deals").update("tier", is_archived=True)
        found = [str(each) for each in await attio.workspace_schema.check(wanted)]
        assert found == ["deals.tier: was archived"]


async def test_a_slug_that_is_taken_is_said_and_not_tried() -> None:
    fake = FakeAttio()
    fake.seed.add_attribute("deals", "score", "number")
    async with fake.client() as attio:
        wanted = await attio.workspace_schema.pull(objects=["deals"])
        deals = attio.attributes("deals")
        await deals.update("score", api_slug="old_score")
        await deals.create("Score", api_slug="score", type="text")
        plan = await attio.workspace_schema.plan(wanted)
        assert not plan
        assert str(plan) == "! deals.old_score: the slug 'score' is taken by another attribute"


async def test_a_flag_that_a_pulled_attribute_lacks_is_false(tmp_path: Path) -> None:
    fake = FakeAttio()
    fake.seed.add_attribute("deals", "tier", "text", required=True)
    file = tmp_path / "attio.toml"
    async with fake.client() as attio:
        pulled = (await attio.workspace_schema.pull(objects=["deals"])).to_toml()
        file.write_text(pulled.replace("required = true", ""), encoding="utf-8")
        plan = await attio.workspace_schema.plan(Schema.from_file(file))
        assert "~ deals.tier: not required" in map(str, plan.changes)
        assert "! deals.stage: is Attio's own, so it stays required" in map(str, plan.impossible)


async def test_nothing_is_pruned_unless_asked_for_and_never_much() -> None:
    fake = FakeAttio()
    fake.seed.add_attribute("deals", "old", "select", options=["a", "b"])
    for number in range(8):
        fake.seed.add_attribute("deals", f"custom_{number}", "text")
    async with fake.client() as attio:
        have = await attio.workspace_schema.pull(objects=["deals"])
        kept = tuple(one for one in have.objects[0].attributes if one.slug != "old")
        wanted = attrs.evolve(have, objects=(attrs.evolve(have.objects[0], attributes=kept),))
        assert not await attio.workspace_schema.plan(wanted)
        plan = await attio.workspace_schema.plan(wanted, prune="archive")
        assert [str(each) for each in plan.changes] == ["- deals.old (select): archived"]
        await plan.apply()
        assert (await attio.attributes("deals").get("old")).is_archived
        assert not await attio.workspace_schema.plan(wanted, prune="archive")
        fewer = attrs.evolve(have, objects=(attrs.evolve(have.objects[0], attributes=kept[:-3]),))
        with pytest.raises(ConfigurationError, match="more than a tenth"):
            await attio.workspace_schema.plan(fewer, prune="archive")
        with pytest.raises(ConfigurationError, match="prune must be"):
            await attio.workspace_schema.plan(wanted, prune="delete")


async def test_what_the_api_cannot_do_is_said_and_not_tried() -> None:
    fake = FakeAttio()
    fake.seed.add_list("sales", "Sales", parent="deals")
    async with fake.client() as attio:
        have = await attio.workspace_schema.pull(objects=["deals", "companies"], lists=["sales"])
        deals, companies = have.objects
        stage = next(one for one in deals.attributes if one.slug == "stage")
        value = next(one for one in deals.attributes if one.slug == "value")
        wanted = attrs.evolve(
            have,
            objects=(
                attrs.evolve(
                    deals,
                    slug="sales_deals",
                    attributes=(
                        attrs.evolve(stage, options=tuple(reversed(stage.options or ()))),
                        attrs.evolve(value, title="Amount", is_multiselect=True),
                        SchemaAttribute(slug="met", title="Met", type="interaction"),
                        SchemaAttribute(slug="system", title="System", is_system=True),
                    ),
                ),
                attrs.evolve(
                    companies, attributes=(SchemaAttribute(slug="tax_id", title="Tax id", is_unique=True),)
                ),
            ),
            lists=(attrs.evolve(have.lists[0], parents=("people",)),),
        )
        before = len(fake.calls)
        plan = await attio.workspace_schema.plan(wanted)
        assert [str(each) for each in plan.impossible] == [
            "! deals: the slugs of standard objects cannot be changed",
            "! deals.stage: the order of statuses cannot be set; drag them in the app",
            "! deals.value: multiselect cannot be changed",
            "! deals.value: is Attio's own, so its title cannot be changed",
            "! deals.met: attributes of type interaction cannot be created",
            "! deals.system: is an attribute that Attio makes itself",
            "! companies.tax_id: companies can have no further unique attributes",
            "! sales: the objects of a list cannot be changed",
        ]
        assert [str(each) for each in plan.changes] == ["+ companies.tax_id (text)"]
        assert all(call.method == "GET" for call in fake.calls[before:])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = ", "is not valid TOML"),
        ("[objetcs.deals]", 'objetcs is unknown; did you mean "objects"?'),
        (
            "[objects.deals.attributes.x]\ntype = 'text'\nis_unique = true",
            'attributes.x.is_unique is unknown; did you mean "unique"?',
        ),
        (
            "[objects.deals]\nnoun = 'Deal'",
            "noun is unknown; the keys here are id, singular, plural, attributes",
        ),
        ("[objects.deals]\nsingular = 5", "objects.deals.singular is not a text"),
        ("[objects]\ndeals = 5", "objects.deals is not a table"),
        ("[objects.deals.attributes.x]\ntitle = 'X'", "objects.deals.attributes.x.type is missing"),
        ("[objects.deals.attributes.x]\ntype = 'text'\nrequird = true", "attributes.x.requird is unknown"),
        ("[objects.deals.attributes.x]\ntype = 'select'\noptions = ['a']", r"options\[0\] is not a table"),
        ("[objects.deals.attributes.x]\ntype = 'select'\noptions = [{id = 'a'}]", "title is missing"),
        (
            "[objects.deals.attributes.x]\ntype = 'text'\noptions = [{title = 'a'}]",
            "options is of no use for type",
        ),
        ("[objects.deals.attributes.x]\ntype = 'text'\ndisplay = 'code'", "display is of no use without"),
        (
            "[objects.deals.attributes.x]\ntype = 'record-reference'\nrelationship = ['people']",
            "x.relationship is not a list of two texts",
        ),
        ("[objects.deals.attributes.x]\ntype = 'number'\ndefault = 5", "x.default is not a table"),
        (
            "[objects.deals.attributes.x]\ntype = 'location'\ndefault = {type = 'static', template = [5]}",
            "x.default.template is not a list of tables",
        ),
        ("[lists.sales]\nparents = 'people'", "lists.sales.parents is not a list of texts"),
    ],
)
def test_mistakes_in_files_are_named(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "attio.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        Schema.from_file(path)
