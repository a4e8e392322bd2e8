"""Values of sample records, any number of them, the same ones every time."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from .._utils.public import public

_FIRST = (
    "Ada",
    "Grace",
    "Alan",
    "Katherine",
    "Edsger",
    "Barbara",
    "Donald",
    "Radia",
    "Niklaus",
    "Hedy",
    "Zoë",
)
_LAST = (
    "Lovelace",
    "Hopper",
    "Turing",
    "Johnson",
    "Dijkstra",
    "Liskov",
    "Knuth",
    "Perlman",
    "Wirth",
    "Lamarr",
)
_NAMES = tuple(product(_FIRST, _LAST))
_JOBS = ("Engineer", "Head of Sales", "Founder", "Analyst", "Designer", "Recruiter", "Accountant")
_TRADES = ("Granite", "Harbour", "Lantern", "Meadow", "Quartz", "Saffron", "Tundra", "Willow")
_ENDINGS = ("Works", "Labs", "Logistics", "Foods", "Partners")
_FIRMS = tuple(product(_TRADES, _ENDINGS))
_STAGES = ("Lead", "In Progress", "Won 🎉", "Lost")
_PER_COMPANY = 10


@public
def people(count: int) -> Iterator[dict[str, Any]]:
    """Yield the values of that many people, each with a unique e-mail address. Ten work for each of `companies`.

    A workspace without a company of an address's domain creates one, as Attio does.
    """
    for number in range(count):
        first, last = _NAMES[number % len(_NAMES)]
        domain = _domain(number // _PER_COMPANY)
        yield {
            "name": {"first_name": first, "last_name": last, "full_name": f"{first} {last}"},
            "email_addresses": [f"{_ascii(first)}.{_ascii(last)}.{number}@{domain}"],
            "job_title": _JOBS[number % len(_JOBS)],
            "description": f"Person {number}",
        }


@public
def companies(count: int) -> Iterator[dict[str, Any]]:
    """Yield the values of that many companies, each with a unique domain."""
    for number in range(count):
        yield {
            "name": _firm(number),
            "domains": [_domain(number)],
            "description": f"Company {number}",
        }


@public
def deals(count: int) -> Iterator[dict[str, Any]]:
    """Yield the values of that many deals, owned by the first member of a new workspace."""
    for number in range(count):
        yield {
            "name": f"{_firm(number)} {number}",
            "stage": _STAGES[number % len(_STAGES)],
            "value": 1_000 + number * 250,
            "owner": "ada@fake-workspace.example.com",
        }


def _firm(number: int) -> str:
    return " ".join(_FIRMS[number % len(_FIRMS)])


def _domain(number: int) -> str:
    return f"{_firm(number).lower().replace(' ', '-')}-{number}.example.com"


def _ascii(name: str) -> str:
    return name.lower().replace("ë", "e")
