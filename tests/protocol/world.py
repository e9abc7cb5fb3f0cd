"""A model small enough for a full exploration: two domains, executions, one store, one clock, clones and tables.

The registry's own code runs in it, one store call at a time. A call under way is kept as the answers that it has had so
far. To take its next step, the code runs again from its beginning with those answers and stops at the first call that
has none. So no threads are needed, and a state of the world is a value.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from run_registry.callers import OPERATOR, Caller
from run_registry.documents import BOOTSTRAP, CATCH_UP, DIFFERS, OFFICIAL, REPAIR
from run_registry.errors import RegistryError
from run_registry.executions import Execution, Items
from run_registry.proven import Proven
from run_registry.sealing import LAMBDA_TIMEOUT
from run_registry.service import RunRegistry
from run_registry.store import Stored

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
UNKNOWN = Execution(living=False, known=False)
FIRST_RUN = "run-0"  # proved the tables before the world began
LEASE = timedelta(minutes=5)  # an operator's, short so that it ends while the world is explored
# Places in the life of an execution, as its state machine has them.
NEW, WAITING, CLONED, DESTROYING, LIFT, FAILING, CALLING, ENDED = (
    "new", "waiting", "cloned", "destroying", "lift", "failing", "calling", "ended",
)  # fmt: skip
# A catch-up's and a repair's: it may write to the tables, it has written, it has said so, its comparison says MATCH.
MARKED, WRITTEN, APPLIED, MATCHED = "marked", "written", "applied", "matched"


class UnsafeError(Exception):
    """A world that must not be."""


Value = TypeVar("Value")


class Pause(BaseException):
    """The registry's code asks for something that it has no answer to yet."""

    def __init__(self, call: tuple[Any, ...]) -> None:
        super().__init__(call)
        self.call = call


class Hashed:
    """A value of many parts that computes its hash once: the exploration asks for it again and again."""

    def __hash__(self) -> int:
        known = self.__dict__.get("_hash")
        if known is None:
            known = hash(tuple(getattr(self, name) for name in self.__dataclass_fields__))  # type: ignore[attr-defined]
            object.__setattr__(self, "_hash", known)
        return int(known)


def replace(value: Value, **changes: object) -> Value:
    """Return the value with other parts: as `dataclasses.replace`, which takes a third of an exploration's time."""
    copy = object.__new__(type(value))
    copy.__dict__.update(value.__dict__)
    copy.__dict__.pop("_hash", None)
    copy.__dict__.update(changes)
    return copy


@dataclass(frozen=True, eq=True)
class Call(Hashed):
    """A Lambda call under way: what it is, what it was told so far, and whether its execution has ended."""

    execution: str
    operation: str
    answers: tuple[Any, ...] = ()

    __hash__ = Hashed.__hash__


@dataclass(frozen=True, order=True)
class Destroy:
    """A call of the clone service under way: whose, whether it has seen the seal, and an operator's beginning."""

    execution: str
    armed: bool = False
    since: int = 0


@dataclass(frozen=True, eq=True)
class Run(Hashed):
    """An execution, or an operator who releases a domain: where it stands, and when it ended."""

    domain: str
    stage: str = NEW
    ended_at: int | None = None
    redriven: bool = False
    waited_at: int = -1
    began_at: int | None = None  # the minute of its first call, in which DescribeExecution may not know it yet
    redriven_at: int | None = None
    stopped_at: int | None = None  # when the life before the redrive ended
    redo: str = NEW  # the stage to which a redrive returns
    etag: str = ""
    cloned: int = 0  # the minute of the clones, of a run that writes to existing tables
    differs: bool = False  # whether its comparison says MISMATCH

    __hash__ = Hashed.__hash__


@dataclass(frozen=True, eq=True)
class World(Hashed):
    """Everything there is."""

    runs: tuple[tuple[str, Run], ...]
    objects: tuple[tuple[str, str, str], ...] = ()  # key, body, etag
    calls: tuple[Call, ...] = ()
    destroys: tuple[Destroy, ...] = ()  # clone-service calls under way
    minutes: int = 0
    crashes: int = 0  # how many more may happen, as of the next two
    losses: int = 0
    redrives: int = 0
    stale: int = 0  # how many looks at executions may still show the minute's earlier state
    changes: bool = False  # whether there are tables, which runs write to and people cut over
    tables: str = FIRST_RUN  # the run whose instant the tables stand at; "?" and a run: between two instants
    matched: frozenset[str] = frozenset((FIRST_RUN,))  # the runs whose verdict is MATCH
    live: bool = False  # whether a person was told so
    verifies: bool = False  # whether a domain may go live before its verdict
    noted: bool = False  # whether the registry was told of every change that is in the tables
    differed: bool = False  # whether a comparison said MISMATCH
    finished: bool = False  # whether the catch-up c was told that its proof is kept
    released: bool = False  # whether a person gave the domain up

    __hash__ = Hashed.__hash__

    def run(self, execution: str) -> Run:
        return dict(self.runs)[execution]

    def with_run(self, execution: str, **changes: Any) -> World:
        return replace(
            self, runs=tuple((name, replace(run, **changes) if name == execution else run) for name, run in self.runs)
        )

    def object(self, key: str) -> Stored | None:
        for name, body, etag in self.objects:
            if name == key:
                return Stored(body, etag)
        return None

    def without(self, key: str) -> World:
        return replace(self, objects=tuple(entry for entry in self.objects if entry[0] != key))

    def put(self, key: str, body: str) -> tuple[World, str]:
        # The same content has the same ETag, as S3 has it: bodies must tell writers apart.
        etag = hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()[:8]
        return replace(self, objects=tuple(sorted((*self.without(key).objects, (key, body, etag))))), etag


def apply(world: World, call: tuple[Any, ...]) -> tuple[World, Any]:
    """Carry out one call of the store or of the view of executions."""
    name, *arguments = call
    match name:
        case "get":
            return world, world.object(arguments[0])
        case "list":
            return world, [key for key, _, _ in world.objects if key.startswith(arguments[0])]
        case "put_new":
            if world.object(arguments[0]) is not None:
                return world, None
            return world.put(*arguments)
        case "put_if":
            key, body, etag = arguments
            held = world.object(key)
            return world.put(key, body) if held is not None and held.etag == etag else (world, None)
        case "delete_if":
            key, etag = arguments
            held = world.object(key)
            return (world.without(key), True) if held is not None and held.etag == etag else (world, False)
        case "delete":  # only a broken registry does so
            return world.without(arguments[0]), True
        case "find":
            run = dict(world.runs).get(arguments[0])
            return world, UNKNOWN if run is None else shown(run)
    raise AssertionError(call)


def shown(run: Run) -> Execution:
    """Return what DescribeExecution says of an execution once it is up to date."""
    stopped = None if run.ended_at is None else NOON + timedelta(minutes=run.ended_at)
    return Execution(living=run.ended_at is None, stopped=stopped, redriven=run.redriven)


def outdated(world: World, execution: str) -> set[Execution]:
    """Return what DescribeExecution, eventually consistent, may say instead of what is so.

    It may lack the minute's latest change: a beginning, an end or a redrive. It never lacks an end and a redrive
    together, which take a person and longer than the service lags.
    """
    run = dict(world.runs).get(execution)
    if run is None:
        return set()
    earlier: set[Execution] = set()
    if run.began_at == world.minutes:
        earlier.add(UNKNOWN)
    if run.ended_at == world.minutes:
        earlier.add(Execution(living=True, redriven=run.redriven))
    if run.redriven_at == world.minutes:
        assert run.stopped_at is not None
        earlier.add(Execution(living=False, stopped=NOON + timedelta(minutes=run.stopped_at)))
    return earlier - {shown(run)}


class _Replay:
    """Answers from a list, and pauses where it ends."""

    def __init__(self, answers: tuple[Any, ...]) -> None:
        self._left = list(answers)

    def __call__(self, *call: Any) -> Any:
        if self._left:
            return self._left.pop(0)
        raise Pause(call)


class ReplayStore:
    """The store, as the registry sees it."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask

    def get(self, key: str) -> Stored | None:
        return self._ask("get", key)  # type: ignore[no-any-return]

    def put_new(self, key: str, body: str) -> str | None:
        return self._ask("put_new", key, body)  # type: ignore[no-any-return]

    def put_if(self, key: str, body: str, etag: str) -> str | None:
        return self._ask("put_if", key, body, etag)  # type: ignore[no-any-return]

    def delete_if(self, key: str, etag: str) -> bool:
        return self._ask("delete_if", key, etag)  # type: ignore[no-any-return]

    def list(self, prefix: str) -> list[str]:
        return self._ask("list", prefix)  # type: ignore[no-any-return]


class ReplayExecutions:
    """Executions, as the registry sees them."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask

    def find(self, arn: str) -> Execution:
        return self._ask("find", arn)  # type: ignore[no-any-return]

    def stop_items(self, arn: str) -> Items:
        assert arn
        return Items()  # as for job runs: that items are waited for is a test of its own

    def cancel_jobs(self, domain: str, arn: str) -> int:
        assert domain
        assert arn
        return 0  # that job runs are waited for is a test of its own: here none is left


Outcome = tuple[str, Any]  # "ask" and a call, "answer" and what the registry says, or "error" and its name


def caller_of(execution: str, run: Run) -> Caller:
    """Return who an execution is: r, a and z bootstrap, c and d catch up, p repairs what c left.

    `z` takes over a verdict of long ago. Whoever cuts over names the first run, or c to verify it afterwards.
    """
    if is_operator(execution):
        names = {"cut-": FIRST_RUN, "ver-": "run-c"}
        name = names.get(execution.removeprefix(OPERATOR)[:4], f"run-{run.domain}")
        return Caller(domain=run.domain, run=name, execution=execution)
    kinds = {"c": (CATCH_UP, "run-c"), "d": (CATCH_UP, "run-d"), "p": (REPAIR, "run-c"), "z": (BOOTSTRAP, FIRST_RUN)}
    kind, name = kinds.get(execution[0], (BOOTSTRAP, f"run-{run.domain}"))
    mode = OFFICIAL if execution[0] in kinds else ""
    return Caller(domain=run.domain, run=name, execution=execution, mode=mode, kind=kind)


def proven_state(run: str, cloned: int) -> Proven:
    """Return what a run proves: of its clones' minute."""
    instant = (NOON + timedelta(minutes=cloned)).isoformat()
    return Proven({"domain": "rates", "mode": OFFICIAL, "run": run, "instants": {"lipsdb": instant}})


def advance(world: World, call: Call, registry: type[RunRegistry] = RunRegistry) -> Outcome:
    """Run the registry's code to its next question or its end."""
    ask = _Replay(call.answers)
    run = world.run(call.execution)
    clock = NOON + timedelta(minutes=world.minutes)
    service = registry(ReplayStore(ask), ReplayExecutions(ask), lambda: clock, LEASE, lambda _: None)
    caller = caller_of(call.execution, run)
    operations: dict[str, Callable[[], Any]] = {
        "begin": lambda: service.begin(caller),
        "change": lambda: service.change(caller),
        "finish": lambda: service.finish(caller, proven_state(caller.run, run.cloned) if run.cloned else None),
        "applied": lambda: service.applied(caller, NOON.isoformat()),
        "fail": lambda: service.fail(caller, DIFFERS if run.differs else "Broken", ""),
        "lift": lambda: service.lift(caller, run.etag),
        "release": lambda: service.release(caller),
        "stop": lambda: service.stop(caller),
        "cutOver": lambda: service.cut_over(
            caller, NOON.isoformat(), verify_after=call.execution.startswith(f"{OPERATOR}ver-")
        ),
    }
    try:
        return "answer", operations[call.operation]()
    except Pause as pause:
        return "ask", pause.call
    except RegistryError as error:
        return "error", type(error).__name__


def may_run(execution: str, world: World) -> bool:
    """Return whether a call may still take a step: a Lambda outlives its execution by its timeout at most."""
    ended_at = world.run(execution).ended_at
    return ended_at is None or timedelta(minutes=world.minutes - ended_at) < LAMBDA_TIMEOUT


def is_operator(name: str) -> bool:
    """Return whether it is a person, of whose life nobody can ask."""
    return name.startswith(OPERATOR)


def goes_on(destroy: Destroy, world: World) -> bool:
    """Return whether a destruction may still be under way.

    An execution waits for its call; an operator's is bounded by the Lambda's timeout alone, to the very minute.
    """
    if is_operator(destroy.execution) and timedelta(minutes=world.minutes - destroy.since) > LAMBDA_TIMEOUT:
        return False
    return is_operator(destroy.execution) or may_run(destroy.execution, world)
