"""The jobs' command line, quoted names, and the expiry of items."""

from __future__ import annotations

import json
from typing import Any

import pytest
from migration_spark import expiry, identifiers
from migration_spark.arguments import Arguments, Base, BaseTable, Clone, Differences, parse

FACTS = {
    "spec": "s3://artifacts/spec.json",
    "data": "s3://data/",
    "domain": "rates",
    "run": "r1",
    "attempt": "a1",
    "mode": "official",
}
CLONES = {
    "lipsdb": {"host": "h", "port": "5432", "createdAt": "then", "position": "m.1:4"},
    "other": {"host": "i", "port": 3306},
}
YEAR = 365 * 24 * 3600
LEAP_YEAR = 366 * 24 * 3600
NOW = 2_000_000_000


def words(**more: Any) -> list[str]:  # noqa: ANN401 - JSON
    facts = FACTS | {"clones": json.dumps(CLONES)} | {name: json.dumps(value) for name, value in more.items()}
    return [word for name, value in facts.items() for word in (f"--{name}", value)]


def test_a_command_line_is_read_whole() -> None:
    exports = [{"table": "Rate", "manifest": "s3://m"}, {"table": "Plan", "manifest": "s3://n"}]

    assert parse("compare", words(parallelism=4, exports=exports)) == Arguments(
        **FACTS,  # type: ignore[arg-type]  # texts all
        parallelism=4,
        clones={"lipsdb": Clone("lipsdb", "h", 5432, "then", "m.1:4"), "other": Clone("other", "i", 3306, "")},
        exports={"Rate": "s3://m", "Plan": "s3://n"},
    )


def test_without_exports_there_are_none_and_nine_clusters_are_read_at_once() -> None:
    arguments = parse("bootstrap", words())

    assert (arguments.exports, arguments.parallelism) == ({}, 9)


@pytest.mark.parametrize("name", [*FACTS, "clones"])
def test_a_command_line_without_a_fact_ends_the_job(name: str) -> None:
    argv = words()
    at = argv.index(f"--{name}")

    with pytest.raises(SystemExit):
        parse("bootstrap", argv[:at] + argv[at + 2 :])


BASE = {"run": "r0", "attempt": "a0", "tables": {"Rate": {"prefix": "processed/", "items": 7, "listing": "d"}}}


def test_delta_takes_a_base_the_folder_of_the_new_items_and_bounds() -> None:
    arguments = parse("delta", [*words(base=BASE), "--items", "a1", "--max-delete-percent", "2.5"])

    base = Base("r0", "a0", {"Rate": BaseTable("processed/", 7, "d")})
    assert arguments.differences == Differences(base, "a1", max_delete_percent=2.5)
    assert arguments.exports == {}


def test_delta_takes_exports_in_the_place_of_a_base() -> None:
    arguments = parse("delta", [*words(exports=[{"table": "Rate", "manifest": "m"}]), "--items", "a1"])

    assert (arguments.differences, arguments.exports) == (Differences(None, "a1"), {"Rate": "m"})
    assert parse("compare", words()).differences is None


@pytest.mark.parametrize(
    "wrong",
    [
        words(base=BASE),
        [*words(), "--items", "a1"],
        [*words(base=BASE, exports=[]), "--items", "a1"],
        [*words(base={"run": "r0"}), "--items", "a1"],
        [*words(base=7), "--items", "a1"],
        [*words(base=BASE), "--items", "a1", "--max-change-percent", "many"],
    ],
    ids=["no items", "no base", "base and exports", "half a base", "no base at all", "no number"],
)
def test_a_command_line_that_delta_cannot_use_ends_the_job(wrong: list[str]) -> None:
    with pytest.raises(SystemExit):
        parse("delta", wrong)


@pytest.mark.parametrize(
    "base",
    [
        {"run": "r0"},
        7,
        {"run": "r0", "attempt": "a0", "tables": []},
        {"run": "r0", "attempt": "a0", "tables": {"Rate": 7}},
    ],
    ids=["a part is missing", "a number", "tables without names", "a table without parts"],
)
def test_a_wrong_base_is_quoted(base: Any, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: ANN401 - JSON
    with pytest.raises(SystemExit):
        parse("delta", [*words(base=base), "--items", "a1"])

    last = capsys.readouterr().err.splitlines()[-1]
    assert last == f"delta: error: argument --base: invalid _base value: {json.dumps(base)!r}"


OF_EACH_JOB = """
  --spec SPEC
  --data DATA
  --domain DOMAIN
  --run RUN
  --attempt ATTEMPT
  --mode MODE
  --parallelism PARALLELISM clusters that are read at once
  --clones CLONES JSON: cluster -> host, port, createdAt
"""
TABLES = "--tables TABLES JSON: some tables of the domain"
EXPORTS = "--exports EXPORTS JSON: table and manifest of each export"
HELP = {
    "bootstrap": f"{TABLES} {EXPORTS}",
    "compare": f"{TABLES} --verify compare with what Bootstrap landed; no clone is read {EXPORTS}",
    "delta": f"""{EXPORTS}
  --base BASE JSON: run, attempt, and tables with prefix, items, listing
  --items ITEMS the attempt of Bootstrap whose items are the new ones
  --max-delete-percent MAX_DELETE_PERCENT of a table's items; the catalog's without
  --max-change-percent MAX_CHANGE_PERCENT of a table's items; the catalog's without""",
}


@pytest.mark.parametrize("job", HELP)
def test_a_job_describes_its_command_line(job: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(job, ["--help"])

    usage, described = capsys.readouterr().out.split("show this help message and exit")
    assert usage.startswith(f"usage: {job} [-h] --spec SPEC")
    assert described.split() == f"{OF_EACH_JOB} {HELP[job]}".split()


def test_what_a_run_writes_lies_below_its_kind_domain_and_run() -> None:
    arguments = parse("bootstrap", words())

    assert arguments.uri("raw") == "s3://data/raw/rates/r1"
    assert arguments.uri("raw", "Rate-rate", "x") == "s3://data/raw/rates/r1/Rate-rate/x"


def test_names_are_quoted_whatever_is_in_them() -> None:
    assert identifiers.quoted('a"b', '"') == '"a""b"'
    assert identifiers.quoted("a`b", "`") == "`a``b`"
    assert identifiers.literal("it's") == "'it''s'"
    assert [identifiers.parts(source) for source in ("shop.line", "line", "a.b.c", '"a.b"."c""d"')] == [
        ("shop", "line"),
        ("", "line"),
        ("a.b", "c"),
        ("a.b", 'c"d'),
    ]


@pytest.mark.parametrize(
    ("seconds", "expired"),
    [(NOW + 1, False), (NOW, True), (NOW - 5 * YEAR + 1, True), (NOW - 5 * YEAR, False), (0, False)],
)
def test_an_item_has_expired_within_five_years_of_its_time(*, seconds: int, expired: bool) -> None:
    assert expiry.has_expired(seconds, NOW) is expired  # type: ignore[arg-type]  # numbers compare as columns do


@pytest.mark.parametrize(
    ("seconds", "may"),
    [(NOW + YEAR, True), (NOW, True), (NOW - 5 * LEAP_YEAR + 1, True), (NOW - 5 * LEAP_YEAR, False)],
)
def test_an_item_may_expire_unless_its_time_is_older_than_five_years(*, seconds: int, may: bool) -> None:
    assert expiry.can_expire(seconds, NOW) is may  # type: ignore[arg-type, comparison-overlap]  # the same
