"""Commands that read: `query`, `get`, `objects`, `attributes` and `whoami`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import Refusal
from ..options import Embedded, Json, Limit, Object
from ..output import (
    print_facts,
    print_item,
    print_items,
    print_json,
    print_table,
    print_text,
    record_facts,
    record_table,
    tell,
)
from ..workspace import find_object, read_workspace, select_attributes

if TYPE_CHECKING:
    from ..._schema import Attribute

_MAX_OPTIONS = 12


async def query(
    object_: Object,
    expression: Annotated[
        str | None,
        typer.Argument(metavar="[F...]", help="Filter, such as 'F.stage == \"Lead\"'.", show_default=False),
    ] = None,
    *,
    filter_: Annotated[
        str | None,
        typer.Option(
            "--filter", metavar="JSON", help='Filter in Attio\'s form, such as \'{"name": "Acme"}\'.'
        ),
    ] = None,
    sort: Annotated[
        list[str] | None, typer.Option(metavar="SLUG[:desc]", help="Attribute to sort by; may be repeated.")
    ] = None,
    limit: Limit = 20,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how the filter is understood; read no records.")
    ] = False,
    embedded: Embedded = None,
    as_json: Json = False,
) -> None:
    """Show the records that match a filter.

    A filter compares attributes with values and may be joined with &, | and ~. It is parsed, never run.

    Examples:
      attio-async query people 'F.name.last_name == "Lovelace"'
      attio-async query deals '(F.value > 500) & ~F.name.contains("Ltd")' --sort value:desc
      attio-async query companies 'F["custom-slug"].in_("a", "b")' --json
      attio-async query people 'F.created_at >= date(2024, 1, 31)' --limit 100
      attio-async query people 'F.company.domains == "example.com"' --explain
    """
    from ..expressions import read_filter, read_sort

    condition, order = read_filter(expression, filter_), list(map(read_sort, sort or ()))
    if explain and (condition is None or order or as_json):
        raise Refusal("--explain needs a filter, and cannot be combined with --sort or --json")
    async with read_workspace(embedded) as attio:
        target, _ = await find_object(attio, object_)
        found = attio.records(target.api_slug)
        if explain and condition is not None:
            print_text(await found.explain(condition))
            return
        attributes = select_attributes(await found.schema(), None)
        records = await found.query(condition, sorts=order, limit=limit)
    if as_json:
        from ...bulk._export.json import plain_record

        for record in records:
            print_json(plain_record(record, attributes))
        return
    columns, rows, hidden = record_table(records, attributes)
    if rows:
        print_table(columns, rows)
    more = f" (the first {limit:,}; --limit shows more)" if len(records) == limit else ""
    rest = f"; {hidden} more attributes have values, --json shows them" if hidden else ""
    tell(f"{len(records):,} {target.plural_noun.lower() or 'records'}{more}{rest}")


async def get(
    object_: Object,
    record: Annotated[str, typer.Argument(metavar="RECORD", help="Id or web address of the record.")],
    *,
    embedded: Embedded = None,
    as_json: Json = False,
) -> None:
    """Show all values of one record.

    Examples:
      attio-async get people 0b7c5b9e-3a1f-4c52-9f0e-6a2d6d1c7a11
      attio-async get companies https://app.attio.com/example/company/0b7c5b9e-3a1f-4c52-9f0e-6a2d6d1c7a11
    """
    from ...bulk._export.json import plain_record

    identifier = _record_id(record)
    async with read_workspace(embedded) as attio:
        target, objects = await find_object(attio, object_)
        _check_object(record, target.api_slug, {found.api_slug for found in objects})
        attributes = select_attributes(await attio.schema(target.api_slug), None)
        found = await attio.records(target.api_slug).get(identifier)
    if as_json:
        print_json(plain_record(found, attributes) | {"web_url": found.web_url})
    else:
        print_facts(record_facts(found, attributes))


def _record_id(reference: str) -> str:
    from ..._records.models import record_id
    from ...errors import CoercionError

    try:
        return record_id(reference)
    except CoercionError as error:
        raise Refusal(f"{reference!r} is not a valid record id or web address") from error


def _check_object(reference: str, slug: str, slugs: set[str]) -> None:
    """Refuse the web address of another object's record."""
    from ...values import RecordRef

    try:
        shown = RecordRef.from_url(reference).object
    except ValueError:
        return
    if shown != slug and shown in slugs:
        raise Refusal(f"that is the address of a record of {shown}, not of {slug}")


async def objects(*, embedded: Embedded = None, as_json: Json = False) -> None:
    """List the objects of the workspace."""
    async with read_workspace(embedded) as attio:
        found = await attio.objects.list()
    print_items(
        [
            {
                "api_slug": each.api_slug,
                "singular_noun": each.singular_noun,
                "plural_noun": each.plural_noun,
                "object_id": str(each.id),
            }
            for each in found
        ],
        as_json=as_json,
    )


async def attributes(object_: Object, *, embedded: Embedded = None, as_json: Json = False) -> None:
    """List the attributes of an object and their possible values."""
    async with read_workspace(embedded) as attio:
        target, objects = await find_object(attio, object_)
        schema = await attio.schema(target.api_slug, options=True)
    slugs = {str(found.id): found.api_slug for found in objects}
    everything = list(schema.attributes.values())
    used = [found for found in everything if not found.is_archived]
    if as_json:
        for found in everything:
            print_json(_described(found, slugs))
    else:
        rows = [
            [each.slug, each.title, ", ".join([each.type, *_traits(each)]), _possible_values(each, slugs)]
            for each in used
        ]
        print_table(["Slug", "Title", "Type", "Possible values"], rows, unwrapped={0})
    if unread := [found.slug for found in used if found.has_options and found.options is None]:
        tell(f"the options of {', '.join(unread)} could not be read")
    if not as_json and len(used) < len(everything):
        archived = len(everything) - len(used)
        tell(f"{len(used)} attributes; {archived} more are archived, --json shows them")


def _described(attribute: "Attribute", objects: Mapping[str, str]) -> dict[str, Any]:
    import attrs

    described = attrs.asdict(attribute, filter=attrs.filters.exclude("raw"))
    return described | {"target_objects": [objects.get(each, each) for each in attribute.target_objects]}


def _traits(attribute: "Attribute") -> list[str]:
    traits = {
        "multiselect": attribute.is_multiselect,
        "unique": attribute.is_unique,
        "required": attribute.is_required,
        "read-only": not attribute.is_writable,
    }
    return [trait for trait, applies in traits.items() if applies]


def _possible_values(attribute: "Attribute", objects: Mapping[str, str]) -> str:
    if attribute.target_objects:
        return f"records of {', '.join(objects.get(target, target) for target in attribute.target_objects)}"
    titles: Sequence[str] = attribute.option_titles or ()
    more = [f"and {len(titles) - _MAX_OPTIONS:,} more"] if len(titles) > _MAX_OPTIONS else []
    return ", ".join([*titles[:_MAX_OPTIONS], *more])


async def whoami(*, embedded: Embedded = None, as_json: Json = False) -> None:
    """Show the workspace and the scopes of the access token."""
    async with read_workspace(embedded) as attio:
        me = await attio.identify()
    item = {
        "workspace_name": me.workspace_name,
        "workspace_slug": me.workspace_slug,
        "workspace_id": me.workspace_id,
        "client_id": me.client_id or "",
        "scopes": list(me.scopes),
    }
    print_item(item, as_json=as_json)
