"""Filters of subscriptions in the one form that Attio takes."""

import pytest

from attio_async.errors import ConfigurationError
from attio_async.webhooks import all_of, any_of, equals, not_equals
from attio_async.webhooks._subscriptions import wire_filter

APP, LIST = equals("actor.type", "app"), not_equals("id.list_id", "l")


def test_filters_have_attios_form() -> None:
    assert any_of(equals("id.list_id", "a"), any_of(not_equals("actor.type", "app"))) == {
        "$or": [
            {"field": "id.list_id", "operator": "equals", "value": "a"},
            {"field": "actor.type", "operator": "not_equals", "value": "app"},
        ]
    }


def test_a_filter_is_sent_as_one_join_of_conditions() -> None:
    cases = [
        (APP, {"$and": [APP]}),
        (all_of(APP, LIST), {"$and": [APP, LIST]}),
        (any_of(APP, any_of(LIST, APP)), {"$or": [APP, LIST, APP]}),
        (all_of(all_of(APP), LIST), {"$and": [APP, LIST]}),
    ]
    assert [(given, wire_filter(given)) for given, _ in cases] == cases


def test_an_invalid_filter_is_refused() -> None:
    cases = [
        (all_of, r"\$and must be a list of at least one condition"),
        (any_of, r"\$or must be a list of at least one condition"),
        (lambda: equals("", "x"), "'' is not a valid field"),
        (lambda: not_equals("id..x", "x"), "'id..x' is not a valid field"),
        (lambda: all_of(APP, any_of(LIST)), r"does not support \$or within \$and"),
        (lambda: any_of(all_of(APP)), r"does not support \$and within \$or"),
        (lambda: wire_filter({"$and": [APP, {"$or": [LIST]}]}), r"does not support \$or within \$and"),
        (lambda: wire_filter({}), "{} is not a valid condition"),
        (lambda: wire_filter({"$and": []}), "must be a list"),
        (lambda: wire_filter({"$and": "x"}), "must be a list"),
        (lambda: wire_filter({"$not": [APP]}), "is not a valid condition"),
        (lambda: wire_filter({**APP, "operator": "contains"}), "equals or not_equals"),
        (lambda: wire_filter({**APP, "value": 7}), "a string value"),
        (lambda: wire_filter({**APP, "field": 7}), "7 is not a valid field"),
    ]
    for make, message in cases:
        with pytest.raises(ConfigurationError, match=message):
            make()
