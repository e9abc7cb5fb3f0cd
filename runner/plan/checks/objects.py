"""Listing of the objects below a prefix, in the form that jobs and the state machine record."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from runner.account.lookups import Account


class Listing(NamedTuple):
    """The number of objects, the sum of their bytes, and the digest of their names and sizes."""

    files: int
    bytes: int
    digest: str


def list_objects(account: Account, prefix: str) -> Listing:
    """Return the listing of the data bucket's objects below a prefix."""
    pages = account.client("s3").get_paginator("list_objects_v2").paginate(Bucket=account.bucket("data"), Prefix=prefix)
    entries = [entry for page in pages for entry in page.get("Contents", [])]
    digest = ""
    for entry in entries:
        line = f"{digest}|{entry['Key'].removeprefix(prefix)} {entry['Size']}"
        digest = hashlib.sha256(line.encode()).hexdigest()
    return Listing(len(entries), sum(entry["Size"] for entry in entries), digest)
