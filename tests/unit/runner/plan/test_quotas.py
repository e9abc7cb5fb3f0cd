"""The use, the addition and the limit of every quota."""

from __future__ import annotations

import pytest

from runner.plan import quotas
from runner.plan.model import Quota, TablePlan, Totals
from tests.unit.runner.plan.fake_account import Client, Pages, account, clone, cluster, refused

LIMITS = Client(get_service_quota={"Quota": {"Value": 50.0}})


@pytest.mark.parametrize(("others", "passed"), [(13, False), (14, True)])
def test_a_clone_group_of_fifteen_has_no_room_for_ours(others: int, *, passed: bool) -> None:
    made = account(clients={"service-quotas": LIMITS})
    members = {f"other-{n}": cluster(f"other-{n}", CloneGroupId="group-2") for n in range(others)}
    made.rds_clusters["lipsdb"]["CloneGroupId"] = "group-2"
    made.rds_clusters.update(members)
    for identifier in [c for c in made.rds_clusters if c.startswith("dailydatadb")]:
        made.rds_clusters[identifier]["CloneGroupId"] = identifier

    fullest, *_ = quotas.aurora_quotas(made)

    assert (fullest.used, fullest.needed, fullest.limit, fullest.passed) == (others + 1, 1, 15, passed)
    assert quotas.passed(fullest).todo == "delete a clone of it: RDS would make a full copy without saying so"


def test_our_own_clone_is_used_and_not_added() -> None:
    made = account(clients={"service-quotas": LIMITS})
    for description in made.rds_clusters.values():
        description["CloneGroupId"] = description["DBClusterIdentifier"]
    made.rds_clusters["lipsdb-clone"] = clone("lipsdb") | {"CloneGroupId": "lipsdb"}

    fullest, clusters, instances = quotas.aurora_quotas(made)

    assert (fullest.used, fullest.needed) in ((2, 0), (1, 1))
    assert (clusters.used, clusters.needed, clusters.limit, clusters.source) == (10, 8, 50, "the account's own")
    assert (instances.used, instances.needed) == (0, 9)


def test_a_region_that_is_full_of_clusters_is_refused() -> None:
    made = account(clients={"service-quotas": LIMITS})
    made.rds_clusters.update({f"other-{n}": cluster(f"other-{n}", CloneGroupId="") for n in range(40)})

    _, clusters, _ = quotas.aurora_quotas(made)

    assert clusters.passed
    assert quotas.passed(clusters).what == "49 are used and 9 are added, but 50 are allowed (the account's own)"


def test_a_limit_that_may_not_be_read_is_the_default_and_says_so() -> None:
    made = account(clients={"service-quotas": Client(get_service_quota=refused("AccessDeniedException"))})

    (quota,) = quotas.spark_quota(made)

    assert (quota.needed, quota.limit, quota.passed) == (64, 16, True)
    assert quota.source == "AWS's default; the account's own could not be read: AccessDeniedException: no"
    assert "L-D05C8A75" in quotas.passed(quota).todo


def test_tables_imports_and_exports_are_counted() -> None:
    dynamodb = Client(
        list_tables=Pages({"TableNames": ["BaseRate-rehearsal", "another"]}),
        list_imports={"ImportSummaryList": [{"ImportStatus": "IN_PROGRESS"}] * 49 + [{"ImportStatus": "COMPLETED"}]},
        list_exports={"ExportSummaries": []},
    )
    made = account(clients={"dynamodb": dynamodb, "service-quotas": LIMITS})

    tables, imports, exports = quotas.dynamodb_quotas(made)

    assert (tables.used, tables.needed) == (2, 1)
    assert (imports.used, imports.needed, imports.limit, imports.passed) == (49, 2, 50, True)
    assert (exports.used, exports.needed, exports.limit) == (0, 2, 300)


@pytest.mark.parametrize(("region", "terabytes"), [("eu-west-1", 15), ("eu-central-1", 1)])
def test_objects_and_bytes_of_the_imports_are_bounded_by_region(region: str, terabytes: int) -> None:
    made = account()
    object.__setattr__(made.environment, "region", region)
    tables = [TablePlan("A", "A", 1, 1, 2 * 10**12, 60_000, ""), TablePlan("B", "B", 1, 1, 10**12, 3, "")]
    totals = Totals(2, 1, 1, 3 * 10**12, 60_003, at_most=False)

    objects, stored = quotas.data_quotas(made, tables, totals)

    assert (objects.needed, objects.limit, objects.passed) == (60_000, 50_000, True)
    assert (stored.needed, stored.limit) == (3 * 10**12, terabytes * 10**12)
    assert stored.passed == (terabytes == 1)
    assert quotas.passed(objects).level == "fails"


def test_a_bound_that_passes_a_limit_is_only_warned_of() -> None:
    totals = Totals(None, 1, 1, 20 * 10**12, 60_000, at_most=True)

    objects, stored = quotas.data_quotas(account(), [], totals)

    assert [quotas.passed(quota).level for quota in (objects, stored)] == ["warns", "warns"]
    assert "at most 60,000 are added" in quotas.passed(objects).what


def test_the_history_is_what_the_deployment_worked_out_and_unknown_where_it_did_not() -> None:
    made = account()
    assert next(quotas.definition_quotas(made)).needed == 9000

    made.tags.clear()
    unknown, *_ = quotas.definition_quotas(made)
    assert unknown == Quota(
        "history events of the longest execution, at worst", 0, None, 25_000, "AWS's limit, not adjustable"
    )
    assert not unknown.passed


@pytest.mark.parametrize(
    ("tag", "used", "what"),
    [
        ("history-events", "20000", "20,000 of 25,000 can be used (AWS's limit, not adjustable)"),
        ("payload-bytes", "209716", "209,716 of 262,144 can be used (AWS's limit, not adjustable)"),
        ("definition-bytes", "900000", "900,000 of 1,048,576 can be used (AWS's limit, not adjustable)"),
        ("history-events", "19999", ""),
        ("history-events", "25001", ""),
    ],
)
def test_four_fifths_of_what_a_definition_may_have_are_warned_of(tag: str, used: str, what: str) -> None:
    made = account()
    made.tags.update({f"migration:{tag}": used})

    warnings = [quotas.near(quota) for quota in quotas.definition_quotas(made) if quotas.is_near(quota)]

    assert [(finding.level, finding.what) for finding in warnings] == ([("warns", what)] if what else [])
