"""Findings that the embedded AWS cannot produce."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from aurora_clone import clusters as clone_service
from migration_spark.writing import listing

from runner.plan.checks import clones, domain, permissions, secrets, spark
from runner.plan.model import Finding
from runner.plan.statistics import statistics
from tests.unit.runner.plan.fake_account import Client, Pages, account, clone, refused

SOURCE = "lipsdb"


def summarized(findings: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - findings and notes
    return [(entry.level, entry.what) if isinstance(entry, Finding) else ("note", entry) for entry in findings]


def main_of(made: Any) -> Any:  # noqa: ANN401 - the catalog's cluster
    return next(c for c in made.clusters if c.identifier == SOURCE)


GROUPS = "aurora-postgresql16, aurora-postgresql16-logical"


def test_dead_states_are_those_that_the_clone_service_calls_failed() -> None:
    assert clones.DEAD_STATUSES == clone_service.DEAD_STATUSES


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({"Status": "stopped"}, "it is stopped, not available"),
        (
            {"EngineVersion": "17.2"},
            f"it runs aurora-postgresql 17.2; the stack has parameter groups for clones of {GROUPS}",
        ),
        ({"DBClusterMembers": []}, "it has no instance; Aurora clones only a cluster that has one"),
        ({"Engine": "aurora-mysql"}, "its engine is aurora-mysql, the catalog says aurora-postgresql"),
    ],
)
def test_a_source_that_cannot_be_cloned_is_refused(facts: dict[str, Any], what: str) -> None:
    made = account()
    made.rds_clusters[SOURCE].update(facts)

    assert summarized(clones.check_source(made, main_of(made))) == [("fails", what)]


@pytest.mark.parametrize(
    ("facts", "start"),
    [
        ({"Status": "cloning-failed"}, "it is cloning-failed, its instance is not there: waiting"),
        (
            {"CloneGroupId": ""},
            "a cluster of this name is there, but it has no clone group, so it is not a clone of lipsdb",
        ),
        ({"CloneGroupId": "other"}, "a cluster of this name is there, but it is in another clone group than lipsdb"),
    ],
)
def test_a_clone_that_cannot_be_used_is_refused(facts: dict[str, Any], start: str) -> None:
    made = account()
    made.rds_clusters[f"{SOURCE}-clone"] = clone(SOURCE) | facts

    ((level, what),) = summarized(clones.check_clone(made, main_of(made)))

    assert level == "fails"
    assert what.startswith(start)


def test_a_clone_that_is_too_old_is_refused_with_its_age() -> None:
    created = dt.datetime.now(dt.UTC) - dt.timedelta(hours=30, minutes=5)
    made = account()
    made.rds_clusters[f"{SOURCE}-clone"] = clone(SOURCE) | {"ClusterCreateTime": created}

    ((level, what),) = summarized(clones.check_clone(made, main_of(made)))

    assert level == "fails"
    assert what.startswith("it is 30 hours old; a run uses none older than 24 hours")


def test_a_clone_of_ours_is_used_whatever_it_is_busy_with() -> None:
    made = account()
    made.rds_clusters[f"{SOURCE}-clone"] = clone(SOURCE) | {"Status": "creating", "CloneGroupId": ""}

    assert summarized(clones.check_clone(made, main_of(made))) == []


def test_a_cluster_that_is_not_proven_our_clone_is_never_connected_to() -> None:
    made = account(clients={"secretsmanager": Client(get_secret_value=AssertionError("the password was asked for"))})
    made.rds_clusters[f"{SOURCE}-clone"] = clone(SOURCE) | {"TagList": []}

    answer = statistics(made, main_of(made))

    assert answer.figures == {}
    assert answer.reason.startswith("its clone cannot be asked: it has the tag migration:system=None")


@pytest.mark.parametrize("engine", ["aurora-postgresql", "aurora-mysql"])
def test_a_clone_that_does_not_answer_here_says_why(engine: str) -> None:
    made = account(clients={"secretsmanager": Client(get_secret_value={"SecretString": "x"})})
    made.rds_clusters[f"{SOURCE}-clone"] = clone(SOURCE)
    source = main_of(made).model_copy(update={"engine": engine})

    answer = statistics(made, source)

    assert answer.reason.startswith("its clone cannot be asked from here, where only the jobs may enter it: ")
    assert "refused" in answer.reason


def test_a_password_that_may_not_be_read_leaves_the_statistics_open() -> None:
    made = account(clients={"secretsmanager": Client(get_secret_value=refused("AccessDeniedException"))})
    made.rds_clusters[f"{SOURCE}-clone"] = clone(SOURCE)

    assert statistics(made, main_of(made)).reason == "the reader's password cannot be read: AccessDeniedException: no"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"DeletedDate": dt.datetime.now(dt.UTC)}, ("fails", "it is about to be deleted")),
        ({"VersionIdsToStages": {}, "KmsKeyId": "k"}, ("fails", "it has no value")),
    ],
)
def test_a_secret_without_a_value_is_refused(facts: dict[str, Any], expected: tuple[str, str]) -> None:
    made = account(clients={"secretsmanager": Client(describe_secret=facts)})

    assert summarized(secrets.check_secret(made, main_of(made))) == [expected]


def test_a_secret_under_awss_own_key_is_refused() -> None:
    facts = {"VersionIdsToStages": {"v": ["AWSCURRENT"]}}
    made = account(clients={"secretsmanager": Client(describe_secret=facts)})

    ((level, what),) = summarized(secrets.check_secret(made, main_of(made)))

    assert level == "fails"
    assert "customer-managed key" in what


@pytest.mark.parametrize("answer", [{}, {"ResourcePolicy": '{"Statement": []}'}])
def test_a_secret_that_does_not_admit_emr_serverless_is_refused(answer: dict[str, str]) -> None:
    made = account(clients={"secretsmanager": Client(get_resource_policy=answer)})

    assert summarized(secrets.check_secret_policy(made, main_of(made))) == [
        ("fails", "no policy of it admits emr-serverless.amazonaws.com")
    ]


def test_an_application_that_holds_no_executor_is_refused() -> None:
    made = account()
    made.__dict__["applications"] = [{"id": "app"}]
    made.application["maximumCapacity"]["cpu"] = "4 vCPU"

    assert summarized(spark.check_application(made)) == [
        ("fails", "its maximum capacity is 4 vCPU; a driver and one executor need 8")
    ]
    made.application["maximumCapacity"] = {"cpu": "8 vCPU", "memory": "31 GB", "disk": "119.0 GB"}
    findings = list(spark.check_application(made))
    assert [(finding.what, finding.todo) for finding in findings] == [
        (
            "its maximum capacity is 31 GB of memory; a driver and one executor need 32",
            "raise maxMemoryGb in Pulumi.test.yaml, and deploy the stack",
        ),
        (
            "its maximum capacity is 119 GB of disk; a driver and one executor need 120",
            "raise maxDiskGb in Pulumi.test.yaml, and deploy the stack",
        ),
    ]


def simulated(decision: str, **more: Any) -> Pages:  # noqa: ANN401 - IAM's answer
    result = {
        "EvalActionName": "states:StartExecution",
        "EvalResourceName": "arn:machine",
        "EvalDecision": decision,
        **more,
    }
    return Pages({"EvaluationResults": [result]})


def caller(arn: str, simulation: Pages) -> Any:  # noqa: ANN401 - an account
    iam = Client(
        get_role={"Role": {"Arn": "arn:aws:iam::971779422973:role/path/operator"}}, simulate_principal_policy=simulation
    )
    return account(clients={"sts": Client(get_caller_identity={"Arn": arn}), "iam": iam})


SESSION = "arn:aws:sts::971779422973:assumed-role/operator/somebody"


def test_a_caller_who_may_start_and_follow_is_quiet_and_is_asked_for_as_its_role() -> None:
    simulation = simulated("allowed")

    assert summarized(permissions.check_caller(caller(SESSION, simulation))) == []

    assert {asked["PolicySourceArn"] for asked in simulation.asked} == {"arn:aws:iam::971779422973:role/path/operator"}
    assert [asked["ActionNames"] for asked in simulation.asked] == [
        ["states:StartExecution"],
        ["states:DescribeExecution", "states:GetExecutionHistory", "states:ListMapRuns"],
        ["states:GetExecutionHistory"],
        ["states:ListExecutions"],
    ]


@pytest.mark.parametrize("decision", ["implicitDeny", "explicitDeny"])
def test_a_caller_who_may_not_start_is_refused(decision: str) -> None:
    summary = summarized(permissions.check_caller(caller(SESSION, simulated(decision))))

    assert summary[0] == ("fails", "it may not states:StartExecution on arn:machine")


def test_a_denial_that_hangs_on_a_key_of_the_real_call_is_left_open() -> None:
    summary = summarized(
        permissions.check_caller(caller(SESSION, simulated("implicitDeny", MissingContextValues=["aws:VpcId"])))
    )

    assert summary[0] == (
        "unchecked",
        "whether it may not states:StartExecution on arn:machine depends on aws:VpcId",
    )


def test_the_root_user_is_not_simulated() -> None:
    assert (
        summarized(permissions.check_caller(caller("arn:aws:iam::971779422973:root", simulated("implicitDeny")))) == []
    )


class Bucket:
    """An S3 client over a few objects."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: ANN401, N803 - boto3's names
        if Key not in self.objects:
            raise refused("NoSuchKey")
        assert Bucket == "migration-test-data-971779422973"
        return {"Body": io.BytesIO(self.objects[Key])}

    def get_paginator(self, _operation: str) -> Any:  # noqa: ANN401 - a paginator
        listed = self.objects

        class Listing:
            def paginate(self, *, Prefix: str, **_more: str) -> list[dict[str, Any]]:  # noqa: N803 - boto3's name
                contents = [
                    {"Key": key, "Size": len(body)} for key, body in sorted(listed.items()) if key.startswith(Prefix)
                ]
                return [{"Contents": contents}]

        return Listing()


def resumed(**changes: Any) -> tuple[Any, Bucket]:  # noqa: ANN401 - an account
    """Return an account with nine clones and the objects of the run r1, one per table."""
    made = account(run_id="r1")
    for source in [c.identifier for c in made.clusters]:
        made.rds_clusters[f"{source}-clone"] = clone(source)
    made.tags["migration:spec"] = "specs/rates-0123456789ab.json"
    objects = {f"processed/rates/r1/a1/{table.name}/part.gz": b"content" for table in made.domain.tables}
    files = [{"name": "part.gz", "bytes": 7}]
    summary = {
        "attempt": "a1",
        "specHash": "0123456789abcdef",
        "failure": None,
        "clones": {
            c.identifier: made.rds_clusters[f"{c.identifier}-clone"]["ClusterCreateTime"].isoformat()
            for c in made.clusters
        },
        "tables": {
            table.name: {
                "prefix": f"processed/rates/r1/a1/{table.name}/", "files": 1, "bytes": 7, "listing": listing(files)
            }
            for table in made.domain.tables
        },
        **changes,
    }  # fmt: skip
    bucket = Bucket({**objects, "processed/rates/r1/summary.json": json.dumps(summary).encode()})
    made._clients["s3"] = bucket
    return made, bucket


ADOPTED = ("note", "the items of the attempt a1 are adopted; Bootstrap does not run again")


def test_items_of_an_earlier_attempt_are_adopted_as_the_state_machine_will() -> None:
    made, _ = resumed()

    assert summarized(domain.check_resume(made)) == [ADOPTED]


def test_an_object_that_the_job_did_not_write_is_refused() -> None:
    made, bucket = resumed()
    bucket.objects["processed/rates/r1/a1/BaseRate/zz-foreign.gz"] = b"x"

    assert list(domain.check_resume(made)) == [
        ADOPTED[1],
        Finding(
            "fails",
            "table BaseRate",
            "below s3://migration-test-data-971779422973/processed/rates/r1/a1/BaseRate/ lie 2 objects, but they are "
            "not the 1 that were written; ImportTable would read them all",
            "look what the others are and delete them, or start without --run-id",
        ),
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"failure": {"error": "DuplicateKeys"}}, "the earlier attempt ended DuplicateKeys"),
        ({"specHash": "ffff456789abcdef"}, "the catalog has changed"),
        ({"clones": {}}, "the clone of lipsdb is not the one that was read"),
    ],
)
def test_what_the_state_machine_would_not_adopt_is_made_again(changes: dict[str, Any], reason: str) -> None:
    made, _ = resumed(**changes)

    assert summarized(domain.check_resume(made)) == [("note", f"Bootstrap runs again, since {reason}")]


def test_a_run_id_that_nothing_was_done_for_says_nothing() -> None:
    made, bucket = resumed()
    bucket.objects.clear()

    assert summarized(domain.check_resume(made)) == []
