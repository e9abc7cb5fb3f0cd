"""Read a stack file's values one by one; what is wrong is said with file and key."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from infra.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi

# What DynamoDB, and most services, take as a tag.
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
_TAG_TEXT = re.compile(r"[A-Za-z0-9 +=.:/@_-]*")
_LONGEST_TAG_KEY, _LONGEST_TAG_VALUE = 128, 256
_OURS = ("aws:", "migration:")


class StackFile:
    """The values below the project's name in Pulumi.<stack>.yaml."""

    def __init__(self, config: pulumi.Config, stack: str) -> None:
        self._config = config
        self._stack = stack

    def text(self, key: str) -> str:
        """Return a text that must be there."""
        value = self._config.get(key)
        if not value:
            raise self._error(key, "is missing; set it to a text")
        return value

    def like(self, key: str, pattern: re.Pattern[str], example: str) -> str:
        """Return a text that must be there and match."""
        value = self.text(key)
        if not pattern.fullmatch(value):
            raise self._error(key, f"is {value!r}; it must be like {example}")
        return value

    def like_or(self, key: str, pattern: re.Pattern[str], example: str, default: str) -> str:
        """Return a text that must match, or the default where it is not there."""
        return self.like(key, pattern, example) if self._config.get(key) else default

    def one_of(self, key: str, known: Sequence[str]) -> str:
        """Return one of the known texts, the first where it is not there."""
        value = self._config.get(key) or known[0]
        if value not in known:
            raise self._error(key, f"is {value!r}; it must be {' or '.join(known)}")
        return value

    def flag(self, key: str) -> bool:
        """Return a boolean, false where it is not there."""
        return self.one_of(key, ("false", "true")) == "true"

    def count(self, key: str, default: int, *, least: int = 1, most: int) -> int:
        """Return a whole number within bounds, or the default."""
        value = self._config.get(key)
        if value is None:
            return default
        if not value.isdecimal() or not least <= int(value) <= most:
            raise self._error(key, f"is {value!r}; it must be {least} to {most}")
        return int(value)

    def count_of(self, key: str, default: int, known: Sequence[int]) -> int:
        """Return one of the known numbers, or the default."""
        value = self.count(key, default, most=max(known))
        if value not in known:
            raise self._error(key, f"is {value}; it must be one of {', '.join(map(str, known))}")
        return value

    def tags(self, key: str, required: Sequence[str]) -> dict[str, str]:
        """Return tags that every service takes."""
        found = json.loads(self._config.get(key) or "{}")
        missing = [name for name in required if not found.get(name)]
        if missing:
            raise self._error(key, f"lacks {', '.join(missing)}")
        for name, value in found.items():
            if name.startswith(_OURS) or not 0 < len(name) <= _LONGEST_TAG_KEY or not _TAG_TEXT.fullmatch(name):
                raise self._error(
                    key, f"has the key {name!r}: it must be 1 to 128 of letters, digits and + - = . _ : / @"
                )
            if not isinstance(value, str) or len(value) > _LONGEST_TAG_VALUE or not _TAG_TEXT.fullmatch(value):
                raise self._error(
                    key, f"has {name}: {value!r}; a value is a text of up to 256 letters, digits and + - = . _ : / @"
                )
        return dict(sorted(found.items()))

    def _error(self, key: str, problem: str) -> SettingsError:
        return SettingsError(f"Pulumi.{self._stack}.yaml: {self._config.name}:{key} {problem}")
