"""Output and exit codes of commands: text for people, or JSON for programs with --json.

Standard output contains the result. With --json it is only JSON: one document, or one object a line from a command
that follows a run. Errors go to standard error then.
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

_WIDEST = 500  # wider than any table

console = Console()
errors = Console(stderr=True)


def write_json(document: Any) -> None:  # noqa: ANN401 - any JSON
    """Write the JSON document of a command; times become ISO 8601 in UTC."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, default=_plain) + "\n")


def write_json_line(document: dict[str, Any]) -> None:
    """Write a JSON object as a line and flush it, so that a program can follow the run."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, default=_plain) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Write a line for a person, without wrapping or automatic colours."""
    console.print(text, highlight=False, soft_wrap=True, markup=False)


def show(table: Table, out: Console = console) -> None:
    """Write a table in its full width, so that names stay whole and can be copied."""
    width = max(Measurement.get(out, out.options.update(max_width=_WIDEST), table).maximum, out.width)
    # A rich console prints nothing wider than its own width.
    Console(file=out.file, width=width, force_terminal=out.is_terminal, no_color=out.no_color).print(table)


def complain(text: str) -> None:
    """Write a line to standard error."""
    errors.print(text, highlight=False, soft_wrap=True, markup=False)


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")
