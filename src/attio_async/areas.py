"""Where everything in a workspace is found, area by area.

An area's module, with its request builders and models, is loaded when the area is first used: most programs use
two or three of them.
"""
# ruff: noqa: PLC0415 - see above

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from .resources._base import Wire
from .resources.schemas import Schemas

if TYPE_CHECKING:
    from polars import DataFrame

    from .resources.activities import Activities
    from .resources.attributes import Attributes
    from .resources.call_recordings import CallRecordings
    from .resources.comments import Comments
    from .resources.emails import Emails
    from .resources.entries import Entries
    from .resources.files import Files
    from .resources.lists import Lists
    from .resources.meetings import Meetings
    from .resources.meta import Identity
    from .resources.notes import Notes
    from .resources.objects import Objects
    from .resources.records import Records
    from .resources.search import SearchHit
    from .resources.sequences import Sequences
    from .resources.tasks import Tasks
    from .resources.threads import Threads
    from .resources.webhooks import Webhooks
    from .resources.workspace_members import WorkspaceMembers

__all__ = ["Areas"]


class Areas:
    """The areas of a workspace, as they hang on a client. Getting one sends nothing."""

    _wire: Wire
    _schemas: Schemas

    async def identify(self) -> "Identity":
        """Which workspace and app the token belongs to, and its scopes.

        Raises:
            TokenInactive: The token was revoked.
            AuthenticationFailed: The token is malformed or unknown.

        Attio: GET /v2/self, read, retried, no scope
        """
        from .resources.meta import identify

        return await identify(self._wire)

    def records(self, object: object) -> "Records":
        """The records of any object, by its slug or id."""
        from .resources.records import Records

        return Records(self._wire, self._schemas, object)

    @functools.cached_property
    def people(self) -> "Records":
        """The records of the standard object "people"."""
        return self.records("people")

    @functools.cached_property
    def companies(self) -> "Records":
        """The records of the standard object "companies"."""
        return self.records("companies")

    @functools.cached_property
    def deals(self) -> "Records":
        """The records of the standard object "deals"."""
        return self.records("deals")

    @functools.cached_property
    def users(self) -> "Records":
        """The records of the standard object "users"."""
        return self.records("users")

    @functools.cached_property
    def workspaces(self) -> "Records":
        """The records of the standard object "workspaces"."""
        return self.records("workspaces")

    @functools.cached_property
    def objects(self) -> "Objects":
        """The objects of the workspace: people, companies, and what else records are kept of."""
        from .resources.objects import Objects

        return Objects(self._wire)

    def attributes(self, of: object, *, target: Literal["objects", "lists"] = "objects") -> "Attributes":
        """The attributes of an object, or of a list with ``target="lists"``, by its slug or id."""
        from .resources.attributes import Attributes

        return Attributes(self._wire, self._schemas, of, target)

    @functools.cached_property
    def lists(self) -> "Lists":
        """The lists of the workspace; `entries` has what is in them."""
        from .resources.lists import Lists

        return Lists(self._wire)

    def entries(self, list: object) -> "Entries":
        """The entries of a list, by its slug or id."""
        from .resources.entries import Entries

        return Entries(self._wire, self._schemas, list)

    @functools.cached_property
    def notes(self) -> "Notes":
        """Notes on records."""
        from .resources.notes import Notes

        return Notes(self._wire)

    @functools.cached_property
    def tasks(self) -> "Tasks":
        """Tasks: what somebody has to do."""
        from .resources.tasks import Tasks

        return Tasks(self._wire)

    @functools.cached_property
    def threads(self) -> "Threads":
        """Threads of comments on records and entries."""
        from .resources.threads import Threads

        return Threads(self._wire)

    @functools.cached_property
    def comments(self) -> "Comments":
        """Comments, one by one; `threads` lists them."""
        from .resources.comments import Comments

        return Comments(self._wire)

    @functools.cached_property
    def meetings(self) -> "Meetings":
        """Meetings, and the records they are about. Beta."""
        from .resources.meetings import Meetings

        return Meetings(self._wire)

    @functools.cached_property
    def call_recordings(self) -> "CallRecordings":
        """Recordings of calls, and what was said in them. Beta."""
        from .resources.call_recordings import CallRecordings

        return CallRecordings(self._wire)

    @functools.cached_property
    def files(self) -> "Files":
        """Files and folders of records. Beta."""
        from .resources.files import Files

        return Files(self._wire)

    @functools.cached_property
    def emails(self) -> "Emails":
        """E-mails with people and companies, without their text. Alpha."""
        from .resources.emails import Emails

        return Emails(self._wire)

    @functools.cached_property
    def sequences(self) -> "Sequences":
        """E-mail sequences. Beta."""
        from .resources.sequences import Sequences

        return Sequences(self._wire)

    @functools.cached_property
    def activities(self) -> "Activities":
        """Activities of one's own kind, and their records. Alpha."""
        from .resources.activities import Activities

        return Activities(self._wire)

    @functools.cached_property
    def workspace_members(self) -> "WorkspaceMembers":
        """The people who work in the workspace."""
        from .resources.workspace_members import WorkspaceMembers

        return WorkspaceMembers(self._wire)

    @functools.cached_property
    def webhooks(self) -> "Webhooks":
        """Which events Attio reports to which address."""
        from .resources.webhooks import Webhooks

        return Webhooks(self._wire)

    async def search(
        self,
        query: str,
        *,
        objects: Iterable[object],
        limit: int | None = None,
        as_member: object = None,
    ) -> "list[SearchHit]":
        """The records that match a text best: by name, domain, e-mail address, phone number or handle.

        Records that were just written may be missing; `Records.query` has them.

        Args:
            query: 256 characters at most.
            objects: Where to search, such as ``["people", "companies"]``.
            limit: How many to return at most, 1 to 25; by default 25. There is no further page.
            as_member: Find only what this member may see, by e-mail address or id.

        Raises:
            ConfigurationError: The text is too long, or no object was given. Nothing was sent.

        Attio: POST /v2/objects/records/search (beta), read, retried, record_permission:read, object_configuration:read
        """
        from .resources.search import search

        return await search(self._wire, query, objects=objects, limit=limit, as_member=as_member)

    async def sql(self, query: str) -> list[dict[str, Any]]:
        """The rows that a read-only SQL query gives, all at once. Needs the Enterprise plan.

        Attio allows two of these per second.

        Raises:
            ConfigurationError: The query is empty. Nothing was sent.
            BadRequest: The query is wrong.

        Attio: POST /v2/sql (beta), read, retried, record_permission:read, object_configuration:read
        """
        from .resources.sql import rows

        return await rows(self._wire, query)

    async def sql_frame(self, query: str) -> "DataFrame":
        """The same as a Polars table, one column per name in the rows. Needs the extra `dataframe`.

        A column that a row lacks is null there. Moments and dates stay the texts that Attio sends.

        Raises:
            ConfigurationError: The query is empty, or Polars is not installed. Nothing was sent.
            BadRequest: The query is wrong.

        Attio: POST /v2/sql (beta), read, retried, record_permission:read, object_configuration:read
        """
        from .resources.sql import frame

        return await frame(self._wire, query)
