"""The domain's lock, the teardown seal and an earlier attempt, as the plan reports them."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from runner.plan.checks.domain import check_lock, check_resume, check_seal, has_matched, is_running, not_adopted
from runner.plan.checks.objects import Listing, list_objects
from runner.plan.model import Finding
from tests.unit.runner.plan.fake_account import MACHINE, Client, Documents, Executions, Pages, account

HOLDER = "arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates:r1"
LOCK = {"run": "r1", "execution": HOLDER, "since": "2026-11-25T12:00:00Z"}
SEAL = {"run": "r2", "domain": "availability", "execution": HOLDER, "since": "2026-11-25T13:00:00Z"}
LISTED = {"name": "other", "executionArn": f"{HOLDER[:-2]}other"}


def of_lock(lock: dict[str, Any] | None, states: Executions) -> list[Finding | str]:
    documents = Documents({"status/in-progress/rates.json": lock} if lock else {})
    return list(check_lock(account(clients={"s3": documents, "stepfunctions": states})))


def of_seal(states: dict[str, str], **tags: str) -> list[Finding]:
    clients = {"s3": Documents({"status/teardown-seal.json": SEAL}), "stepfunctions": Executions(states)}
    made = account(clients=clients)
    made.tags.update({f"migration:{name.replace('_', '-')}": value for name, value in tags.items()})
    return list(check_seal(made))


@pytest.mark.parametrize("status", ["RUNNING", "PENDING_REDRIVE"])
def test_a_domain_whose_holder_runs_is_refused(status: str) -> None:
    assert of_lock(LOCK, Executions({HOLDER: status}, [LISTED])) == [
        Finding(
            "fails",
            "domain rates",
            "it is being migrated by the run r1 since 2026-11-25T12:00:00Z",
            f"follow it: migrate follow {HOLDER}",
        )
    ]


@pytest.mark.parametrize("lock", [None, LOCK])
def test_an_execution_that_holds_no_lock_yet_is_refused_too(lock: dict[str, Any] | None) -> None:
    states = Executions({HOLDER: "FAILED"}, [LISTED, {"name": "earlier", "executionArn": "arn:earlier"}])

    assert of_lock(lock, states) == [
        Finding("fails", "domain rates", "other is running", f"follow it: migrate follow {LISTED['executionArn']}")
    ]
    assert states.asked == [{"stateMachineArn": MACHINE, "statusFilter": "RUNNING", "maxResults": 10}]


@pytest.mark.parametrize(("more", "ended"), [({}, "ended"), ({"error": "RowsRejected"}, "ended: RowsRejected")])
def test_a_lock_of_a_run_that_ended_is_taken_over(more: dict[str, str], ended: str) -> None:
    assert of_lock(LOCK | more, Executions()) == [f"the domain is taken over from the run r1, which {ended}"]


def test_a_free_domain_is_quiet() -> None:
    assert of_lock(None, Executions()) == []


@pytest.mark.parametrize(
    ("status", "runs"), [("RUNNING", True), ("PENDING_REDRIVE", True), ("SUCCEEDED", False), ("FAILED", False)]
)
def test_an_execution_runs_until_it_has_ended(status: str, *, runs: bool) -> None:
    made = account(clients={"stepfunctions": Executions({HOLDER: status})})

    assert is_running(made, HOLDER) is runs
    assert is_running(made, "arn:forgotten") is False


@pytest.mark.parametrize(("tags", "most"), [({}, ""), ({"teardown_minutes": "90"}, " up to 90 minutes")])
def test_a_teardown_that_goes_on_is_waited_for(tags: dict[str, str], most: str) -> None:
    assert of_seal({HOLDER: "RUNNING"}, **tags) == [
        Finding(
            "warns",
            "clones",
            "the run r2 of availability is destroying them since 2026-11-25T13:00:00Z",
            f"nothing; a run waits{most} until they are gone, and makes new ones",
        )
    ]


def test_a_teardown_that_was_left_is_taken_over() -> None:
    assert of_seal({HOLDER: "ABORTED"}) == [
        Finding(
            "warns",
            "clones",
            "the run r2 of availability ended while it destroyed them",
            "nothing; a run takes over after five minutes",
        )
    ]


def test_no_teardown_is_quiet() -> None:
    assert list(check_seal(account(clients={"s3": Documents(), "stepfunctions": Executions()}))) == []


@pytest.mark.parametrize(
    ("verdict", "request_fields", "matched"),
    [
        ({"verdict": "MATCH", "mode": "rehearsal"}, {"run_id": "r1"}, True),
        ({"verdict": "MISMATCH", "mode": "rehearsal"}, {"run_id": "r1"}, False),
        ({"verdict": "MATCH", "mode": "rehearsal"}, {"run_id": "r1", "mode": "official"}, False),
        ({"verdict": "MATCH", "mode": "rehearsal"}, {"run_id": "r2"}, False),
        ({"verdict": "MATCH", "mode": "rehearsal"}, {}, False),
    ],
)
def test_a_run_has_matched_by_its_own_verdict_of_its_mode(
    verdict: dict[str, str], request_fields: dict[str, str], *, matched: bool
) -> None:
    made = account(clients={"s3": Documents({"reports/rates/r1/verdict.json": verdict})}, **request_fields)

    assert has_matched(made) is matched


def test_a_run_that_matched_goes_to_the_clean_up_whatever_it_wrote() -> None:
    documents = {
        "reports/rates/r1/verdict.json": {"verdict": "MATCH", "mode": "rehearsal"},
        "processed/rates/r1/summary.json": {"failure": {"error": "RowsRejected"}},
    }

    assert list(check_resume(account(clients={"s3": Documents(documents)}, run_id="r1"))) == [
        "the run r1 has the verdict MATCH already: it goes straight to the clean-up"
    ]


@pytest.mark.parametrize("fields", [{}, {"run_id": "r1"}])
def test_a_run_without_an_earlier_attempt_has_nothing_to_say(fields: dict[str, str]) -> None:
    # Of another run is a summary there, and of a run without a name none is asked for.
    documents = Documents({"processed/rates/None/summary.json": {"failure": {"error": "RowsRejected"}}})

    assert list(check_resume(account(clients={"s3": documents}, **fields))) == []


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("specs/rates-0123456789ab.json", ""),
        ("specs/rate-plans-0123456789ab.json", ""),
        ("specs/rates-ffff456789ab.json", "the catalog has changed"),
        ("", ""),
    ],
)
def test_items_are_adopted_under_the_catalog_that_they_were_written_by(spec: str, reason: str) -> None:
    made = account(run_id="r1")
    made.tags["migration:spec"] = spec
    no_clones = {cluster.identifier: "" for cluster in made.clusters}

    assert not_adopted(made, {"specHash": "0123456789abcdef", "clones": no_clones}) == reason


def test_a_listing_counts_the_objects_and_chains_their_names_and_sizes() -> None:
    pages = Pages(
        {"Contents": [{"Key": "p/a.gz", "Size": 3}, {"Key": "p/b/p/c.gz", "Size": 4}]},
        {"Contents": [{"Key": "p/d", "Size": 0}]},
        {},
    )
    made = account(clients={"s3": Client(list_objects_v2=pages)})

    first = hashlib.sha256(b"|a.gz 3").hexdigest()
    second = hashlib.sha256(f"{first}|b/p/c.gz 4".encode()).hexdigest()
    third = hashlib.sha256(f"{second}|d 0".encode()).hexdigest()
    assert list_objects(made, "p/") == Listing(3, 7, third)
    assert pages.asked == [{"Bucket": "migration-test-data-971779422973", "Prefix": "p/"}]


def test_a_listing_of_nothing_is_empty() -> None:
    assert list_objects(account(clients={"s3": Client(list_objects_v2=Pages({}))}), "p/") == Listing(0, 0, "")
