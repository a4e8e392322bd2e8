"""The command that tells what changed since it was last asked."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from .asking import selected
from .running import complain, refuse_same_file, tell_if_new
from .workspace import find_object, open_workspace, refused_if_failing

if TYPE_CHECKING:
    from ..bulk.changes import Change, Changes

__all__ = ["show_changes"]

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
