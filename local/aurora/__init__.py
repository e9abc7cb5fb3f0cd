"""The embedded Aurora: one PostgreSQL server per cluster, and physical copies of running servers."""
