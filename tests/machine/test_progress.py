"""A running job's rows are visible to followers, with the rights of the deployed roles."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from local.aws import authorization
from runner.live.job_documents import JobDocuments
from runner.live.poll import follow
from tests.machine.test_privileges import as_role
from tests.unit.runner.fakes import FakeEnvironment

if TYPE_CHECKING:
    from runner.live.history.changes import Change
    from runner.live.history.progress import Progress
    from tests.machine.rig import Rig

FIGURES = {"rows": 40, "bytes": 400, "expectedRows": 100, "expectedBytes": 1000, "exact": True}
READ = {**FIGURES, "rowsPerSecond": 20.0, "ended": False, "clusters": {"lipsdb": FIGURES}}
DOCUMENT = {
    "state": "running",
    "phase": "read",
    "startedAt": "2026-01-01T00:00:00Z",
    "phaseStartedAt": "2026-01-01T00:00:00Z",
    "writtenAt": "2026-01-01T00:00:00Z",
    "intervalSeconds": 15.0,
    "tables": {"BaseRate": {"read": READ}},
}


class Seen:
    """A view that keeps the displayed jobs and messages."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, str, str]] = []
        self.changes: list[str] = []

    def changed(self, _progress: Progress, changes: list[Change]) -> None:
        self.changes += [change.text for change in changes]

    def tick(self, all_progress: list[Progress]) -> None:
        for progress in all_progress:
            shown = (
                (progress.phases[-1].name, progress.job.job, progress.job.current()[0].words())
                if progress.job
                else None
            )
            if shown and shown not in self.jobs:
                self.jobs.append(shown)

    def ended(self, _progress: Progress) -> None:
        pass


def watch(rig: Rig, arn: str) -> tuple[Seen, Progress]:
    """Follow an execution as an operator, looking at its job's document each time."""
    clients = {"s3": as_role(rig, "operator", "s3")}
    environment = FakeEnvironment("test", rig.aws.active.account, "eu-west-1", clients)
    clock = itertools.count(0, 10)
    jobs = JobDocuments(environment, clock=lambda: float(next(clock)))
    seen = Seen()
    states: Any = rig.client("stepfunctions")
    (progress,) = follow(states, [arn], seen, poll_seconds=0.1, look_at_job=jobs.look)
    return seen, progress


def test_rows_show_while_their_job_runs_and_those_of_an_earlier_attempt_never(rig: Rig) -> None:
    refused = len(authorization.refused())
    rig.control(bootstrap={"progress": DOCUMENT, "seconds": 3, "exit": 1})
    seen, progress = watch(rig, rig.start(runId="r1"))

    assert progress.error == "BootstrapFailed"
    rows = "40 of 100 rows read (40 %), 20 rows/s, 400 B, about 3 s left"
    assert seen.jobs == [("Bootstrap", "bootstrap", rows)]
    assert rig.keys("progress/") == ["progress/rates/r1/bootstrap.json"]

    rig.control(bootstrap={"seconds": 2}, compare={"progress": DOCUMENT, "seconds": 3})
    seen, progress = watch(rig, rig.start(runId="r1"))

    assert progress.status == "SUCCEEDED"
    assert seen.jobs == [("Compare", "compare", rows)]
    assert not [change for change in seen.changes if "rows are not shown" in change]
    assert authorization.refused()[refused:] == []
