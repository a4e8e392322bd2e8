"""Lazy public names: importing a package loads none of its modules until one of its names is used.

A package states each public name once, in the block that type checkers read as well::

    if TYPE_CHECKING or not lazy_names(__name__):
        from ._client import Attio as Attio
        from .query import (
            F as F,
            asc as asc,
        )
"""

import sys
from importlib import import_module

TYPE_CHECKING = False  # as type checkers understand it, without what importing `typing` costs
if TYPE_CHECKING:
    from types import ModuleType


def lazy_names(package: str) -> bool:
    """Load the public names of a package when they are first used.

    Its ``__all__`` and ``dir()`` are the names in the block. Return False, so that the block runs at once, where the
    package's source cannot be read.
    """
    module = sys.modules[package]
    homes = _stated_names(module)
    if not homes:
        return False

    def load(name: str) -> object:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(home, package), name)
        if isinstance(value, type) and not home.startswith("."):
            value.__module__ = (
                package  # a generated class: it is imported from here, like those marked `public`
            )
        setattr(module, name, value)
        return value

    names = sorted(homes)
    module.__dict__.update(__all__=names, __getattr__=load, __dir__=lambda: names)
    return True


def _stated_names(module: "ModuleType") -> dict[str, str]:
    """Return each name of the block with the module that defines it.

    Splitting text takes a tenth of the time that parsing it would.
    """
    try:
        with open(module.__file__ or "", encoding="utf-8") as source:  # noqa: PTH123 - pathlib costs more than the file
            text = source.read()
    except OSError:  # in a zip archive, or shipped without its source
        return {}
    homes: dict[str, str] = {}
    for statement in text.split("    from ")[1:]:
        home, _, imported = statement.partition(" import ")
        words = imported.replace(",", "").split()
        for name, word, alias in zip(words, words[1:], words[2:], strict=False):
            if word == "as" and name == alias:
                homes[name] = home
    return homes
