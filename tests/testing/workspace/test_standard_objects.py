"""The objects and attributes of a new workspace."""

from typing import Any


def test_the_standard_objects(api) -> None:
    objects = api("GET", "/v2/objects").data
    assert [kind["api_slug"] for kind in objects] == ["people", "companies", "deals", "users", "workspaces"]
    for kind in objects:
        assert api("GET", f"/v2/objects/{kind['api_slug']}").data == kind
        assert api("GET", f"/v2/objects/{kind['id']['object_id']}").data == kind


def test_the_common_attributes_are_read_only(api) -> None:
    for slug in ("people", "companies", "deals", "users", "workspaces"):
        attributes = {a["api_slug"]: a for a in api("GET", f"/v2/objects/{slug}/attributes").data}
        for common, kind in (
            ("record_id", "text"),
            ("created_at", "timestamp"),
            ("created_by", "actor-reference"),
        ):
            assert attributes[common]["type"] == kind
            assert attributes[common]["is_writable"] is False


FACTS: list[tuple[str, str, dict[str, Any]]] = [
    ("people", "email_addresses", {"type": "email-address", "is_unique": True, "is_multiselect": True}),
    ("companies", "domains", {"type": "domain", "is_unique": True, "is_multiselect": True}),
    ("companies", "categories", {"type": "select", "is_multiselect": True, "is_unique": False}),
    ("companies", "logo_url", {"type": "text", "is_writable": False}),
    ("deals", "stage", {"type": "status", "is_required": True, "is_multiselect": False}),
    ("users", "primary_email_address", {"type": "email-address", "is_required": True, "is_unique": True}),
    ("workspaces", "workspace_id", {"type": "text", "is_required": True, "is_unique": True}),
]


def test_facts_of_standard_attributes(api) -> None:
    for kind, slug, facts in FACTS:
        path = f"/v2/objects/{kind}/attributes"
        attribute = api("GET", f"{path}/{slug}").data
        assert facts.items() <= attribute.items(), (kind, slug)
        assert api("GET", f"{path}/{attribute['id']['attribute_id']}").data == attribute


def test_deals_have_no_other_unique_attribute(api) -> None:
    unique = [a["api_slug"] for a in api("GET", "/v2/objects/deals/attributes").data if a["is_unique"]]
    assert unique == ["record_id"]


SEEN = (
    "3D Printing",
    "Aerospace & Defense",
    "Airlines",
    "Architecture",
    "Automation",
    "B2B",
    "B2C",
    "Biotechnology",
    "Broadcasting",
    "Computer Hardware",
    "Consumer Discretionary",
    "Consumer Electronics",
    "E-commerce",
    "Enterprise",
    "Entertainment & Recreation",
    "Finance",
    "Financial Services",
    "Information Technology & Services",
    "Insurance",
    "Internet",
    "Marketplace",
    "Mobile",
    "Publishing",
    "Retail",
    "SAAS",
    "Technology",
    "Transportation",
    "Travel & Leisure",
    "Web Services & Apps",
)
"""The categories of companies in recorded answers and in the guides."""


def test_industries_are_those_of_a_real_workspace(api) -> None:
    options = api("GET", "/v2/objects/companies/attributes/categories/options").data
    titles = [option["title"] for option in options]
    assert len(titles) == len({title.casefold() for title in titles}) == 152
    assert set(SEEN) <= set(titles)
    assert not {"AI", "Logistics", "Manufacturing", "Non-profit", "SaaS"} & set(titles)  # were once guessed
