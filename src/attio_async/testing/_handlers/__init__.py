"""The handlers of the operations, one module per area of the API: importing a module registers its handlers."""

from . import activities as activities
from . import attributes as attributes
from . import call_recordings as call_recordings
from . import comments as comments
from . import emails as emails
from . import entries as entries
from . import files as files
from . import lists as lists
from . import meetings as meetings
from . import notes as notes
from . import objects as objects
from . import records as records
from . import saved_views as saved_views
from . import search as search
from . import tasks as tasks
from . import webhooks as webhooks
from . import workspace_members as workspace_members
from .call import HANDLERS as HANDLERS
