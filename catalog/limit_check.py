"""Check of a catalog against AWS's limits on definitions, payloads, jobs and roles' policies.

Only the command `check` uses it. The code that knows the limits is in a higher layer and imported on use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.errors import Problem
from catalog.located_yaml import Document, Finding

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.models import Catalog


def limit_problems(catalog: Catalog, folder: Path) -> tuple[list[Problem], list[str]]:
    """Return the limits that a catalog exceeds as problems, and a sentence about each limit that it comes near."""
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
