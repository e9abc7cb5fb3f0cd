"""The release and the specs in the artifacts bucket."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import s3

from catalog.spec import build_spec, spec_key, spec_text
from infra.errors import ReleaseMissingError

if TYPE_CHECKING:
    from catalog.models import Catalog
    from infra.naming import Naming

_ENTRY_POINTS = ("bootstrap.py", "compare.py")


@dataclass(frozen=True, kw_only=True)
class ArtifactsArgs:
    """Inputs of :class:`Artifacts`."""

    naming: Naming
    catalog: Catalog
    bucket: pulumi.Input[str]


class Artifacts(pulumi.ComponentResource):
    """What the jobs are started with: releases and specs; a running migration keeps those that it began with."""

    def __init__(self, name: str, args: ArtifactsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:Artifacts", name, None, opts)
        self._args = args
        for key, path in release_files().items():
            self._upload(f"release-{key.removeprefix('releases/').replace('/', '-')}", key, pulumi.FileAsset(str(path)))
        self.spec_keys = {}
        for domain in args.catalog.domains:
            spec = build_spec(args.catalog, domain)
            key = spec_key(spec)
            self._upload(key.replace("/", "-"), key, pulumi.StringAsset(spec_text(spec)))
            self.spec_keys[domain] = key
        self.register_outputs({"spec_keys": self.spec_keys})

    def _upload(self, name: str, key: str, source: pulumi.Asset) -> None:
        s3.BucketObjectv2(
            f"{self._args.naming.prefix}-{name}",
            bucket=self._args.bucket,
            key=key,
            source=source,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )


def release_files() -> dict[str, Path]:
    """Return the built release's files by their key.

    Raises:
        ReleaseMissingError: It was not built.
    """
    version = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]["version"]
    folder = Path("build/release") / version
    files = {}
    for name in (f"rates-avail-migration-bootstrap-{version}.jar", *_ENTRY_POINTS):
        if not (folder / name).exists():
            raise ReleaseMissingError(f"{folder / name} is not there; run `make release` first")
        files[f"releases/{version}/{name}"] = folder / name
    return files
