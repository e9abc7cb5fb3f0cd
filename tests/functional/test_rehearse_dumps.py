"""Every common form of dump loads, or is refused in one sentence with the way out."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
import zstandard

from local.aurora.binaries import find_postgres
from local.errors import DataError
from local.rehearse.dumps import load_dump

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.aurora.server import PostgresServer

    Load = Callable[[bytes], list[tuple[object, ...]]]

SMALL = "CREATE TABLE thing (id integer PRIMARY KEY, name text);\nCOPY thing FROM stdin;\n1\tone\n2\t\\N\n\\.\n"
ROWS = [(1, "one"), (2, None)]
SETTINGS = "SET transaction_timeout = 0;\nSET client_encoding = 'UTF8';\nSELECT pg_catalog.set_config('search_path', '', false);\n"
PUBLIC = SMALL.replace("thing", "public.thing")


@pytest.fixture
def notices() -> list[str]:
    """Return the messages of a load."""
    return []


@pytest.fixture
def load(server: PostgresServer, tmp_path: Path, notices: list[str]) -> Load:
    """Load a dump's bytes into their own database; return the rows of `thing`."""

    def run(content: bytes) -> list[tuple[object, ...]]:
        path = tmp_path / "my.sql"
        path.write_bytes(content)
        return load_file(path, server, notices)

    return run


def load_file(path: Path, server: PostgresServer, notices: list[str]) -> list[tuple[object, ...]]:
    database = path.parent.name.replace("-", "_").lower()
    load_dump(path, server, database, notices.append)
    with psycopg.connect(server.dsn(database)) as connection:
        return connection.execute("SELECT * FROM public.thing ORDER BY id").fetchall()


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a ZIP archive of some files; an empty one whose name ends with a slash is a folder."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return target.getvalue()


def tarred(*names: str) -> bytes:
    """Return a tar archive of some empty files."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as packed:
        for name in names:
            packed.addfile(tarfile.TarInfo(name))
    return target.getvalue()


def archive(server: PostgresServer, *options: str) -> bytes:
    """Return pg_dump's output for a database with one table."""
    postgres = find_postgres()
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS origin")
        connection.execute("CREATE DATABASE origin")
    with psycopg.connect(server.dsn("origin")) as connection:
        connection.execute("CREATE TABLE thing AS SELECT 7 AS id, 'seven' AS name")
    address = ["-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "origin"]
    done = subprocess.run(
        [postgres.program("pg_dump"), *options, *address],
        check=True,
        capture_output=True,
        **postgres.options(server.password),
    )
    return bytes(done.stdout)


@pytest.mark.parametrize(
    "pack",
    [
        bytes,
        gzip.compress,
        bz2.compress,
        lzma.compress,
        lambda text: zstandard.ZstdCompressor().compress(text),
        lambda text: zipped({"shop.sql": text}),
        lambda text: gzip.compress(zipped({"dump/": b"", "dump/shop.sql": text})),
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.decode().encode("utf-16"),
        lambda text: text.decode().encode("utf-16-le"),
        lambda text: b"\xfe\xff" + text.decode().encode("utf-16-be"),
    ],
    ids=[
        "plain",
        "gzip",
        "bzip2",
        "xz",
        "zstd",
        "zip",
        "zip-in-gzip",
        "byte-order-mark",
        "crlf",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
    ],
)
def test_a_dump_in_plain_sql_loads_however_it_is_packed(load: Load, pack: Callable[[bytes], bytes]) -> None:
    assert load(pack(SMALL.encode())) == ROWS


def test_an_encoding_that_a_command_of_psql_names_is_the_dumps(load: Load) -> None:
    text = f"\\encoding LATIN1\n{SMALL}".replace("one", "größe")

    assert load(text.encode("latin-1")) == [(1, "größe"), (2, None)]


@pytest.mark.parametrize("mark", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_a_dump_that_was_written_anew_in_another_encoding_is_read_in_that(load: Load, mark: str) -> None:
    text = f"SET client_encoding = 'LATIN1';\n{SMALL}".replace("one", "größe")

    assert load(text.encode(mark)) == [(1, "größe"), (2, None)]


@pytest.mark.parametrize(
    "pack", [bytes, gzip.compress, lambda dump: zipped({"a.dump": dump})], ids=["as-it-is", "gzip", "zip"]
)
@pytest.mark.parametrize("form", ["-Fc", "-Ft"])
def test_an_archive_of_pg_dump_loads(
    server: PostgresServer, load: Load, form: str, pack: Callable[[bytes], bytes]
) -> None:
    assert load(pack(archive(server, form))) == [(7, "seven")]


@pytest.mark.parametrize(
    "options",
    [("-Fc", "-Z", "0"), ("-Fc", "-Z", "gzip:9"), ("--inserts",), ("--column-inserts", "--rows-per-insert=100"),
     ("--disable-triggers", "--no-comments"), ("--create", "--clean", "--if-exists"), ("-E", "LATIN1"), ("-n", "public"),
     ("--quote-all-identifiers",), ("--use-set-session-authorization",), ("--encoding=UTF8", "--serializable-deferrable")],
    ids=" ".join,
)  # fmt: skip
def test_a_dump_loads_whatever_options_it_was_made_with(
    server: PostgresServer, load: Load, options: tuple[str, ...]
) -> None:
    assert load(archive(server, *options)) == [(7, "seven")]


@pytest.mark.parametrize(("number", "packer"), [(2, "lz4"), (3, "zstd")])
def test_an_archive_in_a_compression_that_the_build_lacks_is_one_sentence(
    server: PostgresServer, load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, packer: str
) -> None:
    dump = bytearray(archive(server, "-Fc", "-Z", "0"))
    assert dump[11] == 0
    dump[11] = number
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(DataError) as refused:
        load(bytes(dump))

    assert str(refused.value) == (
        f"{tmp_path}/my.sql: is compressed by {packer}, which this pg_restore lacks: dump with --compress=gzip, or use the "
        "output of pg_restore --file=dump.sql from the machine of the dump"
    )


def test_the_machines_pg_restore_reads_what_the_builds_does_not(
    server: PostgresServer, load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = bytearray(archive(server, "-Fc", "-Z", "0"))
    dump[11] = 3
    (tmp_path / "pg_restore").write_text(f"#!/bin/sh\nprintf '%s' \"{SMALL.replace(chr(92), chr(92) * 2)}\"\n")
    (tmp_path / "pg_restore").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    assert load(bytes(dump)) == ROWS


def test_an_archive_in_a_folder_loads(server: PostgresServer, tmp_path: Path, notices: list[str]) -> None:
    with tempfile.TemporaryDirectory() as shared:
        Path(shared).chmod(0o777)  # pg_dump runs as the server's account
        archive(server, "-Fd", "-f", f"{shared}/dump")
        shutil.copytree(f"{shared}/dump", tmp_path / "dump")

    assert load_file(tmp_path / "dump", server, notices) == [(7, "seven")]


@pytest.mark.parametrize(
    "text",
    [
        f"CREATE SCHEMA public;\nALTER SCHEMA public OWNER TO pg_database_owner;\n{SMALL}",
        f"ALTER TABLE ONLY public.thing DROP CONSTRAINT thing_pkey;\nDROP TABLE public.thing;\nDROP SCHEMA public;\nCREATE SCHEMA public;\n{PUBLIC}",
        f"ALTER TABLE IF EXISTS ONLY public.thing DROP CONSTRAINT IF EXISTS p;\nDROP TABLE IF EXISTS public.thing;\n{SMALL}",
        f'{SMALL}ALTER TABLE public.thing OWNER TO shop_owner;\nGRANT SELECT ON TABLE thing TO "Sales-Team";\nREVOKE ALL ON thing FROM nobody_known;\n',
        f"CREATE ROLE a;\nSET SESSION AUTHORIZATION shop;\n{SMALL}RESET SESSION AUTHORIZATION;\nALTER DEFAULT PRIVILEGES FOR ROLE x GRANT SELECT ON TABLES TO y;\n",
        f'{SETTINGS}{PUBLIC}CREATE POLICY web ON public.thing FOR SELECT TO web_reader, "Team B" USING (true);\n',
        f"\\restrict abc\nCREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8';\n\\connect shop\n{SMALL}\\unrestrict abc\n",
        f"\\connect template1\nCREATE TABLE thing (x integer);\n\\connect shop\n{SMALL}\\connect postgres\nCREATE TABLE thing (y integer);\n",
        f"SET default_tablespace = fast;\nSET default_table_access_method = heap;\n{SMALL}",
        "BEGIN;\nSET unknown_setting = on;\n" + SMALL + "COMMIT;\n",
        "CREATE TABLE thing (id integer DEFAULT public.next_id(), name text COLLATE \"en_US.utf8\");\nINSERT INTO thing VALUES (1, 'one'), (2, NULL);\n",
        "CREATE COLLATION public.c (provider = icu, locale = 'de');\nCREATE TABLE thing (id integer, name text COLLATE public.c);\nINSERT INTO thing VALUES (1, 'one'), (2, NULL);\n",
        "CREATE TABLE thing (id integer, name text);\nCREATE INDEX i ON thing USING gin (name gin_trgm_ops);\nCREATE TRIGGER t BEFORE INSERT ON thing FOR EACH ROW EXECUTE FUNCTION no_function();\nINSERT INTO thing VALUES (1, 'one'), (2, NULL);\n",
        "CREATE FUNCTION f() RETURNS integer BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;\n" + SMALL,
        "CREATE EXTENSION IF NOT EXISTS no_such_extension WITH SCHEMA public;\n" + SMALL,
        "CREATE PUBLICATION p FOR TABLE nothing;\n" + SMALL,
    ],
    ids=["schema-public", "clean", "clean-if-exists", "owners", "roles", "policies", "create", "cluster", "tablespace",
         "settings", "default", "collation", "index-and-trigger", "function-body", "extension", "publication"],
)  # fmt: skip
def test_what_no_row_depends_on_is_no_obstacle(load: Load, text: str) -> None:
    assert load(text.encode()) == ROWS


@pytest.mark.parametrize(
    "value",
    [
        "first\nCREATE DATABASE shop;\n\\connect shop\nDROP TABLE thing;",
        "it''s; \"quoted\" -- no comment /* nor here */ $$",
        "ALTER TABLE thing OWNER TO nobody;",
        "back\\slash",
        "a\n\\.\nb",
    ],
)
def test_a_value_that_looks_like_sql_stays_a_value(load: Load, value: str) -> None:
    text = f"CREATE TABLE thing (id integer, name text);\nINSERT INTO thing VALUES (1, '{value}');\nINSERT INTO thing VALUES (2, NULL);\n"

    assert load(text.encode()) == [(1, value.replace("''", "'")), (2, None)]


def test_what_is_skipped_is_told_with_the_databases_words(load: Load, notices: list[str]) -> None:
    load(f"{SMALL}CREATE INDEX i ON nothing (x);\nCREATE INDEX j ON nothing (x);\n".encode())

    assert notices == ['my.sql: skipped 2 x index, on which no row depends (relation "nothing" does not exist)']


@pytest.mark.parametrize(
    ("name", "python", "letters"),
    [
        ("LATIN1", "latin-1", "Ünï"),
        ("LATIN2", "iso8859-2", "Łódź"),
        ("LATIN9", "iso8859-15", "12 €"),
        ("WIN1250", "cp1250", "Łódź"),
        ("WIN1251", "cp1251", "Мир"),
        ("WIN1252", "cp1252", "Ünï €"),
        ("WIN1254", "cp1254", "Şevk"),
        ("KOI8R", "koi8-r", "Мир"),
        ("EUC_JP", "euc_jp", "日本"),
        ("EUC_KR", "euc_kr", "한국"),
        ("EUC_CN", "gb2312", "中国"),
    ],
)
def test_the_database_has_the_dumps_encoding(
    server: PostgresServer, load: Load, tmp_path: Path, name: str, python: str, letters: str
) -> None:
    text = f"SET client_encoding = '{name}';\nCREATE TABLE thing (id integer, name text);\nINSERT INTO thing VALUES (1, '{letters}');\n"

    assert load(text.encode(python)) == [(1, letters)]
    with psycopg.connect(server.dsn(tmp_path.name.replace("-", "_").lower())) as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == (name,)


@pytest.mark.parametrize(
    ("name", "python", "letters"),
    # The second byte of 表, 功 and 誠 is a backslash's.
    [("SJIS", "shift_jis", "日本表"), ("BIG5", "big5", "成功"), ("GBK", "gbk", "中誠"), ("GB18030", "gb18030", "中誠"),
     ("UHC", "cp949", "한국")],
)  # fmt: skip
def test_a_dump_in_an_encoding_that_no_database_has_is_one_of_utf_8(
    load: Load, name: str, python: str, letters: str
) -> None:
    text = f"SET client_encoding = '{name}';\n{SMALL}INSERT INTO thing VALUES (3, '{letters}');\n"

    assert load(text.replace("one", letters).encode(python)) == [(1, letters), (2, None), (3, letters)]


def test_a_dump_without_rows_is_told(load: Load, notices: list[str]) -> None:
    assert load(SMALL.replace("1\tone\n2\t\\N\n", "").encode()) == []
    assert notices == ["my.sql: has no rows: dump without --schema-only"]


def test_extensions_collations_and_xml_load(server: PostgresServer, tmp_path: Path, notices: list[str]) -> None:
    path = tmp_path / "my.sql"
    path.write_text(
        'CREATE EXTENSION "uuid-ossp";\nCREATE EXTENSION citext;\nCREATE EXTENSION hstore;\nCREATE EXTENSION pg_trgm;\n'
        "CREATE EXTENSION pgcrypto;\nCREATE COLLATION ci (provider = icu, deterministic = false, locale = 'und-u-ks-level2');\n"
        "CREATE TABLE thing (id uuid DEFAULT uuid_generate_v4() NOT NULL, name citext, more hstore, doc xml);\n"
        "INSERT INTO thing VALUES ('4b6a1f2e-0000-4000-8000-000000000001', 'One', 'a=>1', '<a/>');\n"
        "CREATE INDEX i ON thing USING gin (name gin_trgm_ops);\n"
    )
    loaded = load_file(path, server, notices)

    assert [tuple(map(str, row)) for row in loaded] == [
        ("4b6a1f2e-0000-4000-8000-000000000001", "One", '"a"=>"1"', "<a/>")
    ]
    assert notices == []


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", "is empty"),
        (
            b"CREATE TABLE thing (id integer);\nINSERT INTO think VALUES (1);\n",
            'line 2: relation "think" does not exist',
        ),
        (
            b"\\connect one\nCREATE TABLE thing (id integer);\n\\connect other\n",
            (
                "has no database DATABASE, but one, other: set the group's database "
                "in clusters.yaml (make init: DOMAIN) to the one to load"
            ),
        ),
        (b"\\! rm -rf x\n", "line 1 is a psql command (\\!), which make rehearse does not run; use pg_dump"),
        (
            b"-- MySQL dump 10.13\n",
            (
                "is a dump of MySQL, but its clusters are PostgreSQL; write engine: aurora-mysql in "
                "clusters.yaml, or propose a catalog with make init"
            ),
        ),
        (
            b"-- phpMyAdmin SQL Dump\nCREATE TABLE `a` (`b` int) ENGINE=InnoDB;\n",
            (
                "is a dump of MySQL, but its clusters are PostgreSQL; write engine: aurora-mysql in "
                "clusters.yaml, or propose a catalog with make init"
            ),
        ),
        (b"\x7fELF\x00\x01\x02\x03", "is neither SQL nor an archive of pg_dump; make it with pg_dump"),
        (
            gzip.compress(SMALL.encode())[:-12],
            ("cannot be read: Compressed file ended before the end-of-stream marker was reached"),
        ),
        (b"\x04\x22\x4d\x18abc", "is packed by lz4: unpack it first (lz4 -d)"),
        (zipped({"a.sql": b"", "b.sql": b""}), "has 2 files: unpack it, and use the one that is the dump"),
        (b"PK\x03\x04", "cannot be read: File is not a zip file; unpack it first (unzip)"),
        (gzip.compress(tarred("shop/toc.dat", "shop/1.dat.gz")),
         "is not an archive of pg_dump, but of 2 files: unpack it, and use the folder shop"),
        (tarred("./shop.sql"), "is not an archive of pg_dump, but of 1 files: unpack it, and use the dump (shop.sql)"),
        (b"COPY thing FROM stdin;\n1\n\\.\n",
         'line 1: relation "thing" does not exist; the dump creates no table: dump without --data-only'),
        (b"PGDMP\x01", "error: could not read from input file: end of file"),
        (
            b"CREATE TABLE thing (id integer, name text);\nINSERT INTO thing VALUES (1, 'one",
            "line 2: the dump ends before the statement's '; dump it again",
        ),
        (
            b"CREATE EXTENSION postgis;\nCREATE TABLE thing (at geometry);\n",
            (
                'line 2: type "geometry" does not exist; this PostgreSQL has no extension postgis: '
                "dump without tables that need it (--exclude-table)"
            ),
        ),
    ],
    ids=["empty", "wrong-sql", "two-databases", "shell", "mysql", "phpmyadmin", "binary", "cut-gzip", "lz4", "zip-of-two", "cut-zip", "folder-in-tar", "tar-of-sql", "data-only", "cut-custom", "cut-sql", "extension"],
)  # fmt: skip
def test_a_dump_that_cannot_be_loaded_is_refused_with_its_line(
    load: Load, tmp_path: Path, content: bytes, refusal: str
) -> None:
    with pytest.raises(DataError) as refused:
        load(content)

    database = tmp_path.name.replace("-", "_").lower()
    assert str(refused.value) == f"{tmp_path}/my.sql: {refusal.replace('DATABASE', database)}"


@pytest.mark.parametrize("names", [["hr", "shop", "mail"], ["shop", "hr"], ["hr", "mail", "shop"]])
def test_of_a_dump_of_several_databases_the_one_that_is_asked_for_loads(
    server: PostgresServer, tmp_path: Path, notices: list[str], names: list[str]
) -> None:
    texts = [
        f"\\connect {name}\n" + (SMALL if name == "shop" else "CREATE TABLE thing (x integer);\n") for name in names
    ]
    (tmp_path / "all.sql").write_text("\\connect template1\n" + "".join(texts) + "\\connect postgres\n")

    load_dump(tmp_path / "all.sql", server, "shop", notices.append)

    with psycopg.connect(server.dsn("shop")) as connection:
        assert connection.execute("SELECT * FROM public.thing ORDER BY id").fetchall() == ROWS
    assert notices == [
        f"all.sql: loaded the database shop, skipped {', '.join(name for name in names if name != 'shop')}"
    ]


def test_a_database_of_the_name_postgres_loads_if_it_is_the_one(server: PostgresServer, tmp_path: Path) -> None:
    (tmp_path / "my.sql").write_text(f"\\connect template1\n\\connect postgres\n{SMALL}")

    with pytest.raises(DataError, match=r"has no database shop, but postgres: set the group"):
        load_dump(tmp_path / "my.sql", server, "shop", print)


def test_a_generated_column_keeps_the_collation_that_its_values_are_made_by(
    server: PostgresServer, tmp_path: Path, notices: list[str]
) -> None:
    (tmp_path / "my.sql").write_text(
        'CREATE TABLE thing (id integer, name text COLLATE "xx_XX.utf8", '
        'high text GENERATED ALWAYS AS (upper(name COLLATE pg_catalog."C")) STORED, '
        'german text COLLATE "de-x-icu");\n'
        "INSERT INTO thing (id, name) VALUES (1, 'é');\n"
    )

    assert load_file(tmp_path / "my.sql", server, notices) == [(1, "é", "é", None)]
