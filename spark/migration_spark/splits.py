"""Cuts of a source into splits of bounded size, by its statistics; each split is a query of a single session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from migration_spark.spec import Extract

# About a few minutes of reading; the loss of a worker repeats this much.
SPLIT_BYTES, SPLIT_ROWS = 1024**3, 5_000_000
# Several ranges per connection, so that an uneven table keeps all connections busy.
_RANGES_PER_CONNECTION = 6


class Size(NamedTuple):
    """Approximate size of a source; 0 if unknown."""

    bytes: int
    rows: int
    # Whether the database reads a range without scanning all other rows.
    in_ranges: bool = True


@dataclass(frozen=True)
class Limits:
    """Largest split, and whether Spark speculates: then no stage of several tasks may read, or it would read twice."""

    bytes: int = SPLIT_BYTES
    rows: int = SPLIT_ROWS
    speculation: bool = False


STANDARD = Limits()


@dataclass(frozen=True)
class Cuts:
    """Predicates on `$place`, the column of the expression `position`; together they cover every row."""

    position: str | None
    predicates: tuple[str, ...]
    fetch_rows: int
    # Whether each predicate is a split, which has its own Spark job and its own record.
    apart: bool

    def document(self) -> dict[str, Any]:
        """Return the cuts as recorded."""
        return {"position": self.position, "predicates": list(self.predicates), "fetchRows": self.fetch_rows}


def cuts_of(document: dict[str, Any]) -> Cuts:
    """Return recorded cuts; only cuts whose predicates are splits are recorded."""
    return Cuts(document["position"], tuple(document["predicates"]), document["fetchRows"], apart=True)


def limits(spark: SparkSession) -> Limits:
    """Return the session's limits: `spark.migration.splitBytes` and `splitRows`, which tests lower."""
    return Limits(
        int(spark.conf.get("spark.migration.splitBytes", str(SPLIT_BYTES)) or 0),
        int(spark.conf.get("spark.migration.splitRows", str(SPLIT_ROWS)) or 0),
        spark.conf.get("spark.speculation", "false") == "true",
    )


def wanted(extract: Extract, size: Size, limit: Limits, *, more: bool) -> tuple[int, bool]:
    """Return the number of ranges of a source, and whether each is a split; `more` adds a range."""
    count = max(1, -(-size.bytes // limit.bytes), -(-size.rows // limit.rows))
    if not size.in_ranges:
        # Each range is a scan of the whole table.
        return extract.connections, limit.speculation
    if count > extract.connections or limit.speculation:
        return max(count, extract.connections) + more, True
    return extract.connections * _RANGES_PER_CONNECTION + more, False


def even_cuts(sizes: list[int], count: int, shift: int) -> list[int]:
    """Return the block numbers that cut all relations of these sizes at once into ranges of about equal size."""
    total, most = sum(sizes), max(sizes)
    cuts: set[int] = set()
    before, left = 0, sorted(sizes)
    for n in range(1, count):
        aim = total * n // count
        # All blocks of a relation that ends before the cut lie before it.
        while before + left[0] * len(left) < aim:
            before += left.pop(0)
        cuts.add(min(most, (aim - before) // len(left) + shift))
    return sorted(cuts)
