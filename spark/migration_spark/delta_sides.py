"""Delta's two sides of a table: the items that it has, and those that it is to have; both as lines of DynamoDB JSON."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from migration_spark import functions, item_tasks, views
from migration_spark.errors import BaseNotFound, RowsNotConserved, SpecError
from migration_spark.export import read_exports, read_lines
from migration_spark.run_inputs import read_manifest, require_exports
from migration_spark.writing import listing

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from migration_spark.arguments import Base
    from migration_spark.job import Job
    from migration_spark.spec import Table
    from migration_spark.storage import Stored

OFFICIAL = "start an official run: migrate start --mode official"


@dataclass(frozen=True)
class Sides:
    """A table's lines before and after, and how many items each should be.

    Attributes:
        table: Without exclusions and tolerances: every difference is written.
        result: What the table's select returns, without rows; it says each attribute's kind.
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
        """Return an expression: `k1`, `k2` and `h` of a line, null where it is no item; by the comparison's reader."""
        return functions.export_bits(self.table, self.result, line)

    def key(self, line: Expression) -> Expression:
        """Return an expression: `k1` of a line, read no further than its key."""
        return functions.export_key(self.table, self.result, line)["k1"]


def read_sides(job: Job) -> list[Sides]:
    """Return every table's sides.

    Raises:
        BaseNotFound: The base's items are gone, changed, of another key or of other tables.
        ExportDamaged: A file of an export is not the one that its manifest describes.
        SpecError: The new items are not of this spec, or of another attempt.
    """
    differences, arguments = job.arguments.differences, job.arguments
    if differences is None or (differences.base is None) != bool(arguments.exports):
        raise SpecError("give either --base, or the --exports of every table; the state machine does")
    manifest = _manifest(job, differences.items)
    before: dict[str, tuple[DataFrame, int]] = {}
    if differences.base is not None:
        for name, objects in base_objects(job, differences.base).items():
            before[name] = (_lines(job, objects), differences.base.tables[name].items)
    else:
        require_exports(job, "repaired")
        exports = read_exports(job.spark, job.storage, arguments.data, arguments.exports)
        before = {name: (export.lines, export.items) for name, export in exports.items()}
    return [_sides(job, table, manifest["tables"][table.name], before[table.name]) for table in job.spec.tables]


def base_objects(job: Job, base: Base) -> dict[str, list[Stored]]:
    """Return by table the objects of the proven run's items, which are those that were proven.

    Raises:
        BaseNotFound: Says of which table, and what to do.
    """
    uri = f"{job.arguments.data.rstrip('/')}/processed/{job.spec.domain}/{base.run}/manifest.json"
    try:
        written = job.storage.read_json(uri)["tables"]
    except SpecError as error:
        raise BaseNotFound(f"{error}: the items of the proven run {base.run} have expired; {OFFICIAL}") from error
    by_table = {}
    for table in job.spec.tables:
        proven = base.tables.get(table.name)
        if proven is None or table.name not in written:
            raise BaseNotFound(f"the proven run {base.run} has no table {table.name}; {OFFICIAL}")
        if written[table.name].get("key") != table.key_facts():
            raise BaseNotFound(
                f"{table.name}: the proven run {base.run} has another key than the catalog now says, and a table's key "
                f"cannot be changed; {OFFICIAL}"
            )
        objects = _objects(job, proven.prefix)
        if _digest(objects) != proven.listing:
            gone = "have changed since they were proven" if objects else "are gone"
            raise BaseNotFound(
                f"{table.name}: the items of the proven run {base.run} below {proven.prefix} {gone}; {OFFICIAL}"
            )
        by_table[table.name] = objects
    return by_table


def _manifest(job: Job, attempt: str) -> dict[str, Any]:
    """Return Bootstrap's manifest of this run, whose items are the new ones."""
    manifest = read_manifest(job)
    if manifest["attempt"] != attempt:
        raise SpecError(f"the items of this run are of the attempt {manifest['attempt']}, and --items says {attempt}")
    return manifest


def _sides(job: Job, table: Table, written: dict[str, Any], before: tuple[DataFrame, int]) -> Sides:
    objects = _objects(job, written["prefix"])
    if _digest(objects) != listing(written["files"]):
        raise RowsNotConserved(
            f"{table.name}: the objects below {written['prefix']} are not those that Bootstrap wrote; start a new run"
        )
    frames = {extract.name: item_tasks.landed(job.spark, extract, []) for extract in table.extracts}
    result, _ = views.select(job.spark, table, frames)
    differences = job.arguments.differences
    return Sides(
        table=replace(table, exclude=(), tolerances={}),
        result=result,
        base=before[0],
        items=_lines(job, objects),
        base_count=before[1],
        item_count=written["items"],
        is_export=differences is not None and differences.base is None,
    )


def _objects(job: Job, prefix: str) -> list[Stored]:
    return job.storage.list(f"{job.arguments.data.rstrip('/')}/{prefix.rstrip('/')}")


def _lines(job: Job, objects: list[Stored]) -> DataFrame:
    return read_lines(job.spark, [stored.uri for stored in objects])


def _digest(objects: list[Stored]) -> str:
    return listing([{"name": stored.uri.rsplit("/", 1)[1], "bytes": stored.bytes} for stored in objects])
