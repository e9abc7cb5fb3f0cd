"""The source tables in MySQL, with a JSON document for each array of PostgreSQL.

Names and codes compare by their bytes, as in PostgreSQL, so no two keys collide.
"""

from __future__ import annotations

_CODE = "varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
_MOMENT = "timestamp(6)"  # alone, MariaDB gives the first one of a table a default

MAIN = f"""
CREATE TABLE property (
  property_id int PRIMARY KEY, name text NOT NULL, country_code {_CODE}, currency_code {_CODE} NOT NULL);
CREATE TABLE rate_plan (
  rate_plan_code {_CODE} PRIMARY KEY, name text NOT NULL, meal text, refundable tinyint(1) NOT NULL);
CREATE TABLE base_rate_association (
  association_id char(36) PRIMARY KEY, property_id int NOT NULL, rate_plan_code {_CODE} NOT NULL, channel text,
  market_segment text, commission decimal(7,4), valid_from date, valid_to date, agent_codes json,
  updated_at {_MOMENT} NULL);
CREATE TABLE restriction_association (
  association_id char(36) PRIMARY KEY, property_id int NOT NULL, restriction_code {_CODE} NOT NULL, customer_type text,
  deposit_type text, channels json, priority smallint, note text, updated_at {_MOMENT} NULL);
"""

PARTITION = f"""
CREATE TABLE base_rate (
  property_id int, room_type {_CODE}, rate_plan_code {_CODE}, stay_date date, amount decimal(12,2) NOT NULL,
  net_amount decimal(38,20), extra_guest_amount decimal(10,2), lead_time_factor double, conditions json, remark text,
  active tinyint(1) NOT NULL, updated_at {_MOMENT} NULL,
  PRIMARY KEY (property_id, room_type, rate_plan_code, stay_date));
CREATE TABLE inventory (
  property_id int, room_type {_CODE}, stay_date date, rooms_total int NOT NULL, rooms_sold int NOT NULL,
  overbooking_ratio double, published_by text, published_at {_MOMENT} NOT NULL DEFAULT '2026-01-01 00:00:00',
  PRIMARY KEY (property_id, room_type, stay_date, published_at));
CREATE TABLE restriction (
  restriction_id bigint PRIMARY KEY, property_id int NOT NULL, room_type {_CODE} NOT NULL, stay_date date NOT NULL,
  min_stay int, max_stay int, closed_to_arrival tinyint(1), closed_to_departure tinyint(1), reason text,
  expires_at {_MOMENT} NULL, updated_at {_MOMENT} NULL);
CREATE TABLE allotment (
  allotment_id char(36) PRIMARY KEY, property_id int NOT NULL, room_type {_CODE} NOT NULL, agent_code {_CODE},
  first_night date NOT NULL, nights int NOT NULL, `rooms` int NOT NULL, release_days smallint, contract json,
  updated_at {_MOMENT} NULL);
"""

# A row is drawn by its key, because MySQL has no row address like PostgreSQL's ctid.
KEYS = {
    "property": ("property_id",),
    "base_rate_association": ("association_id",),
    "restriction_association": ("association_id",),
    "base_rate": ("property_id", "room_type", "rate_plan_code", "stay_date"),
    "inventory": ("property_id", "room_type", "stay_date", "published_at"),
    "restriction": ("restriction_id",),
    "allotment": ("allotment_id",),
}
