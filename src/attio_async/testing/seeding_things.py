"""Putting saved views and activities into a fake workspace, and resolving threads, as people do in the app."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Literal

import attrs

from .problems import not_found
from .query import Query
from .reports import report_activity
from .schema import ActivityType
from .seeded import Seeded
from .stamps import SYSTEM, Stamp
from .thing_reports import report_comment
from .things import Comment, View


class ThingSeeding(Seeded):
    """The part of `FakeAttio` that makes in plain Python what no request can."""

    def add_view(
        self,
        target: str,
        title: str,
        *,
        filter: Mapping[str, Any] | None = None,
        archived: bool = False,
    ) -> str:
        """Add a saved view to an object or a list; returns its id, which queries take in place of a filter.

        Args:
            target: Slug or id of the object or list; an object is found first.
            title: Of the view.
            filter: What it shows, in Attio's own form. Default: everything.
            archived: Whether it is hidden.

        Raises:
            ApiProblem: The object or list is unknown, or the filter makes no sense.
        """
        with self._lock:
            workspace = self._workspace
            kind = workspace.object_type(target) or workspace.list_type(target)
            if kind is None:
                raise not_found(f'object or list with slug/ID "{target}"')
            Query(workspace, kind).run(filter, None)
            view = View(
                id=workspace.new_id(),
                created_at=self._now(),
                created_by=SYSTEM,
                kind_id=kind.id,
                title=title,
                filter=deepcopy(filter),
                is_archived=archived,
            )
            workspace.data.things.views[view.id] = view
            return view.id

    def add_activity(
        self,
        slug: str,
        singular: str | None = None,
        plural: str | None = None,
        extends: Literal["activities", "interactions", "calls", "emails"] = "activities",
    ) -> str:
        """Add an activity with only the attributes every object has; returns its id. `add_attribute` gives it more.

        Raises:
            ValueError: There is one with that slug.
        """
        with self._lock:
            workspace = self._workspace
            if workspace.activity_type(slug) is not None:
                raise ValueError(f"there is an activity {slug!r} already")
            name = slug.replace("_", " ").capitalize()
            kind = ActivityType(
                id=workspace.new_id(),
                slug=slug,
                singular=singular or name.removesuffix("s"),
                plural=plural or name,
                created_at=self._now(),
                extends=extends,
            )
            workspace.add_activity(kind)
            report_activity(workspace, kind, "created", self._stamp())
            return kind.id

    def resolve_comment(self, comment_id: str, member: str | None = None) -> None:
        """Resolve the thread that a comment begins, as people do in the app.

        Args:
            comment_id: The first comment of the thread.
            member: Who does it, by id or e-mail address. Default: the first member of the workspace.

        Raises:
            ApiProblem: There is no such comment, or no such member.
        """
        with self._lock:
            found = self._workspace.member(member or self._workspace.data.members[0].id)
            if found is None:
                raise not_found(f'workspace member "{member}"')
            actor = {"type": "workspace-member", "id": found.id}
            stamp = Stamp(self._now(), actor)
            self._settle(comment_id, "resolved", stamp, {"resolved_at": stamp.now, "resolved_by": actor})

    def unresolve_comment(self, comment_id: str) -> None:
        """Take up a resolved thread again.

        Raises:
            ApiProblem: There is no such comment.
        """
        with self._lock:
            changes = {"resolved_at": None, "resolved_by": None}
            self._settle(comment_id, "unresolved", self._stamp(), changes)

    def _settle(
        self,
        comment_id: str,
        what: Literal["resolved", "unresolved"],
        stamp: Stamp,
        changes: Mapping[str, Any],
    ) -> None:
        comments = self._workspace.data.things.comments
        comment = comments.get(comment_id)
        if comment is None or not comment.is_head:
            raise not_found(f'thread with ID "{comment_id}"')
        settled: Comment = attrs.evolve(comment, **changes)
        comments[comment.id] = settled
        report_comment(self._workspace, settled, what, stamp)
