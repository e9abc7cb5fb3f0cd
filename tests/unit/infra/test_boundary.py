"""The deploy role cannot escape the permissions boundary, and every role works inside it."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from catalog.loader import load_catalog
from infra import policies
from infra.account.sources import Sources
from infra.components.alarms import NAMESPACE
from infra.components.state_machines import machine_policy
from infra.errors import PolicyTooLargeError
from infra.naming import Naming
from infra.policies import access
from infra.policies.boundary import boundary
from infra.policies.deploy import deploy
from local.iam.patterns import listed
from local.iam.policy import Call, allowed, context, statements, within
from statemachine.kinds import BOOTSTRAP, CATCH_UP
from tests.deployed import REGION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.deploy.engine import Deployment
    from local.iam.policy import Statement

ACCOUNT = "971779422973"
NAMING = Naming("test", ACCOUNT, REGION)
STATE = "deployment-state"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k"
APPLICATION = f"arn:aws:emr-serverless:eu-west-1:{ACCOUNT}:/applications/a"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
OURS, OTHERS = f"{ROLE}migration-test-rates-machine", f"{ROLE}company-admin"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/migration-test-boundary"
BOUND = {"iam:PermissionsBoundary": BOUNDARY}
ANY: list[Statement] = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
ROLE_WRITES = ("CreateRole", "DeleteRole", "DeleteRolePolicy", "PutRolePolicy", "UpdateAssumeRolePolicy")


@cache
def limits() -> list[Statement]:
    return statements(boundary(NAMING, STATE))


@cache
def deployment() -> list[Statement]:
    return statements(deploy(NAMING, load_catalog(), STATE))


def may_deploy(action: str, resource: str, **keys: str) -> bool:
    """Return whether the deploy role allows a call."""
    return within(limits(), deployment(), Call(action, resource, context(keys)), f"{ROLE}migration-test-deploy")


def may_at_most(role: str, action: str, resource: str = "*", **keys: str) -> bool:
    """Return whether the boundary allows a call of a role with full rights."""
    return within(limits(), ANY, Call(action, resource, context(keys)), f"{ROLE}migration-test-{role}")


@pytest.mark.parametrize("action", ROLE_WRITES)
def test_who_deploys_writes_roles_of_the_stack_with_the_boundary_alone(action: str) -> None:
    other = {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/migration-test-other"}

    assert may_deploy(f"iam:{action}", OURS, **BOUND)
    assert not may_deploy(f"iam:{action}", OURS)
    assert not may_deploy(f"iam:{action}", OURS, **other)
    assert not may_deploy(f"iam:{action}", OTHERS, **BOUND)


@pytest.mark.parametrize("own", ["deploy", "operator", "preview"])
@pytest.mark.parametrize("action", [*ROLE_WRITES, "TagRole", "UntagRole", "UpdateRole", "PassRole"])
def test_who_deploys_does_not_change_or_pass_the_roles_of_people(action: str, own: str) -> None:
    keys = {**BOUND, "iam:PassedToService": "lambda.amazonaws.com"}

    assert not may_deploy(f"iam:{action}", f"{ROLE}migration-test-{own}", **keys)


@pytest.mark.parametrize(
    "action",
    [
        "AddUserToGroup",
        "AttachRolePolicy",
        "AttachUserPolicy",
        "CreateAccessKey",
        "CreateInstanceProfile",
        "CreateLoginProfile",
        "CreateOpenIDConnectProvider",
        "CreatePolicy",
        "CreatePolicyVersion",
        "CreateUser",
        "DeletePolicy",
        "DeletePolicyVersion",
        "DeleteRolePermissionsBoundary",
        "PutRolePermissionsBoundary",
        "PutUserPolicy",
        "SetDefaultPolicyVersion",
        "UpdateOpenIDConnectProviderThumbprint",
        "UpdateRole",
    ],
)
@pytest.mark.parametrize("resource", [OURS, OTHERS, BOUNDARY, "*", f"{ROLE}migration-test-deploy"])
def test_no_other_way_of_iam_is_open_even_with_the_policies_of_an_administrator(action: str, resource: str) -> None:
    keys = {**BOUND, "iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"}

    assert not may_deploy(f"iam:{action}", resource, **keys)
    assert not may_at_most("deploy", f"iam:{action}", resource, **keys)
    assert not may_at_most("rates-machine", f"iam:{action}", resource, **keys)


@pytest.mark.parametrize("service", ["lambda", "states", "emr-serverless"])
def test_only_the_services_roles_are_handed_over_and_only_to_their_services(service: str) -> None:
    passed = {"iam:PassedToService": f"{service}.amazonaws.com"}

    assert may_deploy("iam:PassRole", OURS, **passed)
    assert not may_deploy("iam:PassRole", OURS, **{"iam:PassedToService": "ec2.amazonaws.com"})
    assert not may_deploy("iam:PassRole", OTHERS, **passed)
    # A role of the stack's name that an administrator made for something else.
    assert not may_deploy("iam:PassRole", f"{ROLE}migration-test-legacy", **passed)
    assert not may_deploy("iam:PassRole", f"{ROLE}migration-test-legacy-machine", **passed)


@pytest.mark.parametrize("role", ["rates-machine", "aurora-clone", "spark-job", "operator", "made-by-a-deployment"])
def test_no_role_gets_beyond_the_boundary_whatever_its_policies_say(role: str) -> None:
    for action in (
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "iam:UpdateAssumeRolePolicy",
        "organizations:LeaveOrganization",
        "sts:AssumeRole",
        "sts:AssumeRoleWithWebIdentity",
        "secretsmanager:GetSecretValue",
        "account:PutContactInformation",
        "lambda:UpdateFunctionCode",
        "ec2:RunInstances",
        "cloudformation:CreateStack",
        "kms:PutKeyPolicy",
    ):
        assert not may_at_most(role, action, **BOUND), action
        assert not may_at_most(role, action, OURS, **BOUND), action
    job = f"{ROLE}migration-test-spark-job"
    assert may_at_most(role, "iam:PassRole", job, **{"iam:PassedToService": "emr-serverless.amazonaws.com"})
    assert not may_at_most(role, "iam:PassRole", job, **{"iam:PassedToService": "lambda.amazonaws.com"})
    assert not may_at_most(role, "iam:PassRole", OURS, **{"iam:PassedToService": "emr-serverless.amazonaws.com"})


def test_no_role_that_a_deployment_makes_deletes_a_production_cluster_or_reads_another_bucket() -> None:
    cluster = NAMING.arn("rds", "cluster:lipsdb")

    assert may_at_most("aurora-clone", "rds:DeleteDBCluster", f"{cluster}-clone")
    assert not may_at_most("aurora-clone", "rds:DeleteDBCluster", cluster)
    assert may_at_most("spark-job", "s3:GetObject", "arn:aws:s3:::migration-test-data-971779422973/raw/x")
    assert not may_at_most("spark-job", "s3:GetObject", "arn:aws:s3:::payroll/x")
    assert not may_at_most("spark-job", "s3:GetObject", f"arn:aws:s3:::{STATE}/x")


@pytest.mark.parametrize("role", ["rates-machine", "table-writer", "spark-job", "operator", "made-by-a-deployment"])
def test_no_role_writes_to_a_live_table_whatever_its_policies_say(role: str) -> None:
    table = NAMING.arn("dynamodb", "table/BaseRate")
    live = {"aws:ResourceTag/migration:live": "2026-11-30T07:00:00Z"}

    for verb in ("DeleteItem", "DeleteTable", "PutItem", "UpdateItem"):
        assert may_at_most(role, f"dynamodb:{verb}", table), verb
        assert may_at_most(role, f"dynamodb:{verb}", table, **{"aws:ResourceTag/migration:stack": "test"}), verb
        assert not may_at_most(role, f"dynamodb:{verb}", table, **live), verb
        assert not may_at_most(role, f"dynamodb:{verb}", table, **{"aws:ResourceTag/migration:live": ""}), verb


@pytest.mark.parametrize(
    "verb",
    [
        "AttachRolePolicy",
        "CreatePolicyVersion",
        "DeletePolicy",
        "DeletePolicyVersion",
        "DeleteRolePermissionsBoundary",
        "PutRolePermissionsBoundary",
        "SetDefaultPolicyVersion",
    ],
)
@pytest.mark.parametrize("resource", [OURS, OTHERS, BOUNDARY])
def test_a_way_out_of_the_boundary_is_denied_even_if_a_statement_allows_it(verb: str, resource: str) -> None:
    call = Call(f"iam:{verb}", resource, context(BOUND))

    assert allowed(ANY, call)
    assert not allowed([*ANY, *limits()], call)


LINKED = ("kinesisreplication.dynamodb.amazonaws.com", "ops.emr-serverless.amazonaws.com")
ENCRYPTS = "CreateGrant Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo"
SOURCE_KEY = "arn:aws:kms:eu-west-1:111122223333:key/k"


@pytest.mark.parametrize("action", ENCRYPTS.split())
def test_no_role_uses_a_key_but_through_a_service_that_encrypts(action: str) -> None:
    through = {
        service
        for service in ("dynamodb", "ec2", "lambda", "rds", "s3", "secretsmanager", "sns", "ssm")
        for key in (KEY, SOURCE_KEY)
        if may_at_most("spark-job", f"kms:{action}", key, **{"kms:ViaService": f"{service}.{REGION}.amazonaws.com"})
    }

    assert through == {"dynamodb", "rds", "s3", "sns"}
    assert not may_at_most("spark-job", f"kms:{action}", KEY)
    assert not may_at_most("spark-job", f"kms:{action}", KEY, **{"kms:ViaService": "s3.region-2.amazonaws.com"})
    assert not may_at_most("spark-job", f"kms:{action}", "alias/k", **{"kms:ViaService": f"s3.{REGION}.amazonaws.com"})
    assert may_at_most("aurora-clone", "kms:DescribeKey", SOURCE_KEY)


def test_a_role_makes_the_linked_roles_of_two_services_and_no_other() -> None:
    role = f"{ROLE}aws-service-role"

    for service in LINKED:
        own = {"iam:AWSServiceName": service}
        assert may_at_most("rates-machine", "iam:CreateServiceLinkedRole", f"{role}/{service}/x", **own)
        assert not may_at_most("rates-machine", "iam:CreateServiceLinkedRole", f"{role}/{service}/x")
        assert not may_at_most("rates-machine", "iam:CreateServiceLinkedRole", f"{role}/ecs.amazonaws.com/x", **own)
        other = {"iam:AWSServiceName": "ecs.amazonaws.com"}
        assert not may_at_most("rates-machine", "iam:CreateServiceLinkedRole", f"{role}/{service}/x", **other)


@pytest.mark.parametrize(
    ("action", "resource", "keys", "roles"),
    [
        ("s3:GetObject", f"arn:aws:s3:::{STATE}/x", {}, {"deploy", "preview"}),
        ("s3:ListBucket", f"arn:aws:s3:::{STATE}", {}, {"deploy", "preview"}),
        ("s3:PutObject", f"arn:aws:s3:::{STATE}/x", {}, {"deploy"}),
        *[
            (f"{service}:AnythingElse", "*", {}, {"deploy"})
            for service in (
                *("cloudwatch", "ec2", "emr-serverless", "events", "kinesis", "kms", "lambda", "logs", "rds", "s3"),
                *("sns", "states"),
            )
        ],
        *[(f"secretsmanager:{verb}ResourcePolicy", "*", {}, {"deploy"}) for verb in ("Delete", "Put", "Validate")],
        ("secretsmanager:GetSecretValue", "*", {}, set()),
        *[(f"iam:{verb}", OURS, {}, {"deploy"}) for verb in ("ListRolePolicies", "PassRole", "TagRole", "UntagRole")],
        *[(f"iam:{verb}", OTHERS, {}, set()) for verb in ("GetRole", "ListRolePolicies", "PassRole", "TagRole")],
        ("iam:GetRole", OURS, {}, {"deploy", "preview", "operator", "spark-job"}),
        ("iam:GetPolicy", BOUNDARY, {}, {"deploy"}),
        ("iam:GetOpenIDConnectProvider", f"arn:aws:iam::{ACCOUNT}:oidc-provider/{access.GITHUB}", {}, {"deploy"}),
        ("iam:GetOpenIDConnectProvider", f"arn:aws:iam::{ACCOUNT}:oidc-provider/x", {}, set()),
        *[(f"iam:{action}", OURS, BOUND, {"deploy"}) for action in ROLE_WRITES],
        *[(f"iam:{action}", OURS, {}, set()) for action in ROLE_WRITES],
    ],
)
def test_only_who_deploys_has_the_rights_of_a_deployment(
    action: str, resource: str, keys: dict[str, str], roles: set[str]
) -> None:
    asked = ("deploy", "preview", "operator", "spark-job")

    assert {role for role in asked if may_at_most(role, action, resource, **keys)} == roles


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the policy of every role of the stack."""
    catalog = load_catalog()
    for domain, definition in catalog.domains.items():
        arns = [KEY, APPLICATION, f"{ROLE}{NAMING.job_role}"]
        options = {"kms_key": "alias/tables"}
        tables = tuple(table.model_copy(update=options) for table in definition.tables)
        yield f"{domain}-machine", machine_policy(NAMING, domain, tables, BOOTSTRAP, arns)
        yield f"{domain}-catch-up-machine", machine_policy(NAMING, domain, tables, CATCH_UP, arns)
    clusters = list(catalog.clusters.values())
    sources = Sources((), ("arn:aws:kms:eu-west-1:111122223333:key/k",))
    yield "aurora-clone", policies.clone_service(NAMING, KEY, clusters, sources)
    yield "run-registry", policies.run_registry(NAMING, KEY, APPLICATION)
    machines = [NAMING.arn("states", f"stateMachine:{NAMING.machine(domain)}") for domain in catalog.domains]
    topic = NAMING.arn("sns", "migration-test-notifications")
    yield "run-watch", policies.run_watch(NAMING, KEY, topic_arn=topic, machines=machines, namespace=NAMESPACE)
    every = [table for domain in catalog.domains.values() for table in domain.tables]
    yield "table-writer", policies.table_writer(NAMING, KEY, every)
    yield "spark-job", policies.spark_job(NAMING, KEY)
    yield "operator", access.operator(NAMING, catalog, key_arn=KEY, application_arn=APPLICATION)
    yield "preview", access.preview(NAMING, catalog, STATE)
    yield "deploy", deploy(NAMING, catalog, STATE)


def test_every_role_does_all_that_its_policy_allows_inside_the_boundary() -> None:
    refused = [
        f"{role}: {call}"
        for role, document in documents()
        for call in promised(document)
        if not may_at_most(role, call.action, call.resource, **{key: values[0] for key, values in call.context})
    ]

    assert refused == []


def promised(document: dict[str, Any]) -> Iterator[Call]:
    """Return a call for each action and resource that a policy allows, with its condition keys."""
    for statement in document["Statement"]:
        asked = [
            (key, str(listed(wanted)[0]))
            for keys in statement.get("Condition", {}).values()
            for key, wanted in keys.items()
        ]
        for action in statement["Action"] if statement["Effect"] == "Allow" else []:
            # The buckets' key is used through S3 alone, whether or not a policy asks for it.
            through = {"kms:ViaService": "s3.eu-west-1.amazonaws.com"} if action.startswith("kms:") else {}
            for resource in statement["Resource"]:
                yield Call(action, resource, context({**through, **dict(asked)}))


def test_the_boundary_names_nothing_of_the_catalog() -> None:
    made = boundary(NAMING, STATE)
    assert set(made) == {"Version", "Statement"}
    # In another version a policy's variables are plain text.
    assert made["Version"] == "2012-10-17"
    text = json.dumps(made)
    catalog = load_catalog()
    names = [*catalog.clusters, *(table.name for domain in catalog.domains.values() for table in domain.tables)]

    assert [name for name in names if name in text] == []


def test_a_boundary_that_iam_would_refuse_for_its_length_is_refused_before() -> None:
    assert boundary(Naming("abcdefghij", ACCOUNT, REGION), "s" * 63)
    with pytest.raises(PolicyTooLargeError, match=r"IAM allows 6144: shorten infra/policies/boundary\.py"):
        boundary(Naming("x" * 99, ACCOUNT, REGION), "s" * 63)


def test_a_boundary_has_every_character_that_iam_allows_and_not_one_more() -> None:
    least = len(json.dumps(boundary(NAMING, ""), separators=(",", ":")))

    assert boundary(NAMING, "s" * (6_144 - least))
    with pytest.raises(PolicyTooLargeError, match="the permissions boundary has 6145 characters"):
        boundary(NAMING, "s" * (6_145 - least))


def test_every_role_of_the_program_has_the_stacks_boundary(either_stack: Deployment) -> None:
    roles = [d for d in either_stack.resources.values() if d.kind == "aws:iam/role:Role"]
    (made,) = [d for d in either_stack.resources.values() if d.kind == "aws:iam/policy:Policy"]

    assert len(roles) >= 8
    assert made.name.endswith("-boundary")
    assert {role.inputs.get("permissionsBoundary") for role in roles} == {f"${{{made.name}.arn}}"}
