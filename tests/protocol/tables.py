"""The tables of a domain: the effects of catch-ups and repairs, and the properties that hold in every world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from run_registry.cut_over import MATCH, MISMATCH, Live, live_key
from run_registry.documents import OFFICIAL, status_key
from run_registry.proven import Proven, proven_key

from tests.protocol.world import (
    APPLIED,
    CLONED,
    FAILING,
    FIRST_RUN,
    MARKED,
    MATCHED,
    WRITTEN,
    UnsafeError,
    World,
    caller_of,
    proven_state,
    replace,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def next_operation(execution: str, stage: str) -> str:
    """Return an execution's next operation by its stage; a run that writes to tables announces it first."""
    if stage == CLONED and execution[0] in "cdp":
        return "change"
    return {MARKED: "write", WRITTEN: "applied"}.get(stage, "finish")


def based(world: World, name: str, answer: dict[str, Any]) -> World:
    """Return the world in which a run with a MATCH finishes at once, and any other begins with its base.

    Raises:
        UnsafeError: A catch-up's base is not what the tables hold, or another run's changes are unfinished.
    """
    if not world.changes:
        return world
    run = caller_of(name, world.run(name)).run
    if world.tables.startswith("?") and world.tables != f"?{run}" and not world.released:
        raise UnsafeError(f"{name} owns tables that stand at {world.tables}")
    base = answer.get("base")
    if base and base["changing"] != run and (base["changing"] or base["run"] != world.tables):
        raise UnsafeError(f"{name} has the base {base['run']} of tables that stand at {world.tables}")
    if run == FIRST_RUN:
        return world.with_run(name, stage=MATCHED, cloned=1)
    if name[0] not in "cdp":
        return world
    earlier = [other.cloned for other_name, other in world.runs if caller_of(other_name, other).run == run]
    if run in world.matched:
        return world.with_run(name, stage=MATCHED, cloned=max(earlier))
    if "applied" in answer:
        return world.with_run(name, stage=APPLIED, cloned=max(earlier) or 1 + len(world.matched))
    # A resume keeps its clones unless they are older than the base's.
    is_fresh = base is None or base["instants"]["lipsdb"] < _instant(max(earlier))
    return world.with_run(name, cloned=max(earlier) if any(earlier) and is_fresh else 1 + len(world.matched))


def _instant(cloned: int) -> str:
    return str(proven_state("", cloned).document["instants"]["lipsdb"])


def compared(world: World, name: str) -> Iterator[tuple[str, World]]:
    """Let a comparison say MATCH where nobody else has written."""
    run = caller_of(name, world.run(name)).run
    if world.tables == f"?{run}":
        same = replace(world, tables=run, matched=world.matched | {run})
        yield f"{name} matches", same.with_run(name, stage=MATCHED)
    if world.verifies:
        yield f"{name} differs", replace(world, differed=True).with_run(name, stage=FAILING, differs=True)


def written(world: World, name: str) -> World:
    """Let a run write to the tables, and match unless it fails before.

    Raises:
        UnsafeError: The domain is live, or its proven state says that nobody writes.
    """
    run = caller_of(name, world.run(name)).run
    mark = world.object(live_key("rates"))
    if world.live or (mark is not None and Live.read(mark.body).confirmed):
        raise UnsafeError(f"{name} writes to live tables")
    return sound(_after_write(replace(world, tables=f"?{run}", noted=False), name))


def _after_write(world: World, name: str) -> World:
    return world.with_run(name, stage=WRITTEN) if world.run(name).ended_at is None else world


def sound(world: World) -> World:
    """Return the world.

    Raises:
        UnsafeError: The proven state is not what the tables hold, it is marked by a run that has gone, or a live domain
            lost its mark.
    """
    if not world.changes:
        return world
    stored = world.object(proven_key("rates", OFFICIAL))
    proven = None if stored is None else Proven.read(stored.body)
    if proven and not proven.changing and proven.run != world.tables:
        raise UnsafeError(f"the proven state is {proven.run}, but the tables stand at {world.tables}")
    if proven and proven.changing and world.object(status_key("rates")) is None and not world.released:
        raise UnsafeError(f"nobody holds the domain, and its proven state is marked by {proven.changing}")
    stored = world.object(live_key("rates"))
    mark = None if stored is None else Live.read(stored.body)
    if world.live and (mark is None or not mark.confirmed):
        raise UnsafeError("a domain that a person was told is live has no mark")
    if mark is not None and mark.confirmed and mark.applied:
        _verified(world, mark, proven)
    elif world.live and (proven is None or proven.changing or proven.run not in _states_that_go_live(world)):
        raise UnsafeError("another state is live than the one that was cut over")
    return world


def _states_that_go_live(world: World) -> tuple[str, ...]:
    return (FIRST_RUN, "run-c") if world.verifies else (FIRST_RUN,)


def _verified(world: World, mark: Live, proven: Proven | None) -> None:
    """Hold a domain that went live before its verdict to what it went live on.

    Raises:
        UnsafeError: Not all changes are in its tables, another run proved them, or its mark says another verdict than
            the comparison.
    """
    if world.tables != mark.run and not (world.tables == f"?{mark.run}" and world.noted):
        raise UnsafeError(f"live tables stand at {world.tables}, and nobody said that all changes are in them")
    if proven is None or (proven.run, proven.changing) not in {(FIRST_RUN, mark.run), (mark.run, "")}:
        raise UnsafeError("another state is live than the one that was cut over")
    if mark.verdict == MATCH and mark.run not in world.matched:
        raise UnsafeError("a live mark says MATCH, and no comparison did")
    if mark.verdict == MISMATCH and not world.differed:
        raise UnsafeError("a live mark says MISMATCH, and no comparison did")
    if world.live and world.finished and mark.verdict != MATCH:
        raise UnsafeError(f"a run has proven what is live, and the live mark says {mark.verdict}")
