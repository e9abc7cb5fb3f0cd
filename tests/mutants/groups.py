"""The mutated modules, their tests, and the accepted survivors."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.mutants.java_code import java_mutants
from tests.mutants.python_code import python_mutants
from tests.mutants.template_code import template_mutants

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.mutants.mutant import Mutant

FOLDER = Path(__file__).parent
MODULES, ACCEPTED = FOLDER / "modules.yaml", FOLDER / "accepted.yaml"
_MUTANTS = {".py": python_mutants, ".java": java_mutants, ".j2": template_mutants, ".yaml": template_mutants}


class StaleError(Exception):
    """The lists of this folder name a missing file or test."""


@dataclass(frozen=True)
class Group:
    """Modules that the same tests cover."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    deselected: tuple[str, ...]
    in_sample: bool
    keeps_jvm: str = ""  # the module whose `keep` starts one JVM for the tests of all mutants

    def mutants(self, root: Path) -> list[Mutant]:
        """Return all mutants of the group's modules."""
        return [
            mutant
            for module in self.modules
            for mutant in _MUTANTS[Path(module).suffix](module, (root / module).read_text("utf-8"))
        ]

    @property
    def arguments(self) -> list[str]:
        """Return pytest's arguments besides the tests."""
        return [f"--deselect={test}" for test in self.deselected]

    @property
    def is_traced(self) -> bool:
        """Return whether Python runs the lines, so that coverage selects the tests."""
        return all(module.endswith(".py") for module in self.modules)


def read_groups(root: Path, path: Path = MODULES) -> list[Group]:
    """Return the groups.

    Raises:
        StaleError: A module or a test is not there.
    """
    document = yaml.safe_load(path.read_text("utf-8"))
    groups = []
    for name, facts in document["groups"].items():
        modules = [_files(root, pattern) for pattern in facts["modules"]]
        without = {file for pattern in facts.get("without", []) for file in _files(root, pattern)}
        chosen = tuple(file for files in modules for file in files if file not in without)
        missing = [test for test in facts["tests"] if not (root / test.partition("::")[0]).exists()]
        if missing:
            raise StaleError(f"{path}: group {name} names tests that are not there: {', '.join(missing)}")
        deselected = tuple(document.get("deselected", []))
        flags = {"in_sample": facts.get("sample", False), "keeps_jvm": facts.get("keeps_jvm", "")}
        groups.append(Group(name, chosen, tuple(facts["tests"]), deselected, **flags))
    return groups


def read_accepted(mutants: Iterable[Mutant], path: Path = ACCEPTED) -> dict[tuple[str, str, str], str]:
    """Return the reason of each accepted survivor by its key.

    Raises:
        StaleError: An entry is no mutant of today's code, has no reason, or is there twice.
    """
    entries: list[dict[str, Any]] = yaml.safe_load(path.read_text("utf-8")) or []
    accepted = {(entry["file"], entry["line"], entry["change"]): str(entry.get("reason") or "") for entry in entries}
    known = {mutant.key for mutant in mutants}
    stale = [key for key, reason in accepted.items() if key not in known or not reason.strip()]
    stale += [key for key, count in Counter((e["file"], e["line"], e["change"]) for e in entries).items() if count > 1]
    if stale:
        listed = "\n  ".join(": ".join(key) for key in stale)
        raise StaleError(f"{path}: no mutant is made any more, or no reason is written; remove or renew:\n  {listed}")
    return accepted


def _files(root: Path, pattern: str) -> list[str]:
    files = sorted(path.relative_to(root).as_posix() for path in root.glob(pattern) if path.is_file())
    if not files:
        raise StaleError(f"no file matches {pattern} of modules.yaml")
    return files
