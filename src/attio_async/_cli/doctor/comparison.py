"""The differences between the answers of a workspace and of a fake to the same reads, and their report. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, cast

import attrs

from ..._schema import standard_schema
from ..._version import __version__
from .disguise import Disguise, normalised
from .probes import Probe, SeenKind
from .shapes import VALUES, Shape, ShapePool, elements_of, fields_of, items_of, order_of

NO_JSON: Final = object()
"""The body of an answer that is not valid JSON."""

_CARRIERS = frozenset(
    [
        "connection",
        "content-encoding",
        "content-length",
        "date",
        "keep-alive",
        "server",
        "transfer-encoding",
        "vary",
    ]
)
"""Headers of the way that an answer takes, which a fake in process does not send."""
_FLAGS = ("type", "is_system_attribute", "is_writable", "is_required", "is_unique", "is_multiselect")
_MOST_SHOWN = 3


@attrs.frozen
class Answer:
    """The answer to a probe."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def is_success(self) -> bool:
        """True if the status is below 400."""
        return self.status < HTTPStatus.BAD_REQUEST


@attrs.frozen
class ConformanceReport:
    """The differences between a workspace and the fake. It has no value, id or name of the workspace.

    Attributes:
        differences: Each difference, with the probes that showed it.
        compared: The probes with two answers that could be compared.
        skipped: The probes that could not be compared, and why.
    """

    differences: Mapping[str, Sequence[str]]
    compared: Sequence[str]
    skipped: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {
            "version": __version__,
            "differences": [{"what": what, "probes": probes} for what, probes in self.differences.items()],
            "compared": self.compared,
            "skipped": self.skipped,
        }

    def to_markdown(self) -> str:
        """Return it as a text that can be attached to an issue."""
        lines = [
            f"# Conformance of FakeAttio, attio-async {__version__}",
            "",
            f"{len(self.compared)} reads compared, {len(self.skipped)} not; {len(self.differences)} differences.",
            "",
            "## Differences",
            "",
        ]
        for what, probes in self.differences.items():
            more = f" and {len(probes) - _MOST_SHOWN} more" if len(probes) > _MOST_SHOWN else ""
            lines += [f"- {what}", f"  - {'; '.join(f'`{one}`' for one in probes[:_MOST_SHOWN])}{more}"]
        lines += ["" if self.differences else "None.\n", "## Not compared", ""]
        for reason in dict.fromkeys(self.skipped.values()):
            labels = [f"`{label}`" for label, why in self.skipped.items() if why == reason]
            lines.append(f"- {reason}: {'; '.join(labels)}")
        return "\n".join(lines).rstrip() + "\n"


class Comparison:
    """The answers of both, until all texts of the workspace are known and the report can be written."""

    def __init__(self, disguise: Disguise) -> None:
        self._disguise = disguise
        self._pairs: list[tuple[Probe, Answer, Answer]] = []
        self._skipped: dict[str, str] = {}
        self._pool = ShapePool()
        self._items: dict[str, tuple[list[Any], list[Any]]] = {}

    def add(
        self, probe: Probe, workspace: Answer | None, fake: Answer | None, others: Iterable[Answer] = ()
    ) -> None:
        """Add the answers to one probe; None if there is none.

        Args:
            probe: The probe.
            workspace: The answer of the workspace.
            fake: The answer of the fake.
            others: The fake's answers for other items, which show what else they can be.
        """
        for other in others:
            if other.is_success:
                self._pool.add(probe.label, probe.family, _shape(probe, other.body))
        if workspace is None or fake is None:
            self._skipped[probe.label] = (
                f"nothing to read in the {'workspace' if workspace is None else 'fake'}"
            )
        elif probe.optional and workspace.status == HTTPStatus.FORBIDDEN and fake.is_success:
            self._skipped[probe.label] = "the token may not read it"
        else:
            self._pairs.append((probe, workspace, fake))
            if workspace.is_success:
                self._disguise.learn(workspace.body)
            if fake.is_success:
                self._publish(fake.body)
                self._pool.add(probe.label, probe.family, _shape(probe, fake.body))
            else:
                self._publish(fake.body)
                self._disguise.publish(str(fields_of(fake.body).get("message")))
            self._disguise.publish_names(fake.headers)

    def _publish(self, body: object) -> None:
        """Let the keys of the fake's answers be shown, except slugs."""
        for item in elements_of(body):
            self._publish(item)
        fields = fields_of(body)
        self._disguise.publish_names(fields)
        for key, part in fields.items():
            if key in VALUES:
                for values in fields_of(part).values():
                    self._publish(values)
            else:
                self._publish(part)

    def report(self) -> ConformanceReport:
        """Return the report of all answers."""
        found: dict[str, list[str]] = {}
        for probe, workspace, fake in self._pairs:
            for what in dict.fromkeys(self._differences(probe, workspace, fake)):
                found.setdefault(what, []).append(probe.label)
        return ConformanceReport(found, [probe.label for probe, _, _ in self._pairs], self._skipped)

    def _differences(self, probe: Probe, workspace: Answer, fake: Answer) -> Iterator[str]:
        yield from self._headers(workspace, fake)
        if workspace.status != fake.status:
            yield f"status: {workspace.status} in the workspace, {fake.status} in the fake"
        if workspace.body is NO_JSON or fake.body is NO_JSON:
            if workspace.body is not fake.body:
                yield f"body: not JSON in the {'workspace' if workspace.body is NO_JSON else 'fake'}"
        elif not workspace.is_success and not fake.is_success:
            yield from self._errors(workspace.body, fake.body)
        elif workspace.is_success and fake.is_success:
            yield from self._shapes(probe, workspace.body, fake.body)
            yield from self._lists(probe, items_of(workspace.body), items_of(fake.body))

    def _headers(self, workspace: Answer, fake: Answer) -> Iterator[str]:
        for one, other, where in ((workspace, fake, "workspace"), (fake, workspace, "fake")):
            for name in sorted(one.headers.keys() - other.headers.keys() - _CARRIERS):
                yield f"header `{self._disguise.name(name)}`: only in the {where}"
        types = [
            answer.headers.get("content-type", "").replace(" ", "").lower() for answer in (workspace, fake)
        ]
        if all(types) and types[0] != types[1]:
            yield "header `content-type`: other values"

    def _shapes(self, probe: Probe, workspace: object, fake: object) -> Iterator[str]:
        one, other = _shape(probe, workspace), _shape(probe, fake)
        for path, key, what in self._pool.differences(probe.label, probe.family, one):
            place = ".".join(
                part for part in (self._disguise.path(path), self._disguise.name(key) if key else "") if part
            )
            yield f"`{place or 'body'}`: {what}"
        if probe.kind is not None and one.slugs and other.slugs:
            for slugs, where in ((one.slugs - other.slugs, "workspace"), (other.slugs - one.slugs, "fake")):
                for slug in sorted(slugs):
                    yield f"attribute {self._attribute(probe.kind, slug)}: has values only in the {where}"

    def _attribute(self, kind: SeenKind, slug: str) -> str:
        return f"`{self._disguise.add_attribute(kind.slug, slug, kind.types.get(slug, 'unknown'))}`"

    def _lists(
        self, probe: Probe, workspace: list[Mapping[str, Any]], fake: list[Mapping[str, Any]]
    ) -> Iterator[str]:
        self._items[probe.label] = workspace, fake
        orders = order_of(workspace), order_of(fake)
        if None not in orders and orders[0] != orders[1]:
            yield f"order: {orders[0]} in the workspace, {orders[1]} in the fake"
        if probe.most is not None and len(workspace) > probe.most:
            yield "limit: more items than asked for in the workspace"
        if probe.second_of in self._items:
            checks = [
                _starts_with_second(items, every)
                for items, every in zip((workspace, fake), self._items[probe.second_of], strict=True)
            ]
            if None not in checks and checks[0] != checks[1]:
                yield f"offset: not applied in the {'fake' if checks[0] else 'workspace'}"
        if probe.kind is not None and "/attributes" in probe.label and probe.value_type is None:
            yield from self._attributes_of(probe.kind, workspace, fake)

    def _attributes_of(
        self, kind: SeenKind, workspace: list[Mapping[str, Any]], fake: list[Mapping[str, Any]]
    ) -> Iterator[str]:
        """Compare the standard attributes of a standard object; the others were made after the workspace."""
        standard = standard_schema(kind.slug)
        sides = [{str(item.get("api_slug")): item for item in items} for items in (workspace, fake)]
        if standard is None or not all(sides):
            return
        for slug in sorted(sides[0].keys() ^ sides[1].keys()):
            where = "workspace" if slug in sides[0] else "fake"
            yield f"attribute {self._attribute(kind, slug)} of {kind.slug}: only in the {where}"
        for slug in sorted(sides[0].keys() & sides[1].keys() & standard.attributes.keys()):
            for flag in _FLAGS:
                if sides[0][slug].get(flag) != sides[1][slug].get(flag):
                    yield f"attribute `{slug}` of {kind.slug}: another `{flag}`"

    # Errors

    def _errors(self, workspace: object, fake: object) -> Iterator[str]:
        one, other = fields_of(workspace), fields_of(fake)
        for key in sorted(one.keys() ^ other.keys()):
            yield f"error `{self._disguise.name(key)}`: only in the {'workspace' if key in one else 'fake'}"
        for key in sorted(one.keys() & other.keys() & {"status_code", "statusCode", "type", "code"}):
            if one[key] != other[key]:
                yield f"error `{key}`: {self._word(one[key])} in the workspace, {self._word(other[key])} in the fake"
        yield from self._messages("message", one.get("message"), other.get("message"))
        issues = one.get("validation_errors"), other.get("validation_errors")
        if isinstance(issues[0], list) and isinstance(issues[1], list):
            yield from self._issues(cast("list[object]", issues[0]), cast("list[object]", issues[1]))

    def _messages(self, what: str, workspace: object, fake: object) -> Iterator[str]:
        if isinstance(workspace, str) and isinstance(fake, str):
            if normalised(workspace) != normalised(fake):
                shown, known = self._disguise.message(workspace), self._disguise.message(fake)
                yield f"{what}: “{shown}” in the workspace, “{known}” in the fake"
        elif type(workspace) is not type(fake):
            yield f"{what}: a text only in the {'workspace' if isinstance(workspace, str) else 'fake'}"

    def _issues(self, workspace: list[object], fake: list[object]) -> Iterator[str]:
        if len(workspace) != len(fake):
            yield f"validation_errors: {len(workspace)} in the workspace, {len(fake)} in the fake"
            return
        for one, other in zip(map(fields_of, workspace), map(fields_of, fake), strict=True):
            for key in sorted(one.keys() ^ other.keys()):
                where = "workspace" if key in one else "fake"
                yield f"validation_errors `{self._disguise.name(key)}`: only in the {where}"
            for key in sorted(one.keys() & other.keys() & {"code", "path"}):
                if one[key] != other[key]:
                    shown, known = self._word(one[key]), self._word(other[key])
                    yield f"validation_errors `{key}`: {shown} in the workspace, {known} in the fake"
            yield from self._messages("validation_errors message", one.get("message"), other.get("message"))

    def _word(self, value: object) -> str:
        """Return a code or a path as it is shown."""
        if isinstance(value, list):
            return ".".join(map(self._word, cast("list[object]", value))) or "nothing"
        return self._disguise.name(value) if isinstance(value, str) else str(value)


def _shape(probe: Probe, body: object) -> Shape:
    types = probe.kind.types if probe.kind else dict[str, str]()
    return Shape.of(body, types, probe.value_type, historic="show_historic" in probe.params)


def _starts_with_second(items: list[Mapping[str, Any]], every: list[Mapping[str, Any]]) -> bool | None:
    """Return whether items start with the second of all; None if there are too few."""
    if len(every) < 2 or every[0].get("id") == every[1].get("id"):  # noqa: PLR2004 - the first and the second
        return None
    return bool(items) and items[0].get("id") == every[1].get("id")
