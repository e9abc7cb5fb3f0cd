"""The clone service on an RDS of the test's own, which moto's lacks clone groups for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aurora_clone.clusters import SYSTEM, Rds
from aurora_clone.errors import (
    CloneNotCopyOnWriteError,
    InvalidEventError,
    NotACloneError,
    SealNotHeldError,
)
from aurora_clone.handler import answer_event
from aurora_clone.service import CloneService, CloneSettings
from botocore.exceptions import ClientError

TAGS = [
    {"Key": "migration:system", "Value": "rates-avail-migration-bootstrap"},
    {"Key": "migration:stack", "Value": "test"},
    {"Key": "migration:source", "Value": "lipsdb"},
    {"Key": "migration:run", "Value": "r1"},
    {"Key": "migration:domain", "Value": "rates"},
    {"Key": "migration:mode", "Value": "official"},
]


def client_error(code: str) -> type[ClientError]:
    def initialise(self: ClientError) -> None:
        ClientError.__init__(self, {"Error": {"Code": code}}, "Operation")

    return type(code, (ClientError,), {"__init__": initialise})


class Faults:
    """The exceptions of an RDS client."""

    DBClusterNotFoundFault = client_error("DBClusterNotFoundFault")
    DBInstanceNotFoundFault = client_error("DBInstanceNotFound")
    DBClusterAlreadyExistsFault = client_error("DBClusterAlreadyExistsFault")


@dataclass
class FakeRds:
    """Clusters and instances by name, changed at once."""

    clusters: dict[str, dict[str, Any]] = field(default_factory=dict)
    instances: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    full_copies: bool = False
    exceptions: type[Faults] = Faults

    def describe_db_clusters(self, DBClusterIdentifier: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        if DBClusterIdentifier not in self.clusters:
            raise Faults.DBClusterNotFoundFault
        members = [
            {"DBInstanceIdentifier": name}
            for name, instance in self.instances.items()
            if instance["DBClusterIdentifier"] == DBClusterIdentifier
        ]
        return {"DBClusters": [{**self.clusters[DBClusterIdentifier], "DBClusterMembers": members}]}

    def describe_db_instances(self, DBInstanceIdentifier: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        if DBInstanceIdentifier not in self.instances:
            raise Faults.DBInstanceNotFoundFault
        return {"DBInstances": [self.instances[DBInstanceIdentifier]]}

    def restore_db_cluster_to_point_in_time(self, **arguments: Any) -> None:  # noqa: ANN401 - boto3's arguments
        self.calls.append(f"restore {arguments['RestoreType']}")
        name = arguments["DBClusterIdentifier"]
        if name in self.clusters:
            raise Faults.DBClusterAlreadyExistsFault
        group = {} if self.full_copies else {"CloneGroupId": "g1"}
        self.clusters[name] = cluster(name, status="creating", TagList=arguments["Tags"], **group)

    def create_db_instance(self, **arguments: Any) -> None:  # noqa: ANN401 - boto3's arguments
        self.calls.append(f"create {arguments['DBInstanceIdentifier']} {arguments['DBInstanceClass']}")
        self.instances[arguments["DBInstanceIdentifier"]] = {
            "DBInstanceStatus": "creating",
            "DBClusterIdentifier": arguments["DBClusterIdentifier"],
        }

    def delete_db_instance(self, DBInstanceIdentifier: str, SkipFinalSnapshot: bool) -> None:  # noqa: N803, FBT001 - boto3's names
        assert SkipFinalSnapshot
        self.calls.append(f"delete {DBInstanceIdentifier}")
        self.instances[DBInstanceIdentifier]["DBInstanceStatus"] = "deleting"

    def delete_db_cluster(self, DBClusterIdentifier: str, SkipFinalSnapshot: bool) -> None:  # noqa: N803, FBT001 - boto3's names
        assert SkipFinalSnapshot
        self.calls.append(f"delete {DBClusterIdentifier}")
        self.clusters[DBClusterIdentifier]["Status"] = "deleting"


def cluster(name: str, status: str = "available", **more: object) -> dict[str, Any]:
    return {
        "DBClusterIdentifier": name,
        "Status": status,
        "Engine": "aurora-postgresql",
        "ClusterCreateTime": datetime(2026, 1, 1, tzinfo=UTC),
        "Endpoint": f"{name}.local",
        "Port": 5432,
        **more,
    }


@dataclass
class FakeSeal:
    held: bool = True

    def require(self, etag: str, execution: str) -> None:
        if not self.held or (etag, execution) != ("etag", "exec"):
            raise SealNotHeldError("nobody holds it")


@pytest.fixture
def rds() -> FakeRds:
    return FakeRds({"lipsdb": cluster("lipsdb", CloneGroupId="g1")})


@pytest.fixture
def seal() -> FakeSeal:
    return FakeSeal()


@pytest.fixture
def service(rds: FakeRds, seal: FakeSeal) -> CloneService:
    settings = CloneSettings(
        stack="test",
        sources=frozenset({"lipsdb"}),
        instance_class="db.r6g.large",
        security_group_id="sg-1",
        parameter_groups={"aurora-postgresql": "clones"},
    )
    return CloneService(Rds(rds), seal, settings)


def our_clone(rds: FakeRds, **more: object) -> None:
    rds.clusters["lipsdb-clone"] = cluster("lipsdb-clone", **({"CloneGroupId": "g1", "TagList": TAGS} | more))


def our_instance(rds: FakeRds, status: str = "available") -> None:
    rds.instances["lipsdb-clone-1"] = {"DBInstanceStatus": status, "DBClusterIdentifier": "lipsdb-clone"}


def test_a_clone_goes_from_nothing_to_available_step_by_step(service: CloneService, rds: FakeRds) -> None:
    steps = [service.status("lipsdb", "lipsdb-clone")["status"]]
    steps.append(service.start("lipsdb", "lipsdb-clone", "r1", domain="rates", mode="official")["status"])
    rds.clusters["lipsdb-clone"]["Status"] = "available"
    steps.append(service.status("lipsdb", "lipsdb-clone")["status"])
    steps.append(service.start("lipsdb", "lipsdb-clone", "r1", domain="rates", mode="official")["status"])
    rds.instances["lipsdb-clone-1"]["DBInstanceStatus"] = "available"
    steps.append(service.status("lipsdb", "lipsdb-clone")["status"])

    assert steps == ["UNAVAILABLE", "INPROCESSING", "INCOMPLETE", "INPROCESSING", "AVAILABLE"]
    assert rds.calls == ["restore copy-on-write", "create lipsdb-clone-1 db.r6g.large"]
    assert rds.clusters["lipsdb-clone"]["TagList"] == TAGS
    assert service.status("lipsdb", "lipsdb-clone") == {
        "status": "AVAILABLE",
        "source": "lipsdb",
        "clone": "lipsdb-clone",
        "endpoint": "lipsdb-clone.local",
        "port": 5432,
        "createdAt": "2026-01-01T00:00:00+00:00",
        "run": "r1",
        "domain": "rates",
        "mode": "official",
        "unproven": "",
    }


def test_a_clone_that_an_earlier_release_made_says_who_as_far_as_it_knows(service: CloneService, rds: FakeRds) -> None:
    our_clone(rds, TagList=[tag for tag in TAGS if tag["Key"] not in ("migration:domain", "migration:mode")])

    answer = service.status("lipsdb", "lipsdb-clone")

    assert {name: answer[name] for name in ("run", "domain", "mode", "unproven")} == {
        "run": "r1",
        "domain": "",
        "mode": "",
        "unproven": "",
    }


def test_starting_again_takes_no_step_twice(service: CloneService, rds: FakeRds) -> None:
    our_clone(rds)
    our_instance(rds)

    assert service.start("lipsdb", "lipsdb-clone", "r1")["status"] == "AVAILABLE"
    assert rds.calls == []


@pytest.mark.parametrize(
    ("cluster_status", "instance_status"),
    [("cloning-failed", "available"), ("available", "storage-full"), ("inaccessible-encryption-credentials", None)],
)
def test_an_end_state_is_failed_with_the_reason(
    service: CloneService, rds: FakeRds, cluster_status: str, instance_status: str | None
) -> None:
    our_clone(rds, Status=cluster_status)
    if instance_status:
        our_instance(rds, instance_status)

    answer = service.status("lipsdb", "lipsdb-clone")

    assert (answer["status"], answer["reason"]) == (
        "FAILED",
        f"the cluster is {cluster_status}, its instance is {instance_status or 'not there'}",
    )


def test_a_silent_full_copy_is_refused(service: CloneService, rds: FakeRds) -> None:
    rds.full_copies = True

    with pytest.raises(CloneNotCopyOnWriteError, match="is not in the clone group of lipsdb"):
        service.start("lipsdb", "lipsdb-clone", "r1")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"TagList": TAGS[1:]}, f"lipsdb-clone has the tag migration:system=None instead of {SYSTEM!r}"),
        (
            {"TagList": [*TAGS[:1], {"Key": "migration:stack", "Value": "prod"}]},
            "lipsdb-clone has the tag migration:stack='prod' instead of 'test'",
        ),
        ({"CloneGroupId": ""}, "lipsdb-clone has no clone group: it is a full copy"),
        ({"CloneGroupId": "g2"}, "lipsdb-clone is in another clone group than lipsdb"),
    ],
    ids=["no-tags", "another-stack", "full-copy", "another-group"],
)
def test_what_does_not_prove_itself_is_not_destroyed(
    service: CloneService, rds: FakeRds, more: dict[str, Any], reason: str
) -> None:
    our_clone(rds, **more)

    assert service.verify("lipsdb", "lipsdb-clone") == {"isClone": False, "status": "PRESENT", "reason": reason}
    with pytest.raises(NotACloneError, match="it is not touched"):
        service.destroy("lipsdb", "lipsdb-clone", "etag", "exec")
    assert rds.calls == []


def test_a_source_is_never_destroyed_whatever_its_tags(service: CloneService, rds: FakeRds) -> None:
    rds.clusters["lipsdb"]["TagList"] = TAGS

    with pytest.raises(NotACloneError, match="lipsdb is a source of the catalog"):
        service.destroy("lipsdb", "lipsdb", "etag", "exec")
    assert rds.calls == []


def test_destruction_takes_the_instance_and_then_the_cluster(service: CloneService, rds: FakeRds) -> None:
    our_clone(rds)
    our_instance(rds)

    first = service.destroy("lipsdb", "lipsdb-clone", "etag", "exec")
    service.destroy("lipsdb", "lipsdb-clone", "etag", "exec")
    del rds.instances["lipsdb-clone-1"]
    service.destroy("lipsdb", "lipsdb-clone", "etag", "exec")
    del rds.clusters["lipsdb-clone"]
    last = service.destroy("lipsdb", "lipsdb-clone", "etag", "exec")

    assert (first["status"], last["status"]) == ("DELETING", "UNAVAILABLE")
    assert rds.calls == ["delete lipsdb-clone-1", "delete lipsdb-clone"]


@pytest.mark.parametrize("with_instance", [True, False])
def test_nothing_is_destroyed_without_the_seal(
    service: CloneService, rds: FakeRds, seal: FakeSeal, *, with_instance: bool
) -> None:
    our_clone(rds)
    if with_instance:
        our_instance(rds)
    seal.held = False

    with pytest.raises(SealNotHeldError):
        service.destroy("lipsdb", "lipsdb-clone", "etag", "exec")
    assert rds.calls == []


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        ({}, "source: is missing or no text"),
        ({"source": "lipsdb", "clone": "lipsdb-clone", "operation": "stop"}, "operation: 'stop' is not status, start"),
        ({"source": "lipsdb", "clone": "lipsdb-clone", "operation": "destroy"}, "seal: is missing or no object"),
        ({"source": "lipsdb", "clone": "lipsdb-clone", "operation": "start"}, "runId: is missing or no text"),
    ],
)
def test_a_malformed_event_is_named(service: CloneService, event: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidEventError, match=sentence):
        answer_event(service, event)
