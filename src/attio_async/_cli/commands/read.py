"""Commands that read: `query`, `get`, `search`, `objects`, `lists`, `attributes`, `members` and `sql`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..completion.names import remember_attributes, remember_lists, remember_objects
from ..errors import Refusal
from ..options import ConnectionOptions, Name, Output, Reference, View
from ..output import Printer, Sheet, print_text, tell
from ..records import print_rows
from ..target import find_item, find_target, select_attributes
from ..workspace import read_workspace

if TYPE_CHECKING:
    from ..._schema import Attribute

_MAX_OPTIONS = 12
_ROWS_OF_A_TABLE = 20


async def query(
    name: Name,
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
    view: View = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Maximum number of results.  [default: 20 in a table, else all]"
        ),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how the filter is understood; read no records.")
    ] = False,
    output: Output,
    connection: ConnectionOptions,
) -> None:
    """Show the records or entries that match a filter.

    A filter compares attributes with values and may be joined with &, | and ~. It is parsed, never run. In tables, TSV
    and CSV, what a value refers to is shown by its name; JSON has the ids.

    Examples:
      attio-async query people 'F.name.last_name == "Lovelace"'
      attio-async query deals '(F.value > 500) & ~F.name.contains("Ltd")' --sort value:desc
      attio-async query deals 'F.value > 10000' --columns name,value,owner --format csv -o deals.csv
      attio-async query sales 'F.stage == "Won"' --json
      attio-async query deals --view "Closing this month"
      attio-async query people 'F.created_at >= date(2024, 1, 31)' --limit 100
      attio-async query people 'F.company.domains == "example.com"' --explain
    """
    from ..expressions import read_filter, read_sort

    condition, order = read_filter(expression, filter_), list(map(read_sort, sort or ()))
    if explain and (condition is None or order or output.as_json):
        raise Refusal("--explain needs a filter, and cannot be combined with --sort or --json")
    printer = Printer(output)
    most = _ROWS_OF_A_TABLE if limit is None and printer.is_for_people else limit
    async with read_workspace(connection) as attio:
        target = await find_target(attio, name)
        if explain and condition is not None:
            print_text(await target.rows.explain(condition))
            return
        attributes = select_attributes(await target.schema(), output.columns)
        rows = await target.rows.query(condition, sorts=order, view=view, limit=most)
        hidden = await print_rows(attio, printer, target, rows, attributes)
    more = f" (the first {most:,}; --limit shows more)" if len(rows) == most else ""
    rest = (
        f"; {hidden} more attributes have values, --columns chooses"
        if hidden and printer.is_for_people
        else ""
    )
    tell(f"{len(rows):,} {target.noun}{more}{rest}")


async def get(reference: Reference, *, output: Output, connection: ConnectionOptions) -> None:
    """Show all values of one record or entry.

    Examples:
      attio-async get people/jane@example.com
      attio-async get companies/example.com --json
      attio-async get sales/0b7c5b9e-3a1f-4c52-9f0e-6a2d6d1c7a11
      attio-async get https://app.attio.com/example/company/0b7c5b9e-3a1f-4c52-9f0e-6a2d6d1c7a11
    """
    printer = Printer(output)
    async with read_workspace(connection) as attio:
        target, identifier = await find_item(attio, reference)
        attributes = select_attributes(await target.schema(), output.columns)
        found = await target.rows.get(identifier)
        await print_rows(attio, printer, target, [found], attributes, single=True)


async def search(
    words: Annotated[str, typer.Argument(metavar="WORDS", help="Words to search for.")],
    *,
    object_: Annotated[
        list[str] | None,
        typer.Option("--object", metavar="OBJECT", help="Object to search; may be repeated.  [default: all]"),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=25, metavar="N", help="Maximum number of results.")] = 25,
    output: Output,
    connection: ConnectionOptions,
) -> None:
    """Search records by name, e-mail address, domain or phone number.

    The search may find a record some seconds after it was written.

    Examples:
      attio-async search "Ada Lovelace"
      attio-async search example.com --object companies --format ids
    """
    printer = Printer(output)
    async with read_workspace(connection) as attio:
        names = object_ or [each.api_slug for each in await attio.objects.list()]
        hits = await attio.search(words, objects=names, limit=limit)
    printer.items(
        [
            {
                "object": hit.object_slug,
                "name": hit.record_text,
                "email_addresses": hit.email_addresses or hit.domains or (),
                "record_id": hit.id.record_id,
            }
            for hit in hits
        ]
    )
    tell(f"{len(hits):,} found")


async def objects(*, output: Output, connection: ConnectionOptions) -> None:
    """List the objects of the workspace.

    Examples:
      attio-async objects
      attio-async objects --json --columns api_slug,plural_noun
    """
    printer = Printer(output)
    async with read_workspace(connection) as attio:
        found = await attio.objects.list()
    remember_objects(found)
    printer.items(
        [
            {
                "api_slug": each.api_slug,
                "singular_noun": each.singular_noun,
                "plural_noun": each.plural_noun,
                "object_id": str(each.id),
            }
            for each in found
        ]
    )


async def lists(*, output: Output, connection: ConnectionOptions) -> None:
    """List the lists of the workspace.

    Examples:
      attio-async lists
    """
    printer = Printer(output)
    async with read_workspace(connection) as attio:
        found = await attio.lists.list()
    remember_lists(found)
    printer.items(
        [
            {
                "api_slug": each.api_slug,
                "name": each.name,
                "parent_object": ", ".join(each.parent_object),
                "list_id": str(each.id),
            }
            for each in found
        ]
    )


async def members(*, output: Output, connection: ConnectionOptions) -> None:
    """List the members of the workspace.

    Examples:
      attio-async members --format csv -o members.csv
    """
    printer = Printer(output)
    async with read_workspace(connection) as attio:
        found = await attio.workspace_members.list()
    printer.items(
        [
            {
                "email_address": each.email_address,
                "first_name": each.first_name,
                "last_name": each.last_name,
                "access_level": each.access_level,
                "workspace_member_id": str(each.id),
            }
            for each in found
        ]
    )


async def attributes(name: Name, *, output: Output, connection: ConnectionOptions) -> None:
    """List the attributes of an object or list, and their values.

    Examples:
      attio-async attributes deals
      attio-async attributes sales --json
    """
    printer = Printer(output)
    async with read_workspace(connection) as attio:
        target = await find_target(attio, name)
        schema = await attio.schema(target.slug, target=target.schemas, options=True)
        remember_attributes(target.schemas, target.slug, schema)
    slugs = {str(found.id): found.api_slug for found in target.objects}
    everything = list(schema.attributes.values())
    used = [found for found in everything if not found.is_archived]
    listed = used if printer.is_for_people else everything
    printer.sheet(
        Sheet(
            keys=["slug", "title", "type", "possible_values", "is_archived"],
            cells=[[*_cells(each, slugs), str(each.is_archived).lower()] for each in listed],
            plain=[_described(each, slugs) for each in listed],
            ids=[each.id for each in listed],
            headings=["Slug", "Title", "Type", "Possible values"],
            texts=[_cells(each, slugs) for each in listed],
            unwrapped={0},
        )
    )
    if unread := [found.slug for found in used if found.has_options and found.options is None]:
        tell(f"the options of {', '.join(unread)} could not be read")
    if archived := len(everything) - len(listed):
        tell(f"{len(used)} attributes; {archived} more are archived, --json shows them")


def _cells(attribute: "Attribute", slugs: Mapping[str, str]) -> list[str]:
    described = ", ".join([attribute.type, *_traits(attribute)])
    return [attribute.slug, attribute.title, described, _possible_values(attribute, slugs)]


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


async def sql(
    text: Annotated[str, typer.Argument(metavar="SELECT...", help="Query in Attio's SQL.")],
    *,
    output: Output,
    connection: ConnectionOptions,
) -> None:
    """Run a SQL query and show its rows.

    Examples:
      attio-async sql 'SELECT COUNT(*) AS people FROM people'
      attio-async sql 'SELECT name, value FROM deals' --format csv -o deals.csv
    """
    printer = Printer(output)
    async with read_workspace(connection) as attio:
        rows = await attio.sql(text)
    keys = list(dict.fromkeys(key for row in rows for key in row))
    printer.items([{key: row.get(key) for key in keys} for row in rows])
    tell(f"{len(rows):,} rows")


async def whoami(*, output: Output, connection: ConnectionOptions) -> None:
    """Show the workspace and the scopes of the access token.

    Examples:
      attio-async whoami
      attio-async whoami --profile staging --json
    """
    printer = Printer(output)
    async with read_workspace(connection) as attio:
        me = await attio.identify()
    printer.item(
        {
            "workspace_name": me.workspace_name,
            "workspace_slug": me.workspace_slug,
            "workspace_id": me.workspace_id,
            "client_id": me.client_id or "",
            "scopes": list(me.scopes),
        }
    )
