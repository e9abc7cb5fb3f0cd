"""Views of progress: a terminal table, text lines, JSON lines and the end."""
