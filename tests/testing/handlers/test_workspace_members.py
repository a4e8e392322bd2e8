"""Listing and reading workspace members."""


def test_members_are_listed_and_found_by_id(api, fake) -> None:
    fake.seed.add_member("new@acme.com", "New", "Member")
    members = api("GET", "/v2/workspace_members").data
    assert [member["email_address"] for member in members][-1] == "new@acme.com"
    member_id = members[0]["id"]["workspace_member_id"]
    assert api("GET", f"/v2/workspace_members/{member_id}").data == members[0]
