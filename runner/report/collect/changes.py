"""Collect the documents of a catch-up or repair, its base, and the catch-ups before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from runner.report.collect.evidence import CHANGING, EarlierRun, default_mode, kind_of
from runner.report.inputs.changes import ChangesManifest, ChangesSummary, NewestAttempt
from runner.report.inputs.comparison import Verdict
from runner.report.inputs.execution import Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.account.executions import Execution
    from runner.report.inputs.base import Input, Mode

    InputT = TypeVar("InputT", bound=Input)

_EARLIER_RUNS = 10


class Read(Protocol):
    """A reader of the data bucket."""

    def __call__(self, key: str, model: type[InputT]) -> InputT | None:
        """Return a document, or None if there is none."""


@dataclass(frozen=True)
class DeltaDocuments:
    """The documents of a run's Delta job, and the verdict of the run that its changes begin from."""

    summary: ChangesSummary | None = None
    manifest: ChangesManifest | None = None
    base_verdict: Verdict | None = None


def read_changes(read: Read, domain: str, run: str) -> DeltaDocuments:
    """Return what Delta left of a run; an absent document is None."""
    folder = f"changes/{domain}/{run}"
    newest = read(f"{folder}/newest.json", NewestAttempt)
    if newest is None or not newest.attempt:
        return DeltaDocuments()
    manifest = read(f"{folder}/{newest.attempt}/manifest.json", ChangesManifest)
    base = manifest.base.run if manifest and manifest.base else None
    return DeltaDocuments(
        read(f"{folder}/{newest.attempt}/summary.json", ChangesSummary),
        manifest,
        read(f"reports/{domain}/{base}/verdict.json", Verdict) if base else None,
    )


def earlier_runs(read: Read, executions: Iterable[Execution], run: str, mode: Mode) -> tuple[EarlierRun, ...]:
    """Return the newest catch-ups and repairs of a mode before a run, each as its newest attempt ended.

    Args:
        read: Reads a document of the data bucket.
        executions: The domain's executions, newest first.
        run: The run that is reported.
        mode: The mode of its tables.
    """
    others: dict[str, Execution] = {}
    is_before = False
    for execution in executions:
        if execution.run == run:
            is_before = True
            continue
        request = Request.parse(execution.input)
        kind = kind_of(execution.arn, request)
        if is_before and kind in CHANGING and (request.mode or default_mode(kind)) == mode:
            others.setdefault(execution.run, execution)
    return tuple(_earlier(read, execution) for execution in list(others.values())[:_EARLIER_RUNS])


def _earlier(read: Read, execution: Execution) -> EarlierRun:
    summary = read_changes(read, execution.domain, execution.run).summary
    return EarlierRun(
        run=execution.run,
        kind=kind_of(execution.arn, Request.parse(execution.input)),
        status=execution.status,
        error=execution.error,
        started=execution.started,
        stopped=execution.stopped,
        tables=summary.tables if summary else {},
    )
