"""One handler per kind of resource, which makes the API calls of Pulumi's provider.

A handler gets the inputs with camelCase names (numbers are floats) and returns the id and the computed properties.
It raises if it cannot create something, so no output is silently empty.
"""

from __future__ import annotations

from local.deploy.handlers import access, compute, monitoring, network, s3, secrets, watching

HANDLERS = {
    kind: handler
    for part in (access, compute, monitoring, network, s3, secrets, watching)
    for kind, handler in part.HANDLERS.items()
}
SOURCES = {**network.SOURCES, **secrets.SOURCES}
