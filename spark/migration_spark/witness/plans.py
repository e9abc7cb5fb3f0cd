"""Whether a select makes an item of each driving row by itself: then a sample of rows gives a sample of items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# The sample lies in the plan itself; all other rows are read.
_SAMPLE = "LocalRelation"
_OF_MANY_ROWS = ("Aggregate", "Window", "GlobalLimit", "LocalLimit", "Limit", "Sample", "Offset", "Tail")


def is_row_by_row(result: DataFrame) -> bool:
    """Return whether the sample is read once, below nothing that takes several rows together.

    Where this cannot be told, it is not.
    """
    found, gathered = _samples(result._jdf.queryExecution().optimizedPlan(), gathered=False)
    return found == 1 and not gathered


def _samples(plan: Any, *, gathered: bool) -> tuple[int, bool]:
    """Return how often the sample is in a plan, and whether something above it takes rows together."""
    name = plan.nodeName()
    if name == _SAMPLE:
        return 1, gathered
    children = plan.children()
    parts = [
        _samples(children.apply(n), gathered=gathered or name in _OF_MANY_ROWS or name.startswith("Window"))
        for n in range(children.size())
    ]
    return sum(count for count, _ in parts), any(bad for _, bad in parts)
