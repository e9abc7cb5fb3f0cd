"""The program of a JVM that runs one Spark application after the other, compiled from `local/java/drivers`."""

from __future__ import annotations

from pathlib import Path

from release.functions import compile_functions
from release.jars import JARS

SOURCES = Path(__file__).with_name("drivers")
_JAR, _CLASS = JARS / "reused-drivers.jar", "embedded.Drivers"


def program() -> list[str]:
    """Return the arguments by which spark-submit starts it.

    Raises:
        CompileError: It does not compile.
    """
    return ["--class", _CLASS, f"file://{jar()}"]


def jar() -> Path:
    """Return the JAR of the program, which also has py4j look up each class once.

    Raises:
        CompileError: It does not compile.
    """
    return compile_functions(SOURCES, _JAR).absolute()
