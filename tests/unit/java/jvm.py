"""The JVM of the Java functions' tests, and one JVM for the tests of many processes that each change one class."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyspark
from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway

from release.errors import CompileError
from release.functions import SOURCES, compile_functions, compiler_arguments
from release.jars import COMPILER, JARS
from release.java_runtime import java_home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import Popen

CALLS = Path("tests/unit/java/calls")
CALLS_JAR = Path("build/tests/calls.jar")  # kept: it changes less often than what it calls
_KEPT = "KEPT_JAVA"  # port, secret, process and folder
_ANSWER_SECONDS = 60  # no call takes so long, except an endless one


def launched(*classes: Path) -> tuple[int, str, Popen[bytes]]:
    """Start a JVM with Spark's classes and others, and return its port, its secret and its process."""
    jars = sorted((Path(pyspark.__file__).parent / "jars").glob("*.jar"))
    port, secret, process = launch_gateway(
        classpath=":".join(map(str, (*classes, *jars))),
        javaopts=["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"],
        java_path=str(java_home() / "bin" / "java"),
        jarpath=str(next(jar for jar in jars if jar.name.startswith("py4j-"))),
        die_on_exit=True,
        enable_auth=True,
        return_proc=True,
    )
    return port, secret.decode(), process


def connected(port: int, secret: str, seconds: float | None = None) -> JavaGateway:
    """Return a connection that waits so long for each answer."""
    return JavaGateway(gateway_parameters=GatewayParameters(port=port, auth_token=secret, read_timeout=seconds))


def keep(folder: Path) -> Popen[bytes]:
    """Start a JVM with the compiler for the later tests of this process and its forks; it ends with this process.

    The first call fixes the sources that the later tests' are compared with: they may be changed at the next one.
    """
    compared = folder / "compared"
    if not compared.exists():
        shutil.copytree(SOURCES, compared)
    compile_functions(compared, folder / "compared.jar")
    compile_functions(CALLS, CALLS_JAR)
    port, secret, process = launched(JARS / COMPILER.file_name)
    os.environ[_KEPT] = f"{port} {secret} {process.pid} {folder}"
    return process


def is_kept() -> bool:
    """Return whether the tests of this process use a JVM that `keep` has started."""
    return _KEPT in os.environ


def of_kept(folder: Path) -> Iterator[Any]:
    """Yield the kept JVM's view of the current sources; only the changed ones are compiled, into `folder`.

    Raises:
        CompileError: They do not compile.
    """
    port, secret, process, kept = os.environ[_KEPT].split(" ", 3)
    gateway = connected(int(port), secret, _ANSWER_SECONDS)
    jvm = gateway.jvm
    changed = changed_sources(Path(kept) / "compared", SOURCES)
    if changed:
        libraries = [Path(kept) / "compared.jar", *(Path(pyspark.__file__).parent / "jars").glob("*.jar")]
        _compile(gateway, compiler_arguments(changed, folder, libraries))
    loader = _loader(gateway, folder, Path(kept) / "compared.jar", CALLS_JAR)
    # Py4J looks for a class in the loader of its connection's thread.
    jvm.java.lang.Thread.currentThread().setContextClassLoader(loader)
    yield jvm
    if _is_busy(jvm, loader):
        os.kill(int(process), signal.SIGKILL)  # a thread cannot be ended alone
    gateway.close()


def changed_sources(compared: Path, sources: Path) -> list[Path]:
    """Return the sources that differ from the compared ones, and those into which the compiler copies a changed constant."""
    changed = []
    for path in sorted(sources.rglob("*.java")):
        old, new = ((root / path.relative_to(sources)).read_text("utf-8") for root in (compared, sources))
        if old != new:
            changed.append(path)
            lines = set(new.splitlines()) ^ set(old.splitlines())
            if any("static final" in line for line in lines):
                changed += [other for other in sources.rglob("*.java") if f"{path.stem}." in other.read_text("utf-8")]
    return sorted(set(changed))


def _compile(gateway: JavaGateway, arguments: list[str]) -> None:
    jvm = gateway.jvm
    texts = gateway.new_array(jvm.java.lang.String, len(arguments))
    for number, argument in enumerate(arguments):
        texts[number] = argument
    text = jvm.java.io.StringWriter()
    messages = jvm.java.io.PrintWriter(text)
    if not jvm.org.eclipse.jdt.core.compiler.batch.BatchCompiler.compile(texts, messages, messages, None):
        raise CompileError(text.toString())


def _loader(gateway: JavaGateway, *parts: Path) -> Any:
    jvm = gateway.jvm
    addresses = gateway.new_array(jvm.java.net.URL, len(parts))
    for number, part in enumerate(parts):
        addresses[number] = jvm.java.io.File(str(part.absolute())).toURI().toURL()
    return jvm.java.net.URLClassLoader(addresses)


def _is_busy(jvm: Any, loader: Any) -> bool:
    """Return whether a thread of an earlier connection still runs the functions."""
    own = jvm.java.lang.Thread.currentThread().getId()
    threads = [thread for thread in jvm.java.lang.Thread.getAllStackTraces().keySet() if thread.getId() != own]
    return any(loader.equals(thread.getContextClassLoader()) for thread in threads)
