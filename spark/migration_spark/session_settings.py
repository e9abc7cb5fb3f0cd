"""Settings of every session with a clone, so that no server, database or role changes a value or hides a row.

Both engines take settings from the server, the database and the role. A setting that changes a value changes it for
both jobs, so no comparison would detect it. Therefore the session itself sets every setting that a reader may set and
that a value, a filter or a view can depend on.

PostgreSQL: https://www.postgresql.org/docs/current/runtime-config-client.html
MySQL: https://dev.mysql.com/doc/refman/8.0/en/server-system-variables.html
"""

from __future__ import annotations

from urllib.parse import quote

# The schema of an unqualified source, whatever the reader's search path.
DEFAULT_SCHEMA = "public"
_POSTGRES = {
    # A row that a policy hides raises an error instead of being left out.
    "row_security": "off",
    # Finds the operators and functions of a filter; the sources themselves are qualified.
    "search_path": f"pg_catalog, {DEFAULT_SCHEMA}, pg_temp",
    "restrict_nonsystem_relation_kind": "",
    # Otherwise a GIN index may return only a random part of its matches.
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
    # Before PostgreSQL 12, fewer digits do not preserve every double.
    "extra_float_digits": "3",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "transaction_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    # Ends a query whose reader is gone.
    "client_connection_check_interval": "10s",
}
_POSTGRES_TRANSACTIONS = {
    "default_transaction_isolation": "repeatable read",
    "default_transaction_read_only": "on",
    "default_transaction_deferrable": "off",
}
# Known since PostgreSQL 13 or later; a server refuses a connection that names an unknown setting.
_POSTGRES_RECENT = (
    "restrict_nonsystem_relation_kind",
    "idle_session_timeout",
    "transaction_timeout",
    "client_connection_check_interval",
)

_MOST = 18446744073709551615
_DAY_SECONDS = 86_400
# Variables of both MySQL and MariaDB.
_MYSQL = {
    # The generated SQL assumes no padding, standard quotes and operators, and backslash escapes.
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
    # Otherwise the server would first copy a range's columns to its disk.
    "optimizer_switch": "'derived_merge=on'",
    "net_read_timeout": str(_DAY_SECONDS),
    "net_write_timeout": str(_DAY_SECONDS),
    "wait_timeout": str(_DAY_SECONDS),
}
# Variables of only one of them, in comments that the other one ignores.
_ONLY_MYSQL = {
    "transaction_isolation": "'REPEATABLE-READ'",
    "transaction_read_only": "1",
    "max_execution_time": "0",
}
_ONLY_MARIADB = {"tx_isolation": "'REPEATABLE-READ'", "tx_read_only": "1", "max_statement_time": "0"}


def postgres_options() -> str:
    """Return the settings as the URL's `options`, which apply before the session's first statement."""
    known = {name: value for name, value in _POSTGRES.items() if name not in _POSTGRES_RECENT}
    settings = {**known, **_POSTGRES_TRANSACTIONS}
    # A space ends an option unless a backslash escapes it.
    texts = [f"-c {name}={value}".replace(value, value.replace(" ", "\\ ")) for name, value in settings.items()]
    return quote(" ".join(texts), safe="")


def postgres_statement() -> str:
    """Return the query that sets everything again, since the driver or a login trigger may have changed settings.

    It leaves out settings that the server does not know or that only a superuser may set.
    """
    values = ", ".join(f"('{name}', '{value}')" for name, value in _POSTGRES.items())
    return (
        "SELECT count(set_config(s.name, wanted.value, false)) AS settings "
        f"FROM (VALUES {values}) AS wanted(name, value) "
        "JOIN pg_catalog.pg_settings AS s ON s.name = wanted.name AND s.context = 'user'"
    )


def mysql_variables() -> str:
    """Return the settings as the URL's `sessionVariables`, which apply to every connection of the driver."""
    return quote(",".join(f"{name}={value}" for name, value in _MYSQL.items()), safe="")


def mysql_statement() -> str:
    """Return the statement that begins every session: it reads a single snapshot and may not write."""
    mysql = ", ".join(f"SESSION {name} = {value}" for name, value in _ONLY_MYSQL.items())
    mariadb = ", ".join(f"SESSION {name} = {value}" for name, value in _ONLY_MARIADB.items())
    return f"SET SESSION sql_mode = '' /*!50720 , {mysql} */ /*M! , {mariadb} */"
