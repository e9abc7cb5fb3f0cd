"""Short summaries of the stages of clones and tables."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from runner.labels import duration

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from runner.live.history.progress import Progress


def stage_words(stages: Mapping[str, str], thing: str) -> str:
    """Return the counts by stage: 9 clones: 7 ready, 2 cloning."""
    if not stages:
        return ""
    counts = Counter(stages.values())
    listed = ", ".join(f"{count:,} {stage}" for stage, count in counts.most_common())
    return f"{len(stages):,} {thing}{'' if len(stages) == 1 else 's'}: {listed}"


def state_words(progress: Progress, now: dt.datetime, left: str = "") -> str:
    """Return an execution's phase with its time so far, clones, tables, changes and Spark job."""
    phase = progress.phases[-1]
    parts = [f"{phase.name}, {duration(phase.seconds(now))} so far", left]
    parts += [progress.job.words(now)] if progress.job else []
    words = [", ".join(part for part in parts if part)]
    if phase.name in ("Clone", "Destroy"):
        words.append(stage_words(progress.clones, "clone"))
    if phase.name in ("Tables", "Apply"):
        words.append(stage_words(progress.tables, "table"))
    if phase.name == "Apply":
        writes = progress.table_writes.by_table().items()
        words += [f"{table}: {counts.words()}" for table, counts in writes if counts.changed]
    return "; ".join(word for word in words if word)
