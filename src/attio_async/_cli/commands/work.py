"""Commands for a day's work on records: `note`, `task` and `file`."""

import os
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import Refusal, as_refusal
from ..options import ConnectionOptions, DryRun, Output, Reference, Yes, read_standard_input, refuse_existing
from ..output import Printer, confirm, print_text, tell
from ..target import find_record
from ..workspace import read_workspace, write_workspace

if TYPE_CHECKING:
    from ... import File, Note, Task
    from ..._client import Attio

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_END_OF_DAY = time(23, 59)
_DATE = re.compile(r"\d{4}-?\d{2}-?\d{2}|\d{4}-?W\d{2}-?\d", re.ASCII)
"""The forms of ISO 8601 that mean a day, with and without hyphens, and by weeks."""
_TIMES = ("created_at", "due")

Assignee = Annotated[
    str | None, typer.Option(metavar="EMAIL", help="Only tasks of this member, by e-mail address or id.")
]


# Notes


async def note_list(reference: Reference, *, output: Output, connection: ConnectionOptions) -> None:
    """List the notes on a record, the newest first.

    Examples:
      attio-async note list companies/example.com
    """
    printer = Printer(output)
    async with read_workspace(connection) as attio:
        notes = await attio.notes.recent(await find_record(attio, reference))
    printer.items([_note(each) for each in notes], times=_TIMES)
    tell(f"{len(notes):,} notes")


async def note_create(
    reference: Reference,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Text of the note; - for standard input.")],
    *,
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Title of the note.  [default: its first line]")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="TEXT is Markdown.")] = False,
    dry_run: DryRun = False,
    output: Output,
    connection: ConnectionOptions,
) -> None:
    """Write a note on a record.

    Examples:
      attio-async note create companies/example.com "Called; they want a demo on Monday."
      attio-async note create deals/ID - --title Minutes --markdown < minutes.md
    """
    printer = Printer(output)
    content = read_standard_input() if text == "-" else text
    if not content.strip():
        raise Refusal("the note has no text")
    heading = title or content.strip().splitlines()[0][:100]
    async with write_workspace(connection) as attio:
        record = await find_record(attio, reference)
        if dry_run:
            print_text(f"would write the note {heading!r} on {record.object}/{record.record_id}")
            return
        note = await attio.notes.create(
            record, title=heading, content=content, format="markdown" if markdown else "plaintext"
        )
    printer.item(_note(note), times=_TIMES)
    tell(f"wrote a note on {record.object}/{record.record_id}")


def _note(note: "Note") -> dict[str, Any]:
    return {
        "title": note.title,
        "content": note.content_plaintext,
        "created_at": note.created_at,
        "note_id": note.id.note_id,
    }


# Tasks


async def task_list(
    *,
    record: Annotated[
        str | None, typer.Option(metavar="NAME/ID", help="Only tasks about this record.")
    ] = None,
    assignee: Assignee = None,
    everything: Annotated[bool, typer.Option("--all", help="Completed tasks, too.")] = False,
    output: Output,
    connection: ConnectionOptions,
) -> None:
    """List the open tasks, those that are due first at the top.

    Examples:
      attio-async task list --assignee jane@example.com
      attio-async task list --record companies/example.com --all
    """
    printer = Printer(output)
    async with read_workspace(connection) as attio:
        about = None if record is None else await find_record(attio, record)
        completed = None if everything else False
        tasks = await attio.tasks.list(record=about, assignee=assignee, is_completed=completed)
        members = await _member_names(attio)
    tasks.sort(key=lambda task: (task.deadline_at is None, task.deadline_at))
    printer.items([_task(each, members) for each in tasks], times=_TIMES)
    tell(f"{len(tasks):,} tasks")


async def task_create(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is to be done.")],
    *,
    due: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="today, tomorrow, a weekday, a date, or a date and time."),
    ] = None,
    record: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME/ID", help="Record that the task is about; may be repeated."),
    ] = None,
    assignee: Annotated[
        list[str] | None,
        typer.Option(metavar="EMAIL", help="Member who is to do it; may be repeated."),
    ] = None,
    dry_run: DryRun = False,
    output: Output,
    connection: ConnectionOptions,
) -> None:
    """Create a task.

    A day means its end, in the time zone of this machine.

    Examples:
      attio-async task create "Send the offer" --due friday --record companies/example.com
      attio-async task create "Call back" --due 2030-01-31T09:30 --assignee jane@example.com
    """
    printer = Printer(output)
    async with write_workspace(connection) as attio:
        now = datetime.fromtimestamp(attio.settings.clock.time()).astimezone()
        deadline = None if due is None else parse_due(due, now)
        about = [await find_record(attio, each) for each in record or ()]
        when = "" if deadline is None else f", due {deadline:%Y-%m-%d %H:%M}"
        if dry_run:
            print_text(f"would create the task {text!r}{when}")
            return
        task = await attio.tasks.create(
            text, deadline_at=deadline, linked_records=about, assignees=assignee or ()
        )
        members = await _member_names(attio)
    printer.item(_task(task, members), times=_TIMES)
    tell(f"created a task{when}")


async def task_done(
    task: Annotated[str, typer.Argument(metavar="TASK_ID", help="Id of the task.")],
    *,
    dry_run: DryRun = False,
    output: Output,
    connection: ConnectionOptions,
) -> None:
    """Complete a task.

    Examples:
      attio-async task done 0b7c5b9e-3a1f-4c52-9f0e-6a2d6d1c7a11
    """
    printer = Printer(output)
    async with write_workspace(connection) as attio:
        if dry_run:
            with as_refusal():
                found = await attio.tasks.get(task)
            print_text(f"would complete the task {found.content_plaintext!r}")
            return
        done = await attio.tasks.update(task, is_completed=True)
        members = await _member_names(attio)
    printer.item(_task(done, members), times=_TIMES)
    tell(f"completed the task {done.content_plaintext!r}")


def parse_due(text: str, now: datetime) -> datetime:
    """Return the moment that a text such as "friday" means.

    Args:
        text: today, tomorrow, a weekday, which is the next one after today, or a date or moment in ISO 8601.
        now: The time, in the zone that days are of.

    Raises:
        Refusal: The text is not one of these.
    """
    word = text.strip().lower()
    days = {"today": 0, "tomorrow": 1}
    days |= {name: (place - now.weekday() - 1) % 7 + 1 for place, name in enumerate(_WEEKDAYS)}
    try:
        if word in days:
            return datetime.combine(now.date() + timedelta(days[word]), _END_OF_DAY).astimezone()
        if _DATE.fullmatch(text.strip()):
            return datetime.combine(date.fromisoformat(text.strip()), _END_OF_DAY).astimezone()
        return datetime.fromisoformat(text.strip()).astimezone()
    except (OverflowError, ValueError):  # the former in the years 1 and 9999
        raise Refusal(
            f"--due {text!r} is not a day; write today, tomorrow, friday, 2030-01-31 or 2030-01-31T09:30"
        ) from None


async def _member_names(attio: "Attio") -> Mapping[str, str]:
    """Return the e-mail addresses of members by id, as far as the token may read them."""
    from ...errors import AttioError

    try:
        return {str(each.id): each.email_address for each in await attio.workspace_members.list()}
    except AttioError:
        return {}


def _task(task: "Task", members: Mapping[str, str]) -> dict[str, Any]:
    ids = [each.referenced_actor_id for each in task.assignees]
    return {
        "content": task.content_plaintext,
        "due": task.deadline_at,
        "assignees": [members.get(each, each) for each in ids],
        "is_completed": task.is_completed,
        "records": [f"{each.target_object_id}/{each.target_record_id}" for each in task.linked_records],
        "task_id": task.id.task_id,
    }


# Files


async def file_list(reference: Reference, *, output: Output, connection: ConnectionOptions) -> None:
    """List the files of a record.

    Examples:
      attio-async file list companies/example.com
    """
    printer = Printer(output)
    async with read_workspace(connection) as attio:
        files = await attio.files.list(await find_record(attio, reference))
    printer.items([_file(each) for each in files])
    tell(f"{len(files):,} files")


async def file_upload(
    reference: Reference,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="File to upload; at most 50 MB.")],
    *,
    dry_run: DryRun = False,
    output: Output,
    connection: ConnectionOptions,
) -> None:
    """Upload a file to a record.

    Examples:
      attio-async file upload companies/example.com offer.pdf
    """
    printer = Printer(output)
    if not path.is_file():
        raise Refusal(f"{path} is not a file")
    async with write_workspace(connection) as attio:
        record = await find_record(attio, reference)
        if dry_run:
            print_text(f"would upload {path} to {record.object}/{record.record_id}")
            return
        uploaded = await attio.files.upload(record, path)
    printer.item(_file(uploaded))
    tell(f"uploaded {path} to {record.object}/{record.record_id}")


async def file_download(
    file: Annotated[str, typer.Argument(metavar="FILE_ID", help="Id of the file.")],
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="File to write.  [default: its own name]"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
    connection: ConnectionOptions,
) -> None:
    """Download a file.

    Examples:
      attio-async file download 0b7c5b9e-3a1f-4c52-9f0e-6a2d6d1c7a11 -o offer.pdf
    """
    refuse_existing(out, force=force)
    async with read_workspace(connection) as attio:
        if out is None:
            found = await attio.files.get(file)
            out = Path(os.path.basename(found.name or file))  # noqa: PTH119 - a name may be anything, also a path
            refuse_existing(out, force=force)
        await attio.files.download(file, out)
    tell(f"downloaded to {out}")


async def file_delete(
    file: Annotated[str, typer.Argument(metavar="FILE_ID", help="Id of the file.")],
    *,
    dry_run: DryRun = False,
    yes: Yes = False,
    connection: ConnectionOptions,
) -> None:
    """Delete a file for good.

    Examples:
      attio-async file delete 0b7c5b9e-3a1f-4c52-9f0e-6a2d6d1c7a11
    """
    async with write_workspace(connection) as attio:
        with as_refusal():
            found = await attio.files.get(file)
        if dry_run:
            print_text(f"would delete the file {found.name!r}")
            return
        confirm(f"Delete the file {found.name!r} for good?", yes=yes)
        await attio.files.delete(file)
    tell(f"deleted the file {found.name!r}")


def _file(file: "File") -> dict[str, Any]:
    return {
        "name": file.name,
        "file_type": file.file_type,
        "content_type": file.content_type,
        "size": None if file.content_size is None else int(file.content_size),
        "file_id": file.id.file_id,
    }
