"""The plan as text: sections of aligned figures, with the findings last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from runner.account.clone_ages import creator
from runner.formatting import minute, money, quantity
from runner.labels import duration, size
from runner.plan.grid import UNKNOWN, count, grid, section
from runner.plan.model import NOT_KNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.plan.facts import TableSettings
    from runner.plan.model import Cost, Finding, Plan

_PLAIN_WIDTH = 200  # nothing wraps in a pipe


def render(plan: Plan, console: Console) -> None:
    """Write the plan."""
    out = console if console.is_terminal else Console(file=console.file, width=_PLAIN_WIDTH, no_color=True)
    out.print(
        Text.assemble(
            (f"Plan of {plan.domain}", "bold"),
            f", {plan.mode}, {plan.environment} ({plan.account}, {plan.region}), {minute(plan.moment, ' UTC')}",
        )
    )
    _clusters(plan, out)
    _reads(plan, out)
    _tables(plan, out)
    _settings(plan, out)
    _unread(plan, out)
    _jobs(plan, out)
    _phases(plan, out)
    _costs(plan, out)
    _quotas(plan, out)
    _notes(plan, out)
    for title, style, findings in (
        ("Not checked", "dim", plan.unchecked),
        ("May be wrong", "yellow", plan.warnings),
        ("Would fail", "bold red", plan.findings),
    ):
        _findings(out, title, style, findings)
    out.print()
    out.print(_verdict(plan))


def _clusters(plan: Plan, out: Console) -> None:
    volumes = grid("cluster", "clone", ">age", "made by", ">volume")
    clones = {clone.cluster: clone for clone in plan.clones}
    for volume in plan.volumes:
        clone = clones.get(volume.cluster)
        age = duration((plan.moment - clone.created).total_seconds()) if clone and clone.created else ""
        volumes.add_row("", volume.cluster, volume.clone, age, creator(clone) if clone else "", size(volume.bytes))
    section(out, "Clusters", volumes)


def _reads(plan: Plan, out: Console) -> None:
    sources = sorted({read.source for read in plan.reads})
    several = len(sources) > 1
    if sources == [NOT_KNOWN]:
        out.print()
        out.print(Text("Rows to read: not known", "bold"))
    else:
        rows = grid("table", "extract", "cluster", ">rows", ">bytes", *(["from"] if several else []))
        for read in plan.reads:
            cells = [read.table, read.extract, read.cluster, count(read.rows), size(read.bytes)]
            rows.add_row("", *cells, *([read.source] if several else []))
        section(out, "Rows to read" if several else f"Rows to read, from {sources[0]}", rows)
    for why, clusters in _reasons(plan).items():
        what = clusters[0] if len(clusters) == 1 else f"{len(clusters)} clusters"
        out.print(Text(f"  no statistics of {what}: {why}", "dim"), soft_wrap=True)


def _reasons(plan: Plan) -> dict[str, list[str]]:
    """Return the reasons for missing statistics, with their clusters."""
    clusters_by_source: dict[str, list[str]] = {}
    for volume in plan.volumes:
        if volume.cluster in plan.sources:
            clusters_by_source.setdefault(plan.sources[volume.cluster], []).append(volume.cluster)
    return clusters_by_source


def _tables(plan: Plan, out: Console) -> None:
    several = len({table.source for table in plan.tables}) > 1
    table = grid("table", ">items", ">to import, uncompressed", ">in S3", ">objects", *(["from"] if several else []))
    for row in plan.tables:
        cells = [row.name, count(row.items), size(row.import_bytes), size(row.stored_bytes), count(row.objects)]
        table.add_row("", *cells, *([row.source] if several else []))
    section(out, "Tables", table)
    if plan.totals and plan.totals.at_most and plan.totals.import_bytes is not None:
        bound = size(plan.totals.import_bytes)
        out.print(f"  at most {bound} to import, if the databases do not compress their values", soft_wrap=True)


def _settings(plan: Plan, out: Console) -> None:
    if not plan.settings:
        return
    table = grid("table", "capacity", "class", "encryption key", "stream", "protected")
    for row in plan.settings:
        key, protected = row.kms_key or "AWS owned", "yes" if row.deletion_protection else "no"
        table_class = row.table_class.lower().replace("_", " ")
        table.add_row("", row.name, _capacity(row), table_class, key, row.stream or "none", protected)
    section(out, "Table settings", table)


def _capacity(settings: TableSettings) -> str:
    if settings.capacity is not None:
        words = f"provisioned, {settings.capacity.read:,} read and {settings.capacity.write:,} write"
    elif settings.on_demand_maximum is not None:
        most = settings.on_demand_maximum
        words = f"on demand, at most {most.read:,} read and {most.write:,} write"
    else:
        words = "on demand"
    warm = settings.warm_throughput
    return words if warm is None else f"{words}; warm for {warm.read:,} read and {warm.write:,} write"


def _unread(plan: Plan, out: Console) -> None:
    if not plan.unread:
        return
    table = grid("table", "extract", "left out on purpose", "new, in no list", "from")
    for row in plan.unread:
        table.add_row("", row.table, row.extract, ", ".join(row.left_out), ", ".join(row.new), row.source)
    section(out, "Columns that are not read", table)


def _jobs(plan: Plan, out: Console) -> None:
    if not plan.jobs:
        return
    table = grid("job", ">splits", ">tasks", ">shuffled", ">at worst", ">disk per executor", ">heap", ">driver's heap")
    for job in plan.jobs:
        executor, driver = job.workers.executor, job.workers.driver
        table.add_row(
            "",
            job.job,
            count(job.splits),
            count(job.tasks),
            size(job.shuffle_bytes),
            size(job.most_shuffle_bytes),
            _share(job.disk_gb, executor.disk_gb),
            _share(job.heap_gb, executor.heap_gb),
            _share(job.driver_heap_gb, driver.heap_gb),
        )
    workers = plan.jobs[0].workers
    executors = "?" if workers.executors is None else f"{workers.executors:,}"
    section(out, f"Spark jobs, each on {executors} executors of {workers.executor.vcpu} vCPU", table)
    text = "  disk and memory are for a run that finds keys twice or a difference in every bucket"
    out.print(Text(text, "dim"), soft_wrap=True)


def _share(needed: float | None, there: int) -> str:
    return f"{'?' if needed is None else f'{needed:,.1f}'} of {there:,} GB"


def _phases(plan: Plan, out: Console) -> None:
    table = grid("phase", ">expected", "from")
    for phase in plan.phases:
        table.add_row("", phase.name, "?" if phase.seconds is None else duration(phase.seconds), phase.source)
    if plan.seconds is not None:
        table.add_row("", Text("together", "bold"), Text(duration(plan.seconds), "bold"), "")
    section(out, "Time", table)
    if plan.vcpu_hours is not None:
        text = f"  {plan.vcpu_hours:,.1f} vCPU-hours for both Spark jobs, from {plan.sources['vcpuHours']}"
        out.print(Text(text, "dim"), soft_wrap=True)


def _costs(plan: Plan, out: Console) -> None:
    table = grid("", ">quantity", "", ">USD", "")
    for line in plan.costs:
        table.add_row("", *_cost(line))
    total = money(plan.usd, UNKNOWN)
    word = "together" if plan.complete else "together, as far as known"
    table.add_row("", Text(word, "bold"), "", "", Text(total, "bold"))
    at_most = " at most" if plan.totals and plan.totals.at_most else ""
    section(out, f"Cost{at_most}, prices of {plan.prices_date}", table)
    month = grid("", ">quantity", "", ">USD", "")
    for line in plan.monthly:
        month.add_row("", *_cost(line))
    section(out, "And a month from then on", month)
    for what in plan.not_counted:
        out.print(f"  not counted: {what}", soft_wrap=True, markup=False, highlight=False)
    if not all(line.confirmed for line in (*plan.costs, *plan.monthly)):
        out.print(Text("  * not confirmed for this Region; runner/account/prices.yaml says where it is from", "dim"))


def _cost(line: Cost) -> tuple[str, str, str, str, str]:
    amount, usd = quantity(line.quantity, UNKNOWN), money(line.usd, UNKNOWN)
    return line.name, amount, line.unit, usd, "" if line.confirmed else "*"


def _quotas(plan: Plan, out: Console) -> None:
    table = grid("quota", ">used", ">added", ">allowed", "from")
    for quota in plan.quotas:
        style = "bold red" if quota.passed else ""
        large = quota.name.startswith("bytes")
        figures = [(size if large else count)(n) for n in (quota.used, quota.needed, quota.limit)]
        table.add_row("", Text(quota.name, style), *[Text(figure, style) for figure in figures], quota.source)
    section(out, "Quotas", table)


def _notes(plan: Plan, out: Console) -> None:
    if plan.notes:
        out.print()
        out.print(Text("Adopted and replaced", "bold"))
        for note in plan.notes:
            out.print(f"  {note}", soft_wrap=True, markup=False, highlight=False)


def _findings(out: Console, title: str, style: str, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    out.print()
    out.print(Text(title, style))
    for finding in findings:
        out.print(Text(f"  {finding.about}: {finding.what}", style), soft_wrap=True)
        out.print(f"    {finding.todo}", soft_wrap=True, markup=False, highlight=False)


def _verdict(plan: Plan) -> Text:
    if plan.would_go:
        count = len(plan.unchecked)
        left = f"; {count} check{'s' * (count != 1)} could not run" if count else ""
        return Text(f"Ready to start: no problems found{left}.", "bold green")
    reasons = "1 reason" if len(plan.findings) == 1 else f"{len(plan.findings)} reasons"
    return Text(f"This run would fail, for {reasons}. Nothing was created.", "bold red")
