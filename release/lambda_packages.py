"""Reproducible Lambda packages: the same code gives the same bytes on every machine."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

_SOURCES = Path("lambdas")
_BUILT = Path("build/lambdas")
_EPOCH = (2020, 1, 1, 0, 0, 0)


def package(name: str) -> bytes:
    """Return the zip of a function's modules.

    The zip is uncompressed: deflate's output depends on the machine's zlib, and a new hash would redeploy old code.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as target:
        for path in sorted((_SOURCES / name).glob("*.py")):
            entry = zipfile.ZipInfo(f"{name}/{path.name}", _EPOCH)
            entry.create_system = 3  # 3 is Unix, whose permissions apply
            entry.external_attr = 0o644 << 16
            target.writestr(entry, path.read_bytes())
    return packed.getvalue()


def write_package(name: str) -> str:
    """Write a function's zip below build/ and return its path."""
    path = _BUILT / f"{name}.zip"
    content = package(name)
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return str(path)
