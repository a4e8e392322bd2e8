"""Rows that were not written: which line, which attribute, what value, and why."""

import csv
import io
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import attrs

from ..errors import APIError, AttioError, CoercionError
from .cells import guard
from .files import atomic_file

__all__ = ["FailedValue", "FailureReport", "UnreadableRow", "explain", "failure_report"]

_LONGEST_VALUE = 200


class UnreadableRow(AttioError):
    """A row of a file that is no row. It was not sent."""


@attrs.frozen
class FailedValue:
    """One reason why a row was not written. `attribute` is empty when the whole row is meant."""

    line: int
    attribute: str
    value: str
    reason: str

    def __str__(self) -> str:
        about = f"{self.attribute}: " if self.attribute else ""
        value = f" [{self.value}]" if self.value else ""
        return f"line {self.line}: {about}{self.reason}{value}"


def explain(line: int, error: AttioError) -> Sequence[FailedValue]:
    """Every reason that an error gives, at least one."""
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
    if error.validation_errors:
        return [
            FailedValue(
                line, _attribute(detail), "", _sentence(error, str(detail.get("message") or error.message))
            )
            for detail in error.validation_errors
        ]
    attribute = getattr(error, "attribute", None)
    return [FailedValue(line, attribute or "", "", _sentence(error, error.message))]


def _sentence(error: APIError, message: str) -> str:
    code = f" ({error.code})" if error.code else ""
    hint = f"; {error.hint}" if error.hint else ""
    return f"Attio answered {error.status}{code}: {message}{hint}"


def _attribute(detail: Mapping[str, Any]) -> str:
    """The attribute that a path such as data.values.domains.0 is about."""
    path = detail.get("path")
    parts = cast("list[object]", path) if isinstance(path, list) else []
    return str(parts[2]) if len(parts) > 2 and parts[:2] == ["data", "values"] else ""  # noqa: PLR2004


def _shown(value: object) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


class FailureReport:
    """Counts failed rows, keeps the first reasons to show, and writes all of them to a file if there is one."""

    def __init__(self, file: IO[bytes] | None, *, shown: int = 20) -> None:
        self.rows = 0
        self.first: list[FailedValue] = []
        self.hidden = 0
        self._shown = shown
        self._file = file
        self._write("line", "attribute", "value", "reason")

    def add(self, line: int, error: AttioError) -> None:
        """One more row was not written."""
        self.rows += 1
        for failed in explain(line, error):
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
    """A report that writes to `path`, if one is given. The file appears, whole, however the block ends.

    Raises:
        Refusal: The file cannot be made there.
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
