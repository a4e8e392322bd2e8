"""Keep a snapshot of the public interface, and compare the code with it.

    python scripts/public_api.py            print what differs from api/, and fail if anything does
    python scripts/public_api.py --write    take over the interface as it is now

The snapshot is a package of stubs: it reads as Python, its history shows how the interface changed, and griffe finds
changes in it that break callers.
"""

import difflib
import sys
import tempfile
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

import griffe

ROOT = Path(__file__).resolve().parents[1]
SNAPSHOT = ROOT / "api"
PACKAGE = "attio_async"
MODULES = (
    "",
    "bulk",
    "errors",
    "mirror",
    "models",
    "oauth",
    "query",
    "testing",
    "values",
    "webhooks",
    "blocking",
    "dlt",
    "engine",
)
HELPERS = {"TYPE_CHECKING", "lazy_names"}
SPECIAL = frozenset(
    [
        "__aenter__",
        "__aexit__",
        "__aiter__",
        "__and__",
        "__anext__",
        "__await__",
        "__call__",
        "__contains__",
        "__enter__",
        "__eq__",
        "__exit__",
        "__ge__",
        "__getattr__",
        "__getitem__",
        "__gt__",
        "__init__",
        "__invert__",
        "__iter__",
        "__le__",
        "__len__",
        "__lt__",
        "__ne__",
        "__or__",
        "__str__",
    ]
)
"""Methods that callers use through the syntax of the language."""


def load() -> griffe.ModulesCollection:
    """Read the source, without importing it."""
    loader = griffe.GriffeLoader(search_paths=[ROOT / "src", ROOT / "generated"])
    for package in (PACKAGE, f"{PACKAGE}_api"):
        loader.load(package)
    loader.resolve_aliases(external=False)
    return loader.modules_collection


def public_names(module: griffe.Module) -> dict[str, griffe.Object]:
    """Return the public names of a module and what each of them is."""
    names: dict[str, griffe.Object] = {}
    for name, member in sorted(module.members.items()):
        if name.startswith("_") and name != "__version__":
            continue
        if module.exports is not None and name not in module.exports:
            continue
        if isinstance(member, griffe.Object):
            names[name] = member
        elif member.target_path.startswith(PACKAGE) and not module.path.endswith(".errors"):
            names[name] = member.final_target
    return {name: thing for name, thing in names.items() if not thing.is_module and name not in HELPERS}


def public_paths(collection: griffe.ModulesCollection) -> dict[str, str]:
    """Return where each public thing is defined, and the place to import it from."""
    places: dict[str, str] = {}
    for module in modules(collection):
        for name, thing in public_names(module).items():
            places.setdefault(thing.path, f"{module.path}.{name}")
    return places


def modules(collection: griffe.ModulesCollection) -> Iterator[griffe.Module]:
    """Yield the public modules."""
    for name in MODULES:
        module = collection[f"{PACKAGE}.{name}" if name else PACKAGE]
        assert isinstance(module, griffe.Module)
        yield module


def render(module: griffe.Module, public: Container[str]) -> str:
    """Return the stub of a public module."""
    things = public_names(module).items()
    return "\n\n".join("\n".join(_declared(name, thing, "", public)) for name, thing in things) + "\n"


def _declared(name: str, thing: griffe.Object, indent: str, public: Container[str]) -> Iterator[str]:
    if isinstance(thing, griffe.Class):
        yield from _class(name, thing, indent, public)
    elif isinstance(thing, griffe.Function):
        yield from _function(name, thing, indent)
    elif isinstance(thing, griffe.Attribute):
        yield _attribute(name, thing, indent)


def _class(name: str, thing: griffe.Class, indent: str, public: Container[str]) -> Iterator[str]:
    bases = f"({', '.join(map(str, thing.bases))})" if thing.bases else ""
    yield f"{indent}class {name}{bases}:"
    inner = indent + "    "
    body = [
        line
        for member_name, member in members_of(thing, public).items()
        for line in _declared(member_name, member, inner, public)
    ]
    yield from body or [f"{inner}..."]


def members_of(thing: griffe.Class, public: Container[str]) -> dict[str, griffe.Object]:
    """Return the public members of a class, with those of its private bases: attributes in order, then methods by name."""
    members: dict[str, griffe.Object] = {}
    for each in [*reversed([base for base in thing.mro() if base.path not in public]), thing]:
        if each.path.startswith(PACKAGE):
            members |= {n: m for n, m in each.members.items() if isinstance(m, griffe.Object)}
    shown = {n: m for n, m in members.items() if not n.startswith("_") or n in SPECIAL}
    if not _has_public_constructor(thing):
        shown.pop("__init__", None)
    return dict(
        sorted(shown.items(), key=lambda item: (item[1].is_function, item[1].is_function and item[0]))
    )


def _has_public_constructor(thing: griffe.Class) -> bool:
    """Return True if callers make objects of this class: then its docstring explains the arguments."""
    return "Args:" in (thing.docstring.value if thing.docstring else "")


def _function(name: str, thing: griffe.Function, indent: str) -> Iterator[str]:
    for overload in thing.overloads or ():
        yield f"{indent}@overload"
        yield _signature(name, overload, indent)
    for label in ("staticmethod", "classmethod"):
        if label in thing.labels:
            yield f"{indent}@{label}"
    yield _signature(name, thing, indent)


def _signature(name: str, thing: griffe.Function, indent: str) -> str:
    prefix = "async def" if "async" in thing.labels else "def"
    returns = f" -> {_plain(thing.returns)}" if thing.returns is not None else ""
    return f"{indent}{prefix} {name}({', '.join(_parameters(thing.parameters))}){returns}: ..."


def _parameters(parameters: Iterable[griffe.Parameter]) -> Iterator[str]:
    kinds = griffe.ParameterKind
    before: griffe.ParameterKind | None = None
    for parameter in parameters:
        kind = parameter.kind
        if before is kinds.positional_only and kind is not kinds.positional_only:
            yield "/"
        if kind is kinds.keyword_only and before not in {kinds.keyword_only, kinds.var_positional}:
            yield "*"
        stars = {kinds.var_positional: "*", kinds.var_keyword: "**"}.get(kind, "")
        annotation = f": {_plain(parameter.annotation)}" if parameter.annotation is not None else ""
        is_plain = kind not in {kinds.var_positional, kinds.var_keyword}
        default = f" = {parameter.default}" if parameter.default is not None and is_plain else ""
        yield f"{stars}{parameter.name}{annotation}{default}"
        before = kind
    if before is kinds.positional_only:
        yield "/"


def _attribute(name: str, thing: griffe.Attribute, indent: str) -> str:
    if "property" in thing.labels or "cached" in thing.labels:
        return f"{indent}@property\n{indent}def {name}(self) -> {_plain(thing.annotation)}: ..."
    if thing.annotation is None:
        return f"{indent}{name} = {thing.value}"
    return f"{indent}{name}: {_plain(thing.annotation)}"


def _plain(annotation: object) -> str:
    """Return an annotation without the quotes that only put off its evaluation."""
    text = str(annotation)
    return text if text.startswith("Literal") else text.replace('"', "").replace("'", "")


def write(folder: Path) -> None:
    """Write the snapshot of the interface as it is now."""
    collection = load()
    public = public_paths(collection)
    package = folder / PACKAGE
    package.mkdir(parents=True, exist_ok=True)
    for name, module in zip(MODULES, modules(collection), strict=True):
        (package / f"{name or '__init__'}.pyi").write_text(render(module, public), encoding="utf-8")


def differences(old: Path, new: Path) -> list[str]:
    """Return the lines that differ, as a unified diff."""
    found: list[str] = []
    for name in MODULES:
        path = Path(PACKAGE, f"{name or '__init__'}.pyi")
        before, after = (
            (folder / path).read_text(encoding="utf-8").splitlines() if (folder / path).exists() else []
            for folder in (old, new)
        )
        found += difflib.unified_diff(before, after, f"snapshot/{path}", f"code/{path}", lineterm="", n=1)
    return found


def breakages(old: Path, new: Path) -> list[str]:
    """Return what would break callers of the old interface."""
    before, after = (griffe.load(PACKAGE, search_paths=[folder]) for folder in (old, new))
    return [
        breakage.explain(griffe.ExplanationStyle.ONE_LINE)
        for breakage in griffe.find_breaking_changes(before, after)
    ]


def main(arguments: list[str]) -> int:
    """Write the snapshot, or compare the code with it."""
    if arguments == ["--write"]:
        write(SNAPSHOT)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        now = Path(folder)
        write(now)
        changed = differences(SNAPSHOT, now)
        if not changed:
            return 0
        print(*changed, sep="\n")
        broken = breakages(SNAPSHOT, now)
        print(
            f"\nThe public interface differs from api/; {len(broken)} changes break callers.",
            *broken,
            sep="\n",
        )
        print("Run `make api` to take it over, and say in CHANGELOG.md what changed.")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
