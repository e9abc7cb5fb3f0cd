"""How a source is cut: into splits of bounded size, by its statistics; each is one query of one session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from migration_spark.spec import Extract

# What a session reads in a few minutes, and what is read again where a worker is lost.
SPLIT_BYTES, SPLIT_ROWS = 1024**3, 5_000_000
# So that an uneven table does not leave one connection with all the rest.
_RANGES_PER_CONNECTION = 6


class Size(NamedTuple):
    """About how large a source is; 0 where nobody knows."""

    bytes: int
    rows: int
    # Whether a range is found without a look at all other rows.
    in_ranges: bool = True


@dataclass(frozen=True)
class Limits:
    """How much a split holds, and whether no stage of several tasks may read, since Spark starts its tasks twice."""

    bytes: int = SPLIT_BYTES
    rows: int = SPLIT_ROWS
    speculation: bool = False


STANDARD = Limits()


@dataclass(frozen=True)
class Cuts:
    """Predicates on `$place`, which `position` is; together they hold for every row."""

    position: str | None
    predicates: tuple[str, ...]
    fetch_rows: int
    # Whether each predicate is a split: read by a Spark job of its own, landed and recorded on its own.
    apart: bool

    def document(self) -> dict[str, Any]:
        """Return what is recorded of them."""
        return {"position": self.position, "predicates": list(self.predicates), "fetchRows": self.fetch_rows}


def cuts_of(document: dict[str, Any]) -> Cuts:
    """Return recorded cuts; only those whose predicates are splits are recorded."""
    return Cuts(document["position"], tuple(document["predicates"]), document["fetchRows"], apart=True)


def limits(spark: SparkSession) -> Limits:
    """Return the session's limits: `spark.migration.splitBytes` and `splitRows`, which tests make small."""
    return Limits(
        int(spark.conf.get("spark.migration.splitBytes", str(SPLIT_BYTES)) or 0),
        int(spark.conf.get("spark.migration.splitRows", str(SPLIT_ROWS)) or 0),
        spark.conf.get("spark.speculation", "false") == "true",
    )


def wanted(extract: Extract, size: Size, limit: Limits, *, more: bool) -> tuple[int, bool]:
    """Return into how many ranges a source is cut, and whether each of them is a split; `more` is one more."""
    count = max(1, -(-size.bytes // limit.bytes), -(-size.rows // limit.rows))
    if not size.in_ranges:
        # Each range is a scan of the whole table.
        return extract.connections, limit.speculation
    if count > extract.connections or limit.speculation:
        return max(count, extract.connections) + more, True
    return extract.connections * _RANGES_PER_CONNECTION + more, False


def even_cuts(sizes: list[int], count: int, shift: int) -> list[int]:
    """Return the blocks that cut relations of these sizes, all at once, into ranges of about as many blocks."""
    total, most = sum(sizes), max(sizes)
    cuts: set[int] = set()
    before, left = 0, sorted(sizes)
    for n in range(1, count):
        aim = total * n // count
        # Of a relation that ends before the cut, all blocks lie before it.
        while before + left[0] * len(left) < aim:
            before += left.pop(0)
        cuts.add(min(most, (aim - before) // len(left) + shift))
    return sorted(cuts)
