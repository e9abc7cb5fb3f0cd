-- Tables of every kind that PostgreSQL has.
CREATE EXTENSION file_fdw;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE far (id bigint) SERVER files OPTIONS (filename '/dev/null');
CREATE TABLE far_parts (id bigint, day date) PARTITION BY RANGE (day);
CREATE FOREIGN TABLE far_part PARTITION OF far_parts DEFAULT SERVER files OPTIONS (filename '/dev/null');
CREATE UNLOGGED TABLE quick (id bigint PRIMARY KEY);
CREATE TABLE quick_parts (id bigint PRIMARY KEY) PARTITION BY RANGE (id);
CREATE UNLOGGED TABLE quick_part PARTITION OF quick_parts DEFAULT;
CREATE TABLE deep (id bigint, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE deep_2026 PARTITION OF deep FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY HASH (id);
CREATE TABLE deep_2026_0 PARTITION OF deep_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE deep_2026_1 PARTITION OF deep_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE deep_others PARTITION OF deep DEFAULT;
INSERT INTO deep SELECT n, date '2025-12-30' + n FROM generate_series(1, 9) AS n;
CREATE TABLE guess (a integer, b integer, c text);
INSERT INTO guess VALUES (1, 1, 'x'), (1, 2, NULL), (2, 3, 'x');
CREATE TABLE pairs (a bigint NOT NULL, b text NOT NULL, UNIQUE (a, b));
CREATE TABLE made (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, twice bigint GENERATED ALWAYS AS (id * 2) STORED,
  thrice bigint GENERATED ALWAYS AS (id * 3) VIRTUAL, label text);
INSERT INTO made (label) VALUES ('a'), ('b');
CREATE TABLE old_parent (id bigint PRIMARY KEY, note text);
CREATE TABLE old_child (more text) INHERITS (old_parent);
CREATE TYPE pair AS (id bigint, note text);
CREATE TABLE typed OF pair (PRIMARY KEY (id));
CREATE TABLE nothing ();
CREATE VIEW two AS SELECT id FROM made;
CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS rows FROM made;
