"""What the sections of a plan are written with: tables without lines, counts and money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console


def section(out: Console, title: str, table: Table) -> None:
    """Write a title and its table."""
    out.print()
    out.print(Text(title, "bold"))
    out.print(table)


def grid(*columns: str) -> Table:
    """Return a table without lines; a column whose name begins with > is aligned to the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")  # what indents the others
    for name in columns:
        right = name.startswith(">")
        table.add_column(
            name.removeprefix(">"), justify="right" if right else "left", no_wrap=right, overflow="fold"
        )  # a name is never cut
    return table


def count(value: int | None) -> str:
    """Return a count with its thousands apart."""
    return "?" if value is None else f"{value:,}"


def money(usd: float) -> str:
    """Return dollars and cents."""
    return "<0.01" if 0 < usd < 0.005 else f"{usd:,.2f}"  # noqa: PLR2004 - half a cent
