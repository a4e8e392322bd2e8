"""Commands that write one record or entry: `create`, `update`, `edit`, `upsert`, `delete` and `merge`."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import Refusal, as_refusal
from ..options import ConnectionOptions, DryRun, Name, Output, Reference, Yes
from ..output import Printer, confirm, is_interactive, print_text, tell
from ..target import find_item, find_record, find_target
from ..workspace import write_workspace

if TYPE_CHECKING:
    from ..._client import Attio
    from ..._records.models import Entry, Record
    from ..._schema import ObjectSchema
    from ..assignments import Assignments
    from ..target import Target

_EDITOR_HEAD = """\
# {reference}: change the values, save and close the editor. Several values are joined by semicolons; nothing after = clears an
# attribute. What is left as it is, or removed from this file, is not written.
"""

Values = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SLUG=VALUE...", help="Values; several of one attribute are joined by semicolons."
    ),
]
Changes = Annotated[
    list[str],
    typer.Argument(
        metavar="SLUG=VALUE...", help="= sets, += adds, -= removes; nothing after = clears the attribute."
    ),
]
Parent = Annotated[
    str | None, typer.Option(metavar="NAME/ID", help="Record that the entry of a list is about.")
]


async def create(
    name: Name,
    values: Values = None,
    *,
    parent: Parent = None,
    dry_run: DryRun = False,
    output: Output,
    connection: ConnectionOptions,
) -> None:
    """Create a record, or add a record to a list.

    Records are given as NAME/ID, companies/DOMAIN or people/EMAIL, members by e-mail address.

    Examples:
      attio-async create companies name=Example domains=example.com
      attio-async create deals name=Pump stage=Lead owner=jane@example.com value=1200 associated_company=example.com
      attio-async create sales --parent companies/example.com stage=Lead
    """
    printer = Printer(output)
    async with write_workspace(connection) as attio:
        target = await find_target(attio, name)
        assigned = await _assignments(target, values or ())
        given = assigned.only_set()
        record = await _parent(attio, target, parent)
        if dry_run:
            await _check(attio, target, given)
            print_text(f"would create one of the {target.noun} of {target.slug}: {assigned}")
            return
        _done(printer, "created", target, await _create(attio, target, record, given), assigned)


async def update(
    reference: Reference,
    changes: Changes,
    *,
    dry_run: DryRun = False,
    output: Output,
    connection: ConnectionOptions,
) -> None:
    """Change values of a record or entry.

    All changes are made in one write. Attributes that are not named keep their values.

    Examples:
      attio-async update deals/0b7c5b9e-3a1f-4c52-9f0e-6a2d6d1c7a11 stage=Won value=1200
      attio-async update people/jane@example.com email_addresses+=j@example.com job_title=
    """
    printer = Printer(output)
    async with write_workspace(connection) as attio:
        target, identifier = await find_item(attio, reference)
        assigned = await _assignments(target, changes)
        if dry_run:
            with as_refusal():
                await target.rows.get(identifier)
            await _check(attio, target, {**assigned.set, **assigned.add, **assigned.remove})
            print_text(f"would update {target.slug}/{identifier}: {assigned}")
            return
        row = await target.rows.edit(
            identifier, set=assigned.set, add=assigned.add, remove=assigned.remove, clear=assigned.clear
        )
        _done(printer, "updated", target, row, assigned)


async def edit(
    reference: Reference,
    *,
    dry_run: DryRun = False,
    output: Output,
    connection: ConnectionOptions,
) -> None:
    """Change values of a record or entry in your editor.

    The program of VISUAL or EDITOR opens with a line SLUG=VALUE for each attribute that can be written. The lines that you
    change are written at once, as by `update`; if you change none, nothing is.

    Examples:
      attio-async edit companies/example.com
      attio-async edit deals/0b7c5b9e-3a1f-4c52-9f0e-6a2d6d1c7a11
    """
    printer = Printer(output)
    async with write_workspace(connection) as attio:
        target, identifier = await find_item(attio, reference)
        with as_refusal():
            row = await target.rows.get(identifier)
            before = list(_lines(row, await target.schema()))
        name = f"{target.slug}/{identifier}"
        edited = _edited(_EDITOR_HEAD.format(reference=name) + "".join(f"{line}\n" for line in before))
        changed = [line for line in edited.splitlines() if line.strip() and line not in before]
        assigned = await _assignments(target, [line for line in changed if not line.startswith("#")])
        if not (assigned.set or assigned.add or assigned.remove or assigned.clear):
            print_text(f"{name}: nothing was changed")
            return
        if dry_run:
            await _check(attio, target, {**assigned.set, **assigned.add, **assigned.remove})
            print_text(f"would update {name}: {assigned}")
            return
        row = await target.rows.edit(
            identifier, set=assigned.set, add=assigned.add, remove=assigned.remove, clear=assigned.clear
        )
        _done(printer, "updated", target, row, assigned)


async def upsert(
    name: Name,
    values: Values = None,
    *,
    match: Annotated[
        str | None,
        typer.Option(
            metavar="SLUG", help="Unique attribute that finds an existing record.  [default: the one given]"
        ),
    ] = None,
    parent: Parent = None,
    dry_run: DryRun = False,
    output: Output,
    connection: ConnectionOptions,
) -> None:
    """Update a record or entry if it exists, else create it.

    A record is found by a unique attribute, an entry by its parent. Values of a multiselect attribute are replaced,
    except those of --match, which are added.

    Examples:
      attio-async upsert companies domains=example.com name=Example
      attio-async upsert sales --parent companies/example.com stage=Won
    """
    printer = Printer(output)
    async with write_workspace(connection) as attio:
        target = await find_target(attio, name)
        assigned = await _assignments(target, values or ())
        given = assigned.only_set()
        record = await _parent(attio, target, parent)
        key = await _match(target, match, given) if record is None else ""
        if dry_run:
            await _check(attio, target, given)
            print_text(f"would create or update one of the {target.noun} of {target.slug}: {assigned}")
            return
        if record is None:
            row: Record | Entry = await attio.records(target.slug).upsert(given, match=key)
        else:
            row = await attio.entries(target.slug).upsert(record, given)
        _done(printer, "upserted", target, row, assigned)


async def delete(
    reference: Reference,
    *,
    dry_run: DryRun = False,
    yes: Yes = False,
    output: Output,
    connection: ConnectionOptions,
) -> None:
    """Delete a record for good, or remove an entry from its list.

    Examples:
      attio-async delete companies/example.com
      attio-async delete sales/0b7c5b9e-3a1f-4c52-9f0e-6a2d6d1c7a11 --yes
    """
    printer = Printer(output)
    async with write_workspace(connection) as attio:
        target, identifier = await find_item(attio, reference)
        with as_refusal():
            row = await target.rows.get(identifier)
        what = f"{target.slug}/{identifier}{_named(row)}"
        if dry_run:
            print_text(f"would delete {what}")
            return
        confirm(f"Delete {what} for good?", yes=yes)
        await target.rows.delete(identifier)
        _done(printer, "deleted", target, row)


async def merge(
    keep: Annotated[
        str, typer.Argument(metavar="KEEP", help="Record whose values win, as NAME/ID or a web address.")
    ],
    drop: Annotated[str, typer.Argument(metavar="DROP", help="Record to merge into it.")],
    *,
    dry_run: DryRun = False,
    yes: Yes = False,
    output: Output,
    connection: ConnectionOptions,
) -> None:
    """Merge two records into one, which gets a new id.

    --dry-run shows for each attribute which values stay, which are joined to them, and which go.

    Examples:
      attio-async merge companies/example.com companies/example.org --dry-run
      attio-async merge companies/example.com companies/example.org
    """
    printer = Printer(output)
    async with write_workspace(connection) as attio:
        kept, dropped = await find_record(attio, keep), await find_record(attio, drop)
        if kept.object != dropped.object:
            raise Refusal(f"records of {kept.object} and {dropped.object} cannot be merged")
        what = f"{kept.object}/{dropped.record_id} into {kept.object}/{kept.record_id}"
        if dry_run:
            with as_refusal():
                plan = await attio.records(kept.object).merge_plan(kept.record_id, dropped.record_id)
            print_text(f"would merge {what}\n{plan}")
            return
        confirm(f"Merge {what} for good?", yes=yes)
        target = await find_target(attio, kept.object, "object")
        row = await attio.records(kept.object).merge(kept.record_id, dropped.record_id)
        _done(printer, "merged", target, row)


def _lines(row: "Record | Entry", schema: "ObjectSchema") -> Iterator[str]:
    """Yield a line for each attribute that can be written. Values of several lines cannot be written as one."""
    from ...bulk._export.csv import to_cell

    for slug, attribute in schema.attributes.items():
        if attribute.is_writable and not attribute.is_archived:
            value = row.all(slug) if attribute.is_multiselect else row.first(slug)
            cell = to_cell(value, ";")
            is_one_line = not cell or cell.splitlines() == [cell]
            yield f"{slug}={cell}" if is_one_line else f"# {slug} has several lines; use `update`"


def _edited(text: str) -> str:
    """Return the text as the user leaves it in the editor. Only the user can read the file.

    Raises:
        Refusal: The editor failed, saved something else than UTF-8, or none is set where nobody can be asked.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor and not is_interactive():
        raise Refusal("editing needs a terminal; set EDITOR, or use `update`")
    with TemporaryDirectory(prefix="attio-") as folder:  # private, as all folders that it makes
        file = Path(folder, "values.txt")
        file.write_text(text, encoding="utf-8")
        try:
            done = subprocess.run([*shlex.split(editor or "vi"), str(file)], check=False)  # noqa: S603 - the user's own
        except (OSError, ValueError) as error:
            raise Refusal(f"the editor {editor or 'vi'!r} cannot be started: {error}") from None
        if done.returncode:
            raise Refusal(f"the editor ended with exit code {done.returncode}; nothing was changed")
        try:
            return file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise Refusal("the editor did not save the values as UTF-8, so nothing was changed") from None


async def _assignments(target: "Target", texts: "list[str] | tuple[str, ...]") -> "Assignments":
    from ..assignments import parse_assignments

    with as_refusal():
        schema = await target.schema()
    return parse_assignments(texts, schema, target.objects)


async def _parent(attio: "Attio", target: "Target", parent: str | None) -> Any:
    """Return the record that an entry is about; None for a record.

    Raises:
        Refusal: An entry has no parent, or a record has one.
    """
    if target.kind == "object":
        if parent is not None:
            raise Refusal(f"--parent is for lists, and {target.slug} is an object")
        return None
    if parent is None:
        raise Refusal(
            f"{target.slug} is a list; give the record with --parent, such as companies/example.com"
        )
    return await find_record(attio, parent)


async def _create(attio: "Attio", target: "Target", parent: Any, values: Any) -> "Record | Entry":
    if parent is None:
        return await attio.records(target.slug).create(values)
    return await attio.entries(target.slug).create(parent, values)


async def _match(target: "Target", given: str | None, values: Any) -> str:
    """Return the unique attribute to match on: the one that was given, or the only one with a value."""
    if given is not None:
        return given
    unique = [slug for slug, each in (await target.schema()).attributes.items() if each.is_unique]
    chosen = [slug for slug in unique if slug in values]
    if len(chosen) != 1:
        raise Refusal(
            f"give --match, or a value of one unique attribute of {target.slug}: {', '.join(unique) or 'it has none'}"
        )
    return chosen[0]


async def _check(attio: "Attio", target: "Target", values: Any) -> None:
    """Check that values fit their attributes, as writing them would.

    Raises:
        CoercionError: They do not.
    """
    from ..._workspace.encode import encode

    schema = await attio.schema(target.slug, target=target.schemas, options=True)
    encode(values, schema)


def _named(row: "Record | Entry") -> str:
    name = row.first("name")
    return f" ({name})" if name else ""


def _done(
    printer: Printer,
    action: str,
    target: "Target",
    row: "Record | Entry",
    assigned: "Assignments | None" = None,
) -> None:
    """Print the record or entry that was written, and say on standard error which and how."""
    from ..records import identity

    printer.item({"action": action, "name": target.slug, **identity(row)})
    tell(f"{action} {target.slug}/{row.id}{f': {assigned}' if assigned else ''}")
