"""Callbacks of the caller: which may be async. Pure."""

import inspect

from ..errors import ConfigurationError

ENDS = (SystemExit, KeyboardInterrupt, GeneratorExit)
"""Exceptions that are not a failure of the caller's code, whatever else it raises."""


def is_async(function: object) -> bool:
    """Return True if calling it certainly gives something to await."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        inspect.getattr_static(type(function), "__call__", None)
    )


def check_sync(function: object, name: str) -> None:
    """Reject a callback that would never run, since its result is not awaited.

    Raises:
        ConfigurationError: It is async.
    """
    if is_async(function):
        raise ConfigurationError(
            f"{name} is called without await, so it must be a plain function, not an async one"
        )


def check_async(function: object, name: str, example: str) -> None:
    """Reject a callback that is awaited and is a plain function, or cannot be called.

    Raises:
        ConfigurationError: It is not async.
    """
    if not callable(function) or (inspect.isfunction(function) and not is_async(function)):
        raise ConfigurationError(f"{name} must be an async function, such as {example}")
