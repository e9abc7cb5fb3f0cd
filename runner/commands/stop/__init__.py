"""`stop`: the command, and how a run is stopped."""
