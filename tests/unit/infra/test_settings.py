"""A stack file is read once, and what is wrong in it is said with file and key."""

from __future__ import annotations

import json

import pytest

from catalog.loader import CATALOG_DIRECTORY
from infra.errors import SettingsError
from infra.settings import Settings

TAGS = {"cost-centre": "data", "data-class": "internal", "environment": "test", "owner": "platform"}
GOOD = {
    "vpcName": "v",
    "subnetTag": "s",
    "githubRepository": "owner/name",
    "stateBucket": "company-pulumi",
    "tags": json.dumps(TAGS),
}


class Config:
    """A stack's configuration."""

    name = "rates-avail-migration-bootstrap"

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def get(self, key: str) -> str | None:
        return self._values.get(key)


def read(values: dict[str, str], stack: str = "test") -> Settings:
    return Settings.read(Config(values), stack)  # type: ignore[arg-type]  # what is used of it


def test_what_the_file_leaves_out_has_a_default() -> None:
    assert read(GOOD) == Settings(
        stack="test",
        vpc_name="v",
        subnet_tag="s",
        gateway_endpoints=False,
        clone_instance_class="db.r6g.large",
        max_vcpu=64,
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
