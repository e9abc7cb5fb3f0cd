"""Proof that a reader sees every row of a source, and that a physical clone carries the source.

Both jobs read as the same user: a row that it cannot see is missing on both sides, and the comparison would match.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from migration_spark.errors import AuditMismatch, SourceNotCloned, SourceNotVisible

if TYPE_CHECKING:
    from migration_spark.spec import Extract

_SHOWN = 20
# A smaller table may have been emptied since its last statistics.
_LARGE_ESTIMATE = 1_000
_WRONG_FACTOR = 2


@dataclass(frozen=True)
class Source:
    """A source in a clone: its kind, and its rows by the database's statistics."""

    kind: str
    estimate: Optional[int]

    def facts(self) -> dict[str, Any]:
        """Return the manifest's entry."""
        return {"kind": self.kind, "estimate": self.estimate}


@dataclass(frozen=True)
class Doubt:
    """Doubt that a source is wholly visible, with the change that removes it."""

    text: str
    is_cloned: bool = True


@dataclass(frozen=True)
class Look:
    """A clone's answer about an extract's source; `source` is None if it does not exist."""

    source: Optional[Source]
    doubts: tuple[Doubt, ...]
    # The error of the extract's own query; a schema mismatch may explain it.
    failure: str = ""


def check(looks: dict[str, list[Look]]) -> None:
    """Raise for all sources with doubts in a single error; `looks` holds the answers per cluster.

    Raises:
        SourceNotCloned: Names each cluster, relation, cause and fix.
        SourceNotVisible: The same, if the clones carry every source.
    """
    doubts = [
        (doubt, f"{name}: {doubt.text}")
        for name, cluster_looks in looks.items()
        for look in cluster_looks
        for doubt in look.doubts
    ]
    if not doubts:
        return
    texts = list(dict.fromkeys(text for _, text in doubts))
    more = f"; and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    error = SourceNotVisible if all(doubt.is_cloned for doubt, _ in doubts) else SourceNotCloned
    raise error(
        f"{'; '.join(texts[:_SHOWN])}{more}. Nothing was read. A clone keeps what its source had: "
        "after a change of the source, release the clones and start a new run"
    )


def check_estimates(extract: Extract, sources: dict[str, Source], rows: dict[str, int]) -> list[str]:
    """Return a warning for each cluster whose table's rows differ greatly from its statistics.

    `rows` are all rows of the source, regardless of the extract's filter.

    Raises:
        SourceNotVisible: A table that is large by its statistics shows no row.
    """
    warnings = []
    for cluster, source in sources.items():
        estimate, count = source.estimate, rows[cluster]
        if estimate is None or source.kind == "view":
            continue
        if not count and estimate >= _LARGE_ESTIMATE:
            raise SourceNotVisible(
                f"{cluster}: {extract.source} shows no row, but its statistics say {estimate:,} rows. "
                f"Let the reader see them, or run ANALYZE on {extract.source} if it is empty; "
                "then release the clones and start a new run"
            )
        if max(estimate, count) >= _LARGE_ESTIMATE and not count / _WRONG_FACTOR <= estimate <= count * _WRONG_FACTOR:
            warnings.append(
                f"warning: {extract.source} in the clone of {cluster} has {count:,} rows, "
                f"its statistics say {estimate:,}"
            )
    return warnings


def where_facts(extract: Extract, counts: dict[str, list[int]], audited: dict[str, int]) -> dict[str, Any]:
    """Return the manifest's entry of an extract's filter: per cluster the rows inside and outside it.

    `counts` holds per cluster all rows and those inside, counted without the filter.

    Raises:
        AuditMismatch: The rows read differ from the rows that satisfy the condition.
    """
    for cluster, (_, inside) in counts.items():
        if inside != audited[cluster]:
            raise AuditMismatch(
                f"{extract.table}: {inside} rows of {extract.source} in the clone of {cluster} hold its where, but "
                f"{audited[cluster]} were read; nothing was imported"
            )
    return {
        "condition": extract.where,
        "clusters": {name: {"inside": inside, "outside": total - inside} for name, (total, inside) in counts.items()},
    }
