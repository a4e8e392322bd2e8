"""Several tokens, what each may do, and what a refusal says."""

import pytest

from attio_async import PermissionDenied
from attio_async.testing import FakeAttio, VirtualClock
from attio_async.testing._auth.scopes import ALL, required_scopes
from attio_async.testing._handlers import HANDLERS
from attio_async.testing._request.request import FakeRequest
from attio_async_api.operations import OPERATIONS


def with_scopes(api, *scopes: str):
    """The API as a token with only these scopes sees it."""
    api.fake.auth.add_token("other", scopes=scopes)
    return lambda *request: api.answer(
        api.fake.handle(request[0], request[1], {"authorization": "Bearer other"}, *request[2:] or (b"",))
    )


def test_every_operation_needs_a_scope_but_the_one_that_tells_of_them() -> None:
    def request(parameters: dict[str, str]) -> FakeRequest:
        return FakeRequest(parameters, "", b"")

    free = [
        operation.id
        for operation in OPERATIONS.values()
        if not required_scopes(operation, request({"target": "lists"}), FakeAttio().snapshot().data)
    ]
    assert free == ["get_self"]


def test_a_missing_scope_is_refused_and_named(api) -> None:
    call = with_scopes(api, "object_configuration:read", "note:read")
    refused = call("POST", "/v2/objects/people/records", b"{}")
    assert refused.refusal == (403, "unauthorized")
    assert refused.json["type"] == "auth_error"
    assert refused.json["message"] == (
        "The access token lacks the scope record_permission:read-write. "
        "Required scopes: record_permission:read-write, object_configuration:read. "
        "Granted scopes: note:read, object_configuration:read."
    )
    assert call("GET", "/v2/objects").status == 200


def test_the_right_to_write_includes_that_to_read_and_not_the_other_way_round(api) -> None:
    call = with_scopes(api, "object_configuration:read-write")
    assert call("GET", "/v2/objects/people").status == 200
    call = with_scopes(api, "object_configuration:read")
    assert call("PATCH", "/v2/objects/people", b'{"data": {}}').status == 403


@pytest.mark.parametrize(
    ("target", "scope"), [("objects", "object_configuration"), ("lists", "list_configuration")]
)
def test_what_is_needed_for_attributes_depends_on_whose_they_are(api, target: str, scope: str) -> None:
    api.fake.seed.add_list("sales")
    path = f"/v2/{target}/{'people' if target == 'objects' else 'sales'}/attributes"
    assert with_scopes(api, f"{scope}:read")("GET", path).status == 200
    others = ALL - {f"{scope}:read-write"}
    refused = with_scopes(api, *others)("GET", path)
    assert refused.status == 403
    assert f"Required scopes: {scope}:read." in refused.json["message"]


def test_no_scopes_are_told_as_none(api) -> None:
    assert "Granted scopes: none." in with_scopes(api)("GET", "/v2/objects").json["message"]


def test_self_tells_the_scopes_of_the_token_that_asks(api) -> None:
    call = with_scopes(api, "note:read", "task:read-write")
    told = call("GET", "/v2/self").json
    assert told["scope"] == "note:read task:read-write"
    assert told["active"] is True
    mine = api("GET", "/v2/self").json
    assert set(mine["scope"].split()) == ALL
    assert mine["client_id"] != told["client_id"]


def test_each_token_writes_in_its_own_name(api) -> None:
    call = with_scopes(api, "record_permission:read-write", "object_configuration:read")
    actors = [
        answer.values["name"][0]["created_by_actor"]
        for answer in (
            api.create("companies", name="a"),
            call("POST", "/v2/objects/companies/records", b'{"data": {"values": {"name": "b"}}}'),
        )
    ]
    told = [api("GET", "/v2/self").json["client_id"], call("GET", "/v2/self").json["client_id"]]
    assert actors == [{"type": "api-token", "id": client_id} for client_id in told]


def test_revoking_one_token_leaves_the_others(api, fake: FakeAttio) -> None:
    call = with_scopes(api, *ALL)
    fake.auth.revoke_token("other")
    fake.auth.revoke_token("never seen")
    assert call("GET", "/v2/objects").refusal == (401, "unauthorized")
    assert call("GET", "/v2/self").json == {"active": False}
    assert api("GET", "/v2/objects").status == 200
    fake.auth.revoke_token()
    assert api("GET", "/v2/objects").status == 401
    fake.auth.add_token(fake.token)
    assert api("GET", "/v2/objects").status == 200


def test_the_first_token_keeps_its_id_when_it_loses_scopes(api, fake: FakeAttio) -> None:
    before = api("GET", "/v2/self").json["client_id"]
    fake.auth.add_token(fake.token, scopes=["note:read"])
    assert api("GET", "/v2/self").json["client_id"] == before
    assert api("GET", "/v2/objects").status == 403


@pytest.mark.parametrize(
    ("token", "scopes", "said"),
    [("", None, "empty"), ("a b", None, "whitespace"), ("t", ["notes:read"], "did you mean note:read")],
)
def test_tokens_and_scopes_that_cannot_be_are_refused(fake: FakeAttio, token: str, scopes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fake.auth.add_token(token, scopes=scopes)


def test_comments_need_the_scopes_of_what_they_are_about(fake: FakeAttio) -> None:
    def of(operation: str, target: str = "", body: bytes = b"") -> set[str]:
        scopes = required_scopes(
            OPERATIONS[operation], FakeRequest({}, target, body), fake._state.workspace.data
        )
        return set(scopes) - set(OPERATIONS[operation].scopes)

    on_record = {"object_configuration:read", "record_permission:read"}
    on_entry = {"list_configuration:read", "list_entry:read"}
    assert of("list_threads", "/v2/threads?record_id=x&object=people") == on_record
    assert of("list_threads", "/v2/threads?entry_id=x&list=sales") == on_entry
    assert of("create_comment", body=b'{"data": {"record": {}}}') == on_record
    assert of("create_comment", body=b'{"data": {"entry": {}}}') == on_entry
    assert of("create_comment", body=b'{"data": {"thread_id": "unknown"}}') == set()
    assert of("create_comment", body=b"no JSON") == set()


@pytest.mark.parametrize("about", ["record", "list_entry"])
def test_reading_a_comment_needs_the_scopes_of_what_it_is_about(api, fake: FakeAttio, about: str) -> None:
    company = fake.seed.add_record("companies", {"name": "Acme"})["id"]["record_id"]
    fake.seed.add_list("sales", parent="companies")
    entry = fake.seed.add_entry("sales", company)["id"]["entry_id"]
    member = api("GET", "/v2/workspace_members").data[0]["id"]["workspace_member_id"]
    comment = {
        "format": "plaintext",
        "content": "Hello",
        "author": {"type": "workspace-member", "id": member},
        **(
            {"record": {"object": "companies", "record_id": company}}
            if about == "record"
            else {"entry": {"list": "sales", "entry_id": entry}}
        ),
    }
    made = api("POST", "/v2/comments", {"data": comment}).data
    path = f"/v2/comments/{made['id']['comment_id']}"
    enough = {
        "record": ("comment:read", "object_configuration:read", "record_permission:read"),
        "list_entry": ("comment:read", "list_configuration:read", "list_entry:read"),
    }[about]
    assert with_scopes(api, *enough)("GET", path).status == 200
    assert with_scopes(api, *enough)("GET", f"/v2/threads/{made['thread_id']}").status == 200
    refused = with_scopes(api, *enough[:-1])("GET", path)
    assert refused.status == 403
    assert f"lacks the scope {enough[-1]}." in refused.json["message"]


@pytest.mark.anyio
async def test_the_client_names_what_is_missing(clock: VirtualClock) -> None:
    fake = FakeAttio(clock=clock)
    fake.auth.add_token("reader", scopes=["object_configuration:read", "record_permission:read"])
    async with fake.client(token="reader") as attio:
        with pytest.raises(PermissionDenied) as caught:
            await attio.companies.create({"name": "Acme"}, validate=False)
    assert caught.value.missing_scopes == ("record_permission:read-write",)
    assert not fake.records("companies")


def test_the_handlers_are_all_behind_the_same_door(api, fake: FakeAttio) -> None:
    """A token without scopes gets past no operation."""
    fake.auth.add_token("none", scopes=[])
    for operation in OPERATIONS.values():
        if operation.id not in HANDLERS:
            continue
        path = operation.path.replace("{target}", "objects").replace("{", "").replace("}", "")
        answer = fake.handle(operation.method, path, {"authorization": "Bearer none"}, b"{}")
        assert answer.status == 403, operation.id
