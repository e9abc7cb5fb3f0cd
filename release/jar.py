"""Release build: one JAR (Python package, Java functions, JDBC drivers, RDS certificates) and the entry points.

`python -m release.jar` writes build/release/<version>/; the same inputs give the same bytes. The commit is an input:
every document of a run repeats it. The JAR contains the release's name, which includes the hash of everything else.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from release.archive import write_jar
from release.errors import ReleaseError
from release.functions import compile_functions
from release.jars import BUILD, DRIVERS, JARS, fetch
from release.names import ENTRY_POINTS, NAME_ENTRY, RELEASES, jar_name, release_name, version

BUNDLE = Path("spark/certificates/authorities.pem")
_SERVICES = "META-INF/services/"
_SIGNATURES = (".SF", ".RSA", ".DSA", ".MF")


def commit() -> str:
    """Return the commit of this checkout, marked if files differ from it; empty without git."""
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
    described = subprocess.run(command, check=False, capture_output=True, text=True)
    return described.stdout.strip() if described.returncode == 0 else ""


def build(target: Path | None = None) -> Path:
    """Write the release and return its folder.

    Raises:
        CompileError: The Java functions cannot be compiled.
        DownloadError: The compiler cannot be had.
    """
    folder = target or RELEASES / version()
    jar, beside = _contents(), {name: (Path("spark/jobs") / name).read_bytes() for name in ENTRY_POINTS}
    for path in folder.glob("*"):
        if path.is_file() and path.name not in (jar_name(), *beside):
            path.unlink()  # a deployment uploads every file of the folder
    write_jar(folder / jar_name(), {**jar, NAME_ENTRY: f"{release_name(jar, beside)}\n".encode()})
    for name, content in beside.items():
        path = folder / name
        # Another process may read it: an identical build leaves it untouched.
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
    return folder


def _contents() -> dict[str, bytes]:
    files = {"migration_spark/COMMIT": f"{commit()}\n".encode(), "certificates/authorities.pem": BUNDLE.read_bytes()}
    for path in Path("spark/migration_spark").rglob("*.py"):
        files[str(path.relative_to("spark"))] = path.read_bytes()
    for path in (compile_functions(), *(JARS / driver.file_name for driver in DRIVERS)):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.startswith(_SERVICES) and not name.endswith("/"):
                    # Both drivers register java.sql.Driver.
                    files[name] = files.get(name, b"") + archive.read(name).rstrip() + b"\n"
                elif not _is_left_out(name):
                    files.setdefault(name, archive.read(name))
    return files


def _is_left_out(name: str) -> bool:
    signed = name.startswith("META-INF/") and name.endswith(_SIGNATURES)
    return name.endswith(("/", "module-info.class")) or signed


if __name__ == "__main__":
    try:
        fetch(BUILD)
        build()
    except ReleaseError as error:
        sys.exit(f"error: {error}")
