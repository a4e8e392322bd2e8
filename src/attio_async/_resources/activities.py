"""Activities, such as calls and custom kinds of them, and their records. Beta in the API."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from attio_async_api.api.activities import (
    assert_activity_record,
    create_activity,
    create_activity_record,
    delete_activity,
    delete_activity_record,
    get_activity,
    get_activity_record,
    list_activities,
    overwrite_activity_record,
    query_activity_records,
    update_activity,
    update_activity_record,
)
from attio_async_api.models.activity import Activity
from attio_async_api.models.create_activity import CreateActivity
from attio_async_api.models.create_activity_extends import CreateActivityExtends
from attio_async_api.models.update_activity import UpdateActivity
from attio_async_api.types import UNSET, Unset

from .._pagination.paginator import Paginator
from .._records.models import ActivityRecord, record_id
from .._utils.public import public
from .._workspace.arguments import as_list, slug_or_id
from .._workspace.collection import Collection
from .._workspace.rows import MAX_PAGE_SIZE, Multiselect, Nulls, RowKind, Rows
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session

_ACTIVITY_RECORDS = RowKind(
    target="objects",  # never looked up: activities have no schema
    plural="records",
    type=ActivityRecord,
    id_slug="record_id",
    id_of=record_id,
    values_key="values",
    query=query_activity_records,
    get=get_activity_record,
    create=create_activity_record,
    upsert=assert_activity_record,
    update=update_activity_record,
    overwrite=overwrite_activity_record,
    delete=delete_activity_record,
)


@public
class ActivityRecords:
    """The records of one activity. Making one sends nothing.

    The API does not describe the attributes of activities. So values are encoded by their Python type, and attributes
    are given by slug or id.
    """

    def __init__(self, session: Session, schemas: SchemaCache, activity: object) -> None:
        self.name: str = slug_or_id(activity, "an activity")
        self._rows = Rows(session, schemas.without_attributes(), self.name, _ACTIVITY_RECORDS)

    def __repr__(self) -> str:
        return f"<ActivityRecords of {self.name}>"

    def query(
        self,
        filter: Mapping[str, Any] | None = None,
        *,
        sorts: Iterable[Mapping[str, Any]] = (),
        limit: int | None = None,
        page_size: int = MAX_PAGE_SIZE,
    ) -> Paginator[ActivityRecord]:
        """Find the matching records; without a filter, all of them. Sends nothing until it is used.

        Args:
            filter: A dict in Attio's own form.
            sorts: Dicts in Attio's own form.
            limit: The most records to return; all by default.
            page_size: Records per page, 1 to 500.

        Raises:
            BadRequest: The API rejected the filter or a sort.
            NotFound: The activity is unknown.

        Attio: POST /v2/activities/{activity}/records/query (beta), read, retried, activity_record:read, activity_configuration:read, object_configuration:read, record_permission:read
        """
        return self._rows.query(filter, sorts=as_list(sorts, "sorts"), limit=limit, page_size=page_size)

    async def first(
        self, filter: Mapping[str, Any] | None = None, *, sorts: Iterable[Mapping[str, Any]] = ()
    ) -> ActivityRecord | None:
        """Return the first matching record; None if nothing matches. One request.

        Attio: POST /v2/activities/{activity}/records/query (beta), read, retried, activity_record:read, activity_configuration:read, object_configuration:read, record_permission:read
        """
        return await self._rows.first(filter, as_list(sorts, "sorts"))

    async def get(self, record: object) -> ActivityRecord:
        """Return one record.

        Raises:
            NotFound: The record does not exist.

        Attio: GET /v2/activities/{activity}/records/{record_id} (beta), read, retried, activity_record:read, activity_configuration:read, object_configuration:read, record_permission:read
        """
        return await self._rows.get(record)

    async def create(self, values: Mapping[str, object], *, validate: bool = True) -> ActivityRecord:
        """Create a record, and return it.

        Args:
            values: Attribute slugs to Python values.
            validate: False sends the values as they are.

        Raises:
            CoercionError: A value cannot be encoded. Nothing was sent.
            OutcomeUnknown: The response was lost. It was not sent again, since that could create the record twice.

        Attio: POST /v2/activities/{activity}/records (beta), write, not repeated, activity_record:read-write, activity_configuration:read, object_configuration:read, record_permission:read
        """
        return await self._rows.create(values, validate=validate)

    async def upsert(
        self, values: Mapping[str, object], *, match: str, validate: bool = True, nulls: Nulls = "clear"
    ) -> ActivityRecord:
        """Update the record that has this value of `match`, or create one; return it.

        Args:
            values: Attribute slugs to Python values, with a value for `match`.
            match: Slug or id of a unique attribute.
            validate: False sends the values as they are.
            nulls: "clear" removes all values of an attribute that is given None, "skip" leaves it alone.

        Raises:
            CoercionError: A value cannot be encoded, or `match` has no value. Nothing was sent.
            BadRequest: `match` is not unique. Nothing was written.
            MultipleMatches: More than one record matches. Nothing was written.

        Attio: PUT /v2/activities/{activity}/records (beta), write, retried, activity_record:read-write, activity_configuration:read, object_configuration:read, record_permission:read
        """
        return await self._rows.upsert(values, match=match, validate=validate, nulls=nulls)

    async def update(
        self,
        record: object,
        values: Mapping[str, object],
        *,
        multiselect: Multiselect = "append",
        validate: bool = True,
        nulls: Nulls = "clear",
    ) -> ActivityRecord:
        """Set these values of a record, and return it. Attributes that are not named keep theirs.

        Args:
            record: The record.
            values: Attribute slugs to Python values. None clears.
            multiselect: "append" adds values to multiselect attributes, "overwrite" replaces theirs.
            validate: False sends the values as they are.
            nulls: "clear" removes all values of an attribute that is given None, "skip" leaves it alone.

        Raises:
            CoercionError: A value cannot be encoded. Nothing was sent.
            NotFound: The record does not exist.
            OutcomeUnknown: The response to an "append" was lost; sending it again could add values twice.

        To append:
        Attio: PATCH /v2/activities/{activity}/records/{record_id} (beta), write, not repeated, activity_record:read-write, activity_configuration:read, object_configuration:read, record_permission:read
        To overwrite:
        Attio: PUT /v2/activities/{activity}/records/{record_id} (beta), write, retried, activity_record:read-write, activity_configuration:read, object_configuration:read, record_permission:read
        """
        return await self._rows.update(
            record, values, multiselect=multiselect, validate=validate, nulls=nulls
        )

    async def delete(self, record: object) -> None:
        """Delete a record for good.

        Raises:
            NotFound: The record does not exist.

        Attio: DELETE /v2/activities/{activity}/records/{record_id} (beta), write, retried, activity_record:read-write, activity_configuration:read, object_configuration:read, record_permission:read
        """
        await self._rows.delete(record)


@public
class Activities:
    """The activities of the workspace. Give an activity by slug, id, or as the `Activity` that the API returned."""

    def __init__(self, session: Session, schemas: SchemaCache) -> None:
        self._schemas = schemas
        self._activities = Collection(
            session=session, parse=Activity.from_dict, id_of=partial(slug_or_id, what="an activity")
        )

    def records(self, activity: str | Activity) -> ActivityRecords:
        """Return the records of an activity. Sends nothing."""
        return ActivityRecords(self._activities.session, self._schemas, activity)

    def list(self, *, limit: int | None = None, page_size: int | None = None) -> Paginator[Activity]:
        """List all activities, system and custom ones.

        Args:
            limit: The most activities to return; all by default.
            page_size: Activities per page, 1 to 1,000.

        Attio: GET /v2/activities (beta), read, retried, activity_configuration:read
        """
        return self._activities.list(list_activities, limit=limit, page_size=page_size)

    async def get(self, activity: str | Activity) -> Activity:
        """Return one activity.

        Raises:
            NotFound: The activity does not exist.

        Attio: GET /v2/activities/{activity} (beta), read, retried, activity_configuration:read
        """
        return await self._activities.get(get_activity, activity)

    async def create(
        self, api_slug: str, *, singular_noun: str, plural_noun: str, extends: CreateActivityExtends
    ) -> Activity:
        """Create an activity, and return it.

        Args:
            api_slug: The name in code.
            singular_noun: The name of one record in the app.
            plural_noun: The name of several.
            extends: The kind that it belongs to: "activities", "interactions", "calls" or "emails".

        Raises:
            Conflict: The slug is taken. Nothing was written.
            OutcomeUnknown: The response was lost. It was not sent again.

        Attio: POST /v2/activities (beta), write, not repeated, activity_configuration:read-write
        """
        body = CreateActivity(
            api_slug=api_slug, singular_noun=singular_noun, plural_noun=plural_noun, extends=extends
        )
        return await self._activities.create(create_activity, body)

    async def update(
        self,
        activity: str | Activity,
        *,
        api_slug: str | Unset = UNSET,
        singular_noun: str | Unset = UNSET,
        plural_noun: str | Unset = UNSET,
    ) -> Activity:
        """Change the slug or nouns of an activity, and return it. What is not given stays as it is.

        Raises:
            ConfigurationError: Nothing to change was given. Nothing was sent.
            NotFound: The activity does not exist.
            Conflict: The slug is taken. Nothing was written.

        Attio: PATCH /v2/activities/{activity} (beta), write, retried, activity_configuration:read-write
        """
        body = UpdateActivity(api_slug=api_slug, singular_noun=singular_noun, plural_noun=plural_noun)
        return await self._activities.update(update_activity, activity, body)

    async def delete(self, activity: str | Activity) -> None:
        """Delete an activity and all its records for good.

        Raises:
            NotFound: The activity does not exist.

        Attio: DELETE /v2/activities/{activity} (beta), write, retried, activity_configuration:read-write, activity_record:read-write
        """
        await self._activities.delete(delete_activity, activity)
