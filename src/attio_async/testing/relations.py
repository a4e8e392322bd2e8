"""Making relationships: two attributes, each the other end of the other."""

import attrs

from .schema import Attribute, Kind, ObjectType
from .state import Workspace


@attrs.frozen
class OtherEnd:
    """The attribute that a relationship makes on the object at its other end."""

    object: ObjectType
    title: str
    slug: str
    is_multiselect: bool


def relate(workspace: Workspace, kind: Kind, attribute: Attribute, other: OtherEnd) -> Attribute:
    """The attribute at the other end, which is still to be added to its object; both know of each other."""
    attribute.allowed_objects, attribute.inverse = [other.object.slug], (other.object.slug, other.slug)
    return Attribute(
        id=workspace.new_id(),
        slug=other.slug,
        title=other.title,
        type=attribute.type,
        created_at=attribute.created_at,
        is_multiselect=other.is_multiselect,
        allowed_objects=[kind.slug],
        inverse=(kind.slug, attribute.slug),
    )
