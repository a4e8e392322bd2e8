"""The commands that look: records, what there is of objects and attributes, and whose token it is."""

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import attrs
import typer

from ..._records.models import record_id
from ..._schema import Attribute
from ...bulk._export.json import plain_record
from ...errors import CoercionError
from ...values import RecordRef
from ..errors import Refusal
from ..expressions import read_filter, read_sort, selected
from ..importer.table import read_json
from ..output import (
    attribute_rows,
    print_table,
    printable,
    record_facts,
    record_rows,
)
from ..runner import complain, refuse_same_file, tell_if_new
from ..workspace import find_object, open_workspace, refused_if_failing

if TYPE_CHECKING:
    from ...bulk._changes.events import Change
    from ...bulk._changes.feed import Changes

_AT_ONCE = 200


async def show_changes(
    name: str, state: Path, *, select: str | None, baseline: bool, embedded: Path | None
) -> int:
    """Print the changes of an object since the last time, one JSON object per line; confirm them when they are out."""
    refuse_same_file({"--state": state, "--embedded": embedded})
    tell_if_new(embedded)
    counts: Counter[str] = Counter()
    async with open_workspace(embedded) as attio:
        found, _ = await find_object(attio, name)
        records = attio.records(found.api_slug)
        names = None
        if select is not None:
            with refused_if_failing():
                names = [attribute.slug for attribute in selected(await records.schema(), select)]
        async with records.changes(state, select=names, baseline=baseline) as changes:
            waiting: list[Change] = []
            async for change in changes:
                waiting.append(change)
                if len(waiting) == _AT_ONCE:
                    await _put_out(changes, waiting, counts)
            await _put_out(changes, waiting, counts)
    told = ", ".join(f"{counts[kind]:,} {kind}" for kind in ("created", "changed", "deleted"))
    return complain(f"{found.api_slug}: {told}", 0)


async def _put_out(changes: "Changes", waiting: "list[Change]", counts: Counter[str]) -> None:
    """Print these changes, and only when they have left this process confirm them."""
    _print(waiting, counts)
    await changes.ack(*waiting)
    waiting.clear()


def _print(waiting: "Sequence[Change]", counts: Counter[str]) -> None:
    for change in waiting:
        told = change.to_json()
        counts[told["change"]] += 1
        typer.echo(json.dumps(told, ensure_ascii=False))
    sys.stdout.flush()


async def send_request(
    method: str, path: str, *, body: str | None, params: Sequence[str], embedded: Path | None
) -> int:
    """Send one request and print what it is answered, as JSON; nothing for an empty answer."""
    target, _, query = path.partition("?")
    values = _params(query, params)
    content = None if body is None else _body(body)
    tell_if_new(embedded)
    async with open_workspace(embedded) as attio:
        answer = await attio.request(method, target, json=content, params=values)
    if answer is not None:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    return 0


def _params(query: str, given: Sequence[str]) -> dict[str, list[str]]:
    """Query parameters by name, those in the path first; one name may have several values."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise Refusal(f"--param {text!r} is not of the form NAME=VALUE")
        values.setdefault(name, []).append(value)
    return values


def _body(text: str) -> Any:
    """The JSON in the text, or for ``@FILE`` in that file; ``@-`` is standard input."""
    name, content = "--json-body", text
    if text.startswith("@"):
        name = "standard input" if text == "@-" else text[1:]
        try:
            raw = sys.stdin.buffer.read() if text == "@-" else Path(name).read_bytes()
            content = raw.decode("utf-8-sig")
        except OSError as error:
            raise Refusal(f"{name} cannot be read: {error.strerror or error}") from error
        except UnicodeDecodeError as error:
            raise Refusal(f"{name} is not UTF-8: {error}") from error
    try:
        found = read_json(content)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"{name} is not JSON: {error}") from error
    if found is None:
        raise Refusal(f"{name} is null, which is no body; leave --json-body out")
    return found


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
            records = await attio.records(target.api_slug).query(condition, sorts=order, limit=limit)
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
            objects = await attio.objects.list()
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
