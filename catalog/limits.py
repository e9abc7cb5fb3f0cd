"""Whether AWS can carry a catalog: what its definitions, payloads, jobs and roles' policies need of their limits.

Only the command `check` asks; what knows the limits lies in layers above, and is imported when it is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.document import Document, Finding
from catalog.errors import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.models import Catalog


def limit_problems(catalog: Catalog, folder: Path) -> tuple[list[Problem], list[str]]:
    """Return the limits that a catalog passes, each at its place, and sentences about those that it is near to."""
    from infra.capacity import capacity  # noqa: PLC0415 - brings Pulumi, which no other use of the catalog needs

    problems, warnings = [], []
    for fact in capacity(catalog):
        path = folder / "domains" / f"{fact.domain}.yaml" if fact.domain else folder / "clusters.yaml"
        if not fact.is_passed:
            warnings.append(f"{path}: {fact.sentence}")
        elif fact.domain:
            problems.append(Document(path).problem(Finding(("tables",), fact.sentence, on_key=True)))
        else:
            problems.append(Problem(path, "", fact.sentence))
    return problems, warnings
