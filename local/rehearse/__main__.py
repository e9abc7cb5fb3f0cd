"""`make rehearse`: migrate user data on this machine, and print the result.

Exit codes: 0 the verdict is MATCH, 1 it is not, 2 the data or the catalog cannot be used, 130 interrupted.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.field_types import closest
from catalog.loader import CATALOG_DIRECTORY, load_catalog
from local import embedded_run
from local.demo import run_summary
from local.errors import DataError
from local.rehearse.user_data import UserData
from local.stack import STACK, LocalStack
from runner.account.environments import load_environment
from runner.account.requests import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from local.source_data import Tell

RESULTS, CATALOG = Path("build/rehearsal"), Path("build/rehearsal-catalog")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the rehearsal and return its exit code."""
    arguments = _arguments(argv)

    def body(console: Console, tell: Tell) -> bool:
        catalog = load_catalog(arguments.catalog)
        if arguments.domain not in catalog.domains:
            known = sorted(catalog.domains)
            like = closest(arguments.domain, known)
            meant = f"did you mean {like}?" if like else f"there are {', '.join(known)}"
            raise DataError(f"DOMAIN={arguments.domain} is not in {arguments.catalog}; {meant}")
        own = UserData(
            catalog,
            arguments.domain,
            tell,
            arguments.dump,
            arguments.data,
            arguments.split,
            arguments.encoding,
            arguments.separator,
        )
        own.check()
        folder = write_single_domain(arguments.catalog, arguments.domain, CATALOG)
        with LocalStack(rows=own.rows(), sources=own, catalog=folder, tell=tell) as stack:
            os.environ.update(stack.aws.environment())
            environment = dataclasses.replace(load_environment(STACK), catalog=folder)
            ended = embedded_run.migrate(environment, [Request(arguments.domain)], console)
            summary = embedded_run.publish(RESULTS, stack, environment, ended, console=console, tell=tell)
            if arguments.keep:
                embedded_run.keep(stack, console)
        good = run_summary.succeeded(summary)
        verdict = summary["domains"][arguments.domain]["verdict"]
        conclusion = (
            "[green]Every row arrived unchanged.[/]" if good else "[red]This domain cannot be migrated as it is.[/]"
        )
        console.print(f"{arguments.domain}: {verdict}. {conclusion}", highlight=False)
        return good

    return embedded_run.run(body)


def write_single_domain(catalog: Path, domain: str, folder: Path) -> Path:
    """Write the catalog of a single domain to a folder and return it; other domains then count against no limit."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "domains").mkdir(parents=True)
    for name in ("clusters.yaml", f"domains/{domain}.yaml"):
        shutil.copyfile(catalog / name, folder / name)
    return folder


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make rehearse", description="Migrate your own data on this machine.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--dump", type=Path, help="a dump of PostgreSQL or MySQL, or a folder with one per cluster (DUMP=)"
    )
    what.add_argument("--data", type=Path, help="a folder with a CSV or Parquet file per source table (DATA=)")
    parser.add_argument("--domain", required=True, help="the domain of the data (DOMAIN=)")
    parser.add_argument("--split", help="column whose hash divides rows over the clusters of a group (SPLIT=)")
    parser.add_argument("--encoding", help="encoding of CSV files other than UTF-8 (ENCODING=cp1252)")
    parser.add_argument("--separator", help="column separator of CSV files other than , ; | or a tab (SEPARATOR=^)")
    parser.add_argument("--catalog", type=Path, default=CATALOG_DIRECTORY, help="the catalog's folder (CATALOG=)")
    parser.add_argument("--keep", action="store_true", help="keep the embedded AWS running at the end (KEEP=1)")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
