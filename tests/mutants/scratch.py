"""A copy of the repository for mutants, so that no other process reads them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.mutants.mutant import Mutant

ROOT = Path(__file__).parents[2]
LINKED = (".venv", "build/release", "build/bin", "build/lambdas")
_FETCHED = "build/jars"
_COMPILED = "migration-functions.jar"  # of the copy's own sources, among what is fetched


class Scratch:
    """A copy of the files that git lists, with links to the build."""

    def __init__(self, folder: Path) -> None:
        """Copy the files in their current state, committed or not."""
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        for name in _files():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target, follow_symlinks=False)
        fetched = [f"{_FETCHED}/{path.name}" for path in (ROOT / _FETCHED).glob("*") if path.name != _COMPILED]
        for name in (*LINKED, *fetched):
            if (ROOT / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).symlink_to(ROOT / name)

    def apply(self, mutant: Mutant) -> None:
        """Write the mutant, and delete the bytecode: Python would accept it for a file of equal size and second."""
        path = self.folder / mutant.path
        path.write_text(mutant.source, "utf-8")
        Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)

    def restore(self, mutant: Mutant) -> None:
        """Restore the file with its time; Python recompiles a file with another time or size."""
        shutil.copy2(ROOT / mutant.path, self.folder / mutant.path)

    def environment(self) -> dict[str, str]:
        """Return the environment of a process that imports from the copy."""
        paths = os.pathsep.join(str(self.folder / name) for name in (".", "lambdas", "spark"))
        return {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}


def _files() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]  # the git on PATH
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
