"""Remedies for a database's refusals, by error number, SQLSTATE or class of the SQLSTATE.

PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html
MySQL: https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from migration_spark.spec import Extract


class Subject(NamedTuple):
    """Subject of a query: the clone's cluster and address, its reader, and the extract, as far as known."""

    cluster: str
    address: str = ""
    user: str = ""
    table: str = ""
    extract: str = ""
    source: str = ""

    def reading(self, extract: Extract) -> Subject:
        """Return the subject with an extract."""
        return self._replace(table=extract.table, extract=extract.name, source=extract.source)

    def __str__(self) -> str:
        """Return the beginning of a cause."""
        clone = f"the clone of {self.cluster}" if self.cluster else "a clone"
        clone += f" at {self.address}" if self.address else ""
        named = f"{self.table}.{self.extract}" if self.extract else self.table
        named += f" (source {self.source})" if self.source else ""
        return f"{clone}, {named}" if named else clone


# A clone keeps the grants and users that its source had at its creation.
_ANEW = "Then release the clones: a clone keeps what its source had"
_CATALOG = "Correct {of} in the catalog, then deploy"
_KINDS: dict[str, str] = {
    "privilege": (
        "In the source cluster, GRANT SELECT ON {source} TO {user}, and what its views and functions need. "
        + _ANEW
        + "."
    ),
    "login": (
        "Set the secret of {cluster} to the password of {user}, and let {user} log in from the workers' subnets "
        f"(docs/secrets.md). If the user was changed in the source cluster, {_ANEW[0].lower()}{_ANEW[1:]}."
    ),
    "database": "Correct the database of {cluster} in catalog/clusters.yaml, then deploy.",
    "relation": f"{_CATALOG}, or create the table in the source cluster. {_ANEW}.",
    "query": f"{_CATALOG}. Try it first: `python -m catalog check --from URL` asks a database for each extract.",
    "value": (
        "A value does not fit an expression of {of}: correct its where or its types in the catalog, then deploy, or "
        "correct the row in the source cluster. The database's words are in failures/ of the run."
    ),
    "connections": (
        "Raise max_connections in the parameter group of {cluster}, take a larger class for the clones, or lower the "
        "connections of the extracts in the catalog, then deploy."
    ),
    "timeout": (
        "Somebody or a timeout ended the statement: look for who cancels sessions of {user}, and for a limit of "
        "statements in the parameter group of {cluster}."
    ),
    "lock": "Another statement held what this one needed: find out who writes to the clone of {cluster}, and end it.",
    "memory": "Take a larger class for the clones in the stack's settings, then deploy: {cluster} ran out.",
    "lost": (
        "Look at the events of the clone of {cluster} in RDS: it restarted, failed over, was deleted, or the network "
        "to it was cut. Its security group must let the workers in."
    ),
    "writes": "A clone is only read: take what writes out of {of} in the catalog, then deploy.",
    "server": "The server itself failed: look at the log of the clone of {cluster} in RDS.",
    "trust": "",  # the message has the remedy
    "other": "Look the code up in the database's manual, and at the log of the clone of {cluster} in RDS.",
}
# MySQL's error numbers; PostgreSQL has none. The driver's own errors have the number 0.
_CODES: dict[int, str] = {
    **dict.fromkeys((1044, 1142, 1143, 1227, 1356, 1370), "privilege"),
    **dict.fromkeys((1045, 1130, 1698, 1820, 1862, 3118, 4151), "login"),
    **dict.fromkeys((1049,), "database"),
    **dict.fromkeys((1051, 1109, 1146), "relation"),
    **dict.fromkeys((1054, 1064, 1052, 1267, 1305, 1630), "query"),
    **dict.fromkeys((1264, 1292, 1365, 1366, 1411, 1690, 3140, 3141, 3143, 3156), "value"),
    **dict.fromkeys((1040, 1203, 1226), "connections"),
    **dict.fromkeys((1317, 1969, 3024), "timeout"),
    **dict.fromkeys((1205, 1213), "lock"),
    **dict.fromkeys((1021, 1037, 1038, 1041, 1114, 1135), "memory"),
    **dict.fromkeys((1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1927, 2006, 2013), "lost"),
    **dict.fromkeys((1290, 1792, 1836), "writes"),
}
_STATES: dict[str, str] = {
    "42501": "privilege",
    "42P01": "relation",
    "3F000": "relation",
    "3D000": "database",
    "53300": "connections",
    "57014": "timeout",
    "57P01": "lost",
    "57P02": "lost",
    "57P03": "lost",
    "55P03": "lock",
    "25006": "writes",
}
_CLASSES: dict[str, str] = {
    "08": "lost",
    "22": "value",
    "28": "login",
    "40": "lock",
    "42": "query",
    "53": "memory",
    "58": "server",
    "XX": "server",
}


def kind_of(state: str, code: int) -> str:
    """Return the kind of a refusal, `other` if the tables do not list it."""
    return _CODES.get(code) or _STATES.get(state) or _CLASSES.get(state[:2]) or "other"


def remedy(kind: str, subject: Subject) -> str:
    """Return the remedy in whole sentences; an empty text if the message already has it."""
    of = f"{subject.table}.{subject.extract}" if subject.extract else subject.table or "the extracts"
    facts = {"cluster": subject.cluster or "the cluster", "user": subject.user or "the reader", "of": of}
    return _KINDS[kind].format(**facts, source=subject.source or f"the tables of {of}")


def kinds() -> list[str]:
    """Return every kind."""
    return list(_KINDS)
