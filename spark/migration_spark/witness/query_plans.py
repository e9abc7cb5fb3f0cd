"""Query plans over a sample: whether a select makes an item from each driving row alone, and where Spark computes it.

Only such a select turns a sample of rows into a sample of items.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migration_spark.item_tasks import in_session, own_session

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# The sample is part of the plan itself; all other rows come from files.
_SAMPLE = "LocalRelation"
_OF_MANY_ROWS = ("Aggregate", "Window", "GlobalLimit", "LocalLimit", "Limit", "Sample", "Offset", "Tail")
# Spark's own limit of columns for compiling a whole stage.
_FEW_COLUMNS = 100
_EXCLUDED_RULES = "spark.sql.optimizer.excludedRules"
_COMPUTES_ROWS = "org.apache.spark.sql.catalyst.optimizer.ConvertToLocalRelation"


def computed_in_tasks(rows: DataFrame) -> DataFrame:
    """Return wide rows in a session whose tasks compute them instead of the optimizer.

    For narrow rows the optimizer saves a Spark job. Its time grows with the square of the number of columns.
    """
    if len(rows.columns) <= _FEW_COLUMNS:
        return rows
    return in_session(rows, own_session(rows.sparkSession, {_EXCLUDED_RULES: _COMPUTES_ROWS}))


def is_row_by_row(result: DataFrame) -> bool:
    """Return whether the plan reads the sample once, and nothing above it combines rows.

    In doubt, return False.
    """
    count, gathered = _samples(result._jdf.queryExecution().optimizedPlan(), gathered=False)
    return count == 1 and not gathered


def _samples(plan: Any, *, gathered: bool) -> tuple[int, bool]:
    """Return how often a plan reads the sample, and whether anything above it combines rows."""
    name = plan.nodeName()
    if name == _SAMPLE:
        return 1, gathered
    children = plan.children()
    parts = [
        _samples(children.apply(n), gathered=gathered or name in _OF_MANY_ROWS or name.startswith("Window"))
        for n in range(children.size())
    ]
    return sum(count for count, _ in parts), any(bad for _, bad in parts)
