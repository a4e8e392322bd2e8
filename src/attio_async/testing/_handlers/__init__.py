"""The handlers of the operations, one module per area of the API: importing a module registers its handlers."""

from . import (
    activities as activities,
    attributes as attributes,
    comments as comments,
    emails as emails,
    entries as entries,
    files as files,
    lists as lists,
    meetings as meetings,
    notes as notes,
    objects as objects,
    records as records,
    search as search,
    tasks as tasks,
    webhooks as webhooks,
    workspace_members as workspace_members,
)
from .call import HANDLERS as HANDLERS
