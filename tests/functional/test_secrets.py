"""Passwords exist only in their secrets, after runs that match and after one that a database refused."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from subprocess import PIPE
from typing import TYPE_CHECKING, Any

import pytest

from local.aws.emr_serverless import log_path
from runner.live.history.items import histories_of_items, history
from runner.report.collect.run import gather
from runner.report.document import build
from tests.functional.conftest import WRONG_PASSWORD
from tests.functional.processes import Processes
from tests.unit.runner.report.raw import as_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.stack import LocalStack
    from runner.account.environments import Environment
    from tests.functional.recording import Recorded


@pytest.fixture(scope="module")
def passwords(stack: LocalStack) -> list[str]:
    secrets = stack.client("secretsmanager")
    secret_strings = [
        secrets.get_secret_value(SecretId=cluster.password_secret)["SecretString"]
        for cluster in stack.catalog.clusters.values()
    ]
    assert all(len(password) > 10 for password in secret_strings)
    assert len(set(secret_strings)) == len(secret_strings)
    return [*secret_strings, WRONG_PASSWORD]


def everywhere(stack: LocalStack) -> Iterator[tuple[str, bytes]]:
    """Return everything that the account shows, by source."""
    yield from stored(stack)
    yield from executed(stack)
    yield from run_by_spark(stack)
    functions = stack.client("lambda")
    for function in functions.list_functions()["Functions"]:
        yield f"function {function['FunctionName']}", as_bytes(function)


def stored(stack: LocalStack) -> Iterator[tuple[str, bytes]]:
    s3 = stack.client("s3")
    for bucket in (stack.data_bucket, stack.deployment.outputs["artifactsBucket"]):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for entry in page.get("Contents", []):
                body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
                yield f"s3://{bucket}/{entry['Key']}", gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    dynamodb = stack.client("dynamodb")
    for name in dynamodb.list_tables()["TableNames"]:
        for page in dynamodb.get_paginator("scan").paginate(TableName=name):
            yield f"table {name}", as_bytes(page["Items"])
    logs = stack.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
            for event in page["events"]:
                yield f"log {group['logGroupName']}", event["message"].encode()


def executed(stack: LocalStack) -> Iterator[tuple[str, bytes]]:
    states = stack.client("stepfunctions")
    for machine in states.list_state_machines()["stateMachines"]:
        machine_arn = machine["stateMachineArn"]
        yield (
            f"definition {machine_arn}",
            states.describe_state_machine(stateMachineArn=machine_arn)["definition"].encode(),
        )
        for execution in states.list_executions(stateMachineArn=machine_arn)["executions"]:
            name, arn = execution["name"], execution["executionArn"]
            yield f"execution {name}", as_bytes(states.describe_execution(executionArn=arn))
            yield f"history {name}", as_bytes(history(states, arn))
            for item, events in histories_of_items(states, arn):
                yield f"history {item}", as_bytes(events)


def run_by_spark(stack: LocalStack) -> Iterator[tuple[str, bytes]]:
    emr, application = stack.client("emr-serverless"), stack.deployment.outputs["applicationId"]
    for run in emr.list_job_runs(applicationId=application)["jobRuns"]:
        job_run = emr.get_job_run(applicationId=application, jobRunId=run["id"])["jobRun"]
        yield f"job run {run['name']}", as_bytes(job_run)
        yield f"log of job run {run['name']}", log_path(run["id"]).read_bytes()


def as_bytes(value: Any) -> bytes:  # noqa: ANN401 - an answer of AWS
    return json.dumps(value, default=str).encode()


def leaks(contents: Iterator[tuple[str, bytes]], passwords: list[str]) -> set[str]:
    return {source for source, content in contents if any(password.encode() in content for password in passwords)}


def test_nothing_that_the_account_shows_after_runs_holds_a_password(
    stack: LocalStack,
    environment: Environment,
    migrated: Recorded,
    locked_out: tuple[Recorded, Processes],
    passwords: list[str],
) -> None:
    failed, _ = locked_out
    contents = list(everywhere(stack))

    assert leaks(iter(contents), passwords) == set()
    kinds = {source.split(" ")[0].split(":")[0] for source, _ in contents}
    assert kinds >= {"s3", "log", "definition", "execution", "history", "job", "function"}
    # What was there when the runs ended, and is cleaned away since.
    assert leaks(((str(run.ended), as_bytes(vars(run))) for run in (migrated, failed)), passwords) == set()
    # What people are shown of the run that failed, whose message comes from the database.
    report = as_document(build(gather(environment, failed.ended["rates"].name, "rates")))
    assert "password authentication failed" in as_bytes(report).decode()
    assert leaks(iter([("report", as_bytes(report))]), passwords) == set()


def test_a_password_in_any_place_would_be_found(stack: LocalStack, passwords: list[str]) -> None:
    key = {"Bucket": stack.data_bucket, "Key": "failures/rates/planted/bootstrap.json"}
    stack.client("s3").put_object(**key, Body=gzip.compress(passwords[0].encode()))
    logs = stack.client("logs")
    logs.create_log_stream(logGroupName="/aws/lambda/migration-test-run-registry", logStreamName="planted")
    logs.put_log_events(
        logGroupName="/aws/lambda/migration-test-run-registry",
        logStreamName="planted",
        logEvents=[{"timestamp": int(time.time() * 1000), "message": f"url=jdbc:x?password={passwords[1]}&y"}],
    )

    exposed = leaks(everywhere(stack), passwords)

    stack.client("s3").delete_object(**key)
    logs.delete_log_stream(logGroupName="/aws/lambda/migration-test-run-registry", logStreamName="planted")
    assert exposed == {f"s3://{key['Bucket']}/{key['Key']}", "log /aws/lambda/migration-test-run-registry"}


def test_no_process_has_a_password_in_its_command_line_or_environment(
    locked_out: tuple[Recorded, Processes], passwords: list[str]
) -> None:
    _, processes = locked_out

    assert any(b"org.apache.spark.deploy.SparkSubmit" in line for line in processes.command_lines)
    assert leaks((("a process", text) for text in processes.seen), passwords) == set()


def test_a_password_in_a_command_line_would_be_found() -> None:
    planted = [sys.executable, "-c", "print('running', flush=True); input()", "planted-4711"]
    with Processes() as processes, subprocess.Popen(planted, stdin=PIPE, stdout=PIPE) as child:
        # The kernel shows an empty command line for a moment after exec, when Popen has returned already.
        assert child.stdout is not None
        assert child.stdout.readline() == b"running\n"
        processes.look()
        child.communicate(b"\n")

    assert any(b"planted-4711" in line for line in processes.command_lines)


def test_the_configuration_that_holds_the_passwords_is_gone_with_its_job(
    stack: LocalStack, locked_out: tuple[Recorded, Processes], passwords: list[str]
) -> None:
    assert locked_out
    left = ((str(path), path.read_bytes()) for path in stack.aws.active.work.rglob("*.conf") if path.is_file())

    assert leaks(left, passwords) == set()
