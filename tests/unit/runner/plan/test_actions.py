"""The operator's role allows every call of a plan but one."""

from __future__ import annotations

import re
from pathlib import Path

from catalog.loader import load_catalog
from infra.naming import Naming
from infra.policies.access import operator
from tests.deployed import REGION


def test_the_operators_role_may_do_what_a_plan_asks_for_but_read_passwords() -> None:
    page = Path("docs/plan.md").read_text("utf-8").split("## What the caller needs")[1].split("##")[0]
    listed = "\n".join(line for line in page.splitlines() if line.startswith(("-", "  ")))
    needed = set(re.findall(r"`([a-z-]+:[A-Za-z]+)`", listed))

    policy = operator(
        Naming("test", "971779422973", REGION), load_catalog(), key_arn="arn:key", application_arn="arn:app"
    )
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}

    assert len(needed) > 20
    assert needed - allowed == {"secretsmanager:GetSecretValue", "sts:GetCallerIdentity"}  # the latter needs no policy


def test_the_operators_role_may_look_at_the_tables_own_keys_and_limits_where_there_are_any() -> None:
    catalog = load_catalog()
    rates = catalog.domains["rates"]
    key = "arn:aws:kms:eu-west-1:971779422973:key/k"
    options = [{"kms_key": key, "billing_mode": "PROVISIONED"}, {"kms_key": "alias/rates"}]
    tables = [table.model_copy(update=chosen) for table, chosen in zip(rates.tables, options, strict=True)]
    changed = catalog.model_copy(update={"domains": {"rates": rates.model_copy(update={"tables": tuple(tables)})}})

    policy = operator(Naming("test", "971779422973", REGION), changed, key_arn="arn:key", application_arn="arn:app")

    statements = [s for s in policy["Statement"] if s["Action"] in (["kms:DescribeKey"], ["dynamodb:DescribeLimits"])]
    by_alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": ["alias/rates"]}}
    anything = "arn:aws:kms:eu-west-1:971779422973:key/*"
    assert statements == [
        {"Effect": "Allow", "Action": ["kms:DescribeKey"], "Resource": [key]},
        {"Effect": "Allow", "Action": ["kms:DescribeKey"], "Resource": [anything], "Condition": by_alias},
        {"Effect": "Allow", "Action": ["dynamodb:DescribeLimits"], "Resource": ["*"]},
    ]
