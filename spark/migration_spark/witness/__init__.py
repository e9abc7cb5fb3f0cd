"""Compare's witness: compares a random sample of every clone with the landed rows and the exported items.

It does not use the jobs' own code that reads a database, a raw value or an export's line. ADR 14 lists what it shares.
"""
