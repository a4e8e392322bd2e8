"""The reasons why rows were not written: line, attribute, value and reason."""

import csv
import io
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import attrs

from ..._storage.files import atomic_file
from ...bulk import DeadLetter
from ...bulk._export.csv import guard, to_cell
from ...bulk._write.payload import Payload
from ...errors import APIError, AttioError, CoercionError

_MAX_VALUE_LENGTH = 200
_MAX_SHOWN = 20
_SLUG = re.compile(r'\bslug "([^"]+)"')
_PROBLEM = re.compile(r"(?P<attribute>[\w.-]+)(?: \([\w-]+\))?: (?P<reason>.+)")
_COERCION_KINDS = frozenset({"CoercionError", "UnclearCells", "DuplicateKey"})


@attrs.frozen
class FailedValue:
    """One reason why a row was not written. `attribute` is empty when the reason is about the whole row."""

    line: int | str
    attribute: str
    value: str
    reason: str

    def __str__(self) -> str:
        about = f"{self.attribute}: " if self.attribute else ""
        value = f" [{self.value}]" if self.value and self.value not in self.reason else ""
        return f"line {self.line}: {about}{self.reason}{value}"


def explain(line: int | str, error: AttioError, values: Mapping[str, object]) -> Sequence[FailedValue]:
    """Return every reason that an error gives for not writing a row of these values; at least one."""
    if isinstance(error, CoercionError):
        return [
            FailedValue(
                line,
                problem.slug,
                _shown(problem.value),
                "; ".join(filter(None, (problem.reason, problem.hint))),
            )
            for problem in error.problems
        ]
    if not isinstance(error, APIError):
        return [FailedValue(line, "", "", str(error))]
    reasons = [
        (_attribute_at(detail.get("path")), str(detail.get("message") or error.message))
        for detail in error.validation_errors
    ] or [(_attribute_named(error), error.message)]
    return [
        FailedValue(line, attribute, _shown(values.get(attribute)), _sentence(error, message))
        for attribute, message in reasons
    ]


def explain_letter(letter: DeadLetter) -> Sequence[FailedValue]:
    """Return every reason for which an earlier run did not write a row; at least one."""
    values, failure = Payload.decode(letter.payload).values, letter.failure
    problems = [(failure.attribute or "", " ".join(failure.reason.split()))]
    if failure.kind in _COERCION_KINDS:
        found = [_PROBLEM.fullmatch(line) for line in failure.reason.splitlines()]
        if all(found):
            problems = [(each["attribute"], each["reason"]) for each in found if each]
    return [
        FailedValue(letter.label, attribute, _shown(values.get(attribute)), reason)
        for attribute, reason in problems
    ]


def _sentence(error: APIError, message: str) -> str:
    code = f" ({error.code})" if error.code else ""
    hint = f"; {error.hint}".replace(
        "a job does so with create_references=True", "--create-references does so"
    )
    hint = hint if error.hint else ""
    return f"Attio answered {error.status}{code}: {message.rstrip('.') if hint else message}{hint}"


def _attribute_named(error: APIError) -> str:
    """Return the attribute that an answer is about, as far as its message says so."""
    known = getattr(error, "attribute", None)
    named = _SLUG.search(error.message)
    return known or (named[1] if named else "")


def _attribute_at(path: object) -> str:
    """Return the attribute that a path such as data.values.domains.0 is about."""
    parts = cast("list[object]", path) if isinstance(path, list) else []
    return str(parts[2]) if len(parts) > 2 and parts[:2] == ["data", "values"] else ""  # noqa: PLR2004


def _shown(value: object) -> str:
    text = to_cell(value, "; ")
    return text if len(text) <= _MAX_VALUE_LENGTH else f"{text[: _MAX_VALUE_LENGTH - 1]}…"


class FailureReport:
    """A record of failed rows: keeps the first reasons to show, and writes all of them to a file if there is one."""

    def __init__(self, file: IO[bytes] | None, *, shown: int = _MAX_SHOWN) -> None:
        self.first: list[FailedValue] = []
        self.hidden = 0
        self._shown = shown
        self._file = file
        self._write("line", "attribute", "value", "reason")

    def add(self, line: int | str, error: AttioError, values: Mapping[str, object]) -> None:
        """Record that a row of these values was not written."""
        self._add(explain(line, error, values))

    def add_letter(self, letter: DeadLetter) -> None:
        """Record that an earlier run did not write a row."""
        self._add(explain_letter(letter))

    def _add(self, reasons: Sequence[FailedValue]) -> None:
        for failed in reasons:
            if len(self.first) < self._shown:
                self.first.append(failed)
            else:
                self.hidden += 1
            self._write(str(failed.line), failed.attribute, guard(failed.value), guard(failed.reason))

    def _write(self, *cells: str) -> None:
        if self._file is None:
            return
        text = io.StringIO(newline="")
        csv.writer(text).writerow(cells)
        self._file.write(text.getvalue().encode())


@contextmanager
def failure_report(path: Path | None) -> Generator[FailureReport]:
    """Open a report that writes to `path`, if one is given. The file appears, whole, however the block ends.

    Raises:
        ConfigurationError: The file cannot be created there.
    """
    if path is None:
        yield FailureReport(None)
        return
    failure: BaseException | None = None
    with atomic_file(path) as file:
        try:
            yield FailureReport(file)
        except BaseException as error:  # noqa: BLE001 - raised below; what failed until then must not be lost
            failure = error
    if failure is not None:
        raise failure
