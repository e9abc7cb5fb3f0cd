"""What a run needs of the deployed stack, as whole findings: application, roles, spec, functions, secrets, streams."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from catalog.spec import build_spec, spec_key
from runner.plan.checks.keys import check_keys
from runner.plan.checks.secrets import check_secret, check_secret_policy
from runner.plan.checks.spark import check_application, check_functions, check_role, check_spec, vcpu
from runner.plan.checks.streams import check_streams
from runner.plan.model import Finding
from tests.unit.runner.plan.fake_account import Client, account, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.account.lookups import Account

APPLICATION = "EMR Serverless application migration-test-spark"
DEPLOY = "deploy the stack"
SECRET = "migration/lipsdb/reader"
ADMIT = "encrypt it with a key whose policy admits emr-serverless.amazonaws.com"
OWN = "AWS's own key encrypts it; EMR Serverless resolves only secrets under a customer-managed key"
DENIED = refused("AccessDeniedException")


def of_application(capacity: dict[str, str] | None, count: int = 1) -> list[Finding]:
    made = account()
    made.__dict__["applications"] = [{"id": f"app-{number}"} for number in range(count)]
    made.__dict__["application"] = {"maximumCapacity": capacity} if count == 1 else None
    return list(check_application(made))


def test_no_application_and_several_are_refused() -> None:
    assert of_application(None, 0) == [Finding("fails", APPLICATION, "it does not exist", DEPLOY)]
    assert of_application(None, 3) == [
        Finding("fails", APPLICATION, "there are several of that name: app-0, app-1, app-2", "delete all but one")
    ]


@pytest.mark.parametrize(
    ("capacity", "what", "needed", "setting"),
    [
        ({"cpu": "7 vCPU"}, "7 vCPU", 8, "maxVcpu"),
        ({"cpu": "8 vCPU", "memory": "31 GB"}, "31 GB of memory", 32, "maxMemoryGb"),
        ({"memory": "32 GB", "disk": "119 GB"}, "119 GB of disk", 120, "maxDiskGb"),
    ],
)
def test_an_application_below_a_driver_and_an_executor_is_refused(
    capacity: dict[str, str], what: str, needed: int, setting: str
) -> None:
    assert of_application(capacity) == [
        Finding(
            "fails",
            APPLICATION,
            f"its maximum capacity is {what}; a driver and one executor need {needed}",
            f"raise {setting} in Pulumi.test.yaml, and deploy the stack",
        )
    ]


@pytest.mark.parametrize("capacity", [None, {}, {"cpu": "8 vCPU", "memory": "32 GB", "disk": "120 GB"}])
def test_an_application_without_a_limit_or_with_just_enough_is_quiet(capacity: dict[str, str] | None) -> None:
    assert of_application(capacity) == []


def test_the_limit_of_vcpus_is_the_applications() -> None:
    made = account()

    assert vcpu(made) == 64
    made.__dict__["application"] = {}
    assert vcpu(made) is None
    made.__dict__["application"] = None
    assert vcpu(made) is None


@pytest.mark.parametrize("code", ["NoSuchEntity", "NoSuchEntityException"])
def test_a_missing_role_of_the_jobs_is_refused(code: str) -> None:
    iam = Client(get_role=refused(code))

    assert list(check_role(account(clients={"iam": iam}))) == [
        Finding("fails", "role migration-test-spark-job", "the role of the Spark jobs does not exist", DEPLOY)
    ]
    assert iam.asked == [{"RoleName": "migration-test-spark-job"}]


def test_missing_functions_are_refused_one_by_one() -> None:
    functions = Client(get_function_configuration=refused("ResourceNotFoundException"))
    names = ("migration-test-aurora-clone", "migration-test-run-registry")

    assert list(check_functions(account(clients={"lambda": functions}))) == [
        Finding("fails", f"function {name}", "it does not exist", DEPLOY) for name in names
    ]
    assert functions.asked == [{"FunctionName": name} for name in names]


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket", "404"])
def test_a_missing_spec_is_refused(code: str) -> None:
    s3, bucket = Client(head_object=refused(code)), "migration-test-artifacts-971779422973"
    made = account(clients={"s3": s3})
    own = spec_key(build_spec(made.catalog, "rates"))

    assert list(check_spec(made)) == [Finding("fails", "spec", f"s3://{bucket}/{own} does not exist", DEPLOY)]
    assert s3.asked == [{"Bucket": bucket, "Key": own}]


def test_a_spec_of_another_catalog_is_pointed_out() -> None:
    s3, deployed = Client(head_object={}), "specs/rates-0123456789ab.json"
    made = account(clients={"s3": s3})
    own = spec_key(build_spec(made.catalog, "rates"))
    made.tags["migration:spec"] = deployed

    assert list(check_spec(made)) == [
        Finding(
            "warns",
            "spec",
            f"the stack was deployed with another catalog ({deployed}) than the one here ({own}): "
            "what is planned here is not what runs",
            "deploy the stack, or plan with the catalog that it was deployed with",
        )
    ]
    assert [asked["Key"] for asked in s3.asked] == [deployed]
    made.tags["migration:spec"] = own
    assert list(check_spec(made)) == []


@pytest.mark.parametrize(
    ("facts", "findings"),
    [
        ({"VersionIdsToStages": {"a": ["AWSPREVIOUS"], "b": ["AWSCURRENT", "x"]}, "KmsKeyId": "arn:k"}, []),
        ({"DeletedDate": dt.datetime.now(dt.UTC)}, [("it is about to be deleted", "restore it")]),
        (
            {"VersionIdsToStages": {"a": ["AWSPREVIOUS"]}, "KmsKeyId": "arn:k"},
            [("it has no value", "put the plaintext password of migration_reader into it")],
        ),
        ({"VersionIdsToStages": {"a": ["AWSCURRENT"]}}, [(OWN, ADMIT)]),
        (
            {
                "VersionIdsToStages": {"a": ["AWSCURRENT"]},
                "KmsKeyId": "arn:aws:kms:eu-west-1:1:alias/aws/secretsmanager",
            },
            [(OWN, ADMIT)],
        ),
        ({}, [("it has no value", "put the plaintext password of migration_reader into it"), (OWN, ADMIT)]),
    ],
)
def test_a_secret_has_a_value_under_a_key_of_the_customer(
    facts: dict[str, Any], findings: list[tuple[str, str]]
) -> None:
    secrets = Client(describe_secret=facts)
    made = account(clients={"secretsmanager": secrets})

    assert list(check_secret(made, made.clusters[0])) == [
        Finding("fails", f"secret {SECRET}", what, todo) for what, todo in findings
    ]
    assert secrets.asked == [{"SecretId": SECRET}]


def test_a_secret_that_does_not_exist_is_refused_once() -> None:
    absent = refused("ResourceNotFoundException")
    secrets = Client(describe_secret=absent, get_resource_policy=absent)
    made = account(clients={"secretsmanager": secrets})

    assert list(check_secret(made, made.clusters[0])) == [
        Finding(
            "fails",
            f"secret {SECRET}",
            "it does not exist",
            "create it: the plaintext password of migration_reader on lipsdb",
        )
    ]
    assert list(check_secret_policy(made, made.clusters[0])) == []


@pytest.mark.parametrize(
    ("answer", "is_admitted"),
    [
        ({}, False),
        ({"ResourcePolicy": '{"Statement": []}'}, False),
        ({"ResourcePolicy": '{"Principal": {"Service": "emr-serverless.amazonaws.com"}}'}, True),
    ],
)
def test_a_secrets_policy_admits_emr_serverless(answer: dict[str, str], *, is_admitted: bool) -> None:
    secrets = Client(get_resource_policy=answer)
    made = account(clients={"secretsmanager": secrets})
    lacking = Finding("fails", f"secret {SECRET}", "no policy of it admits emr-serverless.amazonaws.com", DEPLOY)

    assert list(check_secret_policy(made, made.clusters[0])) == ([] if is_admitted else [lacking])
    assert secrets.asked == [{"SecretId": SECRET}]


def streaming(kinesis: Client, mode: str = "official") -> Account:
    made = account(domain="availability", mode=mode, clients={"kinesis": kinesis})
    made.tags["migration:stream-prefix"] = "test-"
    return made


STREAMS = ("test-Allotment-Stream", "test-Inventory-Stream", "test-Restriction-Stream")


@pytest.mark.parametrize(
    ("answer", "what", "todo"),
    [
        (refused("ResourceNotFoundException"), "it does not exist", DEPLOY),
        (
            {"StreamDescriptionSummary": {"StreamStatus": "UPDATING"}},
            "it is UPDATING, not ACTIVE",
            "wait until it is ACTIVE",
        ),
    ],
)
def test_an_official_run_needs_each_of_its_streams(answer: Any, what: str, todo: str) -> None:  # noqa: ANN401 - or an error
    kinesis = Client(describe_stream_summary=answer)

    assert list(check_streams(streaming(kinesis))) == [
        Finding("fails", f"stream {stream}", what, todo) for stream in STREAMS
    ]
    assert kinesis.asked == [{"StreamName": stream} for stream in STREAMS]


def test_active_streams_are_quiet_and_a_rehearsal_looks_at_none() -> None:
    active = Client(describe_stream_summary={"StreamDescriptionSummary": {"StreamStatus": "ACTIVE"}})

    assert list(check_streams(streaming(active))) == []
    assert list(check_streams(streaming(Client(), "rehearsal"))) == []


def encrypted(*keys: str | None, **answer: Any) -> Account:  # noqa: ANN401 - KMS's answers
    """Return an account whose tables want these keys."""
    made = account(clients={"kms": Client(**answer)})
    tables = tuple(
        table.model_copy(update={"kms_key": key}) for table, key in zip(made.domain.tables, keys, strict=True)
    )
    domain = made.domain.model_copy(update={"tables": tables})
    made.catalog = made.catalog.model_copy(update={"domains": {**made.catalog.domains, domain.name: domain}})
    return made


CORRECT = "correct kms_key in catalog/domains/rates.yaml"
METADATA = {"KeyId": "k-1", "KeyState": "Enabled"}
BOTH = "it would encrypt BaseRate, BaseRateAssociation"


@pytest.mark.parametrize(
    ("metadata", "what", "todo"),
    [
        (
            {"KeyState": "Disabled"},
            "it is Disabled, not Enabled",
            "enable it: aws kms enable-key --key-id k-1",
        ),
        (
            {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
            "it is RSA_2048 for ENCRYPT_DECRYPT, not a symmetric key that encrypts",
            CORRECT,
        ),
        (
            {"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "GENERATE_VERIFY_MAC"},
            "it is SYMMETRIC_DEFAULT for GENERATE_VERIFY_MAC, not a symmetric key that encrypts",
            CORRECT,
        ),
    ],
)
def test_a_key_that_cannot_encrypt_a_table_is_refused_with_its_tables(
    metadata: dict[str, str], what: str, todo: str
) -> None:
    made = encrypted("alias/r", "alias/r", describe_key={"KeyMetadata": METADATA | metadata})

    assert list(check_keys(made)) == [Finding("fails", "KMS key alias/r", f"{what}; {BOTH}", todo)]
    assert made.client("kms").asked == [{"KeyId": "alias/r"}]


def test_keys_are_checked_by_name_and_tables_without_one_ask_for_none() -> None:
    absent = refused("NotFoundException")
    todo = f"create it, or {CORRECT}"

    assert list(check_keys(encrypted("alias/z", "alias/a", describe_key=absent))) == [
        Finding("fails", f"KMS key {key}", f"it does not exist in eu-west-1; it would encrypt {table}", todo)
        for key, table in (("alias/a", "BaseRateAssociation"), ("alias/z", "BaseRate"))
    ]
    assert list(check_keys(encrypted(None, None))) == []
    assert list(check_keys(encrypted(None, "alias/a", describe_key={"KeyMetadata": METADATA}))) == []
    spelled = METADATA | {"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"}
    assert list(check_keys(encrypted(None, "alias/a", describe_key={"KeyMetadata": spelled}))) == []


def test_a_key_of_another_region_is_refused_without_asking() -> None:
    there, here = (f"arn:aws:kms:{region}:971779422973:key/k" for region in ("us-east-1", "eu-west-1"))
    made = encrypted(there, here, describe_key={"KeyMetadata": METADATA})

    assert list(check_keys(made)) == [
        Finding(
            "fails",
            f"KMS key {there}",
            "it is in us-east-1, but a table's key must be in eu-west-1; it would encrypt BaseRate",
            CORRECT,
        )
    ]
    assert made.client("kms").asked == [{"KeyId": here}]


@pytest.mark.parametrize(
    "look",
    [
        lambda: check_role(account(clients={"iam": Client(get_role=DENIED)})),
        lambda: check_functions(account(clients={"lambda": Client(get_function_configuration=DENIED)})),
        lambda: check_spec(account(clients={"s3": Client(head_object=DENIED)})),
        lambda: check_secret(
            account(clients={"secretsmanager": Client(describe_secret=DENIED)}), account().clusters[0]
        ),
        lambda: check_secret_policy(
            account(clients={"secretsmanager": Client(get_resource_policy=DENIED)}), account().clusters[0]
        ),
        lambda: check_streams(streaming(Client(describe_stream_summary=DENIED))),
        lambda: check_keys(encrypted(None, "alias/a", describe_key=DENIED)),
    ],
)
def test_an_unanswered_lookup_is_no_finding_of_a_check(look: Callable[[], Iterator[Finding]]) -> None:
    with pytest.raises(ClientError, match="AccessDeniedException"):
        list(look())
