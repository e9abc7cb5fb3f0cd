"""The resources that the program declares, for both stacks and in a preview."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from typing import TYPE_CHECKING, Any

import pulumi
import pytest
from pulumi.output import Unknown

from infra import inputs
from infra.settings.kinds import REQUIRED_TAGS
from local.deploy.recorder import Recorder, record
from local.deploy.resource_list import resource_list
from release import jar as release_jar
from release import lambda_packages
from release.lambda_packages import package
from release.names import release_files
from statemachine import render
from tests.customer import customer_folder
from tests.golden import plans

if TYPE_CHECKING:
    from pathlib import Path

    from pulumi.runtime.mocks import MockCallArgs

    from local.deploy.engine import Declared, Deployment

HOLD_DATA = ["aws:kinesis/stream:Stream", "aws:kms/key:Key", "aws:s3/bucket:Bucket"]
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"


def of_kind(deployment: Deployment, kind: str) -> list[Declared]:
    matching = [declared for declared in deployment.resources.values() if declared.kind == kind]
    assert matching, kind
    return matching


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for item in items for text in strings(item)]


@pytest.mark.parametrize("name", plans.STACKS)
def test_the_plan_is_the_reviewed_one(name: str, request: pytest.FixtureRequest) -> None:
    declared: Deployment = request.getfixturevalue(f"declared_{name}")

    assert resource_list(declared) == plans.list_file(name).read_text("utf-8"), "run: make golden"


def test_the_same_program_declares_the_same_twice(declared_test: Deployment) -> None:
    again = record("test", {"catalog": str(customer_folder())})

    assert resource_list(again) == resource_list(declared_test)
    assert definitions(again) == definitions(declared_test)


def definitions(deployment: Deployment) -> dict[str, str]:
    return {d.name: d.inputs["definition"] for d in of_kind(deployment, "aws:sfn/stateMachine:StateMachine")}


def test_components_are_named_by_type_and_hold_all_that_they_make(either_stack: Deployment) -> None:
    for declared in either_stack.resources.values():
        if declared.kind == "pulumi:pulumi:Stack":
            continue
        assert declared.custom or declared.kind.startswith("migration:infra:"), declared.urn
        assert declared.name.startswith(f"migration-{declared.urn.split(':')[2]}-"), declared.urn
        parent = either_stack.resources[declared.parent]
        assert parent.kind.startswith("migration:infra:") or not declared.custom, declared.urn


def test_in_prod_what_holds_data_is_protected_and_stays(declared_test: Deployment, declared_prod: Deployment) -> None:
    kept = {d.kind for d in declared_prod.resources.values() if d.protect}

    assert sorted(kept) == HOLD_DATA
    for kind in HOLD_DATA:
        assert all(d.protect and d.retain_on_delete for d in of_kind(declared_prod, kind))
        assert not any(d.protect or d.retain_on_delete for d in of_kind(declared_test, kind))


def test_releases_and_specs_survive_the_update_that_replaces_them(either_stack: Deployment) -> None:
    uploaded = of_kind(either_stack, OBJECT)

    assert len(uploaded) == 4 + 2
    assert all(d.retain_on_delete and not d.protect for d in uploaded)


def test_another_release_is_another_object_and_overwrites_none(
    declared_test: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_jar, "commit", lambda: "0" * 40)
    built = release_jar.build(tmp_path / "release")
    monkeypatch.setattr(inputs, "release_files", lambda: release_files(built))

    before, after = releases_of(declared_test), releases_of(record("test", {"catalog": str(customer_folder())}))

    assert len(before) == len(after) == 4
    # A name of its own: Pulumi would replace the object of a name that stays.
    assert before.isdisjoint(after)
    assert {key for _, key in before}.isdisjoint(key for _, key in after)


def releases_of(deployment: Deployment) -> set[tuple[str, str]]:
    return {
        (d.name, d.inputs["key"]) for d in of_kind(deployment, OBJECT) if str(d.inputs["key"]).startswith("releases/")
    }


def test_the_jar_is_uploaded_after_all_that_it_needs(either_stack: Deployment) -> None:
    (jar,) = [d for d in of_kind(either_stack, OBJECT) if str(d.inputs["key"]).endswith(".jar")]
    others = [d for d in of_kind(either_stack, OBJECT) if str(d.inputs["key"]).endswith(".py")]

    assert len(others) == 3
    assert {d.urn for d in others} <= set(jar.depends_on)


def test_what_takes_a_role_waits_for_its_policy(either_stack: Deployment) -> None:
    policies = {d.inputs["role"]: d.urn for d in of_kind(either_stack, "aws:iam/rolePolicy:RolePolicy")}
    takers = [d for d in either_stack.resources.values() if d.custom and ("roleArn" in d.inputs or _takes_role(d))]

    assert len(takers) >= 4
    for taker in takers:
        role = str(taker.inputs.get("roleArn") or taker.inputs["role"]).removeprefix("${").removesuffix(".arn}")
        assert policies[role] in taker.depends_on, taker.urn


def _takes_role(declared: Declared) -> bool:
    return "role" in declared.inputs and declared.kind != "aws:iam/rolePolicy:RolePolicy"


def test_no_lifecycle_rule_touches_a_lock_and_reports_stay(either_stack: Deployment) -> None:
    expiring, touched = set(), set()
    for lifecycle in of_kind(either_stack, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"):
        for rule in lifecycle.inputs["rules"]:
            prefix = rule["filter"]["prefix"]
            touched.add(prefix)
            if "expiration" in rule:
                expiring.add(prefix)

    assert expiring == {
        "changes/",
        "export/",
        "failures/",
        "landed/",
        "logs/",
        "processed/",
        "progress/",
        "raw/",
        "raw-compare/",
    }
    assert touched - expiring == {"conflicts/", "rejects/", "releases/", "reports/", "specs/"}
    kept = ("live/", "proven/", "status/")
    assert not [prefix for prefix in touched for name in kept if prefix.startswith(name) or name.startswith(prefix)]


def test_the_jobs_reach_aws_and_the_clones_and_the_clones_reach_nothing(declared_test: Deployment) -> None:
    out = of_kind(declared_test, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    into = of_kind(declared_test, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    facts = ("securityGroupId", "fromPort", "toPort", "cidrIpv4", "referencedSecurityGroupId")

    jobs, clones = "${migration-test-jobs.id}", "${migration-test-clones.id}"
    assert sorted([[rule.inputs.get(fact) for fact in facts] for rule in out], key=str) == [
        [jobs, 443, 443, "0.0.0.0/0", None],
        [jobs, 5432, 5432, None, clones],
    ]
    assert [[rule.inputs.get(fact) for fact in facts] for rule in into] == [[clones, 5432, 5432, None, jobs]]


def test_gateway_endpoints_are_made_where_the_stack_file_asks_for_them() -> None:
    declared = record("test", {"gatewayEndpoints": "true"})

    assert sorted(d.inputs["serviceName"] for d in of_kind(declared, "aws:ec2/vpcEndpoint:VpcEndpoint")) == [
        "com.amazonaws.eu-west-1.dynamodb",
        "com.amazonaws.eu-west-1.s3",
    ]


def test_a_stream_has_shards_only_in_the_mode_that_has_them(declared_test: Deployment) -> None:
    on_demand = of_kind(declared_test, "aws:kinesis/stream:Stream")
    provisioned = of_kind(record("test", {"streamMode": "PROVISIONED"}), "aws:kinesis/stream:Stream")

    assert {d.inputs.get("shardCount") for d in on_demand} == {None}
    assert {d.inputs.get("shardCount") for d in provisioned} == {4}


def test_the_enterprises_tags_reach_every_migrated_table(either_stack: Deployment) -> None:
    for machine in of_kind(either_stack, "aws:sfn/stateMachine:StateMachine"):
        states = json.loads(machine.inputs["definition"])["States"]
        for plan in states["MigrateTables" if "MigrateTables" in states else "ExportTables"]["Items"]:
            tags = {tag["Key"]: tag["Value"] for tag in plan["tags"]}
            common = ("migration:domain", "migration:stack", "migration:system", *REQUIRED_TAGS)
            assert {key: tags[key] for key in common} == {key: machine.inputs["tags"][key] for key in common}


def test_too_many_tags_end_even_a_preview() -> None:
    tags = dict.fromkeys(("cost-centre", "data-class", "environment", "owner", *map(str, range(50))), "x")

    with pytest.raises(pulumi.RunError, match="would have 60 tags, of which DynamoDB allows 50"):
        record("test", {"tags": json.dumps(tags)}, preview=True)


def test_nothing_deployed_says_null(either_stack: Deployment) -> None:
    texts = [text for declared in either_stack.resources.values() for text in strings(declared.inputs)]

    assert texts
    assert not [text for text in texts if '": null' in text or "None" in text]


@pytest.mark.parametrize("name", ["aurora_clone", "run_registry", "run_watch", "table_writer"])
def test_a_checkout_elsewhere_and_later_gives_the_same_package(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = package(name)
    shutil.copytree(lambda_packages._SOURCES, tmp_path / "lambdas", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (tmp_path / "lambdas").rglob("*.py"):
        os.utime(path, (1, 1_900_000_000))
        path.chmod(0o600)
    (tmp_path / "lambdas" / name / "notes.txt").write_text("no module")
    monkeypatch.setattr(lambda_packages, "_SOURCES", tmp_path / "lambdas")

    assert package(name) == here
    with zipfile.ZipFile(io.BytesIO(here)) as archive:
        assert f"{name}/handler.py" in archive.namelist()


@pytest.mark.parametrize("name", plans.STACKS)
def test_a_preview_declares_the_same_resources_with_unknown_answers(name: str, request: pytest.FixtureRequest) -> None:
    deployed: Deployment = request.getfixturevalue(f"declared_{name}")
    previewed = record(name, {"catalog": str(customer_folder())}, preview=True)

    assert set(previewed.resources) == set(deployed.resources)
    machines = of_kind(previewed, "aws:sfn/stateMachine:StateMachine")
    assert all(isinstance(machine.inputs["definition"], Unknown) for machine in machines)


def test_a_broken_template_ends_a_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "_MACHINE", "no_such_template.j2")

    with pytest.raises(
        pulumi.RunError, match=r"domain availability: TemplateNotFound: 'no_such_template\.j2' not found"
    ):
        record("test", preview=True)


def test_a_secret_under_the_accounts_default_key_ends_a_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Recorder.call

    def call(self: Recorder, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        outputs, failures = answer(self, args)
        return ({**outputs, "kmsKeyId": ""}, failures) if args.token.endswith(":getSecret") else (outputs, failures)

    monkeypatch.setattr(Recorder, "call", call)

    with pytest.raises(Exception, match="whose policy cannot admit EMR Serverless"):
        record("test", preview=True)


def sources_run(monkeypatch: pytest.MonkeyPatch, versions: dict[str, tuple[str, str]]) -> None:
    """Make sources run other engines and versions than the recorder's."""
    answer = Recorder.call

    def call(self: Recorder, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        outputs, failures = answer(self, args)
        if args.token.endswith(":getCluster") and outputs["id"] in versions:
            engine, version = versions[outputs["id"]]
            outputs = {**outputs, "engine": engine, "engineVersion": version}
        return outputs, failures

    monkeypatch.setattr(Recorder, "call", call)


def test_each_version_of_the_sources_has_its_parameter_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    sources_run(monkeypatch, {"dailydatadb-partition-03": ("aurora-postgresql", "13.9")})

    groups = {
        g.inputs["name"]: g.inputs
        for g in of_kind(record("test"), "aws:rds/clusterParameterGroup:ClusterParameterGroup")
    }

    prefix = "migration-test-clones-aurora-postgresql"
    assert {name: group["family"] for name, group in groups.items()} == {
        f"{prefix}13": "aurora-postgresql13",
        f"{prefix}13-logical": "aurora-postgresql13",
        f"{prefix}16": "aurora-postgresql16",
        f"{prefix}16-logical": "aurora-postgresql16",
    }
    logical = {
        name: [p["value"] for p in group["parameters"] if p["name"] == "rds.logical_replication"]
        for name, group in groups.items()
    }
    assert logical == {f"{prefix}13": [], f"{prefix}13-logical": ["1"], f"{prefix}16": [], f"{prefix}16-logical": ["1"]}


@pytest.mark.parametrize(
    ("engine", "version"), [("aurora-postgresql", "10.21"), ("aurora-mysql", "8.0.mysql_aurora.3.08.0")]
)
def test_a_source_that_cannot_be_migrated_ends_a_preview(
    monkeypatch: pytest.MonkeyPatch, engine: str, version: str
) -> None:
    sources_run(monkeypatch, {"lipsdb": (engine, version)})

    with pytest.raises(
        Exception, match=f"lipsdb runs {engine} {version}; catalog/clusters.yaml says aurora-postgresql"
    ):
        record("test", preview=True)
