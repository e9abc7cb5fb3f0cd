"""What a command writes and how it ends: text for people, or with --json a document for programs.

Standard output holds the answer; with --json nothing but JSON: one document, or of a command that follows a run one
object a line. Errors of a command that answers with JSON go to standard error. The options that several
commands share are here too.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.measure import Measurement

from runner.completing import domains_or_all, stacks

if TYPE_CHECKING:
    from rich.table import Table

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
EXIT_CODES = "Exit codes: 0 done, 1 the migration failed, 2 usage or configuration, 130 interrupted or detached."

_WIDEST = 500  # more columns than any table takes

console = Console()
errors = Console(stderr=True)

# MIGRATION_… and not ENVIRONMENT, which other programs set too.
EnvironmentOption = Annotated[
    str,
    typer.Option(
        "--environment",
        "-e",
        envvar="MIGRATION_ENVIRONMENT",
        autocompletion=stacks,
        help="The stack, as in Pulumi.<stack>.yaml.",
    ),
]
DomainsOption = Annotated[
    list[str],
    typer.Option(
        "--domain",
        envvar="MIGRATION_DOMAIN",
        autocompletion=domains_or_all,
        help="A domain of the catalog, or all. Repeatable.",
    ),
]
ModeOption = Annotated[
    Literal["rehearsal", "official"],
    typer.Option(envvar="MIGRATION_MODE", help="A rehearsal writes <Table>-rehearsal and enables no stream."),
]
OptionalModeOption = Annotated[
    Literal["rehearsal", "official"] | None,
    typer.Option(envvar="MIGRATION_MODE", help="Whose tables: those of rehearsals, or the official ones."),
]
ParallelismOption = Annotated[
    int, typer.Option(envvar="MIGRATION_PARALLELISM", help="Clusters and tables at once, 1 to 40.")
]
RunIdOption = Annotated[
    str | None,
    typer.Option(
        envvar="MIGRATION_RUN_ID",
        help="The run id, by default the execution's name. That of a failed run goes on with it.",
    ),
]
JarKeyOption = Annotated[
    str | None, typer.Option(envvar="MIGRATION_JAR_KEY", help="Use this release JAR instead of the newest.")
]
MaxDeleteOption = Annotated[
    float | None,
    typer.Option(
        envvar="MIGRATION_MAX_DELETE_PERCENT",
        help="Allow so many deletions of a table's items instead of the catalog's.",
    ),
]
MaxChangeOption = Annotated[
    float | None,
    typer.Option(
        envvar="MIGRATION_MAX_CHANGE_PERCENT", help="Allow so many changes of a table's items instead of the catalog's."
    ),
]
WritesOption = Annotated[
    int | None,
    typer.Option(envvar="MIGRATION_WRITES_PER_SECOND", help="Write so many items a second to all tables together."),
]
KeepClonesOption = Annotated[
    bool, typer.Option("--keep-clones", envvar="MIGRATION_KEEP_CLONES", help="Leave the clones at the end.")
]
RequestedByOption = Annotated[
    str | None, typer.Option(envvar="MIGRATION_REQUESTED_BY", help="Who asks for it, by default this user.")
]
YesOption = Annotated[
    bool, typer.Option("--yes", envvar="MIGRATION_YES", help="Do not ask before an official run begins.")
]
DetachOption = Annotated[bool, typer.Option("--detach", envvar="MIGRATION_DETACH", help="Start and return at once.")]
ForMinutesOption = Annotated[
    float | None,
    typer.Option(envvar="MIGRATION_FOR_MINUTES", min=0, help="Detach after so many minutes; see follow."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write one JSON document to standard output, and no text.")]
FollowJsonOption = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Write JSON to standard output, and no text: an object a line while it follows (docs/progress.md), one "
        "document where it does not.",
    ),
]


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
