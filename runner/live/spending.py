"""Cost of an execution so far: clones, Spark jobs, imports, exports and state transitions.

An ended job costs what EMR Serverless billed. A running job counts as if all its executors had run since its phase
began. S3, logs, Lambda, Aurora I/O and a catch-up's writes are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from catalog.loader import load_catalog
from runner.account.lookups import Account
from runner.account.prices import load_prices
from runner.account.requests import Request
from runner.account.spark_workers import deployed_workers
from runner.errors import UsageError
from runner.formatting import money

if TYPE_CHECKING:
    import datetime as dt

    from runner.account.environments import Environment
    from runner.account.prices import Prices
    from runner.account.spark_workers import Worker
    from runner.live.history.progress import Progress
    from runner.live.history.resources import JobRun

_HOUR_SECONDS = 3600
_GB = 1024**3
_UNITS = ("vCPU", "memoryGB", "storageGB")


@dataclass(frozen=True)
class Rates:
    """US dollars an hour of a clone and of a job with all its executors; None without a price."""

    clone: float | None
    job: float | None


class Spending:
    """The cost of an environment's executions; a figure that cannot be read makes the cost unknown."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._prices = load_prices().for_region(environment.region)
        self._rates: dict[str, Rates | None] = {}
        self._billed: dict[str, float | None] = {}  # by job run; read once

    def usd(self, progress: Progress, now: dt.datetime) -> float | None:
        """Return the US dollars so far, or None without rates."""
        if progress.domain not in self._rates:
            self._rates[progress.domain] = self._read_rates(progress)
        rates = self._rates[progress.domain]
        if rates is None or rates.clone is None or rates.job is None or progress.started is None:
            return None
        used, end = progress.resources, progress.stopped or now
        clone_hours = progress.clone_times.seconds(progress.started, end) / _HOUR_SECONDS
        return (
            clone_hours * rates.clone
            + self._jobs(progress, rates.job, end)
            + self._prices.cost("dynamodb-import", sum(used.imports.values()) / _GB)
            + self._prices.cost("dynamodb-export", sum(used.exports.values()) / _GB)
            + self._prices.cost("step-functions", used.transitions / 1000)
        )

    def words(self, progress: Progress, now: dt.datetime) -> str:
        """Return the cost in words; empty if unknown."""
        usd = self.usd(progress, now)
        return "" if usd is None else f"{money(usd)} USD{'' if progress.stopped else ' so far'}"

    def _jobs(self, progress: Progress, hourly: float, end: dt.datetime) -> float:
        """Return the cost of the jobs: as billed if they have ended, otherwise by their time."""
        total = 0.0
        for run in progress.resources.job_runs:
            billed = self._bill(run) if run.ended else None
            hours = ((run.ended or end) - run.began).total_seconds() / _HOUR_SECONDS
            total += hourly * hours if billed is None else billed
        return total

    def _bill(self, run: JobRun) -> float | None:
        """Return the billed cost of an ended job, or None until EMR Serverless reports it."""
        if run.id not in self._billed:
            try:
                emr = self._environment.client("emr-serverless")
                job = emr.get_job_run(applicationId=run.application, jobRunId=run.id)["jobRun"]
            except (BotoCoreError, ClientError):
                job = {}
            used = job.get("billedResourceUtilization")
            self._billed[run.id] = (
                _usd(self._prices, *(used.get(f"{name}Hour", 0.0) for name in _UNITS)) if used else None
            )
        return self._billed[run.id]

    def _read_rates(self, progress: Progress) -> Rates | None:
        environment, domain = self._environment, progress.domain
        machine = environment.catch_up_machine(domain) if progress.is_catch_up else environment.machine(domain)
        account = Account(environment, Request(domain), load_catalog(environment.catalog), machine)
        try:
            workers = deployed_workers(account)
            hour = self._prices.instance_hour(account.clone_class)
        except (BotoCoreError, ClientError, UsageError, KeyError):
            return None
        count = workers.executors
        job = None if count is None else self._hour(workers.driver) + count * self._hour(workers.executor)
        return Rates(hour.usd if hour else None, job)

    def _hour(self, worker: Worker) -> float:
        return _usd(self._prices, worker.vcpu, worker.memory_gb, worker.billed_disk_gb)


def _usd(prices: Prices, vcpu: Any, memory_gb: Any, disk_gb: Any) -> float:  # noqa: ANN401 - numbers of boto3's answers
    """Return the cost of an hour of vCPUs, memory and disk."""
    figures = (("emr-vcpu", vcpu), ("emr-memory", memory_gb), ("emr-storage", disk_gb))
    return sum(prices.cost(name, float(quantity)) for name, quantity in figures)
