"""The Lambda: one call of the table writer per event."""
