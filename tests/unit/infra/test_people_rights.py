"""The rights of people and workflows and, beside each, the nearest thing that they may not."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.loader import load_catalog
from infra.naming import Naming
from infra.policies import access, deploy, key
from local.iam.policy import Call, allowed, context, statements
from tests.deployed import REGION

ACCOUNT = "971779422973"
NAMING = Naming("test", ACCOUNT, REGION)
DATA, ARTIFACTS, STATE = (f"arn:aws:s3:::{name}" for name in (NAMING.data_bucket, NAMING.artifacts_bucket, "state"))
APPLICATION = f"arn:aws:emr-serverless:{REGION}:{ACCOUNT}:/applications/a"
ROLES = f"arn:aws:iam::{ACCOUNT}:role/migration-test-"
CATALOG = load_catalog()
SECRET = next(iter(CATALOG.clusters.values())).password_secret
STREAM = next(table.stream for domain in CATALOG.domains.values() for table in domain.tables if table.stream)
OPERATOR = access.operator(NAMING, CATALOG, key_arn="arn:key", application_arn=APPLICATION)
PREVIEW = access.preview(NAMING, CATALOG, "state")
DEPLOY = deploy.deploy(NAMING, CATALOG, "state")
Case = tuple[str, str, dict[str, Any], bool]


def may(policy: dict[str, Any], action: str, resource: str, **keys: Any) -> bool:  # noqa: ANN401 - condition keys
    return allowed(statements(policy), Call(action, resource, context(keys)))


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def cases(service: str, actions: str, allowed_on: str, *refused_on: str, **keys: Any) -> list[Case]:  # noqa: ANN401 - condition keys
    """Return each action on an allowed resource and, with the same keys, on denied ones."""
    return [
        (f"{service}:{action}", resource, keys, resource == allowed_on)
        for action in actions.split()
        for resource in (allowed_on, *refused_on)
    ]


def refused(service: str, actions: str, resource: str, **keys: Any) -> list[Case]:  # noqa: ANN401 - condition keys
    return [(f"{service}:{action}", resource, keys, False) for action in actions.split()]


MACHINE, OTHER_MACHINE = arn("states", "stateMachine:migration-test-rates"), arn("states", "stateMachine:x")
RUN, OTHER_RUN = arn("states", "execution:migration-test-rates:r"), arn("states", "execution:x:r")
FUNCTIONS = {name: arn("lambda", f"function:{NAMING.function(name)}") for name in ("aurora-clone", "run-registry", "run-watch")}  # fmt: skip
TABLE = arn("dynamodb", "table/BaseRate")
OTHER_TABLE = arn("dynamodb", "table/Other")


@pytest.mark.parametrize(
    ("action", "resource", "keys", "allows"),
    [
        *cases("states", "DescribeStateMachine ListExecutions ListTagsForResource StartExecution", MACHINE, OTHER_MACHINE),
        *cases("states", "DescribeExecution GetExecutionHistory ListMapRuns StopExecution", RUN, OTHER_RUN),
        *cases("states", "DescribeExecution GetExecutionHistory ListMapRuns StopExecution", arn("states", "execution:migration-test-rates-catch-up:r"), arn("states", "execution:migration-test-verify-rates:r")),
        *cases("states", "GetExecutionHistory", arn("states", "execution:migration-test-rates/MigrateTables:1"), arn("states", "execution:x/MigrateTables:1")),
        *cases("states", "ListExecutions", arn("states", "mapRun:migration-test-rates/MigrateTables:1"), arn("states", "mapRun:x/MigrateTables:1")),
        *refused("states", "StopExecution", arn("states", "execution:migration-test-rates/MigrateTables:1")),
        *refused("states", "RedriveExecution UpdateStateMachine DeleteStateMachine", MACHINE),
        *[case for name in ("aurora-clone", "run-registry") for case in cases("lambda", "InvokeFunction", f"{FUNCTIONS[name]}:operators", FUNCTIONS[name])],
        *[case for name in ("aurora-clone", "run-registry") for case in cases("lambda", "GetFunctionConfiguration", FUNCTIONS[name], FUNCTIONS["run-watch"])],
        *refused("lambda", "InvokeFunction", FUNCTIONS["run-watch"]),
        *refused("lambda", "InvokeFunction", f"{FUNCTIONS['run-registry']}:other"),
        *cases("s3", "ListBucket", DATA, STATE),
        *cases("s3", "ListBucket", ARTIFACTS, STATE),
        *[case for folder in ("changes", "conflicts", "failures", "live", "processed", "progress", "proven", "rejects", "reports", "status") for case in cases("s3", "GetObject", f"{DATA}/{folder}/x", f"{DATA}/raw/x", f"{DATA}/export/x")],
        *[case for folder in ("releases", "specs") for case in cases("s3", "GetObject", f"{ARTIFACTS}/{folder}/x", f"{ARTIFACTS}/x")],
        *refused("s3", "PutObject DeleteObject", f"{DATA}/status/teardown-seal.json"),
        *cases("kms", "Decrypt", "arn:key", "arn:other"),
        *refused("kms", "GenerateDataKey Encrypt", "arn:key"),
        *cases("emr-serverless", "GetApplication", APPLICATION, f"{APPLICATION}2"),
        *cases("emr-serverless", "GetJobRun ListJobRuns", f"{APPLICATION}/jobruns/1", f"{APPLICATION}2/jobruns/1"),
        *cases("emr-serverless", "StopApplication", APPLICATION, f"{APPLICATION}2"),
        *refused("emr-serverless", "StartJobRun CancelJobRun", APPLICATION),
        *cases("dynamodb", "DescribeTable ListTagsOfResource", TABLE, OTHER_TABLE),
        *cases("dynamodb", "DescribeTable ListTagsOfResource", f"{TABLE}-rehearsal", f"{OTHER_TABLE}-rehearsal"),
        *cases("dynamodb", "DescribeImport", f"{TABLE}/import/1", f"{OTHER_TABLE}/import/1"),
        *refused("dynamodb", "DeleteTable PutItem DescribeLimits", TABLE),
        *refused("dynamodb", "UpdateTable", f"{TABLE}-rehearsal"),
        *cases("kinesis", "DescribeStreamSummary", arn("kinesis", f"stream/{NAMING.stream(STREAM)}"), arn("kinesis", "stream/x")),
        *cases("secretsmanager", "DescribeSecret GetResourcePolicy", arn("secretsmanager", f"secret:{SECRET}-AbCdEf"), arn("secretsmanager", "secret:x-AbCdEf")),
        *refused("secretsmanager", "GetSecretValue PutResourcePolicy", arn("secretsmanager", f"secret:{SECRET}-AbCdEf")),
        *[case for role in ("rates-machine", "availability-machine", "rates-catch-up", "aurora-clone", "spark-job", "operator") for case in cases("iam", "GetRole SimulatePrincipalPolicy", f"{ROLES}{role}", f"{ROLES}deploy")],
        *refused("rds", "DeleteDBCluster RestoreDBClusterToPointInTime", arn("rds", "cluster:lipsdb-clone")),
        *[(action, "*", {}, True) for action in (
            "cloudwatch:GetMetricStatistics", "dynamodb:ListExports", "dynamodb:ListImports", "dynamodb:ListTables",
            "ec2:DescribeSubnets", "emr-serverless:ListApplications", "rds:DescribeDBClusters", "rds:DescribeDBInstances",
            "rds:ListTagsForResource", "servicequotas:GetServiceQuota", "states:ListStateMachines",
        )],
    ],
)  # fmt: skip
def test_an_operator_starts_follows_and_stops_runs_and_changes_nothing_else(
    *, action: str, resource: str, keys: dict[str, Any], allows: bool
) -> None:
    assert may(OPERATOR, action, resource, **keys) is allows


@pytest.mark.parametrize(
    ("action", "resource", "keys", "allows"),
    [
        *cases("secretsmanager", "DescribeSecret GetResourcePolicy", arn("secretsmanager", f"secret:{SECRET}-AbCdEf"), arn("secretsmanager", "secret:x-AbCdEf")),
        *refused("secretsmanager", "GetSecretValue PutResourcePolicy", arn("secretsmanager", f"secret:{SECRET}-AbCdEf")),
        *[(f"ec2:{action}", "*", {}, True) for action in ("DescribeRouteTables", "DescribeSubnets", "DescribeVpcAttribute", "DescribeVpcs")],
        *cases("rds", "DescribeDBClusters ListTagsForResource", arn("rds", "cluster:any"), arn("rds", "db:any")),
        ("states:ValidateStateMachineDefinition", "*", {}, True),
        *cases("s3", "ListBucket", STATE, DATA),
        *cases("s3", "GetObject", f"{STATE}/x", f"{DATA}/x", STATE),
        *refused("s3", "PutObject DeleteObject", f"{STATE}/x"),
    ],
)  # fmt: skip
def test_a_preview_sees_the_sources_and_the_state_and_changes_nothing(
    *, action: str, resource: str, keys: dict[str, Any], allows: bool
) -> None:
    assert may(PREVIEW, action, resource, **keys) is allows


TAGGED, OWNED = {"aws:RequestTag/migration:stack": "test"}, {"aws:ResourceTag/migration:stack": "test"}
OF_ANOTHER = {"aws:RequestTag/migration:stack": "prod", "aws:ResourceTag/migration:stack": "prod"}
LINKED = "ops.emr-serverless.amazonaws.com"
KEY, ANY_APPLICATION = arn("kms", "key/k"), APPLICATION
BOUND = {"iam:PermissionsBoundary": NAMING.boundary_arn}


@pytest.mark.parametrize(
    ("action", "resource", "keys", "allows"),
    [
        *cases("s3", "DeleteObject PutObject", f"{STATE}/x", f"{DATA}/status/x", f"{DATA}/reports/x"),
        *cases("s3", "GetObject GetObjectTagging PutObject", f"{ARTIFACTS}/releases/x", f"{ARTIFACTS}/x", f"{DATA}/reports/x"),
        *cases("s3", "GetObject GetObjectTagging PutObject", f"{ARTIFACTS}/specs/x", f"{ARTIFACTS}/y"),
        *refused("s3", "DeleteObject", f"{ARTIFACTS}/releases/x"),
        *cases("s3", "PutBucketPolicy DeleteBucket PutLifecycleConfiguration", DATA, STATE),
        *cases("s3", "PutBucketPolicy CreateBucket", ARTIFACTS, "arn:aws:s3:::payroll"),
        *cases("kms", "CreateAlias DeleteAlias UpdateAlias", arn("kms", "alias/migration-test"), arn("kms", "alias/other")),
        *cases("kms", "ScheduleKeyDeletion PutKeyPolicy Decrypt GenerateDataKey CreateAlias", KEY, **OWNED),
        *refused("kms", "ScheduleKeyDeletion PutKeyPolicy Decrypt GenerateDataKey", KEY, **OF_ANOTHER),
        *refused("kms", "ScheduleKeyDeletion PutKeyPolicy Decrypt GenerateDataKey", KEY),
        ("kms:CreateKey", "*", TAGGED, True),
        ("kms:TagResource", "*", TAGGED, True),
        *refused("kms", "CreateKey TagResource", "*", **OF_ANOTHER),
        *refused("kms", "CreateKey TagResource", "*"),
        ("emr-serverless:CreateApplication", "*", TAGGED, True),
        *refused("emr-serverless", "CreateApplication", "*"),
        *cases("emr-serverless", "DeleteApplication UpdateApplication StopApplication", ANY_APPLICATION, **OWNED),
        *refused("emr-serverless", "DeleteApplication UpdateApplication", ANY_APPLICATION, **OF_ANOTHER),
        *cases("ec2", "CreateNetworkInterface", arn("ec2", "network-interface/n"), **{"aws:CalledViaLast": LINKED}),
        *refused("ec2", "CreateNetworkInterface", arn("ec2", "network-interface/n")),
        *[("ec2:CreateTags", "*", {"ec2:CreateAction": action}, True) for action in (
            "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateSecurityGroup", "CreateVpcEndpoint",
        )],
        *refused("ec2", "CreateTags", "*", **{"ec2:CreateAction": "RunInstances"}),
        *refused("ec2", "CreateTags", "*"),
        ("ec2:DeleteSecurityGroup", "*", OWNED, True),
        ("ec2:AuthorizeSecurityGroupIngress", "*", OWNED, True),
        *refused("ec2", "DeleteSecurityGroup AuthorizeSecurityGroupIngress DeleteVpcEndpoints", "*", **OF_ANOTHER),
        *refused("ec2", "DeleteSecurityGroup AuthorizeSecurityGroupIngress DeleteVpcEndpoints", "*"),
        *cases("lambda", "UpdateFunctionCode DeleteFunction AddPermission", arn("lambda", "function:migration-test-x"), arn("lambda", "function:x")),
        *refused("lambda", "InvokeFunction", arn("lambda", "function:migration-test-x")),
        *cases("states", "UpdateStateMachine DeleteStateMachine ListExecutions", arn("states", "stateMachine:migration-test-rates"), OTHER_MACHINE),
        *refused("states", "StartExecution StopExecution", MACHINE),
        *[case for folder in ("emr-serverless", "lambda", "vendedlogs/states") for case in cases("logs", "CreateLogGroup DeleteLogGroup", arn("logs", f"log-group:/aws/{folder}/migration-test-x"), arn("logs", f"log-group:/aws/{folder}/x"))],
        *cases("kinesis", "CreateStream DeleteStream", arn("kinesis", f"stream/{NAMING.stream(STREAM)}"), arn("kinesis", "stream/x")),
        *cases("rds", "ModifyDBClusterParameterGroup DeleteDBClusterParameterGroup", arn("rds", "cluster-pg:migration-test-x"), arn("rds", "cluster-pg:x")),
        *refused("rds", "DeleteDBCluster ModifyDBCluster RestoreDBClusterToPointInTime", arn("rds", "cluster:lipsdb")),
        *cases("sns", "CreateTopic DeleteTopic Subscribe", arn("sns", "migration-test-x"), arn("sns", "x")),
        *cases("cloudwatch", "PutMetricAlarm DeleteAlarms", arn("cloudwatch", "alarm:migration-test-x"), arn("cloudwatch", "alarm:x")),
        *cases("cloudwatch", "PutDashboard", f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/migration-test", f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/x"),
        *cases("events", "PutRule DeleteRule PutTargets", arn("events", "rule/migration-test-x"), arn("events", "rule/x")),
        *cases("secretsmanager", "PutResourcePolicy DeleteResourcePolicy", arn("secretsmanager", f"secret:{SECRET}-AbCdEf"), arn("secretsmanager", "secret:x-AbCdEf")),
        *refused("secretsmanager", "GetSecretValue", arn("secretsmanager", f"secret:{SECRET}-AbCdEf")),
        *cases("iam", "TagRole UntagRole GetRole", f"{ROLES}rates-machine", f"arn:aws:iam::{ACCOUNT}:role/x"),
        *cases("iam", "GetPolicy GetPolicyVersion", NAMING.boundary_arn, f"arn:aws:iam::{ACCOUNT}:policy/x"),
        *cases("iam", "GetOpenIDConnectProvider", f"arn:aws:iam::{ACCOUNT}:oidc-provider/{access.GITHUB}", f"arn:aws:iam::{ACCOUNT}:oidc-provider/x"),
        *cases("iam", "CreateServiceLinkedRole", f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{LINKED}/x", f"{ROLES}x", **{"iam:AWSServiceName": LINKED}),
        *refused("iam", "CreateServiceLinkedRole", f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{LINKED}/x", **{"iam:AWSServiceName": "x"}),
        *[(f"ec2:{action}", "*", {}, True) for action in (
            "CreateSecurityGroup", "CreateVpcEndpoint", "DescribeNetworkInterfaces", "DescribePrefixLists", "DescribeSecurityGroupRules",
            "DescribeSecurityGroups", "DescribeVpcEndpoints",
        )],
        *[(action, "*", {}, True) for action in ("kms:ListAliases", "logs:DescribeLogGroups", "states:ListStateMachines")],
        *refused("ec2", "RunInstances CreateVpc DeleteVpc ModifyVpcAttribute", "*", **OWNED),
        *[case for role in ("aurora-clone", "run-registry", "run-watch", "table-writer", "spark-job", "rates-machine", "rates-catch-up", "availability-machine")
          for case in cases("iam", "PassRole", f"{ROLES}{role}", f"{ROLES}{role.partition('-')[0]}", **{"iam:PassedToService": "lambda.amazonaws.com"})],
        *refused("dynamodb", "DeleteTable CreateTable ImportTable", TABLE),
    ],
)  # fmt: skip
def test_a_deployment_touches_what_has_the_stacks_name_or_tag_alone(
    *, action: str, resource: str, keys: dict[str, Any], allows: bool
) -> None:
    assert may(DEPLOY, action, resource, **keys) is allows


def test_a_workflow_takes_a_role_with_its_repository_and_subject_alone() -> None:
    (statement,) = access.github_trust("arn:provider", "o/r", "environment:test")["Statement"]

    assert statement == {
        "Effect": "Allow", "Principal": {"Federated": "arn:provider"}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:o/r:environment:test",
        }},
    }  # fmt: skip


def operator(*options: dict[str, Any]) -> dict[str, Any]:
    """Return the operator's policy for tables T0, T1 and so on, each with its options."""
    rates = CATALOG.domains["rates"]
    tables = tuple(
        rates.tables[0].model_copy(update={"name": f"T{n}", "stream": "S", **changed})
        for n, changed in enumerate(options)
    )
    catalog = CATALOG.model_copy(update={"domains": {"rates": rates.model_copy(update={"tables": tables})}})
    return access.operator(NAMING, catalog, key_arn="arn:key", application_arn=APPLICATION)


@pytest.mark.parametrize(
    ("protections", "tagged", "updated"),
    [
        ((True, False), {"T0", "T1"}, {"T0"}),
        ((False, True), {"T0", "T1"}, {"T1"}),
        ((True, True), {"T0", "T1"}, {"T0", "T1"}),
        ((False, False), {"T0", "T1"}, set()),
    ],
)
def test_an_operator_protects_only_the_tables_whose_catalog_asks_for_it(
    protections: tuple[bool, ...], tagged: set[str], updated: set[str]
) -> None:
    policy = operator(*({"deletion_protection": protection} for protection in protections))
    granted = {
        (verb, name)
        for verb in ("TagResource", "UpdateTable")
        for name in ("T0", "T1", "T0-rehearsal", "Other")
        if may(policy, f"dynamodb:{verb}", arn("dynamodb", f"table/{name}"), **{"aws:TagKeys": ["migration:live"]})
    }

    assert granted == {("TagResource", name) for name in tagged} | {("UpdateTable", name) for name in updated}
    for name in ("T0", "T1"):
        assert not may(policy, "dynamodb:TagResource", arn("dynamodb", f"table/{name}"), **{"aws:TagKeys": ["owner"]})
    # A policy of an empty resource list is one that IAM refuses.
    assert [statement for statement in policy["Statement"] if not statement["Resource"]] == []


@pytest.mark.parametrize(
    ("names", "patterns"),
    [
        (("migration/a/reader", "migration/b/reader"), ["migration/*"]),
        (("a", "b"), ["a-??????", "b-??????"]),
        (("migration/a",), ["migration/a-??????"]),
        (("migration/a", "migration/a/b"), ["migration/a-??????", "migration/a/b-??????"]),
    ],
)
def test_secrets_of_one_folder_are_named_by_it_and_others_one_by_one(
    names: tuple[str, ...], patterns: list[str]
) -> None:
    cluster = next(iter(CATALOG.clusters.values()))
    clusters = {name: cluster.model_copy(update={"password_secret": name}) for name in names}

    assert access.reader_secrets(NAMING, CATALOG.model_copy(update={"clusters": clusters})) == [
        arn("secretsmanager", f"secret:{pattern}") for pattern in patterns
    ]


def test_tables_with_settings_of_their_own_may_be_looked_at() -> None:
    aliased = {"kms:ResourceAliases": ["alias/t"]}
    by_arn, by_alias = operator({"kms_key": KEY}, {}), operator({}, {"kms_key": "alias/t"})
    assert may(by_arn, "kms:DescribeKey", KEY)
    assert not may(by_arn, "kms:DescribeKey", f"{KEY}2", **aliased)
    assert may(by_alias, "kms:DescribeKey", KEY, **aliased)
    assert not may(by_alias, "kms:DescribeKey", KEY)
    assert not may(by_alias, "kms:DescribeKey", KEY, **{"kms:ResourceAliases": ["alias/other"]})
    assert not may(operator({}), "kms:DescribeKey", KEY, **aliased)
    assert may(operator({}, {"billing_mode": "PROVISIONED"}), "dynamodb:DescribeLimits", "*")
    assert not may(operator({}), "dynamodb:DescribeLimits", "*")
    stream = arn("kinesis", f"stream/{NAMING.stream('S')}")
    assert may(operator({"stream": None}, {}), "kinesis:DescribeStreamSummary", stream)
    assert not may(operator({"stream": None}), "kinesis:DescribeStreamSummary", stream)


LOG_GROUP = "kms:EncryptionContext:aws:logs:arn"


@pytest.mark.parametrize(
    ("service", "action", "keys", "allows"),
    [
        *[(f"logs.{REGION}.amazonaws.com", f"kms:{action}", {LOG_GROUP: arn("logs", f"log-group:/aws/{folder}/migration-test-x")}, True)
          for action in ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncryptTo") for folder in ("emr-serverless", "lambda", "vendedlogs/states")],
        (f"logs.{REGION}.amazonaws.com", "kms:Decrypt", {LOG_GROUP: arn("logs", "log-group:/aws/lambda/other")}, False),
        (f"logs.{REGION}.amazonaws.com", "kms:Decrypt", {}, False),
        *[(f"{service}.amazonaws.com", f"kms:{action}", {"aws:SourceAccount": ACCOUNT}, True)
          for service in ("cloudwatch", "events") for action in ("Decrypt", "GenerateDataKey")],
        ("cloudwatch.amazonaws.com", "kms:Decrypt", {"aws:SourceAccount": "111122223333"}, False),
        ("events.amazonaws.com", "kms:Decrypt", {}, False),
        ("events.amazonaws.com", "kms:ScheduleKeyDeletion", {"aws:SourceAccount": ACCOUNT}, False),
        ("s3.amazonaws.com", "kms:Decrypt", {"aws:SourceAccount": ACCOUNT}, False),
    ],
)  # fmt: skip
def test_services_use_the_stacks_key_for_what_is_the_stacks(
    *, service: str, action: str, keys: dict[str, Any], allows: bool
) -> None:
    key_statements = statements(key.data_key(NAMING))

    assert allowed(key_statements, Call(action, "*", context(keys)), ("Service", service)) is allows


def test_the_accounts_own_roles_use_the_key_by_their_policies() -> None:
    policy = key.data_key(NAMING)
    assert policy["Version"] == "2012-10-17"
    # A key's own policy names the key itself as `*`.
    assert [(statement["Sid"], statement["Resource"]) for statement in policy["Statement"]] == [
        ("RolesByTheirPolicies", "*"),
        ("OurLogGroups", "*"),
        ("WhoSendsToOurTopic", "*"),
    ]
    key_statements = statements(policy)
    call = Call("kms:PutKeyPolicy", "*")

    assert allowed(key_statements, call, ("AWS", f"arn:aws:iam::{ACCOUNT}:root"))
    assert not allowed(key_statements, call, ("AWS", "arn:aws:iam::111122223333:root"))
