"""Extensions of moto: each replaces a named attribute, which must exist."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from local.errors import SeamMissingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

_replaced: list[tuple[Any, str]] = []


def replace(owner: Any, name: str, replacement: Any) -> Any:
    """Replace `owner.name` and return the original.

    Raises:
        SeamMissingError: The installed moto has no such attribute.
    """
    if not hasattr(owner, name):
        raise SeamMissingError(f"moto has no {getattr(owner, '__name__', owner)}.{name}; it must be 5.2.5")
    original = getattr(owner, name)
    setattr(owner, name, replacement)
    _replaced.append((owner, name))
    return original


def replace_everywhere(owner: Any, name: str, replacement: Any) -> Any:
    """Replace a function in its module and in every module that imports it by name."""
    original = replace(owner, name, replacement)
    for module in list(sys.modules.values()):
        is_parser = getattr(module, "__name__", "").startswith("moto.stepfunctions.parser")
        if is_parser and getattr(module, name, None) is original:
            setattr(module, name, replacement)
    return original


def serialise(owner: Any, names: Iterable[str], lock: AbstractContextManager[Any]) -> None:
    """Guard methods with a lock, so that they run one at a time."""
    for name in names:
        replace(owner, name, _locked(getattr(owner, name), lock))


def _locked(method: Callable[..., Any], lock: AbstractContextManager[Any]) -> Callable[..., Any]:
    def call(*arguments: object, **named: object) -> Any:
        with lock:
            return method(*arguments, **named)

    return call


def replaced() -> list[str]:
    """Return the replaced attributes, for the tests."""
    return [
        f"{getattr(owner, '__module__', '')}.{getattr(owner, '__name__', owner)}.{name}" for owner, name in _replaced
    ]
