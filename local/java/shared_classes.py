"""Spark's classes in an archive that the JVM maps: a job then starts with half of the processor time.

The JVM checks by itself that the archive is of the same runtime and class path, and does without it otherwise. The
class path must begin as it did when the archive was written, and none of its folders may hold a file:
https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyspark

from local.errors import LocalError
from local.java.jars import S3A
from release.jars import JARS
from release.java_runtime import java_home

ARCHIVES = Path("build/classes")
SPARK_HOME = Path(pyspark.__file__).parent
# An archive is of one collector. Searching the compiled code for what is no longer used takes a tenth of the time of
# a JVM that lives for minutes, and all of the code fits.
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-MethodFlushing", "-XX:ReservedCodeCacheSize=512m")
_TRAINING = Path(__file__).with_name("training_job.py")
_SETTINGS = ("spark.ui.enabled=false", "spark.log.level=ERROR")
_BASE, _SPARK, _LOCK = "base.jsa", "spark.jsa", "lock"


@dataclass(frozen=True)
class SharedClasses:
    """An archive in `folder`, and the class path that it is of."""

    folder: Path

    @property
    def options(self) -> tuple[str, ...]:
        """Return the options of a JVM that uses the archive."""
        return (f"-XX:SharedArchiveFile={self.folder / _BASE}:{self.folder / _SPARK}", "-Xshare:auto")


def environment(*more_class_path: Path) -> dict[str, str]:
    """Return the variables by which spark-submit puts the archive's class path first, and `more_class_path` last."""
    empty = (ARCHIVES / "conf").absolute()
    empty.mkdir(parents=True, exist_ok=True)
    # spark-submit opens s3:// entry points before it has loaded any --jars.
    after_spark = (*((JARS / jar.file_name).absolute() for jar in S3A), *more_class_path)
    return {
        "JAVA_HOME": str(java_home()),
        "SPARK_HOME": str(SPARK_HOME),
        "SPARK_CONF_DIR": str(empty),
        "SPARK_DIST_CLASSPATH": ":".join(map(str, after_spark)),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def shared_classes(archives: Path = ARCHIVES) -> SharedClasses:
    """Return the archive of this machine's Java and Spark, written on the first call, which takes about 20 seconds.

    Raises:
        LocalError: Java or the training job failed.
    """
    folder = archives.absolute() / _key()
    if not folder.is_dir():
        archives.mkdir(parents=True, exist_ok=True)
        with (archives / _LOCK).open("w") as lock:
            # Two test parts begin with it at once, and each would take a core for as long as the other needs one.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.is_dir():
                with tempfile.TemporaryDirectory(dir=archives) as scratch:
                    made = Path(scratch) / "made"
                    _write(made, Path(scratch))
                    made.rename(folder)
    return SharedClasses(folder)


def _write(folder: Path, scratch: Path) -> None:
    folder.mkdir()
    java, base = str(java_home() / "bin" / "java"), folder / _BASE
    _run([java, *QUICK, "-Xshare:dump", f"-XX:SharedArchiveFile={base}"], {})
    options = (f"-XX:SharedArchiveFile={base}", f"-XX:ArchiveClassesAtExit={folder / _SPARK}", "-Xlog:disable")
    submit = [str(SPARK_HOME / "bin" / "spark-submit"), "--master", "local[2]"]
    submit += [word for setting in _SETTINGS for word in ("--conf", setting)]
    # No other host has a name here, and nothing is asked of S3.
    credentials = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    variables = {**environment(), **credentials, "SPARK_SUBMIT_OPTS": " ".join((*QUICK, *options))}
    _run([*submit, str(_TRAINING), str(scratch / "rows")], variables)
    if not (folder / _SPARK).is_file():
        raise LocalError("Java wrote no archive of Spark's classes; remove build/classes and try again")


def _run(command: list[str], variables: dict[str, str]) -> None:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, env={**inherited, **variables}
    )
    if done.returncode != 0:
        raise LocalError(f"Spark's classes cannot be archived: {(done.stdout + done.stderr)[-1500:]}")


def _key() -> str:
    """Return a name that differs where Java, a JAR of the class path, or what is archived differs."""
    jars = [*sorted((SPARK_HOME / "jars").iterdir()), *(JARS / jar.file_name for jar in S3A)]
    described = [f"{jar.absolute()} {jar.stat().st_size} {jar.stat().st_mtime_ns}" for jar in jars]
    sources = [path.read_text("utf-8") for path in (_TRAINING, Path(__file__), java_home() / "release")]
    return hashlib.sha256("\n".join([*described, *sources]).encode()).hexdigest()[:16]
