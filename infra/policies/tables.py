"""What is allowed and denied on tables, for more roles than one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.policies.documents import allow, via

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.naming import Naming
    from infra.policies.documents import Statement

LIVE_TAG = "migration:live"  # on a table that an application writes to since a cut-over


def table_arns(naming: Naming, tables: Iterable[str]) -> list[str]:
    """Return the ARNs of tables, of the official runs and of the rehearsals."""
    return [naming.arn("dynamodb", f"table/{name}{suffix}") for name in tables for suffix in ("", "-rehearsal")]


def deny_on_live(actions: Iterable[str]) -> Statement:
    """Return what is denied on every table that has the tag of a cut-over, whatever its value.

    Every action on a table knows the tags of the table; an account in which attribute-based access control is off
    brings none, so the tag is looked at before each write by the code too.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/abac-enable-ddb.html
    """
    lives = {"Null": {f"aws:ResourceTag/{LIVE_TAG}": "false"}}
    return {"Effect": "Deny", "Action": sorted(actions), "Resource": ["*"], "Condition": lives}


def table_keys(naming: Naming, keys: Iterable[str]) -> list[Statement]:
    """Return leave to encrypt tables with the customer's keys, through DynamoDB alone.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
    """
    aliases = sorted(key for key in keys if key.startswith("alias/"))
    arns = sorted(key for key in keys if not key.startswith("alias/"))
    through = {"StringEquals": via(naming, "dynamodb")}
    actions = [f"kms:{verb}" for verb in _TABLE_KEY]
    # An alias is no resource of IAM: the key is named by the alias that it has.
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
