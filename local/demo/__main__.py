"""`make demo`: seed, deploy, write, migrate both domains at once, and show what came of it.

Exit code 0 only if both verdicts are MATCH and no clone is left.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from rich.console import Console

from catalog.errors import CatalogError
from infra.errors import InfraError
from local.data.writer import Writer
from local.demo import closing, figures
from local.errors import LocalError
from local.stack import STACK, LocalStack
from runner.environments import load_environment
from runner.errors import RunnerError
from runner.following import follow
from runner.starting import Request, start
from runner.views import view_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.progress import Progress

RESULTS = Path("build/demo")
_WIDTH_IN_A_PIPE = 140
_FEWEST_ROWS = 1000
_INTERRUPTED = 130


def main(given: Sequence[str] | None = None) -> int:
    """Run the demo and return its exit code."""
    arguments = _arguments(given)
    console = Console(width=None if sys.stdout.isatty() else _WIDTH_IN_A_PIPE)
    began = time.monotonic()

    def tell(line: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:6.1f} s[/]  {line}", highlight=False)

    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with _only_one(), LocalStack(rows=arguments.rows, tell=tell) as stack:
            os.environ.update(stack.aws.environment())
            summary = _migrate(stack, console)
            tell(f"the results are in {RESULTS}/")
            if arguments.keep:
                _keep(stack, console)
    except KeyboardInterrupt:
        console.print("interrupted; every process was ended")
        return _INTERRUPTED
    except (LocalError, InfraError, CatalogError, RunnerError) as error:
        console.print(f"[red]error:[/] {error}", highlight=False)
        return 2
    good = figures.succeeded(summary)
    console.print("[green]Both domains match, and no clone is left.[/]" if good else "[red]The migration failed.[/]")
    return 0 if good else 1


@contextmanager
def _only_one() -> Iterator[None]:
    """Hold the checkout's lock: two demos would share their folders.

    Raises:
        LocalError: Another demo runs here.
    """
    RESULTS.parent.mkdir(exist_ok=True)
    with (RESULTS.parent / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LocalError("another demo runs in this checkout; wait for its end, or clone once more") from error
        yield


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description="Migrate both domains on this machine.")
    parser.add_argument("--rows", type=int, default=100_000, help="rows over all tables (ROWS=)")
    parser.add_argument("--keep", action="store_true", help="leave the embedded AWS up at the end (KEEP=1)")
    arguments = parser.parse_args(given)
    if arguments.rows < _FEWEST_ROWS:
        parser.error(f"ROWS={arguments.rows} must be at least {_FEWEST_ROWS}")
    return arguments


def _migrate(stack: LocalStack, console: Console) -> dict[str, Any]:
    environment = load_environment(STACK)
    with Writer(stack.fleet, stack.partitions) as writer:
        arns = [start(environment, Request(domain)) for domain in sorted(stack.catalog.domains)]
        with view_for(console) as view:
            ended = follow(environment.client("stepfunctions"), arns, view)
    console.print(f"The writer made {writer.changes:,} changes to the sources meanwhile; no clone saw them.")
    summary = figures.collect(stack, ended)
    _save(stack, ended, summary)
    closing.show(console, summary)
    return summary


def _save(stack: LocalStack, ended: list[Progress], summary: dict[str, Any]) -> None:
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    states = stack.client("stepfunctions")
    files = {"summary.json": summary}
    for progress in ended:
        machine = states.describe_state_machine(stateMachineArn=stack.machine_arn(progress.domain))
        files[f"{progress.domain}.asl.json"] = json.loads(machine["definition"])
        for name in ("report", "verdict"):
            place = f"reports/{progress.domain}/{progress.name}/{name}.json"
            files[f"{progress.domain}-{name}.json"] = figures.document(stack, place)
    for name, content in files.items():
        (RESULTS / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _keep(stack: LocalStack, console: Console) -> None:
    console.print("\nThe embedded AWS stays up until Ctrl-C. To look around in it:")
    for name, value in stack.aws.environment().items():
        console.print(f"  export {name}={value}", highlight=False)
    console.print("  aws dynamodb list-tables", highlight=False)
    try:
        signal.pause()
    except KeyboardInterrupt:
        console.print("ending")


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
