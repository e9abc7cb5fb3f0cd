"""Progress for programs: one JSON object a line on standard output, described in docs/progress.md."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any, Self

from runner.console import write_json_line
from runner.live.history.changes import END, STATE
from runner.live.jobs.json_fields import job_facts

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from runner.live.history.changes import Change
    from runner.live.history.progress import Progress

VERSION = 1  # of the lines; it grows when a name changes its meaning or disappears
_STATE_SECONDS = 60.0


class JsonLineView:
    """A line per change with its event time, one a minute while an execution runs, and one at its end.

    `left` returns an execution's remaining seconds and its US dollars so far, each None if unknown.
    """

    def __init__(self, left: Callable[[Progress, dt.datetime], tuple[float | None, float | None]]) -> None:
        self._left = left
        self._last = time.monotonic()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""

    def changed(self, progress: Progress, changes: list[Change]) -> None:
        """Write each change."""
        for change in changes:
            _write(progress, change.moment, change.event, {"text": change.text, **change.facts})

    def tick(self, all_progress: list[Progress]) -> None:
        """Write each execution's state, remaining time and cost once a minute."""
        if time.monotonic() - self._last < _STATE_SECONDS:
            return
        self._last = time.monotonic()
        now = dt.datetime.now(dt.UTC)
        for progress in all_progress:
            if progress.status == "RUNNING" and progress.phases:
                phase = progress.phases[-1]
                seconds_left, usd = self._left(progress, now)
                facts = {"phase": phase.name, "phaseSeconds": round(phase.seconds(now), 1)}
                _write(
                    progress, now, STATE, {**facts, "secondsLeft": _rounded(seconds_left, 1), "usd": _rounded(usd, 4)}
                )

    def ended(self, progress: Progress) -> None:
        """Write the full document of an ended execution."""
        now = dt.datetime.now(dt.UTC)
        _, usd = self._left(progress, now)
        _write(progress, progress.stopped or now, END, {**document(progress), "usd": _rounded(usd, 4)})


def document(progress: Progress) -> dict[str, Any]:
    """Return the document of an execution without its names."""
    writes = progress.table_writes.by_table()
    names = sorted({*progress.tables, *progress.counts, *writes})
    return {
        "kind": progress.kind,
        "mode": progress.mode,
        "status": progress.status,
        "started": progress.started,
        "stopped": progress.stopped,
        "phases": [{"name": p.name, "began": p.began, "ended": p.ended} for p in progress.phases],
        "clones": progress.clones,
        "clonesCreated": progress.cloned,
        "tables": {
            name: {
                "stage": progress.tables.get(name, ""),
                **progress.counts.get(name, {}),
                **(writes[name].facts() if name in writes else {}),
            }
            for name in names
        },
        "instant": progress.instant,
        "job": job_facts(progress.job) if progress.job else None,
        "error": progress.error,
        "cause": progress.cause,
        "output": progress.output,
    }


def _rounded(figure: float | None, digits: int) -> float | None:
    return None if figure is None else round(figure, digits)


def _write(progress: Progress, moment: dt.datetime, event: str, facts: dict[str, Any]) -> None:
    identity = {"domain": progress.domain, "run": progress.run, "execution": progress.arn}
    write_json_line({"version": VERSION, "time": moment, "event": event, **identity, **facts})
