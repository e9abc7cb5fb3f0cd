"""`start`: the command, and its pre-flight plan."""
