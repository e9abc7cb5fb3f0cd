"""`report`: what a run did and what came of it, as text, a document, a page, and a workflow's summary."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from runner.commands import app
from runner.difference_files import check_path
from runner.differences import write as write_differences
from runner.environments import load_environment
from runner.errors import UsageError
from runner.output import EnvironmentOption, JsonOption, console, say, write_json
from runner.report.document import build
from runner.report.gathering import gather
from runner.report.page import render as render_page
from runner.report.redaction import without_values
from runner.report.summary import render as render_summary
from runner.report.text import existing_clones, number, usd
from runner.words import COUNTS, STATUSES, duration

_STYLES = {"MATCH": "green", "MISMATCH": "red", "NONE": "dim"}


@app.command()
def report(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="The run id, an execution of it, or a domain for its newest run.")
    ],
    environment: EnvironmentOption,
    domain: Annotated[str | None, typer.Option(help="Whose run, where both domains have one of that id.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as one self-contained page.")] = None,
    json_file: Annotated[Path | None, typer.Option(help="Write the report's document.")] = None,
    summary: Annotated[Path | None, typer.Option(help="Append a table in Markdown, as $GITHUB_STEP_SUMMARY.")] = None,
    differences: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every difference, as .csv or .parquet.")
    ] = None,
    show_values: Annotated[
        bool, typer.Option("--show-values", help="Show keys and values of rows, which otherwise stay in the bucket.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Report what a run did and what came of it, whether it succeeded, failed or goes on.

    Exit code 0 says that the report was made; the verdict is in it.
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
        write_json(document)
        return
    _show(document)
    for path in written:
        say(f"written: {path}")


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _write(path: Path, mode: str, content: str) -> Path:
    """Write a file; the half of a surrogate pair, which UTF-8 has not, becomes its JSON escape.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode, encoding="utf-8", errors="backslashreplace") as file:
            file.write(content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error}") from error
    return path


def _show(document: dict[str, Any]) -> None:
    run, failure, remains = document["run"], document["failure"], document["remains"]
    took = f", {duration(run['seconds'])}" if run["seconds"] is not None else ""
    status = STATUSES.get(document["status"], document["status"].lower())
    console.print(f"[{_STYLES[document['verdict']]} bold]{document['verdict']}[/]  ", end="")
    say(f"{run['domain']}, run {run['id']} ({run['mode']}, {run['environment']}), {status}{took}")
    say(document["headline"])
    if failure:
        say(f"{failure['error']}: {failure['cause']}")
    for job in document["progress"]:
        if job["state"] in ("failed", "stopped") and job["summary"]:
            say(f"The job {job['job']} got this far: {job['phase']}; {job['summary']}")
    console.print(_counts(document))
    cost = document["cost"]
    say(f"It cost {usd(cost['total'])} USD (prices of {cost['pricesOf']}; not counted: {cost['leftOut']}).")
    if remains["clones"]:
        say(existing_clones(remains))
    for note in document["notes"]:
        say(f"Note: {note}")
    for step in document["next"]:
        say(f"{step['what']}{': ' + step['command'] if step['command'] else ''}")


def _counts(document: dict[str, Any]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("table", no_wrap=True)
    for title in (*COUNTS.values(), "matched"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("verdict")
    for found in document["tables"]:
        cells = [number(found["counts"][name]) for name in (*COUNTS, "matched")]
        table.add_row(found["name"], *cells, f"[{_STYLES[found['verdict']]}]{found['verdict']}[/]")
    return table
