"""Problems of a catalog are all reported at once, each with its position and a suggestion."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from catalog.__main__ import app
from catalog.loader import read_catalog
from tests.customer import customer_folder

WHO_ASKS = "() depends on the user or on the server's settings, so the comparison may see other rows"
EACH_TIME = "() answers differently each time, and the comparison reads the clones again"
CLUSTERS = """\
groups:
  shops:
    engine: aurora-postgresql
    database: shop
    user: reader
    password_secret: shop/{cluster}
    clusters: [shop-1, shop-2]
"""
ORDERS = """\
domain: orders
tables:
  - name: Order
    extracts:
      line:
        source: order_line
        group: shops
        columns:
          order_id: uuid
          number: smallint
          amount: numeric(9,2)
          labels: text[]
          due: timestamptz
      buyer:
        source: buyer
        group: shops
        columns: {buyer_id: uuid, name: text}
    driving: {extract: line, cardinality: one item per row}
    select: |
      SELECT line._cluster AS _cluster,
             buyer._cluster IS NULL AS _unmatched_buyer,
             line.order_id AS orderId,
             line.number AS number,
             line.amount AS amount,
             line.labels AS labels,
             line.due AS due,
             buyer.name AS buyerName
      FROM line
      LEFT JOIN buyer ON buyer.buyer_id = line.order_id
    key:
      partition: {name: orderId, type: S}
      sort: {name: number, type: N}
    attributes: {labels: SS, due: epoch_seconds}
    ttl: due
    stream: Order-Stream
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "domains").mkdir()
    (tmp_path / "clusters.yaml").write_text(CLUSTERS)
    (tmp_path / "domains/orders.yaml").write_text(ORDERS)
    return tmp_path


def problems(folder: Path, *changes: tuple[str, str], file: str = "domains/orders.yaml") -> list[str]:
    """Return what is said of a file after some changes, without its path."""
    text = (folder / file).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / file).write_text(text)
    return [str(problem).removeprefix(f"{folder / file}:") for problem in read_catalog(folder)[1]]


def test_nothing_is_wrong_with_a_right_catalog(folder: Path) -> None:
    assert problems(folder) == []


MISTAKES = yaml.safe_load(Path(__file__).with_name("mistakes.yaml").read_text("utf-8"))


@pytest.mark.parametrize("mistake", MISTAKES, ids=[mistake["told"].split(":", 2)[-1].strip() for mistake in MISTAKES])
def test_a_mistake_is_said_with_its_place_and_what_was_meant(folder: Path, mistake: dict[str, str]) -> None:
    assert problems(folder, (mistake["change"], mistake["to"])) == [mistake["told"]]


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        (
            [("ttl: due", "tll: due"), ("domain: orders", "domain: orders\njob_timeout_minutes: 5")],
            [
                "2:22: job_timeout_minutes: is 5, but must be at least 10",
                "35:5: tables.Order.tll: is not a known key; did you mean 'ttl'?",
            ],
        ),
        (
            [("amount: numeric(9,2)", "amount: nummeric"), ("ttl: due", "ttl: deu")],
            [
                (
                    "11:19: tables.Order.extracts.line.columns.amount: unknown column type 'nummeric'; "
                    "did you mean 'numeric'?"
                ),
                "34:10: tables.Order.ttl: 'deu' is not a column that the select returns; did you mean 'due'?",
            ],
        ),
        (
            [("{name: number, type: N}", "{name: numbr, type: X}")],
            [
                (
                    "32:20: tables.Order.key.sort.name: 'numbr' is not a column that the select returns; "
                    "did you mean 'number'?"
                ),
                "32:33: tables.Order.key.sort.type: is 'X', but must be 'S', 'N' or 'B'",
            ],
        ),
        (
            [("tables:\n", "tables:\n  - 5\n"), ("ttl: due", "ttl: deu")],
            [
                "3:5: tables.0: must be a mapping of keys to values",
                "35:10: tables.Order.ttl: 'deu' is not a column that the select returns; did you mean 'due'?",
            ],
        ),
        (
            [("{name: orderId, type: S}", "{}")],
            [
                "31:18: tables.Order.key.partition.name: is missing",
                "31:18: tables.Order.key.partition.type: is missing",
            ],
        ),
        (
            [("stream: Order-Stream", "tags: {'aws:x': 5}")],
            [
                (
                    "35:12: tables.Order.tags.aws:x: Value error, the tag 'aws:x' begins with aws: or migration:, "
                    "which are reserved"
                ),
                ("35:21: tables.Order.tags.aws:x: must be a text; quote it if it looks like a number, a date or true"),
            ],
        ),
        (
            [("group: shops", "group: shop\n        where: owner = user")],
            [
                (
                    "7:16: tables.Order.extracts.line.group: 'shop' is not a group of clusters.yaml (there are shops); "
                    "did you mean 'shops'?"
                ),
                f"8:16: tables.Order.extracts.line.where: user{WHO_ASKS}",
            ],
        ),
    ],
)
def test_several_mistakes_are_all_said(folder: Path, changes: list[tuple[str, str]], messages: list[str]) -> None:
    assert problems(folder, *changes) == messages


@pytest.mark.parametrize(
    "options",
    [
        "max_filtered: 3",
        "billing_mode: PROVISIONED\n    capacity: {read: 5, write: 5}\n    warm_throughput: {read: 5, write: 5}",
        "on_demand_maximum: {read: 1, write: 1}\n    warm_throughput: {read: 12000, write: 4000}",
        "kms_key: alias/awsome-orders\n    table_class: STANDARD_INFREQUENT_ACCESS\n    deletion_protection: false",
        "kms_key: arn:aws:kms:eu-west-1:971779422973:key/mrk-1234abcd12ab34cd56ef1234567890ab",
    ],
)
def test_options_of_a_table_may_be_said(folder: Path, options: str) -> None:
    assert problems(folder, ("stream: Order-Stream", options)) == []


CONTROL_CHARACTER = (
    'is not YAML: unacceptable character #x0000: control characters are not allowed in "<unicode string>", position 8'
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "is empty"),
        (b"# nothing\n", "is empty"),
        (b"domain: \xff\n", "is not text in UTF-8: byte 8 is 0xff"),
        (b"domain: \x00\n", CONTROL_CHARACTER),
    ],
    ids=["empty", "a comment", "not UTF-8", "a control character"],
)
def test_a_file_that_holds_no_domain_is_named(folder: Path, text: bytes, says: str) -> None:
    (folder / "domains/orders.yaml").write_bytes(text)

    assert [str(problem) for problem in read_catalog(folder)[1]] == [f"{folder}/domains/orders.yaml: {says}"]


def test_a_catalog_without_domains_is_none(folder: Path) -> None:
    (folder / "domains/orders.yaml").unlink()

    catalog, said = read_catalog(folder)

    assert catalog is None
    assert [str(problem) for problem in said] == [f"{folder}/domains: no domain file (*.yaml); add one per domain"]


def test_a_cluster_that_is_listed_twice_is_named(folder: Path) -> None:
    assert problems(folder, ("[shop-1, shop-2]", "[shop-1, shop-1]"), file="clusters.yaml") == [
        "7:24: groups.shops.clusters.1: shop-1 is listed twice"
    ]


@pytest.mark.parametrize(
    ("change", "to", "message"),
    [
        ("user: reader", "user: ''", "5:11: groups.shops.user: is empty"),
        ("[shop-1, shop-2]", "[]", "7:15: groups.shops.clusters: is empty"),
        ("user: reader", "users: reader", "5:5: groups.shops.users: is not a known key; did you mean 'user'?"),
        ("  shops:", "  sho-ps:", (
            "2:3: groups.sho-ps: 'sho-ps' is not an SQL name: lower-case letters, digits and _, "
            "not beginning with a digit"
        )),
    ],
)  # fmt: skip
def test_a_mistake_in_the_clusters_is_said_with_its_place(folder: Path, change: str, to: str, message: str) -> None:
    assert problems(folder, (change, to), file="clusters.yaml")[:1] == [message]


def test_a_table_has_at_most_20_indexes(folder: Path) -> None:
    indexes = [f"{{name: byDue{number}, partition: {{name: due, type: N}}}}" for number in range(21)]

    assert problems(folder, ("stream: Order-Stream", f"indexes: [{', '.join(indexes)}]")) == [
        "35:14: tables.Order.indexes: has 21 entries, but may have at most 20"
    ]


@pytest.mark.parametrize("key", ["aws:owner", "migration:owner"])
def test_a_tag_that_others_keep_for_themselves_is_refused(folder: Path, key: str) -> None:
    (said,) = problems(folder, ("stream: Order-Stream", f'tags: {{"{key}": me, "owner": "{key}"}}'))

    assert said.startswith(f"35:12: tables.Order.tags.{key}: ")
    assert said.endswith(f"the tag '{key}' begins with aws: or migration:, which are reserved")


def test_a_source_column_may_have_any_name_but_those_of_the_jobs(folder: Path) -> None:
    names = ["cluster", "_row", "_place", "_values", "_unreadable", "row", "values"]
    columns = ", ".join(f"{name}: text" for name in names)

    assert problems(folder, ("name: text}", f"name: text, {columns}}}")) == []


def test_columns_that_are_left_out_may_have_names_that_need_quotes(folder: Path) -> None:
    assert problems(folder, ("source: buyer", 'source: buyer\n        left_out: ["Odd Name", _cluster, größe]')) == []


@pytest.mark.parametrize(
    "expression",
    [
        "sort_array(collect_list(line.amount))",
        "transform(line.labels, label -> concat(label, buyer.name))",
        "first_value(line.amount) OVER (PARTITION BY line.due ORDER BY line.order_id, line.number)",
        "unix_timestamp(line.due)",
        "CASE WHEN line.amount > 1 THEN upper('now()') END",
        "(SELECT max(other.amount) FROM line AS other WHERE other.order_id = line.order_id)",
        "LINE.Amount",
        "(SELECT max(d.document.part) FROM (SELECT from_json(buyer.name, 'part int') AS document FROM buyer) AS d)",
        "(SELECT max(document.part) FROM (SELECT from_json(buyer.name, 'part int') AS document FROM buyer))",
        "(SELECT sum(id) FROM range(10))",
        "line.amount + INTERVAL 3 DAYS",
    ],
)
def test_what_is_fine_is_not_refused(folder: Path, expression: str) -> None:
    assert problems(folder, ("line.amount AS amount", f"{expression} AS amount")) == []


@pytest.mark.parametrize("engine", ["aurora-postgresql", "aurora-mysql"])
@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("owner = current_user", f"current_user{WHO_ASKS}"),
        ("owner = session_user", f"session_user{WHO_ASKS}"),
        ("owner = SESSION_USER()", f"session_user{WHO_ASKS}"),
        ("owner = system_user()", f"system_user{WHO_ASKS}"),
        ("owner = current_role", f"current_role{WHO_ASKS}"),
        ("tenant = current_setting('app.tenant')", f"current_setting{WHO_ASKS}"),
        ("tenant = pg_catalog.current_setting('app.tenant', true)", f"current_setting{WHO_ASKS}"),
        ("pg_has_role(owner, 'member')", f"pg_has_role{WHO_ASKS}"),
        ("has_table_privilege(owner, 'SELECT')", f"has_table_privilege{WHO_ASKS}"),
        ("has_any_column_privilege(owner, 'SELECT')", f"has_any_column_privilege{WHO_ASKS}"),
        ("row_security_active('t')", f"row_security_active{WHO_ASKS}"),
        ("shard = pg_backend_pid()", f"pg_backend_pid{WHO_ASKS}"),
        ("shard = connection_id()", f"connection_id{WHO_ASKS}"),
        ("shard = nextval('s')", f"nextval{EACH_TIME}"),
        ("seen < localtimestamp", f"localtimestamp{EACH_TIME}"),
        ("age(seen) > '1 day'", "age() answers differently each time: give it two arguments"),
        ("seen < unix_timestamp()", "unix_timestamp() answers differently each time: give it a column"),
        ("seen < DATE 'today'", "'today' is a different time in each read"),
        ("seen < CAST('now' AS timestamp)", "'now' is a different time in each read"),
    ],
)
def test_a_condition_that_depends_on_who_asks_or_when_is_refused(
    folder: Path, engine: str, condition: str, reason: str
) -> None:
    problems(folder, ("engine: aurora-postgresql", f"engine: {engine}"), file="clusters.yaml")

    assert problems(folder, ("source: buyer", f'source: buyer\n        where: "{condition}"')) == [
        f"16:16: tables.Order.extracts.buyer.where: {reason}"
    ]


@pytest.mark.parametrize(
    ("engine", "condition", "reason"),
    [
        ("aurora-postgresql", "owner = user", f"user{WHO_ASKS}"),
        ("aurora-postgresql", "seen < 'yesterday'::date", "'yesterday' is a different time in each read"),
        ("aurora-mysql", "mode = @@sql_mode", "a variable depends on the session and on the server's settings"),
        ("aurora-mysql", "mode = @@global.sql_mode", "a variable depends on the session and on the server's settings"),
        ("aurora-mysql", "tenant = @tenant", "a variable depends on the session and on the server's settings"),
    ],
)
def test_what_one_engine_alone_has_is_refused_too(folder: Path, engine: str, condition: str, reason: str) -> None:
    problems(folder, ("engine: aurora-postgresql", f"engine: {engine}"), file="clusters.yaml")

    assert problems(folder, ("source: buyer", f'source: buyer\n        where: "{condition}"')) == [
        f"16:16: tables.Order.extracts.buyer.where: {reason}"
    ]


@pytest.mark.parametrize(
    "condition",
    [
        "owner = 'current_user'",
        "t.user = 'x' AND version > 3 AND u.current_user IS NULL",
        "age(seen, born) > 3",
        "state IN ('now', 'today')",
        "unix_timestamp(seen) > 3",
    ],
)
def test_a_condition_on_columns_of_such_names_is_fine(folder: Path, condition: str) -> None:
    assert problems(folder, ("source: buyer", f'source: buyer\n        where: "{condition}"')) == []


@pytest.mark.parametrize("call", ["current_user()", "session_user()", "current_catalog()", "version()"])
def test_a_select_that_depends_on_who_asks_is_refused(folder: Path, call: str) -> None:
    assert problems(folder, ("line.amount AS amount", f"{call} AS amount")) == [
        f"24:14: tables.Order.select: {call[:-2]}{WHO_ASKS}"
    ]


def test_a_select_may_have_subqueries_of_its_own(folder: Path) -> None:
    select = """WITH newest AS (SELECT *, rank() OVER (PARTITION BY order_id ORDER BY due) AS place FROM line)
      SELECT l._cluster AS _cluster, b._cluster IS NULL AS _unmatched_buyer, l.order_id AS orderId, l.number AS number,
             l.labels AS labels, l.due AS due, place AS place
      FROM newest AS l LEFT JOIN buyer AS b ON b.buyer_id = l.order_id
    """
    old = ORDERS[ORDERS.index("SELECT") : ORDERS.index("key:")]

    assert problems(folder, (old, select)) == []


def test_everything_is_said_at_once_of_all_files(folder: Path) -> None:
    shutil.copy(folder / "domains/orders.yaml", folder / "domains/returns.yaml")
    (folder / "domains/late.yml").write_text("")
    problems(folder, ("engine: aurora-postgresql", "engine: postgres"), file="clusters.yaml")
    problems(folder, ("ttl: due", "tll: due"), ("line.due", "line.deu"), ("type: N", "type: X"))

    lines = [str(problem).removeprefix(f"{folder}/") for problem in read_catalog(folder)[1]]
    assert [" ".join(line.split(": ")[:2]) for line in lines] == [
        "clusters.yaml:3:13 groups.shops.engine",
        "domains/late.yml is not read",
        "domains/orders.yaml:26:19 tables.Order.select",
        "domains/orders.yaml:32:34 tables.Order.key.sort.type",
        "domains/orders.yaml:34:5 tables.Order.tll",
        "domains/returns.yaml:1:9 domain",
        "domains/returns.yaml:3:11 tables.Order.name",
    ]


def test_the_command_ends_with_one_where_something_is_wrong(folder: Path) -> None:
    problems(folder, ("ttl: due", "tll: due"))

    done = CliRunner().invoke(app, ["check", "--folder", str(folder)])

    assert done.exit_code == 1
    assert done.stdout == (
        f"{folder}/domains/orders.yaml:34:5: tables.Order.tll: is not a known key; did you mean 'ttl'?\n"
    )
    assert done.stderr == "1 problem in 1 file\n"


def test_the_command_gives_the_problems_as_json(folder: Path) -> None:
    problems(folder, ("ttl: due", "tll: due"))

    done = CliRunner().invoke(app, ["check", "--folder", str(folder), "--json"])

    assert json.loads(done.stdout) == [
        {
            "file": f"{folder}/domains/orders.yaml",
            "line": 34,
            "column": 5,
            "key": "tables.Order.tll",
            "message": "is not a known key",
            "suggestion": "ttl",
        }
    ]


def test_the_command_says_that_nothing_is_wrong() -> None:
    done = CliRunner().invoke(app, ["check", "--folder", str(customer_folder())])

    assert (done.exit_code, done.stdout) == (0, "no problems: 6 tables in availability, rates, 9 clusters\n")
