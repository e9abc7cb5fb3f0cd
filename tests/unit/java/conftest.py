"""The jobs' Java functions in a JVM without Spark, compiled from the current sources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyspark
import pytest
from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway

from release.errors import CompileError
from release.functions import SOURCES, compile_functions
from release.java_runtime import java_home
from tests.unit.java.functions import Functions

if TYPE_CHECKING:
    from collections.abc import Iterator

CALLS = Path("tests/unit/java/calls")
CALLS_JAR = Path("build/tests/calls.jar")  # kept: it changes less often than what it calls
NOT_JAVA = 77  # pytest's exit code where the sources do not compile: a mutant that is none


@pytest.fixture(scope="session")
def jvm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("java")
    jars = sorted((Path(pyspark.__file__).parent / "jars").glob("*.jar"))
    try:
        made = [compile_functions(SOURCES, folder / "functions.jar"), compile_functions(CALLS, CALLS_JAR)]
    except CompileError as error:
        pytest.exit(str(error), returncode=NOT_JAVA)
    port, secret = launch_gateway(
        classpath=":".join(map(str, (*made, *jars))),
        javaopts=["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"],
        java_path=str(java_home() / "bin" / "java"),
        jarpath=str(next(jar for jar in jars if jar.name.startswith("py4j-"))),
        die_on_exit=True,
        enable_auth=True,
    )
    gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auth_token=secret))
    yield gateway.jvm
    gateway.shutdown()


@pytest.fixture(scope="session")
def functions(jvm: Any) -> Functions:
    return Functions(jvm.calls.Calls)
