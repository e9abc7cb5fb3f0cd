"""What the customer's clusters run here, and the key that encrypts them."""

VERSIONS = {"aurora-postgresql": "16.4", "aurora-mysql": "8.0.mysql_aurora.3.08.0"}


def source_key(region: str) -> str:
    """Return a key of another account, as where a security team keeps the keys."""
    return f"arn:aws:kms:{region}:111122223333:key/of-the-sources"
