"""One handler per kind of resource: what Pulumi's provider would do, by the same API calls.

A handler gets the inputs with camelCase names (numbers are floats) and returns the id and the computed properties;
what it cannot make raises, so that no output is silently nothing.
"""

from __future__ import annotations

from local.deploy.handlers import compute, monitoring, network, s3, watching

HANDLERS = {**compute.HANDLERS, **monitoring.HANDLERS, **network.HANDLERS, **s3.HANDLERS, **watching.HANDLERS}
SOURCES = network.SOURCES
