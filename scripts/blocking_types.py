"""Generate the types of `attio_async.blocking` from the async classes.

python scripts/blocking_types.py            write them
python scripts/blocking_types.py --check    fail if they are not up to date
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import griffe

import public_api

FOLDER = public_api.ROOT / "src" / "attio_async" / "blocking"
ASYNC_DUNDERS = {"__aiter__", "__anext__", "__await__", "__aenter__", "__aexit__", "aclose"}
SPECIAL = ("with_response", "meter", "of", "with_options", "__init__", "limiter")
"""Members of `Attio` that are written by hand, in `CLIENT`."""
TYPE_VARIABLES = {
    "Records": {"R": "Record"},
    "Entries": {"R": "Entry"},
    "ModelRecords": {"R": "RM", "M": "RM", "V": "Mapping[str, object]"},
    "ModelEntries": {"R": "EM", "M": "EM", "V": "Mapping[str, object]"},
}
"""What the type variables of private base classes stand for."""
ALIASES = {"AnyChange": ("Created", "Changed", "Deleted", "Merged")}
"""Names of unions, with the classes in them."""
BASES = {
    "Changed": "(Change)",
    "Created": "(Change, Generic[R_co])",
    "Deleted": "(Change, Generic[R_co])",
    "Merged": "(Change, Generic[R_co])",
    "ModelRecords": "(Generic[RM])",
    "ModelEntries": "(Generic[EM])",
    "JobPlan": "(Plan[BulkReport])",
    "MergePlan": "(Plan[Record])",
    "SchemaPlan": '(Plan["SchemaPlan"])',
}
CLIENT = """\
    def __init__(
        self, token: TokenSource | None = None, *, limiter: RateLimiter | None = None, **options: Unpack[SharedOptions]
    ) -> None: ...
    @classmethod
    def of_async(cls, client: AsyncAttio) -> Self: ...
    def with_options(self, **changes: Unpack[ClientOptions]) -> Attio: ...
    def with_response(self, call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> Answered[T]: ...
    def meter(self) -> AbstractContextManager[RequestMeter]: ...
    @property
    def limiter(self) -> RateLimiter: ...
    @overload
    def of(self, model: type[RM]) -> ModelRecords[RM]: ...
    @overload
    def of(self, model: type[EM]) -> ModelEntries[EM]: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
    def close(self) -> None: ...
"""
EXTRA = {
    "ModelRecords": "    def create(self, values: Mapping[str, object], *, validate: bool = ...) -> RM: ...\n",
    "ModelEntries": "    def create(self, parent: object, values: Mapping[str, object] | None = None, *, validate: bool = ...) -> EM: ...\n",
}
CONTEXT = """\
    def __enter__(self) -> Self: ...
    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
"""
STANDARD = {
    "collections.abc": "AsyncIterable Awaitable Callable Generator Iterable Iterator Mapping Sequence",
    "contextlib": "AbstractAsyncContextManager AbstractContextManager AsyncExitStack ExitStack",
    "datetime": "date datetime timedelta tzinfo",
    "os": "PathLike",
    "pathlib": "Path",
    "types": "TracebackType",
    "typing": "Any Generic Literal ParamSpec Self TypeVar Unpack overload",
}
HEAD = '''"""The types of `attio_async.blocking`; made by `scripts/blocking_types.py` from the async classes."""
'''


class Types:
    """The blocking forms of the public classes that `Attio` leads to."""

    def __init__(self, collection: griffe.ModulesCollection | None = None) -> None:
        self.collection = collection or public_api.load()
        public = public_api.public_paths(self.collection)
        self.public = {path: place for path, place in public.items() if ".blocking." not in place}
        self.classes: dict[str, griffe.Class] = {}
        for name in ("Attio", "ModelRecords", "ModelEntries"):
            self._add(name)

    def _add(self, name: str) -> None:
        for each in ALIASES.get(name, ()):
            self._add(each)
        path = next((path for path in self.public if path.endswith(f".{name}")), None)
        found = self.collection[path] if path else None
        if name in self.classes or not isinstance(found, griffe.Class) or not self._is_async(found):
            return
        self.classes[name] = found
        for base in found.bases:
            self._add(str(base).partition("[")[0])
        for member in public_api.members_of(found, self.public).values():
            returns = (
                member.returns if isinstance(member, griffe.Function) else getattr(member, "annotation", None)
            )
            for each in re.findall(r"\w+", str(returns)):
                self._add(each)

    def _is_async(self, cls: griffe.Class) -> bool:
        if cls.name in {"RateLimiter", "Clock"}:  # shared with async clients, or a part of them
            return False
        members = public_api.members_of(cls, self.public)
        return any(self._is_async(base) for base in cls.mro() if base.path in self.public) or any(
            "async" in member.labels
            or name in ASYNC_DUNDERS
            or "Paginator[" in str(getattr(member, "returns", ""))
            for name, member in members.items()
        )

    def files(self) -> dict[Path, str]:
        """Return the generated files."""
        texts = {"__init__.pyi": self._text(), "_names.py": self._names()}
        return {FOLDER / name: _formatted(text, name) for name, text in texts.items()}

    def stale(self) -> list[str]:
        """Return the names of generated files that are not up to date."""
        return [
            path.name
            for path, text in self.files().items()
            if not path.exists() or path.read_text(encoding="utf-8") != text
        ]

    def _text(self) -> str:
        """Return the stub."""
        order = sorted(self.classes, key=lambda name: (name in BASES, name))
        body = "\n".join(self._class(name) for name in order)
        names = f"__all__ = {sorted(self.classes)!r}\n"
        return f"{HEAD}\n{self._imports(body)}\n\n{names}\n{body}"

    def _names(self) -> str:
        """Return the module that lists the classes."""
        lines = "".join(
            f'    "{name}": "{self._home(name)}",\n' for name in sorted(self.classes) if name != "Attio"
        )
        return (
            '"""The classes that have a blocking form; made by `scripts/blocking_types.py`."""\n\n'
            f'ASYNC_CLASSES = {{\n{lines}}}\n"""By name, with the public package that has the async class; "" is `attio_async`."""\n'
        )

    def _home(self, name: str) -> str:
        place = self.public[self.classes[name].path]
        return place.removeprefix("attio_async").rpartition(".")[0].removeprefix(".")

    def _class(self, name: str) -> str:
        cls = self.classes[name]
        generic = next((str(base) for base in cls.bases if "Generic[" in str(base)), "")
        bases = BASES.get(name) or (f"({generic})" if generic else "")
        lines = [
            f"class {name}{bases}:\n",
            f'    """{self._doc(cls)}"""\n',
            CLIENT if name == "Attio" else "",
            EXTRA.get(name, ""),
        ]
        members = public_api.members_of(cls, self.public)
        for member_name, member in members.items():
            if name == "Attio" and (member_name in SPECIAL or member_name in ASYNC_DUNDERS):
                continue
            if member_name == "__init__" or (member_name in ASYNC_DUNDERS and member_name != "aclose"):
                continue
            lines += self._member(member_name, member)
        if "__aenter__" in members and name != "Attio":
            lines.append(CONTEXT)
        lines += self._iteration(name, members)
        text = "".join(lines)
        for variable, stands_for in TYPE_VARIABLES.get(name, {}).items():
            text = re.sub(rf"\b{variable}\b", stands_for, text)
        return text

    def _doc(self, cls: griffe.Class) -> str:
        first = (cls.docstring.value if cls.docstring else "").partition("\n")[0]
        return f"{first} Blocking; see `{self.public[cls.path]}`."

    def _iteration(self, name: str, members: dict[str, griffe.Object]) -> Iterator[str]:
        if "__aiter__" in members:
            each = members.get("__anext__") or members["__aiter__"]
            assert isinstance(each, griffe.Function)
            item = re.sub(r"^AsyncIterator\[(.*)\]$", r"\1", str(each.returns))
            alias, variable = item.partition("[")[::2]
            classes = [self.classes[name] for name in ALIASES.get(alias, ())]
            generic = [f"{cls.name}[{variable}" if "R_co" in str(cls.bases) else cls.name for cls in classes]
            item = " | ".join(generic) or item
            yield f"    def __iter__(self) -> Iterator[{item}]: ...\n"
        if "__await__" in members and name != "Paginator":
            awaited = members["__await__"]
            assert isinstance(awaited, griffe.Function)
            result = str(awaited.returns).rpartition(", ")[2].removesuffix("]")
            yield f"    def run(self) -> {result}: ...\n"

    def _member(self, name: str, member: griffe.Object) -> Iterator[str]:
        if name == "aclose":
            yield "    def close(self) -> None: ...\n"
            return
        for line in public_api._declared(name, member, "    ", self.public):  # noqa: SLF001 - a script beside it
            if re.match(r"\s*\w+ = ", line):  # an attribute that only its constructor annotates
                yield f"    {name}: Any\n"
                continue
            overloads = member.overloads if isinstance(member, griffe.Function) else None
            if overloads and line == public_api._signature(name, member, "    "):  # noqa: SLF001
                continue  # the implementation
            yield _blocking(line, member) + "\n"

    def _imports(self, body: str) -> str:
        used = {
            node.id
            for node in ast.walk(ast.parse(body))
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }
        used |= {word for text in re.findall(r'"(\w+)"', body) for word in [text]} & self.classes.keys()
        used |= {
            node.value.id
            for node in ast.walk(ast.parse(body))
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }
        left = used - self.classes.keys() - set(dir(__import__("builtins"))) - {"P", "AsyncAttio"}
        lines: list[str] = []
        variables = {name for name in left if name in {"T", "R", "RM", "EM", "R_co"}}
        left -= variables
        if "os" in left:
            lines.append("import os")
        if "dt" in left:
            lines.append("import datetime as dt")
        lines += ["import builtins"] if "builtins" in left else []
        left -= {"os", "dt", "builtins"}
        standard = {name: module for module, names in STANDARD.items() for name in names.split()}
        wanted: dict[str, set[str]] = {"typing": {"ParamSpec", "TypeVar"}}
        homes = {place.rpartition(".")[2]: place.rpartition(".")[0] for place in self.public.values()}
        for name in sorted(left):
            module = standard.get(name) or homes.get(name) or {"DataFrame": "polars"}.get(name)
            if module is None:
                raise SystemExit(f"unknown name in the types of attio_async.blocking: {name}")
            wanted.setdefault(module, set()).add(name)
        lines += [
            f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(wanted.items())
        ]
        lines += [
            "from attio_async import Attio as AsyncAttio",
            "from attio_async.models import EntryModel, RecordModel",
            "",
        ]
        lines += ['P = ParamSpec("P")', 'T = TypeVar("T")', 'R = TypeVar("R", bound=Record | Entry)']
        lines += ['RM = TypeVar("RM", bound=RecordModel)', 'EM = TypeVar("EM", bound=EntryModel)']
        lines += ['R_co = TypeVar("R_co", covariant=True)'] if "R_co" in variables else []
        return "\n".join(lines)


def _blocking(line: str, member: griffe.Object) -> str:
    """Return a declaration without what only async code needs, and with defaults that need no import."""
    if not line.lstrip().startswith(("def ", "async def ")):
        return line
    is_context = any("contextmanager" in str(each.value) for each in getattr(member, "decorators", ()))
    (made,) = ast.parse(line.strip().replace("async def ", "def ", 1)).body
    assert isinstance(made, ast.FunctionDef)
    anything = ast.Constant(...)
    made.args.defaults = [each if isinstance(each, ast.Constant) else anything for each in made.args.defaults]
    made.args.kw_defaults = [
        each if each is None or isinstance(each, ast.Constant) else anything for each in made.args.kw_defaults
    ]
    head, arrow, returns = ast.unparse(made).replace("\n    ...", " ...").rpartition(" -> ")
    returns = returns.replace("AsyncIterator", "Iterator")
    if generator := re.match(r"AsyncGenerator\[(.*)\]: \.\.\.$", returns):
        returns = f"{'AbstractContextManager' if is_context else 'Iterator'}[{generator[1]}]: ..."
    return f"    {head}{arrow}{returns}"


def _formatted(text: str, name: str) -> str:
    """Return a module as ruff writes it."""
    for arguments in (["check", "--fix-only", "--select", "I,F401"], ["format"]):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "ruff",
                *arguments,
                "--quiet",
                "--stdin-filename",
                str(FOLDER / name),
                "-",
            ],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            cwd=public_api.ROOT,
        )
        text = done.stdout
    return text


def main(arguments: list[str]) -> int:
    """Write the types, or check that they are up to date."""
    types = Types()
    if arguments == ["--check"]:
        stale = types.stale()
        print(*(f"{name}: not up to date; run python scripts/blocking_types.py" for name in stale), sep="\n")
        return bool(stale)
    for path, text in types.files().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
