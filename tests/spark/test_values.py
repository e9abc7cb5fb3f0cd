"""Values from a real PostgreSQL to items, compared with hand-written items."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from migration_spark import postgres, schema, typed_rows
from migration_spark.arguments import Clone
from migration_spark.audit import AuditedRows, check_audit
from migration_spark.database import CloneDatabase
from migration_spark.errors import AuditMismatch, DatabaseError, SchemaMismatch, SpecError
from migration_spark.jvm_functions import item_text, rejection
from pyspark.sql import functions as F

from local.aurora.fleet import running_fleet
from tests.spark.jobs import reader
from tests.spark.tables import CLUSTER, counted, extract, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

COLUMNS = {
    "id": "text",
    "small": "smallint",
    "whole": "bigint",
    "price": "numeric(12,2)",
    "precise": "numeric(38,20)",
    "ratio": "double",
    "flag": "boolean",
    "day": "date",
    "moment": "timestamptz",
    "clock": "timestamp",
    "blob": "bytes",
    "names": "text[]",
    "document": "json",
    "expires": "timestamptz",
}
DDL = """
CREATE TABLE thing (id text, small smallint, whole bigint, price numeric(12,2), precise numeric(38,20),
  ratio double precision, flag boolean, day date, moment timestamptz, clock timestamp, blob bytea, names text[],
  document jsonb, expires timestamptz)
"""
ROWS = [
    (
        "full",
        -7,
        9007199254740993,
        "12.50",
        "123456789012345678.00000000000000000001",
        0.1,
        True,
        "2027-02-28",
        "2027-07-01 12:00:00.123456+02",
        "1999-12-31 23:59:59.999999",
        b"\x00\xff\xfe long enough to be broken into lines by a MIME encoder, which DynamoDB would refuse" * 2,
        ["b", "a", "b", None],
        '{"n": 1.50, "s": "a \\"q\\" é 🥂", "l": [true, null, {"k": -0.1}], "m": {}, "e": ""}',
        "2027-07-01 00:00:00.9+00",
    ),
    ("nulls", *[None] * 13),
    ("tiny", 0, 0, "0.00", "0.00000000000000000001", 1e-7, False, "0001-01-01", None, None, b"", [], "{}", None),
]


@pytest.fixture(scope="module")
def database(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CloneDatabase, str]]:
    with running_fleet(tmp_path_factory.mktemp("values") / "aurora") as fleet:
        fleet.start_sources(["one"])
        server = fleet.server("one")
        with psycopg.connect(server.dsn()) as connection:
            connection.execute(DDL)
            connection.cursor().executemany(f"INSERT INTO thing VALUES ({', '.join(['%s'] * 14)})", ROWS)
        yield reader(spark, CLUSTER, server.port, server.password), server.dsn()


def items(spark: SparkSession, database: CloneDatabase, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - of a table
    spec = table(COLUMNS, **changes)
    frames = {"thing": typed_rows.typed(database.read(spec.extracts[0]), spec.extracts[0])}
    result, unreadable = typed_rows.select(spark, spec, frames)
    assert unreadable.count() == 0
    assert result.where(rejection(spec, result).isNotNull()).count() == 0
    lines = [json.loads(row[0])["Item"] for row in result.select(item_text(spec, result)).collect()]
    return {line["id"]["S"]: line for line in lines}


def test_every_type_becomes_the_attribute_that_it_should(
    spark: SparkSession, database: tuple[CloneDatabase, str]
) -> None:
    by_id = items(spark, database[0], attributes={"document": "M", "expires": "epoch_seconds"})

    blob = by_id["full"].pop("blob")["B"]
    assert "\n" not in blob
    assert by_id["full"] == {
        "id": {"S": "full"},
        "small": {"N": "-7"},
        "whole": {"N": "9007199254740993"},
        "price": {"N": "12.50"},
        "precise": {"N": "123456789012345678.00000000000000000001"},
        "ratio": {"N": "0.1"},
        "flag": {"BOOL": True},
        "day": {"S": "2027-02-28"},
        "moment": {"S": "2027-07-01T10:00:00.123456Z"},
        "clock": {"S": "1999-12-31T23:59:59.999999Z"},
        "names": {"L": [{"S": "b"}, {"S": "a"}, {"S": "b"}, {"NULL": True}]},
        "document": {
            "M": {
                "n": {"N": "1.50"},
                "s": {"S": 'a "q" é 🥂'},
                "l": {"L": [{"BOOL": True}, {"NULL": True}, {"M": {"k": {"N": "-0.1"}}}]},
                "m": {"M": {}},
                "e": {"S": ""},
            }
        },
        "expires": {"N": "1814400000"},
    }
    assert by_id["nulls"] == {"id": {"S": "nulls"}}
    assert by_id["tiny"] == {
        "id": {"S": "tiny"},
        "small": {"N": "0"},
        "whole": {"N": "0"},
        "price": {"N": "0.00"},
        "precise": {"N": "0.00000000000000000001"},
        "ratio": {"N": "1.0E-7"},
        "flag": {"BOOL": False},
        "day": {"S": "0001-01-01"},
        "blob": {"B": ""},
        "names": {"L": []},
        "document": {"M": {}},
    }


def test_a_set_is_sorted_without_doubles_and_absent_where_it_is_empty(
    spark: SparkSession, database: tuple[CloneDatabase, str]
) -> None:
    with psycopg.connect(database[1], autocommit=True) as connection:
        connection.execute("UPDATE thing SET names = ARRAY['b', 'a', 'b'] WHERE id = 'full'")
        by_id = items(spark, database[0], attributes={"names": "SS", "document": "M"})
        connection.execute("UPDATE thing SET names = ARRAY['b', 'a', 'b', NULL] WHERE id = 'full'")

    assert by_id["full"]["names"] == {"SS": ["a", "b"]}
    assert "names" not in by_id["tiny"]


def test_a_set_of_numbers_is_one_of_values_and_absent_where_it_is_empty(spark: SparkSession) -> None:
    spec = table({"id": "text", "numbers": "bigint[]"}, attributes={"numbers": "NS"})
    frame = spark.createDataFrame(
        [("one", "a", [10, 9, 10]), ("one", "b", []), ("one", "c", None), ("one", "d", [0])],
        "_cluster string, id string, numbers array<bigint>",
    )

    lines = frame.select(item_text(spec, frame), rejection(spec, frame)).collect()

    assert [(json.loads(line)["Item"], reason) for line, reason in lines] == [
        ({"id": {"S": "a"}, "numbers": {"NS": ["10", "9"]}}, None),
        ({"id": {"S": "b"}}, None),
        ({"id": {"S": "c"}}, None),
        ({"id": {"S": "d"}, "numbers": {"NS": ["0"]}}, None),
    ]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("price = 'NaN'", "price"),
        ("day = 'infinity'", "day"),
        ("moment = '-infinity'", "moment"),
        ("day = '0044-03-15 BC'", "day"),
        ("clock = '0044-03-15 12:00:00 BC'", "clock"),
    ],
)
def test_what_no_attribute_can_hold_is_found_and_named_not_bent(
    spark: SparkSession, database: tuple[CloneDatabase, str], change: str, column: str
) -> None:
    spec = table(COLUMNS)
    with psycopg.connect(database[1]) as connection:
        connection.execute("CREATE TABLE odd AS SELECT * FROM thing WHERE id = 'full'")
        connection.execute(f"UPDATE odd SET {change}".encode())
        connection.commit()
        odd = extract(COLUMNS, "odd")
        rows = typed_rows.typed(database[0].read(odd), odd)
        _, unreadable = typed_rows.select(spark, spec, {"thing": rows})
        columns = [row[typed_rows.UNREADABLE] for row in unreadable.collect()]
        connection.execute("DROP TABLE odd")

    assert columns == [column]


ARRAYS = [
    [],
    ["plain", "b"],
    [None, "NULL", "null", ""],
    ['quo"te', "back\\slash", "\\", '"'],
    ["{brace}", "comma,comma", " space ", "line\nend", "é🥂"],
]


def test_an_array_of_texts_is_read_as_it_is_however_it_is_written(database: tuple[CloneDatabase, str]) -> None:
    columns = {"id": "text", "names": "text[]"}
    with psycopg.connect(database[1], autocommit=True) as connection:
        connection.execute("CREATE TABLE arrays (id text, names text[])")
        connection.cursor().executemany(
            "INSERT INTO arrays VALUES (%s, %s)", [(str(n), a) for n, a in enumerate(ARRAYS)]
        )
        connection.execute("INSERT INTO arrays VALUES ('bounds', '[0:1]={a,b}'), ('deep', '{{a},{b}}')")
        source = extract(columns, "arrays")
        rows = typed_rows.typed(database[0].read(source), source).collect()
        connection.execute("DROP TABLE arrays")

    by_id = {row["id"]: row["names"] for row in rows}
    assert by_id == {**{str(n): array for n, array in enumerate(ARRAYS)}, "bounds": ["a", "b"], "deep": None}
    assert [row["id"] for row in rows if row[typed_rows.UNREADABLE] == "names"] == ["deep"]


def test_more_decimals_than_the_catalog_says_are_found_and_not_rounded(
    spark: SparkSession, database: tuple[CloneDatabase, str]
) -> None:
    columns = {"id": "text", "precise": "numeric(30,2)"}
    rows = typed_rows.typed(database[0].read(extract(columns)), extract(columns))
    _, unreadable = typed_rows.select(spark, table(columns), {"thing": rows})

    assert sorted(row["id"] for row in unreadable.collect()) == ["full", "tiny"]


def test_the_audit_agrees_with_what_was_read_and_notices_a_lost_row(
    database: tuple[CloneDatabase, str],
) -> None:
    whole = extract(COLUMNS)
    expected = {"one": database[0].audit(whole)}
    rows = database[0].read(whole)

    assert check_audit(whole, counted(whole, rows), expected) == AuditedRows(rows={"one": 3}, unreadable={}, sample="")
    with pytest.raises(AuditMismatch, match=r"thing in the clone of one has 3 rows, but 2 were read"):
        check_audit(whole, counted(whole, rows.where("id <> 'tiny'")), expected)
    changed = rows.withColumn("price", F.lit("12.5"))
    with pytest.raises(AuditMismatch, match=r"values of price"):
        check_audit(whole, counted(whole, changed), expected)


def test_a_table_of_a_thousand_columns_is_audited(database: tuple[CloneDatabase, str]) -> None:
    columns = {f"c{number}": "text" for number in range(1_000)}
    values = ", ".join(f"'{number}'::text AS {name}" for number, name in enumerate(columns))
    with psycopg.connect(database[1], autocommit=True) as connection:
        connection.execute(f"CREATE TABLE broad AS SELECT {values}".encode())

    audited = database[0].audit(extract(columns, "broad"))

    assert audited == [1, *(figure for number in range(1_000) for figure in (1, len(str(number))))]


def test_the_size_of_a_row_is_known_from_the_tables_statistics(database: tuple[CloneDatabase, str]) -> None:
    with psycopg.connect(database[1], autocommit=True) as connection:
        noise = "(SELECT string_agg(md5((n * 1000 + k)::text), '') FROM generate_series(1, 1000) k)"
        connection.execute(f"CREATE TABLE large AS SELECT n, {noise} AS body FROM generate_series(1, 50) n".encode())
        unknown = postgres.row_bytes(database[0].query, extract({"body": "text"}, "large"))
        connection.execute("ANALYZE large; CREATE VIEW seen AS SELECT * FROM large")
        known = postgres.row_bytes(database[0].query, extract({"body": "text"}, "large"))
        seen = postgres.row_bytes(database[0].query, extract({"body": "text"}, "seen"))
        connection.execute("DROP TABLE large CASCADE")

    assert (unknown, seen) == (0, 0)
    assert 32_000 <= known < 64_000


def test_many_splits_read_every_row_once(database: tuple[CloneDatabase, str]) -> None:
    columns = {"n": "bigint", "filler": "text"}
    with psycopg.connect(database[1], autocommit=True) as connection:
        connection.execute("CREATE TABLE many AS SELECT n, repeat('x', 500) AS filler FROM generate_series(1, 20000) n")
    many = extract(columns, "many")
    first, second = database[0].read(many), database[0].read(many, other_cuts=True)

    assert first.agg(F.count("*"), F.countDistinct("n"), F.sum("n")).collect()[0] == (20000, 20000, 200010000)
    assert second.agg(F.count("*"), F.countDistinct("n"), F.sum("n")).collect()[0] == (20000, 20000, 200010000)
    assert first.rdd.getNumPartitions() == 2


def test_every_session_reads_one_state_and_may_not_write(database: tuple[CloneDatabase, str]) -> None:
    asked = (
        "SELECT current_setting('transaction_isolation') AS isolation, current_setting('transaction_read_only') AS only"
    )
    assert database[0].query(asked) == [{"isolation": "repeatable read", "only": "on"}]


@pytest.mark.parametrize(
    ("name", "definition", "kind", "literals", "read"),
    [
        ("mood", "mood", "text", "'glad'", {"S": "glad"}),
        ("moods", "mood[]", "text[]", "ARRAY['glad','sad']::mood[]", {"L": [{"S": "glad"}, {"S": "sad"}]}),
        ("padded", "char(5)", "text", "'ab'", {"S": "ab"}),
        ("limited", "shorty", "text", "'ab'", {"S": "ab"}),
        ("clock", "time", "text", "'12:30:00.5'", {"S": "12:30:00.5"}),
        ("span", "interval", "text", "'1 day 2 hours'", {"S": "P1DT2H"}),
        ("bits", "bit(3)", "text", "B'101'", {"S": "101"}),
        ("address", "inet", "text", "'10.0.0.1/8'", {"S": "10.0.0.1/8"}),
        ("single", "real", "real", "0.1", {"N": "0.1"}),
        ("free", "numeric", "numeric", "12345678901234567890123456789012345678", {"N": "1234567890" * 3 + "12345678"}),
        ("wholes", "integer[]", "bigint[]", "ARRAY[3,NULL,1]", {"L": [{"N": "3"}, {"NULL": True}, {"N": "1"}]}),
        ("uuids", "uuid[]", "text[]", "'{}'", {"L": []}),
        ("bits_", "bit varying(5)", "text", "B'10'", {"S": "10"}),
        ("network", "cidr", "text", "'10.0.0.0/8'", {"S": "10.0.0.0/8"}),
        ("card", "macaddr", "text", "'08:00:2b:01:02:03'", {"S": "08:00:2b:01:02:03"}),
        ("card8", "macaddr8", "text", "'08:00:2b:01:02:03:04:05'", {"S": "08:00:2b:01:02:03:04:05"}),
        ("zoned", "timetz", "text", "'12:30:00+02'", {"S": "12:30:00+02"}),
        ("label", "name", "text", "'ab'", {"S": "ab"}),
        (
            "key_",
            "uuid",
            "uuid",
            "'0B0E7A52-4d0e-4a2f-9d9c-6a3c1f0a7e11'",
            {"S": "0b0e7a52-4d0e-4a2f-9d9c-6a3c1f0a7e11"},
        ),
        ("until", "date", "text", "'infinity'", {"S": "infinity"}),
        ("single_", "real", "real", "33554432", {"N": "3.3554432E7"}),
        # As a double it lies in the middle of two floats: rounded twice, it would be the other one.
        ("middle", "real", "real", "7.038531e-26", {"N": "7.038531E-26"}),
        ("large", "double precision", "double", "2e23", {"N": "2E+23"}),
        ("exact", "numeric(5,2)[]", "text[]", "ARRAY[1.50]", {"L": [{"S": "1.50"}]}),
        ("bigs", "bigint[]", "bigint[]", "ARRAY[9007199254740993]", {"L": [{"N": "9007199254740993"}]}),
        (
            "words",
            "varchar(9)[]",
            "text[]",
            "ARRAY['', ', ', ']', 'null', '[x]']",
            {"L": [{"S": ""}, {"S": ", "}, {"S": "]"}, {"S": "null"}, {"S": "[x]"}]},
        ),
        (
            "bare",
            "text[]",
            "text[]",
            "ARRAY['', ', ', ']', '[x']",
            {"L": [{"S": ""}, {"S": ", "}, {"S": "]"}, {"S": "[x"}]},
        ),
        (
            "odd",
            "text[]",
            "text[]",
            r"""ARRAY['a"b', E'c\\d', E'e\nf\x01', NULL]""",
            {"L": [{"S": 'a"b'}, {"S": "c\\d"}, {"S": "e\nf\x01"}, {"NULL": True}]},
        ),
        ("line", "text", "text", r"""E'"\\\t\x1f\x7f/é'""", {"S": '"\\\t\x1f\x7f/é'}),
        (
            "plain",
            "json",
            "json",
            """'{"a": 1.0, "e": "\\ud83e\\udd42"}'""",
            {"M": {"a": {"N": "1.0"}, "e": {"S": "🥂"}}},
        ),
    ],
)
def test_the_rarer_types_have_their_places_too(
    spark: SparkSession,
    database: tuple[CloneDatabase, str],
    name: str,
    definition: str,
    kind: str,
    literals: str,
    read: dict[str, Any],
) -> None:
    rare = extract({"id": "text", name: kind}, "rare")
    with psycopg.connect(database[1], autocommit=True) as connection:
        connection.execute("CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE DOMAIN shorty AS varchar(3)")
        connection.execute(f"CREATE TABLE rare (id text, {name} {definition})".encode())
        try:
            connection.execute(f"INSERT INTO rare VALUES ('a', {literals})".encode())
            schema.check({("rare", "one"): database[0].columns(rare)}, [rare], {"one": postgres.TYPES})
            attributes = {"free": "N", "plain": "M"}
            spec = table(
                {"id": "text", name: kind},
                extracts=(rare,),
                attributes={n: k for n, k in attributes.items() if n == name},
            )
            result, unreadable = typed_rows.select(
                spark, spec, {"thing": typed_rows.typed(database[0].read(rare), rare)}
            )
            assert unreadable.collect() == []
            (line,) = result.select(item_text(spec, result)).collect()
        finally:
            connection.execute("DROP TABLE rare; DROP TYPE mood; DROP DOMAIN shorty")

    assert json.loads(line[0])["Item"] == {"id": {"S": "a"}, name: read}


JSON_TEXTS = {
    "kept": ' {"v" : 1.250,\t"V": 2, "e": "\\ud83e\\udd42"} ',
    "large": '{"v": 1e200000}',
    "null": "null",
    "digits": '{"v": 123456789012345678901234567890.12345678}',
    "more digits": '{"v": 123456789012345678901234567890123456789}',
    "twice": '{"v": 1, "v": 2}',
    "twice, escaped": '{"v": {"a": 1, "\\u0061": 2}}',
    "array": "[1, 2]",
    "text": '"text"',
    "half": '{"v": "\\ud83e"}',
    "the other half": '{"v": ["\\udd42"]}',
    "backslash": '{"v": "\\\\u0000 \\\\ud83e"}',
    "NUL": '{"v": "\\u0000"}',
    "an empty name": '{"": 1}',
    "deep": '{"v":' * 32 + "1" + "}" * 32,
    "not so deep": '{"v":' * 31 + "1" + "}" * 31,
}
UNHELD = "body has a number that DynamoDB cannot hold"


def test_a_json_text_is_rejected_alone_and_for_what_no_document_can_hold(
    spark: SparkSession, database: tuple[CloneDatabase, str]
) -> None:
    columns = {"id": "text", "body": "json"}
    source = extract(columns, "reading")
    with psycopg.connect(database[1], autocommit=True) as connection:
        connection.execute("CREATE TABLE reading (id text, body json)")
        connection.cursor().executemany("INSERT INTO reading VALUES (%s, %s)", list(JSON_TEXTS.items()))
        spec = table(columns, extracts=(source,), attributes={"body": "M"})
        result, unreadable = typed_rows.select(
            spark, spec, {"thing": typed_rows.typed(database[0].read(source), source)}
        )
        counted_by_the_database = {"one": database[0].audit(source)}
        landed = check_audit(source, counted(source, database[0].read(source)), counted_by_the_database)
        assert unreadable.collect() == []
        reasons = dict(result.select("id", rejection(spec, result)).collect())
        as_text = table(columns, extracts=(source,))
        texts = [json.loads(row[0])["Item"] for row in result.select(item_text(as_text, result)).collect()]
        refused_as_text = result.where(rejection(as_text, result).isNotNull()).count()
        connection.execute("DROP TABLE reading")

    assert {name: reason for name, reason in reasons.items() if reason} == {
        "large": UNHELD,
        "null": "body is not a JSON object",
        "more digits": UNHELD,
        "twice": "body has a name twice",
        "twice, escaped": "body has a name twice",
        "array": "body is not a JSON object",
        "text": "body is not a JSON object",
        "half": "body has half a surrogate pair",
        "the other half": "body has half a surrogate pair",
        "an empty name": "body has an empty name",
        "deep": "body is nested deeper than 32",
    }
    assert refused_as_text == 0
    assert {item["id"]["S"]: item["body"]["S"] for item in texts} == JSON_TEXTS
    assert landed.rows == {"one": len(JSON_TEXTS)}


@pytest.mark.parametrize(
    "definition",
    ["money", "point", "int4range", "tsvector", "oid", "pg_lsn", "text[][]", "polygon", "txid_snapshot"],
)
def test_a_type_without_a_mapping_is_refused_by_its_name(database: tuple[CloneDatabase, str], definition: str) -> None:
    strange = extract({"id": "text", "odd": "json"}, "strange")
    with psycopg.connect(database[1], autocommit=True) as connection:
        connection.execute(f"CREATE TABLE strange (id text, odd {definition})".encode())
        columns = database[0].columns(strange)
        connection.execute("DROP TABLE strange")
    with pytest.raises(SchemaMismatch, match=rf"one: strange\.odd is {definition.replace('[][]', '')}"):
        schema.check({("strange", "one"): columns}, [strange], {"one": postgres.TYPES})


def test_a_clone_that_refuses_is_named_with_its_words(spark: SparkSession, database: tuple[CloneDatabase, str]) -> None:
    with pytest.raises(DatabaseError, match=r'the clone of one at 127\.0\.0\.1:\d+: ERROR: relation "nothing"'):
        database[0].query("SELECT * FROM nothing")
    other = reader(spark, CLUSTER, int(psycopg.conninfo.conninfo_to_dict(database[1])["port"]), "wrong")
    with pytest.raises(DatabaseError, match="password authentication failed"):
        other.query("SELECT 1")
    with pytest.raises(SpecError, match=r"spark\.migration\.password\.one is not set"):
        CloneDatabase(spark, CLUSTER, Clone("one", "127.0.0.1", 1, ""))
