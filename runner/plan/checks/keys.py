"""Check of the KMS keys that the catalog names for tables.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from runner.account.lookups import missing
from runner.plan.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.account.lookups import Account

_SYMMETRIC, _ENCRYPTS = "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"


def check_keys(account: Account) -> Iterator[Finding]:
    """Fail on keys that are missing, disabled, or of a kind that cannot encrypt a table."""
    for key in sorted({table.kms_key for table in account.domain.tables if table.kms_key}):
        problem, todo = _problem(account, key)
        if problem:
            tables = ", ".join(table.name for table in account.domain.tables if table.kms_key == key)
            yield Finding("fails", f"KMS key {key}", f"{problem}; it would encrypt {tables}", todo)


def _problem(account: Account, key: str) -> tuple[str, str]:
    """Return a key's problem and remedy, or empty strings."""
    region, correct = account.environment.region, f"correct kms_key in catalog/domains/{account.request.domain}.yaml"
    if key.startswith("arn:") and key.split(":")[3] != region:
        return f"it is in {key.split(':')[3]}, but a table's key must be in {region}", correct
    try:
        described: dict[str, Any] = account.client("kms").describe_key(KeyId=key)["KeyMetadata"]
    except ClientError as error:
        if missing(error, "NotFoundException"):
            return f"it does not exist in {region}", f"create it, or {correct}"
        raise
    if described["KeyState"] != "Enabled":
        return (
            f"it is {described['KeyState']}, not Enabled",
            f"enable it: aws kms enable-key --key-id {described['KeyId']}",
        )
    if (described.get("KeySpec", _SYMMETRIC), described.get("KeyUsage", _ENCRYPTS)) != (_SYMMETRIC, _ENCRYPTS):
        return (
            f"it is {described.get('KeySpec')} for {described.get('KeyUsage')}, not a symmetric key that encrypts",
            correct,
        )
    return "", ""
