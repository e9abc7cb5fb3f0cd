"""A run adopts an official table with a complete import, or fails with TableInUse; it never deletes the table."""

from __future__ import annotations

from typing import Any

import pytest

from runner.account.environments import SYSTEM
from runner.plan.checks.tables import check_table
from runner.plan.model import Finding
from tests.unit.runner.plan.fake_account import Client, Documents, Pages, account, clone

PREFIX = "processed/rates/o1/a1/BaseRate/"
ARN = "arn:aws:dynamodb:eu-west-1:971779422973:table/BaseRate"


def findings_for_table(
    status: str = "COMPLETED",
    *,
    written: str = PREFIX,
    catalog: str = "0123456789ab",
    verdict: str = "",
    items: int | None = None,
    protected: bool = True,
    summary: bool = True,
    table: str = "BaseRate",
    source: str = PREFIX,
) -> list[Finding | str]:
    """Return the findings on the official table of the run o1, by the status of its import.

    `summary` says whether the run's earlier attempt left one, and `table` which table it wrote.
    """
    described = {"TableArn": ARN, "TableId": "t", "DeletionProtectionEnabled": protected}
    made_by = {
        "TableId": "t",
        "ImportStatus": status,
        "S3BucketSource": {
            "S3Bucket": "migration-test-data-971779422973",
            **({"S3KeyPrefix": source} if source else {}),
        },
    }
    # A table without items is made by CreateTable: its tags alone say whose it is.
    imports = [{"ImportArn": "i"}] if items is None else []
    by_tags = items is not None or not source
    tags = {"system": SYSTEM, "stack": "test", "mode": "official", "run": "o1"} if by_tags else {}
    dynamodb = Client(
        describe_table={"Table": described},
        list_imports={"ImportSummaryList": imports},
        describe_import={"ImportTableDescription": made_by},
        list_tags_of_resource=Pages({"Tags": [{"Key": f"migration:{k}", "Value": v} for k, v in tags.items()]}),
    )
    made = account(clients={"dynamodb": dynamodb}, mode="official", run_id="o1")
    made.tags["migration:spec"] = f"specs/rates-{catalog}.json"
    for cluster in made.clusters:
        made.rds_clusters[f"{cluster.identifier}-clone"] = clone(cluster.identifier)
    document = {
        "attempt": "a1",
        "specHash": "0123456789abcdef",
        "failure": None,
        "clones": {
            c.identifier: made.rds_clusters[f"{c.identifier}-clone"]["ClusterCreateTime"].isoformat()
            for c in made.clusters
        },
        "tables": {table: {"prefix": written, "items": items}},
    }
    documents: dict[str, Any] = {"processed/rates/o1/summary.json": document} if summary else {}
    if verdict:
        documents["reports/rates/o1/verdict.json"] = {"verdict": verdict, "mode": "official"}
    made._clients["s3"] = Documents(documents)
    return list(check_table(made, "BaseRate"))


def test_a_completed_import_of_the_same_items_is_adopted() -> None:
    assert findings_for_table() == [
        "the table BaseRate of this run is adopted: its import is COMPLETED; it is protected from deletion"
    ]


def test_a_table_without_protection_says_so() -> None:
    (line,) = findings_for_table(protected=False)

    assert str(line).endswith("; it is not protected")


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"catalog": "ffff456789ab"}, "Bootstrap runs again, since the catalog has changed"),
        (
            {"written": "processed/rates/o1/a2/BaseRate/"},
            f"it was imported from {PREFIX}, and now processed/rates/o1/a2/BaseRate/ would be",
        ),
    ],
)
def test_a_completed_import_of_other_items_is_in_use_and_never_deleted(facts: dict[str, str], reason: str) -> None:
    assert findings_for_table(**facts) == [
        Finding(
            "fails",
            "table BaseRate",
            f"its import is COMPLETED and no run deletes it, but {reason}: it would fail with TableInUse; "
            "it is protected from deletion",
            "keep the table, or let a person delete it as docs/runbooks/run-failed.md says under TableInUse",
        )
    ]


def test_a_table_whose_run_matched_already_stays() -> None:
    (line,) = findings_for_table(catalog="ffff456789ab", verdict="MATCH")

    assert line == "the table BaseRate of this run stays as it is: its verdict is MATCH; it is protected from deletion"


@pytest.mark.parametrize(
    ("status", "line"),
    [
        ("FAILED", "the table BaseRate of this run is replaced: its import is FAILED"),
        (
            "IN_PROGRESS",
            "the import of the table BaseRate of this run goes on and is waited for; it is protected from deletion",
        ),
    ],
)
def test_only_an_import_that_did_not_complete_is_replaced(status: str, line: str) -> None:
    assert findings_for_table(status) == [line]


def test_an_empty_table_is_adopted_while_nothing_is_to_be_imported_into_it() -> None:
    assert findings_for_table(items=0) == [
        "the table BaseRate of this run is adopted while it is empty; it is protected from deletion"
    ]


BY_HAND = "keep the table, or let a person delete it as docs/runbooks/run-failed.md says under TableInUse"


@pytest.mark.parametrize(("protected", "words"), [(True, "protected from deletion"), (False, "not protected")])
def test_an_empty_table_that_items_were_written_for_is_in_use(words: str, *, protected: bool) -> None:
    assert findings_for_table(items=5, protected=protected) == [
        Finding(
            "fails",
            "table BaseRate",
            "it was made empty, but by now items were written for it: the run would fail with TableInUse; "
            f"it is {words}",
            BY_HAND,
        )
    ]


@pytest.mark.parametrize(
    "facts",
    [
        {"items": 5, "catalog": "ffff456789ab"},  # its items are made again
        {"items": 5, "summary": False},
        {"items": 5, "table": "BaseRateAssociation"},
    ],
)
def test_an_empty_table_is_adopted_while_no_items_of_it_are_adopted(facts: dict[str, Any]) -> None:
    assert findings_for_table(**facts) == [
        "the table BaseRate of this run is adopted while it is empty; it is protected from deletion"
    ]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"summary": False}, "the items that it was made of are gone"),
        ({"table": "BaseRateAssociation"}, f"it was imported from {PREFIX}, and now nothing would be"),
        ({"source": ""}, f"it was imported from the whole bucket, and now {PREFIX} would be"),
    ],
)
def test_a_completed_import_whose_items_are_gone_is_in_use(facts: dict[str, Any], reason: str) -> None:
    (finding,) = findings_for_table(**facts)

    assert isinstance(finding, Finding)
    assert finding.what == (
        f"its import is COMPLETED and no run deletes it, but {reason}: it would fail with TableInUse; "
        "it is protected from deletion"
    )
