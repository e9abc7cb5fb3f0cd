"""`make init`: propose a catalog from a dump, without access to its source.

Exit codes: 0 the catalog is written and has no problem, 1 it has one, 2 the dump cannot be used.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from rich.console import Console
from rich.markup import escape

from catalog.errors import SourceError
from catalog.field_types import is_domain_name
from catalog.introspection import describe
from catalog.loader import read_catalog
from catalog.proposed_files import write_proposal
from local.aurora.fleet import MYSQL, Fleet, running_fleet
from local.aurora.mariadb import ADMIN
from local.embedded_run import FAILED, REFUSED
from local.errors import DataError, LocalError
from local.rehearse.dumps import load_dump
from local.rehearse.mysql_dumps import load_mysql_dump
from local.rehearse.mysql_forms import is_mysql_dump
from local.rehearse.mysql_sharding import analyse
from release.errors import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.source_schema import Source
    from local.source_data import Tell

GROUP = "main"
_CLUSTER = "main-1"
_WIDTH_IN_A_PIPE = 140


def main(argv: Sequence[str] | None = None) -> int:
    """Write the proposal and return the exit code."""
    arguments = _arguments(argv)
    console = Console(width=None if sys.stdout.isatty() else _WIDTH_IN_A_PIPE)
    try:
        good = propose_from(arguments.dump, arguments.domain, arguments.catalog, console, console.print)
    except (LocalError, ReleaseError) as error:
        console.print(f"[red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return REFUSED
    return 0 if good else FAILED


def propose_from(dump: Path, domain: str | None, folder: Path, console: Console, tell: Tell) -> bool:
    """Write a catalog for a dump; return whether it has no problem.

    Raises:
        DataError: The dump cannot be loaded, or no table of it can be moved.
    """
    if not dump.exists():
        raise DataError(f"{dump} does not exist")
    name = domain or re.sub(r"[^a-z0-9]+", "-", dump.name.split(".")[0].lower()).strip("-")[:31]
    if not is_domain_name(name):
        raise DataError(f"DOMAIN={name} must be lower-case letters, digits and hyphens, at most 31")
    source = describe_dump(dump, name.replace("-", "_"), tell)
    try:
        paths, warnings = write_proposal(source, name, GROUP, folder)
    except SourceError as error:
        raise DataError(str(error)) from error
    for warning in warnings:
        console.print(f"warning: {warning}", highlight=False, markup=False, soft_wrap=True)
    for path in paths:
        console.print(f"wrote {path}", highlight=False, markup=False, soft_wrap=True)
    _, problems = read_catalog(folder)
    for problem in problems:
        console.print(str(problem), highlight=False, markup=False, soft_wrap=True)
    domains = [path.stem for path in paths if path.parent.name == "domains"]
    for each in domains if not problems else []:
        console.print(
            f"next: make rehearse DUMP={dump} DOMAIN={each} CATALOG={folder}", highlight=False, soft_wrap=True
        )
    return not problems


def describe_dump(dump: Path, database: str, tell: Tell) -> Source:
    """Load a dump into its own server and return the description of its tables.

    Raises:
        DataError: The dump cannot be loaded.
    """
    with (
        tempfile.TemporaryDirectory(prefix="migration-init-") as folder,
        running_fleet(Path(folder) / "aurora") as fleet,
    ):
        tell(f"loading {dump}")
        url = (_load_mysql if is_mysql_dump(dump) else _load_postgres)(fleet, dump, database, tell)
        return replace(describe(url), location=str(dump))


def _load_postgres(fleet: Fleet, dump: Path, database: str, tell: Tell) -> str:
    fleet.start_sources([_CLUSTER])
    server = fleet.server(_CLUSTER)
    load_dump(dump, server, database, tell)
    with psycopg.connect(server.dsn(database), autocommit=True) as connection:
        connection.execute("ANALYZE")
    return f"postgresql://postgres:{server.password}@127.0.0.1:{server.port}/{database}?sslmode=disable"


def _load_mysql(fleet: Fleet, dump: Path, database: str, tell: Tell) -> str:
    fleet.start_sources([_CLUSTER], MYSQL)
    server = fleet.mysql_server(_CLUSTER)
    load_mysql_dump(dump, server, database, tell)
    analyse(server, database)
    return f"mysql://{ADMIN}:{server.password}@127.0.0.1:{server.port}/{database}"


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make init", description="Propose a catalog from a dump of PostgreSQL or MySQL."
    )
    parser.add_argument(
        "--dump", type=Path, required=True, help="the dump, in any form that make rehearse loads (DUMP=)"
    )
    parser.add_argument("--domain", help="the domain's name, by default the dump's (DOMAIN=)")
    parser.add_argument("--catalog", type=Path, required=True, help="the folder for the catalog (CATALOG=)")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
