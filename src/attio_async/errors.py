"""Every exception this package raises, in one tree.

::

    AttioError
    ├── ConfigurationError        (ValueError)   an option that cannot work; raised where it is given
    ├── CoercionError             (ValueError)   values that do not fit their attributes; nothing was sent
    │   └── DuplicateKey                         a row of a job has the key of an earlier one
    ├── FilterError               (ValueError)   a filter or sort that cannot work; nothing was sent
    ├── UnknownName               (LookupError)  an object, attribute, option or member nobody knows
    ├── NoResultFound             (LookupError)  one result was asked for, and there is none
    ├── MultipleResultsFound                     one result was asked for, and there are more
    ├── TransportError                           no usable answer arrived
    │   ├── ConnectionFailed      (ConnectionError)
    │   └── RequestTimeout        (TimeoutError)
    ├── DecodeError               (ValueError)   an answer arrived that is not what the API documents
    ├── InvalidDelivery       (ValueError)   the body of a webhook is not what the API documents
    ├── OutcomeUnknown                           a write that may or may not have happened
    ├── OAuthError                               connecting a workspace failed, and the code says why
    │   ├── StateMismatch                        a state that is not ours, not this browser's, old, or used already
    │   ├── AccessDenied                         the person, or their admin, said no
    │   ├── InvalidClient                        the client id or secret is wrong
    │   └── InvalidGrant                         the code is wrong, old, or used already
    └── APIError                                 the API refused, and said so
        ├── BadRequest                           400 and other refusals of the input
        │   ├── MultipleMatches
        │   ├── QueryTooComplex
        │   └── ValueNotFound
        ├── AuthenticationFailed                 the token is missing, malformed or unknown
        │   └── TokenInactive                    the token was valid once
        ├── PermissionDenied                     the token lacks a scope
        ├── NotFound              (LookupError)
        │   └── MergeInProgress
        ├── Conflict
        │   └── UniquenessConflict
        ├── BillingLimit
        ├── RateLimited
        └── ServerError

All of them can be pickled, and none of them ever holds an access token.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self, cast

__all__ = [
    "APIError",
    "AccessDenied",
    "AttioError",
    "AuthenticationFailed",
    "BadRequest",
    "BillingLimit",
    "CoercionError",
    "ConfigurationError",
    "Conflict",
    "ConnectionFailed",
    "DecodeError",
    "DuplicateKey",
    "ErrorResponse",
    "FilterError",
    "InvalidClient",
    "InvalidDelivery",
    "InvalidGrant",
    "MergeInProgress",
    "MultipleMatches",
    "MultipleResultsFound",
    "NoResultFound",
    "NotFound",
    "OAuthError",
    "OutcomeUnknown",
    "PermissionDenied",
    "Problem",
    "QueryTooComplex",
    "RateLimited",
    "RequestTimeout",
    "ServerError",
    "StateMismatch",
    "TokenInactive",
    "TransportError",
    "UniquenessConflict",
    "UnknownName",
    "ValueNotFound",
]


class AttioError(Exception):
    """The base of everything this package raises on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Subclasses take keyword arguments, which the default protocol cannot replay.
        return _restore, (type(self), self.args, self.__dict__)


def _restore(cls: type[AttioError], args: tuple[Any, ...], state: dict[str, Any]) -> AttioError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(AttioError, ValueError):
    """An option that cannot work. Nothing was sent."""


class Problem(NamedTuple):
    """One value that does not fit its attribute."""

    slug: str
    attribute_type: str | None
    value: object
    reason: str
    hint: str | None = None

    def __str__(self) -> str:
        kind = f" ({self.attribute_type})" if self.attribute_type else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.slug}{kind}: {self.reason}{hint}"


class CoercionError(AttioError, ValueError):
    """One or more values of a record do not fit their attributes. Nothing was sent.

    `problems` holds all of them; `slug`, `attribute_type`, `value` and `hint` are those of the first.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @classmethod
    def single(
        cls, slug: str, attribute_type: str | None, value: object, reason: str, hint: str | None = None
    ) -> Self:
        """The error for one problem."""
        return cls([Problem(slug, attribute_type, value, reason, hint)])

    @property
    def slug(self) -> str:
        return self.problems[0].slug

    @property
    def attribute_type(self) -> str | None:
        return self.problems[0].attribute_type

    @property
    def value(self) -> object:
        return self.problems[0].value

    @property
    def hint(self) -> str | None:
        return self.problems[0].hint


class DuplicateKey(CoercionError):
    """A row of a job has the key of an earlier one, and the job was not told which of them counts. Nothing was sent."""


class FilterError(AttioError, ValueError):
    """A filter or sort that cannot work. Nothing was sent."""


class UnknownName(AttioError, LookupError):
    """A name that is no object, attribute, option, status or member of this workspace.

    `kind` says what was looked for, `suggestions` are near matches, `available` is everything there is.
    """

    def __init__(
        self, kind: str, name: str, *, suggestions: Sequence[str] = (), available: Sequence[str] = ()
    ) -> None:
        self.kind = kind
        self.name = name
        self.suggestions = tuple(suggestions)
        self.available = tuple(available)
        super().__init__(f"no {kind} is called {name!r}{did_you_mean(suggestions, available)}")


def did_you_mean(suggestions: Sequence[str], available: Sequence[str] = ()) -> str:
    """The tail of a message about an unknown name: near matches if there are any, else what exists."""
    if suggestions:
        return f"; did you mean {' or '.join(map(repr, suggestions))}?"
    return f"; there is {', '.join(map(repr, available))}" if available else ""


class NoResultFound(AttioError, LookupError):
    """One result was asked for, and there is none."""


class MultipleResultsFound(AttioError):
    """One result was asked for, and there is more than one."""


class TransportError(AttioError):
    """No usable answer arrived.

    `sent` is False when the request certainly never reached the server.
    """

    def __init__(
        self, message: str, *, sent: bool, method: str = "", path: str = "", attempts: int = 1
    ) -> None:
        self.sent = sent
        self.method = method
        self.path = path
        self.attempts = attempts
        super().__init__(message)


class ConnectionFailed(TransportError, ConnectionError):
    """The connection could not be made, or broke."""


class RequestTimeout(TransportError, TimeoutError):
    """The server did not answer in time."""


class DecodeError(AttioError, ValueError):
    """An answer arrived that cannot be read: not JSON, cut short, or of another shape."""

    def __init__(
        self, message: str, *, status: int = 200, method: str = "", path: str = "", excerpt: str = ""
    ) -> None:
        self.status = status
        self.method = method
        self.path = path
        self.excerpt = excerpt
        what = f"with {excerpt!r}" if excerpt else "with an empty body"
        super().__init__(f"{message}: {method} {path} answered {status} {what}" if method else message)


class InvalidDelivery(AttioError, ValueError):
    """The body of a webhook that cannot be read: not JSON, cut short, or of another shape."""


class OAuthError(AttioError):
    """Connecting a workspace failed.

    Attributes:
        error: The code of RFC 6749, such as "invalid_grant"; one that is newer is possible.
        description: What the server said about it, if anything.
        uri: Where the server says there is more about it, if anywhere.
        status: The HTTP status of the token endpoint; None when it was not asked.
    """

    def __init__(
        self, error: str, description: str | None = None, *, uri: str | None = None, status: int | None = None
    ) -> None:
        self.error = error
        self.description = description
        self.uri = uri
        self.status = status
        super().__init__(f"{error}: {description}" if description else error)


class StateMismatch(OAuthError):
    """The state of a callback is not one of ours, not this browser's, too old, or was used. Nothing was sent."""


class AccessDenied(OAuthError):
    """The person, or an admin of the workspace, did not allow the connection. Nothing was sent."""


class InvalidClient(OAuthError):
    """The client id or secret is wrong."""


class InvalidGrant(OAuthError):
    """The code is wrong, too old, was used already, or belongs to another redirect URI."""


class OutcomeUnknown(AttioError):
    """A write was sent and its answer was lost, so it may or may not have happened.

    It was not repeated, since that could do it twice. `cause` is the failure that hid the outcome.
    """

    def __init__(self, operation: str, cause: AttioError, *, attempts: int = 1) -> None:
        self.operation = operation
        self.cause = cause
        self.attempts = attempts
        super().__init__(f"{operation} may or may not have happened ({cause}); read before writing again")


class ErrorResponse(NamedTuple):
    """What the server answered: status, headers in lower case, and the first 64 KiB of the body as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


_MOST_LINES = 20
_LONGEST = 2_000


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _validation_line(error: Mapping[str, Any]) -> str:
    path: object = error.get("path")
    where = ".".join(map(str, cast("list[object]", path))) if isinstance(path, list) else str(path or "")
    return _shortened(f"  {where or 'body'}: {error.get('message') or error.get('code') or 'is wrong'}")


class APIError(AttioError):
    """The API refused a request.

    Attributes:
        status: The HTTP status.
        type: Attio's error type, such as "invalid_request_error"; None when the body had none.
        code: Attio's error code, such as "not_found"; new ones appear.
        message: Attio's own sentence, or a short excerpt of a body that was not the documented one.
        validation_errors: What was wrong where, when the API says so.
        method, path: The request.
        attempts: How often it was sent.
        execution_id: Attio's id of the call, for their support.
        response: Status, headers and body.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        type: str | None = None,
        code: str | None = None,
        validation_errors: Sequence[Mapping[str, Any]] = (),
        method: str = "",
        path: str = "",
        attempts: int = 1,
        response: ErrorResponse | None = None,
    ) -> None:
        self.message = message
        self.status = status
        self.type = type
        self.code = code
        self.validation_errors = tuple(validation_errors)
        self.method = method
        self.path = path
        self.attempts = attempts
        self.response = response
        super().__init__(message)

    @property
    def execution_id(self) -> str | None:
        return self.response.headers.get("x-attio-execution-id") if self.response else None

    @property
    def hint(self) -> str | None:
        """What to do about it, when there is something general to say."""
        return None

    def __str__(self) -> str:
        request = f"{self.method} {self.path}: " if self.method else ""
        label = f"{self.status} {_shortened(self.code)}" if self.code else str(self.status)
        lines = [f"{request}{label}: {_shortened(self.message)}"]
        lines += map(_validation_line, self.validation_errors[:_MOST_LINES])
        if more := len(self.validation_errors[_MOST_LINES:]):
            lines.append(f"  and {more} more")
        if self.hint:
            lines.append(f"  {_shortened(self.hint)}")
        if self.execution_id:
            lines.append(f"  execution id {self.execution_id}")
        return "\n".join(lines)


class BadRequest(APIError):
    """The API found the request wrong. Nothing was written."""


class MultipleMatches(BadRequest):
    """More than one record or entry matches. Nothing was written."""

    @property
    def hint(self) -> str | None:
        return "merge the duplicates, or match on another attribute"


class QueryTooComplex(BadRequest):
    """One query costs more than a query may; waiting does not help, a simpler query does."""

    @property
    def hint(self) -> str | None:
        return "ask for less at once: fewer conditions, fewer steps through references, smaller pages"


class ValueNotFound(BadRequest):
    """A select option, status, attribute or referenced record that does not exist. Nothing was written.

    `suggestions` are slugs and titles like the one that was asked for, as far as the schema is known.
    """

    def __init__(self, message: str, *, suggestions: Sequence[str] = (), **details: Any) -> None:
        self.suggestions = tuple(suggestions)
        super().__init__(message, **details)

    @property
    def hint(self) -> str | None:
        return did_you_mean(self.suggestions).lstrip("; ") or None


class AuthenticationFailed(APIError):
    """The access token is missing, malformed or unknown."""

    @property
    def hint(self) -> str | None:
        return "check the token: workspace settings, developers, access tokens"


class TokenInactive(AuthenticationFailed):
    """The access token was revoked, or its app was uninstalled."""


class PermissionDenied(APIError):
    """The token is valid but may not do this.

    Attributes:
        required_scopes: What the operation needs.
        granted_scopes: What the token has; None where that could not be asked.
    """

    def __init__(
        self,
        message: str,
        *,
        required_scopes: Sequence[str] = (),
        granted_scopes: Sequence[str] | None = None,
        **details: Any,
    ) -> None:
        self.required_scopes = tuple(required_scopes)
        self.granted_scopes = None if granted_scopes is None else tuple(granted_scopes)
        super().__init__(message, **details)

    @property
    def missing_scopes(self) -> tuple[str, ...]:
        """The scopes that are needed and known not to be there; the right to write includes that to read."""
        granted = self.granted_scopes
        if granted is None:
            return ()
        return tuple(
            scope for scope in self.required_scopes if not {scope, f"{scope}-write"}.intersection(granted)
        )

    @property
    def hint(self) -> str | None:
        if not self.required_scopes:
            return None
        needs = f"the operation needs {', '.join(self.required_scopes)}"
        if self.granted_scopes is None:
            return needs
        has = f"the token has {', '.join(self.granted_scopes) or 'no scopes'}"
        if self.missing_scopes:
            return f"{needs}; {has}: add {', '.join(self.missing_scopes)}"
        return f"{needs}; {has}, which is enough: the person or the plan behind it may not do this"


class NotFound(APIError, LookupError):
    """What the path names does not exist, or the token may not see it."""


class MergeInProgress(NotFound):
    """The record is being merged: its new id can be read in a moment."""

    @property
    def hint(self) -> str | None:
        return "try again in a moment"


class Conflict(APIError):
    """The request clashes with the state of the workspace. Nothing was written."""


class UniquenessConflict(Conflict):
    """Another record already has this value. Nothing was written.

    Attributes:
        attribute: The slug of the attribute, where the message names it.
        conflicting_record_id: The record that has the value, where the message names it.
    """

    def __init__(
        self,
        message: str,
        *,
        attribute: str | None = None,
        conflicting_record_id: str | None = None,
        **details: Any,
    ) -> None:
        self.attribute = attribute
        self.conflicting_record_id = conflicting_record_id
        super().__init__(message, **details)

    @property
    def hint(self) -> str | None:
        match = f"upsert with match={self.attribute!r}" if self.attribute else "upsert"
        if self.conflicting_record_id:
            return f"record {self.conflicting_record_id} has the value: update that one, or {match}"
        return f"{match} updates the record that has the value"


_LIMITS = {
    "billing_error": "the workspace's plan does not include this",
    "limit_reached": "the workspace has as many of these as it may have",
    "quota_exceeded": "a quota of the workspace's plan is used up",
}


class BillingLimit(APIError):
    """The workspace's plan does not cover this: not at all, or no more of it. Nothing was written."""

    @property
    def hint(self) -> str | None:
        return _LIMITS.get(self.code or "", "the workspace's plan does not cover this")


class RateLimited(APIError):
    """The API refused for the rate, and waiting any longer was not wanted. Nothing was written.

    Attributes:
        retry_after: How many seconds from the answer on the API asked to wait; None when it did not say.
        limit: Which limit was hit, in words.
    """

    def __init__(
        self, message: str, *, retry_after: float | None = None, limit: str | None = None, **details: Any
    ) -> None:
        self.retry_after = retry_after
        self.limit = limit
        super().__init__(message, **details)

    @property
    def hint(self) -> str | None:
        limit = f"the limit of {self.limit}" if self.limit else "a limit"
        wait = "" if self.retry_after is None else f"; the API asks to wait {self.retry_after:,.1f} s"
        return f"{limit} was hit{wait}"


class ServerError(APIError):
    """Something failed on the server's side, or between it and here."""
