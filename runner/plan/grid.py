"""What the sections of a plan are written with: titles, counts and tables without lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from runner.formatting import number

if TYPE_CHECKING:
    from rich.console import Console

UNKNOWN = "?"


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
    return number(value, UNKNOWN)
