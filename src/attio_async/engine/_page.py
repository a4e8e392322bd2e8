"""The page that shows the state of an engine. It is read-only, has no script, and shows no value of a row."""

import asyncio
import base64
import hashlib
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from http import HTTPStatus
from importlib.resources import files

import attrs
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from .._utils.asgi import AsgiApp, AsgiMessage, AsgiReceive, AsgiSend
from ._overview import NextRun, Overview, RateUse, Run, TenantStatus

StatusAuth = Callable[[Request], Awaitable[bool] | bool]
"""Says if the sender of a request may look at the page, a function or an async one. Only True lets it."""

_MAX_REASON_CHARS = 300
_REFRESH_S = 15
_PATIENCE_S = 10
"""The time that the state may take to read, of which a database that is down takes all."""
_HIGH_PART = 0.9
"""The part of a rate limit from which its use is shown as high."""
_ROUNDING = 0.01
"""The part of a rate limit by which a measured use may exceed it, since both are rounded."""
_SHORT_S = 10
"""Durations below have a decimal."""
_LARGE = 10
"""From this count of a unit on, the next smaller unit is left out."""

_STYLE = files(__name__.rpartition(".")[0]).joinpath("page.css").read_text("utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_COLOURS = {
    "queued": "grey",
    "running": "blue",
    "waiting": "amber",
    "succeeded": "green",
    "failed": "red",
    "dead": "red",
    "superseded": "violet",
}
_TILES = (
    ("tenants", ""),
    ("paused", "amber"),
    ("running", ""),
    ("queued", ""),
    ("waiting", ""),
    ("dead", "red"),
)
"""The counts above the tables, with the colour of those that are not zero."""

_log = logging.getLogger("attio_async")


def status_app(overview: Callable[[], Awaitable[Overview]], auth: StatusAuth) -> AsgiApp:
    """Create the ASGI application of the page."""
    return Starlette(routes=[Route("/{path:path}", _StatusPage(overview, auth))])


class _StatusPage:
    """Answers every request, of any method and path, so that `auth` is always asked first.

    It is an object because Starlette treats a function as a handler of GET requests.
    """

    def __init__(self, overview: Callable[[], Awaitable[Overview]], auth: StatusAuth) -> None:
        self._overview = overview
        self._auth = auth

    async def __call__(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        response = await self._response(Request(scope))
        response.headers.update(_HEADERS)
        if scope["method"] == "HEAD":
            response.body = b""  # with the length of the page, as HTTP has it
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        denied = await self._denied(request)
        if denied is not None:
            return denied
        if request.method not in {"GET", "HEAD"}:
            return _plain(
                HTTPStatus.METHOD_NOT_ALLOWED, "This page can only be read.", {"Allow": "GET, HEAD"}
            )
        if request.path_params["path"]:
            return _plain(HTTPStatus.NOT_FOUND, "There is one page here only.")
        try:
            async with asyncio.timeout(_PATIENCE_S):
                overview = await self._overview()
        except Exception:  # noqa: BLE001 - whatever it is, a page of an error would tell too much
            _log.exception("the state of the engine could not be read")
            return _plain(HTTPStatus.SERVICE_UNAVAILABLE, "The state of the engine cannot be read now.")
        return HTMLResponse(page(overview).encode("utf-8", "replace"))

    async def _denied(self, request: Request) -> Response | None:
        """Return the response to a sender who may not look; None for one who may."""
        try:
            answer = self._auth(request)
            allowed: object = await answer if inspect.isawaitable(answer) else answer
        except HTTPException as error:
            return _plain(error.status_code, error.detail, dict(error.headers or {}))
        except Exception:  # noqa: BLE001 - it is the application's own
            _log.exception("auth failed, so nobody may look at the state of the engine")
            allowed = False
        if allowed is True:  # an object that is merely true, such as a user, shows nothing
            return None
        return _plain(HTTPStatus.FORBIDDEN, "You may not look at this page.")


def _plain(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(text + "\n", status, headers)


# HTML


class _Markup(str):
    """HTML, as opposed to text, which is escaped wherever it goes."""

    __slots__ = ()


def _join(parts: Iterable[str]) -> _Markup:
    return _Markup("".join(part if isinstance(part, _Markup) else escape(part) for part in parts))


def _tag(name: str, *content: str, **attributes: str) -> _Markup:
    """Return an element. Text in it and its attributes are escaped; an attribute's `_` stands for `-`."""
    given = "".join(
        f' {key.strip("_").replace("_", "-")}="{escape(text)}"' for key, text in attributes.items() if text
    )
    return _Markup(f"<{name}{given}>{_join(content)}</{name}>")


@attrs.frozen
class _Column:
    title: str
    kind: str = ""
    """The class of its cells, for the style."""


_NAME = _Column("Tenant", "name")
_TENANT_COLUMNS = (
    _NAME,
    _Column("State", "state"),
    _Column("Writes", "rate"),
    _Column("Reads", "rate"),
    _Column("Running", "number"),
    _Column("Queued", "number"),
    _Column("Waiting", "number"),
    _Column("Dead", "number"),
    _Column("Last success", "nowrap"),
)
_RUN_COLUMNS = (
    _NAME,
    _Column("Job"),
    _Column("State", "state"),
    _Column("Attempt", "number"),
    _Column("Rows"),
    _Column("Started", "nowrap"),
    _Column("Took", "number"),
    _Column("Worker"),
)
_DEAD_COLUMNS = (
    _NAME,
    _Column("Job"),
    _Column("Error", "wide"),
    _Column("Attempts", "number"),
    _Column("Ended", "nowrap"),
    _Column("Run"),
)
_NEXT_COLUMNS = (_NAME, _Column("Job"), _Column("Every", "number"), _Column("Next", "nowrap"))


def page(overview: Overview) -> str:
    """Return the page as HTML."""
    at = overview.at
    rates: dict[tuple[str, str], RateUse] = {(rate.tenant, rate.kind): rate for rate in overview.rates}
    dead = _section(
        "Dead letters",
        "retry one with: attio-async engine retry RUN",
        _DEAD_COLUMNS,
        [_dead_letter(run, at) for run in overview.dead_letters],
        overview.counts.get("dead"),
    )
    tenants = _section(
        "Tenants",
        "requests per second, used of allowed",
        _TENANT_COLUMNS,
        [_tenant(tenant, rates, at) for tenant in overview.tenants],
        overview.counts.get("tenants"),
    )
    runs = _section("Runs", "the latest", _RUN_COLUMNS, [_run(run, at) for run in overview.runs])
    following = _section(
        "Next runs", "the earliest", _NEXT_COLUMNS, [_next_run(each, at) for each in overview.next_runs]
    )
    sections = (dead, tenants, runs, following) if overview.dead_letters else (tenants, runs, following, dead)
    body = _tag("header", _tag("h1", "Engine"), _tag("p", _workers(overview), " · ", _moment(at)))
    body = _join((body, _tag("main", _tiles(overview), *sections)))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="refresh" content="{_REFRESH_S}">'
        f"<title>Engine</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def _workers(overview: Overview) -> str:
    count = len(overview.workers)
    return f"{count} worker{'' if count == 1 else 's'}" if count else "no worker seen"


def _tiles(overview: Overview) -> _Markup:
    tiles: list[str] = []
    for name, colour in _TILES:
        count = overview.counts.get(name, 0)
        kind = colour if count else ""
        tiles.append(_tag("li", _tag("strong", f"{count:,}"), _tag("span", name), class_=kind))
    return _tag("ul", *tiles, class_="tiles")


def _section(
    title: str,
    note: str,
    columns: Sequence[_Column],
    rows: Sequence[Sequence[str]],
    count: int | None = None,
) -> _Markup:
    """Return a table. A cell has the title of its column, which narrow screens show beside it.

    Args:
        title: The heading.
        note: Text beside it.
        columns: The columns.
        rows: The cells.
        count: The number of all rows, if `rows` may be only some of them.
    """
    if count is not None and count > len(rows):
        note = f"{len(rows):,} of {count:,} · {note}"
    if not rows:
        head = _tag("div", _tag("h2", title), class_="head")
        return _tag("section", head, _tag("p", "None.", class_="empty"))
    titles = [_tag("th", column.title, scope="col", class_=column.kind) for column in columns]
    body = [_tag("tr", *map(_cell, columns, row)) for row in rows]
    table = _tag("table", _tag("thead", _tag("tr", *titles)), _tag("tbody", *body))
    return _tag("section", _tag("div", _tag("h2", title), _tag("p", note), class_="head"), table)


def _cell(column: _Column, content: str) -> _Markup:
    kind = column.kind if content else f"{column.kind} none".strip()
    return _tag("td", _tag("span", content), class_=kind, data_label=column.title)


def _tenant(tenant: TenantStatus, rates: Mapping[tuple[str, str], RateUse], at: datetime) -> tuple[str, ...]:
    state = _pill("paused", "amber") if tenant.is_paused else _pill("active", "")
    return (
        tenant.tenant,
        _join((state, _reason(tenant.paused_reason))),
        _rate(rates.get((tenant.tenant, "writes"))),
        _rate(rates.get((tenant.tenant, "reads"))),
        *(_count(each) for each in (tenant.running, tenant.queued, tenant.waiting)),
        _pill(f"{tenant.dead:,}", "red") if tenant.dead else "",
        _ago(tenant.last_success_at, at),
    )


def _run(run: Run, at: datetime) -> tuple[str, ...]:
    is_due = run.due_at is None or run.due_at <= at
    shown = "queued" if run.state == "waiting" and is_due else run.state  # for the tenant to be free
    state = _pill(shown, _COLOURS.get(shown, ""))
    due = "" if is_due else _join(("retried ", _ago(run.due_at, at)))
    end = run.ended_at or (at if run.state == "running" else None)
    took = end - run.started_at if run.started_at is not None and end is not None else None
    return (
        run.tenant,
        run.job,
        _join((state, _reason(due), _reason(run.error))),
        _count(run.attempt),
        _join(_counts(run)),
        _ago(run.started_at, at),
        "" if took is None else _span(took),
        run.worker or "",
    )


def _counts(run: Run) -> Iterable[str]:
    for number, (name, count) in enumerate(run.counts.items()):
        yield f"{', ' if number else ''}{count:,} {name}"


def _dead_letter(run: Run, at: datetime) -> tuple[str, ...]:
    error = _join((_pill(run.error or "unknown", "red"), _reason(run.reason)))
    return run.tenant, run.job, error, _count(run.attempt), _ago(run.ended_at, at), _tag("code", run.run)


def _next_run(each: NextRun, at: datetime) -> tuple[str, ...]:
    return each.tenant, each.job, _span(timedelta(seconds=each.every)), _ago(each.next_at, at)


def _rate(rate: RateUse | None) -> str:
    """Return the numbers and a bar."""
    if rate is None:
        return ""
    part = rate.used / rate.allowed if rate.allowed > 0 else 0.0
    kind = "over" if part > 1.0 + _ROUNDING else "high" if part >= _HIGH_PART else ""
    limited = f"{rate.rate_limited:,} limited" if rate.rate_limited else ""
    numbers = _tag("span", _tag("span", f"{rate.used:.1f} of {rate.allowed:g}"), _tag("span", limited))
    track = _tag("rect", class_="track", width="100", height="5")
    fill = _tag("rect", class_=f"fill {kind}".strip(), width=f"{min(part, 1.0) * 100:.1f}", height="5")
    bar = _tag(
        "svg", track, fill, class_="bar", viewBox="0 0 100 5", preserveAspectRatio="none", aria_hidden="true"
    )
    return _tag("span", numbers, bar, class_="use")


def _pill(text: str, colour: str) -> _Markup:
    return _tag("span", text, class_=f"pill {colour}".strip())


def _reason(text: str | None) -> str:
    if not text:
        return ""
    if len(text) > _MAX_REASON_CHARS and not isinstance(text, _Markup):
        text = text[:_MAX_REASON_CHARS] + "…"
    return _tag("span", text, class_="reason")


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def _moment(at: datetime) -> _Markup:
    return _tag("time", f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC", datetime=at.isoformat())


def _ago(moment: datetime | None, at: datetime) -> str:
    """Return a moment as people read it, such as "5 min ago"; the exact one is its title."""
    if moment is None:
        return ""
    distance = moment - at
    text = f"in {_span(distance)}" if distance > timedelta(0) else f"{_span(-distance)} ago"
    exact = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return _tag("time", text, datetime=moment.isoformat(), title=exact)


def _span(span: timedelta) -> str:
    """Return a duration in one unit, or two where the first is small, such as "1 h 5 min"."""
    seconds = max(span.total_seconds(), 0.0)
    if seconds < _SHORT_S:
        return f"{seconds:.1f} s" if seconds and seconds % 1 else f"{seconds:.0f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    first = next((number for number, (count, _) in enumerate(parts) if count), len(parts) - 1)
    shown = parts[first : first + (1 if parts[first][0] >= _LARGE else 2)]
    return " ".join(f"{count} {unit}" for count, unit in shown if count)
