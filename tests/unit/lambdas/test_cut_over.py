"""The registry's cut-over: with a mark and a second check, a starter or a cut-over sees the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from run_registry.callers import Caller
from run_registry.cut_over import Live, live_key
from run_registry.documents import Status, status_key
from run_registry.errors import NotAnOperatorError
from run_registry.proven import proven_key
from run_registry.service import RunRegistry
from run_registry.store import Stored

from tests.unit.lambdas.registry_fakes import NOON, KnownExecutions, MemoryStore, proven_document

if TYPE_CHECKING:
    from collections.abc import Callable

OPERATOR = Caller(domain="rates", run="b1", execution="operator:anna-1")
INSTANT, OTHER_INSTANT = "2026-01-01T12:00:00Z", "2026-01-01T12:05:00Z"
LIVE = {"status": "LIVE", "instant": INSTANT}
MARK = live_key("rates")
STARTER = Status("rates", "b2", "exec-b2", "2026-01-01T12:00:00+00:00")
BUSY = {
    "status": "BUSY",
    "holder": {"domain": "rates", "run": "b2", "execution": "exec-b2", "since": "2026-01-01T12:00:00+00:00"},
}


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.put_new(proven_key("rates", "official"), proven_document("b1").stored(NOON).text())
    return store


@pytest.fixture
def registry(store: MemoryStore) -> RunRegistry:
    return RunRegistry(store, KnownExecutions(), lambda: NOON)


def after(store: MemoryStore, key: str, act: Callable[[], None], *, calls: int = 1) -> Callable[..., Stored | None]:
    """Return a `get` that lets something happen right before the nth look at a key."""
    look, looks = store.get, [calls]

    def get(wanted: str) -> Stored | None:
        if wanted == key:
            looks[0] -= 1
            if looks[0] == 0:
                act()
        return look(wanted)

    return get


def test_a_proven_domain_that_nobody_holds_goes_live(registry: RunRegistry, store: MemoryStore) -> None:
    assert registry.cut_over(OPERATOR, INSTANT) == LIVE
    assert Live.read(store.objects[MARK].body) == Live("rates", "b1", INSTANT, "operator:anna-1")


def test_a_live_domain_keeps_its_first_instant(registry: RunRegistry, store: MemoryStore) -> None:
    registry.cut_over(OPERATOR, INSTANT)
    before = dict(store.objects)

    assert registry.cut_over(replace(OPERATOR, execution="operator:bert-2", run="b9"), OTHER_INSTANT) == LIVE
    assert store.objects == before


def test_only_an_operator_cuts_over(registry: RunRegistry) -> None:
    with pytest.raises(NotAnOperatorError, match="execution: 'exec-b1' must begin with 'operator:' to cut over"):
        registry.cut_over(replace(OPERATOR, execution="exec-b1"), INSTANT)


@pytest.mark.parametrize("state", ["RUNNING", "FAILED"])
def test_a_domain_with_a_lock_does_not_go_live(registry: RunRegistry, store: MemoryStore, state: str) -> None:
    store.put_new(status_key("rates"), replace(STARTER, state=state).text())

    assert registry.cut_over(OPERATOR, INSTANT) == BUSY
    assert MARK not in store.objects


@pytest.mark.parametrize(
    ("proven", "reason"),
    [
        (None, "no official run of rates has matched"),
        (proven_document("b0").stored(NOON), "the last official run that matched is b0"),
        (
            proven_document("b1").stored(NOON).changed_by("c1"),
            "the run c1 has begun to write to the tables since, and has not matched",
        ),
    ],
    ids=["none", "another-run", "changing"],
)
def test_only_the_last_proven_run_goes_live(
    registry: RunRegistry, store: MemoryStore, proven: object, reason: str
) -> None:
    del store.objects[proven_key("rates", "official")]
    if proven is not None:
        store.put_new(proven_key("rates", "official"), proven.text())  # type: ignore[attr-defined]  # a Proven

    assert registry.cut_over(OPERATOR, INSTANT) == {"status": "NOT_PROVEN", "reason": reason}
    assert MARK not in store.objects


def test_a_starter_that_had_its_lock_before_the_mark_keeps_the_domain(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start() -> None:
        store.put_new(status_key("rates"), STARTER.text())

    monkeypatch.setattr(store, "get", after(store, status_key("rates"), start, calls=2))

    assert registry.cut_over(OPERATOR, INSTANT) == BUSY
    assert MARK not in store.objects


def test_a_run_that_began_and_ended_before_the_second_look_is_noticed_by_what_it_left(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = proven_key("rates", "official")

    def run() -> None:
        store.objects[key] = Stored(proven_document("b1").stored(NOON).changed_by("c1").text(), "x")

    monkeypatch.setattr(store, "get", after(store, status_key("rates"), run, calls=2))

    assert registry.cut_over(OPERATOR, INSTANT)["status"] == "NOT_PROVEN"
    assert MARK not in store.objects


def test_a_mark_that_a_lost_cut_over_left_is_taken_over(registry: RunRegistry, store: MemoryStore) -> None:
    store.put_new(MARK, Live("rates", "b1", OTHER_INSTANT, "operator:bert-2", confirmed=False).text())

    assert registry.cut_over(OPERATOR, INSTANT) == LIVE
    assert Live.read(store.objects[MARK].body) == Live("rates", "b1", INSTANT, "operator:anna-1")


def test_a_mark_that_a_lost_cut_over_left_is_withdrawn_where_the_domain_is_in_use(
    registry: RunRegistry, store: MemoryStore
) -> None:
    store.put_new(MARK, Live("rates", "b1", OTHER_INSTANT, "operator:bert-2", confirmed=False).text())
    store.put_new(status_key("rates"), STARTER.text())

    assert registry.cut_over(OPERATOR, INSTANT) == BUSY
    assert MARK not in store.objects


def test_a_confirmed_mark_stays_though_a_refused_starters_lock_is_there(
    registry: RunRegistry, store: MemoryStore
) -> None:
    registry.cut_over(OPERATOR, INSTANT)
    store.put_new(status_key("rates"), STARTER.text())

    assert registry.cut_over(replace(OPERATOR, execution="operator:bert-2"), OTHER_INSTANT) == LIVE
    assert MARK in store.objects


@pytest.mark.parametrize("writes", [("put_new",), ("put_if",), ("put_new", "put_if")])
def test_a_cut_over_survives_lost_answers(
    registry: RunRegistry, store: MemoryStore, monkeypatch: pytest.MonkeyPatch, writes: tuple[str, ...]
) -> None:
    for name in writes:
        write = getattr(store, name)
        monkeypatch.setattr(store, name, lambda *arguments, write=write: write(*arguments) and None)

    assert registry.cut_over(OPERATOR, INSTANT) == LIVE
    assert Live.read(store.objects[MARK].body).confirmed


@pytest.mark.parametrize(
    ("other", "answer"),
    [
        (Live("rates", "b1", OTHER_INSTANT, "operator:bert-2"), {"status": "LIVE", "instant": OTHER_INSTANT}),
        (
            Live("rates", "b1", OTHER_INSTANT, "operator:bert-2", confirmed=False),
            {
                "status": "BUSY",
                "holder": {"domain": "rates", "run": "b1", "execution": "operator:bert-2", "since": OTHER_INSTANT},
            },
        ),
        (
            None,
            {
                "status": "BUSY",
                "holder": {
                    "domain": "rates",
                    "run": "b1",
                    "execution": "another cut-over, which was withdrawn",
                    "since": "",
                },
            },
        ),
    ],
    ids=["confirmed", "under-way", "withdrawn"],
)
@pytest.mark.parametrize("look", [1, 2])
def test_of_two_cut_overs_the_slower_tells_what_became_of_the_other(
    registry: RunRegistry,
    store: MemoryStore,
    monkeypatch: pytest.MonkeyPatch,
    other: Live | None,
    answer: dict[str, object],
    look: int,
) -> None:
    def overtake() -> None:
        store.objects.pop(MARK, None)
        if other:
            store.put_new(MARK, other.text())

    if look == 1 and other is None:  # nothing was overtaken: the first write succeeds
        return
    monkeypatch.setattr(store, "get", after(store, status_key("rates"), overtake, calls=look))

    assert registry.cut_over(OPERATOR, INSTANT) == answer
    mark = store.objects.get(MARK)
    assert (None if mark is None else Live.read(mark.body)) == other
