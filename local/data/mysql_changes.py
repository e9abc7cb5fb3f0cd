"""Changes of every kind that an application makes to MySQL's sources, the same kinds as for PostgreSQL."""

from __future__ import annotations

from local.data.changes import Change, Move, main_changes, partition_changes

MOVED, MOVE = Move.columns, Move.kind


CHANGES: tuple[Change, ...] = (
    *partition_changes(
        "base_rate",
        ("update of numbers", "UPDATE base_rate SET amount = amount + 1, net_amount = net_amount / 3 WHERE {row}"),
        ("update of a double", "UPDATE base_rate SET lead_time_factor = rand(), updated_at = now(6) WHERE {row}"),
        ("update of a document", """UPDATE base_rate SET conditions = '{{"fee": 12.50, "none": null}}' WHERE {row}"""),
        ("update of a text", "UPDATE base_rate SET remark = 'Zimmer mit Aussicht ✓' WHERE {row}"),
        ("update of a boolean", "UPDATE base_rate SET active = NOT active WHERE {row}"),
        ("update to null", "UPDATE base_rate SET remark = NULL, conditions = NULL WHERE {row}"),
        ("delete", "DELETE FROM base_rate WHERE {row}"),
        (
            "insert",
            """INSERT INTO base_rate SELECT property_id, room_type, rate_plan_code, stay_date + INTERVAL 5000 DAY,
               amount, net_amount, extra_guest_amount, lead_time_factor, conditions, remark, active, now(6)
               FROM base_rate WHERE {row}""",
        ),
        (
            "key change",
            "UPDATE base_rate SET stay_date = stay_date + INTERVAL 3650 DAY, updated_at = now(6) WHERE {row}",
        ),
    ),
    *partition_changes(
        "inventory",
        ("update of numbers", "UPDATE inventory SET rooms_sold = rooms_sold + 1 WHERE {row}"),
        (
            "newer publication",
            """INSERT INTO inventory SELECT property_id, room_type, stay_date, rooms_total, rooms_sold + 1,
               overbooking_ratio, 'WRITER', now(6) FROM inventory WHERE {row}""",
        ),
        ("newest publication withdrawn", "DELETE FROM inventory WHERE {row}"),
        (MOVE, f"SELECT {MOVED} FROM inventory WHERE {{row}} FOR UPDATE"),  # noqa: S608 - no value of a caller's
    ),
    *partition_changes(
        "restriction",
        ("update of a moment", "UPDATE restriction SET expires_at = expires_at + INTERVAL 1 DAY WHERE {row}"),
        ("update to null", "UPDATE restriction SET min_stay = NULL, reason = NULL WHERE {row}"),
        ("delete", "DELETE FROM restriction WHERE {row}"),
        (
            "insert",
            """INSERT INTO restriction SELECT floor(rand() * 1e15), property_id, room_type, stay_date, min_stay,
               max_stay, closed_to_arrival, closed_to_departure, 'WRITER', expires_at, now(6) FROM restriction
               WHERE {row}""",
        ),
        ("key change", "UPDATE restriction SET stay_date = stay_date + INTERVAL 1 DAY WHERE {row}"),
    ),
    *partition_changes(
        "allotment",
        (
            "insert",
            """INSERT INTO allotment SELECT uuid(), property_id, room_type, 'WRITER', first_night, nights,
               rooms, release_days, contract, now(6) FROM allotment WHERE {row}""",
        ),
        (
            "update of a document",
            "UPDATE allotment SET contract = json_set(contract, '$.margin', 0.25) WHERE {row}",
        ),
        ("update to null", "UPDATE allotment SET agent_code = NULL WHERE {row}"),
        ("key change", "UPDATE allotment SET allotment_id = uuid() WHERE {row}"),
    ),
    *main_changes(
        "base_rate_association",
        ("update of an array", """UPDATE base_rate_association SET agent_codes = '["W1", "W2"]' WHERE {row}"""),
        ("update of a date", "UPDATE base_rate_association SET valid_to = '2031-12-31' WHERE {row}"),
        ("delete", "DELETE FROM base_rate_association WHERE {row}"),
        (
            "insert",
            """INSERT INTO base_rate_association SELECT uuid(), property_id, rate_plan_code, channel,
               'WRITER', commission, valid_from, valid_to, agent_codes, now(6) FROM base_rate_association
               WHERE {row}""",
        ),
    ),
    *main_changes(
        "restriction_association",
        ("update of an array", "UPDATE restriction_association SET channels = '[]' WHERE {row}"),
        ("update of numbers", "UPDATE restriction_association SET priority = (priority + 1) % 10 WHERE {row}"),
        ("update to null", "UPDATE restriction_association SET note = NULL WHERE {row}"),
    ),
    *main_changes(
        "property",
        (
            "reference row of many items",
            "UPDATE property SET name = concat(substring_index(name, ' · ', 1), ' · ', now(6)) WHERE {row}",
        ),
    ),
)
