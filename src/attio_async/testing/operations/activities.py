"""Activities: what happens with people, such as calls. Their records are `activity_records`."""

from ..bodies import Field
from ..links import forget
from ..problems import ApiProblem, invalid, invalid_body, not_found, slug_conflict
from ..reports import report_activity
from ..schema import ActivityType
from ..things_views import activity_view
from .call import Call, Handlers, data, paged

_DEFAULT_LIMIT = 100
_MOST = 1_000
_NAMED = {
    "api_slug": Field("string", shortest=1),
    "singular_noun": Field("string", shortest=1),
    "plural_noun": Field("string", shortest=1),
}
_NEW = {**_NAMED, "extends": Field("string", options=("activities", "interactions", "calls", "emails"))}
_CHANGED = {name: field.optional() for name, field in _NAMED.items()}


def _list_activities(call: Call) -> object:
    page = call.request.cursor_page(_DEFAULT_LIMIT, _MOST)
    kinds, cursor = page.of(list(call.workspace.data.activities.values()))
    return paged([activity_view(call.workspace, kind) for kind in kinds], cursor)


def _create_activity(call: Call) -> object:
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


def _get_activity(call: Call) -> object:
    return data(activity_view(call.workspace, activity_of(call)))


def _update_activity(call: Call) -> object:
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


def _delete_activity(call: Call) -> object:
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


def activity_of(call: Call) -> ActivityType:
    """The activity that the path names."""
    name = call.request.parameters["activity"]
    kind = call.workspace.activity_type(name)
    if kind is None:
        raise not_found(f'activity with slug/ID "{name}"')
    return kind


def _check_slug(call: Call, slug: str, own: ActivityType | None) -> None:
    other = call.workspace.data.activities.get(slug)
    if other is not None and other is not own:
        raise slug_conflict(f'There is an activity with slug "{slug}" already.')


HANDLERS: Handlers = {
    "list_activities": _list_activities,
    "create_activity": _create_activity,
    "get_activity": _get_activity,
    "update_activity": _update_activity,
    "delete_activity": _delete_activity,
}
