"""Domain locks and the teardown seal, read from their objects in S3."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from runner.account.stored_json import read_json, read_json_or_refuse
from runner.errors import UsageError

if TYPE_CHECKING:
    from runner.account.environments import Environment

STATUS_PREFIX = "status/in-progress/"
SEAL_KEY = "status/teardown-seal.json"


@dataclass(frozen=True)
class Lock:
    """The run that holds a domain, since when, and its error if it failed."""

    domain: str
    run: str
    execution: str
    since: dt.datetime
    state: str
    error: str
    cause: str
    kind: str = "bootstrap"
    changing: bool = False  # whether the run has begun to write to existing tables
    began: dt.datetime | None = None  # the time at which the run's first attempt took the lock
    applied: dt.datetime | None = None  # the instant of the export, once the run has applied every change


@dataclass(frozen=True)
class Seal:
    """The right to destroy the clones: of an execution, or of an operator until it expires."""

    domain: str
    run: str
    execution: str
    since: dt.datetime
    expires: dt.datetime | None


def locks(environment: Environment) -> list[Lock]:
    """Return the locks of all domains.

    Raises:
        UsageError: The bucket cannot be read.
    """
    s3 = environment.client("s3")
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=environment.data_bucket, Prefix=STATUS_PREFIX)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        bodies = [read_json(s3, environment.data_bucket, key) for key in keys]
    except (BotoCoreError, ClientError) as error:
        raise UsageError(f"s3://{environment.data_bucket}/{STATUS_PREFIX} cannot be read: {error}") from error
    return [
        Lock(
            body["domain"],
            body["run"],
            body["execution"],
            _moment(body),
            body["state"],
            body["error"],
            body["cause"],
            body.get("kind", "bootstrap"),
            body.get("changing", False),
            _instant(body.get("began")),
            _instant(body.get("applied")),
        )
        for body in bodies
        if body is not None  # released since it was listed
    ]


def seal(environment: Environment) -> Seal | None:
    """Return the seal, or None.

    Raises:
        UsageError: The bucket cannot be read.
    """
    body = read_json_or_refuse(environment.client("s3"), environment.data_bucket, SEAL_KEY)
    if body is None:
        return None
    expires = dt.datetime.fromisoformat(body["expires"]) if body.get("expires") else None
    return Seal(body["domain"], body["run"], body["execution"], _moment(body), expires)


def _instant(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _moment(body: dict[str, Any]) -> dt.datetime:
    return dt.datetime.fromisoformat(body["since"])
