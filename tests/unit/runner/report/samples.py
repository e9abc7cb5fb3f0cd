"""Runs as their documents and histories say them: one that matches, one that does not, and some that failed."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

from runner.account.clones import Clone
from runner.account.executions import Execution
from runner.account.registry import Lock
from runner.report.collect.history import read_attempt
from runner.report.inputs.execution import Request
from runner.report.model.remains import ExistingTable, TableSettings
from tests.unit.runner.report.raw import RawEvidence

NOON = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
RUN = "rates-rehearsal-1"
ARN = f"arn:aws:states:eu-west-1:971779422973:execution:migration-test-rates:{RUN}"
TABLE_ARN = "arn:aws:dynamodb:eu-west-1:971779422973:table/BaseRate-rehearsal"
IMPORT_ARN, EXPORT_ARN = f"{TABLE_ARN}/import/1", f"{TABLE_ARN}/export/1"
REQUEST = {"mode": "rehearsal", "parallelism": 9, "requestedBy": "ana", "keepClones": False}
CLONES = {"lipsdb": "2026-11-25T12:00:05+00:00", "partition-01": "2026-11-25T12:00:08.500000+00:00"}
MANIFEST = f"export/rates/{RUN}/BaseRate/AWSDynamoDB/1/manifest-summary.json"


class History:
    """Events in their chain, a second apart."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def add(self, kind: str, after: int | None = None, **details: object) -> int:
        number = len(self.events) + 1
        moment = NOON + dt.timedelta(seconds=number)
        previous = number - 1 if after is None else after
        self.events.append({"id": number, "previousEventId": previous, "type": kind, "timestamp": moment, **details})
        return number

    def enter(self, name: str, kind: str = "Pass", state_input: object = None) -> None:
        details = {"name": name, "input": json.dumps(state_input or {})}
        self.add(f"{kind}StateEntered", stateEnteredEventDetails=details)

    def leave(self, name: str, output: object) -> None:
        self.add("PassStateExited", stateExitedEventDetails={"name": name, "output": json.dumps(output)})

    def call(self, state: str, service: str, resource: str, answer: object) -> None:
        self.enter(state, "Task")
        self.add("TaskScheduled")
        self.add("TaskStarted")
        details = {"resourceType": service, "resource": resource, "output": json.dumps(answer)}
        self.add("TaskSucceeded", taskSucceededEventDetails=details)

    def item(self, state: str, state_input: dict[str, Any]) -> None:
        self.add("MapIterationStarted")
        self.enter(state, state_input=state_input)


def until_tables() -> History:
    history = History()
    history.add("ExecutionStarted")
    history.enter("DefineVariables")
    history.call("RecordInProgressStatus", "lambda", "invoke", {"Payload": {"status": "OWNED"}})
    history.enter("CloneClusters", "Map")
    for cluster, moment in CLONES.items():
        history.item("TakeCluster", {"cluster": cluster})
        history.leave("CloneReady", {"ok": True, "name": cluster, "createdAt": moment})
    history.add("MapStateExited")
    history.enter("ListJars", "Task")
    history.enter("FindSummary", "Task")
    history.call("RunBootstrap", "emr-serverless", "startJobRun.sync", {"ApplicationId": "app", "JobRunId": "job-1"})
    return history


def whole() -> History:
    history = until_tables()
    history.enter("MigrateTables", "Map")
    history.item("TakeTable", {"table": "BaseRate"})
    described = {"ImportArn": IMPORT_ARN, "ImportStatus": "COMPLETED", "ProcessedSizeBytes": 2**30, "ErrorCount": 0}
    described |= {"StartTime": "2026-11-25T12:00:31Z", "EndTime": "2026-11-25T12:00:32Z"}
    history.call("DescribeImport", "aws-sdk:dynamodb", "describeImport", {"ImportTableDescription": described})
    exported = {"ExportArn": EXPORT_ARN, "ExportStatus": "COMPLETED", "BilledSizeBytes": 2**29}
    exported |= {"StartTime": "2026-11-25T12:00:36Z", "EndTime": "2026-11-25T12:00:37Z"}
    exported |= {"ExportTime": "2026-11-25T12:00:36Z"}
    history.call("DescribeExport", "aws-sdk:dynamodb", "describeExport", {"ExportDescription": exported})
    outcome = {"ok": True, "name": "BaseRate", "tableName": "BaseRate-rehearsal", "tableArn": TABLE_ARN}
    outcome |= {"importArn": IMPORT_ARN, "imported": 98, "exportArn": EXPORT_ARN, "exported": 97, "manifest": MANIFEST}
    history.enter("TableMigrated")
    history.leave("TableMigrated", outcome)
    history.add("MapStateExited")
    history.enter("PrepareCompare")
    history.call("RunCompare", "emr-serverless", "startJobRun.sync", {"ApplicationId": "app", "JobRunId": "job-2"})
    return history


def execution(status: str, **more: object) -> Execution:
    fields: dict[str, Any] = {"stopped": NOON + dt.timedelta(minutes=9), "input": REQUEST, "output": {}, **more}
    return Execution(arn=ARN, domain="rates", status=status, started=NOON, **fields)


IDENTITY = {
    "version": 1,
    "domain": "rates",
    "run": RUN,
    "attempt": RUN,
    "mode": "rehearsal",
    "specHash": "ab" * 32,
    "release": "1.0.0",
    "commit": "c0ffee" * 6 + "c0ff",
    "jar": "s3://artifacts/releases/1.0.0/x.jar",
    "clones": CLONES,
}
WRITTEN = {
    "rowsRead": 105,
    "items": 98,
    "rejected": 1,
    "superseded": 4,
    "filtered": 2,
    "unmatched": 3,
    "duplicateKeys": 0,
    "expirable": 10,
    "supersededKeys": 3,
    "keysWithoutItem": 1,
    "traced": True,
    "files": [],
    "prefix": "processed/",
    "clusters": {
        "partition-01": {
            "item": 98,
            "duplicate": 0,
            "rejected": 1,
            "superseded": 4,
            "unmatched": 3,
            "rowsRead": 105,
            "filtered": 2,
        }
    },
    "rejectSamples": ["1 in partition-01: key attribute rateKey is null"],
    "duplicateSamples": [],
}
CLASSES = {
    "matched": 97,
    "changed": 0,
    "missing": 0,
    "extra": 0,
    "duplicate": 0,
    "undecodable": 0,
    "expired": 1,
    "rejected": 1,
    "superseded": 4,
}
COMPARED = {
    "compared": 98,
    **CLASSES,
    "changedAttributes": {},
    "hiddenDifferences": {"remark": 3, "amount": 2},
    "excluded": ["remark"],
    "tolerances": {"amount": "0.01"},
    "samples": [],
    "exported": 97,
}
CHANGED = {
    "class": "changed",
    "key": "1000#A / 2027-01-01",
    "column": "amount",
    "source": "N:1234e-2",
    "target": "N:12e0",
}


DRIVING, REFERENCE = "BaseRate-rate", "BaseRate-plan"
SOURCES = {
    "audit": {DRIVING: {"partition-01": [105, 105, 6300]}, REFERENCE: {"lipsdb": [3, 3, 30]}},
    "unread": {
        DRIVING: {"leftOut": ["internal_note"], "new": ["currency", "<b>tax</b>"]},
        REFERENCE: {"leftOut": [], "new": []},
    },
    "where": {
        DRIVING: {
            "condition": "status <> 'X' AND price < 10",
            "clusters": {"partition-01": {"inside": 105, "outside": 400}},
        }
    },
    "sources": {
        DRIVING: {"partition-01": {"kind": "partitioned table", "estimate": 2000}},
        REFERENCE: {"lipsdb": {"kind": "table", "estimate": None}},
    },
}
WITNESS = {
    DRIVING: {"partition-01": {"rows": 105, "sampled": 105, "landed": 105, "exported": 98, "differences": 0}},
    REFERENCE: {"lipsdb": {"rows": 3, "sampled": 3, "landed": 3, "exported": 0, "differences": 0}},
}
DISPUTED = {
    "table": "BaseRate",
    "extract": "rate",
    "cluster": "partition-01",
    "column": "amount",
    "key": "1000#A / 2027-01-01",
    "clone": "7.038531e-26",
    "landed": "7.0385313e-26",
}


def totals(witness: dict[str, Any]) -> dict[str, int]:
    clusters = [counts for extract in witness.values() for counts in extract.values()]
    return {name: sum(counts[name] for counts in clusters) for name in ("sampled", "landed", "exported", "differences")}


def job_run(number: int, job: str) -> dict[str, Any]:
    return {
        "applicationId": "app",
        "jobRunId": f"job-{number}",
        "name": f"rates-{job}-{RUN}",
        "state": "SUCCESS",
        "releaseLabel": "emr-7.9.0",
        "totalExecutionDurationSeconds": 300,
        "billedResourceUtilization": {"vCPUHour": 2.0, "memoryGBHour": 8.0, "storageGBHour": 0.0},
    }


def existing(cluster: str) -> Clone:
    created = dt.datetime.fromisoformat(CLONES[cluster])
    tags = {"migration:domain": "rates", "migration:mode": "rehearsal"}
    return Clone(f"{cluster}-clone", cluster, RUN, "available", created, ("db.r6g.large",), tags)


SETTINGS = TableSettings(
    billing_mode="PAY_PER_REQUEST",
    capacity="on demand",
    table_class="STANDARD",
    kms_key=None,
    stream=None,
    deletion_protection=False,
)


def match() -> RawEvidence:
    history = whole()
    history.enter("DeleteStatus", "Task")
    history.enter("DestroyClones", "Map")
    for cluster in CLONES:
        history.item("TakeClone", {"cluster": cluster})
        history.leave("CloneDestroyed", {"ok": True, "name": cluster})
    history.add("ExecutionSucceeded")
    verdict = {**IDENTITY, "verdict": "MATCH", "tables": {"BaseRate": {"compared": 98, **CLASSES}}}
    verdict["witness"] = totals(WITNESS)
    return RawEvidence(
        environment="test",
        account="971779422973",
        region="eu-west-1",
        domain="rates",
        run=RUN,
        looked_at=NOON + dt.timedelta(hours=1),
        bucket="data",
        table_names=("BaseRate",),
        limits={"BaseRate": {"rejected": 5, "filtered": 2, "unmatched": 3}},
        attempts=(read_attempt(execution("SUCCEEDED", output={"verdict": "MATCH"}), history.events),),
        manifest={
            **IDENTITY,
            **SOURCES,
            "phases": {"read": 11.5},
            "positions": {"lipsdb": {"engine": "aurora-postgresql", "position": "0/402E2F0", "reason": ""}},
            "tables": {"BaseRate": WRITTEN},
        },
        verdict=verdict,
        comparison={
            **verdict,
            "phases": {"compare": 22.5},
            "tables": {"BaseRate": COMPARED},
            "witness": WITNESS,
            "witnessSamples": [],
        },
        job_runs=(job_run(1, "bootstrap"), job_run(2, "compare")),
        tables=(ExistingTable(name="BaseRate-rehearsal", arn=TABLE_ARN, status="ACTIVE", run=RUN, settings=SETTINGS),),
        clone_class="db.r6g.large",
    )


def mismatch(samples: tuple[dict[str, Any], ...] = (CHANGED,), changed: int = 2) -> RawEvidence:
    history = whole()
    history.add("ExecutionFailed")
    classes = {**CLASSES, "matched": 97 - changed, "changed": changed}
    compared = {**COMPARED, **classes, "changedAttributes": {"amount": changed}, "samples": list(samples)}
    verdict = {**IDENTITY, "verdict": "MISMATCH", "tables": {"BaseRate": {"compared": 98, **classes}}}
    failed = execution("FAILED", error="DataMismatch", cause="2 items differ; the clones are kept.")
    return replace(
        match(),
        attempts=(read_attempt(failed, history.events),),
        verdict=verdict,
        comparison={**verdict, "phases": {"compare": 22.5}, "tables": {"BaseRate": compared}},
        clones=tuple(existing(cluster) for cluster in CLONES),
        locks=(Lock("rates", RUN, ARN, NOON, "FAILED", "DataMismatch", ""),),
    )


def verification() -> RawEvidence:
    """A later export of a run that matched, held against what the run had landed; no clone was read."""
    matched = match()
    request = {"mode": "rehearsal", "runId": RUN, "verify": True}
    again = read_attempt(replace(execution("SUCCEEDED", input=request), arn=f"{ARN}-verify"), whole().events)
    verdict = {**(matched.verdict or {}), "attempt": f"{RUN}-verify", "against": "raw", "leftOut": []}
    return replace(
        matched,
        attempts=(*matched.attempts, again),
        verdict={name: value for name, value in verdict.items() if name != "witness"},
        comparison={**(matched.comparison or {}), "attempt": f"{RUN}-verify", "against": "raw", "witness": {}},
    )


def disputed() -> RawEvidence:
    """A run whose items are all equal, though the witness read another value."""
    mismatched = mismatch((), changed=0)
    witness = {**WITNESS, DRIVING: {"partition-01": {**WITNESS[DRIVING]["partition-01"], "differences": 1}}}
    verdict = {**(mismatched.verdict or {}), "witness": totals(witness)}
    comparison = {**(mismatched.comparison or {}), "witness": witness, "witnessSamples": [DISPUTED]}
    return replace(mismatched, verdict=verdict, comparison=comparison)


def reused() -> RawEvidence:
    """A run on clones that another one made three hours before; one of them is gone."""
    early = {cluster: f"2026-11-25T09:00:0{n}+00:00" for n, cluster in enumerate(CLONES)}
    matched = match()
    old = replace(existing("lipsdb"), run="rates-rehearsal-0", created=dt.datetime.fromisoformat(early["lipsdb"]))
    return replace(matched, verdict={**(matched.verdict or {}), "clones": early}, clones=(old,))


def older() -> RawEvidence:
    """A run of a release whose jobs counted, traced and sampled less; its "compared" were rows."""
    matched = match()
    fewer = {
        name: value for name, value in WRITTEN.items() if name not in ("supersededKeys", "keysWithoutItem", "traced")
    }
    verdict = {**IDENTITY, "verdict": "MATCH", "tables": {"BaseRate": {**CLASSES, "compared": 103}}}
    return replace(
        matched,
        manifest={**IDENTITY, "audit": SOURCES["audit"], "phases": {}, "tables": {"BaseRate": fewer}},
        verdict=verdict,
        comparison={**verdict, "phases": {}, "tables": {"BaseRate": {**COMPARED, "compared": 103}}},
        clones=(replace(existing("lipsdb"), tags={}, run=""),),
        limits={},
    )


def failed_in_bootstrap() -> RawEvidence:
    history = until_tables()
    history.add("ExecutionFailed")
    failed = execution("FAILED", error="BootstrapFailed", cause="DatabaseError: the password is wrong")
    return replace(
        mismatch(),
        attempts=(read_attempt(failed, history.events),),
        manifest=None,
        verdict=None,
        comparison=None,
        job_runs=({**job_run(1, "bootstrap"), "state": "FAILED"},),
        tables=(),
    )


def refused() -> RawEvidence:
    history = History()
    history.add("ExecutionStarted")
    history.enter("DefineVariables")
    history.add("ExecutionFailed")
    failed = execution("FAILED", error="InvalidInput", cause="The input is refused. Nothing was created.")
    return replace(
        failed_in_bootstrap(), attempts=(read_attempt(failed, history.events),), job_runs=(), clones=(), locks=()
    )


def running() -> RawEvidence:
    goes_on = execution("RUNNING", stopped=None)
    return replace(failed_in_bootstrap(), attempts=(read_attempt(goes_on, until_tables().events),))


def moved(rows: int, expected: int | None, *, exact: bool = True) -> dict[str, Any]:
    """Return figures of a job's progress."""
    size = None if expected is None else 400 * expected
    return {"rows": rows, "bytes": 400 * rows, "expectedRows": expected, "expectedBytes": size, "exact": exact}


def job_document(**changes: object) -> dict[str, Any]:
    """Return what Bootstrap wrote of its progress 20 seconds before anybody looked."""
    clusters = {"lipsdb": moved(30_000, 30_000), "partition-01": moved(10_000, 70_000)}
    read = {**moved(40_000, 100_000), "rowsPerSecond": 2_000.0, "ended": False, "clusters": clusters}
    return {
        **IDENTITY,
        "job": "bootstrap",
        "state": "running",
        "startedAt": "2026-11-25T12:59:00Z",
        "writtenAt": "2026-11-25T12:59:40Z",
        "intervalSeconds": 15.0,
        "phase": "read",
        "phaseStartedAt": "2026-11-25T12:59:20Z",
        "tables": {"BaseRate": {"read": read}},
        **changes,
    }


def reading() -> RawEvidence:
    """A run whose Bootstrap reads."""
    return replace(running(), progress=(job_document(),))


def stopped_reading() -> RawEvidence:
    """A run whose Bootstrap was ended from outside while it read a view, of which no statistics are."""
    unknown = {**moved(40_000, None, exact=False), "rowsPerSecond": None, "ended": False, "clusters": {}}
    return replace(failed_in_bootstrap(), progress=(job_document(tables={"BaseRate": {"read": unknown}}),))


def forgotten() -> RawEvidence:
    """A run of which Step Functions and the bucket's lifecycle left the report alone."""
    matched = match()
    assert matched.comparison is not None
    comparison = {**matched.comparison, "bootstrap": {"BaseRate": WRITTEN}}
    return replace(matched, attempts=(), job_runs=(), manifest=None, comparison=comparison)


HOSTILE = '</td></table><script>alert("x")</script><img src=x onerror=alert(1)>{{ 7*7 }}"\'&amp; '
HOSTILE += "שלום 👩‍👩‍👧 \u202egnp.exe\x00"


def saying(evidence: RawEvidence, text: str) -> RawEvidence:
    """Return the evidence with a text of the data wherever sources and witness show one."""
    columns = {DRIVING: {"leftOut": [text], "new": [text]}}
    conditions = {DRIVING: {"condition": text, "clusters": {"partition-01": {"inside": 1, "outside": 2}}}}
    witnessed = {"key": text, "column": text, "clone": text, "exported": None}
    disputes = [{**{name: value for name, value in DISPUTED.items() if name != "landed"}, **witnessed}]
    return replace(
        evidence,
        manifest={**(evidence.manifest or {}), "unread": columns, "where": conditions},
        comparison={**(evidence.comparison or {}), "witnessSamples": disputes},
    )


def hostile() -> RawEvidence:
    """Differences whose keys and values would break a page that trusts them."""
    long = "w" * 1024 + "…"
    samples = (
        {**CHANGED, "key": HOSTILE * 20, "source": f"S:{HOSTILE}", "target": f"S:{HOSTILE[::-1]}"},
        {**CHANGED, "key": "مفتاح / 2027-01-01", "source": long, "target": "(absent)", "sourceCharacters": 102402},
        {**CHANGED, "key": "x" * 2048, "column": "<b>bold</b>", "source": "S:\ud800", "target": "M:{}"},
        {**CHANGED, "class": "missing", "column": "(whole item)", "source": "present", "target": "absent"},
    )
    mismatched = mismatch(samples, changed=90)
    (attempt,) = mismatched.attempts
    mismatched = saying(mismatched, HOSTILE)
    return replace(
        mismatched,
        attempts=(replace(attempt, cause=HOSTILE, input=Request.model_validate({**REQUEST, "requestedBy": HOSTILE})),),
    )


ALL = {
    "match": match,
    "mismatch": mismatch,
    "verification": verification,
    "disputed": disputed,
    "reused": reused,
    "older": older,
    "failed-in-bootstrap": failed_in_bootstrap,
    "refused": refused,
    "running": running,
    "reading": reading,
    "stopped-reading": stopped_reading,
    "forgotten": forgotten,
    "hostile": hostile,
}
