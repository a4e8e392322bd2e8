"""The cost of importing: nothing that is not used."""

import subprocess
import sys

import pytest


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_package_itself_loads_nothing_heavy() -> None:
    assert loaded_by("import attio_async").isdisjoint(
        {"httpx", "anyio", "attrs", "attr", "msgspec", "attio_async_api"}
    )


@pytest.mark.parametrize(
    "statement", ["from attio_async import Attio", "from attio_async.errors import NotFound"]
)
def test_extras_are_loaded_when_they_are_used(statement: str) -> None:
    heavy = {"typer", "uvicorn", "phonenumbers", "sqlite3", "attio_async.testing", "attio_async.bulk"}
    assert loaded_by(statement).isdisjoint(heavy)


def test_every_public_name_is_found() -> None:
    import attio_async

    assert set(attio_async.__all__) <= set(dir(attio_async))
    for name in attio_async.__all__:
        assert getattr(attio_async, name) is getattr(attio_async, name)
    with pytest.raises(AttributeError, match="nonsense"):
        attio_async.nonsense  # noqa: B018
