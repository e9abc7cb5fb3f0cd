"""The release that a job is of: all documents of a run are of one."""

from __future__ import annotations

import pkgutil

from migration_spark import __version__
from migration_spark.errors import ReleaseChanged

PROPERTY = "spark.migration.release"  # what the state machine takes the JAR for


def own_release() -> str:
    """Return <version>-<hash>, which the JAR carries; outside of a release the version alone."""
    return _packaged("RELEASE") or __version__


def own_commit() -> str:
    """Return the commit that the release was built from; nothing outside of a release."""
    return _packaged("COMMIT")


def check_release(own: str, expected: str, run: str) -> None:
    """Refuse a JAR that lies under another release's name.

    Raises:
        ReleaseChanged: It does; nothing was read.
    """
    if expected and own != expected:
        raise ReleaseChanged(
            f"the JAR below releases/{expected}/ is of the release {own}: somebody overwrote it. Deploy the stack, "
            f"which uploads a whole release. Then resume with: migrate resume {run}"
        )


def check_manifest(own: str, written: object, run: str) -> None:
    """Refuse items that another release wrote: two releases may mean different things by the same rows.

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
