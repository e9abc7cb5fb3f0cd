"""Settings of every session with a clone: no server, database or role may change a value, or hide a row.

Both engines take settings from the server, the database and the role. A setting that changes a value changes it for
both jobs alike, so that no comparison finds it. Every setting that a reader may set, and that a value, a filter or a
view can depend on, is therefore set by the session itself.

PostgreSQL: https://www.postgresql.org/docs/current/runtime-config-client.html
MySQL: https://dev.mysql.com/doc/refman/8.0/en/server-system-variables.html
"""

from __future__ import annotations

from urllib.parse import quote

# An unqualified source is a table of this schema, whatever the reader's search path says.
DEFAULT_SCHEMA = "public"
_POSTGRES = {
    # A row that a policy hides is an error, and not left out.
    "row_security": "off",
    # Finds the operators and functions of a filter; the sources themselves are qualified.
    "search_path": f"pg_catalog, {DEFAULT_SCHEMA}, pg_temp",
    "restrict_nonsystem_relation_kind": "",
    # An index of an approximate kind returns all that it finds.
    "gin_fuzzy_search_limit": "0",
    "client_encoding": "UTF8",
    "standard_conforming_strings": "on",
    "backslash_quote": "safe_encoding",
    "transform_null_equals": "off",
    "array_nulls": "on",
    "quote_all_identifiers": "off",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
    "xmlbinary": "base64",
    "xmloption": "content",
    "bytea_output": "hex",
    "IntervalStyle": "iso_8601",
    "DateStyle": "ISO, MDY",
    "TimeZone": "UTC",
    "timezone_abbreviations": "Default",
    "default_text_search_config": "pg_catalog.simple",
    # Before PostgreSQL 12, fewer do not give every double back.
    "extra_float_digits": "3",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "transaction_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    # A query whose reader is gone ends, instead of running on for nobody.
    "client_connection_check_interval": "10s",
}
_POSTGRES_TRANSACTIONS = {
    "default_transaction_isolation": "repeatable read",
    "default_transaction_read_only": "on",
    "default_transaction_deferrable": "off",
}
# Known since PostgreSQL 13 or later: to name a setting that a server does not know refuses the connection.
_POSTGRES_RECENT = (
    "restrict_nonsystem_relation_kind",
    "idle_session_timeout",
    "transaction_timeout",
    "client_connection_check_interval",
)

_MOST = 18446744073709551615
_DAY_SECONDS = 86_400
# What MySQL and MariaDB both know.
_MYSQL = {
    # No padding, no quotes or operators of another meaning, backslashes escape: what the generated SQL is written for.
    "sql_mode": "''",
    "time_zone": "'+00:00'",
    "lc_time_names": "'en_US'",
    "sql_auto_is_null": "0",
    "sql_select_limit": str(_MOST),
    "sql_big_selects": "1",
    "max_join_size": str(_MOST),
    "div_precision_increment": "4",
    "default_week_format": "0",
    "group_concat_max_len": "4294967295",
    # A range is read from the source itself, and not from a copy of its columns on the server's disk.
    "optimizer_switch": "'derived_merge=on'",
    "net_read_timeout": str(_DAY_SECONDS),
    "net_write_timeout": str(_DAY_SECONDS),
    "wait_timeout": str(_DAY_SECONDS),
}
# What only one of them knows, in the comments that the other does not run.
_ONLY_MYSQL = {
    "transaction_isolation": "'REPEATABLE-READ'",
    "transaction_read_only": "1",
    "max_execution_time": "0",
}
_ONLY_MARIADB = {"tx_isolation": "'REPEATABLE-READ'", "tx_read_only": "1", "max_statement_time": "0"}


def postgres_options() -> str:
    """Return the settings as the URL's `options`: they hold before the session's first statement."""
    known = {name: value for name, value in _POSTGRES.items() if name not in _POSTGRES_RECENT}
    settings = {**known, **_POSTGRES_TRANSACTIONS}
    # A space ends an option, unless a backslash stands before it.
    texts = [f"-c {name}={value}".replace(value, value.replace(" ", "\\ ")) for name, value in settings.items()]
    return quote(" ".join(texts), safe="")


def postgres_statement() -> str:
    """Return the query that sets everything again: the driver sends settings of its own, and so may a login trigger.

    A setting that this server does not know, or that only a superuser may set, is left out.
    """
    values = ", ".join(f"('{name}', '{value}')" for name, value in _POSTGRES.items())
    return (
        "SELECT count(set_config(s.name, wanted.value, false)) AS settings "
        f"FROM (VALUES {values}) AS wanted(name, value) "
        "JOIN pg_catalog.pg_settings AS s ON s.name = wanted.name AND s.context = 'user'"
    )


def mysql_variables() -> str:
    """Return the settings as the URL's `sessionVariables`: they hold on every connection of the driver."""
    return quote(",".join(f"{name}={value}" for name, value in _MYSQL.items()), safe="")


def mysql_statement() -> str:
    """Return the statement that every session begins with: it reads one state, and may not write."""
    mysql = ", ".join(f"SESSION {name} = {value}" for name, value in _ONLY_MYSQL.items())
    mariadb = ", ".join(f"SESSION {name} = {value}" for name, value in _ONLY_MARIADB.items())
    return f"SET SESSION sql_mode = '' /*!50720 , {mysql} */ /*M! , {mariadb} */"
