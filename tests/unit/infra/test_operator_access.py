"""The trust policies and rights of the operator, deploy and preview roles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from catalog.loader import load_catalog
from infra.naming import Naming
from infra.policies.access import operator
from infra.policies.deploy import deploy
from local.deploy.recorder import record
from local.iam.policy import Call, allowed, context, statements
from tests.deployed import REGION

if TYPE_CHECKING:
    from local.deploy.engine import Deployment

REPOSITORY = "repo:hotel-platform/rates-avail-migration-bootstrap"
GITHUB = "token.actions.githubusercontent.com"
PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"


def access_roles(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """Return the roles that workflows assume, by the last word of their name."""
    roles = [d for d in deployment.resources.values() if d.kind == "aws:iam/role:Role"]
    return {r.name.rsplit("-", 1)[1]: r.inputs for r in roles if GITHUB in r.inputs["assumeRolePolicy"]}


def subjects(deployment: Deployment) -> dict[str, str]:
    by_role = {}
    for name, role in access_roles(deployment).items():
        (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
        condition = statement["Condition"]["StringEquals"]
        assert condition[f"{GITHUB}:aud"] == "sts.amazonaws.com"
        by_role[name] = condition[f"{GITHUB}:sub"]
    return by_role


def test_only_this_repository_in_the_stacks_environment_may_operate_and_deploy(
    declared_test: Deployment, declared_prod: Deployment
) -> None:
    assert subjects(declared_prod) == {
        "deploy": f"{REPOSITORY}:environment:prod",
        "operator": f"{REPOSITORY}:environment:prod",
    }
    assert subjects(declared_test) == {
        "deploy": f"{REPOSITORY}:environment:test",
        "operator": f"{REPOSITORY}:environment:test",
        "preview": f"{REPOSITORY}:pull_request",
    }


def test_an_operators_session_lasts_as_long_as_a_migration_is_followed(declared_prod: Deployment) -> None:
    sessions = {name: role["maxSessionDuration"] for name, role in access_roles(declared_prod).items()}

    assert sessions == {"deploy": 3600, "operator": 43200}


def test_the_accounts_provider_is_made_once_and_then_named(declared_test: Deployment) -> None:
    provider = f"arn:aws:iam::971779422973:oidc-provider/{GITHUB}"
    other = record("test", {"githubProviderArn": provider})

    assert [d.inputs["url"] for d in declared_test.resources.values() if d.kind == PROVIDER] == [f"https://{GITHUB}"]
    assert not [d for d in other.resources.values() if d.kind == PROVIDER]
    for role in access_roles(other).values():
        (statement,) = json.loads(role["assumeRolePolicy"])["Statement"]
        assert statement["Principal"] == {"Federated": provider}


def test_a_preview_only_reads(declared_test: Deployment) -> None:
    policy = declared_test.resources[
        next(urn for urn in declared_test.resources if urn.endswith("migration-test-preview-policy"))
    ].inputs["policy"]
    actions = [action for statement in json.loads(policy)["Statement"] for action in statement["Action"]]

    assert [a for a in actions if not a.split(":")[1].startswith(("Describe", "Get", "List", "Validate"))] == []


def test_a_deployment_does_not_change_who_may_deploy() -> None:
    document = deploy(Naming("prod", "492606605575", REGION), load_catalog(), "state")
    (denied,) = [statement for statement in document["Statement"] if statement["Effect"] == "Deny"]

    assert denied["Resource"] == [
        f"arn:aws:iam::492606605575:role/migration-prod-{name}" for name in ("deploy", "operator", "preview")
    ]
    assert {"iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:CreateRole"} <= set(denied["Action"])


TABLE = f"arn:aws:dynamodb:{REGION}:971779422973:table"
LIVE_TAG = {"aws:TagKeys": ["migration:live"]}


@pytest.mark.parametrize(
    ("action", "resource", "keys", "allows"),
    [
        ("dynamodb:TagResource", f"{TABLE}/BaseRate", LIVE_TAG, True),
        ("dynamodb:TagResource", f"{TABLE}/BaseRate", {"aws:TagKeys": ["migration:live", "migration:run"]}, False),
        ("dynamodb:TagResource", f"{TABLE}/BaseRate-rehearsal", LIVE_TAG, False),
        ("dynamodb:TagResource", f"{TABLE}/Another", LIVE_TAG, False),
        ("dynamodb:UntagResource", f"{TABLE}/BaseRate", LIVE_TAG, False),
        ("dynamodb:UpdateTable", f"{TABLE}/BaseRate", {}, True),
        ("dynamodb:UpdateTable", f"{TABLE}/BaseRate-rehearsal", {}, False),
        ("dynamodb:DeleteTable", f"{TABLE}/BaseRate", {}, False),
        ("dynamodb:PutItem", f"{TABLE}/BaseRate", {}, False),
        ("dynamodb:DescribeExport", f"{TABLE}/BaseRate/export/1", {}, True),
        ("dynamodb:DescribeExport", f"{TABLE}/Invoice/export/1", {}, False),
        ("s3:GetObject", "arn:aws:s3:::migration-test-data-971779422973/proven/rates/official.json", {}, True),
        ("s3:GetObject", "arn:aws:s3:::migration-test-data-971779422973/live/rates.json", {}, True),
        ("s3:PutObject", "arn:aws:s3:::migration-test-data-971779422973/live/rates.json", {}, False),
        ("s3:DeleteObject", "arn:aws:s3:::migration-test-data-971779422973/live/rates.json", {}, False),
    ],
)
def test_an_operator_cuts_a_domain_over_and_cannot_undo_it(
    action: str,
    resource: str,
    keys: dict[str, Any],
    allows: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    naming = Naming("test", "971779422973", REGION)
    policy = operator(naming, load_catalog(), key_arn="arn:key", application_arn="arn:app")

    assert allowed(statements(policy), Call(action, resource, context(keys))) is allows
