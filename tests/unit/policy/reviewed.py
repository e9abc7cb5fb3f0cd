"""Resources as the security rules see them, and what each rule says about one."""

from __future__ import annotations

import json
from typing import Any

from policy import privilege, safety, settings
from policy.resource import Resource

RULES = {rule.name: rule for rule in (*safety.RULES, *privilege.RULES, *settings.RULES)}
Case = tuple[str, str, dict[str, Any], list[str]]  # a rule, a resource's kind and properties, and all violations


def violations(rule: str, kind: str, properties: dict[str, Any], *, protect: bool = False) -> list[str]:
    """Return all that a rule says about a resource."""
    return list(RULES[rule].check(Resource(kind=kind, name="x", properties=properties, protect=protect)))


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def allows(*actions: str, resource: str = "arn:aws:s3:::b/*", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - IAM's conditions
    return {"Effect": "Allow", "Action": list(actions), "Resource": [resource], **more}


def policy(*statements: dict[str, Any], **more: str) -> dict[str, str]:
    return {"policy": document(*statements, **more)}
