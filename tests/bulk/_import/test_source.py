"""Rows of files, the lines they start on, and the files that are refused."""

import importlib
import io
import json
import random
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from tests.bulk._import.sheets import spreadsheet
from tests.cli.support import table

from attio_async.bulk import ImportLine, ImportReader
from attio_async.bulk._import.source import detect_delimiter, join_tables
from attio_async.errors import ConfigurationError


def rows(content: bytes | str, name: str = "rows.csv") -> list[ImportLine]:
    return list(table(content, name))


class TestCsv:
    def test_rows_have_the_line_they_start_on(self) -> None:
        content = 'name,domains\nAcme,acme.example.com\n\n"Two\nlines",two.example.com\nLast,last.example.com'
        assert rows(content) == [
            ImportLine(2, {"name": "Acme", "domains": "acme.example.com"}),
            ImportLine(4, {"name": "Two\nlines", "domains": "two.example.com"}),
            ImportLine(6, {"name": "Last", "domains": "last.example.com"}),
        ]

    def test_delimiters_line_endings_and_byte_order_mark(self) -> None:
        misfits = []
        for case in product([",", ";", "\t"], ["\n", "\r\n", "\r"], [b"", b"\xef\xbb\xbf"]):
            delimiter, ending, mark = case
            text = ending.join([f"name{delimiter}domains", f"Zoë{delimiter}zoe.example.com", ""])
            found = table(mark + text.encode())
            rows = list(found), found.columns, found.delimiter
            expected = [ImportLine(2, {"name": "Zoë", "domains": "zoe.example.com"})]
            if rows != (expected, ("name", "domains"), delimiter):
                misfits.append((case, rows))
        assert not misfits

    def test_a_table_can_be_read_again(self) -> None:
        found = table("a,b\n1,2\n3,4\n")
        assert found.count == 2
        assert list(found) == list(found)

    def test_a_table_can_be_read_twice_at_once(self) -> None:
        cells = "".join(f"{number},{'x' * 100}\n" for number in range(1_000))
        for found in (table(f"a,b\n{cells}"), table(f"a,b\n{cells}".encode("utf-16"))):
            assert all(first == second for first, second in zip(found, found, strict=True))

    def test_quotes_are_removed(self) -> None:
        assert rows('a,b\n"say ""hi""","x, y"\n')[0].cells == {"a": 'say "hi"', "b": "x, y"}

    def test_a_ragged_row_is_a_problem_of_that_row(self) -> None:
        for row, cells in {"only one": 1, "one,two,three": 3}.items():
            before, ragged, after = rows(f"a,b\n1,2\n{row}\n3,4\n")
            assert ragged == ImportLine(3, problem=f"has {cells} cells where the header has 2")
            assert before.problem is None
            assert after.cells == {"a": "3", "b": "4"}

    def test_text_after_a_quote_is_a_problem_of_that_row(self) -> None:
        odd, after = rows('a,b\n"x" y,2\n3,4\n')
        assert odd.problem is not None
        assert odd.problem.startswith("is not valid CSV")
        assert after == ImportLine(3, {"a": "3", "b": "4"})

    def test_a_quote_that_is_never_closed_stops_everything(self) -> None:
        for tail in ("", "3,4\n5,6\n"):
            with pytest.raises(ConfigurationError, match="line 3"):
                table(f'a,b\n1,2\n"open,2\n{tail}')

    def test_a_quote_that_swallows_the_rows_up_to_the_next_quote_stops_everything(self) -> None:
        with pytest.raises(ConfigurationError, match="line 2"):
            table('a,b\n"open,2\n3,4\n5,"six"\n7,8\n')

    def test_a_cell_may_have_any_size(self) -> None:
        huge, after = rows(f"a,b\n{'x' * 2_000_000},2\n3,4\n")
        assert len(str(huge.cells["a"])) == 2_000_000
        assert after.number == 3

    def test_rows_without_values_are_skipped(self) -> None:
        assert [line.number for line in rows("a,b\n,\n1,2\n , \n\n")] == [3]

    def test_a_trailing_delimiter_is_harmless(self) -> None:
        assert rows("a,b,\n1,2,\n") == [ImportLine(2, {"a": "1", "b": "2"})]

    def test_a_value_under_a_nameless_column_stops_everything(self) -> None:
        with pytest.raises(ConfigurationError, match="column 3 has no name, but a value in line 3"):
            table("a,b,\n1,2,\n1,2,lost\n")

    def test_headers_are_compared_without_case_and_blanks(self) -> None:
        found = table("Name,b, name ,NAME\n1,2,3,4\n")
        assert found.columns == ("Name", "b", "name (2)", "NAME (3)")
        assert next(iter(found)).cells == {"Name": "1", "b": "2", "name (2)": "3", "NAME (3)": "4"}

    def test_a_header_alone_is_a_table_without_rows(self) -> None:
        found = table("a,b\n")
        assert (found.columns, found.count, list(found)) == (("a", "b"), 0, [])

    def test_a_broken_header_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="line 1, the header"):
            table('"a"b,c\n1,2\n')


_ROWS = [{"name": f"Name {number}", "size": number, "tags": ["a", "b"]} for number in range(200)]


def _parquet() -> bytes:
    pyarrow = pytest.importorskip("pyarrow")
    file = io.BytesIO()
    importlib.import_module("pyarrow.parquet").write_table(pyarrow.Table.from_pylist(_ROWS), file)
    return file.getvalue()


_WHOLE: dict[str, Callable[[], bytes]] = {
    "parquet": _parquet,
    "xlsx": lambda: spreadsheet(One=[["name", "size"], *([row["name"], row["size"]] for row in _ROWS)]),
    "json": lambda: json.dumps(_ROWS).encode(),
    "jsonl": lambda: "".join(json.dumps(row) + "\n" for row in _ROWS).encode(),
    "csv": lambda: "".join(f'"{row["name"]}",{row["size"]}\n' for row in _ROWS).encode(),
    "utf-16": lambda: "".join(f'"{row["name"]}",{row["size"]}\n' for row in _ROWS).encode("utf-16"),
}


class TestUnreadable:
    def test_an_empty_file(self) -> None:
        for content in (b"", b"\xef\xbb\xbf", b"\n\n  \n", b"\r\n"):
            for name in ("rows.csv", "rows.jsonl"):
                with pytest.raises(ConfigurationError, match="is empty"):
                    table(content, name)

    def test_bytes_that_are_not_of_a_stated_encoding_name_line_and_byte(self) -> None:
        content = io.BytesIO(b"name,domains\nCaf\xe9,cafe.example.com\n")
        with pytest.raises(ConfigurationError, match=r"line 2 is not UTF-8: byte 0xe9 after 'Caf'; correct"):
            ImportReader(encoding="utf-8").read(content, name="rows.csv")

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_the_first_line_that_is_not_of_the_encoding_is_named(self, end: str) -> None:
        before = "".join(f"Zoë {number},x{end}" for number in range(19_999)).encode()
        content = b"name,domains" + end.encode() + before + b"Gr\xf6\xdfe,x" + end.encode() + before
        for mark, reader, reason in (
            (b"\xef\xbb\xbf", ImportReader(), "is not UTF-8: byte 0xf6 after 'Gr'"),
            (b"", ImportReader(encoding="utf8"), "is not utf8: byte 0xf6 after 'Gr'"),
            (b"", ImportReader(), "is not UTF-8, and the file has characters of UTF-8: byte 0xf6 after 'Gr'"),
        ):
            with pytest.raises(ConfigurationError, match=f"line 20001 {reason}; correct the line, or state"):
                reader.read(io.BytesIO(mark + content), name="rows.csv")

    def test_a_file_that_is_not_text(self) -> None:
        for content, reason in [
            (b"PK\x03\x04rest", "is not a spreadsheet that can be read"),
            (b"\xd0\xcf\x11\xe0rest", "is not a spreadsheet that can be read"),
            (b"PAR1rest", "is not a Parquet file that can be read"),
            (b"a,b\n1,\x002\n", "null character"),
        ]:
            with pytest.raises(ConfigurationError, match=reason):
                table(content)

    @pytest.mark.parametrize(
        "kind", [pytest.param("parquet", marks=pytest.mark.full), "xlsx", "json", "jsonl", "csv", "utf-16"]
    )
    def test_a_damaged_file_is_read_or_refused_with_an_error_of_this_package(self, kind: str) -> None:
        generator, refused = random.Random(1), 0
        whole = _WHOLE[kind]()
        for number in range(60):
            damaged = bytearray(whole)
            at = generator.randrange(len(whole))
            if number % 3 == 0:
                del damaged[at : at + generator.choice([1, 50, len(whole)])]
            else:
                for _ in range(generator.choice([1, 30])):
                    damaged[generator.randrange(len(whole))] = generator.randrange(256)
            try:
                list(ImportReader().read(io.BytesIO(bytes(damaged)), name="rows"))
            except ConfigurationError as error:
                assert "rows" in str(error)
                refused += 1
        assert refused

    @pytest.mark.parametrize(
        "encoding", ["base64", "rot13", "undefined", "punycode", "a\0b", "\ud800", "", "utf-16"]
    )
    def test_an_encoding_that_does_not_fit_is_refused(self, encoding: str) -> None:
        with pytest.raises(ConfigurationError, match="encoding"):
            list(ImportReader(encoding=encoding).read(io.BytesIO(b"name\nAcme, Inc\n"), name="rows.csv"))

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with (
            pytest.raises(ConfigurationError, match="cannot be read"),
            ImportReader().open(tmp_path / "none.csv"),
        ):
            raise AssertionError

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="cannot be read"), ImportReader().open(tmp_path):
            raise AssertionError

    def test_a_file_is_opened_and_closed(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text("a,b\n1,2\n")
        with ImportReader().open(path) as found:
            assert found.count == 1
        with pytest.raises(ValueError, match="closed"):
            list(found)

    def test_standard_input_is_spooled_so_that_it_can_be_read_twice(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Piped:
            buffer = io.BytesIO(b"a,b\n1,2\n")

        monkeypatch.setattr("sys.stdin", Piped())
        with ImportReader().open("-") as found:
            assert found.name == "standard input"
            assert len(list(found)) == len(list(found)) == 1


class TestJsonl:
    def test_rows_with_lines_and_exact_numbers(self) -> None:
        content = '{"name": "Acme", "value": 1.10}\n\n{"name": "Zoë", "tags": ["a"]}'
        found = table(content, "rows.jsonl")
        assert found.columns == ("name", "value", "tags")
        assert found.count == 2
        assert list(found) == [
            ImportLine(1, {"name": "Acme", "value": Decimal("1.10")}),
            ImportLine(3, {"name": "Zoë", "tags": ["a"]}),
        ]

    @pytest.mark.parametrize("number", ["1e99999999", "1E-99999999", "1e99999999999999999999"])
    def test_a_number_with_millions_of_digits_is_left_as_text(self, number: str) -> None:
        for content, name in (
            (f'{{"value": {number}}}', "rows.jsonl"),
            (f'[{{"value": {number}}}]', "rows.json"),
        ):
            assert list(table(content, name)) == [ImportLine(1, {"value": number})]

    def test_it_is_recognised_without_an_ending(self) -> None:
        assert table('\ufeff {"a": 1}\n', "standard input").delimiter is None

    def test_other_lines_are_problems_of_those_lines(self) -> None:
        misfits = {}
        for line, reason in {
            "[1]": "an array",
            "3": "a number",
            "null": "null",
            "true": "true or false",
            '"x"': "a string",
            '{"a": 1': "is not a JSON object",
            '{"a": NaN}': "NaN is not a valid JSON value",
            '{"a": 1, "a": 2}': "the key 'a' is given twice",
            "[" * 100_000: "is not a JSON object",
        }.items():
            before, odd, after = rows(f'{{"a": 0}}\n{line}\n{{"a": 2}}\n', "rows.jsonl")
            if odd.number != 2 or reason not in str(odd.problem) or before.problem or after.problem:
                misfits[line[:20]] = odd
        assert not misfits

    def test_a_file_without_a_single_object_is_refused_with_its_first_line(self) -> None:
        for text, reason in (
            ('{\n "a": 1\n}\n', "Expecting property name"),
            ('{"a": 1, "a": 2}', "given twice"),
        ):
            with pytest.raises(ConfigurationError, match=f"line 1 is not a JSON object: .*{reason}"):
                table(text, "rows.jsonl")

    def test_an_array_of_rows(self) -> None:
        found = table('[{"a": 1.10},\n {"b": [2]}, 3]', "rows.json")
        assert (found.format, found.columns, found.count) == ("json", ("a", "b"), 3)
        first, second, odd = found
        assert first == ImportLine(1, {"a": Decimal("1.10")})
        assert second == ImportLine(2, {"b": [2]})
        assert odd.problem == "is not a JSON object but a number"

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ('[{"a": 1}, {"a"', "Expecting ':' delimiter: line 1 column 16"),
            ('[{"a": 1}\n {"a": 2}]', "Expecting ',' delimiter: line 2 column 2"),
            ('[{"a": 1},\n {"a": 2,\n "b": x}]', "Expecting value: line 3 column 7"),
            ('[{"a": 1},', "Expecting value: line 1 column 11"),
            ('[{"a": 1}', "Expecting ',' delimiter: line 1 column 10"),
            ('[{"a": 1}] {}', "Extra data: line 1 column 12"),
            ('[{"a": 1, "a": 2}]', "the key 'a' is given twice"),
            ('[{"a": NaN}]', "NaN is not a valid JSON value"),
            ("[" * 100_000, "recursion"),
        ],
    )
    def test_an_array_that_is_not_valid(
        self, text: str, reason: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for size in (1, 7, 1 << 20):
            monkeypatch.setattr("attio_async.bulk._import.source._CHUNK_BYTES", size)
            with pytest.raises(ConfigurationError, match="is not a JSON array of objects") as caught:
                table(text, "rows.json")
            assert reason in str(caught.value)

    def test_one_row_of_an_array_is_in_memory_at_a_time(self) -> None:
        line = json.dumps({"a": "x" * 1000})
        file = io.BytesIO(f"[{','.join([line] * 20_000)}]".encode())
        tracemalloc.start()
        try:
            read = ImportReader().read(file, name="rows.json")
            assert sum(1 for _ in read) == read.count == 20_000
            assert tracemalloc.get_traced_memory()[1] < 10_000_000  # of 20 MB
        finally:
            tracemalloc.stop()


class TestParquet:
    def test_two_columns_of_one_name_are_refused(self) -> None:
        arrow, parquet = map(importlib.import_module, ("pyarrow", "pyarrow.parquet"))
        found = io.BytesIO()
        parquet.write_table(arrow.table([["A"], ["B"]], names=["name", "name"]), found)
        with pytest.raises(ConfigurationError, match="has two columns 'name'; rename one of them"):
            ImportReader().read(found, name="rows.parquet")


class TestSheets:
    def test_the_lines_to_skip_are_rows_of_the_sheet(self) -> None:
        sheet = spreadsheet(Data=[["Title"], [], ["name", "size"], ["A", 1], [], ["B", 2]])
        for skipped in (1, 2):
            found = ImportReader(skip_lines=skipped).read(io.BytesIO(sheet), name="rows.xlsx")
            assert found.columns == ("name", "size")
            assert [line.number for line in found] == [4, 6]


class TestSeveralFiles:
    def test_columns_that_differ_in_case_alone_are_refused(self) -> None:
        odd = table('{"name": "A", "Name": "B"}\n', "odd.jsonl")
        with pytest.raises(ConfigurationError, match="has 2 columns 'name', which differ in case alone"):
            join_tables([odd, table('{"name": "C"}\n', "rows.jsonl")])


class TestMarksAndMisreadText:
    @pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "cp1251", None])
    def test_a_byte_order_mark_is_never_part_of_the_header(self, encoding: str | None) -> None:
        content = io.BytesIO(b"\xef\xbb\xbfname,domains\nA,a.example.com\n")
        assert ImportReader(encoding=encoding).read(content).columns == ("name", "domains")
        utf16 = io.BytesIO("\ufeffname,domains\nA,a.example.com\n".encode("utf-16-le"))
        assert ImportReader(encoding="utf-16-le").read(utf16).columns == ("name", "domains")

    def test_text_of_utf_8_that_was_read_in_another_encoding_is_noted(self) -> None:
        wrong = "Größe".encode().decode("latin-1")
        for content, reader in (
            ("name;domains\nGrÃ¶ÃŸe;x\nZoë;y\nItâ€™s;z\n".encode(), ImportReader()),
            (f"name;domains\n{wrong};x\nZoë;y\nItâ€™s;z\n".encode(), ImportReader()),
            ("name\nGröße\nPlain\nZoë\n".encode(), ImportReader(encoding="cp1252")),
            ('{"name": "x"}\n{"name": "GrÃ¶ÃŸe"}\n{"name": "Itâ€™s"}\n'.encode(), ImportReader()),
        ):
            read = reader.read(io.BytesIO(content), name="rows")
            misread = read.misread or ""
            assert misread.startswith("rows: line 2 has 'Gr")
            assert misread.endswith(
                ", which looks like UTF-8 that was read as Windows-1252; lines like it: 2"
            )
        for text in ("„Spaß“", "«CAFÉ»", "«MAÇÃ»", "Ãlvaro", "naïve", "Â", "“à la carte”"):
            assert table(f"name,domains\n{text},x\n").misread is None


class TestDetection:
    def test_a_decimal_comma_does_not_win_over_the_semicolon(self) -> None:
        assert detect_delimiter(["name;value\n", "a;1,5\n", "b;2,5\n"]) == ";"

    def test_a_single_column_is_read_with_commas(self) -> None:
        assert detect_delimiter(["name\n", "Smith; Sons\n"]) == ","

    def test_no_lines_are_read_with_commas(self) -> None:
        assert detect_delimiter([]) == ","


CELL = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]))


@settings(deadline=None)
@given(st.lists(st.tuples(CELL, CELL), max_size=10), st.sampled_from([",", ";", "\t"]))
def test_every_written_row_is_read(pairs: list[tuple[str, str]], delimiter: str) -> None:
    import csv

    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["left", "right"])
    writer.writerows(pairs)
    found = table(text.getvalue())
    expected = [pair for pair in pairs if any(cell.strip() for cell in pair)]
    assert [(line.cells["left"], line.cells["right"]) for line in found] == expected
    assert found.count == len(expected)


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.jsonl"]))
def test_any_bytes_are_read_or_refused(content: bytes, name: str) -> None:
    try:
        found = table(content, name)
    except ConfigurationError:
        return
    assert len(list(found)) == found.count


@pytest.mark.full
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = tmp_path / f"{count}.csv"
        path.write_text(
            "\n".join(["name,domains", *(f"Firm {number},f{number}.example.com" for number in range(count))])
        )
        with ImportReader().open(path) as found:
            tracemalloc.start()
            assert sum(1 for _ in found) == count
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    assert peak(8000) < peak(80) + 1_000_000  # all rows together take 3,300,000
