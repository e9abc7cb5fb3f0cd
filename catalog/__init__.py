"""The catalog: the clusters, domains and tables to migrate, read from YAML into frozen models."""
