import subprocess
import sys

from attio_async.query._operators import RULES, operators_of, sort_fields

ORDER = {"$lt", "$lte", "$gt", "$gte"}
SEARCH = {"$contains", "$starts_with", "$ends_with"}


def test_every_attribute_type_is_there():
    assert len(RULES) == 17


def test_defaults_are_properties():
    for type, rules in RULES.items():
        assert rules.default is None or "$eq" in rules.properties[rules.default], type
        assert rules.presence is None or "$not_empty" in rules.properties[rules.presence], type
        assert not rules.properties.keys() & set(rules.unsearchable), type
        assert set(sort_fields(type) or ()) >= rules.properties.keys(), type


def test_operators_are_those_of_the_guides():
    cases = [
        ("actor-reference", "referenced_actor_id", {"$eq"}),
        ("checkbox", "value", {"$eq"}),
        ("currency", "currency_value", {"$eq"} | ORDER),
        ("date", "value", {"$eq"} | ORDER),
        ("domain", "root_domain", {"$eq", "$not_empty"} | SEARCH),
        ("email-address", "email_local_specifier", {"$eq"} | SEARCH),
        ("interaction", "interacted_at", {"$eq"} | ORDER),
        ("interaction", "owner_member_id", {"$eq", "$not_empty"}),
        ("location", "line_4", {"$eq"} | SEARCH),
        ("location", "country_code", {"$eq", "$starts_with"}),
        ("number", "value", {"$eq"} | ORDER),
        ("personal-name", "last_name", {"$eq", "$not_empty"} | SEARCH),
        ("phone-number", "phone_number", {"$eq"} | SEARCH),
        ("phone-number", "country_code", {"$eq", "$not_empty"}),
        ("rating", "value", {"$eq"} | ORDER),
        ("record-reference", "target_record_id", {"$eq", "$in"}),
        ("select", "option", {"$eq"}),
        ("select", "active_from", ORDER),
        ("status", "status", {"$eq"}),
        ("status", "active_from", ORDER),
        ("text", "value", {"$eq", "$in"} | SEARCH),
        ("timestamp", "value", {"$eq"} | ORDER),
    ]
    found = [(type, name, RULES[type].properties[name], operators) for type, name, operators in cases]
    assert [each for each in found if each[2] != each[3]] == []


def test_without_a_type_a_property_has_what_any_type_has():
    assert operators_of(None)["country_code"] == {"$eq", "$starts_with", "$not_empty"}
    assert operators_of("polygon") is None
    assert sort_fields("polygon") is None
    assert "longitude" in sort_fields(None)


def test_queries_load_no_input_or_output():
    code = (
        "import sys, attio_async.query; "
        "print(sorted({'httpx', 'anyio', 'msgspec', 'asyncio', 'attio_async._schema', 'attio_async._records.models'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
