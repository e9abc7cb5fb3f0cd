"""The table writer: puts and deletes what differs, and only where the item is still the expected one."""
