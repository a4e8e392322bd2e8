"""What can be known of the records of an object or the entries of a list: attributes, options and statuses."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

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
from attio_async_api.operations import (
    CREATE_ATTRIBUTE,
    CREATE_SELECT_OPTION,
    CREATE_STATUS,
    GET_ATTRIBUTE,
    LIST_ATTRIBUTES,
    LIST_SELECT_OPTIONS,
    LIST_STATUSES,
    UPDATE_ATTRIBUTE,
    UPDATE_SELECT_OPTION,
    UPDATE_STATUS,
)
from attio_async_api.types import UNSET, Unset

from .._pagination.paginator import Paginator
from .._schema import Attribute
from .._workspace.arguments import change, slug_or_id
from .._workspace.list_page import paginate
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session, list_reader
from ..errors import ConfigurationError


class _AttributePath(NamedTuple):
    """Where options and statuses are."""

    target: AttributeTarget
    identifier: str
    attribute: str


class Attributes:
    """The attributes of one object or list. Making one sends nothing.

    An attribute may be named by slug or id, or be one that was read. After a change the client reads what it
    knows of the object or list again.
    """

    def __init__(self, session: Session, schemas: SchemaCache, of: object, target: AttributeTarget) -> None:
        if target not in {"objects", "lists"}:
            raise ConfigurationError(f"target is 'objects' or 'lists', not {target!r}")
        self._session = session
        self._schemas = schemas
        self._at: tuple[AttributeTarget, str] = (target, slug_or_id(of, "an object or list"))

    def __repr__(self) -> str:
        return f"<Attributes of {self._at[0]} {self._at[1]}>"

    def list(
        self, *, show_archived: bool = False, limit: int | None = None, page_size: int | None = None
    ) -> Paginator[Attribute]:
        """The attributes, as the workspace has them now.

        Args:
            show_archived: Whether archived attributes are among them.
            limit: The most results; by default all.
            page_size: How many a page holds, 1 to 500; by default 500.

        Attio: GET /v2/{target}/{identifier}/attributes, read, retried,
        object_configuration:read for objects, list_configuration:read for lists
        """
        build = partial(list_attributes.build_request, *self._at, show_archived=show_archived or None)
        return paginate(
            self._session,
            LIST_ATTRIBUTES,
            build,
            list_reader(Attribute.parse),
            limit=limit,
            page_size=page_size,
        )

    async def get(self, attribute: str | Attribute) -> Attribute:
        """One attribute, as the workspace has it now.

        Raises:
            NotFound: There is no such attribute.

        Attio: GET /v2/{target}/{identifier}/attributes/{attribute}, read, retried,
        object_configuration:read for objects, list_configuration:read for lists
        """
        built = get_attribute.build_request(*self._at, slug_or_id(attribute, "attribute"))
        return await self._session.one(GET_ATTRIBUTE, built, Attribute.parse)

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
        """The new attribute.

        Args:
            title: What it is called in the app.
            api_slug: What it is called in code.
            type: Such as "text", "select" or "record-reference". It cannot be changed later.
            description: What it is for.
            is_required: Whether nothing can be created without it.
            is_unique: Whether no two may have the same value, so that it can be matched on.
            is_multiselect: Whether it holds many values.
            config: For "currency" ``{"currency": {"default_currency_code": "EUR", "display_type": "symbol"}}``, for
                "record-reference" ``{"record_reference": {"allowed_objects": ["people"]}}``.
            default_value: ``{"type": "static", "template": [...]}``, or "dynamic" with "current-user" or an ISO
                duration as its template.
            relationship: The attribute on the other side of a reference: a mapping with object, title, api_slug
                and is_multiselect.

        Raises:
            Conflict: The slug is taken. Nothing was written.
            OutcomeUnknown: The answer was lost; it was not sent again.

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
        built = create_attribute.build_request(*self._at, body=body)
        created = await self._session.one(CREATE_ATTRIBUTE, built, Attribute.parse)
        self._forget()
        return created

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
        """The attribute with these changes; what is not given stays. For the values see `create`.

        Raises:
            ConfigurationError: Nothing to change was given. Nothing was sent.
            NotFound: There is no such attribute.
            PermissionDenied: It is one of Attio's own, which cannot be changed like that.

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
        name = slug_or_id(attribute, "attribute")
        built = update_attribute.build_request(*self._at, name, body=change(body.to_dict()))
        updated = await self._session.one(UPDATE_ATTRIBUTE, built, Attribute.parse)
        self._forget()
        return updated

    def options(self, attribute: str | Attribute) -> "SelectOptions":
        """The options of a select attribute. Sends nothing."""
        return SelectOptions(self._session, self._place(attribute), self._forget)

    def statuses(self, attribute: str | Attribute) -> "Statuses":
        """The statuses of a status attribute. Sends nothing."""
        return Statuses(self._session, self._place(attribute), self._forget)

    def _place(self, attribute: str | Attribute) -> "_AttributePath":
        return _AttributePath(*self._at, slug_or_id(attribute, "attribute"))

    def _forget(self) -> None:
        target, name = self._at
        self._schemas.forget(name, target=target)


class SelectOptions:
    """The options of one select attribute. An option may be named by id, or be one that was read."""

    def __init__(self, session: Session, place: _AttributePath, forget: Callable[[], None]) -> None:
        self._session = session
        self._place = place
        self._forget = forget

    def list(self, *, show_archived: bool = False) -> Paginator[SelectOption]:
        """The options, in the order of the app; the API gives them in one page.

        Args:
            show_archived: Whether archived options are among them.

        Attio: GET /v2/{target}/{identifier}/attributes/{attribute}/options, read, retried,
        object_configuration:read for objects, list_configuration:read for lists
        """
        build = partial(list_select_options.build_request, *self._place, show_archived=show_archived or None)
        return paginate(self._session, LIST_SELECT_OPTIONS, build, list_reader(SelectOption.from_dict))

    async def create(self, title: str) -> SelectOption:
        """The new option.

        Raises:
            Conflict: There is an option of that title. Nothing was written.
            OutcomeUnknown: The answer was lost; it was not sent again.

        Attio: POST /v2/{target}/{identifier}/attributes/{attribute}/options, write, not repeated,
        object_configuration:read-write for objects, list_configuration:read-write for lists
        """
        built = create_select_option.build_request(*self._place, body=CreateSelectOption(title=title))
        created = await self._session.one(CREATE_SELECT_OPTION, built, SelectOption.from_dict)
        self._forget()
        return created

    async def update(
        self,
        option: str | SelectOption,
        *,
        title: str | Unset = UNSET,
        is_archived: bool | Unset = UNSET,
    ) -> SelectOption:
        """The option with another title, archived or restored; what is not given stays.

        Raises:
            ConfigurationError: Nothing to change was given. Nothing was sent.
            NotFound: There is no such option.
            Conflict: There is another option of that title. Nothing was written.

        Attio: PATCH /v2/{target}/{identifier}/attributes/{attribute}/options/{option}, write, retried,
        object_configuration:read-write for objects, list_configuration:read-write for lists
        """
        body = UpdateSelectOption(title=title, is_archived=is_archived)
        name = slug_or_id(option, "option")
        built = update_select_option.build_request(*self._place, name, body=change(body.to_dict()))
        updated = await self._session.one(UPDATE_SELECT_OPTION, built, SelectOption.from_dict)
        self._forget()
        return updated


class Statuses:
    """The statuses of one status attribute. A status may be named by id, or be one that was read."""

    def __init__(self, session: Session, place: _AttributePath, forget: Callable[[], None]) -> None:
        self._session = session
        self._place = place
        self._forget = forget

    def list(self, *, show_archived: bool = False) -> Paginator[Status]:
        """The statuses, in the order of the app, which the API cannot change; it gives them in one page.

        Args:
            show_archived: Whether archived statuses are among them.

        Attio: GET /v2/{target}/{identifier}/attributes/{attribute}/statuses, read, retried,
        object_configuration:read for objects, list_configuration:read for lists
        """
        build = partial(list_statuses.build_request, *self._place, show_archived=show_archived or None)
        return paginate(self._session, LIST_STATUSES, build, list_reader(Status.from_dict))

    async def create(
        self,
        title: str,
        *,
        celebration_enabled: bool | Unset = UNSET,
        target_time_in_status: str | Unset | None = UNSET,
    ) -> Status:
        """The new status, after all others.

        Args:
            title: What it is called.
            celebration_enabled: Whether the app celebrates when it is reached.
            target_time_in_status: How long a record should stay in it, as an ISO 8601 duration such as "P7D".

        Raises:
            Conflict: There is a status of that title. Nothing was written.
            OutcomeUnknown: The answer was lost; it was not sent again.

        Attio: POST /v2/{target}/{identifier}/attributes/{attribute}/statuses, write, not repeated,
        object_configuration:read-write for objects, list_configuration:read-write for lists
        """
        body = CreateStatus(
            title=title,
            celebration_enabled=celebration_enabled,
            target_time_in_status=target_time_in_status,
        )
        built = create_status.build_request(*self._place, body=body)
        created = await self._session.one(CREATE_STATUS, built, Status.from_dict)
        self._forget()
        return created

    async def update(
        self,
        status: str | Status,
        *,
        title: str | Unset = UNSET,
        celebration_enabled: bool | Unset = UNSET,
        target_time_in_status: str | Unset | None = UNSET,
        is_archived: bool | Unset = UNSET,
    ) -> Status:
        """The status with these changes; what is not given stays. For the values see `create`.

        Raises:
            ConfigurationError: Nothing to change was given. Nothing was sent.
            NotFound: There is no such status.
            Conflict: There is another status of that title. Nothing was written.

        Attio: PATCH /v2/{target}/{identifier}/attributes/{attribute}/statuses/{status}, write, retried,
        object_configuration:read-write for objects, list_configuration:read-write for lists
        """
        body = UpdateStatus(
            title=title,
            celebration_enabled=celebration_enabled,
            target_time_in_status=target_time_in_status,
            is_archived=is_archived,
        )
        name = slug_or_id(status, "status")
        built = update_status.build_request(*self._place, name, body=change(body.to_dict()))
        updated = await self._session.one(UPDATE_STATUS, built, Status.from_dict)
        self._forget()
        return updated
