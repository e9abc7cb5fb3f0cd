"""`follow`: the command, and what a terminal shows until executions end."""
