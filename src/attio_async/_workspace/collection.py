"""The resources of one kind, such as notes: the requests that list, read and write them."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import attrs

from attio_async_api.types import Body

from .._pagination.paginator import Paginator
from ..errors import ConfigurationError
from .list_page import paginate
from .session import Endpoint, Session, list_reader

T = TypeVar("T")
S = TypeVar("S")


@attrs.frozen(kw_only=True)
class Collection(Generic[T]):
    """The resources of one kind. Every method takes the endpoint that it calls.

    Attributes:
        session: Sends the requests.
        parse: Makes a resource from its JSON.
        id_of: Returns the id or slug of a resource that a caller named.
        path: What comes before that id in paths, such as the object that attributes are of.
        on_write: Called after every successful write.
    """

    session: Session
    parse: Callable[[Mapping[str, Any]], T]
    id_of: Callable[[object], str]
    path: tuple[str, ...] = ()
    on_write: Callable[[], object] = lambda: None

    def list(
        self,
        endpoint: Endpoint,
        *,
        limit: int | None = None,
        page_size: int | None = None,
        **filters: object,
    ) -> Paginator[T]:
        """List the resources that match the filters."""
        read = list_reader(self.parse)
        return paginate(self.session, endpoint, read, *self.path, limit=limit, page_size=page_size, **filters)

    def nested(
        self, reference: object, parse: Callable[[Mapping[str, Any]], S], id_of: Callable[[object], str] = str
    ) -> "Collection[S]":
        """Return the resources that belong to one of these, such as the options of an attribute."""
        path = (*self.path, self.id_of(reference))
        return Collection(session=self.session, parse=parse, id_of=id_of, path=path, on_write=self.on_write)

    async def get(self, endpoint: Endpoint, reference: object) -> T:
        """Return one resource."""
        return await self.session.one(endpoint, self.parse, *self.path, self.id_of(reference))

    async def create(self, endpoint: Endpoint, body: Body) -> T:
        """Create a resource, and return it."""
        created = await self.session.one(endpoint, self.parse, *self.path, body=body)
        self.on_write()
        return created

    async def update(self, endpoint: Endpoint, reference: object, body: Body) -> T:
        """Change a resource, and return it.

        Raises:
            ConfigurationError: The body changes nothing. Nothing was sent.
        """
        changes = body.to_dict()
        if not changes:
            raise ConfigurationError(
                f"{endpoint.operation.id} was given nothing to change; give at least one new value"
            )
        updated = await self.session.one(
            endpoint, self.parse, *self.path, self.id_of(reference), body=changes
        )
        self.on_write()
        return updated

    async def delete(self, endpoint: Endpoint, reference: object) -> None:
        """Delete a resource for good."""
        await self.session.execute(endpoint, *self.path, self.id_of(reference))
        self.on_write()
