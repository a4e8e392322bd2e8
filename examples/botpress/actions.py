"""Actions of a chatbot: find, show, create and update records.

    python examples/botpress/actions.py list_records people '{"filter": {"name": {"last_name": "Lovelace"}}}'

Each action takes and returns JSON data. Results are for people to read: they have titles instead of slugs, and names
instead of ids. See docs/botpress.md.
"""
# ruff: noqa: INP001 - a program, not a package

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import anyio

from attio_async import (
    ActorRef,
    Attio,
    Attribute,
    Interaction,
    ObjectSchema,
    Page,
    Record,
    RecordRef,
    UnknownValue,
)
from attio_async.errors import AttioError

READ_SCOPES = ("object_configuration:read", "record_permission:read")
WRITE_SCOPES = ("object_configuration:read", "record_permission:read-write")


class UnusableToken(Exception):
    """The access token cannot be used for these actions; the message says why."""


class BotActions:
    """The actions. With `writes`, they include creating and updating records, which needs another scope."""

    def __init__(self, attio: Attio, *, writes: bool = True) -> None:
        self._attio = attio
        self._required_scopes = WRITE_SCOPES if writes else READ_SCOPES
        self._names = _DisplayNames(attio)

    async def check(self) -> dict[str, Any]:
        """Return the workspace and scopes of the token. Call it when the bot is configured.

        Raises:
            UnusableToken: The token is revoked or unknown, or lacks a scope.
        """
        try:
            identity = await self._attio.identify()
        except AttioError as error:
            raise UnusableToken(f"Attio rejects this token: {error}") from error
        granted = set(identity.scopes)
        missing = [scope for scope in self._required_scopes if not {scope, f"{scope}-write"} & granted]
        if missing:
            raise UnusableToken(f"the token lacks {' and '.join(missing)}; create one with these scopes")
        return {"workspace": str(identity.workspace_name), "scopes": sorted(granted)}

    async def list_objects(self) -> dict[str, Any]:
        """Return the objects of the workspace."""
        found = await self._attio.objects.list()
        return {"objects": [_object(each) for each in found]}

    async def get_object(self, object: str) -> dict[str, Any]:
        """Return an object by its slug or id."""
        return _object(await self._attio.objects.get(object))

    async def list_attributes(self, object: str) -> dict[str, Any]:
        """Return the attributes of an object, with the titles of their options."""
        schema = await self._attio.schema(object, options=True)
        return {"attributes": [_attribute(each) for each in schema.attributes.values()]}

    async def list_records(
        self,
        object: str,
        filter: Mapping[str, Any] | None = None,
        sorts: Sequence[Mapping[str, Any]] | None = None,
        limit: int = 500,
        offset: int = 0,
    ) -> dict[str, Any]:
        """Return up to `limit` records of an object, after the first `offset`. Filter and sorts are in Attio's form."""
        records = self._attio.records(object).query(filter, sorts=list(sorts or ()), page_size=limit)
        found = await records.page(Page((), offset=offset, has_more=True))
        return {"records": await self._readable(object, found.items), "has_more": found.has_more}

    async def get_record(self, object: str, record_id: str) -> dict[str, Any]:
        """Return a record."""
        return await self._one(object, await self._attio.records(object).get(record_id))

    async def create_record(self, object: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Create a record and return it. Attributes may be given by slug, title or id."""
        return await self._one(object, await self._attio.records(object).create(values))

    async def update_record(
        self, object: str, record_id: str, values: Mapping[str, Any], *, add: bool = False
    ) -> dict[str, Any]:
        """Update a record and return it. Values of multiselect attributes are replaced; with `add` they are added."""
        mode: Literal["append", "overwrite"] = "append" if add else "overwrite"
        return await self._one(
            object, await self._attio.records(object).update(record_id, values, multiselect=mode)
        )

    async def _one(self, object: str, record: Record) -> dict[str, Any]:
        return (await self._readable(object, [record]))[0]

    async def _readable(self, object: str, records: Sequence[Record]) -> list[dict[str, Any]]:
        schema = await self._attio.schema(object)
        await self._names.load(records)
        return [self._shown(record, schema) for record in records]

    def _shown(self, record: Record, schema: ObjectSchema) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for attribute in schema.attributes.values():
            texts = [self._text(value.native, value.currency_code) for value in record.values(attribute.slug)]
            shown = [text for text in texts if text]
            if shown and attribute.slug != "record_id":
                values[attribute.title] = shown if attribute.is_multiselect else shown[0]
        return {"id": record.id, "web_url": record.web_url, "values": values}

    def _text(self, value: object, currency: str | None) -> str:  # noqa: PLR0911 - one line per type
        match value:
            case None:
                return ""
            case bool():
                return "yes" if value else "no"
            case Decimal():
                return f"{value:,.2f} {currency}".strip() if currency else f"{value:,}"
            case datetime():
                return f"{value:%Y-%m-%d %H:%M} UTC"
            case date():
                return value.isoformat()
            case RecordRef():
                return self._names.of_record(value)
            case ActorRef():
                return self._names.of_actor(value)
            case Interaction():
                moment = f" on {value.at:%Y-%m-%d}" if value.at else ""
                return f"{(value.type or 'interaction').replace('-', ' ')}{moment}"
            case UnknownValue():
                return json.dumps(value.raw, default=str)
            case _:
                return str(value)


class _DisplayNames:
    """The names of referenced records and members, which are read in batches and remembered."""

    def __init__(self, attio: Attio) -> None:
        self._attio = attio
        self._records: dict[str, str] = {}
        self._members: dict[str, str] | None = None

    async def load(self, records: Sequence[Record]) -> None:
        """Read the names that records refer to and that are unknown so far."""
        values = [value for record in records for slug in record for value in record.all(slug)]
        unknown: dict[str, set[str]] = {}
        for value in values:
            if isinstance(value, RecordRef) and value.record_id not in self._records:
                unknown.setdefault(value.object, set()).add(value.record_id)
        for object, ids in unknown.items():
            for found in await self._attio.records(object).get_many(sorted(ids)):
                self._records[found.id] = str(found.first("name") or "")
        if self._members is None and any(isinstance(value, ActorRef) for value in values):
            self._members = await self._all_members()

    async def _all_members(self) -> dict[str, str]:
        try:
            members = await self._attio.workspace_members.list()
        except AttioError:  # the token may lack the scope, and names are optional
            return {}
        return {str(member.id.part("workspace_member_id")): _full_name(member) for member in members}

    def of_record(self, reference: RecordRef) -> str:
        """Return the name of a record, or its id."""
        return self._records.get(reference.record_id) or reference.record_id

    def of_actor(self, actor: ActorRef) -> str:
        """Return the name of a member, or the type of another actor."""
        return (self._members or {}).get(actor.id or "") or (actor.type or "").replace("-", " ")


def _full_name(member: Any) -> str:
    return f"{member.first_name} {member.last_name}".strip()


def _object(found: Any) -> dict[str, Any]:
    return {
        "id": str(found.id),
        "slug": found.api_slug,
        "singular": found.singular_noun,
        "plural": found.plural_noun,
    }


def _attribute(found: Attribute) -> dict[str, Any]:
    return {
        "slug": found.slug,
        "title": found.title,
        "type": found.type,
        "multiselect": found.is_multiselect,
        "required": found.is_required,
        "writable": found.is_writable,
        "options": list(found.option_titles or ()),
    }


async def main(*words: str) -> int:
    """Run an action and print its result."""
    action, *arguments = words
    async with Attio() as attio:
        actions = BotActions(attio)
        await actions.check()
        options = json.loads(arguments.pop()) if arguments and arguments[-1].startswith("{") else {}
        result = await getattr(actions, action)(*arguments, **options)
    print(json.dumps(result, ensure_ascii=False, indent=2))  # noqa: T201 - a program prints
    return 0


ACTIONS = sorted(name for name in vars(BotActions) if not name.startswith("_"))

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ACTIONS:  # noqa: PLR2004 - a program and an action
        sys.exit(f"usage: actions.py {'|'.join(ACTIONS)} [OBJECT [RECORD]] [JSON]")
    try:
        sys.exit(anyio.run(main, *sys.argv[1:]))
    except (AttioError, UnusableToken) as error:
        sys.exit(str(error))
