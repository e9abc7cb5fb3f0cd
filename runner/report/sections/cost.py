"""The cost of a run, line by line: as AWS billed or measured it if AWS reports that, otherwise an estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.account.prices import load_prices
from runner.report.model.cost import Cost, CostLine

if TYPE_CHECKING:
    import datetime as dt

    from runner.account.prices import Price, Prices
    from runner.report.collect.evidence import Evidence
    from runner.report.model.cost import Basis

_GB = 1024**3
_LAMBDA_GB = 0.25  # the memory of both functions
_LEFT_OUT = "S3, Lambda requests, logs, Aurora storage and I/O, Kinesis, and what the tables cost from now on"


def build(evidence: Evidence) -> Cost:
    """Return the cost of all attempts of the run."""
    prices = load_prices().for_region(evidence.region)
    parts = (_dynamodb, _spark, _clones, _orchestration)
    lines = tuple(line for part in parts for line in part(evidence, prices))
    return Cost(
        currency="USD",
        region=prices.region,
        prices_of=prices.date.isoformat(),
        lines=lines,
        total=round(sum(line.usd for line in lines), 4),
        left_out=_LEFT_OUT,
    )


def _line(what: str, quantity: float, unit: str, price: Price, basis: Basis, *, units: int = 1) -> CostLine:
    """Return a line; the price is for so many of the unit."""
    return CostLine(
        what=what,
        quantity=round(quantity, 6),
        unit=unit,
        usd_per_unit=round(price.usd / units, 12),
        usd=round(quantity * price.usd / units, 6),
        basis=basis,
        price_of=price.date.isoformat(),
        price_confirmed=price.confirmed,
        price_source=price.source,
    )


def _dynamodb(evidence: Evidence, prices: Prices) -> list[CostLine]:
    imports = {arn: answer for attempt in evidence.attempts for arn, answer in attempt.imports.items()}
    exports = {arn: answer for attempt in evidence.attempts for arn, answer in attempt.exports.items()}
    imported = sum(answer.processed_size_bytes or 0 for answer in imports.values())
    exported = sum(answer.billed_size_bytes or 0 for answer in exports.values())
    lines = []
    if imports:
        price = prices.prices["dynamodb-import"]
        lines.append(_line("DynamoDB imports", imported / _GB, "GB of uncompressed source", price, "measured"))
    if exports:
        price = prices.prices["dynamodb-export"]
        lines.append(_line("DynamoDB exports", exported / _GB, "GB of table", price, "billed"))
    return lines


def _spark(evidence: Evidence, prices: Prices) -> list[CostLine]:
    billed = [run.billed_resource_utilization for run in evidence.job_runs if run.billed_resource_utilization]
    if not billed:
        return []
    vcpu_hours = sum(usage.vcpu_hour or 0.0 for usage in billed)
    memory = sum(usage.memory_gb_hour or 0.0 for usage in billed)
    disk = sum(usage.storage_gb_hour or 0.0 for usage in billed)
    lines = [
        _line("Spark jobs, processors", vcpu_hours, "vCPU-hours", prices.prices["emr-vcpu"], "billed"),
        _line("Spark jobs, memory", memory, "GB-hours", prices.prices["emr-memory"], "billed"),
    ]
    if disk:
        lines.append(_line("Spark jobs, disk", disk, "GB-hours", prices.prices["emr-storage"], "billed"))
    return lines


def _clones(evidence: Evidence, prices: Prices) -> list[CostLine]:
    """Return the instance hours of the clones, from each one's snapshot or the run's start to its end or the run's."""
    price = prices.instance_hour(evidence.clone_class)
    seconds = sum(_clone_seconds(evidence, cluster) for cluster in _cloned(evidence))
    if price is None or not seconds:
        return []
    what = f"Clones' instances, {evidence.clone_class} (domains side by side share them)"
    return [_line(what, seconds / 3600, "instance-hours", price, "estimated")]


def _cloned(evidence: Evidence) -> list[str]:
    return list(dict.fromkeys(cluster for attempt in evidence.attempts for cluster in attempt.snapshots))


def _clone_seconds(evidence: Evidence, cluster: str) -> float:
    total = 0.0
    for attempt in evidence.attempts:
        if cluster not in attempt.snapshots:
            continue
        end: dt.datetime = attempt.destroyed.get(cluster) or attempt.ended or evidence.looked_at
        total += max(0.0, (end - attempt.started).total_seconds())
    return total


def _orchestration(evidence: Evidence, prices: Prices) -> list[CostLine]:
    transitions = sum(attempt.transitions for attempt in evidence.attempts)
    if not transitions:
        return []
    gb_seconds = sum(attempt.lambda_seconds for attempt in evidence.attempts) * _LAMBDA_GB
    return [
        _line("Step Functions", transitions, "transitions", prices.prices["step-functions"], "measured", units=1000),
        _line("Lambda", gb_seconds, "GB-seconds", prices.prices["lambda-compute"], "estimated"),
    ]
