"""Certificate authorities of RDS, by which a database server's certificate is checked; the release has them too."""

from __future__ import annotations

import os
from pathlib import Path

# Names another file; AWS_CA_BUNDLE does the same for AWS's own endpoints.
VARIABLE = "DATABASE_CA_BUNDLE"
_OF_RDS = Path(__file__).parents[1] / "spark/certificates/authorities.pem"
_RDS_ENDPOINTS = (".rds.amazonaws.com", ".rds.amazonaws.com.cn")


def authorities() -> str:
    """Return the path of the file with the authorities."""
    return os.environ.get(VARIABLE) or str(_OF_RDS)


def is_rds(host: str | None) -> bool:
    """Return whether a host is an endpoint of RDS."""
    return host is not None and host.lower().endswith(_RDS_ENDPOINTS)
