"""`doctor`: every fault has a verdict and an advice, and the token is never shown."""

import json
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from attio_async import Attio, Request, Response
from attio_async._cli.doctor import diagnose
from attio_async._cli.doctor.local import Finding
from attio_async._cli.doctor.network import CHECKS
from attio_async.testing import FakeAttio, FixedResponse, VirtualClock
from tests.cli.support import run_command, workspace

pytestmark = pytest.mark.anyio

TOKEN = "a-secret-token"
SET = {"ATTIO_API_KEY": TOKEN}


async def found_address(host: str, port: int) -> Sequence[str]:
    assert (host, port) == ("api.attio.com", 443)
    return [f"192.0.2.{number}" for number in range(1, 6)]


def client_of(fake: FakeAttio, **more: Any) -> Callable[..., Attio]:
    """Makes clients of a fake with the options of the check."""
    return lambda **options: fake.client(**(options | more))


async def checked(
    fake: FakeAttio | None = None,
    environment: Mapping[str, str] = SET,
    *,
    resolve: Any = found_address,
    **more: Any,
) -> dict[str, Finding]:
    findings = await diagnose(
        environment, client=client_of(fake or workspace(token=TOKEN), **more), resolve=resolve
    )
    assert TOKEN not in repr(findings)
    assert all(finding.advice for finding in findings if finding.verdict in {"note", "problem"})
    # Of several findings about one thing the first counts here.
    return {finding.check: finding for finding in reversed(findings)}


def verdicts(findings: Mapping[str, Finding]) -> dict[str, str]:
    return {check: finding.verdict for check, finding in findings.items() if check in CHECKS}


async def test_a_working_setup_has_no_problems() -> None:
    findings = await checked()
    assert verdicts(findings) == dict.fromkeys(CHECKS, "ok")
    assert findings["name resolution"].found == "api.attio.com is 192.0.2.1, 192.0.2.2, 192.0.2.3 and 2 more"
    assert findings["HTTP"].found == "answered in 40 ms"
    assert findings["workspace"].found == "Fake Workspace (fake-workspace)"
    assert "import records" in findings["scopes"].found


async def test_without_a_token_the_network_is_checked_all_the_same() -> None:
    for token in ("", '"quoted"', "two words"):
        findings = await checked(workspace(token=TOKEN), {"ATTIO_API_KEY": token})
        assert findings["token"].verdict == "problem"
        assert [findings[check].verdict for check in ("HTTP", "clock")] == ["ok", "ok"]
        assert [findings[check].verdict for check in ("token active", "workspace", "scopes")] == [
            "skipped"
        ] * 3


async def test_an_invalid_address_is_never_asked() -> None:
    fake = workspace(token=TOKEN)
    findings = await checked(fake, {**SET, "ATTIO_BASE_URL": "api.attio.com"})
    assert findings["address"].verdict == "problem"
    assert verdicts(findings) == dict.fromkeys(CHECKS, "skipped")
    assert fake.calls == []


async def test_an_unknown_host() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    fake = workspace(token=TOKEN)
    findings = await checked(fake, resolve=unknown)
    assert findings["name resolution"].verdict == "problem"
    assert "Name or service not known" in findings["name resolution"].found
    assert findings["HTTP"].verdict == "skipped"
    assert fake.calls == []


async def test_a_proxy_resolves_the_name() -> None:
    findings = await checked(environment={**SET, "HTTPS_PROXY": "http://user:word@proxy:8080"}, resolve=None)
    assert findings["proxy"].verdict == "note"
    assert "word" not in findings["proxy"].found
    assert findings["name resolution"].verdict == "skipped"
    assert findings["HTTP"].verdict == "ok"


async def test_an_invalid_proxy() -> None:
    findings = await checked(environment={**SET, "HTTPS_PROXY": "nonsense://"}, resolve=None)
    assert (findings["proxy"].verdict, findings["HTTP"].verdict) == ("problem", "skipped")


async def test_a_revoked_token() -> None:
    fake = workspace(token=TOKEN)
    fake.auth.revoke_token()
    findings = await checked(fake)
    assert [findings[check].verdict for check in ("HTTP", "token active", "workspace")] == [
        "ok",
        "problem",
        "skipped",
    ]


async def test_unexpected_answers() -> None:
    misfits = {}
    bad_token = {"type": "auth_error", "code": "unauthorized", "message": f"Bad {TOKEN}."}
    for status, body, check, expected in [
        (401, bad_token, "token active", "Bad [token]"),
        (200, {}, "token active", "does not say"),
        (200, b"<html>Sign in to the network", "HTTP", ""),
        (302, b"", "HTTP", "302"),
        (404, {"message": "No such page."}, "HTTP", "No such page."),
        (503, b"down", "HTTP", "503"),
        (429, b"", "HTTP", "429"),
    ]:
        fake = workspace(token=TOKEN)
        fake.fault(FixedResponse(status, body), times=5)
        findings = await checked(fake)
        found = findings[check].verdict, findings["workspace"].verdict
        if found != ("problem", "skipped") or expected not in findings[check].found:
            misfits[status, body] = findings
    assert not misfits


async def test_a_wrong_clock() -> None:
    for skew, found in [
        (75.0, "at least 74 s ahead of the server's"),
        (-7200.0, "at least 7,200 s behind the server's"),
    ]:
        fake = workspace(token=TOKEN, clock=VirtualClock(start=1_800_000_000.5), latency=0.0)
        findings = await checked(fake, clock=VirtualClock(start=1_800_000_000.5 + skew))
        assert findings["clock"].verdict == "problem"
        assert findings["clock"].found == found


async def test_a_token_with_few_scopes() -> None:
    async def narrowed(request: Request, send: Any) -> Response:
        body = {
            "active": True,
            "scope": "record_permission:read object_configuration:read",
            "workspace_name": "Acme",
        }
        return Response(status=200, headers={}, body=json.dumps(body).encode())

    findings = await diagnose(
        SET, client=client_of(workspace(), middleware=[narrowed]), resolve=found_address
    )
    scopes = [finding for finding in findings if finding.check == "scopes"]
    assert [finding.verdict for finding in scopes] == ["ok", *["note"] * 6]
    assert next(finding for finding in findings if finding.check == "clock").verdict == "skipped"


async def test_missing_certificates() -> None:
    def failing(**_: object) -> Attio:
        raise FileNotFoundError(2, "No such file or directory")

    environment = {**SET, "SSL_CERT_FILE": "none.pem"}
    found = {each.check: each for each in await diagnose(environment, client=failing, resolve=found_address)}
    assert found["TLS"].verdict == "problem"
    assert found["TLS"].found.endswith("No such file or directory; certificates are read from none.pem")
    assert found["HTTP"].verdict == "skipped"


async def test_a_closed_port(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    findings = await diagnose({**SET, "ATTIO_BASE_URL": f"http://127.0.0.1:{port}"})
    found = {finding.check: finding.verdict for finding in findings}
    assert [found[check] for check in CHECKS[1:]] == ["ok", "skipped", "problem", *["skipped"] * 4]


async def test_a_server_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with FakeAttio().serve() as server:
        findings = await diagnose({**SET, "ATTIO_BASE_URL": server.url.replace("http:", "https:")})
    found = {finding.check: finding for finding in findings}
    assert found["TLS"].verdict == "problem"
    assert "SSL_CERT_FILE" in found["TLS"].advice
    assert found["HTTP"].verdict == "skipped"


@pytest.mark.parametrize(("token", "code"), [(TOKEN, 0), ("another-token", 1)])
def test_the_report(token: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with FakeAttio(token=TOKEN).serve() as server:
        monkeypatch.setenv("ATTIO_API_KEY", token)
        monkeypatch.setenv("ATTIO_BASE_URL", server.url)
        data, shown = run_command("doctor", "--json"), run_command("doctor")
    assert (data.exit_code, shown.exit_code) == (code, code)
    report = json.loads(data.stdout)
    assert report["healthy"] is not bool(code)
    found = {check["check"] for check in report["checks"]}
    assert found >= {"python", "packages", "token", "address", *CHECKS}
    assert "ok       HTTP             answered in" in shown.stdout
    assert "note     address          http://127.0.0.1" in shown.stdout
    assert "\n                          -> unset ATTIO_BASE_URL" in shown.stdout
    assert ("problem  token active" in shown.stdout) is bool(code)
    assert shown.stderr == data.stderr == ("1 problem found.\n" if code else "No problems found.\n")
    assert TOKEN not in data.output + shown.output


def test_several_problems_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTIO_API_KEY", "")
    monkeypatch.setenv("ATTIO_BASE_URL", "no address")
    result = run_command("doctor", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["healthy"] is False
    assert result.stderr == "2 problems found.\n"
