"""The jobs' Java functions in a JVM without Spark, compiled from the current sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from release.errors import CompileError
from release.functions import SOURCES, compile_functions
from tests.unit.java.functions import Functions
from tests.unit.java.jvm import CALLS, CALLS_JAR, connected, is_kept, launched, of_kept

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_JAVA = 77  # pytest's exit code where the sources do not compile: a mutant that is none


@pytest.fixture(scope="session")
def jvm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("java")
    try:
        if is_kept():
            yield from of_kept(folder)
            return
        made = [compile_functions(SOURCES, folder / "functions.jar"), compile_functions(CALLS, CALLS_JAR)]
    except CompileError as error:
        pytest.exit(str(error), returncode=NOT_JAVA)
    port, secret, _process = launched(*made)
    gateway = connected(port, secret)
    yield gateway.jvm
    gateway.shutdown()


@pytest.fixture(scope="session")
def functions(jvm: Any) -> Functions:
    return Functions(jvm.calls.Calls)
