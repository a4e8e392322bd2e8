"""Activities, such as calls and meetings of one's own kind, and their records. All of it is alpha."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal

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
from attio_async_api.operations import (
    ASSERT_ACTIVITY_RECORD,
    CREATE_ACTIVITY,
    CREATE_ACTIVITY_RECORD,
    DELETE_ACTIVITY,
    DELETE_ACTIVITY_RECORD,
    GET_ACTIVITY,
    GET_ACTIVITY_RECORD,
    LIST_ACTIVITIES,
    OVERWRITE_ACTIVITY_RECORD,
    QUERY_ACTIVITY_RECORDS,
    UPDATE_ACTIVITY,
    UPDATE_ACTIVITY_RECORD,
)
from attio_async_api.types import UNSET, Unset

from .._pagination.paginator import Paginator
from .._records.models import (
    ActivityRecord,
    decode_many,
    decode_one,
    record_id,
)
from .._workspace.arguments import change, slug_or_id
from .._workspace.encode import reject_empty
from .._workspace.list_page import paginate
from .._workspace.session import Session, list_reader
from ..errors import ConfigurationError
from ..values import coerce_values


class ActivityRecords:
    """The records of one activity. Making one sends nothing.

    The API does not describe the attributes of activities, so values are put into Attio's shape by their Python
    type, under the slugs they are given with.
    """

    def __init__(self, session: Session, activity: str) -> None:
        self._session = session
        self.name = activity

    def __repr__(self) -> str:
        return f"<ActivityRecords of {self.name}>"

    def query(
        self,
        filter: Mapping[str, Any] | None = None,
        *,
        sorts: Sequence[Mapping[str, Any]] = (),
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[ActivityRecord]:
        """The matching records, all of them when there is no filter. Sends nothing before it is used.

        Args:
            filter: A dict in Attio's own form.
            sorts: Dicts in Attio's own form.
            limit: The most results; by default all.
            page_size: How many a page holds, 1 to 500; by default 500.

        Raises:
            BadRequest: The filter or a sort is wrong.
            NotFound: There is no such activity.

        Attio: POST /v2/activities/{activity}/records/query (alpha), read, retried, activity_record:read, activity_configuration:read
        """
        asked = {name: part for name, part in (("filter", filter), ("sorts", [*sorts])) if part}

        def build(**position: Any) -> Mapping[str, Any]:
            return query_activity_records.build_request(self.name, body={**asked, **position})

        def read(body: bytes) -> list[ActivityRecord]:
            return decode_many(body, ActivityRecord)

        return paginate(self._session, QUERY_ACTIVITY_RECORDS, build, read, limit=limit, page_size=page_size)

    async def first(
        self, filter: Mapping[str, Any] | None = None, *, sorts: Sequence[Mapping[str, Any]] = ()
    ) -> ActivityRecord | None:
        """The first matching record; None when there is none. One request.

        Attio: POST /v2/activities/{activity}/records/query (alpha), read, retried, activity_record:read, activity_configuration:read
        """
        return await self.query(filter, sorts=sorts, limit=1, page_size=1).first()

    async def get(self, record: object) -> ActivityRecord:
        """One record.

        Raises:
            NotFound: There is no such record.

        Attio: GET /v2/activities/{activity}/records/{record_id} (alpha), read, retried, activity_record:read, activity_configuration:read
        """
        built = get_activity_record.build_request(self.name, record_id(record))
        return await self._session.call(GET_ACTIVITY_RECORD, built, _read)

    async def create(self, values: Mapping[str, object], *, validate: bool = True) -> ActivityRecord:
        """The new record.

        Args:
            values: Attribute slugs to Python values.
            validate: False sends the values as they are.

        Raises:
            CoercionError: A value cannot be put into Attio's shape. Nothing was sent.
            OutcomeUnknown: The answer was lost; it was not sent again, since that could create it twice.

        Attio: POST /v2/activities/{activity}/records (alpha), write, not repeated, activity_record:read-write, activity_configuration:read
        """
        built = create_activity_record.build_request(self.name, body=_body(values, validate))
        return await self._session.call(CREATE_ACTIVITY_RECORD, built, _read)

    async def upsert(
        self, values: Mapping[str, object], *, match: str, validate: bool = True
    ) -> ActivityRecord:
        """The record whose `match` attribute has this value: updated, or created when there is none.

        Args:
            values: Attribute slugs to Python values; `match` is among them.
            match: Slug or id of a unique attribute.
            validate: False sends the values as they are.

        Raises:
            CoercionError: A value cannot be put into Attio's shape. Nothing was sent.
            ConfigurationError: `match` has no value. Nothing was sent.
            BadRequest: `match` is not unique. Nothing was written.
            MultipleMatches: More than one record matches. Nothing was written.

        Attio: PUT /v2/activities/{activity}/records (alpha), write, retried, activity_record:read-write, activity_configuration:read
        """
        if match not in values:
            raise ConfigurationError(f"{match!r} has no value, so there is nothing to match on")
        body = _body(values, validate)
        built = assert_activity_record.build_request(self.name, matching_attribute=match, body=body)
        return await self._session.call(ASSERT_ACTIVITY_RECORD, built, _read)

    async def update(
        self,
        record: object,
        values: Mapping[str, object],
        *,
        multiselect: Literal["append", "overwrite"] = "append",
        validate: bool = True,
    ) -> ActivityRecord:
        """The record with these values set. Attributes that are not named keep theirs.

        Args:
            record: Which one.
            values: Attribute slugs to Python values. An empty list clears, with ``multiselect="overwrite"`` only.
            multiselect: Whether values of multiselect attributes are added to those there ("append"), or take
                their place ("overwrite").
            validate: False sends the values as they are.

        Raises:
            CoercionError: A value cannot be put into Attio's shape. Nothing was sent.
            NotFound: There is no such record.
            OutcomeUnknown: The answer to an "append" was lost; repeating it could add values twice.

        To append:
        Attio: PATCH /v2/activities/{activity}/records/{record_id} (alpha), write, not repeated, activity_record:read-write, activity_configuration:read
        To overwrite:
        Attio: PUT /v2/activities/{activity}/records/{record_id} (alpha), write, retried, activity_record:read-write, activity_configuration:read
        """
        target, body = record_id(record), _body(values, validate)
        if multiselect == "overwrite":
            built = overwrite_activity_record.build_request(self.name, target, body=body)
            return await self._session.call(OVERWRITE_ACTIVITY_RECORD, built, _read)
        if multiselect != "append":
            raise ConfigurationError(f"multiselect is 'append' or 'overwrite', not {multiselect!r}")
        if validate:
            reject_empty(body["values"])
        built = update_activity_record.build_request(self.name, target, body=body)
        return await self._session.call(UPDATE_ACTIVITY_RECORD, built, _read)

    async def delete(self, record: object) -> None:
        """Delete a record, for good.

        Raises:
            NotFound: There is no such record.

        Attio: DELETE /v2/activities/{activity}/records/{record_id} (alpha), write, retried, activity_record:read-write, activity_configuration:read
        """
        built = delete_activity_record.build_request(self.name, record_id(record))
        await self._session.done(DELETE_ACTIVITY_RECORD, built)


def _read(body: bytes) -> ActivityRecord:
    return decode_one(body, ActivityRecord)


def _body(values: Mapping[str, object], validate: bool) -> dict[str, Any]:  # noqa: FBT001 - the caller's own flag
    return {"values": coerce_values(values, None) if validate else dict(values)}


class Activities:
    """The activities of the workspace. An activity may be named by slug or id, or be one that was read."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def records(self, activity: str | Activity) -> ActivityRecords:
        """The records of an activity. Sends nothing."""
        return ActivityRecords(self._session, slug_or_id(activity, "activity"))

    def list(self, *, limit: int | None = None, page_size: int | None = None) -> Paginator[Activity]:
        """All activities, Attio's own and custom ones.

        Args:
            limit: The most results; by default all.
            page_size: How many a page holds, 1 to 1,000; by default 1,000.

        Attio: GET /v2/activities (alpha), read, retried, activity_configuration:read
        """
        read = list_reader(Activity.from_dict)
        return paginate(
            self._session,
            LIST_ACTIVITIES,
            partial(list_activities.build_request),
            read,
            limit=limit,
            page_size=page_size,
        )

    async def get(self, activity: str | Activity) -> Activity:
        """One activity.

        Raises:
            NotFound: There is no such activity.

        Attio: GET /v2/activities/{activity} (alpha), read, retried, activity_configuration:read
        """
        built = get_activity.build_request(slug_or_id(activity, "activity"))
        return await self._session.one(GET_ACTIVITY, built, Activity.from_dict)

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
        return await self._session.one(CREATE_ACTIVITY, built, Activity.from_dict)

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
        return await self._session.one(UPDATE_ACTIVITY, built, Activity.from_dict)

    async def delete(self, activity: str | Activity) -> None:
        """Delete an activity together with all its records, for good.

        Raises:
            NotFound: There is no such activity.

        Attio: DELETE /v2/activities/{activity} (alpha), write, retried, activity_configuration:read-write, activity_record:read-write
        """
        built = delete_activity.build_request(slug_or_id(activity, "activity"))
        await self._session.done(DELETE_ACTIVITY, built)
