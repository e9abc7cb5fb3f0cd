"""Functions of a select's columns that make several rows of one."""

from __future__ import annotations

from sqlglot import exp

# They return no row for an empty list, for which the functions of these names with _outer return one.
DROP_EMPTY_LISTS = ("explode", "posexplode", "inline")


def generator_name(selected: exp.Expr) -> str:
    """Return the name of the function by which a column makes several rows of one, or an empty text.

    https://spark.apache.org/docs/3.5.6/api/sql/ lists them; json_tuple, which
    is among them, returns one row for each.
    """
    call = selected.this if isinstance(selected, exp.Alias | exp.Aliases) else selected
    if isinstance(call, exp.Anonymous):
        name = call.name.lower()
        return name if name == "inline_outer" else ""  # the one that sqlglot does not know
    return call.sql_name().lower() if isinstance(call, exp.Explode | exp.Inline | exp.Stack) else ""
