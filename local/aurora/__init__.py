"""The embedded Aurora: one server per cluster, PostgreSQL or MariaDB, and physical copies of running servers."""
