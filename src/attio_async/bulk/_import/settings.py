"""The settings that decide unclear cells, and cells that wait for one."""

import shlex
from collections.abc import Sequence

import attrs

from attio_async_api.json_data import JsonData, JsonFields

from ..._utils.public import public
from ...errors import CoercionError, Problem


@public
@attrs.frozen
class ImportSetting(JsonData):
    """A setting that would decide a cell, or a whole row. `str()` is the option of the command line.

    Attributes:
        name: The setting, such as "dayfirst", which is an argument of `ValueFormats`, `ColumnMapping` or the import.
        value: Its value.
    """

    name: str
    value: object = True

    def __str__(self) -> str:
        option = self.name.replace("_", "-")
        if isinstance(self.value, bool):
            return f"--{option}" if self.value else f"--no-{option}"
        text = str(self.value).replace("\n", "\\n").replace("\t", "\\t")
        return f"--{option} {shlex.quote(text)}"

    def _json_fields(self) -> JsonFields:
        return [("name", self.name), ("value", self.value), ("option", str(self))]


class UnclearCell(Exception):
    """A cell whose value is not certain, or not valid.

    Attributes:
        cause: What is the matter with it, in words that many cells share.
        settings: The settings any of which would decide it.
        also: Another thing that is not certain about it.
        national: A phone number without a country, for which regions are yet to be proposed.
    """

    def __init__(
        self,
        cause: str,
        *settings: ImportSetting,
        also: "UnclearCell | None" = None,
        national: str | None = None,
    ) -> None:
        super().__init__(cause)
        self.cause = cause
        self.also = also
        self.national = national
        self.settings: Sequence[ImportSetting] = settings


@public
class UnclearCells(CoercionError):
    """Cells of a row of a file that are not certain, or not valid. The row was not sent.

    Attributes:
        settings: For each of the problems the settings any of which would decide it; often none.
        columns: For each of the problems the column of the file.
    """

    def __init__(
        self,
        problems: Sequence[Problem],
        settings: Sequence[Sequence[ImportSetting]] = (),
        columns: Sequence[str] = (),
    ) -> None:
        super().__init__(problems)
        self.settings: tuple[tuple[ImportSetting, ...], ...] = tuple(map(tuple, settings))
        self.columns: tuple[str, ...] = tuple(columns)


def hint(settings: Sequence[ImportSetting]) -> str | None:
    """Return what to try, in words; None if no setting would help."""
    return f"try {' or '.join(map(str, settings))}" if settings else None
