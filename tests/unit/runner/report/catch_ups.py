"""Catch-ups and a repair as their documents and histories say them."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from runner.report.collect.evidence import EarlierRun
from runner.report.collect.history import read_attempt
from runner.report.inputs.changes import TableCounts
from tests.unit.runner.report import samples
from tests.unit.runner.report.samples import NOON, History, execution

if TYPE_CHECKING:
    from tests.unit.runner.report.raw import RawEvidence

RUN = "rates-catch-up-2"
MACHINE = "migration-test-rates-catch-up"
ARN = f"arn:aws:states:eu-west-1:971779422973:execution:{MACHINE}:{RUN}"
BASE = "rates-official-1"
TABLE_ARN = "arn:aws:dynamodb:eu-west-1:971779422973:table/BaseRate"
BASE_CLONES = {"lipsdb": "2026-11-24T10:00:05+00:00", "partition-01": "2026-11-24T10:00:08.500000+00:00"}
DELTA = {
    "base": 96,
    "items": 98,
    "inserted": 4,
    "updated": 3,
    "deleted": 2,
    "unchanged": 91,
    "puts": 1,
    "deletes": 1,
}
IDENTITY = {**samples.IDENTITY, "run": RUN, "attempt": RUN, "mode": "official"}
CHANGES = {
    **IDENTITY,
    "phases": {"base": 3.0, "compare": 4.5, "write": 1.5},
    "changed": 9,
    "tables": {"BaseRate": DELTA},
}
PROVEN = {
    "version": 1,
    "domain": "rates",
    "mode": "official",
    "run": RUN,
    "kind": "catch-up",
    "provenAt": "2026-11-25T12:01:00+00:00",
    "changing": "",
    "instants": samples.CLONES,
    "tables": {},
}
LIVE = {
    "domain": "rates",
    "run": RUN,
    "instant": "2026-11-25T12:30:00+00:00",
    "by": "ana",
    "confirmed": True,
    "version": 1,
}


def lane(kind: str, number: int, written: dict[str, int], table: str = "BaseRate") -> tuple[str, list[dict[str, Any]]]:
    """Return ARN and history of an item of the Apply phase: two calls of the table writer."""
    history = History()
    history.add("ExecutionStarted")
    history.enter(f"Take{kind}", state_input={"table": table, "lane": number})
    for counts in (dict.fromkeys(written, 0), written):
        history.enter(f"Write{kind}", "Task")
        exited = {"name": f"Write{kind}", "output": "{}", "assignedVariables": {"written": json.dumps(counts)}}
        history.add("TaskStateExited", stateExitedEventDetails=exited)
    return f"{ARN.rsplit(':', 1)[0]}/Apply{kind}:{number}", history.events


def settled(applied: int, already: int = 0, expired: int = 0, conflicts: int = 0) -> dict[str, int]:
    return {"applied": applied, "already": already, "expired": expired, "conflicts": conflicts}


LANES = (lane("Puts", 0, settled(4, 1)), lane("Puts", 1, settled(1, expired=1)), lane("Deletes", 0, settled(2)))


def until_apply() -> History:
    history = History()
    history.add("ExecutionStarted")
    history.enter("DefineVariables")
    history.enter("CloneClusters", "Map")
    history.enter("ListJars", "Task")
    history.enter("FindSummary", "Task")
    history.enter("ChangesKnown", "Choice")
    history.call("RunDelta", "emr-serverless", "startJobRun.sync", {"ApplicationId": "app", "JobRunId": "job-2"})
    history.enter("ApplyPuts", "Map")
    return history


def whole() -> History:
    history = until_apply()
    history.enter("WaitUntilQuiet", "Wait")
    outcome = {"ok": True, "name": "BaseRate", "tableName": "BaseRate", "tableArn": TABLE_ARN, "exported": 97}
    outcome |= {"exportArn": f"{TABLE_ARN}/export/9", "manifest": samples.MANIFEST}
    history.enter("TableMigrated")
    history.leave("TableMigrated", outcome)
    history.enter("PrepareCompare")
    history.enter("DeleteStatus", "Task")
    history.add("ExecutionSucceeded")
    return history


def earlier(number: int, **changes: Any) -> EarlierRun:  # noqa: ANN401 - fields
    start = NOON - dt.timedelta(hours=number * 6)
    counts = {name: DELTA[name] for name in TableCounts.model_fields}
    fields: dict[str, Any] = {
        "run": f"rates-catch-up-{number}",
        "kind": "catch-up",
        "status": "SUCCEEDED",
        "error": "",
        "started": start,
        "stopped": start + dt.timedelta(minutes=31),
        "tables": {"BaseRate": TableCounts(**{**counts, "inserted": 1_204, "updated": 3_310, "deleted": 18})},
        **changes,
    }
    return EarlierRun(**fields)


def catch_up() -> RawEvidence:
    """A catch-up that matched, after one that matched and one that failed."""
    matched = samples.match()
    ended = replace(execution("SUCCEEDED", input={"requestedBy": "ana"}, output={"verdict": "MATCH"}), arn=ARN)
    verdict = {**(matched.verdict or {}), **IDENTITY, "verdict": "MATCH"}
    failed = earlier(2, run="rates-catch-up-0", status="FAILED", error="TooManyDeletions")
    return replace(
        matched,
        run=RUN,
        attempts=(read_attempt(ended, whole().events, LANES),),
        manifest={**(matched.manifest or {}), **IDENTITY},
        verdict=verdict,
        comparison={**(matched.comparison or {}), **IDENTITY},
        changes=CHANGES,
        changes_manifest={**CHANGES, "base": {"run": BASE, "attempt": BASE}},
        base_verdict={**IDENTITY, "run": BASE, "clones": BASE_CLONES},
        proven=PROVEN,
        earlier=(earlier(1), failed),
        job_runs=tuple(
            {**samples.job_run(n, job), "name": f"rates-{job}-{RUN}"}
            for n, job in enumerate(("bootstrap", "delta", "compare"), start=1)
        ),
        tables=(matched.tables[0].model_copy(update={"name": "BaseRate"}),),
        repository="acme/migration",
    )


def live() -> RawEvidence:
    """The same after the cut-over."""
    return replace(catch_up(), live=LIVE)


def applying() -> RawEvidence:
    """A catch-up that writes: the tables stand between two instants."""
    goes_on = replace(execution("RUNNING", stopped=None, input={}), arn=ARN)
    return replace(
        catch_up(),
        attempts=(read_attempt(goes_on, until_apply().events, LANES[:1]),),
        verdict=None,
        comparison=None,
        proven={**PROVEN, "run": BASE, "kind": "bootstrap", "instants": BASE_CLONES, "changing": RUN},
    )


def with_writers() -> RawEvidence:
    """A catch-up that met what somebody else had written."""
    history = until_apply()
    history.add("ExecutionFailed")
    cause = "BaseRate: 2 items are neither what they were proven to be nor what they are to become."
    ended = replace(execution("FAILED", error="WritersFound", cause=cause, input={}), arn=ARN)
    lanes = (lane("Puts", 0, settled(3, conflicts=2)),)
    return replace(
        applying(),
        attempts=(read_attempt(ended, history.events, lanes),),
        clones=tuple(samples.existing(cluster) for cluster in samples.CLONES),
    )


def repair() -> RawEvidence:
    """A repair, which begins from an export of the tables; it had nothing to write."""
    nothing = {**DELTA, "base": 98, "inserted": 0, "updated": 0, "deleted": 0, "unchanged": 98, "puts": 0, "deletes": 0}
    changes = {**CHANGES, "changed": 0, "tables": {"BaseRate": nothing}}
    caught_up = catch_up()
    ended = replace(execution("SUCCEEDED", input={"repair": True, "runId": RUN}, output={"verdict": "MATCH"}), arn=ARN)
    return replace(
        caught_up,
        attempts=(read_attempt(ended, whole().events),),
        changes=changes,
        changes_manifest={**changes, "base": {"exports": {"BaseRate": samples.MANIFEST}}},
        base_verdict=None,
        earlier=(),
    )
