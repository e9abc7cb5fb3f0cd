"""Exploration of every reachable world, over every order of steps, crashes, lost answers, redrives and time."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from run_registry.callers import OPERATOR
from run_registry.documents import SEAL_KEY, Status, status_key
from run_registry.executions import Execution
from run_registry.service import STOPPED, RunRegistry

from tests.protocol.graph import Graph
from tests.protocol.tables import based, compared, next_operation, sound, written
from tests.protocol.world import (
    APPLIED,
    CALLING,
    CLONED,
    DESTROYING,
    ENDED,
    FAILING,
    LIFT,
    MARKED,
    MATCHED,
    NEW,
    NOON,
    WAITING,
    WRITTEN,
    Call,
    Destroy,
    Outcome,
    Run,
    UnsafeError,
    World,
    advance,
    apply,
    goes_on,
    is_operator,
    may_run,
    outdated,
    replace,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_TICK_MINUTES = 5  # as long as a Lambda may outlive its execution
_LAST_MINUTE = 15
_LAST_MINUTE_TO_SETTLE = 5  # a world of later has too little time left to show that it can
_EFFECTS = {"put_new": None, "put_if": None, "delete_if": False}  # what a repeated call says after a lost answer
_START = {NEW: "begin", WAITING: "begin", FAILING: "fail", LIFT: "lift"}
_OPERATIONS = {"stop-": "stop", "cut-": "cutOver", "ver-": "cutOver"}  # of operators, by how their names begin
_OWNING = (CLONED, MARKED, WRITTEN, APPLIED, MATCHED)


@dataclass
class Explored:
    """The result of an exploration; `stuck` has the steps to each world without a way out."""

    worlds: int
    steps: int
    interleavings: int
    stuck: list[list[str]]


class Explorer:
    """Explores the registry's code, or a broken variant of it."""

    def __init__(self, registry: type[RunRegistry] = RunRegistry, *, sealed: bool = True, timed: bool = True) -> None:
        self._registry = registry
        self._sealed = sealed  # whether the clone service looks at the seal before it destroys
        self._timed = timed  # whether it looks at the end of an operator's
        self._outcomes: dict[tuple[Any, ...], Outcome] = {}

    def explore(self, start: World) -> Explored:
        """Visit every world that is reachable from `start`.

        Raises:
            UnsafeError: A world is unsafe; the message lists the steps that lead to it.
        """
        graph, queue = Graph(), deque([start])
        graph.add(start)
        settled, is_early = bytearray(), bytearray()
        while queue:
            world = queue.popleft()
            number = len(settled)
            settled.append(_settled(world))
            is_early.append(world.minutes <= _LAST_MINUTE_TO_SETTLE)
            graph.leave()
            try:
                for step, following in self._steps(world):
                    reached, is_new = graph.add(following, number, step)
                    graph.follow(reached)
                    if is_new:
                        queue.append(following)
            except UnsafeError as error:
                raise UnsafeError(f"{error}, after: {' · '.join(graph.way(number))}") from error
        paths, stuck = graph.paths_and_stuck(settled)
        return Explored(graph.worlds, graph.steps, paths, [graph.way(world) for world in stuck if is_early[world]])

    def _steps(self, world: World) -> Iterator[tuple[str, World]]:
        for index, call in enumerate(world.calls):
            if may_run(call.execution, world):
                yield from self._step_call(world, index, call)
        for index, destroy in enumerate(world.destroys):
            if goes_on(destroy, world):
                yield self._step_destroy(world, index, destroy)
                yield from self._step_destroy_late(world, index, destroy)
        for execution, run in world.runs:
            if run.ended_at is None:
                yield from self._step_machine(world, execution, run)
                if world.crashes and run.stage != NEW:
                    ended = world.with_run(execution, ended_at=world.minutes)
                    yield f"{execution} is stopped", replace(ended, crashes=world.crashes - 1)
            elif (
                world.redrives
                and not is_operator(execution)
                and run.stage != ENDED
                and not any(c.execution == execution for c in world.calls)
            ):
                resumed_at = run.redo if run.stage == CALLING else run.stage
                now, stopped_at = world.minutes, run.ended_at
                life = {"ended_at": None, "redriven": True, "redriven_at": now, "stopped_at": stopped_at}
                again = world.with_run(execution, stage=resumed_at, **life)
                yield f"{execution} is redriven", replace(again, redrives=world.redrives - 1)
        if world.minutes < _LAST_MINUTE and any(run.stage == WAITING for _, run in world.runs):
            yield "time passes", _later(world)

    def _step_machine(self, world: World, execution: str, run: Run) -> Iterator[tuple[str, World]]:
        """Take the state machine's next state; a resume begins after the run before it has ended."""
        if run.stage == NEW and _waits_for_another(world, execution):
            return
        if run.stage == WAITING and run.waited_at == world.minutes:
            return
        if run.stage in _START:
            begins = is_operator(execution) and run.stage in (NEW, WAITING)
            yield self._call(world, execution, _operation(execution) if begins else _START[run.stage])
        elif run.stage in _OWNING:
            if run.stage == APPLIED or (run.stage == WRITTEN and not world.verifies):
                yield from compared(world, execution)
            else:
                yield self._call(world, execution, next_operation(execution, run.stage))
            yield f"{execution} fails", world.with_run(execution, stage=FAILING)
        elif run.stage == DESTROYING:
            called = world.with_run(execution, stage=CALLING, redo=DESTROYING)
            since = world.minutes if is_operator(execution) else 0
            yield (
                f"{execution} calls destroy",
                replace(called, destroys=(*world.destroys, Destroy(execution, since=since))),
            )

    def _call(self, world: World, execution: str, operation: str) -> tuple[str, World]:
        run = world.run(execution)
        began_at = world.minutes if run.stage == NEW and run.began_at is None else run.began_at
        called = world.with_run(execution, stage=CALLING, redo=run.stage, began_at=began_at)
        return f"{execution} calls {operation}", replace(called, calls=(*world.calls, Call(execution, operation)))

    def _step_call(self, world: World, index: int, call: Call) -> Iterator[tuple[str, World]]:
        rest = world.calls[:index] + world.calls[index + 1 :]
        if call.operation == "write":
            yield f"{call.execution} writes", written(replace(world, calls=rest), call.execution)
            return
        kind, what = self._outcome(world, call)
        if kind == "ask":
            effect, answer = apply(world, what)
            description = f"{call.execution} {call.operation}: {what[0]} {what[1]}"
            if call.operation == "applied" and effect.objects != world.objects:
                effect = replace(effect, noted=True)
            if call.operation == "release" and effect.object(status_key("rates")) is None:
                effect = replace(effect, released=True)
            yield description, sound(self._answered(effect, index, call, answer))
            for earlier in outdated(world, what[1]) if world.stale and what[0] == "find" else ():
                late = self._answered(world, index, call, earlier)
                yield f"{description} (answers {_description(earlier)}, too late)", replace(late, stale=world.stale - 1)
            if world.losses and what[0] in _EFFECTS and effect.objects != world.objects:
                lost = self._answered(effect, index, call, _EFFECTS[what[0]])
                yield f"{description} (answer lost)", sound(replace(lost, losses=world.losses - 1))
            return
        done = replace(world, calls=rest)
        if world.run(call.execution).ended_at is None:
            done = _go_on(done, call, kind, what)
        yield f"{call.execution} {call.operation} says {what}", sound(done)

    def _outcome(self, world: World, call: Call) -> Outcome:
        """Return the next step of the registry's code, which is the same in every world with the same answers."""
        run = world.run(call.execution)
        known = (call, run.domain, run.etag, run.cloned, run.differs, world.minutes)
        if known not in self._outcomes:
            self._outcomes[known] = advance(world, call, self._registry)
        return self._outcomes[known]

    def _answered(self, world: World, index: int, call: Call, answer: object) -> World:
        """Give a call its answer, and also each answer that nobody can change, because their order does not matter."""
        call = replace(call, answers=(*call.answers, _frozen(answer)))
        kind, what = self._outcome(world, call)
        while not world.changes and kind == "ask" and what[0] == "get" and what[1].startswith(("live/", "proven/")):
            call = replace(call, answers=(*call.answers, world.object(what[1])))
            kind, what = self._outcome(world, call)
        return replace(world, calls=(*world.calls[:index], call, *world.calls[index + 1 :]))

    def _step_destroy(self, world: World, index: int, destroy: Destroy) -> tuple[str, World]:
        execution = destroy.execution
        run = world.run(execution)
        rest = world.destroys[:index] + world.destroys[index + 1 :]
        if not destroy.armed:
            if self._sealed and not self._may_destroy(world, execution, run):
                refused = replace(world, destroys=rest)
                gone = refused if run.ended_at is not None else refused.with_run(execution, stage=LIFT)
                return f"{execution} may not destroy", gone
            return f"{execution} sees its seal", replace(world, destroys=(*rest, replace(destroy, armed=True)))
        for name, other in world.runs:
            if other.stage == CLONED and other.ended_at is None and not other.redriven:
                raise UnsafeError(f"{execution} destroys the clones that {name} works on")
        done = replace(world, destroys=rest)
        return f"{execution} destroys", done if run.ended_at is not None else done.with_run(execution, stage=LIFT)

    def _step_destroy_late(self, world: World, index: int, destroy: Destroy) -> Iterator[tuple[str, World]]:
        """Make the clone service see an earlier state of its caller, if that gives the caller the right to destroy."""
        run = world.run(destroy.execution)
        stored = world.object(SEAL_KEY)
        holds = stored is not None and stored.etag == run.etag
        if destroy.armed or not self._sealed or not world.stale or not holds or is_operator(destroy.execution):
            return
        if Execution(living=True) in outdated(world, destroy.execution):
            rest = world.destroys[:index] + world.destroys[index + 1 :]
            armed = replace(world, destroys=(*rest, replace(destroy, armed=True)), stale=world.stale - 1)
            yield f"{destroy.execution} sees its seal, and itself too late", armed

    def _may_destroy(self, world: World, execution: str, run: Run) -> bool:
        """Return the clone service's decision about a caller's seal."""
        stored = world.object(SEAL_KEY)
        if stored is None or stored.etag != run.etag:
            return False
        seal = json.loads(stored.body)
        if seal["execution"] != execution:
            return False
        if is_operator(execution):
            now = NOON + timedelta(minutes=world.minutes)
            return not self._timed or now < datetime.fromisoformat(seal["expires"])
        return run.ended_at is None and not run.redriven


def _frozen(answer: object) -> object:
    return tuple(answer) if isinstance(answer, list) else answer


def _go_on(world: World, call: Call, kind: str, answer: object) -> World:
    """Take the state that the machine would take after the registry's answer."""
    name = call.execution
    if answer == "ExecutionUnknownError":  # its name is retried
        return world.with_run(name, stage=world.run(name).redo)
    if answer == "ExecutionEndedError" and not world.run(name).redriven:
        raise UnsafeError(f"{name} is alive and is refused as ended")
    if kind == "error" or not isinstance(answer, dict):
        return _end(world, name) if call.operation in ("fail", "lift") else world.with_run(name, stage=FAILING)
    match call.operation, answer["status"]:
        case "begin", "OWNED":
            return based(_owned(world, name, verifies="applied" in answer), name, answer)
        case ("change", "CHANGING") | ("applied", "APPLIED"):
            return _noted(world, name)
        case "cutOver", "LIVE":
            return _end(replace(world, live=True), name)
        case ("begin", "SEALED" | "WAIT") | (("release" | "stop"), "WAIT"):
            return world.with_run(name, stage=WAITING, waited_at=world.minutes)
        case (("finish" | "release"), "DESTROY") if not world.changes:
            return _entitled(world, name, answer["etag"])
    if (call.operation, answer["status"]) == ("stop", "RECORDED"):
        _refuse_marking_the_living(world, name)
    world = replace(world, finished=world.finished or (call.operation == "finish" and name[0] == "c"))
    # Where there are tables, the clones are another case's.
    return _end(world.without(SEAL_KEY) if answer["status"] == "DESTROY" else world, name)


def _noted(world: World, name: str) -> World:
    """Continue a run after the registry has recorded its first or its last write."""
    if world.run(name).redo == WRITTEN:
        return world.with_run(name, stage=APPLIED)
    return _owned(world, name).with_run(name, stage=MARKED)


def _entitled(world: World, name: str, etag: str) -> World:
    entitled = world.with_run(name, stage=DESTROYING, etag=etag)
    both = [n for n, run in entitled.runs if run.stage == DESTROYING and _holds_on(world, n, run)]
    if len(both) > 1:
        raise UnsafeError(f"{both[0]} and {both[1]} both may destroy")
    return entitled


def _operation(operator: str) -> str:
    name = operator.removeprefix(OPERATOR)
    return next((operation for start, operation in _OPERATIONS.items() if name.startswith(start)), "release")


def _waits_for_another(world: World, execution: str) -> bool:
    """Return whether an execution begins only after others have ended: a resume, a repair, or a release."""
    if execution == f"{OPERATOR}r" and world.changes:
        return any(run.ended_at is None for name, run in world.runs if name[0] in "cp" and run.stage != NEW)
    before = "c1" if execution == "p1" else f"{execution[:-1]}1" if execution.endswith("2") else ""
    if execution == "c3" and "p3" in dict(world.runs):  # it goes on where a repair was given up
        before = "p3"
    return bool(before) and world.run(before).ended_at is None


def _refuse_marking_the_living(world: World, operator: str) -> None:
    """Raise an error for a world in which a person has marked a working run as stopped.

    Raises:
        UnsafeError: The owner of the marked lock is running, and has not failed by itself.
    """
    stored = world.object(status_key(world.run(operator).domain))
    lock = None if stored is None else Status.read(stored.body)
    owner = None if lock is None else dict(world.runs).get(lock.execution)
    if lock and owner and lock.error == STOPPED and owner.ended_at is None and not owner.redriven:
        raise UnsafeError(f"{operator} marks {lock.execution} as stopped, which works on")


def _owned(world: World, name: str, *, verifies: bool = False) -> World:
    """Return the world with an execution that works on the clones, as the only one of its domain."""
    owner = world.run(name)
    if world.live and not verifies:
        raise UnsafeError(f"{name} owns {owner.domain}, which is live")
    for other, run in world.runs:
        alive = run.stage in _OWNING and run.ended_at is None and not run.redriven
        if alive and other != name and run.domain == owner.domain:
            raise UnsafeError(f"{other} and {name} both own {owner.domain}")
        if any(c.execution == other and c.operation == "write" for c in world.calls if may_run(other, world)):
            raise UnsafeError(f"{other} may still write, and {name} owns {owner.domain}")
    return world.with_run(name, stage=CLONED)


def _description(execution: Execution) -> str:
    state = "living" if execution.living else "ended" if execution.known else "unknown"
    return f"{state}{', redriven' * execution.redriven}"


def _later(world: World) -> World:
    """Return the world five minutes later, without calls that can no longer be under way."""
    later = replace(world, minutes=world.minutes + _TICK_MINUTES)
    calls = tuple(call for call in world.calls if may_run(call.execution, later))
    destroys = tuple(destroy for destroy in world.destroys if goes_on(destroy, later))
    for lost in (
        destroy.execution for destroy in world.destroys if is_operator(destroy.execution) and destroy not in destroys
    ):
        later = _end(later, lost)  # without an answer an operator lifts nothing
    return replace(later, calls=calls, destroys=destroys)


def _holds_on(world: World, name: str, run: Run) -> bool:
    """Return whether a holder may still destroy; an operator may not after the seal expires."""
    stored = world.object(SEAL_KEY)
    timely = not is_operator(name) or (stored is not None and stored.etag == run.etag)
    return timely and run.ended_at is None and not run.redriven


def _end(world: World, execution: str) -> World:
    return world.with_run(execution, stage=ENDED, ended_at=world.minutes)


def _settled(world: World) -> bool:
    return all(run.ended_at is not None for _, run in world.runs)
