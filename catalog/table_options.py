"""Options of a DynamoDB table: how it is billed, encrypted and stored."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from catalog.names import KMS_KEY, Entry

BillingMode = Literal["PAY_PER_REQUEST", "PROVISIONED"]
TableClass = Literal["STANDARD", "STANDARD_INFREQUENT_ACCESS"]
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html: a new on-demand table has
# these units warm from the start, and DynamoDB never lowers the warm throughput.
ON_DEMAND_WARM_READ, ON_DEMAND_WARM_WRITE = 12_000, 4_000


def _own_key(value: str) -> str:
    """Return the key, or refuse an alias that AWS keeps for its own keys."""
    if value.lower().startswith("alias/aws/"):
        raise ValueError(f"{value!r} is a key of AWS; name a key of your own, or remove kms_key for the default key")
    return value


KmsKey = Annotated[str, StringConstraints(pattern=KMS_KEY), AfterValidator(_own_key)]


class Capacity(Entry):
    """Read and write units per second."""

    read: int = Field(ge=1)
    """Read units per second."""
    write: int = Field(ge=1)
    """Write units per second."""
