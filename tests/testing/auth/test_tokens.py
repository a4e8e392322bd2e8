"""Tokens, their scopes, and the refusals that name them."""

import base64

import pytest

from attio_async import PermissionDenied
from attio_async.testing import ApiProblem, FakeAttio, VirtualClock
from attio_async.testing._auth.tokens import ALL, required_scopes
from attio_async.testing._handlers import HANDLERS
from attio_async.testing._request import FakeRequest
from attio_async_api.operations import OPERATIONS


def with_scopes(api, *scopes: str):
    """Call the API with a token that has only these scopes."""
    api.fake.auth.add_token("other", scopes=scopes)
    return lambda *request: api.answer(
        api.fake.handle(request[0], request[1], {"authorization": "Bearer other"}, *request[2:] or (b"",))
    )


def test_every_operation_but_self_needs_a_scope() -> None:
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


def test_a_scope_to_write_includes_the_one_to_read(api) -> None:
    call = with_scopes(api, "object_configuration:read-write")
    assert call("GET", "/v2/objects/people").status == 200
    call = with_scopes(api, "object_configuration:read")
    assert call("PATCH", "/v2/objects/people", b'{"data": {}}').status == 403


@pytest.mark.parametrize(
    ("target", "scope"), [("objects", "object_configuration"), ("lists", "list_configuration")]
)
def test_the_scopes_of_attributes_depend_on_their_target(api, target: str, scope: str) -> None:
    api.fake.seed.add_list("sales")
    path = f"/v2/{target}/{'people' if target == 'objects' else 'sales'}/attributes"
    assert with_scopes(api, f"{scope}:read")("GET", path).status == 200
    others = ALL - {f"{scope}:read-write"}
    refused = with_scopes(api, *others)("GET", path)
    assert refused.status == 403
    assert f"Required scopes: {scope}:read." in refused.json["message"]


def test_a_token_without_scopes_has_none(api) -> None:
    assert "Granted scopes: none." in with_scopes(api)("GET", "/v2/objects").json["message"]


def test_self_lists_the_scopes_of_its_token(api) -> None:
    call = with_scopes(api, "note:read", "task:read-write")
    other = call("GET", "/v2/self").json
    assert other["scope"] == "note:read task:read-write"
    assert other["active"] is True
    mine = api("GET", "/v2/self").json
    assert set(mine["scope"].split()) == ALL
    assert mine["client_id"] != other["client_id"]


def test_each_token_is_the_actor_of_its_writes(api) -> None:
    call = with_scopes(api, "record_permission:read-write", "object_configuration:read")
    actors = [
        answer.values["name"][0]["created_by_actor"]
        for answer in (
            api.create("companies", name="a"),
            call("POST", "/v2/objects/companies/records", b'{"data": {"values": {"name": "b"}}}'),
        )
    ]
    ids = [api("GET", "/v2/self").json["client_id"], call("GET", "/v2/self").json["client_id"]]
    assert actors == [{"type": "api-token", "id": client_id} for client_id in ids]


def test_revoking_one_token_leaves_the_others(api, fake: FakeAttio) -> None:
    call = with_scopes(api, *ALL)
    fake.auth.revoke_token("other")
    fake.auth.revoke_token("never seen")
    assert call("GET", "/v2/objects").refusal == (401, "unauthorized")
    assert call("GET", "/v2/self").json == {"active": False}
    assert api("GET", "/v2/objects").status == 200
    fake.auth.revoke_token()
    assert "it was revoked" in api("GET", "/v2/objects").json["message"]
    fake.auth.add_token(fake.token)
    assert api("GET", "/v2/objects").status == 200


def test_the_first_token_keeps_its_id_when_it_loses_scopes(api, fake: FakeAttio) -> None:
    before = api("GET", "/v2/self").json["client_id"]
    fake.auth.add_token(fake.token, scopes=["note:read"])
    assert api("GET", "/v2/self").json["client_id"] == before
    assert api("GET", "/v2/objects").status == 403


def test_invalid_tokens_and_scopes_are_refused(fake: FakeAttio) -> None:
    for token, scopes, message in (
        ("", None, "empty"),
        ("a b", None, "whitespace"),
        ("t", ["notes:read"], "did you mean note:read"),
    ):
        with pytest.raises(ValueError, match=message):
            fake.auth.add_token(token, scopes=scopes)


def test_comments_need_the_scopes_of_their_subject(fake: FakeAttio) -> None:
    def of(operation: str, target: str = "", body: bytes = b"") -> set[str]:
        scopes = required_scopes(OPERATIONS[operation], FakeRequest({}, target, body), fake.snapshot().data)
        return set(scopes) - set(OPERATIONS[operation].scopes)

    on_record = {"object_configuration:read", "record_permission:read"}
    on_entry = {"list_configuration:read", "list_entry:read"}
    assert of("list_threads", "/v2/threads?record_id=x&object=people") == on_record
    assert of("list_threads", "/v2/threads?entry_id=x&list=sales") == on_entry
    assert of("create_comment", body=b'{"data": {"record": {}}}') == on_record
    assert of("create_comment", body=b'{"data": {"entry": {}}}') == on_entry
    assert of("create_comment", body=b'{"data": {"thread_id": "unknown"}}') == set()
    assert of("create_comment", body=b"not JSON") == set()


@pytest.mark.parametrize("about", ["record", "list_entry"])
def test_reading_a_comment_needs_the_scopes_of_its_subject(api, fake: FakeAttio, about: str) -> None:
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
async def test_the_client_names_the_missing_scopes(clock: VirtualClock) -> None:
    fake = FakeAttio(clock=clock)
    fake.auth.add_token("reader", scopes=["object_configuration:read", "record_permission:read"])
    async with fake.client(token="reader") as attio:
        with pytest.raises(PermissionDenied) as caught:
            await attio.companies.create({"name": "Acme"}, validate=False)
    assert caught.value.missing_scopes == ("record_permission:read-write",)
    assert not fake.records("companies")


def test_a_token_without_scopes_reaches_no_handler(api, fake: FakeAttio) -> None:
    fake.auth.add_token("none", scopes=[])
    for operation in OPERATIONS.values():
        if operation.id not in HANDLERS:
            continue
        path = operation.path.replace("{target}", "objects").replace("{", "").replace("}", "")
        answer = fake.handle(operation.method, path, {"authorization": "Bearer none"}, b"{}")
        assert answer.status == 403, operation.id


def test_self_describes_an_active_token_only(api, fake) -> None:
    active = api("GET", "/v2/self").json
    assert active["active"] is True
    assert "record_permission:read-write" in active["scope"].split()
    assert "record_permission:read" not in active["scope"].split()
    assert active["workspace_id"] == active["sub"]
    fake.auth.revoke_token()
    assert api("GET", "/v2/self").json == {"active": False}
    assert api("GET", "/v2/objects").refusal == (401, "unauthorized")


def test_a_request_without_a_token_is_unauthorized(api, fake: FakeAttio) -> None:
    for headers in (
        {},
        {"Authorization": "Basic x"},
        {"Authorization": basic("", "")},
        {"Authorization": basic(fake.token, "secret")},
        {"Authorization": "Bearer "},
        {"Authorization": f"Digest {fake.token}"},
    ):
        for path in ("/v2/self", "/v2/objects"):
            answer = api.answer(fake.handle("GET", path, headers, b""))
            assert answer.refusal == (401, "unauthorized"), (headers, path)
            assert answer.json["type"] == "auth_error"


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def test_http_basic_takes_the_token_as_user_name(api, fake: FakeAttio) -> None:
    for authorization in (basic(fake.token, ""), basic(fake.token, "").replace("Basic", "basic")):
        answer = api.answer(fake.handle("GET", "/v2/self", {"Authorization": authorization}, b""))
        assert answer.json["active"] is True
    wrong = fake.handle("GET", "/v2/objects", {"Authorization": basic("wrong", "")}, b"")
    assert api.answer(wrong).refusal == (401, "unauthorized")


def test_a_token_of_the_wrong_length_is_told_the_right_one(api, fake: FakeAttio) -> None:
    for token, is_told in (("short", True), ("x" * 64, False)):
        answer = api.answer(fake.handle("GET", "/v2/objects", {"Authorization": f"Bearer {token}"}, b""))
        assert answer.refusal == (401, "unauthorized")
        assert ("64" in answer.json["message"]) is is_told
        assert token not in answer.json["message"]


def test_the_token_of_a_member_reaches_no_operation_of_the_workspace_level(fake: FakeAttio) -> None:
    fake.auth.add_token("hers", member="ada@fake-workspace.example.com")
    answered = {
        operation.id: fake.handle(
            operation.method,
            operation.path.replace("{target}", "objects").replace("{", "").replace("}", ""),
            {"authorization": "Bearer hers"},
            b"{}",
        ).body
        for operation in OPERATIONS.values()
    }
    refused = {id for id, body in answered.items() if b"at the workspace level" in body}
    assert refused == {operation.id for operation in OPERATIONS.values() if operation.token_levels}
    assert refused > {"list_webhooks", "list_meetings", "get_call_transcript", "list_emails"}


def test_the_token_of_a_member_acts_as_the_member(api, fake: FakeAttio) -> None:
    fake.auth.add_token("hers", member="grace@fake-workspace.example.com")
    headers = {"authorization": "Bearer hers"}
    me = api.answer(fake.handle("GET", "/v2/self", headers, b"")).json
    assert me["token_level"] == "user"
    body = b'{"data": {"values": {"name": "Acme"}}}'
    made = api.answer(fake.handle("POST", "/v2/objects/companies/records", headers, body))
    actor = made.values["name"][0]["created_by_actor"]
    assert actor == {"type": "workspace-member", "id": me["authorized_by_workspace_member_id"]}
    with pytest.raises(ApiProblem, match="nobody"):
        fake.auth.add_token("theirs", member="nobody@example.com")


def test_the_token_of_a_member_deletes_only_the_members_comments(api, fake: FakeAttio) -> None:
    fake.auth.add_token("hers", member="grace@fake-workspace.example.com")
    company = fake.seed.add_record("companies", {"name": "Acme"})["id"]["record_id"]
    for member in api("GET", "/v2/workspace_members").data:
        comment = {
            "format": "plaintext",
            "content": "Hello",
            "author": {"type": "workspace-member", "id": member["id"]["workspace_member_id"]},
            "record": {"object": "companies", "record_id": company},
        }
        made = api("POST", "/v2/comments", {"data": comment}).data
        path = f"/v2/comments/{made['id']['comment_id']}"
        is_hers = member["first_name"] == "Grace"
        answer = fake.handle("DELETE", path, {"authorization": "Bearer hers"}, b"")
        assert answer.status == (200 if is_hers else 403)
        assert api("GET", path).status == (404 if is_hers else 200)
