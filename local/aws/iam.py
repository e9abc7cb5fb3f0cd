"""SimulatePrincipalPolicy: the decision of a principal's deployed policies.

moto does not support it. https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.iam.exceptions import NotFoundException
from moto.iam.responses import IamResponse

from local.aws.authorization import boundary_statements, role_statements
from local.iam.policy import Call, Statement, as_principal, context, matches

_OPERATOR = ":user/moto"  # a caller without a role, whose calls all pass here


def install() -> None:
    """Add SimulatePrincipalPolicy."""
    IamResponse.simulate_principal_policy = _simulate


def _simulate(self: Any) -> ActionResult:
    request = self._get_params()
    principal = request["PolicySourceArn"]
    policy: list[Statement] = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    boundary = policy
    if not principal.endswith(_OPERATOR):
        role = principal.rsplit("/", 1)[1]
        policy = role_statements(role)
        if not policy:
            raise NotFoundException(f"The role with name {role} cannot be found.")
        boundary = boundary_statements(role)
    keys = context({entry["ContextKeyName"]: entry["ContextKeyValues"] for entry in request.get("ContextEntries", [])})
    results = [
        _evaluated(policy, boundary, as_principal(Call(action, resource, keys), principal))
        for action in request["ActionNames"]
        for resource in request.get("ResourceArns") or ["*"]
    ]
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})


def _evaluated(policy: list[Statement], boundary: list[Statement], call: Call) -> dict[str, Any]:
    effects = [{entry["Effect"] for entry in entries if matches(entry, call)} for entries in (policy, boundary)]
    denied = any("Deny" in matched for matched in effects)
    decision = "explicitDeny" if denied else "allowed" if all(effects) else "implicitDeny"
    about = [entry for entry in policy if matches({**entry, "Condition": {}}, call)]
    known = {key.lower() for key, _ in call.context}
    asked = {key for entry in about for keys in entry.get("Condition", {}).values() for key in keys}
    return {
        "EvalActionName": call.action,
        "EvalResourceName": call.resource,
        "EvalDecision": decision,
        "MissingContextValues": sorted(key for key in asked if key.lower() not in known),
        "MatchedStatements": [],
    }
