"""Catch-ups and repairs in the registry: their base, their marks, and the proof of a finish."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from run_registry.callers import Caller
from run_registry.cut_over import Live, live_key
from run_registry.documents import Status, status_key
from run_registry.errors import InvalidEventError, LockLostError, RedriveRefusedError
from run_registry.executions import Execution
from run_registry.handler import answer_event
from run_registry.proven import Proven, proven_key
from run_registry.service import RunRegistry
from run_registry.store import Stored

from tests.unit.lambdas.registry_fakes import LIVING, NOON, KnownExecutions, MemoryStore, proven_document

if TYPE_CHECKING:
    from collections.abc import Callable

BEGAN = "2026-01-01T12:00:00.000+00:00"
SINCE = "2026-01-01T12:00:00+00:00"
LATER, LATEST = "2026-01-01T11:30:00Z", "2026-01-01T11:45:00Z"  # instants of clones; the base's are of 11:00
KEY = proven_key("rates", "official")
OPERATOR = Caller(domain="rates", run="c1", execution="operator:anna")


def run_of(run: str, kind: str, attempt: int = 1) -> Caller:
    return Caller(domain="rates", run=run, execution=f"exec-{run}-{attempt}", mode="official", kind=kind)


BOOTSTRAP, CATCH_UP = run_of("b1", "bootstrap"), run_of("c1", "catch-up")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def executions() -> KnownExecutions:
    living = [run_of(run, "", attempt).execution for run in ("b1", "b2", "c1", "c2") for attempt in (1, 2)]
    return KnownExecutions(dict.fromkeys(living, LIVING))


@pytest.fixture
def registry(store: MemoryStore, executions: KnownExecutions) -> RunRegistry:
    return RunRegistry(store, executions, lambda: NOON)


def prove(store: MemoryStore, run: str = "b1", *, changing: str = "") -> Proven:
    """Store the proven state of a run."""
    proven = proven_document(run).stored(NOON - timedelta(hours=1))
    if changing:
        proven = proven.changed_by(changing)
    store.objects.pop(KEY, None)
    store.put_new(KEY, proven.text())
    return proven


def end(executions: KnownExecutions, caller: Caller) -> None:
    """Let an execution have ended an hour ago."""
    executions.known[caller.execution] = Execution(living=False, stopped=NOON - timedelta(hours=1))


def lock(store: MemoryStore) -> Status:
    return Status.read(store.objects[status_key("rates")].body)


def proven_of(store: MemoryStore) -> dict[str, Any]:
    return Proven.read(store.objects[KEY].body).document


def interrupted(registry: RunRegistry, store: MemoryStore, executions: KnownExecutions) -> None:
    """Let the catch-up c1 begin to write, fail and end."""
    prove(store)
    registry.begin(CATCH_UP)
    registry.change(CATCH_UP)
    registry.fail(CATCH_UP, "ApplyFailed", "why")
    end(executions, CATCH_UP)


def test_a_catch_up_begins_with_the_last_proven_state(registry: RunRegistry, store: MemoryStore) -> None:
    base = prove(store)

    assert registry.begin(CATCH_UP) == {"status": "OWNED", "began": BEGAN, "officialRuns": [], "base": base.document}
    assert lock(store) == Status(
        "rates", "c1", "exec-c1-1", SINCE, mode="official", began=BEGAN, kind="catch-up", changing=False
    )


def test_a_catch_up_of_tables_that_no_run_proved_has_no_base_and_leaves_no_lock(
    registry: RunRegistry, store: MemoryStore
) -> None:
    prove(store)  # of the official tables

    answer = registry.begin(replace(CATCH_UP, mode="rehearsal"))

    assert answer == {"status": "NO_BASE", "reason": "no rehearsal run of rates has matched; bootstrap it first"}
    assert list(store.objects) == [KEY]


def test_a_refused_catch_up_leaves_a_dead_runs_lock_and_with_it_the_clones(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions
) -> None:
    registry.begin(BOOTSTRAP)
    end(executions, BOOTSTRAP)
    before = dict(store.objects)

    assert registry.begin(CATCH_UP)["status"] == "NO_BASE"
    assert store.objects == before


def test_a_repair_needs_no_base_and_takes_its_own_runs_lock_over(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions
) -> None:
    registry.begin(BOOTSTRAP)
    registry.fail(BOOTSTRAP, "DataMismatch", "why")
    end(executions, BOOTSTRAP)
    repair = run_of("b1", "repair", 2)

    assert registry.begin(repair) == {"status": "OWNED", "began": BEGAN, "officialRuns": []}
    assert (lock(store).execution, lock(store).kind, lock(store).state) == ("exec-b1-2", "repair", "RUNNING")


def test_a_change_marks_lock_and_proven_state_and_may_be_repeated(registry: RunRegistry, store: MemoryStore) -> None:
    base = prove(store)
    registry.begin(CATCH_UP)
    begun = lock(store)

    assert registry.change(CATCH_UP) == {"status": "CHANGING"}
    after = dict(store.objects)
    assert registry.change(CATCH_UP) == {"status": "CHANGING"}

    assert store.objects == after
    assert lock(store) == replace(begun, changing=True)
    assert proven_of(store) == {**base.document, "changing": "c1"}


def test_a_repair_of_a_run_that_nothing_was_proven_before_marks_its_lock_alone(
    registry: RunRegistry, store: MemoryStore
) -> None:
    repair = run_of("b1", "repair")
    registry.begin(repair)

    assert registry.change(repair) == {"status": "CHANGING"}
    assert lock(store).changing
    assert list(store.objects) == [status_key("rates")]


def test_a_change_whose_second_write_is_lost_marks_the_proven_state_when_it_is_repeated(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    prove(store)
    registry.begin(CATCH_UP)
    write = store.put_if

    def crash(key: str, body: str, etag: str) -> str | None:
        if key == KEY:
            raise TimeoutError
        return write(key, body, etag)

    monkeypatch.setattr(store, "put_if", crash)
    with pytest.raises(TimeoutError):
        registry.change(CATCH_UP)
    assert (lock(store).changing, proven_of(store)["changing"]) == (True, "")  # nothing was answered, nothing written
    monkeypatch.setattr(store, "put_if", write)

    assert registry.change(CATCH_UP) == {"status": "CHANGING"}
    assert (lock(store).changing, proven_of(store)["changing"]) == (True, "c1")


@pytest.mark.parametrize("key", [KEY, status_key("rates")])
def test_a_change_survives_a_lost_answer_and_refuses_a_foreign_write(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    prove(store)
    registry.begin(CATCH_UP)
    write = store.put_if

    def unanswered(written: str, body: str, etag: str) -> str | None:
        answer = write(written, body, etag)
        return None if written == key else answer

    def refused(written: str, body: str, etag: str) -> str | None:
        return None if written == key else write(written, body, etag)

    monkeypatch.setattr(store, "put_if", refused)
    with pytest.raises(LockLostError, match=f"{key} was written by another run meanwhile"):
        registry.change(CATCH_UP)
    monkeypatch.setattr(store, "put_if", unanswered)
    assert registry.change(CATCH_UP) == {"status": "CHANGING"}


def test_only_the_living_holder_of_a_catch_ups_lock_changes_tables(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions
) -> None:
    prove(store)
    with pytest.raises(LockLostError, match="the domain rates has no owner; nothing was touched"):
        registry.change(CATCH_UP)
    registry.begin(CATCH_UP)
    before = dict(store.objects)
    with pytest.raises(LockLostError, match=r"the domain rates now belongs to .*c1"):
        registry.change(run_of("c2", "catch-up"))
    executions.known[CATCH_UP.execution] = Execution(living=True, redriven=True)
    with pytest.raises(RedriveRefusedError):
        registry.change(CATCH_UP)
    assert store.objects == before


def test_a_bootstrap_changes_no_existing_table(registry: RunRegistry) -> None:
    registry.begin(BOOTSTRAP)

    with pytest.raises(InvalidEventError, match="the run b1 is a bootstrap, which changes no existing table"):
        registry.change(BOOTSTRAP)


@pytest.mark.parametrize(
    "other",
    [run_of("c2", "catch-up"), run_of("c2", "repair"), run_of("b2", "bootstrap"), run_of("c1", "bootstrap", 2)],
    ids=["catch-up", "repair", "bootstrap", "bootstrap-of-its-id"],
)
def test_nothing_else_begins_while_a_run_that_had_begun_to_write_is_unfinished(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions, other: Caller
) -> None:
    interrupted(registry, store, executions)
    before = dict(store.objects)

    assert registry.begin(other) == {
        "status": "UNFINISHED",
        "holder": {"domain": "rates", "run": "c1", "execution": "exec-c1-1", "since": SINCE},
    }
    assert store.objects == before


def test_a_rehearsal_of_its_id_does_not_take_over_a_run_that_had_begun_to_write(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions
) -> None:
    interrupted(registry, store, executions)

    assert registry.begin(replace(run_of("c1", "catch-up", 2), mode="rehearsal"))["status"] == "UNFINISHED"


@pytest.mark.parametrize("kind", ["catch-up", "repair"])
def test_its_resume_or_repair_takes_a_run_that_had_begun_to_write_over_with_its_mark(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions, kind: str
) -> None:
    interrupted(registry, store, executions)

    answer = registry.begin(run_of("c1", kind, 2))

    assert (answer["status"], answer.get("base", {}).get("changing")) == (
        "OWNED",
        "c1" if kind == "catch-up" else None,
    )
    assert (lock(store).execution, lock(store).kind, lock(store).changing) == ("exec-c1-2", kind, True)


def test_a_run_that_had_not_begun_to_write_is_taken_over_by_any(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions
) -> None:
    prove(store)
    registry.begin(CATCH_UP)
    end(executions, CATCH_UP)

    assert registry.begin(run_of("c2", "catch-up"))["status"] == "OWNED"


def test_a_living_run_that_writes_is_busy_and_a_dead_one_is_waited_for_first(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions
) -> None:
    prove(store)
    registry.begin(CATCH_UP)
    registry.change(CATCH_UP)
    other = run_of("c2", "catch-up")

    busy = registry.begin(other)
    executions.known[CATCH_UP.execution] = Execution(living=False, stopped=NOON - timedelta(seconds=60))

    assert (busy["status"], registry.begin(other)["status"]) == ("BUSY", "WAIT")


def test_a_run_that_is_given_up_after_it_began_to_write_is_nobodys_base_but_its_own(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions
) -> None:
    interrupted(registry, store, executions)

    assert registry.release(OPERATOR)["status"] == "DESTROY"
    registry.lift(OPERATOR, store.objects["status/teardown-seal.json"].etag)

    assert registry.begin(run_of("c2", "catch-up")) == {
        "status": "NO_BASE",
        "reason": "the run c1 began to write to the tables and was given up, so the tables are between two instants: "
        "migrate repair c1, or bootstrap rates anew",
    }
    assert list(store.objects) == [KEY]
    assert registry.begin(run_of("c1", "catch-up", 2))["status"] == "OWNED"


def test_a_run_that_is_given_up_before_its_first_write_leaves_the_base_as_it_is(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions
) -> None:
    base = prove(store)
    registry.begin(CATCH_UP)
    end(executions, CATCH_UP)
    registry.lift(OPERATOR, registry.release(OPERATOR)["etag"])

    assert registry.begin(run_of("c2", "catch-up"))["base"] == base.document


@pytest.mark.parametrize("before", ["nothing", "another", "its own mark"])
def test_a_finish_proves_the_tables_and_gives_the_lock_back(
    registry: RunRegistry, store: MemoryStore, before: str
) -> None:
    if before != "nothing":
        prove(store)
    caller = CATCH_UP if before == "its own mark" else BOOTSTRAP
    registry.begin(caller)
    if before == "its own mark":
        registry.change(caller)
    proven = proven_document(caller.run, cloned=LATER)

    answer = registry.finish(caller, proven)

    assert answer["status"] == "DESTROY"
    assert proven_of(store) == {**proven.document, "version": 1, "provenAt": SINCE, "changing": ""}
    assert status_key("rates") not in store.objects


def test_a_repair_proves_tables_that_its_own_run_left_though_their_clones_are_the_same(
    registry: RunRegistry, store: MemoryStore
) -> None:
    prove(store, "c1", changing="c1")
    repair = run_of("c1", "repair")
    registry.begin(repair)
    registry.change(repair)

    registry.finish(repair, proven_document("c1"))

    assert proven_of(store) == {**proven_document("c1").document, "version": 1, "provenAt": SINCE, "changing": ""}


def test_a_run_that_wrote_to_tables_clears_no_mark_of_another_with_a_proof_that_is_not_newer(
    registry: RunRegistry, store: MemoryStore
) -> None:
    prove(store)
    registry.begin(CATCH_UP)
    registry.change(CATCH_UP)
    marked = prove(store, changing="c2")

    registry.finish(CATCH_UP, proven_document("c1"))

    assert proven_of(store) == marked.document


def test_rehearsal_and_official_tables_have_proven_states_of_their_own(
    registry: RunRegistry, store: MemoryStore
) -> None:
    official = prove(store)
    rehearsal = replace(BOOTSTRAP, mode="rehearsal")
    registry.begin(rehearsal)

    registry.finish(rehearsal, proven_document("b1", mode="rehearsal"))

    assert proven_of(store) == official.document
    assert Proven.read(store.objects[proven_key("rates", "rehearsal")].body).run == "b1"


def test_a_proof_is_of_the_mode_of_the_lock(registry: RunRegistry, store: MemoryStore) -> None:
    registry.begin(BOOTSTRAP)

    with pytest.raises(InvalidEventError, match="'rehearsal' is not 'official', the mode of the run's lock"):
        registry.finish(BOOTSTRAP, proven_document("b1", mode="rehearsal"))
    assert lock(store).run == "b1"


def test_a_run_that_wrote_to_tables_proves_them_or_keeps_its_lock(registry: RunRegistry, store: MemoryStore) -> None:
    prove(store)
    registry.begin(CATCH_UP)
    registry.change(CATCH_UP)

    with pytest.raises(InvalidEventError, match="proven: is missing, and the run c1 has written to existing tables"):
        registry.finish(CATCH_UP)
    assert lock(store).changing


def test_a_run_that_proved_its_tables_before_it_was_interrupted_has_only_its_lock_to_give_back(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions
) -> None:
    interrupted(registry, store, executions)
    resumed = run_of("c1", "catch-up", 2)
    registry.begin(resumed)
    prove(store, "c1")

    assert registry.finish(resumed)["status"] == "DESTROY"
    assert status_key("rates") not in store.objects


def at(store: MemoryStore, executions: KnownExecutions, minutes: int) -> RunRegistry:
    """Return the registry so many minutes after noon."""
    return RunRegistry(store, executions, lambda: NOON + timedelta(minutes=minutes))


def test_a_finish_whose_lock_stayed_is_repeated_and_proves_nothing_twice(
    registry: RunRegistry, store: MemoryStore, executions: KnownExecutions, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.begin(BOOTSTRAP)

    def crash(_key: str, _etag: str) -> bool:
        raise TimeoutError

    with monkeypatch.context() as patched:
        patched.setattr(store, "delete_if", crash)
        with pytest.raises(TimeoutError):
            registry.finish(BOOTSTRAP, proven_document("b1"))
    written = store.objects[KEY]

    answer = at(store, executions, 5).finish(BOOTSTRAP, proven_document("b1"))

    assert answer["status"] == "DESTROY"
    assert store.objects[KEY] == written


def test_a_finish_whose_answer_was_lost_removes_no_mark_of_the_run_that_came_after_it(
    registry: RunRegistry, store: MemoryStore
) -> None:
    registry.begin(BOOTSTRAP)
    etag = registry.finish(BOOTSTRAP, proven_document("b1"))["etag"]
    registry.lift(BOOTSTRAP, etag)
    registry.begin(CATCH_UP)
    registry.change(CATCH_UP)
    marked = dict(store.objects)

    with pytest.raises(LockLostError):
        registry.finish(BOOTSTRAP, proven_document("b1"))
    assert store.objects == marked
    del store.objects[status_key("rates")]  # the catch-up was given up
    assert registry.finish(BOOTSTRAP, proven_document("b1"))["status"] == "DESTROY"
    assert proven_of(store)["changing"] == "c1"


@pytest.mark.parametrize("unanswered", [True, False], ids=["answer-lost", "foreign-write"])
@pytest.mark.parametrize("is_new", [True, False], ids=["new", "replaced"])
def test_a_proof_survives_a_lost_answer_and_refuses_a_foreign_write(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch, *, is_new: bool, unanswered: bool
) -> None:
    if not is_new:
        prove(store, "b0")
    registry.begin(BOOTSTRAP)
    name = "put_new" if is_new else "put_if"
    write: Callable[..., str | None] = getattr(store, name)

    def refused(key: str, body: str, *etag: str) -> str | None:
        answer = write(key, body, *etag) if unanswered or key != KEY else None
        return None if key == KEY else answer

    monkeypatch.setattr(store, name, refused)

    if unanswered:
        assert registry.finish(BOOTSTRAP, proven_document("b1"))["status"] == "DESTROY"
        assert proven_of(store)["run"] == "b1"
    else:
        with pytest.raises(LockLostError, match=f"{KEY} was written by another run meanwhile"):
            registry.finish(BOOTSTRAP, proven_document("b1"))
        assert lock(store).run == "b1"


def test_a_run_of_long_ago_that_is_started_again_replaces_no_later_proof(
    registry: RunRegistry, store: MemoryStore
) -> None:
    registry.begin(CATCH_UP)
    store.put_new(KEY, proven_document("c2", cloned=LATER).stored(NOON).text())
    again = run_of("b1", "bootstrap", 2)
    store.objects.pop(status_key("rates"), None)
    registry.begin(again)

    assert registry.finish(again, proven_document("b1"))["status"] == "DESTROY"
    assert proven_of(store)["run"] == "c2"


@pytest.mark.parametrize("marked_by", ["c1", "b1"])
@pytest.mark.parametrize(("cloned", "changing"), [("2026-01-01T11:00:00Z", "kept"), (LATER, "")])
def test_only_a_bootstrap_from_newer_clones_proves_tables_that_a_given_up_run_left(
    registry: RunRegistry, store: MemoryStore, marked_by: str, cloned: str, changing: str
) -> None:
    prove(store, changing=marked_by)
    registry.begin(BOOTSTRAP)

    registry.finish(BOOTSTRAP, proven_document("b1", cloned=cloned))

    assert proven_of(store)["changing"] == (marked_by if changing == "kept" else "")


def test_a_clusters_instants_are_compared_where_both_states_have_it() -> None:
    def state(**instants: str) -> Proven:
        return Proven({**proven_document("r").document, "instants": instants})

    base = state(a="2026-01-01T11:00:00Z", b="2026-01-01T11:00:00Z", gone="2026-01-01T13:00:00Z")
    mixed = state(a="2026-01-01T11:00:00.001+00:00", b="2026-01-01T10:59:59Z", new="2026-01-01T09:00:00Z")
    newer = state(a="2026-01-01T12:30:00+01:00", b="2026-01-01T11:00:01Z", new="2026-01-01T09:00:00Z")

    comparisons = [(s.is_older_than(base), s.is_newer_than(base)) for s in (mixed, newer, base)]

    assert comparisons == [(True, False), (False, True), (False, False)]


def test_the_locks_of_bootstraps_are_those_of_earlier_releases(registry: RunRegistry, store: MemoryStore) -> None:
    registry.begin(BOOTSTRAP)
    fields = {"version", "domain", "run", "execution", "since", "began", "mode", "state", "error", "cause"}

    assert json.loads(store.objects[status_key("rates")].body).keys() == fields
    store.objects.clear()
    prove(store)
    registry.begin(CATCH_UP)
    assert json.loads(store.objects[status_key("rates")].body).keys() == fields | {"kind", "changing"}


def test_a_live_domain_is_begun_by_no_run_of_any_kind_or_mode(registry: RunRegistry, store: MemoryStore) -> None:
    prove(store)
    mark = Live("rates", "b1", "2026-01-01T11:30:00Z", "operator:anna")
    store.put_new(live_key("rates"), mark.text())
    before = dict(store.objects)

    for caller in (BOOTSTRAP, CATCH_UP, run_of("b1", "repair"), replace(BOOTSTRAP, mode="rehearsal")):
        assert registry.begin(caller) == {"status": "LIVE", "instant": "2026-01-01T11:30:00Z"}
    assert store.objects == before


def test_a_starter_that_sees_the_live_mark_only_after_its_lock_gives_the_lock_back(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = Live("rates", "b1", "2026-01-01T11:30:00Z", "operator:anna").text()
    write = store.put_new

    def marked_meanwhile(key: str, body: str) -> str | None:
        store.objects[live_key("rates")] = Stored(mark, "x")
        return write(key, body)

    monkeypatch.setattr(store, "put_new", marked_meanwhile)

    assert registry.begin(BOOTSTRAP) == {"status": "LIVE", "instant": "2026-01-01T11:30:00Z"}
    assert list(store.objects) == [live_key("rates")]


def test_a_starter_whose_first_answer_was_lost_gives_its_lock_back_once_the_domain_is_live(
    registry: RunRegistry, store: MemoryStore
) -> None:
    registry.begin(BOOTSTRAP)
    store.put_new(live_key("rates"), Live("rates", "b1", "then", "operator:anna").text())

    assert registry.begin(BOOTSTRAP) == {"status": "LIVE", "instant": "then"}
    assert list(store.objects) == [live_key("rates")]
    assert registry.begin(run_of("b2", "bootstrap"))["status"] == "LIVE"


def test_a_starter_gives_back_no_lock_but_its_own(registry: RunRegistry, store: MemoryStore) -> None:
    registry.begin(BOOTSTRAP)
    store.put_new(live_key("rates"), Live("rates", "b1", "then", "operator:anna").text())

    assert registry.begin(run_of("b2", "bootstrap"))["status"] == "LIVE"
    assert lock(store).run == "b1"


def with_proven(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    document = {k: v for k, v in {**proven_document("r").document, **changes}.items() if v is not None}
    return {"operation": "finish", "domain": "rates", "run": "r", "execution": "e", "proven": document}


def with_table(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return with_proven(tables={"Rates": {**proven_document("r").document["tables"]["Rates"], **changes}})


def begin(**fields: str) -> dict[str, str]:
    return {"operation": "begin", "domain": "rates", "run": "r", "execution": "e", **fields}


TEXTS = ("domain", "mode", "run", "kind", "attempt", "specHash", "release")
TABLE_TEXTS = ("tableName", "tableId", "tableArn", "prefix")
CUT_OVER = {"operation": "cutOver", "domain": "rates", "run": "r", "execution": "operator:anna"}


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (begin(mode="official", kind="catchup"), "kind: 'catchup' is not bootstrap, catch-up, repair or verification"),
        (begin(kind="catch-up"), "mode: is missing; a catch-up needs rehearsal or official"),
        ({**with_proven(), "proven": "x"}, "proven: is not an object"),
        *[(with_proven(**{name: None}), f"proven.{name}: is missing or not a text") for name in TEXTS],
        *[
            (with_proven(**{name: ""}), f"proven.{name}: is written only by the registry")
            for name in ("version", "provenAt", "changing")
        ],
        (with_proven(run="r2"), "proven.run: 'r2' is not the caller's 'r'"),
        (with_proven(domain="availability"), "proven.domain: 'availability' is not the caller's 'rates'"),
        (with_proven(instants={}), "proven.instants: is missing or names no cluster"),
        (with_proven(instants={"lipsdb": "noon"}), "proven.instants.lipsdb: 'noon' is not an instant with a time zone"),
        (
            with_proven(instants={"lipsdb": "2026-01-01T11:00:00"}),
            "proven.instants.lipsdb: '2026-01-01T11:00:00' is no",
        ),
        (with_proven(tables={}), "proven.tables: is missing or names no table"),
        (with_proven(tables={"Rates": 1}), "proven.tables.Rates.tableName: is missing or not a text"),
        *[
            (with_table(**{name: value}), f"proven.tables.Rates.{name}: is missing or not a text")
            for name, value in {**dict.fromkeys(TABLE_TEXTS, ""), "listing": 7}.items()
        ],
        (with_table(items="7"), "proven.tables.Rates.items: '7' is not a number of items"),
        (with_table(items=-1), "proven.tables.Rates.items: -1 is not a number of items"),
        (with_table(items=True), "proven.tables.Rates.items: True is not a number of items"),
        (CUT_OVER, "instant: is missing or not a text"),
        ({**CUT_OVER, "instant": "today"}, "instant: 'today' is not an instant with a time zone"),
    ],
)
def test_a_malformed_event_is_refused_by_its_field(
    registry: RunRegistry, store: MemoryStore, event: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidEventError) as refused:
        answer_event(registry, event)

    assert str(refused.value).startswith(sentence)
    assert store.objects == {}
