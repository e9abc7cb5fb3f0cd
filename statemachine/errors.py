"""Errors of rendering a state machine.

* DefinitionError — a definition cannot be rendered; the message names the template or state
"""

from __future__ import annotations


class DefinitionError(Exception):
    """A template, or the definition rendered from it, is wrong."""
