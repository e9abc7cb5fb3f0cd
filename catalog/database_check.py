"""Check of a catalog against live databases with the jobs' SQL and `LIMIT 0`: no row is read, nothing is cloned."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from catalog.connections import RefusedError, connected, engine_of, shown
from catalog.errors import SourceError
from catalog.field_types import closest
from catalog.located_yaml import Document, Finding, Steps
from catalog.proposed_table import LARGE_ROW_BYTES
from catalog.spec import build_spec, select_steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from migration_spark.spec import Extract

    from catalog.connections import Connection
    from catalog.errors import Problem
    from catalog.models import Catalog

_NAMED = re.compile(r"^([A-Za-z0-9_.-]+)=(\w+://.*)$", re.DOTALL)
# A placeholder for the filter: the jobs' SQL is for JDBC, which doubles the question marks of jsonb's operators.
_FILTER = "'the filter'"


@dataclass
class Answer:
    """The result of a check.

    Attributes:
        problems: Problems with their positions in the files.
        warnings: One sentence each.
        asked: One sentence about each check that ran.
    """

    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


def databases(catalog: Catalog, options: Sequence[str]) -> dict[str, list[str]]:
    """Return the URLs by group, from `URL`, `GROUP=URL` or `CLUSTER=URL`; a bare URL is for every group of its engine.

    Raises:
        SourceError: A name is no group and no cluster, a URL is invalid, or its engine is not the group's.
    """
    engines = {cluster.group: cluster.engine for cluster in catalog.clusters.values()}
    urls_by_group: dict[str, list[str]] = {}
    for text in options:
        named = _NAMED.match(text)
        name, url = named.groups() if named else ("", text)
        engine = engine_of(url)
        group = catalog.clusters[name].group if name in catalog.clusters else name
        if name and group not in engines:
            near = closest(name, [*engines, *catalog.clusters])
            hint = f"; did you mean {near!r}?" if near else ""
            raise SourceError(f"--from {name}=…: clusters.yaml has no group or cluster with that name{hint}")
        groups = [group] if name else [other for other, kind in engines.items() if kind == engine]
        if not groups or any(engines[other] != engine for other in groups):
            wanted = engines[group] if name else " and ".join(sorted(set(engines.values())))
            raise SourceError(f"{shown(url)} is of {engine}, but clusters.yaml says {wanted}")
        for other in groups:
            urls_by_group.setdefault(other, []).append(url)
    return urls_by_group


def ask_all(catalog: Catalog, folder: Path, urls: dict[str, list[str]]) -> Answer:
    """Check every extract of each database's groups.

    Raises:
        SourceError: A database refuses the connection.
    """
    from migration_spark.spec import read_spec  # noqa: PLC0415 - the jobs' own, which this command alone asks

    answer = Answer()
    extracts = [
        (domain, (*steps, "extracts", extract.name), extract)
        for domain in catalog.domains
        for steps, table in zip(
            select_steps(catalog.domains[domain]), read_spec(build_spec(catalog, domain), domain).tables, strict=True
        )
        for extract in table.extracts
    ]
    documents = {domain: Document(folder / "domains" / f"{domain}.yaml") for domain in catalog.domains}
    groups = {extract.clusters[0].group for _, _, extract in extracts}
    for url in dict.fromkeys(url for group in urls for url in urls[group]):
        own = [entry for entry in extracts if url in urls.get(entry[2].clusters[0].group, ())]
        with connected(url) as connection:
            database = _DatabaseCheck(connection)
            for domain, steps, extract in own:
                answer.problems += map(documents[domain].problem, database.findings(extract, steps))
            answer.warnings += database.warnings
        noun = "extract" if len(own) == 1 else "extracts"
        answer.asked.append(f"{shown(url)}: {len(own)} {noun} checked with LIMIT 0 as {connection.user}")
    answer.warnings += [
        f"the group {group} was not checked: add --from {group}=URL" for group in sorted(groups - {*urls})
    ]
    return answer


class _DatabaseCheck:
    """Checks extracts against one database."""

    def __init__(self, connection: Connection) -> None:
        from migration_spark import mysql, mysql_relations, postgres, postgres_relations  # noqa: PLC0415 - see ask_all

        is_postgres = connection.engine == "aurora-postgresql"
        self._connection = connection
        self._dialect: Any = postgres if is_postgres else mysql
        self._relations: Any = postgres_relations if is_postgres else mysql_relations
        self.warnings: list[str] = []
        connection.run(self._dialect.session())
        if is_postgres:  # the jobs have none, since they read for hours
            connection.run("SET statement_timeout = '60s'")
        self._encoding = self._dialect.encoding(self._ask)

    def findings(self, extract: Extract, steps: Steps) -> Iterator[Finding]:
        """Yield an extract's problems without their consequences; `steps` lead to the extract."""
        wrong = self._dialect.encoding_problem(self._encoding)
        if wrong:
            yield self._finding((*steps, "group"), wrong)
        there = self._ask(self._dialect.columns(extract))
        problems = list(self._columns(extract, there, steps) if there else self._missing(extract, steps))
        if not problems:
            problems = list(self._reading(extract, steps))
        yield from problems
        self._warn_unread(extract, there)
        if not problems:
            self._warn_large(extract)

    def _missing(self, extract: Extract, steps: Steps) -> Iterator[Finding]:
        _, doubts = self._relations.look(self._ask, extract, self._connection.user)
        texts = [doubt.text for doubt in doubts] or [
            f"{extract.source} does not exist: write a table of another schema as schema.table"
        ]
        yield from (self._finding((*steps, "source"), text) for text in texts)

    def _columns(self, extract: Extract, there: list[dict[str, Any]], steps: Steps) -> Iterator[Finding]:
        """Yield the columns that are missing, or whose type does not fit the catalog's."""
        from migration_spark import schema  # noqa: PLC0415 - see ask_all
        from migration_spark.errors import SchemaMismatch  # noqa: PLC0415 - likewise

        cluster = extract.clusters[0]
        for column in extract.columns:
            alone = replace(extract, clusters=(cluster,), columns=(column,))
            try:
                schema.check({(extract.source, cluster.name): there}, [alone], {cluster.name: self._dialect.TYPES})
            except SchemaMismatch as error:
                text = str(error).removeprefix(f"{cluster.name}: ").partition(". Correct the catalog")[0]
                yield self._finding((*steps, "columns", column.name), text)

    def _reading(self, extract: Extract, steps: Steps) -> Iterator[Finding]:
        """Yield why the extract's own statements cannot run, or why they would not read the whole source."""
        _, doubts = self._relations.look(self._ask, extract, self._connection.user)
        yield from (self._finding((*steps, "source"), doubt.text) for doubt in doubts)
        if doubts:
            return
        whole = replace(extract, where=None)
        refused = self._refused([f"{self._dialect.select(whole, None)} LIMIT 0"])
        if refused:
            yield self._finding((*steps, "source"), refused[1].words)
            return
        filtered = replace(extract, where=_FILTER if extract.where else None)
        statements = [f"{self._dialect.select(filtered, None)} LIMIT 0"]
        statements += [f"EXPLAIN {audit}" for audit in self._dialect.audits(filtered, self._encoding)]
        statements += [f"EXPLAIN {self._dialect.where_counts(filtered)}"] if extract.where else []
        refused = self._refused([statement.replace(_FILTER, extract.where or "") for statement in statements])
        if refused:
            yield self._in_filter(extract, steps, *refused)

    def _refused(self, statements: list[str]) -> tuple[str, RefusedError] | None:
        """Return the first statement that the database refuses, with its message."""
        for statement in statements:
            try:
                self._connection.run(statement)
            except RefusedError as error:
                return statement, error
        return None

    def _in_filter(self, extract: Extract, steps: Steps, statement: str, error: RefusedError) -> Finding:
        """Return a refusal with its line and column in the filter, if the database names them."""
        begins = statement.find(extract.where) if extract.where else -1
        field_steps = (*steps, "where" if extract.where else "source")
        if begins < 0 or error.position is None:
            return self._finding(field_steps, error.words)
        before = statement[begins : max(begins, error.position - 1)]
        finding = self._finding(field_steps, error.words)
        return replace(finding, text_line=before.count("\n") + 1, text_column=len(before.rpartition("\n")[2]) + 1)

    def _warn_unread(self, extract: Extract, there: list[dict[str, Any]]) -> None:
        from migration_spark import schema  # noqa: PLC0415 - see ask_all

        cluster = extract.clusters[0]
        alone = replace(extract, clusters=(cluster,))
        new = schema.unread({(extract.source, cluster.name): there}, alone)["new"]
        if new:
            self.warnings.append(
                f"{self._connection.address}: {extract.source} has {', '.join(new)} ({extract.table}-{extract.name}), "
                "neither read nor in left_out: an official run stops with ColumnsNotListed"
            )

    def _warn_large(self, extract: Extract) -> None:
        size = self._dialect.size(self._ask, extract)
        row_bytes = size.bytes // size.rows if size.rows > 0 else 0
        if row_bytes > LARGE_ROW_BYTES:
            self.warnings.append(
                f"{self._connection.address}: a row of {extract.source} has about {row_bytes // 1024:,} KB on disk "
                f"by the statistics, and an item has at most 400 KB ({extract.table}-{extract.name}): "
                "larger ones are rejected"
            )

    def _ask(self, statement: str) -> list[dict[str, Any]]:
        from migration_spark.errors import DatabaseError  # noqa: PLC0415 - see ask_all

        try:
            return self._connection.run(statement)
        except RefusedError as error:
            raise DatabaseError(
                self._connection.address, words=error.words, state=error.state, code=error.code
            ) from error

    def _finding(self, steps: Steps, text: str) -> Finding:
        return Finding(steps, f"{text} ({self._connection.address})")
