"""The reasons why rows were not written, by line and attribute; all of them are in the report file."""

import csv
import stat
from pathlib import Path

import pytest

from attio_async._cli.importer.failures import (
    FailedValue,
    FailureReport,
    explain,
    explain_letter,
    failure_report,
)
from attio_async.bulk import DeadLetter
from attio_async.bulk._import.rows import UnreadableRow
from attio_async.bulk._write.payload import Payload, to_failure
from attio_async.errors import (
    AttioError,
    BadRequest,
    CoercionError,
    ConfigurationError,
    Problem,
    UniquenessConflict,
    ValueNotFound,
)


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


class TestReasons:
    def test_every_problem_of_a_row(self) -> None:
        error = CoercionError(
            [
                Problem("domains", "domain", "no domain", "is not a domain", "give one"),
                Problem("name", "text", ["a", "b"], "too many", None),
            ]
        )
        assert explain(7, error, {}) == [
            FailedValue(7, "domains", "no domain", "is not a domain; give one"),
            FailedValue(7, "name", "a; b", "too many"),
        ]

    @pytest.mark.parametrize(
        "error",
        [
            CoercionError(
                [Problem("name", "text", "x", "is odd", "give one"), Problem("a", None, None, "is required")]
            ),
            CoercionError.single("name", "text", "x", "is odd,\nvery odd"),
            UnreadableRow("has 2 cells"),
        ],
    )
    def test_an_earlier_failure_has_the_same_reasons(self, error: AttioError) -> None:
        payload = Payload({"name": "x"}, raw=True).encode()
        letter = DeadLetter(index=0, label=2, payload=payload, failure=to_failure(error))
        reasons = [" ".join(each.reason.split()) for each in explain_letter(letter)]
        assert [each.removeprefix("name (text): ") for each in reasons] == [
            " ".join(each.reason.split()) for each in explain(2, error, {"name": "x"})
        ]

    def test_an_unreadable_row(self) -> None:
        assert explain(3, UnreadableRow("has 2 cells"), {}) == [FailedValue(3, "", "", "has 2 cells")]

    def test_a_validation_error_names_the_attribute_and_its_value(self) -> None:
        error = BadRequest(
            "Body payload validation error.",
            status=400,
            code="validation_type",
            validation_errors=[
                {"path": ["data", "values", "phone_numbers", 0], "message": "Not a phone number."},
                {"path": ["data"], "message": "Odd."},
                {"path": None},
            ],
        )
        first, second, third = explain(2, error, {"phone_numbers": ["+1"], "name": "x"})
        assert first == FailedValue(
            2, "phone_numbers", "+1", "Attio answered 400 (validation_type): Not a phone number."
        )
        assert (second.attribute, second.value) == ("", "")
        assert third.reason == "Attio answered 400 (validation_type): Body payload validation error."

    def test_an_error_that_knows_its_attribute(self) -> None:
        error = UniquenessConflict("Taken.", status=409, attribute="domains", conflicting_record_id="x")
        assert explain(2, error, {"domains": "a.example.com"}) == [
            FailedValue(
                2,
                "domains",
                "a.example.com",
                "Attio answered 409: Taken; record x has the value: update that one, "
                "or upsert with match='domains'",
            )
        ]

    def test_an_error_that_names_its_attribute_in_its_message(self) -> None:
        error = ValueNotFound(
            'Cannot find X for attribute with slug "company".', status=400, suggestions=["Y"]
        )
        (failed,) = explain(2, error, {"company": "X"})
        assert (failed.attribute, failed.value) == ("company", "X")
        assert failed.reason.endswith("did you mean 'Y'?")

    def test_a_missing_record_is_answered_with_an_option_of_the_command_line(self) -> None:
        error = ValueNotFound('Cannot find record with ID "x".', status=400, code="value_not_found")
        (failed,) = explain(2, error, {})
        assert failed.reason.endswith(
            'ID "x"; write the record that is referred to first; --create-references does so'
        )

    def test_an_error_without_an_attribute(self) -> None:
        (failed,) = explain(2, BadRequest("No.", status=400), {"company": "X"})
        assert (failed.attribute, failed.value) == ("", "")

    def test_long_values_are_cut(self) -> None:
        error = CoercionError.single("name", "text", "x" * 500, "too long")
        assert len(explain(1, error, {})[0].value) == 200

    def test_a_reason_is_one_line_and_repeats_no_value(self) -> None:
        for failed, text in [
            (FailedValue(3, "name", "x", "is odd"), "line 3: name: is odd [x]"),
            (FailedValue(3, "name", "x", "'x' is odd"), "line 3: name: 'x' is odd"),
            (FailedValue(3, "", "", "is not a row"), "line 3: is not a row"),
        ]:
            assert str(failed) == text


class TestReport:
    def test_it_has_all_reasons_and_no_formula(self, tmp_path: Path) -> None:
        path = tmp_path / "report.csv"
        with failure_report(path) as report:
            report.add(2, CoercionError.single("name", "text", "=1+1", "is odd,\nvery odd"), {})
            report.add(5, UnreadableRow("has 2 cells"), {})
        assert rows(path) == [
            ["line", "attribute", "value", "reason"],
            ["2", "name", "'=1+1", "is odd,\nvery odd"],
            ["5", "", "", "has 2 cells"],
        ]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_without_failures_it_replaces_an_old_report_by_a_header(self, tmp_path: Path) -> None:
        path = tmp_path / "report.csv"
        path.write_text("old")
        with failure_report(path):
            pass
        assert rows(path) == [["line", "attribute", "value", "reason"]]

    def test_failures_before_a_crash_are_kept(self, tmp_path: Path) -> None:
        path = tmp_path / "report.csv"
        with pytest.raises(KeyboardInterrupt), failure_report(path) as report:
            report.add(2, UnreadableRow("has 2 cells"), {})
            raise KeyboardInterrupt
        assert len(rows(path)) == 2

    def test_a_missing_folder_is_refused_at_once(self, tmp_path: Path) -> None:
        with (
            pytest.raises(ConfigurationError, match="does not exist"),
            failure_report(tmp_path / "none" / "r.csv"),
        ):
            raise AssertionError

    def test_only_the_first_reasons_are_shown(self) -> None:
        report = FailureReport(None, shown=2)
        for line in range(2, 7):
            report.add(line, UnreadableRow("odd"), {})
        assert ([failed.line for failed in report.first], report.hidden) == ([2, 3], 3)
