"""Whom a database server's certificate must be of: the authorities of RDS, which the release has too."""

from __future__ import annotations

import os
from pathlib import Path

# Names another file, as AWS_CA_BUNDLE does for AWS's own endpoints.
VARIABLE = "DATABASE_CA_BUNDLE"
_OF_RDS = Path(__file__).parents[1] / "spark/certificates/authorities.pem"
_RDS_ENDPOINTS = (".rds.amazonaws.com", ".rds.amazonaws.com.cn")


def authorities() -> str:
    """Return the path of the file that holds them."""
    return os.environ.get(VARIABLE) or str(_OF_RDS)


def is_rds(host: str | None) -> bool:
    """Return whether a host is an endpoint of RDS."""
    return (host or "").lower().endswith(_RDS_ENDPOINTS)
