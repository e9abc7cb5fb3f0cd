"""Findings of the witness: the rows that it sampled from each clone, and those that differ."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

_SAMPLES = 100  # of a table, of raw rows and of items each
_SHOWN = ("sampled", "landed", "exported", "differences")


@dataclass
class Findings:
    """Findings about a table."""

    counts: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)  # by extract and cluster
    samples: list[dict[str, Any]] = field(default_factory=list)

    def count(self, extract: str, cluster: str, what: str, times: int = 1) -> None:
        """Add to a count of rows."""
        self.counts.setdefault((extract, cluster), Counter())[what] += times

    def differs(self, extract: str, cluster: str, samples: list[dict[str, str]]) -> None:
        """Count a differing row; keep its differences, up to a bound."""
        self.count(extract, cluster, "differences")
        kind = "exported" if "exported" in samples[0] else "landed"
        held = sum(kind in sample for sample in self.samples)
        for sample in samples[: max(0, _SAMPLES - held)]:
            self.samples.append({"extract": extract, "cluster": cluster, **sample})

    def total(self) -> dict[str, int]:
        """Return the sums over all extracts and clusters."""
        return {what: sum(counted[what] for counted in self.counts.values()) for what in _SHOWN}

    def document(self, table: str, rows: dict[str, dict[str, int]]) -> dict[str, dict[str, dict[str, int]]]:
        """Return the counts per extract and cluster, with the rows of each."""
        by_extract: dict[str, dict[str, dict[str, int]]] = {}
        for (extract, cluster), counted in self.counts.items():
            name = f"{table}-{extract}"
            counts = {"rows": rows[name][cluster], **{what: counted[what] for what in _SHOWN}}
            by_extract.setdefault(name, {})[cluster] = counts
        return by_extract


def summary_line(counts: dict[str, int]) -> str:
    """Return a line of text with the sums."""
    line = (
        "{sampled:,} rows sampled, {landed:,} compared with raw rows, {exported:,} with items, {differences:,} differ"
    )
    return line.format(**counts)
