"""Every kind of refusal has a remedy, in whole sentences that quote no row."""

from __future__ import annotations

import pytest
from migration_spark.errors import DatabaseError
from migration_spark.remedies import Subject, kind_of, kinds, remedy

THING = Subject("one", "10.0.0.1:5432", "reader", "Thing", "thing", "public.thing")

# https://www.postgresql.org/docs/current/errcodes-appendix.html
POSTGRES = [
    ("42501", "privilege"),  # insufficient_privilege
    ("28P01", "login"),  # invalid_password
    ("28000", "login"),  # invalid_authorization_specification: no entry of pg_hba.conf
    ("3D000", "database"),  # invalid_catalog_name
    ("42P01", "relation"),  # undefined_table
    ("3F000", "relation"),  # invalid_schema_name
    ("42703", "query"),  # undefined_column
    ("42601", "query"),  # syntax_error
    ("42883", "query"),  # undefined_function
    ("42804", "query"),  # datatype_mismatch
    ("22003", "value"),  # numeric_value_out_of_range
    ("22012", "value"),  # division_by_zero
    ("22P02", "value"),  # invalid_text_representation
    ("22021", "value"),  # character_not_in_repertoire
    ("53300", "connections"),  # too_many_connections
    ("53200", "memory"),  # out_of_memory
    ("53100", "memory"),  # disk_full
    ("57014", "timeout"),  # query_canceled, by statement_timeout too
    ("57P01", "lost"),  # admin_shutdown
    ("57P02", "lost"),  # crash_shutdown
    ("57P03", "lost"),  # cannot_connect_now
    ("08001", "lost"),  # sqlclient_unable_to_establish_sqlconnection
    ("08006", "lost"),  # connection_failure
    ("40001", "lock"),  # serialization_failure
    ("40P01", "lock"),  # deadlock_detected
    ("55P03", "lock"),  # lock_not_available
    ("25006", "writes"),  # read_only_sql_transaction
    ("58030", "server"),  # io_error
    ("XX001", "server"),  # data_corrupted
    ("P0001", "other"),  # raise_exception
    ("", "other"),
]
# https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
MYSQL = [
    (1142, "42000", "privilege"),  # ER_TABLEACCESS_DENIED_ERROR
    (1143, "42000", "privilege"),  # ER_COLUMNACCESS_DENIED_ERROR
    (1044, "42000", "privilege"),  # ER_DBACCESS_DENIED_ERROR
    (1356, "HY000", "privilege"),  # ER_VIEW_INVALID: the definer lacks rights
    (1045, "28000", "login"),  # ER_ACCESS_DENIED_ERROR
    (1130, "HY000", "login"),  # ER_HOST_NOT_PRIVILEGED
    (1049, "42000", "database"),  # ER_BAD_DB_ERROR
    (1146, "42S02", "relation"),  # ER_NO_SUCH_TABLE
    (1054, "42S22", "query"),  # ER_BAD_FIELD_ERROR
    (1064, "42000", "query"),  # ER_PARSE_ERROR
    (1305, "42000", "query"),  # ER_SP_DOES_NOT_EXIST
    (1690, "22003", "value"),  # ER_DATA_OUT_OF_RANGE
    (1292, "22007", "value"),  # ER_TRUNCATED_WRONG_VALUE
    (1366, "HY000", "value"),  # ER_TRUNCATED_WRONG_VALUE_FOR_FIELD
    (3140, "22032", "value"),  # ER_INVALID_JSON_TEXT
    (1040, "08004", "connections"),  # ER_CON_COUNT_ERROR
    (1203, "42000", "connections"),  # ER_TOO_MANY_USER_CONNECTIONS
    (1226, "42000", "connections"),  # ER_USER_LIMIT_REACHED
    (3024, "HY000", "timeout"),  # ER_QUERY_TIMEOUT
    (1317, "70100", "timeout"),  # ER_QUERY_INTERRUPTED
    (1205, "HY000", "lock"),  # ER_LOCK_WAIT_TIMEOUT
    (1213, "40001", "lock"),  # ER_LOCK_DEADLOCK
    (1041, "HY000", "memory"),  # ER_OUT_OF_RESOURCES
    (1114, "HY000", "memory"),  # ER_RECORD_FILE_FULL
    (1053, "08S01", "lost"),  # ER_SERVER_SHUTDOWN
    (0, "08S01", "lost"),  # the driver's own: Communications link failure
    (1792, "25006", "writes"),  # ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
    (1105, "HY000", "other"),  # ER_UNKNOWN_ERROR
]


@pytest.mark.parametrize(("state", "kind"), POSTGRES)
def test_each_refusal_of_postgresql_has_its_kind(state: str, kind: str) -> None:
    assert kind_of(state, 0) == kind


@pytest.mark.parametrize(("code", "state", "kind"), MYSQL)
def test_each_refusal_of_mysql_has_its_kind(code: int, state: str, kind: str) -> None:
    assert kind_of(state, code) == kind


def test_every_kind_is_of_some_refusal_and_says_what_to_do() -> None:
    shown = {kind for _, kind in POSTGRES} | {kind for _, _, kind in MYSQL}

    assert shown == set(kinds()) - {"trust"}
    for kind in sorted(shown):
        text = remedy(kind, THING)
        assert text.endswith(".")
        assert "{" not in text
        assert remedy(kind, Subject("")).endswith(".")


def test_a_missing_privilege_names_the_grant_and_who_needs_it() -> None:
    error = DatabaseError(
        str(THING),
        words="ERROR: permission denied for table thing",
        state="42501",
        remedy=remedy(kind_of("42501", 0), THING),
    )
    error.add("Resume with: migrate resume r1")

    assert str(error) == (
        "the clone of one at 10.0.0.1:5432, Thing.thing (source public.thing): ERROR: permission denied for table "
        "thing (SQLSTATE 42501). In the source cluster, GRANT SELECT ON public.thing TO reader, and what its views and "
        "functions need. Then release the clones: a clone keeps what its source had. Resume with: migrate resume r1"
    )


def test_the_resuming_command_is_added_once() -> None:
    error = DatabaseError("the clone of one")
    error.add("Resume with: migrate resume r1")
    error.add("Resume with: migrate resume r1")

    assert str(error) == "the clone of one. Resume with: migrate resume r1"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (Subject("one", "h:1", "u"), "the clone of one at h:1"),
        (Subject("one or two", table="Thing"), "the clone of one or two, Thing"),
        (Subject("", "h:1"), "a clone at h:1"),
        (Subject(""), "a clone"),
    ],
)
def test_a_cause_begins_with_what_is_known_of_the_clone(subject: Subject, text: str) -> None:
    assert str(subject) == text
