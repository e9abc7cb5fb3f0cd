"""Every failure of a run has advice, and the runbook has the same names."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.failure_advice import ADVICE, REFUSED, advice
from statemachine import failures

# Failures that the contract between the parts adds.
NEW = (
    "CloneNotFresh",
    "ColumnsNotListed",
    "KeysCollide",
    "RowsFiltered",
    "SourceNotCloned",
    "SourceNotVisible",
    "TableInUse",
)


@pytest.mark.parametrize("name", sorted({*failures.RECORDED, *failures.CATCH_UP_RECORDED, *failures.REFUSED, *NEW}))
def test_every_failure_says_what_to_do(name: str) -> None:
    todo = advice(name, "rates").todo

    assert todo
    assert "{domain}" not in todo


def test_the_refused_ones_are_those_of_the_state_machine() -> None:
    assert set(REFUSED) == set(failures.REFUSED)


def test_a_failure_of_the_catalog_names_the_file() -> None:
    assert "catalog/domains/rates.yaml" in advice("ColumnsNotListed", "rates").todo
    assert "on_duplicate_key: {latest: …}" in advice("DuplicateKeys", "rates").todo


def test_a_failure_that_lies_in_the_clones_asks_for_new_ones() -> None:
    assert {name for name, known in ADVICE.items() if known.new_clones} == {
        "CloneNotFresh",
        "CloneTooOld",
        "SourceNotCloned",
        "SourceNotVisible",
    }


def test_an_unknown_failure_sends_to_its_cause() -> None:
    assert advice("Unheard", "rates").todo == "Fix what the cause names"


def test_the_runbook_lists_every_failure() -> None:
    page = Path("docs/runbooks/run-failed.md").read_text("utf-8")

    assert [name for name in ADVICE if name not in page] == []
