"""What a chatbot does with a CRM: look things up, show them to people, write what it was told.

    python examples/botpress/actions.py list_records people '{"filter": {"name": {"last_name": "Lovelace"}}}'

Every action takes and gives JSON data, and what it gives can be read out: attributes by their titles, names instead of
ids. See docs/botpress.md.
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
    Record,
    RecordRef,
    UnknownValue,
)
from attio_async.errors import AttioError

READING = ("object_configuration:read", "record_permission:read")
WRITING = ("object_configuration:read", "record_permission:read-write")


class NotUsable(Exception):
    """The token cannot be used for these actions. The message says why."""


class BotActions:
    """The actions. `writes` says whether records are to be created and updated, which needs a further scope."""

    def __init__(self, attio: Attio, *, writes: bool = True) -> None:
        self._attio = attio
        self._needed = WRITING if writes else READING
        self._people = _Names(attio)

    async def check(self) -> dict[str, Any]:
        """Which workspace the token is of; to be called when the bot is configured.

        Raises:
            NotUsable: The token is dead, or lacks a scope.
        """
        try:
            identity = await self._attio.identify()
        except AttioError as error:
            raise NotUsable(f"Attio does not take this token: {error}") from error
        granted = set(identity.scopes)
        missing = [scope for scope in self._needed if not {scope, f"{scope}-write"} & granted]
        if missing:
            raise NotUsable(f"the token lacks {' and '.join(missing)}; make one that has them")
        return {"workspace": str(identity.workspace_name), "scopes": sorted(granted)}

    async def list_objects(self) -> dict[str, Any]:
        """The objects of the workspace."""
        found = await self._attio.objects.list()
        return {"objects": [_object(each) for each in found]}

    async def get_object(self, object: str) -> dict[str, Any]:
        """One object, by slug or id."""
        return _object(await self._attio.objects.get(object))

    async def list_attributes(self, object: str) -> dict[str, Any]:
        """The attributes of an object, with the titles that can be chosen."""
        schema = await self._attio.schema(object, options=True)
        return {"attributes": [_attribute(each) for each in schema.attributes.values()]}

    async def list_records(
        self,
        object: str,
        filter: Mapping[str, Any] | None = None,
        sorts: Sequence[Mapping[str, Any]] | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> dict[str, Any]:
        """Records of an object: `limit` of them after `offset`. Filter and sorts are in Attio's own form."""
        most = offset + limit
        found = await self._attio.records(object).query(filter, sorts=list(sorts or ()), limit=most)
        return {"records": await self._readable(object, found[offset:]), "has_more": found.has_more}

    async def get_record(self, object: str, record_id: str) -> dict[str, Any]:
        """One record."""
        return await self._one(object, await self._attio.records(object).get(record_id))

    async def create_record(self, object: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The new record. Values go by slug, title or id of their attributes."""
        return await self._one(object, await self._attio.records(object).create(values))

    async def update_record(
        self, object: str, record_id: str, values: Mapping[str, Any], *, replace_lists: bool = False
    ) -> dict[str, Any]:
        """The record after the update. Tags, addresses and the like are added, unless `replace_lists` says otherwise."""
        how: Literal["append", "overwrite"] = "overwrite" if replace_lists else "append"
        return await self._one(
            object, await self._attio.records(object).update(record_id, values, multiselect=how)
        )

    async def _one(self, object: str, record: Record) -> dict[str, Any]:
        return (await self._readable(object, [record]))[0]

    async def _readable(self, object: str, records: Sequence[Record]) -> list[dict[str, Any]]:
        schema = await self._attio.schema(object)
        await self._people.learn(records)
        return [self._shown(record, schema) for record in records]

    def _shown(self, record: Record, schema: ObjectSchema) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for attribute in schema.attributes.values():
            texts = [self._text(value.native, value.currency_code) for value in record.values(attribute.slug)]
            told = [text for text in texts if text]
            if told and attribute.slug != "record_id":
                values[attribute.title] = told if attribute.is_multiselect else told[0]
        return {"id": record.id, "web_url": record.web_url, "values": values}

    def _text(self, value: object, currency: str | None) -> str:  # noqa: PLR0911 - one line per kind
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
                return self._people.of_record(value)
            case ActorRef():
                return self._people.of_actor(value)
            case Interaction():
                moment = f" on {value.at:%Y-%m-%d}" if value.at else ""
                return f"{(value.type or 'interaction').replace('-', ' ')}{moment}"
            case UnknownValue():
                return json.dumps(value.raw, default=str)
            case _:
                return str(value)


class _Names:
    """What people call the records and members that records refer to; asked for together."""

    def __init__(self, attio: Attio) -> None:
        self._attio = attio
        self._records: dict[str, str] = {}
        self._members: dict[str, str] | None = None

    async def learn(self, records: Sequence[Record]) -> None:
        """Ask for the names that are not known yet."""
        held = [value for record in records for slug in record for value in record.all(slug)]
        wanted: dict[str, set[str]] = {}
        for value in held:
            if isinstance(value, RecordRef) and value.record_id not in self._records:
                wanted.setdefault(value.object, set()).add(value.record_id)
        for object, ids in wanted.items():
            for found in await self._attio.records(object).get_many(sorted(ids)):
                self._records[found.id] = str(found.first("name") or "")
        if self._members is None and any(isinstance(value, ActorRef) for value in held):
            self._members = await self._all_members()

    async def _all_members(self) -> dict[str, str]:
        try:
            members = await self._attio.workspace_members.list()
        except AttioError:  # the token may lack that scope, which is no reason not to answer
            return {}
        return {str(member.id.part("workspace_member_id")): _full_name(member) for member in members}

    def of_record(self, reference: RecordRef) -> str:
        """A record's name, or its id."""
        return self._records.get(reference.record_id) or reference.record_id

    def of_actor(self, actor: ActorRef) -> str:
        """A member's name, or what did it."""
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
        "several": found.is_multiselect,
        "required": found.is_required,
        "writable": found.is_writable,
        "choices": list(found.option_titles or ()),
    }


async def main(*words: str) -> int:
    """Do one action and print what it gives."""
    action, *arguments = words
    async with Attio() as attio:
        actions = BotActions(attio)
        await actions.check()
        named = json.loads(arguments[-1]) if arguments and arguments[-1].startswith("{") else None
        plain = arguments if named is None else arguments[:-1]
        result = await getattr(actions, action)(*plain, **(named or {}))
    print(json.dumps(result, ensure_ascii=False, indent=2))  # noqa: T201 - that is what it is for
    return 0


ACTIONS = sorted(name for name in vars(BotActions) if not name.startswith("_"))

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ACTIONS:  # noqa: PLR2004 - a program and an action
        sys.exit(f"usage: actions.py {'|'.join(ACTIONS)} [OBJECT [RECORD]] [JSON]")
    try:
        sys.exit(anyio.run(main, *sys.argv[1:]))
    except (AttioError, NotUsable) as error:
        sys.exit(str(error))
