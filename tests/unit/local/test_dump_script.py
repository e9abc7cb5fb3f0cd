"""A dump is split into statements, commands and rows, wherever blocks end."""

from __future__ import annotations

import io

import pytest

from local.rehearse import script
from local.rehearse.script import Script

DUMP = rb"""-- hi
SET a = 'x;''y';
INSERT INTO t VALUES (E'a\'b;', 1);
INSERT INTO t VALUES ('plain ''x''; -- y', 1);
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $x$ begin; $$ ; end $x$;
CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT CASE WHEN 1=1 THEN 2 END; SELECT 2; END;
CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);
\connect foo
COPY t (a) FROM stdin;
1
\connect x
\.

COPY t (a) FROM stdin;
\.
/* c /* d */ ; */ SELECT "a;b";
SELECT 1"""
PIECES = [
    ("statement", 2, b"SET a = 'x;''y';"),
    ("statement", 3, rb"INSERT INTO t VALUES (E'a\'b;', 1);"),
    ("statement", 4, b"INSERT INTO t VALUES ('plain ''x''; -- y', 1);"),
    ("statement", 5, b"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $x$ begin; $$ ; end $x$;"),
    (
        "statement",
        6,
        b"CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT CASE WHEN 1=1 THEN 2 END; SELECT 2; END;",
    ),
    ("statement", 7, b"CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);"),
    ("command", 8, b"\\connect foo\n"),
    ("statement", 9, b"COPY t (a) FROM stdin;"),
    ("rows", 10, b"1\n\\connect x\n\\.\n"),
    ("statement", 14, b"COPY t (a) FROM stdin;"),
    ("rows", 15, b"\\.\n"),
    ("statement", 16, b'SELECT "a;b";'),
    ("statement", 17, b"SELECT 1"),
]


@pytest.mark.parametrize("block_bytes", [1 << 20, 97, 7, 1])
def test_a_dump_is_split_alike_whatever_is_read_at_once(monkeypatch: pytest.MonkeyPatch, block_bytes: int) -> None:
    monkeypatch.setattr(script, "_BLOCK_BYTES", block_bytes)

    pieces = list(Script(io.BytesIO(DUMP)))

    joined: list[tuple[str, int, bytes]] = []
    for piece in pieces:
        if piece.kind == "rows" and joined and joined[-1][0] == "rows":
            joined[-1] = ("rows", joined[-1][1], joined[-1][2] + piece.text)
        elif piece.kind != "blank":
            joined.append((piece.kind, piece.line, piece.text))
    assert joined == PIECES
    assert b"".join(piece.text for piece in pieces) == DUMP
