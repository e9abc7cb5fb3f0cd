"""Testimony of all tables' witnesses for the verdict and its report."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from migration_spark.redaction import key_hash

if TYPE_CHECKING:
    from migration_spark.witness.findings import Findings


class Testimony:
    """Findings about all tables."""

    def __init__(self, tables: dict[str, Findings]) -> None:
        self._tables = tables
        total: Counter[str] = Counter()
        for findings in tables.values():
            total.update(findings.total())
        self.counts = {what: total[what] for what in ("sampled", "landed", "exported", "differences")}
        self.samples = [{"table": name, **sample} for name, findings in tables.items() for sample in findings.samples]

    def document(self, rows: dict[str, dict[str, int]]) -> dict[str, Any]:
        """Return the counts by extract and cluster, with the rows that Bootstrap counted."""
        return {
            extract: clusters
            for name, findings in self._tables.items()
            for extract, clusters in findings.document(name, rows).items()
        }

    def added_to(self, summary: str, *, differs: bool) -> str:
        """Return the verdict's summary with the witness's differences, which may contradict it."""
        if not self.counts["differences"]:
            return summary
        first = self.samples[0]
        where = "DynamoDB" if "exported" in first else "raw/"
        sentence = (
            f"The witness found {self.counts['differences']} differences in {self.counts['sampled']} sampled rows. "
            f"The first: {first['table']} {key_hash(str(first['key']))} in {first['cluster']} ({first['extract']}): "
            f"{first['column']} has different values in the clone and in {where}. Both are in the report."
        )
        return f"{summary} {sentence}" if differs else sentence
