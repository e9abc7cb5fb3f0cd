"""`start`: the command, and the plan before it."""
