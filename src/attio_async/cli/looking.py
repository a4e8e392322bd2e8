"""The commands that look: records, what there is of objects and attributes, and whose token it is."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import typer

from ..errors import CoercionError
from ..records import record_id
from ..schema import Attribute
from ..values import RecordRef
from .asking import read_filter, read_sort, selected
from .display import attribute_rows, print_table, printable, record_facts, record_rows
from .exporting import plain_record
from .problems import Refusal
from .running import complain, tell_if_new
from .workspace import find_object, open_workspace, refused_if_failing

__all__ = ["explain_filter", "get_record", "list_attributes", "list_objects", "query_object", "show_identity"]


async def query_object(
    name: str,
    filter: str | None,
    filter_option: str | None,
    sorts: Sequence[str],
    *,
    limit: int,
    embedded: Path | None,
    as_json: bool,
) -> int:
    """Print the records that match."""
    condition, order = read_filter(filter, filter_option), list(map(read_sort, sorts))
    tell_if_new(embedded)
    async with open_workspace(embedded) as attio:
        target, _ = await find_object(attio, name)
        with refused_if_failing():
            schema = await attio.schema(target.api_slug)
            found = attio.records(target.api_slug).query(condition, sorts=order, limit=min(limit, 500))
            records = await found.collect(max=limit)
    attributes = selected(schema, None)
    if as_json:
        for record in records:
            _print_json(plain_record(record, attributes))
        return 0
    columns, rows, hidden = record_rows(records, attributes)
    if rows:
        print_table(sys.stdout, columns, rows)
    more = f" (the first {limit:,}; --limit shows more)" if len(records) == limit else ""
    rest = f"; {hidden} more attributes with values, --json shows them" if hidden else ""
    return complain(f"{len(records):,} {target.plural_noun.lower() or 'records'}{more}{rest}", 0)


async def explain_filter(name: str, *texts: str | None, embedded: Path | None) -> int:
    """Print what a filter becomes, and what its names mean, without asking for records."""
    condition = read_filter(*texts)
    if condition is None:
        raise Refusal("--explain explains a filter; give one")
    tell_if_new(embedded)
    async with open_workspace(embedded) as attio:
        target, _ = await find_object(attio, name)
        with refused_if_failing():
            typer.echo(printable(await attio.records(target.api_slug).explain(condition)))
    return 0


async def get_record(name: str, reference: str, *, embedded: Path | None, as_json: bool) -> int:
    """Print one record."""
    identifier = _record_id(reference)
    tell_if_new(embedded)
    async with open_workspace(embedded) as attio:
        target, objects = await find_object(attio, name)
        _refuse_other_object(reference, target.api_slug, {found.api_slug for found in objects})
        with refused_if_failing():
            schema = await attio.schema(target.api_slug)
            record = await attio.records(target.api_slug).get(identifier)
    attributes = selected(schema, None)
    if as_json:
        _print_json(plain_record(record, attributes) | {"web_url": record.web_url})
    else:
        print_table(sys.stdout, ["", ""], record_facts(record, attributes), upright=1)
    return 0


def _record_id(reference: str) -> str:
    try:
        return record_id(reference)
    except CoercionError as error:
        raise Refusal(f"{reference!r} names no record; give its id or its address in the app") from error


def _refuse_other_object(reference: str, slug: str, slugs: set[str]) -> None:
    """Keep an address of another object's record from being looked for in vain."""
    try:
        shown = RecordRef.from_url(reference).object
    except ValueError:
        return
    if shown != slug and shown in slugs:
        raise Refusal(f"that is the address of a record of {shown}, not of {slug}")


async def list_objects(*, embedded: Path | None, as_json: bool) -> int:
    """Print the objects of the workspace."""
    tell_if_new(embedded)
    async with open_workspace(embedded) as attio:
        with refused_if_failing():
            objects = await attio.objects.list().collect()
    if as_json:
        for found in objects:
            _print_json(
                {
                    "api_slug": found.api_slug,
                    "singular_noun": found.singular_noun,
                    "plural_noun": found.plural_noun,
                    "object_id": found.id,
                }
            )
        return 0
    rows = [[found.api_slug, found.singular_noun, found.plural_noun, str(found.id)] for found in objects]
    print_table(sys.stdout, ["Slug", "Singular", "Plural", "Id"], rows)
    return 0


async def list_attributes(name: str, *, embedded: Path | None, as_json: bool) -> int:
    """Print the attributes of an object, with the options and statuses of those that have some."""
    tell_if_new(embedded)
    async with open_workspace(embedded) as attio:
        target, objects = await find_object(attio, name)
        with refused_if_failing():
            schema = await attio.schema(target.api_slug, options=True)
    slugs = {str(found.id): found.api_slug for found in objects}
    everything = list(schema.attributes.values())
    used = [found for found in everything if not found.is_archived]
    if as_json:
        for found in everything:
            _print_json(_described(found, slugs))
    else:
        print_table(sys.stdout, *attribute_rows(used, slugs), upright=1)
    unread = [found.slug for found in used if found.has_options and found.options is None]
    if unread:
        complain(f"the options of {', '.join(unread)} could not be read", 0)
    archived = len(everything) - len(used)
    if archived and not as_json:
        complain(f"{len(used)} attributes; {archived} more are archived, --json shows them", 0)
    return 0


def _described(attribute: Attribute, objects: Mapping[str, str]) -> dict[str, Any]:
    described = attrs.asdict(attribute, filter=attrs.filters.exclude("raw"))
    return described | {"target_objects": [objects.get(each, each) for each in attribute.target_objects]}


async def show_identity(*, embedded: Path | None, as_json: bool) -> int:
    """Print which workspace the token belongs to."""
    async with open_workspace(embedded) as attio:
        with refused_if_failing():
            me = await attio.identify()
    facts = {
        "workspace_name": me.workspace_name,
        "workspace_slug": me.workspace_slug,
        "workspace_id": me.workspace_id,
        "client_id": me.client_id or "",
        "scopes": list(me.scopes),
    }
    if as_json:
        _print_json(facts)
        return 0
    shown = facts | {"scopes": "\n".join(me.scopes)}
    print_table(sys.stdout, ["", ""], [[key.replace("_", " "), str(value)] for key, value in shown.items()])
    return 0


def _print_json(value: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))
