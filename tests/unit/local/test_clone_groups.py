"""The clone service against the embedded RDS, which has the clone groups that AWS documents."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from aurora_clone.clusters import Rds
from aurora_clone.errors import CloneNotCopyOnWriteError
from aurora_clone.service import CloneService, CloneSettings
from botocore.exceptions import ClientError
from moto.rds.models import rds_backends

from local.aws.clone_groups import MOST_CLONES_OF_A_VOLUME, is_clone
from local.aws.server import EmbeddedAws
from tests.deployed import REGION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACCOUNT = "971779422973"
CREATING_SECONDS = 3.0  # the group appears after half of them, and a busy machine needs some of the first half


class NoSeal:
    def require(self, etag: str, execution: str) -> None:
        raise AssertionError(f"nothing is destroyed here, by {execution} with {etag}")


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[EmbeddedAws]:
    with EmbeddedAws(account=ACCOUNT, region=REGION, work=tmp_path) as running:
        running.active.cluster_seconds = 0.02
        yield running


@pytest.fixture
def rds(aws: EmbeddedAws) -> Any:  # noqa: ANN401 - a boto3 client
    client = aws.client("rds")
    client.create_db_cluster(
        DBClusterIdentifier="lipsdb", Engine="aurora-postgresql", MasterUsername="u", MasterUserPassword="p" * 9
    )
    client.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="clones-16", DBParameterGroupFamily="aurora-postgresql16", Description="of clones"
    )
    return client


@pytest.fixture
def service(rds: Any) -> CloneService:  # noqa: ANN401 - a boto3 client
    settings = CloneSettings(
        stack="test",
        sources=frozenset({"lipsdb"}),
        instance_class="db.r6g.large",
        security_group_id="",
        parameter_groups={"aurora-postgresql16": "clones-16"},
    )
    return CloneService(Rds(rds), NoSeal(), settings)


def describe(rds: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 - a boto3 client
    return dict(rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0])


def restore(rds: Any, name: str, restore_type: str = "copy-on-write", source: str = "lipsdb") -> dict[str, Any]:  # noqa: ANN401 - a boto3 client
    rds.restore_db_cluster_to_point_in_time(
        DBClusterIdentifier=name,
        SourceDBClusterIdentifier=source,
        RestoreType=restore_type,
        UseLatestRestorableTime=True,
    )
    return wait_for(rds, name)


def wait_for(rds: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 - a boto3 client
    while (cluster := describe(rds, name))["Status"] == "creating":
        time.sleep(0.01)
    return cluster


def shares_storage(name: str) -> bool:
    return is_clone(rds_backends[ACCOUNT][REGION].clusters[name])


def test_a_new_cluster_has_no_group_and_keeps_the_one_that_cloning_gives_it(rds: Any) -> None:  # noqa: ANN401 - a boto3 client
    assert "CloneGroupId" not in describe(rds, "lipsdb")
    full_copy = restore(rds, "before", "full-copy")
    clone = restore(rds, "one")
    later_copy = restore(rds, "after", "full-copy")
    group = describe(rds, "lipsdb")["CloneGroupId"]

    assert ("CloneGroupId" in full_copy, clone["CloneGroupId"], later_copy["CloneGroupId"]) == (False, group, group)
    assert [shares_storage(name) for name in ("before", "one", "after")] == [False, True, False]
    members = rds.describe_db_clusters(Filters=[{"Name": "clone-group-id", "Values": [group]}])["DBClusters"]
    assert sorted(member["DBClusterIdentifier"] for member in members) == ["after", "lipsdb", "one"]


def test_the_sixteenth_clone_is_a_full_copy_of_the_same_group(rds: Any) -> None:  # noqa: ANN401 - a boto3 client
    for number in range(MOST_CLONES_OF_A_VOLUME):
        source = "lipsdb" if number % 2 == 0 else f"c{number - 1}"  # clones of clones count as well
        restore(rds, f"c{number}", source=source)
    last = restore(rds, "sixteenth")

    assert all(shares_storage(f"c{number}") for number in range(MOST_CLONES_OF_A_VOLUME))
    assert not shares_storage("sixteenth")
    assert last["CloneGroupId"] == describe(rds, "lipsdb")["CloneGroupId"]


def test_the_service_asks_for_no_clone_that_would_be_a_full_copy(rds: Any, service: CloneService) -> None:  # noqa: ANN401 - a boto3 client
    names = [f"c{number:02}" for number in range(MOST_CLONES_OF_A_VOLUME)]
    for name in names:
        restore(rds, name)

    with pytest.raises(CloneNotCopyOnWriteError, match=r"c00, c01, .*c14.*Resume with: migrate resume r1"):
        service.start("lipsdb", "lipsdb-clone", "r1")
    assert service.status("lipsdb", "lipsdb-clone")["status"] == "UNAVAILABLE"


def test_a_first_clone_waits_for_its_group_while_it_is_creating(
    aws: EmbeddedAws,
    rds: Any,  # noqa: ANN401 - a boto3 client
    service: CloneService,
) -> None:
    aws.active.cluster_seconds = CREATING_SECONDS

    first = service.start("lipsdb", "lipsdb-clone", "r1")
    again = service.start("lipsdb", "lipsdb-clone", "r1")
    assert "CloneGroupId" not in describe(rds, "lipsdb-clone")
    wait_for(rds, "lipsdb-clone")
    aws.active.cluster_seconds = 0.02
    service.start("lipsdb", "lipsdb-clone", "r1")
    while (ready := service.status("lipsdb", "lipsdb-clone"))["status"] == "INPROCESSING":
        time.sleep(0.02)

    assert (first["status"], again["status"]) == ("INPROCESSING", "INPROCESSING")
    assert (ready["status"], ready["unproven"]) == ("AVAILABLE", "")
    assert shares_storage("lipsdb-clone")


def test_a_parameter_group_of_another_family_is_refused(rds: Any) -> None:  # noqa: ANN401 - a boto3 client
    rds.create_db_cluster(
        DBClusterIdentifier="newer",
        Engine="aurora-postgresql",
        EngineVersion="17.2",
        MasterUsername="u",
        MasterUserPassword="p" * 9,
    )

    with pytest.raises(ClientError, match=r"InvalidParameterCombination.*use a Parameter Group with .*postgresql17"):
        rds.restore_db_cluster_to_point_in_time(
            DBClusterIdentifier="newer-clone",
            SourceDBClusterIdentifier="newer",
            RestoreType="copy-on-write",
            UseLatestRestorableTime=True,
            DBClusterParameterGroupName="clones-16",
        )
