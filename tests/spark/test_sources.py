"""Sources of every kind, name, encoding and setting arrive whole, with as many connections as they have ranges."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from migration_spark import postgres, typed_rows
from migration_spark.audit import check_audit
from migration_spark.database import rows_at_once
from migration_spark.errors import CloneChanged, ColumnsNotListed, DatabaseError, SourceNotVisible

from tests.spark.jobs import CLUSTERS, Jobs, thing
from tests.spark.tables import counted, extract

if TYPE_CHECKING:
    from migration_spark.spec import Extract

PARTED = """
DROP TABLE IF EXISTS parted, old_parent CASCADE;
CREATE TABLE parted (id bigint, day date NOT NULL, note text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2026-03-01');
CREATE TABLE parted_b PARTITION OF parted FOR VALUES FROM ('2026-03-01') TO ('2027-01-01') PARTITION BY HASH (id);
CREATE TABLE parted_b0 PARTITION OF parted_b FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_b1 PARTITION OF parted_b FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE parted_empty PARTITION OF parted FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
INSERT INTO parted SELECT n, DATE '2026-01-01' + (n % 365)::int, repeat('x', 80) FROM generate_series(1, {rows}) n;
CREATE TABLE old_parent (id bigint, day date, note text);
CREATE TABLE old_child () INHERITS (old_parent);
INSERT INTO old_parent SELECT id, day, note FROM parted WHERE id <= {rows} / 4;
INSERT INTO old_child SELECT id, day, note FROM parted WHERE id > {rows} / 4;
CREATE OR REPLACE VIEW over_parted AS SELECT id, day, note FROM parted;
ANALYZE;
"""


@pytest.fixture
def domain(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    """Return the jobs with a table that a test may change."""
    monkeypatch.setattr(jobs, "table", {**jobs.table, "attributes": {}, "ttl": None})
    for name in ("mode", "user", "database"):
        monkeypatch.setattr(jobs, name, getattr(jobs, name))
    monkeypatch.setattr(jobs, "passwords", dict(jobs.passwords))
    return jobs


def sourced(jobs: Jobs, source: str, columns: dict[str, str], select: str = "*", **facts: Any) -> None:  # noqa: ANN401 - of an extract
    """Set the domain's table to read a source with these columns."""
    (extract,) = jobs.table["extracts"]
    names = ", ".join(f"`{name}`" for name in columns) if select == "*" else select
    jobs.table["extracts"] = [
        {
            **extract,
            "source": source,
            "columns": [{"name": n, "type": kind} for n, kind in columns.items()],
            "leftOut": [],
            **facts,
        }
    ]
    jobs.table["select"] = f"SELECT _cluster, {names} FROM thing"
    jobs.table["key"] = {"partition": {"name": "id", "type": "N"}, "sort": None}
    # Rows are counted, not traced.
    jobs.table |= {"traced": None, "plainAttributes": {}, "maxFiltered": 0, "acceptCollisions": False}


def read_whole(jobs: Jobs, source: Extract) -> dict[str, int]:
    """Read a source and audit it; return its rows per cluster."""
    clone = jobs.clone("one")
    return check_audit(source, counted(source, clone.read(source)), {"one": clone.audit(source)}).rows


@pytest.mark.parametrize("source", ["parted", "old_parent"])
def test_a_table_of_many_is_cut_evenly_and_every_row_is_read_once(jobs: Jobs, source: str) -> None:
    jobs.sql("one", PARTED.format(rows=40_000))
    clone, wanted = jobs.clone("one"), extract({"id": "bigint", "day": "date", "note": "text"}, source)
    for shifted in (False, True):
        with clone.asking() as ask:
            position, predicates = postgres.splits(ask, wanted, 6, shifted=shifted)
            inner = postgres.select(wanted, position)
            counts = [
                ask(f"SELECT count(*) AS c FROM ({inner}) AS t WHERE {predicate}")[0]["c"] for predicate in predicates
            ]
        assert sum(counts) == 40_000
        assert len(counts) == 6
        assert max(counts) <= 40_000 / 6 * 1.5
    assert clone.read(wanted).rdd.getNumPartitions() == wanted.connections == 2
    assert read_whole(jobs, wanted) == {"one": 40_000}
    with clone.asking() as ask:
        assert 80 < postgres.row_bytes(ask, wanted) < 200
        assert rows_at_once(postgres.row_bytes(ask, wanted)) == 10_000
        assert clone.look([wanted])[0].source.estimate == 40_000  # type: ignore[union-attr] - it is there


@pytest.mark.parametrize(
    ("source", "leaf"), [("parted", "parted_b1"), ("old_parent", "old_child"), ("over_parted", "parted_a")]
)
def test_a_write_to_a_leaf_is_found(domain: Jobs, source: str, leaf: str) -> None:
    for cluster in CLUSTERS:
        domain.sql(cluster, PARTED.format(rows=400))
    domain.sql("two", "DELETE FROM parted", "DELETE FROM old_parent")
    sourced(domain, source, {"id": "bigint", "day": "date", "note": "text"})
    run = f"leaf-{leaf}"
    assert domain.bootstrap(run)["failure"] is None
    domain.export(list(domain.items_by("id", run).values()))
    domain.sql("one", f"UPDATE {leaf} SET note = 'later' WHERE id IN (SELECT id FROM {leaf} LIMIT 1)")
    with pytest.raises(CloneChanged, match="the clone of one was written to"):
        domain.compare(run)


def test_columns_with_the_names_of_the_jobs_own_work_end_to_end(domain: Jobs) -> None:
    names = ("cluster", "_row", "_place", "_values", "_unreadable", "value", "reason", "row", "rejected", "source")
    columns = {"id": "bigint", "flag": "boolean", **dict.fromkeys(names, "text")}
    texts = ", ".join(f"{name} text" for name in names)
    for number, cluster in enumerate(CLUSTERS):
        values = ", ".join(f"'{name} {number}'" for name in names)
        domain.sql(cluster, "DROP TABLE IF EXISTS own", f"CREATE TABLE own (id bigint, flag boolean, {texts})")
        domain.sql(cluster, f"INSERT INTO own VALUES ({number}, true, {values}), ({number + 10}, NULL, {values})")
    select = ", ".join(["id", "flag", *[f"{name} AS of_{name}" for name in names]])
    sourced(domain, "own", columns, select)
    assert domain.bootstrap("own")["failure"] is None
    items = domain.items_by("id", "own")
    assert items["1"] == {
        "id": {"N": "1"},
        "flag": {"BOOL": True},
        **{f"of_{name}": {"S": f"{name} 1"} for name in names},
    }
    domain.export(list(items.values()))
    assert domain.compare("own")["verdict"] == "MATCH"


def test_tables_and_columns_with_words_of_sql_for_names_work_end_to_end(domain: Jobs) -> None:
    columns = {"id": "bigint", "from": "date", "user": "text", "order": "integer", "select": "text"}
    ddl = 'CREATE TABLE "order" (id bigint, "from" date, "user" text, "order" integer, "select" text)'
    for number, cluster in enumerate(CLUSTERS):
        row = f"""INSERT INTO "order" VALUES ({number}, '2027-01-01', 'u', 7, 's')"""
        domain.sql(cluster, 'DROP TABLE IF EXISTS "order"', ddl, row)
    sourced(domain, "order", columns, where='"order" = 7')
    assert domain.bootstrap("words")["failure"] is None

    assert domain.items_by("id", "words")["1"] == {
        "id": {"N": "1"},
        "from": {"S": "2027-01-01"},
        "user": {"S": "u"},
        "order": {"N": "7"},
        "select": {"S": "s"},
    }
    assert domain.read("processed/d/words/manifest.json")["where"] == {
        "Thing-thing": {
            "condition": '"order" = 7',
            "clusters": {name: {"inside": 1, "outside": 0} for name in CLUSTERS},
        }
    }


def test_the_manifest_says_what_a_source_is_and_what_is_not_read(
    domain: Jobs, capsys: pytest.CaptureFixture[str]
) -> None:
    domain.fill({"one": [thing(1), thing(2)], "two": [thing(3)]})
    domain.sql("one", "ANALYZE thing", "ALTER TABLE thing ADD COLUMN later text")
    read = {"id": "text", "title": "text"}
    left_out = ["precise", "ratio", "note", "tags", "list", "document", "expires", "dropped_long_ago"]
    sourced(domain, "thing", read, leftOut=left_out, where="id <> 'k01'")
    domain.table["key"]["partition"]["type"] = "S"
    assert domain.bootstrap("facts")["failure"] is None
    manifest = domain.read("processed/d/facts/manifest.json")

    assert manifest["unread"] == {"Thing-thing": {"leftOut": left_out[:-1], "new": ["later"]}}
    assert manifest["sources"] == {
        "Thing-thing": {"one": {"kind": "table", "estimate": 2}, "two": {"kind": "table", "estimate": None}}
    }
    assert manifest["where"]["Thing-thing"]["clusters"] == {
        "one": {"inside": 1, "outside": 1},
        "two": {"inside": 1, "outside": 0},
    }
    log = capsys.readouterr().out
    assert "warning: Thing-thing: thing.later is neither read nor in left_out; an official run refuses it" in log
    assert "warning: Thing-thing: thing.dropped_long_ago is in left_out, but the source has no such column" in log
    assert "Thing-thing in one: 1 rows inside, 1 outside: where id <> 'k01'" in log


def test_an_official_run_refuses_a_column_that_nobody_lists(domain: Jobs) -> None:
    domain.fill({"one": [thing(1)], "two": [thing(3)]})
    domain.sql("two", "ALTER TABLE thing ADD COLUMN later text")
    domain.mode = "official"
    with pytest.raises(ColumnsNotListed) as raised:
        domain.bootstrap("new")

    assert str(raised.value) == (
        "two: thing has later (Thing-thing). An official run loses no column in silence: read it (columns and select), "
        "or add it to the extract's left_out. Nothing was read."
    )
    assert not (domain.folder / "raw/d/new").exists()


def test_a_filter_may_ask_whether_a_document_has_a_name(jobs: Jobs) -> None:
    jobs.sql("one", "DROP TABLE IF EXISTS named", "CREATE TABLE named (id bigint, body jsonb)")
    jobs.sql("one", """INSERT INTO named VALUES (1, '{"live": 1}'), (2, '{"dead?": 1}'), (3, '{"live": null}')""")
    live = replace(extract({"id": "bigint", "body": "json"}, "named"), where="body ? 'live' AND body <> '{\"?\": 1}'")

    assert jobs.clone("one").look([live])[0].failure == ""
    assert read_whole(jobs, live) == {"one": 2}
    assert jobs.clone("one").where_counts(live) == [3, 2]


def test_rows_that_a_policy_hides_from_the_reader_end_the_run(domain: Jobs) -> None:
    for cluster in CLUSTERS:
        domain.sql(
            cluster,
            "DROP TABLE IF EXISTS tenant_note",
            "CREATE TABLE tenant_note (id bigint PRIMARY KEY, body text, hidden boolean)",
            "INSERT INTO tenant_note SELECT n, 'note ' || n, n % 5 IN (0, 1) FROM generate_series(1, 20) AS n",
            "ALTER TABLE tenant_note ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY not_hidden ON tenant_note FOR SELECT USING (NOT hidden)",
            "DROP ROLE IF EXISTS plain_reader",
            "CREATE ROLE plain_reader LOGIN PASSWORD 'plain'",
            "GRANT SELECT ON tenant_note TO plain_reader",
        )
        domain.passwords[cluster] = "plain"
    domain.user = "plain_reader"
    sourced(domain, "tenant_note", {"id": "bigint", "body": "text", "hidden": "boolean"})
    with pytest.raises(SourceNotVisible, match=r"one: public\.tenant_note has row-level security") as raised:
        domain.bootstrap("rls")
    assert "two: public.tenant_note has row-level security" in str(raised.value)
    assert not (domain.folder / "raw/d/rls").exists()


@pytest.mark.parametrize(
    ("encoding", "texts"),
    [
        ("LATIN1", ["Zoé", "Düsseldorf", "Åke", "plain"]),
        ("WIN1252", ["œuvre €5", "“quoted” Š", "Ÿ"]),
        ("LATIN9", ["Œ €", "Žižek"]),
        ("WIN1251", ["Привет", "№ 5"]),
        ("EUC_JP", ["日本語", "ｶﾀｶﾅ"]),
        ("EUC_KR", ["한국어"]),
        ("UTF8", ["🥂 日本語 é"]),
    ],
)
def test_every_letter_of_every_encoding_arrives(domain: Jobs, encoding: str, texts: list[str]) -> None:
    name = f"in_{encoding.lower()}"
    domain.sql("one", f"DROP DATABASE IF EXISTS {name}")
    domain.sql(
        "one", f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' "
        "LOCALE_PROVIDER libc"
    )  # fmt: skip
    domain.database = name
    rows = ", ".join(
        f"({n}, '{text}', '{text}', ARRAY['{text}'], to_jsonb('{text}'::text))" for n, text in enumerate(texts)
    )
    domain.sql(
        "one",
        "CREATE TABLE guest (id integer, name text, padded char(30), names text[], document jsonb)",
        f"INSERT INTO guest VALUES {rows}",
    )
    source = extract(
        {"id": "integer", "name": "text", "padded": "text", "names": "text[]", "document": "json"}, "guest"
    )

    assert read_whole(domain, source) == {"one": len(texts)}
    typed = typed_rows.typed(domain.clone("one").read(source), source).orderBy("id").collect()
    assert [(row["name"], row["padded"], row["names"], row["document"]) for row in typed] == [
        (text, text, [text], f'"{text}"') for text in texts
    ]


def test_a_database_without_an_encoding_stays_refused(domain: Jobs) -> None:
    domain.sql("one", "DROP DATABASE IF EXISTS in_sql_ascii")
    domain.sql(
        "one", "CREATE DATABASE in_sql_ascii ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    domain.database = "in_sql_ascii"
    with pytest.raises(DatabaseError, match="SQL_ASCII, whose text may be no text"):
        domain.clone("one").columns(extract({"id": "integer"}, "guest"))


# As a role's settings are written; each changes a value, a filter or the rows of who does not set it again.
HOSTILE = {
    "search_path": "decoy, public",
    "row_security": "on",
    "standard_conforming_strings": "off",
    "backslash_quote": "on",
    "transform_null_equals": "on",
    "bytea_output": "escape",
    "IntervalStyle": "'sql_standard'",
    "DateStyle": "'German, DMY'",
    "TimeZone": "'Asia/Tokyo'",
    "extra_float_digits": "-3",
    "xmlbinary": "hex",
    "statement_timeout": "1",
    "gin_fuzzy_search_limit": "1",
    "quote_all_identifiers": "on",
    "default_transaction_isolation": "'serializable'",
}
SETTLED = {
    "id": "integer",
    "span": "text",
    "day": "text",
    "moment": "timestamptz",
    "ratio": "double",
    "blob": "bytes",
    "path": "text",
}


def test_no_setting_of_a_role_or_a_database_changes_a_value(domain: Jobs) -> None:
    domain.sql(
        "one",
        "DROP SCHEMA IF EXISTS decoy CASCADE",
        "DROP TABLE IF EXISTS settled",
        "DROP ROLE IF EXISTS hostile",
        "CREATE ROLE hostile SUPERUSER LOGIN PASSWORD 'hostile'",
        "CREATE SCHEMA decoy",
        "CREATE TABLE settled (id integer, span interval, day date, moment timestamptz, ratio float8, blob bytea, "
        "path text, nothing text)",
        "CREATE TABLE decoy.settled (LIKE settled)",
        "INSERT INTO settled VALUES (1, '1 day 02:00:03', '2027-02-01', '2027-02-01 03:04:05.678+00', "
        r"0.30000000000000004, '\x00ff', 'a\nb', NULL)",
    )
    domain.passwords["one"] = "hostile"
    domain.user = "hostile"
    source = replace(extract(SETTLED, "settled"), where=r"path = 'a\nb' AND (nothing = NULL) IS NULL")
    before = as_texts(domain, source)
    for name, value in HOSTILE.items():
        domain.sql("one", f"ALTER ROLE hostile SET {name} = {value}")

    assert before == [
        (1, "P1DT2H3S", "2027-02-01", "2027-02-01 03:04:05.678+00", "0.30000000000000004", "AP8=", r"a\nb")
    ]
    assert as_texts(domain, source) == before
    assert read_whole(domain, source) == {"one": 1}
    with psycopg.connect(domain._fleet.server("one").dsn() + " user=hostile password=hostile") as connection:
        connection.execute("SET statement_timeout = 0")
        bent = connection.execute(r"SELECT span::text, day::text, moment::text, ratio::text FROM settled").fetchall()
        assert bent == []
        row = "SELECT span::text, day::text, moment::text, ratio::text, blob::text FROM public.settled"
        assert connection.execute(row).fetchone() == (
            "1 2:00:03", "01.02.2027", "01.02.2027 12:04:05.678 JST", "0.3", r"\000\377"
        )  # fmt: skip
        assert connection.execute(r"SELECT count(*) FROM public.settled WHERE path = 'a\nb'").fetchone() == (0,)


def as_texts(jobs: Jobs, source: Extract) -> list[tuple[Any, ...]]:
    """Return the database's texts of a source."""
    return [tuple(row)[:-1] for row in jobs.clone("one").read(source).collect()]
