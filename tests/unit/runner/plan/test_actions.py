"""The operator's role may make every call of a plan but one."""

from __future__ import annotations

import re
from pathlib import Path

from catalog.loader import load_catalog
from infra.access_policies import operator
from infra.naming import Naming


def test_the_operators_role_may_do_what_a_plan_asks_for_but_read_passwords() -> None:
    page = Path("docs/plan.md").read_text("utf-8").split("## What the caller needs")[1].split("##")[0]
    listed = "\n".join(line for line in page.splitlines() if line.startswith(("-", "  ")))
    needed = set(re.findall(r"`([a-z-]+:[A-Za-z]+)`", listed))

    policy = operator(Naming("test", "971779422973"), load_catalog(), key_arn="arn:key", application_arn="arn:app")
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}

    assert len(needed) > 20
    assert needed - allowed == {"secretsmanager:GetSecretValue", "sts:GetCallerIdentity"}  # the latter needs no policy
