"""SQL words whose value depends on the user or the time, so that a second read may see other rows.

PostgreSQL: https://www.postgresql.org/docs/current/functions-info.html
Random values of PostgreSQL: https://www.postgresql.org/docs/current/functions-array.html,
https://www.postgresql.org/docs/current/pgcrypto.html
MySQL: https://dev.mysql.com/doc/refman/8.0/en/information-functions.html,
https://dev.mysql.com/doc/refman/8.0/en/encryption-functions.html
"""

from __future__ import annotations

import re

# Quoted names, comments and literals hold no SQL words. Only in MySQL does a backslash escape a literal's end.
_QUOTED = r"\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/"
_POSTGRES_QUOTED = re.compile(rf"(?<!\w)[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|{_QUOTED}", re.DOTALL)
_MYSQL_QUOTED = re.compile(rf"'(?:[^'\\]|\\.|'')*'|{_QUOTED}|#[^\n]*", re.DOTALL)
_QUESTION = re.compile(rf"{_POSTGRES_QUOTED.pattern}|\?", re.DOTALL)
_BARE = (
    *("current_user", "session_user", "system_user", "current_role", "current_date", "current_time"),
    *("current_timestamp", "localtime", "localtimestamp", "utc_date", "utc_time", "utc_timestamp"),
)
_CALLED = (
    *("user", "connection_id", "current_setting", "set_config", "row_security_active", "getpgusername"),
    *("inet_client_addr", "inet_client_port", r"has_\w+_privilege", r"pg_\w+", r"txid_\w+", "nextval", "currval"),
    *("lastval", "setval", "now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday"),
    *("curdate", "curtime", "sysdate", "random", "random_normal", "rand", "uuid", "uuid_short", "gen_random_uuid"),
    *("uuidv4", "uuidv7", r"uuid_generate_v\w+", "last_insert_id", "found_rows", "row_count", "get_lock", "sleep"),
    *("is_free_lock", "is_used_lock", "load_file", "random_bytes", "gen_random_bytes", "array_sample", "array_shuffle"),
)
# With an argument, these depend only on it.
_WITHOUT_ARGUMENT = r"unix_timestamp(?=\s*\(\s*\))|age(?=\s*\([^,()]*\))"
_WORDS = rf"(?:{'|'.join(_BARE)}|tablesample)(?!\w)|(?:{'|'.join(_CALLED)})(?=\s*\()|{_WITHOUT_ARGUMENT}"
_IN_POSTGRES = re.compile(rf"(?<![\w.$])(?:{_WORDS}|user(?!\w))", re.IGNORECASE)
_IN_MYSQL = re.compile(rf"(?<![\w.$@])(?:{_WORDS}|@@?\w[\w.]*)", re.IGNORECASE)


def without_parameters(sql: str) -> str:
    """Return a PostgreSQL expression for a prepared statement, with question marks doubled so that none is a parameter.

    https://jdbc.postgresql.org/documentation/query/ (the operators of jsonb: ?, ?|, ?&)
    """
    return _QUESTION.sub(lambda match: "??" if match.group() == "?" else match.group(), sql)


def in_postgres(sql: str) -> list[str]:
    """Return the words of a PostgreSQL expression that depend on the user or the time, each once."""
    return _distinct_matches(_IN_POSTGRES, _POSTGRES_QUOTED.sub(" ", sql))


def in_mysql(sql: str) -> list[str]:
    """Return the words of a MySQL expression or view that depend on the user or the time, each once."""
    return _distinct_matches(_IN_MYSQL, _MYSQL_QUOTED.sub(" ", sql))


def _distinct_matches(words: re.Pattern[str], sql: str) -> list[str]:
    return list(dict.fromkeys(match.group().lower() for match in words.finditer(sql)))
