"""The jobs' command line."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Clone:
    """Where a clone listens, and when it was made."""

    cluster: str
    host: str
    port: int
    created_at: str


@dataclass(frozen=True)
class Arguments:
    """What the state machine tells a job."""

    spec: str
    data: str
    domain: str
    run: str
    attempt: str
    mode: str
    parallelism: int
    clones: dict[str, Clone]
    exports: dict[str, str]

    def place(self, *parts: str) -> str:
        """Return the URI of something of this run: `place("raw", "x")` is <data>/raw/<domain>/<run>/x."""
        kind, rest = parts[0], parts[1:]
        return "/".join((self.data.rstrip("/"), kind, self.domain, self.run, *rest))


def parse(job: str, given: list[str] | None = None) -> Arguments:
    """Read the command line of `bootstrap` or `compare`; argparse ends the job on a wrong one."""
    parser = argparse.ArgumentParser(prog=job)
    for name in ("spec", "data", "domain", "run", "attempt", "mode"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--parallelism", type=int, default=9, help="clusters that are read at once")
    parser.add_argument("--clones", type=json.loads, required=True, help="JSON: cluster -> host, port, createdAt")
    parser.add_argument("--exports", type=json.loads, default=[], help="JSON: table and manifest of each export")
    found: dict[str, Any] = vars(parser.parse_args(given))
    clones = {
        name: Clone(name, clone["host"], int(clone["port"]), clone.get("createdAt", ""))
        for name, clone in found.pop("clones").items()
    }
    exports = {export["table"]: export["manifest"] for export in found.pop("exports")}
    return Arguments(clones=clones, exports=exports, **found)
