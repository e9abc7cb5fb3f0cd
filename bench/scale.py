"""The tables of docs/scale.md, from the constants that the plan of a run uses: `python -m bench.scale`."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

from infra.settings.model import Settings
from infra.settings.workers import Capacity, executors
from runner.account.prices import load_prices
from runner.account.spark_workers import Worker, Workers
from runner.labels import duration
from runner.plan import costs, times
from runner.plan.constants import load_constants
from runner.plan.costs import Work
from runner.plan.model import JobPlan, PhasePlan, Totals
from runner.plan.workload import GB, SourceLoad, TableLoad, jobs
from statemachine.workers import Workers as Deployed

PAGE = Path("docs/scale.md")
CLUSTERS, CONNECTIONS, TABLES, ATTRIBUTES, ITEM_BYTES = 64, 2, 4, 11, 350
JOBS_AT_ONCE = int(Settings.model_fields["max_concurrent_jobs"].default)
_WHOLE_USD = 10
CLONE_CLASS = "db.r6g.large"
_START, _END = "<!-- {} begins: python -m bench.scale -->\n", "<!-- {} ends -->\n"
_DEPLOYED = Deployed()
_DRIVER, _EXECUTOR = (
    Worker(worker.vcpu, worker.memory_gb, worker.disk_gb, worker.disk_type)
    for worker in (_DEPLOYED.driver, _DEPLOYED.executor)
)


@dataclass(frozen=True)
class Scale:
    """So many bytes of items, on the workers that the page recommends for them."""

    name: str
    item_bytes: int
    max_vcpu: int = 64
    disk_gb: int = _DEPLOYED.executor.disk_gb

    @property
    def workers(self) -> Workers:
        """Return the workers of a job, as the stack file's defaults make them."""
        executor = replace(_DEPLOYED.executor, disk_gb=self.disk_gb)
        capacity = Capacity(vcpu=self.max_vcpu, memory_gb=4 * self.max_vcpu, disk_gb=self.disk_gb * self.max_vcpu)
        most = executors(_DEPLOYED.driver, executor, capacity, JOBS_AT_ONCE)
        return Workers(_DRIVER, replace(_EXECUTOR, disk_gb=self.disk_gb), most)

    @property
    def settings(self) -> str:
        """Return what a stack file sets for it."""
        changed = {"maxVcpu": (self.max_vcpu, 64), "executorDiskGb": (self.disk_gb, _EXECUTOR.disk_gb)}
        settings = [f"`{name}: {value}`" for name, (value, default) in changed.items() if value != default]
        return ", ".join(settings) or "the defaults"


SCALES = (
    Scale("100 GB", 100 * GB),
    Scale("1 TB", 1000 * GB),
    Scale("10 TB", 10_000 * GB, max_vcpu=256, disk_gb=200),
)


def page(text: str) -> str:
    """Return the page with its tables made anew."""
    for name, table in (("scales", scales_table()), ("constants", constants_table())):
        start, end = _START.format(name), _END.format(name)
        before, rest = text.split(start)
        text = before + start + table + end + rest.split(end)[1]
    return text


def planned(scale: Scale) -> tuple[list[TableLoad], list[JobPlan]]:
    """Return what the jobs of such a run meet, and what they need."""
    constants = load_constants()
    per_source = CLUSTERS * TABLES
    value_bytes = scale.item_bytes / constants.measured.item_bytes
    source = (math.ceil(scale.item_bytes / ITEM_BYTES / per_source), math.ceil(value_bytes / per_source))
    tables = [
        TableLoad(
            table=f"T{table}",
            sources=tuple(
                SourceLoad(f"cluster-{number}", *source, CONNECTIONS, drives=True, broadcast=False)
                for number in range(CLUSTERS)
            ),
            files=math.ceil(scale.item_bytes / TABLES / constants.design.file_bytes),
            attributes=ATTRIBUTES,
            has_latest=False,
            shuffles_rows=False,
        )
        for table in range(TABLES)
    ]
    return tables, jobs(tables, scale.workers, constants)


def scales_table() -> str:
    """Return splits, tasks, files, shuffle, disk, memory, time and cost of each scale."""
    columns = [_column(scale) for scale in SCALES]
    head = ["| items | " + " | ".join(scale.name for scale in SCALES) + " |", "|---|" + "---:|" * len(SCALES)]
    return "\n".join([*head, *[f"| {name} | {' | '.join(c[name] for c in columns)} |" for name in columns[0]]]) + "\n"


def constants_table() -> str:
    """Return what was measured, as a table."""
    measured = load_constants().measured
    work = {
        "read a clone into `raw/`": measured.microseconds.read,
        "write items": measured.microseconds.write,
        "compare both sides": measured.microseconds.compare,
    }
    lines = ["| processor time | µs a row | µs a kB of column values |", "|---|---:|---:|"]
    lines += [
        f"| {stage} | {work_of_stage.row:.1f} | {work_of_stage.kilobyte:.1f} |" for stage, work_of_stage in work.items()
    ]
    shuffle = measured.shuffle_bytes
    lines += ["", "| in a shuffle, compressed | bytes |", "|---|---:|"]
    lines += [
        f"| the hash of a key | {shuffle.key:.1f} |",
        f"| the rank of a row | {shuffle.rank:.1f} |",
        f"| a byte of a whole row's column values | {shuffle.value:.2f} |",
        f"| a row that differs, without its attributes | {shuffle.difference:.1f} |",
        f"| an attribute of it | {shuffle.attribute:.1f} |",
    ]
    date, machine, rows = measured.date, measured.machine, measured.rows
    return "\n".join([*lines, "", f"Of {date}: {machine}; {rows:,} rows."]) + "\n"


def _column(scale: Scale) -> dict[str, str]:
    tables, (bootstrap, compare) = planned(scale)
    workers, (parts, hours) = scale.workers, _bill(scale, [bootstrap, compare], sum(table.files for table in tables))
    return {
        "rows": f"{sum(table.rows for table in tables) / 1e6:,.0f} M",
        "settings": scale.settings,
        "executors": f"{workers.executors} of {workers.executor.vcpu} vCPU, {workers.executor.memory_gb} GB",
        "splits": f"{bootstrap.splits:,}",
        "tasks of Bootstrap, Compare": f"{bootstrap.tasks:,}, {compare.tasks:,}",
        "`raw/` in S3": _gb(sum(table.bytes for table in tables) * load_constants().measured.raw_bytes),
        "files to import": f"{sum(table.files for table in tables):,}",
        "Bootstrap shuffles": _gb(bootstrap.shuffle_bytes),
        "Bootstrap at worst": _gb(bootstrap.most_shuffle_bytes),
        "Compare shuffles": _gb(compare.shuffle_bytes),
        "Compare at worst": _gb(compare.most_shuffle_bytes),
        "disk per executor, at worst": f"{_disk(bootstrap, compare):,.0f} of {workers.executor.disk_gb} GB",
        "heap of the driver": f"{compare.driver_heap_gb:.1f} of {workers.driver.heap_gb} GB",
        "Bootstrap takes": duration(bootstrap.seconds or 0),
        "Compare takes": duration(compare.seconds or 0),
        **parts,
        "an hour of the clones": hours,
    }


def _disk(*plans: JobPlan) -> float:
    return max(plan.disk_gb or 0.0 for plan in plans)


def _gb(size: float) -> str:
    return f"{size / GB:,.1f} GB" if size < 10 * GB else f"{size / GB:,.0f} GB"


def _bill(scale: Scale, plans: list[JobPlan], files: int) -> tuple[dict[str, str], str]:
    """Return US dollars of both jobs, of their clones and of DynamoDB; and what an hour of all clones costs."""
    constants, prices = load_constants(), load_prices()
    size = int(scale.item_bytes / constants.measured.item_bytes)
    stored = int(scale.item_bytes / constants.measured.gzip_ratio)
    rows = round(scale.item_bytes / ITEM_BYTES)
    totals = Totals(rows, size, scale.item_bytes, stored, files, at_most=False)
    vcpu_hours, _ = times.vcpu_hours(totals, None, None, plans)
    seconds = sum(plan.seconds or 0.0 for plan in plans)
    work = Work(
        totals=totals,
        phases=[PhasePlan("Bootstrap", seconds, "")],
        clones=CLUSTERS,
        clone_class=CLONE_CLASS,
        vcpu_hours=vcpu_hours,
        executor=scale.workers.executor,
        transitions=None,
    )
    lines = {line.name: line.usd or 0.0 for line in costs.costs(work, prices)}
    clones = next(usd for name, usd in lines.items() if name.startswith("Aurora clones"))
    groups = {
        "Spark, US dollars": sum(usd for name, usd in lines.items() if name.startswith("EMR")),
        "clones and their I/O while Spark runs": clones + lines["Aurora I/O"],
        "import and export": lines["DynamoDB imports"] + lines["DynamoDB exports"],
    }
    hour = prices.instance_hour(CLONE_CLASS)
    return {
        name: f"{usd:,.0f}" if usd >= _WHOLE_USD else f"{usd:,.2f}" for name, usd in groups.items()
    }, f"{CLUSTERS * hour.usd:,.2f}" if hour else "?"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
