"""attio-async for code without async.

    from attio_async.blocking import Attio

    with Attio() as attio:
        ada = attio.people.first({"email_addresses": "ada@example.com"})

The classes have the names and methods of the async ones. What is awaited there returns its result here, ``async for`` is
``for``, ``async with`` is ``with``, a job has `run()`, and `aclose()` is `close()`. `__init__.pyi` has the types.
"""

from ._client import Attio as Attio
from ._facade import facade_of
from ._names import ASYNC_CLASSES

_NAMES = sorted(["Attio", *ASYNC_CLASSES])
globals()["__all__"] = _NAMES  # type checkers read the stub


def __getattr__(name: str) -> object:
    if name not in ASYNC_CLASSES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import attio_async  # noqa: PLC0415 - only annotations need them
    from attio_async import bulk, mirror, models  # noqa: PLC0415

    homes = {"": attio_async, "bulk": bulk, "mirror": mirror, "models": models}
    return facade_of(getattr(homes[ASYNC_CLASSES[name]], name))


def __dir__() -> list[str]:
    return _NAMES
