"""Check of the release that a run will use: the newest, the named or the kept one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.account.releases import listed_objects, release_of
from runner.plan.checks.domain import document, has_matched, not_adopted
from runner.plan.model import Finding

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from runner.account.lookups import Account

_ENTRY_POINTS = ("bootstrap.py", "compare.py", "delta.py")
_DEPLOY = "deploy the stack, which uploads a release"


def check_release(account: Account) -> Iterator[Finding | str]:
    """Report the release that the run keeps; fail if files of the release are missing."""
    bucket, named, kept = account.bucket("artifacts"), account.request.jar_key, _kept(account)
    keys = _keys(account)
    if kept and named and release_of(named) != kept:
        yield Finding(
            "fails",
            "release",
            f"the items of this run were written by the release {kept}, and --jar-key names {named}: "
            "it would fail with ReleaseChanged",
            "leave --jar-key out, or start a new run",
        )
        return
    if kept:
        whole = any(release_of(key) == kept for key in keys) and f"releases/{kept}/compare.py" in keys
        if whole:
            yield f"the run keeps the release {kept}, which wrote its items"
        else:
            yield Finding(
                "fails",
                "release",
                f"the items of this run were written by the release {kept}, which is not whole below "
                f"s3://{bucket}/releases/ any more: it would fail with ReleaseChanged",
                "start a new run, or deploy that release again",
            )
        return
    jars = [key for key in keys if release_of(key) and named in (None, key)]
    if not jars:
        lacks = f"no JAR {named} lies" if named else "no release JAR lies"
        todo = "name one that is there with --jar-key; the command releases lists them" if named else _DEPLOY
        yield Finding("fails", "release", f"{lacks} below s3://{bucket}/releases/", todo)
        return
    folder = max(jars, key=lambda key: (keys[key], key)).rsplit("/", 1)[0]
    for name in _ENTRY_POINTS:
        if f"{folder}/{name}" not in keys:
            yield Finding("fails", "release", f"s3://{bucket}/{folder}/{name} does not exist", _DEPLOY)


def _kept(account: Account) -> str:
    """Return the release that wrote the items to adopt, or an empty string if the run adopts none."""
    run = account.request.run_id
    summary = None if run is None or has_matched(account) else document(account, f"{account.prefix}{run}/summary.json")
    if summary is None or not_adopted(account, summary):
        return ""
    return str(summary.get("release", "without a name"))


def _keys(account: Account) -> dict[str, dt.datetime]:
    objects = listed_objects(account.client("s3"), account.bucket("artifacts"))
    return {key: entry["LastModified"] for key, entry in objects.items()}
