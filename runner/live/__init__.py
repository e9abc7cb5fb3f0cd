"""Progress, cost so far and end of a running execution, for people and programs."""
