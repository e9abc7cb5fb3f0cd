"""A stack file is read once, and an error names the file and the key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from pydantic import ValidationError

from catalog.loader import CATALOG_DIRECTORY
from infra.errors import SettingsError
from infra.settings.read import known_keys, read_settings
from infra.settings.schema import PROJECT_FILE, project_text
from infra.settings.subscribers import Subscriber
from infra.settings.workers import Capacity
from statemachine.workers import Workers

if TYPE_CHECKING:
    from infra.settings.model import Settings

TAGS = {"cost-centre": "data", "data-class": "internal", "environment": "test", "owner": "platform"}
GOOD = {
    "vpcName": "v",
    "subnetTag": "s",
    "githubRepository": "owner/name",
    "stateBucket": "company-pulumi",
    "tags": json.dumps(TAGS),
}


NO_REGION = "which is not a Region of the partition aws"
PROVIDER = {"aws:region": "eu-west-1", "aws:allowedAccountIds": '["012345678901"]'}
PROJECT = "rates-avail-migration-bootstrap"


def read(values: dict[str, str], stack: str = "test", provider: dict[str, str] = PROVIDER) -> Settings:
    return read_settings({**provider, **{f"{PROJECT}:{key}": value for key, value in values.items()}}, stack)


def test_what_the_file_leaves_out_has_a_default() -> None:
    settings = read(GOOD)

    assert settings.model_dump() == {
        "stack": "test",
        "account": "012345678901",
        "region": "eu-west-1",
        "vpc_name": "v",
        "subnet_tag": "s",
        "gateway_endpoints": False,
        "clone_instance_class": "db.r6g.large",
        "max_vcpu": 64,
        "max_memory_gb": 0,
        "max_disk_gb": 0,
        "driver_vcpu": 4,
        "driver_memory_gb": 0,
        "driver_disk_gb": 20,
        "driver_disk_type": "STANDARD",
        "executor_vcpu": 4,
        "executor_memory_gb": 0,
        "executor_disk_gb": 100,
        "executor_disk_type": "STANDARD",
        "min_executors": 1,
        "max_executors": 0,
        "max_concurrent_jobs": 4,
        "catalog": CATALOG_DIRECTORY,
        "keep_days": 30,
        "planned_hours": 12,
        "stream_mode": "ON_DEMAND",
        "stream_shards": 4,
        "stream_retention_hours": 168,
        "plain_stream_names": False,
        "github_repository": "owner/name",
        "state_bucket": "company-pulumi",
        "github_provider_arn": "",
        "pull_request_preview": False,
        "notify": (),
        "second_person": False,
        "tags": TAGS,
    }
    assert settings.workers == Workers()
    assert settings.capacity == Capacity(vcpu=64, memory_gb=256, disk_gb=1600)


def test_what_the_file_sets_is_read() -> None:
    notify = [{"protocol": "email", "endpoint": "team@company.example"}, {"protocol": "slack", "endpoint": "T1/C2"}]

    settings = read({**GOOD, "secondPerson": "true", "keepDays": "7", "catalog": "other", "notify": json.dumps(notify)})

    assert settings.second_person is True
    assert settings.keep_days == 7
    assert settings.catalog == Path("other")
    assert settings.notify == (Subscriber("email", "team@company.example"), Subscriber("slack", "T1/C2"))


def test_an_empty_text_stands_for_the_default_of_all_but_numbers() -> None:
    assert read({**GOOD, "streamMode": "", "catalog": "", "notify": "", "gatewayEndpoints": ""}) == read(GOOD)
    with pytest.raises(SettingsError, match="keepDays is ''; it must be 1 to 3653"):
        read({**GOOD, "keepDays": ""})


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read(GOOD).keep_days = 7  # type: ignore[misc]


@pytest.mark.parametrize("key", ["vpcName", "subnetTag", "githubRepository", "stateBucket"])
def test_a_value_without_default_must_be_there(key: str) -> None:
    with pytest.raises(SettingsError, match=rf"Pulumi\.test\.yaml: rates-avail-migration-bootstrap:{key} is required"):
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

    assert str(refused.value) == f"Pulumi.test.yaml: {key} is not a setting{meant}"


def test_what_the_provider_and_pulumi_itself_read_may_be_set() -> None:
    more = {"aws:defaultTags": '{"tags": {"team": "x"}}', "aws:skipMetadataApiCheck": "true", "pulumi:tags": "{}"}

    assert read(GOOD, provider={**PROVIDER, **more}) == read(GOOD)


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("region", None, "is missing; set it to a Region, like eu-central-1"),
        ("region", "us-eastt-1", f"is 'us-eastt-1', {NO_REGION}; did you mean us-east-1?"),
        ("region", "eu-west-1a", f"is 'eu-west-1a', {NO_REGION}; did you mean eu-west-1?"),
        ("region", "cn-north-1", f"is 'cn-north-1', {NO_REGION}"),
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


def test_the_projects_schema_is_made_of_the_settings() -> None:
    text = PROJECT_FILE.read_text("utf-8")

    assert project_text(text) == text, "make schema renews it"
    assert {key for key in known_keys() if key.startswith(PROJECT)} == set(yaml.safe_load(text)["config"])


def test_every_default_of_the_schema_is_what_the_settings_have_without_it() -> None:
    schema = yaml.safe_load(PROJECT_FILE.read_text("utf-8"))["config"]
    defaults = {key.split(":")[1]: entry["default"] for key, entry in schema.items() if "default" in entry}
    texts = {key: json.dumps(value) if isinstance(value, bool) else str(value) for key, value in defaults.items()}

    assert read({**GOOD, **texts, "catalog": str(CATALOG_DIRECTORY.parent / texts["catalog"])}) == read(GOOD)
