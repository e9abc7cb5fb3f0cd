"""The Kinesis streams that receive the changes of the migrated tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import kinesis

from infra.components.protection import holds_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.naming import Naming
    from infra.settings.model import Settings


@dataclass(frozen=True, kw_only=True)
class StreamsArgs:
    """Inputs of :class:`Streams`."""

    naming: Naming
    settings: Settings
    names: Sequence[str]  # as the catalog names them


class Streams(pulumi.ComponentResource):
    """One stream per name in the catalog, in the stack's capacity mode."""

    def __init__(self, name: str, args: StreamsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("migration:infra:Streams", name, None, opts)
        settings = args.settings
        self.streams = {}
        for stream in sorted(set(args.names)):
            deployed = args.naming.stream(stream)
            self.streams[stream] = kinesis.Stream(
                f"{args.naming.prefix}-{stream}",
                name=deployed,
                stream_mode_details={"stream_mode": settings.stream_mode},
                # The provider rejects a shard count with ON_DEMAND.
                shard_count=settings.stream_shards if settings.stream_mode == "PROVISIONED" else None,
                retention_period=settings.stream_retention_hours,
                encryption_type="KMS",
                kms_key_id="alias/aws/kinesis",  # every consumer would need a grant on a customer managed key
                enforce_consumer_deletion=False,  # a stream that has consumers is not deleted
                tags=args.naming.tags(),
                opts=holds_data(args.naming, self),
            )
        self.names = {stream: made.name for stream, made in self.streams.items()}
        self.register_outputs({"names": self.names})
