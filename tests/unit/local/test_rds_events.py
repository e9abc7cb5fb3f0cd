"""The position of a clone in MySQL's log, which the clone service reads from an event of the embedded RDS."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from aurora_clone.clusters import Rds
from aurora_clone.service import CloneService, CloneSettings

from catalog.engines import parameter_family
from local.aws.server import EmbeddedAws
from local.engine_versions import VERSIONS
from tests.deployed import REGION
from tests.unit.local.test_clone_groups import ACCOUNT, NoSeal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[EmbeddedAws]:
    with EmbeddedAws(account=ACCOUNT, region=REGION, work=tmp_path) as running:
        running.active.cluster_seconds = 0.02
        yield running


def cloned(aws: EmbeddedAws, engine: str, *, logging: str = "", clones: int = 1) -> list[dict[str, Any]]:
    """Create a source, clone it so many times in turn, and return the service's answers."""
    rds = aws.client("rds")
    family = parameter_family(engine, VERSIONS[engine])
    for name in ("sources", "clones"):
        rds.create_db_cluster_parameter_group(
            DBClusterParameterGroupName=name, DBParameterGroupFamily=family, Description=name
        )
    if logging:
        value = {"ParameterName": "binlog_format", "ParameterValue": logging, "ApplyMethod": "pending-reboot"}
        rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName="sources", Parameters=[value])
    rds.create_db_cluster(
        DBClusterIdentifier="lipsdb",
        Engine=engine,
        MasterUsername="u",
        MasterUserPassword="p" * 9,
        DBClusterParameterGroupName="sources",
    )
    settings = CloneSettings(
        stack="test",
        sources=frozenset({"lipsdb"}),
        instance_class="db.r6g.large",
        security_group_id="",
        parameter_groups={family: "clones"},
    )
    service = CloneService(Rds(rds), NoSeal(), settings)
    answers = []
    for number in range(clones):
        if number:
            rds.delete_db_instance(DBInstanceIdentifier="lipsdb-clone-1", SkipFinalSnapshot=True)
            while service.status("lipsdb", "lipsdb-clone")["status"] != "INCOMPLETE":
                time.sleep(0.02)
            rds.delete_db_cluster(DBClusterIdentifier="lipsdb-clone", SkipFinalSnapshot=True)
        while (answer := service.start("lipsdb", "lipsdb-clone", "r1"))["status"] != "AVAILABLE":
            time.sleep(0.02)
        answers.append(answer)
    return answers


def test_a_clone_of_mysql_has_the_position_of_its_own_start(aws: EmbeddedAws) -> None:
    first, second = cloned(aws, "aurora-mysql", logging="ROW", clones=2)

    assert first["position"] == "mysql-bin-changelog.000001:154"
    # The earlier instance with this name has an event too.
    assert second["position"] == "mysql-bin-changelog.000002:154"


@pytest.mark.parametrize(
    ("engine", "logging"), [("aurora-mysql", ""), ("aurora-mysql", "OFF"), ("aurora-postgresql", "ROW")]
)
def test_without_a_binary_log_there_is_no_position(aws: EmbeddedAws, engine: str, logging: str) -> None:
    assert cloned(aws, engine, logging=logging)[0]["position"] == ""
