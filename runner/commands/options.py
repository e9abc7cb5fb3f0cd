"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from runner.commands.completion import domains_or_all, stacks

# MIGRATION_ENVIRONMENT, because other programs set ENVIRONMENT too.
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
    typer.Option(envvar="MIGRATION_MODE", help="A rehearsal creates <Table>-rehearsal and enables no stream."),
]
OptionalModeOption = Annotated[
    Literal["rehearsal", "official"] | None,
    typer.Option(envvar="MIGRATION_MODE", help="The rehearsal tables or the official ones."),
]
ParallelismOption = Annotated[
    int, typer.Option(envvar="MIGRATION_PARALLELISM", help="Concurrent clusters and tables, 1 to 40.")
]
RunIdOption = Annotated[
    str | None,
    typer.Option(
        envvar="MIGRATION_RUN_ID",
        help="The run id (default: the execution's name). The id of a failed run resumes it.",
    ),
]
JarKeyOption = Annotated[
    str | None, typer.Option(envvar="MIGRATION_JAR_KEY", help="Use this release JAR instead of the newest.")
]
MaxDeleteOption = Annotated[
    float | None,
    typer.Option(
        envvar="MIGRATION_MAX_DELETE_PERCENT",
        help="The most deletions, in percent of a table's items, instead of the catalog's limit.",
    ),
]
MaxChangeOption = Annotated[
    float | None,
    typer.Option(
        envvar="MIGRATION_MAX_CHANGE_PERCENT",
        help="The most changes, in percent of a table's items, instead of the catalog's limit.",
    ),
]
WritesOption = Annotated[
    int | None,
    typer.Option(envvar="MIGRATION_WRITES_PER_SECOND", help="The writes a second to all tables together."),
]
KeepClonesOption = Annotated[
    bool, typer.Option("--keep-clones", envvar="MIGRATION_KEEP_CLONES", help="Keep the clones at the end.")
]
RequestedByOption = Annotated[
    str | None, typer.Option(envvar="MIGRATION_REQUESTED_BY", help="The requester (default: current user).")
]
YesOption = Annotated[bool, typer.Option("--yes", envvar="MIGRATION_YES", help="Start an official run without asking.")]
DetachOption = Annotated[bool, typer.Option("--detach", envvar="MIGRATION_DETACH", help="Start and return at once.")]
ForMinutesOption = Annotated[
    float | None,
    typer.Option(envvar="MIGRATION_FOR_MINUTES", min=0, help="Detach after this many minutes; see follow."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write only a JSON document to standard output.")]
FollowJsonOption = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Write only JSON to standard output: an object a line while following (docs/progress.md), otherwise one "
        "document.",
    ),
]
ApprovedByOption = Annotated[
    str | None,
    typer.Option(envvar="MIGRATION_APPROVED_BY", help="The second person, who approved it; not the requester."),
]
