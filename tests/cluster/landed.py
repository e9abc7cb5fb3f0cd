"""Splits of extracts that a run has landed, and those of them that a later attempt read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cluster.outcome import stored

if TYPE_CHECKING:
    from local.stack import LocalStack


class Landed:
    """The records of landed splits of one run, as they were at a moment."""

    def __init__(self, stack: LocalStack, domain: str, run: str) -> None:
        self._stack, self._place = stack, f"{domain}/{run}/"
        self._records = self._read("landed")
        self._files = self._read("raw")

    def __len__(self) -> int:
        """Return how many splits had landed."""
        return len(self._records)

    def read_again(self) -> tuple[int, int]:
        """Return how many of these splits were landed anew since, and how many bytes were written for it."""
        records, files = self._read("landed"), self._read("raw")
        again = [key for key, version in self._records.items() if records.get(key) != version]
        rewritten = [key for key, version in self._files.items() if key in files and files[key] != version]
        return len(again), sum(int(files[key].split()[0]) for key in rewritten)

    def _read(self, kind: str) -> dict[str, str]:
        return {found.key: f"{found.bytes} {found.version}" for found in stored(self._stack, f"{kind}/{self._place}")}
