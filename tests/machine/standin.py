"""A substitute for the Spark jobs in tests of the state machine: the same documents, a few items, no Spark.

It runs as a program with the arguments of the real jobs. A document specs/control/<domain>.json beside its spec changes
its behaviour.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from typing import Any


def request(method: str, uri: str, body: bytes | None = None) -> bytes:
    """Read or write an object of the embedded S3."""
    url = f"{os.environ['AWS_ENDPOINT_URL']}/{uri.removeprefix('s3://')}"
    # moto asks whose key it is, not whether the signature fits.
    credential = f"{os.environ['AWS_ACCESS_KEY_ID']}/20260101/eu-west-1/s3/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"}
    headers["Content-Type"] = "application/octet-stream"
    asked = urllib.request.Request(url, data=body, method=method, headers=headers)  # noqa: S310 - loopback
    with urllib.request.urlopen(asked) as answer:  # noqa: S310 - loopback
        return bytes(answer.read())


def document(uri: str) -> dict[str, Any]:
    try:
        return dict(json.loads(request("GET", uri)))
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.NOT_FOUND:
            raise
        return {}


def lines_of(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line)["Item"] for line in gzip.decompress(data).splitlines()]


def write(uri: str, content: dict[str, Any]) -> None:
    request("PUT", uri, json.dumps(content).encode())


class Job:
    def __init__(self, name: str, arguments: dict[str, str]) -> None:
        self.name, self.arguments = name, arguments
        self.spec = document(arguments["spec"])
        chosen = json.loads(arguments.get("tables", "[]"))
        self.spec["tables"] = [table for table in self.spec["tables"] if table["name"] in chosen or not chosen]
        self.control = document(f"{arguments['spec'].rsplit('/', 1)[0]}/control/{arguments['domain']}.json").get(
            name, {}
        )

    def run_uri(self, kind: str, *rest: str) -> str:
        return "/".join((self.arguments["data"], kind, self.arguments["domain"], self.arguments["run"], *rest))

    def identity(self) -> dict[str, Any]:
        clones = json.loads(self.arguments["clones"])
        return {
            "domain": self.arguments["domain"],
            "run": self.arguments["run"],
            "attempt": self.arguments["attempt"],
            "mode": self.arguments["mode"],
            "specHash": self.spec["catalogHash"],
            "release": self.arguments["release"],
            "clones": {name: clone["createdAt"] for name, clone in clones.items()},
        }

    def bootstrap(self) -> None:
        tables = {table["name"]: self.write_table(table) for table in self.spec["tables"]}
        summary = {**self.identity(), "failure": None, "tables": tables, **self.control.get("summary", {})}
        write(self.run_uri("processed", "summary.json"), summary)

    def write_table(self, table: dict[str, Any]) -> dict[str, Any]:
        count = self.control.get("items", {}).get(table["name"], 3)
        key = [table["key"][part] for part in ("partition", "sort") if table["key"][part]]
        items = [{name["name"]: {name["type"]: str(number + 1)} for name in key} for number in range(count)]
        for number, value in self.control.get("values", {}).get(table["name"], {}).items():
            items[int(number)]["value"] = {"S": value}
        prefix = "/".join(
            ("processed", self.arguments["domain"], self.arguments["run"], self.arguments["attempt"], table["name"], "")
        )
        data = gzip.compress("".join(json.dumps({"Item": item}) + "\n" for item in items).encode(), mtime=0)
        if count:
            request("PUT", f"{self.arguments['data']}/{prefix}part-0.json.gz", data)
        for number in range(self.control.get("extra", 0)):
            request("PUT", f"{self.arguments['data']}/{prefix}extra-{number}", b"x")
        size = len(data) if count else 0
        listing = hashlib.sha256(f"|part-0.json.gz {size}".encode()).hexdigest() if count else ""
        listing = self.control.get("listing", listing)
        return {
            "items": count,
            "expirable": 0,
            "files": int(count > 0),
            "bytes": size,
            "prefix": prefix,
            "listing": listing,
        }

    def delta(self) -> None:
        """Write the differences between the base, or the exports, and the new items."""
        exports = {export["table"]: export["manifest"] for export in json.loads(self.arguments.get("exports", "[]"))}
        base = json.loads(self.arguments.get("base", "{}"))
        tables = {}
        for table in self.spec["tables"]:
            name = table["name"]
            new = self.items_below(self.run_uri("processed", self.arguments["items"], name, ""))
            old = (
                self.exported(exports[name]) if exports else self.items_below(self.uri(base["tables"][name]["prefix"]))
            )
            tables[name] = self.write_changes(table, old, new)
        summary = {
            "attempt": self.arguments["attempt"],
            "release": self.arguments["release"],
            "tables": tables,
            "changed": sum(counts["inserted"] + counts["updated"] + counts["deleted"] for counts in tables.values()),
            **self.control.get("summary", {}),
        }
        write(self.run_uri("changes", self.arguments["attempt"], "summary.json"), summary)

    def write_changes(
        self, table: dict[str, Any], old: list[dict[str, Any]], new: list[dict[str, Any]]
    ) -> dict[str, Any]:
        key = [table["key"][part] for part in ("partition", "sort") if table["key"][part]]
        before, after = ({str([item[part["name"]] for part in key]): item for item in items} for items in (old, new))
        puts = [
            {"put": item, "was": before.get(at)} for at, item in after.items() if at not in before or before[at] != item
        ]
        deletes = [
            {"delete": {part["name"]: item[part["name"]] for part in key}, "was": item}
            for at, item in before.items()
            if at not in after
        ]
        parts = {
            "puts": self.write_parts(table["name"], "puts", puts),
            "deletes": self.write_parts(table["name"], "deletes", deletes),
        }
        write(self.run_uri("changes", self.arguments["attempt"], table["name"], "parts.json"), parts)
        inserted = sum(change["was"] is None for change in puts)
        counted = {
            "inserted": inserted,
            "updated": len(puts) - inserted,
            "deleted": len(deletes),
            "unchanged": len(after) - len(puts),
            "base": len(before),
            "items": len(after),
            "puts": len(parts["puts"]),
            "deletes": len(parts["deletes"]),
        }
        return {**counted, **self.control.get("counts", {}).get(table["name"], {})}

    def write_parts(self, table: str, kind: str, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        size = self.control.get("partSize", 2)
        parts = []
        for start in range(0, len(changes), size):
            lines = "".join(json.dumps(change) + "\n" for change in changes[start : start + size]).encode()
            data = gzip.compress(lines, mtime=0)
            name = f"{kind}-{hashlib.sha256(data).hexdigest()[:16]}.jsonl.gz"
            request("PUT", self.run_uri("changes", self.arguments["attempt"], table, name), data)
            digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
            parts.append(
                {"name": name, "changes": len(changes[start : start + size]), "bytes": len(data), "md5": digest}
            )
        return parts

    def uri(self, key: str) -> str:
        return f"{self.arguments['data']}/{key}"

    def items_below(self, folder: str) -> list[dict[str, Any]]:
        try:
            return lines_of(request("GET", f"{folder}part-0.json.gz"))
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.NOT_FOUND:
                raise
            return []

    def exported(self, manifest: str) -> list[dict[str, Any]]:
        files = request("GET", self.uri(document(self.uri(manifest))["manifestFilesS3Key"])).splitlines()
        return [
            item for line in files for item in lines_of(request("GET", self.uri(json.loads(line)["dataFileS3Key"])))
        ]

    def compare(self) -> None:
        bucket = self.arguments["data"]
        tables = {}
        for export in json.loads(self.arguments["exports"]):
            summary = document(f"{bucket}/{export['manifest']}")
            lines = request("GET", f"{bucket}/{summary['manifestFilesS3Key']}").splitlines()
            exported = sum(json.loads(line)["itemCount"] for line in lines)
            tables[export["table"]] = {"matched": exported, "expired": 0}
        verdict = {
            **self.identity(),
            "verdict": "MATCH",
            "summary": "",
            "tables": tables,
            **self.control.get("verdict", {}),
        }
        is_verification = "verify" in self.arguments
        folder = ("verifications", self.arguments["attempt"]) if is_verification else ()
        write(self.run_uri("reports", *folder, "verdict.json"), verdict)
        if is_verification and verdict["verdict"] == "MISMATCH":
            write(self.run_uri("reports", "verdict.json"), verdict)

    def tell_progress(self) -> None:
        """Write the job's progress from the control document."""
        progress = {"version": 1, **self.identity(), "job": self.name, **self.control["progress"]}
        write(self.run_uri("progress", f"{self.name}.json"), progress)

    def run(self) -> None:
        if self.control.get("progress"):
            self.tell_progress()
        time.sleep(self.control.get("seconds", 0))
        if self.control.get("says"):
            error = self.control.get("error", "DatabaseError")
            report = {"attempt": self.arguments["attempt"], "error": error, "cause": self.control["says"]}
            write(self.run_uri("failures", f"{self.name}.json"), report)
        if self.control.get("killed"):
            os.kill(os.getpid(), signal.SIGKILL)
        if "exit" in self.control:
            sys.exit(self.control["exit"])
        {"bootstrap": self.bootstrap, "delta": self.delta, "compare": self.compare}[self.name]()


if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    if "--verify" in arguments:
        arguments.insert(arguments.index("--verify") + 1, "yes")
    Job(name, {key.removeprefix("--"): value for key, value in zip(arguments[::2], arguments[1::2], strict=True)}).run()
