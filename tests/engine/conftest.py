from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .support import Fakes


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    from tests.postgres import running_postgres

    with running_postgres() as words:
        yield words


@pytest.fixture
def database(server: str) -> str:
    from .support import new_database

    return new_database(server)


@pytest.fixture
def fakes() -> "Fakes":
    from .support import Fakes

    return Fakes()
