"""Generated modules: readable, harmless, and what the workspace is."""

import ast
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from attio_async import ConfigurationError
from attio_async.models import Schema, SchemaAttribute, SchemaList, SchemaObject, SchemaOption
from attio_async.models._generate import MARK, check_generated, docstring, generate, literal
from attio_async.models._module import read_module
from attio_async.models._names import attribute_name, class_name, member_name
from attio_async.testing import FakeAttio, VirtualClock

from .workspaces import HOSTILE, made_up

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


async def pulled(fake: FakeAttio) -> Schema:
    async with fake.client() as attio:
        return await attio.workspace_schema.pull()


@pytest.mark.parametrize("seed", range(5))
async def test_modules_of_made_up_workspaces_run(seed: int, tmp_path: Path) -> None:
    fake = made_up(seed)
    schema = await pulled(fake)
    source = generate(schema, version="1.0")
    path = tmp_path / f"crm_{seed}.py"
    path.write_text(source, encoding="utf-8")
    module = loaded(path)
    models = [each for each in vars(module).values() if hasattr(each, "model_info")]
    assert len(models) == len(schema.objects) + len(schema.lists)
    assert max(map(len, source.splitlines())) < 500
    async with fake.client() as attio:
        for model in models:
            rows = attio.of(model)
            assert await rows.first() is None
            await rows.schema()
            for attribute in model.model_info().by_name:
                getattr(model, attribute)
        assert await attio.workspace_schema.check(read_module(source, "crm.py")) == []


def test_text_of_the_workspace_is_never_code() -> None:
    payload = '"""\nimport os\nos.system("x")\n"""'
    options = tuple(SchemaOption(title=text, id=text) for text in (*HOSTILE, payload))
    attributes = tuple(
        SchemaAttribute(
            slug=f"a{place}", title=text, type="select", description=payload, options=options, id=text
        )
        for place, text in enumerate((*HOSTILE, payload))
    )
    schema = Schema(
        objects=(
            SchemaObject(slug=payload, singular=payload, plural=payload, attributes=attributes, id=payload),
        ),
        lists=(
            SchemaList(slug=payload, name=payload, parents=(payload,), attributes=attributes, id=payload),
        ),
        workspace_id=payload,
        workspace_name=payload,
    )
    source = generate(schema, version="1.0")
    tree = ast.parse(source)
    assert {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)} == {"attio_async"}
    assert not any(isinstance(node, ast.Import) for node in ast.walk(tree))
    assert all(line.isprintable() for line in source.splitlines())
    back = read_module(source, "crm.py")
    assert [option.title for option in back.objects[0].attributes[0].options or ()] == [
        option.title for option in options
    ]
    assert back.objects[0].slug == payload


def test_names_are_readable() -> None:
    assert attribute_name("stage", ()) == "stage"
    assert attribute_name("custom-slug", ()) == "custom_slug"
    assert attribute_name("class", ()) == "class_"
    assert attribute_name("values", {"values"}) == "values_"
    assert class_name("Sales pipeline entry", ()) == "SalesPipelineEntry"
    assert class_name("🚀", ()) == "Model"
    assert member_name("Won 🎉", ()) == "WON"
    assert member_name("$1M-$10M", ()) == "OPTION_1M_10M"
    assert member_name("10B+", {"OPTION_10B_PLUS"}) == "OPTION_10B_PLUS_"
    assert member_name("Größe", ()) == "GROSSE"
    assert member_name("客户", ()) == "客户"


def test_names_never_collide() -> None:
    for make in (attribute_name, class_name, member_name):
        taken: set[str] = set()
        for text in HOSTILE * 3:
            name = make(text, taken)
            assert name.isidentifier(), (text, name)
            assert name not in taken
            taken.add(name)


def test_a_mark_that_cannot_begin_a_name_does_not() -> None:
    sign = "\N{DEVANAGARI SIGN VISARGA}"
    for make in (attribute_name, class_name, member_name):
        assert make(sign, ()).isidentifier()
        assert make(f"{sign}1", ()).isidentifier()


def test_literals_and_docstrings_are_the_text() -> None:
    for text in HOSTILE:
        assert ast.literal_eval(literal(text)) == text
        assert literal(text).isprintable(), text
        code = docstring(text, "")
        assert isinstance(ast.literal_eval(code.strip()), str), text
        assert code.isascii() or code.strip().isprintable(), text


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "from os import path",
        "from attio_async import Attio",
        "x = (lambda: 0)()",
        "[].append(1)",
        "for x in 'a': pass",
        "f'{x}'",
        "x = 1 +",
        "del x",
        "if True: pass",
        "__import__('os').system('x')",
    ],
)
def test_other_code_is_not_read(source: str) -> None:
    with pytest.raises(ConfigurationError):
        check_generated(source)


def test_a_file_of_someone_else_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "other.py"
    path.write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="was not made by"):
        Schema.from_models(path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Schema.from_models(tmp_path / "missing.py")
    with pytest.raises(ConfigurationError, match="has no objects or lists"):
        generate(Schema(), version="1.0")


async def test_each_change_of_a_workspace_is_found_and_nothing_else() -> None:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_attribute("deals", "tier", "select", options=["Gold", "Silver"])
    fake.seed.add_attribute("deals", "score", "number")
    source = generate(await pulled(fake), version="1.0")
    before = fake.snapshot()
    async with fake.client() as attio:
        deals = attio.attributes("deals")

        async def found(change: Any) -> list[str]:
            fake.restore(before)
            await change()
            return [str(each) for each in await attio.workspace_schema.check(read_module(source, "crm.py"))]

        async def retype() -> None:
            await deals.update("score", api_slug="old_score", is_archived=True)
            await deals.create("Score", api_slug="score", type="text")

        async def archive_option() -> None:
            option = next(iter(await deals.options("tier").list()))
            await deals.options("tier").update(option, is_archived=True)

        async def rename_option() -> None:
            option = next(iter(await deals.options("tier").list()))
            await deals.options("tier").update(option, title="Platinum")

        assert await found(attio.identify) == []
        assert await found(lambda: deals.update("score", api_slug="points")) == [
            "deals.score: was renamed to 'points'"
        ]
        assert await found(lambda: deals.update("score", title="Points")) == []
        assert await found(lambda: deals.update("score", is_archived=True)) == ["deals.score: was archived"]
        assert await found(lambda: deals.update("score", is_required=True)) == [
            "deals.score: is now required"
        ]
        assert await found(retype) == [
            "deals.score: was renamed to 'old_score'",
            "deals.score: was archived",
            "deals.score: attribute is new",
        ]
        assert await found(archive_option) == ["deals.tier: option 'Gold' was archived"]
        assert await found(rename_option) == ["deals.tier: option 'Gold' was renamed to 'Platinum'"]
        assert await found(lambda: deals.options("tier").create("Bronze")) == [
            "deals.tier: option 'Bronze' is new"
        ]
        assert await found(lambda: deals.statuses("stage").create("Legal")) == [
            "deals.stage: status 'Legal' is new"
        ]
        assert await found(
            lambda: attio.objects.create("invoices", singular_noun="Invoice", plural_noun="Invoices")
        ) == ["invoices: object is new"]


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_in_another_workspace_names_count() -> None:
    fake, other = FakeAttio(seed=1), FakeAttio(seed=2)
    source = generate(await pulled(fake), version="1.0")
    async with other.client() as attio:
        assert await attio.workspace_schema.check(read_module(source, "crm.py")) == []


def checked(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr if done.returncode else ""


@pytest.mark.full
async def test_fifty_modules_pass_strict_type_checks(tmp_path: Path, anyio_backend: str) -> None:
    if anyio_backend == "trio":
        pytest.skip("type checkers say the same")
    for seed in range(50):
        source = generate(await pulled(made_up(seed)), version="1.0")
        (tmp_path / f"crm_{seed}.py").write_text(source, encoding="utf-8")
    config = {
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "extraPaths": [str(ROOT / "src"), str(ROOT / "generated")],
        "venvPath": str(ROOT),
        "venv": ".venv",
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    (tmp_path / "mypy.ini").write_text(
        f"[mypy]\nstrict = true\nmypy_path = {ROOT / 'src'}:{ROOT / 'generated'}\n", encoding="utf-8"
    )
    assert checked(["pyright", "--warnings", "."], tmp_path) == ""
    assert checked(["mypy", *(f"crm_{seed}.py" for seed in range(50))], tmp_path) == ""
    formatted = checked(["ruff", "format", "--check", "--isolated", "--line-length", "88", "."], tmp_path)
    assert formatted == ""


def test_the_mark_is_the_first_line() -> None:
    schema = Schema(objects=(SchemaObject(slug="deals"),))
    assert generate(schema, version="1.0").startswith(f"{MARK}\n")
