"""Each run's end is reported once, and each alarm and rule of the deployed stack fires on its cause."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from moto.cloudwatch.models import cloudwatch_backends
from moto.rds.models import rds_backends
from moto.sns.models import sns_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from catalog.loader import load_catalog
from local.aws import events
from tests.deployed import REGION
from tests.machine.alarm_state import state

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.machine.rig import Rig

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
STREAMS = sorted(
    {table.stream for domain in load_catalog().domains.values() for table in domain.tables if table.stream}
)
FUNCTIONS = ("aurora-clone", "run-registry", "run-watch", "table-writer")


@pytest.fixture
def messages(rig: Rig) -> list[Any]:
    """Return the topic's messages: (id, message, subject, …)."""
    (topic,) = sns_backends[rig.aws.active.account][REGION].topics.values()
    topic.sent_notifications.clear()
    return topic.sent_notifications  # type: ignore[no-any-return]  # moto's list


@pytest.fixture
def quiet(rig: Rig) -> Any:
    """Forget every datum and return the alarms by name; a check has just looked."""
    cloudwatch_backends[rig.aws.active.account][REGION].metric_data.clear()
    events.run_scheduled_rule("migration-test-check")
    alarms = rig.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {alarm["AlarmName"].removeprefix("migration-test-"): alarm for alarm in alarms}


def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens in the background."""
    limit = time.monotonic() + 600
    while not condition():
        assert time.monotonic() < limit, "nothing came"
        time.sleep(0.05)


def start(rig: Rig, **request: Any) -> str:
    arn = rig.client("stepfunctions").start_execution(
        stateMachineArn=rig.deployed["stateMachines"]["rates"], input=json.dumps(request)
    )["executionArn"]
    return str(arn)


def about(messages: list[Any], arn: str) -> list[Any]:
    """Return the messages about an execution; those about an earlier test's may still come in."""
    return [message for message in messages if arn in message[1]]


def test_a_run_that_succeeds_is_told_once_with_verdict_and_report(rig: Rig, messages: list[Any]) -> None:
    ended = rig.end(start(rig, runId="told"))

    assert ended.status == "SUCCEEDED", ended.cause
    until(lambda: len(about(messages, ended.arn)) > 0)
    time.sleep(0.5)
    ((_, sent, subject, *_),) = about(messages, ended.arn)
    message = json.loads(sent)["default"]
    assert subject == "test rates rehearsal: SUCCEEDED MATCH"
    assert f"report: s3://{rig.bucket}/reports/rates/told/report.json\n" in message
    assert re.search(r"^BaseRate(-rehearsal)?: [\d,]+ imported, [\d,]+ exported$", message, re.MULTILINE)


def test_a_run_whose_job_fails_is_told_and_so_is_the_job(rig: Rig, messages: list[Any]) -> None:
    rig.control(bootstrap={"exit": 1})

    ended = rig.end(start(rig))

    assert ended.error == "BootstrapFailed"
    until(lambda: len(about(messages, ended.arn)) == len(about(messages, "Spark job run")) == 1)
    sent = [*about(messages, ended.arn), *about(messages, "Spark job run")]
    by_subject = {subject: json.loads(message)["default"] for _, message, subject, *_ in sent}
    assert "migrate resume" in by_subject.pop("test rates rehearsal: FAILED BootstrapFailed")
    ((subject, message),) = by_subject.items()
    assert re.fullmatch(r"test: Spark job run FAILED \S+", subject)
    assert re.match(r"The Spark job run \w+ of the application \w+ ended FAILED\.\n", message)
    assert message.endswith("/docs/runbooks/job-failed.md\n")


def test_a_run_that_is_stopped_is_told_too(rig: Rig, messages: list[Any]) -> None:
    arn = start(rig)
    rig.await_state(arn, "StartClone")

    assert rig.stop(arn).status == "ABORTED"

    until(lambda: len(about(messages, arn)) == 1)
    assert about(messages, arn)[0][2] == "test rates rehearsal: ABORTED no verdict"


def test_another_machine_is_nobody_s_news(rig: Rig, messages: list[Any]) -> None:
    states = rig.client("stepfunctions")
    role = states.describe_state_machine(stateMachineArn=rig.machines["rates"])["roleArn"]
    failing = json.dumps({"StartAt": "Stop", "States": {"Stop": {"Type": "Fail", "Error": "Other"}}})
    machine = states.create_state_machine(name="another", definition=failing, roleArn=role)["stateMachineArn"]
    started = states.start_execution(stateMachineArn=machine)["executionArn"]
    assert rig.end(started).error == "Other"
    states.delete_state_machine(stateMachineArn=machine)

    time.sleep(0.5)
    assert messages == []


def test_a_rule_that_the_function_s_policy_does_not_let_in_delivers_nothing(rig: Rig, messages: list[Any]) -> None:
    from moto.awslambda.models import lambda_backends  # noqa: PLC0415 - moto's modules load slowly

    function = lambda_backends[rig.aws.active.account][REGION].get_function("migration-test-run-watch")
    kept, function.policy.statements = function.policy.statements, []

    assert rig.end(start(rig, runId="?")).error == "InvalidInput"

    time.sleep(0.5)
    function.policy.statements = kept
    assert messages == []


def test_every_alarm_names_a_runbook_and_every_runbook_has_its_alarm_or_rule(quiet: Any, rig: Rig) -> None:
    named = {re.search(r"docs/runbooks/([a-z-]+)\.md$", alarm["AlarmDescription"])[1] for alarm in quiet.values()}  # type: ignore[index]  # a miss fails the test
    rules = {rule["Name"] for rule in rig.client("events").list_rules()["Rules"]}

    assert named | {"run-failed", "job-failed"} == {page.stem for page in RUNBOOKS.glob("*.md")}
    assert rules == {"migration-test-run-ended", "migration-test-check", "migration-test-job-failed"}


def age_clones(rig: Rig) -> None:
    rig.control(bootstrap={"exit": 1})
    assert rig.run().error == "BootstrapFailed"
    for name, cluster in rds_backends[rig.aws.active.account][REGION].clusters.items():
        if name.endswith("-clone"):
            cluster.cluster_create_time = (dt.datetime.now(dt.UTC) - dt.timedelta(hours=25)).isoformat()
    events.run_scheduled_rule("migration-test-check")
    _put(rig, "RatesAvailMigration", "OldestCloneHours", {"Stack": "test"}, 25, minutes_ago=65)  # an hour before


def outlast_the_plan(rig: Rig) -> None:
    rig.control(bootstrap={"seconds": 30})
    arn = start(rig)
    rig.await_state(arn, "StartClone")
    execution = stepfunctions_parser_backends[rig.aws.active.account][REGION].describe_execution(arn)
    execution.start_date = dt.datetime.now(dt.UTC) - dt.timedelta(hours=13)
    events.run_scheduled_rule("migration-test-check")
    rig.stop(arn)


def fail(function: str) -> Callable[[Rig], None]:
    def call(rig: Rig) -> None:
        rig.writer_stands_in = False
        answer = rig.client("lambda").invoke(FunctionName=f"migration-test-{function}", Payload=b'{"operation": "no"}')
        rig.writer_stands_in = True
        assert "FunctionError" in answer

    return call


def stream(name: str, metric: str, value: float) -> Callable[[Rig], None]:
    def measure(rig: Rig) -> None:
        for minutes in (1, 6, 11):
            _put(rig, "AWS/Kinesis", metric, {"StreamName": name}, value, minutes_ago=minutes)

    return measure


def _put(rig: Rig, namespace: str, metric: str, dimensions: dict[str, str], value: float, minutes_ago: int) -> None:
    datum = {
        "MetricName": metric,
        "Dimensions": [{"Name": key, "Value": text} for key, text in dimensions.items()],
        "Value": value,
        "Timestamp": dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes_ago),
    }
    rig.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[datum])


CASES: dict[str, Callable[[Rig], None]] = {
    "clones-forgotten": age_clones,
    "run-too-long": outlast_the_plan,
    **{f"{function}-errors": fail(function) for function in FUNCTIONS},
    **{f"{name}-behind": stream(name, "GetRecords.IteratorAgeMilliseconds", 4e6) for name in STREAMS},
    **{f"{name}-throttled": stream(name, "WriteProvisionedThroughputExceeded", 1) for name in STREAMS},
}


@pytest.mark.parametrize("name", CASES)
def test_an_alarm_fires_at_what_it_is_for_and_at_nothing_else(rig: Rig, quiet: Any, name: str) -> None:
    cloudwatch = rig.client("cloudwatch")
    assert set(quiet) == set(CASES)
    assert {alarm for alarm in quiet if state(cloudwatch, quiet[alarm]) == "ALARM"} == set()

    CASES[name](rig)

    assert {alarm for alarm in quiet if state(cloudwatch, quiet[alarm]) == "ALARM"} == {name}


def test_a_check_that_no_longer_runs_raises_the_alarm_of_the_clones(rig: Rig, quiet: Any) -> None:
    cloudwatch_backends[rig.aws.active.account][REGION].metric_data.clear()

    assert state(rig.client("cloudwatch"), quiet["clones-forgotten"]) == "ALARM"


def test_the_alarms_publish_to_the_topic_that_lets_cloudwatch_in(rig: Rig, quiet: Any) -> None:
    topic = rig.deployed["notificationsTopic"]
    policy = json.loads(rig.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])

    assert {tuple(alarm["AlarmActions"]) for alarm in quiet.values()} == {(topic,)}
    assert "cloudwatch.amazonaws.com" in policy["Statement"][0]["Principal"]["Service"]


def test_the_dashboard_shows_each_alarm_machine_function_and_stream(rig: Rig, quiet: Any) -> None:
    body = json.loads(rig.client("cloudwatch").get_dashboard(DashboardName="migration-test")["DashboardBody"])
    shown = json.dumps(body)

    assert {alarm["AlarmArn"] for alarm in quiet.values()} == set(body["widgets"][0]["properties"]["alarms"])
    assert all(arn in shown for arn in rig.deployed["stateMachines"].values())
    assert all(name in shown for name in (*FUNCTIONS, *STREAMS, rig.deployed["applicationId"]))
