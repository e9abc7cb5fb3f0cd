"""A table of several parts in the report: each part has its own counts, limits, checks and verdict."""

from __future__ import annotations

from typing import Any

from runner.report.page import render
from runner.report.summary import render as render_summary
from tests.unit.runner.report import samples
from tests.unit.runner.report.parted import parted
from tests.unit.runner.report.raw import document_of, report_of


def parts() -> dict[str, dict[str, Any]]:
    (table,) = document_of(parted())["tables"]
    return {part["name"]: part for part in table["parts"]}


def test_each_part_has_its_own_counts_and_verdict() -> None:
    by_name = parts()

    shown = ("rowsRead", "items", "rejected", "imported", "exported", "compared", "matched", "changed")
    assert {name: [part["counts"][count] for count in shown] for name, part in by_name.items()} == {
        "room": [60, 60, 0, None, 60, 60, 60, 0],
        "plan": [45, 38, 1, None, 37, 38, 36, 1],
    }
    assert {name: (part["verdict"], part["differing"]) for name, part in by_name.items()} == {
        "room": ("MATCH", 0),
        "plan": ("MISMATCH", 1),
    }
    assert by_name["plan"]["limits"] == {"rejected": 2, "filtered": 2, "unmatched": 3}
    assert by_name["room"]["limits"] == dict.fromkeys(("rejected", "filtered", "unmatched"))
    assert {check["name"]: check["holds"] for check in by_name["plan"]["checks"]} == {
        "every row read is an item or accounted for": True,
        "every item was exported, or had expired": True,
        "every item is equal in the clones and in the export, or had expired": False,
    }


def test_a_table_of_one_select_has_no_parts() -> None:
    (table,) = document_of(samples.match())["tables"]

    assert table["parts"] == []


def test_page_and_summary_name_every_part() -> None:
    report = report_of(parted())
    page = render(report)

    assert "Rows and items of BaseRate by part" in page
    assert '<th scope="row">room</th>' in page
    (row,) = [line for line in render_summary(report).splitlines() if line.startswith("| … plan ")]
    assert row.split(" | ")[1:] == ["45", "38", "\N{EN DASH}", "37", "38", "36", "MISMATCH |"]


def test_all_differences_of_parts_lie_in_a_folder_for_each() -> None:
    (table,) = document_of(parted())["tables"]

    assert table["differences"]["place"] == f"s3://{parted().bucket}/{parted().parsed().reports}/mismatches/"
