"""What a command writes and how it ends: text for people, or with --json a document for programs.

Standard output holds the answer; with --json nothing but JSON: one document, or of a command that follows a run one
object a line. Errors of a command that answers with JSON go to standard error.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.measure import Measurement

if TYPE_CHECKING:
    from rich.table import Table

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
EXIT_CODES = "Exit codes: 0 done, 1 the migration failed, 2 usage or configuration, 130 interrupted or detached."

_WIDEST = 500  # more columns than any table takes

console = Console()
errors = Console(stderr=True)


def write_json(document: Any) -> None:  # noqa: ANN401 - any JSON
    """Write the one document of a command called with --json; times become ISO 8601 in UTC."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, default=_plain) + "\n")


def write_json_line(document: dict[str, Any]) -> None:
    """Write a JSON object on a line of its own, at once: whoever reads the lines follows a run by them."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, default=_plain) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Write a line for a person, unbroken and without colours that were not asked for."""
    console.print(text, highlight=False, soft_wrap=True, markup=False)


def show(table: Table, out: Console = console) -> None:
    """Write a table as wide as it needs: a name that is cut cannot be copied."""
    width = max(Measurement.get(out, out.options.update(max_width=_WIDEST), table).maximum, out.width)
    # A console prints nothing wider than it takes itself to be.
    Console(file=out.file, width=width, force_terminal=out.is_terminal, no_color=out.no_color).print(table)


def complain(text: str) -> None:
    """Write a line to standard error."""
    errors.print(text, highlight=False, soft_wrap=True, markup=False)


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")
