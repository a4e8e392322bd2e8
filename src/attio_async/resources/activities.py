"""Activities, such as calls and meetings of one's own kind, and their records. All of it is alpha."""

from functools import partial

from attio_async_api.api.activities import (
    create_activity,
    delete_activity,
    get_activity,
    list_activities,
    update_activity,
)
from attio_async_api.models.activity import Activity
from attio_async_api.models.create_activity import CreateActivity
from attio_async_api.models.create_activity_extends import CreateActivityExtends
from attio_async_api.models.update_activity import UpdateActivity
from attio_async_api.operations import (
    CREATE_ACTIVITY,
    DELETE_ACTIVITY,
    GET_ACTIVITY,
    LIST_ACTIVITIES,
    UPDATE_ACTIVITY,
)
from attio_async_api.types import UNSET, Unset

from .._core.paging import Paginator
from ._arguments import change, slug_or_id
from ._base import Wire, items
from ._paged import paged
from .activity_records import ActivityRecords

__all__ = ["Activities", "Activity"]


class Activities:
    """The activities of the workspace. An activity may be named by slug or id, or be one that was read."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def records(self, activity: str | Activity) -> ActivityRecords:
        """The records of an activity. Sends nothing."""
        return ActivityRecords(self._wire, slug_or_id(activity, "activity"))

    def list(self, *, limit: int | None = None) -> Paginator[Activity]:
        """All activities, Attio's own and custom ones.

        Args:
            limit: How many a page holds, 1 to 1,000; by default 1,000.

        Attio: GET /v2/activities (alpha), read, retried, activity_configuration:read
        """
        read = items(Activity.from_dict)
        return paged(self._wire, LIST_ACTIVITIES, partial(list_activities.build_request), read, limit=limit)

    async def get(self, activity: str | Activity) -> Activity:
        """One activity.

        Raises:
            NotFound: There is no such activity.

        Attio: GET /v2/activities/{activity} (alpha), read, retried, activity_configuration:read
        """
        built = get_activity.build_request(slug_or_id(activity, "activity"))
        return await self._wire.one(GET_ACTIVITY, built, Activity.from_dict)

    async def create(
        self, api_slug: str, *, singular_noun: str, plural_noun: str, extends: CreateActivityExtends
    ) -> Activity:
        """The new activity.

        Args:
            api_slug: What it is called in code.
            singular_noun: What one is called in the app.
            plural_noun: What many are called.
            extends: What it is a kind of: "activities", "interactions", "calls" or "emails".

        Raises:
            Conflict: The slug is taken. Nothing was written.
            OutcomeUnknown: The answer was lost; it was not sent again.

        Attio: POST /v2/activities (alpha), write, not repeated, activity_configuration:read-write
        """
        body = CreateActivity(
            api_slug=api_slug, singular_noun=singular_noun, plural_noun=plural_noun, extends=extends
        )
        built = create_activity.build_request(body=body)
        return await self._wire.one(CREATE_ACTIVITY, built, Activity.from_dict)

    async def update(
        self,
        activity: str | Activity,
        *,
        api_slug: str | Unset = UNSET,
        singular_noun: str | Unset = UNSET,
        plural_noun: str | Unset = UNSET,
    ) -> Activity:
        """The activity with another slug or other nouns; what is not given stays.

        Raises:
            ConfigurationError: Nothing to change was given. Nothing was sent.
            NotFound: There is no such activity.
            Conflict: The slug is taken. Nothing was written.

        Attio: PATCH /v2/activities/{activity} (alpha), write, retried, activity_configuration:read-write
        """
        body = UpdateActivity(api_slug=api_slug, singular_noun=singular_noun, plural_noun=plural_noun)
        built = update_activity.build_request(slug_or_id(activity, "activity"), body=change(body.to_dict()))
        return await self._wire.one(UPDATE_ACTIVITY, built, Activity.from_dict)

    async def delete(self, activity: str | Activity) -> None:
        """Delete an activity together with all its records, for good.

        Raises:
            NotFound: There is no such activity.

        Attio: DELETE /v2/activities/{activity} (alpha), write, retried, activity_configuration:read-write, activity_record:read-write
        """
        built = delete_activity.build_request(slug_or_id(activity, "activity"))
        await self._wire.done(DELETE_ACTIVITY, built)
