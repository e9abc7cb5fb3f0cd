"""Values of a table's file arrive unchanged, or are refused with their row: none is rounded or guessed."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pyarrow as pa
import pytest
from pyarrow import parquet

from local.errors import DataError
from local.rehearse.csv_files import load_folder

if TYPE_CHECKING:
    from local.aurora.server import PostgresServer

UTC = dt.UTC
DOCUMENT = pa.struct([("a", pa.decimal128(9, 2)), ("b", pa.list_(pa.string()))])


def loaded(server: PostgresServer, folder: Path, kinds: dict[str, str], **declared: str) -> list[tuple[Any, ...]]:
    """Load the file of `item` and return its rows."""
    database = folder.name.replace("-", "_").lower()
    load_folder(folder, server, database, {"item": kinds}, tell=lambda _: None, **declared)
    with psycopg.connect(server.dsn(database)) as connection:
        return connection.execute("SELECT * FROM item").fetchall()


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("numeric(6,2)", "1.230", Decimal("1.23")),
        ("numeric", "1e-40", Decimal("1e-40")),
        ("double", "0.30000000000000004", 0.1 + 0.2),
        ("double", "0.29999999999999998890", 0.3),
        ("double", "-Infinity", float("-inf")),
        ("double", "0.0", 0.0),
        ("real", "16777216", 16777216.0),
        ("real", "0.100000001", 0.1),
        ("date", "20240229", dt.date(2024, 2, 29)),
        ("timestamp", "2026-03-01T10:00:00.1234560", dt.datetime(2026, 3, 1, 10, 0, 0, 123456)),  # noqa: DTZ001 - has none
        ("timestamp", "2026-03-01", dt.datetime(2026, 3, 1)),  # noqa: DTZ001 - likewise
        ("timestamptz", "2026-03-01 10:00 pm +01:00", dt.datetime(2026, 3, 1, 21, tzinfo=UTC)),
        ("timestamptz", "2026-03-01T10:00:00Z", dt.datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("timestamptz", "20260301T100000+0100", dt.datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("timestamptz", "2026-03-01 10:00:00 Europe/Berlin", dt.datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("bytes", "\\x00FF", b"\x00\xff"),
        ("uuid", "4B6A1F2E000040008000000000000001", uuid.UUID("4b6a1f2e-0000-4000-8000-000000000001")),
        ("text", "\\.", "\\."),
        ("text", "NULL", "NULL"),
    ],
)
def test_a_value_arrives_as_it_is(server: PostgresServer, tmp_path: Path, kind: str, text: str, value: object) -> None:
    (tmp_path / "item.csv").write_text(f"v,w\n{text},\n,x\n")

    assert loaded(server, tmp_path, {"v": kind}) == [(value, None), (None, "x")]


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        ("numeric(6,2)", "1.239", "is rounded by numeric(6,2)"),
        ("numeric(6,2)", "12345.6", "is not a valid numeric(6,2)"),
        ("integer", "1.5", "is not a valid integer"),
        ("double", "9007199254740993", "is rounded by double"),
        ("double", "0.1000000000000000050", "is rounded by double"),
        ("double", "1e400", "is not a valid double"),
        ("double", "1.2345e-320", "is rounded by double"),
        ("real", "16777217", "is rounded by real"),
        ("date", "2026-03-01 10:00", "is rounded by date"),
        ("date", "03/04/2026", "is not a valid date"),
        ("date", "03-04-05", "does not begin with a year of four digits, as in 2026-03-01"),
        ("date", "today", "does not begin with a year of four digits, as in 2026-03-01"),
        ("timestamp", "2026-03-01 10:00:00.1234567", "is rounded by timestamp"),
        (
            "timestamp",
            "2026-03-01 10:00+01",
            "has an offset from UTC, which timestamp drops: declare it as timestamptz",
        ),
        ("timestamptz", "2026-03-01 10:00:00", "has no offset from UTC, as in 2026-03-01 10:00:00+00"),
        ("timestamptz", "2026-03-01", "has no offset from UTC, as in 2026-03-01 10:00:00+00"),
        ("timestamptz", "2026-03-01 10:00:00.1234567+01", "is rounded by timestamptz"),
        ("bytes", "AAEC", "does not begin with \\x, as bytes do"),
        ("boolean", "2", "is not a valid boolean"),
        ("json", "{", "is not a valid json"),
        ("bigint[]", "{1.5}", "is not a valid bigint[]"),
    ],
)
def test_a_value_that_its_type_would_change_is_refused_with_its_row(
    server: PostgresServer, tmp_path: Path, kind: str, text: str, problem: str
) -> None:
    (tmp_path / "item.csv").write_text(f"w,v\nx,\n,{text}\n")

    with pytest.raises(DataError) as refused:
        loaded(server, tmp_path, {"v": kind})

    assert str(refused.value) == (
        f"{tmp_path}/item.csv: row 2, column v: {text!r} {problem}; correct the value or the type"
    )


def test_no_name_of_a_column_is_in_the_way(server: PostgresServer, tmp_path: Path) -> None:
    names = ["row", "name", "text", "value", "is_long", "names", "texts", "numbers", "problem", "rows", "looked_at"]
    line = ",".join(["0.30000000000000004"] * len(names))
    (tmp_path / "item.csv").write_text(f"{','.join(names)}\n{line}\n")

    assert loaded(server, tmp_path, dict.fromkeys(names, "double")) == [(0.1 + 0.2,) * len(names)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sep=;\nv;w\n1;2\n1;2;3\n", 'extra data after last expected column (COPY rows, line 4: "1;2;3")'),
        ("v;w\n1\n", 'missing data for column "w" (COPY rows, line 2: "1")'),
        ('v;w\n"1;2\n', 'unterminated CSV quoted field (COPY rows, line 3: ""1;2'),
    ],
)
def test_a_row_that_is_none_of_csv_is_refused_with_its_line(
    server: PostgresServer, tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "item.csv").write_text(text)

    with pytest.raises(DataError) as refused:
        loaded(server, tmp_path, {"v": "integer"})

    assert str(refused.value).startswith(f"{tmp_path}/item.csv: {message}")


def test_a_row_of_1000_columns_is_loaded_whatever_its_texts_are_long(server: PostgresServer, tmp_path: Path) -> None:
    kinds = {f"c{number}": "timestamptz" if number % 2 else "double" for number in range(1000)}
    row = ["2026-03-01 10:00:00.123456+00" if number % 2 else "0.30000000000000004" for number in range(1000)]
    (tmp_path / "item.csv").write_text(f"{','.join(kinds)}\n{','.join(row)}\n{',' * 999}\n")

    first, second = loaded(server, tmp_path, kinds)

    assert set(first) == {0.1 + 0.2, dt.datetime(2026, 3, 1, 10, 0, 0, 123456, tzinfo=UTC)}
    assert set(second) == {None}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (1000, "row is too big: size 17024, maximum size 8160; leave columns out of the file"),
        (1601, "tables can have at most 1600 columns; leave columns out of the file"),
    ],
)
def test_a_row_that_no_block_holds_is_refused_with_the_number(
    server: PostgresServer, tmp_path: Path, columns: int, message: str
) -> None:
    kinds = {f"c{number}": "text" for number in range(columns)}
    (tmp_path / "item.csv").write_text(f"{','.join(kinds)}\n{','.join(['x' * 16] * columns)}\n")

    with pytest.raises(DataError) as refused:
        loaded(server, tmp_path, kinds)

    assert str(refused.value).startswith(f"{tmp_path}/item.csv: {message}")


def test_parquet_arrives_as_it_is(server: PostgresServer, tmp_path: Path) -> None:
    moment = dt.datetime(2026, 3, 1, 10, 0, 0, 1, tzinfo=UTC)
    columns = {
        "id": pa.array([1, 2]),
        "price": pa.array([Decimal("1.20"), None], pa.decimal128(8, 2)),
        "rate": pa.array([0.1, None], pa.float32()),
        "at": pa.array([moment, None], pa.timestamp("us", "Asia/Tokyo")),
        "doc": pa.array([{"a": Decimal("1.50"), "b": ["é"]}, None], DOCUMENT),
        "names": pa.array([['a"b', None, ""], None], pa.list_(pa.string())),
        "raw": pa.array([b"\x00", None]),
        "migration row": pa.array(["", None]),
    }  # fmt: skip
    parquet.write_table(pa.table(columns), tmp_path / "item.parquet", compression="zstd")
    kinds = {
        "id": "bigint", "price": "numeric(8,2)", "rate": "real", "at": "timestamptz", "doc": "json",
        "names": "text[]", "raw": "bytes", "migration row": "text",
    }  # fmt: skip

    assert loaded(server, tmp_path, kinds) == [
        (1, Decimal("1.20"), 0.1, moment, {"a": 1.5, "b": ["é"]}, ['a"b', None, ""], b"\x00", ""),
        (2, None, None, None, None, None, None, None),
    ]


def test_a_moment_of_parquet_without_a_zone_is_none_of_a_type_with_one(server: PostgresServer, tmp_path: Path) -> None:
    parquet.write_table(pa.table({"v": pa.array([0], pa.timestamp("ms"))}), tmp_path / "item.parquet")

    with pytest.raises(DataError, match=r"row 1, column v: '1970-01-01 00:00:00.000' has no offset from UTC"):
        loaded(server, tmp_path, {"v": "timestamptz"})


def test_nothing_of_the_loading_is_left_behind(server: PostgresServer, tmp_path: Path) -> None:
    (tmp_path / "item.csv").write_text("v\n1\n")
    loaded(server, tmp_path, {"v": "integer"})

    with psycopg.connect(server.dsn(tmp_path.name.replace("-", "_").lower())) as connection:
        assert connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_'"
        ).fetchall() == [("public",)]
        assert connection.execute("SELECT extname FROM pg_extension").fetchall() == [("plpgsql",)]
        assert connection.execute("SELECT srvname FROM pg_foreign_server").fetchall() == []
    assert [path.suffix for path in Path(server.folder).parent.iterdir() if path.suffix == ".csv"] == []
