"""The views of progress: a terminal's table, lines of text, lines of JSON, and the end."""
