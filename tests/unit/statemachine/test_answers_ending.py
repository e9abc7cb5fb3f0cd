"""The last states of a run: its calls and results, and the length of each wait."""

from __future__ import annotations

import pytest

from catalog.loader import load_catalog
from statemachine.graph import all_states
from statemachine.kinds import CATCH_UP
from statemachine.limits import LONGEST_POLL_SECONDS, POLL_SECONDS
from statemachine.render import definition
from tests.unit.statemachine.stepping import LIMITS, NAMES, STATES, kept, leave, payload, step

CATCH_UP_STATES = all_states(definition(load_catalog(), "rates", NAMES, LIMITS, CATCH_UP))


def test_the_lock_is_given_back_and_the_seal_lifted_by_its_etag() -> None:
    variables = {"run": "r1", "execution": "e", "ended": {"etag": "t"}}
    whose = {"domain": "rates", "run": "r1", "execution": "e"}

    finished = step("DeleteStatus", answer=payload(status="DESTROY", etag="t"), **variables)
    assert finished.asked["Payload"] == {"operation": "finish", **whose}
    assert finished.kept["ended"] == {"status": "DESTROY", "etag": "t"}
    lifted = step("LiftSeal", answer=payload(status="LIFTED"), **variables)
    assert lifted.asked["Payload"] == {"operation": "lift", **whose, "etag": "t"}
    assert finished.asked["FunctionName"] == lifted.asked["FunctionName"] == NAMES.registry_function_arn
    failed = step("RecordFailure", answer=payload(), failure={"error": "E", "cause": "b" + "c" * 5000}, **variables)
    assert failed.asked["FunctionName"] == NAMES.registry_function_arn
    assert failed.asked["Payload"] == {"operation": "fail", **whose, "error": "E", "cause": "b" + "c" * 3999}
    assert kept("ListStatuses", None, ended={"others": [{"domain": "a"}]}, others=[]) == {"others": [{"domain": "a"}]}
    assert step("ListStatuses", ended={}, others=[1]).kept["others"] == []


@pytest.mark.parametrize(
    ("state", "operation", "variable", "checks"),
    [
        ("CheckIsClone", "verify", "proof", 1),
        ("DestroyClone", "destroy", "destruction", 1),
        ("CheckDestroyStatus", "status", "remains", 2),
    ],
)
def test_a_clone_is_destroyed_with_the_executions_seal(state: str, operation: str, variable: str, checks: int) -> None:
    own = {"cluster": "c", "run": "r1", "etag": "t", "execution": "e"}

    called = step(state, answer=payload(status="S"), own=own, destroyChecks=1)

    assert called.asked == {
        "FunctionName": NAMES.clone_function_arn,
        "Payload": {
            "operation": operation,
            "source": "c",
            "clone": "c-clone",
            "runId": "r1",
            "seal": {"etag": "t", "execution": "e"},
        },
    }
    assert (called.kept[variable], called.kept["destroyChecks"]) == ({"status": "S"}, checks)
    assert step("TakeClone", state_input=own).kept == {"own": own, "destroyChecks": 0}
    assert step("CloneDestroyed", own=own).output == {"ok": True, "name": "c"}


@pytest.mark.parametrize(
    ("ended", "keep", "clones"),
    [
        ({"status": "DESTROY"}, False, "destroyed"),
        ({"status": "DESTROY"}, True, "kept as requested"),
        ({"status": "OTHERS"}, False, "kept for availability, other"),
        ({"status": "DONE"}, False, "left to another domain that is ending"),
    ],
)
def test_a_run_that_succeeds_tells_what_it_made(*, ended: dict[str, str], keep: bool, clones: str) -> None:
    others = [{"domain": "availability"}, {"domain": "other"}]

    output = step(
        "Succeed",
        run="r1",
        reports="reports/rates/r1/",
        mode="official",
        verdict={"verdict": "MATCH", "release": "r"},
        migrated=[{"name": "T"}],
        ended=ended,
        keepClones=keep,
        others=others,
    ).output

    assert output == {
        "domain": "rates",
        "run": "r1",
        "mode": "official",
        "verdict": "MATCH",
        "release": "r",
        "report": f"s3://{NAMES.data_bucket}/reports/rates/r1/report.json",
        "tables": [{"name": "T"}],
        "clones": clones,
        "others": others,
    }


@pytest.mark.parametrize(
    ("state", "checks"),
    [
        ("WaitForImport", "importChecks"),
        ("WaitForPreviousImport", "importChecks"),
        ("WaitForExport", "exportChecks"),
        ("WaitForSettings", "settingsChecks"),
    ],
)
def test_the_waits_of_long_work_double_up_to_five_minutes(state: str, checks: str) -> None:
    waits = [step(state, **{checks: poll}).asked for poll in (1, 2, 3, 4, 5, 60)]

    assert waits == [POLL_SECONDS, 60, 120, 240, LONGEST_POLL_SECONDS, LONGEST_POLL_SECONDS]


def test_every_other_wait_is_as_long_as_its_limit() -> None:
    waits = {name: state["Seconds"] for name, state in STATES.items() if isinstance(state.get("Seconds"), int)}

    assert waits == {
        "WaitForTeardown": LIMITS.teardown_wait_seconds,
        "WaitForClone": LIMITS.clone_wait_seconds,
        "WaitForDestroy": LIMITS.destroy_wait_seconds,
        "WaitForEmptyTable": POLL_SECONDS,
        "WaitForDeletion": POLL_SECONDS,
        "WaitForPitr": POLL_SECONDS,
        "WaitForStream": POLL_SECONDS,
    }


HOLDER = {"run": "r9"}
LIVE = (
    "The tables of rates are live since 2027-01-01T00:00:00Z: applications write to them, so no run writes, replaces "
    "or deletes them any more. Nothing was touched. See the cut-over with: migrate status --environment test"
)
UNFINISHED = (
    'A catch-up or repair of rates has begun to write and has not ended: {"run":"r9"}. Resume it with: migrate resume '
    "r9. Or give it up with: migrate release-clones --environment test"
)
RUNNING = 'The domain rates is already being migrated: {"run":"r9"}. Watch it with: migrate status --environment test'


@pytest.mark.parametrize(
    ("name", "cause", "expected"),
    [
        ("BaseNotFound", "", "There is no proven state of the tables of rates to start from: no run"),
        ("BaseNotFound", "what Delta said", "what Delta said"),
        ("DomainIsLive", "", LIVE),
        ("DomainIsLive", "what the writer said", "what the writer said"),
    ],
)
def test_a_catch_up_that_is_refused_says_what_its_job_said_or_else_what_the_registry_did(
    name: str, cause: str, expected: str
) -> None:
    registration = {"reason": "no run", "instant": "2027-01-01T00:00:00Z"}

    ended = leave(CATCH_UP_STATES[name], failure={"error": name, "cause": cause}, registration=registration)

    assert ended.output == {"Error": name, "Cause": expected}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DomainIsLive", LIVE),
        ("CatchUpUnfinished", UNFINISHED),
        ("DomainAlreadyRunning", RUNNING),
    ],
)
def test_a_run_that_is_refused_says_who_holds_the_domain_and_what_to_type(name: str, expected: str) -> None:
    registration = {"holder": HOLDER, "instant": "2027-01-01T00:00:00Z"}

    assert step(name, registration=registration).output == {"Error": name, "Cause": expected}
