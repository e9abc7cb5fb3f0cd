"""The outcome of a run: its counts, its items, and failed assertions about them."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.demo import run_summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.stack import LocalStack
    from runner.live.history.progress import Progress

_LISTED = ("files", "bytes", "listing", "prefix")  # of a summary: the location of items, not their number


@dataclass(frozen=True)
class Stored:
    """An object of the data bucket."""

    key: str
    bytes: int
    version: str  # changes whenever the object is written


@dataclass(frozen=True)
class Outcome:
    """The outcome of an ended run."""

    run: str
    error: str
    verdict: str
    counts: dict[str, dict[str, Any]]  # by table, from the manifest
    items: dict[str, str]  # by table: a digest of the items in any order
    wrong: list[str]

    def differences(self, other: Outcome) -> list[str]:
        """Return the differences of this outcome from another one, as sentences."""
        sentences = [] if self.error == "" else [f"{self.run} ended with {self.error}"]
        sentences += [] if self.verdict == "MATCH" else [f"{self.run}: the verdict is {self.verdict}"]
        for table, counts in other.counts.items():
            own = self.counts.get(table, {})
            sentences += [
                f"{self.run}: {table} has {own.get(name)} {name}, and {count} in {other.run}"
                for name, count in counts.items()
                if own.get(name) != count
            ]
        sentences += [
            f"{self.run}: the items of {table} are not those of {other.run}"
            for table, digest in other.items.items()
            if self.items.get(table) != digest
        ]
        return [*sentences, *self.wrong]


def outcome(stack: LocalStack, ended: Progress) -> Outcome:
    """Return the outcome of a run's last attempt."""
    run, domain = ended.input.get("runId") or ended.name, ended.domain
    prefix = f"{domain}/{run}"
    manifest = run_summary.document(stack, f"processed/{prefix}/manifest.json")
    summary = run_summary.document(stack, f"processed/{prefix}/summary.json")
    verdict = run_summary.document(stack, f"reports/{prefix}/verdict.json")
    tables = stack.catalog.domains[domain].tables
    keys = {table.name: [attribute.name for attribute in table.key.attributes] for table in tables}
    items, wrong = {}, []
    for table, facts in manifest.get("tables", {}).items():
        items[table], sentences = _items(stack, facts, keys[table])
        wrong += [f"{run}: {table}: {sentence}" for sentence in sentences]
    counts = counted(manifest, summary) if summary else {}
    return Outcome(run, ended.error, verdict.get("verdict", "NONE"), counts, items, wrong)


def counted(manifest: dict[str, Any], summary: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the numbers of rows and items by table and class, in total and per cluster."""
    return {
        table: {
            **{name: value for name, value in facts.items() if name not in _LISTED},
            "clusters": manifest["tables"][table]["clusters"],
        }
        for table, facts in summary["tables"].items()
    }


def stored(stack: LocalStack, prefix: str) -> list[Stored]:
    """Return the data bucket's objects below a prefix, in order of their keys."""
    pages = stack.client("s3").get_paginator("list_objects_v2").paginate(Bucket=stack.data_bucket, Prefix=prefix)
    return [
        Stored(entry["Key"], entry["Size"], f"{entry['ETag']} {entry['LastModified'].isoformat()}")
        for page in pages
        for entry in page.get("Contents", [])
    ]


def _items(stack: LocalStack, facts: dict[str, Any], key: list[str]) -> tuple[str, list[str]]:
    """Return a digest of all items below an import prefix, and failed assertions about them."""
    objects = stored(stack, facts["prefix"])
    wrong = []
    listed = {f"{facts['prefix']}{file['name']}": file["bytes"] for file in facts["files"]}
    if {entry.key: entry.bytes for entry in objects} != listed:
        wrong.append(f"{len(objects)} objects lie below {facts['prefix']}, and the manifest lists {len(listed)}")
    lines = sorted(line for entry in objects for line in _lines(stack, entry.key))
    keys = Counter(json.dumps([json.loads(line)["Item"][name] for name in key]) for line in lines)
    twice = sum(count > 1 for count in keys.values())
    if twice:
        wrong.append(f"{twice} keys are there twice below {facts['prefix']}")
    if len(lines) != facts["items"]:
        wrong.append(f"{len(lines)} items lie below {facts['prefix']}, and the manifest counts {facts['items']}")
    return hashlib.sha256(b"\n".join(lines)).hexdigest(), wrong


def _lines(stack: LocalStack, key: str) -> Iterator[bytes]:
    body = stack.client("s3").get_object(Bucket=stack.data_bucket, Key=key)["Body"].read()
    yield from gzip.decompress(body).splitlines()
