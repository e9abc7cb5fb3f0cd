"""The uploaded releases, and the runs that still need them."""

from __future__ import annotations

import datetime as dt
import io
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from runner.account.releases import release_of, releases
from runner.commands import load
from tests.unit.runner.fakes import MissingError, States, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD, OLDER, NEW = "1.0.0-00000000000a", "1.0.0-00000000000b", "0.9.0-00000000000c"
DATA, ARTIFACTS = "migration-test-data-971779422973", "migration-test-artifacts-971779422973"


class Buckets:
    """S3 with both buckets, and objects in the order of writing, one an hour."""

    def __init__(self, *artifacts: str, **data: dict[str, Any]) -> None:
        self.objects: dict[str, dict[str, bytes]] = {
            ARTIFACTS: dict.fromkeys(artifacts, b"1234"),
            DATA: {key: json.dumps(document).encode() for key, document in data.items()},
        }

    def get_paginator(self, _operation: str) -> Any:  # noqa: ANN401 - a paginator
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, *, Bucket: str, Prefix: str, Delimiter: str = "") -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's
        keys = [key for key in self.objects[Bucket] if key.startswith(Prefix)]
        if Delimiter:
            prefixes = sorted({Prefix + key.removeprefix(Prefix).split("/")[0] + "/" for key in keys})
            yield {"CommonPrefixes": [{"Prefix": prefix} for prefix in prefixes]}
            return
        for number, key in enumerate(keys):
            moment = dt.datetime(2026, 1, 1, number, tzinfo=dt.UTC)
            yield {"Contents": [{"Key": key, "Size": len(self.objects[Bucket][key]), "LastModified": moment}]}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        if Key not in self.objects[Bucket]:
            raise MissingError
        return {"Body": io.BytesIO(self.objects[Bucket][Key])}


def files(*names: str) -> list[str]:
    return [f"releases/{name}/{file}" for name in names for file in ("compare.py", "x.jar")]


@pytest.fixture
def buckets() -> Buckets:
    return Buckets(
        *files("1.0.0", OLDER, OLD, NEW),
        **{
            "processed/rates/failed/summary.json": {"release": OLD},
            "processed/rates/matched/summary.json": {"release": OLDER},
            "reports/rates/matched/verdict.json": {"verdict": "MATCH"},
            "processed/availability/differs/summary.json": {"release": OLD},
            "reports/availability/differs/verdict.json": {"verdict": "MISMATCH"},
            "processed/rates/refused/summary.json": {"release": OLDER, "failure": {"error": "RowsRejected"}},
            "processed/lost-domain/r/summary.json": {"release": OLD},
            "processed/rates/begun/a1/BaseRate/part-0.json.gz": {},
        },
    )


def test_a_release_is_needed_by_the_runs_whose_items_it_wrote_until_they_match(buckets: Buckets) -> None:
    stored = releases(environment(s3=buckets))

    assert [(r.name, r.bytes, r.is_newest, r.needed_by, r.is_removable) for r in stored] == [
        (NEW, 8, True, [], False),
        (OLD, 8, False, ["availability/differs", "lost-domain/r", "rates/failed"], False),
        (OLDER, 8, False, [], True),
        ("1.0.0", 8, False, [], True),
    ]


def test_there_may_be_none() -> None:
    assert releases(environment(s3=Buckets())) == []


@pytest.mark.parametrize(
    ("key", "release"),
    [
        (f"releases/{OLD}/x.jar", OLD),
        ("releases/1.0.0/x.jar", ""),
        (f"releases/{OLD}/more/x.jar", ""),
        (f"releases/{OLD}/compare.py", ""),
        (f"other/releases/{OLD}/x.jar", ""),
    ],
)
def test_a_release_is_a_folder_named_by_version_and_hash(key: str, release: str) -> None:
    assert release_of(key) == release


@pytest.mark.parametrize("status", ["SUCCEEDED", "RUNNING"])
def test_the_command_says_how_to_remove_what_nobody_needs_unless_something_runs(
    buckets: Buckets, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], status: str
) -> None:
    load()
    from runner.commands import releases as command  # noqa: PLC0415 - a command registers itself when it is loaded

    states = States()
    states.add("rates", "r-1", status)
    monkeypatch.setattr("runner.account.running_executions._machines", lambda _: [])
    monkeypatch.setattr(command, "load_environment", lambda _: environment(s3=buckets, stepfunctions=states))

    command.releases("test")

    printed = capsys.readouterr().out
    commands = [line.strip() for line in printed.splitlines() if "aws s3 rm" in line]
    removed = [f"aws s3 rm --recursive s3://{ARTIFACTS}/releases/{name}/" for name in (OLDER, "1.0.0")]
    assert commands == (removed if status == "SUCCEEDED" else [])
    assert ("Remove none while a migration runs: rates (r-1)" in printed) == (status == "RUNNING")
