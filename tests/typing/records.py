"""The documented usage for type checkers. Never run."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, assert_type

from attio_async import (
    Attio,
    BulkReport,
    Entry,
    ObjectSchema,
    Page,
    Paginator,
    Record,
    RecordEntry,
    Results,
    RetryPolicy,
    Row,
    Scan,
    Value,
)


async def reading(attio: Attio) -> None:
    assert_type(await attio.people.first({"email_addresses": "ada@example.com"}), Record | None)
    assert_type(attio.people.query(), Paginator[Record])
    assert_type(await attio.people.query(limit=50), Results[Record])
    assert_type(await attio.people.query(page_size=50).page(), Page[Record])
    assert_type(await attio.people.query().one_or_none(), Record | None)
    assert_type(await attio.people.query().collect(limit=10), Results[Record])
    async for person in attio.people.query():
        assert_type(person, Record)
        assert_type(person["name"], Any)
        assert_type(person.values("name"), list[Value])
        assert_type(person.to_dict(), dict[str, Any])
    async with attio.people.scan(parallel=8, ordered=True) as scan:
        assert_type(scan, Scan[Record])
        assert_type(scan.token, str)
        async for person in scan:
            assert_type(person, Record)
        async for page in scan.pages():
            assert_type(page, Sequence[Record])
    async with attio.entries("sales").scan(parallel=2) as entries:
        assert_type([entry async for entry in entries], list[Entry])
    assert_type(await attio.schema("people"), ObjectSchema)
    assert_type(attio.people.entries("id"), Paginator[RecordEntry])
    assert_type(attio.people.entries("id", values=True), Paginator[Entry])
    assert_type(attio.entries("sales").query(with_parents=True), Paginator[Entry])
    assert_type((await attio.entries("sales").get("id")).record, Record | None)
    assert_type(await attio.entries("sales").move("id", stage="Won"), Entry)


async def writing(attio: Attio) -> None:
    company = await attio.companies.create(
        {"name": "Acme", "domains": ["acme.com"], "revenue": Decimal("1.5")}
    )
    assert_type(company, Record)
    assert_type(await attio.companies.upsert({"domains": "acme.com"}, match="domains"), Record)
    assert_type(await attio.companies.update(company, {"name": "Acme Inc"}, multiselect="overwrite"), Record)
    await attio.companies.delete(company.id)
    report = await attio.companies.upsert_many(
        [{"domains": "a.com"}, Row({"domains": "b.com"}, 2)], match="domains"
    )
    assert_type(report, BulkReport)


async def wrong(attio: Attio) -> None:
    await attio.companies.update("id", {}, multiselect="replace")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await attio.companies.upsert({"domains": "acme.com"})  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    attio.with_options(retry=RetryPolicy(attempts="many"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
