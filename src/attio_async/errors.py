"""Every exception this package raises, in one tree.

::

    AttioError
    ├── ConfigurationError        (ValueError)   an option is not valid; nothing was sent
    │   └── InputChanged                         a job is another one than that of its journal
    ├── StorageError              (OSError)      a file cannot be written, such as on a full disk
    ├── CoercionError             (ValueError)   values do not fit their attributes; nothing was sent
    │   └── DuplicateKey                         two rows of a job have the same key
    ├── FilterError               (ValueError)   a filter or sort is not valid; nothing was sent
    ├── UnknownName               (LookupError)  an unknown object, attribute, option, status or member
    ├── NoResultFound             (LookupError)  one result was expected, and there is none
    ├── MultipleResultsFound                     one result was expected, and there are several
    ├── TransportError                           no usable response arrived
    │   ├── ConnectionFailed      (ConnectionError)
    │   └── RequestTimeout        (TimeoutError)
    ├── DecodeError               (ValueError)   a response is not what the API documents
    ├── InvalidDelivery           (ValueError)   the body of a webhook is not what the API documents
    ├── JobSuperseded                            another worker took over the job
    ├── OutcomeUnknown                           a write may or may not have been carried out
    ├── OAuthError                               connecting a workspace failed
    │   ├── StateMismatch                        the state is unknown, of another browser, expired or used
    │   ├── AccessDenied                         the user or an admin denied the connection
    │   ├── InvalidClient                        the client id or secret is wrong
    │   └── InvalidGrant                         the code is wrong, expired or used
    └── APIError                                 the API rejected the request
        ├── BadRequest                           400 and other rejections of the input
        │   ├── MultipleMatches
        │   ├── QueryTooComplex
        │   └── ValueNotFound
        ├── AuthenticationFailed                 the token is missing, malformed or unknown
        │   └── TokenInactive                    the token was revoked
        ├── PermissionDenied                     the token lacks a scope
        ├── NotFound              (LookupError)
        │   └── MergeInProgress
        ├── Conflict
        │   └── UniquenessConflict
        ├── BillingLimit
        ├── RateLimited
        └── ServerError

All of them can be pickled, `to_dict(mode="json")` is what a program or a model can act on, and none of them holds an
access token.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self, cast

from attio_async_api.json_data import JsonData, JsonFields

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
    "InputChanged",
    "InvalidClient",
    "InvalidDelivery",
    "InvalidGrant",
    "JobSuperseded",
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
    "StorageError",
    "TokenInactive",
    "TransportError",
    "UniquenessConflict",
    "UnknownName",
    "ValueNotFound",
]


def __dir__() -> list[str]:
    return __all__


class AttioError(Exception, JsonData):
    """The base class of all exceptions of this package."""

    def _json_fields(self) -> JsonFields:
        """Return the name of the class, the message, a hint of what to do, and all attributes."""
        fields = {"exception": type(self).__name__, "message": str(self), "hint": getattr(self, "hint", None)}
        fields |= {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return fields.items()

    def __reduce__(self) -> tuple[Any, ...]:
        # Subclasses take keyword arguments, which the default protocol cannot replay.
        return _restore, (type(self), self.args, self.__dict__)


def _restore(cls: type[AttioError], args: tuple[Any, ...], state: dict[str, Any]) -> AttioError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigurationError(AttioError, ValueError):
    """An option is not valid. Nothing was sent."""


class InputChanged(ConfigurationError):
    """The rows or options of a job are others than those that its journal was begun with. Nothing was sent.

    Attributes:
        verb: What the job does, such as "upsert" or "create".
    """

    def __init__(self, message: str, *, verb: str) -> None:
        super().__init__(message)
        self.verb = verb


class StorageError(AttioError, OSError):
    """A file of this machine cannot be written, such as on a full disk.

    What was written before is kept, and a file that was to be replaced is unchanged.

    Attributes:
        filename: The file.
        errno: The number of the error of the operating system.
    """

    def __init__(self, filename: str, number: int | None = None, reason: str = "") -> None:
        super().__init__(f"cannot write {filename}: {reason or os.strerror(number or 0)}")
        self.filename = filename
        self.errno = number

    def __str__(self) -> str:
        return str(self.args[0])

    def __reduce__(self) -> tuple[Any, ...]:
        restore, arguments = super().__reduce__()
        return restore, arguments, {"filename": self.filename, "errno": self.errno}


class JobSuperseded(AttioError):
    """Another worker took over the job with a higher epoch. This one sends nothing more.

    The other worker reads back what this one had in flight, so that no row is lost or written twice.

    Attributes:
        job: The name of the job.
        epoch: The epoch of this worker.
        current: The epoch of the job; None if its journal was deleted.
    """

    def __init__(self, job: str, *, epoch: int, current: int | None) -> None:
        now = (
            "its journal was deleted"
            if current is None
            else f"another worker took it over with epoch {current}"
        )
        super().__init__(
            f"job {job!r} was superseded: {now}, and this worker has epoch {epoch}; end this run"
        )
        self.job = job
        self.epoch = epoch
        self.current = current


class Problem(NamedTuple):
    """One value that does not fit its attribute.

    Attributes:
        slug: The attribute.
        attribute_type: Its type; None if it is not known.
        value: The value as it was given.
        reason: What is wrong with it.
        hint: What to do about it, if there is something general to say.
    """

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

    `problems` lists all of them; `slug`, `attribute_type`, `value` and `hint` are those of the first.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @classmethod
    def single(
        cls, slug: str, attribute_type: str | None, value: object, reason: str, hint: str | None = None
    ) -> Self:
        """Create the error for one problem."""
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
    """Two rows of a job have the same key, and the job has no rule for it. The row was not sent."""


class FilterError(AttioError, ValueError):
    """A filter or sort is not valid. Nothing was sent."""


class UnknownName(AttioError, LookupError):
    """The workspace has no object, attribute, option, status or member of this name.

    Attributes:
        kind: What was looked for, such as "attribute".
        name: The unknown name.
        suggestions: Similar names.
        available: All names, if they are known.
    """

    def __init__(
        self, kind: str, name: str, *, suggestions: Sequence[str] = (), available: Sequence[str] = ()
    ) -> None:
        self.kind = kind
        self.name = name
        self.suggestions: tuple[str, ...] = tuple(suggestions)
        self.available: tuple[str, ...] = tuple(available)
        super().__init__(f"unknown {kind} {name!r}{did_you_mean(suggestions, available)}")


def did_you_mean(suggestions: Sequence[str], available: Sequence[str] = ()) -> str:
    """Return the end of a message about an unknown name: similar names if there are any, else all names."""
    if suggestions:
        return f"; did you mean {' or '.join(map(repr, suggestions))}?"
    return f"; use one of {', '.join(map(repr, available))}" if available else ""


class NoResultFound(AttioError, LookupError):
    """One result was expected, and there is none."""


class MultipleResultsFound(AttioError):
    """One result was expected, and there are several."""


class TransportError(AttioError):
    """No usable response arrived.

    Attributes:
        sent: False if the request certainly did not reach the server.
        method, path: The request.
        attempts: How often it was tried.
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
    """The connection could not be opened, or broke."""


class RequestTimeout(TransportError, TimeoutError):
    """The server did not respond in time."""


class DecodeError(AttioError, ValueError):
    """A response cannot be read: it is not JSON, cut short, or of another shape.

    Attributes:
        status: Its HTTP status.
        method, path: The request; empty if the error concerns several.
        excerpt: The beginning of the body.
    """

    def __init__(
        self, message: str, *, status: int = 200, method: str = "", path: str = "", excerpt: str = ""
    ) -> None:
        self.status = status
        self.method = method
        self.path = path
        self.excerpt = excerpt
        body = repr(excerpt) if excerpt else "an empty body"
        super().__init__(f"{message}: {method} {path} answered {status} with {body}" if method else message)


class InvalidDelivery(AttioError, ValueError):
    """The body of a webhook cannot be read: it is not JSON, cut short, or of another shape."""


class OAuthError(AttioError):
    """Connecting a workspace failed.

    Attributes:
        error: The code of RFC 6749, such as "invalid_grant"; newer codes are possible.
        description: The server's description of the error, if there is one.
        uri: A page about the error, if the server names one.
        status: The HTTP status of the token endpoint; None if it was not called.
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
    """The state of a callback is unknown, belongs to another browser, is expired, or was used. Nothing was sent."""


class AccessDenied(OAuthError):
    """The user, or an admin of the workspace, denied the connection. Nothing was sent."""


class InvalidClient(OAuthError):
    """The client id or secret is wrong."""


class InvalidGrant(OAuthError):
    """The code is wrong, expired, was used, or belongs to another redirect URI."""


class OutcomeUnknown(AttioError):
    """A write was sent and its response was lost, so it may or may not have been carried out.

    It was not retried, since that could do it twice.

    Attributes:
        operation: The id of the operation, such as "create_task".
        cause: The failure that hid the outcome.
        attempts: How often it was sent.
    """

    def __init__(self, operation: str, cause: AttioError, *, attempts: int = 1) -> None:
        self.operation = operation
        self.cause = cause
        self.attempts = attempts
        super().__init__(
            f"{operation} may or may not have been carried out ({cause}); check its effect before you retry"
        )


class ErrorResponse(NamedTuple):
    """The response to a rejected request: status, headers with lower-case names, and the first 64 KiB of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


_MAX_LINES = 20
_MAX_LINE_CHARS = 2_000


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_LINE_CHARS else text[: _MAX_LINE_CHARS - 1] + "…"


def _validation_line(error: Mapping[str, Any]) -> str:
    path: object = error.get("path")
    where = ".".join(map(str, cast("list[object]", path))) if isinstance(path, list) else str(path or "")
    return _shortened(f"  {where or 'body'}: {error.get('message') or error.get('code') or 'is not valid'}")


class APIError(AttioError):
    """The API rejected a request.

    Attributes:
        status: The HTTP status.
        type: Attio's error type, such as "invalid_request_error"; None if the body has none.
        code: Attio's error code, such as "not_found"; new codes appear without notice.
        message: Attio's own message, or a short excerpt of a body that is not the documented one.
        validation_errors: The invalid fields, if the API lists them.
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
        self.validation_errors: tuple[Mapping[str, Any], ...] = tuple(validation_errors)
        self.method = method
        self.path = path
        self.attempts = attempts
        self.response = response
        super().__init__(message)

    def _json_fields(self) -> JsonFields:
        fields = {**dict(super()._json_fields()), "execution_id": self.execution_id}
        del fields["response"]  # of any length, and no news
        return fields.items()

    @property
    def execution_id(self) -> str | None:
        return self.response.headers.get("x-attio-execution-id") if self.response else None

    @property
    def hint(self) -> str | None:
        """Advice, if there is any that always holds."""
        return None

    def __str__(self) -> str:
        request = f"{self.method} {self.path}: " if self.method else ""
        label = f"{self.status} {_shortened(self.code)}" if self.code else str(self.status)
        lines = [f"{request}{label}: {_shortened(self.message)}"]
        lines += map(_validation_line, self.validation_errors[:_MAX_LINES])
        if more := len(self.validation_errors[_MAX_LINES:]):
            lines.append(f"  and {more} more")
        if self.hint:
            lines.append(f"  {_shortened(self.hint)}")
        if self.execution_id:
            lines.append(f"  execution id {self.execution_id}")
        return "\n".join(lines)


class BadRequest(APIError):
    """The request is not valid. Nothing was written."""


class MultipleMatches(BadRequest):
    """Several records or entries match. Nothing was written."""

    @property
    def hint(self) -> str | None:
        if "/entries" in self.path:
            return "the record is in the list more than once: update one of its entries by id, and delete the others"
        return "merge the duplicates, or match on another attribute"


class QueryTooComplex(BadRequest):
    """A query costs more than a single query may. Waiting does not help; simplify the query."""

    @property
    def hint(self) -> str | None:
        return "simplify the query: fewer conditions, fewer steps through references, smaller pages"


class ValueNotFound(BadRequest):
    """A select option, status, attribute or referenced record does not exist. Nothing was written.

    Attributes:
        suggestions: Similar slugs and titles, as far as the schema is known.
    """

    def __init__(self, message: str, *, suggestions: Sequence[str] = (), **details: Any) -> None:
        self.suggestions: tuple[str, ...] = tuple(suggestions)
        super().__init__(message, **details)

    @property
    def is_missing_record(self) -> bool:
        """True if a record that is referred to does not exist."""
        return self.message.lower().startswith(("cannot find record", "could not find record"))

    @property
    def hint(self) -> str | None:
        if self.is_missing_record:
            return "write the record that is referred to first; a job does so with create_references=True"
        return did_you_mean(self.suggestions).lstrip("; ") or None


class AuthenticationFailed(APIError):
    """The access token is missing, malformed or unknown."""

    @property
    def hint(self) -> str | None:
        return "check the token in Attio: Workspace settings > Developers > Access tokens, or that its app is still installed"


class TokenInactive(AuthenticationFailed):
    """The access token was revoked, or its app was uninstalled. `identify` alone tells that; other calls are refused."""


class PermissionDenied(APIError):
    """The token is valid but lacks a permission.

    https://docs.attio.com/rest-api/how-to/authentication

    Attributes:
        required_scopes: The scopes that the operation needs.
        granted_scopes: The scopes of the token; None if they are not known.
        token_levels: The levels of tokens that the operation accepts, "workspace" or "user"; empty if it accepts any.
    """

    def __init__(
        self,
        message: str,
        *,
        required_scopes: Sequence[str] = (),
        granted_scopes: Sequence[str] | None = None,
        token_levels: Sequence[str] = (),
        **details: Any,
    ) -> None:
        self.token_levels: tuple[str, ...] = tuple(token_levels)
        self.required_scopes: tuple[str, ...] = tuple(required_scopes)
        self.granted_scopes: tuple[str, ...] | None = (
            None if granted_scopes is None else tuple(granted_scopes)
        )
        super().__init__(message, **details)

    def _json_fields(self) -> JsonFields:
        return [*super()._json_fields(), ("missing_scopes", self.missing_scopes)]

    @property
    def missing_scopes(self) -> tuple[str, ...]:
        """The required scopes that the token is known to lack. A scope to write includes the one to read."""
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
        if self.token_levels:
            levels = " or ".join(self.token_levels)
            return f"{needs}; {has}: use a token of the level {levels}, which it needs besides"
        if self.method == "DELETE" and "/comments/" in self.path:
            return f"{needs}; {has}: a token of a user deletes only the comments of that user"
        return f"{needs}; {has}, so its user or the workspace's plan lacks the permission"


class NotFound(APIError, LookupError):
    """The object of the request does not exist, or the token may not see it."""


class MergeInProgress(NotFound):
    """The record is being merged; its new id can be read in a moment."""

    @property
    def hint(self) -> str | None:
        return "retry in a moment"


class Conflict(APIError):
    """The request conflicts with the state of the workspace. Nothing was written."""


class UniquenessConflict(Conflict):
    """Another record already has this value. Nothing was written.

    Attributes:
        attribute: The slug of the attribute, if the message names it; its id if the schema is not known.
        conflicting_record_id: The record that has the value, if the message names it.
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
        if self.path.startswith("/v2/webhooks"):
            return "a webhook has this URL, event type and filter already: use webhooks.ensure(), or update that one"
        match = f"upsert with match={self.attribute!r}" if self.attribute else "upsert"
        if self.conflicting_record_id:
            return f"record {self.conflicting_record_id} has the value: update that one, or {match}"
        return f"{match} updates the record that has the value"


_LIMITS = {
    "billing_error": "the workspace's plan does not include this",
    "limit_reached": "the workspace has the maximum number of these",
    "quota_exceeded": "a quota of the workspace's plan is used up",
}


class BillingLimit(APIError):
    """The workspace's plan does not cover this, or its limit is reached. Nothing was written."""

    @property
    def hint(self) -> str | None:
        return _LIMITS.get(self.code or "", "the workspace's plan does not cover this")


class RateLimited(APIError):
    """The rate limit was hit, and the allowed retries or waiting time are used up. Nothing was written.

    https://docs.attio.com/rest-api/how-to/rate-limiting

    Attributes:
        retry_after: The seconds that the API asked to wait, from its response on; None if it did not say.
        limit: The limit, in words.
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
    """The server, or a proxy in front of it, failed."""
