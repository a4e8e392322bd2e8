"""Activities: what happens with people, such as calls. Their records are `activity_records`."""

from collections.abc import Mapping

from .._errors import (
    ApiProblem,
    invalid,
    invalid_body,
    invalid_parameters,
    not_found,
    slug_conflict,
)
from .._events.publish import report_activity
from .._request.validation import BodyField
from .._schema import ActivityType, FakeRecord
from .._workspace import views
from .._workspace.entity_views import activity_view
from .._writes.relationships import forget
from .._writes.writer import Merge, prepended, replaced
from .call import (
    Handlers,
    OperationCall,
    data,
    found,
    paged,
)

_DEFAULT_LIMIT = 100


_MOST = 1_000


_NAMED = {
    "api_slug": BodyField("string", shortest=1),
    "singular_noun": BodyField("string", shortest=1),
    "plural_noun": BodyField("string", shortest=1),
}


_NEW = {**_NAMED, "extends": BodyField("string", options=("activities", "interactions", "calls", "emails"))}


_CHANGED = {name: field.optional() for name, field in _NAMED.items()}


def _list_activities(call: OperationCall) -> object:
    page = call.request.cursor_page(_DEFAULT_LIMIT, _MOST)
    kinds, cursor = page.of(list(call.workspace.data.activities.values()))
    return paged([activity_view(call.workspace, kind) for kind in kinds], cursor)


def _create_activity(call: OperationCall) -> object:
    body = call.request.data(_NEW)
    _check_slug(call, body["api_slug"], None)
    kind = ActivityType(
        id=call.workspace.new_id(),
        slug=body["api_slug"],
        singular=body["singular_noun"],
        plural=body["plural_noun"],
        created_at=call.author.stamp.now,
        extends=body["extends"],
    )
    call.workspace.add_activity(kind)
    report_activity(call.workspace, kind, "created", call.author.stamp)
    return data(activity_view(call.workspace, kind))


def _get_activity(call: OperationCall) -> object:
    return data(activity_view(call.workspace, activity_of(call)))


def _update_activity(call: OperationCall) -> object:
    kind = activity_of(call)
    body = call.request.data(_CHANGED)
    if kind.extends is None:
        raise invalid_body(invalid(["data"], f'The activity with slug "{kind.slug}" cannot be changed'))
    slug = body.get("api_slug", kind.slug)
    _check_slug(call, slug, kind)
    activities = call.workspace.data.activities
    del activities[kind.slug]
    kind.slug = slug
    kind.singular = body.get("singular_noun", kind.singular)
    kind.plural = body.get("plural_noun", kind.plural)
    activities[slug] = kind
    report_activity(call.workspace, kind, "updated", call.author.stamp)
    return data(activity_view(call.workspace, kind))


def _delete_activity(call: OperationCall) -> object:
    kind = activity_of(call)
    if kind.extends is None:
        raise ApiProblem(
            400, "system_edit_unauthorized", f'The activity with slug "{kind.slug}" cannot be deleted.'
        )
    for record in list(call.workspace.records(kind)):
        forget(call.workspace, record, call.author.stamp)
    call.workspace.remove_kind(kind)
    report_activity(call.workspace, kind, "deleted", call.author.stamp)
    return {}


def activity_of(call: OperationCall) -> ActivityType:
    """The activity that the path names."""
    name = call.request.parameters["activity"]
    kind = call.workspace.activity_type(name)
    if kind is None:
        raise not_found(f'activity with slug/ID "{name}"')
    return kind


def _check_slug(call: OperationCall, slug: str, own: ActivityType | None) -> None:
    other = call.workspace.data.activities.get(slug)
    if other is not None and other is not own:
        raise slug_conflict(f'There is an activity with slug "{slug}" already.')


_VALUES = {"values": BodyField("object")}


def _query_activity_records(call: OperationCall) -> object:
    kind = activity_of(call)
    shown = [views.activity_record_view(call.workspace, kind, record) for record in found(call, kind)]
    return data(shown)


def _create_activity_record(call: OperationCall) -> object:
    kind = activity_of(call)
    return _shown(call, kind, call.writer(kind).create(_values(call)))


def _assert_activity_record(call: OperationCall) -> object:
    kind = activity_of(call)
    matching = call.request.query_values().get("matching_attribute")
    if not matching:
        raise invalid_parameters(invalid(["matching_attribute"], "Required"))
    return _shown(call, kind, call.writer(kind).assert_record(matching, _values(call)))


def _get_activity_record(call: OperationCall) -> object:
    kind = activity_of(call)
    return _shown(call, kind, _named(call, kind))


def _update_activity_record(call: OperationCall) -> object:
    return _merge(call, prepended)


def _overwrite_activity_record(call: OperationCall) -> object:
    return _merge(call, replaced)


def _merge(call: OperationCall, merge: Merge) -> object:
    kind = activity_of(call)
    record = _named(call, kind)
    return _shown(call, kind, call.writer(kind).update(record, _values(call), merge))


def _delete_activity_record(call: OperationCall) -> object:
    forget(call.workspace, _named(call, activity_of(call)), call.author.stamp)
    return {}


def _named(call: OperationCall, kind: ActivityType) -> FakeRecord:
    record_id = call.request.parameters["record_id"]
    record = call.workspace.record(kind, record_id)
    if record is None:
        raise not_found(f'record with ID "{record_id}" of activity "{kind.slug}"')
    return record


def _values(call: OperationCall) -> Mapping[str, object]:
    values: Mapping[str, object] = call.request.data(_VALUES)["values"]
    return values


def _shown(call: OperationCall, kind: ActivityType, record: FakeRecord) -> object:
    return data(views.activity_record_view(call.workspace, kind, record))


HANDLERS: Handlers = {
    "list_activities": _list_activities,
    "create_activity": _create_activity,
    "get_activity": _get_activity,
    "update_activity": _update_activity,
    "delete_activity": _delete_activity,
    "query_activity_records": _query_activity_records,
    "create_activity_record": _create_activity_record,
    "assert_activity_record": _assert_activity_record,
    "get_activity_record": _get_activity_record,
    "overwrite_activity_record": _overwrite_activity_record,
    "update_activity_record": _update_activity_record,
    "delete_activity_record": _delete_activity_record,
}
