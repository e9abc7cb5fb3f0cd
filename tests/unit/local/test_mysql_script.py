"""A MySQL dump is split into statements, whatever its form and wherever blocks end."""

from __future__ import annotations

import io

import pytest

from local.errors import DataError
from local.rehearse.mysql_script import MySqlScript, Statement

DUMP = rb"""/*M!999999\- enable the sandbox mode */ -- a comment; with a delimiter
mysqldump: [Warning] Using a password on the command line interface can be insecure; so it is.
# another; one
/* a third; 'one */
CREATE TABLE `a``;` (b text COMMENT 'x; \' y''; z'); INSERT INTO t VALUES ("semi;colon", 'back\\'), (5--1);
/*!40101 SET NAMES utf8mb4 */; SELECT 1 -- to the end; of the line
+ 2;
DELIMITER ;;
CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW BEGIN SET x = 1; SET y = ';;'; END ;;
DELIMITER ;
delimiter_table;
LAST /* no delimiter; */ ONE"""
STATEMENTS = [
    Statement(5, rb"""CREATE TABLE `a``;` (b text COMMENT 'x; \' y''; z')"""),
    Statement(5, rb"""INSERT INTO t VALUES ("semi;colon", 'back\\'), (5--1)"""),
    Statement(6, b"/*!40101 SET NAMES utf8mb4 */"),
    Statement(6, b"SELECT 1 -- to the end; of the line\n+ 2"),
    Statement(9, b"CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW BEGIN SET x = 1; SET y = ';;'; END "),
    Statement(11, b"delimiter_table"),
    Statement(12, b"LAST /* no delimiter; */ ONE"),
]


class Slow(io.BytesIO):
    """A dump that is read a few bytes at a time."""

    def __init__(self, content: bytes, block: int) -> None:
        super().__init__(content)
        self._block = block

    def read(self, size: int | None = -1) -> bytes:
        """Return fewer bytes than requested."""
        return super().read(min(size or 1, self._block))


@pytest.mark.parametrize("block", [1, 2, 3, 7, 64, 1 << 20])
def test_a_statement_ends_at_its_delimiter_wherever_a_block_ends(block: int) -> None:
    assert list(MySqlScript(Slow(DUMP, block))) == STATEMENTS


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        (b"\nINSERT INTO t VALUES ('one", "'"),
        (b"\nINSERT INTO t VALUES (`one", "`"),
        (b"\nSELECT 1 /* one", "*/"),
        (b"\nINSERT INTO t VALUES ('one\\'", "'"),
    ],
)
def test_a_dump_that_is_cut_is_refused_with_its_line(content: bytes, missing: str) -> None:
    with pytest.raises(DataError) as refused:
        list(MySqlScript(io.BytesIO(content)))

    assert str(refused.value) == f"line 2: the dump ends before the statement's {missing}; dump it again"


def test_a_dump_without_a_statement_has_none() -> None:
    assert list(MySqlScript(io.BytesIO(b"-- Dump completed\n;;\n/* end */"))) == []
