"""`make demo`: seed, deploy, write, migrate both domains at once, and show what came of it.

Exit code 0 only if both verdicts are MATCH and no clone is left.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local import session
from local.data.writer import Writer
from local.demo import closing, figures
from local.stack import STACK, LocalStack
from runner.environments import load_environment
from runner.following import follow
from runner.job_documents import JobDocuments
from runner.starting import Request, start
from runner.views import view_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from local.sources import Tell

RESULTS = Path("build/demo")
_FEWEST_ROWS = 1000


def main(given: Sequence[str] | None = None) -> int:
    """Run the demo and return its exit code."""
    arguments = _arguments(given)

    def body(console: Console, tell: Tell) -> bool:
        with LocalStack(rows=arguments.rows, tell=tell) as stack:
            os.environ.update(stack.aws.environment())
            summary, pages = _migrate(stack, console)
            tell(f"the results are in {RESULTS}/; open in a browser: {' '.join(map(str, pages))}")
            if arguments.keep:
                session.keep(stack, console)
        good = figures.succeeded(summary)
        console.print(
            "[green]Both domains match, and no clone is left.[/]" if good else "[red]The migration failed.[/]"
        )
        return good

    return session.run(body)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description="Migrate both domains on this machine.")
    parser.add_argument("--rows", type=int, default=100_000, help="rows over all tables (ROWS=)")
    parser.add_argument("--keep", action="store_true", help="leave the embedded AWS up at the end (KEEP=1)")
    arguments = parser.parse_args(given)
    if arguments.rows < _FEWEST_ROWS:
        parser.error(f"ROWS={arguments.rows} must be at least {_FEWEST_ROWS}")
    return arguments


def _migrate(stack: LocalStack, console: Console) -> tuple[dict[str, Any], list[Path]]:
    environment = load_environment(STACK)
    with Writer(stack.fleet, stack.partitions) as writer:
        arns = [start(environment, Request(domain)) for domain in sorted(stack.catalog.domains)]
        with view_for(console) as view:
            jobs = JobDocuments(environment)
            ended = follow(environment.client("stepfunctions"), arns, view, look_at_job=jobs.look)
    console.print(f"The writer made {writer.changes:,} changes to the sources meanwhile; no clone saw them.")
    summary = figures.collect(stack, ended)
    pages = session.save(RESULTS, stack, environment, ended, summary)
    closing.show(console, summary)
    return summary, pages


if __name__ == "__main__":
    sys.exit(main())
