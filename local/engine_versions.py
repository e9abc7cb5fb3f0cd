"""Engine versions of the embedded source clusters, and the key that encrypts them."""

VERSIONS = {"aurora-postgresql": "16.4", "aurora-mysql": "8.0.mysql_aurora.3.08.0"}


def source_key(region: str) -> str:
    """Return a KMS key of another account, as if a security team owned the keys."""
    return f"arn:aws:kms:{region}:111122223333:key/of-the-sources"
