"""Pulumi's assets and archives as bytes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pulumi

from local.errors import DeployError

_EPOCH = (2020, 1, 1, 0, 0, 0)


def content(asset: pulumi.Asset | pulumi.Archive) -> bytes:
    """Return an asset's bytes.

    Raises:
        DeployError: It is of a kind that the program does not use.
    """
    if isinstance(asset, pulumi.FileAsset):
        return Path(str(asset.path)).read_bytes()
    if isinstance(asset, pulumi.StringAsset):
        return asset.text.encode()
    raise DeployError(f"{type(asset).__name__} cannot be read here")


def zip_archive(archive: pulumi.AssetArchive) -> bytes:
    """Return the archive of assets as a zip; the same files give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, asset in sorted(archive.assets.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            target.writestr(entry, content(asset))
    return packed.getvalue()
