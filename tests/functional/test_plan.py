"""The findings of a plan on the embedded AWS: each mistake that would fail a run hours later."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from moto.emrserverless.models import emrserverless_backends
from moto.iam.models import iam_backends
from moto.kinesis.models import kinesis_backends
from moto.rds.models import rds_backends
from moto.secretsmanager.models import secretsmanager_backends

from catalog.loader import load_catalog
from local.demo import run_summary
from runner.account.environments import Environment, find_machine
from runner.account.lookups import Account
from runner.account.requests import Request
from runner.plan import check, quotas
from runner.plan.assemble import checks
from runner.plan.checks import permissions
from runner.plan.model import Finding
from statemachine.render import domain_budget
from tests.functional.conftest import CLUSTERS, project
from tests.functional.recording import delete_clones

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.stack import LocalStack
    from tests.functional.recording import Recorded

REGION = "eu-west-1"
FIRST = "dailydatadb-partition-01"
KEYS = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def account_of(environment: Environment, domain: str = "rates", **request: Any) -> Account:  # noqa: ANN401 - options of the request
    return Account(
        environment, Request(domain, **request), load_catalog(environment.catalog), find_machine(environment, domain)
    )


def findings_of(environment: Environment, about: str, domain: str = "rates", **request: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - options of the request
    """Run the check with this name; return its findings as level and words, notes included."""
    account = account_of(environment, domain, **request)
    (wanted,) = [run for name, run in checks(account) if name == about]
    return [(result.level, result.what) if isinstance(result, Finding) else ("note", result) for result in wanted()]


@contextmanager
def without_object(stack: LocalStack, end: str) -> Iterator[str]:
    """Remove an object of the artifacts bucket meanwhile."""
    s3, location = stack.client("s3"), {"Bucket": stack.deployment.outputs["artifactsBucket"]}
    listed = s3.list_objects_v2(**location)["Contents"]
    (key,) = [entry["Key"] for entry in listed if entry["Key"].endswith(end)]
    content = s3.get_object(**location, Key=key)["Body"].read()
    s3.delete_object(**location, Key=key)
    try:
        yield key
    finally:
        s3.put_object(**location, Key=key, Body=content)


@contextmanager
def table(stack: LocalStack, name: str, **more: Any) -> Iterator[None]:  # noqa: ANN401 - CreateTable's
    dynamodb = stack.client("dynamodb")
    dynamodb.create_table(TableName=name, **KEYS, **more)
    try:
        yield
    finally:
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=name)


@contextmanager
def document(stack: LocalStack, key: str, **content: str) -> Iterator[None]:
    s3, location = stack.client("s3"), {"Bucket": stack.data_bucket, "Key": key}
    s3.put_object(**location, Body=json.dumps(content).encode())
    try:
        yield
    finally:
        s3.delete_object(**location)


@pytest.fixture(scope="module", autouse=True)
def _no_clones(stack: LocalStack) -> None:
    """Delete the clones of earlier tests, which an official run would refuse."""
    delete_clones(stack)


@pytest.fixture(scope="module")
def living(stack: LocalStack) -> Iterator[str]:
    """Return an execution that runs until the tests end."""
    states = stack.client("stepfunctions")
    role = stack.client("iam").get_role(RoleName="migration-test-rates-machine")["Role"]["Arn"]
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 360_000, "End": True}}}
    machine = states.create_state_machine(name="sleeper", definition=json.dumps(wait), roleArn=role)["stateMachineArn"]
    arn = states.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    yield str(arn)
    states.stop_execution(executionArn=arn)
    states.delete_state_machine(stateMachineArn=machine)


def tags(**values: str) -> list[dict[str, str]]:
    return [{"Key": f"migration:{key}", "Value": value} for key, value in values.items()]


OURS = {"system": "rates-avail-migration-bootstrap", "stack": "test"}


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the IAM actions of all calls of the runner's clients."""
    actions: set[str] = set()
    original = Environment.client

    def client(self: Environment, service: str, config: Any = None) -> Any:  # noqa: ANN401 - boto3's
        made = original(self, service, config)
        prefix = made.meta.service_model.signing_name

        def note(model: Any, **_more: object) -> None:  # noqa: ANN401 - botocore's
            action = f"{prefix}:{_ACTIONS.get(model.name, model.name)}"
            actions.add(action if prefix != "monitoring" else f"cloudwatch:{model.name}")

        made.meta.events.register("before-call", note)
        return made

    monkeypatch.setattr(Environment, "client", client)
    return actions


_ACTIONS = {"HeadObject": "GetObject", "ListObjectsV2": "ListBucket"}


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize(("domain", "mode"), [("rates", "rehearsal"), ("availability", "official")])
def test_where_all_is_well_nothing_is_said_and_everything_is_planned(
    environment: Environment, domain: str, mode: str, called: set[str]
) -> None:
    plan = check(environment, Request(domain, mode=mode))

    page = Path("docs/plan.md").read_text("utf-8")
    assert len(called) > 15
    assert {action for action in called if f"`{action}`" not in page} == set()
    assert plan.findings == plan.warnings == ()
    assert plan.unchecked == ()
    assert plan.would_go
    assert len(plan.volumes) == CLUSTERS
    assert all(volume.bytes for volume in plan.volumes)
    assert {quota.name: quota.needed for quota in plan.quotas}["DynamoDB tables in the Region"] == len(plan.tables)
    assert plan.history_events == max(domain_budget(load_catalog(environment.catalog), domain).events.values())
    assert plan.seconds
    assert plan.usd
    assert plan.complete


def test_a_table_of_somebody_else_is_refused_in_either_mode(stack: LocalStack, environment: Environment) -> None:
    with table(stack, "BaseRate-rehearsal"), table(stack, "BaseRate"):
        rehearsal = findings_of(environment, "table BaseRate")
        official = findings_of(environment, "table BaseRate", mode="official")

    start = "it exists, and neither its import nor its tags say that "
    assert rehearsal == [("fails", f"{start}a rehearsal of this stack made it")]
    assert official == [("fails", f"{start}this run made it")]


def test_a_table_of_an_earlier_rehearsal_is_replaced_unless_it_is_protected(
    stack: LocalStack, environment: Environment
) -> None:
    made = tags(**OURS, mode="rehearsal", run="earlier")
    note = ("note", "the table BaseRate-rehearsal of an earlier rehearsal is replaced")
    with table(stack, "BaseRate-rehearsal", Tags=made):
        assert findings_of(environment, "table BaseRate") == [note]
        assert findings_of(environment, "table BaseRate", run_id="earlier")[0][1].startswith(
            "the table BaseRate-rehearsal of this run is adopted"
        )
    with table(stack, "BaseRate-rehearsal", Tags=made, DeletionProtectionEnabled=True):
        assert findings_of(environment, "table BaseRate") == [
            note,
            ("fails", "it is an earlier rehearsal's and would be replaced, but it is protected from deletion"),
        ]


def test_an_official_table_is_adopted_by_its_own_run_only(stack: LocalStack, environment: Environment) -> None:
    with table(stack, "BaseRate", Tags=tags(**OURS, mode="official", run="mine")):
        own = findings_of(environment, "table BaseRate", mode="official", run_id="mine")
        other = findings_of(environment, "table BaseRate", mode="official", run_id="other")

    assert [level for level, _ in own] == ["note"]
    assert [level for level, _ in other] == ["fails"]


def test_an_import_of_an_earlier_table_of_the_same_name_says_nothing_of_the_one_that_is_there(
    stack: LocalStack, environment: Environment
) -> None:
    dynamodb, s3, source = stack.client("dynamodb"), stack.client("s3"), "processed/rates/earlier/BaseRate/0/"
    s3.put_object(Bucket=stack.data_bucket, Key=f"{source}part.json", Body=b'{"Item": {"id": {"S": "1"}}}\n')
    dynamodb.import_table(
        S3BucketSource={"S3Bucket": stack.data_bucket, "S3KeyPrefix": source},
        InputFormat="DYNAMODB_JSON",
        TableCreationParameters={"TableName": "BaseRate", **KEYS},
    )
    while dynamodb.list_imports()["ImportSummaryList"][-1]["ImportStatus"] == "IN_PROGRESS":
        time.sleep(0.1)
    dynamodb.delete_table(TableName="BaseRate")
    s3.delete_object(Bucket=stack.data_bucket, Key=f"{source}part.json")

    with table(stack, "BaseRate", Tags=tags(**OURS, mode="official", run="mine")):
        own = findings_of(environment, "table BaseRate", mode="official", run_id="mine")

    assert own == [("note", "the table BaseRate of this run is adopted while it is empty; it is not protected")]


def application(stack: LocalStack) -> Any:  # noqa: ANN401 - moto has no types
    (running,) = emrserverless_backends[stack.account][REGION].applications.values()
    return running


def test_a_missing_application_is_refused(
    stack: LocalStack, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application(stack), "name", "another")

    assert findings_of(environment, "the EMR Serverless application") == [("fails", "it does not exist")]


def test_two_applications_of_one_name_are_refused(
    stack: LocalStack, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = application(stack)
    monkeypatch.setitem(emrserverless_backends[stack.account][REGION].applications, "second", original)

    assert findings_of(environment, "the EMR Serverless application") == [
        ("fails", f"there are several of that name: {original.id}, {original.id}")
    ]


def test_an_application_that_is_larger_than_the_account_may_be_is_refused(
    stack: LocalStack, environment: Environment
) -> None:
    raised = stack.client("service-quotas").request_service_quota_increase
    vcpu = {"ServiceCode": "emr-serverless", "QuotaCode": "L-D05C8A75"}
    account = account_of(environment)
    raised(**vcpu, DesiredValue=16)
    (quota,) = quotas.spark_quota(account)
    raised(**vcpu, DesiredValue=64)

    assert quotas.passed(quota) == Finding(
        "fails",
        "quota: EMR Serverless vCPU at once",
        "0 are used and 64 are added, but 16 are allowed (the account's own)",
        "have L-D05C8A75 raised in Service Quotas, or lower maxVcpu and deploy: "
        "a job that passes it dies minutes after its start",
    )


def test_a_missing_role_is_refused(
    stack: LocalStack, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = iam_backends[stack.account]["aws"].roles
    (identifier,) = [key for key, role in roles.items() if role.name == "migration-test-spark-job"]
    monkeypatch.delitem(roles, identifier)

    assert findings_of(environment, "the role of the Spark jobs") == [
        ("fails", "the role of the Spark jobs does not exist")
    ]


@contextmanager
def policy(stack: LocalStack, role: str, effect: str, action: str) -> Iterator[None]:
    iam = stack.client("iam")
    statement = {"Effect": effect, "Action": action, "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=role, PolicyName="of-the-test", PolicyDocument=text)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="of-the-test")


@pytest.mark.parametrize(
    ("about", "role", "action", "resource"),
    [
        (
            "what the state machine may do",
            "rates-machine",
            "dynamodb:ImportTable",
            "dynamodb:eu-west-1:971779422973:table/BaseRate-rehearsal",
        ),
        (
            "what the clone service may do",
            "aurora-clone",
            "rds:RestoreDBClusterToPointInTime",
            "rds:eu-west-1:971779422973:cluster:lipsdb",
        ),
        (
            "what the Spark jobs may do",
            "spark-job",
            "s3:PutObject",
            "s3:::migration-test-data-971779422973/raw/rates/any",
        ),
    ],
)
def test_a_role_that_may_not_do_what_a_run_needs_is_refused(
    stack: LocalStack, environment: Environment, about: str, role: str, action: str, resource: str
) -> None:
    assert findings_of(environment, about) == []

    with policy(stack, f"migration-test-{role}", "Deny", action):
        assert findings_of(environment, about) == [("fails", f"it may not {action} on arn:aws:{resource}")]


def test_a_caller_who_may_not_start_is_refused(stack: LocalStack, environment: Environment) -> None:
    iam = stack.client("iam")
    iam.create_role(RoleName="weak", AssumeRolePolicyDocument="{}")
    account = account_of(environment)
    caller = f"arn:aws:sts::{stack.account}:assumed-role/weak/somebody"
    account._clients["sts"] = SimpleNamespace(get_caller_identity=lambda: {"Arn": caller})
    with policy(stack, "weak", "Allow", "states:Describe*"):
        findings = [(finding.about, finding.what) for finding in permissions.check_caller(account)]
    iam.delete_role(RoleName="weak")

    machine = stack.machine_arn("rates")
    assert findings == [
        (f"the caller {caller}", f"it may not states:StartExecution on {machine}"),
        *[
            (f"the caller {caller}", f"it may not {action} on {machine.replace('stateMachine', kind)}{rest}")
            for action, kind, rest in (
                ("states:GetExecutionHistory", "execution", ":*"),
                ("states:ListMapRuns", "execution", ":*"),
                ("states:GetExecutionHistory", "execution", "/any:any"),
                ("states:ListExecutions", "mapRun", "/any:any"),
            )
        ],
    ]


def test_a_missing_release_is_refused(stack: LocalStack, environment: Environment) -> None:
    bucket = stack.deployment.outputs["artifactsBucket"]

    assert findings_of(environment, "the release", jar_key="releases/9/none.jar") == [
        ("fails", f"no JAR releases/9/none.jar lies below s3://{bucket}/releases/")
    ]
    with without_object(stack, ".jar"):
        assert findings_of(environment, "the release") == [
            ("fails", f"no release JAR lies below s3://{bucket}/releases/")
        ]
    with without_object(stack, "compare.py") as key:
        assert findings_of(environment, "the release") == [("fails", f"s3://{bucket}/{key} does not exist")]


def test_a_missing_spec_is_refused(stack: LocalStack, environment: Environment) -> None:
    (key,) = [entry for entry in _keys(stack, "specs/") if entry.startswith("specs/rates-")]
    with without_object(stack, key):
        assert findings_of(environment, "the spec") == [
            ("fails", f"s3://{stack.deployment.outputs['artifactsBucket']}/{key} does not exist")
        ]


def _keys(stack: LocalStack, prefix: str) -> list[str]:
    location = {"Bucket": stack.deployment.outputs["artifactsBucket"], "Prefix": prefix}
    return [entry["Key"] for entry in stack.client("s3").list_objects_v2(**location)["Contents"]]


def test_a_spec_of_another_catalog_is_warned_of(stack: LocalStack, environment: Environment) -> None:
    states, arn = stack.client("stepfunctions"), stack.machine_arn("rates")
    (right,) = [key for key in _keys(stack, "specs/") if key.startswith("specs/rates-")]
    (other,) = [key for key in _keys(stack, "specs/") if key.startswith("specs/availability-")]
    states.tag_resource(resourceArn=arn, tags=[{"key": "migration:spec", "value": other}])
    findings = findings_of(environment, "the spec")
    states.tag_resource(resourceArn=arn, tags=[{"key": "migration:spec", "value": right}])

    ((level, what),) = findings
    assert level == "warns"
    assert what.startswith(f"the stack was deployed with another catalog ({other}) than the one here ({right})")


def test_a_missing_secret_is_refused(stack: LocalStack, environment: Environment) -> None:
    name = f"migration/{FIRST}/reader"
    secrets = secretsmanager_backends[stack.account][REGION].secrets
    secret = secrets.pop(name)  # moto's store does not support monkeypatch
    try:
        findings = findings_of(environment, f"secret {name}")
    finally:
        secrets[name] = secret

    assert findings == [("fails", "it does not exist")]


def test_a_source_that_cannot_be_cloned_is_refused(
    stack: LocalStack, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    clusters = rds_backends[stack.account][REGION].clusters
    monkeypatch.setattr(clusters[FIRST], "_status", "stopped")
    assert findings_of(environment, f"cluster {FIRST}") == [("fails", "it is stopped, not available")]

    monkeypatch.delitem(clusters, FIRST)
    assert findings_of(environment, f"cluster {FIRST}") == [("fails", "it is not in eu-west-1")]


def test_a_foreign_cluster_of_a_clones_name_is_refused(stack: LocalStack, environment: Environment) -> None:
    rds = stack.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="dailydatadb-partition-03-clone",
        Engine="aurora-postgresql",
        MasterUsername="other",
        MasterUserPassword="somebody-elses",
    )
    findings = findings_of(environment, "clone of dailydatadb-partition-03")
    rds.delete_db_cluster(DBClusterIdentifier="dailydatadb-partition-03-clone", SkipFinalSnapshot=True)
    while "dailydatadb-partition-03-clone" in {
        c["DBClusterIdentifier"] for c in rds.describe_db_clusters()["DBClusters"]
    }:
        time.sleep(0.1)

    ((level, what),) = findings
    assert level == "fails"
    assert what.startswith("a cluster of this name is there, but it has the tag migration:system=None instead of")


def test_a_stream_that_is_not_active_is_refused_for_an_official_run_only(
    stack: LocalStack, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams = kinesis_backends[stack.account][REGION].streams
    (name,) = [name for name in streams if name.endswith("BaseRate-Stream")]
    monkeypatch.setattr(streams[name], "status", "UPDATING")
    assert findings_of(environment, "the streams", mode="official") == [("fails", "it is UPDATING, not ACTIVE")]
    assert findings_of(environment, "the streams") == []

    monkeypatch.delitem(streams, name)
    assert findings_of(environment, "the streams", mode="official") == [("fails", "it does not exist")]


@pytest.mark.usefixtures("clean")
def test_a_domain_that_is_running_is_refused_and_one_of_a_dead_run_is_taken_over(
    stack: LocalStack, environment: Environment, living: str
) -> None:
    lock = {"domain": "rates", "run": "r1", "since": "2026-11-25T10:00:00+00:00", "error": "BootstrapFailed"}
    key = "status/in-progress/rates.json"
    with document(stack, key, **lock, execution=living):
        assert findings_of(environment, "the domain's lock") == [
            ("fails", "it is being migrated by the run r1 since 2026-11-25T10:00:00+00:00")
        ]
    with document(stack, key, **lock, execution=living[:-4] + "gone"):
        assert findings_of(environment, "the domain's lock") == [
            ("note", "the domain is taken over from the run r1, which ended: BootstrapFailed")
        ]


@pytest.mark.usefixtures("clean")
def test_a_teardown_is_warned_of_since_a_run_waits_it_out(
    stack: LocalStack, environment: Environment, living: str
) -> None:
    seal = {"domain": "availability", "run": "r1", "since": "10:00"}
    with document(stack, "status/teardown-seal.json", **seal, execution=living):
        alive = findings_of(environment, "the right to destroy the clones")
    with document(stack, "status/teardown-seal.json", **seal, execution=living[:-4] + "gone"):
        dead = findings_of(environment, "the right to destroy the clones")

    assert alive == [("warns", "the run r1 of availability is destroying them since 10:00")]
    assert dead == [("warns", "the run r1 of availability ended while it destroyed them")]


def test_a_clone_tells_its_own_statistics(stack: LocalStack, environment: Environment) -> None:
    event = {"operation": "start", "source": FIRST, "clone": f"{FIRST}-clone", "runId": "plan"}
    event |= {"domain": "rates", "mode": "rehearsal"}
    while True:
        answer = stack.client("lambda").invoke(FunctionName="migration-test-aurora-clone", Payload=json.dumps(event))
        if json.loads(answer["Payload"].read()).get("status") == "AVAILABLE":
            break
        time.sleep(0.2)

    plan = check(environment, Request("rates"))

    (read,) = [extract for extract in plan.reads if (extract.extract, extract.cluster) == ("rate", FIRST)]
    assert read.source == "the clone's statistics"
    assert read.rows is not None
    assert 10 < read.rows < 10_000
    (note,) = [note for note in plan.notes if note.startswith("reuses 1 clone made ")]
    assert "plan" in note  # the run that made it
    assert [clone.cluster for clone in plan.clones] == [FIRST]
    assert plan.would_go


@pytest.mark.usefixtures("migrated")
def test_an_earlier_run_tells_rows_items_times_and_cost(stack: LocalStack, environment: Environment) -> None:
    delete_clones(stack)

    plan = check(environment, Request("availability", mode="official"))

    assert plan.findings == ()
    run = plan.tables[0].source.split(" ")[2]
    written = run_summary.document(stack, f"processed/availability/{run}/manifest.json")["tables"]
    for planned in plan.tables:
        facts = written[planned.table]
        assert (planned.items, planned.stored_bytes) == (facts["items"], sum(file["bytes"] for file in facts["files"]))
    timed = {phase.name for phase in plan.phases if "successful run" in phase.source}
    assert {"Clone", "Bootstrap", "Tables", "Compare"} <= timed
    assert plan.complete
    assert plan.vcpu_hours is not None
    assert plan.sources["vcpuHours"].startswith("the run ")


def test_a_run_that_matches_already_goes_to_the_clean_up(environment: Environment, migrated: Recorded) -> None:
    run = migrated.arn("rates").rsplit(":", 1)[1]

    assert findings_of(environment, "what earlier attempts left", run_id=run) == [
        ("note", f"the run {run} has the verdict MATCH already: it goes straight to the clean-up")
    ]


def command(stack: LocalStack, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **stack.aws.environment()}
    words = [sys.executable, "-m", "runner", "plan", "--environment", "test", *arguments]
    return subprocess.run(
        words, check=False, capture_output=True, text=True, env=environment, cwd=project(stack), timeout=900
    )


@pytest.mark.usefixtures("clean")
def test_the_command_ends_with_0_1_or_2_and_says_findings_last(stack: LocalStack) -> None:
    good = command(stack, "--domain", "rates")
    with table(stack, "BaseRate-rehearsal"):
        bad = command(stack, "--domain", "rates")
    wrong = command(stack, "--domain", "spa")

    assert (good.returncode, bad.returncode, wrong.returncode) == (0, 1, 2), bad.stderr
    assert good.stdout.splitlines()[-1] == "Ready to start: no problems found."
    *_, title, what, todo, _, verdict = bad.stdout.splitlines()
    assert title == "Would fail"
    assert what.strip() == (
        "table BaseRate-rehearsal: it exists, and neither its import nor its tags say that "
        "a rehearsal of this stack made it"
    )
    assert todo.strip() == "ImportTable only creates new tables: rename or delete it"
    assert verdict == "This run would fail, for 1 reason. Nothing was created."
    assert "'spa' is not in the catalog" in wrong.stderr


@pytest.mark.usefixtures("clean")
def test_with_json_the_command_writes_one_document(stack: LocalStack) -> None:
    done = command(stack, "--domain", "rates", "--json")

    document = json.loads(done.stdout)
    assert (document["version"], document["wouldGo"], document["findings"]) == (1, True, [])
    assert [planned["table"] for planned in document["tables"]] == ["BaseRate", "BaseRateAssociation"]
    assert document["quotas"][0]["passed"] is False
