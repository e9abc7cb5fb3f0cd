"""What moves: clusters, domains and tables, read from YAML into frozen models."""
