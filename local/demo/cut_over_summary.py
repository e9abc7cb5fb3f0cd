"""The summary that `make demo CUTOVER=1` prints at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console

    from local.demo.checker import TableCheck
    from local.demo.cut_over import CutOver, Round

_CLASSES = ("inserted", "updated", "deleted", "unchanged")


def show(console: Console, cut_over: CutOver, *, scale: float) -> None:
    """Print every round's verdicts and changes, the independent check, and the time without writes."""
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in sorted(cut_over.rows_written.items()))
    console.print(f"\nRows changed by the writer, by kind: {kinds}", highlight=False)
    console.print(_rounds(cut_over.rounds))
    if not cut_over.checked:
        for each in cut_over.rounds:
            for progress in (progress for progress in each.ended if progress.error):
                console.print(
                    f"[red]{each.name}, {progress.domain}: {progress.error}: {progress.cause}", highlight=False
                )
        return
    console.print(_checks(cut_over.checked))
    for table in cut_over.checked:
        for sentence in table.differences:
            console.print(f"[red]  {table.table}: {sentence}", highlight=False)
    verdicts = ", ".join(f"{domain} {verdict}" for domain, verdict in cut_over.live_verdicts.items())
    console.print(_standstill(cut_over.standstill_seconds))
    console.print(
        f"The application could write to DynamoDB after {cut_over.standstill_seconds['together']:.1f} s. "
        f"The verdicts came later: {verdicts}. "
        f"A cut-over after the verdict would have stopped writes for {cut_over.verdict_seconds:.1f} s or more.",
        highlight=False,
    )
    console.print(
        f"On this machine AWS's waiting times are scaled by {scale:g}, and a clone takes seconds. These times do not "
        "predict AWS's: the report of a catch-up there has the duration of each phase.",
        highlight=False,
    )


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    table.add_column(columns[0], no_wrap=True, min_width=26)
    for column in columns[1:]:
        table.add_column(column, justify="right")
    return table


def _rounds(rounds: list[Round]) -> Table:
    table = _table("Every run of both domains", "run", *_CLASSES, "seconds")
    for each in rounds:
        colour = "green" if each.matched else "red"
        verdicts = ", ".join(f"{domain} {verdict}" for domain, verdict in sorted(each.verdicts.items()))
        table.add_row(f"[bold]{each.name}[/] [{colour}]{verdicts}[/]", *[""] * len(_CLASSES), f"{each.seconds:.1f}")
        for name, counts in each.changes.items():
            table.add_row(f"  {name}", *(f"{counts[kind]:,}" for kind in _CLASSES))
    return table


def _checks(checked: list[TableCheck]) -> Table:
    table = _table(
        "Every table against its live sources, checked by an independent program",
        "table", "items compared", "missing", "extra", "changed", "expired",
    )  # fmt: skip
    for each in checked:
        counts = (each.compared, each.missing, each.extra, each.changed, each.expired)
        table.add_row(each.table, *(f"{count:,}" for count in counts), style=None if each.is_equal else "red")
    return table


def _standstill(seconds_by_phase: dict[str, float]) -> Table:
    table = _table("Time without writes", "phase", "seconds")
    for name, seconds in seconds_by_phase.items():
        table.add_row(name, f"{seconds:.1f}", style="bold" if name == "together" else None)
    return table
