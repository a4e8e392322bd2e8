"""Activities, such as calls, and their records."""

from .._errors import invalid, invalid_body, protected
from .._events.publish import report_kind
from .._schema import ActivityType
from .._validation import BodyField, optional
from .._workspace.views import activity_view
from .._writes import cascade
from .._writes.writer import prepended, replaced
from .call import OperationCall, check_slug, data, operation, paged
from .records import assert_row, create_row, delete_row, get_row, query_rows, update_row

_NAMED = {
    "api_slug": BodyField("string", shortest=1),
    "singular_noun": BodyField("string", shortest=1),
    "plural_noun": BodyField("string", shortest=1),
}
_NEW = {**_NAMED, "extends": BodyField("string", options=("activities", "interactions", "calls", "emails"))}
_CHANGED = optional(_NAMED)


@operation
def list_activities(call: OperationCall) -> object:
    page = call.request.cursor_page(100, most=1_000)
    kinds, cursor = page.of(list(call.workspace.data.activities.values()))
    return paged([activity_view(call.workspace, kind) for kind in kinds], cursor)


@operation
def create_activity(call: OperationCall) -> object:
    body = call.request.data(_NEW)
    _check_slug(call, body["api_slug"], None)
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
    return data(activity_view(call.workspace, kind))


@operation
def get_activity(call: OperationCall) -> object:
    return data(activity_view(call.workspace, call.activity_type()))


@operation
def update_activity(call: OperationCall) -> object:
    kind = call.activity_type()
    body = call.request.data(_CHANGED)
    if kind.extends is None:
        raise invalid_body(invalid(["data"], f'The activity with slug "{kind.slug}" cannot be changed'))
    slug = body.get("api_slug", kind.slug)
    _check_slug(call, slug, kind)
    kind.slug = slug
    kind.singular = body.get("singular_noun", kind.singular)
    kind.plural = body.get("plural_noun", kind.plural)
    activities = call.workspace.data.activities
    call.workspace.data.activities = {each.slug: each for each in activities.values()}
    report_kind(call.workspace, kind, "updated", call.stamp)
    return data(activity_view(call.workspace, kind))


@operation
def delete_activity(call: OperationCall) -> object:
    kind = call.activity_type()
    if kind.extends is None:
        raise protected(f'activity with slug "{kind.slug}"', "deleted")
    for record in list(call.workspace.records(kind)):
        cascade.delete(call.workspace, record, call.stamp)
    call.workspace.remove_kind(kind)
    report_kind(call.workspace, kind, "deleted", call.stamp)
    return {}


def _check_slug(call: OperationCall, slug: str, own: ActivityType | None) -> None:
    check_slug(call.workspace.data.activities.values(), slug, own, "An activity")


@operation
def query_activity_records(call: OperationCall) -> object:
    return query_rows(call, call.activity_type())


@operation
def create_activity_record(call: OperationCall) -> object:
    return create_row(call, call.activity_type())


@operation
def assert_activity_record(call: OperationCall) -> object:
    return assert_row(call, call.activity_type())


@operation
def get_activity_record(call: OperationCall) -> object:
    return get_row(call, call.activity_type())


@operation
def update_activity_record(call: OperationCall) -> object:
    return update_row(call, call.activity_type(), prepended)


@operation
def overwrite_activity_record(call: OperationCall) -> object:
    return update_row(call, call.activity_type(), replaced)


@operation
def delete_activity_record(call: OperationCall) -> object:
    return delete_row(call, call.activity_type())
