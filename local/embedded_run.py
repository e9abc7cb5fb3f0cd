"""Common parts of the demo and a rehearsal with user data: one run at a time, saved results, a stack kept running."""

from __future__ import annotations

import fcntl
import json
import shutil
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from rich.console import Console
from rich.markup import escape

from catalog.errors import CatalogError
from infra.errors import InfraError
from local.demo import run_summary, summary_table
from local.errors import LocalError
from release.errors import ReleaseError
from runner.account.requests import Request, start
from runner.errors import RunnerError
from runner.live.job_documents import JobDocuments
from runner.live.poll import follow
from runner.live.views.progress_views import view_for
from runner.report.collect.run import gather
from runner.report.document import build
from runner.report.page import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from local.source_data import Tell
    from local.stack import LocalStack
    from runner.account.environments import Environment
    from runner.live.history.progress import Progress

_BUILD = Path("build")
_WIDTH_IN_A_PIPE = 140
FAILED, REFUSED, INTERRUPTED = 1, 2, 130


def run(body: Callable[[Console, Tell], bool]) -> int:
    """Run `body` on the embedded AWS and return the exit code, which is 0 if `body` returns True.

    `body` receives the console, and a function that prints a line with the elapsed time.
    """
    console = Console(width=None if sys.stdout.isatty() else _WIDTH_IN_A_PIPE)
    began = time.monotonic()

    def tell(line: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:6.1f} s[/]  {escape(line)}", highlight=False)

    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with _checkout_lock():
            return 0 if body(console, tell) else FAILED
    except KeyboardInterrupt:
        console.print("interrupted; every process was ended")
        return INTERRUPTED
    except (LocalError, ReleaseError, InfraError, CatalogError, RunnerError) as error:
        console.print(f"[red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return REFUSED


@contextmanager
def _checkout_lock() -> Iterator[None]:
    """Hold the checkout's lock, because two embedded stacks would share their folders.

    Raises:
        LocalError: Another demo or rehearsal holds it.
    """
    _BUILD.mkdir(exist_ok=True)
    with (_BUILD / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LocalError(
                "another demo or rehearsal is running in this checkout; wait for it to end, or use another checkout"
            ) from error
        yield


def migrate(environment: Environment, requests: Sequence[Request], console: Console) -> list[Progress]:
    """Start runs together, and show their progress on the console until all have ended."""
    arns = [start(environment, request) for request in requests]
    with view_for(console) as view:
        jobs = JobDocuments(environment)
        return follow(environment.client("stepfunctions"), arns, view, look_at_job=jobs.look)


def publish(
    results: Path,
    stack: LocalStack,
    environment: Environment,
    ended: Sequence[Progress],
    *,
    console: Console,
    tell: Tell,
) -> dict[str, Any]:
    """Save the results of runs, print their summary and the paths of their reports, and return the summary."""
    summary = run_summary.collect(stack, ended)
    pages = _save(results, stack, environment, ended, summary)
    summary_table.show(console, summary)
    tell(f"the results are in {results}/; open in a browser: {' '.join(map(str, pages))}")
    return summary


def _save(
    folder: Path, stack: LocalStack, environment: Environment, ended: Sequence[Progress], summary: dict[str, Any]
) -> list[Path]:
    """Write the runs' summary, definitions, verdicts, comparisons and reports; return the pages of the reports."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    states = stack.client("stepfunctions")
    files: dict[str, Any] = {"summary.json": summary}
    pages = []
    for progress in ended:
        machine = states.describe_state_machine(stateMachineArn=stack.machine_arn(progress.domain))
        files[f"{progress.domain}.asl.json"] = json.loads(machine["definition"])
        for name, source in (("comparison", "report"), ("verdict", "verdict")):
            key = f"reports/{progress.domain}/{progress.name}/{source}.json"
            files[f"{progress.domain}-{name}.json"] = run_summary.document(stack, key)
        report = build(gather(environment, progress.arn))
        files[f"{progress.domain}-report.json"] = report.as_json()
        page = folder / f"{progress.domain}-report.html"
        page.write_text(render(report))
        pages.append(page)
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return pages


def keep(stack: LocalStack, console: Console) -> None:
    """Keep the embedded AWS running until Ctrl-C, and print how to use it."""
    console.print("\nThe embedded AWS keeps running until Ctrl-C. To use it:")
    for name, value in stack.aws.environment().items():
        console.print(f"  export {name}={value}", highlight=False)
    console.print("  aws dynamodb list-tables", highlight=False)
    try:
        signal.pause()
    except KeyboardInterrupt:
        console.print("ending")


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
