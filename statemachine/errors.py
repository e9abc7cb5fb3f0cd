"""Errors of the state machine's rendering.

* DefinitionError — a definition cannot be rendered; says which template or state
"""

from __future__ import annotations


class DefinitionError(Exception):
    """A template, or the definition it gave, is wrong."""
