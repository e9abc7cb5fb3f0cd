"""Colours of the diagrams, one per kind of node, readable on light and dark pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_STYLES = {
    # states
    "task": "fill:#dbeafe,stroke:#1d4ed8,color:#111827",
    "choice": "fill:#fef3c7,stroke:#b45309,color:#111827",
    "wait": "fill:#ede9fe,stroke:#6d28d9,color:#111827",
    "pass": "fill:#f3f4f6,stroke:#6b7280,color:#111827",
    "succeed": "fill:#dcfce7,stroke:#15803d,color:#111827",
    "fail": "fill:#fee2e2,stroke:#b91c1c,color:#111827",
    # data stores, and the services that work on them
    "person": "fill:#f3f4f6,stroke:#6b7280,color:#111827",
    "aurora": "fill:#dbeafe,stroke:#1d4ed8,color:#111827",
    "clone": "fill:#eff6ff,stroke:#1d4ed8,color:#111827,stroke-dasharray:4 3",
    "s3": "fill:#dcfce7,stroke:#15803d,color:#111827",
    "spark": "fill:#fef3c7,stroke:#b45309,color:#111827",
    "dynamodb": "fill:#ede9fe,stroke:#6d28d9,color:#111827",
    "kinesis": "fill:#fce7f3,stroke:#be185d,color:#111827",
    "control": "fill:#ffedd5,stroke:#c2410c,color:#111827",
    "identity": "fill:#fee2e2,stroke:#b91c1c,color:#111827",
}


def class_definitions(kinds: Iterable[str]) -> list[str]:
    """Return a `classDef` line for each kind, in the palette's order."""
    wanted = set(kinds)
    return [f"  classDef {kind} {style}" for kind, style in _STYLES.items() if kind in wanted]
