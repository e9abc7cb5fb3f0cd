"""The release and the specs in the artifacts bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import s3

from catalog.spec import build_spec, spec_key, spec_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from catalog.models import Catalog
    from infra.naming import Naming


@dataclass(frozen=True, kw_only=True)
class ArtifactsArgs:
    """Inputs of :class:`Artifacts`."""

    naming: Naming
    catalog: Catalog
    release: Mapping[str, Path]  # the built files, by their key
    bucket: pulumi.Input[str]


class Artifacts(pulumi.ComponentResource):
    """The files that jobs start with: releases and specs.

    Each key contains the hash of its content, and objects that a deployment no longer declares stay. A deployment
    therefore never overwrites or deletes a file that a running or failed migration may use.
    """

    def __init__(self, name: str, args: ArtifactsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:Artifacts", name, None, opts)
        self._args = args
        uploaded: list[pulumi.Resource] = []
        for key, path in args.release.items():
            name = f"release-{key.removeprefix('releases/').replace('/', '-')}"
            # The JAR is uploaded last: once it exists, the release is complete.
            uploaded.append(self._upload(name, key, pulumi.FileAsset(str(path)), after=list(uploaded)))
        self.spec_keys = {}
        for domain in args.catalog.domains:
            spec = build_spec(args.catalog, domain)
            key = spec_key(spec)
            self._upload(key.replace("/", "-"), key, pulumi.StringAsset(spec_text(spec)))
            self.spec_keys[domain] = key
        self.register_outputs({"spec_keys": self.spec_keys})

    def _upload(
        self, name: str, key: str, source: pulumi.Asset, after: Sequence[pulumi.Resource] = ()
    ) -> s3.BucketObjectv2:
        return s3.BucketObjectv2(
            f"{self._args.naming.prefix}-{name}",
            bucket=self._args.bucket,
            key=key,
            source=source,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True, depends_on=list(after)),
        )
