"""`report`: a run's steps and result, as text, document, page and workflow summary."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from runner.account.environments import load_environment
from runner.account.spark_ui import spark_uis
from runner.commands import app
from runner.commands.options import EnvironmentOption, JsonOption
from runner.console import complain, console, say, write_json
from runner.errors import UsageError
from runner.formatting import money, number, utc
from runner.labels import COUNTS, STATUSES, duration
from runner.report.all_differences import write as write_differences
from runner.report.collect.run import gather
from runner.report.difference_files import check_path
from runner.report.document import build
from runner.report.page import render as render_page
from runner.report.redaction import without_values
from runner.report.sections.changes import CLASSES
from runner.report.summary import pages
from runner.report.summary import render as render_summary
from runner.report.text import existing_clones

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.report.model.changes import Changes
    from runner.report.model.report import Report
    from runner.report.model.state import State

_STYLES = {"MATCH": "green", "MISMATCH": "red", "NONE": "dim"}
_TONES = {"good": "green", "bad": "red", "warn": "yellow", "info": "cyan", "none": "dim"}


@app.command(epilog="Example: migrate report rates --environment test --html report.html")
def report(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run id, an execution, or a domain for its newest run.")],
    environment: EnvironmentOption,
    domain: Annotated[str | None, typer.Option(help="The domain, if several have a run with this id.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as one self-contained page.")] = None,
    json_file: Annotated[Path | None, typer.Option(help="Write the report's document.")] = None,
    summary: Annotated[Path | None, typer.Option(help="Append a table in Markdown, as $GITHUB_STEP_SUMMARY.")] = None,
    differences: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every difference, as .csv or .parquet.")
    ] = None,
    show_values: Annotated[
        bool,
        typer.Option("--show-values", help="Show keys and values of rows, which otherwise stay in S3."),
    ] = False,
    spark_ui: Annotated[
        bool,
        typer.Option("--spark-ui", help="Show a link to each job's Spark UI, which anyone can open for an hour."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Report a run's steps and result, whether it succeeded, failed or is still running.

    Exit code 0 means that the report was written; the verdict is in it.
    """
    if differences is not None:
        check_path(differences)
    target = load_environment(environment)
    evidence = gather(target, run, domain)
    document = build(evidence)
    document = document if show_values else without_values(document)
    files = ((html, "w", render_page), (json_file, "w", _text), (summary, "a", render_summary))
    written = [str(_write(path, mode, made(document))) for path, mode, made in files if path is not None]
    if differences is not None:
        count = write_differences(target, evidence.reports, differences, show_values=show_values)
        written.append(f"{differences}: {count:,} differences")
    if as_json:
        write_json(document.as_json())
    else:
        _show(document)
    for line in spark_uis(target.client("emr-serverless"), document.jobs) if spark_ui else ():
        complain(line)
    if as_json:
        return
    for path in written:
        say(f"written: {path}")


def _text(document: Report) -> str:
    return json.dumps(document.as_json(), indent=2, ensure_ascii=False) + "\n"


def _write(path: Path, mode: str, content: str) -> Path:
    """Write a file; a lone surrogate, which UTF-8 cannot encode, becomes its JSON escape.

    Raises:
        UsageError: The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode, encoding="utf-8", errors="backslashreplace") as file:
            file.write(content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error}") from error
    return path


def _show(document: Report) -> None:
    run, failure, remains, outcome = document.run, document.failure, document.remains, document.outcome
    took = f", {duration(run.elapsed_seconds)}" if run.elapsed_seconds is not None else ""
    so_far = " so far" if document.status == "RUNNING" else ""
    kind = "" if run.kind == "bootstrap" else f"{run.kind}, "
    status = STATUSES.get(document.status, document.status.lower())
    console.print(f"[{_TONES[outcome.tone]} bold]{escape(outcome.title)}[/]  ", end="")
    say(f"{run.domain}, run {run.id} ({kind}{run.mode}, {run.environment}), {status}{took}{so_far}")
    say(document.headline)
    if failure:
        say(f"{failure.error}: {failure.cause}")
    for job in document.progress:
        if job.state in ("failed", "stopped") and job.summary:
            say(f"The job {job.job} got this far: {job.phase}; {job.summary}")
    console.print(_counts(document))
    if document.changes and document.changes.totals.changes is not None:
        console.print(_changes(document.changes))
    for line in _state(document.state):
        say(line)
    cost = document.cost
    say(f"It cost {money(cost.total)} USD (prices of {cost.prices_of}; not counted: {cost.left_out}).")
    if remains.clones:
        say(existing_clones(remains))
    for note in document.notes:
        say(f"Note: {note}")
    for label, url in pages(document):
        say(f"{label}: {url}")
    for step in document.next_steps:
        more = f" ({step.link})" if step.link else ""
        say(f"{step.what}{more}{': ' + step.command if step.command else ''}")


def _state(state: State) -> Iterator[str]:
    """Yield lines on the state that the tables represent, and on their being live."""
    proven, live = state.proven, state.live
    if proven and proven.changing:
        yield f"The tables are between two instants: the run {proven.changing} writes to them and has not matched."
    elif proven:
        yield (
            f"The tables hold what the clusters held from {utc(proven.first)} to {utc(proven.last)}, "
            f"as the run {proven.run} proved."
        )
    if live:
        yield f"The tables are live since {utc(live.instant)}: {live.by} cut the domain over."


def _counts(document: Report) -> Table:
    table = _table(*COUNTS.values(), "matched")
    table.add_column("verdict")
    for row in document.tables:
        cells = [number(row.counts.of(name)) for name in (*COUNTS, "matched")]
        table.add_row(row.name, *cells, f"[{_STYLES[row.verdict]}]{row.verdict}[/]")
        for part in row.parts:
            cells = [number(part.counts.of(name)) for name in (*COUNTS, "matched")]
            table.add_row(f"  {part.name}", *cells, f"[{_STYLES[part.verdict]}]{part.verdict}[/]")
    if len(document.tables) > 1:
        cells = [number(document.totals[name]) for name in (*COUNTS, "matched")]
        table.add_section()
        table.add_row(f"{len(document.tables)} tables", *cells, "")
    return table


def _changes(changes: Changes) -> Table:
    names = (*CLASSES, "conflicts", "expired")
    table = _table(*names)
    for row in changes.tables:
        table.add_row(row.table, *[number(row.of(name)) for name in names])
    if len(changes.tables) > 1:
        table.add_section()
        table.add_row(f"{len(changes.tables)} tables", *[number(changes.totals.of(name)) for name in names])
    return table


def _table(*counts: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("table", no_wrap=True)
    for title in counts:
        table.add_column(title, justify="right", no_wrap=True)
    return table
