"""What the fields of a request body may be, and what is wrong with one that is something else."""

from collections.abc import Mapping, Sequence
from typing import Self

import attrs

from .problems import Issue, invalid, invalid_option, missing, received, unrecognized, wrong_type
from .shapes import is_object


@attrs.frozen
class Field:
    """One field of an object.

    Args:
        type: What the API calls its JSON type.
        required: Whether it has to be there.
        nullable: Whether it may be null.
        options: The texts it may be; empty for any.
        shortest: The least number of characters.
    """

    type: str
    required: bool = attrs.field(default=True, kw_only=True)
    nullable: bool = attrs.field(default=False, kw_only=True)
    options: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    shortest: int = attrs.field(default=0, kw_only=True)

    def optional(self) -> Self:
        """The same field where it need not be there."""
        return attrs.evolve(self, required=False)

    @property
    def expected(self) -> str:
        """What is expected, as the API says it."""
        return " | ".join(map(repr, self.options)) or self.type

    def issues(self, value: object, path: Sequence[str]) -> list[Issue]:
        """What is wrong with a value that is there."""
        if value is None and self.nullable:
            return []
        if received(value) != self.type:
            return [wrong_type(path, self.expected, value)]
        if self.options and value not in self.options:
            return [invalid_option(path, self.options, value)]
        if isinstance(value, str) and len(value) < self.shortest:
            return [invalid(path, f"Expected at least {self.shortest} character(s)")]
        return []


def issues_of(given: object, fields: Mapping[str, Field], path: Sequence[str]) -> list[Issue]:
    """What is wrong with an object that should have these fields and no others."""
    if not is_object(given):
        return [wrong_type(path, "object", given)]
    issues: list[Issue] = []
    for name, field in fields.items():
        if name in given:
            issues += field.issues(given[name], [*path, name])
        elif field.required:
            issues.append(missing([*path, name], field.expected))
    others = [name for name in given if name not in fields]
    if others:
        issues.append(unrecognized(path, others))
    return issues
