"""Writer of reproducible JARs: the bytes depend only on the content."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_EPOCH = (2020, 1, 1, 0, 0, 0)
_MANIFEST = {"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\n\n"}


def write_jar(path: Path, files: Mapping[str, bytes], comment: str = "") -> None:
    """Write `files` and a manifest to `path` at once: another process sees the earlier or the new JAR."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # In the JAR's folder: a rename across file systems would be a copy.
    with tempfile.TemporaryDirectory(prefix=".jar-", dir=path.parent) as aside:
        written = Path(aside) / path.name
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as jar:
            jar.comment = comment.encode()
            for name, content in sorted({**files, **_MANIFEST}.items()):
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                jar.writestr(entry, content)
        written.replace(path)
