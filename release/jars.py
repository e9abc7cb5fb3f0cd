"""Download of the pinned JARs with Spark's Ivy; each is checked by its SHA-256.

Later builds and runs need no network.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyspark

from release.errors import DownloadError
from release.java_runtime import java_home, trust_options

if TYPE_CHECKING:
    from collections.abc import Iterable

JARS = Path("build/jars")


@dataclass(frozen=True)
class Jar:
    """A pinned artifact of Maven Central."""

    organisation: str
    name: str
    revision: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Return the file's name."""
        return f"{self.name}-{self.revision}.jar"


DRIVERS = (
    Jar("org.postgresql", "postgresql", "42.7.7", "157963d60ae66d607e09466e8c0cdf8087e9cb20d0159899ffca96bca2528460"),
    Jar("com.mysql", "mysql-connector-j", "9.3.0", "6c8e6692b521376d89bc5618c16cdeaf8c61854329f4fa25677ed08776c5bb76"),
)
# The wheel's Java runtime has no javac.
COMPILER = Jar("org.eclipse.jdt", "ecj", "3.37.0", "cde026ff966b48b5e5f148b6f041ceff3cf4f85cf75155f4ec0f40e4ee14b545")
BUILD = (*DRIVERS, COMPILER)  # the JARs that a release build needs


def fetch(jars: Iterable[Jar], folder: Path = JARS) -> None:
    """Download the pinned JARs that `folder` lacks.

    Raises:
        DownloadError: A JAR cannot be downloaded, or its hash is not the pinned one.
    """
    missing = [jar for jar in jars if not _is_right(folder / jar.file_name, jar)]
    if not missing:
        return
    sys.stdout.write(f"Fetching {len(missing)} JARs from Maven Central\n")
    folder.mkdir(parents=True, exist_ok=True)
    _retrieve(missing, folder)
    for jar in missing:
        path = folder / jar.file_name
        if not path.exists():
            raise DownloadError(f"{jar.file_name} was not downloaded; is Maven Central reachable?")
        if not _is_right(path, jar):
            digest = _digest(path)
            path.unlink()
            raise DownloadError(f"{jar.file_name} has SHA-256 {digest}, pinned is {jar.sha256}; it was deleted")


def _retrieve(jars: list[Jar], folder: Path) -> None:
    dependencies = "".join(
        f'<dependency org="{jar.organisation}" name="{jar.name}" rev="{jar.revision}"/>' for jar in jars
    )
    module = (
        '<ivy-module version="2.0"><info organisation="local" module="migration"/>'
        '<configurations><conf name="default"/></configurations>'
        # default->master: the artifact without its dependencies
        f'<dependencies defaultconf="default->master">{dependencies}</dependencies></ivy-module>'
    )
    ivy = next(Path(pyspark.__file__).parent.glob("jars/ivy-*.jar"))
    with tempfile.TemporaryDirectory() as scratch:
        description = Path(scratch) / "ivy.xml"
        description.write_text(module)
        command = [str(java_home() / "bin" / "java"), *_proxy_options(), *trust_options(folder), "-jar", str(ivy)]
        command += ["-warn", "-cache", scratch, "-ivy", str(description), "-confs", "default", "-types", "jar"]
        command += ["-retrieve", f"{folder}/[artifact]-[revision].[ext]"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise DownloadError(f"the JARs could not be fetched from Maven Central:\n{(done.stdout + done.stderr)[-2000:]}")


def _proxy_options() -> list[str]:
    options = []
    for scheme in ("http", "https"):
        value = os.environ.get(f"{scheme}_proxy") or os.environ.get(f"{scheme.upper()}_PROXY")
        if value:
            address = urlsplit(value)
            options += [f"-D{scheme}.proxyHost={address.hostname}", f"-D{scheme}.proxyPort={address.port or 80}"]
    return options


def _is_right(path: Path, jar: Jar) -> bool:
    return path.exists() and _digest(path) == jar.sha256


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
