"""docs/scale.md agrees with the constants, and the plan accepts its recommendations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench import scale
from runner.plan.constants import load_constants
from runner.plan.sizing import check_sizes
from tests.unit.runner.plan.fake_account import account


def test_the_page_has_the_tables_that_the_constants_give() -> None:
    text = scale.PAGE.read_text("utf-8")

    assert text == scale.page(text), "renew it with: python -m bench.scale"


@pytest.mark.parametrize("recommended", scale.SCALES, ids=lambda recommended: recommended.name)
def test_the_plan_accepts_the_workers_that_the_page_recommends(recommended: scale.Scale) -> None:
    _, plans = scale.planned(recommended)

    assert list(check_sizes(account(), plans, {}, at_most=False)) == []


def test_a_terabyte_does_not_fit_the_disks_that_emr_serverless_gives_by_default() -> None:
    (terabyte,) = [size for size in scale.SCALES if size.name == "1 TB"]

    _, plans = scale.planned(replace(terabyte, disk_gb=20))
    problems = [finding.what for finding in check_sizes(account(), plans, {}, at_most=False)]

    assert any(what.startswith("Compare needs ") and "; the application has 20 (" in what for what in problems)


def test_an_import_of_ten_terabytes_stays_within_the_objects_of_one_table() -> None:
    tables, _ = scale.planned(scale.SCALES[-1])

    assert sum(table.files for table in tables) < 50_000
    assert load_constants().design.file_bytes == 256 * 1024**2
