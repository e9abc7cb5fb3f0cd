"""Confirmation of actions that cannot be undone."""

from __future__ import annotations

import sys

from runner.console import errors
from runner.errors import UsageError


def confirm(what: str, words: list[str], *, yes: bool, option: str = "--yes") -> None:
    """Return after a person types the words, or at once with `yes`, which the command's `option` sets.

    Raises:
        UsageError: The answer differs, or there is no terminal to ask in.
    """
    if yes:
        return
    wanted = " ".join(words)
    if not sys.stdin.isatty():
        raise UsageError(f"{what} Cannot ask for {wanted!r} without a terminal; pass {option} to confirm")
    errors.print(what, highlight=False, markup=False)
    try:
        answer = errors.input(f"Type {wanted} to continue: ", markup=False)
    except EOFError:
        answer = ""
    if answer.split() != words:
        raise UsageError(f"{answer!r} is not {wanted!r}; nothing was done")
