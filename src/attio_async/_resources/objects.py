"""The objects of a workspace: people, companies, and what else records are kept of."""

from functools import partial

import attrs

from attio_async_api.api.objects import (
    create_object,
    delete_object,
    get_object,
    list_object_views,
    list_objects,
    update_object,
)
from attio_async_api.models.create_object import CreateObject
from attio_async_api.models.object_ import Object
from attio_async_api.models.object_view import ObjectView
from attio_async_api.models.update_object import UpdateObject
from attio_async_api.operations import (
    CREATE_OBJECT,
    DELETE_OBJECT,
    GET_OBJECT,
    LIST_OBJECT_VIEWS,
    LIST_OBJECTS,
    UPDATE_OBJECT,
)
from attio_async_api.types import UNSET, Unset

from .._pagination.paginator import Paginator
from .._workspace.arguments import change, slug_or_id
from .._workspace.list_page import paginate
from .._workspace.session import Session, list_reader


def _text(value: str | None) -> str:
    return value or ""


@attrs.frozen(kw_only=True)
class AttioObject(Object):
    """One object, such as people: its id, slug, and what it is called in the app; `raw` is all of it.

    What the API leaves out is an empty text.
    """

    api_slug: str = attrs.field(converter=_text)
    singular_noun: str = attrs.field(converter=_text)
    plural_noun: str = attrs.field(converter=_text)


class Objects:
    """The objects of the workspace. An object may be named by slug or id, or be one that was read."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(self) -> Paginator[AttioObject]:
        """All objects, standard and custom; the API gives them in one page.

        Attio: GET /v2/objects, read, retried, object_configuration:read
        """
        return paginate(
            self._session, LIST_OBJECTS, list_objects.build_request, list_reader(AttioObject.from_dict)
        )

    async def get(self, object: str | AttioObject) -> AttioObject:
        """One object.

        Raises:
            NotFound: There is no such object.

        Attio: GET /v2/objects/{object}, read, retried, object_configuration:read
        """
        built = get_object.build_request(slug_or_id(object, "object"))
        return await self._session.one(GET_OBJECT, built, AttioObject.from_dict)

    async def create(self, api_slug: str, *, singular_noun: str, plural_noun: str) -> AttioObject:
        """The new custom object.

        Args:
            api_slug: What it is called in code, such as "invoices".
            singular_noun: What one is called in the app, such as "Invoice".
            plural_noun: What many are called.

        Raises:
            Conflict: The slug is taken. Nothing was written.
            BillingLimit: The plan allows no further object. Nothing was written.
            OutcomeUnknown: The answer was lost; it was not sent again.

        Attio: POST /v2/objects, write, not repeated, object_configuration:read-write
        """
        body = CreateObject(api_slug=api_slug, singular_noun=singular_noun, plural_noun=plural_noun)
        return await self._session.one(
            CREATE_OBJECT, create_object.build_request(body=body), AttioObject.from_dict
        )

    async def update(
        self,
        object: str | AttioObject,
        *,
        api_slug: str | Unset = UNSET,
        singular_noun: str | Unset = UNSET,
        plural_noun: str | Unset = UNSET,
    ) -> AttioObject:
        """The object with another slug or other nouns; what is not given stays.

        Raises:
            ConfigurationError: Nothing to change was given. Nothing was sent.
            NotFound: There is no such object.
            Conflict: The slug is taken. Nothing was written.

        Attio: PATCH /v2/objects/{object}, write, retried, object_configuration:read-write
        """
        body = UpdateObject(api_slug=api_slug, singular_noun=singular_noun, plural_noun=plural_noun)
        built = update_object.build_request(slug_or_id(object, "object"), body=change(body.to_dict()))
        return await self._session.one(UPDATE_OBJECT, built, AttioObject.from_dict)

    async def delete(self, object: str | AttioObject) -> None:
        """Delete a custom object together with all its records, for good.

        Raises:
            NotFound: There is no such object.

        Attio: DELETE /v2/objects/{object}, write, retried, object_configuration:read-write, record_permission:read-write
        """
        await self._session.done(DELETE_OBJECT, delete_object.build_request(slug_or_id(object, "object")))

    def views(
        self,
        object: str | AttioObject,
        *,
        show_archived: bool = False,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[ObjectView]:
        """The saved views of an object. A view's id can take the place of a filter.

        Args:
            object: Which object.
            show_archived: Whether archived views are among them.
            limit: The most results; by default all.
            page_size: How many a page holds, 1 to 1,000; by default 1,000.

        Attio: GET /v2/objects/{object}/views, read, retried, object_configuration:read
        """
        name = slug_or_id(object, "object")
        build = partial(list_object_views.build_request, name, show_archived=show_archived or None)
        return paginate(
            self._session,
            LIST_OBJECT_VIEWS,
            build,
            list_reader(ObjectView.from_dict),
            limit=limit,
            page_size=page_size,
        )
