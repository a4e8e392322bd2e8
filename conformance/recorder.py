"""A pytest plugin that checks every answer of the fake against a description of the API.

    python -m pytest -p conformance.recorder --description FILE tests/testing

Every answer that a test provokes is checked, and in the end it says which operations nobody called with success.
"""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from attio_async.testing._http.router import Route
from attio_async.testing._response import FakeResponse
from attio_async.testing._service import Pending, Service
from conformance.description import Description

PARAMETER = re.compile(r"\{[^}]*\}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--description", type=Path, required=True, help="an OpenAPI 3.1 document of the API")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Recorder(Description(config.getoption("description"))), "recorder")


def _anonymous(path: str) -> str:
    return PARAMETER.sub("{}", path)


class _Recorder:
    def __init__(self, description: Description) -> None:
        self.description = description
        self.paths = {(method, _anonymous(path)): path for method, path in description.operations}
        self.succeeded: Counter[tuple[str, str]] = Counter()
        self.problems: dict[str, list[str]] = {}
        self.checked = 0
        self.current = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> object:
        self.current = item.nodeid
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> object:
        answer = Service.answer

        def watched(
            service: Service, route: Route | None, *rest: object, **more: object
        ) -> FakeResponse | Pending:
            response = answer(service, route, *rest, **more)  # type: ignore[arg-type]
            if isinstance(response, FakeResponse):
                return checked(route, response)
            return lambda: checked(route, response())

        def checked(route: Route | None, response: FakeResponse) -> FakeResponse:
            if route is not None:
                self._check(route.operation.method, route.operation.path, response)
            return response

        Service.answer = watched  # type: ignore[method-assign]
        try:
            return (yield)
        finally:
            Service.answer = answer  # type: ignore[method-assign]

    def _check(self, method: str, path: str, response: FakeResponse) -> None:
        key = (method, self.paths.get((method, _anonymous(path)), ""))
        if not key[1]:
            found = [f"{method} {path} is not described"]
        else:
            self.checked += 1
            if response.status < 400:
                self.succeeded[key] += 1
            try:
                found = self.description.problems(*key, response.status, response.body)
            except json.JSONDecodeError as error:
                found = [f"no JSON: {error}"]
        for problem in found:
            self.problems.setdefault(f"{method} {path} {response.status}: {problem}", []).append(self.current)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        write = terminalreporter.write_line
        write(f"{self.checked} answers were checked against the description")
        silent = [
            f"{method} {path}"
            for method, path in self.description.operations
            if not self.succeeded[method, path]
        ]
        write(
            f"{len(self.description.operations) - len(silent)} of {len(self.description.operations)} "
            f"operations answered with success; never: {', '.join(silent) or 'none'}"
        )
        for problem, tests in sorted(self.problems.items()):
            write(f"NOT as described: {problem} ({len(tests)} times, first in {tests[0]})")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.problems and session.exitstatus == 0:
            session.exitstatus = 1
