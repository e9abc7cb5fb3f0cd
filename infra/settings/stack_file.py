"""Read a stack file's values one by one; an error names the file and the key."""

from __future__ import annotations

import difflib
import json
import re
from typing import TYPE_CHECKING

from infra.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

# What DynamoDB, and most services, take as a tag.
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
_TAG_TEXT = re.compile(r"[A-Za-z0-9 +=.:/@_-]*")
_LONGEST_TAG_KEY, _LONGEST_TAG_VALUE = 128, 256
_OURS = ("aws:", "migration:")
_ACCOUNT = re.compile(r"[0-9]{12}")
_LIKE_ENOUGH = 0.7


class StackFile:
    """The configuration of one stack: `namespace:key` to text, as Pulumi hands it to the program."""

    def __init__(self, values: Mapping[str, str], project: str, stack: str) -> None:
        self._values = values
        self._project = project
        self._stack = stack

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Refuse a setting that nothing reads: Pulumi itself ignores it.

        Raises:
            SettingsError: A key is not known; names the known key that is most like it.
        """
        for key in self._values:
            if key not in known and not key.startswith("pulumi:"):
                raise self._error(key, f"is no setting{_meant(key, known)}")

    def region(self, known: Sequence[str]) -> str:
        """Return the Region of the stack."""
        value = self._values.get("aws:region")
        if not value:
            raise self._error("aws:region", "is missing; set it to a Region, like eu-central-1")
        if value not in known:
            raise self._error(
                "aws:region", f"is {value!r}, which is no Region of the partition aws{_meant(value, known)}"
            )
        return value

    def account(self) -> str:
        """Return the one account that the stack may be deployed to."""
        key = "aws:allowedAccountIds"
        value = self._values.get(key, "")
        accounts = _parsed(value)
        if not isinstance(accounts, list) or len(accounts) != 1 or not _ACCOUNT.fullmatch(str(accounts[0])):
            problem = f"is {value}" if value else "is missing"
            raise self._error(key, f'{problem}; it must name one account in quotes, like ["123456789012"]')
        return str(accounts[0])

    def text(self, key: str) -> str:
        """Return a text that must be there."""
        value = self._get(key)
        if not value:
            raise self.error(key, "is missing; set it to a text")
        if isinstance(_parsed(value), dict | list):
            raise self.error(key, f"is {value}; it must be a text")
        return value

    def text_or(self, key: str, default: str) -> str:
        """Return a text, or the default where it is not there."""
        return self.text(key) if self._get(key) else default

    def like(self, key: str, pattern: re.Pattern[str], example: str) -> str:
        """Return a text that must be there and match."""
        value = self.text(key)
        if not pattern.fullmatch(value):
            raise self.error(key, f"is {value!r}; it must be like {example}")
        return value

    def like_or(self, key: str, pattern: re.Pattern[str], example: str, default: str) -> str:
        """Return a text that must match, or the default where it is not there."""
        return self.like(key, pattern, example) if self._get(key) else default

    def one_of(self, key: str, known: Sequence[str]) -> str:
        """Return one of the known texts, the first where it is not there."""
        value = self._get(key) or known[0]
        if value not in known:
            raise self.error(key, f"is {value!r}; it must be {' or '.join(known)}")
        return value

    def flag(self, key: str) -> bool:
        """Return a boolean, false where it is not there."""
        return self.one_of(key, ("false", "true")) == "true"

    def count(self, key: str, default: int, *, least: int = 1, most: int) -> int:
        """Return a whole number within bounds, or the default."""
        value = self._get(key)
        if value is None:
            return default
        if not value.isdecimal() or not least <= int(value) <= most:
            raise self.error(key, f"is {value!r}; it must be {least} to {most}")
        return int(value)

    def count_of(self, key: str, default: int, known: Sequence[int]) -> int:
        """Return one of the known numbers, or the default."""
        value = self.count(key, default, most=max(known))
        if value not in known:
            raise self.error(key, f"is {value}; it must be one of {', '.join(map(str, known))}")
        return value

    def pairs(
        self, key: str, names: tuple[str, str], known: Mapping[str, tuple[re.Pattern[str], str]]
    ) -> list[tuple[str, str]]:
        """Return a list of entries with two texts each: one that is known, and one that is like what is known of it."""
        text = self._get(key) or "[]"
        found = _parsed(text)
        if not isinstance(found, list):
            raise self.error(key, f"is {text}; it must be a list of entries with {' and '.join(names)}")
        for entry in found:
            if not isinstance(entry, dict) or set(entry) != set(names):
                raise self.error(key, f"has {json.dumps(entry)}; an entry has {' and '.join(names)}, and nothing else")
            one, other = (entry[name] for name in names)
            if one not in known:
                raise self.error(key, f"has the {names[0]} {one!r}; it must be {' or '.join(known)}")
            pattern, example = known[one]
            if not isinstance(other, str) or not pattern.fullmatch(other):
                raise self.error(key, f"has the {names[1]} {other!r}; of {one} it must be like {example}")
        pairs = [(entry[names[0]], entry[names[1]]) for entry in found]
        if len(set(pairs)) < len(pairs):
            raise self.error(key, "has an entry twice")
        return pairs

    def tags(self, key: str, required: Sequence[str]) -> dict[str, str]:
        """Return tags that every service takes."""
        text = self._get(key) or "{}"
        found = _parsed(text)
        if not isinstance(found, dict):
            raise self.error(key, f"is {text}; it must be names with a text each, like owner: data-platform")
        missing = [name for name in required if not found.get(name)]
        if missing:
            raise self.error(key, f"lacks {', '.join(missing)}")
        for name, value in found.items():
            if name.startswith(_OURS) or not 0 < len(name) <= _LONGEST_TAG_KEY or not _TAG_TEXT.fullmatch(name):
                raise self.error(
                    key, f"has the key {name!r}: it must be 1 to 128 of letters, digits and + - = . _ : / @"
                )
            if not isinstance(value, str) or len(value) > _LONGEST_TAG_VALUE or not _TAG_TEXT.fullmatch(value):
                raise self.error(
                    key, f"has {name}: {value!r}; a value is a text of up to 256 letters, digits and + - = . _ : / @"
                )
        return dict(sorted(found.items()))

    def _get(self, key: str) -> str | None:
        return self._values.get(f"{self._project}:{key}")

    def error(self, key: str, problem: str) -> SettingsError:
        """Return the error of a setting, to be raised."""
        return self._error(f"{self._project}:{key}", problem)

    def _error(self, key: str, problem: str) -> SettingsError:
        return SettingsError(f"Pulumi.{self._stack}.yaml: {key} {problem}")


def _parsed(text: str) -> object:
    """Return what a text is as JSON, in which Pulumi hands over lists and maps; the text itself if it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _meant(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=_LIKE_ENOUGH)
    return f"; did you mean {near[0]}?" if near else ""
