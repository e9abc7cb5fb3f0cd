"""Estimates of the remaining time from the domain's last successful runs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from runner.account.executions import describe, newest_first
from runner.errors import UsageError
from runner.labels import CATCH_UP_PHASES, PHASES, duration
from runner.live.history.progress import Progress

if TYPE_CHECKING:
    from runner.account.environments import Environment

RUNS = 5
_LOOKED_AT = 15  # a resumed run skips completed steps, so its times say nothing about them
_WHOLE = {"Clone", "Bootstrap", "Tables", "Compare"}
_WHOLE_CATCH_UP = _WHOLE | {"Delta", "Apply"}


@dataclass(frozen=True)
class Expectation:
    """The median seconds of each phase over a number of runs."""

    seconds: dict[str, float] = field(default_factory=dict)
    runs: int = 0
    problem: str = ""  # the reason why earlier runs could not be read

    def remaining(self, progress: Progress, now: dt.datetime) -> float | None:
        """Return the seconds to the end, or None if a phase's time is unknown."""
        if not self.runs or not progress.phases or progress.status != "RUNNING":
            return None
        current = progress.phases[-1]
        order = list(dict.fromkeys(progress.phase_names.values()))
        later = order[order.index(current.name) + 1 :]
        left = max(0.0, self.seconds.get(current.name, 0.0) - current.seconds(now))
        return left + sum(self.seconds.get(name, 0.0) for name in later)

    def words(self, progress: Progress, now: dt.datetime) -> str:
        """Return the remaining time in words, with its source."""
        left = self.remaining(progress, now)
        if left is None:
            return (
                ""
                if progress.status != "RUNNING"
                else self.problem or f"no earlier {progress.kind} tells the remaining time"
            )
        source = "the last successful run" if self.runs == 1 else f"the median of the last {self.runs} successful runs"
        return f"about {duration(left)} left, by {source}"


def expect(environment: Environment, domain: str, *, besides: str = "", catch_up: bool = False) -> Expectation:
    """Read the histories of the domain's last successful migrations or catch-ups, except resumed ones."""
    states = environment.client("stepfunctions")
    wanted = {"migrations": not catch_up, "catch_ups": catch_up}
    whole = _WHOLE_CATCH_UP if catch_up else _WHOLE
    measured: list[dict[str, float]] = []
    try:
        for arn in islice(newest_first(environment, domain, "SUCCEEDED", **wanted), _LOOKED_AT):
            if arn != besides and len(measured) < RUNS:
                phases = _phases(states, arn)
                # A repair begins with the items of the failed run.
                if set(phases) >= whole and not (catch_up and describe(states, arn).input.get("repair")):
                    measured.append(phases)
    except (BotoCoreError, ClientError, UsageError) as error:
        return Expectation(problem=f"the remaining time is not known, since earlier runs cannot be read: {error}")
    names = dict.fromkeys((CATCH_UP_PHASES if catch_up else PHASES).values())
    # Only the last domain destroys clones: a run without a phase took no time for it.
    seconds = {name: median(phases.get(name, 0.0) for phases in measured) for name in names if measured}
    return Expectation(seconds, len(measured))


def _phases(states: Any, arn: str) -> dict[str, float]:  # noqa: ANN401 - a boto3 client
    progress = Progress(arn)
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=arn, includeExecutionData=False, maxResults=1000
    )
    moment = dt.datetime.now(dt.UTC)
    for page in pages:
        for event in page["events"]:
            moment = event["timestamp"]
            progress.apply(event)
    return progress.seconds_by_phase(moment)
