"""Parquet is read as texts for PostgreSQL with every digit, or refused in one sentence."""

from __future__ import annotations

import csv
import datetime as dt
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from local.errors import DataError
from local.rehearse.parquet_files import ParquetTable
from local.rehearse.table_files import files_of

if TYPE_CHECKING:
    from pathlib import Path

ITEM_ID = uuid.UUID("4b6a1f2e-0000-4000-8000-000000000001")


def rows(folder: Path, kind: str) -> list[list[str]]:
    """Return the rows of `item` that a rehearsal reads, with its column `v` of a catalog type."""
    file = files_of(folder, {"item": {"v": kind}})["item"]
    assert isinstance(file, ParquetTable)
    lines = "".join(file.texts()).splitlines(keepends=True)
    return [row or [""] for row in csv.reader(lines)]  # of one column, a null is an empty line


def written(folder: Path, values: pa.Array, **options: Any) -> None:  # noqa: ANN401 - the writer's
    parquet.write_table(pa.table({"v": values}), folder / "item.parquet", **options)


STRUCT = pa.struct(
    [("a", pa.decimal128(12, 2)), ("b", pa.list_(pa.float32())), ("c d", pa.string()), ("at", pa.date32())]
)


@pytest.mark.parametrize(
    ("values", "kind", "texts"),
    [
        (pa.array([1, -(2**63)], pa.int64()), "bigint", ["1", "-9223372036854775808"]),
        (pa.array([2**64 - 1], pa.uint64()), "numeric(20,0)", ["18446744073709551615"]),
        (pa.array([Decimal("1.50"), Decimal("-0.01")], pa.decimal128(38, 2)), "numeric(38,2)", ["1.50", "-0.01"]),
        (pa.array([Decimal("1" * 60)], pa.decimal256(76, 0)), "numeric", ["1" * 60]),
        (pa.array([0.1, 1e20], pa.float32()), "real", ["0.1", "1e+20"]),
        (pa.array([0.1 + 0.2, 5e-324, float("nan")]), "double", ["0.30000000000000004", "5e-324", "nan"]),
        (pa.array([True, False]), "boolean", ["true", "false"]),
        (pa.array([dt.date(2024, 2, 29)]), "date", ["2024-02-29"]),
        (pa.array([1, None], pa.timestamp("ns")), "timestamp", ["1970-01-01 00:00:00.000000001", ""]),
        (pa.array([1_738_368_000_000_001], pa.timestamp("us", "Europe/Berlin")), "timestamptz",
         ["2025-02-01 00:00:00.000001+00"]),
        (pa.array([3_723_000_001], pa.time64("us")), "text", ["01:02:03.000001"]),
        (pa.array(["", None, 'say "x",\ny', "é🥂"]), "text", ["", "", 'say "x",\ny', "é🥂"]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), "text", ["a", "b", "a"]),
        (pa.array([b"\x00\xff"]), "bytes", ["\\x00ff"]),
        (pa.array(["größe".encode()]), "text", ["größe"]),
        (pa.array([ITEM_ID.bytes], pa.binary(16)), "uuid", [str(ITEM_ID)]),
        (pa.array([["a", None, 'b"\\,']]), "text[]", ['{"a",NULL,"b\\"\\\\,"}']),
        (pa.array([[1, None], []]), "bigint[]", ['{"1",NULL}', "{}"]),
        (pa.array([None, None], pa.null()), "bigint[]", ["", ""]),
        (pa.array([{"a": Decimal("1.50"), "b": [0.1, None], "c d": 'x"', "at": dt.date(2024, 2, 29)}, None], STRUCT),
         "json", ['{"a": 1.50, "b": [0.1, null], "c d": "x\\"", "at": "2024-02-29"}', ""]),
        (pa.array([[("k", 2**63 - 1)]], pa.map_(pa.string(), pa.int64())), "json", ['{"k": 9223372036854775807}']),
    ],
)  # fmt: skip
def test_a_value_is_read_with_every_digit(tmp_path: Path, values: pa.Array, kind: str, texts: list[str]) -> None:
    written(tmp_path, values)

    assert rows(tmp_path, kind) == [["v"], *[[text] for text in texts]]


def test_a_null_is_told_from_an_empty_text(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"v": ["", None], "w": [1, 2]}), tmp_path / "item.parquet")
    (file,) = files_of(tmp_path, {"item": {"v": "text"}}).values()

    assert "".join(file.texts()) == '"v","w"\n"","1"\n,"2"\n'


@pytest.mark.parametrize(
    ("kind", "text"),
    [("timestamptz", "9999-12-31 00:00:00.000001+00"), ("timestamp", "9999-12-31 00:00:00.000001")],
)
def test_a_moment_of_int96_is_in_utc_whatever_its_year(tmp_path: Path, kind: str, text: str) -> None:
    written(tmp_path, pa.array([253_402_214_400_000_001], pa.timestamp("us")), use_deprecated_int96_timestamps=True)

    assert rows(tmp_path, kind) == [["v"], [text]]


def test_a_moment_of_int96_is_not_cut_to_microseconds(tmp_path: Path) -> None:
    written(tmp_path, pa.array([1_001], pa.timestamp("ns")), use_deprecated_int96_timestamps=True)

    with pytest.raises(DataError, match="column v has timestamps finer than microseconds: write it as text"):
        rows(tmp_path, "timestamp")


def test_a_folder_of_parts_is_one_table(tmp_path: Path) -> None:
    for number, folder in enumerate(("1", "2")):
        (tmp_path / "public.item" / folder).mkdir(parents=True)
        parquet.write_table(
            pa.table({"w": ["x"], "v": [number]} if number else {"v": [number], "w": ["y"]}),
            tmp_path / "public.item" / folder / "part-00000-1c.gz.parquet",
        )
    (tmp_path / "public.item" / "_SUCCESS").touch()

    assert rows(tmp_path, "integer") == [["v", "w"], ["0", "y"], ["1", "x"]]


def test_a_column_that_only_folders_name_is_read(tmp_path: Path) -> None:
    for folder in ("v=2025%3A", "v=__HIVE_DEFAULT_PARTITION__"):
        (tmp_path / "item.parquet" / folder).mkdir(parents=True)
        parquet.write_table(pa.table({"w": [1]}), tmp_path / "item.parquet" / folder / "part-0.parquet")

    assert rows(tmp_path, "text") == [["w", "v"], ["1", "2025:"], ["1", ""]]


def test_a_column_that_the_catalog_does_not_read_is_no_obstacle(tmp_path: Path) -> None:
    columns = {"v": pa.array([1]), "odd": pa.array([1], pa.duration("s"))}
    parquet.write_table(pa.table(columns), tmp_path / "item.parquet")

    assert rows(tmp_path, "integer") == [["v"], ["1"]]


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        (pa.array([1], pa.duration("s")), "bigint", "v is duration[s], not bigint"),
        (pa.array([b"x"]), "integer", "v is binary, not integer"),
        (pa.array([{"a": b"x"}]), "json", "v is struct<a: binary>, not json"),
        (pa.array([[[1]]]), "bigint[]", "v is list<element: list<element: int64>>, not bigint[]"),
        (pa.array([1]), "bytes", "v is int64, not bytes"),
    ],
)
def test_a_column_of_no_fitting_type_is_refused_before_anything_loads(
    tmp_path: Path, values: pa.Array, kind: str, message: str
) -> None:
    written(tmp_path, values)

    with pytest.raises(DataError) as refused:
        files_of(tmp_path, {"item": {"v": kind}})

    assert str(refused.value) == (
        f"{tmp_path}/item.parquet: {message}; write it as text, or remove it from the catalog"
    )


@pytest.mark.parametrize(
    ("values", "kind", "message"),
    [
        (pa.array([b"\xff"]), "text", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (pa.array([[float("inf")]]), "json", "JSON has no inf"),
    ],
)
def test_a_value_without_a_text_is_refused(tmp_path: Path, values: pa.Array, kind: str, message: str) -> None:
    written(tmp_path, values)

    with pytest.raises(DataError) as refused:
        rows(tmp_path, kind)

    assert str(refused.value) == f"{tmp_path}/item.parquet: column v has a value that is not of type {kind}: {message}"


def test_files_that_cannot_be_one_table_are_refused(tmp_path: Path) -> None:
    (tmp_path / "item").mkdir()
    parquet.write_table(pa.table({"v": [1], "w": [1]}), tmp_path / "item/a.parquet")
    parquet.write_table(pa.table({"v": [1]}), tmp_path / "item/b.parquet")
    with pytest.raises(DataError, match=r"item/b\.parquet: lacks w, which a\.parquet has"):
        files_of(tmp_path, {"item": {"v": "integer"}})

    (tmp_path / "item/b.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"item/b\.parquet cannot be read: Parquet file size is 4 bytes"):
        files_of(tmp_path, {"item": {"v": "integer"}})

    (tmp_path / "item.csv").write_text("v\n1\n")
    with pytest.raises(DataError, match=r"item\.csv and .*/item both hold item: remove one"):
        files_of(tmp_path, {"item": {"v": "integer"}})
