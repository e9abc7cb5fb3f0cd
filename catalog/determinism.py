"""Determinism of SQL: time, chance and row order can make two reads of the same rows differ.

Bootstrap and Compare each run a select, and both must get the same rows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from catalog.located_yaml import Finding, Steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlglot.tokenizer_core import Token

# Spark's, PostgreSQL's and MySQL's; https://spark.apache.org/docs/3.5.6/api/sql/ and the databases' manuals.
_BY_TIME_OR_CHANCE = frozenset(
    {"clock_timestamp", "curdate", "current_date", "current_time", "current_timestamp", "current_timezone"}
    | {"curtime", "gen_random_bytes", "gen_random_uuid", "getdate", "localtime", "localtimestamp", "now", "rand"}
    | {"randn", "random", "random_bytes", "random_normal", "randstr", "shuffle", "statement_timestamp", "sysdate"}
    | {"timeofday", "transaction_timestamp", "utc_date", "utc_time", "utc_timestamp", "uuid", "uuid_short", "uuidv4"}
    | {"uuidv7", "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4"}
)
_BY_SESSION = frozenset(
    {"connection_id", "current_catalog", "current_query", "current_role", "current_roles", "current_schema"}
    | {"current_schemas", "current_setting", "current_user", "found_rows", "inet_client_addr", "inet_client_port"}
    | {"inet_server_addr", "inet_server_port", "last_insert_id", "pg_backend_pid", "pg_conf_load_time"}
    | {"pg_current_snapshot", "pg_current_xact_id", "pg_is_in_recovery", "pg_my_temp_schema"}
    | {"pg_postmaster_start_time", "row_count", "row_security_active", "session_user", "set_config", "system_user"}
    | {"txid_current", "txid_current_snapshot", "user", "version"}
)
_BY_STATE = frozenset(
    {"benchmark", "currval", "get_lock", "input_file_block_length", "input_file_block_start", "input_file_name"}
    | {"is_free_lock", "is_used_lock", "java_method", "lastval", "monotonically_increasing_id", "mxid_age", "nextval"}
    | {"pg_sleep", "reflect", "release_lock", "setval", "sleep", "spark_partition_id", "try_reflect"}
)
_LEAST_ARGUMENTS = {"age": (2, "give it two arguments"), "unix_timestamp": (1, "give it a column")}
_OPENING, _CLOSING = ("(", "["), (")", "]")
_PRIVILEGES = re.compile(r"(has_\w+_privilege|pg_has_role|has_role)")
WITHOUT_BRACKETS = frozenset(
    {"current_catalog", "current_date", "current_role", "current_schema", "current_time", "current_timestamp"}
    | {"current_user", "localtime", "localtimestamp", "session_user", "system_user"}
)
# PostgreSQL's words for the current moment, as in DATE 'today'.
_MOMENTS = ("now", "today", "tomorrow", "yesterday")
_MOMENT_TYPES = frozenset({"date", "time", "timestamp", "timestamptz", "timetz", "timestamp_ntz", "timestamp_ltz"})
_VARIABLES = ("@", "@@")
_FIRST_COME = (exp.First, exp.FirstValue, exp.Last, exp.LastValue, exp.AnyValue, exp.Mode)
_COLLECTED = (exp.ArrayAgg, exp.ArrayUniqueAgg)
_POSITION_FUNCTIONS = (
    "row_number",
    "rank",
    "dense_rank",
    "percent_rank",
    "cume_dist",
    "ntile",
    "lag",
    "lead",
    "nth_value",
)


def in_select(tree: exp.Expr, text: str, steps: Steps) -> Iterator[Finding]:
    """Yield the parts of a select's tree that depend on time, chance or row order."""
    yield from in_text(text, "spark", steps)
    for node in tree.find_all(*_FIRST_COME):
        if not _is_ordered(node):
            message = f"{_call(node)} takes whichever row comes first: use min_by or max_by with an order without ties"
            yield _finding(text, _name(node), steps, message)
    for node in tree.find_all(*_COLLECTED):
        around = node.parent.parent if isinstance(node.parent, exp.Filter) else node.parent
        if not isinstance(around, exp.ArraySort) and not _is_ordered(node):
            message = f"{_call(node)} depends on the order of rows: put sort_array(…) around it"
            yield _finding(text, _name(node), steps, message)
    for window in tree.find_all(exp.Window):
        name = window.this.sql_name().lower() if isinstance(window.this, exp.Func) else ""
        if name in _POSITION_FUNCTIONS and not window.args.get("order"):
            yield _finding(text, name, steps, f"{name}() needs an ORDER BY without ties")
    for limit in tree.find_all(exp.Limit, exp.Offset, exp.Fetch, exp.TableSample):
        name = type(limit).__name__.upper()
        yield _finding(text, name.lower(), steps, f"{name} keeps whichever rows come first")


def in_text(text: str, dialect: str, steps: Steps) -> Iterator[Finding]:
    """Yield the calls in a piece of SQL that answer differently each time."""
    try:
        tokens = sqlglot.tokenize(text, dialect=dialect)
    except SqlglotError as error:
        yield Finding(steps, f"is not SQL: {str(error).splitlines()[0]}")
        return
    words = [token.text.lower() for token in tokens]
    for number, token in enumerate(tokens):
        before = words[number - 1] if number else ""
        # Only a call needs all the words that follow, and a select of 1,000 columns has 10,000 words.
        after = words[number + 1 : None if words[number + 1 : number + 2] == ["("] else number + 3]
        reason = _literal_reason(token, before, after) or _call_reason(token, before, after, dialect)
        if reason:
            yield _at(token, steps, reason)


def _literal_reason(token: Token, before: str, after: Sequence[str]) -> str | None:
    """Return why a literal or variable has no stable value, or None."""
    if token.token_type == TokenType.STRING:
        is_cast = after[:1] == ["::"] or (before == "(" and after[:1] == ["as"])
        is_typed = before in _MOMENT_TYPES or (is_cast and any(word in _MOMENT_TYPES for word in after[1:]))
        is_moment = token.text.lower().strip() in _MOMENTS and is_typed
        return f"{token.text!r} is a different time in each read" if is_moment else None
    is_variable = token.text in _VARIABLES and before not in _VARIABLES
    return "a variable depends on the session and on the server's settings" if is_variable else None


def _call_reason(token: Token, before: str, after: Sequence[str], dialect: str) -> str | None:
    """Return why a call has no stable value, or None."""
    name = token.text.lower()
    is_call = after[:1] == ["("]
    is_word = before != "." and (name in WITHOUT_BRACKETS or (name == "user" and dialect == "postgres"))
    if token.token_type in (TokenType.IDENTIFIER, TokenType.STRING) or before == "as" or not (is_call or is_word):
        return None
    if name in _LEAST_ARGUMENTS:
        least, advice = _LEAST_ARGUMENTS[name]
        return f"{name}() answers differently each time: {advice}" if _arguments(after) < least else None
    if name in _BY_TIME_OR_CHANCE or name in _BY_STATE:
        return f"{name}() answers differently each time, and the comparison reads the clones again"
    if name in _BY_SESSION or _PRIVILEGES.fullmatch(name):
        return f"{name}() depends on the user or on the server's settings, so the comparison may see other rows"
    return None


def _arguments(words: Sequence[str]) -> int:
    """Count the arguments of a call whose words begin with its bracket."""
    depth, commas = 0, 0
    for number, word in enumerate(words):
        depth += (word in _OPENING) - (word in _CLOSING)
        commas += word == "," and depth == 1
        if depth == 0:
            return commas + 1 if number > 1 else 0
    return commas + 1


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
