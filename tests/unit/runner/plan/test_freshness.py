"""A rehearsal reports the ages of the clones that it reuses; an official run accepts only new ones."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from runner.plan.checks.freshness import check_freshness
from runner.plan.model import Finding
from tests.unit.runner.plan.fake_account import Documents, Executions, account, clone

if TYPE_CHECKING:
    from runner.account.lookups import Account

AGE = dt.timedelta(hours=3, minutes=20)
REHEARSAL = {"run": "r1", "domain": "rates", "mode": "rehearsal"}
AVAILABILITY = {"run": "a1", "domain": "availability", "mode": "official"}
RELEASE = "release the clones: migrate release-clones --environment test"


def cloned(
    makers: dict[str, dict[str, str]],
    documents: dict[str, Any] | None = None,
    *running: str,
    **request: Any,  # noqa: ANN401 - fields of a request
) -> Account:
    """Return an account whose clones are 3 h 20 min old, by source with the tags of their makers."""
    made = account(
        clients={"s3": Documents(documents or {}), "stepfunctions": Executions(dict.fromkeys(running, "RUNNING"))},
        **request,
    )
    at = dt.datetime.now(dt.UTC) - AGE
    for source, creator in makers.items():
        made.rds_clusters[f"{source}-clone"] = clone(source, creator) | {"ClusterCreateTime": at}
    return made


def all_by(creator: dict[str, str]) -> dict[str, dict[str, str]]:
    return {cluster.identifier: creator for cluster in account().clusters}


def stale(line: str) -> Finding:
    what = (
        f"{line}: an official run uses only clones made since it began, or by a running official run of another "
        "domain; an official run would fail with CloneNotFresh"
    )
    return Finding("fails", "clones", what, RELEASE)


def lock(domain: str, **facts: str) -> dict[str, Any]:
    began = (dt.datetime.now(dt.UTC) - AGE - dt.timedelta(minutes=1)).isoformat()
    return {f"status/in-progress/{domain}.json": {"domain": domain, "execution": "arn:e", "since": began, **facts}}


def test_a_rehearsal_says_which_clones_it_reuses() -> None:
    assert list(check_freshness(cloned(all_by(REHEARSAL)))) == [
        "reuses 9 clones made 3 h 20 min ago by the rehearsal r1 of rates"
    ]


def test_clones_of_several_runs_are_told_by_run() -> None:
    made = cloned({"lipsdb": REHEARSAL, "dailydatadb-partition-01": {}, "dailydatadb-partition-02": {}})

    assert sorted(str(line) for line in check_freshness(made)) == [
        "reuses 1 clone made 3 h 20 min ago by the rehearsal r1 of rates",
        "reuses 2 clones made 3 h 20 min ago by an unknown run",
    ]


def test_an_official_run_refuses_the_clones_of_a_rehearsal() -> None:
    findings = list(check_freshness(cloned(all_by(REHEARSAL), mode="official")))

    assert findings == [stale("9 clones made 3 h 20 min ago by the rehearsal r1 of rates")]


def test_an_official_run_uses_the_clones_of_a_living_official_run_of_another_domain() -> None:
    documents = lock("availability", run="a1", mode="official")

    findings = list(check_freshness(cloned(all_by(AVAILABILITY), documents, "arn:e", mode="official")))

    assert findings == ["uses 9 clones made 3 h 20 min ago by the official run a1 of availability"]


def test_an_official_run_refuses_the_clones_of_an_official_run_that_ended() -> None:
    documents = lock("availability", run="a1", mode="official")

    findings = list(check_freshness(cloned(all_by(AVAILABILITY), documents, mode="official")))

    assert findings == [stale("9 clones made 3 h 20 min ago by the official run a1 of availability")]


def test_an_official_run_refuses_clones_that_say_official_but_are_of_another_run() -> None:
    documents = lock("availability", run="a2", mode="official")

    (finding,) = check_freshness(cloned(all_by(AVAILABILITY), documents, "arn:e", mode="official"))

    assert isinstance(finding, Finding)


def test_a_resumed_official_run_uses_the_clones_made_since_its_first_attempt_began() -> None:
    own = {"run": "o1", "domain": "rates", "mode": "official"}
    made = cloned(all_by(own), lock("rates", run="o1", mode="official"), mode="official", run_id="o1")

    assert list(check_freshness(made)) == ["uses 9 clones made 3 h 20 min ago by the official run o1 of rates"]


def test_a_resumed_official_run_goes_by_when_its_first_attempt_began_and_not_the_newest() -> None:
    own = {"run": "o1", "domain": "rates", "mode": "official"}
    early = (dt.datetime.now(dt.UTC) - AGE - dt.timedelta(hours=1)).isoformat()
    late = dt.datetime.now(dt.UTC).isoformat()
    documents = lock("rates", run="o1", mode="official", began=early, since=late)

    assert all(
        isinstance(line, str) for line in check_freshness(cloned(all_by(own), documents, mode="official", run_id="o1"))
    )


def test_a_run_that_matched_already_needs_no_clones() -> None:
    documents = {"reports/rates/o1/verdict.json": {"verdict": "MATCH", "mode": "official"}}

    assert list(check_freshness(cloned(all_by(REHEARSAL), documents, mode="official", run_id="o1"))) == []


def test_a_clone_that_is_being_made_for_another_run_is_not_fresh() -> None:
    made = cloned({"lipsdb": REHEARSAL}, mode="official")
    del made.rds_clusters["lipsdb-clone"]["ClusterCreateTime"]

    (finding,) = check_freshness(made)

    assert isinstance(finding, Finding)


def test_a_clone_that_is_being_made_for_the_run_itself_is_fresh() -> None:
    own = {"run": "o1", "domain": "rates", "mode": "official"}
    made = cloned({"lipsdb": own}, mode="official", run_id="o1")
    del made.rds_clusters["lipsdb-clone"]["ClusterCreateTime"]

    assert list(check_freshness(made)) == ["uses 1 clone made <1 s ago by the official run o1 of rates"]


def test_a_clone_made_at_the_very_instant_at_which_the_run_began_is_fresh() -> None:
    own = {"run": "o1", "domain": "rates", "mode": "official"}
    made = cloned({"lipsdb": own}, mode="official", run_id="o1")
    began = made.rds_clusters["lipsdb-clone"]["ClusterCreateTime"]
    made._clients["s3"] = Documents(lock("rates", run="o1", mode="official", since=began.isoformat()))

    assert list(check_freshness(made)) == ["uses 1 clone made 3 h 20 min ago by the official run o1 of rates"]


def test_the_lock_of_another_run_says_nothing_of_when_this_one_began() -> None:
    own = {"run": "o1", "domain": "rates", "mode": "official"}

    assert list(check_freshness(cloned(all_by(own), lock("rates", run="o2"), mode="official", run_id="o1"))) == [
        stale("9 clones made 3 h 20 min ago by the official run o1 of rates")
    ]


def test_a_living_rehearsal_of_another_domain_makes_no_clone_fresh() -> None:
    documents = lock("availability", run="a1", mode="rehearsal")

    assert list(check_freshness(cloned(all_by(AVAILABILITY), documents, "arn:e", mode="official"))) == [
        stale("9 clones made 3 h 20 min ago by the official run a1 of availability")
    ]


def test_an_official_run_uses_the_fresh_clones_and_refuses_the_others() -> None:
    made = cloned({"lipsdb": REHEARSAL, "dailydatadb-partition-01": AVAILABILITY}, mode="official")
    made._clients["s3"] = Documents(lock("availability", run="a1", mode="official"))
    made._clients["stepfunctions"] = Executions({"arn:e": "RUNNING"})

    assert list(check_freshness(made)) == [
        "uses 1 clone made 3 h 20 min ago by the official run a1 of availability",
        stale("1 clone made 3 h 20 min ago by the rehearsal r1 of rates"),
    ]


def test_a_clone_that_is_too_old_is_left_to_its_own_check() -> None:
    made = cloned({"lipsdb": REHEARSAL})
    made.rds_clusters["lipsdb-clone"]["ClusterCreateTime"] -= dt.timedelta(hours=24)

    assert list(check_freshness(made)) == []
