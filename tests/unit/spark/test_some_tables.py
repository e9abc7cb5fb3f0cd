"""A rehearsal of some tables: the jobs ignore the others, and the verdict names them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from migration_spark import arguments, reports
from migration_spark.errors import SpecError
from migration_spark.spec import Cluster, Spec, some_tables

from tests.spark.tables import CLUSTER, table

WORDS = [
    "--spec", "s", "--data", "s3://data", "--domain", "d", "--run", "r", "--attempt", "a", "--mode", "rehearsal",
    "--clones", "{}",
]  # fmt: skip


OTHER = Cluster(name="two", group="h", engine="aurora-postgresql", database="postgres", user="postgres")


def spec(*names: str) -> Spec:
    tables = tuple(table({"id": "text"}, name=name) for name in names)
    return Spec("d", "0" * 64, {CLUSTER.name: CLUSTER}, tables)


def test_without_names_every_table_is_migrated() -> None:
    assert some_tables(spec("A", "B"), ()) == spec("A", "B")


def test_only_named_tables_are_migrated_in_the_catalogs_order() -> None:
    assert some_tables(spec("A", "B", "C"), ("C", "A")) == spec("A", "C")


def test_clusters_that_no_chosen_table_reads_are_not_read() -> None:
    whole = replace(spec("A"), clusters={CLUSTER.name: CLUSTER, OTHER.name: OTHER})

    assert some_tables(whole, ()).clusters.keys() == {"one", "two"}
    assert some_tables(whole, ("A",)).clusters.keys() == {"one"}


def test_an_unknown_table_is_named() -> None:
    with pytest.raises(SpecError, match="--tables: d has no table X"):
        some_tables(spec("A"), ("A", "X"))


def test_both_jobs_take_the_names_and_a_verification_has_a_report_of_its_own() -> None:
    some = arguments.parse("bootstrap", [*WORDS, "--tables", '["A"]'])
    verifying = arguments.parse("compare", [*WORDS, "--exports", "[]", "--verify"])

    assert (some.tables, some.verify, some.report("report.json")) == (
        ("A",),
        False,
        "s3://data/reports/d/r/report.json",
    )
    assert (verifying.tables, verifying.verify) == ((), True)
    assert verifying.report("report.json") == "s3://data/reports/d/r/verifications/a/report.json"


@pytest.mark.parametrize(
    ("verify", "left_out", "said"),
    [
        (False, [], "All 2 items of 1 tables match the clones."),
        (
            False,
            ["B", "C"],
            "All 2 items of 1 tables match the clones. It says nothing of 2 tables of the domain: B, C.",
        ),
        (
            True,
            [],
            (
                "All 2 items of 1 tables still match what the run read. "
                "No clone was read: the rows are those that the run landed."
            ),
        ),
    ],
)
def test_the_summary_says_how_far_it_reaches(*, verify: bool, left_out: list[str], said: str) -> None:
    job: Any = SimpleNamespace(arguments=SimpleNamespace(verify=verify), left_out=left_out)

    assert reports._summary(job, {"A": {"matched": 2}}, None, 0) == said
