"""Names that each type of field accepts and refuses, at both ends of each limit."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from migration_spark import identifiers
from pydantic import StringConstraints, TypeAdapter, ValidationError

from catalog import authorities, engines, field_types

LONG = "a" * 300


def fits(kind: Any, text: str) -> bool:  # noqa: ANN401 - an annotated type
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (field_types.SqlName, ["a", "_a1", LONG[:63]], ["", "1a", "A", "a-b", "a.b", LONG[:64], "a\n"]),
        (
            field_types.SourceName,
            ["a", "s.a", f"{LONG[:64]}.{LONG[:64]}", "userAccount", "Order Items", "größe", 's."a.b"', '"a""b"'],
            ["", "a.b.c", "s.", ".a", " a", "a ", 'a"b', '"a', '""', "a\n", LONG[:65]],
        ),
        (field_types.ColumnName, ["a", "createdAt", "_A1", LONG[:63]], ["", "1a", "a b", "größe", "a.b", LONG[:64]]),
        (field_types.ClusterName, ["a", "a-1", LONG[:55]], ["", "1a", "a--b", "a-", "A", LONG[:56]]),
        (field_types.DomainName, ["a", "a-1-", LONG[:31]], ["", "1a", "A", "a_b", LONG[:32]]),
        (field_types.TableName, ["abc", "A.b-_9", LONG[:245]], ["", "ab", "a b c", LONG[:246]]),
        (field_types.IndexName, ["abc", "A.b-_9", LONG[:255]], ["", "ab", "a b c", LONG[:256]]),
        (field_types.AttributeName, ["a", "A.b-_9", LONG[:255]], ["", "_a", "1a", "a b", LONG[:256]]),
        (field_types.StreamName, ["a", "A.b-_9", LONG[:128]], ["", "a b", LONG[:129]]),
        (field_types.AnyColumn, ["a", "Odd Name", "größe", LONG[:64]], ["", "a\tb", "a\x7f", LONG[:65]]),
        (field_types.TagValue, ["", "a b+=.:/@_-9", LONG[:256]], ["a*b", "ä", LONG[:257]]),
    ],
)
def test_a_name_may_be_as_long_as_its_owner_allows_and_no_longer(
    kind: Any,  # noqa: ANN401 - an annotated type
    right: list[str],
    wrong: list[str],
) -> None:
    assert [text for text in right if not fits(kind, text)] == []
    assert [text for text in wrong if fits(kind, text)] == []


@pytest.mark.parametrize(
    ("key", "right"),
    [
        ("alias/orders", True),
        ("alias/", False),
        (f"alias/{LONG[:250]}", True),
        (f"alias/{LONG[:251]}", False),
        ("arn:aws:kms:eu-west-1:971779422973:key/0", True),
        ("arn:aws-cn:kms:cn-north-1:971779422973:key/mrk-0", True),
        ("arn:aws:kms:eu-west-1:97177942297:key/0", False),
        ("arn:aws:kms:eu-west-1:971779422973:key/", False),
        ("1234abcd-12ab-34cd-56ef-1234567890ab", False),
    ],
)
def test_a_key_is_named_with_its_account_and_region_or_by_an_alias(*, key: str, right: bool) -> None:
    assert fits(Annotated[str, StringConstraints(pattern=field_types.KMS_KEY)], key) is right


@pytest.mark.parametrize(
    ("column", "reserved"),
    [
        ("_cluster", True),
        ("_source_row", True),
        ("_source_key", True),
        ("_unmatched_plan", True),
        ("_unmatched", False),
        ("cluster", False),
    ],
)
def test_the_jobs_keep_four_names_for_themselves(*, column: str, reserved: bool) -> None:
    assert field_types.is_reserved(column) is reserved


def test_names_of_sources_and_domains_are_held_against_the_same_patterns() -> None:
    assert [field_types.is_source_name(text) for text in ("s.a", "S.a", "a b", "a.b.c", "a\n")] == [
        *[True] * 3,
        *[False] * 2,
    ]
    assert [field_types.is_domain_name(text) for text in ("rates", "a-1", "Rates", "1a", LONG)] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("schema", "table", "source"),
    [
        ("", "thing", "thing"),
        ("shop", "Order Items", "shop.Order Items"),
        ("My.Shop", "a.b", '"My.Shop"."a.b"'),
        ("", 'say "x"', '"say ""x"""'),
        ("", '"x"', '"""x"""'),
        ("", " x", '" x"'),
    ],
)
def test_a_source_is_read_back_as_the_database_has_it(schema: str, table: str, source: str) -> None:
    assert field_types.source_name(schema, table) == source
    assert fits(field_types.SourceName, source)
    assert field_types.source_parts(source) == identifiers.parts(source) == (schema, table)


@pytest.mark.parametrize(
    ("word", "meant"), [("ttll", "ttl"), ("STREAM", "stream"), ("strem", "stream"), ("colour", None), ("", None)]
)
def test_a_misspelt_word_is_likened_to_a_known_one(word: str, meant: str | None) -> None:
    assert field_types.closest(word, ["ttl", "stream"]) == meant


@pytest.mark.parametrize(
    ("engine", "version", "family"),
    [
        *(("aurora-postgresql", f"{major}.4", f"aurora-postgresql{major}") for major in range(11, 18)),
        ("aurora-postgresql", "16.4.1", "aurora-postgresql16"),
        ("aurora-postgresql", "10.4", ""),
        ("aurora-postgresql", "18.0", ""),
        ("aurora-postgresql", "16", ""),
        ("aurora-mysql", "5.7.mysql_aurora.2.11.2", "aurora-mysql5.7"),
        ("aurora-mysql", "8.0.mysql_aurora.3.08.0", "aurora-mysql8.0"),
        ("aurora-mysql", "8.4.mysql_aurora.4.0.0", "aurora-mysql8.4"),
        ("aurora-mysql", "5.6.mysql_aurora.1", ""),
        ("aurora-mysql", "8.0", ""),
        ("aurora", "16.4", ""),
    ],
)
def test_a_version_has_the_family_of_its_major(engine: str, version: str, family: str) -> None:
    assert engines.parameter_family(engine, version) == family


def test_the_versions_that_can_be_migrated_are_listed() -> None:
    assert engines.supported("aurora-postgresql") == "11, 12, 13, 14, 15, 16, 17"
    assert engines.supported("aurora-mysql") == "5.7, 8.0, 8.4"


@pytest.mark.parametrize(
    ("host", "of_rds"),
    [
        ("x.eu-west-1.rds.amazonaws.com", True),
        ("X.EU-WEST-1.RDS.AMAZONAWS.COM", True),
        ("x.cn-north-1.rds.amazonaws.com.cn", True),
        ("rds.amazonaws.com.evil.example", False),
        ("localhost", False),
        ("", False),
        (None, False),
    ],
)
def test_a_server_of_rds_is_known_by_the_end_of_its_name(*, host: str | None, of_rds: bool) -> None:
    assert authorities.is_rds(host) is of_rds


def test_another_file_of_authorities_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_CA_BUNDLE", raising=False)
    assert authorities.authorities().endswith("/spark/certificates/authorities.pem")

    monkeypatch.setenv("DATABASE_CA_BUNDLE", "/own.pem")
    assert authorities.authorities() == "/own.pem"
