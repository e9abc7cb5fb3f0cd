"""The table writer: it puts and deletes differing items, but only if an item is still the expected one."""
