"""A recording of every expression that executions evaluate, for the reference implementation: `make jsonata-check`.

A line holds the expression, the variables that it reads, and its value or error. A loop evaluates the same expression
again and again, so the recording keeps each expression with different variables only, up to a limit.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from local.aws.stepfunctions.jsonata import variables_of

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[2] / "build" / "jsonata"
_MOST_OF_AN_EXPRESSION = 60


class _Recording:
    """The lines of one recording, each written once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        # Its name is given at the end: two recordings at once would write into each other.
        self._file = path.with_suffix(f".{os.getpid()}").open("w", encoding="utf-8")
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._count: Counter[str] = Counter()

    def add(self, expression: str, read: str, outcome: dict[str, Any]) -> None:
        digest = hashlib.sha256(f"{expression}|{read}".encode()).hexdigest()
        with self._lock:
            if digest in self._seen or self._count[expression] >= _MOST_OF_AN_EXPRESSION:
                return
            self._seen.add(digest)
            self._count[expression] += 1
            # Both are JSON already: what was read is not parsed to be written again.
            head = to_json_str({"expression": expression, **outcome})
            self._file.write(f"{head[:-1]}, {read[1:]}\n")

    def close(self) -> None:
        self._file.close()
        Path(self._file.name).replace(self._path)


@contextmanager
def recorded(name: str) -> Iterator[None]:
    """Record every evaluation of this process; the embedded AWS must be up, so that its evaluator is in place."""
    recording = _Recording(FOLDER / f"{name}.jsonl")
    original = StringJSONata._eval_body

    def evaluate(self: Any, env: Any) -> None:
        read = _read(self.expression, env)
        state = str(env.states.context_object.context_object_data.get("State", {}).get("Name"))
        try:
            original(self, env)
        except Exception as error:
            recording.add(self.expression, read, {"state": state, "error": f"{type(error).__name__}: {error}"})
            raise
        recording.add(self.expression, read, {"state": state, "value": env.stack[-1]})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StringJSONata, "_eval_body", evaluate)
        try:
            yield
        finally:
            recording.close()


def _read(expression: str, env: Any) -> str:
    """Return the variables that an expression reads, as JSON of the moment: states change them later."""
    variables = variables_of(expression, env)
    states = variables.pop("states", None)
    return str(to_json_str({"variables": variables, "states": states}))
