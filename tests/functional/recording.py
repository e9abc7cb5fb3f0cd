"""Recordings of ended runs with all their evidence, which tests read instead of running again."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from local.demo import run_summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.stack import LocalStack
    from runner.live.history.changes import Change
    from runner.live.history.progress import Progress

_RECORDED = ("status/", "processed/", "reports/", "failures/")


class Quiet:
    """A view that shows nothing."""

    def changed(self, progress: Progress, changes: list[Change]) -> None: ...
    def tick(self, all_progress: list[Progress]) -> None: ...
    def ended(self, progress: Progress) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """The evidence of executions, taken before the clean-up."""

    ended: dict[str, Progress]  # by domain
    refused: list[Progress] = field(default_factory=list)  # started while the domain was running
    writer_changes: int = 0
    planted_key: str = ""  # of the item that a test changed before its export
    executions: dict[str, dict[str, Any]]  # DescribeExecution by ARN
    histories: dict[str, list[dict[str, Any]]]  # GetExecutionHistory by ARN, oldest event first
    documents: dict[str, Any]  # the data bucket's JSON objects by key
    objects: dict[str, int]  # all objects of the data bucket with their bytes
    tables: dict[str, dict[str, Any]]  # by name: table, ttl, tags, streams, recovery, imports, exports
    job_runs: dict[str, dict[str, Any]]  # GetJobRun by the job run's name
    clones_left: list[str]

    def arn(self, domain: str) -> str:
        """Return the ARN of a domain's execution."""
        return self.ended[domain].arn

    def document(self, prefix: str, domain: str, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return a document of a domain's run: `document("reports", "rates", "verdict.json")`."""
        return self.documents[f"{prefix}/{domain}/{self.ended[domain].name}/{name}"]


def record(
    stack: LocalStack,
    ended: Sequence[Progress],
    refused: Sequence[Progress] = (),
    *,
    writer_changes: int = 0,
    planted_key: str = "",
) -> Recorded:
    """Return everything that the executions left."""
    arns = [progress.arn for progress in (*ended, *refused)]
    states = stack.client("stepfunctions")
    objects = _objects(stack)
    return Recorded(
        ended={progress.domain: progress for progress in ended},
        refused=list(refused),
        writer_changes=writer_changes,
        planted_key=planted_key,
        executions={arn: states.describe_execution(executionArn=arn) for arn in arns},
        histories={arn: _history(states, arn) for arn in arns},
        documents={
            key: json.loads(_body(stack, key))
            for key in objects
            if key.startswith(_RECORDED) and key.endswith(".json") and "/mismatches/" not in key
        },
        objects=objects,
        tables={name: _table(stack, name) for name in stack.client("dynamodb").list_tables()["TableNames"]},
        job_runs=_job_runs(stack),
        clones_left=run_summary.clones_left(stack),
    )


def clean_up(stack: LocalStack) -> None:
    """Delete tables, statuses, proofs and live marks; clones may stay, as after any failed run."""
    dynamodb, s3 = stack.client("dynamodb"), stack.client("s3")
    for name in dynamodb.list_tables()["TableNames"]:
        if dynamodb.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"):
            dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=name)
    for key in (key for key in _objects(stack) if key.startswith(("status/", "proven/", "live/"))):
        s3.delete_object(Bucket=stack.data_bucket, Key=key)


def _objects(stack: LocalStack) -> dict[str, int]:
    pages = stack.client("s3").get_paginator("list_objects_v2").paginate(Bucket=stack.data_bucket)
    return {entry["Key"]: entry["Size"] for page in pages for entry in page.get("Contents", [])}


def _body(stack: LocalStack, key: str) -> bytes:
    return bytes(stack.client("s3").get_object(Bucket=stack.data_bucket, Key=key)["Body"].read())


def _history(states: Any, arn: str) -> list[dict[str, Any]]:  # noqa: ANN401 - a boto3 client
    pages = states.get_paginator("get_execution_history").paginate(executionArn=arn, maxResults=1000)
    return [event for page in pages for event in page["events"]]


def _job_runs(stack: LocalStack) -> dict[str, dict[str, Any]]:
    emr, application = stack.client("emr-serverless"), stack.deployment.outputs["applicationId"]
    listed = emr.list_job_runs(applicationId=application)["jobRuns"]
    runs = [emr.get_job_run(applicationId=application, jobRunId=run["id"])["jobRun"] for run in listed]
    return {run["name"]: run for run in runs}


def _table(stack: LocalStack, name: str) -> dict[str, Any]:
    dynamodb = stack.client("dynamodb")
    table = dynamodb.describe_table(TableName=name)["Table"]
    arn = table["TableArn"]
    imports = [entry["ImportArn"] for entry in dynamodb.list_imports(TableArn=arn)["ImportSummaryList"]]
    exports = [entry["ExportArn"] for entry in dynamodb.list_exports(TableArn=arn)["ExportSummaries"]]
    try:
        recovery = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    except ClientError as error:
        recovery = {"unavailable": str(error)}
    return {
        "table": table,
        "ttl": dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
        "tags": {tag["Key"]: tag["Value"] for tag in dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]},
        "streams": dynamodb.describe_kinesis_streaming_destination(TableName=name)["KinesisDataStreamDestinations"],
        "recovery": recovery,
        "imports": [dynamodb.describe_import(ImportArn=job)["ImportTableDescription"] for job in imports],
        "exports": [dynamodb.describe_export(ExportArn=job)["ExportDescription"] for job in exports],
    }


def delete_clones(stack: LocalStack) -> None:
    """Delete every clone, step by step as `release-clones` does."""
    rds = stack.client("rds")
    deadline = time.monotonic() + 600
    while clones := [
        c for c in rds.describe_db_clusters()["DBClusters"] if c["DBClusterIdentifier"].endswith("-clone")
    ]:
        assert time.monotonic() < deadline
        for cluster in clones:
            # The next round repeats a deletion that is under way, or that an instance prevents.
            with suppress(rds.exceptions.InvalidDBInstanceStateFault, rds.exceptions.DBInstanceNotFoundFault):
                for member in cluster["DBClusterMembers"]:
                    rds.delete_db_instance(DBInstanceIdentifier=member["DBInstanceIdentifier"], SkipFinalSnapshot=True)
            with suppress(rds.exceptions.InvalidDBClusterStateFault, rds.exceptions.DBClusterNotFoundFault):
                rds.delete_db_cluster(DBClusterIdentifier=cluster["DBClusterIdentifier"], SkipFinalSnapshot=True)
        time.sleep(0.2)
