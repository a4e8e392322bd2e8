"""The resources of one kind, such as notes: the requests that list, read and write them."""

import builtins
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Generic, TypeVar

import attrs

from attio_async_api.types import Body

from .._pagination.paginator import Paginator
from ..errors import ConfigurationError
from .list_page import Lookup, PathPart, paginate
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
        resolve: Looks up the id or slug of a resource that is named in another way, such as by its title.
        path: What comes before that id in paths, such as the object that attributes are of.
        on_write: Called after every successful write.
    """

    session: Session
    parse: Callable[[Mapping[str, Any]], T]
    id_of: Callable[[object], str]
    resolve: Callable[[str], Awaitable[str]] | None = None
    path: tuple[PathPart, ...] = ()
    on_write: Callable[[], object] = lambda: None

    def list(
        self,
        endpoint: Endpoint,
        *,
        limit: int | None = None,
        page_size: int | None = None,
        look_up: Lookup | None = None,
        **filters: object,
    ) -> Paginator[T]:
        """List the resources that match the filters."""
        return paginate(
            self.session,
            endpoint,
            list_reader(self.parse),
            *self.path,
            limit=limit,
            page_size=page_size,
            look_up=look_up,
            **filters,
        )

    def nested(
        self, reference: object, parse: Callable[[Mapping[str, Any]], S], id_of: Callable[[object], str] = str
    ) -> "Collection[S]":
        """Return the resources that belong to one of these, such as the options of an attribute."""
        path = (*self.path, partial(self._located, self.id_of(reference)))
        return Collection(session=self.session, parse=parse, id_of=id_of, path=path, on_write=self.on_write)

    async def get(self, endpoint: Endpoint, reference: object) -> T:
        """Return one resource."""
        return await self.session.one(endpoint, self.parse, *await self._place(reference))

    async def create(self, endpoint: Endpoint, body: Body) -> T:
        """Create a resource, and return it."""
        created = await self.session.one(endpoint, self.parse, *await self._place(), body=body)
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
        updated = await self.session.one(endpoint, self.parse, *await self._place(reference), body=changes)
        self.on_write()
        return updated

    async def delete(self, endpoint: Endpoint, reference: object) -> None:
        """Delete a resource for good."""
        await self.session.execute(endpoint, *await self._place(reference))
        self.on_write()

    async def _place(self, *reference: object) -> "builtins.list[str]":
        """Return the parts of the path to a resource, or to all of them."""
        ids = [self.id_of(each) for each in reference]
        path = [part if isinstance(part, str) else await part() for part in self.path]
        return [*path, *[await self._located(id_) for id_ in ids]]

    async def _located(self, name: str) -> str:
        return name if self.resolve is None else await self.resolve(name)
