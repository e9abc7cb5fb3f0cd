"""Delta in this process: from the items of a run, or of an export, to those of another run.

Items are either Bootstrap's own, or those of a test, which are written as Bootstrap writes them.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

from migration_spark import delta
from migration_spark.writing import listing

from tests.spark.jobs import EXPORT

if TYPE_CHECKING:
    from tests.spark.jobs import Jobs

Item = dict[str, Any]
ALL = ("--max-delete-percent", "100", "--max-change-percent", "1000")
REPAIR = ("--exports", json.dumps([{"table": "Thing", "manifest": EXPORT}]))
COUNTS = ("inserted", "updated", "deleted", "unchanged")


def item(number: int, **attributes: Item) -> Item:
    """Return the item of key k00000, k00001 and so on."""
    return {"id": {"S": f"k{number:05}"}, "note": {"S": "a note"}, **attributes}


def items_of(count: int) -> list[Item]:
    """Return `count` items in the order of their keys."""
    return [item(number) for number in range(count)]


def write_run(jobs: Jobs, run: str, lines: list[Item] | list[str]) -> None:
    """Write items, or lines in their place, with Bootstrap's manifest."""
    prefix = f"processed/d/{run}/a1/Thing/"
    folder = jobs.folder / prefix
    folder.mkdir(parents=True)
    texts = [line if isinstance(line, str) else json.dumps({"Item": line}, ensure_ascii=False) for line in lines]
    files = []
    for number in range(2 if texts else 0):
        content = gzip.compress("".join(f"{text}\n" for text in texts[number::2]).encode(), mtime=0)
        name = f"part-{number:05}-items-c000.txt.gz"
        (folder / name).write_bytes(content)
        files.append({"name": name, "bytes": len(content)})
    job = jobs.job("bootstrap", run, "a1")
    table = {"items": len(texts), "prefix": prefix, "files": files, "key": job.spec.tables[0].key_facts()}
    folder = jobs.folder / f"processed/d/{run}"
    manifest = {**job.identity(), "tables": {"Thing": table}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    summary = {**manifest, "tables": {"Thing": {**table, "listing": listing(files)}}}
    (folder / "summary.json").write_text(json.dumps(summary))


def base_of(jobs: Jobs, run: str, **changes: Any) -> tuple[str, str]:  # noqa: ANN401 - JSON
    """Return --base for a run's items, as the registry records it after a MATCH."""
    summary = jobs.read(f"processed/d/{run}/summary.json")
    table = {name: summary["tables"]["Thing"][name] for name in ("prefix", "items", "listing")}
    base = {"run": run, "attempt": summary["attempt"], "tables": {"Thing": {**table, **changes}}}
    return "--base", json.dumps(base)


def run_delta(jobs: Jobs, run: str, *more: str, attempt: str = "c1") -> dict[str, Any]:
    """Run Delta with a run's items as the new ones; return its table's part of the summary."""
    items = str(jobs.read(f"processed/d/{run}/summary.json")["attempt"])
    job = jobs.job("delta", run, attempt, "--items", items, *more)
    with job.progress.recording():
        delta.run(job)
    return dict(jobs.read(f"changes/d/{run}/{attempt}/summary.json")["tables"]["Thing"])


def counts_of(summary: dict[str, Any]) -> tuple[int, ...]:
    """Return how many items were inserted, updated, deleted and unchanged."""
    return tuple(summary[name] for name in COUNTS)


def parts_of(jobs: Jobs, run: str, attempt: str = "c1") -> dict[str, list[dict[str, Any]]]:
    """Return the parts for the table writer, each checked against its checksum."""
    folder = jobs.folder / f"changes/d/{run}/{attempt}/Thing"
    parts: dict[str, list[dict[str, Any]]] = json.loads((folder / "parts.json").read_text())
    for part in (*parts["puts"], *parts["deletes"]):
        content = (folder / part["name"]).read_bytes()
        assert (len(content), hashlib.md5(content).hexdigest()) == (part["bytes"], part["md5"])  # noqa: S324 - no secret
        assert len(gzip.decompress(content).splitlines()) == part["changes"]
    return parts


def lines_of(jobs: Jobs, run: str, attempt: str = "c1") -> dict[str, list[Item]]:
    """Return the changes of each kind, in the table writer's order."""
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
    """Apply the changes, each of which must find the item that it expects; return the items by id."""
    after = dict(items)
    for change in changes["puts"]:
        key = change["put"]["id"]["S"]
        assert after.get(key) == change["was"]
        after[key] = change["put"]
    for change in changes["deletes"]:
        assert after.pop(change["delete"]["id"]["S"]) == change["was"]
    return after
