"""Landed splits of a run's extracts, and those that a later attempt read again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local.demo import run_summary
from tests.cluster.outcome import stored

if TYPE_CHECKING:
    from local.stack import LocalStack

_RECORD = re.compile(r"/\d+\.json$")  # of one split, next to the record of the source's split bounds


class Landed:
    """The records of a run's landed splits at one moment."""

    def __init__(self, stack: LocalStack, domain: str, run: str) -> None:
        self._stack, self._prefix = stack, f"landed/{domain}/{run}/"
        self._records = self._read()

    def __len__(self) -> int:
        """Return the number of landed splits."""
        return len(self._records)

    def read_again(self) -> tuple[int, int]:
        """Return the number of these splits that have landed again since, and their bytes of Parquet."""
        now = self._read()
        again = [key for key, version in self._records.items() if now.get(key) != version]
        return len(again), sum(self._bytes(key) for key in again)

    def _read(self) -> dict[str, str]:
        return {
            record.key: record.version for record in stored(self._stack, self._prefix) if _RECORD.search(record.key)
        }

    def _bytes(self, key: str) -> int:
        return sum(int(file["bytes"]) for file in run_summary.document(self._stack, key).get("files", []))
