"""Every operation of the API has a method, and every method says truly what it sends. Nothing is listed twice here."""

import functools
import inspect
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from attio_async import Attio
from attio_async_api.operations import OPERATIONS, Operation
from tests.support import TOKEN

LINE = re.compile(
    r"^Attio: (?P<method>[A-Z]+) (?P<path>/v2/[^\s,]+)(?: \((?P<stage>[a-z, ]+)\))?, (?P<access>read|write), "
    r"(?P<repeated>retried|not repeated)[,;]\s(?P<rest>.*)",
    re.DOTALL,
)
SCOPE = re.compile(r"[a-z_]+:read(?:-write)?")


class Told(NamedTuple):
    """One operation as a docstring tells it."""

    home: str
    operation: Operation
    stage: set[str]
    access: str
    repeated: str
    scopes: set[str]


def is_resource(thing: object) -> bool:
    return type(thing).__module__.startswith("attio_async._resources.") and not hasattr(thing, "__aiter__")


def methods(thing: object, home: str) -> Iterator[tuple[str, Any]]:
    """The public methods of a client or resource, and of every resource that hangs on it."""
    for name, member in inspect.getmembers_static(type(thing)):
        where = f"{home}.{name}"
        if name.startswith("_"):
            continue
        if isinstance(member, functools.cached_property):
            yield from methods(getattr(thing, name), where)
        elif inspect.isfunction(member):
            found = reached(thing, name)
            if found is None:
                yield where, member
            else:
                yield from methods(found, where)


def reached(thing: object, name: str) -> object:
    """The resource that a method returns, if it returns one at once and sends nothing."""
    method = getattr(thing, name)
    required = [p for p in inspect.signature(method).parameters.values() if p.default is p.empty]
    if inspect.iscoroutinefunction(method) or any(p.kind is not p.POSITIONAL_OR_KEYWORD for p in required):
        return None
    if "Paginator" in str(inspect.signature(method).return_annotation):
        return None
    found = method(*["x" for _ in required])
    return found if is_resource(found) else None


def by_address() -> dict[tuple[str, str], Operation]:
    return {(operation.method, operation.path): operation for operation in OPERATIONS.values()}


def told_by(home: str, method: Any) -> list[Told]:
    """What a docstring says; a line that cannot be read, or names no operation, fails."""
    found = []
    for paragraph in re.split(r"^(?=Attio: )", inspect.getdoc(method) or "", flags=re.MULTILINE)[1:]:
        line = LINE.match(paragraph)
        assert line, f"{home}: {paragraph}"
        operation = by_address()[line["method"], line["path"]]
        stage = set((line["stage"] or "stable").split(", "))
        scopes = set(SCOPE.findall(line["rest"]))
        found.append(Told(home, operation, stage, line["access"], line["repeated"], scopes))
    return found


ATTIO = Attio(TOKEN)
METHODS = dict(methods(ATTIO, "attio"))
TOLD = [told for home, method in METHODS.items() for told in told_by(home, method)]
SENDS_NOTHING_ITSELF = {"attio.aclose", "attio.priority", "attio.request", "attio.with_options"}


def test_the_walk_finds_every_resource() -> None:
    """So that no test below is empty."""
    assert {
        "attio.notes.list",
        "attio.attributes.options.update",
        "attio.activities.records.get",
    } <= METHODS.keys()
    assert len(METHODS) > len(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_has_a_method(operation: str) -> None:
    assert any(told.operation.id == operation for told in TOLD)


@pytest.mark.parametrize("home", sorted(METHODS.keys() - SENDS_NOTHING_ITSELF))
def test_every_method_tells_what_it_sends(home: str) -> None:
    lines = (inspect.getdoc(METHODS[home]) or "").splitlines()
    assert lines[0].endswith((".", "::"))
    assert any(told.home == home for told in TOLD)


@pytest.mark.parametrize("told", TOLD, ids=lambda told: f"{told.home}-{told.operation.id}")
def test_what_is_told_is_what_the_table_says(told: Told) -> None:
    operation = told.operation
    assert told.access == operation.access
    assert told.repeated == ("retried" if operation.repeatable else "not repeated")
    assert told.stage == {operation.stage} | ({"deprecated"} if operation.deprecated else set())


@pytest.mark.parametrize("told", TOLD, ids=lambda told: f"{told.home}-{told.operation.id}")
def test_scopes(told: Told) -> None:
    always = set(told.operation.scopes)
    cases = [set(scopes) for _, scopes in told.operation.conditional_scopes]
    assert told.scopes >= always
    extra = told.scopes - always
    fitting = [case for case in cases if case <= told.scopes]
    assert extra <= set().union(*fitting)
    assert bool(fitting) == bool(cases)


def test_every_case_of_a_scope_is_told_by_some_method() -> None:
    for operation in OPERATIONS.values():
        scopes = set().union(*(told.scopes for told in TOLD if told.operation is operation))
        assert scopes == set(operation.scopes).union(*(case for _, case in operation.conditional_scopes))
