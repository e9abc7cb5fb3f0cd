"""The releases in the artifacts bucket, with the newest one and the runs that still need each."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from runner.account.stored_json import read_json
from runner.errors import UsageError

if TYPE_CHECKING:
    import datetime as dt

    from runner.account.environments import Environment

PREFIX = "releases/"
# JARs in a folder named by version and content hash.
_JAR = re.compile(r"releases/([^/]+-[0-9a-f]{12})/[^/]+\.jar")
_AT_ONCE = 8


@dataclass
class Release:
    """A folder below releases/; `needed_by` lists resumable runs that would keep it."""

    name: str
    bytes: int
    uploaded: dt.datetime
    files: list[str]
    is_newest: bool = False
    needed_by: list[str] = field(default_factory=list)

    @property
    def is_removable(self) -> bool:
        """Return whether no run needs it and no new run would use it."""
        return not (self.is_newest or self.needed_by)


def release_of(jar_key: str) -> str:
    """Return the release of a JAR, or an empty string."""
    match = _JAR.fullmatch(jar_key)
    return match[1] if match else ""


def listed_objects(s3: Any, bucket: str) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - a boto3 client
    """Return all objects below releases/ by their key."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX)
    return {entry["Key"]: entry for page in pages for entry in page.get("Contents", [])}


def releases(environment: Environment) -> list[Release]:
    """Return the releases, newest first.

    Raises:
        UsageError: A bucket cannot be read.
    """
    s3, bucket = environment.client("s3"), environment.artifacts_bucket
    try:
        objects = listed_objects(s3, bucket)
        needs = _needs(environment)
    except (BotoCoreError, ClientError) as error:
        raise UsageError(f"the releases of {environment.name} cannot be listed: {error}") from error
    newest = max((key for key in objects if release_of(key)), key=lambda key: (_time(objects, key), key), default="")
    folders: dict[str, list[str]] = {}
    for key in objects:
        folders.setdefault(key.removeprefix(PREFIX).rsplit("/", 1)[0], []).append(key)
    releases = [
        Release(
            name,
            bytes=sum(objects[key]["Size"] for key in keys),
            uploaded=max(_time(objects, key) for key in keys),
            files=sorted(keys),
            is_newest=name == release_of(newest),
            needed_by=sorted(needs.get(name, [])),
        )
        for name, keys in folders.items()
    ]
    return sorted(releases, key=lambda release: (release.uploaded, release.name), reverse=True)


def _time(objects: dict[str, dict[str, Any]], key: str) -> dt.datetime:
    moment: dt.datetime = objects[key]["LastModified"]
    return moment


def _needs(environment: Environment) -> dict[str, list[str]]:
    """Return the runs by release that wrote items with it and have not matched."""
    s3, bucket = environment.client("s3"), environment.data_bucket
    runs = [run for domain in _folders(s3, bucket, "processed/") for run in _folders(s3, bucket, domain)]

    def needed(prefix: str) -> tuple[str, str]:
        run = prefix.removeprefix("processed/").rstrip("/")
        verdict = read_json(s3, bucket, f"reports/{run}/verdict.json") or {}
        summary = read_json(s3, bucket, f"processed/{run}/summary.json") or {}
        is_adopted = verdict.get("verdict") != "MATCH" and not summary.get("failure")
        return run, str(summary.get("release", "")) if is_adopted else ""

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        runs_by_release: dict[str, list[str]] = {}
        for run, release in pool.map(needed, runs):
            runs_by_release.setdefault(release, []).append(run)
    return runs_by_release


def _folders(s3: Any, bucket: str, prefix: str) -> list[str]:  # noqa: ANN401 - a boto3 client
    """Return the folders below a prefix: domains below processed/, runs below a domain, unless they expired."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
    return [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", [])]
