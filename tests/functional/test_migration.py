"""The whole migration, for real: what must succeed does, and what must fail says why."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from moto.emrserverless.models import emrserverless_backends

from local.demo import run_summary
from runner.live.poll import follow
from runner.report.redaction import key_hash
from tests.functional.conftest import CLUSTERS
from tests.functional.recording import Quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.stack import LocalStack
    from tests.functional.processes import Processes
    from tests.functional.recording import Recorded

Migrate = Any


def invoke(stack: LocalStack, function: str, event: dict[str, Any]) -> dict[str, Any]:
    answer = stack.client("lambda").invoke(FunctionName=f"migration-test-{function}", Payload=json.dumps(event))
    return dict(json.loads(answer["Payload"].read()))


@pytest.fixture
def no_application(stack: LocalStack) -> Iterator[None]:
    backend = emrserverless_backends[stack.account]["eu-west-1"]
    (application,) = backend.applications.values()
    name, application.name = application.name, "another"
    yield
    application.name = name


@pytest.fixture
def no_jar(stack: LocalStack) -> Iterator[None]:
    s3 = stack.client("s3")
    bucket = {"Bucket": stack.deployment.outputs["artifactsBucket"]}
    (jar,) = [
        entry["Key"] for entry in s3.list_objects_v2(**bucket, Prefix="releases/")["Contents"] if ".jar" in entry["Key"]
    ]
    content = s3.get_object(**bucket, Key=jar)["Body"].read()
    s3.delete_object(**bucket, Key=jar)
    yield
    s3.put_object(**bucket, Key=jar, Body=content)


def test_a_missing_application_ends_the_run_before_any_job(
    migrate: Migrate,
    no_application: None,  # noqa: ARG001 - a fixture
) -> None:
    ended = migrate("rates")

    assert (ended.status, ended.error) == ("FAILED", "ApplicationNotFound")
    assert ended.cause == (
        "no EMR Serverless application is named migration-test-spark. Deploy the stack. "
        f"Then resume with: migrate resume {ended.arn.rsplit(':', 1)[1]}"
    )
    assert [phase.name for phase in ended.phases] == ["Prepare", "Clone", "Locate Spark"]


def test_a_missing_jar_ends_the_run_and_says_where_it_was_looked_for(
    migrate: Migrate,
    no_jar: None,  # noqa: ARG001 - a fixture
) -> None:
    ended = migrate("rates")

    assert (ended.status, ended.error) == ("FAILED", "JarNotFound")
    assert ended.cause == (
        "no release JAR lies below s3://migration-test-artifacts-971779422973/releases/. "
        "Deploy the stack, which uploads a release. "
        f"Then resume with: migrate resume {ended.arn.rsplit(':', 1)[1]}"
    )


def test_a_jar_is_looked_for_on_every_page_of_fifteen_hundred(stack: LocalStack, migrate: Migrate) -> None:
    s3, bucket = stack.client("s3"), {"Bucket": stack.deployment.outputs["artifactsBucket"]}
    keys = [f"releases/0.0.{number:04}/old.jar" for number in range(1500)]
    for key in keys:
        s3.put_object(**bucket, Key=key)

    ended = migrate("rates", jar_key="releases/9.9.9/none.jar")

    for key in keys:
        s3.delete_object(**bucket, Key=key)
    assert (ended.status, ended.error) == ("FAILED", "JarNotFound")
    history = stack.client("stepfunctions").get_execution_history(executionArn=ended.arn, maxResults=1000)["events"]
    entered = [event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event]
    assert entered.count("ListJars") == 4  # 400 keys each


def test_a_failing_spark_job_ends_the_run_with_its_own_words(locked_out: tuple[Recorded, Processes]) -> None:
    recorded, _ = locked_out
    ended = recorded.ended["rates"]

    assert (ended.status, ended.error) == ("FAILED", "BootstrapFailed")
    assert re.fullmatch(
        r"DatabaseError: the clone of dailydatadb-partition-03 at 127\.0\.0\.1:\d+: "
        r'FATAL: password authentication failed for user "migration_reader" \(SQLSTATE 28P01\)\. Set the secret of .*'
        r"Resume with: migrate resume \S+",
        ended.cause,
    )
    status = recorded.documents["status/in-progress/rates.json"]
    assert (status["state"], status["error"]) == ("FAILED", "BootstrapFailed")


def test_an_input_that_is_wrong_is_refused_by_name_and_nothing_is_created(stack: LocalStack, clean: None) -> None:  # noqa: ARG001 - it cleans up
    states = stack.client("stepfunctions")
    arn = states.start_execution(
        stateMachineArn=stack.machine_arn("rates"), input=json.dumps({"parallelism": 41, "clones": "no"})
    )["executionArn"]

    (ended,) = follow(states, [arn], Quiet())

    assert (ended.status, ended.error) == ("FAILED", "InvalidInput")
    assert "unknown field clones" in ended.cause
    assert "parallelism must be a whole number from 1 to 40" in ended.cause
    assert run_summary.document(stack, "status/in-progress/rates.json") == {}


def test_a_planted_difference_ends_the_run_and_names_key_column_and_both_values(mismatched: Recorded) -> None:
    ended = mismatched.ended["rates"]

    assert (ended.status, ended.error) == ("FAILED", "DataMismatch")
    verdict = mismatched.document("reports", "rates", "verdict.json")
    first = mismatched.document("reports", "rates", "report.json")["firstDifference"]
    assert first == {
        "table": "BaseRate",
        "class": "changed",
        "key": mismatched.planted_key,
        "column": "currencyCode",
        "source": first["source"],
        "target": "S:XXX",
    }
    assert first["source"] in ("S:EUR", "S:GBP")
    assert verdict["tables"]["BaseRate"]["changed"] == 1
    assert verdict["tables"]["BaseRate"]["matched"] == 1199
    # The state machine reads the verdict, so it names the key by its hash and says no value.
    hashed = key_hash(mismatched.planted_key)
    assert verdict["firstDifference"] == {
        "table": "BaseRate",
        "class": "changed",
        "column": "currencyCode",
        "key": hashed,
    }
    assert f"The first: BaseRate {hashed} is changed in currencyCode." in ended.cause
    for value in (mismatched.planted_key, first["source"], first["target"]):
        assert value not in ended.cause
    assert len(mismatched.clones_left) == CLUSTERS


def test_both_domains_match_and_the_last_one_destroys_the_clones_once(stack: LocalStack, migrated: Recorded) -> None:
    (refused,) = migrated.refused
    assert (refused.status, refused.error) == ("FAILED", "DomainAlreadyRunning")
    assert migrated.ended["availability"].name in refused.cause

    summary = run_summary.collect(stack, list(migrated.ended.values()))

    assert [domain["verdict"] for domain in summary["domains"].values()] == ["MATCH", "MATCH"], summary
    assert [domain["status"] for domain in summary["domains"].values()] == ["SUCCEEDED", "SUCCEEDED"], summary
    assert migrated.clones_left == []
    assert migrated.writer_changes > 0
    for domain in summary["domains"].values():
        for counts in domain["tables"].values():
            assert counts["rows_read"] == counts["items_written"] + counts["superseded"] > 0
            assert counts["items_written"] == counts["imported"] == counts["exported"] == counts["matched"]
    assert summary["domains"]["availability"]["tables"]["Inventory"]["superseded"] > 0
    assert sum("Destroy" in p.seconds_by_phase(p.phases[-1].began) for p in migrated.ended.values()) == 1


def test_an_official_run_has_streams_and_ttl_and_a_rehearsal_has_tables_of_its_own(migrated: Recorded) -> None:
    tables = migrated.tables
    assert sorted(tables) == [
        "Allotment",
        "BaseRate-rehearsal",
        "BaseRateAssociation-rehearsal",
        "Inventory",
        "Restriction",
        "RestrictionAssociation",
    ]
    assert tables["Restriction"]["ttl"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expiresAt"}
    (stream,) = tables["Allotment"]["streams"]
    assert stream["StreamArn"].endswith(":stream/Allotment-Stream")
    assert stream["DestinationStatus"] == "ACTIVE"
    assert tables["BaseRate-rehearsal"]["streams"] == []
    assert tables["Allotment"]["tags"]["migration:mode"] == "official"
    assert tables["Allotment"]["tags"]["migration:domain"] == "availability"


def test_exports_are_encrypted_with_the_stacks_key(stack: LocalStack, migrated: Recorded) -> None:
    key = stack.client("kms").describe_key(KeyId="alias/migration-test")["KeyMetadata"]["Arn"]
    exports = [export for table in migrated.tables.values() for export in table["exports"]]

    assert [len(table["exports"]) > 0 for table in migrated.tables.values()] == [True] * 6
    assert {(export["S3SseAlgorithm"], export["S3SseKmsKeyId"]) for export in exports} == {("KMS", key)}


def test_every_table_has_the_enterprises_tags(migrated: Recorded) -> None:
    wanted = {
        "cost-centre": "hotel-data",
        "data-class": "internal",
        "environment": "test",
        "owner": "hotel-data-platform",
    }

    assert all(table["tags"].items() >= wanted.items() for table in migrated.tables.values())


def test_what_is_no_clone_is_never_destroyed(stack: LocalStack) -> None:
    seal = {"etag": '"x"', "execution": "nobody"}
    event = {"operation": "destroy", "runId": "r", "seal": seal}

    source = invoke(stack, "aurora-clone", {**event, "source": "lipsdb", "clone": "lipsdb"})

    assert source["errorType"] == "NotACloneError"
    assert "source of the catalog" in source["errorMessage"]
    rds = stack.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="lipsdb-clone",
        Engine="aurora-postgresql",
        MasterUsername="other",
        MasterUserPassword="somebody-elses",
    )
    foreign = invoke(stack, "aurora-clone", {**event, "source": "lipsdb", "clone": "lipsdb-clone"})
    assert foreign["errorType"] == "NotACloneError"
    assert rds.describe_db_clusters(DBClusterIdentifier="lipsdb-clone")["DBClusters"][0]["Status"] == "available"
    rds.delete_db_cluster(DBClusterIdentifier="lipsdb-clone", SkipFinalSnapshot=True)
    while True:
        try:
            rds.describe_db_clusters(DBClusterIdentifier="lipsdb-clone")
        except ClientError:
            break
        time.sleep(0.1)
