"""Words of a filter whose value depends on the user, the time or chance, and their nearest harmless neighbours."""

from __future__ import annotations

import pytest
from migration_spark.volatile_sql import in_mysql, in_postgres, without_parameters

# Words that need no parentheses: https://www.postgresql.org/docs/current/functions-info.html,
# https://dev.mysql.com/doc/refman/8.0/en/date-and-time-functions.html
BARE = [
    "current_user",
    "session_user",
    "system_user",
    "current_role",
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "utc_date",
    "utc_time",
    "utc_timestamp",
    "tablesample",
]
CALLED = [
    "user",
    "connection_id",
    "current_setting",
    "set_config",
    "row_security_active",
    "getpgusername",
    "inet_client_addr",
    "inet_client_port",
    "has_table_privilege",
    "has_any_column_privilege",
    "pg_has_role",
    "pg_backend_pid",
    "txid_current",
    "nextval",
    "currval",
    "lastval",
    "setval",
    "now",
    "clock_timestamp",
    "statement_timestamp",
    "transaction_timestamp",
    "timeofday",
    "curdate",
    "curtime",
    "sysdate",
    "random",
    "random_normal",
    "rand",
    "uuid",
    "uuid_short",
    "gen_random_uuid",
    "uuidv4",
    "uuidv7",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "last_insert_id",
    "found_rows",
    "row_count",
    "get_lock",
    "sleep",
    "is_free_lock",
    "is_used_lock",
    "load_file",
    "random_bytes",
    "gen_random_bytes",
    "array_sample",
    "array_shuffle",
]


@pytest.mark.parametrize("word", BARE)
def test_a_bare_word_is_a_volatile_one_unless_it_is_part_of_another(word: str) -> None:
    for find in (in_postgres, in_mysql):
        assert find(f"x = {word} AND y") == [word]
        assert find(f"x = {word.upper()}()") == [word]
        for harmless in (f"{word}s", f"my_{word}", f"t.{word}", f"${word}", f"'{word}'", f'"{word}"', f"-- {word}"):
            assert find(f"x = {harmless} ") == [], harmless


@pytest.mark.parametrize("word", CALLED)
def test_a_function_is_a_volatile_one_where_it_is_called(word: str) -> None:
    for find in (in_postgres, in_mysql):
        assert find(f"x = {word}(1) AND y") == [word]
        assert find(f"x = {word.upper()} \n (1)") == [word]
        for harmless in (f"my_{word}(1)", f"t.{word}(1)", f"${word}(1)", f"'{word}()'", f"/* {word}() */"):
            assert find(f"x = {harmless}") == [], harmless
        # Some names stand for all that begin alike, as pg_ does.
        assert find(f"x = {word}_of(1)") == ([f"{word}_of"] if word.startswith(("pg_", "txid_", "uuid_g")) else [])
    assert in_mysql(f"x = {word}") == []
    assert in_postgres(f"x = {word}") == (["user"] if word == "user" else [])


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("tenant = current_user AND at > now()", ["current_user", "now"]),
        ("at > now() OR NOW() < at OR b = random()", ["now", "random"]),
        ("owner = user", ["user"]),
        ("t.user = 1 AND users = 2 AND user_id = 3", []),
        ("age(born) > interval '1 year'", ["age"]),
        ("age ( born )", ["age"]),
        ("age(died, born) > interval '1 year' AND random_id = 3", []),
        ("age = 3 AND page(born) AND unix_timestamp(at) > 3", []),
        ("unix_timestamp() > 3", ["unix_timestamp"]),
        ("x = @user_now OR y = @now", []),
        # A backslash ends no literal, unless E begins it.
        (r"note <> 'a\' AND who = session_user", ["session_user"]),
        (r"note <> E'it\'s now()' AND x", []),
        (r"note <> e'\\' AND who = session_user AND n = ''", ["session_user"]),
        (r"note <> be'it\' AND who = session_user", ["session_user"]),
        ("note <> 'it''s now()' AND n = E'it''s now()'", []),
        ('"it""s now()" = 1 AND `it``s now()` = 1', []),
        ("a = $$now()$$ AND b = $x$ $$ now() $x$ AND c = now()", ["now"]),
        ("a -- now()\nAND b = random()", ["random"]),
        ("a AND/* b */now() > c", ["now"]),
        ("a /* now()\n now() */ AND b # now()", ["now"]),
        ("kind = 'now()' -- now()\nAND \"current_user\" = $$user$$ AND t.user = 1 AND nowhere(1)", []),
    ],
)
def test_what_depends_on_who_asks_or_when_is_found_in_a_postgresql_filter(sql: str, words: list[str]) -> None:
    assert in_postgres(sql) == words


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("tenant = CURRENT_USER() AND at > sysdate(3)", ["current_user", "sysdate"]),
        ("x = @@sql_mode OR y = @who OR z = @@session.time_zone", ["@@sql_mode", "@who", "@@session.time_zone"]),
        ("unix_timestamp() > 3 OR unix_timestamp ( ) > 3", ["unix_timestamp"]),
        ("unix_timestamp(at) > 3 AND user = 'rand()' AND `now` = 1", []),
        (r"note <> 'it\'s now()'", []),
        (r"note <> 'a\\' AND x = rand()", ["rand"]),
        ("note <> 'it''s now()'", []),
        ("a # now()\nAND b = rand()", ["rand"]),
        ("a AND/* b */now() > c", ["now"]),
        ('a -- now()\n /* now() */ AND `now()` = "now()"', []),
    ],
)
def test_what_depends_on_who_asks_or_when_is_found_in_a_mysql_filter(sql: str, words: list[str]) -> None:
    assert in_mysql(sql) == words


@pytest.mark.parametrize(
    ("sql", "prepared"),
    [
        ("a ? 'b'", "a ?? 'b'"),
        ("a ?| b OR a ?& c", "a ??| b OR a ??& c"),
        ("a = '?' AND \"?\" = $$?$$ -- ?\nAND b ? 'c'", "a = '?' AND \"?\" = $$?$$ -- ?\nAND b ?? 'c'"),
        (r"a = E'\'?' AND b ? 'c'", r"a = E'\'?' AND b ?? 'c'"),
        ("a = 1", "a = 1"),
    ],
)
def test_an_operator_with_a_question_mark_is_no_parameter(sql: str, prepared: str) -> None:
    assert without_parameters(sql) == prepared
