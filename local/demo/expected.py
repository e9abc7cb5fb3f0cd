"""The expected items of each table of the demo: plain SQL over the live sources, and plain Python.

This module shares nothing with the migration: a shared rule would be wrong in both. The types are those of
docs/types.md. An attribute is a pair (type, value); null is no attribute.
"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.demo.live_sources import LiveSources, Row

Attribute = tuple[str, Any]
Item = dict[str, Attribute]


def number(value: float | Decimal | None) -> Attribute | None:
    """Return a number; a double becomes the shortest text that reads back as the same 64 bits."""
    return None if value is None else ("N", Decimal(repr(value) if isinstance(value, float) else value))


def text(value: object) -> Attribute | None:
    """Return a text."""
    return None if value is None else ("S", str(value))


def boolean(value: bool | None) -> Attribute | None:  # noqa: FBT001 - a column's value
    """Return a boolean, which is 0 or 1 in MySQL."""
    return None if value is None else ("BOOL", bool(value))


def moment(value: dt.datetime | None) -> Attribute | None:
    """Return an instant in UTC with microseconds."""
    return None if value is None else ("S", value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def epoch(value: dt.datetime | None) -> Attribute | None:
    """Return an instant in whole seconds, rounded down."""
    return None if value is None else ("N", Decimal(int(value.timestamp() // 1)))


def texts(value: list[str] | str | None) -> Attribute | None:
    """Return an array as a set of texts, of which an empty one is no attribute; MySQL's document as a list."""
    if isinstance(value, str):
        return document(value)
    return ("SS", frozenset(value)) if value else None


def document(value: str | None) -> Attribute | None:
    """Return a JSON document with every digit of its numbers."""
    return None if value is None else _part(json.loads(value, parse_float=Decimal, parse_int=Decimal))


def _part(value: object) -> Attribute:
    match value:
        case None:
            return "NULL", True
        case bool():
            return "BOOL", value
        case Decimal():
            return "N", value
        case str():
            return "S", value
        case list():
            return "L", tuple(_part(each) for each in value)
        case dict():
            return "M", {name: _part(each) for name, each in value.items()}
    raise TypeError(value)


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("#", "%23")


def base_rates(sources: LiveSources) -> Iterator[Item]:
    """Yield an item for each rate, with attributes of its property and its plan."""
    properties = {row["property_id"]: row for row in sources.main("SELECT * FROM property")}
    plans = {row["rate_plan_code"]: row for row in sources.main("SELECT * FROM rate_plan")}
    document_text = sources.as_text("conditions")
    for row in sources.partitions(f"SELECT *, {document_text} AS conditions_text FROM base_rate"):  # noqa: S608 - a column of this file
        its, plan = properties[row["property_id"]], plans[row["rate_plan_code"]]
        key = f"{row['property_id']}#{_escaped(row['room_type'])}#{row['rate_plan_code']}"
        yield _item(
            rateKey=text(key),
            stayDate=text(row["stay_date"]),
            propertyId=number(row["property_id"]),
            propertyName=text(its["name"]),
            countryCode=text(its["country_code"]),
            currencyCode=text(its["currency_code"]),
            roomType=text(row["room_type"]),
            ratePlanCode=text(row["rate_plan_code"]),
            ratePlanName=text(plan["name"]),
            meal=text(plan["meal"]),
            refundable=boolean(plan["refundable"]),
            amount=number(row["amount"]),
            netAmount=number(row["net_amount"]),
            extraGuestAmount=number(row["extra_guest_amount"]),
            leadTimeFactor=number(row["lead_time_factor"]),
            conditions=document(row["conditions_text"]),
            remark=text(row["remark"]),
            active=boolean(row["active"]),
            updatedAt=moment(row["updated_at"]),
        )


def base_rate_associations(sources: LiveSources) -> Iterator[Item]:
    """Yield an item for each association of a rate."""
    for row in sources.main("SELECT * FROM base_rate_association"):
        yield _item(
            associationId=text(row["association_id"]),
            propertyPlan=text(f"{row['property_id']}#{row['rate_plan_code']}"),
            propertyId=number(row["property_id"]),
            ratePlanCode=text(row["rate_plan_code"]),
            channel=text(row["channel"]),
            marketSegment=text(row["market_segment"]),
            commission=number(row["commission"]),
            validFrom=text(row["valid_from"]),
            validTo=text(row["valid_to"]),
            agentCodes=texts(row["agent_codes"]),
            updatedAt=moment(row["updated_at"]),
        )


def inventories(sources: LiveSources) -> Iterator[Item]:
    """Yield an item for each night: its latest publication from any partition."""
    latest: dict[tuple[Any, ...], Row] = {}
    for row in sources.partitions("SELECT * FROM inventory"):
        key = (row["property_id"], row["room_type"], row["stay_date"])
        if key not in latest or row["published_at"] > latest[key]["published_at"]:
            latest[key] = row
    for row in latest.values():
        yield _item(
            inventoryKey=text(f"{row['property_id']}#{row['room_type']}"),
            stayDate=text(row["stay_date"]),
            propertyId=number(row["property_id"]),
            roomType=text(row["room_type"]),
            roomsTotal=number(row["rooms_total"]),
            roomsSold=number(row["rooms_sold"]),
            roomsLeft=number(row["rooms_total"] - row["rooms_sold"]),
            overbookingRatio=number(row["overbooking_ratio"]),
            publishedBy=text(row["published_by"]),
            publishedAt=moment(row["published_at"]),
        )


def restrictions(sources: LiveSources) -> Iterator[Item]:
    """Yield an item for each restriction."""
    for row in sources.partitions("SELECT * FROM restriction"):
        yield _item(
            propertyId=number(row["property_id"]),
            restrictionKey=text(f"{row['stay_date']}#{row['room_type']}#{row['restriction_id']}"),
            roomType=text(row["room_type"]),
            stayDate=text(row["stay_date"]),
            minStay=number(row["min_stay"]),
            maxStay=number(row["max_stay"]),
            closedToArrival=boolean(row["closed_to_arrival"]),
            closedToDeparture=boolean(row["closed_to_departure"]),
            reason=text(row["reason"]),
            expiresAt=epoch(row["expires_at"]),
            updatedAt=moment(row["updated_at"]),
        )


def allotments(sources: LiveSources) -> Iterator[Item]:
    """Yield an item for each allotment."""
    document_text = sources.as_text("contract")
    for row in sources.partitions(f"SELECT *, {document_text} AS contract_text FROM allotment"):  # noqa: S608 - a column of this file
        yield _item(
            allotmentId=text(row["allotment_id"]),
            propertyId=number(row["property_id"]),
            roomType=text(row["room_type"]),
            agentCode=text(row["agent_code"]),
            firstNight=text(row["first_night"]),
            nights=number(row["nights"]),
            rooms=number(row["rooms"]),
            releaseDays=number(row["release_days"]),
            contract=document(row["contract_text"]),
            updatedAt=moment(row["updated_at"]),
        )


def restriction_associations(sources: LiveSources) -> Iterator[Item]:
    """Yield an item for each association of a restriction."""
    for row in sources.main("SELECT * FROM restriction_association"):
        # In MySQL an association's id may be any text, so the code before it must not hold the separator.
        code = row["restriction_code"] if sources.has_arrays else _escaped(row["restriction_code"])
        yield _item(
            propertyId=number(row["property_id"]),
            associationKey=text(f"{code}#{row['association_id']}"),
            restrictionCode=text(row["restriction_code"]),
            customerType=text(row["customer_type"]),
            depositType=text(row["deposit_type"]),
            channels=texts(row["channels"]),
            priority=number(row["priority"]),
            note=text(row["note"]),
            updatedAt=moment(row["updated_at"]),
        )


# Per table: its items, its key attributes, and the attribute with an item's expiry time.
TABLES: dict[str, tuple[Callable[..., Iterator[Item]], tuple[str, ...], str]] = {
    "BaseRate": (base_rates, ("rateKey", "stayDate"), ""),
    "BaseRateAssociation": (base_rate_associations, ("associationId",), ""),
    "Inventory": (inventories, ("inventoryKey", "stayDate"), ""),
    "Restriction": (restrictions, ("propertyId", "restrictionKey"), "expiresAt"),
    "Allotment": (allotments, ("allotmentId",), ""),
    "RestrictionAssociation": (restriction_associations, ("propertyId", "associationKey"), ""),
}


def _item(**attributes: Attribute | None) -> Item:
    return {name: value for name, value in attributes.items() if value is not None}
