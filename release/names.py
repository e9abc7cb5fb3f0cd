"""The built release: its files, and a name that includes the hash of all code that runs."""

from __future__ import annotations

import hashlib
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from release.errors import ReleaseMissingError

if TYPE_CHECKING:
    from collections.abc import Mapping

RELEASES = Path("build/release")
ENTRY_POINTS = ("bootstrap.py", "compare.py", "delta.py")
NAME_ENTRY = "migration_spark/RELEASE"  # the JAR's entry with the release name, which the jobs read
_PROJECT = "rates-avail-migration-bootstrap"
_MANIFEST = "META-INF/MANIFEST.MF"
_HASH_CHARACTERS = 12
_BUILD = "run `make release` first"


def version() -> str:
    """Return the project's version."""
    return str(tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]["version"])


def jar_name() -> str:
    """Return the release JAR's file name."""
    return f"{_PROJECT}-{version()}.jar"


def release_name(jar: Mapping[str, bytes], beside: Mapping[str, bytes]) -> str:
    """Return <version>-<hash> of a JAR's entries and of the files beside it.

    The JAR contains its own name, so the hash excludes that entry.
    """
    entries = [("jar", name, content) for name, content in jar.items() if name not in (NAME_ENTRY, _MANIFEST)]
    entries += [("beside", name, content) for name, content in beside.items()]
    whole = hashlib.sha256()
    for part, name, content in sorted(entries):
        whole.update(f"{part} {len(name)} {name} {hashlib.sha256(content).hexdigest()}\n".encode())
    return f"{version()}-{whole.hexdigest()[:_HASH_CHARACTERS]}"


def release_files(folder: Path | None = None) -> dict[str, Path]:
    """Return the built release's files by their key, the JAR last.

    Raises:
        ReleaseMissingError: The release was not built, or a file changed since.
    """
    folder = folder or RELEASES / version()
    for name in (jar_name(), *ENTRY_POINTS):
        if not (folder / name).is_file():
            raise ReleaseMissingError(f"{folder / name} is missing; {_BUILD}")
    paths = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name != jar_name()]
    name = _checked_name(folder, paths)
    return {f"releases/{name}/{path.name}": path for path in (*paths, folder / jar_name())}


def _checked_name(folder: Path, beside: list[Path]) -> str:
    """Return the name in the JAR, which must match the files."""
    with zipfile.ZipFile(folder / jar_name()) as archive:
        jar = {name: archive.read(name) for name in archive.namelist()}
    carried = jar.get(NAME_ENTRY, b"").decode().strip()
    named = release_name(jar, {path.name: path.read_bytes() for path in beside})
    if carried != named:
        raise ReleaseMissingError(
            f"{folder} is not what was built: its JAR is of the release {carried or 'without a name'}, "
            f"and its files make {named}; {_BUILD}"
        )
    return named
