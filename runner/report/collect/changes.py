"""Gather what a catch-up or repair left behind, what it began from, and the catch-ups before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.report.collect.evidence import CHANGING, EarlierRun, default_mode, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from runner.account.executions import Execution
    from runner.report.collect.evidence import Document

    Read = Callable[[str], Document | None]  # by key in the data bucket

_EARLIER_RUNS = 10


def read_changes(read: Read, domain: str, run: str) -> dict[str, Any]:
    """Return the fields of Evidence that Delta's documents fill; an absent document is None."""
    folder = f"changes/{domain}/{run}"
    newest = read(f"{folder}/newest.json") or {}
    attempt = newest.get("attempt")
    if not attempt:
        return {}
    summary = read(f"{folder}/{attempt}/summary.json")
    manifest = read(f"{folder}/{attempt}/manifest.json")
    base = ((manifest or {}).get("base") or {}).get("run")
    verdict = read(f"reports/{domain}/{base}/verdict.json") if base else None
    return {"changes": summary, "changes_manifest": manifest, "base_verdict": verdict}


def earlier_runs(read: Read, executions: Iterable[Execution], run: str, mode: str) -> tuple[EarlierRun, ...]:
    """Return the newest catch-ups and repairs of a mode before a run, each as its newest attempt ended.

    Args:
        read: Returns a document of the data bucket.
        executions: Of the domain, newest first.
        run: The run that is reported.
        mode: Of its tables.
    """
    others: dict[str, Execution] = {}
    is_before = False
    for execution in executions:
        if execution.run == run:
            is_before = True
            continue
        kind = kind_of(execution.arn, execution.input)
        if is_before and kind in CHANGING and str(execution.input.get("mode") or default_mode(kind)) == mode:
            others.setdefault(execution.run, execution)
    chosen = list(others.values())[:_EARLIER_RUNS]
    return tuple(
        EarlierRun(
            run=execution.run,
            kind=kind_of(execution.arn, execution.input),
            status=execution.status,
            error=execution.error,
            started=execution.started,
            stopped=execution.stopped,
            tables=(read_changes(read, execution.domain, execution.run).get("changes") or {}).get("tables", {}),
        )
        for execution in chosen
    )
