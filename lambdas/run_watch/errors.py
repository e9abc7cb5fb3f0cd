"""Errors of the run watch.

* WatchError
  - InvalidEventError  the event is neither the end of an execution nor a check
"""

from __future__ import annotations


class WatchError(Exception):
    """Base of all errors of the run watch."""


class InvalidEventError(WatchError):
    """The event is neither the end of an execution nor a check."""
