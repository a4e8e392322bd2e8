"""Writing names of people."""

from attio_async.values.fitting import AttributeSpec, Misfit, Rules, fields_of, text_of
from attio_async.values.types import Name, PersonName

__all__ = ["fit_name"]

_PARTS = ("first_name", "last_name", "full_name")
_POSSIBLE = "Name('Ada', 'Lovelace'), or a text such as 'Lovelace, Ada' or 'Ada Lovelace'"


def fit_name(value: object, _spec: AttributeSpec, _rules: Rules) -> dict[str, str]:
    """All three parts of a name, which is how Attio wants it; missing ones follow from the others."""
    fields = fields_of(value, *_PARTS)
    if fields is not None:
        return _parts_of(PersonName(**fields))
    if isinstance(value, Name | PersonName):
        return _parts_of(value)
    return _parts_of(Name.parse(text_of(value, _POSSIBLE)))


def _parts_of(name: Name | PersonName) -> dict[str, str]:
    first, last, full = (_part(part) for part in (name.first_name, name.last_name, name.full_name))
    if full and not first and not last:
        parsed = Name.parse(full)
        first, last = parsed.first_name or "", parsed.last_name or ""
    full = full or " ".join(part for part in (first, last) if part)
    if not full:
        raise Misfit("the name is empty", "use None for no value")
    return {"first_name": first, "last_name": last, "full_name": full}


def _part(part: object) -> str:
    if part is None or (isinstance(part, str) and not part.strip()):
        return ""
    return text_of(part, _POSSIBLE)
