"""Every function that can make two reads of the same rows differ is known in each of the three dialects."""

from __future__ import annotations

import pytest
import sqlglot

from catalog.determinism import in_select, in_text
from catalog.located_yaml import Finding


def words(text: str) -> list[str]:
    return text.split()


# https://spark.apache.org/docs/3.5.6/api/sql/, https://www.postgresql.org/docs/current/functions-datetime.html,
# https://dev.mysql.com/doc/refman/8.0/en/date-and-time-functions.html and the pages beside them.
BY_TIME_OR_CHANCE = words(
    """
    clock_timestamp curdate current_date current_time current_timestamp current_timezone curtime gen_random_bytes
    gen_random_uuid getdate localtime localtimestamp now rand randn random random_bytes random_normal randstr shuffle
    statement_timestamp sysdate timeofday transaction_timestamp utc_date utc_time utc_timestamp uuid uuid_short uuidv4
    uuidv7 uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4
    """
)
BY_STATE = words(
    """
    benchmark currval get_lock input_file_block_length input_file_block_start input_file_name is_free_lock is_used_lock
    java_method lastval monotonically_increasing_id mxid_age nextval pg_sleep reflect release_lock setval sleep
    spark_partition_id try_reflect
    """
)
# https://www.postgresql.org/docs/current/functions-info.html, https://dev.mysql.com/doc/refman/8.0/en/information-functions.html
BY_SESSION = words(
    """
    connection_id current_catalog current_query current_role current_roles current_schema current_schemas
    current_setting current_user found_rows inet_client_addr inet_client_port inet_server_addr inet_server_port
    last_insert_id pg_backend_pid pg_conf_load_time pg_current_snapshot pg_current_xact_id pg_is_in_recovery
    pg_my_temp_schema pg_postmaster_start_time row_count row_security_active session_user set_config system_user
    txid_current txid_current_snapshot user version has_table_privilege has_any_column_privilege pg_has_role has_role
    """
)
WITHOUT_BRACKETS = words(
    """
    current_catalog current_date current_role current_schema current_time current_timestamp current_user localtime
    localtimestamp session_user system_user
    """
)
EACH_TIME = "answers differently each time, and the comparison reads the clones again"
USER = "depends on the user or on the server's settings, so the comparison may see other rows"
DIALECTS = ("spark", "postgres", "mysql")


def said(text: str, dialect: str = "spark") -> list[str]:
    return [finding.message for finding in in_text(text, dialect, ())]


def said_of_select(text: str) -> list[str]:
    return [finding.message for finding in in_select(sqlglot.parse_one(text, dialect="spark"), text, ())]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", [*BY_TIME_OR_CHANCE, *BY_STATE])
def test_a_call_that_time_chance_or_state_answers_is_refused(name: str, dialect: str) -> None:
    assert said(f"x > {name.upper()}(1)", dialect) == [f"{name}() {EACH_TIME}"]
    assert said(f"t.{name} > 1", dialect) == []


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", BY_SESSION)
def test_a_call_that_the_session_answers_is_refused(name: str, dialect: str) -> None:
    assert said(f"x = {name}('a')", dialect) == [f"{name}() {USER}"]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", WITHOUT_BRACKETS)
def test_a_word_that_calls_without_brackets_is_refused(name: str, dialect: str) -> None:
    said_of_it = said(f"x = {name}", dialect)

    assert len(said_of_it) == 1
    assert said_of_it[0].startswith(f"{name}() ")
    assert said(f"t.{name} = x", dialect) == []
    assert said(f"1 AS {name}", dialect) == []


def test_user_is_a_word_of_postgresql_alone() -> None:
    assert [len(said("x = user", dialect)) for dialect in DIALECTS] == [0, 1, 0]


@pytest.mark.parametrize("name", sorted({*BY_TIME_OR_CHANCE, *BY_STATE, *BY_SESSION} - {*WITHOUT_BRACKETS, "user"}))
def test_a_column_of_such_a_name_is_fine(name: str) -> None:
    assert said(f"{name} = 1") == []
    assert said(f"'{name}(' = x") == []


@pytest.mark.parametrize("kind", ["timestamp_ntz", "timestamp_ltz"])
def test_a_moment_of_the_kinds_that_spark_alone_has_is_another_each_time(kind: str) -> None:
    expected = ["'now' is a different time in each read"]

    assert said(f"{kind} 'now'") == expected
    assert said(f"CAST('now' AS {kind})") == expected


@pytest.mark.parametrize("moment", ["now", "today", "tomorrow", "yesterday"])
@pytest.mark.parametrize("kind", ["date", "time", "timestamp", "timestamptz", "timetz"])
def test_a_literal_that_is_another_moment_each_day_is_refused(moment: str, kind: str) -> None:
    reason = [f"'{moment}' is a different time in each read"]

    assert said(f"x > {kind} '{moment}'", "postgres") == reason
    assert said(f"x > '{moment}'::{kind}", "postgres") == reason
    assert said(f"x > CAST('{moment}' AS {kind})", "postgres") == reason
    assert said(f"x = '{moment}'", "postgres") == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("age(seen)", 1),
        ("age()", 1),
        ("age(seen, born)", 0),
        ("age(f(a, b))", 1),
        ("age(array[a, b])", 1),
        ("age(f(a, b), c)", 0),
        ("age(seen[1], born)", 0),
    ],
)
def test_an_age_needs_two_moments(text: str, count: int) -> None:
    assert said(f"{text} > 1", "postgres") == ["age() answers differently each time: give it two arguments"] * count


@pytest.mark.parametrize(("text", "count"), [("unix_timestamp()", 1), ("unix_timestamp(seen)", 0)])
def test_a_time_in_seconds_needs_a_column(text: str, count: int) -> None:
    assert said(text) == ["unix_timestamp() answers differently each time: give it a column"] * count


@pytest.mark.parametrize(
    "name", ["row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead", "nth_value"]
)
def test_a_place_among_rows_needs_their_order(name: str) -> None:
    argument = {"ntile": "2", "lag": "a", "lead": "a", "nth_value": "a, 2"}.get(name, "")

    assert said_of_select(f"SELECT {name}({argument}) OVER (PARTITION BY b) FROM t") == [
        f"{name}() needs an ORDER BY without ties"
    ]
    assert said_of_select(f"SELECT {name}({argument}) OVER (PARTITION BY b ORDER BY c) FROM t") == []


@pytest.mark.parametrize("name", ["first", "first_value", "last", "last_value", "any_value", "mode"])
def test_the_row_that_comes_first_is_nobodys_choice(name: str) -> None:
    reason = [f"{name}() takes whichever row comes first: use min_by or max_by with an order without ties"]

    assert said_of_select(f"SELECT {name}(a) FROM t") == reason
    assert said_of_select(f"SELECT {name}(a) OVER (PARTITION BY b) FROM t") == reason
    assert said_of_select(f"SELECT {name}(a) OVER (PARTITION BY b ORDER BY c) FROM t") == []


@pytest.mark.parametrize("name", ["collect_list", "collect_set"])
def test_a_list_of_rows_is_sorted(name: str) -> None:
    reason = [f"{name}() depends on the order of rows: put sort_array(…) around it"]

    assert said_of_select(f"SELECT {name}(a) FROM t") == reason
    assert said_of_select(f"SELECT {name}(a) FILTER (WHERE b) FROM t") == reason
    assert said_of_select(f"SELECT sort_array({name}(a)) FROM t") == []
    assert said_of_select(f"SELECT sort_array({name}(a) FILTER (WHERE b)) FROM t") == []


@pytest.mark.parametrize(
    ("text", "name"),
    [("LIMIT 3", "LIMIT"), ("LIMIT 3 OFFSET 2", "LIMIT"), ("TABLESAMPLE (10 PERCENT)", "TABLESAMPLE")],
)
def test_rows_are_not_cut_off(text: str, name: str) -> None:
    assert f"{name} keeps whichever rows come first" in said_of_select(f"SELECT a FROM t {text}")


def test_a_text_that_cannot_be_read_is_no_sql() -> None:
    assert list(in_text("x = 'open", "postgres", ("where",))) == [
        Finding(("where",), "is not SQL: Error tokenizing 'x = 'ope'")
    ]


@pytest.mark.parametrize(
    ("text", "dialect", "count"),
    [
        (r"x = 'it\'s'", "mysql", 0),
        (r"x = 'it\'s'", "spark", 0),
        (r"x = 'C:\' AND y > now()", "postgres", 1),
        ('x = "now" ""', "mysql", 0),
    ],
)
def test_a_text_is_read_as_its_dialect_writes_it(text: str, dialect: str, count: int) -> None:
    assert said(text, dialect) == [f"now() {EACH_TIME}"] * count


@pytest.mark.parametrize(
    ("text", "dialect", "line", "column"),
    [
        ("now() > x", "postgres", 1, 1),
        ("x >\n  CURDATE()", "mysql", 2, 3),
        ("x = @y", "mysql", 1, 5),
        ("x = @@y", "mysql", 1, 5),
        ("x > date\n'today'", "postgres", 2, 3),
        ("x = age(a, b) AND y = age(a)", "postgres", 1, 23),
        ("x = age(a", "postgres", 1, 5),
        ("age(a)) , b", "postgres", 1, 1),
        ("x > 'now'::timestamp(3)", "postgres", 1, 7),
        ("('now' AS date)", "postgres", 1, 4),
        ("x = USER()", "mysql", 1, 5),
        ("x = `now`()", "mysql", None, None),
        ('x = "now"()', "postgres", None, None),
        ("x = 'now'()", "postgres", None, None),
        ("'now'::text", "postgres", None, None),
        ("'now'::text date", "postgres", None, None),
        ("x > 'now'::", "postgres", None, None),
        ("(1, 'now' AS date)", "postgres", None, None),
        ("x = age(a, b", "postgres", None, None),
        ("x AS now", "postgres", None, None),
        ("has_x_privilege = 1", "postgres", None, None),
        ("x = user_privilege(1)", "postgres", None, None),
    ],
)
def test_a_call_is_reported_where_it_is_written(text: str, dialect: str, line: int | None, column: int | None) -> None:
    positions = [
        (finding.steps, finding.text_line, finding.text_column) for finding in in_text(text, dialect, ("where",))
    ]

    assert positions == ([] if line is None else [(("where",), line, column)])


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("SELECT b,\n  collect_list(a) AS c FROM t", [("collect_list() depends on", 2, 3)]),
        ("SELECT b,\n  COLLECT_SET(a) AS c FROM t", [("collect_set() depends on", 2, 3)]),
        # sqlglot gives array_agg the name that Spark had first, which the text does not hold.
        ("SELECT b,\n  array_agg(a) AS c FROM t", [("collect_list() depends on", None, None)]),
        ("SELECT b,\n first(a) AS c FROM t", [("first() takes whichever", 2, 2)]),
        ("SELECT b,\n row_number() OVER (PARTITION BY b) AS c FROM t", [("row_number() needs", 2, 2)]),
        ("SELECT a\nFROM t LIMIT 3 OFFSET 2", [("LIMIT keeps", 2, 8), ("OFFSET keeps", 2, 16)]),
        ("SELECT a\nFROM t FETCH FIRST 3 ROWS ONLY", [("FETCH keeps", 2, 8)]),
        ("SELECT a\nFROM t TABLESAMPLE (10 PERCENT)", [("TABLESAMPLE keeps", 2, 8)]),
        ("SELECT max(a) OVER (PARTITION BY b) AS c FROM t", []),
        ("SELECT a,\n now() AS b FROM t", [("now() answers", 2, 2)]),
        (r"SELECT 'it\'s' AS a FROM t", []),
        ("SELECT 'it\\'s' AS a,\n first(a) AS b FROM t", [("first() takes", 2, 2)]),
        ("SELECT sum(first(a)) OVER (PARTITION BY b ORDER BY c) AS c FROM t", []),
        (
            "SELECT array(collect_list(a), sort_array(collect_list(b))) AS c FROM t",
            [("collect_list() depends on", 1, 14)],
        ),
    ],
)
def test_a_part_of_a_select_is_reported_where_it_is_written(
    text: str, reported: list[tuple[str, int | None, int | None]]
) -> None:
    findings = list(in_select(sqlglot.parse_one(text, dialect="spark"), text, ("select",)))

    assert [(finding.text_line, finding.text_column) for finding in findings] == [at[1:] for at in reported]
    assert all(finding.message.startswith(at[0]) for finding, at in zip(findings, reported, strict=True))
    assert {finding.steps for finding in findings} <= {("select",)}
