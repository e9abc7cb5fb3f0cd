"""`releases`: the uploaded releases, and those that can be removed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from runner.account.environments import load_environment
from runner.account.releases import releases as list_releases
from runner.account.running_executions import running
from runner.commands import app
from runner.commands.options import EnvironmentOption, JsonOption
from runner.console import say, show, write_json
from runner.formatting import minute

if TYPE_CHECKING:
    from runner.account.releases import Release

_MEGABYTE = 1_000_000


@app.command(epilog="Example: migrate releases --environment test")
def releases(environment: EnvironmentOption, as_json: JsonOption = False) -> None:
    """Show the uploaded releases and the runs that need them, and print the commands to remove the others."""
    target = load_environment(environment)
    existing = list_releases(target)
    if as_json:
        listed = [{**asdict(release), "is_removable": release.is_removable} for release in existing]
        write_json({"environment": target.name, "bucket": target.artifacts_bucket, "releases": listed})
        return
    show(_table(existing))
    removable = [release for release in existing if release.is_removable]
    if removable and (runs := running(target)):
        say(f"Remove none while a migration runs: {', '.join(map(str, runs))}")
    elif removable:
        say("No run needs these. To remove them:")
        for release in removable:
            say(f"  aws s3 rm --recursive s3://{target.artifacts_bucket}/releases/{release.name}/")


def _table(existing: list[Release]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("release", "uploaded", "MB", "needed by"):
        table.add_column(column, no_wrap=column != "needed by", justify="right" if column == "MB" else "left")
    for release in existing:
        needed = [*(["new runs: it is the newest"] if release.is_newest else []), *release.needed_by]
        size = f"{release.bytes / _MEGABYTE:.1f}"
        table.add_row(release.name, minute(release.uploaded), size, ", ".join(needed) or "nobody")
    return table
