"""The worker process of a Lambda function: one JSON line in, one out, until the pipe closes."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import logging
import os
import sys
import time
import traceback
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Context:
    """The invocation's context, which the function receives."""

    aws_request_id: str
    invoked_function_arn: str
    deadline: float
    function_name: str
    function_version: str = "$LATEST"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the timeout."""
        return int((self.deadline - time.time()) * 1000)


def main() -> None:
    """Answer requests; each answer includes what the function printed and logged."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # other output to stdout must not corrupt an answer
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    log = io.StringIO()
    logging.basicConfig(stream=log, format="[%(levelname)s] %(message)s")
    for line in sys.stdin:
        request = json.loads(line)
        log.seek(0)
        log.truncate()
        with contextlib.redirect_stdout(log):
            answer = _answer(request)
        answers.write(json.dumps({**answer, "logs": log.getvalue()}) + "\n")
        answers.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    context = Context(
        aws_request_id=request["requestId"],
        invoked_function_arn=request["arn"],
        deadline=time.time() + request["timeoutSeconds"],
        function_name=os.environ["AWS_LAMBDA_FUNCTION_NAME"],
    )
    try:
        module, name = os.environ["_HANDLER"].rsplit(".", 1)
        handler = getattr(importlib.import_module(module.replace("/", ".")), name)
        return {"ok": True, "payload": json.dumps(handler(request["event"], context))}
    except Exception as error:  # noqa: BLE001 - Lambda turns any exception into an answer
        # https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
        failure = {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "stackTrace": traceback.format_exception(error),
        }
        return {"ok": False, "payload": json.dumps(failure)}


if __name__ == "__main__":
    main()
