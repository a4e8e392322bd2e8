"""Which workspace a command works on."""

import stat
from pathlib import Path

import pytest

from attio_async._cli.errors import Refusal
from attio_async._cli.workspace import find_object, kept_in, open_workspace
from tests.cli.support import workspace

pytestmark = pytest.mark.anyio


async def test_without_a_token_it_says_how_to_get_one_and_how_to_go_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ATTIO_API_KEY", " ")
    with pytest.raises(Refusal) as refused:
        async with open_workspace(None):
            raise AssertionError
    for hint in ("ATTIO_API_KEY", "Access tokens", "make demo", "--embedded FILE"):
        assert hint in str(refused.value)


async def test_with_a_token_it_is_that_tokens_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTIO_API_KEY", "some-token")
    monkeypatch.setenv("ATTIO_BASE_URL", "http://127.0.0.1:9")
    async with open_workspace(None) as attio:
        assert attio.settings.base_url == "http://127.0.0.1:9"


async def test_an_embedded_workspace_keeps_its_state_in_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "workspace.json"
    async with open_workspace(file) as attio:
        await attio.companies.create({"domains": "acme.example"})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    async with open_workspace(file) as attio:
        assert len(await attio.companies.query()) == 1


def test_the_state_is_kept_after_a_failure_too(tmp_path: Path) -> None:
    file = tmp_path / "workspace.json"
    with pytest.raises(KeyboardInterrupt), kept_in(file) as fake:
        fake.seed.add_record("companies", {"domains": ["acme.example"]})
        raise KeyboardInterrupt
    with kept_in(file) as fake:
        assert len(fake.records("companies")) == 1


def test_an_empty_file_is_an_empty_workspace(tmp_path: Path) -> None:
    file = tmp_path / "workspace.json"
    file.touch()
    with kept_in(file) as fake:
        assert fake.records("companies") == []
    assert file.stat().st_size > 0


@pytest.mark.parametrize("content", [b"name,domains\n", b"{}", b'{"format": 99}', b'{"format": 1}', b"\xff"])
def test_a_file_that_holds_something_else_is_left_alone(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "precious.csv"
    file.write_bytes(content)
    with pytest.raises(Refusal, match="left alone"), kept_in(file):
        raise AssertionError
    assert file.read_bytes() == content


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="cannot be read"), kept_in(tmp_path):
        raise AssertionError


def test_without_a_file_nothing_is_kept(tmp_path: Path) -> None:
    with kept_in(None) as fake:
        fake.seed.add_record("companies", {"domains": ["acme.example"]})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [("company", "companies"), ("Person", "people"), ("Companies", "companies"), ("peple", "people")],
)
async def test_an_unknown_object_is_answered_with_what_may_be_meant(name: str, meant: str) -> None:
    async with workspace().client() as attio:
        with pytest.raises(Refusal, match=f"did you mean '{meant}'"):
            await find_object(attio, name)


async def test_an_object_is_found_by_slug_and_id() -> None:
    fake = workspace()
    identifier = fake.seed.add_object("gadgets")
    async with fake.client() as attio:
        for name in ("gadgets", identifier):
            found, everything = await find_object(attio, name)
            assert found.api_slug == "gadgets"
            assert found in everything
