"""The table writer settles each change once, keeps its offset exact, and never overwrites another writer's data."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from table_writer.errors import InvalidEventError, PartDamagedError, StalledError
from table_writer.items import Item, same
from table_writer.service import MOST_CONFLICTS
from table_writer.settling import OUTCOMES
from table_writer.table import OutOfTime

from tests.unit.lambdas.tables import (
    NOW,
    ORDER,
    CrashError,
    MemoryStore,
    MemoryTable,
    delete,
    following,
    item,
    put,
    writer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from table_writer.changes import Change
    from table_writer.conditions import Expression
    from table_writer.orders import Order
    from table_writer.settling import Answer

OLD = {
    "b": item("b", price=1, remark="x", tags={"SS": ["s", "t"]}),
    "c": item("c", price=2, gone="soon"),
    "d": item("d", price=3),
    "z": item("z", price=9),
}
NEW = {
    "a": item("a", price=7),
    "b": item("b", price=1, remark="y", tags={"SS": ["s", "t"]}),
    "c": item("c", price=2, added={"L": [{"B": b"\0"}, {"M": {"n": {"N": "1.50"}}}]}),
    "d": item("d", price=4),
}
PUTS = [[put(NEW[key], OLD.get(key)) for key in "ab"], [put(NEW[key], OLD.get(key)) for key in "cd"]]
DELETES = [[delete(OLD["z"])], [delete(item("y", price=1))], [delete(item("x", price=1))]]
GONE = {"x": item("x", price=1), "y": item("y", price=1)}


def before(kind: str) -> dict[str, Item]:
    return dict(OLD) if kind == "puts" else {**OLD, **GONE}


def after(kind: str) -> dict[str, Item]:
    return {**OLD, **NEW} if kind == "puts" else {key: OLD[key] for key in "bcd"}


def allowing(changes: int) -> Callable[[], bool]:
    """Return a clock's answer that lets a call begin so many changes: one look per part, and one per change."""
    looks = iter([True] * (changes + 1))
    return lambda: next(looks, False)


def run(table: MemoryTable, order: Order, parts: list[list[Change]]) -> list[dict[str, Any]]:
    """Call the writer until it is done; return its answers."""
    answers = [writer(table, MemoryStore(*parts)).apply(order)]
    while not answers[-1]["done"]:
        answers.append(writer(table, MemoryStore(*parts)).apply(following(order, answers[-1])))
    return answers


def counted(answers: list[dict[str, Any]]) -> dict[str, int]:
    return {outcome: sum(answer[outcome] for answer in answers) for outcome in OUTCOMES}


@pytest.mark.parametrize(("kind", "parts"), [("puts", PUTS), ("deletes", DELETES)])
def test_the_changes_make_the_table_what_it_should_be(kind: str, parts: list[list[Change]]) -> None:
    table = MemoryTable(before(kind))

    (answer,) = run(table, replace(ORDER, kind=kind), parts)

    assert table.items == after(kind)
    assert answer == {
        "done": True,
        "part": len(parts),
        "offset": 0,
        "applied": sum(map(len, parts)),
        "already": 0,
        "expired": 0,
        "conflicts": 0,
    }


@pytest.mark.parametrize(("kind", "parts"), [("puts", PUTS), ("deletes", DELETES)])
@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_a_crash_at_any_call_of_the_table_is_made_good_from_the_last_answered_offset(
    kind: str, parts: list[list[Change]], at_once: int
) -> None:
    whole = MemoryTable(before(kind))
    run(whole, replace(ORDER, kind=kind), parts)

    for point, side in product(range(len(whole.calls)), ("before", "after")):
        table, order = MemoryTable(before(kind)), replace(ORDER, kind=kind)
        answers, crashed = [], False

        def crash(_name: str, table: MemoryTable = table, point: int = point) -> None:
            if len(table.calls) == point + 1:
                raise CrashError

        setattr(table, side, crash)
        for _ in range(20):
            try:
                answer = writer(table, MemoryStore(*parts), has_time=allowing(at_once)).apply(order)
            except CrashError:
                crashed = True
                continue
            answers.append(answer)
            order = following(order, answer)
            if answer["done"]:
                break

        assert crashed, (point, side)
        assert answers[-1]["done"], (point, side)
        assert table.items == after(kind), (point, side)
        counts = counted(answers)
        assert (counts["conflicts"], counts["expired"]) == (0, 0), (point, side)
        assert counts["applied"] + counts["already"] == sum(map(len, parts)), (point, side)
        assert counts["already"] <= at_once, (point, side)


@pytest.mark.parametrize("at_once", [1, 2, 3, 4])
def test_an_answer_is_exact_whatever_the_time_allows(at_once: int) -> None:
    table = MemoryTable(before("puts"))

    answers = []
    order = ORDER
    while not answers or not answers[-1]["done"]:
        answers.append(writer(table, MemoryStore(*PUTS), has_time=allowing(at_once)).apply(order))
        order = following(order, answers[-1])

    assert counted(answers) == {"applied": 4, "already": 0, "expired": 0, "conflicts": 0}
    assert table.items == after("puts")


def test_each_offset_can_be_gone_on_from_however_often() -> None:
    """Whatever was settled before is settled for good: a call from an earlier offset changes nothing."""
    table = MemoryTable(before("puts"))
    run(table, ORDER, PUTS)

    for part, offset in product(range(2), range(3)):
        (answer,) = run(table, replace(ORDER, part=part, offset=offset), PUTS)
        left = (2 - part) * 2 - offset
        assert (answer["applied"], answer["already"]) == (0, left)
    assert table.items == after("puts")


def test_the_lanes_share_the_parts_and_pass_over_those_of_others() -> None:
    parts = [[put(item(f"{number}", n=1))] for number in range(5)]
    table = MemoryTable()

    first = writer(table, MemoryStore(*parts)).apply(replace(ORDER, lanes=2, lane=0))
    assert sorted(table.items) == ["0", "2", "4"]
    second = writer(table, MemoryStore(*parts)).apply(replace(ORDER, lanes=2, lane=1, part=0, offset=1))

    assert sorted(table.items) == ["0", "1", "2", "3", "4"]
    assert [(answer["done"], answer["applied"]) for answer in (first, second)] == [(True, 3), (True, 2)]


@pytest.mark.parametrize(
    ("lane", "part", "offset", "first"), [(1, 2, 1, 4), (2, 0, 1, 2), (0, 4, 0, 6), (1, 4, 1, 4)], ids=str
)
def test_a_lane_goes_on_with_its_next_part(lane: int, part: int, offset: int, first: int) -> None:
    parts = [[put(item(f"{number}{key}", n=1)) for key in "ab"] for number in range(7)]
    table = MemoryTable()

    writer(table, MemoryStore(*parts)).apply(replace(ORDER, lanes=3, lane=lane, part=part, offset=offset))

    assert min(table.items) == (f"{first}b" if first == part else f"{first}a")


@pytest.mark.parametrize("lane", [0, 2])
def test_a_lane_without_parts_is_done_and_asks_nothing(lane: int) -> None:
    built = writer(MemoryTable(), MemoryStore())

    assert built.apply(replace(ORDER, lanes=3, lane=lane)) == {
        "done": True,
        "part": lane,
        "offset": 0,
        **dict.fromkeys(OUTCOMES, 0),
    }
    assert built.preconditions.asked == 0  # type: ignore[attr-defined]  # the tests' own


def test_what_a_thread_wrote_behind_an_unsettled_change_is_counted_by_the_next_call() -> None:
    table = MemoryTable()
    store = MemoryStore([put(item(key, n=1)) for key in "abcdef"])
    held = {"b"}

    class Throttled(MemoryTable):
        def put(self, new: Item, expression: Expression) -> Answer:
            if new["id"]["S"] in held:
                raise OutOfTime
            return super().put(new, expression)

    throttled = Throttled(table.items)
    first = writer(throttled, store, threads=1).apply(ORDER)
    held.clear()
    second = writer(throttled, store, threads=4).apply(following(ORDER, first))

    assert (first["done"], first["offset"], first["applied"]) == (False, 1, 1)
    assert second["done"]
    assert counted([first, second])["applied"] + second["already"] == 6
    assert sorted(table.items) == list("abcdef")


def test_a_change_behind_one_that_found_no_time_is_not_counted_and_none_is_begun_after_it() -> None:
    late, written = threading.Event(), threading.Event()

    class Throttled(MemoryTable):
        def put(self, new: Item, expression: Expression) -> Answer:
            key = new["id"]["S"]
            if key == "b":
                written.wait(60)
                late.set()
                raise OutOfTime
            answer = super().put(new, expression)
            if key == "c":
                written.set()
                late.wait(60)
                time.sleep(0.3)  # until the other thread has said so
            return answer

    table = Throttled()
    answer = writer(table, MemoryStore([put(item(key, n=1)) for key in "abcdef"]), threads=2).apply(ORDER)

    assert (answer["done"], answer["offset"], answer["applied"]) == (False, 1, 1)
    assert sorted(table.items) == ["a", "c"]


def test_many_threads_settle_each_change_once() -> None:
    keys = [f"{number:03}" for number in range(500)]
    table = MemoryTable.of(*(item(key, n=0) for key in keys[:250]))
    changes = [put(item(key, n=1), item(key, n=0)) for key in keys[:250]] + [put(item(key, n=1)) for key in keys[250:]]

    answer = writer(table, MemoryStore(changes[:300], changes[300:]), threads=16).apply(ORDER)

    assert table.items == {key: item(key, n=1) for key in keys}
    assert (answer["done"], answer["applied"], len(table.calls)) == (True, 500, 500)


def test_a_call_without_a_single_write_is_an_error_that_says_what_to_do() -> None:
    class Refusing(MemoryTable):
        def put(self, new: Item, expression: Expression) -> Answer:  # noqa: ARG002 - the table's own signature
            raise OutOfTime

    with pytest.raises(StalledError, match=r"BaseRate: DynamoDB accepted no write .* migrate resume r2"):
        writer(Refusing(), MemoryStore([put(item("a", n=1))])).apply(ORDER)


def test_a_failed_write_ends_the_call_and_begins_no_other() -> None:
    table = MemoryTable()

    def fail(_name: str) -> None:
        if len(table.calls) == 2:
            raise CrashError

    table.before = fail
    with pytest.raises(CrashError):
        writer(table, MemoryStore([put(item(key, n=1)) for key in "abcd"])).apply(ORDER)
    assert sorted(table.items) == ["a"]


FOREIGN: dict[str, Callable[[Item], Item | None]] = {
    "another value": lambda held: {**held, "price": {"N": "100"}},
    "another type": lambda held: {**held, "price": {"S": "1"}},
    "one attribute less": lambda held: {name: value for name, value in held.items() if name != "price"},
    "one attribute more": lambda held: {**held, "owner": {"S": "somebody"}},
    "the added attribute": lambda held: {**held, "added": {"S": "somebody's"}},
    "gone": lambda _: None,
}
CHANGED = item("k", price=1, remark="x")
TO = {
    "an update": put(item("k", price=2, added="y"), CHANGED),
    "a removal": put(item("k", price=1), CHANGED),
    "a deletion": delete(CHANGED),
}


def wrote(table: MemoryTable, foreign: Callable[[Item], Item | None]) -> Item | None:
    """Let somebody else write over the item as it is; return what is there then."""
    made = foreign(table.items["k"])
    if made is None:
        del table.items["k"]
    else:
        table.items["k"] = made
    return made


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.parametrize("to", TO)
def test_a_write_of_somebody_else_before_ours_is_a_conflict_and_stays(what: str, to: str) -> None:
    table = MemoryTable.of(CHANGED)
    there = wrote(table, FOREIGN[what])
    store = MemoryStore([TO[to]])
    kind = "deletes" if to == "a deletion" else "puts"

    answer = writer(table, store).apply(replace(ORDER, kind=kind))

    if (to, what) == ("a deletion", "gone"):
        assert (answer["already"], answer["conflicts"], table.items) == (1, 0, {})
        return
    assert (answer["done"], answer["conflicts"], answer["applied"]) == (True, 1, 0)
    held = table.items.get("k")
    (conflict,) = store.kept[0, 0]
    assert (conflict.key, conflict.expected) == ({"id": {"S": "k"}}, CHANGED)
    new, theirs = TO[to].put, {name: value for name, value in (there or {}).items() if name not in CHANGED}
    if new is not None and theirs and not theirs.keys() & new.keys():
        assert held == {**new, **theirs}  # ours is written beside theirs, which stays
    else:
        assert held == there
    assert same(conflict.stored, held)
    if to == "a deletion":
        assert table.calls == ["get"]  # nothing is deleted that is not what was proven


@pytest.mark.parametrize("what", FOREIGN)
def test_a_write_between_the_look_and_the_deletion_is_never_lost(what: str) -> None:
    table = MemoryTable.of(CHANGED)
    there: list[Item | None] = []

    def write(name: str) -> None:
        if name == "delete":
            there.append(wrote(table, FOREIGN[what]))

    table.before = write
    answer = writer(table, MemoryStore([delete(CHANGED)])).apply(replace(ORDER, kind="deletes"))

    assert table.items.get("k") == there[0]
    assert (answer["already"], answer["conflicts"]) == ((1, 0) if what == "gone" else (0, 1))


def test_an_item_that_is_put_back_does_not_cover_what_was_written_meanwhile() -> None:
    table = MemoryTable.of(CHANGED)
    new = item("k", price=5)

    def write(name: str) -> None:
        if name == "delete":
            table.items["k"] = {**CHANGED, "owner": {"S": "somebody"}}
        if name == "put_back":
            table.items["k"] = new

    table.before = write
    answer = writer(table, MemoryStore([delete(CHANGED)])).apply(replace(ORDER, kind="deletes"))

    assert (answer["conflicts"], table.items) == (1, {"k": new})


def test_an_insert_over_an_item_of_somebody_else_is_a_conflict() -> None:
    table, store = MemoryTable.of(item("k", price=9)), MemoryStore([put(item("k", price=1))])

    answer = writer(table, store).apply(ORDER)

    assert (answer["conflicts"], table.items) == (1, {"k": item("k", price=9)})
    (conflict,) = store.kept[0, 0]
    assert conflict.line() == (
        '{"key": {"id": {"S": "k"}}, "expected": null, "found": {"id": {"S": "k"}, "price": {"N": "9"}}}'
    )


def test_conflicts_end_a_call_where_they_are_enough_and_the_next_goes_on() -> None:
    keys = [f"{number:03}" for number in range(MOST_CONFLICTS + 5)]
    table = MemoryTable.of(*(item(key, price=9) for key in keys))
    store = MemoryStore([put(item(key, price=1)) for key in keys[:60]], [put(item(key, price=1)) for key in keys[60:]])

    first = writer(table, store).apply(ORDER)
    second = writer(table, store).apply(following(ORDER, first))

    assert (first["done"], first["part"], first["offset"], first["conflicts"]) == (False, 1, 40, MOST_CONFLICTS)
    assert (second["done"], second["conflicts"]) == (True, 5)
    assert {start: len(kept) for start, kept in store.kept.items()} == {(0, 0): 60, (1, 0): 40, (1, 40): 5}


def test_a_call_with_enough_conflicts_begins_no_other_part() -> None:
    keys = [f"{number:03}" for number in range(MOST_CONFLICTS + 1)]
    table = MemoryTable.of(*(item(key, price=9) for key in keys))
    changes = [put(item(key, price=1)) for key in keys]
    built = writer(table, MemoryStore(changes[:-1], changes[-1:]))

    answer = built.apply(ORDER)

    assert answer == {"done": False, "part": 1, "offset": 0, **dict.fromkeys(OUTCOMES, 0), "conflicts": MOST_CONFLICTS}
    assert built.preconditions.asked == 1  # type: ignore[attr-defined]  # the tests' own


@pytest.mark.parametrize("threads", [1, 4])
def test_an_item_of_more_attributes_than_an_expression_has_room_for_is_replaced_whole(threads: int) -> None:
    was = item("k", **{f"a{number}": 0 for number in range(400)})
    new = item("k", **{f"a{number}": 1 for number in range(400)})
    table = MemoryTable.of(was)

    answer = writer(table, MemoryStore([put(new, was)]), threads=threads).apply(ORDER)

    assert (answer["applied"], table.items, table.calls) == (1, {"k": new}, ["get", "put"])


@pytest.mark.parametrize("when", ["before", "between"])
@pytest.mark.parametrize("name", ["a0", "a399", "other"])
def test_a_large_item_that_somebody_changes_is_not_replaced(when: str, name: str) -> None:
    was = item("k", **{f"a{number}": 0 for number in range(400)})
    new = item("k", **{f"a{number}": 1 for number in range(400)})
    theirs = {**was, name: {"S": "theirs"}}
    table = MemoryTable.of(theirs if when == "before" else was)

    def write(call: str) -> None:
        if call == "put":
            table.items["k"] = theirs

    if when == "between":
        table.before = write
    answer = writer(table, MemoryStore([put(new, was)])).apply(ORDER)

    assert (answer["conflicts"], table.items) == (1, {"k": theirs})
    if when == "before":
        assert table.calls == ["get"]


def test_what_differs_of_a_large_item_is_conditioned_before_the_rest() -> None:
    was = item("k", **{f"a{number}": 0 for number in range(400)})
    new = {**was, **{f"a{number}": {"N": "1"} for number in range(200, 400)}}
    theirs = {**was, "a210": {"S": "theirs"}}
    table = MemoryTable.of(was)

    def write(call: str) -> None:
        if call == "put":
            table.items["k"] = theirs

    table.before = write
    answer = writer(table, MemoryStore([put(new, was)])).apply(ORDER)

    assert (answer["conflicts"], table.items, table.calls) == (1, {"k": theirs}, ["get", "put"])


PAST, FUTURE = int(NOW) - 1, int(NOW) + 1
LONG_AGO = int(NOW) - 5 * 366 * 24 * 3600
FIVE_YEARS_AGO = int(NOW) - 157_680_000


@pytest.mark.parametrize(
    ("was", "new", "outcome", "there"),
    [
        (PAST, FUTURE, "applied", True),
        (PAST, int(NOW), "expired", False),
        (int(NOW), FUTURE, "applied", True),
        (FUTURE, FUTURE + 1, "conflicts", False),
        (LONG_AGO, FUTURE, "conflicts", False),
        (FIVE_YEARS_AGO, FUTURE, "conflicts", False),
        (FIVE_YEARS_AGO + 1, FUTURE, "applied", True),
        (PAST, LONG_AGO, "applied", True),
    ],
)
def test_an_item_that_its_time_to_live_took_is_put_if_the_new_one_lives(
    *, was: int, new: int, outcome: str, there: bool
) -> None:
    table = MemoryTable()

    answer = writer(table, MemoryStore([put(item("k", ttl=new), item("k", ttl=was))]), ttl="ttl").apply(ORDER)

    assert answer[outcome] == 1
    assert table.items == ({"k": item("k", ttl=new)} if there else {})


def test_an_attribute_that_is_no_time_to_live_expires_nothing() -> None:
    changes = [put(item("k", ttl=FUTURE), item("k", ttl=PAST))]

    assert writer(MemoryTable(), MemoryStore(changes)).apply(ORDER)["conflicts"] == 1
    texts = [put(item("k", ttl="x"), item("k", ttl=f"{PAST}"))]
    assert writer(MemoryTable(), MemoryStore(texts), ttl="ttl").apply(ORDER)["conflicts"] == 1


def test_an_item_that_somebody_puts_where_one_expired_stays() -> None:
    table = MemoryTable()
    theirs = item("k", price=5)

    def write(name: str) -> None:
        if name == "put":
            table.items["k"] = theirs

    table.before = write
    answer = writer(table, MemoryStore([put(item("k", ttl=FUTURE), item("k", ttl=PAST))]), ttl="ttl").apply(ORDER)

    assert (answer["conflicts"], table.items) == (1, {"k": theirs})


@pytest.mark.parametrize(("there", "applied"), [(True, 1), (False, 0)])
def test_an_expired_item_is_deleted_or_gone_already(*, there: bool, applied: int) -> None:
    was = item("k", ttl=PAST)
    table = MemoryTable.of(was) if there else MemoryTable()

    answer = writer(table, MemoryStore([delete(was)]), ttl="ttl").apply(replace(ORDER, kind="deletes"))

    assert (answer["applied"], answer["already"], table.items) == (applied, 1 - applied, {})


def test_an_offset_beyond_its_part_is_refused() -> None:
    with pytest.raises(InvalidEventError, match=r"^offset: 3 is beyond puts-0\.jsonl\.gz, which has 1$"):
        writer(MemoryTable(), MemoryStore([put(item("a", n=1))])).apply(replace(ORDER, offset=3))


def test_a_part_that_was_changed_is_refused_before_anything_of_it_is_written() -> None:
    table, store = MemoryTable(), MemoryStore([put(item("a", n=1))])
    listed = store.parts(ORDER)
    store.parts = lambda _order: listed  # type: ignore[method-assign]  # what was listed before the damage
    store.objects[0] = MemoryStore([put(item("a", n=2))]).objects[0]

    with pytest.raises(PartDamagedError, match=r"^puts-0\.jsonl\.gz: has the MD5 [0-9a-f]{32}, parts\.json says "):
        writer(table, store).apply(ORDER)
    assert table.items == {}
