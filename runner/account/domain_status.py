"""The state of a domain: the holder of its lock, the status of that execution, and the last runs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from runner.account.executions import describe, domains, newest_first
from runner.account.proven import MODES, read_live, read_proven
from runner.account.registry import locks
from runner.errors import UsageError
from runner.failure_advice import REFUSED

if TYPE_CHECKING:
    from runner.account.environments import Environment
    from runner.account.executions import Execution
    from runner.account.proven import Live, Proven
    from runner.account.registry import Lock

_LAST_RUNS = 5
_EARLIER_CATCH_UPS = 3
UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Holder:
    """A lock with the status of its execution; a stopped execution does not update its lock."""

    lock: Lock
    status: str

    @property
    def is_running(self) -> bool:
        """Return whether the execution still works on the domain."""
        return self.lock.state == "RUNNING" and self.status == "RUNNING"


@dataclass(frozen=True)
class DomainStatus:
    """A domain with its holder and its last executions, newest first."""

    name: str
    holder: Holder | None
    runs: tuple[Execution, ...]  # of both state machines
    proven: tuple[Proven, ...] = ()  # of the official and the rehearsal tables, if a run matched
    live: Live | None = None
    earlier_catch_ups: tuple[Execution, ...] = ()  # that matched, older than the last executions

    @property
    def resumable(self) -> tuple[Execution, ...]:
        """Return the newest execution of each failed run, except runs that were rejected at the start."""
        newest: dict[str, Execution] = {}
        for execution in self.runs:
            newest.setdefault(execution.run, execution)
        return tuple(
            execution
            for execution in newest.values()
            if execution.status not in ("RUNNING", "SUCCEEDED") and execution.error not in REFUSED
        )


def domain_statuses(environment: Environment) -> list[DomainStatus]:
    """Return the domains of the catalog and of the locks, by name.

    Raises:
        UsageError: The locks or the executions cannot be read.
    """
    states = environment.client("stepfunctions")
    holders = {lock.domain: Holder(lock, _status(states, lock.execution)) for lock in locks(environment)}
    known = domains(environment.catalog)
    statuses = []
    for name in sorted({*known, *holders}):
        runs = _runs(environment, states, name) if name in known else ()
        statuses.append(
            DomainStatus(
                name,
                holders.get(name),
                runs,
                tuple(proven for mode in MODES if (proven := read_proven(environment, name, mode))),
                read_live(environment, name),
                _earlier(environment, states, name, {run.arn for run in runs}) if name in known else (),
            )
        )
    return statuses


def _runs(environment: Environment, states: Any, domain: str) -> tuple[Execution, ...]:  # noqa: ANN401 - a boto3 client
    return tuple(describe(states, arn) for arn in islice(newest_first(environment, domain), _LAST_RUNS))


def _earlier(environment: Environment, states: Any, domain: str, shown: set[str]) -> tuple[Execution, ...]:  # noqa: ANN401 - a boto3 client
    """Return the newest catch-ups and repairs that matched, except those already shown."""
    listed = newest_first(environment, domain, "SUCCEEDED", migrations=False)
    return tuple(
        describe(states, arn) for arn in islice((arn for arn in listed if arn not in shown), _EARLIER_CATCH_UPS)
    )


def _status(states: Any, arn: str) -> str:  # noqa: ANN401 - a boto3 client
    """Return an execution's status; Step Functions forgets executions after 90 days."""
    try:
        return describe(states, arn).status
    except UsageError:
        return UNKNOWN
