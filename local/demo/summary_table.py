"""The summary that the demo prints at its end: a table of all counts, and the time of each phase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table

from runner.labels import COUNTS, PHASES

if TYPE_CHECKING:
    from rich.console import Console

_COLUMNS = {
    "rows_read": COUNTS["rowsRead"],
    "items_written": COUNTS["items"],
    **{name: name for name in ("superseded", "rejected")},
    "imported": COUNTS["imported"],
    "exported": COUNTS["exported"],
    **{name: name for name in ("matched", "changed", "missing", "extra")},
}
_ALARMING = ("rejected", "changed", "missing", "extra")


def show(console: Console, summary: dict[str, Any]) -> None:
    """Print the counts and times of the domains."""
    console.print(_counts(summary))
    console.print(_times(summary))
    for name, domain in summary["domains"].items():
        if domain["error"]:
            console.print(f"[red]{name}: {domain['error']}: {domain['cause']}", highlight=False)


def _counts(summary: dict[str, Any]) -> Table:
    table = Table(
        title="Every row, from the clones to the verdict", box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False
    )
    table.add_column("table", no_wrap=True, min_width=26)
    for title in _COLUMNS.values():
        table.add_column(title, justify="right")
    for name, domain in summary["domains"].items():
        verdict = domain["verdict"]
        colour = "green" if verdict == "MATCH" else "red"
        table.add_row(f"[bold]{name}[/] [{colour}]{verdict}[/]")
        for table_name, counts in domain["tables"].items():
            cells = [_cell(column, counts[column]) for column in _COLUMNS]
            table.add_row(f"  {table_name}", *cells)
    return table


def _cell(column: str, count: int) -> str:
    return f"[red]{count:,}[/]" if column in _ALARMING and count else f"{count:,}"


def _times(summary: dict[str, Any]) -> Table:
    table = Table(title="Seconds per phase", box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    table.add_column("domain")
    for phase in [*PHASES.values(), "together"]:
        table.add_column(phase, justify="right")
    for name, domain in summary["domains"].items():
        cells = [f"{domain['phases'][phase]:.1f}" if phase in domain["phases"] else "-" for phase in PHASES.values()]
        table.add_row(name, *cells, f"{domain['seconds']:.1f}")
    return table
