"""The objects of a workspace: people, companies and others."""

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
from attio_async_api.types import UNSET, Unset

from .._pagination.paginator import Paginator
from .._utils.public import public
from .._workspace.arguments import slug_or_id
from .._workspace.collection import Collection
from .._workspace.session import Session


def _text(value: str | None) -> str:
    return value or ""


@public
@attrs.frozen(kw_only=True)
class AttioObject(Object):
    """One object, such as people, with its id, slug and nouns; `raw` has the whole response.

    A slug or noun that the API leaves out is an empty text.
    """

    api_slug: str = attrs.field(converter=_text)
    singular_noun: str = attrs.field(converter=_text)
    plural_noun: str = attrs.field(converter=_text)


@public
class Objects:
    """The objects of the workspace. Give an object by slug, title, id, or as the `AttioObject` that the API returned."""

    def __init__(self, session: Session) -> None:
        self._objects = Collection(
            session=session,
            parse=AttioObject.from_dict,
            id_of=partial(slug_or_id, what="an object"),
            resolve=partial(session.names.slug_of, target="objects"),
        )

    def list(self) -> Paginator[AttioObject]:
        """List all objects, standard and custom ones; the API returns them in one page.

        Attio: GET /v2/objects, read, retried, object_configuration:read
        """
        return self._objects.list(list_objects)

    async def get(self, object: str | AttioObject) -> AttioObject:
        """Return one object.

        Raises:
            NotFound: The object does not exist.

        Attio: GET /v2/objects/{object}, read, retried, object_configuration:read
        """
        return await self._objects.get(get_object, object)

    async def create(self, api_slug: str, *, singular_noun: str, plural_noun: str) -> AttioObject:
        """Create a custom object, and return it.

        Args:
            api_slug: The name in code, such as "invoices".
            singular_noun: The name of one record in the app, such as "Invoice".
            plural_noun: The name of several.

        Raises:
            Conflict: The slug is taken. Nothing was written.
            BillingLimit: The plan allows no further object. Nothing was written.
            OutcomeUnknown: The response was lost. It was not sent again.

        Attio: POST /v2/objects, write, not repeated, object_configuration:read-write
        """
        body = CreateObject(api_slug=api_slug, singular_noun=singular_noun, plural_noun=plural_noun)
        return await self._objects.create(create_object, body)

    async def update(
        self,
        object: str | AttioObject,
        *,
        api_slug: str | Unset = UNSET,
        singular_noun: str | Unset = UNSET,
        plural_noun: str | Unset = UNSET,
    ) -> AttioObject:
        """Change the slug or nouns of an object, and return it. What is not given stays as it is.

        Raises:
            ConfigurationError: Nothing to change was given. Nothing was sent.
            NotFound: The object does not exist.
            Conflict: The slug is taken. Nothing was written.

        Attio: PATCH /v2/objects/{object}, write, retried, object_configuration:read-write
        """
        body = UpdateObject(api_slug=api_slug, singular_noun=singular_noun, plural_noun=plural_noun)
        return await self._objects.update(update_object, object, body)

    async def delete(self, object: str | AttioObject) -> None:
        """Delete a custom object and all its records for good.

        Raises:
            NotFound: The object does not exist.

        Attio: DELETE /v2/objects/{object}, write, retried, object_configuration:read-write, record_permission:read-write
        """
        await self._objects.delete(delete_object, object)

    def views(
        self,
        object: str | AttioObject,
        *,
        show_archived: bool = False,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[ObjectView]:
        """List the saved views of an object. A view's id can take the place of a filter.

        Args:
            object: The object.
            show_archived: True includes archived views.
            limit: The most views to return; all by default.
            page_size: Views per page, 1 to 1,000.

        Attio: GET /v2/objects/{object}/views, read, retried, object_configuration:read
        """
        views = self._objects.nested(object, ObjectView.from_dict)
        return views.list(
            list_object_views, show_archived=show_archived or None, limit=limit, page_size=page_size
        )
