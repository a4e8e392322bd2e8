"""The samples of pages whose code stands alone run as printed, and print what the page says they print.

A block runs with the names of the blocks above it, with `attio`, a client of a fake that has some records, and with the
files of the page in the current folder. A block marked `text` right below is what it prints.
"""

import ast
import asyncio
import contextlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import certifi
import pytest
from tests.redis_server import needs_redis, running_redis

from attio_async.testing import FakeAttio, SystemClock, VirtualClock
from attio_async.testing._handlers import HANDLERS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SKILL = ROOT / "skills" / "attio-async" / "SKILL.md"
BLOCK = re.compile(r"```python\n(?!# \w+\.py\n)(.*?)```(?:\n+```text\n(.*?)```)?", re.DOTALL)
MODULE = re.compile(r"```python\n# (\w+\.\w+)\n(.*?)```(?:\n+```text\n(.*?)```)?", re.DOTALL)
TABLE = re.compile(r"`(\w+\.csv)`:\n\n```csv\n(.*?)```", re.DOTALL)

STANDALONE = (
    "architecture-fake",
    "attribute-types",
    "bulk-writes",
    "connecting",
    "errors",
    "filters",
    "http",
    "index",
    "limits-and-retries",
    "mirror",
    "notes-and-tasks",
    "operations",
    "reading",
    "recipes/crm-exports",
    "recipes/metrics",
    "recipes/migrating",
    "recipes/notebooks",
    "references",
    "security",
    "writing",
)
ELSEWHERE = {  # pages whose samples another test runs
    "blocking",
    "botpress",
    "bulk-reads",
    "changes",
    "engine",
    "engine-web",
    "engine-backup",
    "everyday-tasks",
    "imports",
    "json",
    "lists",
    "merging",
    "models",
    "oauth",
    "observability",
    "recipes/django",
    "recipes/dlt",
    "recipes/fastapi",
    "recipes/mcp",
    "recipes/serverless",
    "recipes/workers",
    "records",
    "reliability",
    "schema",
    "segment",
    "several-workers",
    "sync",
    "testing",
    "tutorial",
    "values",
    "webhooks",
}
SLOW = (
    "attribute-types",
    "bulk-writes",
    "connecting",
    "http",
    "mirror",
    "notes-and-tasks",
    "operations",
    "recipes/crm-exports",
    "recipes/notebooks",
    "skill",
)


def workspace(clock: Any = None) -> FakeAttio:
    """Return a workspace with what the pages speak of."""
    fake = FakeAttio(clock=clock or VirtualClock(), token="test-token")
    seed = fake.seed
    seed.add_member("jane@example.com", "Jane", "Doe")
    values = {"name": "Acme", "domains": ["acme.example.com"], "foundation_date": "2020-05-01"}
    acme = seed.add_record("companies", values)["id"]["record_id"]
    at_acme = [{"target_object": "companies", "target_record_id": acme}]
    for first, last, job in (
        ("Ada", "Lovelace", "Engineer"),
        ("Grace", "Hopper", "Admiral"),
        ("Alan", "Turing", ""),
    ):
        person: dict[str, Any] = {
            "name": {"first_name": first, "last_name": last, "full_name": f"{first} {last}"}
        }
        if job:
            address = f"{first.lower()}@acme.example.com"
            person |= {"job_title": job, "email_addresses": [address], "company": at_acme}
        seed.add_record("people", person)
    for name, value in (("Small deal", 100), ("Big deal", 900)):
        deal = {"name": name, "value": value, "stage": "Lead", "owner": "jane@example.com"}
        seed.add_record("deals", deal)
    seed.add_list("sales", "Sales pipeline", parent="companies")
    seed.add_attribute("sales", "stage", "status", options=["Lead", "Won"])
    return fake


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def write_files(text: str, folder: Path) -> dict[str, str]:
    """Write the named blocks of a page to files, and return what each prints.

    A table has its name in the sentence before: in the block it would be copied as the header.
    """
    modules = MODULE.findall(text)
    for name, rows in TABLE.findall(text):
        (folder / name).write_text(rows, encoding="utf-8")
    for name, code, _ in modules:
        (folder / name).write_text(code, encoding="utf-8")
    return {name: printed for name, _, printed in modules}


def test_no_table_begins_with_a_comment() -> None:
    pages = {path.name: path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md")}
    assert [name for name, text in pages.items() if "```csv\n#" in text] == []


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.full] * (name in SLOW)) for name in (*STANDALONE, "skill")],
)
def test_the_samples_run_and_print_what_they_say(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = SKILL.read_text(encoding="utf-8") if name == "skill" else page(name)
    write_files(text, tmp_path)
    blocks = BLOCK.findall(text)
    assert blocks
    if name == "http":
        shutil.copy(certifi.where(), "company.pem")
    if name == "architecture-fake":
        monkeypatch.setitem(HANDLERS, "list_notes", HANDLERS["list_notes"])  # which puts it back afterwards
    with contextlib.ExitStack() as stack:
        is_served = any(call in text for call in ("Attio()", "Attio(hooks", "Attio(limiter"))
        fake = workspace(SystemClock() if is_served else None)
        if is_served:
            served = stack.enter_context(fake.serve())
            monkeypatch.setenv("ATTIO_BASE_URL", served.url)
            monkeypatch.setenv("ATTIO_API_KEY", "test-token")
        asyncio.run(run(blocks, name, fake))


async def run(blocks: list[tuple[str, str]], page: str, fake: FakeAttio) -> None:
    async with fake.client() as attio:
        names: dict[str, Any] = {"__name__": "document", "attio": attio, "fake": fake}
        for number, (block, expected) in enumerate(blocks, 1):
            where = f"{page}, sample {number}"
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                result = eval(compiled(block, where), names)
                if asyncio.iscoroutine(result):
                    await result
            assert printed.getvalue() == expected, where


def compiled(block: str, name: str) -> CodeType:
    code: CodeType = compile(block, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return code


RECEIVERS = {  # the receiver of a call, where it is not an area such as `attio.notes`
    "ActivityRecords": r"visits?|.*records\(\"visit\"\)",
    "Attio": r"attio|lead",
    "Attributes": r"attributes|.*\.attributes\(.*\)",
    "BulkJob": r".*_many\(.*\)|job",
    "Entries": r"entries|sales|.*entries\(.*\)",
    "Files": r"attio\.files",
    "Records": r"ships|attio\.(?:people|companies|deals|records\(.*\))",
    "SelectOptions": r".*\.options\(.*\)",
    "Statuses": r".*\.statuses\(.*\)",
    "WorkspaceSchema": r"attio\.workspace_schema",
}
NOT_CALLED = {
    "Merges": {"aclose"},
    "RateLimiter": {"aclose"},
    "Attio": {"aclose", "of", "merges", "records", "entries", "attributes", "with_options"},
}
"""Methods that lead to others, or that samples use in another way."""


def called(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the receiver and the method of each call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func.value).replace("'", '"'), node.func.attr


def test_every_method_has_an_executed_sample() -> None:
    pages = [page(name) for name in (*STANDALONE, *ELSEWHERE)]
    calls = set()
    for text in pages:
        for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
            with contextlib.suppress(SyntaxError):  # a part of a program
                calls |= set(called(ast.parse(block)))
    snapshot = ast.parse((ROOT / "api/attio_async/__init__.pyi").read_text(encoding="utf-8"))
    classes = {node.name: node for node in snapshot.body if isinstance(node, ast.ClassDef)}
    (attio,) = [classes["Attio"]]
    areas = {
        str(ast.unparse(member.returns)): rf"attio\.{member.name}"
        for member in attio.body
        if isinstance(member, ast.FunctionDef) and member.decorator_list and member.returns
    }
    missing = []
    for name, receiver in {**areas, **RECEIVERS}.items():
        for member in classes[name].body if name in classes else ():
            is_method = isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef)
            if not is_method or member.name.startswith("_") or member.name in NOT_CALLED.get(name, ()):
                continue
            if any(ast.unparse(each) == "property" for each in member.decorator_list):
                continue
            if not any(method == member.name and re.fullmatch(receiver, text) for text, method in calls):
                missing.append(f"{name}.{member.name}")
    assert not missing, " ".join(missing)


def test_every_page_with_samples_is_run() -> None:
    pages = {
        path.relative_to(DOCS).with_suffix("").as_posix()
        for path in DOCS.rglob("*.md")
        if "```python\n" in path.read_text(encoding="utf-8")
    }
    assert pages <= {*STANDALONE, *ELSEWHERE}, "run the samples of a new page, then name it here"


def test_the_sample_without_async_runs(capsys: pytest.CaptureFixture[str]) -> None:
    from attio_async.blocking import Attio

    names: dict[str, Any] = {"__name__": "document"}
    exec(BLOCK.findall(page("blocking"))[0][0], names)
    with Attio.of_async(workspace(SystemClock()).client()) as attio:
        names["main"](attio)
    assert capsys.readouterr().out.splitlines() == ["Ada Lovelace", "Grace Hopper", "1"]


def python(*arguments: object, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAttio]:
    fake = FakeAttio(token="test-token", clock=SystemClock())
    with fake.serve() as server:
        monkeypatch.setenv("ATTIO_API_KEY", "test-token")
        monkeypatch.setenv("ATTIO_BASE_URL", server.url)
        yield fake


@pytest.mark.full
def test_the_programs_of_the_tutorial_print_what_it_says(served: FakeAttio, tmp_path: Path) -> None:
    programs = write_files(page("tutorial"), tmp_path)
    environment = {name: os.environ[name] for name in ("ATTIO_API_KEY", "ATTIO_BASE_URL")}
    for name in ("hello.py", "sync.py"):
        assert python(name, cwd=tmp_path, **environment) == programs[name]
    (tmp_path / "customers.db").unlink()
    again = python("sync.py", cwd=tmp_path, **environment)
    assert f"```text\n{again}```" in page("tutorial")


@pytest.mark.full
def test_the_tests_on_the_pages_pass(tmp_path: Path) -> None:
    for number, text in enumerate([page("tutorial"), page("recipes/fastapi"), SKILL.read_text("utf-8")]):
        folder = tmp_path / f"page{number}"
        folder.mkdir()
        write_files(text, folder)
    (tmp_path / "conftest.py").write_text("import sys; sys.dont_write_bytecode = True\n", encoding="utf-8")
    python("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path)


def load(name: str, file: str, folder: Path) -> dict[str, Any]:
    """Import a named block of a page, and return its names."""
    write_files(page(name), folder)
    spec = importlib.util.spec_from_file_location(f"sample_{file.removesuffix('.py')}", folder / file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where libraries look for the annotations of functions
    spec.loader.exec_module(module)
    return vars(module)


def test_the_handler_of_a_function_may_be_called_again(served: FakeAttio, tmp_path: Path) -> None:
    handler = load("recipes/serverless", "handler.py", tmp_path)["handler"]
    event = {"body": '{"email": "ada@example.com", "name": "Ada Lovelace"}'}
    first, second = handler(event, None), handler(event, None)
    assert first["statusCode"] == second["statusCode"] == 200
    assert len(served.records("people")) == 1


@pytest.mark.full
def test_the_tools_of_the_server_return_results_and_errors(served: FakeAttio, tmp_path: Path) -> None:
    names = load("recipes/mcp", "server.py", tmp_path)

    async def call() -> tuple[Any, Any, Any]:
        saved = await names["save_company"]("acme.example.com", "Acme")
        failed = await names["save_company"]("not a domain", "Acme")
        await names["attio"].people.create({"name": "Ada Lovelace", "company": saved["record_id"]})
        people = await names["people_of"]("acme.example.com")
        await names["attio"].aclose()
        return saved, failed, people

    saved, failed, people = asyncio.run(call())
    assert saved["name"] == "Acme"
    assert failed["exception"] == "CoercionError"
    assert [person["name"]["full_name"] for person in people] == ["Ada Lovelace"]


@pytest.mark.full
def test_the_task_of_a_worker_runs(served: FakeAttio, tmp_path: Path) -> None:
    pytest.importorskip("taskiq")
    names = load("recipes/workers", "worker.py", tmp_path)

    async def work() -> str:
        await names["broker"].startup()
        task = await names["sign_up"].kiq("ada@example.com", "Ada Lovelace")
        result = await task.wait_result(timeout=10)
        await names["broker"].shutdown()
        result.raise_for_error()
        return str(result.return_value)

    person_id = asyncio.run(work())
    assert [person["id"]["record_id"] for person in served.records("people")] == [person_id]


@needs_redis
@pytest.mark.full
def test_the_job_of_an_arq_worker_runs(served: FakeAttio, tmp_path: Path) -> None:
    """In an environment of its own, since arq needs an old redis-py."""
    venv.create(tmp_path / "venv", with_pip=True)
    programs = tmp_path / "venv" / "bin"
    subprocess.run([programs / "pip", "install", "--quiet", ROOT, "arq"], check=True)
    write_files(page("recipes/workers"), tmp_path)
    with running_redis() as redis:
        environment = {**os.environ, "REDIS_URL": redis.url, "PYTHONPATH": str(tmp_path)}
        for command in (["python", "sign_up.py"], ["arq", "jobs.WorkerSettings", "--burst"]):
            subprocess.run([programs / command[0], *command[1:]], cwd=tmp_path, env=environment, check=True)
    (person,) = served.records("people")
    assert person["values"]["name"][0]["full_name"] == "Ada Lovelace"


@pytest.mark.full
def test_the_view_and_the_task_run(
    served: FakeAttio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    django = pytest.importorskip("django")
    pytest.importorskip("celery")
    from django.conf import settings

    if not settings.configured:
        settings.configure(DEBUG=False)
    assert django.VERSION
    monkeypatch.syspath_prepend(tmp_path)
    views = load("recipes/django", "views.py", tmp_path)
    tasks = load("recipes/django", "tasks.py", tmp_path)
    try:
        assert tasks["sign_up"]("ada@acme.example.com", "Ada Lovelace")
        tasks["blocking_attio"]().companies.upsert(
            {"domains": "acme.example.com", "name": "Acme"}, match="domains"
        )

        async def visit() -> tuple[int, int]:
            found = await views["company"](None, "acme.example.com")
            missing = await views["company"](None, "other.example.com")
            await views["attio"]().aclose()
            return found.status_code, missing.status_code

        assert asyncio.run(visit()) == (200, 404)
        tasks["blocking_attio"]().close()
    finally:
        sys.modules.pop("attio", None)
