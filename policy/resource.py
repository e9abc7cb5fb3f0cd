"""A resource as a rule sees it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Properties = Mapping[str, Any]  # named as on the wire, in camelCase


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What the program asks for, whether or not it exists yet."""

    kind: str  # like aws:s3/bucket:Bucket
    name: str
    properties: Properties
    protect: bool = False

    def get(self, *path: str) -> Any:  # noqa: ANN401 - what Pulumi's properties hold is Any
        """Return a property of properties, or None where one of them is not there."""
        value: Any = self.properties
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def document(self, key: str) -> Mapping[str, Any]:
        """Return a property that is JSON."""
        parsed: Mapping[str, Any] = json.loads(self.properties[key])
        return parsed


@dataclass(frozen=True)
class Rule:
    """One thing that is asked of each resource; `check` says what is wrong with it."""

    name: str
    description: str
    check: Callable[[Resource], Iterable[str]]


@dataclass(frozen=True)
class StackRule:
    """One thing that is asked of all resources together; `check` gets them by URN and says which is wrong."""

    name: str
    description: str
    check: Callable[[Mapping[str, Resource]], Iterable[tuple[str, str]]]
