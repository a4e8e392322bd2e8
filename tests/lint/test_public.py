"""Whatever a public signature, attribute or protocol names can be imported from a public place."""

import importlib
import sys
from collections import defaultdict
from collections.abc import Iterator

import griffe
import pytest

from tests.lint.source import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import blocking_types
import public_api


@pytest.fixture(scope="module")
def collection() -> griffe.ModulesCollection:
    return public_api.load()


def test_names_in_public_signatures_can_be_imported(collection: griffe.ModulesCollection) -> None:
    public = public_api.public_paths(collection)
    missing: dict[str, set[str]] = defaultdict(set)
    for path, place in public.items():
        for name, where in _named(collection[path], place, public):
            target = _final(collection, name)
            if target is not None and not _is_public(target, public) and not _is_type_variable(target):
                missing[target.path].add(where)
    assert not {path: sorted(places)[:3] for path, places in sorted(missing.items())}


def test_a_name_means_one_thing(collection: griffe.ModulesCollection) -> None:
    homes: dict[str, set[str]] = defaultdict(set)
    for module in public_api.modules(collection):
        for name, thing in public_api.public_names(module).items():
            if module.name != "blocking":  # its classes have the names of the async ones
                homes[name].add(thing.path)
    assert not {name: paths for name, paths in homes.items() if len(paths) > 1}


def test_things_say_the_place_they_are_imported_from(collection: griffe.ModulesCollection) -> None:
    odd = []
    for module in public_api.modules(collection):
        imported = importlib.import_module(module.path)
        assert sorted(dir(imported)) == sorted(imported.__all__)
        assert not set(public_api.public_names(module)) - set(imported.__all__)
        for name in imported.__all__:
            thing = getattr(imported, name)
            home = getattr(thing, "__module__", None) if isinstance(thing, type) or callable(thing) else None
            if (
                home is not None
                and home.startswith("attio_async")
                and home not in _public_homes(getattr(thing, "__name__", name))
            ):
                odd.append(f"{module.path}.{name} says {home}")
    assert not odd


def test_the_types_of_the_blocking_client_are_up_to_date(collection: griffe.ModulesCollection) -> None:
    stale = blocking_types.Types(collection).stale()
    assert not stale, "run python scripts/blocking_types.py"


def _public_homes(name: str) -> set[str]:
    places = ("attio_async", *(f"attio_async.{each}" for each in public_api.MODULES if each))
    return {place for place in places if name in importlib.import_module(place).__all__}


def _named(thing: griffe.Object, where: str, public: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the names in the signatures and annotations of a thing and its public members."""
    if isinstance(thing, griffe.Class):
        for name, member in public_api.members_of(thing, public).items():
            yield from _named(member, f"{where}.{name}", public)
    elif isinstance(thing, griffe.Function):
        yield from _names_in([*(p.annotation for p in thing.parameters), thing.returns], where)
    elif isinstance(thing, griffe.Attribute):
        is_alias = thing.parent is not None and thing.parent.is_module and thing.annotation is None
        yield from _names_in([thing.value if is_alias else thing.annotation], where)


def _names_in(expressions: list[object], where: str) -> Iterator[tuple[str, str]]:
    for expression in expressions:
        if isinstance(expression, griffe.Expr):
            for part in expression.iterate(flat=True):
                if isinstance(part, griffe.ExprName) and part.canonical_path.startswith("attio_async"):
                    yield part.canonical_path, where


def _final(collection: griffe.ModulesCollection, path: str) -> griffe.Object | None:
    try:
        thing = collection[path]
        found = thing.final_target if isinstance(thing, griffe.Alias) else thing
    except (KeyError, griffe.AliasResolutionError):  # such as what is told on from `typing`
        return None
    return None if found.is_module else found


def _is_public(thing: griffe.Object, public: dict[str, str]) -> bool:
    """Return True for public things, and for classes in public classes, such as the options of a model."""
    outer = thing.parent
    return thing.path in public or (outer is not None and outer.is_class and outer.path in public)


def _is_type_variable(thing: griffe.Object) -> bool:
    return isinstance(thing, griffe.Attribute) and str(thing.value).startswith(("TypeVar(", "ParamSpec("))
