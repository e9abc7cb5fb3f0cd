"""The catalog's command line: `python -m catalog check|init|schema`.

Exit codes: 0 no problems, 1 problems, 2 usage error.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.database_check import ask_all, databases
from catalog.empty_frames import missing, select_problems, spark_session
from catalog.errors import SourceError
from catalog.field_types import is_domain_name
from catalog.introspection import describe
from catalog.limit_check import limit_problems
from catalog.loader import CATALOG_DIRECTORY, read_catalog
from catalog.proposal import propose
from catalog.proposed_files import write_proposal
from catalog.schema import write_schemas, write_types

if TYPE_CHECKING:
    from catalog.database_check import Answer
    from catalog.errors import Problem
    from catalog.models import Catalog

WRONG, USAGE = 1, 2
app = typer.Typer(help="Check, propose and describe the catalog's files.", no_args_is_help=True, add_completion=False)


@app.command()
def check(
    folder: Annotated[Path, typer.Option(help="The catalog's folder.")] = CATALOG_DIRECTORY,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            help="Also check against this database: URL, GROUP=URL or CLUSTER=URL; repeatable. Example: "
            "--from rentals=postgresql://reader@host/rental",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the problems as a JSON list.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """List every problem of the catalog, file by file.

    With --from, run every extract with LIMIT 0 and every select on empty frames. Nothing is cloned.
    """
    here = Path.cwd()
    folder = folder.relative_to(here) if folder.is_relative_to(here) else folder
    catalog, problems = read_catalog(folder)
    warnings: list[str] = []
    if catalog is not None and not problems:
        problems, warnings = limit_problems(catalog, folder)
        if source:
            answer = _check_databases(catalog, folder, source)
            problems, warnings = problems + answer.problems, warnings + answer.warnings
            for sentence in answer.asked:
                typer.echo(sentence, err=True)
    if as_json:
        typer.echo(json.dumps([_as_json(problem) for problem in problems], indent=2, ensure_ascii=False))
    else:
        for problem in problems:
            typer.echo(problem)
        if problems:
            files = len({problem.path for problem in problems})
            typer.echo(f"{_count(len(problems), 'problem')} in {_count(files, 'file')}", err=True)
        elif catalog is not None:
            tables = sum(len(domain.tables) for domain in catalog.domains.values())
            names = ", ".join(catalog.domains)
            typer.echo(f"no problems: {_count(tables, 'table')} in {names}, {_count(len(catalog.clusters), 'cluster')}")
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)
    if problems:
        raise typer.Exit(WRONG)


@app.command()
def init(
    source: Annotated[str, typer.Option("--from", help="Database URL: postgresql://… or mysql://… (not production).")],
    domain: Annotated[str | None, typer.Option(help="The domain's name (default: the database's name).")] = None,
    tables: Annotated[str, typer.Option(help="Tables to migrate, separated by commas (default: all).")] = "",
    group: Annotated[str, typer.Option(help="The group of clusters.yaml that holds the tables.")] = "main",
    folder: Annotated[
        Path | None, typer.Option(help="Write files to this folder; many tables become several domains.")
    ] = None,
) -> None:
    """Propose a domain's file from a live schema; the file goes to standard output, warnings to standard error."""
    try:
        source_schema = describe(source, [name.strip() for name in tables.split(",") if name.strip()])
    except SourceError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(USAGE) from error
    name = domain or re.sub(r"[^a-z0-9]+", "-", source_schema.database.lower()).strip("-")
    if not is_domain_name(name):
        typer.echo(f"error: --domain: {name!r} must be lower-case letters, digits and hyphens, at most 31", err=True)
        raise typer.Exit(USAGE)
    if folder is not None:
        try:
            paths, warnings = write_proposal(source_schema, name, group, folder)
        except SourceError as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(USAGE) from error
        for path in paths:
            typer.echo(path)
    else:
        proposal = propose(source_schema, name, group)
        typer.echo(proposal.text, nl=False)
        warnings = proposal.warnings
    for warning in warnings:
        typer.echo(f"warning: {warning}", err=True)


@app.command()
def schema() -> None:
    """Write the JSON schemas that editors use, docs/catalog.md, and the files made of the list of types."""
    for path in [*write_schemas(), *write_types()]:
        typer.echo(path)


def _check_databases(catalog: Catalog, folder: Path, source: list[str]) -> Answer:
    try:
        answer = ask_all(catalog, folder, databases(catalog, source))
        reason = missing()
        if reason:
            answer.warnings.append(f"the selects did not run, because {reason}")
            return answer
        with spark_session() as spark:
            answer.problems += select_problems(catalog, folder, spark)
    except SourceError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(USAGE) from error
    tables = sum(len(domain.tables) for domain in catalog.domains.values())
    answer.asked.append(f"Spark: {_count(tables, 'select')} run on empty frames")
    return answer


def _as_json(problem: Problem) -> dict[str, str | int | None]:
    return {
        "file": str(problem.path),
        "line": problem.line,
        "column": problem.column,
        "key": problem.key,
        "message": problem.message,
        "suggestion": problem.suggestion,
    }


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


if __name__ == "__main__":
    app(prog_name="python -m catalog")
