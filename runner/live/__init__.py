"""A running execution: its progress, its cost so far and its end, for people and programs."""
