"""The reference: which public name is on which page, and the pages that mkdocstrings fills from docstrings."""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOT = ROOT / "api" / "attio_async"


class ReferencePage(NamedTuple):
    """A page of the reference: its file, its title, its first paragraph, and the modules whose names it has."""

    slug: str
    title: str
    about: str
    modules: str


PAGES = (
    ReferencePage(
        "client",
        "Client",
        "`Attio`, its options, and `AttioPool` for many workspaces.",
        "_client _pool _utils.secret _workspace.identity _workspace.write_options _version .",
    ),
    ReferencePage(
        "records",
        "Records",
        "`attio.people`, `attio.companies`, `attio.records(...)`, and the records that they return.",
        "_resources.records _records _workspace",
    ),
    ReferencePage(
        "lists",
        "Lists and entries",
        "`attio.lists` and `attio.entries(...)`.",
        "_resources.lists _resources.entries",
    ),
    ReferencePage(
        "schema",
        "Objects and attributes",
        "`attio.objects`, `attio.attributes(...)` and `attio.schema(...)`.",
        "_resources.objects _resources.attributes _schema _json_schema",
    ),
    ReferencePage(
        "notes-tasks-comments",
        "Notes, tasks and comments",
        "`attio.notes`, `attio.tasks`, `attio.threads` and `attio.comments`.",
        "_resources.notes _resources.tasks _resources.comments",
    ),
    ReferencePage("files", "Files", "`attio.files`.", "_resources.files"),
    ReferencePage(
        "meetings-emails",
        "Meetings and e-mails",
        "`attio.meetings`, `attio.call_recordings` and `attio.emails`.",
        "_resources.meetings _resources.emails",
    ),
    ReferencePage("activities", "Activities", "`attio.activities`.", "_resources.activities"),
    ReferencePage(
        "workspace",
        "Members, sequences and webhooks",
        "`attio.workspace_members`, `attio.sequences` and `attio.webhooks`.",
        "_resources",
    ),
    ReferencePage(
        "pages", "Pages of results", "The values that `query` and every `list` return.", "_pagination"
    ),
    ReferencePage("results", "Results", "The results that the API returns, as classes.", "attio_async_api"),
    ReferencePage("limits", "Limits", "Rate limits, and how requests share them.", "_limits"),
    ReferencePage(
        "requests",
        "Requests",
        "Retries, middleware, hooks, meters, and the parts below.",
        "_pipeline _transport _utils",
    ),
    ReferencePage("other", "Other names", "Names that are on no other page.", ""),
    ReferencePage("blocking", "attio_async.blocking", "The client for code without async.", "blocking"),
    ReferencePage("bulk", "attio_async.bulk", "Jobs over many rows, exports and changes.", "bulk"),
    ReferencePage("dlt", "attio_async.dlt", "Loading into databases with dlt.", "dlt"),
    ReferencePage("engine", "attio_async.engine", "Jobs of many tenants.", "engine"),
    ReferencePage("errors", "attio_async.errors", "Every exception, in one tree.", "errors"),
    ReferencePage("mirror", "attio_async.mirror", "A copy of a workspace in DuckDB.", "mirror"),
    ReferencePage(
        "models-standard",
        "Standard models",
        "The models of the standard objects, as `attio_async.models` has them.",
        "models._standard",
    ),
    ReferencePage("mirror", "attio_async.mirror", "The workspace as tables of your own.", "mirror"),
    ReferencePage(
        "models", "attio_async.models", "Records that type checkers know, and schemas as code.", "models"
    ),
    ReferencePage("oauth", "attio_async.oauth", "Connecting the workspaces of other people.", "oauth"),
    ReferencePage("query", "attio_async.query", "Filters and sorts.", "query"),
    ReferencePage("testing", "attio_async.testing", "A workspace in memory, for tests.", "testing"),
    ReferencePage("values", "attio_async.values", "The values of all attribute types.", "values"),
    ReferencePage(
        "webhook-events",
        "Webhook events",
        "The events that `attio_async.webhooks` parses.",
        "webhooks._events",
    ),
    ReferencePage("webhooks", "attio_async.webhooks", "Receiving deliveries.", "webhooks"),
)


def packages() -> list[str]:
    """Return the public modules, as the snapshot of the interface has them; "" is `attio_async` itself."""
    names = sorted(path.stem for path in SNAPSHOT.glob("*.pyi"))
    return ["" if name == "__init__" else name for name in names]


@cache
def public_names(package: str) -> tuple[str, ...]:
    """Return the public names of a module, as the snapshot has them."""
    text = (SNAPSHOT / f"{package or '__init__'}.pyi").read_text(encoding="utf-8")
    return tuple(dict.fromkeys(_defined(ast.parse(text))))


def _defined(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


@cache
def homes(package: str) -> dict[str, str]:
    """Return the module that each name of a package is defined in, relative to `attio_async`."""
    base = ROOT / "src" / "attio_async"
    path = base / package / "__init__.py" if package else base / "__init__.py"
    if not path.exists():
        return {}
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            home = node.module or ""
            if node.level == 1 and package:
                home = f"{package}.{home}"
            found |= {alias.name: home for alias in node.names}
    return found


def page_of(package: str, name: str) -> ReferencePage:
    """Return the page that a public name is on: the page with the longest prefix of the module that defines it."""
    home = homes(package).get(name, package or ".")
    home = package if package and not home.startswith(package) else home  # told on from a private module
    candidates = [
        (len(prefix), page)
        for page in PAGES
        for prefix in page.modules.split()
        if home == prefix or home.startswith(f"{prefix}.")
    ]
    other = next(page for page in PAGES if page.slug == "other")
    return max(candidates, default=(0, other), key=lambda each: each[0])[1]


def contents() -> dict[str, list[str]]:
    """Return the public names on each page, as dotted paths."""
    pages: dict[str, list[str]] = {page.slug: [] for page in PAGES}
    for package in packages():
        below = [other for other in packages() if other not in {"", "blocking"}]  # which has names of its own
        exported_below = {name for other in below for name in public_names(other)}
        for name in public_names(package):
            if not package and name in exported_below:
                continue  # the page of its own package has it
            path = f"attio_async.{package}.{name}" if package else f"attio_async.{name}"
            pages[page_of(package, name).slug].append(path)
    return {slug: sorted(names, key=_order) for slug, names in pages.items() if names}


def _order(path: str) -> tuple[int, bool, str]:
    """Sort what the first modules of the page define before the rest, and ids last."""
    package, _, name = path.removeprefix("attio_async.").rpartition(".")
    home = homes(package).get(name, package)
    modules = page_of(package, name).modules.split()
    place = next((place for place, prefix in enumerate(modules) if home.startswith(prefix)), len(modules))
    return (place, bool(re.fullmatch(r"\w+Id", name)), name.lower())


def _options(path: str) -> list[str]:
    """Return the options of a class whose objects only this package makes: its arguments are left out."""
    package, _, name = path.rpartition(".")
    thing = getattr(import_module(package), name)
    if not inspect.isclass(thing) or "Args:" in (inspect.getdoc(thing) or ""):
        return []
    return ["    options:", "      merge_init_into_class: false", "      show_signature: true"]


def write(folder: Path) -> list[tuple[str, str]]:
    """Write the pages of the reference, and return the title and the file of each."""
    folder.mkdir(parents=True, exist_ok=True)
    names = contents()
    written = []
    index = ["# Reference", "", "Every public name, with the page that explains it.", ""]
    for page in PAGES:
        paths = names.get(page.slug)
        if not paths:
            continue
        body = [f"# {page.title}", "", page.about, ""]
        for path in paths:
            body += [f"::: {path}", *_options(path), ""]
        (folder / f"{page.slug}.md").write_text("\n".join(body), encoding="utf-8")
        written.append((page.title, f"reference/{page.slug}.md"))
        index += [f"## {page.title}", "", page.about, ""]
        links = [f"[`{path.rpartition('.')[2]}`]({page.slug}.md#{path})" for path in paths]
        index += [", ".join(links), ""]
    (folder / "index.md").write_text("\n".join(index), encoding="utf-8")
    return [("All names", "reference/index.md"), *written]
