"""Delta refuses an unusable base, more changes than allowed, and lines that do not add up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import delta
from migration_spark.errors import (
    BaseNotFound,
    ExportDamaged,
    RowsNotConserved,
    SpecError,
    TooManyChanges,
    TooManyDeletions,
)

from tests.spark.deltas import ALL, REPAIR, base_of, counts_of, item, items_of, run_delta, write_run

if TYPE_CHECKING:
    from tests.spark.jobs import Jobs

ROWS = 100
OFFICIAL = "start an official run: migrate start --mode official"


@pytest.fixture(scope="module")
def written(jobs: Jobs) -> Jobs:
    """Write a base, and runs with deletions, with changes, and without either."""
    write_run(jobs, "base", items_of(ROWS))
    write_run(jobs, "base-less", items_of(ROWS - 2))
    write_run(jobs, "base-other", [*items_of(ROWS - 30), *[item(n, title={"S": "t"}) for n in range(ROWS - 30, ROWS)]])
    return jobs


def test_more_deletions_than_are_allowed_end_the_job_before_a_part_is_written(written: Jobs) -> None:
    with pytest.raises(TooManyDeletions) as raised:
        run_delta(written, "base-less", *base_of(written, "base"))

    assert str(raised.value) == (
        "Thing: 2 of 100 items (2 %) would be deleted, 1 % may be. Nothing was written. If the source is right, allow "
        "it once: migrate catch-up --domain d --run-id base-less --max-delete-percent 2. To allow it from now on, "
        "raise catch_up.max_delete_percent of the table in the catalog, deploy, and start a new run"
    )
    assert not (written.folder / "changes/d/base-less").exists()


def test_more_changes_than_are_allowed_end_the_job_before_a_part_is_written(written: Jobs) -> None:
    written.export(items_of(ROWS))
    with pytest.raises(TooManyChanges) as raised:
        run_delta(written, "base-other", *REPAIR)

    assert str(raised.value) == (
        "Thing: 30 of 100 items (30 %) would be put or deleted, 25 % may be. Nothing was written. If the source is "
        "right, allow it once: migrate repair base-other --max-change-percent 30. To allow it from now on, raise "
        "catch_up.max_change_percent of the table in the catalog, deploy, and start a new run"
    )
    assert not (written.folder / "changes/d/base-other").exists()


def test_the_catalog_and_the_command_allow_more(written: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    base = base_of(written, "base")
    assert counts_of(run_delta(written, "base-less", *base, "--max-delete-percent", "2")) == (0, 0, 2, 98)

    monkeypatch.setitem(written.table, "catchUp", {"maxDeletePercent": 1, "maxChangePercent": 30})
    assert counts_of(run_delta(written, "base-other", *base)) == (0, 30, 0, 70)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"listing": "0" * 64}, "the items of the proven run base below {prefix} have changed since they were proven"),
        ({"prefix": "processed/d/base/gone/Thing/"}, "the items of the proven run base below {prefix} are gone"),
    ],
    ids=["changed", "gone"],
)
def test_a_base_whose_items_are_not_what_was_proven_is_named(
    written: Jobs, changes: dict[str, Any], cause: str
) -> None:
    prefix = changes.get("prefix", "processed/d/base/a1/Thing/")
    with pytest.raises(BaseNotFound) as raised:
        run_delta(written, "base-less", *base_of(written, "base", **changes), *ALL)

    assert str(raised.value) == f"Thing: {cause.format(prefix=prefix)}; {OFFICIAL}"


def test_a_base_that_has_expired_is_named(written: Jobs) -> None:
    base = json.dumps({"run": "long-ago", "attempt": "a1", "tables": {}})
    with pytest.raises(BaseNotFound, match=r"manifest.json does not exist: the items of the proven run long-ago have "):
        run_delta(written, "base-less", "--base", base, *ALL)


def test_a_base_without_a_table_of_the_catalog_is_named(written: Jobs) -> None:
    base = json.dumps({"run": "base", "attempt": "a1", "tables": {}})
    with pytest.raises(BaseNotFound) as raised:
        run_delta(written, "base-less", "--base", base, *ALL)

    assert str(raised.value) == f"the proven run base has no table Thing; {OFFICIAL}"


def test_a_base_of_another_key_is_named(written: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    sort = {"partition": {"name": "id", "type": "S"}, "sort": {"name": "note", "type": "S"}}
    base = base_of(written, "base")
    monkeypatch.setitem(written.table, "key", sort)
    with pytest.raises(BaseNotFound) as raised:
        run_delta(written, "base-less", *base, *ALL)

    assert str(raised.value) == (
        "Thing: the proven run base has another key than the catalog now says, and a table's key cannot be changed; "
        f"{OFFICIAL}"
    )


@pytest.mark.parametrize("line", ['{"Item":{"id":{"S":"cut', "{}", '{"Item":{"note":{"S":"a"}}}'])
def test_a_line_that_is_no_item_ends_the_job_on_whichever_side_it_is(written: Jobs, line: str) -> None:
    name = f"damaged-{len(line)}"
    lines = [json.dumps({"Item": whole}) for whole in items_of(5)]
    write_run(written, name, [*lines, line])
    write_run(written, f"{name}-whole", lines)

    with pytest.raises(BaseNotFound, match="Thing: 1 lines of the base are not items; start an official run"):
        run_delta(written, f"{name}-whole", *base_of(written, name), *ALL)
    with pytest.raises(RowsNotConserved, match="Thing: 1 lines that Bootstrap wrote are not items; start a new run"):
        run_delta(written, name, *base_of(written, f"{name}-whole"), *ALL)
    written.export_lines([*lines, line])
    with pytest.raises(ExportDamaged, match="Thing: 1 lines of the base are not items; export the table again"):
        run_delta(written, f"{name}-whole", *REPAIR, *ALL)


def test_a_key_that_one_side_has_twice_ends_the_job(written: Jobs) -> None:
    write_run(written, "twice", [*items_of(5), item(3, title={"S": "again"})])
    with pytest.raises(RowsNotConserved, match="1 keys are in the base or in the items more than once"):
        run_delta(written, "twice", *base_of(written, "base"), *ALL)


@pytest.mark.parametrize("count", [ROWS - 1, ROWS + 1])
def test_a_base_of_another_count_than_was_proven_ends_the_job(written: Jobs, count: int) -> None:
    with pytest.raises(RowsNotConserved, match=f"the base should be {count} items; 100 were read"):
        run_delta(written, "base-less", *base_of(written, "base", items=count), *ALL)


def test_items_that_are_not_those_of_the_manifest_end_the_job(written: Jobs) -> None:
    write_run(written, "more", items_of(5))
    folder = written.folder / "processed/d/more/a1/Thing"
    (folder / "part-00009-items-c000.txt.gz").write_bytes(b"x")
    with pytest.raises(RowsNotConserved, match=r"processed/d/more/a1/Thing/ are not those that Bootstrap wrote"):
        run_delta(written, "more", *base_of(written, "base"), *ALL)


def test_items_of_another_attempt_or_spec_are_refused(written: Jobs) -> None:
    job = written.job("delta", "base-less", "c1", "--items", "a2", *base_of(written, "base"))
    with pytest.raises(SpecError, match="the items of this run are of the attempt a1, and --items says a2"):
        delta.run(job)
