-- What people report of tools like this: every name that needs quotes, every kind of table, values at the edge.
SET client_encoding = 'LATIN1';
CREATE DATABASE shop OWNER nobody_known;
\connect shop
SET SESSION AUTHORIZATION 'app_team';
CREATE SCHEMA public;
CREATE SCHEMA sales AUTHORIZATION app_team;
CREATE SCHEMA "HR";
CREATE TABLE public."userAccount" (
  id uuid DEFAULT public.uuid_generate_v4() NOT NULL PRIMARY KEY, "createdAt" timestamptz, createdat text, "déjà vu" text,
  "a.b" text, "say ""x""" text, "it's 100%" text, "1st" text, ALTER_ text, "expiresAt" timestamptz);
INSERT INTO public."userAccount" VALUES
  ('4b6a1f2e-0000-4000-8000-000000000001', '2027-01-01 00:00:00.123456+00', 'x', 'Zoé', 'dot', 'q', 'p', 'f', 'a', '2030-01-01'),
  ('4b6a1f2e-0000-4000-8000-000000000002', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE public."Order Items" ("Order ID" text NOT NULL, "Line" integer NOT NULL, "Größe" char(4), note text,
  PRIMARY KEY ("Order ID", "Line", note));
INSERT INTO public."Order Items" VALUES ('a#b', 1, 'L', 'c'), ('a', 1, 'Zé', 'b#c'), ('a%23b', 1, NULL, 'How to:
CREATE DATABASE other;
\connect other
DROP TABLE "Order Items";');
CREATE TABLE public."order" (id integer PRIMARY KEY, total numeric(8,2));
INSERT INTO public."order" VALUES (1, 9.50), (2, 12);
CREATE TABLE public."user" (id integer PRIMARY KEY, cluster text, _cluster text, _row integer, _place text, _values text,
  _unreadable text, _source_row text, _unmatched_user text, reason text, "row" text, rejected boolean);
INSERT INTO public."user" VALUES (1, 'blue', 'east', 10, 'shelf', 'v', 'u', 's', 'm', 'r', 'w', true);
INSERT INTO public."user" VALUES (2);
CREATE TABLE public.booking (id integer PRIMARY KEY, "from" date, "to" date, "end" date, "desc" text, "when" timestamptz,
  "group" text, "limit" integer, "left" integer, "right" integer, "on" boolean, "select" text, "case" text, "table" text,
  "user" text, "order" integer, "cross" text, "natural" text, "using" text, "union" text, "default" text, "primary" boolean,
  "current_date" text, "all" text, "and" text, "not" text, "null" text, "true" text, "interval" text, "values" text,
  "index" integer, "key" text, "value" text, "timestamp" text, "date" date, "column" text, "window" text, "distinct" text,
  "between" text, "like" text, "is" text, "in" text, "as" text, "by" text, "no" text, "yes" text);
INSERT INTO public.booking (id, "from", "on", "order", "null", "no") VALUES (1, '2027-01-01', true, 7, 'x', 'n'), (2, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE public.anti (id integer PRIMARY KEY, foo_1 text, foo1 text, _id text, "ID" text, x__y text, x_y text);
INSERT INTO public.anti VALUES (1, 'a', 'b', 'c', 'd', 'e', 'f');
CREATE TABLE sales.item (what text, id integer NOT NULL);
INSERT INTO sales.item VALUES ('s', 1);
CREATE TABLE "HR".item (id integer PRIMARY KEY, what text);
INSERT INTO "HR".item VALUES (1, 'h'), (2, 'i');
CREATE TABLE public.parted (id bigint, day date NOT NULL, "Note" text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE public.parted_a PARTITION OF public.parted FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
CREATE TABLE public.parted_b PARTITION OF public.parted FOR VALUES FROM ('2026-07-01') TO ('2027-01-01') PARTITION BY HASH (id);
CREATE TABLE public.parted_b0 PARTITION OF public.parted_b FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE public.parted_b1 PARTITION OF public.parted_b FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO public.parted SELECT n, DATE '2026-01-01' + (n % 365)::int, repeat('x', 80) FROM generate_series(1, 500) AS n;
CREATE TABLE public.old_parent (id bigint PRIMARY KEY, note text);
CREATE TABLE public.old_child () INHERITS (public.old_parent);
INSERT INTO public.old_parent VALUES (1, 'parent');
INSERT INTO public.old_child VALUES (2, 'child');
CREATE TABLE public.guest (
  id integer PRIMARY KEY, name text COLLATE "de_DE.utf8", shout text GENERATED ALWAYS AS (upper(name)) STORED,
  letters integer GENERATED ALWAYS AS (length(name)) VIRTUAL,
  body jsonb, reading json, picture bytea);
INSERT INTO public.guest (id, name, body, reading, picture) VALUES
  (1, 'Zoé', '{"live": true}', '{"v": 1.50, "w": [2]}', '\x00ff'), (2, 'Åke', '{}', NULL, NULL);
CREATE UNLOGGED TABLE public.scratch (id integer PRIMARY KEY);
CREATE VIEW public.seen AS SELECT id FROM public.guest;
ALTER TABLE public.scratch ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_reads ON public.scratch FOR SELECT TO web_reader USING (true);
CREATE INDEX i ON public.guest USING gin (name public.gin_trgm_ops);
ALTER TABLE public.guest OWNER TO app_owner;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA public GRANT SELECT ON TABLES TO reporting;
REVOKE ALL ON TABLE public.guest FROM old_team;
