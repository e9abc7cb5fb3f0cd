"""What a catch-up begins from: proven tables that no run has written to since, and clones that are later."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from runner.plan.catch_up.checks import base_document, check_base, check_clone, check_live, check_table
from runner.plan.model import Finding
from tests.unit.runner.plan.fake_account import clone
from tests.unit.runner.plan.test_catch_up_plan import ANEW, INSTANT, proven, ready_account

NEWEST = {"proven/rates/official.json": proven()}


def fails(about: str, what: str, todo: str) -> Finding:
    return Finding("fails", about, what, todo)


def of(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the proven state
    return {"proven/rates/official.json": proven(**changes)}


def test_a_base_that_is_whole_is_refused_by_nothing() -> None:
    ready = ready_account()

    assert [*check_base(ready), *check_live(ready), *check_table(ready, "BaseRate")] == []


def test_without_a_match_there_is_no_base() -> None:
    official = ready_account({"proven/availability/official.json": proven(), "proven/rates/rehearsal.json": proven()})

    assert base_document(official) is None
    assert list(check_base(official)) == [
        fails("base of rates", "no official run has matched: it would fail with BaseNotFound", ANEW)
    ]
    assert list(check_table(official, "BaseRate")) == []


def test_a_rehearsal_begins_from_a_rehearsal() -> None:
    ready = ready_account(NEWEST)
    ready.request = type(ready.request)("rates", "rehearsal", is_catch_up=True)

    assert list(check_base(ready)) == [
        fails(
            "base of rates",
            "no rehearsal run has matched: it would fail with BaseNotFound",
            "start a rehearsal, whose MATCH is a base: "
            "migrate start --environment test --domain rates --mode rehearsal",
        )
    ]


def test_a_run_that_has_begun_to_write_is_resumed_and_by_nobody_else() -> None:
    assert list(check_base(ready_account(of(changing="c-9")))) == [
        fails(
            "base of rates",
            "the run c-9 has begun to write to the tables and has not matched: it would fail with CatchUpUnfinished",
            "resume that run: migrate resume c-9 --environment test; "
            "or repair it: migrate repair c-9 --environment test",
        )
    ]
    assert list(check_base(ready_account(of(changing="c-9"), run_id="c-9"))) == []


def test_tables_that_a_verification_found_changed_are_repaired_and_nothing_is_resumed() -> None:
    assert list(check_base(ready_account(of(changing="r-1")))) == [
        fails(
            "base of rates",
            "a verification has found that the tables are no longer what the run r-1 proved: "
            "it would fail with BaseNotFound",
            f"make them equal to Aurora again: migrate repair r-1 --environment test; or {ANEW}",
        )
    ]


def test_a_live_domain_is_left_alone() -> None:
    live = {"live/rates.json": {"instant": "2026-01-03T00:00:00Z", "run": "c-3"}}

    assert list(check_live(ready_account(live))) == [
        fails(
            "domain rates",
            "it is live since 2026-01-03T00:00:00Z (run c-3): it would fail with DomainIsLive",
            "leave it: applications write to its tables",
        )
    ]


def test_a_table_that_the_base_lacks_is_refused() -> None:
    base = proven()
    del base["tables"]["BaseRate"]

    assert list(check_table(ready_account({"proven/rates/official.json": base}), "BaseRate")) == [
        fails("table BaseRate", "the base r-1 has no such table: it would fail with BaseNotFound", ANEW)
    ]


NOT_LATER = fails(
    "clone of lipsdb",
    f"it is not later than the base, which is of {INSTANT}: it would fail with CloneNotFresh",
    "release the clones: migrate release-clones --environment test",
)


@pytest.mark.parametrize(
    ("after", "findings"),
    [
        (dt.timedelta(seconds=1), []),
        (dt.timedelta(), [NOT_LATER]),
        (-dt.timedelta(days=1), [NOT_LATER]),
        (None, [NOT_LATER]),
    ],
)
def test_a_clone_that_is_not_later_than_the_base_holds_no_later_change(
    after: dt.timedelta | None, findings: list[Finding]
) -> None:
    ready = ready_account()
    created = None if after is None else dt.datetime.fromisoformat(INSTANT) + after
    ready.rds_clusters["lipsdb-clone"] = clone("lipsdb") | {"ClusterCreateTime": created}
    source = next(cluster for cluster in ready.clusters if cluster.identifier == "lipsdb")

    assert list(check_clone(ready, source)) == findings


@pytest.mark.parametrize("documents", [{}, of(instants={}), of(instants=None), of(instants={"lipsdb": ""})])
def test_a_clone_is_held_against_no_unknown_instant(documents: dict[str, Any]) -> None:
    ready = ready_account(documents)
    ready.rds_clusters["lipsdb-clone"] = clone("lipsdb")
    source = next(cluster for cluster in ready.clusters if cluster.identifier == "lipsdb")

    assert list(check_clone(ready, source)) == []


def test_a_source_without_a_clone_is_quiet() -> None:
    ready = ready_account()

    assert [list(check_clone(ready, cluster)) for cluster in ready.clusters] == [[]] * 9
