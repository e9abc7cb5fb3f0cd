"""Find what makes two reads of the same rows differ: time, chance, and the order in which rows come.

Bootstrap and Compare each run a select, and both must get the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from catalog.document import Finding, Steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlglot.tokenizer_core import Token

# Spark's, PostgreSQL's and MySQL's; https://spark.apache.org/docs/3.5.6/api/sql/ and the databases' manuals.
_VOLATILE = frozenset(
    {"clock_timestamp", "curdate", "current_date", "current_time", "current_timestamp", "current_timezone"}
    | {"current_user", "curtime", "gen_random_uuid", "getdate", "input_file_name", "localtime", "localtimestamp"}
    | {"monotonically_increasing_id", "now", "rand", "randn", "random", "shuffle", "spark_partition_id"}
    | {"statement_timestamp", "sysdate", "timeofday", "transaction_timestamp", "user", "utc_date", "utc_timestamp"}
    | {"uuid", "uuid_short"}
)
_WITHOUT_BRACKETS = frozenset(
    {"current_date", "current_time", "current_timestamp", "current_user", "localtime", "localtimestamp"}
)
_FIRST_COME = (exp.First, exp.FirstValue, exp.Last, exp.LastValue, exp.AnyValue)
_COLLECTED = (exp.ArrayAgg, exp.ArrayUniqueAgg)
_PLACES = ("row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead")


def in_select(tree: exp.Expr, text: str, steps: Steps) -> Iterator[Finding]:
    """Yield what in a select's tree depends on time, chance or order."""
    yield from in_text(text, "spark", steps)
    for node in tree.find_all(*_FIRST_COME):
        if not _is_ordered(node):
            message = f"{_call(node)} takes whichever row comes first: use min_by or max_by over what has no ties"
            yield _finding(text, _name(node), steps, message)
    for node in tree.find_all(*_COLLECTED):
        around = node.parent.parent if isinstance(node.parent, exp.Filter) else node.parent
        if not isinstance(around, exp.ArraySort) and not _is_ordered(node):
            message = f"{_call(node)} has the order in which rows come: put sort_array(…) around it"
            yield _finding(text, _name(node), steps, message)
    for window in tree.find_all(exp.Window):
        name = window.this.sql_name().lower() if isinstance(window.this, exp.Func) else ""
        if name in _PLACES and not window.args.get("order"):
            yield _finding(text, name, steps, f"{name}() needs an ORDER BY over what has no ties")
    for limit in tree.find_all(exp.Limit, exp.TableSample):
        name = "LIMIT" if isinstance(limit, exp.Limit) else "TABLESAMPLE"
        yield _finding(text, name.lower(), steps, f"{name} keeps whichever rows come first")


def in_text(text: str, dialect: str, steps: Steps) -> Iterator[Finding]:
    """Yield the calls in a piece of SQL that answer otherwise each time."""
    try:
        tokens = sqlglot.tokenize(text, dialect=dialect)
    except SqlglotError as error:
        yield Finding(steps, f"is no SQL: {str(error).splitlines()[0]}")
        return
    for number, token in enumerate(tokens):
        name = token.text.lower()
        before = tokens[number - 1].text.lower() if number else ""
        is_call = number + 1 < len(tokens) and tokens[number + 1].text == "("
        if name in _VOLATILE and before not in (".", "as") and (is_call or name in _WITHOUT_BRACKETS):
            yield _at(token, steps, f"{name}() answers otherwise each time, and the comparison reads the clones again")
        elif name == "unix_timestamp" and is_call and tokens[number + 2].text == ")":
            yield _at(token, steps, "unix_timestamp() answers otherwise each time: give it a column")


def _is_ordered(node: exp.Expr) -> bool:
    window = node.find_ancestor(exp.Window)
    return window is not None and bool(window.args.get("order"))


def _name(node: exp.Expr) -> str:
    spark: dict[type[exp.Expr], str] = {exp.ArrayAgg: "collect_list", exp.ArrayUniqueAgg: "collect_set"}
    return spark.get(type(node), node.sql_name().lower() if isinstance(node, exp.Func) else "")


def _call(node: exp.Expr) -> str:
    return f"{_name(node)}()"


def _finding(text: str, name: str, steps: Steps, message: str) -> Finding:
    token = next((t for t in sqlglot.tokenize(text, dialect="spark") if t.text.lower() == name), None)
    return Finding(steps, message) if token is None else _at(token, steps, message)


def _at(token: Token, steps: Steps, message: str) -> Finding:
    return Finding(steps, message, text_line=token.line, text_column=max(1, token.col - len(token.text) + 1))
