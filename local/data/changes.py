"""Changes of every kind that an application makes to the sources, all of which a catch-up must carry over."""

from __future__ import annotations

from dataclasses import dataclass

MAIN, PARTITION = "main", "partition"
DRAWN_FROM = 2000  # rows: so few that the draw takes no longer in a large table


@dataclass(frozen=True)
class Change:
    """A statement of one kind; `{row}` is replaced by the condition of a random row."""

    kind: str
    cluster: str  # MAIN or PARTITION
    table: str
    statement: str

    def text(self) -> str:
        """Return the statement for a random row."""
        return self.statement.format(row=_random_row(self.table))


@dataclass(frozen=True)
class Move:
    """A row that moves to another partition, where it is published anew.

    The clones are of different instants: one may still have the old row and another already the new one. The later
    publication counts.
    """

    kind: str = "row moved to another partition"
    columns: str = "property_id, room_type, stay_date, rooms_total, rooms_sold, overbooking_ratio, published_by"

    def take(self) -> str:
        """Return the statement that deletes the row and returns it."""
        return f"DELETE FROM inventory WHERE {_random_row('inventory')} RETURNING {self.columns}"  # noqa: S608 - no value of a caller's

    def put(self) -> str:
        """Return the statement that inserts the row."""
        return f"INSERT INTO inventory ({self.columns}, published_at) VALUES (%s, %s, %s, %s, %s, %s, %s, now())"  # noqa: S608 - no value of a caller's


def _random_row(table: str) -> str:
    """Return the condition of a random row, drawn from so few that a large table takes no longer."""
    few = f"SELECT ctid FROM {table} LIMIT {DRAWN_FROM}"  # noqa: S608 - no value of a caller's
    return f"ctid = (SELECT ctid FROM ({few}) AS few ORDER BY random() LIMIT 1)"  # noqa: S608 - no value of a caller's


def partition_changes(table: str, *kinds: tuple[str, str]) -> tuple[Change, ...]:
    """Return changes of a table in the partition clusters, each a kind and its statement."""
    return tuple(Change(kind, PARTITION, table, statement) for kind, statement in kinds)


def main_changes(table: str, *kinds: tuple[str, str]) -> tuple[Change, ...]:
    """Return changes of a table in the main cluster, each a kind and its statement."""
    return tuple(Change(kind, MAIN, table, statement) for kind, statement in kinds)


CHANGES: tuple[Change | Move, ...] = (
    *partition_changes(
        "base_rate",
        ("update of numbers", "UPDATE base_rate SET amount = amount + 1, net_amount = net_amount / 3 WHERE {row}"),
        ("update of a double", "UPDATE base_rate SET lead_time_factor = random(), updated_at = now() WHERE {row}"),
        ("update of a document", """UPDATE base_rate SET conditions = '{{"fee": 12.50, "none": null}}' WHERE {row}"""),
        ("update of a text", "UPDATE base_rate SET remark = 'Zimmer mit Aussicht ✓' WHERE {row}"),
        ("update of a boolean", "UPDATE base_rate SET active = NOT active WHERE {row}"),
        ("update to null", "UPDATE base_rate SET remark = NULL, conditions = NULL WHERE {row}"),
        ("delete", "DELETE FROM base_rate WHERE {row}"),
        (
            "insert",
            """INSERT INTO base_rate SELECT property_id, room_type, rate_plan_code, stay_date + 5000, amount,
               net_amount, extra_guest_amount, lead_time_factor, conditions, remark, active, now()
               FROM base_rate WHERE {row}""",
        ),
        ("key change", "UPDATE base_rate SET stay_date = stay_date + 3650, updated_at = now() WHERE {row}"),
    ),
    *partition_changes(
        "inventory",
        ("update of numbers", "UPDATE inventory SET rooms_sold = rooms_sold + 1 WHERE {row}"),
        (
            "newer publication",
            """INSERT INTO inventory SELECT property_id, room_type, stay_date, rooms_total, rooms_sold + 1,
               overbooking_ratio, 'WRITER', now() FROM inventory WHERE {row}""",
        ),
        # If the night was published before, the earlier row becomes the newest.
        ("newest publication withdrawn", "DELETE FROM inventory WHERE {row}"),
    ),
    *partition_changes(
        "restriction",
        ("update of a moment", "UPDATE restriction SET expires_at = expires_at + interval '1 day' WHERE {row}"),
        ("update to null", "UPDATE restriction SET min_stay = NULL, reason = NULL WHERE {row}"),
        ("delete", "DELETE FROM restriction WHERE {row}"),
        (
            "insert",
            """INSERT INTO restriction SELECT (random() * 1e15)::bigint, property_id, room_type, stay_date, min_stay,
               max_stay, closed_to_arrival, closed_to_departure, 'WRITER', expires_at, now() FROM restriction
               WHERE {row}""",
        ),
        ("key change", "UPDATE restriction SET stay_date = stay_date + 1 WHERE {row}"),
    ),
    *partition_changes(
        "allotment",
        (
            "insert",
            """INSERT INTO allotment SELECT gen_random_uuid(), property_id, room_type, 'WRITER', first_night, nights,
               rooms, release_days, contract, now() FROM allotment WHERE {row}""",
        ),
        ("update of a document", """UPDATE allotment SET contract = contract || '{{"margin": 0.25}}' WHERE {row}"""),
        ("update to null", "UPDATE allotment SET agent_code = NULL WHERE {row}"),
        ("key change", "UPDATE allotment SET allotment_id = gen_random_uuid() WHERE {row}"),
    ),
    *main_changes(
        "base_rate_association",
        ("update of an array", "UPDATE base_rate_association SET agent_codes = '{{W1,W2}}' WHERE {row}"),
        ("update of a date", "UPDATE base_rate_association SET valid_to = '2031-12-31' WHERE {row}"),
        ("delete", "DELETE FROM base_rate_association WHERE {row}"),
        (
            "insert",
            """INSERT INTO base_rate_association SELECT gen_random_uuid(), property_id, rate_plan_code, channel,
               'WRITER', commission, valid_from, valid_to, agent_codes, now() FROM base_rate_association WHERE {row}""",
        ),
    ),
    *main_changes(
        "restriction_association",
        ("update of an array", "UPDATE restriction_association SET channels = '{{}}' WHERE {row}"),
        ("update of numbers", "UPDATE restriction_association SET priority = (priority + 1) % 10 WHERE {row}"),
        ("update to null", "UPDATE restriction_association SET note = NULL WHERE {row}"),
    ),
    *main_changes(
        "property",
        (
            "reference row of many items",
            "UPDATE property SET name = split_part(name, ' · ', 1) || ' · ' || clock_timestamp() WHERE {row}",
        ),
    ),
    Move(),
)
