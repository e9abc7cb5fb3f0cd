"""Compare's own eyes: a random sample of every clone, held against what was landed and what was exported.

Nothing here uses how the jobs read a database, a raw value or an export's line. What it does share is in ADR 14.
"""
