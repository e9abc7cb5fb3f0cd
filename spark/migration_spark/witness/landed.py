"""Comparison of the sample with the raw rows that Bootstrap landed."""

from __future__ import annotations

from collections import defaultdict
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from migration_spark.typed_rows import UNREADABLE
from migration_spark.witness.sampling import schema
from migration_spark.witness.values import Odd, landed, same, shown

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression

    from migration_spark.spec import Column, Extract
    from migration_spark.witness.findings import Findings
    from migration_spark.witness.sampling import Sample

# Texts of equal values of these types may differ, so that they cannot locate a raw row.
_VARYING = ("json", "real", "numeric")
_EXPLAINED = 20  # missing rows of a clone that are shown beside the nearest raw row
_NONE = "(no such row)"
_Row = tuple[Any, ...]


def compare(
    extract: Extract, samples: list[Sample], raw: DataFrame, findings: Findings, item_key: tuple[str, ...] = ()
) -> None:
    """Look every sampled row up among the raw rows, as often as it was sampled; count and show the differences.

    `item_key` are the columns of the item's key, if each readable row has its own key.
    """
    by = _locator(extract, samples, item_key)
    if not by or not any(sample.rows for sample in samples):
        return
    rows = _among(extract, raw, samples, by)
    readable: dict[str, list[_Row]] = defaultdict(list)
    unreadable: dict[str, list[_Row]] = defaultdict(list)
    for cluster, bad, *values in rows.select("_cluster", F.col(UNREADABLE).isNotNull(), *_encoded(extract)).collect():
        (unreadable if bad else readable)[cluster].append(_decoded(extract, values))
    for sample in samples:
        table = _Landed(extract, by, readable[sample.cluster], unreadable[sample.cluster])
        lost = [row for row in sample.rows if not table.settle(sample.cluster, row, findings)]
        near = _nearest(extract, sample.cluster, lost[:_EXPLAINED], raw) if lost else []
        for row, nearest in zip(lost, [*near, *[None] * len(lost)]):
            _settle_lost(extract, sample.cluster, row, nearest, findings)


def _among(extract: Extract, raw: DataFrame, samples: list[Sample], by: list[Column]) -> DataFrame:
    """Return the raw rows that equal a sampled row in the columns `by`, and a few that only share its hash."""
    context = raw.sparkSession.sparkContext
    jvm: Any = context._jvm
    rows = jvm.java.util.ArrayList()
    for sample in samples:
        rows.addAll(sample.nulled)
    indexes = [0, *[extract.columns.index(column) + 1 for column in by]]
    at = context._gateway.new_array(jvm.int, len(indexes))  # type: ignore[union-attr] # a driver has one
    for n, index in enumerate(indexes):
        at[n] = index
    hashed = F.xxhash64("_cluster", *[F.col(f"`{column.name}`") for column in by])
    key = schema(raw.sparkSession, by)
    return DataFrame(jvm.witness.Lookup.among(raw._jdf, rows, key, at, hashed._jc), raw.sparkSession)


class _Landed:
    """Raw rows of a cluster that may match its sampled rows."""

    def __init__(self, extract: Extract, by: list[Column], rows: list[_Row], unreadable: list[_Row]) -> None:
        self._extract = extract
        self._by = [n for n, column in enumerate(extract.columns) if column in by]
        self._rows: dict[_Row, list[_Row]] = defaultdict(list)
        for row in rows:
            self._rows[self._key(row)].append(row)
        self._unreadable = {self._key(row) for row in unreadable}

    def _key(self, row: _Row) -> _Row:
        # NaN does not work as a dictionary's key.
        return tuple("NaN" if row[n] != row[n] else row[n] for n in self._by)

    def settle(self, cluster: str, row: _Row, findings: Findings) -> bool:
        """Count the row; return False if no raw row matches it."""
        name, columns = self._extract.name, self._extract.columns
        key = self._key(row)
        # Bootstrap rejects unreadable rows by name; a value that is odd to the driver must be in one of them.
        if key in self._unreadable or any(isinstance(value, Odd) for value in key):
            return True
        candidates = self._rows[key]
        if not candidates:
            return any(isinstance(value, Odd) for value in row)
        findings.count(name, cluster, "landed")
        nearest = min(range(len(candidates)), key=lambda n: len(_differing(columns, row, candidates[n])))
        differing = _differing(columns, row, candidates[nearest])
        if differing:
            findings.differs(name, cluster, _samples(self._extract, row, candidates[nearest], differing))
        else:
            del candidates[nearest]
        return True


def _settle_lost(extract: Extract, cluster: str, row: _Row, nearest: _Row | None, findings: Findings) -> None:
    findings.count(extract.name, cluster, "landed")
    if nearest is None:
        key = _key_text(extract, row)
        findings.differs(extract.name, cluster, [{"column": _NONE, "key": key, "clone": key, "landed": _NONE}])
        return
    differing = _differing(extract.columns, row, nearest)
    findings.differs(extract.name, cluster, _samples(extract, row, nearest, differing or [0]))


def _locator(extract: Extract, samples: list[Sample], item_key: tuple[str, ...]) -> list[Column]:
    """Return the columns that locate a raw row: a key's, or all columns with a single notation per value."""
    keys = {sample.key for sample in samples}
    firm = [column for column in extract.columns if column.type not in _VARYING]
    primary_key = next(iter(keys)) if len(keys) == 1 else ()
    for key in (primary_key, item_key if _is_key(extract, samples, item_key) else ()):
        of_key = [column for column in firm if column.name in key]
        if of_key and len(of_key) == len(set(key)):
            return of_key
    return firm


def _is_key(extract: Extract, samples: list[Sample], names: tuple[str, ...]) -> bool:
    """Return whether every sampled row has unique values in these columns; rejected rows may share values."""
    indexes = [n for n, column in enumerate(extract.columns) if column.name in names]
    for sample in samples:
        values = [tuple(row[n] for n in indexes) for row in sample.rows]
        if len(set(values)) < len(values) or any(value is None for row in values for value in row):
            return False
    return bool(indexes)


def _nearest(extract: Extract, cluster: str, rows: list[_Row], raw: DataFrame) -> list[_Row | None]:
    """Return for each row the raw row of its cluster that agrees in the most columns."""
    of_cluster = raw.where((F.col("_cluster") == cluster) & F.col(UNREADABLE).isNull()).select(*_encoded(extract))
    nearest: list[_Row | None] = []
    for row in rows:
        agreeing = [F.col(f"v{n}").eqNullSafe(_literal(value)).cast("int") for n, value in enumerate(row)]
        best = of_cluster.orderBy(reduce(add, agreeing).desc()).limit(1).collect()
        nearest.append(_decoded(extract, best[0]) if best else None)
    return nearest


def _literal(value: Any) -> Expression:
    if isinstance(value, tuple):
        return F.array(*[F.lit(entry) for entry in value])
    return F.lit(value)


def _encoded(extract: Extract) -> list[Expression]:
    """Return the columns as v0, v1 and so on, with dates and timestamps as whole numbers, free of time zones."""
    whole = {"date": F.unix_date, "timestamp": F.unix_micros, "timestamptz": F.unix_micros}
    return [
        (whole[column.type](F.col(f"`{column.name}`")) if column.type in whole else F.col(f"`{column.name}`")).alias(
            f"v{n}"
        )
        for n, column in enumerate(extract.columns)
    ]


def _decoded(extract: Extract, values: Any) -> _Row:
    return tuple(landed(value, column.type) for value, column in zip(values, extract.columns))


def _differing(columns: tuple[Column, ...], row: _Row, raw_row: _Row) -> list[int]:
    return [n for n, column in enumerate(columns) if not same(row[n], raw_row[n], column.type)]


def _samples(extract: Extract, row: _Row, other: _Row, differing: list[int]) -> list[dict[str, str]]:
    key = _key_text(extract, row)
    return [
        {"column": extract.columns[n].name, "key": key, "clone": shown(row[n]), "landed": shown(other[n])}
        for n in differing
    ]


def _key_text(extract: Extract, row: _Row) -> str:
    """Return a row's description for a person: its first two values."""
    return ", ".join(f"{column.name}={shown(value)}" for column, value in list(zip(extract.columns, row))[:2])
