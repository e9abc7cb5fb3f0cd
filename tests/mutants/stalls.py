"""A pytest plugin that ends its process if a test, or the collection of tests, takes too long.

A mutant may loop forever. The time of all tests together would say so too, but minutes later.
"""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_LOOK_SECONDS = 0.2


class Stalls:
    """Kills this process's group when a step has taken so many seconds."""

    def __init__(self, step_seconds: float) -> None:
        """Begin to watch; a thread does, since tests may set timers of their own."""
        self._step_seconds = step_seconds
        self._deadline = math.inf
        threading.Thread(target=self._watch, daemon=True).start()

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Iterator[None]:
        return (yield from self._limited())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        return (yield from self._limited())

    def _limited(self) -> Generator[None, None, None]:
        self._deadline = time.monotonic() + self._step_seconds
        try:
            return (yield)
        finally:
            self._deadline = math.inf

    def _watch(self) -> None:
        while time.monotonic() < self._deadline:
            time.sleep(_LOOK_SECONDS)
        os.killpg(0, signal.SIGKILL)
