"""Forty tables over sixty-four clusters: followed, stopped at Compare, resumed and reported (`make large`)."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from catalog.loader import load_catalog
from catalog.models import Catalog
from runner.account.environments import Environment
from runner.live.history.items import histories_of_items, map_of
from runner.live.poll import follow
from runner.live.views.progress_views import LineView
from runner.report.collect.run import gather
from runner.report.document import build
from statemachine.budget import MAX_EVENTS
from statemachine.render import worst_case
from tests.machine.rig import LIMITS, Rig
from tests.unit.runner.report.raw import as_document

if TYPE_CHECKING:
    from botocore.config import Config

    from runner.live.history.progress import Progress

TABLES, CLUSTERS = 40, 64
RUN = "large"
_ROLES = ("rates-machine", "aurora-clone", "spark-job")
_PARALLELISM = 20


def large_catalog(tables: int = TABLES, clusters: int = CLUSTERS) -> Catalog:
    """Return one domain of many small tables over many clusters."""
    whole = load_catalog()
    domain, table = whole.domains["rates"], whole.domains["availability"].tables[0]
    shard = whole.clusters["dailydatadb-partition-01"]
    many = [shard.model_copy(update={"identifier": f"dailydatadb-partition-{n + 1:02}"}) for n in range(clusters)]
    named = tuple(table.model_copy(update={"name": f"Large{n + 1:02}"}) for n in range(tables))
    return Catalog(
        clusters={cluster.identifier: cluster for cluster in many},
        domains={"rates": domain.model_copy(update={"tables": named})},
    )


class Here(Environment):
    """The environment of the rig."""

    rig: Rig

    def client(self, service: str, config: Config | None = None) -> Any:  # noqa: ARG002 - boto3's, made at run time
        """Return a client of the embedded AWS."""
        return self.rig.client(service)


class Large:
    """The run and its resume, and what is wrong with them."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self.wrong: list[str] = []
        allow_all = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        for role in _ROLES:  # the deployed policies name the tables and sources of the repository's catalog
            rig.client("iam").put_role_policy(
                RoleName=f"migration-test-{role}", PolicyName="large", PolicyDocument=json.dumps(allow_all)
            )

    def require(self, what: str, *, holds: bool) -> None:
        """Record a failed expectation."""
        if not holds:
            self.wrong.append(what)

    def follow(self, name: str) -> Progress:
        """Start an attempt and follow it to its end, as a person does."""
        began = time.monotonic()
        arn = self._rig.start(runId=RUN, parallelism=_PARALLELISM)
        with tempfile.TemporaryFile("w+") as lines:
            view = LineView(Console(file=lines, width=200))
            (progress,) = follow(self._rig.client("stepfunctions"), [arn], view)
            lines.seek(0)
            count = sum(1 for _ in lines)
        self._tell(f"{name}: {progress.status} {progress.error}, {count:,} lines of the live view", began)
        self._require_bounds(name, arn)
        return progress

    def _require_bounds(self, name: str, arn: str) -> None:
        states, worst = self._rig.client("stepfunctions"), worst_case(self._rig.definitions["rates"], LIMITS)
        own = len(self._rig.own_events(arn))
        items = histories_of_items(states, arn)
        longest = max((len(events) for _, events in items), default=0)
        everything = own + sum(len(events) for _, events in items)
        self._tell(f"{name}: {own:,} events, {len(items)} items of at most {longest:,}, {everything:,} together")
        self.require(f"{name}: the execution's events are bounded", holds=own <= worst.events["the execution"])
        for item, events in items:
            bound = worst.events[f"an item of {map_of(item)}"]
            self.require(f"{name}: the events of {item} are bounded", holds=len(events) <= bound <= MAX_EVENTS)

    def report(self) -> None:
        """Read the report of both attempts, and check that it has every clone, table and cost."""
        began = time.monotonic()
        environment = Here("test", self._rig.aws.active.account, "eu-west-1")
        Here.rig = self._rig
        document = as_document(build(gather(environment, RUN, "rates")))
        tables = {table["name"]: table for table in document["tables"]}
        names = {f"Large{n + 1:02}" for n in range(TABLES)}
        migrated = [name for name in names if (tables.get(name) or {}).get("import") and tables[name]["export"]]
        self.require("the report has the import and export of every table", holds=len(migrated) == TABLES)
        lines = {line["what"].split(",")[0]: line for line in document["cost"]["lines"]}
        self.require("the cost has DynamoDB's bytes", holds={"DynamoDB imports", "DynamoDB exports"} <= {*lines})
        self.require("the cost has the items' transitions", holds=lines["Step Functions"]["quantity"] > TABLES * 20)
        self.require("the cost has the clones", holds="Clones' instances" in lines)
        self._tell(f"report: {len(migrated)} tables, {lines['Step Functions']['quantity']:,} transitions", began)

    def _tell(self, text: str, began: float | None = None) -> None:
        took = "" if began is None else f", in {time.monotonic() - began:.0f} s"
        sys.stdout.write(f"{text}{took}\n")
        sys.stdout.flush()

    def run(self) -> None:
        """Stop a run at Compare, resume it, and read its report."""
        self._rig.control(compare={"exit": 1})
        first = self.follow("first attempt")
        self.require("the first attempt ends at Compare", holds=first.error == "CompareFailed")
        self.require("every clone shows ready", holds=[*first.clones.values()].count("ready") == CLUSTERS)
        self.require("every table shows exported", holds=[*first.tables.values()].count("exported") == TABLES)
        self._rig.control()
        second = self.follow("resumed")
        self.require("the resume succeeds", holds=second.status == "SUCCEEDED")
        self.require("every clone shows gone", holds=[*second.clones.values()].count("gone") == CLUSTERS)
        self.require(
            "every table shows its counts", holds=[c.get("imported") for c in second.counts.values()] == [3] * TABLES
        )
        self.require("no clone is left", holds=not self._rig.clones())
        self.report()


def main() -> int:
    """Print the results and the duration; return 1 if something is wrong."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as work, Rig(Path(work), large_catalog()) as rig:
        large = Large(rig)
        large.run()
    for sentence in large.wrong:
        sys.stdout.write(f"does not hold: {sentence}\n")
    summary = f"{len(large.wrong)} things do not hold" if large.wrong else "all holds"
    sys.stdout.write(f"{TABLES} tables, {CLUSTERS} clusters: {summary}, {time.monotonic() - began:.0f} s in all\n")
    return 1 if large.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
