"""The end of each prepared execution: its error, its cause and its remains, as endings.yaml states them.

`make endings` writes the file again. Each difference in it changes what an operator sees or what stays in the account,
and is reviewed as such.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from tests.machine.rig import Ended, Rig

STATED = Path(__file__).with_name("endings.yaml")
_STATUS = "status/"
# What differs from run to run: the execution's name, times, and identifiers that AWS or the test draws.
_VARIABLE = (
    (re.compile(r"\bx[0-9a-f]{10}\b"), "<execution>"),
    # The release of this checkout; those that tests make up have a name of zeros.
    (re.compile(r"\b\d+\.\d+\.\d+-(?!0{6})[0-9a-f]{12}\b"), "<release>"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)"), "<time>"),
    (re.compile(r"\b\d{13,14}-[0-9a-f]{8}\b"), "<id>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b(?=[0-9a-z]*\d)[0-9a-z]{16,}\b"), "<id>"),
)


@dataclass(frozen=True)
class Ending:
    """An execution's end, and the account after it."""

    ends: str
    cause: str = ""
    locks: list[str] = field(default_factory=list)  # what the registry holds: locks and seals
    clones: list[str] = field(default_factory=list)
    tables: dict[str, str] = field(default_factory=dict)  # their items and settings
    objects: dict[str, int] = field(default_factory=dict)  # how many, by kind and domain


def ending(rig: Rig, ended: Ended) -> Ending:
    """Return how an execution ended, without the values that differ from run to run."""
    keys = rig.keys()
    return Ending(
        ends=ended.error or ended.status,
        cause=constant(ended.cause),
        locks=sorted(constant(key.removeprefix(_STATUS)) for key in keys if key.startswith(_STATUS)),
        clones=rig.clones(),
        tables={name: _table(rig, name) for name in rig.tables()},
        objects=dict(
            sorted(Counter("/".join(key.split("/")[:2]) for key in keys if not key.startswith(_STATUS)).items())
        ),
    )


def constant(text: str) -> str:
    """Return a text with placeholders for the values that differ from run to run."""
    for pattern, word in _VARIABLE:
        text = pattern.sub(word, text)
    return text


def _table(rig: Rig, name: str) -> str:
    dynamodb = rig.client("dynamodb")
    table = dynamodb.describe_table(TableName=name)["Table"]
    items = dynamodb.scan(TableName=name, Select="COUNT")["Count"]
    recovery = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    settings = {
        "protected": table.get("DeletionProtectionEnabled", False),
        "recoverable": recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED",
        "streaming": dynamodb.describe_kinesis_streaming_destination(TableName=name)["KinesisDataStreamDestinations"],
    }
    return ", ".join([f"{items} items", *[setting for setting, is_set in settings.items() if is_set]])


@cache
def stated() -> dict[str, Ending]:
    """Return every ending that the file states, by the scenario's name."""
    return {name: Ending(**values) for name, values in yaml.load(STATED.read_text("utf-8"), yaml.CSafeLoader).items()}


def write(endings: dict[str, Ending]) -> None:
    """Write the file."""
    written = {name: {key: value for key, value in asdict(each).items() if value} for name, each in endings.items()}
    STATED.write_text(yaml.safe_dump(written, sort_keys=False, width=110, allow_unicode=True), "utf-8")


def differences(actual: Ending, wanted: Ending | None) -> list[str]:
    """Return the differences between an ending and the stated one."""
    if wanted is None:
        return ["endings.yaml does not state how this ends: make endings"]
    pairs: list[tuple[str, Any, Any]] = [
        (part.name, getattr(actual, part.name), getattr(wanted, part.name)) for part in fields(Ending)
    ]
    return [f"{name}: {is_!r} instead of {stated_!r}" for name, is_, stated_ in pairs if is_ != stated_]
