"""The extracts in the report: the rows and columns that each read, and the witness sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.report.inputs.manifest import Manifest
from runner.report.model.base import Value
from runner.report.model.extracts import ClusterWitness, Extract, ExtractCluster, Witness, WitnessSample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.report.collect.evidence import Evidence
    from runner.report.inputs import comparison
    from runner.report.inputs.comparison import WitnessCounts
    from runner.report.inputs.manifest import Sides, Source

VALUE_CHARACTERS = 1024
# An estimate of the database and a count further apart than this are shown side by side.
_RATIO = 2
# PostgreSQL analyzes a table again only after 50 changed rows and a tenth of the table:
# https://www.postgresql.org/docs/current/runtime-config-autovacuum.html
_FEW_ROWS = 100


def build(evidence: Evidence) -> tuple[Extract, ...]:
    """Return the extracts that the run's documents name, in the manifest's order."""
    manifest = evidence.manifest or Manifest()
    witness = evidence.comparison.witness if evidence.comparison else {}
    names = dict.fromkeys([*manifest.audit, *manifest.sources, *manifest.where, *manifest.unread, *witness])
    return tuple(_extract(name, manifest, witness.get(name, {})) for name in names)


def witness(evidence: Evidence, extracts: Sequence[Extract]) -> Witness | None:
    """Return the witness's totals and the values that it disputes, or None if the run had no witness."""
    checked = [cluster.witness for extract in extracts for cluster in extract.clusters if cluster.witness]
    totals = evidence.verdict.witness if evidence.verdict else None
    if totals is None and not checked:
        return None
    samples = evidence.comparison.witness_samples if evidence.comparison else ()
    return Witness(
        sampled=totals.sampled if totals else sum(counts.sampled or 0 for counts in checked),
        landed=totals.landed if totals else sum(counts.landed or 0 for counts in checked),
        exported=totals.exported if totals else sum(counts.exported or 0 for counts in checked),
        differences=totals.differences if totals else sum(counts.differences or 0 for counts in checked),
        samples=tuple(_sample(sample) for sample in samples),
    )


def _extract(name: str, manifest: Manifest, witness: Mapping[str, WitnessCounts]) -> Extract:
    table, _, extract = name.rpartition("-")  # the name of an extract has no hyphen
    unread, where = manifest.unread.get(name), manifest.where.get(name)
    rows = {cluster: figures[0] for cluster, figures in manifest.audit.get(name, {}).items() if figures}
    sources, sides = manifest.sources.get(name, {}), where.clusters if where else {}
    return Extract(
        table=table,
        extract=extract,
        condition=where.condition if where else None,
        left_out=unread.left_out if unread else None,
        new_columns=unread.new if unread else None,
        clusters=tuple(
            _cluster(cluster, rows.get(cluster), sources.get(cluster), sides.get(cluster), witness.get(cluster))
            for cluster in dict.fromkeys([*rows, *sources, *sides, *witness])
        ),
    )


def _cluster(
    cluster: str, rows: int | None, source: Source | None, sides: Sides | None, witness: WitnessCounts | None
) -> ExtractCluster:
    estimate = source.estimate if source else None
    # The estimate is of the whole table, whatever the extract's condition lets through.
    whole = rows if sides is None else (sides.inside or 0) + (sides.outside or 0)
    return ExtractCluster(
        cluster=cluster,
        rows=rows,
        kind=source.kind if source else None,
        estimate=estimate,
        estimate_differs=_differs(estimate, whole),
        inside=sides.inside if sides else None,
        outside=sides.outside if sides else None,
        witness=None if witness is None else ClusterWitness(**dict(witness)),
    )


def _differs(estimate: int | None, rows: int | None) -> bool | None:
    """Return True if the database's own estimate and the count are far apart; None if one is not known."""
    if estimate is None or rows is None:
        return None
    low, high = sorted((estimate, rows))
    return high - low > _FEW_ROWS and high > _RATIO * low


def _sample(sample: comparison.WitnessSample) -> WitnessSample:
    exported = "exported" in sample.model_fields_set
    return WitnessSample(
        table=sample.table,
        extract=sample.extract,
        cluster=sample.cluster,
        column=sample.column,
        key=str(sample.key),
        clone=_value(sample.clone),
        against="exported" if exported else "landed",
        value=_value(sample.exported if exported else sample.landed),
    )


def _value(value: object) -> Value:
    """Return a value as the other differences show theirs; the witness compares values without DynamoDB's types."""
    text = "null" if value is None else str(value)
    return Value(
        type=None,
        text=text[:VALUE_CHARACTERS],
        characters=len(text),
        cut=len(text) > VALUE_CHARACTERS,
    )
