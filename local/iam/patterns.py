"""Texts of policies: a single one or a list, with the wildcards * and ?."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from local.errors import PolicyError


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON has a single value or a list
    """Return a single value or a list as a list."""
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def like(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Return whether a text matches a pattern.

    Raises:
        PolicyError: The pattern has a policy variable.
    """
    return _compiled(pattern, ignore_case).fullmatch(text) is not None


@cache
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:  # noqa: FBT001 - a cache's key
    if "${" in pattern:
        raise PolicyError(f"{pattern}: policy variables are not evaluated here")
    text = "".join(".*" if letter == "*" else "." if letter == "?" else re.escape(letter) for letter in pattern)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if ignore_case else re.NOFLAG))
