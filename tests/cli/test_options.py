"""Options that several commands share."""

from pathlib import Path

import pytest

from attio_async._cli.errors import Refusal
from attio_async._cli.options import (
    check_distinct_files,
    check_separator,
    parse_json_object,
    parse_json_option,
)


def test_two_names_of_one_file_are_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("a.csv")
    with pytest.raises(Refusal, match="FILE and --report are the same file"):
        check_distinct_files({"FILE": str(tmp_path / "a.csv"), "--report": link})


def test_different_files_none_and_standard_streams_are_allowed() -> None:
    check_distinct_files({"FILE": "-", "--out": "-", "--report": None, "--embedded": "a", "other": "b"})


def test_a_separator_is_text_without_quotes() -> None:
    check_separator(" | ")
    for separator in ("", '"', 'a"b'):
        with pytest.raises(Refusal, match="--separator must be one or more characters"):
            check_separator(separator)


def test_json_is_checked_and_named() -> None:
    assert parse_json_option("--json-body", "[1]") == [1]
    assert parse_json_object("--filter", '{"a": 1}') == {"a": 1}
    with pytest.raises(Refusal, match="--json-body is not valid JSON: NaN is not a valid JSON value"):
        parse_json_option("--json-body", "NaN")
    with pytest.raises(Refusal, match="--filter must be a JSON object"):
        parse_json_object("--filter", "[]")
