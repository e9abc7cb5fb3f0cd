"""Run the tests of a group against each of its mutants."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Queue
from typing import TYPE_CHECKING, Any

from tests.mutants.lines import IMPORT
from tests.mutants.worker import TIMED_OUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.mutants.groups import Group
    from tests.mutants.mutant import Mutant
    from tests.mutants.scratch import Scratch

_BASELINE_SECONDS = 3600
_SPARE_SECONDS = 20  # to begin, on a machine that does other work too
_SLOWER = 5
_TOO_MANY_ARGUMENTS = 400


# pytest's exit code where the mutant does not compile: see tests/unit/java/conftest.py.
_NO_MUTANT = 77


class NoMutantError(Exception):
    """The compiler rejects the mutant."""


class BaselineError(Exception):
    """The tests fail without any mutant."""


@dataclass
class Baseline:
    """The lines that a group's tests run without a mutant, and the seconds that they take."""

    lines: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    whole: float = 0
    longest: float = 0  # of a single test, or of collecting them

    def tests_of(self, mutant: Mutant) -> list[str]:
        """Return the tests that run the mutant's line, the quickest files first, or [] if all of them must run."""
        by_line = self.lines.get(mutant.path, {})
        tests = set(by_line.get(str(mutant.line), []))
        if self.is_nobodys(mutant):
            tests = {test for of_line in by_line.values() for test in of_line}
        tests.discard(IMPORT)
        if len(tests) > _TOO_MANY_ARGUMENTS:
            return []
        files = {test: test.partition("::")[0] for test in tests}
        of_file = {file: sum(self.seconds[test] for test in tests if files[test] == file) for file in files.values()}
        return sorted(tests, key=lambda test: (of_file[files[test]], files[test], self.seconds[test]))

    def is_nobodys(self, mutant: Mutant) -> bool:
        """Return whether tests may depend on the line without running it, by an import or a shared fixture."""
        return runs_for_all(mutant) or IMPORT in self.lines.get(mutant.path, {}).get(str(mutant.line), [])


class Worker:
    """The process that runs tests in forks of itself."""

    def __init__(self, scratch: Scratch, *, loud: bool = False) -> None:
        """Start it in the scratch copy."""
        self._loud = loud
        self._scratch = scratch
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mutants.worker"],
            cwd=scratch.folder,
            env=scratch.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """End it."""
        self._process.communicate()

    def baseline(self, group: Group) -> Baseline:
        """Run the group's tests, and record the lines of each.

        Raises:
            BaselineError: One fails although nothing is wrong.
        """
        if group.keeps_jvm:
            self._send({"jvm": str(self._scratch.folder / "build"), "module": group.keeps_jvm})
        facts = self._scratch.folder / f".lines-{group.name}.json"
        files = list(group.modules) if group.is_traced else []
        request = {"pytest": [*group.arguments, *group.tests], "lines": str(facts), "files": files}
        code, seconds = self._ask(request, _BASELINE_SECONDS)
        if code != 0:
            raise BaselineError(f"the tests of {group.name} fail without a mutant; run: pytest {' '.join(group.tests)}")
        recorded = json.loads(facts.read_text("utf-8"))
        self._send({"preload": recorded["packages"]})
        return Baseline(recorded["lines"], recorded["seconds"], seconds, recorded["longest"])

    def survives(self, group: Group, baseline: Baseline, mutant: Mutant) -> bool:
        """Return whether no test notices the mutant; a test that exceeds its time notices it.

        Raises:
            NoMutantError: It does not compile.
        """
        self._scratch.apply(mutant)
        try:
            chosen = baseline.tests_of(mutant)
            if chosen:
                seconds = sum(baseline.seconds[test] for test in chosen)
                if self._fails([*group.arguments, *chosen], seconds, baseline.longest):
                    return False
                if not baseline.is_nobodys(mutant):
                    return True
            # What an import or another process runs is nobody's line: only all tests together say that none notices.
            return not self._fails([*group.arguments, *group.tests], baseline.whole, baseline.longest)
        finally:
            self._scratch.restore(mutant)

    def _fails(self, tests: list[str], seconds: float, longest: float) -> bool:
        step = _SPARE_SECONDS + _SLOWER * longest
        code, _ = self._ask({"pytest": tests, "step": step}, _SPARE_SECONDS + _SLOWER * seconds)
        if code == _NO_MUTANT:
            raise NoMutantError
        return code == TIMED_OUT or code != 0

    def _ask(self, request: dict[str, Any], seconds: float) -> tuple[int, float]:
        self._send({**request, "seconds": seconds, "loud": self._loud})
        assert self._process.stdout is not None
        answer = self._process.stdout.readline()
        if not answer:
            raise BaselineError(f"the worker ended: {self._process.wait()}")
        answered = json.loads(answer)
        return answered["code"], answered["seconds"]

    def _send(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()


class Workers:
    """Workers that judge mutants side by side, each in its own copy."""

    def __init__(self, scratches: list[Scratch], *, loud: bool = False) -> None:
        """Start them."""
        self._all = [Worker(scratch, loud=loud) for scratch in scratches]
        self._free: Queue[Worker] = Queue()
        for worker in self._all:
            self._free.put(worker)

    def close(self) -> None:
        """End them."""
        for worker in self._all:
            worker.close()

    def baseline(self, group: Group) -> Baseline:
        """Run the group's tests in every worker, as `Worker.baseline`; each needs the bytecode in its own copy."""
        with ThreadPoolExecutor(len(self._all)) as pool:
            first, *_others = pool.map(Worker.baseline, self._all, [group] * len(self._all))
        return first

    def outcomes(self, group: Group, baseline: Baseline, mutants: list[Mutant]) -> Iterator[tuple[Mutant, str]]:
        """Yield each mutant with "killed", "survived" or "" if it does not compile, in order."""

        def outcome(mutant: Mutant) -> str:
            worker = self._free.get()
            try:
                return "survived" if worker.survives(group, baseline, mutant) else "killed"
            except NoMutantError:
                return ""
            finally:
                self._free.put(worker)

        with ThreadPoolExecutor(len(self._all)) as pool:
            yield from zip(mutants, pool.map(outcome, mutants), strict=True)


def runs_for_all(mutant: Mutant) -> bool:
    """Return whether a test may depend on the mutant without running its line: at import, or after a cached call."""
    return mutant.runs_at_import or "@cache" in mutant.source or "lru_cache" in mutant.source


def results_file(root: Path) -> Path:
    """Return the file of a run's survivors."""
    return root / "build" / "mutants" / "results.json"
