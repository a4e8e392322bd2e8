"""The checks of this machine: Python, packages and environment variables. They show no secret."""

from importlib import metadata

import pytest

from attio_async._cli.doctor import local
from attio_async._cli.doctor.local import (
    check_address,
    check_packages,
    check_proxies,
    check_python,
    check_token,
    misfits,
)


class TestPackages:
    def test_this_installation_is_complete(self) -> None:
        assert check_python().verdict == "ok"
        found = check_packages()
        assert found.verdict in {"ok", "note"}
        assert "attio-async" in found.found

    def test_versions_are_compared_with_requirements(self) -> None:
        wrong = {}
        for requirement, version, expected in [
            ("anyio>=4.6", "4.6", []),
            ("anyio>=4.6", "4.10.0rc1", []),
            ("anyio>=4.6", "4.5.9", ["anyio is 4.5.9, but >=4.6 is required"]),
            ("httpx<0.29,>=0.27.2", "0.28.1", []),
            ("httpx<0.29,>=0.27.2", "0.29.0", ["httpx is 0.29.0, but <0.29,>=0.27.2 is required"]),
            ("httpx<0.29,>=0.27.2", "0.27.1", ["httpx is 0.27.1, but <0.29,>=0.27.2 is required"]),
            ("rich>=13.9; extra == 'cli'", "13.8", ["rich is 13.8, but >=13.9 is required"]),
            ("pyright[nodejs]>=1.1.400; extra == 'dev'", "1.1.400", []),
            ("msgspec", "0.1", []),
            ("msgspec", None, ["msgspec is missing"]),
        ]:
            found = misfits([requirement], lambda _, version=version: version)
            if found != expected:
                wrong[requirement, version] = found
        assert not wrong

    def test_a_missing_package_is_a_problem(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(metadata, "requires", lambda _: ["no-such-thing>=1", "other>=2; extra == 'dev'"])
        found = check_packages()
        assert (found.verdict, found.found) == ("problem", "no-such-thing is missing")
        assert found.advice == 'pip install --upgrade "attio-async[cli]"'

    def test_it_may_run_without_being_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(name: str) -> list[str]:
            raise metadata.PackageNotFoundError(name)

        monkeypatch.setattr(local.metadata, "requires", unknown)
        assert check_packages().verdict == "note"


class TestToken:
    def test_an_invalid_token_is_a_problem_and_never_shown(self) -> None:
        wrong = {}
        for value, expected in {
            None: "not set",
            "  \n": "not set",
            '"sec-ret-value"': "quotes",
            "Bearer sec-ret-value": "characters that a token cannot have",
            "sec-ret-välue": "characters that a token cannot have",
            "sec-ret\x00value": "characters that a token cannot have",
            "https://sec-ret-value": "an address, not a token",
        }.items():
            found = check_token({} if value is None else {"ATTIO_API_KEY": value})
            if (
                found.verdict != "problem"
                or expected not in found.found
                or not found.advice
                or "sec-ret" in str(found)
            ):
                wrong[value] = found
        assert not wrong

    def test_blanks_around_a_token_are_harmless(self) -> None:
        finding = check_token({"ATTIO_API_KEY": "sec-ret-value\n"})
        assert finding.verdict == "note"
        assert "sec-ret" not in str(finding)

    def test_a_valid_token_is_not_shown(self) -> None:
        finding = check_token({"ATTIO_API_KEY": "sec-ret-value"})
        assert (finding.check, finding.verdict, finding.advice) == ("token", "ok", "")
        assert "sec-ret" not in str(finding)


class TestAddress:
    def test_attios_own_is_the_default(self) -> None:
        for environment in ({}, {"ATTIO_BASE_URL": ""}, {"ATTIO_BASE_URL": "https://api.attio.com/"}):
            assert check_address(environment).verdict == "ok"

    def test_an_invalid_address_is_not_shown_since_it_may_be_the_token(self) -> None:
        for url in (
            "sec-ret-value",
            "http://api.attio.com",
            "https://user:sec-ret@api.attio.com",
            "https://x:port",
            "//x",
        ):
            finding = check_address({"ATTIO_BASE_URL": url})
            assert (finding.verdict, finding.found) == ("problem", "ATTIO_BASE_URL is not a valid address")
            assert "sec-ret" not in str(finding)

    def test_another_address_is_noted(self) -> None:
        finding = check_address({"ATTIO_BASE_URL": "http://127.0.0.1:8787"})
        assert (finding.verdict, finding.found) == ("note", "http://127.0.0.1:8787, which is not Attio's own")

    def test_a_path_is_noted(self) -> None:
        finding = check_address({"ATTIO_BASE_URL": "https://api.attio.com/v2"})
        assert finding.verdict == "note"
        assert finding.advice.endswith("leave the path out: https://api.attio.com")


class TestProxies:
    def test_there_may_be_none(self) -> None:
        assert check_proxies({"HTTP_PROXY": "http://proxy:8080", "https_proxy": ""}, "https").verdict == "ok"

    def test_a_proxy_is_shown_without_its_password(self) -> None:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            environment = {name: "http://user:sec-ret@proxy:8080", "NO_PROXY": "localhost"}
            finding = check_proxies(environment, "https")
            assert finding.verdict == "note"
            assert finding.found == f"{name}=http://proxy:8080; NO_PROXY excludes localhost"

    def test_http_is_the_default_scheme(self) -> None:
        assert "http://proxy:8080" in check_proxies({"HTTP_PROXY": "user:sec-ret@proxy:8080"}, "http").found

    def test_an_invalid_proxy_is_a_problem(self) -> None:
        for value in ("://sec-ret", "ftp://sec-ret", "http://:80", "http://sec-ret:port", "http://[sec-ret"):
            finding = check_proxies({"ALL_PROXY": value}, "https")
            assert finding.verdict == "problem", value
            assert "sec-ret" not in str(finding)

    def test_socks_needs_a_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for library, verdict in [("it", "note"), (None, "problem")]:
            monkeypatch.setattr("attio_async._cli.doctor.local.find_spec", lambda _, found=library: found)
            assert check_proxies({"ALL_PROXY": "socks5://proxy:1080"}, "https").verdict == verdict
