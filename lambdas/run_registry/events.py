"""Fields of an event, each validated as it is read."""

from __future__ import annotations

from typing import Any

from run_registry.callers import Caller
from run_registry.documents import BOOTSTRAP, KINDS, MODES
from run_registry.errors import InvalidEventError
from run_registry.proven import Proven, is_instant, problem_of

Event = dict[str, Any]


def caller_of(event: Event) -> Caller:
    """Return the caller, with its kind of run."""
    return Caller(
        domain=text(event, "domain"), run=text(event, "run"), execution=text(event, "execution"), kind=_kind(event)
    )


def mode(event: Event) -> str:
    """Return the run's mode; empty for an execution of an older definition, which does not pass it."""
    value = str(event.get("mode", ""))
    if value and value not in MODES:
        raise InvalidEventError(f"mode: {value!r} is not {' or '.join(MODES)}")
    if not value and _kind(event) != BOOTSTRAP:
        raise InvalidEventError(f"mode: is missing; a {_kind(event)} needs {' or '.join(MODES)}")
    return value


def proven(event: Event) -> Proven | None:
    """Return what the run proved, or None if the event does not contain it."""
    document = event.get("proven")
    if document is None:
        return None
    problem = problem_of(document)
    if problem:
        raise InvalidEventError(problem)
    for field in ("domain", "run"):
        if document[field] != event[field]:
            raise InvalidEventError(f"proven.{field}: {document[field]!r} is not the caller's {event[field]!r}")
    return Proven(document)


def instant(event: Event) -> str:
    """Return the instant of a cut-over, or of the export that will prove a run."""
    value = text(event, "instant")
    if not is_instant(value):
        raise InvalidEventError(f"instant: {value!r} is not an instant with a time zone")
    return value


def flag(event: Event, field: str) -> bool:
    """Return a boolean field; false if it is missing."""
    value = event.get(field, False)
    if not isinstance(value, bool):
        raise InvalidEventError(f"{field}: {value!r} is not true or false")
    return value


def text(event: Event, field: str) -> str:
    """Return a field that must be a non-empty text."""
    value = event.get(field)
    if not isinstance(value, str) or not value:
        raise InvalidEventError(f"{field}: is missing or not a text")
    return value


def _kind(event: Event) -> str:
    """Return the run's kind: a bootstrap unless the event says otherwise."""
    kind = event.get("kind", BOOTSTRAP)
    if kind not in KINDS:
        raise InvalidEventError(f"kind: {kind!r} is not {', '.join(KINDS[:-1])} or {KINDS[-1]}")
    return str(kind)
