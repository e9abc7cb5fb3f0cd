"""The embedded Aurora: one PostgreSQL or MariaDB server per cluster, and physical copies of running servers."""
