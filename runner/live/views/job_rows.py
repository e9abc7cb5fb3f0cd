"""The table of a Spark job's progress, per table and per cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from runner.labels import duration, rounded, size
from runner.live.jobs.progress import percent

if TYPE_CHECKING:
    import datetime as dt

    from rich.console import RenderableType

    from runner.live.jobs.progress import JobProgress, Stage

_CLUSTERS_SHOWN = 6
_WHOLE = 100


def job_table(job: JobProgress, now: dt.datetime, *, narrow: bool, brief: bool = False) -> RenderableType:
    """Return the job's current or last tables; `brief` sums them in one line."""
    stages = [stage for stage in job.stages if stage.rows and not stage.ended]
    title = "; ".join([f"{job.job}: {job.phase}", *(stage.words() for stage in job.current()), *job.age(now)])
    parts: list[RenderableType] = [Text(f"  {title}", "cyan")]
    if brief:
        return Group(*parts)
    if stages:
        parts.append(_stages(stages, narrow=narrow))
    parts += [Text(f"  {line}", "dim") for stage in stages if (line := _clusters(stage))]
    return Group(*parts)


def _stages(stages: list[Stage], *, narrow: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0) if narrow else (0, 1))
    table.add_column("  table", no_wrap=True)
    table.add_column("rows", no_wrap=True)
    for title in ("count", "of", "share", "rows/s", "bytes", "left"):
        table.add_column(title, justify="right", no_wrap=True)
    for stage in stages:
        about = "" if stage.exact else "~"
        table.add_row(
            f"  {stage.table}",
            Text(stage.name, "cyan"),
            rounded(stage.rows, narrow=narrow),
            "?" if stage.expected_rows is None else about + rounded(stage.expected_rows, narrow=narrow),
            "?" if stage.share is None else percent(stage.share),
            "" if stage.rows_per_second is None else rounded(round(stage.rows_per_second), narrow=narrow),
            size(stage.bytes) if stage.bytes else "",
            "" if stage.seconds_left is None else duration(stage.seconds_left),
        )
    return table


def _clusters(stage: Stage) -> str:
    """Return the progress of a table's clusters in words, least advanced first."""
    shares = {name: share for name, moved in stage.clusters.items() if (share := moved.share) is not None}
    under_way = sorted((share, name) for name, share in shares.items() if share < _WHOLE)
    if len(shares) <= 1 or not any(moved.rows for moved in stage.clusters.values()):
        return ""
    parts = [f"{name} {percent(share)}" for share, name in under_way[:_CLUSTERS_SHOWN]]
    parts += [f"{len(under_way) - _CLUSTERS_SHOWN} more"] if len(under_way) > _CLUSTERS_SHOWN else []
    whole = len(shares) - len(under_way)
    return f"{stage.table} by cluster: {', '.join([*parts, f'{whole} complete'])}"
