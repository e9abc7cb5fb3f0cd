"""One handler per kind of resource: what Pulumi's provider would do, by the same API calls.

A handler gets the inputs with camelCase names (numbers are floats) and returns the id and the computed properties;
what it cannot make raises, so that no output is silently nothing.
"""

from __future__ import annotations

from local.deploy.handlers import access, compute, monitoring, network, s3, secrets, watching

HANDLERS = {
    kind: handler
    for part in (access, compute, monitoring, network, s3, secrets, watching)
    for kind, handler in part.HANDLERS.items()
}
SOURCES = {**network.SOURCES, **secrets.SOURCES}
