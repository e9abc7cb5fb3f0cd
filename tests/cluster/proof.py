"""Runs on a standalone cluster, each with its fault, compared with a run in local mode."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from local.cluster_spark import ClusterSpark
from runner.account.requests import Request, start
from runner.live.poll import follow
from tests.cluster import events
from tests.cluster.harms import FillDisks, Harm, KillDriver, KillExecutor, SlowExecutor
from tests.cluster.landed import Landed
from tests.cluster.moments import READING
from tests.cluster.outcome import Outcome, outcome
from tests.functional.recording import Quiet, clean_up

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.spark_cluster import SparkCluster
    from local.stack import LocalStack
    from runner.account.environments import Environment
    from runner.live.history.progress import Progress

_POLL_SECONDS = 0.2
_LANDED_SPLITS = 5  # before the driver is killed
_SPLIT_ROWS = "spark.migration.splitRows"
_SPECULATION = {
    "spark.speculation": "true",
    "spark.speculation.interval": "100ms",
    "spark.speculation.quantile": "0.5",
    "spark.speculation.minTaskRuntime": "200ms",
    # Without it Spark does not speculate on the only task of a stage.
    "spark.speculation.task.duration.threshold": "3s",
}


class Proof:
    """Runs of one stack; `say` prints a line for each, and `split_rows` makes even small tables have several splits."""

    def __init__(
        self,
        stack: LocalStack,
        environment: Environment,
        say: Callable[[str], None],
        *,
        split_rows: int,
        keep_clones: bool = True,
    ) -> None:
        self._stack, self._environment, self._say, self._keep = stack, environment, say, keep_clones
        self._splits = {_SPLIT_ROWS: str(split_rows)}
        self.wrong: list[str] = []

    def in_local_mode(self, domain: str) -> Outcome:
        """Return the outcome of a run whose driver and executor are the same process."""
        began = time.monotonic()
        result = self._ended(self._run(domain, f"{domain}-local"), "local mode", began)
        clean_up(self._stack)
        self.wrong += result.wrong if result.verdict == "MATCH" else [f"{result.run}: the verdict is {result.verdict}"]
        return result

    def on(self, cluster: SparkCluster, properties: Mapping[str, str] | None = None) -> ClusterSpark:
        """Run later job runs on a cluster."""
        spark = ClusterSpark(self._stack.aws.active.work, cluster, {**self._splits, **(properties or {})})
        self._stack.aws.active.submit = spark
        return spark

    def unharmed(self, cluster: SparkCluster, domain: str, expected: Outcome) -> None:
        """Run on the cluster, and compare the outcome with local mode."""
        began = time.monotonic()
        self.on(cluster)
        self._check(self._ended(self._run(domain, f"{domain}-cluster"), "cluster", began), expected)

    def killed_executor(self, cluster: SparkCluster, domain: str, moment: str, expected: Outcome) -> None:
        """Kill an executor in a phase."""
        self._harmed(cluster, domain, f"killed-{moment}", KillExecutor(moment), expected)

    def slow_executor(self, cluster: SparkCluster, domain: str, expected: Outcome) -> None:
        """Slow an executor down, with speculation."""
        figures = self._harmed(cluster, domain, "slow", SlowExecutor(), expected, _SPECULATION)
        if not figures.speculative:
            self.wrong.append(f"{domain}-slow: no task ran twice")

    def killed_driver(self, cluster: SparkCluster, domain: str, expected: Outcome) -> None:
        """Kill the driver while it reads, and resume the run."""
        run, began = f"{domain}-killed-driver", time.monotonic()
        spark = self.on(cluster)
        harm = KillDriver(READING, lambda: len(Landed(self._stack, domain, run)) >= _LANDED_SPLITS)
        with harm.beside(spark, cluster):
            first = self._run(domain, run)
        self._say(f"{run}: {harm.done or 'nothing was killed'}; the run ended with {first.error or first.status}")
        if not harm.done or first.error != "BootstrapFailed":
            self.wrong.append(f"{run}: the driver was not killed while it read")
        landed = Landed(self._stack, domain, run)
        self._check(self._ended(self._run(domain, run), "resumed", began), expected)
        again, size = landed.read_again()
        self._say(f"{run}: {len(landed)} splits had landed; of them {again} with {size:,} bytes were read again")
        if again:
            self.wrong.append(f"{run}: {again} landed splits were read again")

    def full_disk(self, cluster: SparkCluster, domain: str, expected: Outcome) -> None:
        """Fill the workers' disks while they read; with space again, resume the run."""
        run, began = f"{domain}-full-disk", time.monotonic()
        spark = self.on(cluster)
        harm = FillDisks(READING)
        with harm.beside(spark, cluster):
            first = self._run(domain, run)
        self._say(f"{run}: {harm.done or 'nothing was filled'}; the run ended with {first.error}: {first.cause[:200]}")
        if first.error != "BootstrapFailed" or not first.cause.startswith("DiskFull: "):
            self.wrong.append(f"{run}: a full disk is not named, but {first.error}: {first.cause[:200]}")
        harm.mend()
        self._check(self._ended(self._run(domain, run), "resumed", began), expected)

    def _harmed(
        self,
        cluster: SparkCluster,
        domain: str,
        name: str,
        harm: Harm,
        expected: Outcome,
        properties: Mapping[str, str] | None = None,
    ) -> events.Seen:
        run, began = f"{domain}-{name}", time.monotonic()
        spark = self.on(cluster, properties)
        with harm.beside(spark, cluster):
            ended = self._run(domain, run)
        left = self._ended(ended, name, began)
        if not harm.done or harm.driver is None:
            self.wrong.append(f"{run}: the moment did not come, so nothing was proven")
            return events.Seen()
        figures = events.seen(harm.driver.event_log())
        self._say(
            f"{run}: {harm.done}; {figures.failed} of {figures.tasks} tasks failed, {figures.speculative} speculative"
        )
        self._check(left, expected)
        return figures

    def _run(self, domain: str, run: str) -> Progress:
        arn = start(self._environment, Request(domain, run_id=run, keep_clones=self._keep))
        states: Any = self._environment.client("stepfunctions")
        (ended,) = follow(states, [arn], Quiet(), poll_seconds=_POLL_SECONDS)
        return ended

    def _ended(self, ended: Progress, what: str, began: float) -> Outcome:
        result = outcome(self._stack, ended)
        seconds = time.monotonic() - began
        self._say(
            f"{result.run}: {what}: {result.verdict} {result.error} {ended.cause[:300]} in {seconds:.0f} s".strip()
        )
        return result

    def _check(self, result: Outcome, expected: Outcome) -> None:
        self.wrong += result.differences(expected)
        clean_up(self._stack)
