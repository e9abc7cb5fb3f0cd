"""Bootstrap's checks of its sources: unread columns, rows outside of filters, and counts against statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migration_spark import visibility

if TYPE_CHECKING:
    from migration_spark.audit import AuditedRows
    from migration_spark.job import Job
    from migration_spark.spec import Extract
    from migration_spark.visibility import Source

    Sources = dict[tuple[str, str], dict[str, Source]]


def source_facts(sources: Sources) -> dict[str, Any]:
    """Return the manifest's entries of the sources."""
    return {
        f"{table}-{name}": {cluster: source.facts() for cluster, source in clusters.items()}
        for (table, name), clusters in sources.items()
    }


def say_unread(job: Job, extracts: list[Extract], unread: dict[str, dict[str, list[str]]]) -> None:
    """Warn of columns that the catalog does not list, and of left-out columns that no source has."""
    for extract in extracts:
        columns = unread[f"{extract.table}-{extract.name}"]
        gone = [name for name in extract.left_out if name not in columns["leftOut"]]
        for names, fact in (
            (columns["new"], "is neither read nor in left_out; an official run refuses it"),
            (gone, "is in left_out, but the source has no such column"),
        ):
            for name in names:
                job.say(f"warning: {extract.table}-{extract.name}: {extract.source}.{name} {fact}")


def check_counts(
    job: Job, extracts: list[Extract], sources: Sources, landed: dict[Any, AuditedRows], insides: dict[Any, Any]
) -> dict[str, Any]:
    """Return and log the rows inside and outside each filter; compare all rows with the statistics.

    Raises:
        AuditMismatch: A filter's count differs from the rows read.
        SourceNotVisible: A large table shows no row.
    """
    where = {}
    for extract in extracts:
        name = (extract.table, extract.name)
        rows = landed[name].rows
        if name in insides:
            facts = visibility.where_facts(extract, insides[name], rows)
            where[f"{extract.table}-{extract.name}"] = facts
            for cluster, counts in facts["clusters"].items():
                job.say(
                    f"{extract.table}-{extract.name} in {cluster}: {counts['inside']:,} rows inside, "
                    f"{counts['outside']:,} outside: where {extract.where}"
                )
            rows = {cluster: total for cluster, (total, _) in insides[name].items()}
        for warning in visibility.check_estimates(extract, sources[name], rows):
            job.say(warning)
    return where
