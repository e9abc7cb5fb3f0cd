"""CSV files are read as texts, compressed or not, or refused in one sentence."""

from __future__ import annotations

import bz2
import gzip
import lzma
from typing import TYPE_CHECKING

import pytest
import zstandard

from catalog.models import Extract
from local.errors import DataError
from local.rehearse.csv_files import name_of, source_tables
from local.rehearse.csv_texts import CsvFile
from local.rehearse.table_files import files_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COLUMNS = {"item": {"id": "integer", "Ein Name": "text"}}


@pytest.mark.parametrize(
    ("ending", "pack"),
    [
        ("", bytes),
        (".gz", gzip.compress),
        (".bz2", bz2.compress),
        (".xz", lzma.compress),
        (".zst", lambda text: zstandard.ZstdCompressor().compress(text)),
    ],
)
@pytest.mark.parametrize(
    ("encoding", "declared", "read_as"),
    [
        ("utf-8", None, "utf-8-sig"),
        ("utf-8-sig", None, "utf-8-sig"),
        ("utf-16", None, "utf-16"),
        ("utf-16-le", None, "utf-16-le"),
        ("utf-16-be", None, "utf-16-be"),
        ("utf-32", None, "utf-32"),
        ("cp1252", "cp1252", "cp1252"),
        ("utf-8-sig", "cp1252", "utf-8-sig"),
    ],
)
def test_a_file_is_read_however_it_is_packed_and_encoded(
    tmp_path: Path, ending: str, pack: Callable[[bytes], bytes], encoding: str, declared: str | None, read_as: str
) -> None:
    path = tmp_path / f"item.csv{ending}"
    path.write_bytes(pack("id;Ein Name\r\n1;größe\r\n".encode(encoding)))

    files = files_of(tmp_path, COLUMNS, declared)

    assert files == {"item": CsvFile(path, ["id", "Ein Name"], ";", read_as)}
    assert "".join(files["item"].texts()) == "id;Ein Name\r\n1;größe\r\n"


NO_CSV = "is neither CSV nor Parquet: write its rows as CSV with a header line, or as Parquet"
SHEET = "is a spreadsheet: save its sheet as CSV UTF-8 (item.csv)"
CUT = "Compressed file ended before the end-of-stream marker was reached"
NOTHING = "; its first line has nothing"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("item.json", b"{}", f"item.csv is missing, and item.json {NO_CSV}"),
        ("item.xlsx", b"PK", f"item.csv is missing, and item.xlsx {SHEET}"),
        ("items.csv.gz", gzip.compress(b"id\n"), "item.csv (or .parquet) is missing; there is items.csv"),
        ("other", b"", "item.csv (or .parquet) is missing; there are no CSV and no Parquet files"),
        ("item.csv.gz", b"id\n", "item.csv.gz cannot be read: Not a gzipped file (b'id')"),
        ("item.csv.gz", gzip.compress(b"id\n" * 99)[:-9], f"item.csv.gz cannot be read: {CUT}"),
        (
            "item.csv",
            b"id,Ein Name,\n1,a,\n",
            "item.csv: its first line names no column 3; name it, or remove the column",
        ),
        ("item.csv", b"id,Ein Name,id\n", "item.csv: its first line names a column twice"),
        (
            "item.csv",
            b"",
            f"item.csv: lacks the column id{NOTHING}; item.csv: lacks the column Ein Name{NOTHING}",
        ),
        ("item.csv", b"id,ein_name\n", "item.csv: lacks the column Ein Name; there is 'ein_name'"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(DataError) as refused:
        files_of(tmp_path, COLUMNS, None)

    assert str(refused.value).replace(f"{tmp_path}/", "") == message


@pytest.mark.parametrize(
    ("text", "declared", "header", "separator"),
    [
        ("id\tEin Name\n", None, ["id", "Ein Name"], "\t"),
        ("id|Ein Name|x,y\n", None, ["id", "Ein Name", "x,y"], "|"),
        ('"id","Ein Name","two\nlines"\n1,a,b\n', None, ["id", "Ein Name", "two\nlines"], ","),
        ("id^Ein Name\n", "^", ["id", "Ein Name"], "^"),
        ("id\x01Ein Name\n", "\x01", ["id", "Ein Name"], "\x01"),
    ],
)
def test_columns_are_separated_as_declared_or_so_that_they_are_those_of_the_table(
    tmp_path: Path, text: str, declared: str | None, header: list[str], separator: str
) -> None:
    (tmp_path / "item.csv").write_text(text)

    (file,) = files_of(tmp_path, COLUMNS, None, declared).values()

    assert (file.header, file.separator) == (header, separator)


def test_the_line_by_which_a_spreadsheet_declares_its_separator_is_no_row(tmp_path: Path) -> None:
    (tmp_path / "item.csv").write_text("sep=^\r\nid^Ein Name\r\n1^a\r\n", newline="")

    (file,) = files_of(tmp_path, COLUMNS).values()

    assert (file.header, file.separator, file.skipped_lines) == (["id", "Ein Name"], "^", 1)
    assert "".join(file.texts()) == "id^Ein Name\r\n1^a\r\n"


def test_a_file_of_tabs_may_be_called_after_them(tmp_path: Path) -> None:
    (tmp_path / "item.tsv").write_text("id\tEin Name\n")

    assert files_of(tmp_path, COLUMNS)["item"].path == tmp_path / "item.tsv"


def test_a_file_has_the_columns_as_the_database_calls_them() -> None:
    extract = Extract(
        source="shop.Item",
        group="main",
        columns={"id": "integer", "ein_name": "text"},
        database_names={"ein_name": "Ein Name"},
    )

    assert source_tables([extract]) == {"shop.Item": {"id": "integer", "Ein Name": "text"}}


@pytest.mark.parametrize(
    ("source", "sql"), [("item", '"item"'), ("shop.Item", '"shop"."Item"'), ('shop."a.b"', '"shop"."a.b"')]
)
def test_a_source_is_quoted_part_by_part(source: str, sql: str) -> None:
    assert name_of(source).as_string(None) == sql
