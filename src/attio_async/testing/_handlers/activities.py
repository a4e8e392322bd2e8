"""Activities, such as calls, and their records."""

from functools import partial

from .._errors import invalid, invalid_body, protected
from .._events.publish import report_kind
from .._schema import ActivityType
from .._validation import BodyField, optional
from .._workspace.views import activity_view
from .._writes import cascade
from .._writes.writer import prepended, replaced
from .call import OperationCall, check_slug, operation, operations_on, paged, shown
from .records import assert_row, create_row, delete_row, get_row, query_rows, update_row

_NAMED = {
    "api_slug": BodyField("string", shortest=1),
    "singular_noun": BodyField("string", shortest=1),
    "plural_noun": BodyField("string", shortest=1),
}
_NEW = {**_NAMED, "extends": BodyField("string", options=("activities", "interactions", "calls", "emails"))}
_CHANGED = optional(_NAMED)

_show = shown(activity_view)


@operation
def list_activities(call: OperationCall) -> object:
    page = call.request.cursor_page(100, most=1_000)
    kinds, cursor = page.of(list(call.workspace.data.activities.values()))
    return paged([activity_view(call.workspace, kind) for kind in kinds], cursor)


@operation
def create_activity(call: OperationCall) -> object:
    body = call.request.data(_NEW)
    check_slug(call.workspace.data.activities.values(), body["api_slug"], None, "An activity")
    kind = ActivityType(
        id=call.workspace.new_id(),
        slug=body["api_slug"],
        singular=body["singular_noun"],
        plural=body["plural_noun"],
        created_at=call.stamp.now,
        extends=body["extends"],
    )
    call.workspace.add_activity(kind)
    report_kind(call.workspace, kind, "created", call.stamp)
    return _show(call, kind)


def _update(call: OperationCall, kind: ActivityType) -> object:
    body = call.request.data(_CHANGED)
    if kind.extends is None:
        raise invalid_body(invalid(["data"], f'The activity with slug "{kind.slug}" cannot be changed'))
    slug, activities = body.get("api_slug", kind.slug), call.workspace.data.activities
    check_slug(activities.values(), slug, kind, "An activity")
    kind.slug = slug
    kind.singular = body.get("singular_noun", kind.singular)
    kind.plural = body.get("plural_noun", kind.plural)
    call.workspace.data.activities = {each.slug: each for each in activities.values()}
    report_kind(call.workspace, kind, "updated", call.stamp)
    return _show(call, kind)


def _delete(call: OperationCall, kind: ActivityType) -> object:
    if kind.extends is None:
        raise protected(f'activity with slug "{kind.slug}"', "deleted")
    for record in list(call.workspace.records(kind)):
        cascade.delete(call.workspace, record, call.stamp)
    call.workspace.remove_kind(kind)
    report_kind(call.workspace, kind, "deleted", call.stamp)
    return {}


operations_on(
    OperationCall.activity_type,
    get_activity=_show,
    update_activity=_update,
    delete_activity=_delete,
    query_activity_records=query_rows,
    create_activity_record=create_row,
    assert_activity_record=assert_row,
    get_activity_record=get_row,
    update_activity_record=partial(update_row, merge=prepended),
    overwrite_activity_record=partial(update_row, merge=replaced),
    delete_activity_record=delete_row,
)
