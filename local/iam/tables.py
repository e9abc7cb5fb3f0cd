"""Actions that an operation on DynamoDB needs, with the tags of its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.iam.policy import Call, context
from local.iam.requests import request_tags, resource_tags, unknown

if TYPE_CHECKING:
    from local.iam.requests import AccountFacts, Arguments, Scope


def calls(operation: str, arguments: Arguments, scope: Scope, account: AccountFacts) -> list[Call]:
    """Return the calls of an operation on DynamoDB.

    Each action on a table has the table's tags, because the account enables attribute-based access control:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/attribute-based-access-control.html
    """
    action = f"dynamodb:{operation}"
    if operation in ("ListImports", "ListExports"):
        return [Call(action, "*")]
    if operation == "ImportTable":
        creation = arguments["TableCreationParameters"]
        return [Call(action, scope.arn("dynamodb", f"table/{creation['TableName']}")), *_table_key(creation, scope)]
    named = next((arguments[key] for key in _NAMED_BY.get(operation, ()) if key in arguments), None)
    if named is None:
        return unknown("dynamodb", operation)
    arn = named if named.startswith("arn:") else scope.arn("dynamodb", f"table/{named}")
    asked = request_tags(arguments.get("Tags"))
    if operation == "CreateTable":
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.Operations.html
        tagging = [Call("dynamodb:TagResource", arn, context(asked))] if asked else []
        return [Call(action, arn, context(asked)), *tagging, *_table_key(arguments, scope)]
    return [Call(action, arn, context({**asked, **resource_tags(arn, account)}))]


def _table_key(creation: Arguments, scope: Scope) -> list[Call]:
    """Return the KMS actions that DynamoDB calls on behalf of the caller when a table is created.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
    """
    key = creation.get("SSESpecification", {}).get("KMSMasterKeyId", "")
    if not key:
        return []
    keys: dict[str, str | tuple[str, ...]] = {"kms:ViaService": f"dynamodb.{scope.region}.amazonaws.com"}
    if key.startswith("alias/"):
        keys["kms:ResourceAliases"] = (key,)
        key = scope.arn("kms", "key/of-the-alias")
    return [Call(f"kms:{action}", key, context(keys)) for action in _TABLE_KEY]


_TABLE_KEY = ("CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo")
_NAMED_BY = {
    **dict.fromkeys(
        (
            "CreateTable",
            "DeleteItem",
            "DeleteTable",
            "DescribeContinuousBackups",
            "DescribeKinesisStreamingDestination",
            "DescribeTable",
            "DescribeTimeToLive",
            "EnableKinesisStreamingDestination",
            "GetItem",
            "PutItem",
            "UpdateContinuousBackups",
            "UpdateItem",
            "UpdateTable",
            "UpdateTimeToLive",
        ),
        ("TableName",),
    ),
    "DescribeExport": ("ExportArn",),
    "DescribeImport": ("ImportArn",),
    "ExportTableToPointInTime": ("TableArn",),
    "ListTagsOfResource": ("ResourceArn",),
    "TagResource": ("ResourceArn",),
}
