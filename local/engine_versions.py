"""What the customer's clusters run here, and the key that encrypts them."""

VERSIONS = {"aurora-postgresql": "16.4", "aurora-mysql": "8.0.mysql_aurora.3.08.0"}
# Of another account, as where a security team keeps the keys.
SOURCE_KEY = "arn:aws:kms:eu-west-1:111122223333:key/of-the-sources"
