"""The report of a run: gathered from what the run left behind, one document, and a page for people."""
