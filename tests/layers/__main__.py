"""`make test`: run the parts of the tests in parallel, and print one summary.

Exit code 0 only if every part passed. What pytest says of a part lies in build/tests/<part>.log; it is shown if the
part failed.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from local.guard import ProcessGuard
from tests.layers.parts import LAYERS, Part, chosen
from tests.layers.results import Result, closing_line, read, slowest

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = Path("build/tests")
AT_ONCE = 3  # a part waits for servers a third of the time, so three of them keep two cores busy
_LOOK_SECONDS = 0.2
_SAY_SECONDS = 60.0
_ENDING_SECONDS = 30.0
_INTERRUPTED = 130


class Running:
    """A part whose tests are running."""

    def __init__(self, part: Part, guard: ProcessGuard) -> None:
        self.part, self.began = part, time.monotonic()
        self.log, self.report = FOLDER / f"{part.name}.log", FOLDER / f"{part.name}.xml"
        self.report.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "--durations=25", f"--junit-xml={self.report}"]
        with self.log.open("wb") as output:
            self.process = guard.start(
                [*command, *part.arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "TEST_PART": part.name},
            )

    @property
    def seconds(self) -> float:
        """Return the seconds that the part has run."""
        return time.monotonic() - self.began

    @property
    def progress(self) -> str:
        """Return pytest's progress."""
        said = re.findall(rb"\[ *(\d+%)\]", self.log.read_bytes())
        return f"{self.part.name} {said[-1].decode() if said else '0%'}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tests and return the exit code."""
    parser = argparse.ArgumentParser(prog="make test", description="Run the tests, some parts at a time.")
    parser.add_argument("layers", nargs="*", metavar="layer", help=f"all of {', '.join(LAYERS)} by default")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="processes at once (AT_ONCE=)")
    arguments = parser.parse_args(argv)
    unknown = sorted(set(arguments.layers) - set(LAYERS))
    if unknown:
        parser.error(f"there is no layer {', '.join(unknown)}; there are {', '.join(LAYERS)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    guard = ProcessGuard()
    running: list[Running] = []
    try:
        return _run(chosen(arguments.layers), arguments.at_once, guard, running)
    except KeyboardInterrupt:
        _end(running)
        print("interrupted; every process was ended", flush=True)
        return _INTERRUPTED
    finally:
        guard.close()


def _run(parts: list[Part], at_once: int, guard: ProcessGuard, running: list[Running]) -> int:
    began = said = time.monotonic()
    waiting, results, good = list(parts), [], True
    while waiting or running:
        while waiting and len(running) < at_once:
            running.append(Running(waiting.pop(0), guard))
        for part_run in [part_run for part_run in running if part_run.process.poll() is not None]:
            running.remove(part_run)
            guard.forget(part_run.process)
            results.append(read(part_run.report))
            good = _report_end(part_run, results[-1]) and good
        if time.monotonic() - said >= _SAY_SECONDS:
            said = time.monotonic()
            print(f"{said - began:6.0f} s  {', '.join(part_run.progress for part_run in running)}", flush=True)
        time.sleep(_LOOK_SECONDS)
    print("\nThe slowest tests:", *slowest(results), sep="\n")
    for line in [line for result in results for line in result.skipped]:
        print(f"SKIPPED {line}")
    print(closing_line(results, time.monotonic() - began), flush=True)
    return 0 if good else 1


def _report_end(part_run: Running, result: Result) -> bool:
    """Print a part's result, with pytest's whole output if it failed."""
    good = part_run.process.returncode == 0 and not result.counts["errors"]
    if not good:
        print(f"\n{part_run.log}:\n{part_run.log.read_text(errors='replace')}")
    ended = "passed" if good else f"FAILED with exit code {part_run.process.returncode}"
    print(
        f"{part_run.part.name} {ended}: {result.counts['passed']} passed in {part_run.seconds:.0f} s; {part_run.log}",
        flush=True,
    )
    return good


def _end(running: list[Running]) -> None:
    """Interrupt the running parts, which end the processes that they started, and wait a while."""
    for part_run in running:
        part_run.process.send_signal(signal.SIGINT)
    limit = time.monotonic() + _ENDING_SECONDS
    while any(part_run.process.poll() is None for part_run in running) and time.monotonic() < limit:
        time.sleep(_LOOK_SECONDS)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    for interrupt in (signal.SIGTERM, signal.SIGINT):
        signal.signal(interrupt, _interrupt)
    sys.exit(main())
