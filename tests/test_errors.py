"""Messages of errors, and errors that are pickled or copied."""

import copy
import pickle
from typing import Any

import httpx
import pytest

from attio_async import Ref, errors
from attio_async.errors import (
    APIError,
    AttioError,
    BadRequest,
    BillingLimit,
    CoercionError,
    DecodeError,
    ErrorResponse,
    InputChanged,
    JobSuperseded,
    MergeInProgress,
    MultipleMatches,
    OAuthError,
    OutcomeUnknown,
    PermissionDenied,
    Problem,
    QueryTooComplex,
    RateLimited,
    RequestTimeout,
    TokenInactive,
    TransportError,
    UniquenessConflict,
    UnknownName,
    ValueNotFound,
)
from tests.support import Scripted, error

WHERE: dict[str, Any] = {"status": 400, "method": "POST", "path": "/v2/tasks"}
ID = "5f0e3b1c-0000-4000-8000-000000000001"


def every_class() -> list[type[AttioError]]:
    found = [getattr(errors, name) for name in errors.__all__]
    return [cls for cls in found if isinstance(cls, type) and issubclass(cls, AttioError)]


def made(cls: type[AttioError]) -> AttioError:
    """Return an error of a class, with all of its attributes."""
    if issubclass(cls, APIError):
        extra: dict[type[APIError], dict[str, Any]] = {
            ValueNotFound: {"suggestions": ["stage"]},
            PermissionDenied: {"required_scopes": ["a:read"], "granted_scopes": ["b:read"]},
            UniquenessConflict: {"attribute": "domains", "conflicting_record_id": ID},
            RateLimited: {"retry_after": 1.5, "limit": "25 writes per second"},
        }
        response = ErrorResponse(400, {"x-attio-execution-id": "exec"}, b"{}")
        more: dict[str, Any] = {"type": "t", "code": "c", "attempts": 3, "response": response}
        validation = [{"path": ["data", 0], "message": "Required"}]
        return cls("No.", **WHERE, **more, validation_errors=validation, **extra.get(cls, {}))
    if issubclass(cls, TransportError):
        return cls("lost", sent=True, method="GET", path="/v2/self", attempts=2)
    if issubclass(cls, OAuthError):
        return cls("invalid_grant", "Too old.", uri="https://example.com", status=400)
    special: dict[type[AttioError], AttioError] = {
        CoercionError: CoercionError([Problem("name", "text", 3, "is not text", "give a str")]),
        UnknownName: UnknownName("attribute", "nam", suggestions=["name"], available=["name", "size"]),
        DecodeError: DecodeError("cut short", status=200, method="GET", path="/v2/self", excerpt="<html>"),
        OutcomeUnknown: OutcomeUnknown("create_task", RequestTimeout("slow", sent=True), attempts=2),
        InputChanged: InputChanged("other rows", verb="upsert"),
        JobSuperseded: JobSuperseded("push", epoch=1, current=2),
    }
    return special.get(cls) or cls("said")


def contents(error: object) -> object:
    return {
        name: repr(value) if isinstance(value, AttioError) else value for name, value in vars(error).items()
    }


def test_every_error_survives_pickling_and_copying() -> None:
    assert len(every_class()) > 25
    for cls in every_class():
        error = made(cls)
        pickled = [pickle.dumps(error, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
        for again in (*map(pickle.loads, pickled), copy.copy(error), copy.deepcopy(error)):
            assert type(again) is cls
            assert str(again) == str(error)
            assert repr(again) == repr(error)
            assert contents(again) == contents(error)


def test_every_error_has_a_message_and_a_docstring() -> None:
    assert [cls for cls in every_class() if not str(made(cls)) or not cls.__doc__] == []


MESSAGES: list[tuple[AttioError, str]] = [
    (
        BadRequest(
            "Body payload validation error.",
            **WHERE,
            code="validation_type",
            validation_errors=[
                {"path": ["data", "deadline_at"], "message": "Required"},
                {"message": "Unrecognized key"},
                {"path": "sorts", "code": "invalid"},
                {"path": []},
            ],
            response=ErrorResponse(400, {"x-attio-execution-id": "ab12"}, b"{}"),
        ),
        ("POST /v2/tasks: 400 validation_type: Body payload validation error.\n"
        "  data.deadline_at: Required\n"
        "  body: Unrecognized key\n"
        "  sorts: invalid\n"
        "  body: is not valid\n"
        "  execution id ab12"),
    ),
    (APIError("No.", status=418), "418: No."),
    (
        MultipleMatches("Two.", **WHERE),
        "POST /v2/tasks: 400: Two.\n  merge the duplicates, or match on another attribute",
    ),
    (
        QueryTooComplex("No.", **WHERE),
        ("POST /v2/tasks: 400: No.\n"
        "  simplify the query: fewer conditions, fewer steps through references, smaller pages"),
    ),
    (
        ValueNotFound("No.", suggestions=["Won", "won_at"], **WHERE),
        "POST /v2/tasks: 400: No.\n  did you mean 'Won' or 'won_at'?",
    ),
    (ValueNotFound("No.", **WHERE), "POST /v2/tasks: 400: No."),
    (
        TokenInactive("Dead.", **WHERE),
        "POST /v2/tasks: 400: Dead.\n  check the token in Attio: Workspace settings > Developers > Access tokens, or that its app is still installed",
    ),
    (PermissionDenied("No.", **WHERE), "POST /v2/tasks: 400: No."),
    (
        PermissionDenied("No.", required_scopes=["a:read"], **WHERE),
        "POST /v2/tasks: 400: No.\n  the operation needs a:read",
    ),
    (
        PermissionDenied(
            "No.", required_scopes=["a:read", "b:read-write"], granted_scopes=["a:read-write"], **WHERE
        ),
        ("POST /v2/tasks: 400: No.\n"
        "  the operation needs a:read, b:read-write; the token has a:read-write: add b:read-write"),
    ),
    (
        PermissionDenied("No.", required_scopes=["a:read"], granted_scopes=[], **WHERE),
        "POST /v2/tasks: 400: No.\n  the operation needs a:read; the token has no scopes: add a:read",
    ),
    (
        PermissionDenied("No.", required_scopes=["a:read"], granted_scopes=["a:read"], **WHERE),
        ("POST /v2/tasks: 400: No.\n  the operation needs a:read; the token has a:read, "
        "so its user or the workspace's plan lacks the permission"),
    ),
    (MergeInProgress("Busy.", **WHERE), "POST /v2/tasks: 400: Busy.\n  retry in a moment"),
    (
        UniquenessConflict("Taken.", attribute="domains", conflicting_record_id=ID, **WHERE),
        (f"POST /v2/tasks: 400: Taken.\n"
        f"  record {ID} has the value: update that one, or upsert with match='domains'"),
    ),
    (
        UniquenessConflict("Taken.", **WHERE),
        "POST /v2/tasks: 400: Taken.\n  upsert updates the record that has the value",
    ),
    (
        BillingLimit("No.", code="quota_exceeded", **WHERE),
        "POST /v2/tasks: 400 quota_exceeded: No.\n  a quota of the workspace's plan is used up",
    ),
    (
        BillingLimit("No.", **WHERE),
        "POST /v2/tasks: 400: No.\n  the workspace's plan does not cover this",
    ),
    (
        RateLimited("Slow down.", retry_after=3600, limit="2 per second on run_sql", **WHERE),
        ("POST /v2/tasks: 400: Slow down.\n"
        "  the limit of 2 per second on run_sql was hit; the API asks to wait 3,600.0 s"),
    ),
    (RateLimited("Slow down.", **WHERE), "POST /v2/tasks: 400: Slow down.\n  a limit was hit"),
    (DecodeError("cut short"), "cut short"),
    (
        DecodeError("it has no data", status=204, method="GET", path="/v2/self"),
        "it has no data: GET /v2/self answered 204 with an empty body",
    ),
    (
        OutcomeUnknown("create_task", RequestTimeout("no answer", sent=True)),
        "create_task may or may not have been carried out (no answer); check its effect before you retry",
    ),
    (UnknownName("object", "pepole", suggestions=["people"]), "unknown object 'pepole'; did you mean 'people'?"),
    (UnknownName("object", "x", available=["a", "b"]), "unknown object 'x'; use one of 'a', 'b'"),
    (UnknownName("object", "x"), "unknown object 'x'"),
    (OAuthError("server_error"), "server_error"),
    (
        CoercionError([Problem("a", "text", 1, "is not text", "give a str"), Problem("b", None, 2, "is odd")]),
        "a (text): is not text; give a str\nb: is odd",
    ),
]  # fmt: skip


def test_messages_say_what_where_and_what_next() -> None:
    misfits = {str(error): text for error, text in MESSAGES if str(error) != text}
    assert not misfits


def test_the_attributes_of_a_coercion_error_are_those_of_its_first_problem() -> None:
    error = CoercionError.single("a", "text", 1, "is not text", "give a str")
    assert (error.slug, error.attribute_type, error.value, error.hint) == ("a", "text", 1, "give a str")


def test_an_error_without_a_response_has_no_execution_id() -> None:
    assert APIError("No.", status=400).execution_id is None
    assert APIError("No.", status=400).hint is None


def test_missing_scopes_are_those_known_to_be_missing() -> None:
    for granted, missing in ((None, ()), (["a:read"], ()), (["a:read-write"], ()), (["b:read"], ("a:read",))):
        error = PermissionDenied("No.", required_scopes=["a:read"], granted_scopes=granted, **WHERE)
        assert error.missing_scopes == missing


class TestScopes:
    pytestmark = pytest.mark.anyio
    REFUSED = error(403, "auth_error", "unauthorized", "No.")

    def refusing(self, answer: httpx.Response) -> tuple[Scripted, Any]:
        http = Scripted()
        identity = http.router.get("/v2/self").mock(return_value=answer)
        http.router.route().mock(return_value=self.REFUSED)
        return http, identity

    async def denied(self, http: Scripted) -> PermissionDenied:
        with pytest.raises(PermissionDenied) as caught:
            await http.attio.tasks.get(ID)
        return caught.value

    async def test_an_error_has_required_and_granted_scopes_and_asks_for_them_once(self) -> None:
        granted = httpx.Response(200, json={"active": True, "scope": "task:read record_permission:read"})
        http, identity = self.refusing(granted)
        for _ in range(3):
            refused = await self.denied(http)
            assert refused.granted_scopes == ("task:read", "record_permission:read")
            assert refused.required_scopes
            assert refused.missing_scopes == tuple(
                scope for scope in refused.required_scopes if scope not in refused.granted_scopes
            )
            assert "the token has task:read, record_permission:read" in str(refused)
        assert identity.call_count == 1

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(500, text="<html>"),
            httpx.Response(200, json={"active": False}),
            httpx.Response(200, json=[1]),
            httpx.Response(200, json={"scope": 3}),
            httpx.Response(403, json={"type": "auth_error"}),
        ],
    )
    async def test_unknown_scopes_leave_the_error_as_it_is(self, answer: httpx.Response) -> None:
        http, identity = self.refusing(answer)
        for _ in range(2):
            refused = await self.denied(http)
            assert (refused.code, refused.granted_scopes) == ("unauthorized", None)
        is_outage = answer.status_code == 500  # which says nothing about the token, so it is asked again
        assert 1 <= identity.call_count <= (8 if is_outage else 4)

    async def test_a_rejected_identify_does_not_ask_for_scopes(self) -> None:
        http, identity = self.refusing(self.REFUSED)
        with pytest.raises(PermissionDenied):
            await http.attio.identify()
        assert identity.call_count == 1

    async def test_a_schema_that_is_optional_does_not_ask_for_scopes(self) -> None:
        http = Scripted()
        identity = http.router.get("/v2/self").mock(
            return_value=httpx.Response(200, json={"scope": "a:read"})
        )
        http.router.get(path__regex="/attributes$").mock(return_value=self.REFUSED)
        http.router.route().mock(return_value=httpx.Response(200, json={"data": {"values": {}}}))
        await http.attio.companies.get(ID)
        assert identity.call_count == 0
        with pytest.raises(PermissionDenied) as caught:
            await http.attio.schema("companies")
        assert caught.value.granted_scopes == ("a:read",)

    async def test_other_errors_do_not_ask_for_scopes(self) -> None:
        http = Scripted()
        identity = http.router.get("/v2/self")
        http.router.route().mock(return_value=error(404, "invalid_request_error", "not_found"))
        with pytest.raises(errors.NotFound):
            await http.attio.tasks.get(ID)
        assert identity.call_count == 0


class TestSuggestions:
    pytestmark = pytest.mark.anyio
    ATTRIBUTES = (
        {"api_slug": "stage", "title": "Stage", "type": "status"},
        {"api_slug": "value", "title": "Deal value", "type": "currency"},
    )

    def refusing(self, code: str, message: str) -> Scripted:
        http = Scripted()
        for name, data in (
            ("/attributes", list(self.ATTRIBUTES)),
            ("/statuses", [{"title": "In Progress"}, {"title": "Won"}]),
        ):
            http.router.get(path__regex=f"{name}$").mock(
                return_value=httpx.Response(200, json={"data": data})
            )
        http.router.route().mock(return_value=error(400, "invalid_request_error", code, message))
        return http

    @pytest.mark.parametrize(
        ("message", "suggestions"),
        [
            ('Cannot find attribute with slug/ID "stge".', ("stage",)),
            ('Cannot find attribute with slug/ID "deal valu".', ("value",)),
            ('Cannot find select option or status "in progres" for attribute "stage".', ("In Progress",)),
            ('Cannot find "Zebra".', ()),
            ("Something is missing.", ()),
        ],
    )
    async def test_an_unknown_value_comes_with_similar_ones(
        self, message: str, suggestions: tuple[str, ...]
    ) -> None:
        http = self.refusing("value_not_found", message)
        await http.attio.schema("deals", options=True)
        for write in (
            http.attio.deals.create({"x": 1}, validate=False),
            http.attio.deals.update(ID, {"x": 1}, validate=False),
            http.attio.deals.update(ID, {"x": 1}, multiselect="overwrite", validate=False),
            http.attio.deals.upsert({"x": 1}, match="x", validate=False),
        ):
            with pytest.raises(ValueNotFound) as caught:
                await write
            assert caught.value.suggestions == suggestions

    @pytest.mark.parametrize("warm", [False, True])
    async def test_an_unknown_attribute_of_a_filter_comes_with_similar_ones(self, *, warm: bool) -> None:
        http = self.refusing("unknown_filter_attribute_slug", "Unknown attribute slug: stge.")
        if warm:
            await http.attio.deals.schema()
        with pytest.raises(ValueNotFound) as caught:
            await http.attio.deals.query({"stge": "Won"})
        assert caught.value.suggestions == ("stage",)
        assert str(caught.value).endswith("did you mean 'stage'?")

    async def test_an_unknown_value_of_an_entry_comes_with_similar_ones(self) -> None:
        http = self.refusing("value_not_found", 'Cannot find attribute with slug/ID "stge".')
        entries = http.attio.entries("pipeline")
        await entries.schema()
        for write in (
            entries.create(Ref("deals", ID), {"x": 1}, validate=False),
            entries.upsert(Ref("deals", ID), {"x": 1}, validate=False),
            entries.update(ID, {"x": 1}, validate=False),
            entries.update(ID, {"x": 1}, multiselect="overwrite", validate=False),
        ):
            with pytest.raises(ValueNotFound) as caught:
                await write
            assert caught.value.suggestions == ("stage",)

    async def test_nothing_is_suggested_without_a_schema(self) -> None:
        http = Scripted()
        http.router.route().mock(return_value=error(400, "t", "value_not_found", 'No "stge".'))
        with pytest.raises(ValueNotFound) as caught:
            await http.attio.records("things").create({"x": 1}, validate=False)
        assert caught.value.suggestions == ()
