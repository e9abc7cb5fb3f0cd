"""Resources and security rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Properties = Mapping[str, Any]  # with camelCase names, as in Pulumi's protocol


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource that the program declares, whether or not it exists yet."""

    kind: str  # like aws:s3/bucket:Bucket
    name: str
    properties: Properties
    protect: bool = False

    def get(self, *path: str) -> Any:  # noqa: ANN401 - Pulumi's properties are Any
        """Return a nested property, or None if a part of the path does not exist."""
        value: Any = self.properties
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def document(self, key: str) -> Mapping[str, Any]:
        """Return the parsed content of a JSON property."""
        parsed: Mapping[str, Any] = json.loads(self.properties[key])
        return parsed


@dataclass(frozen=True)
class Rule:
    """A security rule on each resource; `check` yields its violations."""

    name: str
    description: str
    check: Callable[[Resource], Iterable[str]]


@dataclass(frozen=True)
class StackRule:
    """A security rule on all resources together; `check` gets them by URN and yields violations with their URN."""

    name: str
    description: str
    check: Callable[[Mapping[str, Resource]], Iterable[tuple[str, str]]]
