"""Progress read from an execution's history: phases, clones, tables and resources."""
