"""Treatment of each statement of a MySQL dump."""

from __future__ import annotations

import pytest

from local.rehearse.mysql_statements import MySqlStep, mysql_step
from local.rehearse.mysql_tables import Adapted, adapt, reduce_definition, similar_collation

KNOWN = frozenset(
    {"utf8mb4_general_ci", "utf8mb4_bin", "utf8mb4_nopad_bin", "utf8mb4_unicode_520_nopad_ci", "latin1_bin"}
)


@pytest.mark.parametrize(
    ("statement", "kind", "label"),
    [
        ("INSERT INTO `t` VALUES (1,'CREATE TRIGGER x')", "rows", ""),
        ("/*!40000 INSERT INTO t VALUES (1) */", "rows", ""),
        ("REPLACE INTO t VALUES (1)", "rows", ""),
        ("/*!50503 SET NAMES utf8mb4 */", "needed", ""),
        ("/*!50503 SET character_set_client = utf8mb4 */", "needed", ""),
        ("/*!40103 SET TIME_ZONE='+00:00' */", "needed", ""),
        ("/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */", "needed", ""),
        ("/*!50003 SET sql_mode = 'TIME_TRUNCATE_FRACTIONAL' */", "optional", ""),
        ("/*!50001 SET collation_connection = utf8mb4_0900_ai_ci */", "optional", ""),
        ("/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */", "skipped", ""),
        ("SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a:1'", "skipped", ""),
        ("SET GLOBAL innodb_stats_auto_recalc=OFF", "skipped", ""),
        ("LOCK TABLES `t` WRITE", "skipped", ""),
        ("UNLOCK TABLES", "skipped", ""),
        ("/*!40000 ALTER TABLE `t` DISABLE KEYS */", "skipped", ""),
        ("CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET latin1 */", "skipped", ""),
        ("/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER t BEFORE INSERT ON x */", "skipped", "trigger"),
        ("CREATE DEFINER=`a`@`localhost` FUNCTION `f`() RETURNS int", "skipped", "routine"),
        ("CREATE DEFINER='a'@'%' PROCEDURE f() SELECT 1", "skipped", "routine"),
        ("/*!50106 CREATE*/ /*!50117 DEFINER=a@b*/ /*!50106 EVENT `e` DO x */", "skipped", "event"),
        ("GRANT SELECT ON shop.* TO reader", "skipped", "account"),
        ("DROP TABLE IF EXISTS `t`", "optional", ""),
        ("ALTER TABLE `t` ADD PRIMARY KEY (`id`)", "optional", "constraint or index"),
        ("ALTER TABLE `t` MODIFY `id` int NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=5", "optional", "counter"),
        ("ALTER TABLE `t` ADD COLUMN b int", "needed", ""),
        ("LOAD DATA INFILE 'x' INTO TABLE t", "files", ""),
        ("  ", "skipped", ""),
    ],
)  # fmt: skip
def test_what_no_row_depends_on_is_skipped(statement: str, kind: str, label: str) -> None:
    step = mysql_step(statement.encode())

    assert (step.kind, step.label) == (kind, label)


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (b"CREATE TABLE `or``der` (id int)", "or`der"),
        (b"CREATE TABLE IF NOT EXISTS `shop`.`user`(id int)", "user"),
        (b"/*!50001 CREATE TABLE v (\n a tinyint) */", "v"),
    ],
)
def test_a_table_is_known_by_its_name(statement: bytes, name: str) -> None:
    assert mysql_step(statement) == MySqlStep("table", statement, name=name)


def test_a_database_is_entered_by_its_name() -> None:
    assert mysql_step(b"USE `my``shop`") == MySqlStep("use", b"my`shop")


def test_a_view_is_made_without_its_definer() -> None:
    view = (
        b"/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a`@`%` SQL SECURITY DEFINER */\n"
        b"/*!50001 VIEW `v` AS select 1 */"
    )

    step = mysql_step(view)

    assert (step.kind, step.label) == ("optional", "view")
    assert b" ".join(step.text.split()) == b"CREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW `v` AS select 1"


def test_a_definition_has_only_what_the_server_knows_and_its_texts_stay() -> None:
    statement = (
        b"CREATE TABLE t (`ENGINE=MyISAM` varchar(9) CHARACTER SET gb18030 COLLATE gb18030_chinese_ci, "
        b"b int GENERATED ALWAYS AS (1) STORED NOT NULL COMMENT 'STORED NOT NULL; COLLATE x_ci') "
        b"ENGINE=MyISAM DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci DATA DIRECTORY='/x' ENCRYPTION='Y'"
    )

    assert adapt(statement, KNOWN) == Adapted(
        b"CREATE TABLE t (`ENGINE=MyISAM` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_nopad_ci, "
        b"b int GENERATED ALWAYS AS (1) STORED COMMENT 'STORED NOT NULL; COLLATE x_ci') "
        b"ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE utf8mb4_unicode_520_nopad_ci  ",
        {
            "gb18030_chinese_ci": "utf8mb4_unicode_520_nopad_ci",
            "utf8mb4_0900_ai_ci": "utf8mb4_unicode_520_nopad_ci",
        },
        "MyISAM",
    )


def test_what_the_server_knows_is_left_as_it_is() -> None:
    statement = b"CREATE TABLE t (a text COLLATE utf8mb4_general_ci) ENGINE=InnoDB"

    assert adapt(statement, KNOWN) == Adapted(statement, {})


@pytest.mark.parametrize(
    ("collation", "exact", "other"),
    [
        ("utf8mb4_0900_ai_ci", False, "utf8mb4_unicode_520_nopad_ci"),
        ("utf8mb4_0900_ai_ci", True, "utf8mb4_nopad_bin"),
        ("utf8mb4_0900_as_ci", False, "utf8mb4_nopad_bin"),
        ("utf8mb4_0900_as_cs", False, "utf8mb4_nopad_bin"),
        ("latin1_new_ci", False, "latin1_bin"),
    ],
)
def test_what_stands_for_a_collation_never_joins_what_it_tells_apart_by_accents(
    collation: str,
    exact: bool,  # noqa: FBT001 - a case
    other: str,
) -> None:
    assert similar_collation(collation, KNOWN, exact=exact) == other


def test_a_reduced_definition_keeps_every_column_and_the_primary_key() -> None:
    statement = (
        b"CREATE TABLE `t` (\n  `id` int NOT NULL DEFAULT '0',\n  `key` enum('a,b','(') DEFAULT 'a,b',\n"
        b"  `u` char(36) NOT NULL DEFAULT (concat('),', uuid())) COMMENT 'x',\n  PRIMARY KEY (`id`,`u`),\n"
        b"  UNIQUE KEY `a` (`key`),\n  KEY `f` ((lower(`key`))),\n"
        b"  CONSTRAINT `c` FOREIGN KEY (`id`) REFERENCES `o` (`id`),\n"
        b"  CHECK (`id` > 0)\n) ENGINE=InnoDB\n/*!50100 PARTITION BY HASH (`id`)\nPARTITIONS 4 */"
    )

    assert reduce_definition(statement) == (
        (
            b"CREATE TABLE `t` (\n  `id` int NOT NULL DEFAULT '0',\n  `key` enum('a,b','(') DEFAULT 'a,b',\n"
            b"  `u` char(36) NOT NULL COMMENT 'x',\n  PRIMARY KEY (`id`,`u`)) ENGINE=InnoDB\n"
        ),
        [],
    )


def test_a_reduced_definition_lacks_its_computed_columns_if_asked_for() -> None:
    statement = (
        b"CREATE TABLE `t (` (`id` int COMMENT 'same AS (x)', "
        b"`a b` int GENERATED ALWAYS AS (regexp_like(`id`, 'x,y')) VIRTUAL)"
    )

    assert reduce_definition(statement, without_computed=True) == (
        b"CREATE TABLE `t (` (`id` int COMMENT 'same AS (x)')",
        ["a b"],
    )
    assert reduce_definition(statement) == (statement, [])
    assert reduce_definition(b"CREATE TABLE a LIKE b") == (b"CREATE TABLE a LIKE b", [])
