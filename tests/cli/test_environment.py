"""What the environment's variables say, and that no secret in them is shown."""

import pytest

from attio_async._cli.doctor.local import check_address, check_proxies, check_token


class TestToken:
    @pytest.mark.parametrize(
        ("value", "found"),
        [
            (None, "not set"),
            ("  \n", "not set"),
            ('"sec-ret-value"', "in quotes"),
            ("Bearer sec-ret-value", "characters that no token has"),
            ("sec-ret-välue", "characters that no token has"),
            ("sec-ret\x00value", "characters that no token has"),
            ("https://sec-ret-value", "an address"),
        ],
    )
    def test_what_is_no_token_is_a_problem_and_never_shown(self, value: str | None, found: str) -> None:
        finding = check_token({} if value is None else {"ATTIO_API_KEY": value})
        assert finding.verdict == "problem"
        assert found in finding.found
        assert finding.advice
        assert "sec-ret" not in str(finding)

    def test_blanks_around_it_do_no_harm(self) -> None:
        finding = check_token({"ATTIO_API_KEY": "sec-ret-value\n"})
        assert finding.verdict == "note"
        assert "sec-ret" not in str(finding)

    def test_a_token(self) -> None:
        finding = check_token({"ATTIO_API_KEY": "sec-ret-value"})
        assert (finding.check, finding.verdict, finding.advice) == ("token", "ok", "")
        assert "sec-ret" not in str(finding)


class TestAddress:
    def test_attios_own_is_the_default(self) -> None:
        for environment in ({}, {"ATTIO_BASE_URL": ""}, {"ATTIO_BASE_URL": "https://api.attio.com/"}):
            assert check_address(environment).verdict == "ok"

    @pytest.mark.parametrize(
        "url",
        [
            "sec-ret-value",
            "http://api.attio.com",
            "https://user:sec-ret@api.attio.com",
            "https://x:port",
            "//x",
        ],
    )
    def test_what_is_none_is_not_shown_since_it_may_be_the_token(self, url: str) -> None:
        finding = check_address({"ATTIO_BASE_URL": url})
        assert finding.verdict == "problem"
        assert "sec-ret" not in str(finding)

    def test_another_is_pointed_out(self) -> None:
        finding = check_address({"ATTIO_BASE_URL": "http://127.0.0.1:8787"})
        assert (finding.verdict, finding.found) == ("note", "http://127.0.0.1:8787, which is not Attio's own")

    def test_a_path_that_would_come_before_every_other_is_pointed_out(self) -> None:
        finding = check_address({"ATTIO_BASE_URL": "https://api.attio.com/v2"})
        assert finding.verdict == "note"
        assert finding.advice.endswith("leave the path out: https://api.attio.com")


class TestProxies:
    def test_none(self) -> None:
        assert check_proxies({"HTTP_PROXY": "http://proxy:8080", "https_proxy": ""}, "https").verdict == "ok"

    @pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
    def test_one_is_named_without_its_password(self, name: str) -> None:
        finding = check_proxies({name: "http://user:sec-ret@proxy:8080", "NO_PROXY": "localhost"}, "https")
        assert finding.verdict == "note"
        assert finding.found == f"{name}=http://proxy:8080; NO_PROXY excludes localhost"

    def test_one_without_a_scheme_is_of_http(self) -> None:
        assert "http://proxy:8080" in check_proxies({"HTTP_PROXY": "user:sec-ret@proxy:8080"}, "http").found

    @pytest.mark.parametrize(
        "value", ["://sec-ret", "ftp://sec-ret", "http://:80", "http://sec-ret:port", "http://[sec-ret"]
    )
    def test_what_is_none_is_a_problem(self, value: str) -> None:
        finding = check_proxies({"ALL_PROXY": value}, "https")
        assert finding.verdict == "problem"
        assert "sec-ret" not in str(finding)

    @pytest.mark.parametrize(("there", "verdict"), [("it", "note"), (None, "problem")])
    def test_socks_needs_a_library(
        self, there: object, verdict: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("attio_async._cli.doctor.local.find_spec", lambda _: there)
        assert check_proxies({"ALL_PROXY": "socks5://proxy:1080"}, "https").verdict == verdict
