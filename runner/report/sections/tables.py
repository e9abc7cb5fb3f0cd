"""The tables in the report: their counts in a chain, their differences, imports and exports."""

from __future__ import annotations

import functools
from collections import Counter
from typing import TYPE_CHECKING, TypeVar

from runner import links
from runner.formatting import iso
from runner.labels import BAD_CLASSES
from runner.report.inputs.comparison import ComparedTable
from runner.report.inputs.execution import MigratedTable
from runner.report.inputs.manifest import WrittenTable
from runner.report.model.counts import NAMES, Limits
from runner.report.model.tables import ClusterCounts, Export, Import, Part, Table
from runner.report.sections import differences
from runner.report.sections.counts import checks, count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.report.collect.evidence import Evidence
    from runner.report.inputs.manifest import ClusterFigures
    from runner.report.model.base import Verdict
    from runner.report.model.counts import Counts
    from runner.report.model.extracts import Extract

DescribedT = TypeVar("DescribedT")
_NO_LIMITS = Limits(rejected=None, filtered=None, unmatched=None)


def build(evidence: Evidence, extracts: Sequence[Extract]) -> tuple[Table, ...]:
    """Return the tables of the run, in the catalog's order."""
    disputed = _disputed(extracts)
    written = (evidence.manifest.tables if evidence.manifest else None) or (
        evidence.comparison.bootstrap if evidence.comparison else {}
    )
    document = evidence.comparison or evidence.verdict
    compared = document.tables if document else {}
    return tuple(
        _table(evidence, name, written.get(name, WrittenTable()), compared.get(name), disputed)
        for name in dict.fromkeys([*evidence.table_names, *written, *compared])
    )


def totals(tables: Sequence[Table]) -> dict[str, int | None]:
    """Return the sum of each count over the tables that know it; None where none does."""
    sums: dict[str, int | None] = {}
    for name in NAMES if tables else ():
        known = [count for table in tables if (count := table.counts.of(name)) is not None]
        sums[name] = sum(known) if known else None
    return sums


def _disputed(extracts: Sequence[Extract]) -> Counter[str]:
    """Return how many differences the witness has of the extracts of each table, or of each part of one."""
    disputed: Counter[str] = Counter()
    for extract in extracts:
        for cluster in extract.clusters:
            disputed[extract.table] += (cluster.witness.differences if cluster.witness else None) or 0
    return disputed


def _table(
    evidence: Evidence, name: str, written: WrittenTable, compared: ComparedTable | None, disputed: Counter[str]
) -> Table:
    migrated = _newest(evidence, name)
    stages = [attempt.stages[name] for attempt in evidence.attempts if name in attempt.stages]
    counts = count(written, migrated, compared)
    extracted = [f"{name}.{part}" for part in written.parts] or [name]
    return Table(
        name=name,
        table_name=migrated.table_name,
        table_arn=migrated.table_arn or None,
        link=links.table(evidence.region, migrated.table_name) if migrated.table_name else None,
        stage=stages[-1] if stages else None,
        verdict=_verdict(counts, sum(disputed[own] for own in extracted)),
        traced=written.traced,
        limits=evidence.limits.get(name, _NO_LIMITS),
        counts=counts,
        checks=checks(counts),
        columns=differences.columns(compared or ComparedTable()),
        differences=differences.differences(evidence, name, compared),
        dynamodb_import=_import(evidence, migrated),
        dynamodb_export=_export(evidence, migrated),
        clusters=tuple(_cluster(cluster, figures) for cluster, figures in written.clusters.items()),
        reject_samples=written.reject_samples,
        duplicate_samples=written.duplicate_samples,
        parts=_parts(evidence, name, written.parts, (compared.parts if compared else None) or {}),
    )


def _parts(
    evidence: Evidence, table: str, written: Mapping[str, WrittenTable], compared: Mapping[str, ComparedTable]
) -> tuple[Part, ...]:
    """Return the counts of each part of a table; no run imports or exports a part alone."""
    return tuple(
        _part(name, written.get(name, WrittenTable()), compared.get(name), evidence.limits.get(f"{table}.{name}"))
        for name in dict.fromkeys([*written, *compared])
    )


def _part(name: str, written: WrittenTable, compared: ComparedTable | None, limits: Limits | None) -> Part:
    counts = count(written, MigratedTable(name=name), compared)
    return Part(
        name=name,
        verdict=_verdict(counts, 0),
        limits=limits or _NO_LIMITS,
        counts=counts,
        checks=checks(counts),
        differing=sum(compared.of(kind) or 0 for kind in BAD_CLASSES) if compared else None,
    )


def _newest(evidence: Evidence, name: str) -> MigratedTable:
    """Return the outputs of all attempts that migrated the table as one, the newest first."""
    outputs = [attempt.migrated[name] for attempt in evidence.attempts if name in attempt.migrated]
    return functools.reduce(MigratedTable.then, outputs, MigratedTable(name=name))


def _verdict(counts: Counts, disputed: int) -> Verdict:
    if counts.compared is None:
        return "NONE"
    return "MISMATCH" if disputed or any(counts.of(name) for name in BAD_CLASSES) else "MATCH"


def _import(evidence: Evidence, migrated: MigratedTable) -> Import | None:
    """Return the import that created the table; None for a table that was created empty."""
    arn = migrated.import_arn
    if not arn:
        return None
    described = _described([attempt.imports for attempt in evidence.attempts], arn)
    return Import(
        arn=arn,
        link=links.table(evidence.region, _table_of(arn)),
        status=described.import_status if described else None,
        started_at=iso(described.start_time) if described else None,
        ended_at=iso(described.end_time) if described else None,
        processed_bytes=described.processed_size_bytes if described else None,
        errors=described.error_count if described else None,
    )


def _export(evidence: Evidence, migrated: MigratedTable) -> Export | None:
    arn = migrated.export_arn
    if not arn:
        return None
    described = _described([attempt.exports for attempt in evidence.attempts], arn)
    return Export(
        arn=arn,
        link=links.exports(evidence.region, _table_of(arn)),
        status=described.export_status if described else None,
        started_at=iso(described.start_time) if described else None,
        ended_at=iso(described.end_time) if described else None,
        export_time=iso(described.export_time) if described else None,
        billed_bytes=described.billed_size_bytes if described else None,
        manifest=f"s3://{evidence.bucket}/{migrated.manifest}",
    )


def _table_of(arn: str) -> str:
    """Return the table that the ARN of an import or export begins with: …:table/<name>/export/<id>."""
    return arn.split("/")[1]


def _described(described: Iterable[Mapping[str, DescribedT]], arn: str) -> DescribedT | None:
    answers = [by_arn[arn] for by_arn in described if arn in by_arn]
    return answers[-1] if answers else None


def _cluster(name: str, figures: ClusterFigures) -> ClusterCounts:
    return ClusterCounts(
        cluster=name,
        rows_read=figures.rows_read,
        items=figures.item + figures.duplicate,
        rejected=figures.rejected,
        superseded=figures.superseded,
        filtered=figures.filtered,
        unmatched=figures.unmatched,
    )
