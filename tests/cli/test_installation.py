"""Whether what is needed is installed."""

from importlib import metadata

import pytest

from attio_async._cli.doctor import local
from attio_async._cli.doctor.local import check_packages, check_python, misfits


def test_this_installation_is_fine() -> None:
    assert check_python().verdict == "ok"
    found = check_packages()
    assert found.verdict in {"ok", "note"}
    assert "attio-async" in found.found


@pytest.mark.parametrize(
    ("requirement", "version", "found"),
    [
        ("anyio>=4.6", "4.6", []),
        ("anyio>=4.6", "4.10.0rc1", []),
        ("anyio>=4.6", "4.5.9", ["anyio is 4.5.9, and >=4.6 is needed"]),
        ("httpx<0.29,>=0.27.2", "0.28.1", []),
        ("httpx<0.29,>=0.27.2", "0.29.0", ["httpx is 0.29.0, and <0.29,>=0.27.2 is needed"]),
        ("httpx<0.29,>=0.27.2", "0.27.1", ["httpx is 0.27.1, and <0.29,>=0.27.2 is needed"]),
        ("rich>=13.9; extra == 'cli'", "13.8", ["rich is 13.8, and >=13.9 is needed"]),
        ("pyright[nodejs]>=1.1.400; extra == 'dev'", "1.1.400", []),
        ("msgspec", "0.1", []),
        ("msgspec", None, ["msgspec is missing"]),
    ],
)
def test_versions(requirement: str, version: str | None, found: list[str]) -> None:
    assert misfits([requirement], lambda _: version) == found


def test_what_is_missing_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "requires", lambda _: ["no-such-thing>=1", "other>=2; extra == 'dev'"])
    found = check_packages()
    assert (found.verdict, found.found) == ("problem", "no-such-thing is missing")
    assert found.advice == 'pip install --upgrade "attio-async[cli]"'


def test_it_may_run_without_being_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> list[str]:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(local.metadata, "requires", unknown)
    assert check_packages().verdict == "note"
