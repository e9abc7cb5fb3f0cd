"""The clone service on the test's own RDS, because moto's has no clone groups."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aurora_clone import parameters
from aurora_clone.clusters import SYSTEM, Cluster, Rds
from aurora_clone.errors import (
    CloneNotCopyOnWriteError,
    InvalidEventError,
    NotACloneError,
    ParameterGroupMissingError,
    SealNotHeldError,
)
from aurora_clone.handler import answer_event
from aurora_clone.service import CloneService, CloneSettings
from botocore.exceptions import ClientError

from catalog.engines import parameter_family

TAGS = [
    {"Key": "migration:system", "Value": "rates-avail-migration-bootstrap"},
    {"Key": "migration:stack", "Value": "test"},
    {"Key": "migration:source", "Value": "lipsdb"},
    {"Key": "migration:run", "Value": "r1"},
    {"Key": "migration:domain", "Value": "rates"},
    {"Key": "migration:mode", "Value": "official"},
]
# What the service answers of our clone, besides its status.
OUR_CLONE = {
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
    restored: dict[str, Any] = field(default_factory=dict)
    created: dict[str, Any] = field(default_factory=dict)
    logical: str = "0"
    events: list[tuple[datetime, str]] = field(default_factory=list)
    asked: dict[str, Any] = field(default_factory=dict)
    refuses_events: bool = False
    exceptions: type[Faults] = Faults

    def describe_db_clusters(
        self,
        DBClusterIdentifier: str = "",  # noqa: N803 - boto3's name
        Filters: list[dict[str, Any]] = [],  # noqa: B006, N803 - boto3's name, not changed
    ) -> dict[str, Any]:
        for group in Filters:
            assert group["Name"] == "clone-group-id"
            members = [entry for entry in self.clusters.values() if entry.get("CloneGroupId") in group["Values"]]
            return {"DBClusters": members}
        if DBClusterIdentifier not in self.clusters:
            raise Faults.DBClusterNotFoundFault
        members = [
            {"DBInstanceIdentifier": name}
            for name, instance in self.instances.items()
            if instance["DBClusterIdentifier"] == DBClusterIdentifier
        ]
        return {"DBClusters": [{**self.clusters[DBClusterIdentifier], "DBClusterMembers": members}]}

    def get_paginator(self, operation: str) -> FakeRds | FakeEvents:
        if operation == "describe_events":
            return FakeEvents(self)
        assert operation == "describe_db_cluster_parameters"
        return self

    def paginate(self, DBClusterParameterGroupName: str) -> list[dict[str, Any]]:  # noqa: N803 - boto3's name
        assert DBClusterParameterGroupName == "default.aurora-postgresql16"
        value = {"ParameterName": "rds.logical_replication", "ParameterValue": self.logical}
        return [{"Parameters": [{"ParameterName": "wal_buffers"}]}, {"Parameters": [value]}]

    def describe_db_instances(self, DBInstanceIdentifier: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        if DBInstanceIdentifier not in self.instances:
            raise Faults.DBInstanceNotFoundFault
        return {"DBInstances": [self.instances[DBInstanceIdentifier]]}

    def restore_db_cluster_to_point_in_time(self, **arguments: Any) -> None:  # noqa: ANN401 - boto3's arguments
        self.calls.append(f"restore {arguments['RestoreType']}")
        self.restored = arguments
        name = arguments["DBClusterIdentifier"]
        if name in self.clusters:
            raise Faults.DBClusterAlreadyExistsFault
        group = {} if self.full_copies else {"CloneGroupId": "g1"}
        self.clusters[name] = cluster(name, status="creating", TagList=arguments["Tags"], **group)

    def create_db_instance(self, **arguments: Any) -> None:  # noqa: ANN401 - boto3's arguments
        self.created = arguments
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


@dataclass
class FakeEvents:
    """The events of one instance, one a page."""

    rds: FakeRds

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - boto3's arguments
        if self.rds.refuses_events:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "DescribeEvents")
        self.rds.asked = asked
        return [{"Events": [{"Date": date, "Message": message}]} for date, message in self.rds.events]


def cluster(name: str, status: str = "available", **more: object) -> dict[str, Any]:
    return {
        "DBClusterIdentifier": name,
        "Status": status,
        "Engine": "aurora-postgresql",
        "EngineVersion": "16.4",
        "DBClusterParameterGroup": "default.aurora-postgresql16",
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
        parameter_groups={
            "aurora-mysql8.0": "clones-my80",
            "aurora-postgresql16": "clones-16",
            "aurora-postgresql16-logical": "clones-16-logical",
            "aurora-postgresql17": "clones-17",
        },
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
    assert service.status("lipsdb", "lipsdb-clone") == {"status": "AVAILABLE", **OUR_CLONE, "position": ""}


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


@pytest.mark.parametrize("group", [None, "g2"], ids=["no-group", "another-group"])
def test_an_available_cluster_of_ours_outside_the_group_is_refused(
    service: CloneService, rds: FakeRds, group: str | None
) -> None:
    our_clone(rds, CloneGroupId=group or "")

    with pytest.raises(CloneNotCopyOnWriteError, match=r"lipsdb.*Delete lipsdb-clone. Resume with: migrate resume r1"):
        service.start("lipsdb", "lipsdb-clone", "r1")
    assert rds.calls == []


@pytest.mark.parametrize("nothing", [{}, {"CloneGroupId": None}, {"CloneGroupId": ""}], ids=["no", "null", "empty"])
def test_a_clone_with_a_group_whose_source_has_none_is_proven_by_nothing(
    service: CloneService, rds: FakeRds, nothing: dict[str, Any]
) -> None:
    our_clone(rds)
    our_instance(rds)
    rds.clusters["lipsdb"] = cluster("lipsdb", **nothing)

    assert service.verify("lipsdb", "lipsdb-clone")["isClone"] is False
    assert service.status("lipsdb", "lipsdb-clone")["unproven"] != ""
    with pytest.raises(NotACloneError, match="it was not touched"):
        service.destroy("lipsdb", "lipsdb-clone", "etag", "exec")
    assert rds.calls == []


def test_while_a_clone_is_creating_a_missing_group_means_wait(service: CloneService, rds: FakeRds) -> None:
    rds.full_copies = True  # the group appears later

    started = service.start("lipsdb", "lipsdb-clone", "r1")
    again = service.start("lipsdb", "lipsdb-clone", "r1")

    assert (started["status"], again["status"], again["unproven"]) == ("INPROCESSING", "INPROCESSING", "")
    assert rds.calls == ["restore copy-on-write"]
    assert service.destroy("lipsdb", "lipsdb-clone", "etag", "exec")["status"] == "DELETING"
    assert rds.calls == ["restore copy-on-write"]


@pytest.mark.parametrize(("others", "refused"), [(13, False), (14, True), (30, True)])
def test_a_full_clone_group_is_refused_before_anything_is_restored(
    service: CloneService, rds: FakeRds, others: int, *, refused: bool
) -> None:
    for number in range(others):
        rds.clusters[f"theirs-{number:02}"] = cluster(f"theirs-{number:02}", CloneGroupId="g1")
    rds.clusters["stranger"] = cluster("stranger", CloneGroupId="g2")

    if refused:
        with pytest.raises(CloneNotCopyOnWriteError, match=rf"has {others + 1} clusters \(lipsdb, theirs-00, .*Delete"):
            service.start("lipsdb", "lipsdb-clone", "r1")
    else:
        service.start("lipsdb", "lipsdb-clone", "r1")
    assert rds.calls == ([] if refused else ["restore copy-on-write"])


def test_a_clone_that_is_there_is_used_however_full_its_group_is(service: CloneService, rds: FakeRds) -> None:
    our_clone(rds)
    our_instance(rds)
    for number in range(20):
        rds.clusters[f"theirs-{number:02}"] = cluster(f"theirs-{number:02}", CloneGroupId="g1")

    assert service.start("lipsdb", "lipsdb-clone", "r1")["status"] == "AVAILABLE"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"TagList": TAGS[1:]}, f"lipsdb-clone has the tag migration:system=None instead of {SYSTEM!r}"),
        (
            {"TagList": [*TAGS[:1], {"Key": "migration:stack", "Value": "prod"}]},
            "lipsdb-clone has the tag migration:stack='prod' instead of 'test'",
        ),
        ({"CloneGroupId": ""}, "lipsdb-clone has no clone group, so it is not a clone of lipsdb"),
        ({"CloneGroupId": "g2"}, "lipsdb-clone is in another clone group than lipsdb"),
    ],
    ids=["no-tags", "another-stack", "full-copy", "another-group"],
)
def test_what_does_not_prove_itself_is_not_destroyed(
    service: CloneService, rds: FakeRds, more: dict[str, Any], reason: str
) -> None:
    our_clone(rds, **more)

    assert service.verify("lipsdb", "lipsdb-clone") == {"isClone": False, "status": "PRESENT", "reason": reason}
    with pytest.raises(NotACloneError, match="it was not touched"):
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


def answering(rds: FakeRds, operation: str, code: str, *, first: bool = False) -> None:
    """Let RDS refuse a call with a code, after it did what another caller asked for if `first`."""
    does = getattr(rds, operation)

    def refuse(**arguments: Any) -> None:  # noqa: ANN401 - boto3's arguments
        if first:
            does(**arguments)
        raise client_error(code)

    setattr(rds, operation, refuse)


def test_a_clone_that_another_call_restored_meanwhile_is_waited_for(service: CloneService, rds: FakeRds) -> None:
    answering(rds, "restore_db_cluster_to_point_in_time", "DBClusterAlreadyExistsFault", first=True)

    assert service.start("lipsdb", "lipsdb-clone", "r1", domain="rates", mode="official")["status"] == "INPROCESSING"


@pytest.mark.parametrize("code", ["DBInstanceAlreadyExists", "InvalidDBClusterStateFault"])
def test_an_instance_that_another_call_created_meanwhile_is_waited_for(
    service: CloneService, rds: FakeRds, code: str
) -> None:
    our_clone(rds)
    answering(rds, "create_db_instance", code, first=True)

    assert service.start("lipsdb", "lipsdb-clone", "r1")["status"] == "INPROCESSING"


@pytest.mark.parametrize("code", ["InvalidDBInstanceState", "DBInstanceNotFound", "InvalidDBClusterStateFault"])
def test_an_instance_that_another_call_deletes_is_waited_for(service: CloneService, rds: FakeRds, code: str) -> None:
    our_clone(rds)
    our_instance(rds)
    answering(rds, "delete_db_instance", code)

    assert service.destroy("lipsdb", "lipsdb-clone", "etag", "exec")["status"] == "DELETING"


@pytest.mark.parametrize("code", ["InvalidDBClusterStateFault", "DBClusterNotFoundFault"])
def test_a_cluster_that_another_call_deletes_is_waited_for(service: CloneService, rds: FakeRds, code: str) -> None:
    our_clone(rds)
    answering(rds, "delete_db_cluster", code)

    assert service.destroy("lipsdb", "lipsdb-clone", "etag", "exec")["status"] == "DELETING"


@pytest.mark.parametrize(
    ("operation", "instances"),
    [
        ("restore_db_cluster_to_point_in_time", ""),
        ("create_db_instance", ""),
        ("delete_db_instance", "available"),
        ("delete_db_cluster", ""),
    ],
)
def test_what_rds_refuses_for_another_reason_is_an_error(
    service: CloneService, rds: FakeRds, operation: str, instances: str
) -> None:
    if operation != "restore_db_cluster_to_point_in_time":
        our_clone(rds)
    if instances:
        our_instance(rds, instances)
    answering(rds, operation, "StorageQuotaExceeded")

    def call() -> None:
        if operation.startswith("delete"):
            service.destroy("lipsdb", "lipsdb-clone", "etag", "exec")
        else:
            service.start("lipsdb", "lipsdb-clone", "r1")

    with pytest.raises(ClientError, match="StorageQuotaExceeded"):
        call()


@pytest.mark.parametrize("status", ["creating", "deleting"])
def test_a_cluster_that_comes_or_goes_is_not_deleted(service: CloneService, rds: FakeRds, status: str) -> None:
    our_clone(rds, Status=status)

    assert service.destroy("lipsdb", "lipsdb-clone", "etag", "exec")["status"] == "DELETING"
    assert rds.calls == []


@pytest.mark.parametrize(
    ("facts", "logical", "group"),
    [
        ({}, "0", "clones-16"),
        ({}, "1", "clones-16-logical"),
        ({}, "on", "clones-16-logical"),
        ({}, "true", "clones-16-logical"),
        ({"EngineVersion": "17.2"}, "0", "clones-17"),
        ({"Engine": "aurora-mysql", "EngineVersion": "8.0.mysql_aurora.3.08.0"}, "1", "clones-my80"),
    ],
)
def test_a_clone_has_the_parameter_group_of_its_sources_version(
    service: CloneService, rds: FakeRds, facts: dict[str, str], logical: str, group: str
) -> None:
    rds.clusters["lipsdb"] |= facts
    rds.logical = logical

    service.start("lipsdb", "lipsdb-clone", "r1")

    assert rds.restored["DBClusterParameterGroupName"] == group


@pytest.mark.parametrize(
    ("engine", "version", "logical", "words"),
    [
        ("aurora-postgresql", "15.8", "0", "aurora-postgresql15; the stack has aurora-mysql8.0, aurora-postgresql16"),
        ("aurora-postgresql", "17.2", "1", "aurora-postgresql17-logical; the stack has"),
        ("aurora-mysql", "5.7.mysql_aurora.2.12.4", "0", "aurora-mysql5.7; the stack has"),
        ("aurora-postgresql", "16.4-limitless", "0", "it; the stack has"),
    ],
)
def test_a_source_of_a_version_without_a_group_is_refused_before_it_is_restored(
    service: CloneService, rds: FakeRds, engine: str, version: str, logical: str, words: str
) -> None:
    rds.clusters["lipsdb"] |= {"Engine": engine, "EngineVersion": version}
    rds.logical = logical

    with pytest.raises(
        ParameterGroupMissingError, match=rf"needs a parameter group for {words}.*Deploy the stack again"
    ):
        service.start("lipsdb", "lipsdb-clone", "r1")
    assert rds.calls == []


@pytest.mark.parametrize(("of_source", "of_clone"), [("aurora-iopt1", "aurora-iopt1"), ("", None), ("gp2", None)])
def test_a_clone_of_an_io_optimized_source_is_io_optimized(
    service: CloneService, rds: FakeRds, of_source: str, of_clone: str | None
) -> None:
    rds.clusters["lipsdb"]["StorageType"] = of_source

    service.start("lipsdb", "lipsdb-clone", "r1")

    assert rds.restored.get("StorageType") == of_clone


def test_a_clone_is_not_upgraded_while_it_is_read(service: CloneService, rds: FakeRds) -> None:
    our_clone(rds)

    service.start("lipsdb", "lipsdb-clone", "r1")

    assert rds.created["AutoMinorVersionUpgrade"] is False


@pytest.mark.parametrize(
    ("engine", "version", "family"),
    [
        *(("aurora-postgresql", f"{major}.9", f"aurora-postgresql{major}") for major in range(11, 18)),
        ("aurora-postgresql", "13.4.1", "aurora-postgresql13"),
        ("aurora-mysql", "5.7.mysql_aurora.2.11.1", "aurora-mysql5.7"),
        ("aurora-mysql", "5.7.12", "aurora-mysql5.7"),
        ("aurora-mysql", "8.0.mysql_aurora.3.04.0", "aurora-mysql8.0"),
        ("aurora-mysql", "8.4.mysql_aurora.4.01.0", "aurora-mysql8.4"),
    ],
)
def test_the_service_and_the_program_name_a_versions_family_alike(engine: str, version: str, family: str) -> None:
    assert (parameters.family(engine, version), parameter_family(engine, version)) == (family, family)


@pytest.mark.parametrize(
    ("engine", "version"),
    [
        ("aurora-postgresql", "10.21"),
        ("aurora-postgresql", "16.4-limitless"),
        ("aurora", "5.6.10a"),
        ("aurora-mysql", ""),
    ],
)
def test_a_version_that_cannot_be_migrated_has_no_family(engine: str, version: str) -> None:
    assert parameter_family(engine, version) == ""


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
        ({}, "source: is missing or not a text"),
        ({"source": "lipsdb", "clone": "lipsdb-clone", "operation": "stop"}, "operation: 'stop' is not status, start"),
        ({"source": "lipsdb", "clone": "lipsdb-clone", "operation": "destroy"}, "seal: is missing or no object"),
        ({"source": "lipsdb", "clone": "lipsdb-clone", "operation": "start"}, "runId: is missing or not a text"),
    ],
)
def test_a_malformed_event_is_named(service: CloneService, event: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidEventError, match=sentence):
        answer_event(service, event)


@pytest.mark.parametrize(
    ("source", "clone"),
    [("lipsdb", "lipsdb-copy"), ("lipsdb", "lipsdb"), ("lips", "lipsdb-clone"), ("lipsdb", "-clone")],
)
def test_a_clone_of_another_name_is_neither_made_nor_proven(
    service: CloneService, rds: FakeRds, source: str, clone: str
) -> None:
    our_clone(rds)
    rds.clusters.setdefault(clone, rds.clusters["lipsdb-clone"] | {"DBClusterIdentifier": clone})

    with pytest.raises(NotACloneError, match=f"{clone} may not be the clone of {source}"):
        service.start(source, clone, "r1")
    with pytest.raises(NotACloneError, match="it was not touched"):
        service.destroy(source, clone, "etag", "exec")
    assert rds.calls == []


def test_a_source_that_has_a_clones_name_is_not_made_anew(rds: FakeRds, service: CloneService) -> None:
    settings = replace(service._settings, sources=frozenset({"lipsdb", "lipsdb-clone"}))

    with pytest.raises(NotACloneError, match="lipsdb-clone may not be the clone of lipsdb"):
        CloneService(Rds(rds), FakeSeal(), settings).start("lipsdb", "lipsdb-clone", "r1")
    assert rds.calls == []


def test_a_source_that_is_not_there_is_named(service: CloneService, rds: FakeRds) -> None:
    rds.clusters.clear()

    with pytest.raises(NotACloneError, match="the source cluster lipsdb does not exist"):
        service.start("lipsdb", "lipsdb-clone", "r1")
    assert rds.calls == []


def test_somebody_elses_cluster_of_the_clones_name_is_not_taken(service: CloneService, rds: FakeRds) -> None:
    our_clone(rds, TagList=[])

    with pytest.raises(NotACloneError, match="has the tag migration:system=None"):
        service.start("lipsdb", "lipsdb-clone", "r1")
    assert rds.calls == []


def test_a_clone_that_is_not_listed_yet_or_any_more_is_unavailable(
    service: CloneService, rds: FakeRds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rds, "restore_db_cluster_to_point_in_time", lambda **_arguments: None)

    unavailable = {"status": "UNAVAILABLE", "source": "lipsdb", "clone": "lipsdb-clone"}
    assert service.start("lipsdb", "lipsdb-clone", "r1") == unavailable
    assert service.status("lipsdb", "lipsdb-clone") == unavailable
    assert service.destroy("lipsdb", "lipsdb-clone", "etag", "exec") == unavailable
    assert service.verify("lipsdb", "lipsdb-clone") == {
        "isClone": False,
        "status": "UNAVAILABLE",
        "reason": "lipsdb-clone is not there",
    }


@pytest.mark.parametrize(
    ("name", "value"), [("rds.logical_replication", "1"), ("wal_buffers", ""), ("absent", "")], ids=str
)
def test_a_parameter_without_a_value_is_empty(rds: FakeRds, name: str, value: str) -> None:
    rds.logical = "1"

    assert Rds(rds).parameter("default.aurora-postgresql16", name) == value


def test_what_rds_does_not_say_of_a_cluster_is_empty(rds: FakeRds) -> None:
    rds.clusters["bare"] = {"DBClusterIdentifier": "bare", "Status": "creating", "Engine": "aurora-mysql"}

    assert Rds(rds).cluster("bare") == Cluster(
        identifier="bare",
        status="creating",
        engine="aurora-mysql",
        engine_version="",
        parameter_group="",
        storage_type="",
        clone_group="",
        created_at="",
        endpoint="",
        port=0,
        subnet_group="",
        tags={},
        instances=(),
    )
    assert Rds(rds).cluster("gone") is None
    assert Rds(rds).instance_status("gone") is None


# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html
@pytest.mark.parametrize(
    "status",
    [
        "cloning-failed",
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-create",
        "incompatible-credentials",
        "incompatible-network",
        "incompatible-option-group",
        "incompatible-parameters",
        "incompatible-restore",
        "insufficient-capacity",
        "migration-failed",
        "restore-error",
        "storage-full",
        "stopped",
        "stopping",
    ],
)
def test_no_run_waits_for_a_status_that_waiting_does_not_change(
    service: CloneService, rds: FakeRds, status: str
) -> None:
    our_clone(rds, Status=status)
    assert service.status("lipsdb", "lipsdb-clone")["status"] == "FAILED"

    our_clone(rds)
    our_instance(rds, status)
    assert service.status("lipsdb", "lipsdb-clone")["status"] == "FAILED"


@pytest.mark.parametrize(
    ("cluster_status", "instance_status", "status"),
    [
        ("creating", None, "INPROCESSING"),
        ("backing-up", "available", "INPROCESSING"),
        ("available", None, "INCOMPLETE"),
        ("available", "creating", "INPROCESSING"),
        ("available", "available", "AVAILABLE"),
    ],
)
def test_a_clone_is_available_once_its_cluster_and_its_instance_are(
    service: CloneService, rds: FakeRds, cluster_status: str, instance_status: str | None, status: str
) -> None:
    our_clone(rds, Status=cluster_status)
    if instance_status:
        our_instance(rds, instance_status)

    position = {"position": ""} if status == "AVAILABLE" else {}
    assert service.status("lipsdb", "lipsdb-clone") == {"status": status, **OUR_CLONE, **position}


def test_a_clone_is_tagged_with_what_is_known_of_its_maker(service: CloneService, rds: FakeRds) -> None:
    service.start("lipsdb", "lipsdb-clone", "r1")

    assert {tag["Key"]: tag["Value"] for tag in rds.restored["Tags"]} == {
        "migration:system": "rates-avail-migration-bootstrap",
        "migration:stack": "test",
        "migration:source": "lipsdb",
        "migration:run": "r1",
    }


RECOVERED = "Binlog position from crash recovery is mysql-bin-changelog.000003 154"


def of_mysql(rds: FakeRds, created: datetime, *events: tuple[timedelta, str]) -> None:
    our_clone(rds, Engine="aurora-mysql", ClusterCreateTime=created)
    our_instance(rds, "available")
    rds.events = [(created + after, message) for after, message in events]


def test_a_position_is_that_of_the_first_start_after_the_clone_was_made(service: CloneService, rds: FakeRds) -> None:
    created = datetime.now(UTC) - timedelta(hours=1)
    of_mysql(
        rds,
        created,
        (timedelta(minutes=9), RECOVERED.replace("000003", "000009")),  # a restart, listed first
        (-timedelta(minutes=1), RECOVERED.replace("000003", "000001")),  # an earlier instance of that name
        (timedelta(minutes=2), "DB instance created"),
        (timedelta(minutes=3), RECOVERED),
    )

    assert service.status("lipsdb", "lipsdb-clone")["position"] == "mysql-bin-changelog.000003:154"
    # Without an end, RDS returns the events of the last hour alone.
    assert rds.asked.pop("EndTime") > created + timedelta(minutes=59)
    assert rds.asked == {"SourceIdentifier": "lipsdb-clone-1", "SourceType": "db-instance", "StartTime": created}


def test_an_event_of_the_clones_first_moment_has_its_position(service: CloneService, rds: FakeRds) -> None:
    of_mysql(rds, datetime.now(UTC), (timedelta(0), RECOVERED))

    assert service.status("lipsdb", "lipsdb-clone")["position"] == "mysql-bin-changelog.000003:154"


def test_a_clone_is_available_without_a_position_that_nobody_says(
    service: CloneService, rds: FakeRds, caplog: pytest.LogCaptureFixture
) -> None:
    of_mysql(rds, datetime.now(UTC), (timedelta(0), "DB instance created"))
    silent = service.status("lipsdb", "lipsdb-clone")
    rds.refuses_events = True
    refused = service.status("lipsdb", "lipsdb-clone")

    for answer in (silent, refused):
        assert (answer["status"], answer["position"]) == ("AVAILABLE", "")
    (warning,) = caplog.messages
    assert warning.startswith("lipsdb-clone-1: DescribeEvents: ")
    assert "AccessDenied" in warning


def test_rds_is_not_asked_for_events_that_it_keeps_no_more_or_of_another_engine(
    service: CloneService, rds: FakeRds
) -> None:
    of_mysql(rds, datetime.now(UTC) - timedelta(days=14), (timedelta(0), RECOVERED))
    assert service.status("lipsdb", "lipsdb-clone")["position"] == ""
    our_clone(rds, ClusterCreateTime=datetime.now(UTC))
    assert service.status("lipsdb", "lipsdb-clone")["position"] == ""

    assert rds.asked == {}


def test_the_instance_of_a_clone_is_private_and_tagged_like_its_cluster(service: CloneService, rds: FakeRds) -> None:
    our_clone(rds)

    service.start("lipsdb", "lipsdb-clone", "r1", domain="rates", mode="official")

    assert rds.created == {
        "DBInstanceIdentifier": "lipsdb-clone-1",
        "DBClusterIdentifier": "lipsdb-clone",
        "DBInstanceClass": "db.r6g.large",
        "Engine": "aurora-postgresql",
        "PubliclyAccessible": False,
        "AutoMinorVersionUpgrade": False,
        "Tags": TAGS,
    }


def test_a_clone_of_another_stack_in_the_same_group_is_somebody_elses(service: CloneService, rds: FakeRds) -> None:
    others = [tag | {"Value": "prod"} if tag["Key"] == "migration:stack" else tag for tag in TAGS]
    our_clone(rds, TagList=others)

    with pytest.raises(NotACloneError, match="has the tag migration:stack='prod' instead of 'test'"):
        service.start("lipsdb", "lipsdb-clone", "r1")
    assert rds.calls == []


def test_a_cluster_outside_the_group_that_has_no_tag_of_ours_is_somebody_elses(
    service: CloneService, rds: FakeRds
) -> None:
    our_clone(rds, TagList=[], CloneGroupId="g2")

    with pytest.raises(NotACloneError, match="has the tag migration:system=None"):
        service.start("lipsdb", "lipsdb-clone", "r1")
    assert rds.calls == []
