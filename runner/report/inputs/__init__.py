"""The documents that a report is made from, as frozen models: JSON is parsed into them where it is read."""
