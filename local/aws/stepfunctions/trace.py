"""Steps of executions: each state that was entered, and the rule by which it was left.

A history has the states, but not the Choice rule or the Catch that led to the next one.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from moto.stepfunctions.parser.asl.component.common.catch.catcher_decl import CatcherDecl
from moto.stepfunctions.parser.asl.component.common.catch.catcher_outcome import CatcherOutcomeCaught
from moto.stepfunctions.parser.asl.component.state.choice.choice_rule import ChoiceRule
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField

from local.aws.seams import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Step = tuple[str, str]  # a state and its step: "enter", "next", "end", "default", "choice 0", "catch 1"
_watchers: list[Callable[[Step], None]] = []


@contextmanager
def watched(watcher: Callable[[Step], None]) -> Iterator[None]:
    """Call `watcher` with every step of every execution, in the thread of that execution."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def install() -> None:
    """Report every step to the watchers."""
    _tell_entries()
    _tell_next()
    _tell_choices()
    _tell_catches()


def _tell(state: str, how: str) -> None:
    for watcher in tuple(_watchers):
        watcher((state, how))


def _tell_entries() -> None:
    original = CommonStateField._eval_state_input

    def enter(self: Any, env: Any) -> None:
        _tell(self.name, "enter")
        original(self, env)

    replace(CommonStateField, "_eval_state_input", enter)


def _tell_next() -> None:
    original = CommonStateField._set_next

    def leave(self: Any, env: Any) -> None:
        if env.next_state_name == self.name:
            _tell(self.name, "next" if hasattr(self.continue_with, "next_state") else "end")
        original(self, env)

    replace(CommonStateField, "_set_next", leave)


def _tell_choices() -> None:
    original_state, original_rule = StateChoice._eval_state, ChoiceRule._eval_body

    def choose(self: Any, env: Any) -> None:
        for index, rule in enumerate(self.choices_decl.rules):
            rule.origin = (self.name, f"choice {index}")
        env.matched = False
        original_state(self, env)
        if not env.matched:
            _tell(self.name, "default")

    def match(self: Any, env: Any) -> None:
        original_rule(self, env)
        if env.stack[-1] is True:
            env.matched = True
            _tell(*self.origin)

    replace(StateChoice, "_eval_state", choose)
    replace(ChoiceRule, "_eval_body", match)


def _tell_catches() -> None:
    original_state, original_catcher = ExecutionState._handle_catch, CatcherDecl._eval_body

    def handle(self: Any, env: Any, failure_event: Any) -> None:
        for index, catcher in enumerate(self.catch.catchers):
            catcher.origin = (self.name, f"catch {index}")
        original_state(self, env, failure_event)

    def catch(self: Any, env: Any) -> None:
        original_catcher(self, env)
        if isinstance(env.stack[-1], CatcherOutcomeCaught):
            _tell(*self.origin)

    replace(ExecutionState, "_handle_catch", handle)
    replace(CatcherDecl, "_eval_body", catch)
