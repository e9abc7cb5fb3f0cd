"""The summary of runs, from the jobs' documents and the executions' histories."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.stack import LocalStack
    from runner.live.history.progress import Progress

_BOOTSTRAP = {"rows_read": "rowsRead", "items_written": "items", "rejected": "rejected", "superseded": "superseded"}
_COMPARED = ("matched", "changed", "missing", "extra", "expired", "duplicate", "undecodable")


def collect(stack: LocalStack, ended: Sequence[Progress]) -> dict[str, Any]:
    """Return the document of build/demo/summary.json."""
    return {
        "domains": {progress.domain: _domain(stack, progress) for progress in ended},
        "clones_left": len(clones_left(stack)),
    }


def clones_left(stack: LocalStack) -> list[str]:
    """Return the clones that RDS still lists or whose server still runs."""
    listed = stack.client("rds").describe_db_clusters()["DBClusters"]
    names = {cluster["DBClusterIdentifier"] for cluster in listed} | set(stack.fleet.names())
    return sorted(name for name in names if name.endswith("-clone"))


def document(stack: LocalStack, key: str) -> dict[str, Any]:
    """Return a JSON object of the data bucket, or an empty one if it does not exist."""
    s3 = stack.client("s3")
    try:
        return dict(json.loads(s3.get_object(Bucket=stack.data_bucket, Key=key)["Body"].read()))
    except s3.exceptions.NoSuchKey:
        return {}


def succeeded(summary: dict[str, Any]) -> bool:
    """Return whether every domain's verdict is MATCH and no clone is left."""
    verdicts = [
        domain["verdict"] == "MATCH" and domain["status"] == "SUCCEEDED" for domain in summary["domains"].values()
    ]
    return bool(verdicts) and all(verdicts) and summary["clones_left"] == 0


def _domain(stack: LocalStack, progress: Progress) -> dict[str, Any]:
    bootstrap = document(stack, f"processed/{progress.domain}/{progress.name}/summary.json")
    verdict = document(stack, f"reports/{progress.domain}/{progress.name}/verdict.json")
    phases = progress.seconds_by_phase(dt.datetime.now(dt.UTC))
    names = bootstrap.get("tables", {})
    return {
        "status": progress.status,
        "verdict": verdict.get("verdict", "NONE"),
        "error": progress.error,
        "cause": progress.cause,
        "seconds": round(sum(phases.values()), 1),
        "phases": phases,
        "job_phases": {"bootstrap": bootstrap.get("phases", {})},
        "tables": {name: _table(name, bootstrap, verdict, progress) for name in names},
    }


def _table(name: str, bootstrap: dict[str, Any], verdict: dict[str, Any], progress: Progress) -> dict[str, int]:
    written = bootstrap["tables"][name]
    compared = verdict.get("tables", {}).get(name, {})
    counts = progress.counts.get(name, {})
    return {
        **{ours: written[theirs] for ours, theirs in _BOOTSTRAP.items()},
        "imported": counts.get("imported", 0),
        "exported": counts.get("exported", 0),
        **{kind: compared.get(kind, 0) for kind in _COMPARED},
    }
