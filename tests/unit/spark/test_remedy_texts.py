"""Each code of a database has one kind and no neighbour of it, and each kind's remedy is a whole text."""

from __future__ import annotations

import pytest
from migration_spark.remedies import Subject, kind_of, remedy

from tests.spark.tables import extract

# https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
OF_MYSQL = {
    "privilege": [1044, 1142, 1143, 1227, 1356, 1370],
    "login": [1045, 1130, 1698, 1820, 1862, 3118, 4151],
    "database": [1049],
    "relation": [1051, 1109, 1146],
    "query": [1052, 1054, 1064, 1267, 1305, 1630],
    "value": [1264, 1292, 1365, 1366, 1411, 1690, 3140, 3141, 3143, 3156],
    "connections": [1040, 1203, 1226],
    "timeout": [1317, 1969, 3024],
    "lock": [1205, 1213],
    "memory": [1021, 1037, 1038, 1041, 1114, 1135],
    "lost": [1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1927, 2006, 2013],
    "writes": [1290, 1792, 1836],
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html
OF_CLASSES = {
    "08": "lost",
    "22": "value",
    "28": "login",
    "40": "lock",
    "42": "query",
    "53": "memory",
    "58": "server",
    "XX": "server",
}
OF_STATES = {
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
THING = Subject("one", "10.0.0.1:5432", "reader", "Thing", "thing", "public.thing")


def test_a_number_of_mysql_has_its_kind_whatever_its_state_and_every_other_number_has_none() -> None:
    kinds = {code: kind_of("HY000", code) for code in range(1, 5_000)}

    assert {code: kind for code, kind in kinds.items() if kind != "other"} == {
        code: kind for kind, codes in OF_MYSQL.items() for code in codes
    }
    assert kind_of("42501", 1045) == "login"
    assert kind_of("42501", 1105) == "privilege"


@pytest.mark.parametrize("state", OF_STATES)
def test_a_state_has_its_kind_and_its_neighbour_that_of_the_class(state: str) -> None:
    neighbour = f"{state[:4]}Z"

    assert kind_of(state, 0) == OF_STATES[state]
    assert kind_of(neighbour, 0) == OF_CLASSES.get(state[:2], "other")


def test_a_class_has_its_kind_and_every_other_class_has_none() -> None:
    signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    kinds = {first + second: kind_of(f"{first}{second}999", 0) for first in signs for second in signs}

    assert {of: kind for of, kind in kinds.items() if kind != "other"} == OF_CLASSES


ANEW = "hen release the clones: a clone keeps what its source had."
LOG = "the log of the clone of {cluster} in RDS."
TEXTS = {
    "privilege": "In the source cluster, GRANT SELECT ON {source} TO {user}, and what its views and functions need. T"
    + ANEW,
    "login": "Set the secret of {cluster} to the password of {user}, and let {user} log in from the workers' subnets "
    "(docs/secrets.md). If the user was changed in the source cluster, t" + ANEW,
    "database": "Correct the database of {cluster} in catalog/clusters.yaml, then deploy.",
    "relation": "Correct {of} in the catalog, then deploy, or create the table in the source cluster. T" + ANEW,
    "query": "Correct {of} in the catalog, then deploy. Try it first: `python -m catalog check --from URL` asks a "
    "database for each extract.",
    "value": "A value does not fit an expression of {of}: correct its where or its types in the catalog, then deploy, "
    "or correct the row in the source cluster. The database's words are in failures/ of the run.",
    "connections": "Raise max_connections in the parameter group of {cluster}, take a larger class for the clones, or "
    "lower the connections of the extracts in the catalog, then deploy.",
    "timeout": "Somebody or a timeout ended the statement: look for who cancels sessions of {user}, and for a limit "
    "of statements in the parameter group of {cluster}.",
    "lock": "Another statement held what this one needed: find out who writes to the clone of {cluster}, and end it.",
    "memory": "Take a larger class for the clones in the stack's settings, then deploy: {cluster} ran out.",
    "lost": "Look at the events of the clone of {cluster} in RDS: it restarted, failed over, was deleted, or the "
    "network to it was cut. Its security group must let the workers in.",
    "writes": "A clone is only read: take what writes out of {of} in the catalog, then deploy.",
    "server": "The server itself failed: look at " + LOG,
    "trust": "",
    "other": "Look the code up in the database's manual, and at " + LOG,
}


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize(
    ("subject", "facts"),
    [
        (THING, ("one", "reader", "Thing.thing", "public.thing")),
        (Subject("one", table="Thing"), ("one", "the reader", "Thing", "the tables of Thing")),
        (Subject(""), ("the cluster", "the reader", "the extracts", "the tables of the extracts")),
    ],
    ids=["an extract", "a table", "nothing"],
)
def test_a_remedy_names_all_that_is_known(kind: str, subject: Subject, facts: tuple[str, ...]) -> None:
    named = dict(zip(("cluster", "user", "of", "source"), facts, strict=True))

    assert remedy(kind, subject) == TEXTS[kind].format(**named)


def test_a_subject_is_named_with_the_extract_that_it_reads() -> None:
    subject = Subject("one", "h:1", "u").reading(extract({"id": "text"}))

    assert subject == Subject("one", "h:1", "u", "Thing", "thing", "thing")
    assert str(subject) == "the clone of one at h:1, Thing.thing (source thing)"
