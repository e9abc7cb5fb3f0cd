"""EventBridge: events of AWS's services, and their delivery to the targets of matching rules.

moto's services send no events, and its rules do not support functions and topics as targets. This module sends the end
of each execution and each state of a job run, and runs scheduled rules on request. It calls a target only if the
target's own policy allows EventBridge to. It logs other deliveries as failed, where AWS only counts them.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
import uuid
from fnmatch import fnmatchcase
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.events.models import Rule, events_backends
from moto.events.utils import EventTemplateParser
from moto.sns.models import sns_backends
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication

from local.aws.active import active
from local.aws.seams import replace

_CALLER = "events.amazonaws.com"
_ALLOWED = {"lambda": "lambda:InvokeFunction", "sns": "sns:Publish"}
_log = logging.getLogger("moto.server")


def install() -> None:
    """Send the ends of executions, and deliver events to functions and topics."""
    original = BaseExecutionWorkerCommunication._reflect_execution_status

    def reflect(self: Any) -> None:
        original(self)
        execution = self.execution
        detail = {
            "executionArn": execution.exec_arn,
            "stateMachineArn": execution.state_machine_arn,
            "name": execution.name,
            "status": str(execution.exec_status.value),
        }
        report("aws.states", "Step Functions Execution Status Change", detail)

    replace(BaseExecutionWorkerCommunication, "_reflect_execution_status", reflect)
    replace(Rule, "send_to_targets", _send)


def report(source: str, kind: str, detail: dict[str, Any]) -> None:
    """Send an event of a service to the default bus without waiting for its targets."""
    for rule in list(_backend().describe_event_bus("default").rules.values()):
        if rule.scheduled_expression is None:
            _in_background(rule, _event(source, kind, detail))


def run_scheduled_rule(name: str) -> None:
    """Run a scheduled rule now, and wait for its targets."""
    rule = _backend().describe_event_bus("default").rules[name]
    event = _event("aws.events", "Scheduled Event", {})
    for target in rule.targets:
        _deliver(rule, target, event)


def _backend() -> Any:
    return events_backends[active().account][active().region]


def _event(source: str, kind: str, detail: dict[str, Any]) -> dict[str, Any]:
    now = dt.datetime.now(dt.UTC)
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": source,
        "account": active().account,
        "time": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "region": active().region,
        "resources": [],
        "detail": detail,
        "ingestion-time": now.timestamp(),
    }


def _in_background(rule: Any, event: dict[str, Any]) -> None:
    threading.Thread(target=rule.send_to_targets, args=(event,), name=f"event-{rule.name}", daemon=True).start()


def _send(self: Any, original_event: dict[str, Any], transform_input: bool = True) -> None:  # noqa: ARG001, FBT001, FBT002 - moto's own
    if self.state != "ENABLED" or not self.event_pattern.matches_event(original_event):
        return
    for target in self.targets:
        _deliver(self, target, original_event)


def _deliver(rule: Any, target: dict[str, Any], event: dict[str, Any]) -> None:
    if active().stopping.is_set():
        return
    arn = target["Arn"]
    service = arn.split(":")[2]
    resource = (
        lambda_backends[active().account][active().region].get_function(arn)
        if service == "lambda"
        else sns_backends[active().account][active().region].topics[arn]
    )
    if not _allows_events(service, resource, rule.arn):
        _log.error("%s may not call %s: the target's policy does not allow %s", rule.arn, arn, _CALLER)
        return
    content = _input(target, event)
    if service == "lambda":
        payload, failed, _ = resource._invoke_lambda(content)
        if failed:
            _log.error("%s failed on an event of %s: %s", arn, rule.arn, payload)
    else:
        resource.publish(content if isinstance(content, str) else json.dumps(content))


def _input(target: dict[str, Any], event: dict[str, Any]) -> Any:
    transformer = target.get("InputTransformer")
    if transformer:
        return EventTemplateParser.parse(transformer["InputTemplate"], transformer.get("InputPathsMap", {}), event)
    if target.get("Input"):
        return json.loads(target["Input"])
    return {name: value for name, value in event.items() if name != "ingestion-time"}


def _allows_events(service: str, resource: Any, rule_arn: str) -> bool:
    policy = {"Statement": resource.policy.statements} if service == "lambda" else json.loads(resource.policy)
    return any(_allows_rule(statement, _ALLOWED[service], rule_arn) for statement in policy["Statement"])


def _allows_rule(statement: dict[str, Any], action: str, rule_arn: str) -> bool:
    principal = statement.get("Principal", {})
    services = principal.get("Service", []) if isinstance(principal, dict) else []
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    if statement["Effect"] != "Allow" or _CALLER not in services or action not in actions:
        return False
    for operator, wanted in statement.get("Condition", {}).items():
        for key, pattern in wanted.items():
            known = {"aws:sourcearn": rule_arn, "aws:sourceaccount": rule_arn.split(":")[4]}.get(key.lower(), "")
            matches = fnmatchcase(known, pattern) if operator.endswith("Like") else known == pattern
            if not matches:
                return False
    return True
