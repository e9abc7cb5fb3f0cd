"""Release of a job; all documents of a run have the same release."""

from __future__ import annotations

import pkgutil

from migration_spark import __version__
from migration_spark.errors import ReleaseChanged

PROPERTY = "spark.migration.release"  # the release that the state machine expects


def own_release() -> str:
    """Return the JAR's <version>-<hash>, or only the version outside of a release."""
    return _packaged("RELEASE") or __version__


def own_commit() -> str:
    """Return the commit of the release's source, or an empty text outside of a release."""
    return _packaged("COMMIT")


def check_release(own: str, expected: str, run: str) -> None:
    """Raise for a JAR below another release's prefix.

    Raises:
        ReleaseChanged: The JAR has another release; nothing was read.
    """
    if expected and own != expected:
        raise ReleaseChanged(
            f"the JAR below releases/{expected}/ belongs to the release {own}: it was overwritten. Deploy the stack, "
            f"which uploads a whole release. Then resume with: migrate resume {run}"
        )


def check_manifest(own: str, written: object, run: str) -> None:
    """Raise for items that another release wrote: two releases may make different items of the same rows.

    Raises:
        ReleaseChanged: Names both releases.
    """
    if own != written:
        raise ReleaseChanged(
            f"the items of the run {run} were written by the release {written}, and this is {own}. Start a new run, or "
            f"resume without --jar-key, which keeps the release that wrote them: migrate resume {run}"
        )


def _packaged(name: str) -> str:
    try:
        return (pkgutil.get_data("migration_spark", name) or b"").decode().strip()
    except OSError:
        return ""
