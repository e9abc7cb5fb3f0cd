"""Scaled waits and retry delays: an hour of waiting takes seconds in the embedded AWS.

moto sleeps in full, and its retry delays cannot be interrupted.
"""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction

from local.aws.active import active
from local.aws.seams import replace

_SYNC_POLL_SECONDS = 0.5


def install() -> None:
    """Scale waits, retry delays and polls."""
    replace(WaitFunction, "_wait_interval", _wait)
    replace(retrier_decl, "time", SimpleNamespace(sleep=_sleep, time=time.time))
    replace(state_task_service_callback, "_DELAY_SECONDS_SYNC_CONDITION_CHECK", _SYNC_POLL_SECONDS)


def _wait(_self: object, env: Any, wait_seconds: float) -> None:
    end = time.monotonic() + max(0, wait_seconds) * active().time_scale
    while env.is_running():
        left = end - time.monotonic()
        if left <= 0:
            return
        env.program_state_event.wait(left)


def _sleep(seconds: float) -> None:
    active().stopping.wait(seconds * active().time_scale)
