"""The lock and seal protocol, on the test's own store and clock."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from run_registry.callers import Caller
from run_registry.documents import SEAL_KEY, Seal, Status, status_key
from run_registry.errors import (
    ExecutionEndedError,
    ExecutionUnknownError,
    InvalidEventError,
    LockLostError,
    NotAnOperatorError,
    RedriveRefusedError,
    StillRunningError,
)
from run_registry.executions import LONGEST_LIFE, REMEMBERED, AwsExecutions, Execution, Items
from run_registry.handler import answer_event
from run_registry.sealing import LAMBDA_TIMEOUT, LEASE
from run_registry.service import RunRegistry
from run_registry.store import Stored

from statemachine.limits import Limits
from statemachine.retries import retry
from tests.unit.lambdas.registry_fakes import LIVING, NOON, KnownExecutions, MemoryStore

if TYPE_CHECKING:
    from collections.abc import Iterator

RATES = Caller(domain="rates", run="r1", execution="exec-rates", mode="official")
AVAILABILITY = Caller(domain="availability", run="a1", execution="exec-availability", mode="official")
BEGAN = "2026-01-01T12:00:00.000+00:00"
OWNED = {"status": "OWNED", "began": BEGAN, "officialRuns": []}


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def executions() -> KnownExecutions:
    return KnownExecutions({"exec-rates": LIVING, "exec-availability": LIVING})


@pytest.fixture
def registry(store: MemoryStore, executions: KnownExecutions) -> RunRegistry:
    return RunRegistry(store, executions, lambda: NOON)


def lock_of(store: MemoryStore, domain: str) -> Status:
    return Status.read(store.objects[status_key(domain)].body)


def test_a_free_domain_is_taken_and_says_by_whom(registry: RunRegistry, store: MemoryStore) -> None:
    assert registry.begin(RATES) == OWNED

    assert lock_of(store, "rates") == Status(
        "rates", "r1", "exec-rates", "2026-01-01T12:00:00+00:00", mode="official", began=BEGAN
    )


def test_beginning_twice_is_the_same_lock(registry: RunRegistry) -> None:
    registry.begin(RATES)

    assert registry.begin(RATES) == OWNED


def test_a_running_domain_is_refused_by_name(registry: RunRegistry, executions: KnownExecutions) -> None:
    registry.begin(RATES)
    executions.known["exec-2"] = LIVING

    answer = registry.begin(Caller(domain="rates", run="r2", execution="exec-2"))

    assert answer == {
        "status": "BUSY",
        "holder": {"domain": "rates", "run": "r1", "execution": "exec-rates", "since": "2026-01-01T12:00:00+00:00"},
    }


def test_a_dead_owner_is_taken_over_once_its_jobs_and_lambdas_have_ended(
    registry: RunRegistry, executions: KnownExecutions, store: MemoryStore
) -> None:
    registry.begin(RATES)
    executions.known |= {"exec-2": LIVING, "exec-rates": Execution(living=False, stopped=NOON - timedelta(seconds=60))}
    executions.open_jobs["exec-rates"] = 2
    successor = Caller(domain="rates", run="r1", execution="exec-2", mode="official")

    assert registry.begin(successor) == {
        "status": "WAIT",
        "reason": "2 Spark job runs of the ended run r1 are being cancelled",
    }
    executions.open_jobs.clear()
    assert registry.begin(successor) == {
        "status": "WAIT",
        "reason": "a Lambda call of the run r1, ended 11:59:00Z, may still be running",
    }
    executions.known["exec-rates"] = Execution(living=False, stopped=NOON - timedelta(seconds=300))
    assert registry.begin(successor) == OWNED
    assert lock_of(store, "rates").execution == "exec-2"


def test_a_dead_owner_is_taken_over_once_the_items_of_its_maps_have_ended(
    registry: RunRegistry, executions: KnownExecutions, store: MemoryStore
) -> None:
    registry.begin(RATES)
    executions.known |= {"exec-2": LIVING, "exec-rates": Execution(living=False, stopped=NOON - timedelta(hours=1))}
    executions.items["exec-rates"] = Items(open=3, stopped=NOON - timedelta(hours=1))
    successor = Caller(domain="rates", run="r1", execution="exec-2", mode="official")

    assert registry.begin(successor) == {
        "status": "WAIT",
        "reason": "3 clones and tables of the ended run r1 are being stopped",
    }
    executions.items["exec-rates"] = Items(stopped=NOON - timedelta(seconds=10))
    assert registry.begin(successor) == {
        "status": "WAIT",
        "reason": "a Lambda call of the run r1, ended 11:59:50Z, may still be running",
    }
    executions.items["exec-rates"] = Items(stopped=NOON - timedelta(seconds=301))
    assert registry.begin(successor) == OWNED
    assert lock_of(store, "rates").execution == "exec-2"


class States:
    """Step Functions with the Map Runs of one execution, and their items."""

    exceptions = SimpleNamespace(ExecutionDoesNotExist=KeyError)

    def __init__(self, *map_runs: dict[str, Any], **items: list[dict[str, Any]]) -> None:
        self.map_runs, self.items = map_runs, items
        self.stopped: list[str] = []

    def get_paginator(self, operation: str) -> Any:  # noqa: ANN401 - a paginator
        return SimpleNamespace(paginate=getattr(self, f"_{operation}"))

    def _list_map_runs(self, executionArn: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's
        if executionArn == "forgotten":
            raise self.exceptions.ExecutionDoesNotExist
        yield {"mapRuns": list(self.map_runs)}

    def _list_executions(self, mapRunArn: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's
        for item in self.items[mapRunArn]:
            yield {"executions": [item]}

    def stop_execution(self, executionArn: str, cause: str) -> None:  # noqa: N803 - boto3's
        assert cause
        self.stopped.append(executionArn)


def test_the_items_of_a_dead_owner_are_stopped_and_a_map_run_that_may_begin_more_counts() -> None:
    ended = [{"executionArn": f"e{n}", "status": "SUCCEEDED", "stopDate": NOON + timedelta(minutes=n)} for n in (2, 1)]
    running = {"executionArn": "r", "status": "RUNNING"}
    states = States({"mapRunArn": "clones", "stopDate": NOON}, {"mapRunArn": "tables"}, clones=ended, tables=[running])

    assert AwsExecutions(states, None, "app").stop_items("arn") == Items(2, NOON + timedelta(minutes=2))
    assert states.stopped == ["r"]


def test_an_execution_that_is_forgotten_left_nothing() -> None:
    assert AwsExecutions(States(), None, "app").stop_items("forgotten") == Items()


def test_a_starter_that_sees_a_living_seal_waits(registry: RunRegistry, store: MemoryStore) -> None:
    store.put_new(SEAL_KEY, Seal("availability", "a1", "exec-availability", "then").text())

    assert registry.begin(RATES) == {
        "status": "SEALED",
        "holder": {"domain": "availability", "run": "a1", "since": "then"},
    }


def test_a_dead_seal_is_removed_by_the_next_starter(registry: RunRegistry, store: MemoryStore) -> None:
    store.put_new(SEAL_KEY, Seal("availability", "a0", "forgotten", "then").text())

    assert registry.begin(RATES) == OWNED
    assert SEAL_KEY not in store.objects


def test_the_first_of_two_to_finish_leaves_the_clones(registry: RunRegistry, store: MemoryStore) -> None:
    registry.begin(RATES)
    registry.begin(AVAILABILITY)

    assert registry.finish(RATES) == {
        "status": "OTHERS",
        "others": [{"domain": "availability", "run": "a1", "state": "RUNNING", "ageSeconds": 0}],
    }
    assert list(store.objects) == [status_key("availability")]


def test_the_last_to_finish_gets_the_seal_and_lifts_it(registry: RunRegistry, store: MemoryStore) -> None:
    registry.begin(RATES)

    answer = registry.finish(RATES)

    assert answer == {"status": "DESTROY", "etag": store.objects[SEAL_KEY].etag}
    assert registry.lift(RATES, "another") == {"status": "NOT_HELD"}
    assert registry.lift(RATES, answer["etag"]) == {"status": "LIFTED"}
    assert store.objects == {}


def test_finishing_again_after_a_lost_answer_gives_the_same_seal(registry: RunRegistry) -> None:
    registry.begin(RATES)

    assert registry.finish(RATES) == registry.finish(RATES)


def test_a_starter_between_listing_and_seal_keeps_its_clones(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.begin(RATES)
    listings = iter([list[str](), [status_key("availability")]])
    store.objects[status_key("availability")] = Stored(
        Status("availability", "a1", "exec-availability", NOON.isoformat()).text(), "x"
    )
    monkeypatch.setattr(store, "list", lambda _prefix: next(listings))

    assert registry.finish(RATES) == {
        "status": "OTHERS",
        "others": [{"domain": "availability", "run": "a1", "state": "RUNNING", "ageSeconds": 0}],
    }
    assert SEAL_KEY not in store.objects


def test_a_living_destroyer_makes_the_second_finisher_done(registry: RunRegistry, store: MemoryStore) -> None:
    registry.begin(RATES)
    store.put_new(SEAL_KEY, Seal("availability", "a1", "exec-availability", "then").text())

    assert registry.finish(RATES) == {"status": "DONE"}


def test_a_lost_lock_is_told_and_nothing_is_touched(registry: RunRegistry, store: MemoryStore) -> None:
    store.put_new(status_key("rates"), Status("rates", "r9", "exec-9", NOON.isoformat()).text())

    with pytest.raises(LockLostError, match=r"the domain rates now belongs to .*r9.*nothing was touched"):
        registry.finish(RATES)
    assert lock_of(store, "rates").run == "r9"


def test_a_failure_stays_in_the_lock_and_keeps_the_clones(registry: RunRegistry, store: MemoryStore) -> None:
    registry.begin(RATES)
    registry.begin(AVAILABILITY)

    assert registry.fail(RATES, "ImportFailed", "why") == {"status": "RECORDED"}
    assert (lock_of(store, "rates").state, lock_of(store, "rates").error) == ("FAILED", "ImportFailed")
    assert registry.finish(AVAILABILITY)["others"] == [
        {"domain": "rates", "run": "r1", "state": "FAILED", "ageSeconds": 0}
    ]


def test_the_failure_of_a_refused_run_touches_nothing(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions
) -> None:
    registry.begin(RATES)
    executions.known["exec-2"] = LIVING

    assert registry.fail(Caller(domain="rates", run="r2", execution="exec-2"), "X", "") == {"status": "NOT_OWNER"}
    assert lock_of(store, "rates").state == "RUNNING"


@pytest.mark.parametrize(
    ("execution", "error"),
    [(Execution(living=True, redriven=True), RedriveRefusedError), (Execution(living=False), ExecutionEndedError)],
    ids=["redriven", "outlived"],
)
@pytest.mark.parametrize("operation", ["begin", "finish"])
def test_an_unfit_caller_is_refused(
    registry: RunRegistry, executions: KnownExecutions, execution: Execution, error: type[Exception], operation: str
) -> None:
    executions.known["exec-rates"] = execution

    with pytest.raises(error):
        getattr(registry, operation)(RATES)


class ClockedRegistry:
    """A registry whose clock a test moves."""

    def __init__(self, store: MemoryStore, executions: KnownExecutions) -> None:
        self.minutes = 0
        self.service = RunRegistry(store, executions, lambda: NOON + timedelta(minutes=self.minutes))

    def begin(self, caller: Caller, minutes: int) -> dict[str, Any]:
        self.minutes = minutes
        return self.service.begin(caller)


def attempt(number: int, *, run: str = "r1", mode: str = "official") -> Caller:
    return Caller(domain="rates", run=run, execution=f"exec-{number}", mode=mode)


@pytest.mark.parametrize(
    ("second", "began"),
    [
        (attempt(2), "2026-01-01T12:00:00.000+00:00"),
        (attempt(2, run="r2"), "2026-01-01T13:00:00.000+00:00"),
        (attempt(2, mode="rehearsal"), "2026-01-01T13:00:00.000+00:00"),
    ],
    ids=["same-run", "another-run", "another-mode"],
)
def test_a_run_began_when_its_first_attempt_did(
    store: MemoryStore, executions: KnownExecutions, second: Caller, began: str
) -> None:
    registry = ClockedRegistry(store, executions)
    executions.known |= {"exec-1": LIVING, "exec-2": LIVING, "exec-3": LIVING}
    registry.begin(attempt(1), 0)
    registry.service.fail(attempt(1), "Broken", "")
    executions.known["exec-1"] = Execution(living=False)

    assert registry.begin(second, 60)["began"] == began
    executions.known["exec-2"] = Execution(living=False)
    third = replace(second, execution="exec-3")
    assert registry.begin(third, 120)["began"] == began
    assert registry.begin(third, 180)["began"] == began  # the answer to the call before was lost
    assert lock_of(store, "rates").began == began


def test_a_run_whose_domain_was_given_up_in_between_begins_anew(
    store: MemoryStore, executions: KnownExecutions
) -> None:
    registry = ClockedRegistry(store, executions)
    executions.known |= {"exec-1": LIVING, "exec-2": LIVING}
    registry.begin(attempt(1), 0)
    executions.known["exec-1"] = Execution(living=False)
    operator = Caller(domain="rates", run="r1", execution="operator:1")
    registry.service.lift(operator, registry.service.release(operator)["etag"])

    assert registry.begin(attempt(2), 60)["began"] == "2026-01-01T13:00:00.000+00:00"


def test_a_status_of_an_earlier_release_lends_no_time_to_an_official_run(
    store: MemoryStore, registry: RunRegistry
) -> None:
    old = {"domain": "rates", "run": "r1", "execution": "gone", "since": "2025-12-31T12:00:00+00:00", "version": 1}
    store.put_new(status_key("rates"), json.dumps(old))

    assert registry.begin(RATES) == OWNED


def test_an_execution_of_an_earlier_definition_begins_without_a_mode(registry: RunRegistry, store: MemoryStore) -> None:
    event = {"operation": "begin", "domain": "rates", "run": "r1", "execution": "exec-rates"}

    assert answer_event(registry, event) == OWNED
    assert lock_of(store, "rates").mode == ""


def test_a_clone_of_the_moment_before_a_run_began_is_not_of_the_same_moment(
    store: MemoryStore, executions: KnownExecutions
) -> None:
    registry = RunRegistry(store, executions, lambda: NOON + timedelta(milliseconds=900))

    assert registry.begin(RATES)["began"] == "2026-01-01T12:00:00.900+00:00"
    assert lock_of(store, "rates").since == "2026-01-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("other", "state", "shared"),
    [
        (AVAILABILITY, LIVING, ["availability/a1"]),
        (AVAILABILITY, Execution(living=False), []),
        (replace(AVAILABILITY, mode="rehearsal"), LIVING, []),
    ],
    ids=["official", "ended", "rehearsal"],
)
def test_an_official_run_may_share_the_clones_of_living_official_runs(
    registry: RunRegistry,
    store: MemoryStore,
    executions: KnownExecutions,
    other: Caller,
    state: Execution,
    shared: list[str],
) -> None:
    registry.begin(other)
    executions.known["exec-availability"] = state

    assert registry.begin(RATES) == {**OWNED, "officialRuns": shared}
    store.objects.pop(status_key("rates"))
    assert registry.begin(replace(RATES, mode="rehearsal")) == OWNED


UNKNOWN = Execution(living=False, known=False)


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (timedelta(milliseconds=900), "WAIT"),
        (timedelta(days=40), "WAIT"),
        (REMEMBERED, "WAIT"),
        (REMEMBERED + timedelta(seconds=1), "OWNED"),
    ],
    ids=str,
)
@pytest.mark.parametrize("document", ["lock", "seal"])
def test_an_unknown_owner_may_live_until_step_functions_has_forgotten_it(
    executions: KnownExecutions, store: MemoryStore, document: str, age: timedelta, status: str
) -> None:
    since = (NOON - age).isoformat()
    domain, wrote = ("rates", Status) if document == "lock" else ("availability", Seal)
    key = status_key("rates") if document == "lock" else SEAL_KEY
    store.put_new(key, wrote(domain, "r0", "exec-0", since).text())
    executions.known["exec-0"] = UNKNOWN
    executions.open_jobs["exec-0"] = 0

    answer = RunRegistry(store, executions, lambda: NOON).begin(RATES)

    assert answer["status"] == status
    if status == "WAIT":
        assert answer["reason"] == f"Step Functions does not know exec-0 of the run r0 yet, which wrote {since}"
        assert '"exec-0"' in store.objects[key].body


@pytest.mark.parametrize(
    ("age", "released"), [(timedelta(days=7, seconds=300), False), (timedelta(days=7, seconds=301), True)]
)
def test_an_operator_may_release_an_unknown_owner_that_cannot_live_any_longer(
    registry: RunRegistry, executions: KnownExecutions, store: MemoryStore, age: timedelta, *, released: bool
) -> None:
    store.put_new(status_key("rates"), Status("rates", "r0", "exec-0", (NOON - age).isoformat()).text())
    executions.known["exec-0"] = UNKNOWN

    operator = replace(OPERATOR, run="r0")
    assert registry.stop(operator)["status"] == ("RECORDED" if released else "WAIT")
    assert registry.release(operator)["status"] == ("DESTROY" if released else "WAIT")


def test_no_execution_outlives_the_longest_life() -> None:
    assert timedelta(seconds=Limits().execution_seconds) == LONGEST_LIFE


@dataclass
class LateExecutions(KnownExecutions):
    """Knows nobody at the first looks."""

    late: int = 0

    def find(self, arn: str) -> Execution:
        self.late -= 1
        return UNKNOWN if self.late >= 0 else super().find(arn)


@pytest.mark.parametrize(("late", "known"), [(2, True), (3, False)])
def test_an_unknown_caller_is_asked_for_again_and_then_refused_under_a_name_that_is_retried(
    store: MemoryStore, executions: KnownExecutions, late: int, *, known: bool
) -> None:
    pauses: list[float] = []
    registry = RunRegistry(store, LateExecutions(executions.known, late=late), lambda: NOON, pause=pauses.append)

    if known:
        assert registry.begin(RATES)["status"] == "OWNED"
    else:
        with pytest.raises(ExecutionUnknownError, match="does not know exec-rates yet"):
            registry.begin(RATES)
        assert store.objects == {}
    assert pauses == [1.0, 1.0]
    assert ExecutionUnknownError.__name__ in retry("lambda")[0]["ErrorEquals"]


OPERATOR = Caller(domain="rates", run="r1", execution="operator:1")


def seal_of(store: MemoryStore) -> Seal:
    return Seal.read(store.objects[SEAL_KEY].body)


def test_an_operator_releases_only_what_is_dead(
    registry: RunRegistry, executions: KnownExecutions, store: MemoryStore
) -> None:
    registry.begin(RATES)

    with pytest.raises(StillRunningError):
        registry.release(OPERATOR)
    executions.known["exec-rates"] = Execution(living=False)
    answer = registry.release(OPERATOR)

    assert answer == {"status": "DESTROY", "etag": store.objects[SEAL_KEY].etag}
    assert seal_of(store).expires == "2026-01-01T12:30:00+00:00"
    assert registry.release(OPERATOR) == answer  # the answer was lost
    assert registry.lift(OPERATOR, answer["etag"]) == {"status": "LIFTED"}
    assert store.objects == {}


def test_an_execution_gives_back_what_is_its_own_and_releases_nothing(registry: RunRegistry) -> None:
    with pytest.raises(NotAnOperatorError, match="must begin with 'operator:' to release a domain"):
        registry.release(RATES)
    with pytest.raises(NotAnOperatorError, match="must begin with 'operator:' to stop a run"):
        registry.stop(RATES)


def test_an_operator_marks_the_lock_of_a_stopped_run_and_keeps_it(
    registry: RunRegistry, executions: KnownExecutions, store: MemoryStore
) -> None:
    registry.begin(RATES)
    begun = Status.read(store.objects[status_key("rates")].body)
    with pytest.raises(StillRunningError):
        registry.stop(OPERATOR)
    executions.known["exec-rates"] = Execution(living=False, stopped=NOON)

    answers = [registry.stop(OPERATOR), registry.stop(OPERATOR)]

    assert answers == [{"status": "RECORDED"}, {"status": "RECORDED"}]
    cause = "1 stopped the run; its clones are kept for the next attempt"
    assert {key: Status.read(stored.body) for key, stored in store.objects.items()} == {
        status_key("rates"): replace(begun, state="FAILED", error="RunStopped", cause=cause)
    }


def test_a_run_that_failed_by_itself_keeps_its_error_when_it_is_stopped(
    registry: RunRegistry, executions: KnownExecutions, store: MemoryStore
) -> None:
    registry.begin(RATES)
    registry.fail(RATES, "JarNotFound", "no JAR")
    executions.known["exec-rates"] = Execution(living=False, stopped=NOON)

    assert registry.stop(OPERATOR) == {"status": "RECORDED"}
    assert Status.read(store.objects[status_key("rates")].body).error == "JarNotFound"


def test_an_operator_stops_no_run_but_the_one_that_holds_the_lock(
    registry: RunRegistry, executions: KnownExecutions, store: MemoryStore
) -> None:
    assert registry.stop(OPERATOR) == {"status": "NOT_OWNER"}
    registry.begin(RATES)
    executions.known["exec-rates"] = Execution(living=False, stopped=NOON)
    before = dict(store.objects)

    assert registry.stop(replace(OPERATOR, run="another")) == {"status": "NOT_OWNER"}
    assert store.objects == before


def test_a_stopped_run_is_marked_once_its_items_and_job_runs_have_ended(
    registry: RunRegistry, executions: KnownExecutions
) -> None:
    registry.begin(RATES)
    executions.known["exec-rates"] = Execution(living=False, stopped=NOON)
    executions.items["exec-rates"] = Items(open=2)
    executions.open_jobs["exec-rates"] = 1

    first = registry.stop(OPERATOR)
    executions.items["exec-rates"] = Items()
    second = registry.stop(OPERATOR)
    executions.open_jobs["exec-rates"] = 0

    assert [first, second, registry.stop(OPERATOR)] == [
        {"status": "WAIT", "reason": "2 clones and tables of the ended run r1 are being stopped"},
        {"status": "WAIT", "reason": "1 Spark job runs of the ended run r1 are being cancelled"},
        {"status": "RECORDED"},
    ]


NOON_TEXT, LEASE_END = "2026-01-01T12:00:00+00:00", "2026-01-01T12:30:00+00:00"
MAY_DELETE = {"status": "WAIT", "reason": f"a deletion under the seal that ended {LEASE_END} may still run"}


@pytest.mark.parametrize(
    ("minutes", "answer"),
    [
        (
            29,
            {"status": "SEALED", "holder": {"domain": "rates", "run": "r1", "since": NOON_TEXT, "expires": LEASE_END}},
        ),
        (30, MAY_DELETE),  # a deletion that began a moment before the end
        (34, MAY_DELETE),
        (35, {**OWNED, "began": "2026-01-01T12:35:00.000+00:00"}),
    ],
)
def test_an_operators_seal_ends_by_itself_and_is_outlived(
    registry: RunRegistry, executions: KnownExecutions, store: MemoryStore, minutes: int, answer: dict[str, Any]
) -> None:
    registry.release(OPERATOR)
    later = RunRegistry(store, executions, lambda: NOON + timedelta(minutes=minutes))

    assert later.begin(AVAILABILITY) == answer


def test_a_starter_waits_longer_than_an_operator_may_hold_the_seal() -> None:
    limits = Limits()

    assert timedelta(minutes=limits.teardown_minutes) > LEASE + LAMBDA_TIMEOUT
    assert timedelta(minutes=limits.destroy_minutes) <= LEASE


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        ({}, "domain: is missing or not a text"),
        ({"domain": "d", "run": "r", "execution": "e"}, "operation: is missing or not a text"),
        (
            {"domain": "d", "run": "r", "execution": "e", "operation": "begni"},
            "operation: 'begni' is not begin, change, applied, finish, fail, lift, release, stop or cutOver",
        ),
        (
            {"domain": "d", "run": "r", "execution": "e", "operation": "begin", "mode": "Official"},
            "mode: 'Official' is not rehearsal or official",
        ),
        ({"domain": "d", "run": "r", "execution": "e", "operation": "lift"}, "etag: is missing or not a text"),
    ],
)
def test_a_malformed_event_is_named(registry: RunRegistry, event: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidEventError, match=sentence):
        answer_event(registry, event)


def test_an_operator_is_told_what_of_a_dead_run_is_still_ending(
    registry: RunRegistry, executions: KnownExecutions, store: MemoryStore
) -> None:
    registry.begin(RATES)
    executions.known["exec-rates"] = Execution(living=False)
    executions.open_jobs["exec-rates"] = 1

    assert registry.release(OPERATOR) == {
        "status": "WAIT",
        "reason": "1 Spark job runs of the ended run r1 are being cancelled",
    }
    assert lock_of(store, "rates").run == "r1"
    assert SEAL_KEY not in store.objects


def test_a_long_cause_is_cut_to_what_a_lock_holds(registry: RunRegistry, store: MemoryStore) -> None:
    registry.begin(RATES)

    registry.fail(RATES, "ImportFailed", "why" + "y" * 5000)

    assert lock_of(store, "rates").cause == "why" + "y" * 3997


def test_of_two_that_take_a_dead_owners_lock_the_slower_waits(
    registry: RunRegistry, executions: KnownExecutions, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.begin(RATES)
    executions.known |= {"exec-rates": Execution(living=False, stopped=NOON - timedelta(hours=1)), "exec-2": LIVING}
    faster = Status("rates", "r3", "exec-3", NOON.isoformat()).text()

    def lost(key: str, _body: str, _etag: str) -> None:
        store.objects[key] = Stored(faster, "x")

    monkeypatch.setattr(store, "put_if", lost)

    assert registry.begin(Caller(domain="rates", run="r2", execution="exec-2")) == {
        "status": "WAIT",
        "reason": "another run took the lock first; the lock is checked again",
    }
    assert lock_of(store, "rates").run == "r3"


def test_a_lock_that_is_given_back_between_two_looks_is_waited_for(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "put_new", lambda _key, _body: None)

    assert registry.begin(RATES) == {"status": "WAIT", "reason": "the domain's lock is being released"}


def test_a_failure_is_recorded_once_though_the_first_answer_was_lost(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.begin(RATES)
    write = store.put_if

    def unanswered(key: str, body: str, etag: str) -> None:
        write(key, body, etag)

    monkeypatch.setattr(store, "put_if", unanswered)

    assert registry.fail(RATES, "ImportFailed", "why") == {"status": "RECORDED"}


def test_a_failure_of_a_lock_that_changed_hands_is_not_recorded(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.begin(RATES)
    monkeypatch.setattr(store, "put_if", lambda _key, _body, _etag: None)

    assert registry.fail(RATES, "ImportFailed", "why") == {"status": "NOT_OWNER"}
    assert registry.fail(Caller(domain="rates", run="r1", execution="exec-availability"), "E", "") == {
        "status": "NOT_OWNER"
    }
    assert lock_of(store, "rates").error == ""


def test_a_seal_of_another_is_not_lifted(registry: RunRegistry, store: MemoryStore) -> None:
    etag = store.put_new(SEAL_KEY, Seal("availability", "a1", "exec-availability", "then").text())
    assert etag is not None

    assert registry.lift(RATES, etag) == {"status": "NOT_HELD"}
    assert registry.lift(AVAILABILITY, "another") == {"status": "NOT_HELD"}
    assert SEAL_KEY in store.objects
    assert registry.lift(AVAILABILITY, etag) == {"status": "LIFTED"}
    assert registry.lift(AVAILABILITY, etag) == {"status": "NOT_HELD"}


def test_a_finisher_takes_a_dead_owners_seal_over(registry: RunRegistry, store: MemoryStore) -> None:
    registry.begin(RATES)
    store.put_new(SEAL_KEY, Seal("availability", "a0", "forgotten", "then").text())

    assert registry.finish(RATES) == {"status": "DESTROY", "etag": store.objects[SEAL_KEY].etag}
    assert seal_of(store).execution == "exec-rates"


def test_a_finisher_takes_a_seal_that_is_lifted_between_two_looks(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.begin(RATES)
    write, refusals = store.put_new, [SEAL_KEY]

    def refused_once(key: str, body: str) -> str | None:
        if key in refusals:
            refusals.remove(key)
            return None
        return write(key, body)

    monkeypatch.setattr(store, "put_new", refused_once)

    answer = registry.finish(RATES)

    assert answer == {"status": "DESTROY", "etag": store.objects[SEAL_KEY].etag}
    assert refusals == []


def test_a_dead_seal_that_another_lifts_first_is_gone_for_both(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put_new(SEAL_KEY, Seal("availability", "a0", "forgotten", "then").text())

    def faster(key: str, _etag: str) -> bool:
        del store.objects[key]
        return False

    monkeypatch.setattr(store, "delete_if", faster)

    assert registry.begin(RATES) == OWNED


@pytest.mark.parametrize(
    ("operation", "caller", "expires"), [("finish", RATES, ""), ("release", OPERATOR, "2026-01-01T12:30:00+00:00")]
)
def test_a_seal_is_written_to_the_second_and_expires_only_if_it_is_an_operators(
    store: MemoryStore, executions: KnownExecutions, operation: str, caller: Caller, expires: str
) -> None:
    registry = RunRegistry(store, executions, lambda: NOON + timedelta(milliseconds=900))

    assert getattr(registry, operation)(caller)["status"] == "DESTROY"
    assert seal_of(store) == Seal("rates", "r1", caller.execution, "2026-01-01T12:00:00+00:00", expires)


def test_of_two_that_clear_a_dead_seal_the_slower_waits(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put_new(SEAL_KEY, Seal("availability", "a0", "forgotten", "then").text())
    monkeypatch.setattr(store, "delete_if", lambda _key, _etag: False)

    assert registry.begin(RATES) == {
        "status": "WAIT",
        "reason": "another run took the seal over; the seal is checked again",
    }


def test_a_lock_that_goes_between_listing_and_reading_is_in_nobodys_way(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.begin(AVAILABILITY)
    monkeypatch.setattr(store, "list", lambda _prefix: [status_key("gone"), status_key("availability")])

    assert registry.begin(RATES) == {**OWNED, "officialRuns": ["availability/a1"]}
    assert registry.finish(RATES) == {
        "status": "OTHERS",
        "others": [{"domain": "availability", "run": "a1", "state": "RUNNING", "ageSeconds": 0}],
    }


def test_a_dead_owners_lock_is_taken_once_though_the_first_answer_was_lost(
    registry: RunRegistry, executions: KnownExecutions, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.begin(RATES)
    executions.known |= {"exec-rates": Execution(living=False, stopped=NOON - timedelta(hours=1)), "exec-2": LIVING}
    write = store.put_if

    def unanswered(key: str, body: str, etag: str) -> None:
        write(key, body, etag)

    monkeypatch.setattr(store, "put_if", unanswered)

    assert registry.begin(Caller(domain="rates", run="r1", execution="exec-2", mode="official")) == OWNED
    assert lock_of(store, "rates").execution == "exec-2"


def test_a_new_lock_says_nothing_of_a_failure(registry: RunRegistry, store: MemoryStore) -> None:
    registry.begin(RATES)

    assert json.loads(store.objects[status_key("rates")].body) == {
        "version": 1,
        "domain": "rates",
        "run": "r1",
        "execution": "exec-rates",
        "since": "2026-01-01T12:00:00+00:00",
        "began": BEGAN,
        "mode": "official",
        "state": "RUNNING",
        "error": "",
        "cause": "",
    }
