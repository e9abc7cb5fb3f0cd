"""Changes of a part, in the format of the Delta job."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from dataclasses import dataclass
from typing import Any

from table_writer.errors import PartDamagedError
from table_writer.items import Item, from_json


@dataclass(frozen=True)
class Change:
    """An item to put, or a key to delete; `was` is the item that must still be stored, None for no item."""

    was: Item | None
    put: Item | None = None
    delete: Item | None = None

    def key(self, names: tuple[str, ...]) -> Item:
        """Return the key of the item."""
        item = self.delete if self.put is None else self.put
        return {name: item[name] for name in names}  # type: ignore[index]  # a change has one of both


@dataclass(frozen=True)
class Part:
    """An object of changes, as parts.json lists it."""

    name: str
    changes: int
    md5: str  # of the object, in hexadecimal digits

    @classmethod
    def listed(cls, text: str, kind: str) -> list[Part]:
        """Return the parts of a kind, in their order.

        Raises:
            PartDamagedError: The text is no list of parts.
        """
        try:
            return [cls(entry["name"], int(entry["changes"]), entry["md5"]) for entry in json.loads(text)[kind]]
        except (ValueError, KeyError, TypeError) as error:
            raise PartDamagedError(f"parts.json has no list of {kind}: {error!r}. {ANEW}") from error


def read(part: Part, kind: str, content: bytes) -> list[Change]:
    """Return the changes of a part.

    Raises:
        PartDamagedError: The object is not the listed one.
    """
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if digest != part.md5:
        raise PartDamagedError(f"{part.name}: has the MD5 {digest}, parts.json says {part.md5}. {ANEW}")
    try:
        changes = [_change(json.loads(line), kind) for line in gzip.decompress(content).splitlines()]
    except (ValueError, KeyError, TypeError, OSError, EOFError, zlib.error) as error:
        raise PartDamagedError(f"{part.name}: is not a part of {kind}: {error!r}. {ANEW}") from error
    if len(changes) != part.changes:
        raise PartDamagedError(f"{part.name}: has {len(changes)} changes, parts.json says {part.changes}. {ANEW}")
    return changes


def _change(line: dict[str, Any], kind: str) -> Change:
    was = None if line["was"] is None else from_json(line["was"])
    if kind == "puts":
        return Change(was, put=from_json(line["put"]))
    if was is None:
        raise ValueError("a deletion without the expected item")
    return Change(was, delete=from_json(line["delete"]))


ANEW = "Nothing of it was written; give up the run and start a new one: migrate catch-up"
