"""Plans, confirmations and progress show the clones' ages and the runs that created them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from runner.account.clone_ages import ages, creator, existing
from runner.account.clones import Clone
from runner.account.environments import SYSTEM
from tests.unit.runner.fakes import FakeEnvironment

NOW = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)


def clone(hours: float, run: str = "r1", **tags: str) -> Clone:
    made = NOW - dt.timedelta(hours=hours)
    tagged = {f"migration:{key}": value for key, value in tags.items()}
    return Clone("lipsdb-clone", "lipsdb", run, "available", made, (), tagged)


def test_clones_are_told_by_maker_the_oldest_first() -> None:
    official = {"domain": "availability", "mode": "official"}
    all_clones = [
        clone(1, "a1", **official),
        clone(3.25, "r1", domain="rates", mode="rehearsal"),
        clone(1.5, "r1", domain="rates", mode="rehearsal"),
        clone(2, "r0"),
        clone(0.5, ""),
    ]

    assert ages(all_clones, NOW) == [
        "2 clones made 1 h 30 min to 3 h 15 min ago by the rehearsal r1 of rates",
        "1 clone made 2 h 00 min ago by run r0",
        "1 clone made 1 h 00 min ago by the official run a1 of availability",
        "1 clone made 30 min 00 s ago by an unknown run",
    ]


def test_a_clone_that_begins_to_exist_has_no_age() -> None:
    assert ages([replace(clone(5), created=None), clone(-1)], NOW) == ["2 clones made <1 s ago by run r1"]


@pytest.mark.parametrize(
    ("run", "tags", "words"),
    [
        ("r1", {}, "run r1"),
        ("r1", {"domain": "rates"}, "run r1 of rates"),
        ("r1", {"mode": "official"}, "the official run r1"),
        ("r1", {"mode": "rehearsal", "domain": "rates"}, "the rehearsal r1 of rates"),
        ("", {"mode": "official", "domain": "rates"}, "an unknown run"),
    ],
)
def test_the_creator_of_a_clone_is_named_by_the_tags_that_it_has(run: str, tags: dict[str, str], words: str) -> None:
    assert creator(clone(1, run, **tags)) == words


def listing(answer: Any) -> FakeEnvironment:  # noqa: ANN401 - pages, or an error
    def paginate() -> list[dict[str, Any]]:
        if isinstance(answer, Exception):
            raise answer
        return [{"DBClusters": answer, "DBInstances": []}]

    rds = SimpleNamespace(get_paginator=lambda _operation: SimpleNamespace(paginate=paginate))
    return FakeEnvironment("test", "971779422973", "eu-west-1", clients={"rds": rds})


def test_who_confirms_an_official_run_reads_which_clones_exist() -> None:
    tags = {"system": SYSTEM, "stack": "test", "source": "lipsdb", "run": "r1", "mode": "rehearsal", "domain": "rates"}
    cluster: dict[str, Any] = {
        "DBClusterIdentifier": "lipsdb-clone",
        "Status": "available",
        "ClusterCreateTime": dt.datetime.now(dt.UTC) - dt.timedelta(hours=20, seconds=5),
        "TagList": [{"Key": f"migration:{key}", "Value": value} for key, value in tags.items()],
    }

    other = {**cluster, "ClusterCreateTime": cluster["ClusterCreateTime"] + dt.timedelta(hours=1), "TagList": [
        *(tag for tag in cluster["TagList"] if tag["Key"] != "migration:run"), {"Key": "migration:run", "Value": "r2"},
    ]}  # fmt: skip

    assert existing(listing([cluster, other])) == (
        "Clones exist: 1 clone made 20 h 00 min ago by the rehearsal r1 of rates; 1 clone made 19 h 00 min ago by the "
        "rehearsal r2 of rates. An official run uses only clones "
        "made since it began, or by a running official run of another domain; with others it fails with CloneNotFresh."
    )


def test_who_confirms_reads_that_there_is_none_or_that_it_is_not_known() -> None:
    refused = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeDBClusters")

    assert existing(listing([])) == "No clone exists: the run makes its own."
    assert existing(listing(refused)).startswith("The clones and their ages are not known: ")
