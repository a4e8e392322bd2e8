"""Keeps both ends of a relationship alike, and gives people the company that their e-mail address names."""

import attrs

from .._events.publish import report_row
from .._schema import (
    FakeAttribute,
    FakeRecord,
    Kind,
    ObjectType,
    Parent,
    Value,
)
from .._values.contacts import FREEMAIL
from .._workspace.ids import SYSTEM, Stamp
from .._workspace.workspace import Workspace
from .cascade import part_with


@attrs.frozen
class OtherEnd:
    """The attribute that a relationship makes on the object at its other end."""

    object: ObjectType
    title: str
    slug: str
    is_multiselect: bool


def relate(workspace: Workspace, kind: Kind, attribute: FakeAttribute, other: OtherEnd) -> FakeAttribute:
    """The attribute at the other end, which is still to be added to its object; both know of each other."""
    attribute.allowed_objects, attribute.inverse = [other.object.slug], (other.object.slug, other.slug)
    return FakeAttribute(
        id=workspace.new_id(),
        slug=other.slug,
        title=other.title,
        type=attribute.type,
        created_at=attribute.created_at,
        is_multiselect=other.is_multiselect,
        allowed_objects=[kind.slug],
        inverse=(kind.slug, attribute.slug),
    )


def follow(
    workspace: Workspace, record: FakeRecord, attribute: FakeAttribute, before: list[Value], stamp: Stamp
) -> None:
    """Update the other ends after the references of `record` changed from `before` to what they are now."""
    if attribute.inverse is None:
        return
    was = {value["target_record_id"] for value in before}
    is_now = [value["target_record_id"] for value in record.values.get(attribute.slug, ())]
    target_slug, inverse_slug = attribute.inverse
    kind = workspace.data.objects[target_slug]
    inverse = kind.attributes[inverse_slug]
    for target_id in was.difference(is_now):
        target = workspace.record(kind, target_id)
        if target is not None:
            unlink(workspace, target, inverse, record.id, stamp)
    for target_id in is_now:
        if target_id not in was:
            _link(workspace, workspace.data.rows[kind.id][target_id], inverse, record, stamp)


def forget(workspace: Workspace, record: FakeRecord, stamp: Stamp) -> None:
    """Delete a record or entry, every reference to it, the entries that are about it and whatever else is."""
    for entry in workspace.entries_about(record.id):
        forget(workspace, entry, stamp)
    part_with(workspace, record, stamp)
    attributes = workspace.kind_of(record).attributes
    for slug in list(record.values):
        workspace.set_values(record, attributes[slug], [], stamp.now)
    for referrer, attribute in workspace.referrers(record.id):
        unlink(workspace, referrer, attribute, record.id, stamp)
    workspace.remove_record(record)
    report_row(workspace, record, "deleted", stamp)


def link_company(workspace: Workspace, person: FakeRecord, stamp: Stamp) -> None:
    """Give a person without a company the one of their e-mail domain, made if need be; freemail says nothing."""
    emails = [v for v in person.values.get("email_addresses", ()) if v["email_root_domain"] not in FREEMAIL]
    if not emails or person.values.get("company"):
        return
    people, companies = workspace.data.objects["people"], workspace.data.objects["companies"]
    domains = companies.attributes["domains"]
    names = (emails[0]["email_domain"], emails[0]["email_root_domain"])
    found = [company for name in names for company in workspace.holders(companies, domains, name)]
    system = Stamp(stamp.now, SYSTEM)
    if found:
        company = found[0]
    else:
        company = new_record(workspace, companies, system)
        fields = {"domain": names[1], "root_domain": names[1]}
        workspace.set_values(company, domains, [system.value(domains, fields)], stamp.now)
        report_row(workspace, company, "created", system)
    attribute = people.attributes["company"]
    value = system.value(attribute, {"target_object": "companies", "target_record_id": company.id})
    workspace.set_values(person, attribute, [value], stamp.now)
    report_row(workspace, person, "updated", system, attribute)
    follow(workspace, person, attribute, [], system)


def new_record(workspace: Workspace, kind: Kind, stamp: Stamp, parent: Parent | None = None) -> FakeRecord:
    """A record or entry with only what the system writes: its id, when it was made and by whom."""
    record = workspace.add_record(kind, stamp.now, parent)
    actor = {"referenced_actor_type": stamp.actor["type"], "referenced_actor_id": stamp.actor["id"]}
    for slug, fields in (
        ("record_id" if parent is None else "entry_id", {"value": record.id}),
        ("created_at", {"value": stamp.now}),
        ("created_by", actor),
    ):
        attribute = kind.attributes[slug]
        workspace.set_values(record, attribute, [stamp.value(attribute, fields)], stamp.now)
    return record


def unlink(
    workspace: Workspace, record: FakeRecord, attribute: FakeAttribute, target_id: str, stamp: Stamp
) -> None:
    """Take one target out of a reference; nothing happens where it is not there."""
    values = record.values.get(attribute.slug, [])
    kept = [value for value in values if value["target_record_id"] != target_id]
    if len(kept) == len(values):
        return
    workspace.set_values(record, attribute, kept, stamp.now)
    report_row(workspace, record, "updated", stamp, attribute)


def _link(
    workspace: Workspace, record: FakeRecord, attribute: FakeAttribute, target: FakeRecord, stamp: Stamp
) -> None:
    """Refer from `record` to `target`; a single-value attribute lets go of what it referred to, at both ends."""
    kind = workspace.kind_of(target)
    if any(value["target_record_id"] == target.id for value in record.values.get(attribute.slug, ())):
        return
    value = stamp.value(attribute, {"target_object": kind.slug, "target_record_id": target.id})
    if attribute.is_multiselect:
        workspace.add_value(record, attribute, value)
        report_row(workspace, record, "updated", stamp, attribute)
        return
    forward = kind.attributes[_slug_of_inverse(attribute)]
    for old in record.values.get(attribute.slug, []):
        other = workspace.record(kind, old["target_record_id"])
        if other is not None:
            unlink(workspace, other, forward, record.id, stamp)
    workspace.set_values(record, attribute, [value], stamp.now)
    report_row(workspace, record, "updated", stamp, attribute)


def _slug_of_inverse(attribute: FakeAttribute) -> str:
    if attribute.inverse is None:
        raise LookupError(f"{attribute.slug} is no relationship")
    return attribute.inverse[1]
