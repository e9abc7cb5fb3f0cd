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
ApprovedByOption = Annotated[
    str | None,
    typer.Option(
        envvar="MIGRATION_APPROVED_BY", help="The second person who approved it; not the one who asks for it."
    ),
]
