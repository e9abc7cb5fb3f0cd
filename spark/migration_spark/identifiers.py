"""Names of sources in SQL, with every part quoted, so that names like `order` and `user` work."""

from __future__ import annotations

import re

_PARTS = re.compile(r'"(?:[^"]|"")+"|[^."]+')


def quoted(name: str, mark: str) -> str:
    """Return a name as a quoted identifier."""
    return mark + name.replace(mark, mark * 2) + mark


def literal(name: str) -> str:
    """Return a name as a string literal."""
    return "'" + name.replace("'", "''") + "'"


def parts(source: str) -> tuple[str, str]:
    """Return a source's schema, empty if it has none, and its relation; double quotes enclose a part with a dot."""
    names = [part[1:-1].replace('""', '"') if part[:1] == '"' else part for part in _PARTS.findall(source)]
    return ".".join(names[:-1]), names[-1]
