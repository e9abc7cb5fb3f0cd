"""Validators of a stack file's values.

Pulumi passes every value to the program as text, and lists and maps as JSON. A validator raises ValueError with
only the problem; `read_settings` adds the file and the key.
"""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

# The characters that DynamoDB and most services accept in a tag.
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
_TAG_TEXT = re.compile(r"[A-Za-z0-9 +=.:/@_-]*")
_LONGEST_TAG_KEY, _LONGEST_TAG_VALUE = 128, 256
_RESERVED_PREFIXES = ("aws:", "migration:")
_ACCOUNT = re.compile(r"[0-9]{12}")
_LIKE_ENOUGH = 0.7


class SettingProblemError(ValueError):
    """A problem of one setting that depends on other settings.

    Attributes:
        key: The setting as the stack file spells it.
    """

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(problem)
        self.key = key


def parsed(value: object) -> object:
    """Return the JSON value of a text, or the text itself if it is not JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def text(value: str) -> str:
    """Return a text; reject a list or a map."""
    if isinstance(parsed(value), dict | list):
        raise ValueError(f"is {value}; it must be a text")  # noqa: TRY004 - pydantic reports ValueError
    return value


def like(pattern: str, example: str) -> Callable[[str], str]:
    """Return a validator of text that matches a pattern."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, text(value)):
            raise ValueError(f"is {value!r}; it must be like {example}")
        return value

    return check


def choice(*known: str) -> Callable[[str], str]:
    """Return a validator of text that is one of the known values."""

    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"is {value!r}; it must be {' or '.join(known)}")
        return value

    return check


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return a validator of whole numbers within bounds."""

    def check(value: str) -> int:
        if not value.isdecimal() or not least <= int(value) <= most:
            raise ValueError(f"is {value!r}; it must be {least} to {most}")
        return int(value)

    return check


def number_of(known: Sequence[int]) -> Callable[[str], int]:
    """Return a validator of whole numbers that are one of the known ones."""
    within_bounds = whole(1, max(known))

    def check(value: str) -> int:
        number = within_bounds(value)
        if number not in known:
            raise ValueError(f"is {number}; it must be one of {', '.join(map(str, known))}")
        return number

    return check


def account(value: str) -> str:
    """Return the only account that a list allows."""
    accounts = parsed(value)
    if not isinstance(accounts, list) or len(accounts) != 1 or not _ACCOUNT.fullmatch(str(accounts[0])):
        problem = f"is {value}" if value else "is missing"
        raise ValueError(f'{problem}; it must name one account in quotes, like ["123456789012"]')
    return str(accounts[0])


def tags(required: Sequence[str]) -> Callable[[str | Mapping[str, str]], dict[str, str]]:
    """Return tags that every service accepts."""

    def check(value: str | Mapping[str, str]) -> dict[str, str]:
        entries = parsed(value)
        if not isinstance(entries, dict):
            raise ValueError(f"is {value}; it must be names with a text each, like owner: data-platform")  # noqa: TRY004 - pydantic reports ValueError
        missing = [name for name in required if not entries.get(name)]
        if missing:
            raise ValueError(f"lacks {', '.join(missing)}")
        for name, tag in entries.items():
            _check_tag(name, tag)
        return dict(sorted(entries.items()))

    return check


def _check_tag(name: str, tag: object) -> None:
    if name.startswith(_RESERVED_PREFIXES) or not 0 < len(name) <= _LONGEST_TAG_KEY or not _TAG_TEXT.fullmatch(name):
        raise ValueError(f"has the key {name!r}: it must be 1 to 128 of letters, digits and + - = . _ : / @")
    if not isinstance(tag, str) or len(tag) > _LONGEST_TAG_VALUE or not _TAG_TEXT.fullmatch(tag):
        raise ValueError(f"has {name}: {tag!r}; a value is a text of up to 256 letters, digits and + - = . _ : / @")


def nearest(word: str, known: Collection[str]) -> str:
    """Return `; did you mean …?` with the most similar known word, or an empty string."""
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=_LIKE_ENOUGH)
    return f"; did you mean {near[0]}?" if near else ""
