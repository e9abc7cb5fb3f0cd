"""Lambda: functions as processes, without Docker.

moto runs a function in a container or not at all. Here each concurrent call has a warm worker process. The worker runs
the uploaded code as the function's role, with the function's environment, timeout and log stream.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import threading
import uuid
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse

from local.aws.active import active
from local.aws.metrics import count
from local.aws.seams import replace
from local.aws.stepfunctions.clients import role_credentials

_WORKER = Path(__file__).with_name("lambda_worker.py")
_START_SECONDS = 5  # a cold start does not count as the function's time
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL")
_AT_ONCE = 3  # per function: a worker takes one second of a core to start, a call takes milliseconds
_lock = threading.Lock()
_asked = threading.local()
_ANSWER_INVOKE, _INVOKE = LambdaResponse.invoke, LambdaBackend.invoke
_slots: dict[str, threading.Semaphore] = {}
_idle: dict[tuple[str, ...], list[_Worker]] = {}


class _Worker:
    """A process that has the function loaded."""

    def __init__(self, function: Any, code: Path) -> None:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        environment = {
            **inherited,
            **(function.environment_vars or {}),
            **role_credentials(function.role),
            "AWS_ENDPOINT_URL": active().endpoint_url,
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
            "LAMBDA_TASK_ROOT": str(code),
            "_HANDLER": function.handler,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._process = active().guard.start(
            [sys.executable, "-u", str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=code,
        )

    @property
    def alive(self) -> bool:
        """Return whether the process can handle a call."""
        return self._process.poll() is None

    def call(self, message: dict[str, Any], timeout_seconds: float) -> dict[str, Any] | None:
        """Return the worker's answer, or None if the worker was stopped."""
        ending = threading.Timer(timeout_seconds, active().guard.stop, (self._process,))
        ending.start()
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")  # type: ignore[union-attr]  # a pipe
            self._process.stdin.flush()  # type: ignore[union-attr]  # a pipe
            line = self._process.stdout.readline()  # type: ignore[union-attr]  # a pipe
        except BrokenPipeError:
            line = b""
        finally:
            ending.cancel()
        return dict(json.loads(line)) if line else None


def install() -> None:
    """Run functions in worker processes."""
    replace(LambdaFunction, "_invoke_lambda", _invoke)
    replace(LambdaBackend, "invoke", _qualified)
    replace(LambdaResponse, "invoke", _answer_invoke)


def forget() -> None:
    """Clear the workers, which end with the guard."""
    with _lock:
        _idle.clear()
        _slots.clear()


def _answer_invoke(self: Any) -> Any:
    """Answer Invoke with the qualifier of the query; moto reads only a lower-case name.

    https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    """
    asked = parse_qs(urlparse(self.uri).query).get("Qualifier")
    if asked:
        self.querystring["qualifier"] = asked
    return _ANSWER_INVOKE(self)


def _qualified(self: Any, function_name: str, qualifier: str | None, *request: Any) -> Any:
    """Invoke a function, and keep the alias or version for the function's context.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """
    name = function_name.rpartition(":function:")[2]
    _asked.qualifier = qualifier or name.partition(":")[2]
    try:
        return _INVOKE(self, function_name, qualifier, *request)
    finally:
        _asked.qualifier = ""


def _invoke(self: Any, event: Any = None) -> tuple[str, bool, str]:
    code = _unpacked(self)
    key = (self.function_arn, code.name, json.dumps(self.environment_vars, sort_keys=True), active().endpoint_url)
    with _lock:
        slot = _slots.setdefault(self.function_arn, threading.Semaphore(_AT_ONCE))
    with slot:
        answer = _call(self, event, code, key)
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    for metric, value in {"Invocations": 1, "Errors": int(answer[1])}.items():
        count("AWS/Lambda", metric, {"FunctionName": self.function_name}, value)
    return answer


def _call(self: Any, event: Any, code: Path, key: tuple[str, ...]) -> tuple[str, bool, str]:
    with _lock:
        workers = _idle.setdefault(key, [])
        worker = workers.pop() if workers else None
    if worker is None or not worker.alive:
        worker = _Worker(self, code)
    timeout = float(self.timeout or 3)
    qualifier = getattr(_asked, "qualifier", "")
    request = {
        "event": {} if event in (None, "{}") else event,
        "requestId": str(uuid.uuid4()),
        "arn": f"{self.function_arn}:{qualifier}" if qualifier else self.function_arn,
        "timeoutSeconds": timeout,
    }
    answer = worker.call(request, timeout + _START_SECONDS)
    if answer is None:
        failure = {"errorType": "Sandbox.Timedout", "errorMessage": f"Task timed out after {timeout:.2f} seconds"}
        return json.dumps(failure), True, ""
    with _lock:
        workers.append(worker)
    self.logs_backend.ensure_log_group(self.logs_group_name)
    self.save_logs(answer["logs"] or "(no output)")
    return answer["payload"], not answer["ok"], answer["logs"]


def _unpacked(function: Any) -> Path:
    """Return the folder of the function's code, unpacked once per version."""
    target = active().work / "lambda" / f"{function.function_name}-{function.code_sha_256[:12].replace('/', '_')}"
    with _lock:
        if not target.exists():
            draft = target.with_name(target.name + ".draft")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(parents=True)
            with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as archive:
                archive.extractall(draft)
            draft.rename(target)
    return target
