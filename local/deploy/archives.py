"""Contents of Pulumi's assets and archives."""

from __future__ import annotations

from pathlib import Path

import pulumi

from local.errors import DeployError


def content(asset: pulumi.Asset | pulumi.Archive) -> bytes:
    """Return an asset's bytes.

    Raises:
        DeployError: The program does not use assets of this kind.
    """
    if isinstance(asset, pulumi.FileAsset | pulumi.FileArchive):
        return Path(str(asset.path)).read_bytes()
    if isinstance(asset, pulumi.StringAsset):
        return asset.text.encode()
    raise DeployError(f"{type(asset).__name__} is not supported; add it to local/deploy/archives.py")
