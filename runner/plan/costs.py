"""Cost estimate of a run, line by line, from the price file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.plan.model import Cost

if TYPE_CHECKING:
    from runner.account.prices import Prices
    from runner.account.spark_workers import Worker
    from runner.plan.model import PhasePlan, Totals

_GB = 10**9
_PAGE_BYTES = 8192  # Aurora PostgreSQL reads pages of 8 KB; Aurora MySQL has 16 KB and half the requests
_SCANS = 3  # Bootstrap reads and counts in the database; Compare reads again
_FUNCTION_GB = 0.25
_FUNCTION_SECONDS = 3.0
_LOG_BYTES_PER_TRANSITION = 4000  # two events with the state's input and output
_WITHOUT_CLONES = ("Prepare",)


@dataclass(frozen=True, kw_only=True)
class Work:
    """The billed work of a run."""

    totals: Totals
    phases: list[PhasePlan]
    clones: int
    clone_class: str | None
    vcpu_hours: float | None
    executor: Worker
    transitions: int | None


def costs(work: Work, prices: Prices) -> list[Cost]:
    """Return the lines of the bill."""
    totals = work.totals
    imported = _divided(totals.import_bytes, _GB)
    pages = _divided(totals.source_bytes, _PAGE_BYTES)
    executor_hours = _divided(work.vcpu_hours, work.executor.vcpu)
    memory = None if executor_hours is None else executor_hours * work.executor.memory_gb
    disk = None if executor_hours is None else executor_hours * work.executor.billed_disk_gb
    transitions = work.transitions
    calls = None if transitions is None else transitions * 0.1 * _FUNCTION_SECONDS * _FUNCTION_GB
    lines = [
        _line(prices, "aurora-io", "Aurora I/O", _divided(pages and pages * _SCANS, 10**6), "million requests"),
        _line(prices, "emr-vcpu", "EMR Serverless vCPU", work.vcpu_hours, "vCPU-hours"),
        _line(prices, "emr-memory", "EMR Serverless memory", memory, "GB-hours"),
        _line(prices, "emr-storage", "EMR Serverless disk", disk, "GB-hours"),
        _line(prices, "dynamodb-import", "DynamoDB imports", imported, "GB"),
        _line(prices, "dynamodb-export", "DynamoDB exports", imported, "GB"),
        _line(prices, "s3-put", "S3 writes", _divided(totals.objects and totals.objects * 3, 1000), "1,000 requests"),
        _line(prices, "s3-get", "S3 reads", _divided(totals.objects and totals.objects * 6, 1000), "1,000 requests"),
        _line(prices, "step-functions", "Step Functions", _divided(transitions, 1000), "1,000 transitions"),
        _line(prices, "lambda-compute", "Lambda", calls, "GB-seconds"),
        _line(
            prices, "logs-ingest", "logs", _divided(transitions and transitions * _LOG_BYTES_PER_TRANSITION, _GB), "GB"
        ),
    ]
    return [_clones(work, prices), *lines]


def monthly(totals: Totals, prices: Prices) -> list[Cost]:
    """Return the monthly cost of a run's tables and objects."""
    size = _divided(totals.import_bytes, _GB)
    # Raw and processed objects and the export, all compressed.
    objects = _divided(totals.stored_bytes and totals.stored_bytes * 3, _GB)
    return [
        _line(prices, "dynamodb-storage", "DynamoDB storage", size, "GB-months"),
        _line(prices, "dynamodb-recovery", "DynamoDB point-in-time recovery", size, "GB-months"),
        _line(prices, "s3-storage", "S3 storage, until the objects expire", objects, "GB-months"),
    ]


def _clones(work: Work, prices: Prices) -> Cost:
    seconds = [phase.seconds for phase in work.phases if phase.name not in _WITHOUT_CLONES]
    known = [value for value in seconds if value is not None]
    hours = work.clones * sum(known) / 3600 if len(known) == len(seconds) else None
    price = prices.instance_hour(work.clone_class) if work.clone_class else None
    name = f"Aurora clones: {work.clones} of {work.clone_class or 'an unknown class'}"
    usd = None if hours is None or price is None else hours * price.usd
    return Cost(name, hours, "instance-hours", usd, price is not None and price.confirmed)


def _line(prices: Prices, price: str, name: str, quantity: float | None, unit: str) -> Cost:
    usd = None if quantity is None else prices.cost(price, quantity)
    return Cost(name, quantity, unit, usd, prices.prices[price].confirmed)


def _divided(quantity: float | None, unit: float) -> float | None:
    return None if quantity is None else quantity / unit
