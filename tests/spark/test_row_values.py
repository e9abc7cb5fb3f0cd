"""No value of a row leaves the bucket: the state machine reads only names, counts and hashes of keys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from migration_spark.arguments import Arguments
from migration_spark.errors import DatabaseError, RowsNotConserved
from migration_spark.job import _write_failure
from migration_spark.redaction import key_hash

from tests.spark.jobs import Jobs, selects, thing

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

SECRET = "hunter2-4711"


def what_leaves(jobs: Jobs, run: str) -> str:
    """Return the documents of a run that the state machine reads into its history, and with it into logs and mail."""
    keys = [f"processed/d/{run}/summary.json", f"reports/d/{run}/verdict.json", f"failures/d/{run}/bootstrap.json"]
    texts = [(jobs.folder / key).read_text() for key in keys if (jobs.folder / key).exists()]
    assert texts
    return "\n".join(texts)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("INSERT INTO thing SELECT * FROM thing", "DuplicateKeys"),
        ("UPDATE thing SET ratio = 'NaN'", "RowsRejected"),
        ("UPDATE thing SET expires = 'infinity'", "RowsRejected"),
        ("UPDATE thing SET title = 'dropped'", "RowsFiltered"),
    ],
)
def test_no_value_of_a_refused_row_leaves_the_bucket(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], change: str, error: str
) -> None:
    jobs.fill({"one": [(SECRET, *thing(1)[1:])], "two": [thing(2)]})
    jobs.sql("one", f"UPDATE thing SET note = '{SECRET}'", change)
    for name, text in selects("FROM thing WHERE title <> 'dropped'").items():
        monkeypatch.setitem(jobs.table, name, text)
    failure = jobs.bootstrap("secret")["failure"]

    assert failure["error"] == error
    assert SECRET not in what_leaves(jobs, "secret")
    assert SECRET not in "".join(capfd.readouterr())
    manifest = (jobs.folder / "processed/d/secret/manifest.json").read_text()
    rejects = [file.read_text() for file in (jobs.folder / "rejects").rglob("*.json")]
    assert SECRET in manifest or any(SECRET in text for text in rejects)


def test_no_value_of_a_difference_leaves_the_bucket(jobs: Jobs) -> None:
    jobs.fill({"one": [(SECRET, *thing(1)[1:])], "two": [thing(2)]})
    jobs.sql("one", f"UPDATE thing SET note = '{SECRET}-there'")
    assert jobs.bootstrap("differs")["failure"] is None
    items = jobs.items("differs")
    items[SECRET]["note"] = {"S": f"{SECRET}-here"}
    jobs.export(list(items.values()))
    report = jobs.compare("differs")

    verdict = jobs.read("reports/d/differs/verdict.json")
    assert verdict["verdict"] == "MISMATCH"
    assert verdict["firstDifference"] == {
        "table": "Thing",
        "class": "changed",
        "column": "note",
        "key": key_hash(SECRET),
    }
    assert f"The first: Thing {key_hash(SECRET)} is changed in note." in verdict["summary"]
    assert SECRET not in what_leaves(jobs, "differs")
    assert report["firstDifference"]["key"] == SECRET


def test_a_job_that_fails_says_no_value_and_keeps_them_beside(
    spark: SparkSession, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = Arguments("", f"file://{tmp_path}", "d", "r", "a1", "rehearsal", 1, {}, {})
    for error in (
        RowsNotConserved("Thing: multiplied", [SECRET]),
        ValueError(f"{SECRET} is no number"),
        DatabaseError("the clone", words=f"invalid input {SECRET}", state="22P02"),
    ):
        _write_failure(arguments, "bootstrap", error)

        text = (tmp_path / "failures/d/r/bootstrap.json").read_text()
        assert json.loads(text)["error"] == type(error).__name__
        assert SECRET not in text
        assert SECRET not in "".join(capfd.readouterr())
        assert SECRET in (tmp_path / "failures/d/r/bootstrap-values.json").read_text()
    assert spark
