"""A stack file is read once, and what is wrong in it is said with file and key."""

from __future__ import annotations

import json

import pytest
import yaml

from catalog.loader import CATALOG_DIRECTORY
from infra.errors import SettingsError
from infra.settings.model import Settings, _known_keys
from infra.settings.workers import Capacity
from local.deploy.config import PROJECT_FILE
from statemachine.workers import Workers

TAGS = {"cost-centre": "data", "data-class": "internal", "environment": "test", "owner": "platform"}
GOOD = {
    "vpcName": "v",
    "subnetTag": "s",
    "githubRepository": "owner/name",
    "stateBucket": "company-pulumi",
    "tags": json.dumps(TAGS),
}


PROVIDER = {"aws:region": "eu-west-1", "aws:allowedAccountIds": '["012345678901"]'}
PROJECT = "rates-avail-migration-bootstrap"


def read(values: dict[str, str], stack: str = "test", provider: dict[str, str] = PROVIDER) -> Settings:
    return Settings.read({**provider, **{f"{PROJECT}:{key}": value for key, value in values.items()}}, stack)


def test_what_the_file_leaves_out_has_a_default() -> None:
    assert read(GOOD) == Settings(
        stack="test",
        account="012345678901",
        region="eu-west-1",
        vpc_name="v",
        subnet_tag="s",
        gateway_endpoints=False,
        clone_instance_class="db.r6g.large",
        workers=Workers(),
        capacity=Capacity(vcpu=64, memory_gb=256, disk_gb=1600),
        max_concurrent_jobs=4,
        keep_days=30,
        planned_hours=12,
        catalog=CATALOG_DIRECTORY,
        stream_mode="ON_DEMAND",
        stream_shards=4,
        stream_retention_hours=168,
        plain_stream_names=False,
        github_repository="owner/name",
        state_bucket="company-pulumi",
        github_provider_arn="",
        pull_request_preview=False,
        tags=TAGS,
    )


@pytest.mark.parametrize("key", ["vpcName", "subnetTag", "githubRepository", "stateBucket"])
def test_a_value_without_default_must_be_there(key: str) -> None:
    with pytest.raises(SettingsError, match=rf"Pulumi\.test\.yaml: rates-avail-migration-bootstrap:{key} is missing"):
        read({name: value for name, value in GOOD.items() if name != key})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"maxVcpu": "many"}, "maxVcpu is 'many'; it must be 1 to 4000"),
        ({"keepDays": "0"}, "keepDays is '0'; it must be 1 to 3653"),
        ({"keepDays": "45"}, "keepDays is 45; it must be one of 1, 3, 5, 7"),
        ({"streamMode": "on-demand"}, "streamMode is 'on-demand'; it must be ON_DEMAND or PROVISIONED"),
        ({"streamRetentionHours": "12"}, "streamRetentionHours is '12'; it must be 24 to 8760"),
        ({"cloneInstanceClass": "r6g.large"}, "cloneInstanceClass is 'r6g.large'; it must be like db.r6g.large"),
        (
            {"cloneInstanceClass": "db.serverless"},
            "it must be like db.r6g.large, a provisioned class; db.serverless needs a capacity range, and clones of",
        ),
        ({"gatewayEndpoints": "yes"}, "gatewayEndpoints is 'yes'; it must be false or true"),
        ({"githubRepository": "name"}, "githubRepository is 'name'; it must be like owner/name"),
        (
            {"githubProviderArn": "arn:aws:iam::1:role/x"},
            "githubProviderArn is 'arn:aws:iam::1:role/x'; it must be like",
        ),
        ({"vpcName": '["a"]'}, 'vpcName is ["a"]; it must be a text'),
        ({"maxVcpu": "64.5"}, "maxVcpu is '64.5'; it must be 1 to 4000"),
        (
            {"notify": "team@company.example"},
            "notify is team@company.example; it must be a list of entries with protocol",
        ),
        ({"notify": '[{"protocol": "email"}]'}, "an entry has protocol and endpoint, and nothing else"),
        (
            {"notify": '[{"protocol": "sms", "endpoint": "+49"}]'},
            "notify has the protocol 'sms'; it must be email or https or slack or teams",
        ),
        (
            {"notify": '[{"protocol": "email", "endpoint": "team"}]'},
            "notify has the endpoint 'team'; of email it must be like team@company.example",
        ),
        ({"notify": '[{"protocol": "https", "endpoint": "http://a.example"}]'}, "of https it must be like https://"),
        ({"notify": '[{"protocol": "slack", "endpoint": "#alerts"}]'}, "of slack it must be like T0123ABCD/C0456EFGH"),
        ({"notify": '[{"protocol": "teams", "endpoint": "x"}]'}, "it must be like the ids of team, tenant and channel"),
        (
            {"notify": json.dumps([{"protocol": "email", "endpoint": "a@b.example"}] * 2)},
            "notify has an entry twice",
        ),
        ({"secondPerson": "maybe"}, "secondPerson is 'maybe'; it must be false or true"),
        ({"tags": "owner"}, "tags is owner; it must be names with a text each"),
        ({"tags": '["owner"]'}, 'tags is ["owner"]; it must be names with a text each'),
        ({"tags": json.dumps({"owner": "x"})}, "tags lacks cost-centre, data-class, environment"),
        ({"tags": json.dumps({**TAGS, "aws:x": "y"})}, "tags has the key 'aws:x'"),
        ({"tags": json.dumps({**TAGS, "a&b": "y"})}, "tags has the key 'a&b'"),
        ({"tags": json.dumps({**TAGS, "note": "a;b"})}, "tags has note: 'a;b'; a value is a text of up to 256"),
        ({"tags": json.dumps({**TAGS, "note": "x" * 257})}, "tags has note: 'x"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_wrong_value_is_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read({**GOOD, **values})

    assert message in str(refused.value)


@pytest.mark.parametrize("stack", ["Test_1", "t", "1test", "averylongname"])
def test_a_stack_name_that_makes_no_bucket_name_is_refused(stack: str) -> None:
    with pytest.raises(SettingsError, match="must be named in 2 to 10 small letters and digits"):
        read(GOOD, stack)


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        (f"{PROJECT}:maxVcpus", f"; did you mean {PROJECT}:maxVcpu?"),
        (f"{PROJECT}:max_vcpu", f"; did you mean {PROJECT}:maxVcpu?"),
        ("rates-avail-migration-bootstap:maxVcpu", f"; did you mean {PROJECT}:maxVcpu?"),
        ("aws:regoin", "; did you mean aws:region?"),
        ("aws:allowedAccountId", "; did you mean aws:allowedAccountIds?"),
        ("aws:defaultTag", "; did you mean aws:defaultTags?"),
        ("gcp:project", ""),
    ],
)
def test_a_setting_that_nothing_reads_is_refused_with_what_was_meant(key: str, meant: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(GOOD, provider={**PROVIDER, key: "128"})

    assert str(refused.value) == f"Pulumi.test.yaml: {key} is no setting{meant}"


def test_what_the_provider_and_pulumi_itself_read_may_be_set() -> None:
    more = {"aws:defaultTags": '{"tags": {"team": "x"}}', "aws:skipMetadataApiCheck": "true", "pulumi:tags": "{}"}

    assert read(GOOD, provider={**PROVIDER, **more}) == read(GOOD)


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("region", None, "is missing; set it to a Region, like eu-central-1"),
        ("region", "us-eastt-1", "is 'us-eastt-1', which is no Region of the partition aws; did you mean us-east-1?"),
        ("region", "eu-west-1a", "is 'eu-west-1a', which is no Region of the partition aws; did you mean eu-west-1?"),
        ("region", "cn-north-1", "is 'cn-north-1', which is no Region of the partition aws"),
        ("allowedAccountIds", None, "is missing; it must name one account in quotes"),
        ("allowedAccountIds", "[]", "is []; it must name one account in quotes"),
        ("allowedAccountIds", "[12345678901]", "is [12345678901]; it must name one account in quotes"),
        ("allowedAccountIds", "012345678901", "is 012345678901; it must name one account in quotes"),
        ("allowedAccountIds", '["012345678901", "123456789012"]', "; it must name one account in quotes"),
    ],
)
def test_region_and_account_are_the_stack_files(key: str, value: str | None, problem: str) -> None:
    provider = {**PROVIDER, f"aws:{key}": value}

    with pytest.raises(SettingsError) as refused:
        read(GOOD, provider={name: text for name, text in provider.items() if text is not None})

    assert str(refused.value).startswith(f"Pulumi.test.yaml: aws:{key} ")
    assert problem in str(refused.value)


def test_every_setting_is_in_the_projects_schema() -> None:
    schema = yaml.safe_load(PROJECT_FILE.read_text("utf-8"))["config"]

    assert {key for key in _known_keys() if key.startswith(PROJECT)} == set(schema)
