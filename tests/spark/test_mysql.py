"""Values from a real MariaDB to items through MySQL's driver: the same as PostgreSQL's, and MySQL's own pitfalls."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from migration_spark import mysql, schema, typed_rows
from migration_spark.audit import check_audit
from migration_spark.errors import AuditMismatch, SchemaMismatch
from migration_spark.jvm_functions import item_text, rejection
from pyspark.sql import functions as F

from bench.mariadb import SERVER, MariaDb, mariadb
from tests.spark.jobs import reader
from tests.spark.tables import CLUSTER, counted, extract, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migration_spark.database import CloneDatabase
    from migration_spark.spec import Extract
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.skipif(SERVER is None, reason="no mariadbd on this machine; .ci/run installs one")

MYSQL = replace(CLUSTER, engine="aurora-mysql", database="shop", user="reader")
COLUMNS = {
    "id": "text",
    "flag": "boolean",
    "bit_flag": "boolean",
    "small": "smallint",
    "unsigned_int": "bigint",
    "big": "numeric(20,0)",
    "price": "numeric(38,19)",
    "ratio32": "real",
    "ratio64": "double",
    "day": "date",
    "clock": "timestamp",
    "moment": "timestamptz",
    "blob_": "bytes",
    "document": "json",
    "kind": "text",
    "padded": "text",
    "latin": "text",
    "year_": "smallint",
    "debt": "numeric(10,2)",
    "span": "text",
    "flags": "text",
    "fixed": "bytes",
    "medium": "integer",
    "long_": "text",
}
ROWS = r"""
CREATE TABLE thing (id varchar(20) PRIMARY KEY, flag tinyint(1), bit_flag bit(1), small smallint,
  unsigned_int int unsigned, big bigint unsigned, price decimal(38,19), ratio32 float, ratio64 double, day date,
  clock datetime(6), moment timestamp(6) NULL, blob_ blob, document json, kind enum('a','b'), padded char(5),
  latin varchar(10) CHARACTER SET latin1, year_ year, debt decimal(10,2) unsigned, span time(3), flags set('a','b','c'),
  fixed binary(4), medium mediumint, long_ longtext);
SET time_zone = '+02:00';
INSERT INTO thing VALUES ('full', 1, b'1', -7, 4294967295, 18446744073709551615,
  1234567890123456789.0000000000000000001, 0.1, 0.1, '2027-02-28', '1999-12-31 23:59:59.999999',
  '2027-07-01 12:00:00.123456', 0x00FFFE,
  '{"n": 1.50, "s": "é 🥂", "p": "\\ud83e\\udd42", "l": [true, null]}', 'b', 'ab', 'é', 2027,
  99999999.99, '-100:30:00.5', 'c,a', 0x00FF, -8388608, 'é');
INSERT INTO thing (id) VALUES ('nulls');
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    with mariadb(tmp_path_factory.mktemp("mariadb")) as running:
        running.run(ROWS)
        yield running


@pytest.fixture(scope="module")
def database(spark: SparkSession, server: MariaDb) -> CloneDatabase:
    return reader(spark, MYSQL, server.port, server.password)


def of(columns: dict[str, str], source: str = "thing") -> Extract:
    return replace(extract(columns, source), clusters=(MYSQL,))


def rows_where(database: CloneDatabase, rows: str, predicate: str) -> int:
    return int(str(database.query(f"SELECT count(*) AS c FROM ({rows}) AS m WHERE {predicate}")[0]["c"]))


def unreadable(spark: SparkSession, database: CloneDatabase, source: Extract) -> list[Any]:
    rows = typed_rows.typed(database.read(source), source)
    _, bad_rows = typed_rows.select(
        spark, table({column.name: column.type for column in source.columns}), {"thing": rows}
    )
    return sorted((row["id"], row[typed_rows.UNREADABLE]) for row in bad_rows.collect())


def test_every_type_becomes_the_attribute_that_it_should(spark: SparkSession, database: CloneDatabase) -> None:
    source, spec = of(COLUMNS), table(COLUMNS, attributes={"document": "M"})
    result, refused = typed_rows.select(spark, spec, {"thing": typed_rows.typed(database.read(source), source)})

    assert refused.collect() == []
    assert result.where(rejection(spec, result).isNotNull()).collect() == []
    items = [json.loads(row[0])["Item"] for row in result.select(item_text(spec, result)).orderBy("id").collect()]
    assert items == [
        {
            "id": {"S": "full"},
            "flag": {"BOOL": True},
            "bit_flag": {"BOOL": True},
            "small": {"N": "-7"},
            "unsigned_int": {"N": "4294967295"},
            "big": {"N": "18446744073709551615"},
            "price": {"N": "1234567890123456789.0000000000000000001"},
            "ratio32": {"N": "0.1"},
            "ratio64": {"N": "0.1"},
            "day": {"S": "2027-02-28"},
            "clock": {"S": "1999-12-31T23:59:59.999999Z"},
            "moment": {"S": "2027-07-01T10:00:00.123456Z"},
            "blob_": {"B": "AP/+"},
            "document": {
                "M": {
                    "n": {"N": "1.50"},
                    "s": {"S": "é 🥂"},
                    "p": {"S": "🥂"},
                    "l": {"L": [{"BOOL": True}, {"NULL": True}]},
                }
            },
            "kind": {"S": "b"},
            "padded": {"S": "ab"},
            "latin": {"S": "é"},
            "year_": {"N": "2027"},
            "debt": {"N": "99999999.99"},
            "span": {"S": "-100:30:00.500"},
            "flags": {"S": "a,c"},
            "fixed": {"B": "AP8AAA=="},
            "medium": {"N": "-8388608"},
            "long_": {"S": "é"},
        },
        {"id": {"S": "nulls"}},
    ]


def test_whole_numbers_of_every_width_are_read_with_64_bits(database: CloneDatabase) -> None:
    """Landed whole numbers have 64 bits, while MariaDB returns short numbers with fewer."""
    columns = {name: COLUMNS[name] for name in ("id", "small", "medium", "year_", "unsigned_int")}

    assert dict(database.read(of(columns)).dtypes) == {
        "id": "string",
        **dict.fromkeys(("small", "medium", "year_", "unsigned_int"), "bigint"),
        "_cluster": "string",
    }


def test_the_audit_agrees_with_what_was_read(database: CloneDatabase) -> None:
    source = of(COLUMNS)
    landed = check_audit(source, counted(source, database.read(source)), {"one": database.audit(source)})

    assert (landed.rows, landed.unreadable) == ({"one": 2}, {})


def test_what_mysql_would_bend_is_found_and_named(
    spark: SparkSession, server: MariaDb, database: CloneDatabase
) -> None:
    server.run(
        r"""CREATE TABLE odd (id varchar(20) PRIMARY KEY, flag tinyint(1), day date, clock datetime, document longtext);
        INSERT INTO odd VALUES ('two', 2, NULL, NULL, NULL), ('zero day', NULL, '0000-00-00', NULL, NULL),
        ('zero month', NULL, NULL, '2027-00-01 00:00:00', NULL), ('no json', NULL, NULL, NULL, '{"a": '),
        ('half', NULL, NULL, NULL, '{"a": "\\ud83e"}'), ('good', 0, '2027-01-01', NULL, '{"a": 1}')"""
    )
    columns = {"id": "text", "flag": "boolean", "day": "date", "clock": "timestamp", "document": "json"}

    assert unreadable(spark, database, of(columns, "odd")) == [
        ("no json", "document"),
        ("two", "flag"),
        ("zero day", "day"),
        ("zero month", "clock"),
    ]


def test_a_text_that_the_server_would_answer_null_for_is_noticed_by_the_audit(
    server: MariaDb, database: CloneDatabase
) -> None:
    """`max_allowed_packet` limits a function's result: a blob's base64 exceeds it before the blob does."""
    server.run(
        "CREATE TABLE huge (id varchar(20) PRIMARY KEY, body longblob); SET GLOBAL max_allowed_packet = 1048576; "
        "INSERT INTO huge VALUES ('fits', REPEAT('x', 700000)), ('does not', REPEAT('x', 900000))"
    )
    huge = of({"id": "text", "body": "bytes"}, "huge")
    try:
        read = counted(huge, database.read(huge))
        with pytest.raises(AuditMismatch, match="has 2 values of body, but 1 were read"):
            check_audit(huge, read, {"one": database.audit(huge)})
    finally:
        server.run("SET GLOBAL max_allowed_packet = 16777216")


def test_uneven_ids_are_cut_evenly_and_every_row_is_read_once(server: MariaDb, database: CloneDatabase) -> None:
    server.run(
        "CREATE TABLE many (n bigint PRIMARY KEY, filler varchar(50)); "
        "INSERT INTO many SELECT seq, 'x' FROM seq_1_to_60000; "
        "INSERT INTO many SELECT seq * 1000000, 'x' FROM seq_1_to_6000; ANALYZE TABLE many"
    )
    many = of({"n": "bigint", "filler": "text"}, "many")
    for shifted in (False, True):
        _, predicates = mysql.splits(database.query, many, 6, shifted=shifted)
        counts = [rows_where(database, "SELECT n AS `$place` FROM many", predicate) for predicate in predicates]
        assert sum(counts) == 66_000
        assert len(counts) >= 4
        assert sum(rows_where(database, "SELECT NULL AS `$place`", predicate) for predicate in predicates) == 1
        assert max(counts) <= 66_000 / len(counts) * 2
    rows = database.read(many, other_cuts=True)
    assert rows.agg(F.count("*"), F.countDistinct("n")).collect()[0] == (66_000, 66_000)


def test_all_that_splits_need_is_asked_over_one_connection(server: MariaDb, database: CloneDatabase) -> None:
    server.run(
        "CREATE TABLE asked (n bigint PRIMARY KEY); INSERT INTO asked SELECT seq FROM seq_1_to_60000; "
        "ANALYZE TABLE asked"
    )
    connections = "SHOW GLOBAL STATUS LIKE 'Connections'"
    before = int(server.run(connections).split()[-1])
    database.read(of({"n": "bigint"}, "asked"))

    # Another is Spark's, for the columns; the last one asks this.
    assert int(server.run(connections).split()[-1]) - before == 3


def test_a_document_that_no_item_can_hold_is_rejected_and_as_text_it_arrives_as_it_is(
    spark: SparkSession, server: MariaDb, database: CloneDatabase
) -> None:
    server.run(
        r"""CREATE TABLE named (id varchar(20) PRIMARY KEY, document longtext);
        INSERT INTO named VALUES ('twice', '{"a": 1, "b": 2, "a": 3}'), ('deep', '{"l": [{"a": 1, "a" : 2}]}'),
        ('escaped', '{"a": 1, "\\u0061": 2}'), ('lists', '{"l": [{"a": 1}, {"a": 2}], "a": {"a": "a"}}'),
        ('text', '{"t": "{\\"t\\": 1, \\"t\\": 2}"}'), ('none', NULL), ('half', '{"a": "\\ud83e"}'),
        ('large', '{"a":  1e200000}'), ('backslash', '{"a": "\\\\ud83e"}')"""
    )
    columns = {"id": "text", "document": "json"}
    source = of(columns, "named")
    for declared in ("M", None):
        spec = table(columns, extracts=(source,), attributes={"document": declared} if declared else {})
        rows = typed_rows.typed(database.read(source), source)
        result, unreadable = typed_rows.select(spark, spec, {"thing": rows})
        assert unreadable.collect() == []
        rejected = dict(
            result.where(rejection(spec, result).isNotNull()).select("id", rejection(spec, result)).collect()
        )
        twice, number = "document has a name twice", "document has a number that DynamoDB cannot hold"
        expected = {"twice": twice, "deep": twice, "escaped": twice, "half": "document has half a surrogate pair"}
        assert rejected == ({**expected, "large": number} if declared else {})

    lines = [json.loads(row[0])["Item"] for row in result.select(item_text(spec, result)).collect()]
    texts = {line["id"]["S"]: line["document"]["S"] for line in lines if "document" in line}
    assert texts["large"] == '{"a":  1e200000}'
    assert texts["twice"] == '{"a": 1, "b": 2, "a": 3}'


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("varchar(40) COLLATE utf8mb4_general_ci", "concat(char(65 + seq % 26), char(39), char(92), seq)"),
        ("datetime(3)", "'2027-01-01' + INTERVAL seq * 977 SECOND"),
    ],
    ids=["text", "moments"],
)
def test_keys_that_are_no_numbers_are_cut_by_a_sample_and_every_row_is_read_once(
    server: MariaDb, database: CloneDatabase, kind: str, value: str
) -> None:
    server.run(
        f"DROP TABLE IF EXISTS keyed; CREATE TABLE keyed (k {kind} PRIMARY KEY, n bigint); "
        f"INSERT INTO keyed SELECT {value}, seq FROM seq_1_to_40000; ANALYZE TABLE keyed"
    )
    keyed = of({"n": "bigint"}, "keyed")
    _, predicates = mysql.splits(database.query, keyed, 6, shifted=False)
    counts = [rows_where(database, "SELECT k AS `$place` FROM keyed", predicate) for predicate in predicates]

    assert sum(counts) == 40_000
    assert len(counts) >= 4
    assert max(counts) <= 40_000 / len(counts) * 2
    assert mysql.splits(database.query, keyed, 6, shifted=True)[1] != predicates
    rows = database.read(keyed, other_cuts=True)
    assert rows.agg(F.count("*"), F.countDistinct("n")).collect()[0] == (40_000, 40_000)


def test_a_filter_compares_text_by_its_bytes_whatever_the_collation(
    spark: SparkSession, server: MariaDb, database: CloneDatabase
) -> None:
    server.run(
        "CREATE TABLE cased (id varchar(20) PRIMARY KEY, kind varchar(9)) COLLATE utf8mb4_general_ci; "
        "INSERT INTO cased VALUES ('a', 'BAR'), ('b', 'bar'), ('c', 'bar ')"
    )
    columns = {"id": "text", "kind": "text"}
    source = of(columns, "cased")
    spec = table(columns, select="SELECT _cluster, id, kind FROM thing WHERE kind = 'bar'")
    result, _ = typed_rows.select(spark, spec, {"thing": typed_rows.typed(database.read(source), source)})

    assert [row["id"] for row in result.collect()] == ["b"]


def test_a_float_is_written_with_the_fewest_digits_that_give_it_back(
    spark: SparkSession, server: MariaDb, database: CloneDatabase
) -> None:
    numbers = ["0.1", "16777216", "3.4028235e38", "1.1754944e-38", "-2.5", "8.5e9", "33554432"]
    literals = ", ".join(f"('{n}', {number})" for n, number in enumerate(numbers))
    server.run(f"CREATE TABLE floats (id varchar(20) PRIMARY KEY, ratio float); INSERT INTO floats VALUES {literals}")
    columns = {"id": "text", "ratio": "real"}
    source, spec = of(columns, "floats"), table(columns)
    result, _ = typed_rows.select(spark, spec, {"thing": typed_rows.typed(database.read(source), source)})
    texts = [
        json.loads(row[0])["Item"]["ratio"]["N"]
        for row in result.orderBy("id").select(item_text(spec, result)).collect()
    ]

    assert [float(text) for text in texts] == [float(number) for number in numbers]


def test_a_clone_that_is_written_to_is_noticed(server: MariaDb, database: CloneDatabase) -> None:
    source = of(COLUMNS)
    before = database.counters(source)
    assert database.counters(source) == before
    server.run("INSERT INTO thing (id) VALUES ('later'); DELETE FROM thing WHERE id = 'later'")
    assert database.counters(source) != before


def test_every_session_reads_one_state_and_may_not_write(server: MariaDb, database: CloneDatabase) -> None:
    assert database.query("SELECT @@session.tx_read_only AS only") == [{"only": 1}]
    server.run("SET GLOBAL log_output = 'TABLE', GLOBAL general_log = ON")
    database.read(of(COLUMNS)).collect()
    server.run("SET GLOBAL general_log = OFF")
    said = server.run("SELECT argument FROM mysql.general_log WHERE argument LIKE 'SET SESSION sql_mode = %'")

    assert len(set(said.splitlines()[1:])) == 1
    assert "SESSION tx_isolation = 'REPEATABLE-READ', SESSION tx_read_only = 1" in said


def test_the_schema_is_held_against_the_catalog_before_anything_is_read(
    server: MariaDb, database: CloneDatabase
) -> None:
    server.run("CREATE TABLE shape (id varchar(9) PRIMARY KEY, p point, b bit(3), u bigint unsigned, d decimal(10,4))")
    columns = {"id": "text", "p": "text", "b": "boolean", "u": "bigint", "d": "numeric(10,2)", "gone": "date"}
    source = of(columns, "shape")
    with pytest.raises(SchemaMismatch) as raised:
        schema.check({("shape", "one"): database.columns(source)}, [source], {"one": mysql.TYPES})

    assert str(raised.value).split("; ") == [
        "one: shape.p is point, which has no mapping: leave it out, or cast it in a view",
        "one: shape.b is bit(3), which has no mapping: leave it out, or cast it in a view",
        "one: shape.u is bigint(20) unsigned, the catalog says bigint: it may be numeric",
        "one: shape.d is decimal(10,4), which is wider than the catalog's numeric(10,2)",
        "one: shape.gone is missing. Correct the catalog or the source",
        "nothing was read.",
    ]
    schema.check({("thing", "one"): database.columns(of(COLUMNS))}, [of(COLUMNS)], {"one": mysql.TYPES})


WIDEST = (
    "-1.2345678901234567e-16",
    "-2.2250738585072014e-308",
    "-1.7976931348623157e308",
    "5e-324",
    "-4.9406564584124654e-324",
    "1234567890.1234567",
    "-0.00012345678901234567",
    "-1.2345678901234567e100",
    "123456789012345680000",
)
WIDEST_FLOATS = ("-1.17549435e-38", "3.40282347e38", "-1.40129846e-45", "-9.8765432e-20", "16777216", "0.1")


def test_the_widest_doubles_and_floats_are_read_whole_and_pass_the_audit(
    server: MariaDb, database: CloneDatabase
) -> None:
    doubles = ", ".join(f"('d{n}', {number}, NULL)" for n, number in enumerate(WIDEST))
    floats = ", ".join(f"('f{n}', NULL, {number})" for n, number in enumerate(WIDEST_FLOATS))
    server.run(
        f"CREATE TABLE wide (id varchar(9) PRIMARY KEY, d double, f float); INSERT INTO wide VALUES {doubles}, {floats}"
    )
    wide = of({"id": "text", "d": "double", "f": "real"}, "wide")
    rows = database.read(wide)
    check_audit(wide, counted(wide, rows), {"one": database.audit(wide)})

    by_id = {row["id"]: row for row in rows.collect()}
    assert [float(by_id[f"d{n}"]["d"]) for n in range(len(WIDEST))] == [float(number) for number in WIDEST]
    of_32_bits = [struct.unpack(">f", struct.pack(">f", float(number)))[0] for number in WIDEST_FLOATS]
    assert [float(by_id[f"f{n}"]["f"]) for n in range(len(WIDEST_FLOATS))] == of_32_bits


def test_a_read_leaves_nothing_on_the_servers_disk(server: MariaDb, database: CloneDatabase) -> None:
    """A cursor materialises its result on a disk that may not hold a range of 100 GB."""
    server.run(
        "CREATE TABLE streamed (n bigint PRIMARY KEY, body varchar(8000)); "
        "INSERT INTO streamed SELECT seq, REPEAT('x', 8000) FROM seq_1_to_5000; ANALYZE TABLE streamed"
    )
    streamed = of({"n": "bigint", "body": "text"}, "streamed")
    frame = database.read(streamed)
    tables = "SHOW GLOBAL STATUS LIKE 'Created_tmp_disk_tables'"
    server.run("SET GLOBAL optimizer_switch = 'derived_merge=off'")
    try:
        before = server.run(tables)
        assert frame.agg(F.sum(F.length("body"))).collect()[0][0] == 40_000_000
        assert server.run(tables) == before
    finally:
        server.run("SET GLOBAL optimizer_switch = 'derived_merge=on'")


def test_a_reader_that_waits_is_waited_for(server: MariaDb, database: CloneDatabase) -> None:
    """The driver would set its own timeout of ten minutes for a streamed result."""
    server.run("SET GLOBAL log_output = 'TABLE', GLOBAL general_log = ON")
    database.read(of(COLUMNS)).collect()
    server.run("SET GLOBAL general_log = OFF")
    said = server.run("SELECT argument FROM mysql.general_log WHERE argument LIKE '%net_write_timeout%'")

    assert set(re.findall(r"net_write_timeout\s*=\s*\w+", said)) == {"net_write_timeout=86400"}


def test_no_expression_is_held_to_the_servers_limits_of_regular_expressions() -> None:
    """MySQL 8 ends a match after `regexp_time_limit`, which a session cannot set."""
    source = of(COLUMNS)
    written = [mysql.select(source, "id"), *mysql.audits(source), mysql.where_counts(replace(source, where="true"))]

    assert not re.search("regexp|rlike", " ".join(written), re.IGNORECASE)
