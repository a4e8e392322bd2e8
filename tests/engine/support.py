"""Engines on a database of the tests' own, with a fake workspace for each tenant."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from attio_async.engine import Engine
from attio_async.testing import FakeAttio

__all__ = ["Fakes", "new_database", "new_engine"]

_numbers = itertools.count()


class Fakes:
    """A fake workspace for each tenant, made when it is first asked for."""

    def __init__(self, **options: Any) -> None:
        self._fakes: dict[str, FakeAttio] = {}
        self._options = options
        self.tokens: dict[str, str] = {}

    def __getitem__(self, tenant: str) -> FakeAttio:
        if tenant not in self._fakes:
            self._fakes[tenant] = FakeAttio(token=f"token-of-{tenant}", **self._options)
        return self._fakes[tenant]

    async def token(self, tenant: str) -> str:
        return self.tokens.get(tenant, f"token-of-{tenant}")

    def options(self, tenant: str) -> Any:
        fake = self[tenant]
        return {"transport": fake.transport(), "clock": fake.clock}


def new_database(server: str) -> str:
    """Return the connection string of a new database on a server that runs."""
    name = f"engine_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server.replace("dbname=postgres", f"dbname={name}")


@asynccontextmanager
async def new_engine(database: str, fakes: Fakes, **options: Any) -> AsyncIterator[Engine]:
    """Return an engine whose tables are there."""
    async with Engine(database, tokens=fakes.token, tenant_options=fakes.options, **options) as engine:
        await engine.init()
        yield engine
