"""Lambda handler: reports an execution's end or a failed Spark job (events of EventBridge), or measures."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from run_watch.check import NAMESPACE, Check
from run_watch.clones import ages, our_clones
from run_watch.errors import InvalidEventError
from run_watch.notice import Stack, job_failed, notice

if TYPE_CHECKING:
    from run_watch.message import Message

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)
# https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
ENDED = "Step Functions Execution Status Change"
# https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/using-eventbridge.html
JOB_ENDED = "EMR Serverless Job Run State Change"


@dataclass(frozen=True, kw_only=True)
class Watch:
    """The handler's dependencies, with boto3's clients."""

    check: Check
    states: Any
    sns: Any
    cloudwatch: Any
    topic: str
    stack: Stack

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """Handle an event.

        Raises:
            InvalidEventError: The event is neither the end of an execution or a job run nor a check.
        """
        if event.get("detail-type") == ENDED:
            return self._report_end(event["detail"]["executionArn"])
        if event.get("detail-type") == JOB_ENDED:
            return self._publish(job_failed(event["detail"], event["region"], self.stack))
        if event.get("operation") == "check":
            return self._measure()
        raise InvalidEventError(
            f"neither detail-type {ENDED!r} or {JOB_ENDED!r} nor operation 'check': {sorted(event)}"
        )

    def _report_end(self, execution_arn: str) -> dict[str, Any]:
        # The event omits an output above 248 KiB, so the output comes from the execution.
        execution = self.states.describe_execution(executionArn=execution_arn)
        return self._publish(notice(execution, self.stack, self._clones()))

    def _publish(self, message: Message) -> dict[str, Any]:
        publication = message.publication()
        sent = self.sns.publish(TopicArn=self.topic, **publication)
        return {"subject": publication["Subject"], "messageId": sent["MessageId"]}

    def _clones(self) -> list[str]:
        """Return the ages of the existing clones; the message is sent even if RDS does not answer."""
        try:
            return ages(our_clones(self.check.rds, self.check.stack), datetime.now(UTC))
        except (BotoCoreError, ClientError) as error:
            return [f"the clones could not be listed: {error}"]

    def _measure(self) -> dict[str, Any]:
        metrics = self.check.measure(datetime.now(UTC)).metrics(self.check.stack)
        self.cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=metrics)
        return {metric["MetricName"]: metric["Value"] for metric in metrics}


@cache
def watch() -> Watch:
    """Return the watch, built on first use so that importing calls no AWS."""
    environment = os.environ
    states = boto3.client("stepfunctions")
    check = Check(
        rds=boto3.client("rds"),
        states=states,
        stack=environment["STACK"],
        state_machines=tuple(json.loads(environment["STATE_MACHINES"])),
        instance_usd_per_hour=float(environment["INSTANCE_USD_PER_HOUR"]),
    )
    return Watch(
        check=check,
        states=states,
        sns=boto3.client("sns"),
        cloudwatch=boto3.client("cloudwatch"),
        topic=environment["TOPIC_ARN"],
        stack=Stack(environment["STACK"], environment["DATA_BUCKET"], environment["REPOSITORY"]),
    )


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one event."""
    answer = watch().answer(event)
    logger.info(json.dumps(answer))
    return answer
