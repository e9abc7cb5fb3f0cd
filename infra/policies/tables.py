"""Rights on tables that several roles share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.policies.documents import allow, via

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.naming import Naming
    from infra.policies.documents import Statement

LIVE_TAG = "migration:live"  # the tag of a table that an application writes to since a cut-over


def table_arns(naming: Naming, tables: Iterable[str]) -> list[str]:
    """Return the ARNs of the official and the rehearsal tables."""
    return [naming.arn("dynamodb", f"table/{name}{suffix}") for name in tables for suffix in ("", "-rehearsal")]


def deny_on_live(actions: Iterable[str]) -> Statement:
    """Return the statement that denies actions on every table with the cut-over tag, whatever its value.

    The tag is available as a condition key for every table action, unless the account has attribute-based access
    control off. The code therefore checks the tag before each write too.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/abac-enable-ddb.html
    """
    lives = {"Null": {f"aws:ResourceTag/{LIVE_TAG}": "false"}}
    return {"Effect": "Deny", "Action": sorted(actions), "Resource": ["*"], "Condition": lives}


def table_keys(naming: Naming, keys: Iterable[str]) -> list[Statement]:
    """Return the rights to encrypt tables with customer keys, only through DynamoDB.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
    """
    aliases = sorted(key for key in keys if key.startswith("alias/"))
    arns = sorted(key for key in keys if not key.startswith("alias/"))
    through = {"StringEquals": via(naming, "dynamodb")}
    actions = [f"kms:{verb}" for verb in _TABLE_KEY]
    # IAM has no alias resource, so a condition names the key by its alias.
    by_alias = {**through, "ForAnyValue:StringEquals": {"kms:ResourceAliases": aliases}}
    return [
        *([allow(actions, *arns, **through)] if arns else []),
        *([allow(actions, naming.arn("kms", "key/*"), **by_alias)] if aliases else []),
    ]


_TABLE_KEY = (
    "CreateGrant",
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
)
