"""The source tables that the catalog's extracts expect."""

from __future__ import annotations

MAIN_DATABASE = "lips"
PARTITION_DATABASE = "dailydata"

MAIN = """
CREATE TABLE property (
  property_id integer PRIMARY KEY, name text NOT NULL, country_code text, currency_code text NOT NULL);
CREATE TABLE rate_plan (
  rate_plan_code text PRIMARY KEY, name text NOT NULL, meal text, refundable boolean NOT NULL);
CREATE TABLE base_rate_association (
  association_id uuid PRIMARY KEY, property_id integer NOT NULL, rate_plan_code text NOT NULL, channel text,
  market_segment text, commission numeric(7,4), valid_from date, valid_to date, agent_codes text[],
  updated_at timestamptz NOT NULL);
CREATE TABLE restriction_association (
  association_id uuid PRIMARY KEY, property_id integer NOT NULL, restriction_code text NOT NULL, customer_type text,
  deposit_type text, channels text[], priority smallint, note text, updated_at timestamptz NOT NULL);
"""

PARTITION = """
CREATE TABLE base_rate (
  property_id integer, room_type text, rate_plan_code text, stay_date date, amount numeric(12,2) NOT NULL,
  net_amount numeric(38,20), extra_guest_amount numeric(10,2), lead_time_factor double precision, conditions jsonb,
  remark text, active boolean NOT NULL, updated_at timestamptz NOT NULL,
  PRIMARY KEY (property_id, room_type, rate_plan_code, stay_date));
CREATE TABLE inventory (
  property_id integer, room_type text, stay_date date, rooms_total integer NOT NULL, rooms_sold integer NOT NULL,
  overbooking_ratio double precision, published_by text, published_at timestamptz,
  PRIMARY KEY (property_id, room_type, stay_date, published_at));
CREATE TABLE restriction (
  restriction_id bigint PRIMARY KEY, property_id integer NOT NULL, room_type text NOT NULL, stay_date date NOT NULL,
  min_stay integer, max_stay integer, closed_to_arrival boolean, closed_to_departure boolean, reason text,
  expires_at timestamptz, updated_at timestamptz NOT NULL);
CREATE TABLE allotment (
  allotment_id uuid PRIMARY KEY, property_id integer NOT NULL, room_type text NOT NULL, agent_code text,
  first_night date NOT NULL, nights integer NOT NULL, rooms integer NOT NULL, release_days smallint, contract jsonb,
  updated_at timestamptz NOT NULL);
"""
