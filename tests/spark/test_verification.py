"""A verification compares an export with the run's landed rows, reads no clone, and keeps the run's report."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import compare
from migration_spark.errors import RawRowsMissing

from tests.spark.jobs import EXPORT, thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.spark.jobs import Jobs

ROWS = 12
UNREADABLE = "k03"
FOLDER = "reports/d/run/verifications/v1"


@pytest.fixture(scope="module")
def landed(jobs: Jobs) -> Iterator[Jobs]:
    rows = [thing(number) for number in range(ROWS)]
    jobs.fill({"one": rows[::2], "two": rows[1::2]})
    jobs.sql("two", f"UPDATE thing SET precise = 'NaN' WHERE id = '{UNREADABLE}'")
    jobs.table["maxRejects"] = 1
    assert jobs.bootstrap()["failure"] is None
    jobs.export(list(jobs.items().values()))
    assert jobs.compare()["verdict"] == "MATCH"
    yield jobs
    jobs.table["maxRejects"] = 0


def verified(jobs: Jobs) -> dict[str, Any]:
    """Verify without a password of any clone; return the report."""
    exports = json.dumps([{"table": "Thing", "manifest": EXPORT}])
    job = jobs.job("compare", "run", "v1", "--exports", exports, "--verify")
    with job.progress.recording():
        compare.run(job)
    return jobs.read(f"{FOLDER}/report.json")


def test_tables_that_nobody_wrote_to_are_still_what_the_run_read(landed: Jobs) -> None:
    landed.export(list(landed.items().values()))
    before = landed.read("reports/d/run/report.json")

    report = verified(landed)

    counts = {name: count for name, count in report["tables"]["Thing"].items() if isinstance(count, int) and count}
    assert counts == {"compared": ROWS - 1, "matched": ROWS - 1, "exported": ROWS - 1, "rejected": 1}
    assert (report["verdict"], report["against"], report["attempt"]) == ("MATCH", "raw", "v1")
    assert (report["witnessSamples"], report["leftOut"]) == ([], [])
    assert report["summary"] == (
        "All 11 items of 1 tables still match what the run read. No clone was read: "
        "the rows are those that the run landed."
    )
    assert landed.read(f"{FOLDER}/verdict.json")["witness"] is None
    assert landed.read("reports/d/run/report.json") == before
    assert landed.read("reports/d/run/verdict.json")["attempt"] == "a1"


def test_what_somebody_wrote_since_is_found_and_the_runs_own_verdict_holds_no_longer(landed: Jobs) -> None:
    items = landed.items()
    items["k01"]["title"] = {"S": "another"}
    del items["k02"]
    landed.export(list(items.values()))

    report = verified(landed)

    assert report["verdict"] == "MISMATCH"
    assert (report["tables"]["Thing"]["changed"], report["tables"]["Thing"]["missing"]) == (1, 1)
    files = landed.read(f"{FOLDER}/differences.json")["tables"]["Thing"]
    assert all(file["key"].startswith(f"{FOLDER}/mismatches/Thing/") for file in files)
    own = landed.read("reports/d/run/verdict.json")
    assert (own["verdict"], own["attempt"], own["against"]) == ("MISMATCH", "v1", "raw")
    assert landed.read("reports/d/run/report.json")["verdict"] == "MATCH"


def test_rows_that_were_deleted_since_are_named(landed: Jobs) -> None:
    landed.export(list(landed.items().values()))
    raw = landed.folder / "raw/d/run/Thing-thing"
    kept = raw.with_name("kept")
    shutil.copytree(raw, kept)
    try:
        shutil.rmtree(next(raw.glob("*two*")))
        with pytest.raises(RawRowsMissing, match=r"landed 12 rows of thing, but raw/d/run/Thing-thing/ holds 6"):
            verified(landed)
        shutil.rmtree(raw)
        with pytest.raises(RawRowsMissing, match=r"raw/d/run/Thing-thing/ holds none: they were deleted"):
            verified(landed)
    finally:
        shutil.rmtree(raw, ignore_errors=True)
        kept.rename(raw)
