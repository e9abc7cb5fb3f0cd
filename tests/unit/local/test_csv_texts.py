"""CSV files are read as the texts that they are, packed or not, or refused in one sentence."""

from __future__ import annotations

import bz2
import gzip
import lzma
from typing import TYPE_CHECKING

import pytest
import zstandard

from catalog.models import Extract
from local.errors import DataError
from local.rehearse.csv_files import CsvFile, files_of, name_of, wanted_tables
from local.rehearse.csv_texts import opened

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
        ("cp1252", "cp1252", "cp1252"),
    ],
)
def test_a_file_is_read_however_it_is_packed_and_encoded(
    tmp_path: Path, ending: str, pack: Callable[[bytes], bytes], encoding: str, declared: str | None, read_as: str
) -> None:
    path = tmp_path / f"item.csv{ending}"
    path.write_bytes(pack("id;Ein Name\r\n1;größe\r\n".encode(encoding)))

    files = files_of(tmp_path, COLUMNS, declared)

    assert files == {"item": CsvFile(path, ["id", "Ein Name"], ";", read_as)}
    with opened(path, read_as) as content:
        assert content.read() == "id;Ein Name\r\n1;größe\r\n"


NO_CSV = "is no CSV: write its rows as CSV, with a first line of column names"
CUT = "Compressed file ended before the end-of-stream marker was reached"
NOTHING = "; its first line has nothing"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("item.parquet", b"PAR1", f"item.csv is missing, and item.parquet {NO_CSV}"),
        ("item.xlsx", b"PK", f"item.csv is missing, and item.xlsx {NO_CSV}"),
        ("items.csv.gz", gzip.compress(b"id\n"), "item.csv is missing; there is items.csv"),
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
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(DataError) as refused:
        files_of(tmp_path, COLUMNS, None)

    assert str(refused.value).replace(f"{tmp_path}/", "") == told


def test_a_file_has_the_columns_as_the_database_calls_them() -> None:
    extract = Extract(
        source="shop.Item",
        group="main",
        columns={"id": "integer", "ein_name": "text"},
        database_names={"ein_name": "Ein Name"},
    )

    assert wanted_tables([extract]) == {"shop.Item": {"id": "integer", "Ein Name": "text"}}


@pytest.mark.parametrize(
    ("source", "sql"), [("item", '"item"'), ("shop.Item", '"shop"."Item"'), ('shop."a.b"', '"shop"."a.b"')]
)
def test_a_source_is_quoted_part_by_part(source: str, sql: str) -> None:
    assert name_of(source).as_string(None) == sql
