"""From Python values to the JSON that a property is compared with."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, cast
from uuid import UUID

import attrs

from ..errors import UnknownName
from ..values._encoders.contacts import (
    country_code,
    domain_of,
    email_of,
    phone_json,
)
from ..values._encoders.dates import fit_timestamp
from ..values._encoders.numbers import fit_currency, fit_rating, json_number
from ..values._encoders.text import fit_checkbox, fit_text
from ..values._spec import (
    Rules,
    Untyped,
    listing,
    show,
    text_of,
    wrong_type,
)
from ..values._types import (
    ActorRef,
    Member,
    Name,
    PersonName,
    Phone,
    RecordRef,
    Ref,
    is_uuid,
)
from ._context import CompileContext, Members
from ._operators import PARENT
from ._paths import Via
from ._resolve import (
    CompileError,
    Subject,
    outside,
    resolve,
)

# What a value becomes; raises Refused, UnknownName or the Misfit of values.
Coerce = Callable[[Any, Subject, CompileContext], Any]


_MEMBER = "workspace-member"


_IDS = frozenset({"record_id", "entry_id"})


_SUBSTRINGS = frozenset({"$contains", "$starts_with", "$ends_with"})


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


_DAY_AND_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}.*")


_PUNCTUATION = re.compile(r"[\s().\-/\u2010-\u2015\u2212]")


_PART_OF_PHONE = re.compile(r"\+?[0-9]+|\+")


_ANYTHING, _RULES = Untyped(), Rules()


def coerced(value: Any, operator: str, name: str, place: Subject, known: CompileContext) -> Any:
    """The JSON for one value that the property of that name is compared with.

    Raises:
        Refused, Misfit: It does not fit the property.
        UnknownName: It names an option, status or member that does not exist.
    """
    if operator in _SUBSTRINGS:
        return _substring(value, name, operator)
    if place.slug in _IDS:
        return _uuid(value)
    coerce = _COERCE.get(name) or _COERCE_VALUE.get(place.type or "", _by_shape)
    return coerce(value, place, known)


def _substring(text: str, name: str, operator: str) -> str:
    if name == "phone_number":
        digits = _PUNCTUATION.sub("", text)
        if not _PART_OF_PHONE.fullmatch(digits):
            raise CompileError(f"{show(text)} is no part of a phone number", "they are kept as + and digits")
        return digits
    if name == "country_code" and operator == "$starts_with":
        return text.upper()
    return _text(text)


def _text(value: Any, *_: object) -> str:
    return fit_text(value, _ANYTHING, _RULES)


def _full_name(value: Any, *_: object) -> str:
    return _text(str(value) if isinstance(value, Name | PersonName) else value)


def _by_shape(value: Any, place: Subject, known: CompileContext) -> Any:
    """The JSON of a value by its Python type alone."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return json_number(value)
    if isinstance(value, datetime | date):
        return _moment(value, place, known)
    if isinstance(value, Phone):
        return _phone(value, place, known)
    return _text(value)


def _number(value: Any, *_: object) -> int | float | str:
    return json_number(value)


def _currency(value: Any, *_: object) -> int | float | str:
    return fit_currency(value, _ANYTHING, _RULES)


def _rating(value: Any, *_: object) -> int:
    return fit_rating(value, _ANYTHING, _RULES)


def _checkbox(value: Any, *_: object) -> bool:
    return fit_checkbox(value, _ANYTHING, _RULES)


def _day(value: Any, *_: object) -> str:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    text = text_of(value, "a date, or a text such as '2023-11-24'")
    if not _DAY.fullmatch(text) or not _exists(text):
        raise CompileError(f"{show(value)} is no date", "give a date, or year, month and day: '2023-11-24'")
    return text


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _timestamp(value: Any, *_: object) -> str:
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    if is_day or (isinstance(value, str) and not _DAY_AND_TIME.fullmatch(value.strip())):
        raise CompileError(
            f"{show(value)} is no moment, which has a day and a time",
            "give an aware datetime, such as datetime(2023, 11, 24, tzinfo=UTC), or '2023-11-24T00:00:00Z'",
        )
    if isinstance(value, datetime) and value.utcoffset() is None:
        raise CompileError(
            f"{show(value)} has no time zone", "give an aware datetime: value.replace(tzinfo=UTC)"
        )
    return fit_timestamp(value, _ANYTHING, _RULES).replace(".000000000Z", "Z")


def _moment(value: Any, place: Subject, known: CompileContext) -> str:
    """A moment, or the beginning of a day."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        return _day(value)
    return _timestamp(value, place, known)


def _domain(value: Any, *_: object) -> str:
    return domain_of(text_of(value, "a domain such as 'acme.com'"))


def _email(value: Any, *_: object) -> str:
    # Attio keeps addresses in lower case, and finds nothing else.
    return email_of(text_of(value, "an e-mail address")).lower()


def _phone(value: Any, *_: object) -> str:
    # Only a number given as an object would come back as one, and no operand is an object.
    return str(phone_json(value))


def _country(value: Any, *_: object) -> str:
    return country_code(value)


def _uuid(value: Any, *_: object) -> str:
    text = text_of(value, "an id")
    if not is_uuid(text):
        raise CompileError(f"{show(value)} is no id, which is a UUID")
    return text


def _choice(value: Any, place: Subject, _known: CompileContext) -> str:
    """The title or id of an option or status."""
    kind = "status" if place.type == "status" else "option"
    text = text_of(value, f"the title or id of the {kind}")
    titles = place.attribute.option_titles if place.attribute is not None else None
    if titles is None or text in titles or is_uuid(text):
        return text
    same = [title for title in titles if title.strip().casefold() == text.casefold()]
    if len(same) == 1:
        return same[0]
    folded = {title.casefold(): title for title in titles}
    near = tuple(folded[match] for match in difflib.get_close_matches(text.casefold(), folded))
    raise UnknownName(f"{kind} of {place.slug}", text, suggestions=near, available=tuple(titles))


def _member(value: Any, _place: Subject, known: CompileContext) -> str:
    return member_id(value, known.members)


def member_id(value: Any, members: Members | None) -> str:
    """The id of a workspace member, given by id, e-mail address or full name.

    Raises:
        Refused: It needs the directory of members and there is none, or several have the name.
        UnknownName: There is no such member.
    """
    if isinstance(value, ActorRef) and value.type == _MEMBER and value.id is not None:
        return value.id
    if isinstance(value, Member):
        value = value.email_or_id_or_name
    if not isinstance(value, str | UUID):
        raise wrong_type(value, "a member's id, e-mail address or full name")
    text = text_of(value, "a member's id, e-mail address or full name")
    if is_uuid(text):
        return text
    if members is None:
        raise CompileError(
            f"the members are not known, so {show(text)} may be any of them", "give the member's id"
        )
    ids = members.get(" ".join(text.split()).casefold(), ())
    if len(ids) > 1:
        raise CompileError(f"{len(ids)} members are called {show(text)}", "give the e-mail address or the id")
    if not ids:
        near = difflib.get_close_matches(text.casefold(), members)
        raise UnknownName("member", text, suggestions=near)
    return ids[0]


_COERCE: Mapping[str, Coerce] = MappingProxyType(
    {
        **dict.fromkeys(("domain", "root_domain", "email_domain", "email_root_domain"), _domain),
        **dict.fromkeys(("option", "status"), _choice),
        **dict.fromkeys(("active_from", "interacted_at"), _moment),
        "country_code": _country,
        "currency_value": _currency,
        "email_address": _email,
        "full_name": _full_name,
        "owner_member_id": _member,
        "phone_number": _phone,
        "referenced_actor_id": _uuid,
        "target_record_id": _uuid,
    }
)


# "value" means another thing for each type.
_COERCE_VALUE: Mapping[str, Coerce] = MappingProxyType(
    {
        "checkbox": _checkbox,
        "date": _day,
        "number": _number,
        "rating": _rating,
        "text": _text,
        "timestamp": _timestamp,
    }
)


_WEB_APP = "https://app.attio.com/"


_POSSIBLE = (
    "a record, RecordRef(object, record_id), Ref(object, domain='acme.com') or the record's web address"
)


# Places and what is asked of their properties; any of them may hold.
Asked = list[tuple[Subject, dict[str, Any]]]


def reference(place: Subject, operator: str, value: Any, known: CompileContext) -> Asked:
    """What comparing a record reference with records asks.

    Raises:
        Refused: It cannot be compared so.
    """
    if operator not in {"$eq", "$in"}:
        raise CompileError(
            f"{place.slug} refers to records, which are compared with ==, != and in_()",
            "compare an attribute of theirs: .via('people').name, for example",
        )
    targets = _targets(place, known)
    given = cast("Iterable[Any]", value if operator == "$in" else (value,))
    asked: Asked = []
    ids: dict[str, list[str]] = {}
    for each in given:
        ref = _record(each, targets)
        if outside(ref.object, targets):
            raise CompileError(
                f"{place.slug} does not refer to {ref.object!r}", f"it refers to {listing(targets)}"
            )
        if isinstance(ref, Ref) and ref.record_id is None:
            asked.append(_by_attribute(place, ref, known))
        else:
            ids.setdefault(ref.object, []).append(_checked_id(cast("str", ref.record_id)))
    return [_by_id(place, target, found, known) for target, found in ids.items()] + asked


def _targets(place: Subject, known: CompileContext) -> tuple[str, ...]:
    if place.attribute is not None:
        return known.targets(place.attribute)
    return known.parents() if place.slug == PARENT else ()


def _record(value: Any, targets: tuple[str, ...]) -> RecordRef | Ref:
    if isinstance(value, RecordRef | Ref):
        return value
    if isinstance(value, str) and value.strip().startswith(_WEB_APP):
        try:
            return RecordRef.from_url(value)
        except ValueError:
            raise CompileError(
                f"{show(value)} is not the web address of a record", f"give {_POSSIBLE}"
            ) from None
    if isinstance(value, UUID) or (isinstance(value, str) and is_uuid(value)):
        if len(targets) == 1:
            return RecordRef(targets[0], str(value))
        raise CompileError(
            f"{show(value)} does not say which object it is of", f"give RecordRef(object, {str(value)!r})"
        )
    if isinstance(value, str):
        raise CompileError(
            f"{show(value)} does not say which record it is",
            f"give {_POSSIBLE}, or compare an attribute of the record: .via('companies').domains == 'acme.com'",
        )
    raise wrong_type(value, _POSSIBLE)


def _checked_id(record_id: str) -> str:
    if not is_uuid(record_id):
        raise CompileError(f"{show(record_id)} is not the id of a record, which is a UUID")
    return record_id


def _by_id(
    place: Subject, target: str, ids: list[str], known: CompileContext
) -> tuple[Subject, dict[str, Any]]:
    asked: Any = {"$in": ids} if len(ids) > 1 else ids[0]
    if place.slug != PARENT:
        return place, {"target_object": target, "target_record_id": asked}
    # A parent is reached by a path only, so it is asked for the id it has itself.
    inner = _behind(place, target, "record_id", known)
    return inner, {"value": asked if len(ids) > 1 else {"$eq": asked}}


def _by_attribute(place: Subject, ref: Ref, known: CompileContext) -> tuple[Subject, dict[str, Any]]:
    inner = _behind(place, ref.object, cast("str", ref.attribute), known)
    name = (inner.rules.default if inner.rules is not None else None) or ""
    return inner, {name: {"$eq": coerced(ref.value, "$eq", name, inner, known)}}


def _behind(place: Subject, target: str, name: str, known: CompileContext) -> Subject:
    """The attribute of the records that the reference leads to."""
    steps = (place.slug, Via(target), name)
    if not place.path:
        return resolve(steps, known)
    # From the reference on it is a path of its own, which continues the one that led there.
    owner = place.path[-1][0]
    inner = resolve(steps, attrs.evolve(known, source=owner, schema=known.schema_for(owner)))
    return inner._replace(path=(*place.path[:-1], *inner.path))


def actor(place: Subject, operator: str, value: Any, known: CompileContext) -> Asked:
    """What comparing an actor reference with actors asks.

    Raises:
        Refused, UnknownName: It cannot be compared so, or there is no such member.
    """
    if operator not in {"$eq", "$in"}:
        raise CompileError(f"{place.slug} refers to actors, which are compared with ==, != and in_()")
    given = cast("Iterable[Any]", value if operator == "$in" else (value,))
    return [(place, _actor(each, known)) for each in given]


def _actor(value: Any, known: CompileContext) -> dict[str, Any]:
    if not isinstance(value, ActorRef):
        return {
            "referenced_actor_type": "workspace-member",
            "referenced_actor_id": member_id(value, known.members),
        }
    if value.type is None:
        raise CompileError(
            "an actor without a type cannot be looked for", "give ActorRef('workspace-member', id)"
        )
    if value.id is None:
        return {"referenced_actor_type": value.type}
    return {"referenced_actor_type": value.type, "referenced_actor_id": value.id}
