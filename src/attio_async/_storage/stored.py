"""Stored content that is damaged, or that belongs to something else. Pure."""

import zlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from ..errors import AttioError, ConfigurationError


@contextmanager
def reading_stored(name: object) -> Generator[None]:
    """Turn what stored content of another shape causes into an error that names the file or database.

    Raises:
        ConfigurationError: The content is damaged.
    """
    try:
        yield
    except AttioError:
        raise
    except (
        LookupError,
        TypeError,
        ValueError,
        RecursionError,
        zlib.error,
    ) as error:  # with the errors of msgspec
        raise ConfigurationError(
            f"{name} is damaged: {type(error).__name__} while reading it. Restore it from a backup, or start over"
        ) from None


def storable(text: str) -> str:
    """Return a text that all databases can hold: PostgreSQL takes no null characters, and UTF-8 no half of a surrogate pair."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def differing_parts(kept: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """Return which parts of two descriptions differ, for a message."""
    *others, last = [name for name in {**kept, **given} if kept.get(name) != given.get(name)] or ["rest"]
    return f"{', '.join(others)} and {last} differ" if others else f"{last} is another"
