"""`make demo`: seed, deploy, write, migrate both domains at once, and print the result.

The exit code is 0 only if both verdicts are MATCH and no clone is left. With --cut-over it is 0 only if every verdict
is MATCH, both domains are live, and every table equals its live sources.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.loader import CATALOG_DIRECTORY
from local import embedded_run
from local.data.mysql_catalog import write_mysql_catalog
from local.demo import cut_over_summary, run_summary
from local.demo.cut_over import CutOverDemo, document, writer_to
from local.stack import STACK, LocalStack
from runner.account.environments import load_environment
from runner.account.requests import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from local.source_data import Tell

RESULTS, MYSQL_CATALOG = Path("build/demo"), Path("build/demo-catalog")
_ENGINES = ("postgresql", "mysql")
_FEWEST_ROWS = 1000
_ROWS, _ROWS_OF_CUT_OVER = 100_000, 10_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo and return its exit code."""
    arguments = _arguments(argv)

    def body(console: Console, tell: Tell) -> bool:
        is_mysql = arguments.engine == "mysql"
        folder = write_mysql_catalog(CATALOG_DIRECTORY, MYSQL_CATALOG) if is_mysql else CATALOG_DIRECTORY
        if arguments.cut_over:
            return _cut_over(arguments, folder, console, tell)
        with LocalStack(rows=arguments.rows, catalog=folder, tell=tell) as stack:
            os.environ.update(stack.aws.environment())
            environment = dataclasses.replace(load_environment(STACK), catalog=folder)
            with writer_to(stack) as writing:
                requests = [Request(domain) for domain in stack.domains]
                ended = embedded_run.migrate(environment, requests, console)
            console.print(f"The writer changed {writing.changes:,} rows of the sources meanwhile; no clone saw them.")
            summary = embedded_run.publish(RESULTS, stack, environment, ended, console=console, tell=tell)
            if arguments.keep:
                embedded_run.keep(stack, console)
        good = run_summary.succeeded(summary)
        console.print(
            "[green]Both domains match, and no clone is left.[/]" if good else "[red]The migration failed.[/]"
        )
        return good

    return embedded_run.run(body)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description="Migrate both domains on this machine.")
    parser.add_argument(
        "--rows", type=int, help=f"total rows (ROWS=), default {_ROWS:,}, with --cut-over {_ROWS_OF_CUT_OVER:,}"
    )
    parser.add_argument(
        "--cut-over",
        action="store_true",
        help="bootstrap, catch up under load, cut over, and check every item against its live source (CUTOVER=1)",
    )
    parser.add_argument(
        "--engine", choices=_ENGINES, default=_ENGINES[0], help="engine of the source clusters (ENGINE=mysql)"
    )
    parser.add_argument("--keep", action="store_true", help="keep the embedded AWS running at the end (KEEP=1)")
    arguments = parser.parse_args(argv)
    arguments.rows = arguments.rows or (_ROWS_OF_CUT_OVER if arguments.cut_over else _ROWS)
    if arguments.rows < _FEWEST_ROWS:
        parser.error(f"ROWS={arguments.rows} must be at least {_FEWEST_ROWS}")
    return arguments


def _cut_over(arguments: argparse.Namespace, folder: Path, console: Console, tell: Tell) -> bool:
    with LocalStack(rows=arguments.rows, catalog=folder, tell=tell) as stack:
        os.environ.update(stack.aws.environment())
        outcome = CutOverDemo(stack, console, folder).run()
        RESULTS.mkdir(parents=True, exist_ok=True)
        results = RESULTS / "cut-over.json"
        results.write_text(json.dumps(document(outcome), indent=2, ensure_ascii=False) + "\n")
        cut_over_summary.show(console, outcome, scale=stack.aws.active.time_scale)
        tell(f"the results are in {results}")
        if arguments.keep:
            embedded_run.keep(stack, console)
    console.print(
        "[green]Every run matched, both domains are live, and every table equals its live sources.[/]"
        if outcome.succeeded
        else "[red]The cut-over failed.[/]"
    )
    return outcome.succeeded


if __name__ == "__main__":
    sys.exit(main())
