"""Delta in this process: from what one run of Bootstrap wrote, or an export, to what another one wrote."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

from migration_spark import delta

from tests.spark.jobs import EXPORT

if TYPE_CHECKING:
    from tests.spark.jobs import Jobs

Item = dict[str, Any]
ALL = ("--max-delete-percent", "100", "--max-change-percent", "1000")
REPAIR = ("--exports", json.dumps([{"table": "Thing", "manifest": EXPORT}]))


def base_of(jobs: Jobs, run: str, **changes: Any) -> tuple[str, str]:  # noqa: ANN401 - JSON
    """Return --base for what a run of Bootstrap wrote, as the registry keeps it after a MATCH."""
    summary = jobs.read(f"processed/d/{run}/summary.json")
    table = {name: summary["tables"]["Thing"][name] for name in ("prefix", "items", "listing")}
    base = {"run": run, "attempt": summary["attempt"], "tables": {"Thing": {**table, **changes}}}
    return "--base", json.dumps(base)


def run_delta(jobs: Jobs, run: str, *more: str, attempt: str = "c1") -> dict[str, Any]:
    """Run Delta with the items of a run as the new ones; return its table's part of the summary."""
    items = str(jobs.read(f"processed/d/{run}/summary.json")["attempt"])
    job = jobs.job("delta", run, attempt, "--items", items, *more)
    with job.progress.recording():
        delta.run(job)
    return dict(jobs.read(f"changes/d/{run}/{attempt}/summary.json")["tables"]["Thing"])


def parts_of(jobs: Jobs, run: str, attempt: str = "c1") -> dict[str, list[dict[str, Any]]]:
    """Return the parts that the table writer is to read, each held against its checksum."""
    folder = jobs.folder / f"changes/d/{run}/{attempt}/Thing"
    listed = json.loads((folder / "parts.json").read_text())
    parts = {kind: listed[kind] for kind in ("puts", "deletes")}
    for part in (*parts["puts"], *parts["deletes"]):
        content = (folder / part["name"]).read_bytes()
        assert (len(content), hashlib.md5(content).hexdigest()) == (part["bytes"], part["md5"])  # noqa: S324
        assert len(gzip.decompress(content).splitlines()) == part["changes"]
    return parts


def lines_of(jobs: Jobs, run: str, attempt: str = "c1") -> dict[str, list[Item]]:
    """Return the changes of each kind, in the order in which the table writer meets them."""
    folder = jobs.folder / f"changes/d/{run}/{attempt}/Thing"
    return {
        kind: [
            json.loads(line)
            for part in parts
            for line in gzip.decompress((folder / part["name"]).read_bytes()).split(b"\n")[:-1]
        ]
        for kind, parts in parts_of(jobs, run, attempt).items()
    }


def applied(items: dict[str, Item], changes: dict[str, list[Item]]) -> dict[str, Item]:
    """Return items by their id after the changes, each of which finds what it expects."""
    after = dict(items)
    for change in changes["puts"]:
        key = change["put"]["id"]["S"]
        assert after.get(key) == change["was"]
        after[key] = change["put"]
    for change in changes["deletes"]:
        assert after.pop(change["delete"]["id"]["S"]) == change["was"]
    return after
