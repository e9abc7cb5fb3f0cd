"""Witness of a table: draws samples from its clones before the comparison, and checks them after it."""

from __future__ import annotations

import struct
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from migration_spark import typed_rows
from migration_spark.attribute_kinds import kinds_of
from migration_spark.typed_rows import UNREADABLE
from migration_spark.witness import landed
from migration_spark.witness.exported import (
    ExpectedItem,
    ItemComparison,
    attribute_text,
    decoded,
    described,
    encoded,
    expected,
    key_of,
    may_be_deleted,
)
from migration_spark.witness.findings import Findings, summary_line
from migration_spark.witness.query_plans import computed_in_tasks, is_row_by_row
from migration_spark.witness.sampling import budget_bytes, draw, frame

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from migration_spark.export import Export
    from migration_spark.job import Job
    from migration_spark.reading import Reading
    from migration_spark.spec import Extract, Table
    from migration_spark.witness.sampling import Sample

_CLONES_AT_ONCE = 8
_ITEM = "(whole item)"


class TableWitness:
    """Witness of a table."""

    def __init__(self, job: Job, reading: Reading, table: Table, landed_rows: dict[str, int], seed: int) -> None:
        """Begin to draw the samples in a thread.

        `landed_rows` are the rows that Bootstrap counted per extract.
        """
        self._landed_rows = landed_rows
        self._job, self._reading, self._table, self._seed = job, reading, table, seed
        self._findings = Findings()
        self._samples: dict[str, list[Sample]] = {}
        self._items: list[ExpectedItem] = []
        self._kinds: dict[str, str] = {}
        context = job.spark.sparkContext
        jvm: Any = context._jvm
        self._jvm = jvm
        # Number of the SampledLines that keep the sampled keys' lines.
        self.number = int(jvm.migration.SampledLines.begin(context._jsc.sc()))
        self._raw: dict[str, DataFrame] = {}
        # In this order, one at a time: the comparison waits for the first two and runs beside the last.
        pool = ThreadPoolExecutor(1)
        self._steps = [
            pool.submit(job.first_error.watched(step)) for step in (self._draw_all, self._expect, self._look_up)
        ]
        pool.shutdown(wait=False)

    def wait(self) -> None:
        """Wait until the keys of the lines to keep are known; the export must not be read before."""
        for step in self._steps[:-1]:
            step.result()

    def _draw_all(self) -> None:
        with ThreadPoolExecutor(_CLONES_AT_ONCE) as pool:
            draw_of = self._job.first_error.watched(self._draw)
            drawing = [(extract, pool.submit(draw_of, extract)) for extract in self._table.extracts]
            self._raw = {
                extract.name: self._reading.landed(extract, self._landed_rows[extract.name])
                for extract in self._table.extracts
            }
            self._samples = {extract.name: drawn.result() for extract, drawn in drawing}

    def _draw(self, extract: Extract) -> list[Sample]:
        databases = self._reading.databases(extract)
        budget = budget_bytes(len(databases))

        def draw_of_clone(database: Any) -> Sample:
            return draw(self._job.spark, database, extract, self._seed, budget)

        with ThreadPoolExecutor(_CLONES_AT_ONCE) as pool:
            samples = list(pool.map(self._job.first_error.watched(draw_of_clone), databases))
        for sample in samples:
            self._findings.count(extract.name, sample.cluster, "sampled", len(sample.rows))
        return samples

    def _expect(self) -> None:
        """Compute the items that the driving extract's sample should become, and keep the lines of their keys."""
        table = self._table
        if not any(sample.rows for sample in self._samples[table.driving]):
            return
        typed = [sample.typed for sample in self._samples[table.driving]]
        sampled = frame(self._job.spark, table.driving_extract, typed).withColumn(
            UNREADABLE, F.lit(None).cast("string")
        )
        result, _ = typed_rows.select(self._job.spark, table, {**self._raw, table.driving: sampled})
        rows = computed_in_tasks(encoded(table, result))
        if not is_row_by_row(rows):
            self._job.say(f"{table.name}: the select combines rows; the witness compares raw rows only")
            return
        self._kinds = kinds_of(table, result)
        self._items = expected(self._kinds, rows)
        hashes = [item.hash for item in self._items]
        self._jvm.migration.SampledLines.fill(self.number, bytearray(struct.pack(f">{len(hashes)}q", *hashes)))

    def settle(self, export: Export) -> Findings:
        """Compare the samples with the raw rows and the kept lines; call this after the export was read."""
        self._steps[-1].result()
        self._hold_against(self._lines(), export.exported_at_seconds)
        self._job.say(f"{self._table.name}: witness: {summary_line(self._findings.total())}")
        return self._findings

    def _look_up(self) -> None:
        for extract in self._table.extracts:
            samples, raw = self._samples[extract.name], self._raw[extract.name]
            item_key = self._item_key() if extract.name == self._table.driving else ()
            landed.compare(extract, samples, raw, self._findings, item_key)

    def _item_key(self) -> tuple[str, ...]:
        """Return the driving columns of the item's key; none if several rows may share a key."""
        table = self._table
        names = [table.plain_attributes.get(part.name) for part in table.key]
        return () if table.latest or table.group_by or None in names else tuple(str(name) for name in names)

    def _lines(self) -> dict[tuple[Any, ...], dict[str, Any]]:
        """Return the kept items by key; the comparison reports lines that are not items."""
        kept = self._jvm.migration.SampledLines.take(self.number)
        items = {}
        for line in set(kept.split("\n")) - {""}:
            item = decoded(line)
            items[key_of(self._table, item)] = item
        return items

    def _hold_against(self, lines: dict[tuple[Any, ...], dict[str, Any]], exported_at_seconds: int) -> None:
        agreement = ItemComparison(self._table, list(self._kinds))
        doubtful: list[tuple[ExpectedItem, dict[str, Any], list[str]]] = []
        for wanted in self._items:
            item = lines.get(key_of(self._table, wanted.attributes))
            if item is None:
                expired = may_be_deleted(wanted.expires, exported_at_seconds)
                # The newest of several rows of a key may be rejected; the comparison handles that.
                if not expired and not self._table.latest:
                    doubtful.append((wanted, {}, [_ITEM]))
                continue
            differing = agreement.differing(wanted.attributes, item)
            order = self._order(wanted, item) if self._table.latest in differing else 0
            if order < 0:
                continue  # a newer row of the key is the item
            if order > 0:
                differing = [str(self._table.latest)]
            if differing and self._table.latest and order == 0:
                doubtful.append((wanted, item, differing))
            else:
                self._count(wanted, item, differing)
        self._settle(doubtful, agreement)

    def _settle(
        self, doubtful: list[tuple[ExpectedItem, dict[str, Any], list[str]]], agreement: ItemComparison
    ) -> None:
        """Count differing rows, except those that the raw rows of their key explain.

        A row without an item may be unreadable; then it is not among the readable raw rows. A row with another item
        may tie with another row of the same `latest`.
        """
        if not doubtful:
            return
        result, _ = typed_rows.select(self._job.spark, self._table, self._raw)
        is_doubtful = F.col("_hash").isin([wanted.hash for wanted, _, _ in doubtful])
        by_hash: dict[int, list[ExpectedItem]] = {}
        for other in expected(self._kinds, encoded(self._table, result).where(is_doubtful)):
            by_hash.setdefault(other.hash, []).append(other)
        for wanted, item, differing in doubtful:
            others = by_hash.get(wanted.hash, [])
            if not item and not others:
                continue
            tied = len(others) > 1 and any(not agreement.differing(other.attributes, item) for other in others)
            self._count(wanted, item, [] if tied and item else differing)

    def _count(self, wanted: ExpectedItem, item: dict[str, Any], differing: list[str]) -> None:
        self._findings.count(self._table.driving, wanted.cluster, "exported")
        if differing:
            key = described(self._table, wanted.attributes)
            samples = [
                {
                    "column": name,
                    "key": key,
                    "clone": "present" if name == _ITEM else attribute_text(wanted.attributes.get(name)),
                    "exported": "absent" if name == _ITEM else attribute_text(item.get(name)),
                }
                for name in differing
            ]
            self._findings.differs(self._table.driving, wanted.cluster, samples)

    def _order(self, wanted: ExpectedItem, item: dict[str, Any]) -> int:
        """Return -1 if the item is a newer row's, 0 if it may be this row's, and 1 if it is an older row's."""
        if not self._table.latest:
            return 0
        ours, theirs = wanted.attributes.get(self._table.latest), item.get(self._table.latest)
        if ours is None or theirs is None:
            return (ours is not None) - (theirs is not None)
        if ours[0] != theirs[0]:
            return 0
        left, right = (value.encode() if isinstance(value, str) else value for value in (ours[1], theirs[1]))
        return int(left > right) - int(left < right)
