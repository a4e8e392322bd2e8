"""The attributes of an object or list, with their select options and statuses."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from attio_async_api.api.attributes import (
    create_attribute,
    create_select_option,
    create_status,
    get_attribute,
    list_attributes,
    list_select_options,
    list_statuses,
    update_attribute,
    update_select_option,
    update_status,
)
from attio_async_api.models.attribute_target import AttributeTarget
from attio_async_api.models.attribute_type import AttributeType
from attio_async_api.models.create_attribute import CreateAttribute
from attio_async_api.models.create_select_option import CreateSelectOption
from attio_async_api.models.create_status import CreateStatus
from attio_async_api.models.select_option import SelectOption
from attio_async_api.models.status import Status
from attio_async_api.models.update_attribute import UpdateAttribute
from attio_async_api.models.update_select_option import UpdateSelectOption
from attio_async_api.models.update_status import UpdateStatus
from attio_async_api.types import UNSET, Unset

from .._pagination.paginator import Paginator
from .._schema import Attribute
from .._utils.checks import check_choice
from .._utils.public import public
from .._workspace.arguments import slug_or_id
from .._workspace.collection import Collection
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session


@public
class Attributes:
    """The attributes of one object or list. Making one sends nothing.

    Give an attribute by slug, title, id, or as the `Attribute` that the API returned. After a change, the client reads the
    schema of the object or list again.
    """

    def __init__(self, session: Session, schemas: SchemaCache, of: object, target: AttributeTarget) -> None:
        check_choice("target", target, ("objects", "lists"))
        name = slug_or_id(of, "an object or list")
        self._of = f"{target} {name}"
        self._attributes = Collection(
            session=session,
            parse=Attribute.parse,
            id_of=partial(slug_or_id, what="an attribute"),
            resolve=partial(session.names.attribute_of, name, target),
            path=(target, partial(session.names.slug_of, name, target)),
            on_write=partial(schemas.forget, name, target=target),
        )

    def __repr__(self) -> str:
        return f"<Attributes of {self._of}>"

    def list(
        self, *, show_archived: bool = False, limit: int | None = None, page_size: int | None = None
    ) -> Paginator[Attribute]:
        """List the attributes in the order of the app, as they are now.

        Args:
            show_archived: True includes archived attributes.
            limit: The most attributes to return; all by default.
            page_size: Attributes per page, 1 to 500.

        Attio: GET /v2/{target}/{identifier}/attributes, read, retried,
        object_configuration:read for objects, list_configuration:read for lists
        """
        return self._attributes.list(
            list_attributes, show_archived=show_archived or None, limit=limit, page_size=page_size
        )

    async def get(self, attribute: str | Attribute) -> Attribute:
        """Return one attribute, as it is now.

        Raises:
            NotFound: The attribute does not exist.

        Attio: GET /v2/{target}/{identifier}/attributes/{attribute}, read, retried,
        object_configuration:read for objects, list_configuration:read for lists
        """
        return await self._attributes.get(get_attribute, attribute)

    async def create(
        self,
        title: str,
        *,
        api_slug: str,
        type: AttributeType,
        description: str | None = None,
        is_required: bool = False,
        is_unique: bool = False,
        is_multiselect: bool = False,
        config: Mapping[str, Any] | None = None,
        default_value: Mapping[str, Any] | None = None,
        relationship: Mapping[str, Any] | None = None,
    ) -> Attribute:
        """Create an attribute, and return it. Its type cannot be changed later.

        Args:
            title: The name in the app.
            api_slug: The name in code.
            type: Such as "text", "select" or "record-reference".
            description: The description in the app.
            is_required: True if nothing can be created without a value.
            is_unique: True if no two records or entries may have the same value; they can then be matched on it.
            is_multiselect: True if it holds several values.
            config: For "currency" ``{"currency": {"default_currency_code": "EUR", "display_type": "symbol"}}``, for
                "record-reference" ``{"record_reference": {"allowed_objects": ["people"]}}``.
            default_value: ``{"type": "static", "template": [...]}``, or "dynamic" with "current-user" or an ISO 8601
                duration as its template; see https://docs.attio.com/docs/default-values
            relationship: The attribute at the other end of a reference: a mapping with object, title, api_slug
                and is_multiselect.

        Raises:
            Conflict: The slug is taken. Nothing was written.
            OutcomeUnknown: The response was lost. It was not sent again.

        Attio: POST /v2/{target}/{identifier}/attributes, write, not repeated,
        object_configuration:read-write for objects, list_configuration:read-write for lists
        """
        body = CreateAttribute(
            title=title,
            description=description,
            api_slug=api_slug,
            type=type,
            is_required=is_required,
            is_unique=is_unique,
            is_multiselect=is_multiselect,
            config=config or {},
            default_value=UNSET if default_value is None else default_value,
            relationship=UNSET if relationship is None else relationship,
        )
        return await self._attributes.create(create_attribute, body)

    async def update(
        self,
        attribute: str | Attribute,
        *,
        title: str | Unset = UNSET,
        description: str | Unset | None = UNSET,
        api_slug: str | Unset = UNSET,
        is_required: bool | Unset = UNSET,
        is_unique: bool | Unset = UNSET,
        is_archived: bool | Unset = UNSET,
        config: Mapping[str, Any] | Unset = UNSET,
        default_value: Mapping[str, Any] | Unset | None = UNSET,
    ) -> Attribute:
        """Change an attribute, and return it. What is not given stays as it is; for the arguments see `create`.

        Raises:
            ConfigurationError: Nothing to change was given. Nothing was sent.
            NotFound: The attribute does not exist.
            PermissionDenied: It is a system attribute, which cannot be changed in this way.

        Attio: PATCH /v2/{target}/{identifier}/attributes/{attribute}, write, retried,
        object_configuration:read-write for objects, list_configuration:read-write for lists
        """
        body = UpdateAttribute(
            title=title,
            description=description,
            api_slug=api_slug,
            is_required=is_required,
            is_unique=is_unique,
            default_value=default_value,
            config=config,
            is_archived=is_archived,
        )
        return await self._attributes.update(update_attribute, attribute, body)

    def options(self, attribute: str | Attribute) -> "SelectOptions":
        """Return the options of a select attribute. Sends nothing."""
        id_of = partial(slug_or_id, what="an option")
        return SelectOptions(self._attributes.nested(attribute, SelectOption.from_dict, id_of))

    def statuses(self, attribute: str | Attribute) -> "Statuses":
        """Return the statuses of a status attribute. Sends nothing."""
        id_of = partial(slug_or_id, what="a status")
        return Statuses(self._attributes.nested(attribute, Status.from_dict, id_of))


@public
class SelectOptions:
    """The options of one select attribute. Give an option by id, or as the `SelectOption` that the API returned."""

    def __init__(self, options: Collection[SelectOption]) -> None:
        self._options = options

    def list(self, *, show_archived: bool = False) -> Paginator[SelectOption]:
        """List the options in the order of the app; the API returns them in one page.

        Args:
            show_archived: True includes archived options.

        Attio: GET /v2/{target}/{identifier}/attributes/{attribute}/options, read, retried,
        object_configuration:read for objects, list_configuration:read for lists
        """
        return self._options.list(list_select_options, show_archived=show_archived or None)

    async def create(self, title: str) -> SelectOption:
        """Create an option, and return it.

        Raises:
            Conflict: Another option has this title. Nothing was written.
            OutcomeUnknown: The response was lost. It was not sent again.

        Attio: POST /v2/{target}/{identifier}/attributes/{attribute}/options, write, not repeated,
        object_configuration:read-write for objects, list_configuration:read-write for lists
        """
        body = CreateSelectOption(title=title)
        return await self._options.create(create_select_option, body)

    async def update(
        self,
        option: str | SelectOption,
        *,
        title: str | Unset = UNSET,
        is_archived: bool | Unset = UNSET,
    ) -> SelectOption:
        """Rename, archive or restore an option, and return it. What is not given stays as it is.

        Raises:
            ConfigurationError: Nothing to change was given. Nothing was sent.
            NotFound: The option does not exist.
            Conflict: Another option has this title. Nothing was written.

        Attio: PATCH /v2/{target}/{identifier}/attributes/{attribute}/options/{option}, write, retried,
        object_configuration:read-write for objects, list_configuration:read-write for lists
        """
        body = UpdateSelectOption(title=title, is_archived=is_archived)
        return await self._options.update(update_select_option, option, body)


@public
class Statuses:
    """The statuses of one status attribute. Give a status by id, or as the `Status` that the API returned."""

    def __init__(self, statuses: Collection[Status]) -> None:
        self._statuses = statuses

    def list(self, *, show_archived: bool = False) -> Paginator[Status]:
        """List the statuses in the order of the app, which the API cannot change. It returns them in one page.

        Args:
            show_archived: True includes archived statuses.

        Attio: GET /v2/{target}/{identifier}/attributes/{attribute}/statuses, read, retried,
        object_configuration:read for objects, list_configuration:read for lists
        """
        return self._statuses.list(list_statuses, show_archived=show_archived or None)

    async def create(
        self,
        title: str,
        *,
        celebration_enabled: bool | Unset = UNSET,
        target_time_in_status: str | Unset | None = UNSET,
    ) -> Status:
        """Create a status after all others, and return it.

        Args:
            title: The name in the app.
            celebration_enabled: True makes the app celebrate when a record reaches it.
            target_time_in_status: The longest time that a record should stay in it, as an ISO 8601 duration such as
                "P7D".

        Raises:
            Conflict: Another status has this title. Nothing was written.
            OutcomeUnknown: The response was lost. It was not sent again.

        Attio: POST /v2/{target}/{identifier}/attributes/{attribute}/statuses, write, not repeated,
        object_configuration:read-write for objects, list_configuration:read-write for lists
        """
        body = CreateStatus(
            title=title,
            celebration_enabled=celebration_enabled,
            target_time_in_status=target_time_in_status,
        )
        return await self._statuses.create(create_status, body)

    async def update(
        self,
        status: str | Status,
        *,
        title: str | Unset = UNSET,
        celebration_enabled: bool | Unset = UNSET,
        target_time_in_status: str | Unset | None = UNSET,
        is_archived: bool | Unset = UNSET,
    ) -> Status:
        """Change a status, and return it. What is not given stays as it is; for the arguments see `create`.

        Raises:
            ConfigurationError: Nothing to change was given. Nothing was sent.
            NotFound: The status does not exist.
            Conflict: Another status has this title. Nothing was written.

        Attio: PATCH /v2/{target}/{identifier}/attributes/{attribute}/statuses/{status}, write, retried,
        object_configuration:read-write for objects, list_configuration:read-write for lists
        """
        body = UpdateStatus(
            title=title,
            celebration_enabled=celebration_enabled,
            target_time_in_status=target_time_in_status,
            is_archived=is_archived,
        )
        return await self._statuses.update(update_status, status, body)
