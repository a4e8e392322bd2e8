"""Every operation of the API has a method, and every docstring agrees with the table of operations."""

import functools
import inspect
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from attio_async import Attio
from attio_async_api.operations import OPERATIONS, Operation
from tests.support import TOKEN

LINE = re.compile(
    r"^Attio: (?P<method>[A-Z]+) (?P<path>/v2/[^\s,]+)(?: \((?P<stage>[a-z, ]+)\))?, (?P<access>read|write), "
    r"(?P<retries>retried|not repeated)[,;]\s(?P<rest>.*)",
    re.DOTALL,
)
SCOPE = re.compile(r"[a-z_]+:read(?:-write)?")


class DocumentedOperation(NamedTuple):
    """One operation in the docstring of a method."""

    method: str
    operation: Operation
    stage: set[str]
    access: str
    retries: str
    scopes: set[str]

    @property
    def misfits(self) -> list[str]:
        """Return the differences between the docstring and the table of operations."""
        operation = self.operation
        always = set(operation.scopes)
        cases = [set(scopes) for _, scopes in operation.conditional_scopes]
        fitting = [case for case in cases if case <= self.scopes]
        facts = {
            "access": self.access == operation.access,
            "retries": self.retries == ("retried" if operation.repeatable else "not repeated"),
            "stage": self.stage == {operation.stage} | ({"deprecated"} if operation.deprecated else set()),
            "scopes": self.scopes >= always,
            "further scopes": self.scopes - always <= set().union(*fitting),
            "conditional scopes": bool(fitting) == bool(cases),
        }
        return [
            f"{self.method}: {fact} of {operation.id}" for fact, is_right in facts.items() if not is_right
        ]


def is_resource(thing: object) -> bool:
    defined = (getattr(member, "__module__", "") for member in vars(type(thing)).values())
    in_an_area = any(str(home).startswith("attio_async._resources.") for home in defined)
    return in_an_area and not hasattr(thing, "__aiter__")


def methods(thing: object, home: str) -> Iterator[tuple[str, Any]]:
    """Yield the public methods of a client or resource, and of the resources below it."""
    for name, member in inspect.getmembers_static(type(thing)):
        where = f"{home}.{name}"
        if name.startswith("_"):
            continue
        if isinstance(member, functools.cached_property):
            yield from methods(getattr(thing, name), where)
        elif inspect.isfunction(member):
            found = resource_of(thing, name)
            if found is None:
                yield where, member
            else:
                yield from methods(found, where)


def resource_of(thing: object, name: str) -> object:
    """Return the resource that a method returns without sending anything; None for other methods."""
    method = getattr(thing, name)
    required = [p for p in inspect.signature(method).parameters.values() if p.default is p.empty]
    if inspect.iscoroutinefunction(method) or any(p.kind is not p.POSITIONAL_OR_KEYWORD for p in required):
        return None
    if "Paginator" in str(inspect.signature(method).return_annotation) or name in {
        "of",
        "feed",
    }:  # the same through a model, or of several things
        return None
    found = method(*["x" for _ in required])
    return found if is_resource(found) else None


def documented_by(name: str, method: Any) -> Iterator[DocumentedOperation]:
    """Yield the operations in a docstring. A line that cannot be read, or whose operation is unknown, fails."""
    by_address = {(operation.method, operation.path): operation for operation in OPERATIONS.values()}
    for paragraph in re.split(r"^(?=Attio: )", inspect.getdoc(method) or "", flags=re.MULTILINE)[1:]:
        line = LINE.match(paragraph)
        assert line, f"{name}: {paragraph}"
        operation = by_address[line["method"], line["path"]]
        stage = set((line["stage"] or "stable").split(", "))
        scopes = set(SCOPE.findall(line["rest"]))
        yield DocumentedOperation(name, operation, stage, line["access"], line["retries"], scopes)


ATTIO = Attio(TOKEN)
METHODS = dict(methods(ATTIO, "attio"))
DOCUMENTED = [line for name, method in METHODS.items() for line in documented_by(name, method)]
SENDS_NOTHING_ITSELF = {
    "attio.aclose",
    "attio.meter",
    "attio.mirror",
    "attio.of",
    "attio.priority",
    "attio.request",
    "attio.with_options",
    "attio.with_response",
}


def test_the_walk_finds_every_resource() -> None:
    """Otherwise the tests below test nothing."""
    assert {
        "attio.notes.list",
        "attio.attributes.options.update",
        "attio.activities.records.get",
    } <= METHODS.keys()
    assert len(METHODS) > len(OPERATIONS)


def test_every_operation_has_a_method() -> None:
    assert OPERATIONS.keys() - {line.operation.id for line in DOCUMENTED} == set()


def test_every_method_documents_what_it_sends() -> None:
    assert METHODS.keys() - SENDS_NOTHING_ITSELF - {line.method for line in DOCUMENTED} == set()
    unfinished = [
        name
        for name, method in METHODS.items()
        if not (inspect.getdoc(method) or "").partition("\n")[0].endswith((".", "::"))
    ]
    assert unfinished == []


def test_every_docstring_agrees_with_the_table_of_operations() -> None:
    assert [misfit for line in DOCUMENTED for misfit in line.misfits] == []


def test_every_conditional_scope_is_documented() -> None:
    misfits = []
    for operation in OPERATIONS.values():
        documented = set().union(*(line.scopes for line in DOCUMENTED if line.operation is operation))
        if documented != set(operation.scopes).union(*(case for _, case in operation.conditional_scopes)):
            misfits.append((operation.id, documented))
    assert misfits == []
