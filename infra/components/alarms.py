"""The alarms of a stack as data: the metric, the threshold and the runbook of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from infra.naming import Naming

NAMESPACE = "RatesAvailMigration"  # the metrics of lambdas/run_watch
CHECK_MINUTES = 15
_MINUTE_SECONDS = 60
_HOUR_MILLISECONDS = 3_600_000
_FORGOTTEN_HOURS = 24


@dataclass(frozen=True)
class AlarmFacts:
    """The stack file's settings that alarms depend on."""

    planned_hours: int
    repository: str  # owner/name at GitHub, where the runbooks are


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A metric alarm; it fires when all of its last `periods` breach.

    `missing` is CloudWatch's treatment of a period without data.
    """

    name: str  # without the stack
    runbook: str  # a page of docs/runbooks
    repository: str = ""
    meaning: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: Literal["Maximum", "Sum"]
    above: float  # fires at this value and above
    period_seconds: int
    periods: int = 1
    missing: Literal["notBreaching", "breaching"] = "notBreaching"

    @property
    def description(self) -> str:
        """Return the notification's text, with a runbook link that mail and chat clients can open."""
        page = f"docs/runbooks/{self.runbook}.md"
        link = f"https://github.com/{self.repository}/blob/HEAD/{page}" if self.repository else page
        return f"{self.meaning} What to do: {link}"


def alarms(naming: Naming, functions: Iterable[str], streams: Iterable[str], facts: AlarmFacts) -> list[Alarm]:
    """Return the alarms of a stack; `functions` and `streams` are deployed names."""
    made = [
        *_of_runs(naming, facts.planned_hours),
        *[_function_fails(naming, function) for function in functions],
        *[alarm for stream in streams for alarm in _of_stream(naming, stream)],
    ]
    return [replace(alarm, repository=facts.repository) for alarm in made]


def _of_runs(naming: Naming, planned_hours: int) -> list[Alarm]:
    stack = {"Stack": naming.stack}
    return [
        Alarm(
            name="run-too-long",
            runbook="run-too-long",
            meaning=f"A run takes longer than the {planned_hours} hours planned; its clones cost as long as it runs.",
            namespace=NAMESPACE,
            metric="LongestRunHours",
            dimensions=stack,
            statistic="Maximum",
            above=planned_hours,
            period_seconds=CHECK_MINUTES * _MINUTE_SECONDS,
        ),
        Alarm(
            name="clones-forgotten",
            runbook="clones-forgotten",
            meaning=f"A clone is older than {_FORGOTTEN_HOURS} hours, or the check has not run for two hours.",
            namespace=NAMESPACE,
            metric="OldestCloneHours",
            dimensions=stack,
            statistic="Maximum",
            above=_FORGOTTEN_HOURS,
            period_seconds=60 * _MINUTE_SECONDS,
            periods=2,
            missing="breaching",  # no data: the check itself has stopped
        ),
    ]


def _function_fails(naming: Naming, function: str) -> Alarm:
    return Alarm(
        name=f"{function.removeprefix(naming.prefix + '-')}-errors",
        runbook="function-errors",
        meaning=f"The function {function} raised an error.",
        namespace="AWS/Lambda",
        metric="Errors",
        dimensions={"FunctionName": function},
        statistic="Sum",
        above=1,
        period_seconds=5 * _MINUTE_SECONDS,
    )


def _of_stream(naming: Naming, stream: str) -> list[Alarm]:
    """Return the alarms of a stream; a stream has data only after an official run."""
    label = stream.removeprefix(naming.prefix + "-")
    return [
        Alarm(
            name=f"{label}-behind",
            runbook="stream-behind",
            meaning=f"Readers of {stream} are more than an hour behind.",
            namespace="AWS/Kinesis",
            metric="GetRecords.IteratorAgeMilliseconds",
            dimensions={"StreamName": stream},
            statistic="Maximum",
            above=_HOUR_MILLISECONDS,
            period_seconds=5 * _MINUTE_SECONDS,
            periods=3,
        ),
        Alarm(
            name=f"{label}-throttled",
            runbook="stream-throttled",
            meaning=f"Writes to {stream} are throttled.",
            namespace="AWS/Kinesis",
            metric="WriteProvisionedThroughputExceeded",
            dimensions={"StreamName": stream},
            statistic="Sum",
            above=1,
            period_seconds=5 * _MINUTE_SECONDS,
            periods=3,
        ),
    ]
