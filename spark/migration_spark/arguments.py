"""The jobs' command line."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from typing import Any, Optional


@dataclass(frozen=True)
class Clone:
    """Address and creation time of a clone, and its position in the cluster's log if the clone service knows it."""

    cluster: str
    host: str
    port: int
    created_at: str
    position: str = ""


@dataclass(frozen=True)
class BaseTable:
    """A table's items of the proven run: prefix, count and digest of their listing."""

    prefix: str
    items: int
    listing: str


@dataclass(frozen=True)
class Base:
    """Proven run whose items the tables hold; `attempt` is the folder of its items."""

    run: str
    attempt: str
    tables: dict[str, BaseTable]


@dataclass(frozen=True)
class Differences:
    """Delta's own arguments: the base, the folder of the new items, and bounds in percent.

    Without a base the exports are the base, as in a repair. A bound of None means the catalog's bound.
    """

    base: Optional[Base]
    items: str
    max_delete_percent: Optional[float] = None
    max_change_percent: Optional[float] = None


@dataclass(frozen=True)
class Arguments:
    """Arguments that the state machine passes to a job."""

    spec: str
    data: str
    domain: str
    run: str
    attempt: str
    mode: str
    parallelism: int
    clones: dict[str, Clone]
    exports: dict[str, str]
    differences: Optional[Differences] = field(default=None)
    tables: tuple[str, ...] = ()  # some of the domain's tables; empty means all
    verify: bool = False  # Compare: against the rows that Bootstrap landed, without a clone

    def uri(self, *parts: str) -> str:
        """Return a URI below this run's prefix: `uri("raw", "x")` is <data>/raw/<domain>/<run>/x."""
        kind, rest = parts[0], parts[1:]
        return "/".join((self.data.rstrip("/"), kind, self.domain, self.run, *rest))

    def report(self, *parts: str) -> str:
        """Return a URI beside the report; each verification has its own report folder."""
        own = ("verifications", self.attempt) if self.verify else ()
        return self.uri("reports", *own, *parts)


def parse(job: str, argv: list[str] | None = None) -> Arguments:
    """Read the command line of `bootstrap`, `compare` or `delta`; argparse ends the job on a wrong one."""
    parser = argparse.ArgumentParser(prog=job)
    for name in ("spec", "data", "domain", "run", "attempt", "mode"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--parallelism", type=int, default=9, help="clusters that are read at once")
    parser.add_argument("--clones", type=json.loads, required=True, help="JSON: cluster -> host, port, createdAt")
    if job != "delta":
        parser.add_argument("--tables", type=json.loads, default=[], help="JSON: some tables of the domain")
    if job == "compare":
        parser.add_argument(
            "--verify", action="store_true", help="compare with what Bootstrap landed; no clone is read"
        )
    # In a repair, exports replace Delta's base.
    bases = parser.add_mutually_exclusive_group(required=job == "delta")
    bases.add_argument("--exports", type=json.loads, default=[], help="JSON: table and manifest of each export")
    if job == "delta":
        bases.add_argument("--base", type=_base, help="JSON: run, attempt, and tables with prefix, items, listing")
        parser.add_argument("--items", required=True, help="the attempt of Bootstrap whose items are the new ones")
        for bound in ("delete", "change"):
            parser.add_argument(f"--max-{bound}-percent", type=float, help="of a table's items; the catalog's without")
    values: dict[str, Any] = vars(parser.parse_args(argv))
    clones = {
        name: Clone(name, clone["host"], int(clone["port"]), clone.get("createdAt", ""), clone.get("position") or "")
        for name, clone in values.pop("clones").items()
    }
    tables = tuple(values.pop("tables", ()))
    exports = {export["table"]: export["manifest"] for export in values.pop("exports")}
    if job == "delta":
        names = ("base", "items", "max_delete_percent", "max_change_percent")
        values["differences"] = Differences(**{name: values.pop(name) for name in names})
    return Arguments(clones=clones, exports=exports, tables=tables, **values)


def _base(text: str) -> Base:
    """Return the base that --base describes; raise ValueError or TypeError for a wrong one, which argparse reports."""
    try:
        document = json.loads(text)
        tables = {
            name: BaseTable(table["prefix"], int(table["items"]), table["listing"])
            for name, table in document["tables"].items()
        }
        return Base(document["run"], document["attempt"], tables)
    except (KeyError, AttributeError) as error:
        raise ValueError(f"{type(error).__name__} {error}") from error
