"""Inputs of the jobs after Bootstrap: the run's manifest, and exports of every table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migration_spark.errors import SpecError
from migration_spark.release import check_manifest

if TYPE_CHECKING:
    from migration_spark.job import Job


def read_manifest(job: Job) -> dict[str, Any]:
    """Return Bootstrap's manifest of the job's run.

    Raises:
        ReleaseChanged: Another release wrote it.
        SpecError: Its spec is another one.
    """
    manifest: dict[str, Any] = job.storage.read_json(job.arguments.uri("processed", "manifest.json"))
    check_manifest(job.release, manifest.get("release"), job.arguments.run)
    if manifest["specHash"] != job.spec.catalog_hash:
        raise SpecError("the spec has changed since Bootstrap; start a new run")
    return manifest


def require_exports(job: Job, purpose: str) -> None:
    """Raise unless --exports names every table of the domain; `purpose` completes the message, like "compared".

    Raises:
        SpecError: Names the missing tables.
    """
    missing = sorted({table.target for table in job.spec.tables} - set(job.arguments.exports))
    if missing:
        raise SpecError(f"--exports lacks {', '.join(missing)}: every table of the domain is {purpose}")
