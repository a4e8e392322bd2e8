"""Words the API knows."""

from typing import Literal

AttributeType = Literal[
    "actor-reference",
    "checkbox",
    "currency",
    "date",
    "domain",
    "email-address",
    "location",
    "number",
    "phone-number",
    "rating",
    "record-reference",
    "select",
    "status",
    "text",
    "timestamp",
]
