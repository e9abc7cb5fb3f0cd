"""`follow`: the command, and the progress of executions until they end."""
