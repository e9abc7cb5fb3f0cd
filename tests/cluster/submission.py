"""Job runs of the large table as the state machine submits them, and the table's spec."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from release.names import release_files

if TYPE_CHECKING:
    from pathlib import Path

    from local.aws.server import EmbeddedAws
    from local.cluster_spark import ClusterSpark
    from local.guard import ProcessGuard

BUCKET, CLUSTER, RUN, DOMAIN = "releases", "one", "large", "d"
CONNECTIONS = 3


class Submission:
    """A submission of a job run like the state machine's, without a state machine."""

    def __init__(self, aws: EmbeddedAws, guard: ProcessGuard, data: Path, port: int, password: str, work: Path) -> None:
        self._aws, self._guard, self._data, self._work = aws, guard, data, work
        self._clones = json.dumps({CLUSTER: {"host": "127.0.0.1", "port": port}})
        jar = next(f"s3://{BUCKET}/{path.name}" for path in release_files().values() if path.suffix == ".jar")
        self._properties = {
            "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
            "spark.executor.extraJavaOptions": "-Duser.timezone=UTC",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.catalogImplementation": "in-memory",
            "spark.scheduler.mode": "FAIR",
            f"spark.migration.password.{CLUSTER}": password,
            "spark.jars": jar,
            "spark.submit.pyFiles": jar,
        }

    def __call__(self, spark: ClusterSpark, job: str, more: list[str]) -> int:
        """Run a job to its end; return its exit code."""
        arguments = ["--spec", f"file://{self._data}/spec/spec.json", "--data", f"file://{self._data}"]
        arguments += ["--domain", DOMAIN, "--run", RUN, "--attempt", "a1", "--mode", "rehearsal"]
        arguments += ["--clones", self._clones, *more]
        environment = {**self._aws.environment(), "AWS_REGION": self._aws.active.region}
        entry = {"entryPoint": f"s3://{BUCKET}/{job}.py", "entryPointArguments": arguments}
        command = spark(entry, self._properties, environment)
        with (self._work / f"{job}.log").open("wb") as log:
            child = self._guard.start(
                command.arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=command.environment
            )
            return child.wait()


def spec(columns: dict[str, str]) -> dict[str, Any]:
    """Return the spec of a table whose rows become items unchanged; `columns` are their types by name."""
    extract = {
        "name": "thing",
        "source": "thing",
        "group": "g",
        "columns": [{"name": name, "type": kind} for name, kind in columns.items()],
        "where": None,
        "connections": CONNECTIONS,
        "broadcast": False,
        "leftOut": [],
    }
    names = ", ".join(columns)
    table = {
        "name": "Thing",
        "extracts": [extract],
        "driving": {"extract": "thing", "groupBy": []},
        "maxUnmatched": 0,
        "maxFiltered": 0,
        "select": f"SELECT thing._cluster AS _cluster, {names} FROM thing",
        "traced": f"SELECT thing._cluster AS _cluster, {names}, thing._source_row AS _source_row, "
        "struct(thing.id) AS _source_key FROM thing",
        "plainAttributes": {name: name for name in columns},
        "key": {"partition": {"name": "id", "type": "N"}, "sort": None},
        "indexes": [],
        "attributes": {},
        "onDuplicateKey": "fail",
        "acceptCollisions": False,
        "maxRejects": 0,
        "allowEmpty": False,
        "ttl": None,
        "compare": {"exclude": [], "tolerances": {}},
        "catchUp": {"maxDeletePercent": 1, "maxChangePercent": 25},
    }
    cluster = {"group": "g", "engine": "aurora-postgresql", "database": "postgres", "user": "postgres"}
    return {
        "version": 3,
        "domain": DOMAIN,
        "catalogHash": "0" * 64,
        "clusters": {CLUSTER: cluster},
        "tables": [table],
    }
