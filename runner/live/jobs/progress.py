"""Progress inside a Spark job: rows per table, expected rows, rate and remaining time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from runner.labels import duration, size
from runner.live.jobs.document import ClusterFigures, JobName, ProgressDocument, StageFigures, StageName

if TYPE_CHECKING:
    import datetime as dt

# The phases that run a Spark job, and the job.
JOBS: dict[str, JobName] = {"Bootstrap": "bootstrap", "Delta": "delta", "Compare": "compare"}
STAGES: tuple[StageName, ...] = ("read", "written", "compared")
_LATE_INTERVALS = 4  # an older document is not current
_WHOLE = 100


@dataclass(frozen=True)
class Moved:
    """Moved and expected rows and bytes of a table's stage; expected rows are an estimate unless `exact`."""

    rows: int
    bytes: int
    expected_rows: int | None
    expected_bytes: int | None
    exact: bool

    @property
    def share(self) -> float | None:
        """Return the share in percent, or None if the estimate is exceeded."""
        if self.expected_rows is None or self.rows > self.expected_rows:
            return None
        return _WHOLE * self.rows / self.expected_rows if self.expected_rows else float(_WHOLE)

    @property
    def left(self) -> int | None:
        """Return the remaining rows, or None if unknown."""
        return None if self.share is None or self.expected_rows is None else self.expected_rows - self.rows


@dataclass(frozen=True)
class Stage(Moved):
    """A stage of one table, or of all tables."""

    table: str
    name: StageName
    rows_per_second: float | None
    ended: bool
    clusters: dict[str, Moved] = field(default_factory=dict)

    @property
    def seconds_left(self) -> float | None:
        """Return the remaining seconds at the rate of the last minute."""
        if self.ended or not self.rows_per_second or not self.left:
            return None
        return self.left / self.rows_per_second

    def words(self) -> str:
        """Return the stage in words: 12,300 of about 40,000 rows read (30 %), 2,100 rows/s, 1.2 GB, about 13 s left."""
        unit = "keys" if self.name == "compared" else "rows"
        of = "" if self.expected_rows is None else f" of {'' if self.exact else 'about '}{self.expected_rows:,}"
        share = "" if self.share is None else f" ({percent(self.share)})"
        parts = [f"{self.rows:,}{of} {unit} {self.name}{share}"]
        parts += [f"{self.rows_per_second:,.0f} {unit}/s"] if self.rows_per_second and not self.ended else []
        parts += [size(self.bytes)] if self.bytes else []
        parts += [f"about {duration(self.seconds_left)} left"] if self.seconds_left is not None else []
        return ", ".join(parts)


@dataclass(frozen=True)
class JobProgress:
    """A job's progress at the time at which it wrote the document."""

    job: JobName
    run: str
    attempt: str
    state: Literal["running", "ended", "failed"]
    phase: str
    written_at: dt.datetime
    interval_seconds: float
    stages: tuple[Stage, ...]

    def current(self) -> list[Stage]:
        """Return the current stages over all tables, or the last ones if none is current."""
        stages = [stage for name in STAGES if (stage := _all_tables(name, self.stages))]
        begun = [stage for stage in stages if stage.rows or stage.ended]
        return [stage for stage in begun if not stage.ended] or begun[-1:]

    def words(self, now: dt.datetime) -> str:
        """Return the job's progress in words."""
        return "; ".join([*(stage.words() for stage in self.current()), *self.age(now)])

    def age(self, now: dt.datetime) -> list[str]:
        """Return the age in words if the document is not current."""
        seconds = (now - self.written_at).total_seconds()
        late = self.state == "running" and seconds > _LATE_INTERVALS * max(self.interval_seconds, 1)
        return [f"as of {duration(seconds)} ago"] if late else []


def read_job_progress(document: object) -> JobProgress | None:
    """Return the progress in a document, or None without a document of this version."""
    try:
        progress = ProgressDocument.model_validate(document)
    except ValidationError:
        return None
    stages = [
        _stage(table, name, figures)
        for table, stages in progress.tables.items()
        for name, figures in stages.named().items()
    ]
    return JobProgress(
        job=progress.job,
        run=progress.run,
        attempt=progress.attempt,
        state=progress.state,
        phase=progress.phase,
        written_at=progress.written_at,
        interval_seconds=progress.interval_seconds,
        stages=tuple(stages),
    )


def percent(share: float) -> str:
    """Return a share, which is 100 % only if nothing is left."""
    return f"{int(share)} %"


def _stage(table: str, name: StageName, figures: StageFigures) -> Stage:
    whole = _moved(figures)
    return Stage(
        rows=whole.rows,
        bytes=whole.bytes,
        expected_rows=whole.expected_rows,
        expected_bytes=whole.expected_bytes,
        exact=whole.exact,
        table=table,
        name=name,
        rows_per_second=figures.rows_per_second,
        ended=figures.ended,
        clusters={cluster: _moved(inner) for cluster, inner in figures.clusters.items()},
    )


def _moved(figures: ClusterFigures) -> Moved:
    return Moved(figures.rows, figures.bytes, figures.expected_rows, figures.expected_bytes, figures.exact)


def _all_tables(name: StageName, stages: tuple[Stage, ...]) -> Stage | None:
    """Return a stage summed over all tables, or None if no table has it."""
    parts = [stage for stage in stages if stage.name == name]
    if not parts:
        return None
    expected, sizes = [part.expected_rows for part in parts], [part.expected_bytes for part in parts]
    rates = [part.rows_per_second for part in parts if part.rows_per_second is not None]
    return Stage(
        rows=sum(part.rows for part in parts),
        bytes=sum(part.bytes for part in parts),
        expected_rows=None if None in expected else sum(rows or 0 for rows in expected),
        expected_bytes=None if None in sizes else sum(size or 0 for size in sizes),
        exact=all(part.exact for part in parts),
        table="",
        name=name,
        rows_per_second=sum(rates) if rates else None,
        ended=all(part.ended for part in parts),
    )
