"""A pytest plugin that records which lines of some files each test runs."""

from __future__ import annotations

import sys
import threading
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import FrameType

IMPORT = ""


class Lines:
    """Tests by file and line, the seconds of each, and of the longest step; lines that run at import belong to no test.

    A step is a test with its fixtures, or the collection of all tests.
    """

    def __init__(self, root: Path, files: Iterable[str]) -> None:
        """Record the files, named from the root."""
        self._names = {str(root / name): name for name in files}
        self._test = IMPORT
        self._lines: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._seconds: dict[str, float] = defaultdict(float)
        self._longest = 0.0
        sys.settrace(self._called)
        threading.settrace(self._called)

    def facts(self) -> dict[str, Any]:
        """Stop, and return the record as JSON."""
        sys.settrace(None)
        threading.settrace(None)
        lines = {file: {line: sorted(tests) for line, tests in of.items()} for file, of in self._lines.items()}
        return {"lines": lines, "seconds": dict(self._seconds), "longest": self._longest}

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            return (yield)
        finally:
            self._longest = time.monotonic() - began

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        # Without parameters: a mutant may change them, and the names of the tests with them.
        self._test = item.nodeid.partition("[")[0]
        began = time.monotonic()
        try:
            return (yield)
        finally:
            self._test = IMPORT
            self._longest = max(self._longest, time.monotonic() - began)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        # What a shared fixture runs is no test's own, although the first one pays for it.
        before = self._test
        self._test = before if fixturedef.scope == "function" else IMPORT
        try:
            return (yield)
        finally:
            self._test = before

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid.partition("[")[0]] += report.duration

    def _called(self, frame: FrameType, _event: str, _argument: object) -> Any:
        name = self._names.get(frame.f_code.co_filename)
        if name is None:
            return None
        lines = self._lines[name]

        def ran(inner: FrameType, _event: str, _argument: object) -> Any:
            lines[inner.f_lineno].add(self._test)
            return ran

        lines[frame.f_lineno].add(self._test)
        return ran
