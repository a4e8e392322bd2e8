"""`changes`: show what changed since the last time."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from ..errors import as_refusal
from ..options import Columns, ConnectionOptions, Name, check_distinct_files, seconds_of
from ..output import print_json, tell
from ..target import find_target, select_attributes
from ..workspace import open_workspace

if TYPE_CHECKING:
    from ...bulk._changes.events import Change
    from ...bulk._changes.feed import Also, Feed

_BATCH = 200
_KINDS = ("created", "changed", "deleted", "merged")


async def changes(
    name: Name,
    *,
    state: Annotated[
        Path, typer.Option(metavar="FILE", help="File that remembers the last run; created when missing.")
    ],
    columns: Columns = None,
    also: Annotated[
        str | None,
        typer.Option(
            metavar="KINDS", help="Also notes, tasks, comments on what NAME has; separated by commas."
        ),
    ] = None,
    history: Annotated[
        str | None,
        typer.Option(
            metavar="SLUG,SLUG", help="Attributes of which every change is printed, also between two runs."
        ),
    ] = None,
    every: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Go on until interrupted, and look again after this time: 15m."),
    ] = None,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="With a new FILE, only remember what there is; print nothing.")
    ] = False,
    connection: ConnectionOptions,
) -> None:
    """Print what changed in an object or list since the last run.

    Each record or entry that was created, deleted or merged, and each attribute that changed, is one line of JSON. All of
    them are read and compared with FILE; the first time, all are printed as created. A change that was printed is not
    printed again; one that did not reach standard output, because something failed or was interrupted, is.

    Examples:
      attio-async changes people --state people.db
      attio-async changes deals --state deals.db --columns stage,value --baseline
      attio-async changes deals --state deals.db --history stage --also notes,tasks --every 15m
    """
    check_distinct_files({"--state": state, "--embedded": connection.embedded})
    counts: Counter[str] = Counter()
    async with open_workspace(connection) as attio:
        target = await find_target(attio, name)
        names = None
        if columns is not None:
            with as_refusal():
                names = [each.slug for each in select_attributes(await target.schema(), columns)]
        slugs = history.split(",") if history else []
        with as_refusal():
            for slug in slugs:
                (await target.schema()).find(slug)
        followed = {target.slug: names}
        with as_refusal():
            feed = attio.feed(
                state,
                objects={} if target.kind == "list" else followed,
                lists=followed if target.kind == "list" else {},
                also=cast("list[Also]", also.split(",") if also else []),
                history=[f"{target.slug}.{slug}" for slug in slugs],
                sweep_every=None if every is None else seconds_of(every, "--every"),
                baseline=baseline,
            )
        async with feed:
            batch: list[Change] = []
            async for change in feed:
                batch.append(change)
                if len(batch) == _BATCH or every is not None:
                    await _print_batch(feed, batch, counts)
            await _print_batch(feed, batch, counts)
    kinds = [kind for kind in _KINDS if counts[kind] or kind != "merged"]
    tell(f"{target.slug}: " + ", ".join(f"{counts[kind]:,} {kind}" for kind in kinds))


async def _print_batch(feed: "Feed[Any]", batch: "list[Change]", counts: Counter[str]) -> None:
    """Print changes, and confirm them only when they have left this process."""
    for change in batch:
        data = change.to_dict(mode="json")
        counts[data["change"]] += 1
        print_json(data)
    await feed.ack(*batch)
    batch.clear()
