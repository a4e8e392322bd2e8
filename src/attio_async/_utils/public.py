"""Public things say the place that they are imported from."""

from typing import TypeVar

T = TypeVar("T")


def public(thing: T) -> T:
    """Mark a class or function as public: its `__module__` is the package that exports it, not the private module."""
    parts: list[str] = getattr(thing, "__module__", "").split(".")
    place = next((number for number, part in enumerate(parts) if part.startswith("_")), len(parts))
    setattr(thing, "__module__", ".".join(parts[:place]))  # noqa: B010 - type checkers see a constant there
    return thing
