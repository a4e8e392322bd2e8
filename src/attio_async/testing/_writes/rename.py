"""Changes of objects and attributes that reach into values: other slugs, another currency."""

import attrs

from .._schema import FakeAttribute, FakeRecord, Kind, ObjectType
from .._workspace.workspace import Workspace


def rename_attribute(workspace: Workspace, kind: Kind, attribute: FakeAttribute, slug: str) -> None:
    """Give an attribute another slug, everywhere. Call it with the same slug when the attribute becomes unique."""
    old, attribute.slug = attribute.slug, slug
    if old != slug:
        kind.attributes = {each.slug: each for each in kind.attributes.values()}
        for row in workspace.records(kind):
            for values in (row.values, row.history):
                if old in values:
                    values[slug] = values.pop(old)
        for each in _attributes(workspace) if isinstance(kind, ObjectType) else ():
            if each.inverse == (kind.slug, old):
                each.inverse = (kind.slug, slug)
    workspace.reindex()


def change_currency(workspace: Workspace, kind: Kind, attribute: FakeAttribute) -> None:
    """Give all values of a currency attribute its new currency."""
    for row in workspace.records(kind):
        for values in (row.values, row.history):
            for value in values.get(attribute.slug, ()):
                value["currency_code"] = attribute.currency_code


def rename_object(workspace: Workspace, kind: ObjectType, slug: str) -> None:
    """Give an object another slug, everywhere."""
    old, kind.slug = kind.slug, slug
    if old == slug:
        return
    data = workspace.data
    data.objects = {each.slug: each for each in data.objects.values()}
    for attribute in _attributes(workspace):
        if attribute.allowed_objects:
            attribute.allowed_objects = [slug if name == old else name for name in attribute.allowed_objects]
        if attribute.inverse and attribute.inverse[0] == old:
            attribute.inverse = (slug, attribute.inverse[1])
        for fields in attribute.default.values if attribute.default else ():
            if fields.get("target_object") == old:
                fields["target_object"] = slug
    for each in data.lists.values():
        if each.parent_object == old:
            each.parent_object = slug
    for row in (row for table in data.rows.values() for row in table.values()):
        _rename_target(row, old, slug)
    workspace.reindex()


def _rename_target(row: FakeRecord, old: str, slug: str) -> None:
    if row.parent is not None and row.parent.object == old:
        row.parent = attrs.evolve(row.parent, object=slug)
    for table in (row.values, row.history):
        for values in table.values():
            for value in values:
                if value.get("target_object") == old:
                    value["target_object"] = slug


def _attributes(workspace: Workspace) -> list[FakeAttribute]:
    return [attribute for kind in workspace.kinds() for attribute in kind.attributes.values()]
