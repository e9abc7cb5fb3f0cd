"""Command lines and environments of this machine's processes during a test."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Self

_EVERY_SECONDS = 0.1


class Processes:
    """Every command line and environment seen while open."""

    def __init__(self) -> None:
        self.command_lines: set[bytes] = set()
        self.environments: set[bytes] = set()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @property
    def seen(self) -> set[bytes]:
        """Return all command lines and environments."""
        return self.command_lines | self.environments

    def look(self) -> None:
        """Read all processes once."""
        for folder in Path("/proc").glob("[0-9]*"):
            for name, into in (("cmdline", self.command_lines), ("environ", self.environments)):
                try:
                    into.add((folder / name).read_bytes())
                except OSError:  # it has ended, or belongs to another user
                    continue

    def _watch(self) -> None:
        while not self._closing.wait(_EVERY_SECONDS):
            self.look()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()
