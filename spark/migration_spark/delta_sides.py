"""Delta's two sides of a table: its present items and its wanted items, both as lines of DynamoDB JSON."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from migration_spark import item_tasks, jvm_functions, table_parts, typed_rows
from migration_spark.errors import BaseNotFound, RowsNotConserved, SpecError
from migration_spark.export import read_exports, read_lines
from migration_spark.run_inputs import read_manifest, require_exports
from migration_spark.writing import listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.arguments import Base
    from migration_spark.export import Export
    from migration_spark.job import Job
    from migration_spark.spec import Table
    from migration_spark.storage import Stored

OFFICIAL = "start an official run: migrate start --mode official"


@dataclass(frozen=True)
class DeltaSides:
    """A table's lines before and after, and the expected number of items of each.

    Attributes:
        table: Without exclusions and tolerances, so that Delta writes every difference.
        result: The table's select over no rows, for each attribute's kind.
        is_export: Whether the base is an export, as in a repair.
    """

    table: Table
    result: DataFrame
    base: DataFrame
    items: DataFrame
    base_count: int
    item_count: int
    is_export: bool

    def bits(self, line: Expression) -> Expression:
        """Return `k1`, `k2` and `h` of a line, null if it is not an item; uses the comparison's reader."""
        return jvm_functions.export_bits(self.table, self.result, line)

    def key(self, line: Expression) -> Expression:
        """Return `k1` of a line, which is parsed only up to its key."""
        return jvm_functions.export_key(self.table, self.result, line)["k1"]


def read_sides(job: Job) -> list[DeltaSides]:
    """Return every table's sides.

    Raises:
        BaseNotFound: The base's items are gone or changed, or have another key or other tables.
        ExportDamaged: An export's file is not the file that its manifest describes.
        SpecError: The new items belong to another spec or another attempt.
    """
    differences, arguments = job.arguments.differences, job.arguments
    if differences is None or (differences.base is None) != bool(arguments.exports):
        raise SpecError("give either --base, or the --exports of every table; the state machine does")
    manifest = _manifest(job, differences.items)
    before: dict[str, tuple[DataFrame, int]] = {}
    if differences.base is not None:
        for name, (objects, items) in base_objects(job, differences.base).items():
            before[name] = (_lines(job, objects), items)
    else:
        require_exports(job, "repaired")
        exports = read_exports(job.spark, job.storage, arguments.data, arguments.exports)
        before = _exported(job, exports)
    return [
        _sides(job, table, table_parts.of_table(manifest["tables"], table), before[table.name])
        for table in job.spec.tables
    ]


def _exported(job: Job, exports: dict[str, Export]) -> dict[str, tuple[DataFrame, int]]:
    """Return the lines of the exports and their number, by table or part.

    Raises:
        RowsNotConserved: The parts of a table do not have all lines of its export.
    """
    own = table_parts.exports_of(job.spec.tables, exports)
    counts = {name: export.lines.count() if export.items is None else export.items for name, export in own.items()}
    table_parts.check_exported(job.spec.tables, counts, exports)
    return {name: (export.lines, counts[name]) for name, export in own.items()}


def base_objects(job: Job, base: Base) -> dict[str, tuple[list[Stored], int]]:
    """Return the objects of the proven run's items, unchanged since the proof, and their number, by table or part.

    Raises:
        BaseNotFound: Names the table and what to do.
    """
    uri = f"{job.arguments.data.rstrip('/')}/processed/{job.spec.domain}/{base.run}/manifest.json"
    try:
        written = job.storage.read_json(uri)["tables"]
    except SpecError as error:
        raise BaseNotFound(f"{error}: the items of the proven run {base.run} have expired; {OFFICIAL}") from error
    by_table = {}
    for target, selects in table_parts.by_target(job.spec.tables).items():
        proven = base.tables.get(target)
        if proven is None or target not in written:
            raise BaseNotFound(f"the proven run {base.run} has no table {target}; {OFFICIAL}")
        if written[target].get("key") != selects[0].key_facts():
            raise BaseNotFound(
                f"{target}: the proven run {base.run} has another key than the catalog now says, and a table's key "
                f"cannot be changed; {OFFICIAL}"
            )
        if list(written[target].get("parts", {})) != [table.part for table in selects if table.part]:
            raise BaseNotFound(
                f"{target}: the proven run {base.run} has other parts than the catalog now says; {OFFICIAL}"
            )
        objects = job.storage.list_below(_uri(job, proven.prefix))
        if _digest(objects, proven.prefix) != proven.listing:
            gone = "have changed since they were proven" if objects else "are gone"
            raise BaseNotFound(
                f"{target}: the items of the proven run {base.run} below {proven.prefix} {gone}; {OFFICIAL}"
            )
        for table in selects:
            own = table_parts.of_table(written, table)
            below = own["prefix"] if table.part else proven.prefix
            items = own["items"] if table.part else proven.items
            by_table[table.name] = (_objects(job, below), items)
    return by_table


def _manifest(job: Job, attempt: str) -> dict[str, Any]:
    """Return Bootstrap's manifest of this run, which lists the new items."""
    manifest = read_manifest(job)
    if manifest["attempt"] != attempt:
        raise SpecError(f"the items of this run are of the attempt {manifest['attempt']}, and --items says {attempt}")
    return manifest


def _sides(job: Job, table: Table, written: dict[str, Any], before: tuple[DataFrame, int]) -> DeltaSides:
    objects = _objects(job, written["prefix"])
    if _digest(objects, written["prefix"]) != listing(written["files"]):
        raise RowsNotConserved(
            f"{table.name}: the objects below {written['prefix']} are not those that Bootstrap wrote; start a new run"
        )
    frames = {extract.name: item_tasks.landed(job.spark, extract, []) for extract in table.extracts}
    result, _ = typed_rows.select(job.spark, table, frames)
    differences = job.arguments.differences
    return DeltaSides(
        table=replace(table, exclude=(), tolerances={}),
        result=result,
        base=before[0],
        items=_lines(job, objects),
        base_count=before[1],
        item_count=written["items"],
        is_export=differences is not None and differences.base is None,
    )


def _objects(job: Job, prefix: str) -> list[Stored]:
    return job.storage.list(_uri(job, prefix))


def _uri(job: Job, prefix: str) -> str:
    return f"{job.arguments.data.rstrip('/')}/{prefix.rstrip('/')}"


def _lines(job: Job, objects: list[Stored]) -> DataFrame:
    return read_lines(job.spark, [stored.uri for stored in objects])


def _digest(objects: Sequence[Stored], prefix: str) -> str:
    """Return the digest of the objects' listing, with names relative to a prefix."""
    names = [stored.uri.rpartition(prefix)[2] for stored in objects]
    return listing([{"name": name, "bytes": stored.bytes} for name, stored in zip(names, objects)])
