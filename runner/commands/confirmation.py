"""Ask a person before what cannot be taken back."""

from __future__ import annotations

import sys

from runner.console import errors
from runner.errors import UsageError


def confirm(what: str, words: list[str], *, yes: bool) -> None:
    """Return once the words were typed back, or at once with `yes`.

    Raises:
        UsageError: Another answer was given, or there is no terminal to ask in.
    """
    if yes:
        return
    wanted = " ".join(words)
    if not sys.stdin.isatty():
        raise UsageError(f"{what} There is no terminal to ask for {wanted!r} in: say --yes if that is wanted")
    errors.print(what, highlight=False, markup=False)
    try:
        answer = errors.input(f"Type {wanted} to go on: ", markup=False)
    except EOFError:
        answer = ""
    if answer.split() != words:
        raise UsageError(f"{answer!r} is not {wanted!r}; nothing was done")
