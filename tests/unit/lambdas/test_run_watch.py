"""The notices of a run's end, and the measurements of the scheduled check."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from run_watch import links
from run_watch.check import Check, Measurement
from run_watch.clones import ages, our_clones
from run_watch.errors import InvalidEventError
from run_watch.handler import Watch
from run_watch.notice import Stack, notice

from statemachine.failures import CATCH_UP_RECORDED, RECORDED, REFUSED

if TYPE_CHECKING:
    from run_watch.message import Message

NOW = dt.datetime(2027, 1, 2, 12, tzinfo=dt.UTC)
MACHINE = "arn:aws:states:eu-west-1:1:stateMachine:migration-test-rates"
EXECUTION = "arn:aws:states:eu-west-1:1:execution:migration-test-rates:e"
# As EventBridge writes them.
ENDED = "Step Functions Execution Status Change"
JOB_ENDED = "EMR Serverless Job Run State Change"
STACK = Stack("test", "data", "owner/name")
CONSOLE = "https://eu-west-1.console.aws.amazon.com"
EXECUTION_LINK = f"execution: {CONSOLE}/states/home?region=eu-west-1#/v2/executions/details/{EXECUTION}"
DASHBOARD_LINK = f"dashboard: {CONSOLE}/cloudwatch/home?region=eu-west-1#dashboards/dashboard/migration-test"
RUNBOOK = "https://github.com/owner/name/blob/HEAD/docs/runbooks"
OUTPUT = {
    "domain": "rates",
    "run": "r1",
    "mode": "official",
    "verdict": "MATCH",
    "report": "s3://data/reports/rates/r1/report.json",
    "tables": [{"name": "BaseRate", "imported": 12000, "exported": 11990}],
    "clones": "kept for availability",
}
OURS = [
    {"Key": "migration:system", "Value": "rates-avail-migration-bootstrap"},
    {"Key": "migration:stack", "Value": "test"},
]


def ended(**facts: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of an execution
    return {
        "executionArn": EXECUTION,
        "stateMachineArn": MACHINE,
        "name": "e",
        "input": "{}",
        "startDate": NOW,
        "stopDate": NOW + dt.timedelta(minutes=90),
        **facts,
    }


def tell(**facts: Any) -> Message:  # noqa: ANN401 - fields of an execution
    return notice(ended(**facts), STACK)


def document(message: Message) -> dict[str, Any]:
    """Return what HTTPS endpoints and chat are sent."""
    content: dict[str, Any] = json.loads(json.loads(message.publication()["Message"])["https"])
    return content


class Pages:
    """A client whose one paginator yields one page."""

    def __init__(self, **page: Any) -> None:  # noqa: ANN401 - what the service answers
        self._page = page

    def get_paginator(self, _: str) -> Pages:
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [self._page]


class Recorder:
    """A client that remembers what it was told."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def publish(self, **message: Any) -> dict[str, str]:  # noqa: ANN401 - the call's arguments
        self.sent.append(message)
        return {"MessageId": "m"}

    def put_metric_data(self, **metrics: Any) -> None:  # noqa: ANN401 - the call's arguments
        self.sent.append(metrics)


class States(Pages):
    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        assert executionArn == EXECUTION
        return ended(status="SUCCEEDED", output=json.dumps(OUTPUT))


def check(clusters: list[dict[str, Any]], started: list[dt.datetime]) -> Check:
    return Check(
        rds=Pages(DBClusters=clusters),
        states=States(executions=[{"startDate": moment} for moment in started]),
        stack="test",
        state_machines=(MACHINE,),
        instance_usd_per_hour=0.5,
    )


def test_a_success_is_told_with_verdict_counts_and_the_place_of_the_report() -> None:
    message = tell(status="SUCCEEDED", output=json.dumps(OUTPUT), input='{"requestedBy": "ada", "approvedBy": "grace"}')

    assert message.publication()["Subject"] == "test rates official: SUCCEEDED MATCH"
    assert message.about == {
        "stack": "test",
        "domain": "rates",
        "run": "r1",
        "mode": "official",
        "status": "SUCCEEDED",
        "verdict": "MATCH",
    }
    assert message.text == (
        "rates: SUCCEEDED, MATCH\n"
        "run r1, official, stack test\n"
        "requested by ada, approved by grace\n"
        "took 90 minutes\n"
        "BaseRate: 12,000 imported, 11,990 exported\n"
        "clones: kept for availability\n"
        "\n"
        "As a page: migrate report r1 --environment test --html report.html\n"
        "\n"
        f"{EXECUTION_LINK}\n"
        "report: s3://data/reports/rates/r1/report.json\n"
        f"report's folder: {CONSOLE}/s3/buckets/data?region=eu-west-1&prefix=reports/rates/r1/\n"
        f"{DASHBOARD_LINK}\n"
    )


def test_the_tables_of_a_catch_up_were_exported_and_not_imported() -> None:
    output = {**OUTPUT, "tables": [{"name": "BaseRate", "exported": 11990}]}

    assert "\nBaseRate: 11,990 exported\n" in tell(status="SUCCEEDED", output=json.dumps(output)).text


def test_mail_is_sent_the_text_and_chat_and_https_one_document() -> None:
    message = tell(status="FAILED", error="WritersFound", cause="somebody writes", input='{"runId": "r2"}')
    publication = message.publication()

    assert publication["MessageStructure"] == "json"
    assert set(json.loads(publication["Message"])) == {"default", "https"}
    assert json.loads(publication["Message"])["default"] == message.text
    content = document(message)
    links = (
        f"<{CONSOLE}/states/home?region=eu-west-1#/v2/executions/details/{EXECUTION}|execution> | "
        f"<{CONSOLE}/cloudwatch/home?region=eu-west-1#dashboards/dashboard/migration-test|dashboard> | "
        f"<{RUNBOOK}/run-failed.md#writersfound|runbook>"
    )
    assert content == {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": "test rates rehearsal: FAILED WritersFound",
            "description": "\n".join([*message.facts, links]),
            "nextSteps": [
                "Resume with: migrate resume r2 --environment test",
                "Give up with: migrate release-clones --environment test",
                "As a page: migrate report r2 --environment test --html report.html",
            ],
        },
        "metadata": {
            "threadId": "r2",
            "summary": "rates: FAILED, no verdict",
            "additionalContext": {
                "stack": "test",
                "domain": "rates",
                "run": "r2",
                "mode": "rehearsal",
                "status": "FAILED",
                "error": "WritersFound",
            },
        },
    }


def test_a_long_cause_fits_what_chat_takes() -> None:
    content = document(tell(status="FAILED", error="ImportFailed", cause="x" * 30_000))

    assert len(content["content"]["description"]) == 8000


def test_a_long_failure_fits_a_chats_title_and_a_mails_subject() -> None:
    message = tell(status="FAILED", error="x" * 300)

    assert document(message)["content"]["title"] == "test rates rehearsal: FAILED " + "x" * 221
    assert message.publication()["Subject"] == "test rates rehearsal: FAILED " + "x" * 71


def test_a_notice_lists_the_clones_that_exist_with_their_age_and_maker() -> None:
    tags = {"run": "r1", "domain": "rates", "mode": "rehearsal"}
    made = [*OURS, *({"Key": f"migration:{key}", "Value": value} for key, value in tags.items())]
    clusters = [
        {"ClusterCreateTime": NOW - dt.timedelta(hours=3, minutes=20), "TagList": made},
        {"ClusterCreateTime": NOW - dt.timedelta(hours=3, minutes=5), "TagList": made},
        {"ClusterCreateTime": NOW - dt.timedelta(minutes=4), "TagList": OURS},
        {"ClusterCreateTime": NOW - dt.timedelta(hours=9), "TagList": []},
        {"TagList": [*made[:-1], {"Key": "migration:mode", "Value": "official"}]},
    ]

    lines = ages(our_clones(Pages(DBClusters=clusters), "test"), NOW)
    failed = notice(ended(status="FAILED", error="ImportFailed", cause="bad"), STACK, lines)

    assert lines == [
        "2 clones made 3 h 05 min to 3 h 20 min ago by the rehearsal r1 of rates",
        "1 clone made 4 min ago by an unknown run",
        "1 clone made 0 min ago by the official run r1 of rates",
    ]
    assert [line for line in failed.text.splitlines() if line.startswith("clones that exist")] == [
        f"clones that exist: {line}" for line in lines
    ]


def tags(**values: str) -> list[dict[str, str]]:
    return [{"Key": f"migration:{key}", "Value": value} for key, value in values.items()]


def made(hours: float, **maker: str) -> dict[str, Any]:
    return {"ClusterCreateTime": NOW - dt.timedelta(hours=hours), "TagList": [*OURS, *tags(**maker)]}


def test_the_run_that_made_the_oldest_clone_comes_first() -> None:
    clones = [made(2, run="r2", mode="official"), made(5, run="r1"), made(1, run="r1")]

    assert ages(clones, NOW) == [
        "2 clones made 1 h 00 min to 5 h 00 min ago by run r1",
        "1 clone made 2 h 00 min ago by the official run r2",
    ]


def test_only_clones_of_this_system_and_this_stack_are_ours() -> None:
    clusters = [
        {"TagList": tags(system="rates-avail-migration-bootstrap", stack="prod")},
        {"TagList": tags(system="another", stack="test")},
        {"TagList": OURS},
        {},
    ]

    assert our_clones(Pages(DBClusters=clusters), "test") == [{"TagList": OURS}]


@pytest.mark.parametrize(
    ("before", "line"),
    [
        (dt.timedelta(0), "read from: 2 clones made during this execution"),
        (dt.timedelta(hours=3), "read from: 1 of 2 clones made 3 h 00 min before this execution began"),
        (dt.timedelta(minutes=-5), "read from: 2 clones made during this execution"),
    ],
)
def test_a_success_says_how_old_the_clones_were_that_it_read(before: dt.timedelta, line: str) -> None:
    created = {"lipsdb": (NOW - before).isoformat(), "p1": (NOW + dt.timedelta(minutes=6)).isoformat()}

    message = tell(status="SUCCEEDED", output=json.dumps({**OUTPUT, "clonesCreated": created}))

    assert line in message.text.splitlines()


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeDBClusters"),
        EndpointConnectionError(endpoint_url="https://rds"),
    ],
    ids=["AccessDenied", "no endpoint"],
)
def test_a_notice_is_sent_though_the_clones_cannot_be_listed(error: Exception) -> None:
    class Refusing:
        def get_paginator(self, _: str) -> Pages:
            raise error

    sns, around = Recorder(), replace(check([], []), rds=Refusing())
    watch = Watch(check=around, states=around.states, sns=sns, cloudwatch=Recorder(), topic="arn:topic", stack=STACK)

    watch.answer({"detail-type": ENDED, "detail": {"executionArn": EXECUTION}})

    assert "clones that exist: the clones could not be listed: " in sns.sent[0]["Message"]


def test_a_mismatch_is_told_as_the_verdict_with_the_report() -> None:
    message = tell(status="FAILED", error="DataMismatch", cause="1 item differs", input='{"runId": "r2"}')

    assert message.subject == "test rates rehearsal: FAILED DataMismatch"
    assert message.text.splitlines()[0] == "rates: FAILED, MISMATCH"
    assert "report: s3://data/reports/rates/r2/report.json" in message.text


def test_a_failure_names_its_cause_what_stays_both_ways_on_and_the_runbook() -> None:
    message = tell(status="FAILED", error="ImportFailed", cause="BaseRate: bad item", input='{"mode": "official"}')

    assert message.subject == "test rates official: FAILED ImportFailed"

    assert message.text.splitlines()[3:] == [
        "ImportFailed: BaseRate: bad item",
        "The clones stay for the next attempt and cost money until they are released.",
        "",
        "Resume with: migrate resume e --environment test",
        "Give up with: migrate release-clones --environment test",
        "As a page: migrate report e --environment test --html report.html",
        "",
        EXECUTION_LINK,
        DASHBOARD_LINK,
        f"runbook: {RUNBOOK}/run-failed.md",
    ]


def test_a_notice_links_each_failures_own_section_of_the_runbook() -> None:
    page = Path("docs/runbooks/run-failed.md").read_text("utf-8")
    headings = set(re.findall(r"^## (\w+)$", page, re.MULTILINE))

    assert set(links.SECTIONS) == headings & {*RECORDED, *CATCH_UP_RECORDED, *REFUSED}


def test_a_notice_has_the_links_of_the_command_line() -> None:
    others = pytest.importorskip("runner.links")

    for region in ("eu-west-1", "us-gov-west-1", "cn-north-1"):
        arn = EXECUTION.replace("eu-west-1", region)
        assert links.execution(arn) == others.execution(arn)
        assert links.dashboard(region, "migration-test") == others.dashboard(region, "migration-test")
        assert links.spark_applications(region) == others.spark_applications(region)
        for uri in ("s3://data/reports/rates/r 1/", "s3://data/reports/rates/r1/report.json"):
            assert links.s3(region, uri) == others.s3(region, uri)
    for repository in ("owner/name", ""):
        assert links.runbook("WritersFound", repository) == others.runbook("writersfound", repository)
        assert links.runbook("ImportFailed", repository) == others.runbook("", repository)
        assert links.repository_page(links.JOB_FAILED, repository) == others.repository_page(
            links.JOB_FAILED, repository
        )


def test_a_failed_job_is_told_with_its_logs_and_its_runbook() -> None:
    sns, around = Recorder(), check([], [])
    watch = Watch(check=around, states=around.states, sns=sns, cloudwatch=Recorder(), topic="arn:topic", stack=STACK)
    detail = {"jobRunId": "j1", "jobRunName": "rates-bootstrap-e", "applicationId": "a1", "state": "FAILED"}

    watch.answer({"detail-type": JOB_ENDED, "region": "eu-west-1", "detail": detail})

    assert sns.sent[0]["Subject"] == "test: Spark job run FAILED rates-bootstrap-e"
    assert json.loads(sns.sent[0]["Message"])["default"] == (
        "The Spark job run j1 of the application a1 ended FAILED.\n"
        "The notice of its run has the cause.\n"
        "\n"
        f"logs: {CONSOLE}/s3/buckets/data?region=eu-west-1&prefix=logs/applications/a1/jobs/j1/\n"
        f"job runs: {CONSOLE}/emr/home?region=eu-west-1#/serverless\n"
        f"runbook: {RUNBOOK}/job-failed.md\n"
    )
    assert json.loads(json.loads(sns.sent[0]["Message"])["https"])["metadata"] == {
        "threadId": "test: Spark job run FAILED rates-bootstrap-e",
        "summary": "The Spark job run j1 of the application a1 ended FAILED.",
        "additionalContext": {"stack": "test", "jobRun": "j1", "application": "a1", "status": "FAILED"},
    }


@pytest.mark.parametrize("error", REFUSED)
def test_a_refused_run_leaves_nothing_to_go_on_with(error: str) -> None:
    message = tell(status="FAILED", error=error, cause="nonsense")

    assert message.steps == ["As a page: migrate report e --environment test --html report.html"]
    assert message.facts[3:] == [f"{error}: nonsense"]


@pytest.mark.parametrize("status", ["TIMED_OUT", "ABORTED"])
def test_an_end_without_words_is_told_by_its_status(status: str) -> None:
    message = tell(status=status)

    assert message.subject == f"test rates rehearsal: {status} no verdict"
    assert f"{status}: without a cause" in message.text


def test_a_subject_is_one_line_of_ascii_of_a_hundred_characters() -> None:
    message = tell(status="FAILED", error="É\n" + "x" * 300)

    assert message.publication()["Subject"] == "test rates rehearsal: FAILED ? " + "x" * 69


def test_the_check_measures_our_clones_and_the_longest_run() -> None:
    clusters = [
        {"ClusterCreateTime": NOW - dt.timedelta(hours=30), "TagList": OURS, "DBClusterMembers": [{}]},
        {"ClusterCreateTime": NOW - dt.timedelta(hours=2), "TagList": OURS, "DBClusterMembers": [{}]},
        {"ClusterCreateTime": NOW - dt.timedelta(hours=900), "TagList": [], "DBClusterMembers": [{}]},
    ]

    metrics = check(clusters, [NOW - dt.timedelta(hours=3), NOW - dt.timedelta(hours=1)]).measure(NOW).metrics("test")

    dimensions = [{"Name": "Stack", "Value": "test"}]
    assert metrics == [
        {"MetricName": "Clones", "Dimensions": dimensions, "Value": 2},
        {"MetricName": "OldestCloneHours", "Dimensions": dimensions, "Value": 30.0},
        {"MetricName": "ClonesUsdPerHour", "Dimensions": dimensions, "Value": 1.0},
        {"MetricName": "LongestRunHours", "Dimensions": dimensions, "Value": 3.0},
    ]


class RunningByMachine:
    """Step Functions with an execution of each machine, and with one that has ended."""

    def __init__(self, **hours: float) -> None:
        self._hours = hours

    def get_paginator(self, operation: str) -> RunningByMachine:
        assert operation == "list_executions"
        return self

    def paginate(self, *, stateMachineArn: str, statusFilter: str) -> list[dict[str, Any]]:  # noqa: N803 - boto3's
        assert statusFilter == "RUNNING"
        return [
            {"executions": []},
            {"executions": [{"startDate": NOW - dt.timedelta(hours=self._hours[stateMachineArn])}]},
        ]


def test_the_check_asks_each_machine_for_what_runs_and_rounds_the_price() -> None:
    clusters = [{**made(1), "DBClusterMembers": [{}]}]
    around = replace(
        check(clusters, []),
        states=RunningByMachine(rates=1, availability=4),
        state_machines=("rates", "availability"),
        instance_usd_per_hour=0.123456,
    )

    assert around.measure(NOW) == Measurement(
        clones=1, oldest_clone_hours=1.0, clones_usd_per_hour=0.1235, longest_run_hours=4.0
    )


def test_the_handler_tells_measures_or_refuses() -> None:
    sns, cloudwatch, around = Recorder(), Recorder(), check([], [])
    watch = Watch(check=around, states=around.states, sns=sns, cloudwatch=cloudwatch, topic="arn:topic", stack=STACK)

    reported = watch.answer({"detail-type": ENDED, "detail": {"executionArn": EXECUTION}})
    measured = watch.answer({"operation": "check"})

    assert reported == {"subject": "test rates official: SUCCEEDED MATCH", "messageId": "m"}
    assert [(message["TopicArn"], message["Subject"]) for message in sns.sent] == [("arn:topic", reported["subject"])]
    assert measured == {"Clones": 0, "OldestCloneHours": 0.0, "ClonesUsdPerHour": 0.0, "LongestRunHours": 0.0}
    assert [metrics["Namespace"] for metrics in cloudwatch.sent] == ["RatesAvailMigration"]
    with pytest.raises(InvalidEventError, match="neither detail-type"):
        watch.answer({"operation": "dance"})


def test_a_run_that_imported_nothing_is_told_by_its_exports_and_its_own_report() -> None:
    report = "s3://data/reports/rates/r1/verifications/v1/report.json"
    output = {**OUTPUT, "report": report, "tables": [{"name": "BaseRate", "exported": 11990}]}

    text = tell(status="SUCCEEDED", output=json.dumps(output)).text

    assert "\nBaseRate: 11,990 exported\n" in text
    assert f"\nreport: {report}\n" in text


def test_a_catch_up_is_of_its_domain_and_official_where_its_input_says_nothing_else() -> None:
    machine = f"{MACHINE}-catch-up"

    message = tell(status="FAILED", error="WritersFound", cause="somebody writes", input="{}", stateMachineArn=machine)

    assert message.subject == "test rates official: FAILED WritersFound"
    assert message.text.startswith("rates: FAILED, no verdict\n")
