"""All that has to be kept to build the same workspace again."""

import attrs

from .schema import ActivityType, ListType, Member, ObjectType, Record
from .things import Things


@attrs.define(kw_only=True)
class WorkspaceData:
    """All that has to be kept to build the same workspace again."""

    seed: int
    ids_made: int
    id: str
    name: str
    slug: str
    token_id: str
    created_at: str
    members: list[Member]
    objects: dict[str, ObjectType]
    """By slug."""
    lists: dict[str, ListType]
    """By id."""
    rows: dict[str, dict[str, Record]]
    """Records and entries by id, under the id of their object, list or activity."""
    things: Things = attrs.field(factory=Things)
    """Notes, tasks and whatever else there is besides records and entries."""
    merge_seconds: float = 0.0
    """How long merges take; those that take no time are done at once."""
    merging: dict[str, str] = attrs.field(factory=dict[str, str])
    """Until when merges are being applied, by the ids of the records that they concern."""
    activities: dict[str, ActivityType] = attrs.field(factory=dict[str, ActivityType])
    """By slug."""
