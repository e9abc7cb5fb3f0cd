"""A stack in another account and Region needs only a stack file, and none of its resources names another Region."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from catalog.loader import load_catalog
from infra.settings.kinds import REGIONS
from local.deploy.cloud import Cloud
from local.deploy.program import deploy
from local.deploy.recorder import record
from local.deploy.resource_list import resource_list
from policy import privilege, safety, settings
from policy.resource import Resource
from runner.account.environments import Environment, find_machine, load_environment
from runner.account.requests import Request
from runner.plan import check
from tests.unit.infra.account import customer_account

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.deploy.engine import Deployment

STACK, ACCOUNT, REGION = "staging", "012345678901", "us-east-1"
OTHER_REGION = re.compile("|".join(rf"\b{region}\b" for region in REGIONS if region != REGION))
FILE = f"""\
config:
  aws:region: {REGION}
  aws:allowedAccountIds: ["{ACCOUNT}"]
  rates-avail-migration-bootstrap:vpcName: data-staging
  rates-avail-migration-bootstrap:subnetTag: data-staging-private
  rates-avail-migration-bootstrap:gatewayEndpoints: true
  rates-avail-migration-bootstrap:githubRepository: owner/name
  rates-avail-migration-bootstrap:stateBucket: company-pulumi-staging
  rates-avail-migration-bootstrap:tags: {{cost-centre: data, data-class: internal, environment: staging, owner: data}}
"""
ACCOUNTS = re.compile(r"\b(971779422973|492606605575)\b")  # of the other stacks


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a checkout with a further stack file, and change into it."""
    checkout = tmp_path_factory.mktemp("checkout")
    here = type(checkout).cwd()
    for entry in here.iterdir():
        if entry.name not in {".git", ".github"}:
            (checkout / entry.name).symlink_to(entry)
    (checkout / f"Pulumi.{STACK}.yaml").write_text(FILE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(checkout)
        yield checkout


@pytest.fixture(scope="module")
def cloud(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    assert (folder / f"Pulumi.{STACK}.yaml").is_file()
    with customer_account(ACCOUNT, REGION, STACK, tmp_path_factory.mktemp("work")) as account:
        yield Cloud(account)


@pytest.fixture(scope="module")
def deployed(cloud: Cloud) -> Deployment:
    return deploy(cloud, STACK)


def texts(deployment: Deployment) -> dict[str, str]:
    """Return the declared resources by URN, with policies, definitions and specs as text."""
    return {
        urn: json.dumps(declared.inputs, default=lambda value: str(getattr(value, "text", "")))
        for urn, declared in deployment.resources.items()
    }


def test_nothing_that_is_declared_names_another_region_or_account(deployed: Deployment) -> None:
    assert len(deployed.resources) > 80
    for urn, text in {**texts(deployed), "outputs": json.dumps(deployed.outputs)}.items():
        assert OTHER_REGION.findall(text) == [], urn
        assert ACCOUNTS.findall(text) == [], urn
    assert any(f"arn:aws:states:{REGION}:{ACCOUNT}:" in text for text in texts(deployed).values())


@pytest.mark.usefixtures("folder")
def test_the_new_stacks_plan_names_no_other_region() -> None:
    text = resource_list(record(STACK))

    assert OTHER_REGION.findall(text) == []
    assert f"com.amazonaws.{REGION}.s3" in text
    assert f"logs.{REGION}.amazonaws.com" in text


def test_what_was_made_in_the_account_names_no_other_region(cloud: Cloud, deployed: Deployment) -> None:
    states = cloud.client("stepfunctions")
    machines = [
        states.describe_state_machine(stateMachineArn=arn) for arn in deployed.outputs["stateMachines"].values()
    ]
    iam = cloud.client("iam")
    roles = [role["RoleName"] for role in iam.list_roles()["Roles"] if role["RoleName"].startswith("migration-")]
    policies = [
        json.dumps(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
        for role in roles
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    dashboards = cloud.client("cloudwatch")
    bodies = [
        dashboards.get_dashboard(DashboardName=entry["DashboardName"])["DashboardBody"]
        for entry in dashboards.list_dashboards()["DashboardEntries"]
    ]

    assert (len(machines), len(policies) > 6, len(bodies)) == (len(load_catalog().domains), True, 1)
    for text in [*(machine["definition"] for machine in machines), *policies, *bodies]:
        assert OTHER_REGION.findall(text) == []
    assert cloud.client("s3").get_bucket_location(Bucket=deployed.outputs["dataBucket"])["LocationConstraint"] is None


def test_the_runner_finds_the_new_stack_by_its_file(deployed: Deployment) -> None:
    environment = load_environment(STACK)

    stored, repository = "company-pulumi-staging", "owner/name"
    assert environment == Environment(STACK, ACCOUNT, REGION, state_bucket=stored, repository=repository)
    assert find_machine(environment, "rates") == deployed.outputs["stateMachines"]["rates"]


def test_a_run_can_be_planned_there_and_no_price_of_another_region_is_taken_for_its_own(deployed: Deployment) -> None:
    assert deployed.outputs
    plan = check(load_environment(STACK), Request("rates"))

    foreign = [finding for finding in plan.all_findings if OTHER_REGION.search(str(finding))]
    assert (plan.account, plan.region) == (ACCOUNT, REGION)
    assert (foreign, plan.unchecked) == ([], ())
    assert {line.confirmed for line in plan.costs} == {False}


def test_the_new_stack_passes_every_rule_of_a_review(deployed: Deployment) -> None:
    resources = [
        Resource(kind=declared.kind, name=declared.name, properties=declared.inputs, protect=declared.protect)
        for declared in deployed.resources.values()
        if declared.custom
    ]
    rules = (*safety.RULES, *privilege.RULES, *settings.RULES)

    assert [f"{resource.name}: {p}" for resource in resources for rule in rules for p in rule.check(resource)] == []
