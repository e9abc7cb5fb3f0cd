"""Clone ages in words, grouped by the run that created the clones."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Protocol

from runner.account.clones import clones
from runner.errors import UsageError
from runner.labels import duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.account.environments import Environment

FRESHNESS = "an official run uses only clones made since it began, or by a running official run of another domain"


class TaggedClone(Protocol):
    """A clone with the tags of the run that created it; a missing tag is an empty string."""

    @property
    def created(self) -> dt.datetime | None:
        """Return the time at which RDS began to create it."""

    @property
    def run(self) -> str:
        """Return the run that created it."""

    @property
    def domain(self) -> str:
        """Return that run's domain."""

    @property
    def mode(self) -> str:
        """Return that run's mode."""


def ages(dated: Iterable[TaggedClone], now: dt.datetime) -> list[str]:
    """Return a line per run that created clones, oldest first: 9 clones made 3 h 20 min ago by run r1."""
    groups: dict[str, list[dt.datetime]] = {}
    for clone in dated:
        groups.setdefault(creator(clone), []).append(clone.created or now)
    lines = sorted(groups.items(), key=lambda group: min(group[1]))
    return [f"{_clones(len(moments))} made {_ago(moments, now)} by {by}" for by, moments in lines]


def creator(clone: TaggedClone) -> str:
    """Return a clone's creator: the rehearsal r1 of rates."""
    if not clone.run:
        return "an unknown run"
    whose = f"the {'official run' if clone.mode == 'official' else clone.mode} {clone.run}"
    return f"{whose if clone.mode else f'run {clone.run}'}{f' of {clone.domain}' if clone.domain else ''}"


def existing(environment: Environment) -> str:
    """Describe the existing clones to a person who confirms an official run."""
    try:
        lines = ages(clones(environment), dt.datetime.now(dt.UTC))
    except UsageError as error:
        return f"The clones and their ages are not known: {error}"
    if not lines:
        return "No clone exists: the run makes its own."
    listed = "; ".join(lines)
    return f"Clones exist: {listed}. {FRESHNESS[0].upper()}{FRESHNESS[1:]}; with others it fails with CloneNotFresh."


def _clones(count: int) -> str:
    return "1 clone" if count == 1 else f"{count} clones"


def _ago(moments: list[dt.datetime], now: dt.datetime) -> str:
    oldest, youngest = [duration(max(0.0, (now - at).total_seconds())) for at in (min(moments), max(moments))]
    return f"{oldest} ago" if oldest == youngest else f"{youngest} to {oldest} ago"
