"""Formatting of a plan's sections: titles, counts and tables without lines."""

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
    """Return a table without lines; a `>` before a column's name aligns it to the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")  # the title indents the other lines
    for name in columns:
        right = name.startswith(">")
        table.add_column(
            name.removeprefix(">"), justify="right" if right else "left", no_wrap=right, overflow="fold"
        )  # names are never cut
    return table


def count(value: int | None) -> str:
    """Return a count with thousands separators."""
    return number(value, UNKNOWN)
