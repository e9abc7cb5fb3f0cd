"""All differences in one file: merged from Compare's, redacted as the report is, and as many as it counts."""

from __future__ import annotations

import csv
import io
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from runner.errors import DifferencesError, UsageError
from runner.report.all_differences import write
from runner.report.difference_files import COLUMNS, check_path
from runner.report.redaction import key_hash
from tests.unit.runner.fakes import Bucket, environment

if TYPE_CHECKING:
    from pathlib import Path

BASE = "reports/rates/r1"
CHANGED = [
    ("changed", "h1", "price", "N:1", "N:2", 1),
    ("changed", "h1", "note", 'S:a,\n"b"', "(absent)", 2),
    ("changed", "h2", "price", "N:3", "S:3", 1),
]
MISSING = [("missing", "h3", "(whole item)", "present", "absent", 1)]
LINE = [("undecodable", "?", "(whole item)", "absent", "{", 1)]


class Files(Bucket):
    """A bucket in which some objects are no JSON."""

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        stored = self.objects.get(Key)
        if isinstance(stored, bytes):
            return {"Body": io.BytesIO(stored)}
        return super().get_object(Bucket=Bucket, Key=Key)


def part(rows: list[tuple[Any, ...]]) -> bytes:
    """Return a file as Compare writes it."""
    names = ("class", "key", "column", "source", "target", "number")
    written = io.BytesIO()
    parquet.write_table(pa.table({name: [row[n] for row in rows] for n, name in enumerate(names)}), written)
    return written.getvalue()


def compared(**counts: Any) -> dict[str, Any]:  # noqa: ANN401 - counts and a mapping
    return {
        **dict.fromkeys(("changed", "missing", "extra", "duplicate", "undecodable"), 0),
        "changedAttributes": {},
    } | counts


def bucket(**changes: Any) -> Files:  # noqa: ANN401 - objects of S3
    parts = {f"{BASE}/mismatches/BaseRate/{n}.parquet": part(rows) for n, rows in enumerate((CHANGED, MISSING))}
    other = {f"{BASE}/mismatches/Other/0.parquet": part(LINE)}
    tables = {
        "BaseRate": compared(changed=2, missing=1, changedAttributes={"price": 2, "note": 1}),
        "Equal": compared(),
        "Other": compared(undecodable=1),
    }
    listed = {
        name: [{"key": key, "bytes": len(content)} for key, content in files.items()]
        for name, files in (("BaseRate", parts), ("Other", other))
    }
    objects = {
        f"{BASE}/report.json": {"attempt": "a1", "release": "1-abc", "tables": tables},
        f"{BASE}/differences.json": {"attempt": "a1", "tables": listed},
        **parts,
        **other,
    }
    return Files(**{key: content for key, content in {**objects, **changes}.items() if content is not None})


def written(s3: Files, path: Path, *, show_values: bool = True) -> list[tuple[str, ...]]:
    """Write the file, and return its rows."""
    count = write(environment(s3=s3), BASE, path, show_values=show_values)
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            names, *rows = list(csv.reader(file))
    else:
        table = parquet.read_table(path)
        names, rows = table.column_names, [list(row.values()) for row in table.to_pylist()]
    assert tuple(names) == COLUMNS
    assert len(rows) == count
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_every_difference_of_every_table_is_in_the_file(tmp_path: Path, suffix: str) -> None:
    assert written(bucket(), tmp_path / "below" / f"all{suffix}") == [
        ("BaseRate", "h1", "changed", "price", "N:1", "N:2"),
        ("BaseRate", "h1", "changed", "note", 'S:a,\n"b"', "(absent)"),
        ("BaseRate", "h2", "changed", "price", "N:3", "S:3"),
        ("BaseRate", "h3", "missing", "(whole item)", "present", "absent"),
        ("Other", "?", "undecodable", "(whole item)", "absent", "{"),
    ]
    assert [file.name for file in (tmp_path / "below").iterdir()] == [f"all{suffix}"]


def test_without_values_a_key_is_the_hash_that_the_report_shows(tmp_path: Path) -> None:
    rows = written(bucket(), tmp_path / "all.csv", show_values=False)

    assert rows[0] == ("BaseRate", key_hash("h1"), "changed", "price", "(not shown)", "(not shown)")
    assert {row[4:] for row in rows} == {("(not shown)", "(not shown)")}


def test_a_run_that_matched_has_no_differences_and_needs_no_files(tmp_path: Path) -> None:
    report = {"attempt": "a1", "tables": {"BaseRate": compared()}}

    assert written(Files(**{f"{BASE}/report.json": report}), tmp_path / "none.parquet") == []


def test_the_differences_of_parts_are_those_of_each_part(tmp_path: Path) -> None:
    parts = {"room": compared(missing=1), "plan": compared(undecodable=1)}
    files = {"Hotel.room": part(MISSING), "Hotel.plan": part(LINE)}
    listed = {
        name: [{"key": f"{BASE}/mismatches/{name}/0.parquet", "bytes": len(file)}] for name, file in files.items()
    }
    s3 = Files(
        **{
            f"{BASE}/report.json": {
                "attempt": "a1",
                "tables": {"Hotel": {**compared(missing=1, undecodable=1), "parts": parts}},
            },
            f"{BASE}/differences.json": {"attempt": "a1", "tables": listed},
            **{f"{BASE}/mismatches/{name}/0.parquet": file for name, file in files.items()},
        }
    )

    assert written(s3, tmp_path / "all.csv") == [
        ("Hotel.room", "h3", "missing", "(whole item)", "present", "absent"),
        ("Hotel.plan", "?", "undecodable", "(whole item)", "absent", "{"),
    ]


FIRST = f"{BASE}/mismatches/BaseRate/0.parquet"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({f"{BASE}/differences.json": None}, "the release 1-abc, which compared the run, wrote samples only"),
        ({f"{BASE}/differences.json": {"attempt": "a2", "tables": {}}}, "is of the attempt a2, and the report of a1"),
        ({f"{BASE}/differences.json": {"attempt": "a1", "tables": {}}}, "hold 0 changed, and the report counts 2"),
        ({FIRST: part(CHANGED[:2])}, "bytes, and Compare wrote"),
        (
            {f"{BASE}/differences.json": {"attempt": "a1", "failure": "DiskFull: the local disk of a worker is full"}},
            r"Compare could not write the differences \(DiskFull: the local disk of a worker is full\); what it could",
        ),
    ],
    ids=["of an older release", "of another attempt", "files that lack", "a file that is another", "not written"],
)
def test_what_is_not_what_the_report_counts_is_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DifferencesError, match=message):
        written(bucket(**changes), tmp_path / "all.csv")

    assert list(tmp_path.iterdir()) == []


def test_an_attribute_that_differs_less_often_than_the_report_counts_is_named(tmp_path: Path) -> None:
    s3 = bucket()
    s3.objects[f"{BASE}/report.json"]["tables"]["BaseRate"]["changedAttributes"]["note"] = 2

    with pytest.raises(DifferencesError, match=r"BaseRate: .* hold 1 changed in note, and the report counts 2"):
        written(s3, tmp_path / "all.csv")


def test_a_run_that_was_not_compared_has_no_differences_to_write(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing was compared, so nothing differs"):
        written(Files(), tmp_path / "all.csv")


def test_a_suffix_that_names_no_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"must end in \.csv or \.parquet"):
        check_path(tmp_path / "all.json")


def test_without_pyarrow_the_command_that_installs_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)

    with pytest.raises(UsageError, match="needs pyarrow, which is not installed; run: make install"):
        check_path(tmp_path / "all.csv")
