"""What cannot be undone is asked for with the words to type."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from runner.commands import confirmation
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

WHAT = "This destroys 12 clones of [prod] in 971779422973."


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Ask in a terminal that answers, or ends, and return what it shows."""

    def asked(answer: str | None, *words: str) -> str:
        file = io.StringIO()

        def answered(*_prompt: str) -> str:
            if answer is None:
                raise EOFError
            return answer

        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", answered)
        monkeypatch.setattr(confirmation, "errors", Console(file=file, force_terminal=True, width=200))
        confirmation.confirm(WHAT, list(words), yes=False)
        return file.getvalue()

    return asked


@pytest.mark.parametrize("answer", ["rates [test]", "  rates   [test] "])
def test_the_words_are_asked_for_as_they_are(ask: Callable[..., str], answer: str) -> None:
    what, _, question = ask(answer, "rates", "[test]").partition("\n")

    assert what == WHAT
    assert re.sub(r"\x1b\[[0-9;]*m", "", question) == "Type rates [test] to continue: "


@pytest.mark.parametrize(
    ("answer", "said"),
    [("rates", "'rates'"), ("[test] rates", "'[test] rates'"), ("yes", "'yes'"), ("", "''"), (None, "''")],
)
def test_another_answer_and_none_do_nothing(ask: Callable[..., str], answer: str | None, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        ask(answer, "rates", "[test]")

    assert str(refused.value) == f"{said} is not 'rates [test]'; nothing was done"


@pytest.mark.parametrize(("option", "named"), [({}, "--yes"), ({"option": "--yes rates"}, "--yes rates")])
def test_without_a_terminal_the_option_is_named(
    monkeypatch: pytest.MonkeyPatch, option: dict[str, str], named: str
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)

    confirmation.confirm(WHAT, ["rates"], yes=True)
    with pytest.raises(UsageError) as refused:
        confirmation.confirm(WHAT, ["rates"], yes=False, **option)

    assert str(refused.value) == f"{WHAT} Cannot ask for 'rates' without a terminal; pass {named} to confirm"
